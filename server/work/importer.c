// importer.c: a step, and the next, until nothing waits.
#include "work/importer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/rows.h"
#include "db/db.h"
#include "ingest/ingest.h"
#include "loop/loop.h"

enum {
	FIRST_MS = 1000,     // after the start: what another process left
	EACH_MS = 60 * 1000, // when nobody wakes it
	AGAIN_MS = 1000,     // after a step that could not be made now
};

struct importer {
	struct loop *loop;
	struct db *db;
	struct importer_statements statements;
	struct arena *arena; // of the step under way; NULL: idle
	struct db_batch batch;
	uint64_t timer;
	bool woken; // while busy: look again before idling
	bool stopped;
};

static void step(void *argument);

static void end_step(struct importer *importer, int64_t milliseconds)
{
	arena_free(importer->arena);
	importer->arena = NULL;
	if (importer->woken)
		milliseconds = 0;
	importer->woken = false;
	importer->timer = importer->stopped ? 0 : loop_after(importer->loop, milliseconds, step, importer);
}

static void failed(struct importer *importer)
{
	const char *report = importer->batch.report ? importer->batch.report : importer->batch.why.detail;
	log_event(LOG_WARNING, "importer", "failed", "%s", report, NULL);
	importer->woken = false;
	end_step(importer, AGAIN_MS);
}

static void reread(struct db_batch *batch, void *argument)
{
	if (!batch->ok)
		failed(argument);
	else
		end_step(argument, 0);
}

// "\x6a61…" as PostgreSQL writes bytes; in place of the text.
static size_t unpack(char *text)
{
	static const char digits[] = "0123456789abcdef";
	char *end = text;
	for (const char *at = text + 2; at[0] && at[1]; at += 2)
		*end++ = (char)((strchr(digits, at[0]) - digits) * 16 + (strchr(digits, at[1]) - digits));
	*end = '\0';
	return (size_t)(end - text);
}

static void read_again(struct importer *importer, const struct rows *step_rows)
{
	struct arena *arena = importer->arena;
	struct ingest_hints hints = {.encoding = rows_text(step_rows, 0, "encoding"), .separator = rows_text(step_rows, 0, "separator")};
	const char *platform = rows_text(step_rows, 0, "platform"), *import = rows_text(step_rows, 0, "import");
	const char *version = rows_text(step_rows, 0, "version"), *kept = rows_text(step_rows, 0, "content");
	char *content = arena_copy(arena, kept ? kept : "");
	struct ingest_table table;
	struct problem why;
	struct buffer found, rows;
	buffer_init(&found, arena);
	buffer_init(&rows, arena);
	bool read = ingest_read(&table, content, *content ? unpack(content) : 0, &hints, arena, &why);
	if (read) {
		ingest_json_found(&found, &table, ingest_fields(rows_text(step_rows, 0, "kind")));
		ingest_json(&rows, &table);
	}
	const char **enter = arena_alloc(arena, sizeof *enter), **put = arena_alloc(arena, 5 * sizeof *put);
	enter[0] = platform;
	put[0] = import;
	put[1] = version;
	put[2] = read ? found.data : NULL;
	put[3] = read ? rows.data : NULL;
	put[4] = read ? NULL : why.code;
	db_batch_init(&importer->batch, arena);
	importer->batch.writes = true;
	db_add(&importer->batch, importer->statements.enter, enter);
	db_add(&importer->batch, importer->statements.reread, put);
	if (!db_send(importer->db, &importer->batch, reread, importer))
		failed(importer);
}

static void stepped(struct db_batch *batch, void *argument)
{
	struct importer *importer = argument;
	if (!batch->ok)
		return failed(importer);
	const struct rows *rows = &batch->item[0].rows;
	if (rows->count == 0)
		return end_step(importer, EACH_MS);
	if (strcmp(rows_text(rows, 0, "state"), "reading") == 0)
		return read_again(importer, rows);
	end_step(importer, 0);
}

static void step(void *argument)
{
	struct importer *importer = argument;
	importer->timer = 0;
	importer->arena = arena_new();
	db_batch_init(&importer->batch, importer->arena);
	importer->batch.writes = true;
	db_add(&importer->batch, importer->statements.step, NULL);
	if (!db_send(importer->db, &importer->batch, stepped, importer))
		failed(importer);
}

struct importer *importer_new(struct loop *loop, struct db *db, const struct importer_statements *statements)
{
	struct importer *importer = calloc(1, sizeof *importer);
	if (importer == NULL)
		abort();
	*importer = (struct importer){.loop = loop, .db = db, .statements = *statements};
	importer->timer = loop_after(loop, FIRST_MS, step, importer);
	return importer;
}

void importer_wake(struct importer *importer)
{
	if (importer->stopped)
		return;
	if (importer->arena != NULL) {
		importer->woken = true;
		return;
	}
	loop_cancel(importer->loop, importer->timer);
	importer->timer = loop_after(importer->loop, 0, step, importer);
}

void importer_stop(struct importer *importer)
{
	if (importer == NULL)
		return;
	importer->stopped = true;
	loop_cancel(importer->loop, importer->timer);
}

bool importer_idle(const struct importer *importer)
{
	return importer == NULL || importer->arena == NULL;
}

void importer_free(struct importer *importer)
{
	free(importer);
}
