// qr.h: a short text as a QR code: its modules, and those as SVG or PNG.
//
// Room rules: uses base/, libqrencode, libpng. Error correction M, as on paper that is folded once. Threads may call this at the same time.
#pragma once

#include <stdbool.h>

struct arena;
struct buffer;

enum { QR_QUIET = 4 }; // light modules that belong around every code: without them readers don't find it

struct qr {
	int size;                   // modules a side, without the quiet zone
	const unsigned char *cells; // row by row, `size` times `size`, each 1 (dark) or 0; in the arena
};

// False: the text is empty or too long for a code.
bool qr_make(struct qr *qr, const char *text, struct arena *arena);
static inline bool qr_dark(const struct qr *qr, int row, int column)
{
	return qr->cells[row * qr->size + column];
}

// The whole picture, quiet zone and white ground too, so that it can be read on any page. `title`, where there is one, is what it says to
// whoever does not see it; as a document of its own, which a page may also have in its text.
void qr_svg(struct buffer *out, const struct qr *qr, const char *title);
// The same with `scale` pixels a module: black and white, one bit a pixel, about a kilobyte.
void qr_png(struct buffer *out, const struct qr *qr, int scale);
