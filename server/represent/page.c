// page.c: the embedded templates, parsed once, and one of them rendered.
#include "represent/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "represent/view.h"
#include "represent/words.h"

enum { MAX_LANGUAGES = 32 };

struct page {
	const char *name;
	const struct mustache *template;
};

static struct page *pages; // sorted by name, as the embedded files are
static size_t page_count;
static json_t *commons[MAX_LANGUAGES]; // in the order of words_languages: {"w": its words}

static int compare_page(const void *name, const void *page)
{
	return strcmp(name, ((const struct page *)page)->name);
}

static int compare_file(const void *name, const void *file)
{
	return strcmp(name, ((const struct embedded_file *)file)->name);
}

static bool begins_with(const char *name, const char *folder)
{
	return strncmp(name, folder, strlen(folder)) == 0;
}

// "templates/meeting.html" is the page `meeting`, "mail/invitation.txt" is itself.
static bool add_page(const struct embedded_file *file, struct arena *process, const char **why)
{
	const char *name = file->name, *wrong = NULL;
	struct page *page = &pages[page_count];
	if (begins_with(name, "templates/")) {
		name += strlen("templates/");
		page->name = arena_slice(process, name, strcspn(name, "."));
	} else {
		page->name = name;
	}
	page->template = mustache_new(file->data, process, &wrong);
	if (!page->template) {
		*why = arena_print(process, "%s: %s", file->name, wrong);
		return false;
	}
	page_count++;
	return true;
}

static int order_pages(const void *one, const void *other)
{
	return strcmp(((const struct page *)one)->name, ((const struct page *)other)->name);
}

bool page_start(struct arena *process, const char **why)
{
	if (!words_start()) {
		*why = "The embedded words are no JSON.";
		return false;
	}
	const char *const *languages = words_languages();
	for (int i = 0; languages[i] && !commons[i]; i++) {
		commons[i] = json_pack("{s:o}", "w", words_tree(languages[i]));
		commons[i]->refcount = (size_t)-1; // immortal, as the words in it
	}
	pages = arena_alloc(process, sizeof *pages * (size_t)(embedded_web_count + 1));
	page_count = 0;
	for (int i = 0; i < embedded_web_count; i++)
		if ((begins_with(embedded_web[i].name, "templates/") || begins_with(embedded_web[i].name, "mail/")) &&
		    !add_page(&embedded_web[i], process, why))
			return false;
	// Without its suffix a name may sort elsewhere ("field.html" comes after "field_text.html").
	qsort(pages, page_count, sizeof *pages, order_pages);
	return true;
}

const struct mustache *view_template(const char *name, void *argument)
{
	(void)argument;
	const struct page *page = page_count ? bsearch(name, pages, page_count, sizeof *pages, compare_page) : NULL;
	return page ? page->template : NULL;
}

bool page_exists(const char *name)
{
	return view_template(name, NULL) != NULL;
}

static json_t *common_of(const char *language)
{
	const char *const *languages = words_languages();
	for (int i = 0; languages[i]; i++)
		if (strcmp(languages[i], language) == 0)
			return commons[i];
	return NULL;
}

void page_render(struct buffer *out, const char *name, const char *language, json_t *context, struct arena *arena)
{
	const struct mustache *template = view_template(name, NULL);
	struct view view = {.language = language};
	const char *suffix = strrchr(name, '.');
	struct mustache_options options = {.partial = view_template,
	    .lambda = view_lambdas,
	    .argument = &view,
	    .common = common_of(language),
	    .arena = arena,
	    .plain = suffix && strcmp(suffix, ".txt") == 0};
	if (template)
		mustache_render(template, context, &options, out);
}

const struct embedded_file *page_asset(const char *name)
{
	char path[256];
	if (snprintf(path, sizeof path, "assets/%s", name) >= (int)sizeof path)
		return NULL;
	return bsearch(path, embedded_web, (size_t)embedded_web_count, sizeof *embedded_web, compare_file);
}
