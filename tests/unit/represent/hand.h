// hand.h: rows filled by hand: one column list, then the cells of each row.
#pragma once

#include "base/rows.h"

static inline const char *hand_value(const struct rows *rows, int row, int column)
{
	return ((const char *const *)rows->source)[row * rows->columns + column];
}

static inline struct rows hand_rows(const struct column *column, int columns, const char *const *cells, int count)
{
	return (struct rows){.count = count, .columns = columns, .column = column, .source = cells, .value = hand_value};
}
