// chart_test.c: bars and lines stand where their numbers say, and nothing in a picture is code.
#include "represent/chart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "hand.h"

static struct arena *arena;

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
    {"label", COLUMN_TEXT}, {"one", COLUMN_NUMBER}, {"other", COLUMN_NUMBER}, {"_hidden", COLUMN_NUMBER}};

static void bars_are_as_tall_as_their_numbers(void **state)
{
	(void)state;
	static const char *const cells[] = {"first", "0", "5", "1", "second", "10", NULL, "1"};
	struct rows rows = hand_rows(columns, 4, cells, 2);
	struct chart chart;
	chart_plan(&chart, &rows, "title", "en", arena);
	assert_false(chart.lines);
	assert_int_equal(chart.series, 2); // what is hidden is no series
	assert_int_equal(chart.labels, 2);
	double whole = chart.bottom - chart.top;
	assert_true(chart.of[0].mark[0].height == 0);
	assert_true(chart.of[0].mark[1].height == whole); // 10 is the highest tick
	assert_true(chart.of[1].mark[0].height * 2 == whole);
	assert_true(chart.of[1].mark[1].height == 0); // nothing known counts as none
	for (int i = 0; i < chart.series; i++)
		for (int point = 0; point < chart.points; point++) {
			const struct chart_mark *mark = &chart.of[i].mark[point];
			assert_true(mark->x >= chart.left && mark->x + mark->width <= chart.right);
		}
	assert_string_equal(chart.tick[chart.ticks - 1].text, "10");
}

static void many_rows_are_a_line_with_few_labels(void **state)
{
	(void)state;
	enum { ROWS = 300 };
	static const char *cells[ROWS * 2];
	for (int i = 0; i < ROWS; i++) {
		cells[2 * i] = "01.02";
		cells[2 * i + 1] = arena_print(arena, "%d", i * 7);
	}
	struct rows rows = hand_rows(columns, 2, cells, ROWS);
	struct chart chart;
	chart_plan(&chart, &rows, "title", "en", arena);
	assert_true(chart.lines);
	assert_in_range(chart.labels, 5, 12);
	assert_in_range(chart.ticks, 3, 12);
	for (int i = 1; i < ROWS; i++) {
		assert_true(chart.of[0].mark[i].x > chart.of[0].mark[i - 1].x);
		assert_true(chart.of[0].mark[i].y < chart.of[0].mark[i - 1].y);
		assert_true(chart.of[0].mark[i].y >= chart.top);
	}
}

static void nothing_is_a_picture_too(void **state)
{
	(void)state;
	struct rows rows = hand_rows(columns, 4, NULL, 0);
	struct chart chart;
	struct buffer out;
	buffer_init(&out, arena);
	chart_plan(&chart, &rows, "<b>&\"", "en", arena);
	chart_svg(&out, &chart, "en");
	assert_non_null(strstr(out.data, "<title>&lt;b&gt;&amp;&quot;</title>"));
	assert_null(strstr(out.data, "<b>"));
	assert_null(strstr(out.data, "nan"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bars_are_as_tall_as_their_numbers),
	    cmocka_unit_test(many_rows_are_a_line_with_few_labels), cmocka_unit_test(nothing_is_a_picture_too)};
	return cmocka_run_group_tests(tests, start, stop);
}
