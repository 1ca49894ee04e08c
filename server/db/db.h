// db.h: statements, batches and the pipelined connections of one loop. The only room that knows libpq.
//
// Room rules: uses loop/, base/. Knows nothing of HTTP, operations or JSON.
//
// A batch is the statements of one request between two Syncs: one implicit transaction. Many batches ride one
// connection's pipeline; what a turn of the loop queues is sent at its end. Never put BEGIN or COMMIT in a batch.
//
// Every connection speaks UTF-8, UTC, ISO dates and finds names in `narada, public`. The PostgreSQL server is 15 or newer.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "base/rows.h"

struct arena;
struct db;
struct loop;

// One row of the registry that the build makes from the .sql files. `number` is its index there.
struct db_statement {
	const char *name;
	const char *sql; // parameters are $1…$n, all sent as text
	int parameters;
	int number; // -1: not in the registry, sent without preparing it
};

struct db_registry {
	const struct db_statement *statement;
	int count;
};

enum { DB_MAX_STATEMENTS = 16 };

struct db_batch {
	struct arena *arena;
	int count;
	struct {
		const struct db_statement *statement;
		const char *const *values; // arena; NULL is SQL's NULL
		struct rows rows;          // filled before `done` is called
	} item[DB_MAX_STATEMENTS];
	bool writes; // set before sending: it ends in a commit, which waits for the disk
	bool ok;
	struct problem why; // when !ok
	int failed;         // index of the item that failed, -1 if none of them (lost connection, or the commit itself)
	const char *report; // what the database said, for the operator's log only, when it is not the caller's doing; else NULL
	int64_t took_ns;
};

typedef void db_done(struct db_batch *batch, void *argument);

void db_batch_init(struct db_batch *batch, struct arena *arena);
// `values` must live in the batch's arena, one per parameter. Gives the item's index.
int db_add(struct db_batch *batch, const struct db_statement *statement, const char *const *values);

struct db_options {
	const char *conninfo;   // libpq URI or keywords
	const char *role;       // SET ROLE after connecting, or NULL
	int connections;        // pipelined ones
	int write_connections;  // more of them, for batches that write: reads never queue behind a commit, and commits share flushes. 0: no
	                        // split
	int stream_connections; // of the streaming lane
	int max_queued;         // batches waiting; more is 503
	int statement_timeout_ms;
	// Called on the loop with the payload of each NOTIFY on `channel`, and with NULL when some may have been missed: a connection is there
	// again.
	const char *channel; // NULL: does not listen
	void (*notified)(const char *payload, void *argument);
	void *argument;
};

// Connects in the background and reconnects with back-off and jitter. Prepares each statement on a connection when first used there.
// `options` is copied, not the texts it points at; `registry` must outlive the db. Never NULL.
struct db *db_open(struct loop *loop, const struct db_registry *registry, const struct db_options *options);
void db_close(struct db *db);       // what is still waiting or in flight is told PROBLEM_BUSY; accepts NULL
bool db_ready(const struct db *db); // at least one connection is up; any thread may ask
const char *db_trouble(
    const struct db *db); // what the last connection that failed said, for the operator; NULL if none did since one came up

// Queues the batch; `done` is called on the loop's thread, exactly once, also when the connection is lost
// (PROBLEM_BUSY with retry_after: its outcome is not known, and it is never sent again by itself). False: refused at once, batch->why says
// why.
bool db_send(struct db *db, struct db_batch *batch, db_done *done, void *argument);

// Streaming lane: the last statement's rows come in pieces, in constant memory, on a connection of their own, in one read-only transaction:
// the statements before the last, whose rows are in the batch when the first piece comes, then the last, row by row. The statement timeout
// does not bind it, since a slow reader would run into it. The stream lives in the batch's arena, which must live until `end` or the
// cancelling.
struct db_stream;
struct db_stream_calls {
	void (*rows)(const struct rows *piece,
	    void *argument); // valid during the call only; at least once, perhaps without a row, if the statement worked
	void (*end)(const struct problem *why,
	    void *argument); // NULL: all rows came; called once. batch->report and ->failed are filled as for a batch
	void *argument;
	int max_rows; // at most so many a piece; 0 is 500
};
// NULL: refused at once. Waits for a free lane for some seconds otherwise.
struct db_stream *db_stream_open(struct db *db, struct db_batch *batch, const struct db_stream_calls *calls, struct problem *why);
void db_stream_pause(struct db_stream *stream, bool paused); // back-pressure: stops reading from the socket
void db_stream_cancel(struct db_stream *stream);             // the client left: no more calls
