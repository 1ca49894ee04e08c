// unsubscriptions.c: the link in a mail by which somebody wants no more of them. Its MAC is all that is asked for: mail systems post it by
// themselves (RFC 8058).
#include <stdbool.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/problem.h"
#include "base/secret.h"

static bool open_link(struct plan *plan, struct problem *why)
{
	char *person = arena_alloc(plan->arena, 37);
	if (!secret_unsubscribe_open(plan->key, plan_path(plan, "platform"), plan_path(plan, "token"), person))
		return refuse(why, PROBLEM_NOT_FOUND, "This link is not one of ours. Perhaps it was cut short.", "no_such_link");
	return plan_extra(plan, "person_id", person);
}

bool api_read_unsubscription(struct plan *plan, struct problem *why)
{
	return open_link(plan, why);
}

bool api_unsubscribe(struct plan *plan, struct problem *why)
{
	plan->stays = true; // a mail system follows no redirect
	return open_link(plan, why);
}

bool api_resubscribe(struct plan *plan, struct problem *why)
{
	plan->stays = true;
	return open_link(plan, why);
}
