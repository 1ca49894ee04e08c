// sheet.h: rows as a table: which columns, in which order, under which headings. What CSV files and workbooks have in common.
//
// Room rules: as represent.h. A sheet is planned once, when the first rows are there, and then read by whichever thread writes.
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/rows.h"

struct arena;
struct buffer;
struct problem;
struct represent_links;

// What was asked for.
struct represent_wish {
	const char *name;           // of the list, "attendees": its own words go before those of all lists
	const char *const *columns; // names, NULL-terminated, in the order wanted; NULL: all
	const char *language;       // headings and choices in its words; NULL: as the API calls them
	// A row for each column (its `name`) over which the JSON array of a row is spread, cell by cell: for tables whose columns only the data
	// knows. Or NULL. The array is the JSON column, which may be hidden if it is called `_answers`.
	const struct rows *spread;
};

struct represent_column {
	const char *heading;
	enum column_kind kind;
	int source;          // which column of the rows
	int cell;            // which cell of the array there; -1: the column is the cell
	const json_t *words; // of its values, or NULL; immortal
};

struct represent_sheet {
	int columns;
	const struct represent_column *column;
	const char *yes, *no; // what a boolean is written as in words; NULL: as a boolean
};

// Texts live in `arena`, or as long as the words. Refuses (422) a column that is not there (`unknown_column`), or wanted twice
// (`repeated`).
bool represent_sheet_plan(
    struct represent_sheet *sheet, const struct rows *rows, const struct represent_wish *wish, struct arena *arena, struct problem *why);

// The word for a value of a column, or the value itself.
const char *represent_sheet_word(const struct represent_column *column, const char *value);
// What a list is called: "Uczestnicy". The name itself where there is no word.
const char *represent_sheet_title(const char *name, const char *language);

// CSV, RFC 4180, CRLF. For a spreadsheet: `bom`, separator ';' and `guard`, which keeps cells from being taken for formulas; a program gets
// the bare values.
struct represent_csv {
	char separator; // ',', ';' or '\t'
	bool bom, guard;
};
void represent_csv_header(struct buffer *out, const struct represent_sheet *sheet, const struct represent_csv *how);
// `scratch` holds what links are made of; it may be emptied afterwards.
void represent_csv_rows(struct buffer *out, const struct represent_sheet *sheet, const struct rows *rows, const struct represent_csv *how,
    const struct represent_links *links, struct arena *scratch);

// vCard 3.0, which telephones and mail programs of all ages read (4.0 they don't). Columns: id, name, sort_name, organisation, position,
// email, phone, updated_at; one card a row.
void represent_cards(struct buffer *out, const struct rows *rows, struct arena *scratch);
