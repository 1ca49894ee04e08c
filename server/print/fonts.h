// fonts.h: the fonts of everything that is printed. Private to print/.
#pragma once

#include <pango/pango.h>
#include <stdbool.h>

#define FONT_FAMILIES "Lato, DejaVu Sans"

bool fonts_found(void);        // looks the first time; any thread
PangoFontMap *fonts_map(void); // a new one, for one document on one thread
