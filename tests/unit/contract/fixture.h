// fixture.h: a request against the small contract of fixture/, in one call.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "contract/contract.h"

struct asked {
	struct arena *arena;
	struct contract_match match;
	struct contract_input input;
	struct problem why;
	bool ok;
};

struct send {
	const char *method, *path, *query, *type, *if_match, *body;
};

struct asked ask(struct send send);
void asked_done(struct asked *asked);
const char *member(const struct asked *asked, const char *name); // what a statement gets of the body
bool member_present(const struct asked *asked, const char *name);
const char *parameter(const struct asked *asked, const char *name); // and of the query
// "/title too_short, /capacity too_big": the faults in order; "409 code" where it was refused as a whole.
const char *faults(const struct asked *asked);

#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"

// One JSON body for POST /rooms or PATCH /rooms/a, and what it is refused for ("" if it is not).
void expect_json(const char *method, const char *body, const char *expected);
void expect_form(const char *method, const char *body, const char *expected);
