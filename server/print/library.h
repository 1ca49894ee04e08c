// library.h: the libraries that draw, loaded when something is drawn for the first time. Private to print/.
//
// A server that prints nothing keeps their seven megabytes of code and data out of its memory. Include this last: from then on the names
// below are members of the table that library_open() fills. A function that is called but not in the lists does not link.
#pragma once

#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <stdbool.h>

bool library_open(void); // false: one of them is not installed; any thread

// clang-format off
#define LIBRARY_CAIRO(F) \
	F(cairo_create) F(cairo_debug_reset_static_data) F(cairo_destroy) F(cairo_fill) F(cairo_image_surface_create) \
	F(cairo_image_surface_create_from_png_stream) F(cairo_line_to) F(cairo_move_to) F(cairo_pdf_surface_create_for_stream) \
	F(cairo_pdf_surface_set_metadata) F(cairo_rectangle) F(cairo_restore) F(cairo_rotate) \
	F(cairo_save) F(cairo_scale) F(cairo_set_dash) F(cairo_set_line_width) F(cairo_set_source_rgb) \
	F(cairo_set_source_surface) F(cairo_show_page) F(cairo_stroke) F(cairo_surface_destroy) \
	F(cairo_surface_finish) F(cairo_surface_set_mime_data) F(cairo_surface_status) F(cairo_tag_begin) \
	F(cairo_tag_end) F(cairo_translate)
#define LIBRARY_PANGO_CAIRO(F) \
	F(pango_cairo_font_map_new_for_font_type) F(pango_cairo_font_map_set_resolution) F(pango_cairo_show_layout)
#define LIBRARY_PANGO(F) \
	F(pango_attr_font_features_new) F(pango_attr_insert_hyphens_new) F(pango_attr_list_insert) F(pango_attr_list_new) F(pango_attr_list_unref) \
	F(pango_context_set_language) F(pango_font_description_free) F(pango_font_description_from_string) F(pango_font_description_set_absolute_size) \
	F(pango_font_description_set_weight) F(pango_font_map_create_context) F(pango_language_from_string) F(pango_layout_get_baseline) F(pango_layout_get_extents) F(pango_layout_get_text) \
	F(pango_layout_new) F(pango_layout_set_alignment) F(pango_layout_set_attributes) F(pango_layout_set_ellipsize) \
	F(pango_layout_set_font_description) F(pango_layout_set_height) F(pango_layout_set_spacing) F(pango_layout_set_text) \
	F(pango_layout_set_width) F(pango_layout_set_wrap)
#define LIBRARY_FONTCONFIG(F) \
	F(FcConfigAppFontAddFile) F(FcConfigCreate) F(FcConfigDestroy) F(FcConfigGetFonts) F(FcConfigSetCurrent) F(FcFini) \
	F(FcInitLoadConfigAndFonts)

#define LIBRARY_MEMBER(name) typeof(name) *name;
struct library {
	LIBRARY_CAIRO(LIBRARY_MEMBER) LIBRARY_PANGO_CAIRO(LIBRARY_MEMBER) LIBRARY_PANGO(LIBRARY_MEMBER) LIBRARY_FONTCONFIG(LIBRARY_MEMBER)
};
#undef LIBRARY_MEMBER
extern struct library library;

#ifndef LIBRARY_TABLE
#define cairo_create library.cairo_create
#define cairo_debug_reset_static_data library.cairo_debug_reset_static_data
#define cairo_destroy library.cairo_destroy
#define cairo_fill library.cairo_fill
#define cairo_image_surface_create library.cairo_image_surface_create
#define cairo_image_surface_create_from_png_stream library.cairo_image_surface_create_from_png_stream
#define cairo_line_to library.cairo_line_to
#define cairo_move_to library.cairo_move_to
#define cairo_pdf_surface_create_for_stream library.cairo_pdf_surface_create_for_stream
#define cairo_pdf_surface_set_metadata library.cairo_pdf_surface_set_metadata
#define cairo_rectangle library.cairo_rectangle
#define cairo_restore library.cairo_restore
#define cairo_rotate library.cairo_rotate
#define cairo_save library.cairo_save
#define cairo_scale library.cairo_scale
#define cairo_set_dash library.cairo_set_dash
#define cairo_set_line_width library.cairo_set_line_width
#define cairo_set_source_rgb library.cairo_set_source_rgb
#define cairo_set_source_surface library.cairo_set_source_surface
#define cairo_show_page library.cairo_show_page
#define cairo_stroke library.cairo_stroke
#define cairo_surface_destroy library.cairo_surface_destroy
#define cairo_surface_finish library.cairo_surface_finish
#define cairo_surface_set_mime_data library.cairo_surface_set_mime_data
#define cairo_surface_status library.cairo_surface_status
#define cairo_tag_begin library.cairo_tag_begin
#define cairo_tag_end library.cairo_tag_end
#define cairo_translate library.cairo_translate
#define pango_cairo_font_map_new_for_font_type library.pango_cairo_font_map_new_for_font_type
#define pango_cairo_font_map_set_resolution library.pango_cairo_font_map_set_resolution
#define pango_cairo_show_layout library.pango_cairo_show_layout
#define pango_attr_font_features_new library.pango_attr_font_features_new
#define pango_attr_insert_hyphens_new library.pango_attr_insert_hyphens_new
#define pango_attr_list_insert library.pango_attr_list_insert
#define pango_attr_list_new library.pango_attr_list_new
#define pango_attr_list_unref library.pango_attr_list_unref
#define pango_context_set_language library.pango_context_set_language
#define pango_font_description_free library.pango_font_description_free
#define pango_font_description_from_string library.pango_font_description_from_string
#define pango_font_description_set_absolute_size library.pango_font_description_set_absolute_size
#define pango_font_description_set_weight library.pango_font_description_set_weight
#define pango_font_map_create_context library.pango_font_map_create_context
#define pango_language_from_string library.pango_language_from_string
#define pango_layout_get_baseline library.pango_layout_get_baseline
#define pango_layout_get_extents library.pango_layout_get_extents
#define pango_layout_get_text library.pango_layout_get_text
#define pango_layout_new library.pango_layout_new
#define pango_layout_set_alignment library.pango_layout_set_alignment
#define pango_layout_set_attributes library.pango_layout_set_attributes
#define pango_layout_set_ellipsize library.pango_layout_set_ellipsize
#define pango_layout_set_font_description library.pango_layout_set_font_description
#define pango_layout_set_height library.pango_layout_set_height
#define pango_layout_set_spacing library.pango_layout_set_spacing
#define pango_layout_set_text library.pango_layout_set_text
#define pango_layout_set_width library.pango_layout_set_width
#define pango_layout_set_wrap library.pango_layout_set_wrap
#define FcConfigAppFontAddFile library.FcConfigAppFontAddFile
#define FcConfigCreate library.FcConfigCreate
#define FcConfigDestroy library.FcConfigDestroy
#define FcConfigGetFonts library.FcConfigGetFonts
#define FcConfigSetCurrent library.FcConfigSetCurrent
#define FcFini library.FcFini
#define FcInitLoadConfigAndFonts library.FcInitLoadConfigAndFonts
#endif
// clang-format on
