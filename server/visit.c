// visit.c: one request from its first byte to its line in the log.
#include "serve.h"

#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"

struct visit *visit_new(struct http_request *request, struct serve_loop *loop)
{
	struct visit *visit = arena_alloc(request->arena, sizeof *visit);
	visit->request = request;
	visit->loop = loop;
	visit->service = loop->service;
	visit->arena = request->arena;
	visit->method = request->method;
	visit->plan = (struct plan){.arena = visit->arena,
	    .input = &visit->input,
	    .key = &visit->service->key,
	    .base_url = visit->service->base_url,
	    .secure = visit->service->secure,
	    .now = time(NULL),
	    .ticket = http_cookie(request, PLAN_TICKET_COOKIE)};
	visit->plan.done = visit_query(visit, "done");
	request->owner = visit;
	db_batch_init(&visit->batch, visit->arena);
	return visit;
}

bool visit_changes(const struct visit *visit)
{
	static const char *const safe[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
	for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
		if (strcmp(visit->method, safe[i]) == 0)
			return false;
	}
	return true;
}

// As long as a secret, of the characters of one: perhaps it is one, misplaced or with something hung on it.
static bool may_hold_token(const char *path)
{
	enum { SHORTEST = 40 };
	static const char bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_%";
	for (const char *at = path; *at != '\0';) {
		size_t run = strspn(at, bytes);
		if (run >= SHORTEST)
			return true;
		at += run + (at[run] != '\0');
	}
	return false;
}

bool visit_holds_token(const struct visit *visit)
{
	if (visit->operation == NULL) // refused before it was known what it is
		return visit->request->path == NULL || may_hold_token(visit->request->path);
	static const char *const places[] = {"/sign-in/", "/calendar/", "/u/", "/t/", "/here/", "/kiosk/", "/verify/"};
	bool holds = contract_by_link(visit->operation->role);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		holds = holds || strncmp(visit->operation->path, places[i], strlen(places[i])) == 0;
	return holds;
}

const char *visit_route(const struct visit *visit)
{
	if (!visit_holds_token(visit))
		return visit->request->path;
	return visit->operation ? visit->operation->path : "(withheld)";
}

const char *visit_query(const struct visit *visit, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = visit->request->query; *at != '\0';) {
		size_t pair = strcspn(at, "&");
		if (pair > length && at[length] == '=' && strncmp(at, name, length) == 0)
			return contract_decode(visit->arena, at + length + 1, pair - length - 1, true);
		at += pair + (at[pair] == '&');
	}
	return NULL;
}

void serve_refused(struct http_request *request, const struct problem *why, void *service_loop)
{
	struct visit *visit = visit_new(request, service_loop);
	visit->why = *why;
	refusal_answer(visit);
}

// Who shows no credentials at all is refused anyway: nothing large is read for that.
size_t serve_room(const struct http_request *request, void *service_loop)
{
	const struct serve_loop *loop = service_loop;
	struct contract_match match;
	struct problem why;
	bool shown = http_header(request, "Authorization") != NULL || http_cookie(request, plan_session_name(loop->service->secure)) != NULL;
	bool routed = shown && contract_route(&match, request->method, request->path, request->arena, &why) && match.operation != NULL;
	return routed ? (size_t)match.operation->max_body : 0;
}

static int64_t elapsed_us(const struct http_request *request)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec - request->started_ns) / 1000;
}

void serve_sent(const struct http_request *request, int status, uint64_t bytes, void *service_loop)
{
	struct serve_loop *loop = service_loop;
	const struct visit *visit = request->owner;
	if (visit == NULL)
		return;
	int64_t took = elapsed_us(request);
	metrics_count(
	    &loop->metrics, visit->operation ? (int)(visit->operation - contract_operations) : -1, status, took, visit->batch.took_ns / 1000);
	if (!loop->service->access_log)
		return;
	log_event(status >= 500 ? LOG_WARNING : LOG_INFO, "request", "method", "%s", visit->method, "path", "%s", visit_route(visit),
	    "operation", "%s", visit->operation ? visit->operation->id : "-", "status", "%d", status, "ms", "%.1f", (double)took / 1000,
	    "bytes", "%llu", (unsigned long long)bytes, "id", "%s", request->id, "peer", "%s", request->peer ? request->peer : "-", NULL);
}
