// outbox.c: take a mail, write it, have it delivered, say what became of it, take the next.
#include "work/outbox.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/rows.h"
#include "db/db.h"
#include "loop/loop.h"
#include "mail/sender.h"
#include "work/letter.h"

enum {
	AGAIN_MS = 1000,          // after a batch that failed
	LEASE_MORE_SECONDS = 10,  // beyond two attempts (the first may find an old connection dead): until then the mail is ours
	FIRST_PAUSE_MS = 250,     // after a mail that could not be delivered now, doubled with each …
	LONGEST_PAUSE_MS = 30000, // … up to this: a server that is away is not asked for each of ten thousand mails
};

static const char *const outcomes[] = {[MAIL_SENT] = "sent", [MAIL_LATER] = "later", [MAIL_REFUSED] = "refused"};

struct outbox {
	struct loop *loop;
	struct db *db;
	struct outbox_options options;
	struct outbox_statements statements;
	struct mail_sender *sender;
	const char *domain; // ours, for Message-IDs
	uint64_t timer;     // when idle: to look again
	int64_t looked_at;  // loop_now when the mail was asked for
	bool woken;         // while busy: look again before idling
	bool stopped;
	bool troubled;              // the last batch failed, and the operator was told
	int failures;               // in a row
	struct arena *arena;        // of the mail under way; NULL: idle
	struct db_batch batch;      // the one under way
	const char *platform, *id;  // of the mail that was taken
	const char *attempt;        // its number
	struct mail_message letter; // while the sender has it
	struct mail_result result;
};

static void look(void *argument);
static void finish(void *argument);

static void look_after(struct outbox *outbox, int64_t milliseconds)
{
	loop_cancel(outbox->loop, outbox->timer);
	outbox->timer = outbox->stopped ? 0 : loop_after(outbox->loop, milliseconds, look, outbox);
}

// Done with this mail, or there was none.
static void idle(struct outbox *outbox, int64_t milliseconds)
{
	arena_free(outbox->arena);
	outbox->arena = NULL;
	look_after(outbox, outbox->woken && outbox->failures == 0 ? 0 : milliseconds);
	outbox->woken = false;
}

static void add(struct outbox *outbox, const struct db_statement *statement, int count, const char *const *values)
{
	const char **copy = arena_alloc(outbox->arena, (size_t)count * sizeof *copy);
	memcpy(copy, values, (size_t)count * sizeof *copy);
	db_add(&outbox->batch, statement, copy);
}

static void begin_batch(struct outbox *outbox)
{
	db_batch_init(&outbox->batch, outbox->arena);
	outbox->batch.writes = true;
}

// The operator is told once what broke; the mail is safe where it is.
static void say_failure(struct outbox *outbox, const char *doing)
{
	if (outbox->troubled)
		return;
	outbox->troubled = true;
	log_event(
	    LOG_WARNING, "outbox", "doing", "%s", doing, "failed", "%s", outbox->batch.why.detail, "report", "%s", outbox->batch.report, NULL);
}

static int64_t pause(const struct outbox *outbox)
{
	int64_t milliseconds = (int64_t)FIRST_PAUSE_MS << (outbox->failures < 10 ? outbox->failures - 1 : 10);
	return milliseconds < LONGEST_PAUSE_MS ? milliseconds : LONGEST_PAUSE_MS;
}

static void finished(struct db_batch *batch, void *argument)
{
	struct outbox *outbox = argument;
	if (!batch->ok) { // said again: what is sent must not be forgotten
		say_failure(outbox, "finish");
		loop_after(outbox->loop, AGAIN_MS, finish, outbox);
		return;
	}
	outbox->failures = outbox->result.outcome == MAIL_LATER ? outbox->failures + 1 : 0;
	idle(outbox, outbox->failures > 0 ? pause(outbox) : 0);
}

static void finish(void *argument)
{
	struct outbox *outbox = argument;
	begin_batch(outbox);
	add(outbox, outbox->statements.enter, 1, &outbox->platform);
	const char *values[] = {outbox->id, outbox->attempt, outcomes[outbox->result.outcome], outbox->result.reason,
	    arena_print(outbox->arena, "%d", outbox->options.retry_seconds)};
	add(outbox, outbox->statements.finish, 5, values);
	if (!db_send(outbox->db, &outbox->batch, finished, outbox))
		loop_after(outbox->loop, AGAIN_MS, finish, outbox);
}

static void give_up(struct outbox *outbox, enum mail_outcome outcome, const char *reason)
{
	outbox->result = (struct mail_result){.outcome = outcome};
	strncat(outbox->result.reason, reason, sizeof outbox->result.reason - 1);
	finish(outbox);
}

