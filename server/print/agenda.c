// agenda.c: the programme as participants get it: times at the left, what and who at the right.
#include <string.h>

#include "base/arena.h"
#include "print/frame.h"
#include "print/inside.h"
#include "represent/words.h"

#define TIMES MM(30)

static const char *times(struct pen *pen, const struct print_job *job, int row)
{
	const char *begins = rows_text(job->rows, row, "begins_at"), *finishes = rows_text(job->rows, row, "finishes_at"),
	           *zone = print_zone(job);
	if (!begins)
		return "";
	const char *from = words_date(pen->arena, job->language, zone, begins, DATE_TIME);
	return finishes ? arena_print(pen->arena, "%s–%s", from, words_date(pen->arena, job->language, zone, finishes, DATE_TIME)) : from;
}

struct part {
	enum pen_style style;
	const char *text;
};

static int parts_of(const struct print_job *job, int row, struct part part[4])
{
	int count = 0;
	part[count++] = (struct part){PEN_STRONG, rows_text(job->rows, row, "title")};
	const char *speakers = rows_text(job->rows, row, "speakers"), *abstract = rows_text(job->rows, row, "abstract");
	if (speakers && *speakers)
		part[count++] = (struct part){PEN_BODY, speakers};
	if (abstract && *abstract)
		part[count++] = (struct part){PEN_SMALL, abstract};
	return count;
}

static bool begins_day(struct pen *pen, const struct print_job *job, int row)
{
	const char *begins = rows_text(job->rows, row, "begins_at"), *before = row > 0 ? rows_text(job->rows, row - 1, "begins_at") : NULL;
	if (!begins || (row > 0 && !before))
		return false;
	if (!before)
		return print_is(job, "meeting", "several_days");
	const char *zone = print_zone(job);
	return strcmp(words_date(pen->arena, "en", zone, begins, DATE_INPUT), words_date(pen->arena, "en", zone, before, DATE_INPUT)) != 0;
}

static void draw_item(struct pen *pen, const struct print_job *job, int row)
{
	struct part part[4];
	int parts = parts_of(job, row, part);
	double x = pen->left + TIMES, width = pen->right - x, height = MM(2.5);
	for (int i = 0; i < parts; i++)
		height += pen_measure(pen, part[i].style, width, part[i].text) + MM(0.6);
	bool long_one = height > pen->bottom - pen->top; // an abstract of several pages: only its beginning must fit
	pen_need(pen, long_one ? MM(20) : height);
	pen_tag(pen, "Sect", NULL);
	pen_tag(pen, "P", NULL);
	pen_write(pen, pen->left, pen->y, TIMES - MM(3), PEN_STRONG, PEN_LEFT, times(pen, job, row));
	pen_end(pen, "P");
	for (int i = 0; i < parts; i++) {
		double room = pen->bottom - pen->y, line = pen_measure(pen, part[i].style, -1, "X") * 1.1;
		pen_tag(pen, i == 0 ? "H3" : "P", NULL);
		int lines = long_one ? (int)(room / line) : 0;
		pen->y +=
		    pen_write_lines(pen, x, pen->y, width, part[i].style, PEN_LEFT, part[i].text, long_one && lines < 1 ? 1 : lines) + MM(0.6);
		pen_end(pen, i == 0 ? "H3" : "P");
	}
	pen_end(pen, "Sect");
	pen_line(pen, pen->left, pen->y + MM(0.6), pen->right, pen->y + MM(0.6), 0.4, 0.75);
	pen->y += MM(2.5);
}

void print_agenda(struct pen *pen, const struct print_job *job)
{
	struct frame frame;
	frame_begin(&frame, pen, job, arena_print(pen->arena, "%s – %s", print_word(job, "agenda"), print_headline(job)));
	frame_heading(pen, job, print_word(job, "agenda"));
	for (int row = 0; row < job->rows->count; row++) {
		if (begins_day(pen, job, row)) {
			pen->y += MM(2);
			pen_need(pen, MM(24));
			const char *begins = rows_text(job->rows, row, "begins_at");
			pen_paragraph(
			    pen, "H2", PEN_HEADING, PEN_LEFT, words_date(pen->arena, job->language, print_zone(job), begins, DATE_LONG), MM(2));
		}
		draw_item(pen, job, row);
	}
	if (job->rows->count == 0)
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, print_word(job, "no_agenda"), 0);
}
