// outbox.c: on each of some lanes: take a mail, write it, have it delivered, say what became of it and take the next.
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
#include "work/pace.h"

enum {
	AGAIN_MS = 1000,          // after a batch that failed
	LEASE_MORE_SECONDS = 10,  // beyond two attempts (the first may find an old connection dead): until then the mail is ours
	FIRST_PAUSE_MS = 250,     // after a mail for which there was no server, doubled with each in a row …
	LONGEST_PAUSE_MS = 30000, // … up to this: a server that is away is not asked for each of ten thousand mails
};

static const char *const outcomes[] = {[MAIL_SENT] = "sent", [MAIL_LATER] = "later", [MAIL_AWAY] = "later", [MAIL_REFUSED] = "refused"};

// A mail that was taken. Texts live in its lane's arena.
struct taken {
	const char *platform, *id;
	const char *attempt; // its number
	const char *domain;  // where it goes; "": nobody knows
	bool waited;         // for its turn among mails to that domain
};

// One mail at a time goes from the outbox to the server, over a connection that is kept.
struct lane {
	struct outbox *outbox;
	struct mail_sender *sender; // made when it is first needed
	struct arena *arena;        // of the mail under way; NULL: idle
	struct db_batch batch;      // the one under way
	struct taken mail;
	int64_t looked_at;          // loop_now when the mail was asked for
	struct mail_message letter; // while the sender has it
	struct mail_result result;
	const char *wait_ms; // the mail is to be put off for so long; NULL: `result` is what became of it
	bool takes_next;     // in the batch under way
};

struct outbox {
	struct loop *loop;
	struct db *db;
	struct outbox_options options;
	struct outbox_statements statements;
	struct pace *pace;
	struct lane *lane;
	int lanes;
	const char *domain; // ours, for Message-IDs
	uint64_t timer;     // to look again
	int64_t timer_at;
	bool woken; // look again before all are idle
	bool stopped;
	bool troubled; // the last batch failed, and the operator was told
	int failures;  // in a row, of the server we send by
	int64_t failed_at, quiet_until;
};

static void look(void *argument);
static void ask(void *argument);
static void settle(struct lane *lane);

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

// Done with this mail, or there was none.
static void idle(struct lane *lane, int64_t milliseconds)
{
	struct outbox *outbox = lane->outbox;
	arena_free(lane->arena);
	lane->arena = NULL;
	lane->mail = (struct taken){0};
	look_after(outbox, outbox->woken ? 0 : milliseconds);
	outbox->woken = false;
}

static void add(struct lane *lane, const struct db_statement *statement, int count, const char *const *values)
{
	const char **copy = arena_alloc(lane->arena, (size_t)count * sizeof *copy);
	memcpy(copy, values, (size_t)count * sizeof *copy);
	db_add(&lane->batch, statement, copy);
}

static void begin_batch(struct lane *lane)
{
	db_batch_init(&lane->batch, lane->arena);
	lane->batch.writes = true;
}

// The operator is told once what broke; the mail is safe where it is.
static void say_failure(struct lane *lane, const char *doing)
{
	if (lane->outbox->troubled)
		return;
	lane->outbox->troubled = true;
	log_event(
	    LOG_WARNING, "outbox", "doing", "%s", doing, "failed", "%s", lane->batch.why.detail, "report", "%s", lane->batch.report, NULL);
}

static int64_t pause(const struct outbox *outbox)
{
	int64_t milliseconds = (int64_t)FIRST_PAUSE_MS << (outbox->failures < 10 ? outbox->failures - 1 : 10);
	return milliseconds < LONGEST_PAUSE_MS ? milliseconds : LONGEST_PAUSE_MS;
}

static void add_outcome(struct lane *lane)
{
	const struct outbox *outbox = lane->outbox;
	if (lane->mail.id == NULL)
		return;
	add(lane, outbox->statements.enter, 1, &lane->mail.platform);
	if (lane->wait_ms != NULL) {
		add(lane, outbox->statements.put_off, 3, (const char *[]){lane->mail.id, lane->mail.attempt, lane->wait_ms});
		return;
	}
	const char *values[] = {lane->mail.id, lane->mail.attempt, outcomes[lane->result.outcome], lane->result.reason,
	    arena_print(lane->arena, "%d", outbox->options.retry_seconds)};
	add(lane, outbox->statements.finish, 5, values);
}

