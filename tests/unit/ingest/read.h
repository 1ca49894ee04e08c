// read.h: one list read, and what should be in it.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "ingest/ingest.h"

struct reading {
	struct arena *arena;
	struct ingest_table table;
	struct problem why;
	bool read;
};

static inline struct reading read_hinted(const void *bytes, size_t length, struct ingest_hints hints)
{
	struct reading reading = {.arena = arena_new()};
	reading.read = ingest_read(&reading.table, bytes, length, &hints, reading.arena, &reading.why);
	return reading;
}

static inline struct reading read_list(const void *bytes, size_t length)
{
	return read_hinted(bytes, length, (struct ingest_hints){0});
}

static inline void assert_rows(struct reading *reading, const char *json)
{
	struct buffer out;
	buffer_init(&out, reading->arena);
	if (!reading->read)
		fail_msg("refused: %s", reading->why.detail);
	ingest_json(&out, &reading->table);
	assert_string_equal(out.data, json);
}

static inline void assert_refused(struct reading *reading, const char *code)
{
	assert_false(reading->read);
	assert_string_equal(reading->why.code, code);
	arena_free(reading->arena);
}
