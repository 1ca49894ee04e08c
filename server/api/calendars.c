// calendars.c: a calendar's secret address, believed only if it is one of ours.
#include <stdbool.h>
#include <stddef.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/problem.h"
#include "base/secret.h"

bool api_read_feed(struct plan *plan, struct problem *why)
{
	enum { ID_TEXT = 37 };
	char *id = arena_alloc(plan->arena, ID_TEXT);
	unsigned version;
	if (!secret_feed_open(plan->key, plan_path(plan, "platform"), plan_path(plan, "token"), id, &version))
		return refuse(why, PROBLEM_NOT_FOUND, "There is no such calendar.", "not_found");
	return plan_extra(plan, "base_url", plan->base_url) && plan_extra(plan, "feed", id) &&
	       plan_extra(plan, "feed_version", arena_print(plan->arena, "%u", version));
}
