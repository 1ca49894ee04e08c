// ics_text.c: content lines: escaping and folding.
#include <ctype.h>
#include <string.h>

#include <unicode/uidna.h>

#include "base/buffer.h"
#include "represent/ics.h"

enum { MAX_LINE = 75, MAX_DOMAIN = 256 };

// How much of what is left goes on a line of `room` octets.
static size_t cut(const char *text, size_t left, size_t room)
{
	if (left <= room)
		return left;
	size_t end = room;
	while (end > room - 3 && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	if (((unsigned char)text[end] & 0xc0) == 0x80)
		return room; // no UTF-8 at all
	size_t slashes = 0;
	while (slashes < end && text[end - 1 - slashes] == '\\')
		slashes++;
	return end - slashes % 2;
}

static void fold(struct buffer *out, const char *text, size_t length)
{
	size_t room = MAX_LINE;
	while (length) {
		size_t part = cut(text, length, room);
		if (room < MAX_LINE)
			buffer_puts(out, "\r\n ");
		buffer_add(out, text, part);
		text += part;
		length -= part;
		room = MAX_LINE - 1; // after the space
	}
	buffer_puts(out, "\r\n");
}

void ics_end_line(struct buffer *out, struct buffer *line)
{
	fold(out, line->data, line->length);
	buffer_clear(line);
}

void ics_put(struct buffer *out, const char *text)
{
	fold(out, text, strlen(text));
}

// A line break of any kind is one; gives its length, 0 for none.
static size_t line_break(const char *text)
{
	if (text[0] == '\r')
		return text[1] == '\n' ? 2 : 1;
	return text[0] == '\n';
}

static bool is_control(char byte)
{
	return (unsigned char)byte < 0x20 || byte == 0x7f;
}

void ics_add_text(struct buffer *line, const char *text)
{
	while (*text) {
		size_t breaks = line_break(text);
		if (breaks)
			buffer_puts(line, "\\n");
		else if (*text == '\t')
			buffer_putc(line, ' ');
		else if (!is_control(*text)) {
			if (strchr("\\;,", *text))
				buffer_putc(line, '\\');
			buffer_putc(line, *text);
		}
		text += breaks ? breaks : 1;
	}
}

void ics_add_parameter(struct buffer *line, const char *text)
{
	buffer_putc(line, '"');
	while (*text) {
		size_t breaks = line_break(text);
		if (breaks)
			buffer_puts(line, "^n");
		else if (*text == '"')
			buffer_puts(line, "^'");
		else if (*text == '^')
			buffer_puts(line, "^^");
		else if (!is_control(*text))
			buffer_putc(line, *text);
		text += breaks ? breaks : 1;
	}
	buffer_putc(line, '"');
}

void ics_add_uri(struct buffer *line, const char *uri)
{
	for (; *uri; uri++) {
		if ((unsigned char)*uri <= ' ' || strchr("\"<>\\^`{|}\x7f", *uri) || (unsigned char)*uri > 0x7f)
			buffer_print(line, "%%%02X", (unsigned char)*uri);
		else
			buffer_putc(line, *uri);
	}
}

static void add_domain(struct buffer *line, const char *domain)
{
	char ascii[MAX_DOMAIN];
	UErrorCode status = U_ZERO_ERROR;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
	int32_t length = U_SUCCESS(status) ? uidna_nameToASCII_UTF8(idna, domain, -1, ascii, MAX_DOMAIN, &info, &status) : 0;
	uidna_close(idna);
	if (U_SUCCESS(status) && !info.errors && length < MAX_DOMAIN)
		ics_add_uri(line, ascii);
	else
		ics_add_uri(line, domain);
}

void ics_add_address(struct buffer *line, const char *email)
{
	const char *at = strrchr(email, '@');
	buffer_puts(line, "mailto:");
	for (const char *byte = email; *byte && byte != at; byte++) {
		if (isalnum((unsigned char)*byte) || strchr("-._~!$'*+", *byte))
			buffer_putc(line, *byte);
		else
			buffer_print(line, "%%%02X", (unsigned char)*byte);
	}
	if (!at)
		return;
	buffer_putc(line, '@');
	bool plain = true;
	for (const char *byte = at + 1; *byte; byte++)
		plain = plain && (unsigned char)*byte < 0x80;
	if (plain)
		ics_add_uri(line, at + 1);
	else
		add_domain(line, at + 1);
}
