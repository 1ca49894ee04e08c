// report.c: what became of a meeting, for its funder and its files: the numbers and charts of the page of statistics, and who came.
#include <string.h>

#include "base/arena.h"
#include "print/frame.h"
#include "print/inside.h"
#include "print/table.h"
#include "represent/chart.h"
#include "represent/words.h"

static void heading(struct pen *pen, const char *text)
{
	pen->y += MM(3);
	pen_need(pen, MM(28));
	pen_paragraph(pen, "H2", PEN_HEADING, PEN_LEFT, text, MM(2));
}

static const char *number_word(struct pen *pen, const struct print_job *job, const char *name)
{
	const char *word = words_text(job->language, arena_print(pen->arena, "register.number.%s", name));
	return word ? word : name;
}

// The numbers of the whole that no chart shows; `share`, where it is known, stands behind.
static const struct {
	const char *name, *share;
} facts[] = {{"heads_expected", NULL}, {"heads_came", "heads_percent"}, {"remote", NULL}, {"no_shows", "no_shows_percent"},
    {"excused", NULL}, {"on_time", "on_time_percent"}, {"reminded", NULL}, {"answered_reminded", NULL}, {"quarter_hours", NULL},
    {"median_hours", NULL}, {"three_quarters_hours", NULL}, {"quorum", NULL}, {"quorum_present", NULL}};

enum { FACTS = sizeof facts / sizeof facts[0] };

struct known {
	const struct print_job *job;
	int fact[FACTS];
};

static const char *fact_cell(struct pen *pen, const void *source, int row, int column)
{
	const struct known *known = source;
	int fact = known->fact[row];
	if (column == 0)
		return number_word(pen, known->job, facts[fact].name);
	const char *value = rows_text(known->job->rows, 0, facts[fact].name);
	const char *share = facts[fact].share ? rows_text(known->job->rows, 0, facts[fact].share) : NULL;
	return share ? arena_print(pen->arena, "%s (%s)", value, share) : print_number(pen, known->job, value);
}

static void draw_facts(struct pen *pen, const struct print_job *job)
{
	struct known known = {.job = job};
	int count = 0;
	for (int i = 0; i < FACTS; i++)
		if (rows_text(job->rows, 0, facts[i].name))
			known.fact[count++] = i;
	const struct table_column column[] = {{print_word(job, "numbers"), 1, 0, PEN_LEFT}, {"", 0, MM(40), PEN_RIGHT}};
	struct table table = {.column = column, .columns = 2, .rows = count, .least = MM(6), .cell = fact_cell, .source = &known};
	table_draw(pen, &table);
}

// The charts of the whole: the part that holds their rows, and where it holds those of several, which ones. A curve of one point says
// nothing.
static const struct report_chart {
	const char *title, *rows, *which, *events;
	bool curve;
} charts[] = {{"people", "bars", "people"}, {"responses", "bars", "responses"}, {"speed", "bars", "speed"},
    {"answers", "answers", NULL, "marks", true}, {"series", "trend", NULL, NULL, true}};

static const struct rows *chart_rows(struct pen *pen, const struct print_job *job, const struct report_chart *one)
{
	const struct rows *rows = print_rows(job, one->rows);
	int first = 0, count = 0;
	if (!rows || !one->which)
		return rows && rows->count > 1 ? rows : NULL;
	for (int row = 0; row < rows->count; row++)
		if (!strcmp(rows_text(rows, row, "chart"), one->which) && count++ == 0)
			first = row;
	return count > 0 ? rows_some(pen->arena, rows, first, count) : NULL;
}

static void draw_chart(struct pen *pen, const struct print_job *job, const struct report_chart *one)
{
	const struct rows *rows = chart_rows(pen, job, one);
	if (!rows)
		return;
	const char *title = one->title ? words_text(job->language, arena_print(pen->arena, "register.chart.chart_%s", one->title)) : NULL;
	const struct chart_wish wish = {.rows = rows,
	    .events = one->events ? print_rows(job, one->events) : NULL,
	    .title = title ? title : "",
	    .language = job->language,
	    .curve = one->curve};
	struct chart chart;
	chart_plan(&chart, &wish, pen->arena);
	double width = pen->right - pen->left, room = pen->bottom - pen->top - MM(10), height = chart.height * width / chart.width;
	double fitting = height > room ? width * room / height : width;
	pen_need(pen, height > room ? room : height);
	pen->y += pen_chart(pen, &chart, pen->left, pen->y, fitting) + MM(3);
}

