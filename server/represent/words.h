// words.h: words for people in pl, en, fi; dates, times, counts and names of languages in them.
//
// Room rules: uses base/, jansson, ICU. web/words/<language>/<subject>.json is a tree of strings seen under the key <subject>; a plural is
// an object
// {"one","few","many","other"} (CLDR categories) whose strings hold {n}. Every language has the same keys (tools/embed.py says so).
// The trees are shared by all threads and never change: their values are immortal (reference counts stay as they are), so they may be put
// into any context.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;

bool words_start(void);                   // parses the embedded files; once per process, again does nothing. False if they are broken
const char *const *words_languages(void); // "en", "fi", "pl": those there are, NULL-terminated
const char *words_language_name(const char *language); // in itself: "polski"; NULL if it is none of ours
// The best of our languages for Accept-Language (may be NULL), else `fallback`, else "pl".
const char *words_language(const char *accept_language, const char *fallback);
json_t *words_tree(const char *language); // borrowed
// The string at a dotted key, or NULL.
const char *words_text(const char *language, const char *key);
char *words_count(struct arena *arena, const char *language, const char *key, long n);

enum words_date {
	DATE_LONG,        // "wtorek, 17 grudnia 2019", "tiistai 17. joulukuuta 2019"
	DATE_SHORT,       // "17.12.2019", "17 Dec 2019"
	DATE_TIME,        // "10:00", "10.00"
	DATE_LONG_TIME,   // "wtorek, 17 grudnia 2019, godz. 10:00", "tiistai 17. joulukuuta 2019 klo 10.00"
	DATE_MONTH,       // "gru", "joulu": for the leaf of a calendar
	DATE_DAY,         // "17"
	DATE_ZONE,        // "Warszawa (UTC+1)": the zone's city and what it is ahead of UTC then
	DATE_LOCAL_INPUT, // "2019-12-17T10:00", for datetime-local
	DATE_INPUT,       // "2019-12-17", for date
	DATE_WEEKDAY,     // "wtorek"
	DATE_YEAR,        // "2019"
	DATE_STYLES,
};
// An RFC 3339 instant (or PostgreSQL's way of writing one) shown in an IANA zone; a date without time is that date in every zone.
// NULL if `instant` or `zone` is bad.
char *words_date(struct arena *arena, const char *language, const char *zone, const char *instant, enum words_date style);
