// pen.c: the pages of a PDF, and text on them.
#include "print/pen.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "print/fonts.h"
#include "print/library.h"

static const struct {
	double size;
	bool bold;
	double grey;
} styles[PEN_STYLES] = {
    [PEN_BODY] = {10.5, false, 0},
    [PEN_TITLE] = {20, true, 0},
    [PEN_SUBTITLE] = {13, false, 0},
    [PEN_HEADING] = {13, true, 0},
    [PEN_STRONG] = {10.5, true, 0},
    [PEN_SMALL] = {8.5, false, 0},
    [PEN_CAPTION] = {8, false, 0.3},
    [PEN_CELL] = {9.5, false, 0},
    [PEN_HEAD] = {9, true, 0},
};

bool pen_have_fonts(void)
{
	return library_open() && fonts_found();
}

static cairo_status_t keep(void *out, const unsigned char *bytes, unsigned length)
{
	buffer_add(out, bytes, length);
	return CAIRO_STATUS_SUCCESS;
}

static void describe(cairo_surface_t *surface, const struct pen_about *about)
{
	const struct {
		cairo_pdf_metadata_t what;
		const char *text;
	} facts[] = {{CAIRO_PDF_METADATA_TITLE, about->title}, {CAIRO_PDF_METADATA_AUTHOR, about->author},
	    {CAIRO_PDF_METADATA_SUBJECT, about->subject}, {CAIRO_PDF_METADATA_CREATOR, "Narada"},
	    {CAIRO_PDF_METADATA_CREATE_DATE, about->created_on}};
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		if (facts[i].text)
			cairo_pdf_surface_set_metadata(surface, facts[i].what, facts[i].text);
}

// Ligatures would hide letters from whoever searches the text, and a hyphen where a long word is broken would look like one of its own.
static void set_features(PangoLayout *layout)
{
	PangoAttrList *list = pango_attr_list_new();
	pango_attr_list_insert(list, pango_attr_font_features_new("liga=0, clig=0, dlig=0"));
	pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE));
	pango_layout_set_attributes(layout, list);
	pango_attr_list_unref(list);
}

void pen_open(struct pen *pen, struct buffer *out, const struct pen_about *about, struct arena *arena)
{
	*pen = (struct pen){.arena = arena, .language = about->language, .width = about->width, .height = about->height, .dry = out == NULL};
	pen->surface = cairo_pdf_surface_create_for_stream(out ? keep : NULL, out, about->width, about->height);
	describe(pen->surface, about);
	pen->cairo = cairo_create(pen->surface);
	pen->fonts = fonts_map();
	pen->context = pango_font_map_create_context(pen->fonts);
	pango_context_set_language(pen->context, pango_language_from_string(about->language));
	pen->layout = pango_layout_new(pen->context);
	set_features(pen->layout);
	pen->font = pango_font_description_from_string(FONT_FAMILIES);
	pen->right = pen->width;
	pen->bottom = pen->height;
}

void pen_close(struct pen *pen)
{
	if (!pen->dry)
		cairo_show_page(pen->cairo);
	for (int i = 0; i < pen->signs; i++)
		g_object_unref(pen->sign[i].layout);
	pango_font_description_free(pen->font);
	g_object_unref(pen->layout);
	g_object_unref(pen->context);
	cairo_destroy(pen->cairo);
	cairo_surface_finish(pen->surface);
	cairo_surface_destroy(pen->surface);
	g_object_unref(pen->fonts);
}

void pen_first_page(struct pen *pen)
{
	pen->page = 1;
	pen->y = pen->top;
	if (pen->furniture)
		pen->furniture(pen, pen->argument);
}

void pen_next_page(struct pen *pen)
{
	if (!pen->dry)
		cairo_show_page(pen->cairo);
	pen->page++;
	pen->y = pen->top;
	if (pen->furniture)
		pen->furniture(pen, pen->argument);
}

bool pen_unwanted(const struct pen *pen)
{
	return pen->unwanted && atomic_load_explicit(pen->unwanted, memory_order_relaxed);
}

bool pen_fits(const struct pen *pen, double height)
{
	return pen->y + height <= pen->bottom + 0.01;
}

