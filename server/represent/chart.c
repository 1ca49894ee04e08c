// chart.c: where each bar, point and label of a chart is, and the chart as SVG.
#include "represent/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"
#include "represent/html.h"
#include "represent/words.h"

enum {
	LEFT = 52,
	RIGHT = 708,
	TOP = 52, // below title and legend
	BOTTOM = 276,
	MOST_BARS = 15, // more rows are a line
	LABEL_ROOM = 62,
	TICKS = 5,
};

static const struct {
	const char *colour, *dashes;
} looks[CHART_SERIES] = {
    {"#0072B2", "none"}, {"#D55E00", "7 4"}, {"#009E73", "2 3"}, {"#CC79A7", "9 3 2 3"}, {"#56B4E9", "12 4"}, {"#000000", "4 4"}};

static const char *word(const char *language, const char *name, struct arena *arena)
{
	const char *found = words_text(language, arena_print(arena, "register.number.%s", name));
	return found ? found : name;
}

static void take_series(struct chart *chart, const struct rows *rows, const char *language, struct arena *arena)
{
	for (int i = 0; i < rows->columns && chart->series < CHART_SERIES; i++) {
		if (rows->column[i].kind != COLUMN_NUMBER || rows->column[i].name[0] == '_')
			continue;
		struct chart_series *series = &chart->of[chart->series];
		series->name = word(language, rows->column[i].name, arena);
		series->colour = looks[chart->series].colour;
		series->dashes = looks[chart->series].dashes;
		series->mark = arena_alloc(arena, sizeof *series->mark * (size_t)(rows->count + 1));
		for (int row = 0; row < rows->count; row++) {
			const char *value = rows->value(rows, row, i);
			series->mark[row].value = value ? strtod(value, NULL) : 0;
		}
		chart->series++;
	}
}

static double largest(const struct chart *chart)
{
	double most = 0;
	for (int i = 0; i < chart->series; i++)
		for (int point = 0; point < chart->points; point++)
			most = fmax(most, chart->of[i].mark[point].value);
	return most;
}

