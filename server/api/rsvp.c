// rsvp.c: what SQL can't see of an answer: what was emptied in the form, and where the form is.
#include "api/plan.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"

// In a form an empty field is an absent member, which leaves everything as it was. The page shows what is there, so emptying it means
// something. A field `companions.0.name` is one of the member `companions`.
static const struct {
	const char *member, *extra;
} cleared[] = {
    {"note", "clears_note"},
    {"companions", "clears_companions"},
    {"items", "clears_items"},
};

static bool is_of(const char *field, const char *member)
{
	size_t length = strlen(member);
	return strncmp(field, member, length) == 0 && (field[length] == '\0' || field[length] == '.');
}

static bool was_shown(const struct plan *plan, const char *member)
{
	for (const struct contract_typed *typed = plan->input->typed; plan->input->from_form && typed != NULL; typed = typed->next) {
		if (is_of(typed->name, member))
			return true;
	}
	return false;
}

static void clear_emptied(struct plan *plan)
{
	for (size_t i = 0; i < sizeof cleared / sizeof cleared[0]; i++) {
		if (was_shown(plan, cleared[i].member) && plan_body(plan, cleared[i].member) == NULL)
			plan_extra(plan, cleared[i].extra, "true");
	}
}

bool api_answer_rsvp(struct plan *plan, struct problem *why)
{
	(void)why;
	clear_emptied(plan);
	return true;
}

bool api_detail_rsvp(struct plan *plan, struct problem *why)
{
	(void)why;
	clear_emptied(plan);
	return true;
}

// The details are asked on the invitation's page. Somebody may still come here: a refused form's address stays in the browser.
bool api_read_rsvp_details(struct plan *plan, struct problem *why)
{
	(void)why;
	const char *platform = contract_encode(plan->arena, plan_path(plan, "platform"));
	plan->see_other = arena_print(plan->arena, "/r/%s/%s", platform, contract_encode(plan->arena, plan_path(plan, "token")));
	return true;
}
