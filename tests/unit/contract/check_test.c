// check_test.c: what a JSON request, a query and a precondition are refused for, and what is made of good ones.
#include "fixture.h"

#include <string.h>

#define WITH(rest) "{\"title\":\"Blue\"," rest "}"

static void test_members(void **state)
{
	(void)state;
	expect_json("POST", "{\"title\":\"Blue\"}", "");
	expect_json("POST", "{}", "/title required");
	expect_json("POST", "{\"title\":null}", "/title not_null");
	expect_json("POST", "{\"title\":7}", "/title wrong_type");
	expect_json("POST", "{\"title\":\"B\"}", "/title too_short");
	expect_json("POST", "{\"title\":\"Blue, blue, blue\"}", "/title too_long");
	expect_json("POST", "{\"title\":\"zażółć gęślą\"}", "");                                                     // 12 characters, 19 bytes
	expect_json("POST", "{\"title\":\"z\\u0307z\\u0307z\\u0307z\\u0307z\\u0307z\\u0307z\\u0307z\\u0307\"}", ""); // 8 after NFC
	expect_json("POST", "{\"title\":\"two\\nlines\"}", "/title control_character");
	expect_json("POST", "{\"title\":\"nel\\u0085\"}", "/title control_character");
	expect_json("POST", WITH("\"note\":\"two\\r\\nlines\\tand tab\""), "");
	expect_json("POST", WITH("\"note\":\"bell\\u0007\""), "/note control_character");
	expect_json("POST", WITH("\"note\":null"), "");
	expect_json("POST", WITH("\"colour\":1,\"a/b~\":2"), "/colour unknown_member, /a~1b~0 unknown_member");
	expect_json("POST", WITH("\"kind\":\"roof\""), "/kind not_a_choice");
	expect_json("POST", WITH("\"slug\":\"Blue\""), "/slug bad_pattern");
	expect_json("POST", WITH("\"slug\":\"blue\\n\""), "/slug control_character");
	expect_json("POST", WITH("\"open\":\"true\""), "/open wrong_type");
}

static void test_numbers(void **state)
{
	(void)state;
	expect_json("POST", WITH("\"capacity\":0"), "/capacity too_small");
	expect_json("POST", WITH("\"capacity\":501"), "/capacity too_big");
	expect_json("POST", WITH("\"capacity\":50.5"), "/capacity wrong_type");
	expect_json("POST", WITH("\"capacity\":\"50\""), "/capacity wrong_type");
	expect_json("POST", WITH("\"capacity\":1e300"), "/capacity wrong_type");
	expect_json("POST", WITH("\"height\":0.25"), "/height too_small");
	expect_json("POST", WITH("\"doors\":[{\"name\":\"a\",\"width\":2147483648}]"), "/doors/0/width too_big");
	struct asked asked = ask((struct send){"POST", "/rooms", NULL, JSON, NULL, WITH("\"capacity\":50.0,\"height\":2")});
	assert_string_equal(faults(&asked), "");
	assert_string_equal(member(&asked, "capacity"), "50");
	assert_string_equal(member(&asked, "height"), "2");
	asked_done(&asked);
}

static void test_lists_and_objects(void **state)
{
	(void)state;
	expect_json("POST", WITH("\"tags\":[]"), "/tags too_few");
	expect_json("POST", WITH("\"tags\":[\"a\",\"b\",\"c\",\"d\"]"), "/tags too_many");
	expect_json("POST", WITH("\"tags\":[\"a\",7,\"\"]"), "/tags/1 wrong_type, /tags/2 too_short");
	expect_json("POST", WITH("\"address\":{\"street\":\"Rynek\"}"), "/address/city required");
	expect_json("POST", WITH("\"address\":[]"), "/address wrong_type");
	expect_json("POST", WITH("\"doors\":[{\"name\":\"a\"},{\"nome\":\"b\"}]"), "/doors/1/name required, /doors/1/nome unknown_member");
}

static void expect_member(const char *name, const char *value, const char *code)
{
	struct arena *arena = arena_new();
	char *body = arena_print(arena, "{\"title\":\"Blue\",\"%s\":\"%s\"}", name, value);
	expect_json("POST", body, code ? arena_print(arena, "/%s %s", name, code) : "");
	arena_free(arena);
}

