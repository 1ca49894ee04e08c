// table.h: a table over pages: its head again on each, no row split. Private to print/.
#pragma once

#include "print/pen.h"

enum { TABLE_MAX_COLUMNS = 40, TABLE_MAX_LINES = 6 };

struct table_column {
	const char *heading;
	double share; // of what the fixed ones leave; 0: `width`
	double width;
	enum pen_align align;
	bool upright; // its heading runs upward, and its cells are signs of a few letters: one of many narrow columns
};

struct table {
	const struct table_column *column;
	int columns, rows;
	double least; // how high a row is at least
	bool grid;    // every cell framed, as for signatures; else a line below each row
	bool strong_first;
	const char *(*cell)(struct pen *pen, const void *source, int row, int column); // NULL: empty
	const void *source;
};

void table_draw(struct pen *pen, const struct table *table);
