// table.h: what must hold of any list that was read, whatever it was made of.
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "ingest/ingest.h"

static inline void expect(bool good)
{
	if (!good)
		abort();
}

// UTF-8 without control characters, and not longer than a cell may be (NFC can make a text three times as long).
static inline void check_cell(const char *text)
{
	int32_t length = (int32_t)strlen(text);
	expect(length <= 3 * INGEST_MAX_CELL);
	for (int32_t at = 0; at < length;) {
		UChar32 character;
		U8_NEXT(text, at, length, character);
		expect(character >= ' ' || character == '\n');
		expect(character < 0x7F || character > 0x9F);
	}
}

static inline void check_list(const void *bytes, size_t size, const struct ingest_hints *hints)
{
	struct arena *arena = arena_new();
	struct ingest_table table;
	struct problem why;
	bool read = ingest_read(&table, bytes, size, hints, arena, &why);
	expect(read == (why.kind == PROBLEM_NONE));
	if (read) {
		expect(table.rows > 0 && table.rows <= INGEST_MAX_ROWS + 1 && table.columns > 0 && table.columns <= INGEST_MAX_COLUMNS);
		for (int i = 0; i < table.rows; i++) {
			expect(table.row[i].cells > 0 && table.row[i].cells <= table.columns && *table.row[i].cell[table.row[i].cells - 1]);
			for (int column = 0; column < table.row[i].cells; column++)
				check_cell(table.row[i].cell[column]);
		}
		struct buffer out;
		buffer_init(&out, arena);
		ingest_json(&out, &table);
		ingest_json_found(&out, &table, ingest_people);
	}
	arena_free(arena);
}
