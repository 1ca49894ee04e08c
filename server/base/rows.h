// rows.h: the rows a statement gave, as every encoder sees them.
//
// Room rules: no room's types. db/ fills it from a PGresult; tests fill it by hand. Values are text as PostgreSQL
// writes it (UTF-8, ISO dates in UTC); they live as long as the request's arena.
#pragma once

#include <stdbool.h>

enum column_kind {
	COLUMN_TEXT,
	COLUMN_BOOL,   // 't' or 'f'
	COLUMN_NUMBER, // raw
	COLUMN_JSON,   // embedded as it is
	COLUMN_TIME,   // timestamptz: "2019-12-17 09:00:00.123456+00"
};

struct column {
	const char *name;
	enum column_kind kind;
};

struct rows {
	int count;
	int columns;
	const struct column *column;
	const void *source;                                                 // what `value` reads from
	const char *(*value)(const struct rows *rows, int row, int column); // NULL is SQL's NULL
	long changed;                                                       // rows a statement without result touched
};

int rows_column(const struct rows *rows, const char *name); // -1 if there is none
// The value under that name, or NULL if it is NULL or there is no such column.
const char *rows_text(const struct rows *rows, int row, const char *name);
// One row of `all`, or some that follow each other, as rows of their own, which live as long as `all` and the arena.
struct arena;
struct rows *rows_some(struct arena *arena, const struct rows *all, int first, int count);
struct rows *rows_only(struct arena *arena, const struct rows *all, int row);
