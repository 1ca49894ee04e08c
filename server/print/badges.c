// badges.c: name badges on sheets of labels: the name as large as the label allows, the organisation, and the ticket's code.
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "print/inside.h"
#include "represent/represent.h"

// Sheets are symmetrical: what the labels and the gaps leave of A4 is margin, the same on both sides. Millimetres.
static const struct label_sheet {
	const char *name;
	int across, down;
	double width, height, gap_x, gap_y;
	bool cut; // plain paper: lines to cut along
} sheets[] = {
    {"plain_90x55", 2, 5, 90, 55, 0, 0, true},
    {"plain_a6", 2, 2, 105, 148, 0, 0, true},
    {"L4784", 3, 9, 63.5, 29.6, 2.5, 0, false},
    {"L4785", 2, 5, 80, 50, 15, 5, false},
    {"C32011", 2, 5, 85, 54, 10, 0, false},
    {"L7163", 2, 7, 99.1, 38.1, 2.5, 0, false},
};

static const struct label_sheet *wanted_sheet(const struct print_job *job)
{
	const char *name = print_value(job, "choices", "sheet");
	for (size_t i = 0; name && i < sizeof sheets / sizeof sheets[0]; i++)
		if (!strcmp(sheets[i].name, name))
			return &sheets[i];
	return &sheets[0];
}

static struct pen_box label_box(const struct pen *pen, const struct label_sheet *sheet, int place)
{
	double all_x = sheet->across * sheet->width + (sheet->across - 1) * sheet->gap_x;
	double all_y = sheet->down * sheet->height + (sheet->down - 1) * sheet->gap_y;
	int column = place % sheet->across, row = place / sheet->across;
	return (struct pen_box){(pen->width - MM(all_x)) / 2 + column * MM(sheet->width + sheet->gap_x),
	    (pen->height - MM(all_y)) / 2 + row * MM(sheet->height + sheet->gap_y), MM(sheet->width), MM(sheet->height)};
}

// Room for the code at the right where the label is broad, below where it is not.
static struct pen_box code_box(struct pen_box *rest)
{
	struct pen_box code;
	if (rest->width > rest->height * 1.2) {
		double size = rest->height < rest->width * 0.32 ? rest->height : rest->width * 0.32;
		size = size > MM(24) ? MM(24) : size;
		code = (struct pen_box){rest->x + rest->width - size, rest->y + rest->height - size, size, size};
		rest->width -= size + MM(1);
	} else {
		double size = MM(42);
		code = (struct pen_box){rest->x + (rest->width - size) / 2, rest->y + rest->height - size, size, size};
		rest->height -= size + MM(2);
	}
	return code;
}

static void write_person(struct pen *pen, const struct print_job *job, int row, struct pen_box box)
{
	const char *organisation = rows_text(job->rows, row, "organisation"), *position = rows_text(job->rows, row, "position");
	double height = box.height, caption = height > MM(30) ? height * 0.14 : 0;
	if (caption > 0)
		pen_fit(pen, (struct pen_box){box.x, box.y, box.width, caption}, false, 9, 6, print_headline(job));
	double name = (height - caption) * (organisation || position ? 0.55 : 1);
	pen_tag(pen, "P", NULL);
	pen_fit(pen, (struct pen_box){box.x, box.y + caption, box.width, name}, true, 40, 8, rows_text(job->rows, row, "name"));
	pen_end(pen, "P");
	double left = height - caption - name, below = box.y + caption + name;
	double first = organisation && position && left > MM(11) ? left * 0.4 : 0;
	pen_tag(pen, "P", NULL);
	if (first > 0)
		pen_fit(pen, (struct pen_box){box.x, below, box.width, first}, false, 11, 6, position);
	pen_fit(pen, (struct pen_box){box.x, below + first, box.width, left - first}, false, 14, 6.5,
	    organisation ? organisation
	    : position   ? position
	                 : "");
	pen_end(pen, "P");
}

static void draw_badge(struct pen *pen, const struct print_job *job, const struct label_sheet *sheet, int row, struct pen_box box)
{
	double inset = sheet->height < 35 ? MM(2.5) : MM(4);
	if (sheet->cut)
		pen_frame(pen, box, 0.25, 0.75);
	struct pen_box rest = {box.x + inset, box.y + inset, box.width - 2 * inset, box.height - 2 * inset};
	const char *ticket = rows_text(job->rows, row, "ticket_url");
	pen_tag(pen, "Sect", NULL);
	if (ticket) {
		struct pen_box code = code_box(&rest);
		pen_tag(pen, "Figure", NULL);
		pen_code(pen, code.x, code.y, code.width, represent_link("ticket_url", ticket, job->links, pen->arena));
		pen_end(pen, "Figure");
	}
	write_person(pen, job, row, rest);
	pen_end(pen, "Sect");
}

void print_badges(struct pen *pen, const struct print_job *job)
{
	const struct label_sheet *sheet = wanted_sheet(job);
	const char *start = print_value(job, "choices", "start");
	int labels = sheet->across * sheet->down, place = start ? (int)strtol(start, NULL, 10) - 1 : 0;
	place = place < 0 ? 0 : place % labels; // more than the sheet has: counted on, from its beginning
	pen_first_page(pen);
	for (int row = 0; row < job->rows->count && !pen_unwanted(pen); row++, place++) {
		if (place == labels) {
			pen_next_page(pen);
			place = 0;
		}
		draw_badge(pen, job, sheet, row, label_box(pen, sheet, place));
	}
	if (job->rows->count == 0)
		print_nobody(pen, job);
}
