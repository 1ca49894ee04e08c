// problem_test.c: kinds, statuses and SQLSTATEs agree; rows are found by name.
#include "base/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/arena.h"
#include "base/rows.h"

static void every_kind_has_its_row(void **state)
{
	(void)state;
	for (int kind = PROBLEM_NONE + 1; kind < PROBLEM_KINDS; kind++) {
		char sqlstate[8];
		assert_in_range(problem_status(kind), 400, 599);
		assert_true(*problem_slug(kind) && *problem_title(kind));
		// Our own SQLSTATEs name the status.
		snprintf(sqlstate, sizeof sqlstate, "NA%d", problem_status(kind));
		assert_int_equal(problem_from_sqlstate(sqlstate), kind);
	}
}

static void reads_sqlstates(void **state)
{
	(void)state;
	static const struct {
		const char *sqlstate;
		enum problem_kind kind;
	} expected[] = {{"23505", PROBLEM_CONFLICT}, {"23P01", PROBLEM_CONFLICT}, {"23503", PROBLEM_CONFLICT}, {"23514", PROBLEM_BAD_INPUT},
	    {"22P02", PROBLEM_BAD_INPUT}, {"42501", PROBLEM_NOT_ALLOWED}, {"40001", PROBLEM_BUSY}, {"40P01", PROBLEM_BUSY},
	    {"53300", PROBLEM_BUSY}, {"57014", PROBLEM_BUSY}, {"08006", PROBLEM_BUSY}, {"55P03", PROBLEM_BUSY}, {"42P01", PROBLEM_BROKEN},
	    {"XX000", PROBLEM_BROKEN}, {"NA499", PROBLEM_BROKEN}, {"NA", PROBLEM_BROKEN}, {"", PROBLEM_BROKEN}, {NULL, PROBLEM_BROKEN}};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_int_equal(problem_from_sqlstate(expected[i].sqlstate), expected[i].kind);
}

static void refuses_and_collects(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct problem why = {.retry_after = 9};
	assert_false(refuse(&why, PROBLEM_GONE, "Revoked.", "revoked"));
	assert_int_equal(why.kind, PROBLEM_GONE);
	assert_string_equal(why.code, "revoked");
	assert_int_equal(why.retry_after, 0);
	why = (struct problem){.kind = PROBLEM_NONE};
	problem_add(&why, arena, "/title", "required", "A title is needed.");
	problem_add(&why, arena, "/ends_at", "before_start", "A meeting ends after it starts.");
	problem_add(&why, arena, "?limit", "range", "From 1 to 200.");
	assert_int_equal(why.kind, PROBLEM_BAD_INPUT);
	assert_string_equal(why.fields->pointer, "/title");
	assert_string_equal(why.fields->next->code, "before_start");
	assert_ptr_equal(why.fields->next->next, why.last);
	assert_null(why.last->next);
	arena_free(arena);
}

static const char *cell(const struct rows *rows, int row, int column)
{
	return ((const char *const *)rows->source)[row * rows->columns + column];
}

static void finds_columns_by_name(void **state)
{
	(void)state;
	static const struct column columns[] = {{"id", COLUMN_NUMBER}, {"name", COLUMN_TEXT}};
	static const char *const cells[] = {"1", "Anna", "2", NULL};
	struct rows rows = {.count = 2, .columns = 2, .column = columns, .source = cells, .value = cell};
	assert_int_equal(rows_column(&rows, "name"), 1);
	assert_int_equal(rows_column(&rows, "nam"), -1);
	assert_string_equal(rows_text(&rows, 0, "name"), "Anna");
	assert_null(rows_text(&rows, 1, "name"));
	assert_null(rows_text(&rows, 1, "absent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_has_its_row),
	    cmocka_unit_test(reads_sqlstates),
	    cmocka_unit_test(refuses_and_collects),
	    cmocka_unit_test(finds_columns_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
