// refusal.c: a problem becomes application/problem+json for programs and a page in the visitor's language for people.
#include "serve.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/limiter.h"
#include "base/log.h"
#include "represent/represent.h"

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);
	return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool wants_page(const struct visit *visit)
{
	if (visit->form_post || ends_with(visit->request->path, ".html"))
		return true;
	if (visit->form == FORM_JSON || ends_with(visit->request->path, ".json"))
		return false;
	const char *accept = http_header(visit->request, "Accept");
	return accept != NULL && strstr(accept, "text/html") != NULL;
}

// `type` is the same on every installation, so that a client can compare it: RFC 9457 asks for a URI, not for a page behind it.
static void add_problem(struct buffer *out, const struct visit *visit)
{
	const struct problem *why = &visit->why;
	if (why->limit != NULL) // the one kind that has a registered type, of draft-ietf-httpapi-ratelimit-headers
		buffer_print(out,
		    "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\",\"violated-policies\":[\"%s\"],\"title\":",
		    why->limit->name);
	else
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
	represent_json_string(out, visit->request->id);
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

static void add_headers(const struct visit *visit, struct http_response *response)
{
	const struct problem *why = &visit->why;
	if (why->kind == PROBLEM_NOT_SIGNED_IN)
		http_set(response, "WWW-Authenticate",
		    visit->access.hash != NULL ? "Bearer realm=\"narada\", error=\"invalid_token\"" : "Bearer realm=\"narada\"");
	if (why->kind == PROBLEM_NOT_SIGNED_IN && visit->access.by_cookie) // a session that ended: the browser may forget it
		http_set(response, "Set-Cookie", plan_session_cookie(&visit->plan, NULL, 0));
	if (why->allow != NULL)
		http_set(response, "Allow", why->allow);
	if (why->kind == PROBLEM_MEDIA_TYPE && strcmp(visit->method, "PATCH") == 0)
		http_set(response, "Accept-Patch", "application/merge-patch+json");
	if (why->kind == PROBLEM_MEDIA_TYPE && strcmp(visit->method, "POST") == 0)
		http_set(response, "Accept-Post", "application/json, application/x-www-form-urlencoded");
	if (why->limit != NULL) {
		const struct limiter_rule *rule = why->limit;
		http_set(response, "RateLimit-Policy", arena_print(visit->arena, "\"%s\";q=%d;w=%d", rule->name, rule->quota, rule->seconds));
		http_set(response, "RateLimit", arena_print(visit->arena, "\"%s\";r=0;t=%d", rule->name, why->retry_after));
	}
	if (why->retry_after > 0 || why->kind == PROBLEM_BUSY)
		http_set(response, "Retry-After", arena_print(visit->arena, "%d", why->retry_after > 0 ? why->retry_after : 1));
}

// What broke is for the operator; a visitor gets the request's id to ask about.
static void keep_to_ourselves(struct visit *visit)
{
	const char *report = visit->batch.report;
	if (visit->why.kind == PROBLEM_BROKEN && report == NULL)
		report = visit->why.detail ? visit->why.detail : "-";
	if (report != NULL)
		log_event(LOG_ERROR, "request failed", "operation", "%s", visit->operation ? visit->operation->id : "-", "report", "%s", report,
		    "id", "%s", visit->request->id, NULL);
	if (visit->why.kind == PROBLEM_BROKEN)
		visit->why = (struct problem){.kind = PROBLEM_BROKEN,
		    .code = "broken",
		    .detail = "Something went wrong here. Nothing was changed. The operator finds out more by the request id."};
}

static bool sign_in_first(struct visit *visit)
{
	if (visit->why.kind != PROBLEM_NOT_SIGNED_IN || visit_changes(visit))
		return false;
	const char *here =
	    *visit->request->query ? arena_print(visit->arena, "%s?%s", visit->request->path, visit->request->query) : visit->request->path;
	if (visit->access.by_cookie)
		visit->plan.set_cookie = plan_session_cookie(&visit->plan, NULL, 0);
	answer_redirect(visit, arena_print(visit->arena, "/sign-in?return=%s", contract_encode(visit->arena, here)));
	return true;
}

void refusal_answer(struct visit *visit)
{
	if (visit->failed != NULL) { // its form can't be shown either: say plainly what was wrong in the first place
		visit = (struct visit *)visit->failed;
		visit->form_page_tried = true;
	}
	keep_to_ourselves(visit);
	if (visit->form_post && form_page_again(visit))
		return;
	bool page = wants_page(visit);
	if (page && sign_in_first(visit))
		return;

	struct http_response response = {.status = problem_status(visit->why.kind)};
	http_set(&response, "Vary", "Accept, Accept-Language, Authorization, Cookie");
	add_headers(visit, &response);
	if (page) {
		const char *language = language_of(visit);
		json_t *context = context_new(visit, language);
		json_object_set_new(context, "problem", context_problem(visit, language));
		answer_page(visit, &response, "problem", language, context);
		response.cache = NULL;
	} else {
		struct buffer body;
		buffer_init(&body, visit->arena);
		add_problem(&body, visit);
		response.type = "application/problem+json";
		response.body = body.data;
		response.body_length = body.length;
	}
	http_answer(visit->request, &response);
}
