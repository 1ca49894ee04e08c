// instant_test.c: timestamps as text, and the calendar against the C library's.
#include "represent/instant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static void reads(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"2019-12-17T10:00:00+01:00", 1576573200},
	    {"2019-12-17 09:00:00.5+00", 1576573200},
	    {"2019-12-17 09:00:00", 1576573200},
	    {"2019-12-17T09:00Z", 1576573200},
	    {"2019-12-17t04:00:00-0500", 1576573200},
	    {"2019-12-17T14:30:00+05:30", 1576573200},
	    {"2019-12-17", 1576540800},
	    {"0001-01-01T00:00:00Z", -62135596800},
	    {"2000-02-29T23:59:60Z", 951868800},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct instant instant;
		assert_true(instant_read(&instant, cases[i].text));
		assert_int_equal(instant.seconds, cases[i].seconds);
	}
}

static void refuses(void **state)
{
	(void)state;
	static const char *const cases[] = {
	    "",
	    "2019",
	    "2019-12",
	    "2019-00-01",
	    "2019-01-32",
	    "2019-01-01T",
	    "2019-01-01T25:00Z",
	    "2019-01-01T10:60Z",
	    "2019-01-01T10:00Zz",
	    "2019-01-01T10:00+1",
	    "infinity",
	    "19-1-1",
	};
	struct instant instant;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_false(instant_read(&instant, cases[i]));
}

static void agrees_with_libc(void **state)
{
	(void)state;
	// A step that is no multiple of anything meets every kind of day and time.
	for (int64_t seconds = -70000000000; seconds < 300000000000; seconds += 1234567891) {
		struct civil civil = instant_civil(seconds);
		time_t when = (time_t)seconds;
		struct tm tm;
		assert_non_null(gmtime_r(&when, &tm));
		assert_int_equal(civil.year, tm.tm_year + 1900);
		assert_int_equal(civil.month, tm.tm_mon + 1);
		assert_int_equal(civil.day, tm.tm_mday);
		assert_int_equal(civil.hour * 3600 + civil.minute * 60 + civil.second, tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
		assert_int_equal(instant_weekday(seconds), tm.tm_wday);
		assert_int_equal(instant_from_civil(&civil), seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(refuses), cmocka_unit_test(agrees_with_libc)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
