// log_test.c: an event is one line, valid JSON whatever is in it, and harmless to a terminal.
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static int real_stderr;
static FILE *caught;

static int catch_stderr(void **state)
{
	(void)state;
	caught = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	return caught && dup2(fileno(caught), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int release_stderr(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	return fclose(caught);
}

// What was logged since last asked.
static const char *logged(void)
{
	static char text[4096];
	lseek(fileno(caught), 0, SEEK_SET);
	ssize_t length = read(fileno(caught), text, sizeof text - 1);
	text[length < 0 ? 0 : length] = '\0';
	lseek(fileno(caught), 0, SEEK_SET);
	return ftruncate(fileno(caught), 0) == 0 ? text : NULL;
}

static void writes_one_json_line(void **state)
{
	(void)state;
	log_start(LOG_INFO, "json");
	log_event(LOG_INFO, "request", "method", "%s", "GET", "status", "%d", 200, "bytes", "%zu", (size_t)1 << 40, "ms", "%.2f", 1.5, "took",
	    "%.1f ms", 2.25, "absent", "%s", NULL, "nan", "%f", NAN, "flag", "%x", 255, NULL);
	const char *line = logged();
	assert_int_equal(line[strlen(line) - 1], '\n');
	json_t *event = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, "level")), "info");
	assert_string_equal(json_string_value(json_object_get(event, "event")), "request");
	assert_string_equal(json_string_value(json_object_get(event, "method")), "GET");
	assert_int_equal(json_integer_value(json_object_get(event, "status")), 200);
	assert_int_equal(json_integer_value(json_object_get(event, "bytes")), (json_int_t)1 << 40);
	assert_true(json_real_value(json_object_get(event, "ms")) == 1.5);
	assert_string_equal(json_string_value(json_object_get(event, "took")), "2.2 ms");
	assert_null(json_object_get(event, "absent"));
	assert_true(json_is_string(json_object_get(event, "nan")));
	assert_string_equal(json_string_value(json_object_get(event, "flag")), "ff");
	assert_non_null(json_object_get(event, "time"));
	json_decref(event);
}

static void escapes_what_comes_from_outside(void **state)
{
	(void)state;
	static const char evil[] =
	    "a\"b\\c\nd\te\x01\x1b[31m\x7f \xc5\xbb\xc3\xb3\xc5\x82\xc4\x87 \xff\xc0\xaf\xed\xa0\x80 \xf0\x9f\x90\x9d \xc2\x9b \xe2\x82";
	log_start(LOG_INFO, "json");
	log_event(LOG_WARNING, "evil", "text", "%s", evil, NULL);
	const char *line = logged();
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	json_t *event = json_loads(line, 0, NULL);
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, "text")),
	    "a\"b\\c\nd\te\x01\x1b[31m\x7f \xc5\xbb\xc3\xb3\xc5\x82\xc4\x87 "
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xf0\x9f\x90\x9d \xc2\x9b \xef\xbf\xbd\xef\xbf\xbd");
	json_decref(event);
	log_start(LOG_INFO, "text");
	log_event(LOG_WARNING, "evil", "text", "%s", evil, NULL);
	line = logged();
	assert_null(strchr(line, '\x1b'));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void reads_well_as_text(void **state)
{
	(void)state;
	log_start(LOG_DEBUG, "text");
	log_event(LOG_DEBUG, "start", "port", "%d", 8080, "path", "%s", "/a/b", "word", "%s", "two words", "empty", "%s", "", NULL);
	assert_string_equal(logged() + strlen("12:00:00.000 "), "debug   start port=8080 path=/a/b word=\"two words\" empty=\"\"\n");
}

static void keeps_quiet_below_the_least(void **state)
{
	(void)state;
	log_start(LOG_WARNING, "text");
	log_event(LOG_INFO, "hello", NULL);
	assert_string_equal(logged(), "");
	log_event(LOG_ERROR, "trouble", NULL);
	assert_string_equal(logged() + strlen("12:00:00.000 "), "error   trouble\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(writes_one_json_line, catch_stderr, release_stderr),
	    cmocka_unit_test_setup_teardown(escapes_what_comes_from_outside, catch_stderr, release_stderr),
	    cmocka_unit_test_setup_teardown(reads_well_as_text, catch_stderr, release_stderr),
	    cmocka_unit_test_setup_teardown(keeps_quiet_below_the_least, catch_stderr, release_stderr),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
