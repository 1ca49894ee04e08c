// janitor.c: once an hour, what nobody can use any more is deleted.
#include "work/janitor.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "db/db.h"
#include "loop/loop.h"

enum { FIRST_MS = 60 * 1000, EACH_MS = 60 * 60 * 1000 };

struct janitor {
	struct loop *loop;
	struct db *db;
	const struct db_statement *sweep;
	struct arena *arena; // of the run under way; NULL: idle
	struct db_batch batch;
	uint64_t timer;
	bool stopped;
};

static void run(void *argument);

static void end_run(struct janitor *janitor)
{
	arena_free(janitor->arena);
	janitor->arena = NULL;
	if (!janitor->stopped)
		janitor->timer = loop_after(janitor->loop, EACH_MS, run, janitor);
}

static void swept(struct db_batch *batch, void *argument)
{
	if (!batch->ok) // the next run does what this one could not
		log_event(LOG_WARNING, "janitor", "failed", "%s", batch->why.detail, NULL);
	else
		log_event(LOG_INFO, "janitor", "credentials", "%s", rows_text(&batch->item[0].rows, 0, "swept"), "registrations", "%s",
		    rows_text(&batch->item[0].rows, 0, "registrations"), "lists", "%s", rows_text(&batch->item[0].rows, 0, "imports"), "mails",
		    "%s", rows_text(&batch->item[0].rows, 0, "mails"), NULL);
	end_run(argument);
}

static void run(void *argument)
{
	struct janitor *janitor = argument;
	janitor->arena = arena_new();
	db_batch_init(&janitor->batch, janitor->arena);
	db_add(&janitor->batch, janitor->sweep, NULL);
	if (!db_send(janitor->db, &janitor->batch, swept, janitor))
		end_run(janitor);
}

struct janitor *janitor_new(struct loop *loop, struct db *db, const struct db_statement *sweep)
{
	struct janitor *janitor = calloc(1, sizeof *janitor);
	if (janitor == NULL)
		abort();
	*janitor = (struct janitor){.loop = loop, .db = db, .sweep = sweep};
	janitor->timer = loop_after(loop, FIRST_MS, run, janitor);
	return janitor;
}

void janitor_stop(struct janitor *janitor)
{
	if (janitor == NULL)
		return;
	janitor->stopped = true;
	loop_cancel(janitor->loop, janitor->timer);
}

bool janitor_idle(const struct janitor *janitor)
{
	return janitor == NULL || janitor->arena == NULL;
}

void janitor_free(struct janitor *janitor)
{
	free(janitor);
}
