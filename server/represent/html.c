// html.c: escaping by runs, and plain text as paragraphs.
#include "represent/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"

static const char *const entity[256] = {
    ['&'] = "&amp;",
    ['<'] = "&lt;",
    ['>'] = "&gt;",
    ['"'] = "&quot;",
    ['\''] = "&#39;",
};

void html_escape(struct buffer *out, const char *text, size_t length)
{
	const char *run = text, *end = text + length;
	for (const char *at = text; at < end; at++) {
		const char *instead = entity[(unsigned char)*at];
		if (!instead)
			continue;
		buffer_add(out, run, (size_t)(at - run));
		buffer_puts(out, instead);
		run = at + 1;
	}
	buffer_add(out, run, (size_t)(end - run));
}

// The length of the http(s) address that begins here, without the punctuation of the sentence around it; 0 if none does.
static size_t address_length(const char *text)
{
	if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0)
		return 0;
	size_t length = strcspn(text, " \t\r\n<>\"'`");
	while (strchr(".,;:!?", text[length - 1]))
		length--;
	if (text[length - 1] == ')' && !memchr(text, '(', length))
		length--;
	return strncmp(text, "https://", length) == 0 || strncmp(text, "http://", length) == 0 ? 0 : length;
}

static void write_link(struct buffer *out, const char *address, size_t length)
{
	buffer_puts(out, "<a href=\"");
	html_escape(out, address, length);
	buffer_puts(out, "\" rel=\"nofollow noopener\">");
	html_escape(out, address, length);
	buffer_puts(out, "</a>");
}

// One line: escaped, with its addresses as links.
static void write_line(struct buffer *out, const char *line, size_t length)
{
	const char *run = line, *end = line + length;
	for (const char *at = line; at < end; at++) {
		bool starts = *at == 'h' && (at == line || !isalnum((unsigned char)at[-1]));
		size_t address = starts ? address_length(at) : 0;
		if (!address)
			continue;
		html_escape(out, run, (size_t)(at - run));
		write_link(out, at, address);
		run = at + address;
		at = run - 1;
	}
	html_escape(out, run, (size_t)(end - run));
}

static bool is_blank(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isspace((unsigned char)line[i]))
			return false;
	return true;
}

void html_paragraphs(struct buffer *out, const char *text)
{
	bool open = false;
	while (*text) {
		size_t length = strcspn(text, "\n"), shown = length;
		if (shown && text[shown - 1] == '\r')
			shown--;
		if (is_blank(text, shown)) {
			if (open)
				buffer_puts(out, "</p>\n");
			open = false;
		} else {
			buffer_puts(out, open ? "<br>\n" : "<p>");
			write_line(out, text, shown);
			open = true;
		}
		text += length + (text[length] == '\n');
	}
	if (open)
		buffer_puts(out, "</p>\n");
}
