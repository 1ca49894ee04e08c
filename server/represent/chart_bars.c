// chart_bars.c: bars that lie below each other, told apart by their hatching, with their numbers at their ends.
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "represent/chart_draft.h"

enum { BAR = 14, BAR_GAP = 3, ROW_GAP = 12, LINE = 17, STEP = 6 };

// Lines at a slant of 45° (`slant` 1) or upright (0) within a box, as pairs of points.
static void hatch(struct chart_draft *draft, enum chart_tone tone, int slant, double x, double y, double width, double height)
{
	double reach = slant * height;
	int lines = (int)((width + reach - 0.01) / STEP);
	double *at = arena_alloc(draft->arena, sizeof *at * 4 * (size_t)(lines + 1));
	for (int i = 0; i < lines; i++) {
		double foot = STEP * (i + 1) - reach, low = fmax(foot, 0), high = fmin(foot + reach, width);
		double *line = &at[4 * i];
		line[0] = x + low;
		line[1] = y + height - (low - foot);
		line[2] = x + (slant ? high : foot);
		line[3] = slant ? y + height - (high - foot) : y;
	}
	if (lines > 0)
		draft_line(draft, tone, 1.6, at, lines * 2)->kind = CHART_STROKES;
}

void draft_bar(struct chart_draft *draft, int series, double x, double y, double width, double height)
{
	enum chart_tone tone = CHART_FIRST + series;
	if (width <= 0)
		return;
	if (series == 0) {
		draft_box(draft, tone, x, y, width, height);
		return;
	}
	draft_box(draft, CHART_PAPER, x, y, width, height);
	if (series < 3)
		hatch(draft, tone, series == 1, x, y, width, height);
	draft_line(draft, tone, 1.4, (const double[]){x, y, x + width, y, x + width, y + height, x, y + height, x, y}, 5);
}

static const char *number(struct chart_draft *draft, int series, int row)
{
	const char *note = draft->series == 1 ? rows_text(draft->wish->rows, row, "note") : NULL,
	           *number = draft_number(draft, draft->value[series][row]);
	return note && *note ? arena_print(draft->arena, "%s (%s)", number, note) : number;
}

static double widest_number(struct chart_draft *draft)
{
	double widest = 0;
	for (int i = 0; i < draft->series; i++)
		for (int row = 0; row < draft->rows; row++)
			widest = fmax(widest, draft_width(number(draft, i, row), CHART_TEXT));
	return widest + 8;
}

// What a row is stands beside its bars; on a phone above them.
static double label_room(const struct chart_draft *draft)
{
	double widest = 0;
	for (int row = 0; row < draft->rows; row++)
		widest = fmax(widest, draft_width(draft->label[row], CHART_TEXT));
	return draft->wish->narrow ? 0 : fmin(widest + 12, (draft->right - draft->left) * 0.38);
}

void draft_bars(struct chart_draft *draft)
{
	double beside = label_room(draft), from = draft->left + beside, room = draft->right - from - widest_number(draft),
	       most = fmax(draft_most(draft), 1);
	draft->y += 4;
	for (int row = 0; row < draft->rows; row++) {
		double block = draft->series * (BAR + BAR_GAP) - BAR_GAP;
		if (beside > 0)
			draft_words(draft, from - 10, draft->y + block / 2 + 4.5, CHART_END, draft_fitting(draft, draft->label[row], beside - 12));
		else
			draft_words(draft, draft->left, (draft->y += LINE) - 5, CHART_START,
			    draft_fitting(draft, draft->label[row], draft->right - draft->left));
		for (int i = 0; i < draft->series; i++) {
			double length = room * draft->value[i][row] / most;
			draft_bar(draft, i, from, draft->y, length, BAR);
			draft_words(draft, from + length + 5, draft->y + BAR - 2.5, CHART_START, number(draft, i, row));
			draft->y += BAR + BAR_GAP;
		}
		draft->y += row + 1 < draft->rows ? ROW_GAP - BAR_GAP : 0;
	}
}
