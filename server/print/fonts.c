// fonts.c: the few font files that everything is set in, whatever this machine's fontconfig says.
#include "print/fonts.h"

#include <pthread.h>
#include <unistd.h>

#include "print/library.h"

static const char *const files[] = {
    "/usr/share/fonts/truetype/lato/Lato-Regular.ttf",
    "/usr/share/fonts/truetype/lato/Lato-Bold.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
};

static FcConfig *config;

// A configuration of our own reads no file and no cache, so that paper looks the same everywhere. Where Debian's fonts are elsewhere, the
// machine's own configuration finds some.
static void look(void)
{
	config = FcConfigCreate();
	int found = 0;
	for (size_t i = 0; config && i < sizeof files / sizeof files[0]; i++)
		found += access(files[i], R_OK) == 0 && FcConfigAppFontAddFile(config, (const FcChar8 *)files[i]);
	if (found > 0)
		return;
	if (config)
		FcConfigDestroy(config);
	config = FcInitLoadConfigAndFonts();
	const FcFontSet *set = config ? FcConfigGetFonts(config, FcSetSystem) : NULL;
	if (set && set->nfont > 0)
		return;
	if (config)
		FcConfigDestroy(config);
	config = NULL;
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
	pango_fc_font_map_set_config((PangoFcFontMap *)map, config);
	pango_cairo_font_map_set_resolution((PangoCairoFontMap *)map, 72);
	return map;
}
