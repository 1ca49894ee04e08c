// mail_samples.c: the logo of a platform's mails, and the policy under which a mail is shown.
#include <stdbool.h>

#include "api/plan.h"

// The styles of a mail stand in it, since mail programs fetch none; nothing else may run or be fetched.
bool api_preview_mail(struct plan *plan, struct problem *why)
{
	(void)why;
	plan->policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
	               "frame-ancestors 'none'";
	return true;
}

// Whether it is a logo is found out where it is kept: JSON brings it as text.
bool api_set_mail_logo(struct plan *plan, struct problem *why)
{
	(void)why;
	const struct contract_file *file = &plan->input->file;
	return plan_extra(plan, "logo", file->bytes ? plan_bytea(plan, file->bytes, file->length) : NULL);
}
