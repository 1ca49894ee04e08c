// registrations.c: where a browser goes on after registering: to the meeting's page, since the list of registrations is not the public's.
#include <stdbool.h>

#include "api/plan.h"
#include "base/arena.h"
#include "contract/contract.h"

bool api_create_registration(struct plan *plan, struct problem *why)
{
	(void)why;
	plan->see_other = arena_print(plan->arena, "/platforms/%s/meetings/%s#register",
	    contract_encode(plan->arena, plan_path(plan, "platform")), contract_encode(plan->arena, plan_path(plan, "meeting")));
	return true;
}
