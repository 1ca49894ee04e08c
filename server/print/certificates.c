// certificates.c: certificates of attendance, a page each, with a code that leads to where they can be verified.
#include "base/arena.h"
#include "print/frame.h"
#include "print/inside.h"
#include "represent/represent.h"
#include "represent/words.h"

static void draw_proof(struct pen *pen, const struct print_job *job, int row, double y)
{
	const char *link = represent_link("certificate_url", rows_text(job->rows, row, "certificate_url"), job->links, pen->arena);
	double size = MM(30), x = pen->left;
	if (!link)
		return;
	pen_tag(pen, "Figure", NULL);
	pen_code(pen, x, y, size, link);
	pen_end(pen, "Figure");
	double beside = x + size + MM(2), width = MM(78);
	pen_tag(pen, "P", NULL);
	double height = pen_write(pen, beside, y + MM(3.5), width, PEN_CAPTION, PEN_LEFT, print_word(job, "verify"));
	pen_link(pen, link);
	pen_write(pen, beside, y + MM(4.5) + height, width, PEN_CAPTION, PEN_LEFT, link);
	pen_end(pen, "Link");
	pen_end(pen, "P");
}

static void draw_signature(struct pen *pen, const struct print_job *job, double y)
{
	double width = MM(75), x = pen->right - width;
	pen_line(pen, x, y + MM(19), x + width, y + MM(19), 0.5, 0.2);
	pen_tag(pen, "P", NULL);
	y += pen_write(pen, x, y + MM(20.5), width, PEN_CAPTION, PEN_CENTRE, print_word(job, "organiser_signature"));
	pen_write(pen, x, y + MM(21), width, PEN_SMALL, PEN_CENTRE, print_value(job, "meeting", "organiser"));
	pen_end(pen, "P");
}

static double line(struct pen *pen, double y, double height, bool bold, double largest, const char *tag, const char *text)
{
	if (!text || !*text)
		return y;
	pen_tag(pen, tag, NULL);
	pen_fit(pen, (struct pen_box){pen->left + MM(10), y, pen->right - pen->left - MM(20), height}, bold, largest, 8, text);
	pen_end(pen, tag);
	return y + height;
}

static const char *person_below(struct pen *pen, const struct rows *rows, int row)
{
	const char *position = rows_text(rows, row, "position"), *organisation = rows_text(rows, row, "organisation");
	if (position && organisation)
		return arena_print(pen->arena, "%s\n%s", position, organisation);
	return position ? position : organisation;
}

static void draw_certificate(struct pen *pen, const struct print_job *job, int row)
{
	double foot = pen->bottom - MM(34), height = foot - pen->y, unit = height / 20, y = pen->y;
	const char *theme = print_value(job, "meeting", "theme"), *title = print_value(job, "meeting", "title");
	const char *remote = rows_text(job->rows, row, "remote");
	pen_tag(pen, "Sect", NULL);
	y = line(pen, y + unit, unit * 2.4, true, 30, "H1", print_word(job, "certificate"));
	y = line(pen, y + unit * 0.6, unit * 1.2, false, 13, "P", print_word(job, "certified"));
	y = line(pen, y + unit * 0.2, unit * 2.8, true, 30, "P", rows_text(job->rows, row, "name"));
	y = line(pen, y, unit * 2, false, 12, "P", person_below(pen, job->rows, row));
	y = line(
	    pen, y + unit * 0.3, unit * 1.2, false, 13, "P", print_word(job, remote && *remote == 't' ? "took_part_remotely" : "took_part"));
	y = line(pen, y, unit * 2.2, true, 17, "P", title);
	y = line(pen, y, unit * 1.8, false, 13, "P", theme);
	y = line(pen, y + unit * 0.2, unit * 1.1, false, 11.5, "P", print_when(pen, job));
	y = line(pen, y, unit * 1.3, false, 11.5, "P", print_value(job, "meeting", "place"));
	line(pen, y + unit * 0.2, unit, false, 10, "P", frame_project(pen, job));
	draw_proof(pen, job, row, foot + MM(2));
	draw_signature(pen, job, foot);
	pen_end(pen, "Sect");
}

static const char *language_of(const struct print_job *job, int row)
{
	const char *own = rows_text(job->rows, row, "language");
	return own && !job->language_chosen && words_text(own, "print.certificate") ? own : job->language;
}

void print_certificates(struct pen *pen, const struct print_job *job)
{
	struct frame frame;
	struct print_job one = *job;
	frame_begin(&frame, pen, &one, NULL);
	for (int row = 0; row < job->rows->count && !pen_unwanted(pen); row++) {
		one.language = language_of(job, row);
		if (row > 0)
			pen_next_page(pen);
		draw_certificate(pen, &one, row);
	}
	if (job->rows->count == 0)
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, print_word(job, "nobody_came"), 0);
}
