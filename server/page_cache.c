// page_cache.c: public answers by what was asked, each with the count of changes before it was read.
#include "page_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "loop/loop.h"
#include "serve.h"

enum { PLACES = 64, MAX_BODY = 64 * 1024, MAX_KEY = 2048, FRESH_MS = 1000 };

struct kept {
	struct arena *arena; // holds all of it
	int uses;            // the cache's own, and each answer on its way
	uint64_t hash;
	const char *key, *platform;
	uint64_t generation;
	int64_t read_at; // loop_now
	const struct contract_operation *operation;
	struct http_response response;
};

// Each key has one place; who comes later takes it over.
struct page_cache {
	struct kept *kept[PLACES];
};

struct page_cache *page_cache_new(void)
{
	struct page_cache *cache = calloc(1, sizeof *cache);
	if (cache == NULL)
		abort();
	return cache;
}

static void let_go(void *argument)
{
	struct kept *kept = argument;
	if (kept != NULL && --kept->uses == 0)
		arena_free(kept->arena);
}

void page_cache_free(struct page_cache *cache)
{
	for (int i = 0; cache != NULL && i < PLACES; i++)
		let_go(cache->kept[i]);
	free(cache);
}

// FNV-1a: the whole key is compared after it.
static uint64_t hash_of(const char *text)
{
	uint64_t hash = 14695981039346656037U;
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211U;
	return hash;
}

static uint64_t count(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

// Equal only if nothing that may be seen there was written in between: a sum of what only grows.
static uint64_t generation(const struct page_changes *changes, const char *platform)
{
	if (platform == NULL)
		return count(&changes->of_all);
	return count(&changes->of_platform[hash_of(platform) % PAGE_CACHE_PLATFORMS]) + count(&changes->beyond);
}

void page_cache_changed(struct visit *visit)
{
	struct page_changes *changes = &visit->service->changes;
	const char *platform = visit->access.platform;
	uint64_t *counter = platform ? &changes->of_platform[hash_of(platform) % PAGE_CACHE_PLATFORMS] : &changes->beyond;
	__atomic_fetch_add(counter, 1, __ATOMIC_ACQ_REL);
	__atomic_fetch_add(&changes->of_all, 1, __ATOMIC_ACQ_REL);
}

static bool is_nobodys(const struct http_request *request)
{
	return (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0) && http_header(request, "Cookie") == NULL &&
	       http_header(request, "Authorization") == NULL;
}

// What an answer to nobody in particular depends on. NULL: longer than is worth keeping.
static const char *key_of(const struct visit *visit)
{
	const struct http_request *request = visit->request;
	const char *accept = http_header(request, "Accept"), *language = http_header(request, "Accept-Language");
	const char *key =
	    arena_print(visit->arena, "%s?%s\n%s\n%s", request->path, request->query, accept ? accept : "", language ? language : "");
	return strlen(key) <= MAX_KEY ? key : NULL;
}

static struct kept **place_of(const struct visit *visit, uint64_t hash)
{
	return &visit->loop->pages->kept[hash % PLACES];
}

bool page_cache_answer(struct visit *visit)
{
	if (!is_nobodys(visit->request))
		return false;
	visit->page_key = key_of(visit);
	if (visit->page_key == NULL)
		return false;
	uint64_t hash = hash_of(visit->page_key);
	struct kept *kept = *place_of(visit, hash);
	bool fresh = kept != NULL && kept->hash == hash && strcmp(kept->key, visit->page_key) == 0 &&
	             loop_now(visit->loop->loop) - kept->read_at < FRESH_MS &&
	             kept->generation == generation(&visit->service->changes, kept->platform);
	if (!fresh)
		return false;
	kept->uses++;
	arena_defer(visit->arena, let_go, kept);
	visit->operation = kept->operation;
	http_answer(visit->request, &kept->response);
	return true;
}

void page_cache_begin(struct visit *visit)
{
	if (visit->operation->role != ROLE_PUBLIC || visit_changes(visit))
		visit->page_key = NULL;
	visit->page_generation = generation(&visit->service->changes, visit->access.platform);
	visit->page_began = loop_now(visit->loop->loop);
}

static const char *copied(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text) : NULL;
}

// All but how long the database took for it.
static void copy_response(struct http_response *copy, const struct http_response *response, struct arena *arena)
{
	*copy = (struct http_response){.status = response->status,
	    .type = copied(arena, response->type),
	    .body = arena_slice(arena, response->body, response->body_length),
	    .body_length = response->body_length,
	    .etag = copied(arena, response->etag),
	    .cache = copied(arena, response->cache)};
	for (int i = 0; i < response->headers; i++) {
		if (strcmp(response->header[i].name, "Server-Timing") != 0)
			http_set(copy, copied(arena, response->header[i].name), copied(arena, response->header[i].value));
	}
}

static bool is_everybodys(const struct visit *visit, const struct http_response *response)
{
	bool whole = response->status == 200 && response->read == NULL && response->body != NULL && response->body_length <= MAX_BODY;
	return visit->page_key != NULL && whole && response->cache != NULL && strncmp(response->cache, "public", 6) == 0 &&
	       visit->access.hash == NULL && visit->failed == NULL;
}

void page_cache_keep(struct visit *visit, const struct http_response *response)
{
	if (!is_everybodys(visit, response))
		return;
	struct arena *arena = arena_new();
	struct kept *kept = arena_alloc(arena, sizeof *kept);
	*kept = (struct kept){.arena = arena,
	    .uses = 1,
	    .hash = hash_of(visit->page_key),
	    .key = arena_copy(arena, visit->page_key),
	    .platform = copied(arena, visit->access.platform),
	    .generation = visit->page_generation,
	    .read_at = visit->page_began,
	    .operation = visit->operation};
	copy_response(&kept->response, response, arena);
	struct kept **place = place_of(visit, kept->hash);
	let_go(*place);
	*place = kept;
}
