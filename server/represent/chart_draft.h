// chart_draft.h: what the kinds of charts share while they are planned. Private to represent/.
#pragma once

#include "represent/chart.h"

enum { CHART_WIDE = 720, CHART_NARROW = 360, CHART_TEXT = 13, CHART_LEGEND = 20, CHART_EDGE = 12 };

struct chart_draft {
	struct chart *chart;
	const struct chart_wish *wish;
	struct arena *arena;
	int room; // of chart->mark
	int series, rows;
	const char *name[CHART_SERIES];
	double *value[CHART_SERIES];
	const char **label; // a row each
	double left, right; // of the picture
	double y;           // where the next thing begins
};

void draft_area(struct chart_draft *draft, enum chart_tone tone, const double *at, int points);
void draft_box(struct chart_draft *draft, enum chart_tone tone, double x, double y, double width, double height);
struct chart_mark *draft_line(struct chart_draft *draft, enum chart_tone tone, double thickness, const double *at, int points);
struct chart_mark *draft_words(struct chart_draft *draft, double x, double y, enum chart_anchor anchor, const char *text);
// About how wide words are: fonts differ, so it is rather more than less.
double draft_width(const char *text, double size);
// The text, or as much of it as there is room for, with an ellipsis.
const char *draft_fitting(struct chart_draft *draft, const char *text, double room);
const char *draft_label(struct chart_draft *draft, const struct rows *rows, int row);
const char *draft_number(struct chart_draft *draft, double value);
double draft_most(const struct chart_draft *draft);

// The two kinds. Each begins at draft->y and leaves it below what it drew.
void draft_bars(struct chart_draft *draft);
void draft_curve(struct chart_draft *draft);
// A sample of a series: for its legend, and on what it names.
void draft_bar(struct chart_draft *draft, int series, double x, double y, double width, double height);
void draft_sign(struct chart_draft *draft, int series, double x, double y);
struct chart_mark *draft_series_line(struct chart_draft *draft, int series, const double *at, int points);
