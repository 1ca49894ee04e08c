// form_test.c: browser forms: typed by the schema, empty fields, structure in names, local times, reserved fields.
#include "fixture.h"

#include <string.h>

static void test_types(void **state)
{
	(void)state;
	struct asked asked = ask((struct send){"POST", "/rooms", NULL, FORM, NULL,
	    "title=+Sala+%C5%BB%C3%B3%C5%82ta%C2%A0&capacity=+50&height=2.5&open=false&open=true&note=a%0D%0Ab&address.city=Krak%C3%B3w"
	    "&address.street=&tags=x&tags=&tags=y&doors.0.name=A&doors.0.width=90&doors.1.name=&doors.1.width=&doors.2.name=C"});
	assert_string_equal(faults(&asked), "");
	assert_string_equal(member(&asked, "title"), "Sala Żółta");
	assert_string_equal(member(&asked, "capacity"), "50");
	assert_string_equal(member(&asked, "height"), "2.5");
	assert_string_equal(member(&asked, "open"), "true");
	assert_string_equal(member(&asked, "note"), "a\nb");
	assert_string_equal(member(&asked, "address"), "{\"city\":\"Kraków\"}");
	assert_string_equal(member(&asked, "tags"), "[\"x\",\"y\"]");
	assert_string_equal(member(&asked, "doors"), "[{\"name\":\"A\",\"width\":90},{\"name\":\"C\"}]");
	asked_done(&asked);
	expect_form("POST", "title=Blue&capacity=0x10", "/capacity wrong_type");
	expect_form("POST", "title=Blue&capacity=5,5&height=nan&open=maybe", "/capacity wrong_type, /height wrong_type, /open wrong_type");
	expect_form("POST", "title=Blue&open=on&built_on=2026-11-24", "");
	expect_form("POST", "title=Blue&title=Red", "/title repeated");
	expect_form("POST", "title=Blue&colour=red&address=x&address.zip=1&doors.x.name=1&doors.7.name=1&title.x=1&note..=1",
	    "/colour unknown_member, /address unknown_member, /address/zip unknown_member, /doors/x/name unknown_member, "
	    "/doors/7/name unknown_member, /title/x unknown_member, /note// unknown_member");
	expect_form("POST", "title=%ff", "400 bad_form");
	expect_form("POST", "title=%zz", "400 bad_form");
	expect_form("POST", "title=%00", "400 bad_form");
	char deep[402] = "title=Blue&a";
	memset(deep + strlen(deep), '.', 201);
	expect_form("POST", deep, "400 bad_form");
}

static void test_empty_when_creating(void **state)
{
	(void)state;
	expect_form("POST", "", "/title required");
	expect_form("POST", "title=+%C2%A0%E2%80%8B", "/title required");
	struct asked asked =
	    ask((struct send){"POST", "/rooms", NULL, FORM, NULL, "title=Blue&capacity=&slug=&address.city=&address.street=+&tags=&kind="});
	assert_string_equal(faults(&asked), "");
	assert_false(member_present(&asked, "capacity"));
	assert_false(member_present(&asked, "slug"));
	assert_false(member_present(&asked, "address"));
	assert_false(member_present(&asked, "tags"));
	assert_string_equal(member(&asked, "kind"), "hall");
	asked_done(&asked);
}

static void test_empty_when_patching(void **state)
{
	(void)state;
	struct asked asked = ask((struct send){"PATCH", "/rooms/a", NULL, FORM, NULL, "_if_match=3&note=&capacity=+&tags=&open=false"});
	assert_string_equal(faults(&asked), "");
	assert_string_equal(asked.input.if_match, "3");
	assert_true(member_present(&asked, "note"));
	assert_null(member(&asked, "note"));
	assert_true(member_present(&asked, "capacity"));
	assert_null(member(&asked, "capacity"));
	assert_string_equal(member(&asked, "tags"), "[]");
	assert_string_equal(member(&asked, "open"), "false");
	assert_false(member_present(&asked, "title"));
	asked_done(&asked);
	expect_form("PATCH", "title=&opens_at=", "/title required, /opens_at required");
}

static void test_reserved_fields(void **state)
{
	(void)state;
	struct asked asked =
	    ask((struct send){"DELETE", "/rooms/a", NULL, FORM, NULL, "_method=DELETE&_if_match=%223-9f8a%22&_return=/rooms%3Fq%3Da&_form=f1"});
	assert_string_equal(faults(&asked), "");
	assert_string_equal(asked.input.if_match, "3");
	assert_string_equal(asked.input.form_return, "/rooms?q=a");
	assert_string_equal(asked.input.form_token, "f1");
	assert_true(asked.input.from_form);
	assert_null(asked.input.typed);
	asked_done(&asked);
	static const char *const foreign[] = {"https://evil.example", "//evil.example", "/%5Cevil.example", "/a%0Ab", "/a b", ""};
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
		char body[64] = "title=Blue&_return=";
		strcat(body, foreign[i]);
		asked = ask((struct send){"POST", "/rooms", NULL, FORM, NULL, body});
		assert_true(asked.ok);
		assert_null(asked.input.form_return);
		asked_done(&asked);
	}
}

