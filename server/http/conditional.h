// conditional.h: does the client have it already? RFC 9110 §13.1.2.
//
// Room rules: of http/ alone; texts only. The same representation has one ETag for each coding: "abc", "abc-br", "abc-gz".
#pragma once

#include <stdbool.h>

struct arena;

// The ETag of `etag` under a coding's suffix ("-br"); `etag` itself where the suffix is "".
const char *etag_suffixed(struct arena *arena, const char *etag, const char *suffix);
// Looks `etag` up in an If-None-Match list, by weak comparison and whatever its coding. Gives the member that matched, so that
// the client finds what it has stored; `own` for "*"; NULL if there is none.
const char *etag_match(struct arena *arena, const char *list, const char *etag, const char *own);
