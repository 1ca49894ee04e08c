// value.c: a row as jansson values, for templates.
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/cells.h"
#include "represent/represent.h"

static json_t *number(const char *text)
{
	if (!cell_is_finite(text))
		return json_null();
	return strpbrk(text, ".eE") ? json_real(strtod(text, NULL)) : json_integer(strtoll(text, NULL, 10));
}

static json_t *cell_value(const struct column *column, const char *text, const struct represent_links *links, struct buffer *scratch)
{
	if (!text)
		return json_null();
	switch (column->kind) {
	case COLUMN_BOOL:
		return json_boolean(*text == 't');
	case COLUMN_NUMBER:
		return number(text);
	case COLUMN_JSON:
		return json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	case COLUMN_TIME:
		buffer_clear(scratch);
		cell_write_time(scratch, text);
		return json_stringn_nocheck(scratch->data, scratch->length);
	case COLUMN_TEXT:
		return json_string_nocheck(cell_text(column, text, links, scratch->arena));
	}
	return json_null();
}

json_t *represent_value(const struct rows *rows, int row, const struct represent_links *links)
{
	struct arena *arena = arena_new();
	struct buffer scratch;
	buffer_init(&scratch, arena);
	json_t *object = json_object();
	for (int i = 0; i < rows->columns; i++) {
		json_t *value = cell_value(&rows->column[i], rows->value(rows, row, i), links, &scratch);
		json_object_set_new_nocheck(object, rows->column[i].name, value ? value : json_null());
	}
	arena_free(arena);
	return object;
}
