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

static const char *start(const struct plan *plan)
{
	const char *platform = contract_encode(plan->arena, plan_path(plan, "platform"));
	return arena_print(plan->arena, "/kiosk/%s/%s", platform, contract_encode(plan->arena, plan_path(plan, "token")));
}

// What one guest has seen, typed or chosen is not left for the next: the kiosk begins anew by itself, in its own language.
static void begin_anew(struct plan *plan, int seconds)
{
	plan->refresh = arena_print(plan->arena, "%d; url=%s?lang=usual", seconds, start(plan));
}

bool api_open_kiosk(struct plan *plan, struct problem *why)
{
	enum { THANKED = 8, FOUND = 60, IDLE = 300 };
	plan->shows_code = true;
	begin_anew(plan, plan->done != NULL ? THANKED : plan_query(plan, "q") != NULL || plan->again ? FOUND : IDLE);
	return open_kiosk(plan, why);
}

bool api_read_kiosk_person(struct plan *plan, struct problem *why)
{
	enum { CONFIRMING = 60 };
	begin_anew(plan, CONFIRMING);
	return open_kiosk(plan, why);
}

bool api_arrive_kiosk(struct plan *plan, struct problem *why)
{
	plan->see_other = start(plan);
	return open_kiosk(plan, why);
}

bool api_add_kiosk_guest(struct plan *plan, struct problem *why)
{
	plan->see_other = start(plan);
	return open_kiosk(plan, why);
}
