// table_test.c: a table over pages: how many pages it takes, that rows are whole, and that a name fits its box.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "print/table.h"

static const struct table_column columns[] = {{"No.", 0, 40, PEN_RIGHT}, {"Name", 2, 0, PEN_LEFT}, {"Signature", 1, 0, PEN_LEFT}};

static void open_pen(struct pen *pen, struct buffer *out, struct arena *arena)
{
	const struct pen_about about = {.title = "T", .language = "pl", .width = 400, .height = 500};
	assert_true(pen_have_fonts());
	pen_open(pen, out, &about, arena);
	pen->left = pen->top = 20;
	pen->right = 380;
	pen->bottom = 480;
	pen_first_page(pen);
}

static const char *short_cell(struct pen *pen, const void *source, int row, int column)
{
	(void)source;
	return column == 0 ? arena_print(pen->arena, "%d", row + 1) : column == 1 ? "Łucja Żółć" : NULL;
}

static const char *endless_cell(struct pen *pen, const void *source, int row, int column)
{
	(void)pen, (void)row;
	return column == 1 ? source : NULL;
}

static void test_rows_make_pages(void **state)
{
	(void)state;
	static const struct {
		int rows, pages;
	} expected[] = {{0, 1}, {1, 1}, {14, 1}, {15, 2}, {100, 8}};
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		struct arena *arena = arena_new();
		struct pen pen;
		open_pen(&pen, NULL, arena);
		// The head takes 17 to 20 points: 14 rows of 30 are what fits below it.
		struct table table = {.column = columns, .columns = 3, .rows = expected[i].rows, .least = 30, .grid = true, .cell = short_cell};
		table_draw(&pen, &table);
		assert_int_equal(pen.page, expected[i].pages);
		assert_true(pen.y <= pen.bottom + 0.01);
		pen_close(&pen);
		arena_free(arena);
	}
}

static void test_no_cell_is_higher_than_a_page(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct pen pen;
	open_pen(&pen, NULL, arena);
	char *endless = arena_alloc(arena, 20001);
	memset(endless, 'W', 20000);
	struct table table = {.column = columns, .columns = 3, .rows = 3, .least = 30, .cell = endless_cell, .source = endless};
	table_draw(&pen, &table);
	assert_int_equal(pen.page, 1);
	assert_true(pen.y < pen.bottom);
	pen_close(&pen);
	arena_free(arena);
}

static void test_a_name_is_as_large_as_its_box_allows(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct pen pen;
	struct buffer out;
	buffer_init(&out, arena);
	open_pen(&pen, &out, arena);
	struct pen_box box = {20, 20, 200, 60};
	assert_true(pen_fit(&pen, box, true, 40, 8, "Ng") == 40);
	double longer = pen_fit(&pen, box, true, 40, 8, "dr hab. inż. Maksymilian Wiśniewski-Brzęczyszczykiewicz, prof. AGH");
	assert_true(longer < 25 && longer > 8);
	char *endless = arena_alloc(arena, 2001);
	memset(endless, 'W', 2000);
	assert_true(pen_fit(&pen, box, true, 40, 8, endless) < 8.5);
	pen_close(&pen);
	arena_free(arena);
}

static void test_nobody_waits_for_the_rest(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct pen pen;
	atomic_bool unwanted = true;
	open_pen(&pen, NULL, arena);
	pen.unwanted = &unwanted;
	const struct table table = {.column = columns, .columns = 3, .rows = 100, .least = 30, .grid = true, .cell = short_cell};
	table_draw(&pen, &table);
	assert_int_equal(pen.page, 1);
	atomic_store(&unwanted, false);
	table_draw(&pen, &table);
	assert_in_range(pen.page, 8, 9);
	pen_close(&pen);
	arena_free(arena);
}

static const char *sign_cell(struct pen *pen, const void *source, int row, int column)
{
	(void)pen, (void)source;
	return column == 0 ? "Łucja" : row % 2 ? "✓" : "–";
}

static void test_signs_take_no_more_room_than_a_row(void **state)
{
	(void)state;
	static const struct table_column signs[] = {
	    {"Name", 1, 0, PEN_LEFT}, {"2020-03-10", 0, 18, PEN_LEFT, true}, {"2020-04-10", 0, 18, PEN_LEFT, true}};
	for (int dry = 0; dry < 2; dry++) {
		struct arena *arena = arena_new();
		struct buffer out;
		struct pen pen;
		buffer_init(&out, arena);
		open_pen(&pen, dry ? NULL : &out, arena);
		const struct table table = {.column = signs, .columns = 3, .rows = 100, .least = 20, .cell = sign_cell};
		table_draw(&pen, &table);
		assert_int_equal(pen.page, 5); // of 440 points the head takes some 50
		assert_int_equal(pen.signs, dry ? 0 : 2);
		pen_close(&pen);
		arena_free(arena);
	}
}

// Neither a letter of it stands on a line of its own, nor is it cut off.
static void test_a_name_that_fits_just_so_is_whole(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buffer out;
	struct pen pen;
	buffer_init(&out, arena);
	open_pen(&pen, &out, arena);
	for (int width = 160; width < 480; width++) {
		pen_fit(&pen, (struct pen_box){20, 20, width / 2.0 - 20, 38}, true, 40, 6, "Åke Мельниченко");
		assert_false(pango_layout_is_ellipsized(pen.layout));
		assert_in_range(pango_layout_get_line_count(pen.layout), 1, 2);
	}
	pen_close(&pen);
	arena_free(arena);
}

static void test_pictograms_leave_no_boxes(void **state)
{
	(void)state;
	static const char *const names[][2] = {
	    {"Ewa 🌍 Zielińska", "Ewa Zielińska"}, {"🌱Jan", "Jan"}, {"Ольга ❤️", "Ольга ❤"}, {"👩‍🔬", ""}, {"Łucja", "Łucja"}};
	struct arena *arena = arena_new();
	struct pen pen;
	open_pen(&pen, NULL, arena);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		pen_measure(&pen, PEN_CELL, -1, names[i][0]);
		assert_string_equal(pango_layout_get_text(pen.layout), names[i][1]);
		assert_int_equal(pango_layout_get_unknown_glyphs_count(pen.layout), 0);
	}
	pen_close(&pen);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_name_that_fits_just_so_is_whole),
	    cmocka_unit_test(test_pictograms_leave_no_boxes), cmocka_unit_test(test_nobody_waits_for_the_rest),
	    cmocka_unit_test(test_signs_take_no_more_room_than_a_row), cmocka_unit_test(test_rows_make_pages),
	    cmocka_unit_test(test_no_cell_is_higher_than_a_page), cmocka_unit_test(test_a_name_is_as_large_as_its_box_allows)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
