// pool.h: what the files of this room share: a loop's connections and what rides on them.
//
// Private to db/. Everything here lives in the db's own arena and belongs to its loop's thread.
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "db/queue.h"

enum connection_state {
	CONNECTION_DOWN,     // no socket; a pipelined one has a timer to try again
	CONNECTION_OPENING,  // libpq shakes hands
	CONNECTION_SETTLING, // its settings are sent and not answered
	CONNECTION_UP,
};

struct connection {
	struct db *db;
	bool lane; // of the streaming lane: opened when it is needed, one stream at a time
	enum connection_state state;
	PGconn *pg;               // NULL when down
	int descriptor;           // being watched, or -1
	unsigned events;          // for which it is watched
	struct queue sent;        // not answered yet, oldest first
	int item;                 // which result of the oldest comes next
	bool *prepared;           // per statement of the registry: asked for on this connection
	bool refused;             // the server did not take its settings
	bool stale;               // takes no more batches, and is replaced when all are answered
	bool reading;             // inside connection_read
	bool unwanted;            // to be closed when connection_read returns
	int failures;             // since it was up last
	uint64_t timer;           // to give up opening, or to try again
	int64_t heard;            // loop_now when the server said something, or was asked while it had nothing to do
	struct db_stream *stream; // on a lane
};

struct db {
	struct arena *arena;
	struct loop *loop;
	const struct db_registry *registry;
	struct db_options options;
	struct connection *connection, *lane;
	struct queue waiting;           // batches not sent yet
	struct db_stream *first_stream; // streams that wait for a lane
	int waiting_streams;
	char **broken;     // per statement: why it could not be prepared, or NULL
	uint64_t writers;  // timer that opens the connections for writing; 0 once it ran
	uint64_t janitor;  // timer; 0 while there is nothing to look after
	int up;            // atomic, since other threads ask: pipelined connections that are up
	char trouble[256]; // "" if there is none
	bool closing;
};

// connection.c
void connection_open(struct connection *connection);
void connection_close(struct connection *connection); // forgets what is in flight without a word
// What is in flight is told so; a pipelined one tries again. `trouble` NULL: as db->trouble says already.
void connection_lost(struct connection *connection, const char *trouble);
void connection_replace(struct connection *connection); // a stale one
void connection_flush(struct connection *connection);
void connection_watch(struct connection *connection, unsigned events); // 0: not at all
void connection_ready(void *connection, unsigned events);              // what the loop calls

// pipeline.c
void connection_settle(struct connection *connection);
void connection_send(struct connection *connection, const struct ticket *ticket);
void connection_read(struct connection *connection);

// rows.c
void rows_from_result(struct rows *rows, PGresult *result, struct arena *arena); // takes the result: it dies with the arena
struct column *columns_from_result(const PGresult *result, struct arena *arena);

// refusal.c
void refusal_from_result(struct db_batch *batch, const PGresult *result, int item, const char *broken);
void refusal_lost(struct problem *why); // outcome unknown
void refusal_busy(struct problem *why); // never sent

// stream.c
void stream_assign(struct db *db); // gives waiting streams to lanes
bool stream_can_start(const struct db *db);
void stream_row(struct connection *lane, PGresult *result); // one row; takes the result
void stream_rows_end(struct connection *lane, PGresult *result);
void stream_end(struct connection *lane, const struct problem *why); // NULL: all is well
void stream_lane_failed(struct db *db);                              // a lane could not be opened
bool stream_holds(const struct connection *lane);                    // paused
void stream_expire(struct db *db, int64_t before);                   // waiting ones queued before that moment give up

// db.c
int64_t db_now_ns(void);
void db_look_after(struct db *db);           // the janitor comes while there is something to look after
void db_answer(const struct ticket *ticket); // batch->why is final; calls `done`
