// tickets.c: a ticket's address, believed only if it is one of ours.
#include <stdbool.h>
#include <stddef.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/problem.h"
#include "base/secret.h"

enum {
	ID_TEXT = 37,
	REMEMBERED_SECONDS = 90 * 24 * 3600, // a phone is prepared weeks before the day; a ticket that is over opens nothing
};

static bool open_ticket(struct plan *plan, struct problem *why)
{
	char *id = arena_alloc(plan->arena, ID_TEXT);
	unsigned version;
	plan->fleeting = true;
	if (!secret_ticket_open(plan->key, plan_path(plan, "platform"), plan_path(plan, "token"), id, &version))
		return refuse(
		    why, PROBLEM_NOT_FOUND, "This code is no ticket of ours. Perhaps it was cut short, or made elsewhere.", "no_such_ticket");
	return plan_extra(plan, "ticket", id) && plan_extra(plan, "ticket_version", arena_print(plan->arena, "%u", version));
}

static const char *ticket_path(const struct plan *plan)
{
	const char *platform = contract_encode(plan->arena, plan_path(plan, "platform"));
	return arena_print(plan->arena, "/t/%s/%s", platform, contract_encode(plan->arena, plan_path(plan, "token")));
}

bool api_read_ticket(struct plan *plan, struct problem *why)
{
	plan->shows_code = true;
	return open_ticket(plan, why);
}

// Who may not check anybody in is told that, whatever the code is: what is no ticket of ours is left out, and refused by the statements.
bool api_arrive_ticket(struct plan *plan, struct problem *why)
{
	plan->see_other = ticket_path(plan);
	return open_ticket(plan, why) || why->kind == PROBLEM_NOT_FOUND;
}

bool api_remember_ticket(struct plan *plan, struct problem *why)
{
	plan->see_other = ticket_path(plan);
	plan->set_cookie = plan_ticket_cookie(plan, plan_path(plan, "token"), REMEMBERED_SECONDS);
	return open_ticket(plan, why);
}
