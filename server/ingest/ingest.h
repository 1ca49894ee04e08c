// ingest.h: a list that somebody uploaded or pasted, as a table of texts, and which of its columns holds what.
//
// Room rules: uses base/ (and ICU, libzip, expat). Knows nothing of databases, requests or what the rows are for.
//
// What comes in is whatever spreadsheets and mail programs write: CSV in any of the encodings and separators below, an XLSX workbook, or
// addresses as they are pasted from a mail's header. Everything given back lives in the arena. Texts are UTF-8 in NFC without control
// characters (but for line feeds) and without blanks around them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buffer;
struct problem;

enum {
	INGEST_MAX_ROWS = 20000,
	INGEST_MAX_COLUMNS = 100,
	INGEST_MAX_CELL = 32767, // bytes; the characters that a spreadsheet's cell holds
};

enum ingest_format { INGEST_CSV, INGEST_ADDRESSES, INGEST_XLSX };

struct ingest_row {
	int number; // as a spreadsheet would count it, from 1; rows without anything in them are left out
	int cells;  // up to the last one that holds something
	const char **cell;
};

struct ingest_table {
	enum ingest_format format;
	const char *encoding;  // one of ingest_encodings; NULL for a workbook
	const char *separator; // one of ingest_separators; NULL where there is only one column, or none is needed
	const char *sheet;     // of a workbook: the name of the one that was read
	int hidden_rows;       // of a workbook: filtered out by whoever made it, and not read
	int columns;           // of the longest row
	int rows;              // at least one
	struct ingest_row *row;
};

extern const char *const ingest_encodings[];  // "utf-8", "utf-16le", "utf-16be", "windows-1250", "iso-8859-2", "windows-1252", NULL
extern const char *const ingest_separators[]; // "semicolon", "comma", "tab", "pipe", NULL

// What is known about a text beforehand; NULL: to be found out.
struct ingest_hints {
	const char *encoding, *separator;
};

// Refuses (422) what is no list, naming what is wrong and in which row. Codes: list_empty, list_not_text, list_not_a_list, list_old_excel,
// list_bad_encoding, list_unclosed_quote, list_too_many_rows, list_too_many_columns, list_cell_too_long; of a workbook xlsx_broken,
// xlsx_no_sheet, xlsx_too_large, xlsx_forbidden.
bool ingest_read(struct ingest_table *table, const void *bytes, size_t length, const struct ingest_hints *hints, struct arena *arena,
    struct problem *why);

// What a column may be, and what people call it: folded (ingest_fold), most usual first, NULL-terminated. A heading that begins with one of
// them is taken as well: "telefon kontaktowy".
struct ingest_field {
	const char *name;
	const char *const *headings;
};
// Columns of a list of people: name, first_name, last_name, email, phone, position, organisation, language, note.
extern const struct ingest_field ingest_people[]; // ends with a NULL name
// Those of a kind of list: invitations (ingest_people), people, organisations, groups, agenda, attendance. NULL: invitations.
const struct ingest_field *ingest_fields(const char *kind);

// Whether the first row says what the columns are. Addresses have no such row.
bool ingest_has_header(const struct ingest_table *table, const struct ingest_field *fields);
// For each column the name of its field, or "ignore"; no field twice. A column of e-mail addresses is found by what is in it, too, and
// without a heading for a name the first column of words is taken for it, where the vocabulary has `email` and `name`.
const char **ingest_mapping(const struct ingest_table *table, const struct ingest_field *fields, bool has_header, struct arena *arena);

// Lower case without diacritics and punctuation, words one space apart: "  E-mail służbowy: " is "e mail sluzbowy".
char *ingest_fold(struct arena *arena, const char *text);

// A meeting's archive, in the arena: its meeting.json, and the files beside it called `documents/…`.
struct ingest_archive {
	const char *document; // UTF-8
	struct ingest_archive_file {
		const char *name;
		const char *bytes;
		size_t length;
	} * file;
	int files;
};
// False: refused (422) with archive_not_zip, archive_not_ours, archive_broken or archive_too_large.
bool ingest_archive(struct ingest_archive *archive, const void *bytes, size_t length, struct arena *arena, struct problem *why);

// One text (UTF-8) as ingest.h promises them, cut to `most` bytes: a file's name.
const char *ingest_text(struct arena *arena, const char *text, size_t most);

// All rows as JSON: [[<number>, "<cell>", …], …].
void ingest_json(struct buffer *out, const struct ingest_table *table);
// What was found out about the table: {"format", "encoding", "separator", "sheet", "hidden_rows", "with_header", "mapping"}; what is NULL
// is left out.
void ingest_json_found(struct buffer *out, const struct ingest_table *table, const struct ingest_field *fields);
void ingest_json_texts(struct buffer *out, const char *const *texts, int count); // ["…", …]
