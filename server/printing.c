// printing.c: the rows of a request become a PDF, drawn on a thread of the pool while the loop goes on.
#include "print/print.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"
#include "base/secret.h"
#include "loop/pool.h"
#include "represent/words.h"
#include "serve.h"

enum { LOOK_EACH = 500 }; // ms

struct printing {
	struct visit *visit;
	struct arena *arena; // of the thread
	struct buffer file;
	struct print_job job;
	struct problem why;
	bool drawn;
	atomic_bool unwanted;
	uint64_t look; // the timer that looks whether somebody still waits
};

// What a list on paper shows unless other columns are asked for: no addresses, and no more than a page is wide.
static const struct {
	const char *list;
	const char *const columns[10];
	const char *by; // a row for each of what, where that can be asked for
} usual[] = {
    {"attendees", {"name", "position", "organisation", "response", "attended", "arrived_at", "companion_of"}},
    {"attendance", {"name", "position", "organisation", "state", "arrived_at", "left_at"}},
    {"people", {"name", "position", "organisation"}},
    {"organisations", {"name", "short_name", "kind", "affiliation", "city"}},
    {"speakers", {"name", "position", "organisation", "role"}},
    {"register", {"name", "people", "present", "remote", "excused", "absent", "percentage", "last_seen", "cells"}, "organisation"},
    {"register", {"name", "organisation", "present", "remote", "excused", "absent", "percentage", "last_seen", "cells"}},
    {"statistics", {"name", "invited", "answered", "accepted", "declined", "came", "no_shows", "walk_ins"}},
    {"statistics", {"title", "starts_at", "invited", "answered", "accepted", "heads_expected", "came", "heads_came", "no_shows"}},
};

static void drop_printing(void *argument)
{
	struct printing *printing = argument;
	buffer_done(&printing->file);
	arena_free(printing->arena);
}

static void draw(void *argument)
{
	struct printing *printing = argument;
	printing->drawn = print_document(&printing->file, &printing->job, printing->arena, &printing->why);
}

static void answer(struct printing *printing)
{
	struct visit *visit = printing->visit;
	struct http_response response = {.status = visit->operation->status};
	answer_caching(visit, &response);
	response.type = "application/pdf";
	response.body = printing->file.data;
	response.body_length = printing->file.length;
	response.etag = arena_print(visit->arena, "\"%.24s\"", secret_digest(visit->arena, printing->file.data, printing->file.length));
	const char *plain = arena_print(visit->arena, "%s.pdf", answer_plain_name(visit));
	const char *attached = sheets_disposition(visit->arena, plain, sheets_file_name(visit, "pdf"));
	// Shown first, printed then: a browser that can't show it saves it.
	http_set(&response, "Content-Disposition", arena_print(visit->arena, "inline%s", attached + strlen("attachment")));
	http_answer(visit->request, &response);
}

static void drawn(void *argument)
{
	struct printing *printing = argument;
	struct visit *visit = printing->visit;
	loop_cancel(visit->loop->loop, printing->look);
	visit->loop->exports--;
	if (printing->drawn)
		return answer(printing);
	visit->why = printing->why;
	refusal_answer(visit);
}

// A long paper is not drawn to its end for somebody who has gone: the pool's threads are few.
static void look(void *argument)
{
	struct printing *printing = argument;
	struct visit *visit = printing->visit;
	if (http_left(visit->request))
		atomic_store(&printing->unwanted, true);
	else
		printing->look = loop_after(visit->loop->loop, LOOK_EACH, look, printing);
}

static const struct print_part *parts_of(const struct visit *visit)
{
	struct print_part *part = arena_alloc(visit->arena, sizeof *part * ((size_t)visit->operation->steps + 1));
	int count = 0;
	for (int i = 0; i < visit->operation->steps; i++)
		if (visit->item[i] >= 0 && visit->operation->step[i].part != NULL)
			part[count++] = (struct print_part){visit->operation->step[i].part, &visit->batch.item[visit->item[i]].rows};
	return part;
}

// Paper may need other rows than a file for a spreadsheet, and that others than JSON.
static const struct rows *rows_of(const struct visit *visit)
{
	const struct rows *paper = act_rows(visit, "paper"), *sheet = act_rows(visit, "sheet");
	return paper ? paper : sheet ? sheet : act_rows(visit, NULL);
}

static bool has_columns(const struct rows *rows, const char *const *names)
{
	for (; *names != NULL; names++)
		if (rows_column(rows, *names) < 0)
			return false;
	return true;
}

static bool is_by(const struct visit *visit, const char *by)
{
	const char *asked = plan_query(&visit->plan, "by");
	return by == NULL || (asked != NULL && strcmp(asked, by) == 0);
}

static bool plan_sheet(struct printing *printing)
{
	struct visit *visit = printing->visit;
	struct represent_sheet *sheet = arena_alloc(visit->arena, sizeof *sheet);
	struct represent_wish wish = sheets_wish(visit);
	wish.language = printing->job.language;
	for (size_t i = 0; wish.columns == NULL && i < sizeof usual / sizeof usual[0]; i++)
		if (strcmp(usual[i].list, wish.name) == 0 && has_columns(printing->job.rows, usual[i].columns) && is_by(visit, usual[i].by))
			wish.columns = usual[i].columns;
	printing->job.sheet = sheet;
	if (printing->job.rows->count > CONTRACT_PAPER_ROWS)
		return refuse(
		    &visit->why, PROBLEM_BAD_INPUT, "Paper holds 5,000 rows at most. Filter the list, or take the workbook.", "too_many_for_paper");
	return represent_sheet_plan(sheet, printing->job.rows, &wish, visit->arena, &visit->why);
}

static const char *today(struct arena *arena)
{
	char text[16];
	time_t now = time(NULL);
	struct tm utc;
	gmtime_r(&now, &utc);
	strftime(text, sizeof text, "%Y-%m-%d", &utc);
	return arena_copy(arena, text);
}

static void fill(struct printing *printing)
{
	struct visit *visit = printing->visit;
	struct represent_links *links = arena_alloc(visit->arena, sizeof *links);
	*links = answer_links(visit);
	const char *language = language_of(visit);
	printing->job = (struct print_job){.document = sheets_name(visit),
	    .language = language,
	    .language_chosen = visit_query(visit, "lang") != NULL,
	    .time_zone = sheets_time_zone(visit),
	    .title = represent_sheet_title(sheets_name(visit), language),
	    .subtitle = sheets_title(visit),
	    .created_on = today(visit->arena),
	    .links = links,
	    .rows = rows_of(visit),
	    .part = parts_of(visit),
	    .unwanted = &printing->unwanted};
}

bool printing_answer(struct visit *visit)
{
	struct printing *printing = arena_alloc(visit->arena, sizeof *printing);
	*printing = (struct printing){.visit = visit, .arena = arena_new()};
	buffer_init(&printing->file, NULL);
	arena_defer(visit->arena, drop_printing, printing);
	fill(printing);
	if (!print_is_document(printing->job.document) && !plan_sheet(printing))
		return false;
	if (!pool_run(visit->service->pool, visit->loop->loop, draw, drawn, printing))
		return refuse(&visit->why, PROBLEM_BUSY, "Too much is being printed at the moment. Try again shortly.", NULL);
	printing->look = loop_after(visit->loop->loop, LOOK_EACH, look, printing);
	visit->loop->exports++;
	return true;
}
