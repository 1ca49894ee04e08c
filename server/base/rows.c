// rows.c: looking a column up by its name.
#include "base/rows.h"

#include <stddef.h>
#include <string.h>

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
