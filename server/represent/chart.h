// chart.h: numbers as a picture: bars that lie below each other, or a curve along an axis.
//
// Room rules: as represent.h. A chart is planned once as a list of marks (areas, lines, words) and then drawn by whoever has paper: here as
// SVG, in print/ with Cairo. So page and paper show the same picture. Nothing is told by colour alone: bars have hatchings, lines have
// dashes and signs, and numbers stand beside what they count.
//
// Rows come from top to bottom (bars) or from left to right (a curve). Their column `label`, or the word `register.number.<key>` of their
// column `key`, says what they are; every other column that holds numbers is a series, named by its word. A column `note` stands behind the
// number of a single series. Columns whose names begin with `_` are not drawn.
#pragma once

#include <stdbool.h>

struct arena;
struct buffer;
struct rows;

enum { CHART_SERIES = 4 };

// What a mark is painted with: each paper has colours of its own for them.
enum chart_tone { CHART_PAPER, CHART_INK, CHART_MUTED, CHART_GRID, CHART_FIRST, CHART_TONES = CHART_FIRST + CHART_SERIES };

struct chart_colour {
	unsigned light, dark; // 0xrrggbb
};
extern const struct chart_colour chart_colours[CHART_TONES];

enum chart_kind {
	CHART_AREA,    // filled; the last point leads to the first
	CHART_LINE,    // from point to point
	CHART_STROKES, // each two points are a line of their own
	CHART_WORDS,   // the only point is where their baseline is
};
enum chart_anchor { CHART_START, CHART_MIDDLE, CHART_END };

struct chart_mark {
	enum chart_kind kind;
	enum chart_tone tone;
	int points;
	const double *at;   // x, y, x, y, …
	double size;        // a line's thickness, or the height of words
	const double *dash; // four lengths of line and gap; NULL: whole
	const char *text;
	enum chart_anchor anchor;
	bool strong;
};

struct chart_wish {
	const struct rows *rows;
	const struct rows *events; // NULL, or along a curve: `label` or `key`, `note`, and `place`, counted in rows from 0
	const char *title;         // "": something else says it
	const char *language;
	bool curve;
	bool narrow; // for a phone: words as large, on half the width
};

struct chart {
	const char *title, *description; // what the picture says, for whoever hears it
	double width, height;
	struct chart_mark *mark;
	int marks;
};

void chart_plan(struct chart *chart, const struct chart_wish *wish, struct arena *arena);
void chart_svg(struct buffer *out, const struct chart *chart, const char *language);
