// ics_write.c: JSON events on stdin to a calendar on stdout, for test_ics.py.
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/represent.h"

enum { COLUMNS = 20, MAX_EVENTS = 200 };

static const struct column columns[COLUMNS] = {
    {"uid"},
    {"sequence", COLUMN_NUMBER},
    {"dtstamp", COLUMN_TIME},
    {"created", COLUMN_TIME},
    {"starts_at", COLUMN_TIME},
    {"ends_at", COLUMN_TIME},
    {"time_zone"},
    {"summary"},
    {"description"},
    {"location"},
    {"url"},
    {"status"},
    {"organiser_name"},
    {"organiser_email"},
    {"method"},
    {"attendee_name"},
    {"attendee_email"},
    {"partstat"},
    {"rsvp", COLUMN_BOOL},
    {"busy"},
};

static const char *value(const struct rows *rows, int row, int column)
{
	return json_string_value(json_object_get(json_array_get(rows->source, (size_t)row), columns[column].name));
}

int main(void)
{
	json_t *input = json_loadf(stdin, 0, NULL), *events = json_object_get(input, "events");
	if (!events)
		return 1;
	struct rows rows = {.count = (int)json_array_size(events), .columns = COLUMNS, .column = columns, .source = events, .value = value};
	struct arena *arena = arena_new();
	struct buffer out;
	buffer_init(&out, arena);
	if (rows_text(&rows, 0, "method"))
		represent_ics_mail(
		    &out, &rows, json_string_value(json_object_get(input, "reply_to")), !json_is_null(json_object_get(input, "reply_to")));
	else
		represent_ics(
		    &out, &rows, json_string_value(json_object_get(input, "name")), json_string_value(json_object_get(input, "language")));
	fwrite(out.data, 1, out.length, stdout);
	arena_free(arena);
	json_decref(input);
	return 0;
}
