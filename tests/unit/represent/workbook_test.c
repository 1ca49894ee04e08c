// workbook_test.c: texts and names as Excel takes them, and sheets that are full. What is in a workbook is looked at by
// tests/http/test_lists_out.py, with other programs.
#include "represent/workbook.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "hand.h"
#include "represent/sheet.h"
#include "represent/xlsx_text.h"

static void cleans_texts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *clean;
		int width;
	} cases[] = {
	    {"Łódź", "Łódź", 4},
	    {"a\nbcd\ne", "a\nbcd\ne", 3},
	    {"a\r\nb\rc", "a\nb\nc", 3},
	    {"\x01 bel\x07l\x1f", " bell", 8},
	    {"_x0041_", "_x005F_x0041_", 7},
	    {"_x00zz_ _x41_", "_x00zz_ _x41_", 13},
	    {"\xef\xbf\xbf\xef\xbf\xbe\xef\xbf\xbd", "\xef\xbf\xbd", 3},
	    {"\uff1d1+1", "\uff1d1+1", 4},
	    {"", "", 0},
	};
	struct buffer room;
	buffer_init(&room, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int width = 0;
		assert_string_equal(xlsx_text(&room, cases[i].text, &width), cases[i].clean);
		assert_int_equal(width, cases[i].width);
	}
	buffer_done(&room);
}

// A cell holds 32,767 units of UTF-16; what is more is cut where a character ends, and the ellipsis says so.
static void cuts_long_texts(void **state)
{
	(void)state;
	enum { LONG = 33000 };
	struct buffer room, text;
	buffer_init(&room, NULL);
	buffer_init(&text, NULL);
	for (int i = 0; i < LONG; i++)
		buffer_puts(&text, "ż");
	int width = 0;
	const char *cut = xlsx_text(&room, text.data, &width);
	assert_int_equal(strlen(cut), 32766 * 2 + 3);
	assert_string_equal(cut + strlen(cut) - 3, "\u2026");
	buffer_clear(&text);
	for (int i = 0; i < LONG / 2; i++)
		buffer_puts(&text, "\U0001f600");
	cut = xlsx_text(&room, text.data, &width);
	assert_int_equal(strlen(cut), 16383 * 4 + 3);
	buffer_done(&room);
	buffer_done(&text);
}

static void names_sheets(void **state)
{
	(void)state;
	static const struct {
		const char *name, *sane;
	} cases[] = {
	    {"Uczestnicy", "Uczestnicy"},
	    {"a[b]:c*d?e/f\\g", "a b  c d e f g"},
	    {"''x'", "x"},
	    {"", "-"},
	    {"'", "-"},
	    {"żżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżż", "żżżżżżżżżżżżżżżżżżżżżżżżżżżżżżż"},
	};
	char sane[XLSX_NAME_ROOM];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		xlsx_sheet_name(sane, cases[i].name);
		assert_string_equal(sane, cases[i].sane);
	}
}

static const struct column columns[] = {{"name", COLUMN_TEXT}, {"heads", COLUMN_NUMBER}, {"at", COLUMN_TIME}};
static const char *const cells[] = {"Anna", "1", "2031-05-06 08:00:00+00", "Jan", "NaN", "infinity", "Ewa", NULL, "1850-01-01 00:00:00+00"};
static const struct represent_column shown[] = {
    {.heading = "name", .kind = COLUMN_TEXT, .cell = -1},
    {.heading = "heads", .kind = COLUMN_NUMBER, .source = 1, .cell = -1},
    {.heading = "at", .kind = COLUMN_TIME, .source = 2, .cell = -1},
};
static const struct represent_sheet sheet = {.columns = 3, .column = shown};

static int temporary_file(void)
{
	char path[] = "/tmp/narada-workbook-XXXXXX";
	int file = mkstemp(path);
	assert_true(file >= 0);
	unlink(path);
	return file;
}

static void says_that_a_sheet_is_full(void **state)
{
	(void)state;
	int file = temporary_file();
	struct represent_workbook_about about = {.title = "t", .author = "a", .time_zone = "Europe/Warsaw", .directory = "/tmp", .max_rows = 3};
	struct rows two = hand_rows(columns, 3, cells, 2), three = hand_rows(columns, 3, cells, 3);
	struct represent_workbook *book = represent_workbook_open(file, &about);
	assert_true(represent_workbook_sheet(book, "one", &sheet, false));
	assert_true(represent_workbook_rows(book, &two, NULL));
	assert_true(represent_workbook_sheet(book, "two", &sheet, false));
	assert_false(represent_workbook_rows(book, &three, NULL)); // the header is a row, too
	assert_true(represent_workbook_close(book));
	char magic[2] = "";
	assert_int_equal(pread(file, magic, 2, 0), 2);
	assert_memory_equal(magic, "PK", 2);
	close(file);
}

static int open_files(void)
{
	int count = 0;
	for (int i = 0; i < 256; i++)
		count += fcntl(i, F_GETFD) >= 0;
	return count;
}

// Nothing is left of a workbook that nobody wants any more.
static void abandons(void **state)
{
	(void)state;
	int file = temporary_file(), before = open_files();
	struct represent_workbook_about about = {.title = "t", .author = "a", .time_zone = "No/Where", .directory = "/tmp"};
	struct rows rows = hand_rows(columns, 3, cells, 3);
	struct represent_workbook *book = represent_workbook_open(file, &about);
	assert_true(represent_workbook_sheet(book, "one", &sheet, true));
	assert_true(represent_workbook_sheet(book, "two", &sheet, false));
	assert_true(represent_workbook_rows(book, &rows, NULL));
	represent_workbook_abandon(book);
	represent_workbook_abandon(NULL);
	assert_int_equal(open_files(), before);
	close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cleans_texts),
	    cmocka_unit_test(cuts_long_texts),
	    cmocka_unit_test(names_sheets),
	    cmocka_unit_test(says_that_a_sheet_is_full),
	    cmocka_unit_test(abandons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
