// text_test.c: lists as text: encodings, separators, quotes, and addresses as mail programs write them.
#include "read.h"

static void assert_list(const char *text, size_t length, const char *encoding, const char *separator, const char *json)
{
	struct reading reading = read_list(text, length);
	assert_rows(&reading, json);
	assert_string_equal(reading.table.encoding, encoding);
	if (separator)
		assert_string_equal(reading.table.separator, separator);
	else
		assert_null(reading.table.separator);
	arena_free(reading.arena);
}

#define LIST(text, encoding, separator, json) assert_list(text, sizeof(text) - 1, encoding, separator, json)

static void test_encodings(void **state)
{
	(void)state;
	LIST("imie;x\r\nza\xbf\xf3\xb3\xe6 g\xea\x9cl\xb9;1\r\n", "windows-1250", "semicolon",
	    "[[1,\"imie\",\"x\"],[2,\"zażółć gęślą\",\"1\"]]");
	LIST("imie;x\r\nza\xbf\xf3\xb3\xe6 g\xea\xb6l\xb1;1\r\n", "iso-8859-2", "semicolon", "[[1,\"imie\",\"x\"],[2,\"zażółć gęślą\",\"1\"]]");
	LIST("\xef\xbb\xbfimie;x\r\nza\u017c\u00f3\u0142\u0107;1", "utf-8", "semicolon", "[[1,\"imie\",\"x\"],[2,\"zażółć\",\"1\"]]");
	LIST("a\tb\n\u017b\t1\n", "utf-8", "tab", "[[1,\"a\",\"b\"],[2,\"Ż\",\"1\"]]");
	LIST("\xff\xfe"
	     "a\0\t\0b\0\r\0\n\0"
	     "B\1\t\0"
	     "1\0",
	    "utf-16le", "tab", "[[1,\"a\",\"b\"],[2,\"ł\",\"1\"]]");
	LIST("\xfe\xff"
	     "\0a\0\t\0b\0\n"
	     "\1B\0\t\0"
	     "1",
	    "utf-16be", "tab", "[[1,\"a\",\"b\"],[2,\"ł\",\"1\"]]");
	LIST("a\0\t\0b\0\n\0c\0\t\0d\0", "utf-16le", "tab", "[[1,\"a\",\"b\"],[2,\"c\",\"d\"]]");
	LIST("nimi;x\nP\xe4ivi \xc5"
	     "berg;1",
	    "windows-1252", "semicolon", "[[1,\"nimi\",\"x\"],[2,\"Päivi Åberg\",\"1\"]]");
}

static void test_an_encoding_that_is_told(void **state)
{
	(void)state;
	static const char text[] = "a;b\n\xb1;1";
	struct reading reading = read_hinted(text, sizeof text - 1, (struct ingest_hints){.encoding = "windows-1250"});
	assert_rows(&reading, "[[1,\"a\",\"b\"],[2,\"±\",\"1\"]]");
	arena_free(reading.arena);
	reading = read_hinted(text, sizeof text - 1, (struct ingest_hints){.encoding = "utf-8"});
	assert_refused(&reading, "list_bad_encoding");
	reading = read_hinted("a,b;c", 5, (struct ingest_hints){.separator = "comma"});
	assert_rows(&reading, "[[1,\"a\",\"b;c\"]]");
	arena_free(reading.arena);
}

static void test_separators(void **state)
{
	(void)state;
	LIST("a;b\nKowalski, Jan;1\nNowak, Ola;2", "utf-8", "semicolon",
	    "[[1,\"a\",\"b\"],[2,\"Kowalski, Jan\",\"1\"],[3,\"Nowak, Ola\",\"2\"]]");
	LIST("a,b\n\"x;y\",1", "utf-8", "comma", "[[1,\"a\",\"b\"],[2,\"x;y\",\"1\"]]");
	LIST("a|b\nx|y", "utf-8", "pipe", "[[1,\"a\",\"b\"],[2,\"x\",\"y\"]]");
	LIST("sep=,\r\na;b,c\r\n", "utf-8", "comma", "[[2,\"a;b\",\"c\"]]");
	LIST("jeden\ndwa\n", "utf-8", NULL, "[[1,\"jeden\"],[2,\"dwa\"]]");
}