static void test_times(void **state)
{
	(void)state;
	static const char *const good[] = {"2026-11-24T14:00:00Z", "2026-11-24t14:00:00.123456z", "2026-11-24T14:00:00+05:45",
	    "2016-12-31T23:59:60Z", "2017-01-01T00:59:60+01:00", "2024-02-29T00:00:00-00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"};
	static const char *const bad[] = {"2026-11-24", "2026-11-24T14:00:00", "2026-11-24T14:00Z", "2026-11-24 14:00:00Z",
	    "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T14:60:00Z", "2026-11-24T14:00:61Z",
	    "2026-11-24T14:00:60Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "9999-12-31T23:59:60Z",
	    "2026-11-24T14:00:00+16:00", "2026-11-24T14:00:00.Z", "2026-11-24T14:00:00+0100", "+2026-11-24T14:00:00Z", "2026-11-24T14:00:00Z ",
	    "tomorrow", ""};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		expect_member("opens_at", good[i], NULL);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		expect_member("opens_at", bad[i], "bad_date_time");
	expect_member("built_on", "2024-02-29", NULL);
	expect_member("built_on", "2023-02-29", "bad_date");
	expect_member("built_on", "0000-01-01", "bad_date");
	expect_member("built_on", "2024-2-29", "bad_date");
}

static void test_addresses(void **state)
{
	(void)state;
	static const char *const good[] = {"jan@example.org", " jan@example.org\\u00a0", "\\u200bjan@example.org", "o'neil+x@a-b.example",
	    "żółw@żółw.pl", "jan@xn--w-uga1v8h.pl"};
	static const char *const bad[] = {"", "jan", "jan@", "@example.org", "a@b@example.org", "jan@gmail", "ja n@example.org",
	    "jan@exam ple.org", "<jan@example.org>", "a,b@example.org", "jan@-a.org", "jan@a..org", ".jan@a.org", "jan.@a.org", "ja..n@a.org",
	    "jan@a.org."};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		expect_member("email", good[i], NULL);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		expect_member("email", bad[i], "bad_email");
	expect_member("email", "jan@example.org\\r\\nBcc: x", "control_character");
	static const char *const pages[] = {
	    "https://example.org", "http://example.org:8080/a?b=c#d", "HTTPS://żółw.pl/ścieżka", "http://localhost/"};
	static const char *const no_pages[] = {"", "example.org", "ftp://example.org", "javascript:alert(1)", "https://", "https:///path",
	    "https://a b.org", "https://example.org:x", "https://example.org/<x>", "https://user@example.org"};
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
		expect_member("website", pages[i], NULL);
	for (size_t i = 0; i < sizeof no_pages / sizeof no_pages[0]; i++)
		expect_member("website", no_pages[i], "bad_uri");
}

