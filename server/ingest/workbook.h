// workbook.h: what a workbook says about itself, before one of its sheets is read.
//
// Room rules: of ingest/ alone.
#pragma once

#include <stdbool.h>

struct arena;
struct package;

struct workbook_sheet {
	const char *name, *path;
	const struct workbook_sheet *next;
};

struct workbook {
	const struct workbook_sheet *sheet; // those that are not hidden, in their order
	bool from_1904;                     // days are counted from 1904
	const char **string;                // the shared ones, raw
	int strings;
	bool *date; // per style: its numbers are dates or times
	int styles;
};
bool workbook_read(struct workbook *workbook, struct package *package);

// A cell's number as a person would type it: no exponent; a date or time as 2026-11-24 14:00.
const char *number_text(struct arena *arena, const char *raw, bool date, bool from_1904);
bool number_format_is_date(const char *format); // "dd\.mm\.yyyy" is, "0.00" and "[Red]0" are not
