// chart.c: what every chart begins with (title, legend, numbers read from rows), and the marks it is made of.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"
#include "represent/chart_draft.h"
#include "represent/words.h"

// Okabe and Ito's blue, vermilion and green, told apart by whoever sees no red or green; lighter on dark paper.
const struct chart_colour chart_colours[CHART_TONES] = {
    [CHART_PAPER] = {0xffffff, 0x1e2120},
    [CHART_INK] = {0x1c1f1e, 0xece9e2},
    [CHART_MUTED] = {0x585c59, 0xaeaba3},
    [CHART_GRID] = {0xd5d5d5, 0x41464a},
    [CHART_FIRST] = {0x0072b2, 0x6cb9ea},
    [CHART_FIRST + 1] = {0xb84a00, 0xf0955a},
    [CHART_FIRST + 2] = {0x007a5a, 0x5fcfaa},
    [CHART_FIRST + 3] = {0x8a3f73, 0xe0a3cb},
};

static struct chart_mark *add(struct chart_draft *draft, struct chart_mark mark, const double *at)
{
	struct chart *chart = draft->chart;
	if (chart->marks == draft->room) {
		int room = draft->room * 2 + 32;
		chart->mark = arena_grow(draft->arena, chart->mark, sizeof *chart->mark * (size_t)chart->marks, sizeof *chart->mark * (size_t)room);
		draft->room = room;
	}
	size_t size = sizeof *at * 2 * (size_t)mark.points;
	mark.at = memcpy(arena_alloc(draft->arena, size), at, size);
	chart->mark[chart->marks] = mark;
	return &chart->mark[chart->marks++];
}

void draft_area(struct chart_draft *draft, enum chart_tone tone, const double *at, int points)
{
	add(draft, (struct chart_mark){.kind = CHART_AREA, .tone = tone, .points = points}, at);
}

void draft_box(struct chart_draft *draft, enum chart_tone tone, double x, double y, double width, double height)
{
	draft_area(draft, tone, (const double[]){x, y, x + width, y, x + width, y + height, x, y + height}, 4);
}

struct chart_mark *draft_line(struct chart_draft *draft, enum chart_tone tone, double thickness, const double *at, int points)
{
	return add(draft, (struct chart_mark){.kind = CHART_LINE, .tone = tone, .points = points, .size = thickness}, at);
}

struct chart_mark *draft_words(struct chart_draft *draft, double x, double y, enum chart_anchor anchor, const char *text)
{
	const struct chart_mark mark = {
	    .kind = CHART_WORDS, .tone = CHART_INK, .points = 1, .size = CHART_TEXT, .text = text, .anchor = anchor};
	return add(draft, mark, (const double[]){x, y});
}

