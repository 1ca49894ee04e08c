// tokens.c: makes an API token. It is shown in this one answer; the database keeps its hash.
#include <stdbool.h>

#include "api/plan.h"
#include "base/secret.h"

bool api_create_token(struct plan *plan, struct problem *why)
{
	(void)why;
	const char *token = secret_token(plan->arena, "na_");
	plan_extra(plan, "token_hash", secret_hash(plan->arena, token));
	plan->reveal = token;
	return true;
}
