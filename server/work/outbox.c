// outbox.c: on each of some lanes a mail is written and delivered; what became of those that have arrived is said, and the lanes take the
// next.
#include "work/outbox.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "db/db.h"
#include "loop/loop.h"
#include "mail/sender.h"
#include "work/letter.h"
#include "work/pace.h"
#include "work/stock.h"

enum {
	AGAIN_MS = 1000,          // after a batch that failed
	FIRST_PAUSE_MS = 250,     // after a mail for which there was no server, doubled with each in a row …
	LONGEST_PAUSE_MS = 30000, // … up to this: a server that is away is not asked for each of ten thousand mails
	MOST_AHEAD = 32,          // mails that are taken at a time: of those that die with us the lease has to end
	AHEAD_MS = 250,           // so long the mails that are taken at a time may last
};

static const char *const outcomes[] = {[MAIL_SENT] = "sent", [MAIL_LATER] = "later", [MAIL_AWAY] = "later", [MAIL_REFUSED] = "refused"};

// One mail at a time goes to the server, over a connection that is kept.
struct lane {
	struct outbox *outbox;
	struct mail_sender *sender; // made when it is first needed
	struct arena *arena;        // of the mail under way; NULL: idle
	struct stock_mail mail;
	int64_t began_at;           // loop_now
	struct mail_message letter; // while the sender has it
	struct mail_result result;
	bool arrived; // what became of it is known, and not said yet
	bool saying;  // in the batch under way
	bool alone;   // the batch before failed: perhaps because of this one
	int64_t not_before;
};

struct outbox {
	struct loop *loop;
	struct db *db;
	struct outbox_options options;
	struct outbox_statements statements;
	struct pace *pace;
	struct stock *stock;
	struct lane *lane;
	int lanes;
	struct arena *arena; // of the batch that says what became of mails; NULL: none is under way
	struct db_batch batch;
	uint64_t timer; // to look again
	int64_t timer_at;
	bool woken, stopped;
	bool troubled; // the last batch failed, and the operator was told
	int failures;  // in a row, of the server we send by
	int64_t failed_at, quiet_until;
	int64_t counting_since;
	int counted, ahead; // mails sent since then; how many are taken at a time
};

static void look(void *argument);

// The earliest wish counts.
static void look_after(struct outbox *outbox, int64_t milliseconds)
{
	int64_t at = loop_now(outbox->loop) + milliseconds;
	if (outbox->stopped || (outbox->timer != 0 && outbox->timer_at <= at))
		return;
	loop_cancel(outbox->loop, outbox->timer);
	outbox->timer = loop_after(outbox->loop, milliseconds, look, outbox);
	outbox->timer_at = at;
}

// Done with this mail.
static void idle(struct lane *lane)
{
	stock_done(&lane->mail);
	arena_free(lane->arena);
	lane->arena = NULL;
	lane->arrived = lane->saying = lane->alone = false;
}

static int64_t pause(const struct outbox *outbox)
{
	int64_t milliseconds = (int64_t)FIRST_PAUSE_MS << (outbox->failures < 10 ? outbox->failures - 1 : 10);
	return milliseconds < LONGEST_PAUSE_MS ? milliseconds : LONGEST_PAUSE_MS;
}

// ── What became of mails ──────────────────────────────────────────────────────

static void said(struct db_batch *batch, void *argument)
{
	struct outbox *outbox = argument;
	if (!batch->ok && !outbox->troubled)
		log_event(LOG_WARNING, "outbox", "doing", "%s", "finish", "failed", "%s", batch->why.detail, "report", "%s", batch->report, NULL);
	outbox->troubled = !batch->ok;
	for (int i = 0; i < outbox->lanes; i++) {
		struct lane *lane = &outbox->lane[i];
		if (!lane->saying)
			continue;
		if (batch->ok) {
			idle(lane);
			continue;
		}
		lane->saying = false; // said again: what is sent must not be forgotten
		lane->alone = true;
		lane->not_before = loop_now(outbox->loop) + AGAIN_MS;
	}
	arena_free(outbox->arena);
	outbox->arena = NULL;
	look(outbox);
}

static void not_sent(void *argument)
{
	struct outbox *outbox = argument;
	said(&outbox->batch, outbox);
}

static bool may_say(const struct lane *lane)
{
	return lane->arrived && lane->not_before <= loop_now(lane->outbox->loop);
}

static json_t *outcome_of(const struct lane *lane)
{
	json_t *outcome =
	    json_pack("{s:s, s:s, s:s}", "mail", lane->mail.id, "attempt", lane->mail.attempt, "outcome", outcomes[lane->result.outcome]);
	json_object_set_new(outcome, "why", json_string(lane->result.reason)); // left out if it is no text
	return outcome;
}

