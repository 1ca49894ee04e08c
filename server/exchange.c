// exchange.c: one request from its first byte to its line in the log.
#include "serve.h"

#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"

struct exchange *exchange_new(struct http_request *request, struct serve_loop *loop)
{
	struct exchange *x = arena_alloc(request->arena, sizeof *x);
	x->request = request;
	x->loop = loop;
	x->service = loop->service;
	x->arena = request->arena;
	x->method = request->method;
	x->plan = (struct plan){.arena = x->arena,
	    .input = &x->input,
	    .key = &x->service->key,
	    .base_url = x->service->base_url,
	    .secure = x->service->secure,
	    .now = time(NULL)};
	request->owner = x;
	db_batch_init(&x->batch, x->arena);
	return x;
}

bool exchange_changes(const struct exchange *x)
{
	static const char *const safe[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
	for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
		if (strcmp(x->method, safe[i]) == 0)
			return false;
	}
	return true;
}

// A token is a key: whoever reads a log or the audit must not be able to use it.
static bool holds_token(const struct contract_operation *operation)
{
	for (int i = 0; i < operation->path_parameters; i++) {
		if (strcmp(operation->path_parameter[i].name, "token") == 0)
			return true;
	}
	return false;
}

const char *exchange_route(const struct exchange *x)
{
	if (x->operation == NULL)
		return strncmp(x->request->path, "/r/", 3) == 0 || strncmp(x->request->path, "/sign-in/", 9) == 0 ? "(unknown)" : x->request->path;
	return holds_token(x->operation) ? x->operation->path : x->request->path;
}

const char *exchange_query(const struct exchange *x, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = x->request->query; *at != '\0';) {
		size_t pair = strcspn(at, "&");
		if (pair > length && at[length] == '=' && strncmp(at, name, length) == 0)
			return contract_decode(x->arena, at + length + 1, pair - length - 1, true);
		at += pair + (at[pair] == '&');
	}
	return NULL;
}

void serve_refused(struct http_request *request, const struct problem *why, void *service_loop)
{
	struct exchange *x = exchange_new(request, service_loop);
	x->why = *why;
	refusal_answer(x);
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
	const struct exchange *x = request->owner;
	if (x == NULL)
		return;
	int64_t took = elapsed_us(request);
	metrics_count(&loop->metrics, x->operation ? (int)(x->operation - contract_operations) : -1, status, took, x->batch.took_ns / 1000);
	if (!loop->service->access_log)
		return;
	log_event(status >= 500 ? LOG_WARNING : LOG_INFO, "request", "method", "%s", x->method, "path", "%s", exchange_route(x), "operation",
	    "%s", x->operation ? x->operation->id : "-", "status", "%d", status, "ms", "%.1f", (double)took / 1000, "bytes", "%llu",
	    (unsigned long long)bytes, "id", "%s", request->id, "peer", "%s", request->peer ? request->peer : "-", NULL);
}
