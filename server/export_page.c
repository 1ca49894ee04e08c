// export_page.c: a page that counts the rows of a workbook in the making, and then leads to it. It needs no script: its style shows only
// the last of the steps that were sent.
#include "export.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "loop/loop.h"
#include "represent/page.h"
#include "represent/words.h"
#include "serve.h"

enum { STEP_MS = 300 };

// Where the template of the page is cut.
static const char here[] = "<!-- steps -->";

struct export_page {
	struct visit *visit;
	const char *language;
	const char *end; // what follows the steps
	struct buffer waiting;
	size_t taken;
	int64_t shown; // loop_now of the last step
	bool hungry, ended;
	void (*gone)(void *); // NULL once nobody needs to know
	void *argument;
};

static void drop_buffer(void *buffer)
{
	buffer_done(buffer);
}

static long give(void *source, char *into, size_t room)
{
	struct export_page *page = source;
	size_t left = page->waiting.length - page->taken, size = left < room ? left : room;
	page->hungry = left == 0;
	if (left == 0)
		return page->ended ? HTTP_END : 0;
	memcpy(into, page->waiting.data + page->taken, size);
	page->taken += size;
	if (size == left) {
		buffer_clear(&page->waiting);
		page->taken = 0;
	}
	return (long)size;
}

static void reader_left(void *source)
{
	struct export_page *page = source;
	if (page->gone != NULL)
		page->gone(page->argument);
}

static void feed(struct export_page *page)
{
	if (!page->hungry)
		return;
	page->hungry = false;
	http_more(page->visit->request);
}

struct export_page *export_page_open(struct visit *visit, const char *file_name, void (*gone)(void *), void *argument)
{
	struct export_page *page = arena_alloc(visit->arena, sizeof *page);
	*page = (struct export_page){.visit = visit, .language = language_of(visit), .gone = gone, .argument = argument};
	json_t *context = context_new(visit, page->language);
	json_object_set_new(context, "file_name", json_string(file_name));
	struct buffer whole;
	buffer_init(&whole, visit->arena);
	page_render(&whole, "download", page->language, context, visit->arena);
	const char *cut = strstr(whole.data, here);
	page->end = cut ? cut + strlen(here) : "";
	buffer_init(&page->waiting, NULL);
	arena_defer(visit->arena, drop_buffer, &page->waiting);
	buffer_add(&page->waiting, whole.data, cut ? (size_t)(cut - whole.data) : whole.length);
	struct http_response response = {
	    .status = 200, .type = "text/html; charset=utf-8", .read = give, .read_done = reader_left, .source = page};
	http_set(&response, "Content-Language", page->language);
	http_set(&response, "Vary", "Accept-Language, Authorization, Cookie");
	http_answer(visit->request, &response);
	return page;
}

// What is in `step` (stolen) by the page's template for that.
static void add_step(struct export_page *page, json_t *step)
{
	struct arena *scratch = arena_new();
	struct buffer text;
	buffer_init(&text, scratch);
	json_object_set(step, "w", words_tree(page->language));
	page_render(&text, "download_step", page->language, step, scratch);
	buffer_add(&page->waiting, text.data, text.length);
	json_decref(step);
	arena_free(scratch);
	page->shown = loop_now(page->visit->loop->loop);
	feed(page);
}

void export_page_rows(struct export_page *page, long rows)
{
	if (loop_now(page->visit->loop->loop) - page->shown >= STEP_MS)
		add_step(page, json_pack("{s:I}", "rows", (json_int_t)rows));
}

static void end(struct export_page *page, json_t *step)
{
	page->gone = NULL;
	page->ended = true;
	add_step(page, step);
	buffer_puts(&page->waiting, page->end);
}

void export_page_ready(struct export_page *page, const char *url, long rows)
{
	end(page, json_pack("{s:s, s:I}", "url", url, "all", (json_int_t)rows));
}

void export_page_failed(struct export_page *page, const struct problem *why)
{
	page->visit->why = *why;
	end(page, json_pack("{s:o}", "problem", context_problem(page->visit, page->language)));
}