// Servers repeat the address they refuse, which is for the organiser only: of what they say the log gets the codes.
static void log_reason(const struct outbox *outbox)
{
	const char *reason = outbox->result.reason;
	size_t codes = strspn(reason, "0123456789. -");
	log_event(LOG_WARNING, "mail not sent", "mail", "%s", outbox->id, "outcome", "%s", outcomes[outbox->result.outcome], "said", "%s",
	    codes > 0 ? arena_slice(outbox->arena, reason, codes) : reason, NULL);
}

static void delivered_here(void *argument)
{
	struct outbox *outbox = argument;
	if (outbox->result.outcome != MAIL_SENT)
		log_reason(outbox);
	finish(outbox);
}

// On the sender's thread.
static void delivered(const struct mail_result *result, void *argument)
{
	struct outbox *outbox = argument;
	outbox->result = *result;
	if (!loop_post(outbox->loop, delivered_here, outbox))
		abort(); // only without memory
}

static void started(struct db_batch *batch, void *argument)
{
	struct outbox *outbox = argument;
	const struct rows *letter = &batch->item[2].rows;
	const struct outbox_options *with = &outbox->options;
	const struct letter_sender sender = {.base_url = with->base_url, .key = with->key, .from = &with->from, .inbox = with->inbox};
	if (!batch->ok) {
		say_failure(outbox, "start");
		if (batch->failed < 0)
			idle(outbox, AGAIN_MS); // nobody knows; its lease ends
		else
			give_up(outbox, MAIL_LATER, "The mail could not be written.");
	} else if (letter->count == 0) { // dropped
		idle(outbox, 0);
	} else if (loop_now(outbox->loop) - outbox->looked_at >
	           LEASE_MORE_SECONDS * 1000) { // the database was slow: it is nearly somebody else's
		idle(outbox, 0);
	} else if (letter_write(&outbox->letter, letter, &batch->item[3].rows, &sender, outbox->arena)) {
		mail_sender_send(outbox->sender, &outbox->letter, outbox->id, delivered, outbox);
	} else {
		give_up(outbox, MAIL_REFUSED, "There is no template for this kind of mail.");
	}
}

static void start(struct outbox *outbox)
{
	begin_batch(outbox);
	add(outbox, outbox->statements.enter, 1, &outbox->platform);
	add(outbox, outbox->statements.start, 2, (const char *[]){outbox->id, outbox->domain});
	add(outbox, outbox->statements.letter, 1, &outbox->id);
	add(outbox, outbox->statements.calendar, 2, (const char *[]){outbox->id, outbox->options.base_url});
	if (!db_send(outbox->db, &outbox->batch, started, outbox))
		idle(outbox, AGAIN_MS);
}

static void taken(struct db_batch *batch, void *argument)
{
	struct outbox *outbox = argument;
	const struct rows *rows = &batch->item[0].rows;
	if (!batch->ok) {
		say_failure(outbox, "take");
		idle(outbox, AGAIN_MS);
		return;
	}
	outbox->troubled = false;
	outbox->platform = rows_text(rows, 0, "platform_id");
	outbox->id = rows_text(rows, 0, "mail");
	outbox->attempt = rows_text(rows, 0, "attempts");
	if (outbox->id != NULL)
		start(outbox);
	else
		idle(outbox, strtol(rows_text(rows, 0, "wait_ms"), NULL, 10));
}

static void look(void *argument)
{
	struct outbox *outbox = argument;
	outbox->timer = 0;
	outbox->woken = false;
	outbox->arena = arena_new();
	outbox->looked_at = loop_now(outbox->loop);
	begin_batch(outbox);
	const char *lease = arena_print(outbox->arena, "%d", 2 * outbox->options.mail.timeout_seconds + LEASE_MORE_SECONDS);
	add(outbox, outbox->statements.take, 1, &lease);
	if (!db_send(outbox->db, &outbox->batch, taken, outbox))
		idle(outbox, AGAIN_MS);
}

struct outbox *outbox_new(
    struct loop *loop, struct db *db, const struct outbox_options *options, const struct outbox_statements *statements)
{
	struct mail_sender *sender = mail_sender_new(&options->mail);
	if (sender == NULL)
		return NULL;
	struct outbox *outbox = calloc(1, sizeof *outbox);
	if (outbox == NULL)
		abort();
	*outbox = (struct outbox){.loop = loop, .db = db, .options = *options, .statements = *statements, .sender = sender};
	outbox->domain = options->mail.hello;
	look_after(outbox, AGAIN_MS); // starting stays quick
	return outbox;
}

void outbox_wake(struct outbox *outbox)
{
	outbox->woken = true;
	if (outbox->arena == NULL && outbox->failures == 0)
		look_after(outbox, 0);
}

void outbox_stop(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	outbox->stopped = true;
	loop_cancel(outbox->loop, outbox->timer);
	outbox->timer = 0;
}

bool outbox_idle(const struct outbox *outbox)
{
	return outbox == NULL || outbox->arena == NULL;
}

void outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	mail_sender_free(outbox->sender);
	free(outbox);
}
