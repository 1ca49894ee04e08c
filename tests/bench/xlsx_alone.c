// xlsx_alone.c: libxlsxwriter by itself, writing the cells of a table of tabs: what a workbook costs where nothing else is done.
//
//     xlsx_alone <kinds> <table.tsv> <out.xlsx>
//
// `kinds` has a letter for each column: s a text, b true or false, t a time as seconds since 1970. The table is read before the clock
// starts; prints how many milliseconds the writing took.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xlsxwriter.h>

enum { MAX_COLUMNS = 64 };

static char *whole(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END) != 0)
		exit(1);
	long length = ftell(file);
	rewind(file);
	char *text = malloc((size_t)length + 1);
	if (!text || fread(text, 1, (size_t)length, file) != (size_t)length)
		exit(1);
	text[length] = '\0';
	fclose(file);
	return text;
}

static double now(void)
{
	struct timespec clock;
	clock_gettime(CLOCK_MONOTONIC, &clock);
	return (double)clock.tv_sec * 1e3 + (double)clock.tv_nsec / 1e6;
}

static void write_cell(lxw_worksheet *sheet, lxw_row_t row, int column, char kind, const char *text, lxw_format *format, lxw_format *moment)
{
	if (!*text)
		return;
	if (kind == 'b' && row > 0)
		worksheet_write_boolean(sheet, row, (lxw_col_t)column, *text == 't', NULL);
	else if (kind == 't' && row > 0)
		worksheet_write_number(sheet, row, (lxw_col_t)column, strtod(text, NULL) / 86400 + 25569, moment);
	else
		worksheet_write_string(sheet, row, (lxw_col_t)column, text, format);
}

int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	const char *kinds = arguments[1];
	char *text = whole(arguments[2]);
	double began = now();
	lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = "/var/tmp"};
	lxw_workbook *book = workbook_new_opt(arguments[3], &options);
	lxw_worksheet *sheet = workbook_add_worksheet(book, "Attendees");
	lxw_format *format = workbook_add_format(book), *moment = workbook_add_format(book);
	format_set_num_format(format, "@");
	format_set_num_format(moment, "yyyy\\-mm\\-dd hh:mm");
	lxw_row_t row = 0;
	for (char *line = text, *next; *line; line = next, row++) {
		next = line + strcspn(line, "\r\n");
		next += *next == '\r' ? (*next = '\0', 2) : *next == '\n' ? (*next = '\0', 1) : 0;
		for (int column = 0; line && column < MAX_COLUMNS; column++)
			write_cell(sheet, row, column, kinds[column], strsep(&line, "\t"), format, moment);
	}
	if (workbook_close(book) != LXW_NO_ERROR)
		return 1;
	printf("%.0f\n", now() - began);
	free(text);
	return 0;
}
