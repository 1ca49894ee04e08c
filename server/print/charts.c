// charts.c: a planned chart on paper: the same marks as on the page, set in the paper's fonts.
#include "print/pen.h"

#include "base/arena.h"
#include "represent/chart.h"

#include "print/library.h"

static void set_tone(struct pen *pen, enum chart_tone tone)
{
	unsigned colour = chart_colours[tone].light;
	cairo_set_source_rgb(pen->cairo, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0, (colour & 0xff) / 255.0);
}

static void draw_path(struct pen *pen, const struct chart_mark *mark)
{
	for (int i = 0; i < mark->points; i++) {
		if (i == 0 || (mark->kind == CHART_STROKES && i % 2 == 0))
			cairo_move_to(pen->cairo, mark->at[2 * i], mark->at[2 * i + 1]);
		else
			cairo_line_to(pen->cairo, mark->at[2 * i], mark->at[2 * i + 1]);
	}
	if (mark->kind == CHART_AREA) {
		cairo_fill(pen->cairo);
		return;
	}
	cairo_set_line_width(pen->cairo, mark->size);
	cairo_set_dash(pen->cairo, mark->dash, mark->dash ? 4 : 0, 0);
	cairo_stroke(pen->cairo);
}

static void draw_words(struct pen *pen, const struct chart_mark *mark)
{
	pen_words(pen, mark->at[0], mark->at[1], mark->size, mark->strong, mark->anchor / 2.0, mark->text);
}

double pen_chart(struct pen *pen, const struct chart *chart, double x, double y, double width)
{
	double scale = width / chart->width;
	if (pen->dry)
		return chart->height * scale;
	pen_tag(pen, "Figure", NULL);
	cairo_save(pen->cairo);
	cairo_translate(pen->cairo, x, y);
	cairo_scale(pen->cairo, scale, scale);
	for (int i = 0; i < chart->marks; i++) {
		set_tone(pen, chart->mark[i].tone);
		if (chart->mark[i].kind == CHART_WORDS)
			draw_words(pen, &chart->mark[i]);
		else
			draw_path(pen, &chart->mark[i]);
	}
	cairo_restore(pen->cairo);
	pen_end(pen, "Figure");
	return chart->height * scale;
}
