// csv.c: rows as RFC 4180, and what keeps a spreadsheet from running them.
//
// A spreadsheet takes a cell that begins with = + - @ for a formula. Guarded, such a cell gets an apostrophe and quotes. Numbers and a lone
// dash do no harm and stay; a telephone number stays readable: a space before its plus makes it text. An import strips either again.
#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "represent/cells.h"
#include "represent/represent.h"
#include "represent/sheet.h"

// Full-width = + - @, which spreadsheets fold to the plain ones.
static const char *const wide_starts[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"};

static bool starts_formula(const char *text)
{
	if (strchr("=+-@\t\r\n", *text))
		return *text != '\0';
	for (size_t i = 0; i < sizeof wide_starts / sizeof *wide_starts; i++)
		if (strncmp(text, wide_starts[i], 3) == 0)
			return true;
	return false;
}

static bool only(const char *text, const char *characters)
{
	return text[strspn(text, characters)] == '\0';
}

static bool is_phone(const char *text)
{
	return text[0] == '+' && text[1] && only(text + 1, "0123456789 ()-");
}

static bool is_harmless(const char *text)
{
	return only(text, "-") || (text[0] == '-' && isdigit((unsigned char)text[1]) && only(text + 1, "0123456789.,"));
}

// What goes before the text so that it stays text.
static const char *guard_for(const char *text)
{
	if (!starts_formula(text) || is_harmless(text))
		return "";
	return is_phone(text) ? " " : "'";
}

static bool needs_quotes(const char *text, char separator)
{
	const char specials[] = {separator, '"', '\r', '\n', '\0'};
	size_t length = strcspn(text, specials);
	return text[length] != '\0' || (length && (text[0] == ' ' || text[length - 1] == ' '));
}

static void write_text(struct buffer *out, const char *text, const struct represent_csv *how)
{
	const char *guard = how->guard ? guard_for(text) : "";
	if (!*guard && !needs_quotes(text, how->separator)) {
		buffer_puts(out, text);
		return;
	}
	buffer_putc(out, '"');
	buffer_puts(out, guard);
	for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
		buffer_add(out, text, (size_t)(quote + 1 - text));
		buffer_putc(out, '"');
	}
	buffer_puts(out, text);
	buffer_putc(out, '"');
}

static void write_bool(struct buffer *out, bool value, const struct represent_sheet *sheet)
{
	const char *word = value ? sheet->yes : sheet->no;
	buffer_puts(out, word ? word : value ? "true" : "false");
}

static void write_cell(struct buffer *out, const struct column *column, const char *value, const struct represent_column *shown,
    const struct represent_sheet *sheet, const struct represent_csv *how, const struct represent_links *links, struct arena *scratch)
{
	switch (column->kind) {
	case COLUMN_BOOL:
		write_bool(out, *value == 't', sheet);
		break;
	case COLUMN_NUMBER:
		buffer_puts(out, value);
		break;
	case COLUMN_TIME:
		cell_write_time(out, value);
		break;
	case COLUMN_JSON:
	case COLUMN_TEXT:
		write_text(out, cell_text(column, represent_sheet_word(shown, value), links, scratch), how);
		break;
	}
}

static void write_spread_cell(struct buffer *out, const json_t *cell, const struct represent_column *shown,
    const struct represent_sheet *sheet, const struct represent_csv *how)
{
	if (json_is_string(cell))
		write_text(out, represent_sheet_word(shown, json_string_value(cell)), how);
	else if (json_is_boolean(cell))
		write_bool(out, json_is_true(cell), sheet);
	else if (json_is_integer(cell))
		buffer_print(out, "%" JSON_INTEGER_FORMAT, json_integer_value(cell));
	else if (json_is_real(cell))
		buffer_print(out, "%.15g", json_real_value(cell));
}

void represent_csv_header(struct buffer *out, const struct represent_sheet *sheet, const struct represent_csv *how)
{
	if (how->bom)
		buffer_puts(out, "\uFEFF");
	for (int i = 0; i < sheet->columns; i++) {
		if (i > 0)
			buffer_putc(out, how->separator);
		write_text(out, sheet->column[i].heading, how);
	}
	buffer_puts(out, "\r\n");
}

// An array that is spread is read once, at the first of its cells.
static void write_row(struct buffer *out, const struct represent_sheet *sheet, const struct rows *rows, int row,
    const struct represent_csv *how, const struct represent_links *links, struct arena *scratch)
{
	json_t *cells = NULL;
	for (int i = 0; i < sheet->columns; i++) {
		const struct represent_column *shown = &sheet->column[i];
		const char *value = rows->value(rows, row, shown->source);
		if (i > 0)
			buffer_putc(out, how->separator);
		if (shown->cell == 0) {
			json_decref(cells);
			cells = value ? json_loads(value, 0, NULL) : NULL;
		}
		if (shown->cell >= 0)
			write_spread_cell(out, json_array_get(cells, (size_t)shown->cell), shown, sheet, how);
		else if (value)
			write_cell(out, &rows->column[shown->source], value, shown, sheet, how, links, scratch);
	}
	json_decref(cells);
	buffer_puts(out, "\r\n");
}

void represent_csv_rows(struct buffer *out, const struct represent_sheet *sheet, const struct rows *rows, const struct represent_csv *how,
    const struct represent_links *links, struct arena *scratch)
{
	for (int row = 0; row < rows->count; row++)
		write_row(out, sheet, rows, row, how, links, scratch);
}
