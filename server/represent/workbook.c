// workbook.c: sheets, cells and their looks, by libxlsxwriter.
#include "represent/workbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ucal.h>
#include <unicode/ustring.h>
#include <xlsxwriter.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/cells.h"
#include "represent/instant.h"
#include "represent/represent.h"
#include "represent/sheet.h"
#include "represent/xlsx_text.h"

enum { MAX_ROWS = 1048576, DAY = 86400, MAX_ZONE = 64, MIN_WIDTH = 6, MAX_WIDTH = 60, DATE_WIDTH = 16, BESIDE = 2, LEGIBLE = 220 };

// Excel counts days since the last of 1899; before March 1900 it believes in a day that never was.
enum { EPOCH = 25569, FIRST_DAY = 61 };

struct represent_workbook {
	lxw_workbook *book;
	lxw_worksheet *sheet; // the one that is written
	const struct represent_sheet *plan;
	bool upright;
	lxw_row_t row, max_rows;
	int *width; // of each column, in characters
	UCalendar *clock;
	lxw_format *heading, *text, *moment;
	struct arena *arena, *scratch; // the second for one piece of rows
	struct buffer cleaned;
};

static UCalendar *clock_of(const char *zone)
{
	UChar name[MAX_ZONE];
	UErrorCode status = U_ZERO_ERROR;
	u_uastrncpy(name, zone ? zone : "UTC", MAX_ZONE);
	UCalendar *clock = ucal_open(name, -1, "en_GB", UCAL_GREGORIAN, &status);
	return U_SUCCESS(status) ? clock : NULL;
}

struct represent_workbook *represent_workbook_open(int descriptor, const struct represent_workbook_about *about)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
	lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = (char *)about->directory};
	lxw_workbook *book = workbook_new_opt(path, &options);
	if (!book)
		return NULL;
	lxw_doc_properties properties = {.title = (char *)about->title, .author = (char *)about->author, .created = (time_t)about->created};
	workbook_set_properties(book, &properties);
	struct arena *arena = arena_new();
	struct represent_workbook *self = arena_alloc(arena, sizeof *self);
	*self = (struct represent_workbook){.book = book, .arena = arena, .max_rows = about->max_rows ? (lxw_row_t)about->max_rows : MAX_ROWS};
	buffer_init(&self->cleaned, NULL);
	self->clock = clock_of(about->time_zone);
	self->heading = workbook_add_format(book);
	format_set_bold(self->heading);
	format_set_num_format(self->heading, "@");
	self->text = workbook_add_format(book);
	format_set_num_format(self->text, "@"); // what is typed into such a cell stays as typed
	self->moment = workbook_add_format(book);
	format_set_num_format(self->moment, "yyyy\\-mm\\-dd hh:mm");
	format_set_align(self->moment, LXW_ALIGN_LEFT);
	return self;
}

static void write_text(struct represent_workbook *book, lxw_row_t row, int column, const char *text, lxw_format *format)
{
	int width = 0;
	text = xlsx_text(&book->cleaned, text, &width);
	if (width > book->width[column])
		book->width[column] = width;
	worksheet_write_string(book->sheet, row, (lxw_col_t)column, text, format);
}

// False: no date of Excel's.
static bool write_time(struct represent_workbook *book, lxw_row_t row, int column, const char *text)
{
	struct instant instant;
	UErrorCode status = U_ZERO_ERROR;
	if (!book->clock || !instant_read(&instant, text))
		return false;
	ucal_setMillis(book->clock, (UDate)instant.seconds * 1000, &status);
	int ahead = (ucal_get(book->clock, UCAL_ZONE_OFFSET, &status) + ucal_get(book->clock, UCAL_DST_OFFSET, &status)) / 1000;
	double day = (double)(instant.seconds + ahead) / DAY + EPOCH;
	if (U_FAILURE(status) || day < FIRST_DAY)
		return false;
	worksheet_write_number(book->sheet, row, (lxw_col_t)column, day, book->moment);
	if (book->width[column] < DATE_WIDTH)
		book->width[column] = DATE_WIDTH;
	return true;
}

static void write_bool(struct represent_workbook *book, lxw_row_t row, int column, bool value)
{
	const char *word = value ? book->plan->yes : book->plan->no;
	if (word)
		write_text(book, row, column, word, NULL);
	else
		worksheet_write_boolean(book->sheet, row, (lxw_col_t)column, value, NULL);
}

static void write_cell(struct represent_workbook *book, lxw_row_t row, int column, const struct column *kind,
    const struct represent_column *shown, const char *value, const struct represent_links *links)
{
	switch (kind->kind) {
	case COLUMN_BOOL:
		write_bool(book, row, column, *value == 't');
		break;
	case COLUMN_NUMBER:
		if (cell_is_finite(value))
			worksheet_write_number(book->sheet, row, (lxw_col_t)column, strtod(value, NULL), NULL);
		break;
	case COLUMN_TIME:
		if (!write_time(book, row, column, value))
			write_text(book, row, column, value, book->text);
		break;
	case COLUMN_JSON:
	case COLUMN_TEXT:
		value = cell_text(kind, represent_sheet_word(shown, value), links, book->scratch);
		if (value && *value)
			write_text(book, row, column, value, book->text);
		break;
	}
}

static void write_spread_cell(
    struct represent_workbook *book, lxw_row_t row, int column, const struct represent_column *shown, const json_t *cell)
{
	if (json_is_string(cell))
		write_text(book, row, column, represent_sheet_word(shown, json_string_value(cell)), book->text);
	else if (json_is_boolean(cell))
		write_bool(book, row, column, json_is_true(cell));
	else if (json_is_number(cell))
		worksheet_write_number(book->sheet, row, (lxw_col_t)column, json_number_value(cell), NULL);
}

