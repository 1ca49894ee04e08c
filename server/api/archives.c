// archives.c: a meeting's archive is unpacked before the database sees it, so that what is no archive is said at once.
#include <stdbool.h>
#include <stddef.h>

#include "api/plan.h"
#include "base/arena.h"
#include "ingest/ingest.h"

bool api_import_archive(struct plan *plan, struct problem *why)
{
	const struct contract_file *file = &plan->input->file;
	const char *document =
	    file->bytes ? ingest_archive(file->bytes, file->length, plan->arena, why) : arena_copy(plan->arena, plan_body(plan, "document"));
	return document && plan_extra(plan, "archive_document", document);
}
