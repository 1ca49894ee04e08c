// documents.c: a document comes as a form's file; JSON brings it as text, which the database reads by itself.
#include <stdbool.h>

#include "api/plan.h"

bool api_create_document(struct plan *plan, struct problem *why)
{
	(void)why;
	const struct contract_file *file = &plan->input->file;
	if (file->bytes == NULL)
		return true;
	return plan_extra(plan, "document_name", file->name) && plan_extra(plan, "document_bytes", plan_bytea(plan, file->bytes, file->length));
}
