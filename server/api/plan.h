// plan.h: what a handler of an operation may look at and fill before its statements run.
//
// Room rules: uses contract/, db/, represent/, base/. A handler decides, fills `input->extra` and may set headers; it never waits.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "contract/contract.h"

struct arena;
struct secret_key;

struct plan {
	struct arena *arena;
	struct contract_input *input;
	const struct secret_key *key;
	const char *base_url;      // "https://narada.example.org", no trailing slash
	bool secure;               // cookies get Secure
	int64_t now;               // unix seconds
	const char *set_cookie;    // filled by a handler: the answer's Set-Cookie on success
	const char *see_other;     // filled by a handler: where a form post, or a GET for a browser, goes on success
	const char *policy;        // filled by a handler: the Content-Security-Policy of its page, where it is another than that of all pages
	bool stays;                // filled by a handler: a form post is answered by the operation's own page, and nothing goes on
	const char *operator_link; // filled by a handler: printed for the operator on success, unless it was mailed (column `_mailed`)
	const char *download;      // filled by a handler: the answer is the file that was kept under this name
	const char *reveal;        // filled by a handler: shown once as member `token` of a JSON or HTML answer
	const char *ticket;        // the ticket that the browser was asked to remember, as it says; or NULL
	bool again;                // the page is shown once more, for a form of it that was refused
	const char *done;          // on the page that a form's post led to: which operation that was; or NULL
	const char *refresh;       // filled by a handler: after how many seconds its page makes way, and for which ("8; url=/…")
	bool fleeting;             // filled by a handler: nobody keeps the answer; its forms tell our pages where they come from
	bool shows_code;           // filled by a handler: as a picture the answer is the QR code that leads to its own address
};

bool plan_extra(struct plan *plan, const char *name, const char *value); // false if the operation has no such x-extra

// Bytes as PostgreSQL reads them.
const char *plan_bytea(struct plan *plan, const char *bytes, size_t length);

// What the request brought, by name; NULL if it is absent, null, or no such thing exists.
const char *plan_path(const struct plan *plan, const char *name);
const char *plan_query(const struct plan *plan, const char *name);
const char *plan_body(const struct plan *plan, const char *name);

// Set-Cookie for the browser's session: HttpOnly, SameSite=Lax, Secure with https. `token` NULL ends it.
const char *plan_session_cookie(const struct plan *plan, const char *token, int64_t seconds);
// Its name: with https "__Host-narada_session", which browsers take from nobody but this very host over https.
const char *plan_session_name(bool secure);
// The cookie of a phone that is to be known by its ticket when it scans the screen of a room; only the pages under /here see it.
#define PLAN_TICKET_COOKIE "narada_ticket"
const char *plan_ticket_cookie(const struct plan *plan, const char *token, int64_t seconds);
