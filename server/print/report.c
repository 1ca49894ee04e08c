// report.c: what became of a meeting, for its funder and its files: numbers, who answered what, by organisation and group, and who came.
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "print/frame.h"
#include "print/inside.h"
#include "print/table.h"
#include "represent/words.h"

static long count_of(const struct print_job *job, const char *column)
{
	const char *value = print_value(job, "counts", column);
	return value ? strtol(value, NULL, 10) : 0;
}

// With its share of the whole, where there is one.
static const char *number_of(struct pen *pen, long count, long whole)
{
	return whole > 0 ? arena_print(pen->arena, "%ld (%ld%%)", count, (count * 100 + whole / 2) / whole)
	                 : arena_print(pen->arena, "%ld", count);
}

// Bars that say their numbers: read in black and white, and by who does not see the bars.
static void draw_bars(struct pen *pen, const struct print_job *job, const char *const *column, long most, bool shares)
{
	double labels = MM(62), numbers = MM(22), room = pen->right - pen->left - labels - numbers;
	pen_tag(pen, "Table", NULL);
	for (; *column; column++) {
		long count = count_of(job, *column);
		pen_need(pen, MM(7));
		pen_tag(pen, "TR", NULL);
		pen_tag(pen, "TH", NULL);
		pen_write_lines(pen, pen->left, pen->y + MM(0.8), labels - MM(3), PEN_CELL, PEN_LEFT, print_word(job, *column), 1);
		pen_end(pen, "TH");
		double length = most > 0 ? room * (double)count / (double)most : 0;
		pen_fill(pen, (struct pen_box){pen->left + labels, pen->y + MM(0.8), room, MM(4.4)}, 0.95);
		pen_fill(pen, (struct pen_box){pen->left + labels, pen->y + MM(0.8), length > room ? room : length, MM(4.4)}, 0.35);
		pen_tag(pen, "TD", NULL);
		pen_write(pen, pen->right - numbers, pen->y + MM(0.8), numbers, PEN_CELL, PEN_RIGHT, number_of(pen, count, shares ? most : 0));
		pen_end(pen, "TD");
		pen_end(pen, "TR");
		pen->y += MM(6.6);
	}
	pen_end(pen, "Table");
	pen->y += MM(3);
}

static void heading(struct pen *pen, const char *text)
{
	pen->y += MM(3);
	pen_need(pen, MM(28));
	pen_paragraph(pen, "H2", PEN_HEADING, PEN_LEFT, text, MM(2));
}

static const char *const part_columns[] = {"name", "invited", "answered", "accepted", "declined", "came"};

static const char *part_cell(struct pen *pen, const void *source, int row, int column)
{
	(void)pen;
	return rows_text(source, row, part_columns[column]);
}

static void draw_parts(struct pen *pen, const struct print_job *job, const char *part, const char *what)
{
	enum { COLUMNS = sizeof part_columns / sizeof part_columns[0] };
	const struct rows *rows = print_rows(job, part);
	if (!rows)
		return;
	struct table_column column[COLUMNS] = {{print_word(job, what), 1, 0, PEN_LEFT}};
	for (int i = 1; i < COLUMNS; i++)
		column[i] = (struct table_column){print_word(job, part_columns[i]), 0, MM(22), PEN_RIGHT};
	heading(pen, arena_print(pen->arena, "%s", print_word(job, part)));
	struct table table = {.column = column, .columns = COLUMNS, .rows = rows->count, .least = MM(6), .cell = part_cell, .source = rows};
	table_draw(pen, &table);
}

static const char *came_cell(struct pen *pen, const void *source, int row, int column)
{
	const struct print_job *job = source;
	static const char *const names[] = {NULL, "name", "position", "organisation", "state", "arrived_at"};
	const struct rows *rows = print_rows(job, "present");
	if (column == 0)
		return arena_print(pen->arena, "%d", row + 1);
	const char *value = rows_text(rows, row, names[column]);
	if (!value || column < 4)
		return value;
	if (column == 4)
		return print_word(job, arena_print(pen->arena, "state_%s", value));
	return words_date(pen->arena, job->language, print_zone(job), value, DATE_TIME);
}

static void draw_present(struct pen *pen, const struct print_job *job)
{
	const struct rows *rows = print_rows(job, "present");
	heading(pen, print_word(job, "attendance_list"));
	if (!rows) {
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, print_word(job, "nobody_came"), 0);
		return;
	}
	const struct table_column column[] = {{print_word(job, "number"), 0, MM(11), PEN_RIGHT}, {print_word(job, "name"), 3, 0, PEN_LEFT},
	    {print_word(job, "position"), 2.4, 0, PEN_LEFT}, {print_word(job, "organisation"), 3, 0, PEN_LEFT},
	    {print_word(job, "attendance"), 0, MM(25), PEN_LEFT}, {print_word(job, "arrived"), 0, MM(19), PEN_RIGHT}};
	struct table table = {.column = column, .columns = 6, .rows = rows->count, .least = MM(6), .cell = came_cell, .source = job};
	table_draw(pen, &table);
}

void print_report(struct pen *pen, const struct print_job *job)
{
	static const char *const answers[] = {"accepted", "tentative", "declined", "delegated", "waitlisted", "needs_action", NULL};
	static const char *const came[] = {"came_in_person", "came_remotely", "walk_ins", "excused", "no_shows", NULL};
	struct frame frame;
	const char *what = print_word(job, "report"), *purpose = print_value(job, "meeting", "purpose");
	frame_begin(&frame, pen, job, arena_print(pen->arena, "%s – %s", what, print_headline(job)));
	frame_heading(pen, job, what);
	if (purpose && *purpose)
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, purpose, MM(1));
	long invited = count_of(job, "invited"), attended = count_of(job, "came");
	heading(pen, arena_print(pen->arena, "%s: %ld", print_word(job, "invited_people"), invited));
	draw_bars(pen, job, answers, invited, true);
	long accepted = count_of(job, "accepted"), most = attended > accepted ? attended : accepted;
	heading(pen, arena_print(pen->arena, "%s: %ld", print_word(job, "came_people"), attended));
	draw_bars(pen, job, came, most, false);
	draw_parts(pen, job, "organisations", "organisation");
	draw_parts(pen, job, "groups", "group");
	draw_present(pen, job);
}
