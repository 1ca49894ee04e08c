// route_test.c: methods and paths lead to operations, suffixes and Accept to representations.
#include "fixture.h"

#include <string.h>

static void leads(const char *method, const char *path, const char *expected)
{
	struct arena *arena = arena_new();
	struct contract_match match;
	struct problem why = {0};
	bool found = contract_route(&match, method, path, arena, &why);
	const char *answer = !found            ? arena_print(arena, "%d %s", problem_status(why.kind), why.allow ? why.allow : "-")
	                     : match.operation ? match.operation->id
	                                       : /* OPTIONS */ match.allow;
	for (int i = 0; found && match.operation && i < match.operation->path_parameters; i++)
		answer = arena_print(arena, "%s %s", answer, match.path_value[i]);
	if (found && match.form)
		answer = arena_print(arena, "%s form %u", answer, match.form);
	assert_string_equal(answer, expected);
	arena_free(arena);
}

static void test_paths(void **state)
{
	(void)state;
	leads("GET", "/", "front");
	leads("GET", "/rooms", "list_rooms");
	leads("POST", "/rooms", "create_room");
	leads("GET", "/rooms/blue-1", "get_room blue-1");
	leads("HEAD", "/rooms/blue", "get_room blue");
	leads("GET", "/%72ooms/bl%75e", "get_room blue");
	leads("DELETE", "/rooms/blue", "delete_room blue");
	leads("GET", "/rooms/blue/guests/0190C5A0-1111-7222-8333-444455556666", "get_guest blue 0190c5a0-1111-7222-8333-444455556666");
	leads("GET", "/openapi.json", "document");
}

static void test_literals_beat_parameters(void **state)
{
	(void)state;
	leads("PUT", "/rooms/order", "order_rooms");
	leads("GET", "/rooms/order", "get_room order"); // there is no GET of the literal one
	leads("GET", "/rooms/order/calendar.ics", "room_calendar order");
}

static void test_nowhere(void **state)
{
	(void)state;
	leads("GET", "/nothing", "404 -");
	leads("GET", "/rooms/", "404 -");
	leads("GET", "//rooms", "404 -");
	leads("GET", "rooms", "404 -");
	leads("GET", "", "404 -");
	leads("GET", "/rooms/Blue", "404 -");
	leads("GET", "/rooms/a%2Fb", "404 -");
	leads("GET", "/rooms/a%0Ab", "404 -");
	leads("GET", "/rooms/blue/guests/7", "404 -");
	leads("GET", "/rooms/blue/more/and/more", "404 -");
	leads("GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s", "404 -");
	leads("GET", "/rooms/%zz", "400 -");
	leads("GET", "/rooms/%00", "400 -");
	leads("GET", "/rooms/%ff", "400 -");
	leads("GET", "/rooms/%4", "400 -");
}

