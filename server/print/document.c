// document.c: which document a job is, and drawing it twice.
#include "print/print.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "print/catalogue.h"
#include "print/inside.h"
#include "represent/sheet.h"
#include "represent/words.h"

enum { SHORT = 595276, LONG = 841890 }; // of A4, in thousandths of a point

static const struct {
	const char *name;
	print_draw *draw;
	bool landscape;
} documents[] = {
    {"sign_in_sheet", print_sign_in_sheet, true},
    {"badges", print_badges, false},
    {"name_cards", print_name_cards, false},
    {"agenda", print_agenda, false},
    {"certificates", print_certificates, false},
    {"certificate", print_certificates, false},
    {"report", print_report, false},
};

static const struct rows *rows_named(const struct print_job *job, const char *part)
{
	for (const struct print_part *one = job->part; one && one->name; one++)
		if (!strcmp(one->name, part) && one->rows && one->rows->count > 0)
			return one->rows;
	return NULL;
}

// Where a page's `meeting` says too little for the head of a paper, the statements have a `head` besides.
const struct rows *print_rows(const struct print_job *job, const char *part)
{
	const struct rows *head = strcmp(part, "meeting") == 0 ? rows_named(job, "head") : NULL;
	return head ? head : rows_named(job, part);
}

const char *print_value(const struct print_job *job, const char *part, const char *column)
{
	const struct rows *rows = print_rows(job, part);
	return rows ? rows_text(rows, 0, column) : NULL;
}

bool print_is(const struct print_job *job, const char *part, const char *column)
{
	const char *value = print_value(job, part, column);
	return value && *value == 't';
}

const char *print_word(const struct print_job *job, const char *key)
{
	char whole[96] = "print.";
	strncat(whole, key, sizeof whole - strlen(whole) - 1);
	const char *word = words_text(job->language, whole);
	return word ? word : key;
}

const char *print_zone(const struct print_job *job)
{
	const char *zone = print_value(job, "meeting", "time_zone");
	return zone ? zone : job->time_zone ? job->time_zone : "UTC";
}

const char *print_headline(const struct print_job *job)
{
	const char *theme = print_value(job, "meeting", "theme");
	const char *title = print_value(job, "meeting", "title");
	return theme && *theme ? theme : title ? title : "";
}

const char *print_when(struct pen *pen, const struct print_job *job)
{
	const char *zone = print_zone(job), *starts = print_value(job, "meeting", "starts_at"), *ends = print_value(job, "meeting", "ends_at");
	if (!starts || !ends)
		return "";
	const char *from = words_date(pen->arena, job->language, zone, starts, DATE_LONG_TIME);
	bool same_day = !strcmp(words_date(pen->arena, "en", zone, starts, DATE_INPUT), words_date(pen->arena, "en", zone, ends, DATE_INPUT));
	const char *to = words_date(pen->arena, job->language, zone, ends, same_day ? DATE_TIME : DATE_LONG_TIME);
	return arena_print(pen->arena, same_day ? "%s–%s" : "%s – %s", from, to);
}

const char *print_number(struct pen *pen, const struct print_job *job, const char *number)
{
	const char *point = strchr(number, '.');
	return point ? arena_print(pen->arena, "%.*s%s%s", (int)(point - number), number, print_word(job, "decimal"), point + 1) : number;
}

void print_nobody(struct pen *pen, const struct print_job *job)
{
	double margin = MM(20);
	pen_tag(pen, "P", NULL);
	pen_write(pen, margin, margin, pen->width - 2 * margin, PEN_BODY, PEN_LEFT, print_word(job, "nobody"));
	pen_end(pen, "P");
}

static bool is_landscape(const struct print_job *job, bool usual)
{
	const char *wanted = print_value(job, "choices", "orientation");
	return wanted ? !strcmp(wanted, "landscape") : usual;
}

static void draw_once(struct buffer *out, const struct print_job *job, print_draw *draw, bool landscape, int *pages, struct arena *arena)
{
	struct pen pen;
	const char *headline = print_headline(job), *word = print_word(job, job->document), *title = job->title ? job->title : word;
	const struct pen_about about = {.title = *headline ? arena_print(arena, "%s – %s", title, headline) : title,
	    .author = print_value(job, "meeting", "platform"),
	    .subject = job->subtitle,
	    .language = job->language,
	    .created_on = job->created_on,
	    .width = (landscape ? LONG : SHORT) / 1000.0,
	    .height = (landscape ? SHORT : LONG) / 1000.0};
	pen_open(&pen, out, &about, arena);
	pen.pages = *pages;
	pen.unwanted = job->unwanted;
	pen_tag(&pen, "Document", NULL);
	draw(&pen, job);
	pen_end(&pen, "Document");
	pen_close(&pen);
	*pages = pen.page;
}

static int number_of(const char *name)
{
	int i = (int)(sizeof documents / sizeof documents[0]) - 1;
	while (i >= 0 && strcmp(documents[i].name, name) != 0)
		i--;
	return i;
}

bool print_is_document(const char *name)
{
	return number_of(name) >= 0;
}

bool print_document(struct buffer *out, const struct print_job *job, struct arena *arena, struct problem *why)
{
	if (!pen_have_fonts())
		return refuse(why, PROBLEM_BROKEN, "This machine has no fonts to print with: install fonts-lato.", "no_fonts");
	int number = number_of(job->document);
	print_draw *draw = number >= 0 ? documents[number].draw : print_table_only;
	bool landscape = is_landscape(job, number >= 0 ? documents[number].landscape : job->sheet->columns > 5);
	int pages = 0;
	draw_once(NULL, job, draw, landscape, &pages, arena);
	draw_once(out, job, draw, landscape, &pages, arena);
	if (job->unwanted && atomic_load(job->unwanted))
		return refuse(why, PROBLEM_BUSY, "Nobody waits for this any more.", NULL);
	catalogue_say(out, job->language, arena);
	return true;
}
