// stock.c: mails are taken, sorted by platform, held against the pace of their domains, looked at again, and wait for a connection.
#include "work/stock.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/log.h"
#include "base/rows.h"
#include "db/db.h"
#include "loop/loop.h"
#include "work/outbox.h"
#include "work/pace.h"

enum {
	AGAIN_MS = 1000,         // after a batch that failed
	FRESH_MS = 5000,         // what waited longer is looked at again, when it is taken again
	LEASE_MORE_SECONDS = 10, // beyond two attempts (the first may find an old connection dead): until then a mail is ours
};

// Mails of one platform that were taken together, and what was read of them.
struct crate {
	struct stock *stock;
	struct arena *arena;
	struct db_batch batch;
	const char *platform;
	int64_t taken_at;
	struct stock_mail *mail;
	int count;
	int ready; // those before were given out
	int kept;  // by those who send them
	struct crate *after;
};

struct stock {
	struct loop *loop;
	struct db *db;
	const struct outbox_options *options;
	const struct outbox_statements *statements;
	struct pace *pace;
	void (*filled)(int64_t wait_ms, void *argument);
	void *argument;
	struct crate *first; // with mails that are ready, in the order in which they came
	int count;           // of those
	int under_way;       // batches
	bool stopped, troubled;
};

static void start(struct crate *crate);

static struct crate *crate_new(struct stock *stock, const char *platform, int64_t taken_at, int most)
{
	struct arena *arena = arena_new();
	struct crate *crate = arena_alloc(arena, sizeof *crate);
	*crate = (struct crate){.stock = stock, .arena = arena, .platform = arena_copy(arena, platform), .taken_at = taken_at};
	crate->mail = arena_alloc(arena, (size_t)most * sizeof *crate->mail);
	return crate;
}

static void add(struct crate *crate, const struct db_statement *statement, int count, const char *const *values)
{
	const char **copy = arena_alloc(crate->arena, (size_t)count * sizeof *copy);
	memcpy(copy, values, (size_t)count * sizeof *copy);
	db_add(&crate->batch, statement, copy);
}

static void begin_batch(struct crate *crate)
{
	db_batch_init(&crate->batch, crate->arena);
	crate->batch.writes = true;
}

// The operator is told once what broke; the mails are safe where they are.
static void say_failure(struct stock *stock, const struct db_batch *batch, const char *doing)
{
	if (stock->troubled)
		return;
	stock->troubled = true;
	log_event(LOG_WARNING, "outbox", "doing", "%s", doing, "failed", "%s", batch->why.detail, "report", "%s", batch->report, NULL);
}

static void no_word(const struct crate *crate, const struct stock_mail *mail)
{
	pace_told(crate->stock->pace, mail->domain, PACE_NO_WORD, loop_now(crate->stock->loop));
}

static void ended(struct stock *stock, int64_t wait_ms)
{
	stock->filled(wait_ms, stock->argument);
}

// ── Putting back ──────────────────────────────────────────────────────────────

static void put_back_done(struct db_batch *batch, void *argument)
{
	struct crate *crate = argument;
	struct stock *stock = crate->stock;
	if (!batch->ok)
		say_failure(stock, batch, "put back"); // until its lease ends, the mail waits
	stock->under_way--;
	arena_free(crate->arena);
	ended(stock, 0);
}

static char *as_text(json_t *list, struct arena *arena)
{
	char *text = json_dumps(list, JSON_COMPACT), *copy = arena_copy(arena, text);
	free(text);
	json_decref(list);
	return copy;
}

static void append_put_off(json_t *list, const struct stock_mail *mail, int64_t milliseconds)
{
	json_array_append_new(
	    list, json_pack("{s:s, s:s, s:I}", "mail", mail->id, "attempt", mail->attempt, "milliseconds", (json_int_t)milliseconds));
}

