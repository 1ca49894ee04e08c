// serve.c: what happens to a request, in order. The page to read first.
#include "serve.h"

#include <string.h>

#include "base/arena.h"

static bool accepts(const struct http_request *request, const char *type)
{
	const char *accept = http_header(request, "Accept");
	return accept != NULL && strstr(accept, type) != NULL;
}

static bool is_form(const char *content_type)
{
	return content_type != NULL &&
	       (strncmp(content_type, "application/x-www-form-urlencoded", 33) == 0 || strncmp(content_type, "multipart/form-data", 19) == 0);
}

static bool route(struct visit *visit)
{
	const struct http_request *request = visit->request;
	const char *content_type = http_header(request, "Content-Type");
	const char *method = contract_method_override(request->method, content_type, request->body, request->body_length, visit->arena);
	visit->method = method ? method : request->method;
	if (!contract_route(&visit->match, visit->method, request->path, visit->arena, &visit->why))
		return false;
	visit->operation = visit->match.operation;
	visit->form_post = visit_changes(visit) && is_form(content_type) && !accepts(request, "application/json");
	return true;
}

static bool negotiate(struct visit *visit)
{
	// A form that a browser posts is answered with a redirect or its own page, whatever the operation shows others.
	if (visit->form_post)
		visit->form = visit->operation->page ? FORM_HTML : FORM_JSON;
	else if (!contract_negotiate(&visit->match, http_header(visit->request, "Accept"), &visit->form, &visit->why))
		return false;
	visit->match.form = visit->form; // a list as CSV has no limit: contract_check looks here
	return true;
}

static bool check(struct visit *visit)
{
	const struct http_request *request = visit->request;
	struct contract_request brought = {.query = request->query,
	    .content_type = http_header(request, "Content-Type"),
	    .if_match = http_header(request, "If-Match"),
	    .body = request->body,
	    .body_length = request->body_length};
	return contract_check(&visit->input, &visit->match, &brought, visit->arena, &visit->why);
}

// The one completion callback of the program.
static void finish(struct db_batch *batch, void *argument)
{
	(void)batch;
	struct visit *visit = argument;
	if (visit->batch.writes)
		page_cache_changed(visit);
	if (!act_outcome(visit) || !answer_rows(visit))
		refusal_answer(visit);
}

void visit_send(struct visit *visit)
{
	if (db_send(visit->loop->db, &visit->batch, finish, visit))
		return;
	visit->why = visit->batch.why;
	refusal_answer(visit);
}

// Who asks may: now what costs something is done.
static void go_on(struct db_batch *batch, void *argument)
{
	struct visit *visit = argument;
	visit->why = batch->why;
	if (!batch->ok)
		return refusal_answer(visit);
	db_batch_init(&visit->batch, visit->arena);
	if (!act_handle(visit))
		return refusal_answer(visit);
	act_plan(visit);
	visit_send(visit);
}

// A file is read for nobody who may not send it: a round trip of its own finds out.
static void ask_first(struct visit *visit)
{
	access_enter(visit);
	if (!db_send(visit->loop->db, &visit->batch, go_on, visit)) {
		visit->why = visit->batch.why;
		refusal_answer(visit);
	}
}

void serve_request(struct http_request *request, void *service_loop)
{
	struct visit *visit = visit_new(request, service_loop);
	if (page_cache_answer(visit)) // what everybody sees was read a moment ago
		return;
	if (!route(visit))
		return refusal_answer(visit);
	if (visit->operation == NULL)
		return answer_options(visit);
	if (built_in_answer(visit))
		return;

	bool ready = access_same_origin(visit) && // a page elsewhere can't use our visitor's cookie
	             negotiate(visit) &&          // json, html, csv or ics
	             check(visit) &&              // all mistakes of path, query, headers and body at once
	             access_credentials(visit) && // token, session or RSVP link
	             access_form_token(visit) &&  // a scanner that posts every form has none
	             limits_allow(visit);         // nobody has mails sent without end
	if (ready && visit->operation->files != NULL)
		return ask_first(visit);
	bool planned = ready && act_handle(visit);  // behaviour that SQL alone can't express
	if (!planned && !access_comes_first(visit)) // what is wrong with a request is told to those who may make it
		return refusal_answer(visit);

	page_cache_begin(visit);
	if (planned)
		act_plan(visit);                   // enter, the operation's statements, audit: one transaction
	if (planned && sheets_streamed(visit)) // rows are written as they come
		return visit->form == FORM_XLSX && !visit->match.head ? export_answer(visit) : stream_answer(visit);
	visit_send(visit);
}
