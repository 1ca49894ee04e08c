// chart.h: numbers as a picture: bars, or lines where there are many.
//
// Room rules: as represent.h. Rows are drawn from left to right: their column `label` says what stands below each, every other column that
// holds numbers is a series. Labels and names of series are looked up as words `register.number.<name>` where there are such.
//
// Where everything stands (chart_plan) is apart from how it is written (chart_svg). Units are pixels of an SVG of 720 × 320.
#pragma once

#include <stdbool.h>

struct arena;
struct buffer;
struct rows;

enum { CHART_WIDTH = 720, CHART_HEIGHT = 320, CHART_SERIES = 6 };

struct chart_mark {
	double x, y, width, height; // a bar; of a line, its point: width and height are 0
	double value;
};

struct chart_series {
	const char *name;
	const char *colour; // of Okabe and Ito's, told apart by whoever sees no red or green
	const char *dashes; // stroke-dasharray: told apart in black and white, too
	struct chart_mark *mark;
};

struct chart_label {
	double at; // of the middle, along the axis
	const char *text;
};

struct chart {
	const char *title;
	bool lines;
	int points, series, ticks, labels;
	struct chart_series of[CHART_SERIES];
	struct chart_label tick[12];     // of the value axis; `at` is y
	struct chart_label *label;       // along the bottom, as many as have room
	double left, right, top, bottom; // of the field
};

void chart_plan(struct chart *chart, const struct rows *rows, const char *title, const char *language, struct arena *arena);
void chart_svg(struct buffer *out, const struct chart *chart, const char *language);