// Those of one crate that nobody was given. Somebody may still send others of it, so the batch has an arena of its own.
static void put_crate_back(struct crate *of)
{
	struct stock *stock = of->stock;
	struct crate *crate = crate_new(stock, of->platform, of->taken_at, 1);
	json_t *list = json_array();
	for (int i = of->ready; i < of->count; i++) {
		append_put_off(list, &of->mail[i], 0);
		no_word(of, &of->mail[i]);
	}
	stock->count -= of->count - of->ready;
	of->ready = of->count;
	begin_batch(crate);
	add(crate, stock->statements->enter, 1, &crate->platform);
	add(crate, stock->statements->put_off, 1, (const char *[]){as_text(list, crate->arena)});
	stock->under_way++;
	if (!db_send(stock->db, &crate->batch, put_back_done, crate)) {
		stock->under_way--;
		arena_free(crate->arena);
	}
}

static void drop_if_done(struct crate *crate)
{
	if (crate->ready == crate->count && crate->kept == 0)
		arena_free(crate->arena);
}

void stock_put_back(struct stock *stock)
{
	while (stock->first != NULL) {
		struct crate *crate = stock->first;
		stock->first = crate->after;
		put_crate_back(crate);
		drop_if_done(crate);
	}
}

// ── Starting ──────────────────────────────────────────────────────────────────

static void shelve(struct crate *crate)
{
	struct stock *stock = crate->stock;
	struct crate **last = &stock->first;
	while (*last != NULL)
		last = &(*last)->after;
	*last = crate;
	stock->count += crate->count;
	if (stock->stopped)
		stock_put_back(stock);
}

static int row_of(const struct rows *rows, const char *column, const char *id)
{
	int at = rows_column(rows, column);
	for (int row = 0; row < rows->count; row++) {
		if (strcmp(rows->value(rows, row, at), id) == 0)
			return row;
	}
	return -1;
}

// Those without a letter were dropped, or are for another day.
static void sort_out(struct crate *crate, const struct rows *letters, const struct rows *calendars)
{
	int going = 0;
	struct rows *none = arena_alloc(crate->arena, sizeof *none);
	*none = (struct rows){0};
	for (int i = 0; i < crate->count; i++) {
		struct stock_mail mail = crate->mail[i];
		int row = row_of(letters, "id", mail.id), event = row_of(calendars, "mail", mail.id);
		if (row < 0) {
			no_word(crate, &mail);
			continue;
		}
		mail.letter = rows_only(crate->arena, letters, row);
		mail.calendar = event < 0 ? none : rows_only(crate->arena, calendars, event);
		mail.crate = crate;
		crate->mail[going++] = mail;
	}
	crate->count = going;
}

static void unwritable_done(struct db_batch *batch, void *argument)
{
	struct crate *crate = argument;
	struct stock *stock = crate->stock;
	if (!batch->ok)
		say_failure(stock, batch, "finish");
	stock->under_way--;
	arena_free(crate->arena);
	ended(stock, 0);
}

// Tried again later and later, as if a server had refused it: the others must not wait for it.
static void give_up(struct crate *crate)
{
	struct stock *stock = crate->stock;
	json_t *list = json_pack("[{s:s, s:s, s:s, s:s}]", "mail", crate->mail[0].id, "attempt", crate->mail[0].attempt, "outcome", "later",
	    "why", "The mail could not be written.");
	no_word(crate, &crate->mail[0]);
	begin_batch(crate);
	add(crate, stock->statements->enter, 1, &crate->platform);
	add(crate, stock->statements->finish, 2,
	    (const char *[]){as_text(list, crate->arena), arena_print(crate->arena, "%d", stock->options->retry_seconds)});
	stock->under_way++;
	if (!db_send(stock->db, &crate->batch, unwritable_done, crate)) {
		stock->under_way--;
		arena_free(crate->arena);
	}
}

static struct stock_mail copied(const struct stock_mail *mail, struct arena *arena)
{
	return (struct stock_mail){
	    .id = arena_copy(arena, mail->id), .attempt = arena_copy(arena, mail->attempt), .domain = arena_copy(arena, mail->domain)};
}