static void test_methods(void **state)
{
	(void)state;
	leads("PUT", "/rooms", "405 GET, HEAD, POST, OPTIONS");
	leads("TRACE", "/rooms", "405 GET, HEAD, POST, OPTIONS");
	leads("get", "/rooms", "405 GET, HEAD, POST, OPTIONS");
	leads("OPTIONS", "/rooms", "GET, HEAD, POST, OPTIONS");
	leads("OPTIONS", "/rooms/x", "GET, HEAD, PATCH, DELETE, OPTIONS");
	leads("OPTIONS", "/nothing", "404 -");
	leads("TRACE", "/nothing", "404 -");
	leads("OPTIONS", "*", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

static void test_suffixes(void **state)
{
	(void)state;
	leads("GET", "/rooms.csv", "list_rooms form 4");
	leads("GET", "/rooms.json", "list_rooms form 1");
	leads("GET", "/rooms/blue.ics", "get_room blue form 8");
	leads("HEAD", "/rooms/blue.html", "get_room blue form 2");
	leads("GET", "/rooms/blue.csv", "404 -");
	leads("GET", "/rooms/blue.pdf", "404 -");
	leads("POST", "/rooms.csv", "404 -");
	leads("GET", "/rooms/blue/calendar.ics", "room_calendar blue");
	leads("GET", "/rooms/.ics", "404 -");
	leads("GET", "/r/goz/Tok_en-1.ics", "get_answer goz Tok_en-1 form 8");
	leads("GET", "/r/goz/Tok.en", "get_answer goz Tok.en");
	leads("POST", "/r/goz/Tok_en-1", "ping goz Tok_en-1");
}

static int negotiated(const char *path, const char *method, const char *accept)
{
	struct arena *arena = arena_new();
	struct contract_match match;
	struct problem why = {0};
	enum contract_form form;
	assert_true(contract_route(&match, method, path, arena, &why));
	int answer = contract_negotiate(&match, accept, &form, &why) ? (int)form : problem_status(why.kind);
	arena_free(arena);
	return answer;
}

static void test_negotiation(void **state)
{
	(void)state;
	static const char browser[] = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
	assert_int_equal(negotiated("/rooms/a", "GET", NULL), FORM_JSON);
	assert_int_equal(negotiated("/rooms/a", "GET", ""), FORM_JSON);
	assert_int_equal(negotiated("/rooms/a", "GET", "*/*"), FORM_JSON);
	assert_int_equal(negotiated("/rooms/a", "GET", browser), FORM_HTML);
	assert_int_equal(negotiated("/rooms/a", "GET", "text/*"), FORM_HTML);
	assert_int_equal(negotiated("/rooms/a", "GET", "text/calendar"), FORM_ICS);
	assert_int_equal(negotiated("/rooms/a", "GET", "TEXT/Calendar ; charset=utf-8 ; Q=0.5 , application/json;q=0.4"), FORM_ICS);
	assert_int_equal(negotiated("/rooms/a", "GET", "text/*;q=0.9, text/html;q=0.1, application/json;q=0.5"), FORM_ICS);
	assert_int_equal(negotiated("/rooms/a", "GET", "*/*, application/json;q=0"), FORM_HTML);
	assert_int_equal(negotiated("/rooms/a", "GET", "text/csv"), 406);
	assert_int_equal(negotiated("/rooms/a", "GET", "application/json;q=0"), 406);
	assert_int_equal(negotiated("/rooms/a", "GET", "image/png, nonsense, ;;;, /"), 406);
	assert_int_equal(negotiated("/rooms/a.ics", "GET", browser), FORM_ICS);
	assert_int_equal(negotiated("/rooms", "POST", "text/html"), FORM_HTML); // leads to its form's page
	assert_int_equal(negotiated("/rooms", "POST", "text/csv"), 406);
	assert_int_equal(negotiated("/rooms/a", "DELETE", "text/csv"), FORM_JSON); // has nothing to show
}

static void test_method_override(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(contract_method_override("POST", FORM "; charset=utf-8", "a=1&_method=patch", 17, arena), "PATCH");
	assert_null(contract_method_override("GET", FORM, "_method=PATCH", 13, arena));
	assert_null(contract_method_override("POST", JSON, "_method=PATCH", 13, arena));
	assert_null(contract_method_override("POST", FORM, "_method=TRACE", 13, arena));
	assert_null(contract_method_override("POST", NULL, "_method=PATCH", 13, arena));
	arena_free(arena);
}

static void test_texts(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_string_equal(contract_encode(arena, "zażółć a/b~"), "za%C5%BC%C3%B3%C5%82%C4%87%20a%2Fb~");
	assert_string_equal(contract_decode(arena, "a+b%20c", 7, true), "a b c");
	assert_string_equal(contract_decode(arena, "a+b%20c", 7, false), "a+b c");
	assert_null(contract_decode(arena, "%C5", 3, false));
	assert_null(contract_decode(arena, "%ED%A0%80", 9, false)); // a surrogate
	assert_string_equal(contract_cursor(arena, "list_people", "[\"a\",1]") + 6, contract_cursor(arena, "list_venues", "[\"a\",1]") + 6);
	assert_string_equal(contract_role_name(ROLE_ORGANISER), "organiser");
	assert_non_null(contract_statement("get_room.guests"));
	assert_non_null(contract_statement("enter"));
	assert_null(contract_statement("nothing"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_literals_beat_parameters),
	    cmocka_unit_test(test_nowhere),
	    cmocka_unit_test(test_methods),
	    cmocka_unit_test(test_suffixes),
	    cmocka_unit_test(test_negotiation),
	    cmocka_unit_test(test_method_override),
	    cmocka_unit_test(test_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
