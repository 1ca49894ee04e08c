// table_only.c: any list as a table: the columns that were asked for, each as wide as what stands in it needs.
#include <jansson.h>

#include "base/arena.h"
#include "print/frame.h"
#include "print/inside.h"
#include "print/table.h"
#include "represent/instant.h"
#include "represent/represent.h"
#include "represent/sheet.h"
#include "represent/words.h"

enum { SAMPLE = 200 };
#define WIDEST    MM(70)
#define NARROWEST MM(12)
#define NARROW    MM(31)

static const char *in_words(struct pen *pen, const struct print_job *job, const struct represent_column *column, const char *value)
{
	if (column->kind == COLUMN_BOOL)
		return print_word(job, *value == 't' ? "yes" : "no");
	if (column->kind != COLUMN_TIME)
		return represent_sheet_word(column, value);
	const char *zone = print_zone(job);
	const char *date = words_date(pen->arena, job->language, zone, value, DATE_SHORT);
	const char *time = words_date(pen->arena, job->language, zone, value, DATE_TIME);
	return date && time ? arena_print(pen->arena, "%s %s", date, time) : value;
}

// One of the cells over which an array is spread; a state of the register is a sign, since a page has room for few words side by side.
static const char *spread_cell(struct pen *pen, const struct print_job *job, const struct represent_column *column, const char *value)
{
	json_auto_t *cells = json_loads(value, 0, NULL);
	const char *text = json_string_value(json_array_get(cells, (size_t)column->cell));
	if (!text)
		return NULL;
	const char *sign = words_text(job->language, arena_print(pen->arena, "register.sign.%s", text));
	return sign && column->words ? sign : arena_copy(pen->arena, represent_sheet_word(column, text));
}

static const char *cell(struct pen *pen, const void *source, int row, int number)
{
	const struct print_job *job = source;
	const struct represent_column *column = &job->sheet->column[number];
	const char *value = job->rows->value(job->rows, row, column->source);
	if (!value)
		return NULL;
	if (column->cell >= 0)
		return spread_cell(pen, job, column, value);
	return in_words(pen, job, column, value);
}

static double wanted_width(struct pen *pen, const struct print_job *job, int number)
{
	double widest = pen_natural_width(pen, PEN_HEAD, job->sheet->column[number].heading);
	for (int row = 0; row < job->rows->count && row < SAMPLE; row++) {
		const char *text = cell(pen, job, row, number);
		double width = text ? pen_natural_width(pen, PEN_CELL, text) : 0;
		widest = width > widest ? width : widest;
	}
	widest += MM(3.4);
	return widest > WIDEST ? WIDEST : widest < NARROWEST ? NARROWEST : widest;
}

void print_table_only(struct pen *pen, const struct print_job *job)
{
	struct frame frame;
	struct table_column column[TABLE_MAX_COLUMNS];
	int columns = 0, shared = 0;
	frame_begin(&frame, pen, job, arena_print(pen->arena, "%s – %s", job->title, job->subtitle));
	if (print_rows(job, "meeting"))
		frame_heading(pen, job, job->title);
	else {
		pen_paragraph(pen, "H1", PEN_TITLE, PEN_LEFT, job->title, MM(1.5));
		pen_paragraph(pen, "P", PEN_SUBTITLE, PEN_LEFT, job->subtitle, MM(4));
	}
	for (int i = 0; i < job->sheet->columns && columns < TABLE_MAX_COLUMNS; i++) {
		const struct represent_column *from = &job->sheet->column[i];
		double width = wanted_width(pen, job, i);
		shared += width > NARROW;
		column[columns++] =
		    (struct table_column){from->heading, width > NARROW ? width : 0, width, from->kind == COLUMN_NUMBER ? PEN_RIGHT : PEN_LEFT};
	}
	// Short ones stay as they are, and long ones share what is left; where there are only short ones, they all do.
	for (int i = 0; shared == 0 && i < columns; i++)
		column[i].share = column[i].width;
	struct table table = {.column = column, .columns = columns, .rows = job->rows->count, .least = MM(6), .cell = cell, .source = job};
	table_draw(pen, &table);
}