// 1, 2 or 5 times a power of ten, so that about TICKS steps reach the top; people are whole.
static double step_for(double most)
{
	double rough = fmax(most / TICKS, 1), power = pow(10, floor(log10(rough)));
	double times = rough / power;
	return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

// Gives what the top of the field stands for.
static double place_ticks(struct chart *chart, struct arena *arena)
{
	double most = largest(chart), step = step_for(most), top = fmax(ceil(most / step), 1) * step;
	for (double value = 0; value <= top && chart->ticks < 12; value += step)
		chart->tick[chart->ticks++] = (struct chart_label){BOTTOM - value / top * (BOTTOM - TOP), arena_print(arena, "%.0f", value)};
	return top;
}

static void place_marks(struct chart *chart, double top)
{
	double slot = chart->points ? (double)(RIGHT - LEFT) / chart->points : 1;
	double gap = slot * 0.22, bar = fmin((slot - gap) / (chart->series ? chart->series : 1), 46);
	for (int i = 0; i < chart->series; i++)
		for (int point = 0; point < chart->points; point++) {
			struct chart_mark *mark = &chart->of[i].mark[point];
			double height = mark->value / top * (BOTTOM - TOP), middle = LEFT + slot * (point + 0.5);
			mark->y = BOTTOM - height;
			mark->x = chart->lines ? middle : middle + (i - chart->series / 2.0) * bar;
			mark->width = chart->lines ? 0 : bar - 1;
			mark->height = chart->lines ? 0 : height;
		}
}

static void place_labels(struct chart *chart, const struct rows *rows, const char *language, struct arena *arena)
{
	double slot = chart->points ? (double)(RIGHT - LEFT) / chart->points : 1;
	int each = (int)ceil(LABEL_ROOM / slot);
	chart->label = arena_alloc(arena, sizeof *chart->label * (size_t)(chart->points + 1));
	for (int point = 0; point < chart->points; point += each) {
		const char *label = rows_text(rows, point, "label");
		chart->label[chart->labels++] = (struct chart_label){LEFT + slot * (point + 0.5), word(language, label ? label : "", arena)};
	}
}

void chart_plan(struct chart *chart, const struct rows *rows, const char *title, const char *language, struct arena *arena)
{
	*chart = (struct chart){.title = title,
	    .points = rows->count,
	    .lines = rows->count > MOST_BARS,
	    .left = LEFT,
	    .right = RIGHT,
	    .top = TOP,
	    .bottom = BOTTOM};
	take_series(chart, rows, language, arena);
	place_marks(chart, place_ticks(chart, arena));
	place_labels(chart, rows, language, arena);
}

static void text_at(struct buffer *out, double x, double y, const char *anchor, const char *more, const char *text)
{
	buffer_print(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>", x, y, anchor, more);
	html_escape(out, text, strlen(text));
	buffer_puts(out, "</text>\n");
}

static void write_axes(struct buffer *out, const struct chart *chart)
{
	for (int i = 0; i < chart->ticks; i++) {
		buffer_print(out, "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", chart->left, chart->right,
		    chart->tick[i].at, chart->tick[i].at, i == 0 ? "#333333" : "#dddddd");
		text_at(out, chart->left - 8, chart->tick[i].at + 4, "end", "", chart->tick[i].text);
	}
	for (int i = 0; i < chart->labels; i++)
		text_at(out, chart->label[i].at, chart->bottom + 20, "middle", "", chart->label[i].text);
}

static void write_legend(struct buffer *out, const struct chart *chart)
{
	double x = chart->left;
	for (int i = 0; chart->series > 1 && i < chart->series; i++) {
		const struct chart_series *series = &chart->of[i];
		if (chart->lines)
			buffer_print(out,
			    "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"36\" y2=\"36\" stroke=\"%s\" stroke-width=\"3\" stroke-dasharray=\"%s\"/>\n", x, x + 24,
			    series->colour, series->dashes);
		else
			buffer_print(out, "<rect x=\"%.0f\" y=\"30\" width=\"14\" height=\"12\" fill=\"%s\"/>\n", x + 6, series->colour);
		text_at(out, x + 30, 41, "start", "", series->name);
		x += 44 + 8.0 * (double)strlen(series->name);
	}
}

static void write_bars(struct buffer *out, const struct chart *chart, const struct chart_series *series)
{
	for (int point = 0; point < chart->points; point++) {
		const struct chart_mark *mark = &series->mark[point];
		buffer_print(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", mark->x, mark->y, mark->width,
		    mark->height, series->colour);
		if (mark->width >= 14) {
			char value[32];
			snprintf(value, sizeof value, "%.0f", mark->value);
			text_at(out, mark->x + mark->width / 2, mark->y - 4, "middle", " font-size=\"11\"", value);
		}
	}
}

static void write_line(struct buffer *out, const struct chart *chart, const struct chart_series *series)
{
	buffer_puts(out, "<polyline points=\"");
	for (int point = 0; point < chart->points; point++)
		buffer_print(out, "%.1f,%.1f ", series->mark[point].x, series->mark[point].y);
	buffer_print(out, "\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" stroke-dasharray=\"%s\"/>\n", series->colour, series->dashes);
}

static void describe(struct buffer *out, const char *what, double value, bool last)
{
	html_escape(out, what, strlen(what));
	buffer_print(out, ": %.0f%s", value, last ? "" : "; ");
}

// What the picture says, for whoever hears it: of one series each bar, of several where each ends.
static void write_description(struct buffer *out, const struct chart *chart)
{
	buffer_puts(out, "<desc>");
	bool each = chart->series == 1 && chart->labels == chart->points;
	for (int i = 0; each && i < chart->points; i++)
		describe(out, chart->label[i].text, chart->of[0].mark[i].value, i + 1 == chart->points);
	for (int i = 0; !each && chart->points > 0 && i < chart->series; i++)
		describe(out, chart->of[i].name, chart->of[i].mark[chart->points - 1].value, i + 1 == chart->series);
	buffer_puts(out, "</desc>\n");
}

// On white paper of its own, so that it can be read on dark pages, and printed.
void chart_svg(struct buffer *out, const struct chart *chart, const char *language)
{
	buffer_print(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:lang=\"%s\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
	    "font-family=\"Lato, 'DejaVu Sans', sans-serif\" font-size=\"13\" fill=\"#222222\">\n<title>",
	    language, CHART_WIDTH, CHART_HEIGHT, CHART_WIDTH, CHART_HEIGHT);
	html_escape(out, chart->title, strlen(chart->title));
	buffer_puts(out, "</title>\n");
	write_description(out, chart);
	buffer_print(out, "<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#ffffff\"/>\n", CHART_WIDTH, CHART_HEIGHT);
	text_at(out, chart->left, 20, "start", " font-weight=\"bold\"", chart->title);
	write_legend(out, chart);
	write_axes(out, chart);
	for (int i = 0; i < chart->series; i++) {
		if (chart->lines)
			write_line(out, chart, &chart->of[i]);
		else
			write_bars(out, chart, &chart->of[i]);
	}
	buffer_puts(out, "</svg>\n");
}
