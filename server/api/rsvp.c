// rsvp.c: the one thing about an answer that SQL can't see: a note that was deleted from the form.
#include "api/plan.h"

#include <string.h>

// In a form an empty field is an absent member, which keeps the note. The page shows the note that is there, so emptying it means
// something.
bool api_answer_rsvp(struct plan *plan, struct problem *why)
{
	(void)why;
	for (const struct contract_typed *typed = plan->input->typed; plan->input->from_form && typed != NULL; typed = typed->next) {
		if (strcmp(typed->name, "note") == 0 && typed->value[0] == '\0')
			plan_extra(plan, "clears_note", "true");
	}
	return true;
}
