// picture.h: what kind of picture some bytes are, and how large, without decoding them.
//
// Room rules: libc only.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum picture_kind { PICTURE_PNG, PICTURE_JPEG };

// Larger ones would take more memory to unpack than a logo is worth.
enum { PICTURE_MAX_PIXELS = 8 * 1000 * 1000, PICTURE_MAX_SIDE = 10000 };

struct picture {
	enum picture_kind kind;
	int width, height; // pixels
};

// False: it is no PNG or JPEG, or says that it is larger than the limits above.
bool picture_look(struct picture *picture, const void *bytes, size_t length);
