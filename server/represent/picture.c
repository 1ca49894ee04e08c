// picture.c: the first lines of PNG and JPEG files.
#include "represent/picture.h"

#include <string.h>

static int two(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static bool look_png(struct picture *picture, const unsigned char *bytes, size_t length)
{
	static const unsigned char signature[] = "\x89PNG\r\n\x1a\n";
	if (length < 33 || memcmp(bytes, signature, 8) != 0 || memcmp(bytes + 12, "IHDR", 4) != 0 || bytes[16] || bytes[17] || bytes[20] ||
	    bytes[21])
		return false;
	*picture = (struct picture){PICTURE_PNG, two(bytes + 18), two(bytes + 22)};
	return true;
}

// Start of frame: C0–CF but for the tables C4, C8 and CC.
static bool is_frame(unsigned char marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static bool look_jpeg(struct picture *picture, const unsigned char *bytes, size_t length)
{
	if (length < 4 || memcmp(bytes, "\xff\xd8\xff", 3) != 0)
		return false;
	for (size_t at = 2; at + 9 < length && bytes[at] == 0xff;) {
		unsigned char marker = bytes[at + 1];
		if (is_frame(marker)) {
			*picture = (struct picture){PICTURE_JPEG, two(bytes + at + 7), two(bytes + at + 5)};
			return true;
		}
		at += marker == 0xff ? 1 : 2 + (size_t)two(bytes + at + 2);
	}
	return false;
}

bool picture_look(struct picture *picture, const void *bytes, size_t length)
{
	if (!look_png(picture, bytes, length) && !look_jpeg(picture, bytes, length))
		return false;
	return picture->width > 0 && picture->height > 0 && picture->width <= PICTURE_MAX_SIDE && picture->height <= PICTURE_MAX_SIDE &&
	       (long)picture->width * picture->height <= PICTURE_MAX_PIXELS;
}