void pen_need(struct pen *pen, double height)
{
	if (!pen_fits(pen, height) && pen->y > pen->top)
		pen_next_page(pen);
}

static bool is_pictogram(const char *at)
{
	const unsigned char *byte = (const unsigned char *)at;
	bool plane = byte[0] == 0xf0 && byte[1] == 0x9f;                                                       // U+1F000 to U+1FFFF
	bool joint = byte[0] == 0xe2 && byte[1] == 0x80 && byte[2] == 0x8d;                                    // the zero width joiner
	return plane || joint || (byte[0] == 0xef && byte[1] == 0xb8 && (byte[2] == 0x8e || byte[2] == 0x8f)); // and variants
}

// Our fonts have no pictograms, in place of which paper would show boxes with numbers: they are left out.
static const char *without_pictograms(struct pen *pen, const char *text)
{
	const char *at = text;
	while (*at && !is_pictogram(at))
		at++;
	if (!*at)
		return text;
	char *clean = arena_copy(pen->arena, text), *end = clean + (at - text);
	for (; *at; at++) {
		if (is_pictogram(at))
			at += (unsigned char)*at == 0xf0 ? 3 : 2;
		else if (*at != ' ' || end == clean || end[-1] != ' ')
			*end++ = *at;
	}
	*end = '\0';
	return clean;
}

