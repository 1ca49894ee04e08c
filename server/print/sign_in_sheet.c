// sign_in_sheet.c: the sheet that is signed at the door: one column for signatures a day, room for whoever was not expected.
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "print/frame.h"
#include "print/inside.h"
#include "print/table.h"
#include "represent/words.h"

enum { MAX_DAYS = 7, NUMBER = 0, NAME = 1, POSITION = 2, ORGANISATION = 3, EMAIL = 4 };

struct sheet {
	const struct rows *people;
	bool email;
};

static const char *cell(struct pen *pen, const void *source, int row, int column)
{
	const struct sheet *sheet = source;
	static const char *const names[] = {NULL, "name", "position", "organisation", "email"};
	if (column == NUMBER)
		return arena_print(pen->arena, "%d", row + 1);
	if (row >= sheet->people->count || column > (sheet->email ? EMAIL : ORGANISATION))
		return NULL;
	return rows_text(sheet->people, row, names[column]);
}

static const char *day_heading(struct pen *pen, const struct print_job *job, const struct rows *days, int day)
{
	if (days->count < 2)
		return print_word(job, "signature");
	const char *date = words_date(pen->arena, job->language, print_zone(job), rows_text(days, day, "day"), DATE_SHORT);
	return arena_print(pen->arena, "%s\n%s", print_word(job, "signature"), date ? date : "");
}

// What a name, a position, an organisation and an address need to be read in, and a signature to be written in.
#define LEAST_TEXT  MM(111)
#define LEAST_EMAIL MM(40)
#define LEAST_DAY   MM(24)

static double room_for_days(const struct pen *pen, bool email)
{
	return pen->right - pen->left - LEAST_TEXT - (email ? LEAST_EMAIL : 0);
}

static double day_width(double room, int days)
{
	double wish = days == 1 ? MM(52) : days < 4 ? MM(34) : LEAST_DAY;
	return fmin(wish, fmax(room / days, LEAST_DAY));
}

// More days than a page is wide for are sheets of their own, each with about as many.
static int days_a_sheet(const struct pen *pen, bool email, int days)
{
	int most = (int)(room_for_days(pen, email) / LEAST_DAY);
	int sheets = most > 1 ? (days + most - 1) / most : days;
	return (days + sheets - 1) / sheets;
}

// With the signatures of these days.
static int columns_of(struct pen *pen, const struct print_job *job, bool email, int day, int days, struct table_column *column)
{
	const struct rows *all = print_rows(job, "days");
	double width = day_width(room_for_days(pen, email), days);
	int count = 0;
	column[count++] = (struct table_column){print_word(job, "number"), 0, MM(11), PEN_RIGHT};
	column[count++] = (struct table_column){print_word(job, "name"), 3, 0, PEN_LEFT};
	column[count++] = (struct table_column){print_word(job, "position"), 2.4, 0, PEN_LEFT};
	column[count++] = (struct table_column){print_word(job, "organisation"), 3, 0, PEN_LEFT};
	if (email)
		column[count++] = (struct table_column){print_word(job, "email"), 2.6, 0, PEN_LEFT};
	for (int end = day + days; day < end; day++)
		column[count++] = (struct table_column){all ? day_heading(pen, job, all, day) : print_word(job, "signature"), 0, width, PEN_LEFT};
	return count;
}

static void organiser_signs(struct pen *pen, const struct print_job *job)
{
	pen_need(pen, MM(24));
	pen->y += MM(16);
	pen_line(pen, pen->right - MM(80), pen->y, pen->right, pen->y, 0.5, 0.2);
	pen_tag(pen, "P", NULL);
	pen_write(pen, pen->right - MM(80), pen->y + MM(1), MM(80), PEN_CAPTION, PEN_CENTRE, print_word(job, "organiser_signature"));
	pen_end(pen, "P");
	pen->y += MM(7);
}

static void draw_sheet(struct pen *pen, const struct print_job *job, int day, int days)
{
	struct table_column column[TABLE_MAX_COLUMNS];
	struct sheet sheet = {job->rows, print_is(job, "choices", "email")};
	const char *blank = print_value(job, "choices", "blank");
	struct table table = {.column = column,
	    .columns = columns_of(pen, job, sheet.email, day, days, column),
	    .rows = job->rows->count + (blank ? (int)strtol(blank, NULL, 10) : 0),
	    .least = MM(10.5),
	    .grid = true,
	    .cell = cell,
	    .source = &sheet};
	table_draw(pen, &table);
	organiser_signs(pen, job);
}

void print_sign_in_sheet(struct pen *pen, const struct print_job *job)
{
	struct frame frame;
	const char *what = print_word(job, "sign_in_sheet");
	frame_begin(&frame, pen, job, arena_print(pen->arena, "%s – %s, %s", what, print_headline(job), print_when(pen, job)));
	frame_heading(pen, job, what);
	const struct rows *days = print_rows(job, "days");
	int all = days ? days->count : 1, each;
	all = all > MAX_DAYS ? MAX_DAYS : all;
	each = days_a_sheet(pen, print_is(job, "choices", "email"), all);
	for (int day = 0; day < all; day += each) {
		if (day > 0)
			pen_next_page(pen);
		draw_sheet(pen, job, day, all - day < each ? all - day : each);
	}
}