static void test_what_was_typed_stays(void **state)
{
	(void)state;
	struct asked asked = ask((struct send){"POST", "/rooms", NULL, FORM, NULL, "title=+B&capacity=many&address.city=&_form=x"});
	assert_string_equal(faults(&asked), "/title too_short, /capacity wrong_type");
	assert_string_equal(asked.input.typed->name, "title");
	assert_string_equal(asked.input.typed->value, " B");
	assert_string_equal(asked.input.typed->next->value, "many");
	assert_string_equal(asked.input.typed->next->next->name, "address.city");
	assert_null(asked.input.typed->next->next->next);
	asked_done(&asked);
}

static void local(const char *fields, const char *expected)
{
	char body[200] = "title=Blue&";
	strcat(body, fields);
	struct asked asked = ask((struct send){"POST", "/rooms", NULL, FORM, NULL, body});
	assert_string_equal(asked.ok ? member(&asked, "opens_at") : faults(&asked), expected);
	asked_done(&asked);
}

static void test_local_times(void **state)
{
	(void)state;
	local("opens_at=2026-11-24T14:00&time_zone=Europe/Warsaw", "2026-11-24T13:00:00Z");
	local("opens_at=2026-07-24T14:00:30&_time_zone=Europe/Warsaw", "2026-07-24T12:00:30Z");
	local("opens_at=2026-07-24T14:00&time_zone=Europe/Helsinki&_time_zone=Europe/Warsaw", "2026-07-24T11:00:00Z");
	local("opens_at=2026-07-24T14:00%2B02:00", "2026-07-24T14:00+02:00");
	local("opens_at=2026-07-24T14:00:00Z", "2026-07-24T14:00:00Z");
	local("opens_at=2026-07-24T14:00", "/opens_at bad_date_time");
	local("opens_at=2026-07-24&_time_zone=Europe/Warsaw", "/opens_at bad_date_time");
	local("opens_at=2026-07-24T14:00&_time_zone=CET%2B1", "/_time_zone bad_time_zone, /opens_at bad_date_time");
	local("opens_at=2026-07-24T14:00&time_zone=Mars/Base", "/opens_at bad_date_time, /time_zone bad_time_zone");
	// Summer time ends, or begins, in this night.
	local("opens_at=2026-10-25T02:30&time_zone=Europe/Warsaw", "/opens_at ambiguous_local_time");
	local("opens_at=2026-10-25T02:00&time_zone=Europe/Warsaw", "/opens_at ambiguous_local_time");
	local("opens_at=2026-10-25T01:59&time_zone=Europe/Warsaw", "2026-10-24T23:59:00Z");
	local("opens_at=2026-10-25T03:00&time_zone=Europe/Warsaw", "2026-10-25T02:00:00Z");
	local("opens_at=2027-03-28T02:30&time_zone=Europe/Warsaw", "/opens_at nonexistent_local_time");
	local("opens_at=2027-03-28T03:00&time_zone=Europe/Warsaw", "2027-03-28T01:00:00Z");
	local("opens_at=2026-10-25T03:30&time_zone=Europe/Helsinki", "/opens_at ambiguous_local_time");
	local("opens_at=2027-03-28T03:30&time_zone=Europe/Helsinki", "/opens_at nonexistent_local_time");
	struct asked asked =
	    ask((struct send){"POST", "/rooms", NULL, FORM, NULL, "title=Blue&opens_at=2026-10-25T02:30&time_zone=Europe/Warsaw"});
	assert_string_equal(
	    asked.why.fields->detail, "02:30 on 2026-10-25 happens twice because the clocks go back in Europe/Warsaw; choose another time.");
	asked_done(&asked);
	// JSON says its offset, always.
	expect_json(
	    "POST", "{\"title\":\"Blue\",\"opens_at\":\"2026-11-24T14:00\",\"time_zone\":\"Europe/Warsaw\"}", "/opens_at bad_date_time");
}

static void invite(const char *body, const char *expected)
{
	struct asked asked = ask((struct send){"POST", "/rooms/a/guests", NULL, FORM, NULL, body});
	assert_string_equal(faults(&asked), expected);
	asked_done(&asked);
}

static void test_one_of(void **state)
{
	(void)state;
	invite("person.name=Ola&person.email=ola@example.org&person_id=&group_id=", "");
	invite("person.name=&person.email=&group_id=0190c5a0-1111-7222-8333-444455556666", "");
	invite("person.name=&person.email=&note=", "/person/name required, /person/email required");
	invite("person.name=Ola&person.email=", "/person/email required");
	invite("person_id=", "/person_id required");
	invite("person_id=&group_id=", " required");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_empty_when_creating),
	    cmocka_unit_test(test_empty_when_patching),
	    cmocka_unit_test(test_reserved_fields),
	    cmocka_unit_test(test_what_was_typed_stays),
	    cmocka_unit_test(test_local_times),
	    cmocka_unit_test(test_one_of),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