static void test_quotes_and_lines(void **state)
{
	(void)state;
	LIST("a;b\r\n\"x\r\ny;\"\"z\"\"\";1\r\n\r\n;;\r\nu;2", "utf-8", "semicolon",
	    "[[1,\"a\",\"b\"],[2,\"x\\ny;\\\"z\\\"\",\"1\"],[5,\"u\",\"2\"]]");
	LIST("a;b\rc;d\r", "utf-8", "semicolon", "[[1,\"a\",\"b\"],[2,\"c\",\"d\"]]");
	LIST("\"Firma\" sp. z o.o.;Jan \"Janek\" K\n;x", "utf-8", "semicolon",
	    "[[1,\"Firma sp. z o.o.\",\"Jan \\\"Janek\\\" K\"],[2,\"\",\"x\"]]");
	LIST("a;b\n\"\";\"\"\"\"\n", "utf-8", "semicolon", "[[1,\"a\",\"b\"],[2,\"\",\"\\\"\"]]");
}

static void test_cells_are_what_people_mean(void **state)
{
	(void)state;
	LIST("a;b\n\u00a0 Zaja\u0328c\u200b ;'=1+1\n'O'Neil;\" +48 600\"", "utf-8", "semicolon",
	    "[[1,\"a\",\"b\"],[2,\"Zając\",\"=1+1\"],[3,\"'O'Neil\",\"+48 600\"]]");
	LIST("a;b\nx\x01y\tz;\xc2\x85"
	     "1",
	    "utf-8", "semicolon", "[[1,\"a\",\"b\"],[2,\"xy z\",\"1\"]]");
}

static void test_addresses(void **state)
{
	(void)state;
	LIST("Jan Kowalski <jan@x.pl>; \"Nowak, Ola\" <ola@x.pl>;mailto:ewa@x.pl; ", "utf-8", NULL,
	    "[[1,\"Jan Kowalski\",\"jan@x.pl\"],[2,\"Nowak, Ola\",\"ola@x.pl\"],[3,\"\",\"ewa@x.pl\"]]");
	LIST("Kowalski, Jan <jan@x.pl>, Nowak, Ola <ola@x.pl>", "utf-8", NULL,
	    "[[1,\"Kowalski, Jan\",\"jan@x.pl\"],[2,\"Nowak, Ola\",\"ola@x.pl\"]]");
	LIST("jan@x.pl\nola@x.pl.\r\n\r\newa@x.pl", "utf-8", NULL, "[[1,\"\",\"jan@x.pl\"],[2,\"\",\"ola@x.pl\"],[3,\"\",\"ewa@x.pl\"]]");
	LIST("Jan,jan@x.pl\nOla,ola@x.pl", "utf-8", "comma", "[[1,\"Jan\",\"jan@x.pl\"],[2,\"Ola\",\"ola@x.pl\"]]");
	LIST("E-mail\njan@x.pl", "utf-8", NULL, "[[1,\"E-mail\"],[2,\"jan@x.pl\"]]");
}

static void test_what_is_no_list(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t length;
		const char *code;
	} cases[] = {
	    {"", 0, "list_empty"},
	    {" \r\n ;; \n", 8, "list_empty"},
	    {"\xd0\xcf\x11\xe0\xa1\xb1", 6, "list_old_excel"},
	    {"%PDF-1.7", 8, "list_not_a_list"},
	    {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, "list_not_text"},
	    {"a;b\n\"x;1\nc;d\n", 13, "list_unclosed_quote"},
	    {"PK\3\4 and nothing more", 21, "xlsx_broken"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reading reading = read_list(cases[i].bytes, cases[i].length);
		assert_refused(&reading, cases[i].code);
	}
}

static void test_limits(void **state)
{
	(void)state;
	struct buffer text = {0};
	buffer_init(&text, NULL);
	for (int i = 0; i < INGEST_MAX_ROWS + 2; i++)
		buffer_puts(&text, "a;b\n");
	struct reading reading = read_list(text.data, text.length);
	assert_refused(&reading, "list_too_many_rows");
	buffer_clear(&text);
	for (int i = 0; i < INGEST_MAX_COLUMNS + 1; i++)
		buffer_puts(&text, "a;");
	reading = read_list(text.data, text.length);
	assert_refused(&reading, "list_too_many_columns");
	buffer_clear(&text);
	buffer_puts(&text, "a;");
	for (int i = 0; i < INGEST_MAX_CELL + 1; i++)
		buffer_putc(&text, 'x');
	reading = read_list(text.data, text.length);
	assert_refused(&reading, "list_cell_too_long");
	buffer_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_encodings),
	    cmocka_unit_test(test_an_encoding_that_is_told),
	    cmocka_unit_test(test_separators),
	    cmocka_unit_test(test_quotes_and_lines),
	    cmocka_unit_test(test_cells_are_what_people_mean),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_what_is_no_list),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
