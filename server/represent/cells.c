// cells.c: hidden columns, links, timestamps.
#include "represent/cells.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/represent.h"

bool cell_hidden(const struct column *column)
{
	return column->name[0] == '_';
}

const char *cell_text(const struct column *column, const char *value, const struct represent_links *links, struct arena *arena)
{
	return value == NULL || links == NULL ? value : represent_link(column->name, value, links, arena);
}

bool cell_is_finite(const char *number)
{
	return isdigit((unsigned char)number[number[0] == '-']);
}

void cell_write_time(struct buffer *out, const char *timestamptz)
{
	const char *space = strchr(timestamptz, ' ');
	size_t length = strlen(timestamptz);
	if (!space || !isdigit((unsigned char)*timestamptz) || strchr(space + 1, ' ')) {
		buffer_add(out, timestamptz, length);
		return;
	}
	size_t day = (size_t)(space - timestamptz), time = strcspn(space + 1, "+-");
	const char *offset = space + 1 + time;
	buffer_add(out, timestamptz, day);
	buffer_putc(out, 'T');
	buffer_add(out, space + 1, time);
	if (strcmp(offset, "+00") == 0 || strcmp(offset, "+00:00") == 0) {
		buffer_putc(out, 'Z');
	} else {
		buffer_puts(out, offset);
		if (strlen(offset) == 3)
			buffer_puts(out, ":00");
	}
}

char *represent_time(struct arena *arena, const char *timestamptz)
{
	struct buffer out;
	buffer_init(&out, arena);
	cell_write_time(&out, timestamptz);
	return out.data;
}
