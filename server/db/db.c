// db.c: which connection a batch rides on, and what becomes of one that finds none.
#include "db/db.h"

#include <assert.h>
#include <time.h>

#include "base/arena.h"
#include "db/pool.h"
#include "loop/loop.h"

enum {
	// A connection takes so many batches at a time. More would only wait behind each other in the server, where they can't change to
	// a connection that becomes free.
	MAX_IN_FLIGHT = 128,
	MAX_WAIT_MS = 5000, // without a connection that takes it
	SILENCE_MS = 5000,  // beyond the statement timeout: then the server is gone without a word
	JANITOR_MS = 500,
	WRITERS_MS = 200, // after the others: a dozen sessions starting at once would hold up the first
	DEFAULT_QUEUED = 1024,
	DEFAULT_TIMEOUT_MS = 15000,
};

int64_t db_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void db_answer(const struct ticket *ticket)
{
	struct db_batch *batch = ticket->batch;

	batch->ok = batch->why.kind == PROBLEM_NONE;
	batch->took_ns = db_now_ns() - ticket->since;
	ticket->done(batch, ticket->argument);
}

static int connections_of(const struct db *db)
{
	return db->options.connections + db->options.write_connections;
}

static bool takes_more(const struct connection *connection)
{
	return connection->state == CONNECTION_UP && !connection->stale && connection->sent.count < MAX_IN_FLIGHT;
}

static struct connection *idlest_of(const struct db *db, int first, int end)
{
	struct connection *best = NULL;

	for (int i = first; i < end; i++) {
		struct connection *connection = &db->connection[i];

		if (takes_more(connection) && (!best || connection->sent.count < best->sent.count))
			best = connection;
	}
	return best;
}

// For the next batch that waits. Batches that write have connections of their own while one is up.
static struct connection *idlest(const struct db *db)
{
	const int count = connections_of(db), readers = db->options.connections;
	struct ticket *next = queue_head(&db->waiting);
	bool writes = next != NULL && next->batch->writes && readers < count;
	struct connection *best = writes ? idlest_of(db, readers, count) : idlest_of(db, 0, readers);

	return best ? best : idlest_of(db, 0, count);
}

// The end of a turn: what was queued in it goes out. Queued first and sent here, so that what one turn brings shares packets.
static void send_waiting(void *argument)
{
	struct db *db = argument;
	struct connection *connection;
	struct ticket ticket;

	while (db->waiting.count && (connection = idlest(db)) && queue_pop(&db->waiting, &ticket))
		connection_send(connection, &ticket);
	if (db->first_stream)
		stream_assign(db);
	for (int i = 0; i < connections_of(db); i++)
		if (db->connection[i].state == CONNECTION_UP && db->connection[i].sent.count)
			connection_flush(&db->connection[i]);
}

// What is queued after our end of the turn (others have theirs, too) goes out in another turn at once.
static int64_t may_sleep(void *argument)
{
	const struct db *db = argument;

	return (db->waiting.count && idlest(db)) || stream_can_start(db) ? 0 : -1;
}

static void expire(struct db *db, int64_t before)
{
	struct ticket ticket;

	while (db->waiting.count && queue_head(&db->waiting)->since < before && queue_pop(&db->waiting, &ticket)) {
		refusal_busy(&ticket.batch->why);
		db_answer(&ticket);
	}
}

static bool is_silent(const struct connection *connection)
{
	int64_t patience = (int64_t)connection->db->options.statement_timeout_ms + SILENCE_MS;

	return connection->state >= CONNECTION_SETTLING && connection->sent.count && !stream_holds(connection) &&
	       loop_now(connection->db->loop) - connection->heard > patience;
}

static bool look_at(struct connection *connection, int count)
{
	bool busy = false;

	for (int i = 0; i < count; i++) {
		if (is_silent(&connection[i]))
			connection_lost(&connection[i], "The database stopped answering.");
		busy = busy || connection[i].sent.count;
	}
	return busy;
}

static void janitor(void *argument)
{
	struct db *db = argument;
	int64_t before = db_now_ns() - MAX_WAIT_MS * INT64_C(1000000);
	bool busy;

	db->janitor = 0;
	busy = look_at(db->connection, connections_of(db));
	busy = look_at(db->lane, db->options.stream_connections) || busy;
	expire(db, before);
	stream_expire(db, before);
	if (busy || db->waiting.count || db->first_stream)
		db_look_after(db);
}

