// self_check_in.c: the codes on the screens of rooms, which only our key and the time can make. SQL is lent the salts of the steps that
// count and works out the rest.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "base/secret.h"

enum {
	ID_TEXT = 37,
	STEP_SECONDS = 30,
	SHOWN = 1,     // the screen's own
	IN_SIGHT = 2,  // and the one before, which somebody was just typing or scanning
	AT_A_FORM = 5, // whoever scanned it is given time to type the code of a ticket
};

static bool lend_salts(struct plan *plan, int count)
{
	struct buffer salts;
	buffer_init(&salts, plan->arena);
	for (int back = 0; back < count; back++) {
		const char *salt = secret_room_salt(plan->arena, plan->key, plan->now / STEP_SECONDS - back);
		buffer_print(&salts, "%s\"%s\"", back == 0 ? "[" : ", ", salt);
	}
	buffer_putc(&salts, ']');
	plan->fleeting = true;
	return plan_extra(plan, "room_salts", salts.data);
}

bool api_read_screen(struct plan *plan, struct problem *why)
{
	(void)why;
	int64_t left = STEP_SECONDS - plan->now % STEP_SECONDS;
	plan->refresh = arena_print(plan->arena, "%lld", (long long)left + 1); // a second after the next code is there
	return lend_salts(plan, SHOWN) && plan_extra(plan, "base_url", plan->base_url) &&
	       plan_extra(plan, "seconds_left", arena_print(plan->arena, "%lld", (long long)left));
}

bool api_arrive_rsvp(struct plan *plan, struct problem *why)
{
	(void)why;
	const char *platform = contract_encode(plan->arena, plan_path(plan, "platform"));
	plan->see_other = arena_print(plan->arena, "/r/%s/%s", platform, contract_encode(plan->arena, plan_path(plan, "token")));
	return lend_salts(plan, IN_SIGHT);
}

// Whose ticket this browser was asked to remember. One of another platform, or none of ours, is none.
static bool recall_ticket(struct plan *plan)
{
	char *id = arena_alloc(plan->arena, ID_TEXT);
	unsigned version;
	if (plan->ticket == NULL || !secret_ticket_open(plan->key, plan_path(plan, "platform"), plan->ticket, id, &version))
		return true;
	return plan_extra(plan, "remembered", id) && plan_extra(plan, "remembered_version", arena_print(plan->arena, "%u", version));
}

bool api_read_room(struct plan *plan, struct problem *why)
{
	(void)why;
	plan->shows_code = true;
	return lend_salts(plan, plan->again ? AT_A_FORM : IN_SIGHT) && recall_ticket(plan);
}

bool api_arrive_room(struct plan *plan, struct problem *why)
{
	(void)why;
	plan->stays = true; // by the time of another look, the code may be over
	return lend_salts(plan, AT_A_FORM) && recall_ticket(plan) &&
	       plan_extra(plan, "ticket_salt", secret_ticket_salt(plan->arena, plan->key));
}
