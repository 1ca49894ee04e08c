// name_cards.c: cards for the table, folded to a tent: the name on both sides, the one at the back on its head.
#include <string.h>

#include "base/arena.h"
#include "print/inside.h"

static void draw_face(struct pen *pen, const struct print_job *job, int row, struct pen_box face)
{
	const char *organisation = rows_text(job->rows, row, "organisation"), *position = rows_text(job->rows, row, "position");
	double inset = face.height * 0.12;
	struct pen_box box = {face.x + MM(12), face.y + inset, face.width - MM(24), face.height - 2 * inset};
	double name = box.height * (organisation || position ? 0.55 : 1), rest = box.height - name;
	pen_fit(pen, (struct pen_box){box.x, box.y, box.width, name}, true, 72, 14, rows_text(job->rows, row, "name"));
	double first = organisation && position ? rest * 0.4 : 0;
	if (first > 0)
		pen_fit(pen, (struct pen_box){box.x, box.y + name, box.width, first}, false, 20, 9, position);
	if (rest > 0)
		pen_fit(pen, (struct pen_box){box.x, box.y + name + first, box.width, rest - first}, false, 26, 9,
		    organisation ? organisation : position);
}

static void draw_tent(struct pen *pen, const struct print_job *job, int row, struct pen_box card)
{
	double half = card.height / 2, middle = card.y + half;
	struct pen_box front = {card.x, middle, card.width, half};
	pen_turn(pen, card.x + card.width / 2, middle);
	draw_face(pen, job, row, front); // not tagged: who listens needs each name once
	pen_turn_back(pen);
	pen_tag(pen, "P", NULL);
	draw_face(pen, job, row, front);
	pen_end(pen, "P");
	// Only where the fold begins and ends, so that no line is seen on the table.
	pen_line(pen, card.x, middle, card.x + MM(6), middle, 0.4, 0.5);
	pen_line(pen, card.x + card.width - MM(6), middle, card.x + card.width, middle, 0.4, 0.5);
}

void print_name_cards(struct pen *pen, const struct print_job *job)
{
	const char *size = print_value(job, "choices", "size");
	int cards = size && !strcmp(size, "large") ? 1 : 2;
	double height = pen->height / cards;
	pen_first_page(pen);
	for (int row = 0; row < job->rows->count && !pen_unwanted(pen); row++) {
		int place = row % cards;
		if (row > 0 && place == 0)
			pen_next_page(pen);
		draw_tent(pen, job, row, (struct pen_box){0, place * height, pen->width, height});
		if (place + 1 < cards)
			pen_line(pen, 0, height, pen->width, height, 0.25, 0.7);
	}
	if (job->rows->count == 0)
		print_nobody(pen, job);
}