static void give_up(struct lane *lane, enum mail_outcome outcome, const char *reason)
{
	lane->result = (struct mail_result){.outcome = outcome};
	strncat(lane->result.reason, reason, sizeof lane->result.reason - 1);
	settle(lane);
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
	} else if (lane->looked_at >= outbox->failed_at) {
		outbox->failures++;
		outbox->failed_at = loop_now(outbox->loop);
		outbox->quiet_until = outbox->failed_at + pause(outbox);
	}
}

static void delivered_here(void *argument)
{
	struct lane *lane = argument;
	if (lane->result.outcome != MAIL_SENT)
		log_reason(lane);
	count_failures(lane);
	settle(lane);
}

// On the sender's thread.
static void delivered(const struct mail_result *result, void *argument)
{
	struct lane *lane = argument;
	lane->result = *result;
	if (!loop_post(lane->outbox->loop, delivered_here, lane))
		abort(); // only without memory
}

static bool has_sender(struct lane *lane)
{
	if (lane->sender == NULL)
		lane->sender = mail_sender_new(&lane->outbox->options.mail);
	return lane->sender != NULL;
}

static void started(struct db_batch *batch, void *argument)
{
	struct lane *lane = argument;
	struct outbox *outbox = lane->outbox;
	const struct rows *letter = &batch->item[2].rows;
	const struct outbox_options *with = &outbox->options;
	const struct letter_sender sender = {.base_url = with->base_url, .key = with->key, .from = &with->from, .inbox = with->inbox};
	if (!batch->ok) {
		say_failure(lane, "start");
		if (batch->failed >= 0) {
			give_up(lane, MAIL_AWAY, "The mail could not be written.");
			return;
		}
	} else if (letter->count == 0) { // dropped, or for another day
		pace_told(outbox->pace, lane->mail.domain, PACE_NO_WORD, loop_now(outbox->loop));
		lane->mail = (struct taken){0};
		settle(lane);
		return;
	} else if (loop_now(outbox->loop) - lane->looked_at <= LEASE_MORE_SECONDS * 1000 && has_sender(lane)) {
		if (letter_write(&lane->letter, letter, &batch->item[3].rows, &sender, lane->arena))
			mail_sender_send(lane->sender, &lane->letter, lane->mail.id, delivered, lane);
		else
			give_up(lane, MAIL_REFUSED, "There is no template for this kind of mail.");
		return;
	}
	// Nobody knows, or the database was so slow that the mail is nearly somebody else's: its lease ends.
	pace_told(outbox->pace, lane->mail.domain, PACE_NO_WORD, loop_now(outbox->loop));
	idle(lane, AGAIN_MS);
}

static void start(struct lane *lane)
{
	const struct outbox *outbox = lane->outbox;
	begin_batch(lane);
	add(lane, outbox->statements.enter, 1, &lane->mail.platform);
	add(lane, outbox->statements.start, 2, (const char *[]){lane->mail.id, outbox->domain});
	add(lane, outbox->statements.letter, 1, &lane->mail.id);
	add(lane, outbox->statements.calendar, 2, (const char *[]){lane->mail.id, outbox->options.base_url});
	if (!db_send(outbox->db, &lane->batch, started, lane)) {
		pace_told(outbox->pace, lane->mail.domain, PACE_NO_WORD, loop_now(outbox->loop));
		idle(lane, AGAIN_MS);
	}
}

