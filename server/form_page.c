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

static const char *path_value(const struct exchange *x, const char *name)
{
	for (int i = 0; i < x->operation->path_parameters; i++) {
		if (strcmp(x->operation->path_parameter[i].name, name) == 0)
			return x->match.path_value[i];
	}
	return NULL;
}

// The same caller's GET of the page that holds the form.
static struct exchange *page_exchange(struct exchange *failed)
{
	const struct contract_operation *page = failed->operation->form_page;
	struct exchange *x = exchange_new(failed->request, failed->loop);
	x->method = "GET";
	x->operation = page;
	x->match = (struct contract_match){.operation = page, .form = FORM_HTML};
	x->match.path_value = arena_alloc(x->arena, sizeof(char *) * (size_t)(page->path_parameters + 1));
	for (int i = 0; i < page->path_parameters; i++)
		x->match.path_value[i] = path_value(failed, page->path_parameter[i].name);
	x->form = FORM_HTML;
	x->failed = failed;
	return x;
}

bool form_page_again(struct exchange *failed)
{
	if (failed->form_page_tried || failed->operation == NULL || failed->operation->form_page == NULL || !can_be_mended(&failed->why))
		return false;
	failed->form_page_tried = true;
	struct exchange *x = page_exchange(failed);
	struct contract_request nothing = {.query = "", .body = ""};
	if (!contract_check(&x->input, &x->match, &nothing, x->arena, &x->why) || !access_credentials(x) || !act_handle(x))
		return false;
	act_plan(x);
	exchange_send(x);
	return true;
}
