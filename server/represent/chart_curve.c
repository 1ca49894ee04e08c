// chart_curve.c: lines along an axis, told apart by dashes and signs, with what happened meanwhile marked above.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "represent/chart_draft.h"

enum { TALL = 210, TICKS = 5, MOST_EVENTS = 8, EVENT_ROWS = 4, EVENT_LINE = 17, LABEL_GAP = 10, SIGN_GAP = 36 };

static const double dashes[CHART_SERIES][4] = {{0}, {8, 4, 8, 4}, {2, 3, 2, 3}, {9, 3, 2, 3}};

struct field {
	double left, right, top, bottom, highest; // what its top stands for
	int rows;
};

static double x_of(const struct field *field, double place)
{
	return field->left + (field->right - field->left) * (place + 0.5) / fmax(field->rows, 1);
}

static double y_of(const struct field *field, double value)
{
	return field->bottom - (field->bottom - field->top) * value / field->highest;
}

struct chart_mark *draft_series_line(struct chart_draft *draft, int series, const double *at, int points)
{
	struct chart_mark *line = draft_line(draft, CHART_FIRST + series, 2.2, at, points);
	line->dash = series > 0 ? dashes[series] : NULL;
	return line;
}

// A disc, a square, a triangle, a square on its corner.
void draft_sign(struct chart_draft *draft, int series, double x, double y)
{
	enum { MOST = 12 };
	static const struct {
		int corners;
		double radius, turn;
	} signs[CHART_SERIES] = {{MOST, 4.5, 0}, {4, 5.6, 0.125}, {3, 6, 0.75}, {4, 6, 0}};
	double at[2 * MOST];
	for (int i = 0; i < signs[series].corners; i++) {
		double angle = 2 * 3.14159265358979323846 * ((double)i / signs[series].corners + signs[series].turn);
		at[2 * i] = x + signs[series].radius * cos(angle);
		at[2 * i + 1] = y + signs[series].radius * sin(angle);
	}
	draft_area(draft, CHART_FIRST + series, at, signs[series].corners);
}

