// chart_test.c: bars and lines stand where their numbers say, words can be read, and nothing in a picture is code.
#include "represent/chart.h"

#include <math.h>
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

static struct chart planned(const struct rows *rows, const struct rows *events, bool curve, bool narrow)
{
	const struct chart_wish wish = {.rows = rows, .events = events, .title = "title", .language = "en", .curve = curve, .narrow = narrow};
	struct chart chart;
	chart_plan(&chart, &wish, arena);
	return chart;
}

static double right_of(const struct chart_mark *mark)
{
	double right = mark->at[0];
	for (int i = 1; i < mark->points; i++)
		right = mark->at[2 * i] > right ? mark->at[2 * i] : right;
	return right;
}

static const struct chart_mark *find(const struct chart *chart, enum chart_kind kind, enum chart_tone tone, int which)
{
	for (int i = 0; i < chart->marks; i++)
		if (chart->mark[i].kind == kind && chart->mark[i].tone == tone && which-- == 0)
			return &chart->mark[i];
	return NULL;
}

static const struct chart_mark *words(const struct chart *chart, const char *text)
{
	for (int i = 0; i < chart->marks; i++)
		if (chart->mark[i].kind == CHART_WORDS && !strcmp(chart->mark[i].text, text))
			return &chart->mark[i];
	return NULL;
}

static void all_is_on_the_picture(const struct chart *chart)
{
	for (int i = 0; i < chart->marks; i++)
		for (int point = 0; point < chart->mark[i].points; point++) {
			assert_true(chart->mark[i].at[2 * point] >= 0 && chart->mark[i].at[2 * point] <= chart->width);
			assert_true(chart->mark[i].at[2 * point + 1] >= 0 && chart->mark[i].at[2 * point + 1] <= chart->height);
		}
}

static void bars_are_as_long_as_their_numbers(void **state)
{
	(void)state;
	static const char *const cells[] = {"first", "0", "5", "1", "second", "10", NULL, "1"};
	struct rows rows = hand_rows(columns, 4, cells, 2);
	for (int narrow = 0; narrow < 2; narrow++) {
		struct chart chart = planned(&rows, NULL, false, narrow);
		all_is_on_the_picture(&chart);
		assert_null(find(&chart, CHART_LINE, CHART_FIRST + 2, 0)); // what is hidden is no series
		const struct chart_mark *sample = find(&chart, CHART_AREA, CHART_FIRST, 0), *ten = find(&chart, CHART_AREA, CHART_FIRST, 1);
		assert_non_null(sample);
		assert_non_null(ten);
		assert_null(find(&chart, CHART_AREA, CHART_FIRST, 2)); // none is no bar
		const struct chart_mark *five = find(&chart, CHART_LINE, CHART_FIRST + 1, 1);
		assert_non_null(five);
		assert_non_null(find(&chart, CHART_STROKES, CHART_FIRST + 1, 1)); // hatched
		double from = ten->at[0];
		assert_true(fabs((right_of(five) - from) * 2 - (right_of(ten) - from)) < 0.001);
		assert_non_null(words(&chart, "10"));
		assert_non_null(words(&chart, "second"));
		assert_string_equal(chart.description, "first: one 0, other 5; second: one 10, other 0");
	}
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
	struct chart chart = planned(&rows, NULL, true, true);
	all_is_on_the_picture(&chart);
	const struct chart_mark *line = find(&chart, CHART_LINE, CHART_FIRST, 0);
	assert_int_equal(line->points, ROWS);
	for (int i = 1; i < ROWS; i++) {
		assert_true(line->at[2 * i] > line->at[2 * i - 2]);
		assert_true(line->at[2 * i + 1] < line->at[2 * i - 1]);
	}
	int labels = 0;
	for (int i = 0; i < chart.marks; i++)
		labels += chart.mark[i].kind == CHART_WORDS && !strcmp(chart.mark[i].text, "01.02");
	assert_in_range(labels, 3, 8);
	assert_non_null(words(&chart, "2093")); // where it ends
}

static void what_happened_stands_above_the_curve(void **state)
{
	(void)state;
	static const struct column event_columns[] = {{"label", COLUMN_TEXT}, {"note", COLUMN_TEXT}, {"place", COLUMN_NUMBER}};
	static const char *const cells[] = {"a", "1", "2", "0", "b", "2", "3", "0", "c", "3", "4", "0"};
	static const char *const happened[] = {
	    "a reminder to everybody", "12", "1", "the deadline of it all", NULL, "1", "the last of them", "3", "2"};
	struct rows rows = hand_rows(columns, 4, cells, 3), events = hand_rows(event_columns, 3, happened, 3);
	for (int narrow = 0; narrow < 2; narrow++) {
		struct chart chart = planned(&rows, &events, true, narrow);
		all_is_on_the_picture(&chart);
		const struct chart_mark *one = words(&chart, "a reminder to everybody (12)"), *other = words(&chart, "the deadline of it all");
		assert_non_null(one);
		assert_non_null(other);
		assert_true(one->at[1] != other->at[1]); // of one day: they would touch
	}
}

static void words_are_never_smaller_than_can_be_read(void **state)
{
	(void)state;
	static const char *const cells[] = {"Narodowe Centrum Zielonej Transformacji Obszarów Wiejskich", "1", "5", "1"};
	struct rows rows = hand_rows(columns, 4, cells, 1);
	struct chart chart = planned(&rows, NULL, false, true);
	assert_true(chart.width <= 360); // a phone of 390 pixels shows it as it is
	for (int i = 0; i < chart.marks; i++)
		assert_true(chart.mark[i].kind != CHART_WORDS || chart.mark[i].size >= 12);
	assert_non_null(words(&chart, "5"));
}

static void nothing_is_a_picture_too(void **state)
{
	(void)state;
	struct rows rows = hand_rows(columns, 4, NULL, 0);
	for (int curve = 0; curve < 2; curve++) {
		const struct chart_wish wish = {.rows = &rows, .title = "<b>&\"", .language = "en", .curve = curve};
		struct chart chart;
		struct buffer out;
		buffer_init(&out, arena);
		chart_plan(&chart, &wish, arena);
		chart_svg(&out, &chart, "en");
		assert_non_null(strstr(out.data, "<title>&lt;b&gt;&amp;&quot;</title>"));
		assert_null(strstr(out.data, "<b>"));
		assert_null(strstr(out.data, "nan"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bars_are_as_long_as_their_numbers),
	    cmocka_unit_test(many_rows_are_a_line_with_few_labels), cmocka_unit_test(what_happened_stands_above_the_curve),
	    cmocka_unit_test(words_are_never_smaller_than_can_be_read), cmocka_unit_test(nothing_is_a_picture_too)};
	return cmocka_run_group_tests(tests, start, stop);
}