static struct lane *first_to_say(struct outbox *outbox)
{
	for (int i = 0; i < outbox->lanes; i++) {
		if (may_say(&outbox->lane[i]))
			return &outbox->lane[i];
	}
	return NULL;
}

// Of all that have arrived and are of one platform, in one transaction, which waits for the disk once.
static void say(struct outbox *outbox)
{
	struct lane *first = outbox->arena == NULL ? first_to_say(outbox) : NULL;
	if (first == NULL)
		return;
	json_t *list = json_array();
	for (struct lane *lane = first; lane < outbox->lane + outbox->lanes; lane++) {
		if (!may_say(lane) || strcmp(lane->mail.platform, first->mail.platform) != 0 || (lane != first && (lane->alone || first->alone)))
			continue;
		lane->saying = true;
		json_array_append_new(list, outcome_of(lane));
	}
	outbox->arena = arena_new();
	char *mails = json_dumps(list, JSON_COMPACT);
	const char **values = arena_alloc(outbox->arena, 3 * sizeof *values);
	values[0] = arena_copy(outbox->arena, first->mail.platform);
	values[1] = arena_copy(outbox->arena, mails);
	values[2] = arena_print(outbox->arena, "%d", outbox->options.retry_seconds);
	free(mails);
	json_decref(list);
	db_batch_init(&outbox->batch, outbox->arena);
	outbox->batch.writes = true;
	db_add(&outbox->batch, outbox->statements.enter, values);
	db_add(&outbox->batch, outbox->statements.finish, values + 1);
	if (!db_send(outbox->db, &outbox->batch, said, outbox)) {
		outbox->batch.ok = false;
		loop_after(outbox->loop, AGAIN_MS, not_sent, outbox);
	}
}

static void tell_pace(const struct lane *lane)
{
	static const enum pace_answer answers[] = {
	    [MAIL_SENT] = PACE_TAKEN, [MAIL_REFUSED] = PACE_TAKEN, [MAIL_LATER] = PACE_LATER, [MAIL_AWAY] = PACE_NO_WORD};
	pace_told(lane->outbox->pace, lane->mail.domain, answers[lane->result.outcome], loop_now(lane->outbox->loop));
}

// Servers repeat the address they refuse, which is for the organiser only: of what they say the log gets the codes.
static void log_reason(const struct lane *lane)
{
	const char *reason = lane->result.reason;
	size_t codes = strspn(reason, "0123456789. -");
	log_event(LOG_WARNING, "mail not sent", "mail", "%s", lane->mail.id, "outcome", "%s", outcomes[lane->result.outcome], "said", "%s",
	    codes > 0 ? arena_slice(lane->arena, reason, codes) : reason, NULL);
}

// Those who tried at the same time failed once together.
static void count_failures(const struct lane *lane)
{
	struct outbox *outbox = lane->outbox;
	if (lane->result.outcome != MAIL_AWAY) {
		outbox->failures = 0;
		outbox->quiet_until = 0;
	} else if (lane->began_at >= outbox->failed_at) {
		outbox->failures++;
		outbox->failed_at = loop_now(outbox->loop);
		outbox->quiet_until = outbox->failed_at + pause(outbox);
		stock_put_back(outbox->stock); // whoever has a server may take them
	}
}

static void arrived(struct lane *lane)
{
	tell_pace(lane);
	lane->arrived = true;
	lane->not_before = 0;
	say(lane->outbox);
}

static void delivered_here(void *argument)
{
	struct lane *lane = argument;
	if (lane->result.outcome != MAIL_SENT)
		log_reason(lane);
	lane->outbox->counted++;
	count_failures(lane);
	arrived(lane);
}

// On the sender's thread.
static void delivered(const struct mail_result *result, void *argument)
{
	struct lane *lane = argument;
	lane->result = *result;
	if (!loop_post(lane->outbox->loop, delivered_here, lane))
		abort(); // only without memory
}

// ── Sending ───────────────────────────────────────────────────────────────────

static bool has_sender(struct lane *lane)
{
	if (lane->sender == NULL)
		lane->sender = mail_sender_new(&lane->outbox->options.mail);
	return lane->sender != NULL;
}

static void begin(struct lane *lane)
{
	const struct outbox_options *with = &lane->outbox->options;
	const struct letter_sender sender = {.base_url = with->base_url, .key = with->key, .from = &with->from, .inbox = with->inbox};
	lane->arena = arena_new();
	lane->began_at = loop_now(lane->outbox->loop);
	if (letter_write(&lane->letter, lane->mail.letter, lane->mail.calendar, &sender, lane->arena)) {
		mail_sender_send(lane->sender, &lane->letter, lane->mail.id, delivered, lane);
		return;
	}
	lane->result = (struct mail_result){.outcome = MAIL_REFUSED, .reason = "There is no template for this kind of mail."};
	arrived(lane);
}

