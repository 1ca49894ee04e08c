// multipart_test.c: bodies that are files, and forms that bring one along.
#include "fixture.h"

#include <string.h>

#define MULTIPART               "multipart/form-data; boundary=xyz"
#define PART(disposition, body) "--xyz\r\nContent-Disposition: form-data; " disposition "\r\n\r\n" body "\r\n"

static struct asked send_plan(const char *type, const char *body)
{
	return ask((struct send){"POST", "/rooms/a/plan", NULL, type, NULL, body});
}

static void expect_plan(const char *type, const char *body, const char *expected)
{
	struct asked asked = send_plan(type, body);
	assert_string_equal(faults(&asked), expected);
	assert_false(asked.ok && !*expected && asked.why.kind != PROBLEM_NONE);
	asked_done(&asked);
}

static void test_a_body_that_is_a_file(void **state)
{
	(void)state;
	struct asked asked = send_plan("text/csv; charset=windows-1250", "a;b\xb9");
	assert_string_equal(faults(&asked), "");
	assert_string_equal(asked.input.file.bytes, "a;b\xb9");
	assert_int_equal(asked.input.file.length, 4);
	assert_null(asked.input.file.name);
	assert_null(member(&asked, "text"));
	assert_false(asked.input.from_form);
	asked_done(&asked);
	expect_plan("application/pdf", "x", "415 -");
	struct asked elsewhere = ask((struct send){"POST", "/rooms", NULL, "text/csv", NULL, "a;b"});
	assert_string_equal(faults(&elsewhere), "415 -");
	asked_done(&elsewhere);
}

static void test_json_and_forms_as_ever(void **state)
{
	(void)state;
	struct asked asked = send_plan(FORM, "text=a%0D%0Ab");
	assert_string_equal(member(&asked, "text"), "a\nb");
	assert_null(asked.input.file.bytes);
	asked_done(&asked);
	expect_plan(JSON, "{}", "/text required");
	expect_plan(FORM, "text=", "/text required");
}

static void test_a_form_with_a_file(void **state)
{
	(void)state;
	struct asked asked = send_plan(MULTIPART,
	    PART("name=\"_return\"", "/rooms")
	        PART("name=\"file\"; filename=\"C:\\\\moje\\lista; 1.csv\"\r\nContent-Type: text/csv", "a;b\r\n--xy\r\n\xb9") "--xyz--\r\n");
	assert_string_equal(faults(&asked), "");
	assert_string_equal(asked.input.file.name, "lista; 1.csv");
	assert_int_equal(asked.input.file.length, 12);
	assert_memory_equal(asked.input.file.bytes, "a;b\r\n--xy\r\n\xb9", 12);
	assert_string_equal(asked.input.form_return, "/rooms");
	assert_true(asked.input.from_form);
	asked_done(&asked);
	expect_plan(MULTIPART, PART("name=file; filename=a.csv", "x") PART("name=\"colour\"", "red") "--xyz--", "/colour unknown_member");
}

static void test_no_file_was_chosen(void **state)
{
	(void)state;
	expect_plan(MULTIPART, PART("name=\"file\"; filename=\"\"", "") "--xyz--", "/text required");
	struct asked asked = send_plan(
	    "multipart/form-data; boundary=\"xyz\"", PART("name=\"file\"; filename=\"\"", "") PART("name=\"text\"", "a\r\nb") "--xyz--");
	assert_string_equal(faults(&asked), "");
	assert_string_equal(member(&asked, "text"), "a\nb");
	asked_done(&asked);
}

static void test_broken_forms(void **state)
{
	(void)state;
	expect_plan("multipart/form-data", "--xyz--", "400 bad_form");
	expect_plan("multipart/form-data; boundary=", "--xyz--", "400 bad_form");
	expect_plan(MULTIPART, "", "400 bad_form");
	expect_plan(MULTIPART, "--xyz", "400 bad_form");
	expect_plan(MULTIPART, PART("name=\"text\"", "a"), "400 bad_form");
	expect_plan(MULTIPART, PART("", "a") "--xyz--", "400 bad_form");
	expect_plan(MULTIPART, PART("name=\"text\"", "\xff") "--xyz--", "400 bad_form");
	expect_plan(MULTIPART, "--xyz\r\n\r\n\r\n--xyz--", "400 bad_form");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_body_that_is_a_file),
	    cmocka_unit_test(test_json_and_forms_as_ever),
	    cmocka_unit_test(test_a_form_with_a_file),
	    cmocka_unit_test(test_no_file_was_chosen),
	    cmocka_unit_test(test_broken_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
