// imports.c: a list of any kind that was uploaded or pasted is read before the database sees it, so that what is wrong with it is said at
// once.
#include <stdbool.h>
#include <string.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "ingest/ingest.h"

enum { MAX_NAME = 200 }; // bytes of a file's name

bool api_create_import(struct plan *plan, struct problem *why)
{
	const struct contract_file *file = &plan->input->file;
	const char *text = plan_body(plan, "text");
	struct ingest_hints hints = {.encoding = plan_query(plan, "encoding"), .separator = plan_query(plan, "separator")};
	if (!file->bytes)
		hints.encoding = "utf-8"; // what was pasted into a form or JSON
	const char *bytes = file->bytes ? file->bytes : text;
	size_t length = file->bytes ? file->length : strlen(text);
	struct ingest_table table;
	if (!ingest_read(&table, bytes, length, &hints, plan->arena, why))
		return false;
	const char *kind = plan_path(plan, "register");
	struct buffer found, rows;
	buffer_init(&found, plan->arena);
	buffer_init(&rows, plan->arena);
	ingest_json_found(&found, &table, ingest_fields(kind ? kind : plan_path(plan, "part")));
	ingest_json(&rows, &table);
	plan_extra(plan, "found", found.data);
	plan_extra(plan, "found_rows", rows.data);
	// A workbook says itself how it is written: there is nothing to try again.
	plan_extra(plan, "found_content", table.format == INGEST_XLSX ? NULL : plan_bytea(plan, bytes, length));
	const char *name = file->name ? file->name : plan_query(plan, "file_name");
	plan_extra(plan, "found_name", name ? ingest_text(plan->arena, name, MAX_NAME) : NULL);
	return true;
}
