// csv.c: comma-separated values, by whatever they are separated.
//
// RFC 4180, read generously: lines end in CRLF, LF or CR, the last perhaps in nothing; a quoted cell holds separators and line breaks; what
// follows its closing quote still belongs to it. A first line "sep=;" is Excel's way to name the separator.
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "ingest/inside.h"

const char *const ingest_separators[] = {"semicolon", "comma", "tab", "pipe", NULL};
static const char bytes_of[] = ";,\t|"; // in the same order

enum { SAMPLE = 50 }; // rows that are looked at to find the separator

// Moves behind the cell's quotes if it has some; gives false where they don't close.
static bool skip_quoted(const char **at)
{
	for (++*at; **at; ++*at) {
		if (**at != '"')
			continue;
		if (*++*at != '"')
			return true;
	}
	return false;
}

static void skip_line_end(const char **at)
{
	if ((*at)[0] == '\r' && (*at)[1] == '\n')
		++*at;
	if (**at)
		++*at;
}

// How many separators the row at *at has; moves behind it.
static int count_in_row(const char **at, char separator)
{
	const char stops[] = {separator, '\r', '\n', '\0'};
	int count = 0;
	for (;;) {
		if (**at == '"' && !skip_quoted(at))
			return count;
		*at += strcspn(*at, stops);
		if (**at != separator || !separator)
			break;
		count++;
		++*at;
	}
	skip_line_end(at);
	return count;
}

// Rows of the sample that have as many as the first that has any: a list has the same columns throughout.
static int constancy(const char *text, char separator, int *each)
{
	int same = 0;
	*each = 0;
	for (int i = 0; i < SAMPLE && *text; i++) {
		int count = count_in_row(&text, separator);
		if (!*each)
			*each = count;
		same += count && count == *each;
	}
	return same;
}

static int find_separator(const char *text)
{
	int best = -1, best_same = 0, best_each = 0;
	for (int i = 0; ingest_separators[i]; i++) {
		int each, same = constancy(text, bytes_of[i], &each);
		if (same > best_same || (same == best_same && same && each > best_each && best_each == 0))
			best = i, best_same = same, best_each = each;
	}
	return best;
}

// "sep=;" and its line end.
static const char *named_separator(const char *text, int *separator)
{
	const char *found = !strncasecmp(text, "sep=", 4) && text[4] ? strchr(bytes_of, text[4]) : NULL;
	if (!found || !text[5] || !strchr("\r\n", text[5]))
		return text;
	*separator = (int)(found - bytes_of);
	text += 5;
	skip_line_end(&text);
	return text;
}

// The cell at *at, up to its separator, line end or the end of the text.
static bool read_cell(struct table_maker *maker, const char **at, char separator, int number, int column)
{
	const char stops[] = {'\r', '\n', separator, '\0'};
	if (**at != '"') {
		size_t length = strcspn(*at, stops);
		*at += length;
		return table_put(maker, number, column, *at - length, length);
	}
	const char *start = *at + 1;
	if (!skip_quoted(at))
		return refuse(maker->why, PROBLEM_BAD_INPUT,
		    arena_print(maker->arena, "The quotation mark that opens in row %d, column %d is never closed.", number, column + 1),
		    "list_unclosed_quote");
	struct buffer text;
	buffer_init(&text, maker->arena);
	for (const char *end = *at - 1, *quote; start < end; start = quote + 1) {
		quote = memchr(start, '"', (size_t)(end - start));
		if (!quote)
			quote = end;
		buffer_add(&text, start, (size_t)(quote - start));
		if (quote < end)
			buffer_putc(&text, *quote++);
	}
	size_t rest = strcspn(*at, stops);
	buffer_add(&text, *at, rest);
	*at += rest;
	return table_put(maker, number, column, text.data ? text.data : "", text.length);
}

bool csv_read(struct table_maker *maker, const char *text, const char *separator)
{
	int which = -1;
	const char *at = named_separator(text, &which);
	for (int i = 0; separator && ingest_separators[i]; i++)
		if (!strcmp(ingest_separators[i], separator))
			which = i;
	if (which < 0)
		which = find_separator(at);
	maker->table->separator = which < 0 ? NULL : ingest_separators[which];
	char byte = which < 0 ? '\n' : bytes_of[which];
	for (int number = 1 + (at > text); *at; number++) {
		for (int column = 0;; column++, at++) {
			if (!read_cell(maker, &at, byte, number, column))
				return false;
			if (*at != byte || byte == '\n')
				break;
		}
		skip_line_end(&at);
		if (!table_end_row(maker, number))
			return false;
	}
	return true;
}
