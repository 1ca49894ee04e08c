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

struct some {
	struct rows rows;
	const struct rows *all;
	int first;
};

static const char *value_of(const struct rows *rows, int row, int column)
{
	const struct some *some = rows->source;
	return some->all->value(some->all, some->first + row, column);
}

struct rows *rows_some(struct arena *arena, const struct rows *all, int first, int count)
{
	struct some *some = arena_alloc(arena, sizeof *some);
	*some = (struct some){.rows = {.count = count, .columns = all->columns, .column = all->column, .source = some, .value = value_of},
	    .all = all,
	    .first = first};
	return &some->rows;
}

struct rows *rows_only(struct arena *arena, const struct rows *all, int row)
{
	return rows_some(arena, all, row, 1);
}
