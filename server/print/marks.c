// marks.c: what a pen draws beside text: lines, codes, pictures, and the tags that say what is what.
#include <glib.h>
#include <string.h>

#include "base/arena.h"
#include "print/pen.h"
#include "represent/picture.h"
#include "represent/qr.h"

#include "print/library.h"

void pen_line(struct pen *pen, double x1, double y1, double x2, double y2, double thickness, double grey)
{
	if (pen->dry)
		return;
	cairo_set_source_rgb(pen->cairo, grey, grey, grey);
	cairo_set_line_width(pen->cairo, thickness);
	cairo_move_to(pen->cairo, x1, y1);
	cairo_line_to(pen->cairo, x2, y2);
	cairo_stroke(pen->cairo);
}

void pen_frame(struct pen *pen, struct pen_box box, double thickness, double grey)
{
	if (pen->dry)
		return;
	cairo_set_source_rgb(pen->cairo, grey, grey, grey);
	cairo_set_line_width(pen->cairo, thickness);
	cairo_rectangle(pen->cairo, box.x, box.y, box.width, box.height);
	cairo_stroke(pen->cairo);
}

void pen_fill(struct pen *pen, struct pen_box box, double grey)
{
	if (pen->dry)
		return;
	cairo_set_source_rgb(pen->cairo, grey, grey, grey);
	cairo_rectangle(pen->cairo, box.x, box.y, box.width, box.height);
	cairo_fill(pen->cairo);
}

// Dark modules that follow each other are one rectangle: a smaller file, and no hairlines between them.
static void draw_row(cairo_t *cairo, const struct qr *qr, int row, double x, double y, double module)
{
	for (int column = 0; column < qr->size; column++) {
		int from = column;
		while (column < qr->size && qr_dark(qr, row, column))
			column++;
		if (column > from)
			cairo_rectangle(cairo, x + from * module, y + row * module, (column - from) * module, module);
	}
}

void pen_code(struct pen *pen, double x, double y, double size, const char *text)
{
	struct qr qr;
	if (pen->dry || !text || !qr_make(&qr, text, pen->arena))
		return;
	double module = size / (qr.size + 2 * QR_QUIET);
	cairo_set_source_rgb(pen->cairo, 0, 0, 0);
	for (int row = 0; row < qr.size; row++)
		draw_row(pen->cairo, &qr, row, x + QR_QUIET * module, y + QR_QUIET * module, module);
	cairo_fill(pen->cairo);
}

void pen_turn(struct pen *pen, double x, double y)
{
	if (pen->dry)
		return;
	cairo_save(pen->cairo);
	cairo_translate(pen->cairo, x, y);
	cairo_rotate(pen->cairo, 3.14159265358979323846);
	cairo_translate(pen->cairo, -x, -y);
}

void pen_turn_back(struct pen *pen)
{
	if (!pen->dry)
		cairo_restore(pen->cairo);
}

void pen_tag(struct pen *pen, const char *tag, const char *attributes)
{
	if (!pen->dry && tag)
		cairo_tag_begin(pen->cairo, tag, attributes ? attributes : "");
}

void pen_end(struct pen *pen, const char *tag)
{
	if (!pen->dry && tag)
		cairo_tag_end(pen->cairo, tag);
}

void pen_link(struct pen *pen, const char *url)
{
	pen_tag(pen, CAIRO_TAG_LINK, arena_print(pen->arena, "uri='%s'", url)); // our own addresses have no apostrophes
}

struct reading {
	const unsigned char *bytes;
	size_t left;
};

static cairo_status_t read_some(void *closure, unsigned char *into, unsigned length)
{
	struct reading *reading = closure;
	if (length > reading->left)
		return CAIRO_STATUS_READ_ERROR;
	memcpy(into, reading->bytes, length);
	reading->bytes += length;
	reading->left -= length;
	return CAIRO_STATUS_SUCCESS;
}

static void drop_surface(void *surface)
{
	cairo_surface_destroy(surface);
}

// A JPEG goes into the file as it is: the surface only says how large it is.
static cairo_surface_t *jpeg(const unsigned char *bytes, size_t length, const struct picture *facts)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, facts->width, facts->height);
	unsigned char *copy = g_memdup2(bytes, length);
	if (cairo_surface_set_mime_data(surface, CAIRO_MIME_TYPE_JPEG, copy, length, g_free, copy) != CAIRO_STATUS_SUCCESS)
		g_free(copy);
	return surface;
}

struct pen_picture pen_picture(struct arena *arena, const char *base64)
{
	struct picture facts;
	gsize length;
	guchar *bytes = base64 ? g_base64_decode(base64, &length) : NULL;
	if (!bytes || !picture_look(&facts, bytes, length)) {
		g_free(bytes);
		return (struct pen_picture){0};
	}
	struct reading reading = {bytes, length};
	cairo_surface_t *surface =
	    facts.kind == PICTURE_JPEG ? jpeg(bytes, length, &facts) : cairo_image_surface_create_from_png_stream(read_some, &reading);
	g_free(bytes);
	bool good = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
	arena_defer(arena, drop_surface, surface);
	return good ? (struct pen_picture){surface, facts.width, facts.height} : (struct pen_picture){0};
}

double pen_show(struct pen *pen, const struct pen_picture *picture, struct pen_box box, const char *alternative)
{
	if (!picture->surface)
		return 0;
	double scale = box.width / picture->width < box.height / picture->height ? box.width / picture->width : box.height / picture->height;
	double width = picture->width * scale, height = picture->height * scale;
	if (pen->dry)
		return height;
	(void)alternative;
	pen_tag(pen, "Figure", NULL);
	cairo_save(pen->cairo);
	cairo_translate(pen->cairo, box.x + (box.width - width) / 2, box.y);
	cairo_scale(pen->cairo, scale, scale);
	cairo_set_source_surface(pen->cairo, picture->surface, 0, 0);
	// cairo 1.16 takes a paint() that may cover the whole page for its beginning, and forgets the tags that are open.
	cairo_rectangle(pen->cairo, 0, 0, picture->width, picture->height);
	cairo_fill(pen->cairo);
	cairo_restore(pen->cairo);
	pen_end(pen, "Figure");
	return height;
}
