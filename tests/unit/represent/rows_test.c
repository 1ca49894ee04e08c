// rows_test.c: rows as JSON, CSV and template values.
#include "represent/represent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "base/secret.h"
#include "hand.h"
#include "represent/sheet.h"

static struct arena *arena;

#define FIRST "0190d2f0-5c1a-7000-8000-000000000001.1"
#define LAST  "0190d2f0-5c1a-7000-8000-000000000002.1"
// What a key of zeros makes of them.
#define FIRST_URL "https://x/r/p/AZDS8FwacACAAAAAAAAAAQABxZub_oW80d16jYp9kzP6bA"
#define LAST_URL  "https://x/r/p/AZDS8FwacACAAAAAAAAAAgABD9eA-8LN1MWBaHaVdK1X6g"

static int start(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static const struct column columns[] = {
    {"name", COLUMN_TEXT},
    {"good", COLUMN_BOOL},
    {"heads", COLUMN_NUMBER},
    {"groups", COLUMN_JSON},
    {"at", COLUMN_TIME},
    {"rsvp_url", COLUMN_TEXT},
    {"_cursor", COLUMN_JSON},
};
static const char *const cells[] = {
    "Łódź \"x\"\n\t\x01",
    "t",
    "12",
    "[\"a\", {\"b\": 1}]",
    "2019-12-17 09:00:00.5+00",
    FIRST,
    "[1]",
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    "",
    "f",
    "-1.5",
    "null",
    "2019-12-17 09:00:00+05:30",
    LAST,
    "[3]",
};

static const struct secret_key key;
static const struct represent_links links = {&key, "https://x", "p"};

static void writes_json(void **state)
{
	(void)state;
	struct rows rows = hand_rows(columns, 7, cells, 3);
	struct buffer out;
	buffer_init(&out, arena);
	represent_json_row(&out, &rows, 0, false, &links);
	assert_string_equal(out.data, "{\"name\":\"Łódź \\\"x\\\"\\n\\t\\u0001\",\"good\":true,\"heads\":12,\"groups\":[\"a\", {\"b\": 1}],"
	                              "\"at\":\"2019-12-17T09:00:00.5Z\",\"rsvp_url\":\"" FIRST_URL "\"}");
	buffer_clear(&out);
	represent_json_row(&out, &rows, 2, true, NULL);
	assert_string_equal(out.data, "{\"name\":\"\",\"good\":false,\"heads\":-1.5,\"groups\":null,\"at\":\"2019-12-17T09:00:00+05:30\","
	                              "\"rsvp_url\":\"" LAST "\",\"_cursor\":[3]}");
	buffer_clear(&out);
	represent_json_list(&out, &rows, 0, NULL, NULL);
	assert_string_equal(out.data, "{\"items\":[],\"next\":null}");
	buffer_clear(&out);
	represent_json_list(&out, &rows, 2, "/x?after=1&limit=2", &links);
	assert_non_null(strstr(out.data,
	    "},{\"name\":null,\"good\":null,\"heads\":null,\"groups\":null,\"at\":null,\"rsvp_url\":null}],\"next\":\"/x?after=1&limit=2\"}"));
	json_t *read = json_loads(out.data, 0, NULL);
	assert_non_null(read);
	json_decref(read);
}

static void writes_json_of_odd_cells(void **state)
{
	(void)state;
	static const struct column odd[] = {{"a", COLUMN_NUMBER}, {"b", COLUMN_NUMBER}, {"c", COLUMN_TIME}, {"d", COLUMN_TEXT}};
	static const char *const values[] = {"NaN", "-Infinity", "infinity", "\x7f\b\f\r\\/"};
	struct rows rows = hand_rows(odd, 4, values, 1);
	struct buffer out;
	buffer_init(&out, arena);
	represent_json_row(&out, &rows, 0, false, NULL);
	assert_string_equal(out.data, "{\"a\":null,\"b\":null,\"c\":\"infinity\",\"d\":\"\\u007f\\b\\f\\r\\\\/\"}");
	rows.columns = 0;
	buffer_clear(&out);
	represent_json_row(&out, &rows, 0, false, NULL);
	assert_string_equal(out.data, "{}");
}

static struct represent_sheet planned(const struct rows *rows, const char *const *wanted, const struct rows *spread)
{
	struct represent_sheet sheet;
	struct represent_wish wish = {.name = "x", .columns = wanted, .spread = spread};
	struct problem why = {0};
	assert_true(represent_sheet_plan(&sheet, rows, &wish, arena, &why));
	return sheet;
}

static void writes_csv(void **state)
{
	(void)state;
	struct rows rows = hand_rows(columns, 7, cells, 3);
	struct represent_csv how = {.separator = ','};
	struct buffer out;
	buffer_init(&out, arena);
	struct represent_sheet sheet = planned(&rows, NULL, NULL);
	represent_csv_header(&out, &sheet, &how);
	represent_csv_rows(&out, &sheet, &rows, &how, &links, arena);
	assert_string_equal(out.data,
	    "name,good,heads,groups,at,rsvp_url\r\n"
	    "\"Łódź \"\"x\"\"\n\t\x01\",true,12,\"[\"\"a\"\", {\"\"b\"\": 1}]\",2019-12-17T09:00:00.5Z," FIRST_URL "\r\n"
	    ",,,,,\r\n"
	    ",false,-1.5,null,2019-12-17T09:00:00+05:30," LAST_URL "\r\n");
	buffer_clear(&out);
	how = (struct represent_csv){.separator = ';', .bom = true};
	represent_csv_header(&out, &sheet, &how);
	assert_string_equal(out.data, "\xef\xbb\xbfname;good;heads;groups;at;rsvp_url\r\n");
}

static void chooses_columns(void **state)
{
	(void)state;
	struct rows rows = hand_rows(columns, 7, cells, 3);
	struct represent_csv how = {.separator = '\t'};
	struct buffer out;
	buffer_init(&out, arena);
	struct represent_sheet sheet = planned(&rows, (const char *[]){"heads", "name", NULL}, NULL);
	represent_csv_header(&out, &sheet, &how);
	represent_csv_rows(&out, &sheet, &rows, &how, NULL, arena);
	assert_string_equal(out.data, "heads\tname\r\n12\t\"Łódź \"\"x\"\"\n\t\x01\"\r\n\t\r\n-1.5\t\r\n");
	struct represent_wish wish = {.name = "x", .columns = (const char *[]){"name", "_cursor", "name", "no", NULL}};
	struct problem why = {0};
	assert_false(represent_sheet_plan(&sheet, &rows, &wish, arena, &why));
	assert_string_equal(why.fields->pointer, "?columns");
	assert_string_equal(why.fields->code, "unknown_column"); // hidden ones are not there
	assert_string_equal(why.fields->next->code, "repeated");
	assert_string_equal(why.fields->next->next->detail, "There is no column `no`. There are: name, good, heads, groups, at, rsvp_url.");
}

static const char *card_of(const char *name, const char *sort_name)
{
	static const struct column parts[] = {{"name", COLUMN_TEXT}, {"sort_name", COLUMN_TEXT}};
	const char *const values[] = {name, sort_name};
	struct rows rows = hand_rows(parts, 2, values, 1);
	struct buffer out;
	buffer_init(&out, arena);
	represent_cards(&out, &rows, arena);
	char *line = strstr(out.data, "\r\nN:") + 4;
	line[strcspn(line, "\r")] = '\0';
	return line;
}

// Family name; given names; ; titles.
static void takes_names_apart(void **state)
{
	(void)state;
	static const struct {
		const char *name, *sort_name, *card;
	} cases[] = {
	    {"Anna Żak", NULL, "Żak;Anna;;;"},
	    {"Anna Maria Nowak-Kowalska", NULL, "Nowak-Kowalska;Anna Maria;;;"},
	    {"dr hab. inż. Jan Kowalski", NULL, "Kowalski;Jan;;dr hab. inż.;"},
	    {"J. Kowalski", NULL, "Kowalski;J.;;;"},
	    {"Pieter van der Berg", NULL, "van der Berg;Pieter;;;"},
	    {"Jan de Vries", "de Vries Jan", "de Vries;Jan;;;"},
	    {"Juan García Márquez", "García Márquez, Juan", "García Márquez;Juan;;;"},
	    {"Juan García Márquez", "Zupełnie inaczej", "Márquez;Juan García;;;"},
	    {"Sekretariat", NULL, "Sekretariat;;;;"},
	    {"a;b, c", NULL, "c;a\\;b\\,;;;"},
	    {"", NULL, ";;;;"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(card_of(cases[i].name, cases[i].sort_name), cases[i].card);
}

// Columns that only the data knows: always as many cells as names, each written as what it is.
static void spreads_an_array(void **state)
{
	(void)state;
	static const struct column one_name[] = {{"name", COLUMN_TEXT}},
	                           table[] = {{"who", COLUMN_TEXT}, {"answers", COLUMN_JSON}, {"last", COLUMN_BOOL}};
	static const char *const names[] = {"Dieta, \"jaka\"?", "=Ile", "Żółw", NULL};
	static const char *const data[] = {"Anna", "[\"wege; ryba\", 2.50, true]", "t", "Ewa", "[null, 12]", "f", "Jan", NULL, NULL};
	struct rows spread = hand_rows(one_name, 1, names, 4), rows = hand_rows(table, 3, data, 3);
	struct represent_csv how = {.separator = ';', .guard = true};
	struct buffer out;
	buffer_init(&out, arena);
	struct represent_sheet sheet = planned(&rows, NULL, &spread);
	represent_csv_header(&out, &sheet, &how);
	represent_csv_rows(&out, &sheet, &rows, &how, NULL, arena);
	assert_string_equal(out.data, "who;\"Dieta, \"\"jaka\"\"?\";\"'=Ile\";Żółw;;last\r\n"
	                              "Anna;\"wege; ryba\";2.5;true;;true\r\nEwa;;12;;;false\r\nJan;;;;;\r\n");
	spread.count = 0;
	buffer_clear(&out);
	sheet = planned(&rows, NULL, &spread);
	represent_csv_header(&out, &sheet, &how);
	assert_string_equal(out.data, "who;last\r\n");
}

static const char *csv_cell(const char *text, bool guard)
{
	static const struct column one[] = {{"x", COLUMN_TEXT}};
	struct rows rows = hand_rows(one, 1, &text, 1);
	struct represent_csv how = {.separator = ';', .guard = guard};
	struct buffer out;
	buffer_init(&out, arena);
	struct represent_sheet sheet = planned(&rows, NULL, NULL);
	represent_csv_rows(&out, &sheet, &rows, &how, NULL, arena);
	out.data[out.length - 2] = '\0';
	return out.data;
}

static void guards_formulas(void **state)
{
	(void)state;
	static const struct {
		const char *text, *guarded, *plain;
	} cases[] = {
	    {"=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"", "\"=HYPERLINK(\"\"x\"\")\""},
	    {"@SUM(A1)", "\"'@SUM(A1)\"", "@SUM(A1)"},
	    {"+48 600 100 200", "\" +48 600 100 200\"", "+48 600 100 200"},
	    {"+48 (12) 345-67", "\" +48 (12) 345-67\"", "+48 (12) 345-67"},
	    {"+1+cmd|' /C calc'!A0", "\"'+1+cmd|' /C calc'!A0\"", "+1+cmd|' /C calc'!A0"},
	    {"+", "\"'+\"", "+"},
	    {"-", "-", "-"},
	    {"-12,5", "-12,5", "-12,5"},
	    {"-1+cmd", "\"'-1+cmd\"", "-1+cmd"},
	    {"-Kowalski", "\"'-Kowalski\"", "-Kowalski"},
	    {"\t=1", "\"'\t=1\"", "\t=1"},
	    {"\r=1", "\"'\r=1\"", "\"\r=1\""},
	    {"＝1+1", "\"'＝1+1\"", "＝1+1"},
	    {"＠x", "\"'＠x\"", "＠x"},
	    {"a=b", "a=b", "a=b"},
	    {"", "", ""},
	    {" x", "\" x\"", "\" x\""},
	    {"a;b", "\"a;b\"", "\"a;b\""},
	    {"a,b", "a,b", "a,b"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_string_equal(csv_cell(cases[i].text, true), cases[i].guarded);
		assert_string_equal(csv_cell(cases[i].text, false), cases[i].plain);
	}
}

static void makes_values(void **state)
{
	(void)state;
	struct rows rows = hand_rows(columns, 7, cells, 3);
	json_t *first = represent_value(&rows, 0, &links), *last = represent_value(&rows, 2, NULL);
	char *one = json_dumps(first, JSON_COMPACT), *other = json_dumps(last, JSON_COMPACT);
	assert_string_equal(one, "{\"name\":\"Łódź \\\"x\\\"\\n\\t\\u0001\",\"good\":true,\"heads\":12,\"groups\":[\"a\",{\"b\":1}],"
	                         "\"at\":\"2019-12-17T09:00:00.5Z\",\"rsvp_url\":\"" FIRST_URL "\",\"_cursor\":[1]}");
	assert_string_equal(other,
	    "{\"name\":\"\",\"good\":false,\"heads\":-1.5,\"groups\":null,\"at\":\"2019-12-17T09:00:00+05:30\",\"rsvp_url\":\"" LAST "\","
	    "\"_cursor\":[3]}");
	free(one);
	free(other);
	json_decref(first);
	json_decref(last);
}

static void rewrites_times(void **state)
{
	(void)state;
	assert_string_equal(represent_time(arena, "2019-12-17 09:00:00.5+00"), "2019-12-17T09:00:00.5Z");
	assert_string_equal(represent_time(arena, "2019-12-17 09:00:00-03"), "2019-12-17T09:00:00-03:00");
	assert_string_equal(represent_time(arena, "infinity"), "infinity");
	assert_string_equal(represent_time(arena, "0044-03-15 00:00:00+00 BC"), "0044-03-15 00:00:00+00 BC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_json),
	    cmocka_unit_test(writes_json_of_odd_cells),
	    cmocka_unit_test(writes_csv),
	    cmocka_unit_test(chooses_columns),
	    cmocka_unit_test(takes_names_apart),
	    cmocka_unit_test(spreads_an_array),
	    cmocka_unit_test(guards_formulas),
	    cmocka_unit_test(makes_values),
	    cmocka_unit_test(rewrites_times),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
