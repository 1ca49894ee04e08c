// words_test.c: languages, plurals, and dates as people write them.
#include "represent/words.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static int start(void **state)
{
	*state = arena_new();
	return words_start() && words_start() ? 0 : -1;
}

static int stop(void **state)
{
	arena_free(*state);
	return 0;
}

static void picks_a_language(void **state)
{
	(void)state;
	static const struct {
		const char *accept, *fallback, *expected;
	} cases[] = {
	    {NULL, NULL, "pl"},
	    {NULL, "fi", "fi"},
	    {"", "xx", "pl"},
	    {"en", "pl", "en"},
	    {"en-US,en;q=0.9,pl;q=0.8", "pl", "en"},
	    {"pl;q=0.3, fi ; q=0.7,de", "en", "fi"},
	    {"FI-fi", "pl", "fi"},
	    {"de,fr;q=0.9", "en", "en"},
	    {"de,*;q=0.5", "fi", "fi"},
	    {"en;q=0, pl;q=0.001", "fi", "pl"},
	    {"en;q=0", "fi", "fi"},
	    {"enx,plx", "fi", "fi"},
	    {",,;;q=,", "fi", "fi"},
	    {"pl,en", "fi", "pl"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(words_language(cases[i].accept, cases[i].fallback), cases[i].expected);
}

static void names_the_languages(void **state)
{
	(void)state;
	const char *const *languages = words_languages();
	assert_string_equal(languages[0], "en");
	assert_string_equal(languages[1], "fi");
	assert_string_equal(languages[2], "pl");
	assert_null(languages[3]);
	assert_string_equal(words_language_name("pl"), "polski");
	assert_string_equal(words_language_name("fi"), "suomi");
	assert_null(words_language_name("de"));
}

static void finds_words(void **state)
{
	(void)state;
	assert_string_equal(words_text("fi", "plural.plain"), "yhteensä: {n}");
	assert_null(words_text("fi", "plural.heads"));
	assert_null(words_text("fi", "plural.plain.more"));
	assert_null(words_text("fi", "missing"));
	assert_null(words_text("de", "plural.plain"));
	json_t *tree = words_tree("pl");
	size_t before = tree->refcount;
	json_incref(tree);
	assert_true(tree->refcount == before);
	json_decref(tree);
}

static void counts(void **state)
{
	static const struct {
		const char *language;
		long n;
		const char *expected;
	} cases[] = {
	    {"pl", 0, "0 osób"},
	    {"pl", 1, "1 osoba"},
	    {"pl", 2, "2 osoby"},
	    {"pl", 5, "5 osób"},
	    {"pl", 12, "12 osób"},
	    {"pl", 21, "21 osób"},
	    {"pl", 22, "22 osoby"},
	    {"pl", 101, "101 osób"},
	    {"pl", 102, "102 osoby"},
	    {"pl", 112, "112 osób"},
	    {"en", 1, "1 person"},
	    {"en", 2, "2 people"},
	    {"fi", 1, "1 osallistuja"},
	    {"fi", 2, "2 osallistujaa"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(words_count(*state, cases[i].language, "plural.heads", cases[i].n), cases[i].expected);
	assert_string_equal(words_count(*state, "pl", "plural.plain", 7), "razem: 7");
	assert_null(words_count(*state, "pl", "plural.missing", 7));
}

struct date_case {
	const char *language, *zone, *instant;
	enum words_date style;
	const char *expected;
};

static const struct date_case dates[] = {
    {"pl", "Europe/Warsaw", "2026-11-24T13:00:00Z", DATE_LONG_TIME, "wtorek, 24 listopada 2026, godz. 14:00"},
    {"fi", "Europe/Helsinki", "2026-11-24T12:00:00Z", DATE_LONG_TIME, "tiistai 24. marraskuuta 2026 klo 14.00"},
    {"en", "Europe/Warsaw", "2026-11-24T13:00:00Z", DATE_LONG_TIME, "Tuesday, 24 November 2026, 14:00"},
    {"pl", "Europe/Warsaw", "2019-12-17T09:00:00Z", DATE_LONG, "wtorek, 17 grudnia 2019"},
    {"pl", "Europe/Warsaw", "2026-11-24 13:00:00+00", DATE_SHORT, "24.11.2026"},
    {"fi", "Europe/Warsaw", "2026-11-24 13:00:00+00", DATE_SHORT, "24.11.2026"},
    {"en", "Europe/Warsaw", "2026-11-24 13:00:00+00", DATE_SHORT, "24 Nov 2026"},
    {"pl", "Europe/Warsaw", "2026-07-01T07:05:00.25Z", DATE_TIME, "09:05"},
    {"fi", "Europe/Warsaw", "2026-07-01T07:05:00Z", DATE_TIME, "9.05"},
    {"fi", "Europe/Helsinki", "2026-07-01T09:05:00+02:00", DATE_TIME, "10.05"},
    {"pl", "Europe/Warsaw", "2019-12-17T09:00:00Z", DATE_MONTH, "gru"},
    {"pl", "Europe/Warsaw", "2019-12-17T09:00:00Z", DATE_DAY, "17"},
    {"pl", "Europe/Warsaw", "2019-12-17T09:00:00Z", DATE_WEEKDAY, "wtorek"},
    {"pl", "Europe/Warsaw", "2019-12-31T23:30:00Z", DATE_YEAR, "2020"},
    {"pl", "Europe/Warsaw", "2019-12-17T09:00:00Z", DATE_LOCAL_INPUT, "2019-12-17T10:00"},
    {"pl", "Europe/Warsaw", "2019-12-16T23:00:00Z", DATE_INPUT, "2019-12-17"},
    {"pl", "Europe/Warsaw", "2019-12-17T09:00:00Z", DATE_ZONE, "Warszawa (UTC+1)"},
    {"fi", "Europe/Warsaw", "2019-07-17T09:00:00Z", DATE_ZONE, "Varsova (UTC+2)"},
    {"en", "Asia/Kolkata", "2019-07-17T09:00:00Z", DATE_ZONE, "Kolkata (UTC+5:30)"},
    {"en", "America/New_York", "2019-07-17T09:00:00Z", DATE_ZONE, "New York (UTC\u22124)"},
    {"en", "UTC", "2019-07-17T09:00:00Z", DATE_ZONE, "UTC"},
    {"fi", "America/New_York", "2026-03-01", DATE_LONG, "sunnuntai 1. maaliskuuta 2026"},
    {"de", "Europe/Berlin", "2026-03-01T10:00:00Z", DATE_LONG, "Sonntag, 1 März 2026"},
    {"pl", "Europe/Warsaw", "yesterday", DATE_LONG, NULL},
    {"pl", "Europe/Warsaw", "2026-13-01", DATE_LONG, NULL},
    {"pl", "Europe/Warsaw", "2026-01-01T10:00:00Zx", DATE_LONG, NULL},
    {"pl", "Europe/Krakow", "2026-01-01T10:00:00Z", DATE_LONG, NULL},
    {"pl", "", "2026-01-01T10:00:00Z", DATE_LONG, NULL},
    {"pl", NULL, "2026-01-01T10:00:00Z", DATE_LONG, NULL},
    {"pl", "Europe/Warsaw", NULL, DATE_LONG, NULL},
};

static bool is_expected(struct arena *arena, const struct date_case *row)
{
	const char *text = words_date(arena, row->language, row->zone, row->instant, row->style);
	if (text && row->expected && strcmp(text, row->expected) == 0)
		return true;
	if (text || row->expected)
		print_error("%s where %s was expected\n", text ? text : "NULL", row->expected ? row->expected : "NULL");
	return !text && !row->expected;
}

static void writes_dates(void **state)
{
	int failed = 0;
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
		failed += !is_expected(*state, &dates[i]);
	assert_int_equal(failed, 0);
}

static void *write_many(void *argument)
{
	struct arena *arena = arena_new();
	static const char *const zones[] = {
	    "Europe/Warsaw", "Europe/Helsinki", "Europe/Berlin", "Asia/Tokyo", "America/New_York", "Europe/Paris", "UTC", "Asia/Kolkata"};
	int *failed = argument;
	// More zones and styles than a thread keeps formats, so that they give way to each other.
	for (int i = 0; i < 300; i++) {
		*failed += !words_date(arena, i % 2 ? "pl" : "fi", zones[i % 8], "2026-11-24T13:00:00Z", (enum words_date)(i % DATE_STYLES));
		*failed += !is_expected(arena, &dates[i % 20]);
	}
	arena_free(arena);
	return NULL;
}

static void is_safe_in_threads(void **state)
{
	(void)state;
	pthread_t threads[3];
	int failed[3] = {0};
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, &failed[i]), 0);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(failed[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(picks_a_language),
	    cmocka_unit_test(names_the_languages),
	    cmocka_unit_test(finds_words),
	    cmocka_unit_test(counts),
	    cmocka_unit_test(writes_dates),
	    cmocka_unit_test(is_safe_in_threads),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
