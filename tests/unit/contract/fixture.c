// fixture.c: a request against the small contract of fixture/, in one call.
#include "fixture.h"

#include <string.h>

bool api_fixture_front(struct plan *plan, struct problem *why);
bool api_fixture_invite(struct plan *plan, struct problem *why);
bool api_fixture_plan(struct plan *plan, struct problem *why);

bool api_fixture_front(struct plan *plan, struct problem *why)
{
	(void)plan;
	return refuse(why, PROBLEM_BROKEN, "front", NULL);
}

bool api_fixture_invite(struct plan *plan, struct problem *why)
{
	(void)plan;
	return refuse(why, PROBLEM_BROKEN, "invite", NULL);
}

bool api_fixture_plan(struct plan *plan, struct problem *why)
{
	(void)plan;
	return refuse(why, PROBLEM_BROKEN, "plan", NULL);
}

struct asked ask(struct send send)
{
	struct asked asked = {.arena = arena_new()};
	const char *body = send.body ? send.body : "";
	struct contract_request request = {.query = send.query ? send.query : "",
	    .content_type = send.type,
	    .if_match = send.if_match,
	    .body = body,
	    .body_length = strlen(body)};
	asked.ok = contract_route(&asked.match, send.method, send.path, asked.arena, &asked.why) && asked.match.operation &&
	           contract_check(&asked.input, &asked.match, &request, asked.arena, &asked.why);
	return asked;
}

void asked_done(struct asked *asked)
{
	arena_free(asked->arena);
}

static int body_index(const struct asked *asked, const char *name)
{
	const struct contract_schema *body = asked->match.operation->body;
	for (int i = 0; i < body->properties; i++)
		if (!strcmp(body->property[i].name, name))
			return i;
	fail_msg("no member %s", name);
	return -1;
}

const char *member(const struct asked *asked, const char *name)
{
	return asked->input.body[body_index(asked, name)];
}

bool member_present(const struct asked *asked, const char *name)
{
	return asked->input.present[body_index(asked, name)];
}

const char *parameter(const struct asked *asked, const char *name)
{
	const struct contract_operation *operation = asked->match.operation;
	for (int i = 0; i < operation->query_parameters; i++)
		if (!strcmp(operation->query_parameter[i].name, name))
			return asked->input.query[i];
	fail_msg("no parameter %s", name);
	return NULL;
}

const char *faults(const struct asked *asked)
{
	if (asked->ok)
		return "";
	if (asked->why.kind != PROBLEM_BAD_INPUT)
		return arena_print(asked->arena, "%d %s", problem_status(asked->why.kind), asked->why.code ? asked->why.code : "-");
	const char *list = "";
	for (const struct problem_field *field = asked->why.fields; field; field = field->next)
		list = arena_print(asked->arena, "%s%s%s %s", list, *list ? ", " : "", field->pointer, field->code);
	return list;
}

static void expect(struct send send, const char *expected)
{
	struct asked asked = ask(send);
	const char *found = faults(&asked);
	if (strcmp(found, expected) != 0)
		print_error("%s\n", send.body);
	assert_string_equal(found, expected);
	asked_done(&asked);
}

void expect_json(const char *method, const char *body, const char *expected)
{
	bool patch = !strcmp(method, "PATCH");
	expect((struct send){method, patch ? "/rooms/a" : "/rooms", NULL, JSON, patch ? "\"3\"" : NULL, body}, expected);
}

void expect_form(const char *method, const char *body, const char *expected)
{
	bool patch = !strcmp(method, "PATCH");
	expect((struct send){method, patch ? "/rooms/a" : "/rooms", NULL, FORM, patch ? "\"3\"" : NULL, body}, expected);
}