void db_look_after(struct db *db)
{
	if (!db->janitor)
		db->janitor = loop_after(db->loop, JANITOR_MS, janitor, db);
}

static struct connection *make_connections(struct db *db, int count, bool lane)
{
	struct connection *connection = arena_alloc(db->arena, (size_t)(count > 0 ? count : 1) * sizeof *connection);

	for (int i = 0; i < count; i++)
		connection[i] = (struct connection){
		    .db = db,
		    .lane = lane,
		    .descriptor = -1,
		    .prepared = arena_alloc(db->arena, (size_t)db->registry->count + 1),
		};
	return connection;
}

static void open_writers(void *argument)
{
	struct db *db = argument;

	db->writers = 0;
	for (int i = db->options.connections; i < connections_of(db); i++)
		connection_open(&db->connection[i]);
}

struct db *db_open(struct loop *loop, const struct db_registry *registry, const struct db_options *options)
{
	struct arena *arena = arena_new();
	struct db *db = arena_alloc(arena, sizeof *db);

	*db = (struct db){.arena = arena, .loop = loop, .registry = registry, .options = *options};
	if (db->options.connections < 1)
		db->options.connections = 1;
	if (db->options.write_connections < 0)
		db->options.write_connections = 0;
	if (db->options.stream_connections < 0)
		db->options.stream_connections = 0;
	if (db->options.max_queued < 1)
		db->options.max_queued = DEFAULT_QUEUED;
	if (db->options.statement_timeout_ms < 1)
		db->options.statement_timeout_ms = DEFAULT_TIMEOUT_MS;
	db->broken = arena_alloc(arena, ((size_t)registry->count + 1) * sizeof *db->broken);
	db->connection = make_connections(db, connections_of(db), false);
	db->lane = make_connections(db, db->options.stream_connections, true);
	loop_each_turn(loop, send_waiting, db);
	loop_limit_sleep(loop, may_sleep, db);
	for (int i = 0; i < db->options.connections; i++)
		connection_open(&db->connection[i]);
	if (db->options.write_connections)
		db->writers = loop_after(loop, WRITERS_MS, open_writers, db);
	return db;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db->closing = true;
	loop_leave_turns(db->loop, db);
	loop_cancel(db->loop, db->janitor);
	loop_cancel(db->loop, db->writers);
	expire(db, INT64_MAX);
	stream_expire(db, INT64_MAX);
	for (int i = 0; i < connections_of(db) + db->options.stream_connections; i++) {
		struct connection *connection = i < connections_of(db) ? &db->connection[i] : &db->lane[i - connections_of(db)];

		if (connection->sent.count)
			connection_lost(connection, "The server is stopping.");
		connection_close(connection);
	}
	arena_free(db->arena);
}

bool db_ready(const struct db *db)
{
	return __atomic_load_n(&db->up, __ATOMIC_RELAXED) > 0;
}

const char *db_trouble(const struct db *db)
{
	return db->trouble[0] ? db->trouble : NULL;
}

void db_batch_init(struct db_batch *batch, struct arena *arena)
{
	batch->arena = arena;
	batch->count = 0;
	batch->writes = false;
	batch->ok = false;
	batch->why = (struct problem){0};
	batch->failed = -1;
	batch->report = NULL;
	batch->took_ns = 0;
}

int db_add(struct db_batch *batch, const struct db_statement *statement, const char *const *values)
{
	int item = batch->count++;

	assert(item < DB_MAX_STATEMENTS);
	batch->item[item].statement = statement;
	batch->item[item].values = values;
	batch->item[item].rows = (struct rows){0};
	return item;
}

bool db_send(struct db *db, struct db_batch *batch, db_done *done, void *argument)
{
	if (db->closing || db->waiting.count >= (unsigned)db->options.max_queued) {
		refusal_busy(&batch->why);
		return false;
	}
	queue_push(&db->waiting, &(struct ticket){.batch = batch, .done = done, .argument = argument, .since = db_now_ns()}, db->arena);
	db_look_after(db);
	return true;
}
