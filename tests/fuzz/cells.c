// cells.c: any text as a cell of JSON, CSV, a calendar and a page: what comes out keeps its format's rules and reads back as it was.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/represent.h"
#include "represent/sheet.h"

static const struct column columns[] = {
    {"uid"},
    {"starts_at", COLUMN_TIME},
    {"time_zone"},
    {"summary"},
    {"description"},
    {"url"},
    {"status"},
    {"organiser_name"},
    {"organiser_email"},
    {"location"},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const char *value(const struct rows *rows, int row, int column)
{
	(void)row;
	return column == 1 ? "2026-11-24 13:00:00+00" : rows->source;
}

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_json(const struct rows *rows, struct buffer *out, const char *text)
{
	represent_json_row(out, rows, 0, false, NULL);
	json_t *read = json_loadb(out->data, out->length, 0, NULL);
	json_t *same = json_string(text); // NULL if the text is no UTF-8: PostgreSQL never gives such
	check(!same || json_equal(json_object_get(read, "uid"), same));
	json_decref(read);
	json_decref(same);
}

static void check_csv(const struct rows *rows, struct buffer *out, const char *text, bool guard)
{
	struct represent_csv how = {.separator = ';', .guard = guard};
	struct rows one = *rows;
	one.columns = 1;
	struct represent_column shown = {.heading = "uid", .cell = -1};
	struct represent_sheet sheet = {.columns = 1, .column = &shown};
	represent_csv_rows(out, &sheet, &one, &how, NULL, out->arena);
	const char *at = out->data;
	bool quoted = *at == '"';
	at += quoted;
	if (guard && quoted && (*at == '\'' || *at == ' ') && *at != *text)
		at++;
	for (; *text; text++, at++) {
		check(*at == *text);
		at += quoted && *at == '"';
	}
	at += quoted;
	check(strcmp(at, "\r\n") == 0);
}

static void check_ics(const struct rows *rows, struct buffer *out)
{
	represent_ics(out, rows, rows->source, "pl");
	int events = 0;
	for (const char *at = out->data, *end; *at; at = end + 2) {
		end = strstr(at, "\r\n");
		check(end && end - at <= 75 && strcspn(at, "\r\n") == (size_t)(end - at));
		events += strncmp(at, "BEGIN:VEVENT\r", 13) == 0;
		check(strncmp(at, "ATTENDEE", 8) != 0);
	}
	check(events == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text = arena_slice(arena, data, size);
	struct rows rows = {.count = 1, .columns = COLUMNS, .column = columns, .source = text, .value = value};
	struct buffer out;
	buffer_init(&out, arena);
	check_json(&rows, &out, text);
	buffer_clear(&out);
	check_csv(&rows, &out, text, false);
	buffer_clear(&out);
	check_csv(&rows, &out, text, true);
	buffer_clear(&out);
	check_ics(&rows, &out);
	arena_free(arena);
	return 0;
}
