// frame.c: the top and bottom of each page, as funders want them, and the head of a document.
#include "print/frame.h"

#include <string.h>

#include "base/arena.h"
#include "print/inside.h"

#define MARGIN    MM(15)
#define LOGO_ROOM MM(17)
#define GAP       MM(4)

static bool has(const char *text)
{
	return text && *text;
}

const char *frame_project(struct pen *pen, const struct print_job *job)
{
	const char *title = print_value(job, "print", "project_title"), *number = print_value(job, "print", "project_number");
	if (!has(title) && !has(number))
		return NULL;
	const char *which = has(number) ? arena_print(pen->arena, "%s %s", print_word(job, "project_number"), number) : NULL;
	return arena_print(pen->arena, "%s%s%s%s%s", has(title) ? print_word(job, "project") : "", has(title) ? " " : "",
	    has(title) ? title : "", has(title) && which ? " · " : "", which ? which : "");
}

static double logo_height(const struct pen *pen, const struct pen_picture *logo)
{
	if (!logo->surface)
		return 0;
	double across = (pen->right - pen->left) * logo->height / logo->width;
	return across < LOGO_ROOM ? across : LOGO_ROOM;
}

static const char *page_words(const struct pen *pen, const struct print_job *job)
{
	return arena_print(pen->arena, "%s %d %s %d", print_word(job, "page"), pen->page, print_word(job, "of"), pen->pages ? pen->pages : 1);
}

static void draw_foot(struct pen *pen, const struct frame *frame)
{
	double width = pen->right - pen->left, y = pen->height - MM(11);
	if (frame->numbered) {
		pen_write_lines(pen, pen->left, y, width * 0.8, PEN_CAPTION, PEN_LEFT, print_value(frame->job, "meeting", "platform"), 1);
		pen_write(pen, pen->left, y, width, PEN_CAPTION, PEN_RIGHT, page_words(pen, frame->job));
	}
	double logo = logo_height(pen, &frame->below);
	if (logo > 0) {
		y -= logo + MM(2);
		pen_show(pen, &frame->below, (struct pen_box){pen->left, y, width, logo}, frame->funder);
	}
	if (has(frame->funder)) {
		y -= pen_measure(pen, PEN_SMALL, width, frame->funder) + MM(2);
		pen_write(pen, pen->left, y, width, PEN_SMALL, PEN_CENTRE, frame->funder);
	}
}

static void furnish(struct pen *pen, void *argument)
{
	const struct frame *frame = argument;
	double width = pen->right - pen->left, y = MM(10), logo = logo_height(pen, &frame->above);
	if (logo > 0) {
		pen_show(pen, &frame->above, (struct pen_box){pen->left, y, width, logo}, frame->funder);
		y += logo + GAP;
	}
	if (pen->page > 1 && has(frame->running)) {
		y += pen_write_lines(pen, pen->left, y, width, PEN_CAPTION, PEN_LEFT, frame->running, 1) + MM(1.5);
		pen_line(pen, pen->left, y, pen->right, y, 0.5, 0.6);
		y += MM(2.5);
	}
	pen->y = pen->page > 1 || logo > 0 ? y : pen->top;
	draw_foot(pen, frame);
}

void frame_begin(struct frame *frame, struct pen *pen, const struct print_job *job, const char *running)
{
	*frame = (struct frame){.job = job, .running = running, .numbered = running != NULL};
	pen->left = MARGIN;
	pen->right = pen->width - MARGIN;
	pen->top = MM(14);
	pen->bottom = pen->height - MM(15);
	frame->above = pen_picture(pen->arena, print_value(job, "print", "logo_top"));
	frame->below = pen_picture(pen->arena, print_value(job, "print", "logo_bottom"));
	frame->funder = print_value(job, "print", "funder_text");
	double logo = logo_height(pen, &frame->below);
	if (logo > 0)
		pen->bottom -= logo + MM(2);
	if (has(frame->funder))
		pen->bottom -= pen_measure(pen, PEN_SMALL, pen->right - pen->left, frame->funder) + MM(3);
	pen->furniture = furnish;
	pen->argument = frame;
	pen_first_page(pen);
}

void frame_heading(struct pen *pen, const struct print_job *job, const char *what)
{
	const char *theme = print_value(job, "meeting", "theme"), *title = print_value(job, "meeting", "title");
	pen_paragraph(pen, "H1", PEN_TITLE, PEN_LEFT, what, MM(1.5));
	pen_paragraph(pen, "P", PEN_HEADING, PEN_LEFT, title, MM(0.8));
	pen_paragraph(pen, "P", PEN_SUBTITLE, PEN_LEFT, theme, MM(0.8));
	pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, print_when(pen, job), MM(0.5));
	const char *place = print_value(job, "meeting", "place");
	if (has(place))
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, arena_print(pen->arena, "%s %s", print_word(job, "place"), place), MM(0.5));
	pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, frame_project(pen, job), MM(0.5));
	pen->y += MM(3);
}
