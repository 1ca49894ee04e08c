// json.c: rows written straight to JSON text, without values in between.
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/cells.h"
#include "represent/represent.h"

// What follows the backslash; 'u' stands for \u00xx.
static const char escape[256] = {
    [0x00 ... 0x07] = 'u',
    ['\b'] = 'b',
    ['\t'] = 't',
    ['\n'] = 'n',
    [0x0b] = 'u',
    ['\f'] = 'f',
    ['\r'] = 'r',
    [0x0e ... 0x1f] = 'u',
    ['"'] = '"',
    ['\\'] = '\\',
    [0x7f] = 'u',
};

void represent_json_string(struct buffer *out, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	buffer_putc(out, '"');
	const char *run = text;
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		if (!escape[byte])
			continue;
		char code[6] = {'\\', escape[byte], '0', '0', hex[byte >> 4], hex[byte & 15]};
		buffer_add(out, run, (size_t)(text - run));
		buffer_add(out, code, escape[byte] == 'u' ? 6 : 2);
		run = text + 1;
	}
	buffer_add(out, run, (size_t)(text - run));
	buffer_putc(out, '"');
}

static void write_cell(struct buffer *out, const struct column *column, const char *value, const struct represent_links *links)
{
	if (!value) {
		buffer_puts(out, "null");
		return;
	}
	switch (column->kind) {
	case COLUMN_BOOL:
		buffer_puts(out, *value == 't' ? "true" : "false");
		break;
	case COLUMN_NUMBER:
		buffer_puts(out, cell_is_finite(value) ? value : "null");
		break;
	case COLUMN_JSON:
		buffer_puts(out, value);
		break;
	case COLUMN_TIME:
		buffer_putc(out, '"');
		cell_write_time(out, value);
		buffer_putc(out, '"');
		break;
	case COLUMN_TEXT:
		represent_json_string(out, cell_text(column, value, links, out->arena));
		break;
	}
}

void represent_json_row(struct buffer *out, const struct rows *rows, int row, bool hidden, const struct represent_links *links)
{
	char before = '{';
	for (int i = 0; i < rows->columns; i++) {
		const struct column *column = &rows->column[i];
		if (!hidden && cell_hidden(column))
			continue;
		buffer_putc(out, before);
		represent_json_string(out, column->name);
		buffer_putc(out, ':');
		write_cell(out, column, rows->value(rows, row, i), links);
		before = ',';
	}
	buffer_puts(out, before == '{' ? "{}" : "}");
}

void represent_json_list(struct buffer *out, const struct rows *rows, int limit, const char *next, const struct represent_links *links)
{
	int count = limit >= 0 && limit < rows->count ? limit : rows->count;
	buffer_puts(out, "{\"items\":[");
	for (int row = 0; row < count; row++) {
		if (row)
			buffer_putc(out, ',');
		represent_json_row(out, rows, row, false, links);
	}
	buffer_puts(out, "],\"next\":");
	if (next)
		represent_json_string(out, next);
	else
		buffer_puts(out, "null");
	buffer_putc(out, '}');
}
