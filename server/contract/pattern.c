// pattern.c: regular expressions, compiled once per thread: ICU's matchers are not shared between threads.
#include "contract/inside.h"

#include <pthread.h>
#include <stdlib.h>
#include <unicode/uregex.h>

#include "base/arena.h"

enum { SLOTS = 256, TIME_LIMIT = 50 }; // far more slots than the contract has patterns; ICU counts time in about a millisecond

struct cache {
	struct {
		const char *pattern; // the table's own string: its address is the key
		URegularExpression *matcher;
	} slot[SLOTS];
};

static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;
static _Thread_local struct cache *cache_here;

static void cache_free(void *thing)
{
	struct cache *cache = thing;
	for (int i = 0; i < SLOTS; i++)
		if (cache->slot[i].matcher)
			uregex_close(cache->slot[i].matcher);
	free(cache);
}

static void make_key(void)
{
	if (pthread_key_create(&cache_key, cache_free))
		abort();
}

static struct cache *cache_get(void)
{
	if (cache_here)
		return cache_here;
	pthread_once(&cache_once, make_key);
	cache_here = calloc(1, sizeof *cache_here);
	if (!cache_here || pthread_setspecific(cache_key, cache_here))
		abort();
	return cache_here;
}

// The compiler lets no pattern through that ICU does not know, so one that does not open is our mistake.
static URegularExpression *matcher_open(const char *pattern, struct arena *arena)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t length;
	UChar *wide = text_wide(arena, pattern, &length);
	URegularExpression *matcher = uregex_open(wide, length, 0, NULL, &status);
	uregex_setTimeLimit(matcher, TIME_LIMIT, &status);
	return U_SUCCESS(status) ? matcher : NULL;
}

static URegularExpression *matcher_for(const char *pattern, struct arena *arena)
{
	struct cache *cache = cache_get();
	size_t first = ((uintptr_t)pattern >> 3) % SLOTS;
	for (size_t step = 0; step < SLOTS; step++) {
		size_t at = (first + step) % SLOTS;
		if (!cache->slot[at].pattern) {
			cache->slot[at].pattern = pattern;
			cache->slot[at].matcher = matcher_open(pattern, arena);
		}
		if (cache->slot[at].pattern == pattern)
			return cache->slot[at].matcher;
	}
	abort();
}

bool pattern_fits(const char *pattern, const char *text, struct arena *arena)
{
	URegularExpression *matcher = matcher_for(pattern, arena);
	UErrorCode status = U_ZERO_ERROR;
	int32_t length;
	UChar *wide = text_wide(arena, text, &length);
	uregex_setText(matcher, wide, length, &status);
	bool fits = uregex_matches(matcher, -1, &status);
	return U_SUCCESS(status) && fits;
}