static void test_names(void **state)
{
	(void)state;
	static const char *const zones[] = {"Europe/Warsaw", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1"};
	static const char *const no_zones[] = {
	    "", "CET+1", "CET", "GMT+01:00", "Europe/Krakow", "+01:00", "Etc/Unknown", "Europe/Warsaw; drop"};
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
		expect_member("time_zone", zones[i], NULL);
	for (size_t i = 0; i < sizeof no_zones / sizeof no_zones[0]; i++)
		expect_member("time_zone", no_zones[i], "bad_time_zone");
	static const char *const languages[] = {"pl", "en-GB", "sr-Latn-RS"};
	static const char *const no_languages[] = {"", "p", "pl_PL", "pl ", "?", "-"};
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
		expect_member("language", languages[i], NULL);
	for (size_t i = 0; i < sizeof no_languages / sizeof no_languages[0]; i++)
		expect_member("language", no_languages[i], "bad_language");
	expect_member("owner_id", "0190c5a0-1111-7222-8333-44445555666G", "bad_uuid");
	expect_member("owner_id", "0190c5a0111172228333444455556666", "bad_uuid");
	expect_member("owner_id", "0190C5A0-1111-7222-8333-444455556666", NULL);
}

static void test_five_mistakes_at_once(void **state)
{
	(void)state;
	expect_json("POST", "{\"title\":\"\",\"capacity\":-1,\"opens_at\":\"soon\",\"address\":{\"city\":7},\"colour\":\"red\"}",
	    "/title too_short, /capacity too_small, /opens_at bad_date_time, /address/city wrong_type, /colour unknown_member");
}

static void test_what_statements_get(void **state)
{
	(void)state;
	struct asked asked = ask((struct send){"POST", "/rooms", NULL, "Application/JSON; charset=UTF-8", NULL,
	    "{\"title\":\"o\\u0301smy\",\"note\":\"a\\r\\nb\",\"tags\":[\"o\\u0301\"],\"capacity\":null,\"email\":\" a@b.pl \","
	    "\"address\":{\"city\":\"Krako\\u0301w\"}}"});
	assert_string_equal(faults(&asked), "");
	assert_string_equal(member(&asked, "title"), "ósmy");
	assert_string_equal(member(&asked, "note"), "a\nb");
	assert_string_equal(member(&asked, "tags"), "[\"ó\"]");
	assert_string_equal(member(&asked, "address"), "{\"city\":\"Kraków\"}");
	assert_string_equal(member(&asked, "email"), "a@b.pl");
	assert_null(member(&asked, "capacity"));
	assert_true(member_present(&asked, "capacity"));
	assert_string_equal(member(&asked, "kind"), "hall"); // by default, though not present
	assert_false(member_present(&asked, "kind"));
	assert_string_equal(member(&asked, "open"), "true");
	assert_non_null(strstr(asked.input.body_text, "\"email\":\"a@b.pl\""));
	asked_done(&asked);

	asked = ask((struct send){"PATCH", "/rooms/a", NULL, "application/merge-patch+json", "\"3-9f8a\"", "{\"note\":null}"});
	assert_string_equal(faults(&asked), "");
	assert_string_equal(asked.input.if_match, "3");
	assert_true(member_present(&asked, "note"));
	assert_null(member(&asked, "note"));
	assert_false(member_present(&asked, "open"));
	assert_null(member(&asked, "open")); // a patch has no defaults
	asked_done(&asked);
}

static void test_refused_json(void **state)
{
	(void)state;
	expect_json("POST", "{\"title\":\"a\",\"title\":\"b\"}", "400 bad_json");
	expect_json("POST", "{\"title\":\"\\u0000\"}", "400 bad_json");
	expect_json("POST", "{\"title\":\"\xff\"}", "400 bad_json");
	expect_json("POST", "{\"title\":\"\\ud800\"}", "400 bad_json");
	expect_json("POST", "{\"title\":\"a\"} x", "400 bad_json");
	expect_json("POST", "{\"title\":", "400 bad_json");
	expect_json("POST", "{\"capacity\":99999999999999999999}", "400 bad_json");
	expect_json("POST", "[]", "400 not_an_object");
	expect_json("POST", "7", "400 not_an_object");
	expect_json("POST", "", "400 no_body");
	expect_json("POST", "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", "400 json_too_deep");
	struct arena *arena = arena_new();
	char *many = arena_alloc(arena, 120020);
	memset(many, ',', 120010);
	memcpy(many, "{\"tags\":[", 9);
	expect_json("POST", many, "400 json_too_big");
	arena_free(arena);
	struct asked asked = ask((struct send){"POST", "/rooms", NULL, JSON, NULL, "{\n \"title\": nope}"});
	assert_non_null(strstr(asked.why.detail, "line 2, column"));
	asked_done(&asked);
}

static void expect_type(const char *type, const char *body, const char *expected)
{
	struct asked asked = ask((struct send){"POST", "/rooms", NULL, type, NULL, body});
	assert_string_equal(faults(&asked), expected);
	asked_done(&asked);
}

static void test_media_types(void **state)
{
	(void)state;
	expect_type("text/plain", "{}", "415 -");
	expect_type("multipart/form-data; boundary=x", "--x", "415 -");
	expect_type("application/json; charset=iso-8859-2", "{}", "415 -");
	expect_type("application/jsonp", "{}", "415 -");
	expect_type(NULL, "{}", "415 -");
	expect_type(FORM, "{\"title\":\"Blue\"}", "415 -");
	expect_type(NULL, NULL, "400 no_body");
}

static void expect_version(const char *if_match, const char *expected)
{
	struct asked asked = ask((struct send){"DELETE", "/rooms/a", NULL, NULL, if_match, NULL});
	assert_string_equal(asked.ok ? asked.input.if_match : faults(&asked), expected);
	asked_done(&asked);
}

static void test_preconditions(void **state)
{
	(void)state;
	expect_version("\"3\"", "3");
	expect_version("\"3-9f8a-gzip\"", "3");
	expect_version("W/\"3\"", "3");
	expect_version(" \"3\" , \"3-aa\" ", "3");
	expect_version("*", "-1");
	expect_version(NULL, "428 -");
	expect_version("\"9f8a\"", "412 -");
	expect_version("\"\"", "412 -");
	expect_version("\"9999999999999999999\"", "412 -");
	expect_version("\"3\", \"4\"", "400 bad_if_match");
	expect_version("3", "400 bad_if_match");
	expect_version("\"3", "400 bad_if_match");
	expect_version("\"3\" \"3\"", "400 bad_if_match");
	expect_version("", "400 bad_if_match");
	expect_version("\"3\xff\xc5", "400 bad_if_match"); // a header need not be UTF-8
	expect_version("\"\xff\xc5\"", "412 -");
	expect_json("DELETE", "", "405 -");
}

static void test_bodies_where_none_belongs(void **state)
{
	(void)state;
	static const struct {
		const char *type, *body, *expected;
	} cases[] = {{NULL, NULL, ""}, {JSON, "{}", ""}, {JSON, "{\"a\":1}", "/a unknown_member"}, {FORM, "_form=x&_return=/a", ""},
	    {FORM, "a.b=1", "/a/b unknown_member"}, {"text/plain", "x", "415 -"}, {JSON, "{", "400 bad_json"}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct asked asked = ask((struct send){"POST", "/r/goz/t", NULL, cases[i].type, NULL, cases[i].body});
		assert_string_equal(faults(&asked), cases[i].expected);
		asked_done(&asked);
	}
	struct asked asked = ask((struct send){"GET", "/rooms/a", NULL, "text/plain", NULL, "whatever"});
	assert_true(asked.ok);
	asked_done(&asked);
}

static void test_one_of(void **state)
{
	(void)state;
	static const struct {
		const char *body, *expected;
	} cases[] = {
	    {"{\"person\":{\"name\":\"Ola\",\"email\":\"ola@example.org\"},\"note\":\"x\"}", ""},
	    {"{\"person_id\":\"0190c5a0-1111-7222-8333-444455556666\"}", ""},
	    {"{\"group_id\":\"x\"}", "/group_id bad_uuid"},
	    {"{\"group_id\":\"0190c5a0-1111-7222-8333-444455556666\",\"note\":\"x\"}", "/note unknown_member"},
	    {"{}", " required"},
	    {"{\"person\":{\"name\":\"\"},\"person_id\":\"x\"}",
	        " not_a_choice, /person/name too_short, /person/email required, /person_id bad_uuid"},
	    {"{\"colour\":1}", " required, /colour unknown_member"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct asked asked = ask((struct send){"POST", "/rooms/a/guests", NULL, JSON, NULL, cases[i].body});
		assert_string_equal(faults(&asked), cases[i].expected);
		if (!strncmp(cases[i].expected, " required", 9))
			assert_string_equal(asked.why.fields->detail, "One of these must be given: person, or person_id, or group_id.");
		asked_done(&asked);
	}
}

static void expect_query(const char *query, const char *expected)
{
	struct asked asked = ask((struct send){"GET", "/rooms", query, NULL, NULL, NULL});
	assert_string_equal(faults(&asked), expected);
	asked_done(&asked);
}

static void test_queries(void **state)
{
	(void)state;
	expect_query("", "");
	expect_query("lang=pl&done=create_room&utm_source=mail&&", "");
	expect_query("limit=0", "?limit too_small");
	expect_query("limit=101", "?limit too_big");
	expect_query("limit=0x10", "?limit wrong_type");
	expect_query("limit=1e1", "?limit wrong_type");
	expect_query("limit=5&limit=6", "?limit repeated");
	expect_query("q=twelve+chars", "?q too_long");
	expect_query("q=a%0Ab", "?q control_character");
	expect_query("free=maybe", "?free wrong_type");
	expect_query("kind=hall&kind=roof", "?kind not_a_choice");
	expect_query("kind=hall&kind=hall&kind=hall", "?kind too_many");
	expect_query("colour=red&limit=x", "?colour unknown_parameter, ?limit wrong_type");
	expect_query("q=%zz", "400 bad_query");
	expect_query("q=%ff", "400 bad_query");
	expect_query("after=!!", "400 bad_cursor");
	expect_query("after=e30", "400 bad_cursor");        // {}
	expect_query("after=W10", "400 bad_cursor");        // []
	expect_query("after=W1tdXQ", "400 bad_cursor");     // [[]]
	expect_query("after=WyJhIiwxXQ", "400 bad_cursor"); // ["a",1], but not from us
	struct arena *arena = arena_new();
	const char *elsewhere = arena_print(arena, "after=%s", contract_cursor(arena, "read_room", "[\"a\",1]"));
	expect_query(elsewhere, "400 bad_cursor");
	const char *query = arena_print(
	    arena, "after=%s&q=%%C5%%BB+x&kind=hall&kind=cellar&free=false&limit=", contract_cursor(arena, "list_rooms", "[\"a\",1]"));
	struct asked asked = ask((struct send){"GET", "/rooms", query, NULL, NULL, NULL});
	assert_string_equal(faults(&asked), "");
	assert_string_equal(parameter(&asked, "after"), "[\"a\",1]");
	assert_string_equal(parameter(&asked, "q"), "Ż x");
	assert_string_equal(parameter(&asked, "kind"), "[\"hall\",\"cellar\"]");
	assert_string_equal(parameter(&asked, "free"), "false");
	assert_string_equal(parameter(&asked, "limit"), "20");
	asked_done(&asked);
	arena_free(arena);
}

static void test_bindings(void **state)
{
	(void)state;
	struct asked asked = ask((struct send){"PATCH", "/rooms/a", NULL, JSON, "\"3\"", "{\"title\":\"Red\"}"});
	const struct contract_surroundings around = {.request_path = "/rooms/a", .request_id = "r1", .language = "pl"};
	const struct contract_step *lock = &asked.match.operation->step[0], *main_step = &asked.match.operation->step[1];
	assert_string_equal(lock->part, "lock");
	assert_string_equal(contract_bind(&asked.input, &lock->binding[0], &around, asked.arena), "3");
	assert_string_equal(contract_bind(&asked.input, &lock->binding[1], &around, asked.arena), "a");
	assert_string_equal(contract_bind(&asked.input, &main_step->binding[0], &around, asked.arena), "true");
	assert_string_equal(contract_bind(&asked.input, &main_step->binding[1], &around, asked.arena), "Red");
	assert_null(contract_bind(&asked.input, &main_step->binding[2], &around, asked.arena));
	assert_string_equal(contract_bind(&asked.input, &main_step->binding[3], &around, asked.arena), "false");
	asked_done(&asked);
}

// A client that sends a million faults is not answered with a million.
static void test_faults_end(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const char *body = "{\"x\":0";
	for (int i = 0; i < 300; i++)
		body = arena_print(arena, "%s,\"m%d\":0", body, i);
	struct asked asked = ask((struct send){"POST", "/rooms", NULL, JSON, NULL, arena_print(arena, "%s}", body)});
	int count = 0;
	for (const struct problem_field *field = asked.why.fields; field; field = field->next)
		count++;
	assert_int_equal(count, 100);
	asked_done(&asked);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_lists_and_objects),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_five_mistakes_at_once),
	    cmocka_unit_test(test_what_statements_get),
	    cmocka_unit_test(test_refused_json),
	    cmocka_unit_test(test_media_types),
	    cmocka_unit_test(test_preconditions),
	    cmocka_unit_test(test_bodies_where_none_belongs),
	    cmocka_unit_test(test_one_of),
	    cmocka_unit_test(test_queries),
	    cmocka_unit_test(test_bindings),
	    cmocka_unit_test(test_faults_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
