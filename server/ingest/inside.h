// inside.h: what the files of this room share with each other and with nobody else.
//
// Room rules: as ingest.h.
#pragma once

#include "base/problem.h"
#include "ingest/ingest.h"

struct arena;

// A table while it is read.
struct table_maker {
	struct arena *arena;
	struct problem *why;
	struct ingest_table *table;
	int room;                             // for rows
	const char *cell[INGEST_MAX_COLUMNS]; // of the row under way
	int cells;
};
// Puts a cell's raw text in its place, from 0. False: refused.
bool table_put(struct table_maker *maker, int number, int column, const char *text, size_t length);
bool table_end_row(struct table_maker *maker, int number);

// cell.c: valid UTF-8 as ingest.h promises its texts.
const char *cell_clean(struct arena *arena, const char *text, size_t length);
bool cell_is_blank(int character); // white space of every width, and what is not seen at all

// encoding.c: bytes as UTF-8 (with NUL added), and how they were written. Refuses what is no text.
const char *encoding_decode(
    struct ingest_table *table, const char *bytes, size_t length, const char *wanted, struct arena *arena, struct problem *why);

// csv.c, addresses.c: the text's rows. addresses_read gives false where it is no list of addresses, and leaves the table alone.
bool csv_read(struct table_maker *maker, const char *text, const char *separator);
bool addresses_read(struct table_maker *maker, const char *text);
bool address_is_plausible(const char *text, size_t length); // something@something without blanks

// xlsx.c: the first sheet that can be seen and has something in it.
bool xlsx_read(struct table_maker *maker, const void *bytes, size_t length);
