// words.h: words for people in pl, en, fi; dates, times, counts and names of languages in them.
//
// Room rules: uses base/, jansson, ICU. web/words/<language>/<subject>.json is a tree of strings seen under the key <subject>; a plural is an object
// {"one","few","many","other"} (CLDR categories) whose strings hold {n}. Every language has the same keys (a test says so).
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;

bool words_start(void); // parses the embedded files, once per process
// The best of our languages for Accept-Language (may be NULL) with `fallback` ("pl").
const char *words_language(const char *accept_language, const char *fallback);
json_t *words_tree(const char *language); // borrowed
// The string at a dotted key, or NULL.
const char *words_text(const char *language, const char *key);
char *words_count(struct arena *arena, const char *language, const char *key, long n);

enum words_date { DATE_LONG, DATE_SHORT, DATE_TIME, DATE_LONG_TIME, DATE_MONTH, DATE_DAY, DATE_ZONE, DATE_LOCAL_INPUT };
// An RFC 3339 instant shown in an IANA zone. DATE_LONG: "wtorek, 17 grudnia 2019"; DATE_TIME "10:00" (fi "10.00"); DATE_LONG_TIME both, joined as the
// language does; DATE_ZONE "Europe/Warsaw, UTC+1" style; DATE_LOCAL_INPUT "2019-12-17T10:00" for datetime-local. NULL if `instant` or `zone` is bad.
char *words_date(struct arena *arena, const char *language, const char *zone, const char *instant, enum words_date style);
