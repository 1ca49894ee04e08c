// qr.c: libqrencode makes the modules, libpng the picture.
#include "represent/qr.h"

#include <assert.h>
#include <png.h>
#include <qrencode.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/html.h"

bool qr_make(struct qr *qr, const char *text, struct arena *arena)
{
	// Codes of digits and capitals take fewer modules: libqrencode sees where they stand.
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (code == NULL)
		return false;
	size_t count = (size_t)code->width * (size_t)code->width;
	unsigned char *cells = arena_alloc(arena, count);
	for (size_t i = 0; i < count; i++)
		cells[i] = code->data[i] & 1; // the other bits say what the module is for
	*qr = (struct qr){code->width, cells};
	QRcode_free(code);
	return true;
}

// One path, a stroke for each run of dark modules: half a page of text instead of a thousand squares.
static void svg_runs(struct buffer *out, const struct qr *qr)
{
	for (int row = 0; row < qr->size; row++) {
		for (int column = 0; column < qr->size; column++) {
			int from = column;
			while (column < qr->size && qr_dark(qr, row, column))
				column++;
			if (column > from)
				buffer_print(out, "M%d %dh%dv1h-%dz", from + QR_QUIET, row + QR_QUIET, column - from, column - from);
		}
	}
}

void qr_svg(struct buffer *out, const struct qr *qr, const char *title)
{
	int side = qr->size + 2 * QR_QUIET;
	buffer_print(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" ", side,
	    side, side * 8, side * 8);
	buffer_puts(out, "shape-rendering=\"crispEdges\">");
	if (title != NULL) {
		buffer_puts(out, "<title>");
		html_escape(out, title, strlen(title));
		buffer_puts(out, "</title>");
	}
	buffer_print(out, "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"", side, side);
	svg_runs(out, qr);
	buffer_puts(out, "\"/></svg>\n");
}

void qr_png(struct buffer *out, const struct qr *qr, int scale)
{
	static const png_byte colours[] = {255, 255, 255, 0, 0, 0};
	int side = (qr->size + 2 * QR_QUIET) * scale;
	unsigned char *pixels = arena_alloc(out->arena, (size_t)side * (size_t)side);
	for (int y = 0; y < qr->size * scale; y++)
		for (int x = 0; x < qr->size * scale; x++)
			pixels[(y + QR_QUIET * scale) * side + x + QR_QUIET * scale] = qr_dark(qr, y / scale, x / scale);
	png_image image = {.version = PNG_IMAGE_VERSION,
	    .width = (png_uint_32)side,
	    .height = (png_uint_32)side,
	    .format = PNG_FORMAT_RGB_COLORMAP,
	    .colormap_entries = 2};
	png_alloc_size_t length = PNG_IMAGE_PNG_SIZE_MAX(image);
	char *bytes = arena_alloc(out->arena, length);
	int written = png_image_write_to_memory(&image, bytes, &length, 0, pixels, side, colours);
	assert(written);
	(void)written;
	buffer_add(out, bytes, length);
}
