// check_in.c: the tickets among what a device brings, opened by our key.
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/problem.h"
#include "base/secret.h"

enum { ID_TEXT = 37 };

// A token that is none of ours opens to nothing: SQL refuses that action alone.
static void open_ticket(struct plan *plan, json_t *opened, const char *token)
{
	char id[ID_TEXT];
	unsigned version;
	if (secret_ticket_open(plan->key, plan_path(plan, "platform"), token, id, &version))
		json_object_set_new(opened, token, json_string(arena_print(plan->arena, "%s.%u", id, version)));
}

bool api_sync_check_in(struct plan *plan, struct problem *why)
{
	(void)why;
	json_auto_t *actions = json_loads(plan_body(plan, "actions"), 0, NULL), *opened = json_object();
	size_t i;
	json_t *action;
	json_array_foreach(actions, i, action)
	{
		const char *token = json_string_value(json_object_get(action, "ticket"));
		if (token != NULL)
			open_ticket(plan, opened, token);
	}
	char *text = json_dumps(opened, JSON_COMPACT);
	const char *kept = arena_print(plan->arena, "%s", text);
	free(text);
	return plan_extra(plan, "opened_tickets", kept);
}