// One of them can't be read, nobody knows which.
static void start_each(struct crate *crate)
{
	for (int i = 0; i < crate->count; i++) {
		struct crate *single = crate_new(crate->stock, crate->platform, crate->taken_at, 1);
		single->mail[single->count++] = copied(&crate->mail[i], single->arena);
		single->mail[0].platform = single->platform;
		start(single);
	}
	arena_free(crate->arena);
}

static void started(struct db_batch *batch, void *argument)
{
	struct crate *crate = argument;
	struct stock *stock = crate->stock;
	int64_t wait_ms = 0;
	stock->under_way--;
	if (batch->ok) {
		stock->troubled = false;
		sort_out(crate, &batch->item[batch->count - 2].rows, &batch->item[batch->count - 1].rows);
		if (crate->count > 0)
			shelve(crate);
		else
			arena_free(crate->arena);
	} else {
		say_failure(stock, batch, "start");
		if (batch->failed >= 0 && crate->count > 1) {
			start_each(crate);
		} else if (batch->failed >= 0) {
			give_up(crate);
		} else { // nobody knows: their lease ends
			for (int i = 0; i < crate->count; i++)
				no_word(crate, &crate->mail[i]);
			arena_free(crate->arena);
			wait_ms = AGAIN_MS;
		}
	}
	ended(stock, wait_ms);
}

static char *ids_of(const struct crate *crate)
{
	struct buffer ids;
	buffer_init(&ids, crate->arena);
	for (int i = 0; i < crate->count; i++)
		buffer_print(&ids, "%c%s", i == 0 ? '{' : ',', crate->mail[i].id);
	buffer_print(&ids, "}");
	return ids.data;
}

static void start(struct crate *crate)
{
	struct stock *stock = crate->stock;
	const char *ids = ids_of(crate);
	if (crate->batch.count == 0) {
		begin_batch(crate);
		add(crate, stock->statements->enter, 1, &crate->platform);
	}
	add(crate, stock->statements->start, 2, (const char *[]){ids, stock->options->mail.hello});
	add(crate, stock->statements->letter, 1, &ids);
	add(crate, stock->statements->calendar, 2, (const char *[]){ids, stock->options->base_url});
	stock->under_way++;
	if (!db_send(stock->db, &crate->batch, started, crate)) {
		stock->under_way--;
		for (int i = 0; i < crate->count; i++)
			no_word(crate, &crate->mail[i]);
		arena_free(crate->arena);
	}
}

// ── Taking ────────────────────────────────────────────────────────────────────

// Those whose domain may have them now, and the others put off, in one transaction.
static void hold_against_pace(struct crate *crate)
{
	struct stock *stock = crate->stock;
	json_t *later = json_array();
	int going = 0;
	for (int i = 0; i < crate->count; i++) {
		const struct stock_mail *mail = &crate->mail[i];
		int64_t wait = pace_ask(stock->pace, mail->domain, mail->waited, loop_now(stock->loop));
		if (wait > 0)
			append_put_off(later, mail, wait);
		else
			crate->mail[going++] = *mail;
	}
	crate->count = going;
	begin_batch(crate);
	add(crate, stock->statements->enter, 1, &crate->platform);
	if (json_array_size(later) > 0)
		add(crate, stock->statements->put_off, 1, (const char *[]){as_text(later, crate->arena)});
	else
		json_decref(later);
	if (going > 0) {
		start(crate);
		return;
	}
	stock->under_way++;
	if (!db_send(stock->db, &crate->batch, put_back_done, crate)) {
		stock->under_way--;
		arena_free(crate->arena);
	}
}

static struct crate *crate_for(struct crate **crates, struct stock *stock, const char *platform, int64_t taken_at, int most)
{
	for (; *crates != NULL; crates = &(*crates)->after) {
		if (strcmp((*crates)->platform, platform) == 0)
			return *crates;
	}
	return *crates = crate_new(stock, platform, taken_at, most);
}

