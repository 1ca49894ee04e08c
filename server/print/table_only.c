// table_only.c: any list as a table: the columns that were asked for, each as wide as what stands in it needs.
#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "print/frame.h"
#include "print/inside.h"
#include "print/table.h"
#include "represent/instant.h"
#include "represent/represent.h"
#include "represent/sheet.h"
#include "represent/words.h"

enum { SAMPLE = 200, DAY = 10, STATES = 12 }; // a day: "2019-12-17"
#define WIDEST        MM(70)
#define NARROWEST     MM(12)
#define WIDEST_SPREAD MM(30)
#define NARROW        MM(31)
#define SIGN          MM(6.4)
#define NUMBER        MM(9)
#define WIDEST_NUMBER MM(25)

// A state of the register is a sign, since a page has room for few words side by side. Signs are the last columns.
static bool is_sign(const struct represent_column *column)
{
	return column->cell >= 0 && column->words;
}

static bool has_signs(const struct represent_sheet *sheet)
{
	return sheet->columns > 0 && is_sign(&sheet->column[sheet->columns - 1]);
}

static const char *in_words(struct pen *pen, const struct print_job *job, const struct represent_column *column, const char *value)
{
	if (column->kind == COLUMN_BOOL)
		return print_word(job, *value == 't' ? "yes" : "no");
	if (column->kind == COLUMN_NUMBER)
		return print_number(pen, job, value);
	if (column->kind != COLUMN_TIME)
		return represent_sheet_word(column, value);
	const char *zone = print_zone(job);
	const char *date = words_date(pen->arena, job->language, zone, value, DATE_SHORT);
	if (has_signs(job->sheet))
		return date ? date : value;
	const char *time = words_date(pen->arena, job->language, zone, value, DATE_TIME);
	return date && time ? arena_print(pen->arena, "%s %s", date, time) : value;
}

// What of the list stands side by side. A table with a column for each of many meetings is printed in several strips, each beginning with
// the name.
struct strip {
	const struct print_job *job;
	int columns, column[TABLE_MAX_COLUMNS]; // of the sheet
	struct spread *spread;
};

// The array that is spread over the cells of a row, read once for all of them, and the signs that were looked up.
struct spread {
	int row; // -1: none
	json_t *cells;
	int states;
	const char *state[STATES], *sign[STATES];
};

static const char *sign_of(struct pen *pen, const struct strip *strip, const struct represent_column *column, const char *state)
{
	struct spread *spread = strip->spread;
	for (int i = 0; i < spread->states; i++)
		if (!strcmp(spread->state[i], state))
			return spread->sign[i];
	const char *sign = words_text(strip->job->language, arena_print(pen->arena, "register.sign.%s", state));
	sign = arena_copy(pen->arena, sign ? sign : represent_sheet_word(column, state));
	if (spread->states < STATES) {
		spread->state[spread->states] = arena_copy(pen->arena, state);
		spread->sign[spread->states++] = sign;
	}
	return sign;
}

static const char *spread_cell(
    struct pen *pen, const struct strip *strip, const struct represent_column *column, int row, const char *value)
{
	struct spread *spread = strip->spread;
	if (spread->row != row) {
		json_decref(spread->cells);
		spread->cells = json_loads(value, 0, NULL);
		spread->row = row;
	}
	const char *text = json_string_value(json_array_get(spread->cells, (size_t)column->cell));
	if (!text)
		return NULL;
	return is_sign(column) ? sign_of(pen, strip, column, text) : arena_copy(pen->arena, represent_sheet_word(column, text));
}

static const char *cell(struct pen *pen, const void *source, int row, int number)
{
	const struct strip *strip = source;
	const struct print_job *job = strip->job;
	const struct represent_column *column = &job->sheet->column[strip->column[number]];
	const char *value = job->rows->value(job->rows, row, column->source);
	if (!value)
		return NULL;
	if (column->cell >= 0)
		return spread_cell(pen, strip, column, row, value);
	return in_words(pen, job, column, value);
}

// Of a column that is one of many, the day that its heading begins with is enough.
static const char *heading(struct pen *pen, const struct represent_column *column)
{
	bool has_day = column->cell >= 0 && strspn(column->heading, "0123456789-") == DAY;
	return has_day ? arena_slice(pen->arena, column->heading, DAY) : column->heading;
}

// Beside signs, numbers are as narrow.
static bool is_upright(const struct strip *strip, int number)
{
	const struct represent_sheet *sheet = strip->job->sheet;
	const struct represent_column *column = &sheet->column[strip->column[number]];
	return is_sign(column) || (column->kind == COLUMN_NUMBER && column->cell < 0 && has_signs(sheet));
}

static double wanted_width(struct pen *pen, const struct strip *strip, int number)
{
	const struct represent_column *column = &strip->job->sheet->column[strip->column[number]];
	if (is_upright(strip, number))
		return is_sign(column) ? SIGN : NUMBER;
	double widest = pen_natural_width(pen, PEN_HEAD, heading(pen, column)), most = column->cell >= 0 ? WIDEST_SPREAD : WIDEST;
	for (int row = 0; row < strip->job->rows->count && row < SAMPLE; row++) {
		const char *text = cell(pen, strip, row, number);
		double width = text ? pen_natural_width(pen, PEN_CELL, text) : 0;
		widest = width > widest ? width : widest;
	}
	widest += MM(3.4);
	if (column->kind == COLUMN_NUMBER && widest > WIDEST_NUMBER)
		return WIDEST_NUMBER; // its heading has several lines
	return widest > most ? most : widest < NARROWEST ? NARROWEST : widest;
}

