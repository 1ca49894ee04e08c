// table.c: draws a table over as many pages as it takes.
#include "print/table.h"

#include <string.h>

#include "print/inside.h"

#define PADDING MM(1.4)

struct drawing {
	struct pen *pen;
	const struct table *table;
	double x[TABLE_MAX_COLUMNS + 1]; // where each column begins, and the last one ends
};

static void place_columns(struct drawing *drawing)
{
	const struct table *table = drawing->table;
	double left = drawing->pen->left, fixed = 0, shares = 0;
	for (int i = 0; i < table->columns; i++) {
		fixed += table->column[i].share > 0 ? 0 : table->column[i].width;
		shares += table->column[i].share;
	}
	double rest = drawing->pen->right - left - fixed;
	drawing->x[0] = left;
	for (int i = 0; i < table->columns; i++) {
		const struct table_column *column = &table->column[i];
		drawing->x[i + 1] = drawing->x[i] + (column->share > 0 ? rest * column->share / shares : column->width);
	}
}

static double inner(const struct drawing *drawing, int column)
{
	return drawing->x[column + 1] - drawing->x[column] - 2 * PADDING;
}

static void draw_lines(const struct drawing *drawing, double y, double height)
{
	const struct table *table = drawing->table;
	double right = drawing->x[table->columns];
	if (!table->grid) {
		pen_line(drawing->pen, drawing->x[0], y + height, right, y + height, 0.4, 0.7);
		return;
	}
	for (int i = 0; i < table->columns; i++)
		pen_frame(drawing->pen, (struct pen_box){drawing->x[i], y, drawing->x[i + 1] - drawing->x[i], height}, 0.5, 0.25);
}

static double head_height(const struct drawing *drawing)
{
	double height = MM(6);
	for (int i = 0; i < drawing->table->columns; i++) {
		double own = pen_measure(drawing->pen, PEN_HEAD, inner(drawing, i), drawing->table->column[i].heading) + 2 * PADDING;
		height = own > height ? own : height;
	}
	return height;
}

static void draw_head(const struct drawing *drawing)
{
	struct pen *pen = drawing->pen;
	const struct table *table = drawing->table;
	double height = head_height(drawing);
	pen_fill(pen, (struct pen_box){drawing->x[0], pen->y, drawing->x[table->columns] - drawing->x[0], height}, 0.91);
	draw_lines(drawing, pen->y, height);
	pen_tag(pen, "TR", NULL);
	for (int i = 0; i < table->columns; i++) {
		pen_tag(pen, "TH", NULL);
		pen_write(
		    pen, drawing->x[i] + PADDING, pen->y + PADDING, inner(drawing, i), PEN_HEAD, table->column[i].align, table->column[i].heading);
		pen_end(pen, "TH");
	}
	pen_end(pen, "TR");
	pen->y += height;
}

static enum pen_style style_of(const struct table *table, int column)
{
	return table->strong_first && column == 1 ? PEN_STRONG : PEN_CELL;
}

static double cell_height(const struct drawing *drawing, const char *text, int column)
{
	enum pen_style style = style_of(drawing->table, column);
	double all = pen_measure(drawing->pen, style, inner(drawing, column), text);
	double most = pen_measure(drawing->pen, style, -1, "X") * TABLE_MAX_LINES * 1.1;
	return all < most ? all : most;
}

static void draw_row(const struct drawing *drawing, int row)
{
	struct pen *pen = drawing->pen;
	const struct table *table = drawing->table;
	const char *text[TABLE_MAX_COLUMNS] = {NULL};
	double tall[TABLE_MAX_COLUMNS] = {0}, height = table->least;
	for (int i = 0; i < table->columns; i++) {
		text[i] = table->cell(pen, table->source, row, i);
		tall[i] = text[i] ? cell_height(drawing, text[i], i) : 0;
		height = tall[i] + 2 * PADDING > height ? tall[i] + 2 * PADDING : height;
	}
	if (!pen_fits(pen, height)) {
		pen_next_page(pen);
		draw_head(drawing);
	}
	draw_lines(drawing, pen->y, height);
	pen_tag(pen, "TR", NULL);
	for (int i = 0; i < table->columns; i++) {
		pen_tag(pen, "TD", NULL);
		if (text[i])
			pen_write_lines(pen, drawing->x[i] + PADDING, pen->y + (height - tall[i]) / 2, inner(drawing, i), style_of(table, i),
			    table->column[i].align, text[i], TABLE_MAX_LINES);
		pen_end(pen, "TD");
	}
	pen_end(pen, "TR");
	pen->y += height;
}

void table_draw(struct pen *pen, const struct table *table)
{
	struct drawing drawing = {.pen = pen, .table = table};
	place_columns(&drawing);
	double least = table->least > MM(6) ? table->least : MM(6);
	pen_need(pen, head_height(&drawing) + least);
	pen_tag(pen, "Table", NULL);
	draw_head(&drawing);
	for (int row = 0; row < table->rows; row++)
		draw_row(&drawing, row);
	pen_end(pen, "Table");
}
