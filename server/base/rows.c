// rows.c: looking a column up by its name, and a row among others.
#include "base/rows.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"

int rows_column(const struct rows *rows, const char *name)
{
	for (int column = 0; column < rows->columns; column++)
		if (strcmp(rows->column[column].name, name) == 0)
			return column;
	return -1;
}

const char *rows_text(const struct rows *rows, int row, const char *name)
{
	int column = rows_column(rows, name);
	return column < 0 ? NULL : rows->value(rows, row, column);
}

struct only {
	struct rows rows;
	const struct rows *all;
	int row;
};

static const char *value_of(const struct rows *rows, int row, int column)
{
	const struct only *only = rows->source;
	return only->all->value(only->all, only->row + row, column);
}

struct rows *rows_only(struct arena *arena, const struct rows *all, int row)
{
	struct only *only = arena_alloc(arena, sizeof *only);
	*only = (struct only){
	    .rows = {.count = 1, .columns = all->columns, .column = all->column, .source = only, .value = value_of}, .all = all, .row = row};
	return &only->rows;
}
