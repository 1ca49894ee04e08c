// built_in.c: what the service says about itself, without a statement: `x-built-in` in openapi/service.yaml.
#include "serve.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/page.h"
#include "version.h"

static const char forever[] = "public, max-age=31536000, immutable";
static const char brief[] = "public, max-age=300";

static void answer_text(struct exchange *x, const char *type, const char *cache, const char *text, size_t length)
{
	struct http_response response = {.status = 200, .type = type, .body = text, .body_length = length, .cache = cache};
	if (cache != NULL)
		response.etag = arena_print(x->arena, "\"%.24s\"", secret_digest(x->arena, text, length));
	http_answer(x->request, &response);
}

static void openapi(struct exchange *x)
{
	answer_text(x, "application/json", brief, contract_document, contract_document_length);
}

static void health(struct exchange *x)
{
	static const char alive[] = "{\"status\":\"ok\",\"version\":\"" NARADA_VERSION "\"}\n";
	answer_text(x, "application/json", NULL, alive, sizeof alive - 1);
}

// Of this loop: the kernel spreads probes over all loops, so one that lost its database is found out.
static void readiness(struct exchange *x)
{
	if (__atomic_load_n(&x->service->stopping, __ATOMIC_RELAXED))
		refuse(&x->why, PROBLEM_BUSY, "The service is stopping.", "stopping");
	else if (!db_ready(x->loop->db))
		refuse(&x->why, PROBLEM_BUSY, "The database is not reachable.", "no_database");
	else
		return health(x);
	refusal_answer(x);
}

static void metrics(struct exchange *x)
{
	struct buffer text;
	buffer_init(&text, x->arena);
	metrics_write(&text, x->service);
	answer_text(x, "text/plain; version=0.0.4; charset=utf-8", NULL, text.data, text.length);
}

static void answer_file(struct exchange *x, const char *name, const char *digest)
{
	const struct embedded_file *file = page_asset(name);
	if (file == NULL) {
		refuse(&x->why, PROBLEM_NOT_FOUND, "There is no such file.", "not_found");
		return refusal_answer(x);
	}
	struct http_response response = {.status = 200, .type = file->type, .body = file->data, .body_length = file->length};
	// An old page may still ask with the digest of its day: it gets today's file, but keeps it no longer than the page.
	response.cache = digest != NULL && strcmp(digest, file->digest) == 0 ? forever : brief;
	response.etag = arena_print(x->arena, "\"%s\"", file->digest);
	http_answer(x->request, &response);
}

static void asset(struct exchange *x)
{
	answer_file(x, x->match.path_value[1], x->match.path_value[0]);
}

static void favicon(struct exchange *x)
{
	answer_file(x, "favicon.svg", NULL);
}

static void robots(struct exchange *x)
{
	static const char rules[] = "User-agent: *\nDisallow: /r/\nDisallow: /sign-in\nDisallow: /session\nDisallow: /platforms/*/people\n";
	answer_text(x, "text/plain; charset=utf-8", brief, rules, sizeof rules - 1);
}

static const struct {
	const char *operation;
	void (*answer)(struct exchange *x);
} built_in[] = {
    {"get_openapi", openapi},
    {"get_docs", docs_answer},
    {"get_health", health},
    {"get_readiness", readiness},
    {"get_metrics", metrics},
    {"get_asset", asset},
    {"get_favicon", favicon},
    {"get_robots", robots},
};

bool built_in_answer(struct exchange *x)
{
	if (x->operation->steps > 0 || x->operation->handler != NULL)
		return false;
	for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; i++) {
		if (strcmp(built_in[i].operation, x->operation->id) == 0) {
			built_in[i].answer(x);
			return true;
		}
	}
	return false;
}
