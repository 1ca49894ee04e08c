// downloads.c: a file that was made for somebody is known by its name alone.
#include "api/plan.h"

bool api_download(struct plan *plan, struct problem *why)
{
	(void)why;
	plan->download = plan_path(plan, "download");
	return true;
}
