// fonts.c: the few font files that everything is set in, whatever this machine's fontconfig says.
#include "print/fonts.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "print/library.h"

static const char *const files[] = {
    "/usr/share/fonts/truetype/lato/Lato-Regular.ttf",
    "/usr/share/fonts/truetype/lato/Lato-Bold.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
};

static FcConfig *config;

static void forget(void)
{
	if (config)
		FcConfigDestroy(config);
	config = NULL;
}

// At the end: fontconfig links what it holds by offsets, in which leak checkers see no pointers, and cairo's cache holds some of it.
static void clear(void)
{
	cairo_debug_reset_static_data();
	forget();
	FcFini();
}

static bool take_ours(void)
{
	int found = 0;
	config = FcConfigCreate();
	for (size_t i = 0; config && i < sizeof files / sizeof files[0]; i++)
		found += access(files[i], R_OK) == 0 && FcConfigAppFontAddFile(config, (const FcChar8 *)files[i]);
	return found > 0;
}

static bool take_any(void)
{
	config = FcInitLoadConfigAndFonts();
	const FcFontSet *set = config ? FcConfigGetFonts(config, FcSetSystem) : NULL;
	return set && set->nfont > 0;
}

// A configuration of our own reads no file and no cache, so that paper looks the same everywhere. Where Debian's fonts are elsewhere, the
// machine's own configuration finds some. It is the process's: a font map that is given one of its own (Pango 1.50) never lets go of it.
static void look(void)
{
	atexit(clear);
	if (!take_ours()) {
		forget();
		if (!take_any())
			forget();
	}
	if (config)
		FcConfigSetCurrent(config);
}

bool fonts_found(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, look);
	return config != NULL;
}

PangoFontMap *fonts_map(void)
{
	PangoFontMap *map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	pango_cairo_font_map_set_resolution((PangoCairoFontMap *)map, 72);
	return map;
}
