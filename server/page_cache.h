// page_cache.h: what the public sees, kept for a moment, so that a meeting that everybody looks at costs the database nothing.
//
// Room rules: as serve.h. One cache a loop, used by that loop alone; what has changed is counted in the service, by all of them.
//
// Only what has no caller is kept: a public operation's 200 to a GET without cookie or token. It is shown again until something of its
// platform is written by this process, in whatever loop (so that whoever changed it sees the change), and for a second at most: what other
// processes write, and what the clock changes, shows after that.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct http_response;
struct page_cache;
struct visit;

enum { PAGE_CACHE_PLATFORMS = 64 };

// How often something was written: by platforms that share a number, by nobody's requests, by all. Atomics; they only grow.
struct page_changes {
	uint64_t of_platform[PAGE_CACHE_PLATFORMS], beyond, of_all;
};

struct page_cache *page_cache_new(void);
void page_cache_free(struct page_cache *cache); // accepts NULL

bool page_cache_answer(struct visit *visit);                                     // answers with what is kept; false: there is nothing
void page_cache_begin(struct visit *visit);                                      // before the database is asked
void page_cache_keep(struct visit *visit, const struct http_response *response); // what came of it, if everybody may see it
void page_cache_changed(struct visit *visit);                                    // the visit has, or may have, written
