// refusal.c: a problem becomes application/problem+json for programs and a page in the visitor's language for people.
#include "serve.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/log.h"
#include "represent/represent.h"

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);
	return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool wants_page(const struct exchange *x)
{
	if (x->form_post || x->form == FORM_HTML)
		return true;
	if (x->form == FORM_JSON || x->request->path == NULL || ends_with(x->request->path, ".json"))
		return false;
	const char *accept = http_header(x->request, "Accept");
	return accept != NULL && strstr(accept, "text/html") != NULL;
}

// `type` is the same on every installation, so that a client can compare it: RFC 9457 asks for a URI, not for a page behind it.
static void add_problem(struct buffer *out, const struct exchange *x)
{
	const struct problem *why = &x->why;
	buffer_print(out, "{\"type\":\"tag:narada.example,2026:problem/%s\",\"title\":", problem_slug(why->kind));
	represent_json_string(out, problem_title(why->kind));
	buffer_print(out, ",\"status\":%d", problem_status(why->kind));
	if (why->detail != NULL) {
		buffer_puts(out, ",\"detail\":");
		represent_json_string(out, why->detail);
	}
	if (why->code != NULL) {
		buffer_puts(out, ",\"code\":");
		represent_json_string(out, why->code);
	}
	buffer_puts(out, ",\"request_id\":");
	represent_json_string(out, x->request->id);
	for (const struct problem_field *field = why->fields; field != NULL; field = field->next) {
		buffer_puts(out, field == why->fields ? ",\"errors\":[{\"pointer\":" : ",{\"pointer\":");
		represent_json_string(out, field->pointer ? field->pointer : "");
		buffer_puts(out, ",\"detail\":");
		represent_json_string(out, field->detail ? field->detail : "");
		buffer_puts(out, ",\"code\":");
		represent_json_string(out, field->code ? field->code : "invalid");
		buffer_puts(out, field->next ? "}" : "}]");
	}
	buffer_puts(out, "}\n");
}

static void add_headers(const struct exchange *x, struct http_response *response)
{
	const struct problem *why = &x->why;
	if (why->kind == PROBLEM_NOT_SIGNED_IN)
		http_set(response, "WWW-Authenticate",
		    x->access.hash != NULL ? "Bearer realm=\"narada\", error=\"invalid_token\"" : "Bearer realm=\"narada\"");
	if (why->kind == PROBLEM_NOT_SIGNED_IN && x->access.by_cookie) // a session that ended: the browser may forget it
		http_set(response, "Set-Cookie", plan_session_cookie(&x->plan, NULL, 0));
	if (why->allow != NULL)
		http_set(response, "Allow", why->allow);
	if (why->kind == PROBLEM_MEDIA_TYPE && strcmp(x->method, "PATCH") == 0)
		http_set(response, "Accept-Patch", "application/merge-patch+json");
	if (why->retry_after > 0 || why->kind == PROBLEM_BUSY)
		http_set(response, "Retry-After", arena_print(x->arena, "%d", why->retry_after > 0 ? why->retry_after : 1));
}

// What broke is for the operator; a visitor gets the request's id to ask about.
static void keep_to_ourselves(struct exchange *x)
{
	const char *report = x->batch.report;
	if (x->why.kind == PROBLEM_BROKEN && report == NULL)
		report = x->why.detail ? x->why.detail : "-";
	if (report != NULL)
		log_event(LOG_ERROR, "request failed", "operation", "%s", x->operation ? x->operation->id : "-", "report", "%s", report, "id", "%s",
		    x->request->id, NULL);
	if (x->why.kind == PROBLEM_BROKEN)
		x->why = (struct problem){.kind = PROBLEM_BROKEN,
		    .code = "broken",
		    .detail = "Something went wrong here. Nothing was changed. The operator finds out more by the request id."};
}

static bool sign_in_first(struct exchange *x)
{
	if (x->why.kind != PROBLEM_NOT_SIGNED_IN || exchange_changes(x))
		return false;
	const char *here = *x->request->query ? arena_print(x->arena, "%s?%s", x->request->path, x->request->query) : x->request->path;
	if (x->access.by_cookie)
		x->plan.set_cookie = plan_session_cookie(&x->plan, NULL, 0);
	answer_redirect(x, arena_print(x->arena, "/sign-in?return=%s", contract_encode(x->arena, here)));
	return true;
}

void refusal_answer(struct exchange *x)
{
	if (x->failed != NULL) { // its form can't be shown either: say plainly what was wrong in the first place
		x = (struct exchange *)x->failed;
		x->form_page_tried = true;
	}
	keep_to_ourselves(x);
	if (x->form_post && form_page_again(x))
		return;
	bool page = wants_page(x);
	if (page && sign_in_first(x))
		return;

	struct http_response response = {.status = problem_status(x->why.kind)};
	http_set(&response, "Vary", "Accept, Accept-Language, Authorization, Cookie");
	add_headers(x, &response);
	if (page) {
		const char *language = language_of(x);
		json_t *context = context_new(x, language);
		json_object_set_new(context, "problem", context_problem(x, language));
		answer_page(x, &response, "problem", language, context);
		response.cache = NULL;
	} else {
		struct buffer body;
		buffer_init(&body, x->arena);
		add_problem(&body, x);
		response.type = "application/problem+json";
		response.body = body.data;
		response.body_length = body.length;
	}
	http_answer(x->request, &response);
}
