// kiosks.c: the link of a tablet at the entrance, believed only if it is one of ours.
#include <stdbool.h>
#include <stddef.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/problem.h"
#include "base/secret.h"

static bool open_kiosk(struct plan *plan, struct problem *why)
{
	enum { ID_TEXT = 37 };
	char *id = arena_alloc(plan->arena, ID_TEXT);
	unsigned version;
	plan->fleeting = true;
	if (!secret_kiosk_open(plan->key, plan_path(plan, "platform"), plan_path(plan, "token"), id, &version))
		return refuse(why, PROBLEM_NOT_FOUND, "This link leads to nothing. Check that it was copied whole.", "no_such_link");
	return plan_extra(plan, "kiosk", id);
}

// After each guest the next one begins anew.
static bool begin_anew(struct plan *plan, struct problem *why)
{
	const char *platform = contract_encode(plan->arena, plan_path(plan, "platform"));
	plan->see_other = arena_print(plan->arena, "/kiosk/%s/%s", platform, contract_encode(plan->arena, plan_path(plan, "token")));
	return open_kiosk(plan, why);
}

bool api_open_kiosk(struct plan *plan, struct problem *why)
{
	plan->shows_code = true;
	return open_kiosk(plan, why);
}

bool api_read_kiosk_person(struct plan *plan, struct problem *why)
{
	return open_kiosk(plan, why);
}

bool api_arrive_kiosk(struct plan *plan, struct problem *why)
{
	return begin_anew(plan, why);
}

bool api_add_kiosk_guest(struct plan *plan, struct problem *why)
{
	return begin_anew(plan, why);
}
