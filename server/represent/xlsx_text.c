// xlsx_text.c: what XML and Excel let into a cell.
#include "represent/xlsx_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buffer.h"

enum { MAX_UNITS = 32767, NAME_UNITS = 31 };

static const char ellipsis[] = "\u2026";

// In UTF-16, by which Excel counts; 0 for a byte that continues a character.
static int units_of(unsigned char byte)
{
	return (byte & 0xc0) == 0x80 ? 0 : byte >= 0xf0 ? 2 : 1;
}

static bool is_escape(const char *text)
{
	return text[0] == '_' && text[1] == 'x' && isxdigit((unsigned char)text[2]) && isxdigit((unsigned char)text[3]) &&
	       isxdigit((unsigned char)text[4]) && isxdigit((unsigned char)text[5]) && text[6] == '_';
}

// XML 1.0 knows neither control characters nor U+FFFE and U+FFFF.
static size_t forbidden(const char *text)
{
	unsigned char byte = (unsigned char)*text;
	if (byte == '\r')
		return text[1] == '\n'; // one line break is enough; a lone one becomes \n
	if (byte < 0x20)
		return byte != '\t' && byte != '\n';
	return byte == 0xef && (unsigned char)text[1] == 0xbf && (unsigned char)text[2] >= 0xbe ? 3 : 0;
}

static const char *cleaned(struct buffer *room, const char *text)
{
	int units = 0;
	buffer_clear(room);
	buffer_puts(room, "");
	while (*text) {
		size_t skipped = forbidden(text);
		if (skipped) {
			text += skipped;
			continue;
		}
		units += units_of((unsigned char)*text);
		if (units > MAX_UNITS - 1) { // one is left for the ellipsis
			buffer_puts(room, ellipsis);
			break;
		}
		if (is_escape(text)) {
			buffer_puts(room, "_x005F");
			units += 6;
		}
		buffer_putc(room, *text == '\r' ? '\n' : *text);
		text++;
	}
	return room->data;
}

const char *xlsx_text(struct buffer *room, const char *text, int *width)
{
	int line = 0, units = 0;
	bool odd = false;
	for (const char *at = text; *at; at++) {
		unsigned char byte = (unsigned char)*at;
		odd = odd || byte < 0x20 || byte == 0xef || (byte == '_' && at[1] == 'x');
		units += units_of(byte);
		line = byte == '\n' ? 0 : line + ((byte & 0xc0) != 0x80);
		if (line > *width)
			*width = line;
	}
	return odd || units >= MAX_UNITS ? cleaned(room, text) : text;
}

void xlsx_sheet_name(char *into, const char *name)
{
	int units = 0;
	char *at = into;
	while (*name == '\'' || *name == ' ')
		name++;
	for (; *name; name++) {
		units += units_of((unsigned char)*name);
		if (units > NAME_UNITS)
			break;
		*at++ = (unsigned char)*name < 0x20 || strchr("[]:*?/\\", *name) ? ' ' : *name;
	}
	while (at > into && (at[-1] == '\'' || at[-1] == ' '))
		at--;
	if (at == into)
		*at++ = '-';
	*at = '\0';
}