static void write_row(struct represent_workbook *book, const struct rows *rows, int row, const struct represent_links *links)
{
	json_t *cells = NULL;
	for (int i = 0; i < book->plan->columns; i++) {
		const struct represent_column *shown = &book->plan->column[i];
		const char *value = rows->value(rows, row, shown->source);
		if (shown->cell == 0) {
			json_decref(cells);
			cells = value ? json_loads(value, 0, NULL) : NULL;
		}
		if (shown->cell >= 0)
			write_spread_cell(book, book->row, i, shown, json_array_get(cells, (size_t)shown->cell));
		else if (value)
			write_cell(book, book->row, i, &rows->column[shown->source], shown, value, links);
	}
	json_decref(cells);
	book->row++;
}

static void write_upright(struct represent_workbook *book, const struct rows *rows, const struct represent_links *links)
{
	for (int i = 0; i < book->plan->columns; i++, book->row++) {
		const struct represent_column *shown = &book->plan->column[i];
		const char *value = rows->value(rows, 0, shown->source);
		write_text(book, book->row, 0, shown->heading, book->heading);
		if (value)
			write_cell(book, book->row, 1, &rows->column[shown->source], shown, value, links);
	}
}

bool represent_workbook_rows(struct represent_workbook *book, const struct rows *rows, const struct represent_links *links)
{
	book->scratch = arena_new();
	int row = 0;
	if (book->upright && rows->count > 0)
		write_upright(book, rows, links);
	for (; !book->upright && row < rows->count && book->row < book->max_rows; row++)
		write_row(book, rows, row, links);
	arena_free(book->scratch);
	return book->upright || row == rows->count;
}

// What is known only when all rows are there.
static void end_sheet(struct represent_workbook *book)
{
	if (!book->sheet)
		return;
	int columns = book->upright ? 2 : book->plan->columns, all = 0;
	for (int i = 0; i < columns; i++) {
		int width = book->width[i] < MIN_WIDTH ? MIN_WIDTH : book->width[i] > MAX_WIDTH ? MAX_WIDTH : book->width[i];
		lxw_format *format = book->sheet->col_formats && i < (int)book->sheet->col_formats_max ? book->sheet->col_formats[i] : NULL;
		worksheet_set_column(book->sheet, (lxw_col_t)i, (lxw_col_t)i, width + BESIDE, format);
		all += width + BESIDE;
	}
	if (all <= LEGIBLE) // on paper: as wide as the sheet, unless nobody could read that
		worksheet_fit_to_pages(book->sheet, 1, 0);
	if (!book->upright && columns > 0)
		worksheet_autofilter(book->sheet, 0, 0, book->row > 1 ? book->row - 1 : 1, (lxw_col_t)(columns - 1));
}

static void write_headings(struct represent_workbook *book)
{
	for (int i = 0; i < book->plan->columns; i++) {
		if (book->plan->column[i].kind == COLUMN_TEXT)
			worksheet_set_column(book->sheet, (lxw_col_t)i, (lxw_col_t)i, LXW_DEF_COL_WIDTH, book->text);
		write_text(book, 0, i, book->plan->column[i].heading, book->heading);
		book->width[i] += 2; // the arrow of the filter
	}
	worksheet_freeze_panes(book->sheet, 1, 0);
	worksheet_repeat_rows(book->sheet, 0, 0);
	worksheet_set_landscape(book->sheet);
	worksheet_set_paper(book->sheet, 9); // A4
	book->row = 1;
}

bool represent_workbook_sheet(struct represent_workbook *book, const char *name, const struct represent_sheet *sheet, bool upright)
{
	end_sheet(book);
	char sane[XLSX_NAME_ROOM];
	xlsx_sheet_name(sane, name);
	book->sheet = workbook_add_worksheet(book->book, sane);
	if (!book->sheet)
		return false;
	book->plan = sheet;
	book->upright = upright;
	book->row = 0;
	book->width = arena_alloc(book->arena, sizeof *book->width * ((size_t)sheet->columns + 2));
	if (!upright)
		write_headings(book);
	return true;
}

static bool all_written(const struct represent_workbook *book)
{
	lxw_sheet *sheet;
	STAILQ_FOREACH(sheet, book->book->sheets, list_pointers)
	{
		// libxlsxwriter does not look whether its temporary files took what it wrote.
		FILE *file = sheet->u.worksheet->optimize_tmpfile;
		if (file && (fflush(file) != 0 || ferror(file)))
			return false;
	}
	return true;
}

static void free_rest(struct represent_workbook *book)
{
	if (book->clock)
		ucal_close(book->clock);
	buffer_done(&book->cleaned);
	arena_free(book->arena);
}

bool represent_workbook_close(struct represent_workbook *book)
{
	end_sheet(book);
	if (!all_written(book)) {
		represent_workbook_abandon(book);
		return false;
	}
	bool good = workbook_close(book->book) == LXW_NO_ERROR;
	free_rest(book);
	return good;
}

void represent_workbook_abandon(struct represent_workbook *book)
{
	lxw_sheet *sheet;
	if (!book)
		return;
	STAILQ_FOREACH(sheet, book->book->sheets, list_pointers)
	{
		if (sheet->u.worksheet->optimize_tmpfile) // libxlsxwriter closes it only when it writes the workbook
			fclose(sheet->u.worksheet->optimize_tmpfile);
	}
	lxw_workbook_free(book->book);
	free_rest(book);
}
