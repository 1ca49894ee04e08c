// workbook.h: tables as a workbook of Excel (XLSX), in constant memory: rows go to a temporary file as they come.
//
// Room rules: as represent.h, and libxlsxwriter. A workbook belongs to one thread at a time. Its temporary files have no names: they go
// with whoever held them, however that ends. Times are real dates in one zone, numbers are numbers, everything else is text, so that a
// telephone number keeps its zeros and nothing is ever a formula.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct represent_links;
struct represent_sheet;
struct represent_workbook;
struct rows;

struct represent_workbook_about {
	const char *title, *author; // document properties
	int64_t created;            // unix seconds
	const char *time_zone;      // in which times are shown
	const char *directory;      // for temporary files
	long max_rows;              // of a sheet, with its header; 0: what a sheet of Excel holds, 1,048,576
};

// Written to `descriptor`, a file open for reading and writing, which stays the caller's. NULL if there is no room for it.
struct represent_workbook *represent_workbook_open(int descriptor, const struct represent_workbook_about *about);
// Begins the next sheet. Its name is made one that Excel takes. `upright`: one row, its columns below each other. Both texts and `sheet`
// must live as long as the workbook.
bool represent_workbook_sheet(struct represent_workbook *book, const char *name, const struct represent_sheet *sheet, bool upright);
// False: the sheet is full, and not all of them are in it.
bool represent_workbook_rows(struct represent_workbook *book, const struct rows *rows, const struct represent_links *links);
// Both free it. False: the disk is full, or broken.
bool represent_workbook_close(struct represent_workbook *book);
void represent_workbook_abandon(struct represent_workbook *book); // accepts NULL
