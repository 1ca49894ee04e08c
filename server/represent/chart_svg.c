// chart_svg.c: a planned chart as SVG, for light and for dark pages.
#include <string.h>

#include "base/buffer.h"
#include "represent/chart.h"
#include "represent/html.h"

static void write_style(struct buffer *out)
{
	buffer_puts(out, "<style>@media screen and (prefers-color-scheme:dark){");
	for (int i = 0; i < CHART_TONES; i++)
		buffer_print(out, ".f%d{fill:#%06x}.s%d{stroke:#%06x}", i, chart_colours[i].dark, i, chart_colours[i].dark);
	buffer_puts(out, "}</style>\n");
}

static void write_words(struct buffer *out, const struct chart_mark *mark)
{
	static const char *const anchors[] = {[CHART_START] = "start", [CHART_MIDDLE] = "middle", [CHART_END] = "end"};
	buffer_print(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"f%d\" fill=\"#%06x\" font-size=\"%g\" text-anchor=\"%s\"%s>", mark->at[0],
	    mark->at[1], mark->tone, chart_colours[mark->tone].light, mark->size, anchors[mark->anchor],
	    mark->strong ? " font-weight=\"bold\"" : "");
	html_escape(out, mark->text, strlen(mark->text));
	buffer_puts(out, "</text>\n");
}

static void write_path(struct buffer *out, const struct chart_mark *mark)
{
	unsigned colour = chart_colours[mark->tone].light;
	if (mark->kind == CHART_AREA)
		buffer_print(out, "<path class=\"f%d\" fill=\"#%06x\"", mark->tone, colour);
	else
		buffer_print(out, "<path class=\"s%d\" stroke=\"#%06x\" stroke-width=\"%g\" fill=\"none\"", mark->tone, colour, mark->size);
	if (mark->dash)
		buffer_print(out, " stroke-dasharray=\"%g %g %g %g\"", mark->dash[0], mark->dash[1], mark->dash[2], mark->dash[3]);
	buffer_puts(out, " d=\"");
	for (int i = 0; i < mark->points; i++) {
		bool begins = i == 0 || (mark->kind == CHART_STROKES && i % 2 == 0);
		buffer_print(out, "%c%.1f %.1f", begins ? 'M' : 'L', mark->at[2 * i], mark->at[2 * i + 1]);
	}
	buffer_puts(out, mark->kind == CHART_AREA ? "Z\"/>\n" : "\"/>\n");
}

void chart_svg(struct buffer *out, const struct chart *chart, const char *language)
{
	buffer_print(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:lang=\"%s\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" role=\"img\" "
	    "font-family=\"Lato, 'Noto Sans', 'DejaVu Sans', sans-serif\">\n<title>",
	    language, chart->width, chart->height, chart->width, chart->height);
	html_escape(out, chart->title, strlen(chart->title));
	buffer_puts(out, "</title>\n<desc>");
	html_escape(out, chart->description, strlen(chart->description));
	buffer_puts(out, "</desc>\n");
	write_style(out);
	buffer_print(out, "<rect width=\"%g\" height=\"%g\" rx=\"6\" class=\"f0\" fill=\"#%06x\"/>\n", chart->width, chart->height,
	    chart_colours[CHART_PAPER].light);
	for (int i = 0; i < chart->marks; i++) {
		if (chart->mark[i].kind == CHART_WORDS)
			write_words(out, &chart->mark[i]);
		else
			write_path(out, &chart->mark[i]);
	}
	buffer_puts(out, "</svg>\n");
}