static void set(struct pen *pen, double size, bool bold, enum pen_align align, double width, const char *text)
{
	static const PangoAlignment aligned[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT};
	pango_font_description_set_absolute_size(pen->font, size * PANGO_SCALE);
	pango_font_description_set_weight(pen->font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(pen->layout, pen->font);
	pango_layout_set_width(pen->layout, width < 0 ? -1 : (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(pen->layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(pen->layout, aligned[align]);
	pango_layout_set_height(pen->layout, -1);
	pango_layout_set_ellipsize(pen->layout, PANGO_ELLIPSIZE_NONE);
	pango_layout_set_spacing(pen->layout, (int)(size * 0.08 * PANGO_SCALE));
	const char *clean = text ? without_pictograms(pen, text) : "";
	if (strcmp(clean, pango_layout_get_text(pen->layout)) != 0) // what was measured is drawn next: it stays laid out
		pango_layout_set_text(pen->layout, clean, -1);
}

static void set_lines(struct pen *pen, int lines)
{
	if (lines == 0)
		return;
	pango_layout_set_height(pen->layout, -lines);
	pango_layout_set_ellipsize(pen->layout, PANGO_ELLIPSIZE_END);
}

static void size_of(const struct pen *pen, double *width, double *height)
{
	PangoRectangle logical;
	pango_layout_get_extents(pen->layout, NULL, &logical);
	*width = (double)logical.width / PANGO_SCALE;
	*height = (double)logical.height / PANGO_SCALE;
}

static double show(struct pen *pen, double x, double y, double grey)
{
	double width, height;
	size_of(pen, &width, &height);
	if (pen->dry)
		return height;
	cairo_set_source_rgb(pen->cairo, grey, grey, grey);
	cairo_move_to(pen->cairo, x, y);
	pango_cairo_show_layout(pen->cairo, pen->layout);
	return height;
}

double pen_measure(struct pen *pen, enum pen_style style, double width, const char *text)
{
	double used, height;
	set(pen, styles[style].size, styles[style].bold, PEN_LEFT, width, text);
	size_of(pen, &used, &height);
	return height;
}

double pen_natural_width(struct pen *pen, enum pen_style style, const char *text)
{
	double width, height;
	set(pen, styles[style].size, styles[style].bold, PEN_LEFT, -1, text);
	size_of(pen, &width, &height);
	return width;
}

double pen_write_lines(
    struct pen *pen, double x, double y, double width, enum pen_style style, enum pen_align align, const char *text, int max_lines)
{
	set(pen, styles[style].size, styles[style].bold, align, width, text);
	set_lines(pen, max_lines);
	return show(pen, x, y, styles[style].grey);
}

double pen_write(struct pen *pen, double x, double y, double width, enum pen_style style, enum pen_align align, const char *text)
{
	return pen_write_lines(pen, x, y, width, style, align, text, 0);
}

void pen_words(struct pen *pen, double x, double y, double size, bool bold, double before, const char *text)
{
	double width, height;
	if (pen->dry)
		return;
	set(pen, size, bold, PEN_LEFT, -1, text);
	size_of(pen, &width, &height);
	cairo_move_to(pen->cairo, x - width * before, y - (double)pango_layout_get_baseline(pen->layout) / PANGO_SCALE);
	pango_cairo_show_layout(pen->cairo, pen->layout);
}

static const struct pen_sign *sign_of(struct pen *pen, const char *text)
{
	int at = 0;
	while (at < pen->signs && strcmp(pen->sign[at].text, text) != 0)
		at++;
	if (at == PEN_SIGNS)
		return NULL;
	struct pen_sign *sign = &pen->sign[at];
	if (at == pen->signs) {
		// What set() lays out is kept, and the next text gets a layout of its own.
		set(pen, styles[PEN_CELL].size, styles[PEN_CELL].bold, PEN_LEFT, -1, text);
		*sign = (struct pen_sign){.text = text, .layout = pen->layout};
		size_of(pen, &sign->width, &sign->height);
		pen->layout = pango_layout_new(pen->context);
		set_features(pen->layout);
		pen->signs++;
	}
	return sign;
}

void pen_sign(struct pen *pen, double x, double y, const char *text)
{
	if (pen->dry)
		return;
	const struct pen_sign *sign = sign_of(pen, text);
	if (!sign) {
		pen_write_lines(pen, x - 15, y - styles[PEN_CELL].size * 0.6, 30, PEN_CELL, PEN_CENTRE, text, 1);
		return;
	}
	cairo_set_source_rgb(pen->cairo, 0, 0, 0);
	cairo_move_to(pen->cairo, x - sign->width / 2, y - sign->height / 2);
	pango_cairo_show_layout(pen->cairo, sign->layout);
}

void pen_write_upright(struct pen *pen, double x, double y, enum pen_style style, const char *text)
{
	if (pen->dry)
		return;
	cairo_save(pen->cairo);
	cairo_translate(pen->cairo, x, y);
	cairo_rotate(pen->cairo, -3.14159265358979323846 / 2);
	pen_write(pen, 0, 0, -1, style, PEN_LEFT, text);
	cairo_restore(pen->cairo);
}

void pen_paragraph(struct pen *pen, const char *tag, enum pen_style style, enum pen_align align, const char *text, double gap)
{
	if (!text || !*text)
		return;
	double width = pen->right - pen->left;
	pen_need(pen, pen_measure(pen, style, width, text));
	pen_tag(pen, tag, NULL);
	pen->y += pen_write(pen, pen->left, pen->y, width, style, align, text) + gap;
	pen_end(pen, tag);
}

// No word is broken, and nothing stands out of the box.
static bool is_in(struct pen *pen, const struct pen_box *box, double size, bool bold, const char *text)
{
	double width, height;
	set(pen, size, bold, PEN_CENTRE, box->width, text);
	pango_layout_set_wrap(pen->layout, PANGO_WRAP_WORD);
	size_of(pen, &width, &height);
	return height <= box->height && width <= box->width;
}

// The largest size that fits, to half a point.
static double fitting(struct pen *pen, const struct pen_box *box, bool bold, double largest, double smallest, const char *text)
{
	if (is_in(pen, box, largest, bold, text))
		return largest;
	while (largest - smallest > 0.5) {
		double size = (largest + smallest) / 2;
		if (is_in(pen, box, size, bold, text))
			smallest = size;
		else
			largest = size;
	}
	return smallest;
}

double pen_fit(struct pen *pen, struct pen_box box, bool bold, double largest, double smallest, const char *text)
{
	if (pen->dry) // its box is its place: no page depends on it
		return largest;
	double size = fitting(pen, &box, bold, largest, smallest, text), width, height;
	set(pen, size, bold, PEN_CENTRE, box.width, text);
	size_of(pen, &width, &height);
	if (height > box.height) { // even the smallest is too large: as many lines as there is room for
		int lines = (int)(box.height / (size * 1.3));
		set_lines(pen, lines > 1 ? lines : 1);
		size_of(pen, &width, &height);
	}
	show(pen, box.x, box.y + (box.height - height) / 2, 0);
	return size;
}