static bool any_sending(const struct outbox *outbox)
{
	for (int i = 0; i < outbox->lanes; i++) {
		if (outbox->lane[i].arena != NULL)
			return true;
	}
	return false;
}

// While something is wrong with the server, somebody tries when the pause is over; while it is with the database, nobody does.
static bool may_send(const struct outbox *outbox)
{
	return !outbox->stopped && !outbox->troubled && loop_now(outbox->loop) >= outbox->quiet_until &&
	       (outbox->failures == 0 || !any_sending(outbox));
}

// As many as are sent in a moment: those who wait for a slow server are better left where others find them.
static void count(struct outbox *outbox)
{
	int64_t passed = loop_now(outbox->loop) - outbox->counting_since;
	if (passed < AHEAD_MS)
		return;
	int64_t ahead = outbox->counted * AHEAD_MS / passed;
	outbox->ahead = ahead < outbox->lanes ? outbox->lanes : ahead < MOST_AHEAD ? (int)ahead : MOST_AHEAD;
	outbox->counting_since = loop_now(outbox->loop);
	outbox->counted = 0;
}

static void look(void *argument)
{
	struct outbox *outbox = argument;
	loop_cancel(outbox->loop, outbox->timer);
	outbox->timer = 0;
	say(outbox);
	if (outbox->troubled)
		look_after(outbox, AGAIN_MS);
	for (int i = 0; i < outbox->lanes && may_send(outbox); i++) {
		struct lane *lane = &outbox->lane[i];
		if (lane->arena == NULL && has_sender(lane) && stock_next(outbox->stock, &lane->mail))
			begin(lane);
	}
	count(outbox);
	if (may_send(outbox) && stock_count(outbox->stock) <= outbox->ahead / 2)
		stock_fill(outbox->stock, outbox->failures > 0 ? 1 : outbox->ahead);
	else if (loop_now(outbox->loop) < outbox->quiet_until)
		look_after(outbox, outbox->quiet_until - loop_now(outbox->loop));
}

// Mails are ready, or there are none.
static void filled(int64_t wait_ms, void *argument)
{
	struct outbox *outbox = argument;
	if (outbox->stopped)
		return;
	look_after(outbox, outbox->woken ? 0 : wait_ms);
	outbox->woken = false;
}

static int lanes_of(const struct outbox_options *options)
{
	return options->mail.smtp_url != NULL ? options->connections : 1;
}

struct outbox *outbox_new(
    struct loop *loop, struct db *db, const struct outbox_options *options, const struct outbox_statements *statements)
{
	struct outbox *outbox = calloc(1, sizeof *outbox);
	struct lane *lane = calloc((size_t)lanes_of(options), sizeof *lane);
	if (outbox == NULL || lane == NULL)
		abort();
	const struct pace_rule files = {.pause_ms = 1000}, servers = {.each_second = options->domain_rate,
	                                                       .at_once = options->domain_connections,
	                                                       .pause_ms = 1000 * options->retry_seconds};
	*outbox =
	    (struct outbox){.loop = loop, .db = db, .options = *options, .statements = *statements, .lane = lane, .lanes = lanes_of(options)};
	outbox->pace = pace_new(options->mail.smtp_url != NULL ? &servers : &files);
	outbox->stock = stock_new(loop, db, &outbox->options, &outbox->statements, outbox->pace, filled, outbox);
	outbox->ahead = outbox->lanes;
	for (int i = 0; i < outbox->lanes; i++)
		lane[i].outbox = outbox;
	if (!has_sender(&lane[0])) {
		outbox_free(outbox);
		return NULL;
	}
	look_after(outbox, AGAIN_MS); // starting stays quick
	return outbox;
}

void outbox_wake(struct outbox *outbox)
{
	outbox->woken = true; // somebody may be looking just now, and not have seen it
	look_after(outbox, 0);
}

void outbox_stop(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	outbox->stopped = true;
	loop_cancel(outbox->loop, outbox->timer);
	outbox->timer = 0;
	stock_stop(outbox->stock);
}

bool outbox_idle(const struct outbox *outbox)
{
	return outbox == NULL || (!any_sending(outbox) && outbox->arena == NULL && stock_idle(outbox->stock));
}

void outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	for (int i = 0; i < outbox->lanes; i++)
		mail_sender_free(outbox->lane[i].sender);
	stock_free(outbox->stock);
	pace_free(outbox->pace);
	free(outbox->lane);
	free(outbox);
}