// 1, 2 or 5 times a power of ten, so that about TICKS steps reach the top; people are whole.
static double step_for(double most)
{
	double rough = fmax(most / TICKS, 1), power = pow(10, floor(log10(rough)));
	double times = rough / power;
	return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

static void draw_grid(struct chart_draft *draft, const struct field *field, double step)
{
	int steps = (int)(field->highest / step + 0.5);
	for (int i = 0; i <= steps; i++) {
		double value = i * step, y = y_of(field, value);
		draft_line(draft, value > 0 ? CHART_GRID : CHART_MUTED, 1, (const double[]){field->left, y, field->right, y}, 2);
		draft_words(draft, field->left - 7, y + 4.5, CHART_END, draft_number(draft, value));
	}
}

static void draw_labels(struct chart_draft *draft, const struct field *field)
{
	double widest = 0, slot = (field->right - field->left) / fmax(field->rows, 1);
	for (int row = 0; row < draft->rows; row++)
		widest = fmax(widest, draft_width(draft->label[row], CHART_TEXT));
	int each = (int)ceil((widest + LABEL_GAP) / slot);
	for (int row = 0; row<draft->rows; row += each> 0 ? each : 1)
		draft_words(draft, x_of(field, row), field->bottom + 19, CHART_MIDDLE, draft->label[row]);
}

static void draw_line(struct chart_draft *draft, const struct field *field, int series)
{
	double *at = arena_alloc(draft->arena, sizeof *at * 2 * (size_t)(draft->rows + 1));
	for (int row = 0; row < draft->rows; row++) {
		at[2 * row] = x_of(field, row);
		at[2 * row + 1] = y_of(field, draft->value[series][row]);
	}
	if (draft->rows > 1)
		draft_series_line(draft, series, at, draft->rows);
	double before = -SIGN_GAP;
	for (int row = 0; row < draft->rows; row++)
		if (at[2 * row] - before >= SIGN_GAP || row + 1 == draft->rows) {
			draft_sign(draft, series, at[2 * row], at[2 * row + 1]);
			before = at[2 * row];
		}
}

// The series from the one that ends highest to the one that ends lowest.
static void order_by_end(const struct chart_draft *draft, int order[CHART_SERIES])
{
	int last = draft->rows - 1;
	for (int i = 0; i < draft->series; i++) {
		int at = i;
		for (; at > 0 && draft->value[i][last] > draft->value[order[at - 1]][last]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
}

// How many it is in the end stands at the right, the numbers of several lines one above the other however close these end.
static void draw_ends(struct chart_draft *draft, const struct field *field)
{
	int order[CHART_SERIES] = {0}, last = draft->rows - 1;
	if (draft->rows == 0)
		return;
	order_by_end(draft, order);
	double below = field->bottom + CHART_TEXT;
	for (int i = draft->series - 1; i >= 0; i--) {
		double value = draft->value[order[i]][last], y = fmin(y_of(field, value) + 4.5, below - CHART_TEXT - 1);
		struct chart_mark *number = draft_words(draft, x_of(field, last) + 10, y, CHART_START, draft_number(draft, value));
		number->tone = CHART_FIRST + order[i];
		number->strong = true;
		below = y;
	}
}

struct event {
	const char *text;
	double x, from; // of its line, and where its words begin
	int row;
};

// Words stand in the first row where they touch no others; gives how many rows that takes.
static int place_events(struct chart_draft *draft, const struct field *field, struct event *event, int *count)
{
	const struct rows *rows = draft->wish->events;
	double free_from[EVENT_ROWS] = {0};
	int used = 0;
	for (*count = 0; rows && *count < rows->count && *count < MOST_EVENTS; (*count)++) {
		struct event *one = &event[*count];
		const char *place = rows_text(rows, *count, "place");
		const char *note = rows_text(rows, *count, "note"), *label = draft_label(draft, rows, *count);
		const char *whole = note ? arena_print(draft->arena, "%s (%s)", label, note) : label;
		one->text = draft_fitting(draft, whole, draft->right - draft->left);
		double width = draft_width(one->text, CHART_TEXT);
		one->x = x_of(field, place ? strtod(place, NULL) : 0);
		one->from = fmax(draft->left, fmin(one->x - width / 2, draft->right - width));
		one->row = 0;
		while (one->row + 1 < EVENT_ROWS && one->from < free_from[one->row])
			one->row++;
		free_from[one->row] = one->from + width + LABEL_GAP;
		used = one->row + 1 > used ? one->row + 1 : used;
	}
	return used;
}

static void draw_events(struct chart_draft *draft, const struct field *field, double top, const struct event *event, int count)
{
	static const double dotted[4] = {4, 4, 4, 4};
	for (int i = 0; i < count; i++) {
		double foot = top + (event[i].row + 1) * EVENT_LINE - 4;
		draft_line(draft, CHART_MUTED, 1.4, (const double[]){event[i].x, foot + 3, event[i].x, field->bottom}, 2)->dash = dotted;
	}
	// Lines of others pass behind words.
	for (int i = 0; i < count; i++) {
		double foot = top + (event[i].row + 1) * EVENT_LINE - 4, width = draft_width(event[i].text, CHART_TEXT);
		draft_box(draft, CHART_PAPER, event[i].from - 2, foot - CHART_TEXT + 1, width + 4, CHART_TEXT + 3);
		draft_words(draft, event[i].from + width / 2, foot, CHART_MIDDLE, event[i].text);
	}
}

void draft_curve(struct chart_draft *draft)
{
	struct event event[MOST_EVENTS];
	double most = draft_most(draft), step = step_for(most), top = draft->y;
	struct field field = {.highest = fmax(ceil(most / step), 1) * step, .rows = draft->rows};
	field.left = draft->left + draft_width(draft_number(draft, field.highest), CHART_TEXT) + 8;
	field.right = draft->right - draft_width(draft_number(draft, most), CHART_TEXT) - 6;
	int count, lines = place_events(draft, &field, event, &count);
	field.top = top + lines * EVENT_LINE + 8;
	field.bottom = field.top + TALL;
	draw_grid(draft, &field, step);
	draw_labels(draft, &field);
	draw_events(draft, &field, top, event, count);
	for (int i = 0; i < draft->series; i++)
		draw_line(draft, &field, i);
	draw_ends(draft, &field);
	draft->y = field.bottom + 24;
}