static void draw_strip(struct pen *pen, const struct strip *strip)
{
	struct table_column column[TABLE_MAX_COLUMNS];
	int shared = 0;
	// A name that only repeats what an earlier strip began with stays beside its signs.
	bool again = strip->columns > 1 && is_sign(&strip->job->sheet->column[strip->column[1]]);
	for (int i = 0; i < strip->columns; i++) {
		const struct represent_column *from = &strip->job->sheet->column[strip->column[i]];
		double width = wanted_width(pen, strip, i);
		bool shares = width > NARROW && from->cell < 0 && from->kind != COLUMN_TIME && !again;
		shared += shares;
		column[i] = (struct table_column){
		    heading(pen, from), shares ? width : 0, width, from->kind == COLUMN_NUMBER ? PEN_RIGHT : PEN_LEFT, is_upright(strip, i)};
	}
	// Short ones stay as they are, and long ones share what is left; where there are only short ones, they all do. Strips look alike.
	bool alike = strip->job->sheet->column[strip->column[strip->columns - 1]].cell >= 0;
	for (int i = 0; shared == 0 && !alike && i < strip->columns; i++)
		column[i].share = column[i].width;
	struct table table = {
	    .column = column, .columns = strip->columns, .rows = strip->job->rows->count, .least = MM(6), .cell = cell, .source = strip};
	table_draw(pen, &table);
}

// Fills the strip from the sheet's columns on; gives where the next one begins. Its first columns, which may share what is left, need room
// to be read in.
static int fill_strip(struct pen *pen, struct strip *strip, int from)
{
	const struct represent_sheet *sheet = strip->job->sheet;
	double taken = strip->columns > 0 ? wanted_width(pen, strip, 0) : 0, whole = pen->right - pen->left;
	for (; from < sheet->columns && strip->columns < TABLE_MAX_COLUMNS; from++) {
		bool spread = sheet->column[from].cell >= 0, whole_width = spread || sheet->column[from].kind == COLUMN_TIME;
		strip->column[strip->columns++] = from;
		double width = wanted_width(pen, strip, strip->columns - 1);
		taken += whole_width ? width : width < NARROW ? width : NARROW;
		if (spread && taken > whole && strip->columns > 2) {
			strip->columns--;
			break;
		}
	}
	return from;
}

// Which columns are signs: those from here on; the number of columns if none are.
static int first_sign(const struct represent_sheet *sheet)
{
	int first = 0;
	while (first < sheet->columns && !is_sign(&sheet->column[first]))
		first++;
	return first;
}

static const char *day_of(struct pen *pen, const struct print_job *job, int column)
{
	const char *day = heading(pen, &job->sheet->column[column]);
	const char *words = words_date(pen->arena, job->language, "UTC", day, DATE_SHORT);
	return words ? words : day;
}

// From when to when, and what the signs mean.
static void draw_legend(struct pen *pen, const struct print_job *job)
{
	int first = first_sign(job->sheet), last = job->sheet->columns - 1;
	if (first > last)
		return;
	const char *from = day_of(pen, job, first), *to = day_of(pen, job, last);
	const char *span = first == last ? from : arena_print(pen->arena, "%s – %s", from, to);
	pen->y -= MM(2.5);
	pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, span, MM(2));
	pen_paragraph(pen, "P", PEN_SMALL, PEN_LEFT, words_text(job->language, "register.legend"), MM(1));
	pen_paragraph(pen, "P", PEN_SMALL, PEN_LEFT, words_text(job->language, "register.rule"), MM(4));
}

struct meetings {
	const struct print_job *job;
	int first;
};

static const char *meeting_cell(struct pen *pen, const void *source, int row, int column)
{
	const struct meetings *meetings = source;
	const char *heading = meetings->job->sheet->column[meetings->first + row].heading;
	if (column == 0)
		return arena_slice(pen->arena, heading, DAY);
	return strlen(heading) > DAY ? heading + DAY + 1 : "";
}

// What columns that say no more than a day stand for.
static void draw_meetings(struct pen *pen, const struct print_job *job)
{
	const struct meetings meetings = {job, first_sign(job->sheet)};
	int count = job->sheet->columns - meetings.first;
	if (count <= 0)
		return;
	const struct table_column column[] = {
	    {words_text(job->language, "register.day"), 0, MM(26), PEN_LEFT}, {words_text(job->language, "register.meeting"), 1, 0, PEN_LEFT}};
	struct table table = {.column = column, .columns = 2, .rows = count, .least = MM(6), .cell = meeting_cell, .source = &meetings};
	table_draw(pen, &table);
}

void print_table_only(struct pen *pen, const struct print_job *job)
{
	struct frame frame;
	frame_begin(&frame, pen, job, arena_print(pen->arena, "%s – %s", job->title, job->subtitle));
	if (print_rows(job, "meeting"))
		frame_heading(pen, job, job->title);
	else {
		const char *series = print_value(job, "print", "series");
		pen_paragraph(pen, "H1", PEN_TITLE, PEN_LEFT, job->title, MM(1.5));
		pen_paragraph(pen, "P", PEN_HEADING, PEN_LEFT, series, MM(0.8));
		pen_paragraph(pen, "P", PEN_SUBTITLE, PEN_LEFT, job->subtitle, MM(4));
	}
	draw_legend(pen, job);
	if (job->rows->count == 0) {
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, print_word(job, "nothing"), 0);
		return;
	}
	struct spread spread = {.row = -1};
	struct strip strip = {.job = job, .spread = &spread};
	int next = 0;
	do {
		next = fill_strip(pen, &strip, next);
		draw_strip(pen, &strip);
		pen->y += MM(8);
		strip = (struct strip){.job = job, .columns = 1, .spread = &spread};
	} while (next < job->sheet->columns);
	draw_meetings(pen, job);
	json_decref(spread.cells);
}
