// xlsx.c: a workbook's sheet, cell by cell. What a formula last gave counts, not the formula.
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "ingest/inside.h"
#include "ingest/package.h"
#include "ingest/workbook.h"

enum {
	MAX_COLUMN = 16384,
	MAX_ROW = 1048576,
	MAX_TEXT = 16 * 1024 * 1024, // of all cells together: a long text that is kept once can be in each of them
};

struct sheet {
	struct table_maker *maker;
	const struct workbook *workbook;
	int row, column; // of the cell under way, from 1 and from 0
	char type;       // of the cell: 's'hared, 'i'nline, 't'ext, 'n'umber, 'b'oolean, 'e'rror
	int style;
	bool in_row, hidden, in_value, in_reading;
	struct buffer text;
	size_t read; // bytes of all cells so far
};

// "BC12" is column 54; -1: no reference.
static int column_of(const char *reference)
{
	int column = 0;
	for (; *reference >= 'A' && *reference <= 'Z' && column <= MAX_COLUMN; reference++)
		column = column * 26 + *reference - 'A' + 1;
	return column - 1;
}

static void start_row(struct sheet *sheet, const char **attributes)
{
	const char *number = package_attribute(attributes, "r"), *hidden = package_attribute(attributes, "hidden");
	long row = number ? strtol(number, NULL, 10) : 0;
	sheet->row = row > 0 && row <= MAX_ROW ? (int)row : sheet->row + 1;
	sheet->column = -1;
	sheet->hidden = hidden && (!strcmp(hidden, "1") || !strcmp(hidden, "true"));
	sheet->in_row = true;
}

static void start_cell(struct sheet *sheet, const char **attributes)
{
	static const struct {
		const char *name;
		char type;
	} types[] = {{"s", 's'}, {"inlineStr", 'i'}, {"str", 't'}, {"b", 'b'}, {"e", 'e'}, {"d", 't'}};
	const char *reference = package_attribute(attributes, "r"), *type = package_attribute(attributes, "t");
	const char *style = package_attribute(attributes, "s");
	int column = reference ? column_of(reference) : -1;
	sheet->column = column >= 0 ? column : sheet->column + 1;
	sheet->type = 'n';
	for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
		if (!strcmp(type, types[i].name))
			sheet->type = types[i].type;
	sheet->style = style ? (int)strtol(style, NULL, 10) : 0;
	buffer_clear(&sheet->text);
}

static bool start_element(void *reader, const char *name, const char **attributes)
{
	struct sheet *sheet = reader;
	if (!strcmp(name, "row"))
		start_row(sheet, attributes);
	else if (!strcmp(name, "c") && sheet->in_row)
		start_cell(sheet, attributes);
	else if (!strcmp(name, "rPh"))
		sheet->in_reading = true;
	sheet->in_value = !sheet->in_reading && (!strcmp(name, "v") || (!strcmp(name, "t") && sheet->type == 'i'));
	return true;
}

static void add_text(void *reader, const char *text, size_t length)
{
	struct sheet *sheet = reader;
	if (sheet->in_value)
		buffer_add(&sheet->text, text, length);
}

// Characters that XML does not have are written "_x000D_".
static const char *unescape(struct arena *arena, const char *text)
{
	if (!strstr(text, "_x"))
		return text;
	struct buffer out;
	buffer_init(&out, arena);
	for (; *text; text++) {
		bool escaped = text[0] == '_' && text[1] == 'x' && strspn(text + 2, "0123456789abcdefABCDEF") == 4 && text[6] == '_';
		unsigned long code = escaped ? strtoul(arena_slice(arena, text + 2, 4), NULL, 16) : 0;
		if (escaped && code < 0x80) {
			if (code)
				buffer_putc(&out, (char)code);
			text += 6;
		} else {
			buffer_putc(&out, *text);
		}
	}
	return out.data ? out.data : "";
}

// As the cell holds it, or the shared text that it refers to.
static const char *cell_text(const struct sheet *sheet)
{
	const char *raw = sheet->text.data ? sheet->text.data : "";
	if (sheet->type != 's')
		return raw;
	char *end;
	long number = strtol(raw, &end, 10);
	return end > raw && number >= 0 && number < sheet->workbook->strings ? sheet->workbook->string[number] : "";
}

static const char *cell_value(const struct sheet *sheet, const char *raw)
{
	const struct workbook *workbook = sheet->workbook;
	switch (sheet->type) {
	case 'b':
		return !strcmp(raw, "1") ? "TRUE" : "FALSE";
	case 'e':
		return "";
	case 'n':
		return number_text(sheet->maker->arena, raw, sheet->style > 0 && sheet->style < workbook->styles && workbook->date[sheet->style],
		    workbook->from_1904);
	default:
		return unescape(sheet->maker->arena, raw);
	}
}

static bool end_row(struct sheet *sheet)
{
	sheet->in_row = false;
	if (!sheet->hidden)
		return table_end_row(sheet->maker, sheet->row);
	sheet->maker->table->hidden_rows += sheet->maker->cells > 0;
	sheet->maker->cells = 0;
	return true;
}

static bool end_element(void *reader, const char *name)
{
	struct sheet *sheet = reader;
	sheet->in_value = false;
	if (!strcmp(name, "rPh"))
		sheet->in_reading = false;
	if (!strcmp(name, "row") && sheet->in_row)
		return end_row(sheet);
	if (strcmp(name, "c") != 0 || !sheet->in_row || !sheet->text.length)
		return true;
	const char *text = cell_text(sheet);
	sheet->read += strlen(text);
	if (sheet->read > MAX_TEXT)
		return refuse(sheet->maker->why, PROBLEM_BAD_INPUT, "The workbook is too large once it is unpacked.", "xlsx_too_large");
	const char *value = cell_value(sheet, text);
	return table_put(sheet->maker, sheet->row, sheet->column, value, strlen(value));
}

static bool read_sheet(
    struct table_maker *maker, struct package *package, const struct workbook *workbook, const struct workbook_sheet *which)
{
	static const struct package_calls calls = {.start = start_element, .end = end_element, .text = add_text};
	if (!package_has(package, which->path))
		return refuse(maker->why, PROBLEM_BAD_INPUT, "The workbook is damaged: its sheet is missing.", "xlsx_broken");
	maker->table->sheet = cell_clean(maker->arena, which->name, strlen(which->name));
	maker->table->hidden_rows = 0;
	struct sheet sheet = {.maker = maker, .workbook = workbook};
	buffer_init(&sheet.text, maker->arena);
	return package_read(package, which->path, &calls, &sheet);
}

bool xlsx_read(struct table_maker *maker, const void *bytes, size_t length)
{
	struct package package = {.arena = maker->arena, .why = maker->why};
	struct workbook workbook;
	if (!package_open(&package, bytes, length) || !workbook_read(&workbook, &package))
		return false;
	for (const struct workbook_sheet *sheet = workbook.sheet; sheet && !maker->table->rows; sheet = sheet->next)
		if (!read_sheet(maker, &package, &workbook, sheet))
			return false;
	return true;
}
