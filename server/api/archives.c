// archives.c: a meeting's archive is unpacked before the database sees it, so that what is no archive is said at once.
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "api/plan.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "ingest/ingest.h"

// {"<name>": "<base64>", …}. Only what is called as our archives call a file gets in, so that nothing needs escaping.
static const char *files_json(const struct ingest_archive *archive, struct arena *arena)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./_";
	struct buffer json;
	buffer_init(&json, arena);
	buffer_putc(&json, '{');
	for (int i = 0; i < archive->files; i++) {
		const struct ingest_archive_file *file = &archive->file[i];
		if (file->name[strspn(file->name, plain)] != '\0')
			continue;
		size_t room = sodium_base64_encoded_len(file->length, sodium_base64_VARIANT_ORIGINAL);
		char *text = arena_alloc(arena, room);
		sodium_bin2base64(text, room, (const unsigned char *)file->bytes, file->length, sodium_base64_VARIANT_ORIGINAL);
		buffer_print(&json, "%s\"%s\":\"%s\"", json.length > 1 ? "," : "", file->name, text);
	}
	buffer_putc(&json, '}');
	return json.data;
}

bool api_import_archive(struct plan *plan, struct problem *why)
{
	const struct contract_file *file = &plan->input->file;
	struct ingest_archive archive = {0};
	if (file->bytes && !ingest_archive(&archive, file->bytes, file->length, plan->arena, why))
		return false;
	const char *document = file->bytes ? archive.document : plan_body(plan, "document");
	return plan_extra(plan, "archive_document", document) && plan_extra(plan, "archive_files", files_json(&archive, plan->arena));
}