static bool begins_letter(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

// In parts of a font's size, as Lato has them: a capital is wider than other letters, and M and W are wider still.
static double letter_width(char first)
{
	bool widest = first == 'M' || first == 'W' || first == '@' || first == '%';
	return widest ? 0.92 : first >= 'A' && first <= 'Z' ? 0.72 : (unsigned char)first >= 0xd0 ? 0.65 : 0.55;
}

double draft_width(const char *text, double size)
{
	double width = 0;
	for (; *text; text++)
		width += begins_letter(*text) ? letter_width(*text) : 0;
	return width * size;
}

const char *draft_fitting(struct chart_draft *draft, const char *text, double room)
{
	double width = CHART_TEXT; // of the ellipsis
	size_t length = 0;
	if (draft_width(text, CHART_TEXT) <= room)
		return text;
	while (text[length] && (width += letter_width(text[length]) * CHART_TEXT) <= room)
		do
			length++;
		while (text[length] && !begins_letter(text[length]));
	return arena_print(draft->arena, "%.*s…", (int)length, text);
}

static const char *word(const struct chart_draft *draft, const char *name)
{
	const char *found = words_text(draft->wish->language, arena_print(draft->arena, "register.number.%s", name));
	return found ? found : name;
}

const char *draft_label(struct chart_draft *draft, const struct rows *rows, int row)
{
	const char *key = rows_text(rows, row, "key"), *label = rows_text(rows, row, "label");
	return key ? word(draft, key) : label ? label : "";
}

const char *draft_number(struct chart_draft *draft, double value)
{
	return arena_print(draft->arena, "%.0f", value);
}

double draft_most(const struct chart_draft *draft)
{
	double most = 0;
	for (int i = 0; i < draft->series; i++)
		for (int row = 0; row < draft->rows; row++)
			most = fmax(most, draft->value[i][row]);
	return most;
}

static void read_series(struct chart_draft *draft, const struct rows *rows, int column)
{
	double *value = arena_alloc(draft->arena, sizeof *value * (size_t)(rows->count + 1));
	for (int row = 0; row < rows->count; row++) {
		const char *text = rows->value(rows, row, column);
		value[row] = text ? strtod(text, NULL) : 0;
	}
	draft->name[draft->series] = word(draft, rows->column[column].name);
	draft->value[draft->series++] = value;
}

static void read_rows(struct chart_draft *draft)
{
	const struct rows *rows = draft->wish->rows;
	draft->rows = rows->count;
	draft->label = arena_alloc(draft->arena, sizeof *draft->label * (size_t)(rows->count + 1));
	for (int row = 0; row < rows->count; row++)
		draft->label[row] = draft_label(draft, rows, row);
	for (int i = 0; i < rows->columns && draft->series < CHART_SERIES; i++)
		if (rows->column[i].kind == COLUMN_NUMBER && rows->column[i].name[0] != '_')
			read_series(draft, rows, i);
}

static void draw_title(struct chart_draft *draft)
{
	if (!*draft->chart->title)
		return;
	draft->y += CHART_EDGE + CHART_TEXT;
	const char *title = draft_fitting(draft, draft->chart->title, (draft->right - draft->left) * 0.95);
	draft_words(draft, draft->left, draft->y, CHART_START, title)->strong = true;
	draft->y += 10;
}

static void draw_sample(struct chart_draft *draft, int series, double x)
{
	double middle = draft->y + CHART_LEGEND / 2.0;
	if (draft->wish->curve) {
		draft_series_line(draft, series, (const double[]){x, middle, x + 28, middle}, 2);
		draft_sign(draft, series, x + 14, middle);
	} else
		draft_bar(draft, series, x, middle - 6, 28, 12);
}

// One series needs none: the title says what it is.
static void draw_legend(struct chart_draft *draft)
{
	double x = draft->left;
	for (int i = 0; draft->series > 1 && i < draft->series; i++) {
		double width = 36 + draft_width(draft->name[i], CHART_TEXT);
		if (i > 0 && x + width > draft->right) {
			x = draft->left;
			draft->y += CHART_LEGEND;
		}
		draw_sample(draft, i, x);
		draft_words(draft, x + 34, draft->y + CHART_LEGEND / 2.0 + 4.5, CHART_START, draft->name[i]);
		x += width + 18;
	}
	draft->y += draft->series > 1 ? CHART_LEGEND + 4 : 0;
}

// Of bars each, of a curve where it ends.
static const char *described(const struct chart_draft *draft)
{
	struct buffer out;
	buffer_init(&out, draft->arena);
	buffer_puts(&out, "");
	for (int row = draft->wish->curve && draft->rows > 0 ? draft->rows - 1 : 0; row < draft->rows; row++) {
		buffer_print(&out, "%s%s: ", out.length > 0 ? "; " : "", draft->label[row]);
		for (int i = 0; i < draft->series; i++)
			if (draft->series > 1)
				buffer_print(&out, "%s%s %.0f", i > 0 ? ", " : "", draft->name[i], draft->value[i][row]);
			else
				buffer_print(&out, "%.0f", draft->value[i][row]);
	}
	return out.data;
}

void chart_plan(struct chart *chart, const struct chart_wish *wish, struct arena *arena)
{
	*chart = (struct chart){.title = wish->title, .width = wish->narrow ? CHART_NARROW : CHART_WIDE};
	struct chart_draft draft = {.chart = chart, .wish = wish, .arena = arena, .left = CHART_EDGE, .right = chart->width - CHART_EDGE};
	read_rows(&draft);
	draw_title(&draft);
	draw_legend(&draft);
	if (wish->curve)
		draft_curve(&draft);
	else
		draft_bars(&draft);
	chart->height = ceil(draft.y + CHART_EDGE);
	chart->description = described(&draft);
}
