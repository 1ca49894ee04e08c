// form_page.c: a form that was refused is shown again, with what was typed and what was wrong beside it.
#include "serve.h"

#include <string.h>

#include "base/arena.h"

// A person can mend these. For the rest (no such page, not signed in, our fault) the form would be a dead end.
static bool can_be_mended(const struct problem *why)
{
	switch (why->kind) {
	case PROBLEM_BAD_REQUEST:
	case PROBLEM_NOT_ALLOWED:
	case PROBLEM_CONFLICT:
	case PROBLEM_STALE:
	case PROBLEM_BAD_INPUT:
	case PROBLEM_NEEDS_VERSION:
	case PROBLEM_BUSY:
		return true;
	default:
		return false;
	}
}

static const char *path_value(const struct visit *visit, const char *name)
{
	for (int i = 0; i < visit->operation->path_parameters; i++) {
		if (strcmp(visit->operation->path_parameter[i].name, name) == 0)
			return visit->match.path_value[i];
	}
	return NULL;
}

// The same caller's GET of the page that holds the form.
static struct visit *page_visit(struct visit *failed)
{
	const struct contract_operation *page = failed->operation->form_page;
	struct visit *visit = visit_new(failed->request, failed->loop);
	failed->request->owner = failed; // what was asked is what the log and the counters tell of
	visit->method = "GET";
	visit->operation = page;
	visit->match = (struct contract_match){.operation = page, .form = FORM_HTML};
	visit->match.path_value = arena_alloc(visit->arena, sizeof(char *) * (size_t)(page->path_parameters + 1));
	for (int i = 0; i < page->path_parameters; i++)
		visit->match.path_value[i] = path_value(failed, page->path_parameter[i].name);
	visit->form = FORM_HTML;
	visit->failed = failed;
	visit->plan.again = true;
	return visit;
}

bool form_page_again(struct visit *failed)
{
	if (failed->form_page_tried || failed->operation == NULL || failed->operation->form_page == NULL || !can_be_mended(&failed->why))
		return false;
	failed->form_page_tried = true;
	struct visit *visit = page_visit(failed);
	struct contract_request nothing = {.query = "", .body = ""};
	if (!contract_check(&visit->input, &visit->match, &nothing, visit->arena, &visit->why) || !access_credentials(visit) ||
	    !act_handle(visit))
		return false;
	act_plan(visit);
	visit_send(visit);
	return true;
}