// The next mail is here; or its domain's turn is later.
static void begin(struct lane *lane, const struct rows *rows)
{
	struct outbox *outbox = lane->outbox;
	lane->mail = (struct taken){.platform = rows_text(rows, 0, "platform_id"),
	    .id = rows_text(rows, 0, "mail"),
	    .attempt = rows_text(rows, 0, "attempts"),
	    .domain = rows_text(rows, 0, "domain"),
	    .waited = strcmp(rows_text(rows, 0, "waited"), "t") == 0};
	int64_t wait = pace_ask(outbox->pace, lane->mail.domain, lane->mail.waited, loop_now(outbox->loop));
	lane->wait_ms = wait > 0 ? arena_print(lane->arena, "%lld", (long long)wait) : NULL;
	if (wait > 0)
		settle(lane);
	else
		start(lane);
}

static void settled(struct db_batch *batch, void *argument)
{
	struct lane *lane = argument;
	struct outbox *outbox = lane->outbox;
	if (!batch->ok) { // said again: what is sent must not be forgotten
		say_failure(lane, lane->mail.id ? "finish" : "take");
		if (lane->mail.id != NULL)
			loop_after(outbox->loop, AGAIN_MS, ask, lane);
		else
			idle(lane, AGAIN_MS);
		return;
	}
	outbox->troubled = false;
	const struct rows *rows = &batch->item[batch->count - 1].rows;
	if (!lane->takes_next) {
		idle(lane, 0);
	} else if (rows_text(rows, 0, "mail") == NULL) {
		idle(lane, strtol(rows_text(rows, 0, "wait_ms"), NULL, 10));
	} else {
		if (outbox->failures == 0)
			look_after(outbox, 0); // there may be one for another lane
		begin(lane, rows);
	}
}

// Says what became of a mail and takes the next, in one transaction, which waits for the disk once. Only the first while something is
// wrong: with the server, whom somebody tries when the pause is over, or with taking, which must not undo what is said.
static void ask(void *argument)
{
	struct lane *lane = argument;
	struct outbox *outbox = lane->outbox;
	begin_batch(lane);
	add_outcome(lane);
	lane->takes_next = !outbox->stopped && (lane->mail.id == NULL || (outbox->failures == 0 && !outbox->troubled));
	lane->looked_at = loop_now(outbox->loop);
	const char *lease = arena_print(lane->arena, "%d", 2 * outbox->options.mail.timeout_seconds + LEASE_MORE_SECONDS);
	if (lane->takes_next)
		add(lane, outbox->statements.take, 1, &lease);
	if (lane->batch.count == 0)
		idle(lane, 0);
	else if (!db_send(outbox->db, &lane->batch, settled, lane))
		loop_after(outbox->loop, AGAIN_MS, ask, lane);
}

static const char *moved(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text) : NULL;
}

// What became of it is known: of the mail no more stays than that takes to say.
static void settle(struct lane *lane)
{
	struct arena *arena = arena_new(), *before = lane->arena;
	if (lane->mail.id != NULL && lane->wait_ms == NULL)
		tell_pace(lane);
	lane->mail = (struct taken){
	    .platform = moved(arena, lane->mail.platform), .id = moved(arena, lane->mail.id), .attempt = moved(arena, lane->mail.attempt)};
	lane->wait_ms = moved(arena, lane->wait_ms);
	lane->arena = arena;
	arena_free(before);
	ask(lane);
}

static void look(void *argument)
{
	struct outbox *outbox = argument;
	outbox->timer = 0;
	if (loop_now(outbox->loop) < outbox->quiet_until) {
		look_after(outbox, outbox->quiet_until - loop_now(outbox->loop));
		return;
	}
	for (int i = 0; i < outbox->lanes; i++) {
		struct lane *lane = &outbox->lane[i];
		if (lane->arena != NULL)
			continue;
		lane->arena = arena_new();
		lane->wait_ms = NULL;
		ask(lane);
		return;
	}
	outbox->woken = true;
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
	outbox->domain = options->mail.hello;
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
	for (int i = 0; outbox != NULL && i < outbox->lanes; i++) {
		if (outbox->lane[i].arena != NULL)
			return false;
	}
	return true;
}

void outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	for (int i = 0; i < outbox->lanes; i++)
		mail_sender_free(outbox->lane[i].sender);
	pace_free(outbox->pace);
	free(outbox->lane);
	free(outbox);
}