static void sort_by_platform(struct stock *stock, const struct rows *rows, int64_t taken_at)
{
	struct crate *crates = NULL;
	for (int row = 0; row < rows->count; row++) {
		struct crate *crate = crate_for(&crates, stock, rows_text(rows, row, "platform_id"), taken_at, rows->count);
		crate->mail[crate->count++] = (struct stock_mail){.platform = crate->platform,
		    .id = arena_copy(crate->arena, rows_text(rows, row, "mail")),
		    .attempt = arena_copy(crate->arena, rows_text(rows, row, "attempts")),
		    .domain = arena_copy(crate->arena, rows_text(rows, row, "domain")),
		    .waited = strcmp(rows_text(rows, row, "waited"), "t") == 0};
	}
	while (crates != NULL) {
		struct crate *crate = crates;
		crates = crate->after;
		crate->after = NULL;
		hold_against_pace(crate);
	}
}

static void taken(struct db_batch *batch, void *argument)
{
	struct crate *asking = argument;
	struct stock *stock = asking->stock;
	int64_t wait_ms = 0;
	stock->under_way--;
	if (!batch->ok) {
		say_failure(stock, batch, "take");
		wait_ms = AGAIN_MS;
	} else if (rows_text(&batch->item[0].rows, 0, "mail") == NULL) {
		stock->troubled = false;
		wait_ms = strtol(rows_text(&batch->item[0].rows, 0, "wait_ms"), NULL, 10);
	} else {
		sort_by_platform(stock, &batch->item[0].rows, asking->taken_at);
	}
	arena_free(asking->arena);
	if (wait_ms > 0)
		ended(stock, wait_ms);
}

void stock_fill(struct stock *stock, int most)
{
	if (stock->under_way > 0 || stock->stopped)
		return;
	struct crate *asking = crate_new(stock, "", loop_now(stock->loop), 1);
	begin_batch(asking);
	add(asking, stock->statements->take, 2,
	    (const char *[]){arena_print(asking->arena, "%d", 2 * stock->options->mail.timeout_seconds + LEASE_MORE_SECONDS),
	        arena_print(asking->arena, "%d", most)});
	stock->under_way++;
	if (db_send(stock->db, &asking->batch, taken, asking))
		return;
	stock->under_way--;
	arena_free(asking->arena);
	ended(stock, AGAIN_MS);
}

bool stock_next(struct stock *stock, struct stock_mail *mail)
{
	while (stock->first != NULL && loop_now(stock->loop) - stock->first->taken_at > FRESH_MS) {
		struct crate *crate = stock->first;
		stock->first = crate->after;
		put_crate_back(crate);
		drop_if_done(crate);
	}
	struct crate *crate = stock->first;
	if (crate == NULL)
		return false;
	*mail = crate->mail[crate->ready++];
	crate->kept++;
	stock->count--;
	if (crate->ready == crate->count)
		stock->first = crate->after;
	return true;
}

void stock_done(const struct stock_mail *mail)
{
	mail->crate->kept--;
	drop_if_done(mail->crate);
}

int stock_count(const struct stock *stock)
{
	return stock->count;
}

bool stock_idle(const struct stock *stock)
{
	return stock->under_way == 0 && stock->first == NULL;
}

void stock_stop(struct stock *stock)
{
	stock->stopped = true;
	stock_put_back(stock);
}

struct stock *stock_new(struct loop *loop, struct db *db, const struct outbox_options *options, const struct outbox_statements *statements,
    struct pace *pace, void (*filled)(int64_t wait_ms, void *argument), void *argument)
{
	struct stock *stock = calloc(1, sizeof *stock);
	if (stock == NULL)
		abort();
	*stock = (struct stock){
	    .loop = loop, .db = db, .options = options, .statements = statements, .pace = pace, .filled = filled, .argument = argument};
	return stock;
}

void stock_free(struct stock *stock)
{
	free(stock);
}
