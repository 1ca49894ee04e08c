// base_url.c: where the service is reached, for statements that write whole addresses.
#include "api/plan.h"

bool api_base_url(struct plan *plan, struct problem *why)
{
	(void)why;
	return plan_extra(plan, "base_url", plan->base_url);
}
