// sign_in_sheet.c: the sheet that is signed at the door: one column for signatures a day, room for whoever was not expected.
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

static int columns_of(struct pen *pen, const struct print_job *job, bool email, struct table_column *column)
{
	const struct rows *days = print_rows(job, "days");
	int count = 0;
	column[count++] = (struct table_column){print_word(job, "number"), 0, MM(11), PEN_RIGHT};
	column[count++] = (struct table_column){print_word(job, "name"), 3, 0, PEN_LEFT};
	column[count++] = (struct table_column){print_word(job, "position"), 2.4, 0, PEN_LEFT};
	column[count++] = (struct table_column){print_word(job, "organisation"), 3, 0, PEN_LEFT};
	if (email)
		column[count++] = (struct table_column){print_word(job, "email"), 2.6, 0, PEN_LEFT};
	int all = days && days->count > 0 ? days->count : 1;
	for (int day = 0; day < all && day < MAX_DAYS; day++)
		column[count++] = (struct table_column){days ? day_heading(pen, job, days, day) : print_word(job, "signature"), 0,
		    all == 1  ? MM(52)
		    : all < 4 ? MM(34)
		              : MM(24),
		    PEN_LEFT};
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

void print_sign_in_sheet(struct pen *pen, const struct print_job *job)
{
	struct frame frame;
	struct table_column column[TABLE_MAX_COLUMNS];
	struct sheet sheet = {job->rows, print_is(job, "choices", "email")};
	const char *blank = print_value(job, "choices", "blank"), *what = print_word(job, "sign_in_sheet");
	frame_begin(&frame, pen, job, arena_print(pen->arena, "%s – %s, %s", what, print_headline(job), print_when(pen, job)));
	frame_heading(pen, job, what);
	struct table table = {.column = column,
	    .columns = columns_of(pen, job, sheet.email, column),
	    .rows = job->rows->count + (blank ? (int)strtol(blank, NULL, 10) : 0),
	    .least = MM(10.5),
	    .grid = true,
	    .cell = cell,
	    .source = &sheet};
	table_draw(pen, &table);
	organiser_signs(pen, job);
}
