// pen.h: text, lines and pictures on the pages of a PDF. Private to print/.
//
// A document is drawn twice with the same calls: first dry, which only counts pages, then wet, when "page 2 of 7" can be said. Lengths are
// points from the upper left corner. Nothing fails: what can't be drawn is left out.
#pragma once

#include <cairo.h>
#include <pango/pango.h>
#include <stdatomic.h>
#include <stdbool.h>

struct arena;
struct buffer;
struct chart;

enum pen_style { PEN_BODY, PEN_TITLE, PEN_SUBTITLE, PEN_HEADING, PEN_STRONG, PEN_SMALL, PEN_CAPTION, PEN_CELL, PEN_HEAD, PEN_STYLES };
enum pen_align { PEN_LEFT, PEN_CENTRE, PEN_RIGHT };

enum { PEN_SIGNS = 64 };

// A few letters that are drawn again and again: laid out once.
struct pen_sign {
	const char *text;
	PangoLayout *layout;
	double width, height;
};

struct pen_picture {
	cairo_surface_t *surface; // NULL: none
	double width, height;     // pixels
};

struct pen {
	struct arena *arena;
	cairo_surface_t *surface;
	cairo_t *cairo;
	PangoFontMap *fonts;
	PangoContext *context;
	PangoLayout *layout;
	PangoFontDescription *font;
	struct pen_sign sign[PEN_SIGNS];
	int signs;
	const char *language;
	double width, height;            // of the page
	double left, right, top, bottom; // what the text may use: positions, not margins
	double y;                        // where the next thing goes
	int page, pages;                 // from 1; `pages` is 0 while it is dry
	bool dry;
	const atomic_bool *unwanted;                        // NULL, or whether nobody waits for the paper any more
	void (*furniture)(struct pen *pen, void *argument); // drawn on each page before anything else
	void *argument;
};

struct pen_about {
	const char *title, *author, *subject, *language, *created_on;
	double width, height;
};

bool pen_have_fonts(void); // looks for them the first time
void pen_open(struct pen *pen, struct buffer *out, const struct pen_about *about, struct arena *arena);
void pen_close(struct pen *pen);
void pen_first_page(struct pen *pen); // with the furniture set
void pen_next_page(struct pen *pen);
bool pen_unwanted(const struct pen *pen); // what draws many of a kind asks it before each, and stops
bool pen_fits(const struct pen *pen, double height);
void pen_need(struct pen *pen, double height); // a new page if it does not fit

double pen_measure(struct pen *pen, enum pen_style style, double width, const char *text);
double pen_natural_width(struct pen *pen, enum pen_style style, const char *text);
// Wraps within `width`; gives its height. `max_lines` 0: as many as it takes; what is beyond ends with an ellipsis.
double pen_write(struct pen *pen, double x, double y, double width, enum pen_style style, enum pen_align align, const char *text);
double pen_write_lines(
    struct pen *pen, double x, double y, double width, enum pen_style style, enum pen_align align, const char *text, int max_lines);
// The same at the pen's own place, across the page, which goes on below it. Tagged as `tag`.
void pen_paragraph(struct pen *pen, const char *tag, enum pen_style style, enum pen_align align, const char *text, double gap);
// One line in the colour that is set, its baseline at `y`; `before`: which part of it stands left of `x` (0: none, 0.5: it is centred
// there).
void pen_words(struct pen *pen, double x, double y, double size, bool bold, double before, const char *text);
// A few letters around this point, as PEN_CELL; for what stands in thousands of cells. The text must stay where it is.
void pen_sign(struct pen *pen, double x, double y, const char *text);
// One line that runs upward from its lower left corner.
void pen_write_upright(struct pen *pen, double x, double y, enum pen_style style, const char *text);
// As large as fits the box, centred in it both ways, between `smallest` and `largest` points; the size used.
struct pen_box {
	double x, y, width, height;
};
double pen_fit(struct pen *pen, struct pen_box box, bool bold, double largest, double smallest, const char *text);

void pen_line(struct pen *pen, double x1, double y1, double x2, double y2, double thickness, double grey);
void pen_frame(struct pen *pen, struct pen_box box, double thickness, double grey);
void pen_fill(struct pen *pen, struct pen_box box, double grey);
void pen_code(struct pen *pen, double x, double y, double size, const char *text); // a QR code, quiet zone included
void pen_turn(struct pen *pen, double x, double y);                                // what follows stands on its head around this point
void pen_turn_back(struct pen *pen);

void pen_tag(struct pen *pen, const char *tag, const char *attributes); // a structure element begins; attributes may be NULL
void pen_end(struct pen *pen, const char *tag);
void pen_link(struct pen *pen, const char *url); // until pen_end(pen, CAIRO_TAG_LINK)

// PNG or JPEG in base64; without a surface if it is none.
struct pen_picture pen_picture(struct arena *arena, const char *base64);
// Within the box, in its proportions, centred; the height it took.
double pen_show(struct pen *pen, const struct pen_picture *picture, struct pen_box box, const char *alternative);
// A picture of numbers with its words (represent/chart.h); the height it took.
double pen_chart(struct pen *pen, const struct chart *chart, double x, double y, double width);
