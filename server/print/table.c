// table.c: draws a table over as many pages as it takes.
#include "print/table.h"

#include <math.h>

#include "print/inside.h"

enum { TABLE_MOST_TAGS = 20000 };

#define PADDING MM(1.4)

struct drawing {
	struct pen *pen;
	const struct table *table;
	double x[TABLE_MAX_COLUMNS + 1]; // where each column begins, and the last one ends
	double line[PEN_STYLES];         // how high a line is
	bool upright;                    // some heading is
	bool coarse;                     // a tag for all signs of a row: one for each would make the file several times as large
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

// A line after every fifth sign leads the eye.
static void draw_lines(const struct drawing *drawing, double y, double height)
{
	const struct table *table = drawing->table;
	double right = drawing->x[table->columns];
	int signs = 0;
	if (!table->grid)
		pen_line(drawing->pen, drawing->x[0], y + height, right, y + height, 0.4, 0.7);
	for (int i = 0; i < table->columns; i++) {
		if (table->grid)
			pen_frame(drawing->pen, (struct pen_box){drawing->x[i], y, drawing->x[i + 1] - drawing->x[i], height}, 0.5, 0.25);
		else if (table->column[i].upright && signs++ % 5 == 0)
			pen_line(drawing->pen, drawing->x[i], y, drawing->x[i], y + height, 0.4, 0.8);
	}
}

static double heading_height(const struct drawing *drawing, int column)
{
	const struct table_column *one = &drawing->table->column[column];
	double length = one->upright ? pen_natural_width(drawing->pen, PEN_HEAD, one->heading)
	                             : pen_measure(drawing->pen, PEN_HEAD, inner(drawing, column), one->heading);
	return length + 2 * PADDING;
}

static double head_height(const struct drawing *drawing)
{
	double height = MM(6);
	for (int i = 0; i < drawing->table->columns; i++) {
		double own = heading_height(drawing, i);
		height = own > height ? own : height;
	}
	return height;
}

static void draw_heading(const struct drawing *drawing, int column, double foot)
{
	struct pen *pen = drawing->pen;
	const struct table_column *one = &drawing->table->column[column];
	double left = drawing->x[column], own = heading_height(drawing, column);
	if (one->upright) {
		double line = pen_measure(pen, PEN_HEAD, -1, "X"), middle = (left + drawing->x[column + 1]) / 2;
		pen_write_upright(pen, middle - line / 2, foot - PADDING, PEN_HEAD, one->heading);
		return;
	}
	double top = drawing->upright ? foot - own : pen->y;
	pen_write(pen, left + PADDING, top + PADDING, inner(drawing, column), PEN_HEAD, one->align, one->heading);
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
		draw_heading(drawing, i, pen->y + height);
		pen_end(pen, "TH");
	}
	pen_end(pen, "TR");
	pen->y += height;
}

static enum pen_style style_of(const struct table *table, int column)
{
	return table->strong_first && column == 1 ? PEN_STRONG : PEN_CELL;
}

// What is higher than this is cut off.
static double most_height(const struct drawing *drawing, int column)
{
	return drawing->line[style_of(drawing->table, column)] * TABLE_MAX_LINES * 1.1;
}

static double cell_height(const struct drawing *drawing, const char *text, int column)
{
	double all = pen_measure(drawing->pen, style_of(drawing->table, column), inner(drawing, column), text);
	return fmin(all, most_height(drawing, column));
}

static void draw_cell(const struct drawing *drawing, int column, double height, double tall, const char *text)
{
	struct pen *pen = drawing->pen;
	const struct table_column *one = &drawing->table->column[column];
	double left = drawing->x[column], top = pen->y + (height - tall) / 2;
	if (!text)
		return;
	if (one->upright)
		pen_sign(pen, (left + drawing->x[column + 1]) / 2, pen->y + height / 2, text);
	else
		pen_write_lines(pen, left + PADDING, top, inner(drawing, column), style_of(drawing->table, column), one->align, text,
		    tall < most_height(drawing, column) ? 0 : TABLE_MAX_LINES);
}

static void draw_row(const struct drawing *drawing, int row)
{
	struct pen *pen = drawing->pen;
	const struct table *table = drawing->table;
	const char *text[TABLE_MAX_COLUMNS] = {NULL};
	double tall[TABLE_MAX_COLUMNS] = {0}, height = table->least;
	for (int i = 0; i < table->columns; i++) {
		if (pen->dry && table->column[i].upright)
			continue; // one line, and less than any row is high
		text[i] = table->cell(pen, table->source, row, i);
		tall[i] = text[i] && !table->column[i].upright ? cell_height(drawing, text[i], i) : 0;
		height = tall[i] + 2 * PADDING > height ? tall[i] + 2 * PADDING : height;
	}
	if (!pen_fits(pen, height)) {
		pen_next_page(pen);
		draw_head(drawing);
	}
	draw_lines(drawing, pen->y, height);
	pen_tag(pen, "TR", NULL);
	for (int i = 0; i < table->columns; i++) {
		bool begins = !drawing->coarse || i == 0 || !table->column[i].upright || !table->column[i - 1].upright;
		bool ends = !drawing->coarse || i + 1 == table->columns || !table->column[i].upright || !table->column[i + 1].upright;
		if (begins)
			pen_tag(pen, "TD", NULL);
		draw_cell(drawing, i, height, tall[i], text[i]);
		if (ends)
			pen_end(pen, "TD");
	}
	pen_end(pen, "TR");
	pen->y += height;
}

void table_draw(struct pen *pen, const struct table *table)
{
	struct drawing drawing = {.pen = pen, .table = table, .coarse = (long)table->rows * table->columns > TABLE_MOST_TAGS};
	for (int style = 0; style < PEN_STYLES; style++)
		drawing.line[style] = pen_measure(pen, style, -1, "X");
	for (int i = 0; i < table->columns; i++)
		drawing.upright |= table->column[i].upright;
	place_columns(&drawing);
	double least = table->least > MM(6) ? table->least : MM(6);
	pen_need(pen, head_height(&drawing) + least);
	pen_tag(pen, "Table", NULL);
	draw_head(&drawing);
	for (int row = 0; row < table->rows && !pen_unwanted(pen); row++)
		draw_row(&drawing, row);
	pen_end(pen, "Table");
}
