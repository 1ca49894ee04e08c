// serve.c: what happens to a request, in order. The page to read first.
#include "serve.h"

#include <string.h>

#include "base/arena.h"

static bool accepts(const struct http_request *request, const char *type)
{
	const char *accept = http_header(request, "Accept");
	return accept != NULL && strstr(accept, type) != NULL;
}

static bool route(struct exchange *x)
{
	const struct http_request *request = x->request;
	const char *content_type = http_header(request, "Content-Type");
	const char *method = contract_method_override(request->method, content_type, request->body, request->body_length, x->arena);
	x->method = method ? method : request->method;
	if (!contract_route(&x->match, x->method, request->path, x->arena, &x->why))
		return false;
	x->operation = x->match.operation;
	x->form_post = exchange_changes(x) && content_type != NULL && strncmp(content_type, "application/x-www-form-urlencoded", 33) == 0 &&
	               !accepts(request, "application/json");
	return true;
}

static bool negotiate(struct exchange *x)
{
	// A form that a browser posts is answered with a redirect or its own page, whatever the operation shows others.
	if (x->form_post)
		x->form = x->operation->page ? FORM_HTML : FORM_JSON;
	else if (!contract_negotiate(&x->match, http_header(x->request, "Accept"), &x->form, &x->why))
		return false;
	x->match.form = x->form; // a list as CSV has no limit: contract_check looks here
	return true;
}

static bool check(struct exchange *x)
{
	const struct http_request *request = x->request;
	struct contract_request brought = {.query = request->query,
	    .content_type = http_header(request, "Content-Type"),
	    .if_match = http_header(request, "If-Match"),
	    .body = request->body,
	    .body_length = request->body_length};
	return contract_check(&x->input, &x->match, &brought, x->arena, &x->why);
}

// The one completion callback of the program.
static void finish(struct db_batch *batch, void *argument)
{
	(void)batch;
	struct exchange *x = argument;
	if (!act_outcome(x) || !answer_rows(x))
		refusal_answer(x);
}

void exchange_send(struct exchange *x)
{
	if (db_send(x->loop->db, &x->batch, finish, x))
		return;
	x->why = x->batch.why;
	refusal_answer(x);
}

void serve_request(struct http_request *request, void *service_loop)
{
	struct exchange *x = exchange_new(request, service_loop);
	if (!route(x))
		return refusal_answer(x);
	if (x->operation == NULL)
		return answer_options(x);
	if (built_in_answer(x))
		return;

	bool planned = access_same_origin(x) && // a page elsewhere can't use our visitor's cookie
	               negotiate(x) &&          // json, html, csv or ics
	               check(x) &&              // all mistakes of path, query, headers and body at once
	               access_credentials(x) && // token, session or RSVP link
	               access_form_token(x) &&  // a scanner that posts every form has none
	               act_handle(x);           // behaviour that SQL alone can't express
	if (!planned)
		return refusal_answer(x);

	act_plan(x); // enter, the operation's statements, audit: one transaction
	if (x->form == FORM_CSV && !x->match.head)
		return stream_answer(x);
	exchange_send(x);
}
