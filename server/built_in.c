// built_in.c: what the service says about itself, without a statement: `x-built-in` in openapi/service.yaml.
#include "serve.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/page.h"
#include "version.h"

static const char forever[] = "public, max-age=31536000, immutable";
static const char brief[] = "public, max-age=300";

static void answer_text(struct visit *visit, const char *type, const char *cache, const char *text, size_t length)
{
	struct http_response response = {.status = 200, .type = type, .body = text, .body_length = length, .cache = cache};
	if (cache != NULL)
		response.etag = arena_print(visit->arena, "\"%.24s\"", secret_digest(visit->arena, text, length));
	http_answer(visit->request, &response);
}

static void openapi(struct visit *visit)
{
	answer_text(visit, "application/json", brief, contract_document, contract_document_length);
}

static void health(struct visit *visit)
{
	static const char alive[] = "{\"status\":\"ok\",\"version\":\"" NARADA_VERSION "\"}\n";
	answer_text(visit, "application/json", NULL, alive, sizeof alive - 1);
}

// Of this loop: the kernel spreads probes over all loops, so one that lost its database is found out.
static void readiness(struct visit *visit)
{
	if (__atomic_load_n(&visit->service->stopping, __ATOMIC_RELAXED))
		refuse(&visit->why, PROBLEM_BUSY, "The service is stopping.", "stopping");
	else if (!__atomic_load_n(&visit->service->opened, __ATOMIC_ACQUIRE))
		refuse(&visit->why, PROBLEM_BUSY, "The service is starting.", "starting");
	else if (!db_ready(visit->loop->db))
		refuse(&visit->why, PROBLEM_BUSY, "The database is not reachable.", "no_database");
	else
		return health(visit);
	refusal_answer(visit);
}

static void metrics(struct visit *visit)
{
	struct buffer text;
	buffer_init(&text, visit->arena);
	metrics_write(&text, visit->service);
	answer_text(visit, "text/plain; version=0.0.4; charset=utf-8", NULL, text.data, text.length);
}

static void answer_file(struct visit *visit, const char *name, const char *digest)
{
	const struct embedded_file *file = page_asset(name);
	if (file == NULL) {
		refuse(&visit->why, PROBLEM_NOT_FOUND, "There is no such file.", "not_found");
		return refusal_answer(visit);
	}
	struct http_response response = {.status = 200, .type = file->type, .body = file->data, .body_length = file->length};
	// An old page may still ask with the digest of its day: it gets today's file, but keeps it no longer than the page.
	response.cache = digest != NULL && strcmp(digest, file->digest) == 0 ? forever : brief;
	response.etag = arena_print(visit->arena, "\"%s\"", file->digest);
	http_answer(visit->request, &response);
}

static void asset(struct visit *visit)
{
	answer_file(visit, visit->match.path_value[1], visit->match.path_value[0]);
}

static void favicon(struct visit *visit)
{
	answer_file(visit, "favicon.svg", NULL);
}

static void check_in_worker(struct visit *visit)
{
	answer_file(visit, "check_in_worker.js", NULL);
}

static void robots(struct visit *visit)
{
	static const char rules[] =
	    "User-agent: *\nDisallow: /r/\nDisallow: /confirm/\nDisallow: /sign-in\nDisallow: /session\nDisallow: /platforms/*/people\n";
	answer_text(visit, "text/plain; charset=utf-8", brief, rules, sizeof rules - 1);
}

static const struct {
	const char *operation;
	void (*answer)(struct visit *visit);
} built_in[] = {
    {"get_openapi", openapi},
    {"get_docs", docs_answer},
    {"get_health", health},
    {"get_readiness", readiness},
    {"get_metrics", metrics},
    {"get_asset", asset},
    {"get_favicon", favicon},
    {"get_check_in_worker", check_in_worker},
    {"get_robots", robots},
};

bool built_in_answer(struct visit *visit)
{
	if (visit->operation->steps > 0 || visit->operation->handler != NULL)
		return false;
	for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; i++) {
		if (strcmp(built_in[i].operation, visit->operation->id) == 0) {
			built_in[i].answer(visit);
			return true;
		}
	}
	return false;
}