static const char *const part_columns[] = {"name", "invited", "answered", "accepted", "declined", "came", "no_shows"};

static const char *part_cell(struct pen *pen, const void *source, int row, int column)
{
	(void)pen;
	return rows_text(source, row, part_columns[column]);
}

static void draw_parts(struct pen *pen, const struct print_job *job, const char *part, const char *what)
{
	enum { COLUMNS = sizeof part_columns / sizeof part_columns[0] };
	const struct rows *rows = print_rows(job, part);
	if (!rows)
		return;
	struct table_column column[COLUMNS] = {{print_word(job, what), 1, 0, PEN_LEFT}};
	for (int i = 1; i < COLUMNS; i++)
		column[i] = (struct table_column){number_word(pen, job, part_columns[i]), 0, MM(22.5), PEN_RIGHT};
	heading(pen, print_word(job, part));
	draw_chart(pen, job, &(struct report_chart){NULL, "part_bars", part});
	struct table table = {.column = column, .columns = COLUMNS, .rows = rows->count, .least = MM(6), .cell = part_cell, .source = rows};
	table_draw(pen, &table);
}

static const char *came_cell(struct pen *pen, const void *source, int row, int column)
{
	const struct print_job *job = source;
	static const char *const names[] = {NULL, "name", "position", "organisation", "state", "arrived_at"};
	const struct rows *rows = print_rows(job, "present");
	if (column == 0)
		return arena_print(pen->arena, "%d", row + 1);
	const char *value = rows_text(rows, row, names[column]);
	if (!value || column < 4)
		return value;
	if (column == 4)
		return print_word(job, arena_print(pen->arena, "state_%s", value));
	return words_date(pen->arena, job->language, print_zone(job), value, DATE_TIME);
}

static void draw_present(struct pen *pen, const struct print_job *job)
{
	const struct rows *rows = print_rows(job, "present");
	heading(pen, print_word(job, "attendance_list"));
	if (!rows) {
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, print_word(job, "nobody_came"), 0);
		return;
	}
	const struct table_column column[] = {{print_word(job, "number"), 0, MM(11), PEN_RIGHT}, {print_word(job, "name"), 3, 0, PEN_LEFT},
	    {print_word(job, "position"), 2.4, 0, PEN_LEFT}, {print_word(job, "organisation"), 3, 0, PEN_LEFT},
	    {print_word(job, "attendance"), 0, MM(25), PEN_LEFT}, {print_word(job, "arrived"), 0, MM(19), PEN_RIGHT}};
	struct table table = {.column = column, .columns = 6, .rows = rows->count, .least = MM(6), .cell = came_cell, .source = job};
	table_draw(pen, &table);
}

static bool is_empty(const struct print_job *job)
{
	return !strcmp(rows_text(job->rows, 0, "invited"), "0") && !strcmp(rows_text(job->rows, 0, "came"), "0");
}

void print_report(struct pen *pen, const struct print_job *job)
{
	struct frame frame;
	const char *what = print_word(job, "report"), *purpose = print_value(job, "meeting", "purpose");
	frame_begin(&frame, pen, job, arena_print(pen->arena, "%s – %s", what, print_headline(job)));
	frame_heading(pen, job, what);
	if (purpose && *purpose)
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, purpose, MM(1));
	if (is_empty(job)) {
		pen_paragraph(pen, "P", PEN_BODY, PEN_LEFT, words_text(job->language, "register.nobody"), 0);
		return;
	}
	heading(pen, print_word(job, "numbers"));
	for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++) {
		draw_chart(pen, job, &charts[i]);
		if (i == 0)
			draw_facts(pen, job);
	}
	const char *rule = words_text(job->language, "register.numbers_rule");
	pen_paragraph(pen, "P", PEN_SMALL, PEN_LEFT, rule, MM(1));
	draw_parts(pen, job, "organisations", "organisation");
	draw_parts(pen, job, "groups", "group");
	draw_present(pen, job);
}
