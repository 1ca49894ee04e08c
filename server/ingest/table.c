// table.c: a table as it grows, row by row, within its limits.
#include <string.h>

#include "base/arena.h"
#include "ingest/inside.h"

bool table_put(struct table_maker *maker, int number, int column, const char *text, size_t length)
{
	if (length > INGEST_MAX_CELL)
		return refuse(maker->why, PROBLEM_BAD_INPUT,
		    arena_print(maker->arena, "A cell of row %d is longer than %d bytes: is a quotation mark missing?", number, INGEST_MAX_CELL),
		    "list_cell_too_long");
	const char *clean = cell_clean(maker->arena, text, length);
	if (!*clean)
		return true;
	if (column >= INGEST_MAX_COLUMNS)
		return refuse(maker->why, PROBLEM_BAD_INPUT,
		    arena_print(maker->arena, "Row %d has more than %d columns.", number, INGEST_MAX_COLUMNS), "list_too_many_columns");
	while (maker->cells <= column)
		maker->cell[maker->cells++] = "";
	maker->cell[column] = clean;
	return true;
}

bool table_end_row(struct table_maker *maker, int number)
{
	struct ingest_table *table = maker->table;
	if (!maker->cells)
		return true;
	if (table->rows == INGEST_MAX_ROWS + 1) // one may be the header
		return refuse(maker->why, PROBLEM_BAD_INPUT, arena_print(maker->arena, "The list has more than %d rows.", INGEST_MAX_ROWS),
		    "list_too_many_rows");
	if (table->rows == maker->room) {
		size_t size = (size_t)maker->room * sizeof *table->row;
		maker->room = maker->room ? 2 * maker->room : 64;
		table->row = arena_grow(maker->arena, table->row, size, (size_t)maker->room * sizeof *table->row);
	}
	size_t size = (size_t)maker->cells * sizeof *maker->cell;
	const char **cell = arena_alloc(maker->arena, size);
	memcpy(cell, maker->cell, size);
	table->row[table->rows++] = (struct ingest_row){.number = number, .cells = maker->cells, .cell = cell};
	if (maker->cells > table->columns)
		table->columns = maker->cells;
	maker->cells = 0;
	return true;
}
