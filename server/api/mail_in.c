// mail_in.c: a mail that comes in by HTTP: read here, decided about by its statement.
#include <stdbool.h>
#include <string.h>

#include "api/plan.h"
#include "base/arena.h"
#include "contract/contract.h"
#include "mail/incoming.h"

bool api_receive_mail(struct plan *plan, struct problem *why)
{
	const struct contract_file *file = &plan->input->file;
	const char *message = file->bytes ? file->bytes : plan_body(plan, "message");
	size_t length = file->bytes ? file->length : message ? strlen(message) : 0;
	struct incoming incoming;
	if (length == 0)
		return refuse(why, PROBLEM_BAD_REQUEST, "The request needs a body.", "no_body");
	incoming_read(&incoming, message, length, plan_query(plan, "recipient"), plan->key, plan->arena);
	plan_extra(plan, "facts", incoming_facts(&incoming, plan->arena));
	plan_extra(plan, "content", incoming_bytes(message, length, plan->arena));
	return true;
}
