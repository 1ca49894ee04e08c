// stream.c: the streaming lane: many rows in pieces, with back-pressure, on connections that no other request waits for.
#include <string.h>

#include "base/arena.h"
#include "db/pool.h"
#include "loop/loop.h"

enum {
	DEFAULT_ROWS = 500,
	MAX_WAITING = 32, // streams without a lane; more are refused at once
};

struct db_stream {
	struct db *db;
	struct db_batch *batch;
	struct db_stream_calls calls;
	struct connection *lane; // NULL: waits for one
	struct db_stream *next;  // among those that wait
	int64_t since;           // db_now_ns when it was opened
	uint64_t timer;          // to go on after a pause
	bool paused;
	bool begun;          // a piece was given
	struct rows piece;   // its `source` is this stream
	PGresult **held;     // its rows, a result each
	const PGresult *end; // the result behind the last row
};

static const char *value(const struct rows *rows, int row, int column)
{
	const struct db_stream *stream = rows->source;
	const PGresult *result = stream->held[row];

	return PQgetisnull(result, 0, column) ? NULL : PQgetvalue(result, 0, column);
}

static void let_go_of_rows(struct db_stream *stream)
{
	for (int i = 0; i < stream->piece.count; i++)
		PQclear(stream->held[i]);
	stream->piece.count = 0;
}

static void describe(struct db_stream *stream, const PGresult *result)
{
	if (stream->piece.column)
		return;
	stream->piece.columns = PQnfields(result);
	stream->piece.column = columns_from_result(result, stream->batch->arena);
	for (int i = 0; i < stream->piece.columns; i++) // the names must outlive the first row
		((struct column *)stream->piece.column)[i].name = arena_copy(stream->batch->arena, stream->piece.column[i].name);
}

static void give_piece(struct db_stream *stream)
{
	struct connection *lane = stream->lane;

	stream->begun = true;
	stream->calls.rows(&stream->piece, stream->calls.argument);
	if (lane->stream == stream) // else it was cancelled, and its arena may be gone
		let_go_of_rows(stream);
}

void stream_row(struct connection *lane, PGresult *result)
{
	struct db_stream *stream = lane->stream;

	describe(stream, result);
	stream->held[stream->piece.count++] = result;
	if (stream->piece.count == stream->calls.max_rows)
		give_piece(stream);
}

void stream_rows_end(struct connection *lane, PGresult *result)
{
	struct db_stream *stream = lane->stream;

	describe(stream, result);
	PQclear(result);
	if (stream->piece.count || !stream->begun)
		give_piece(stream);
}

void stream_end(struct connection *lane, const struct problem *why)
{
	struct db_stream *stream = lane->stream;
	struct problem told = why ? *why : (struct problem){0};

	lane->stream = NULL;
	let_go_of_rows(stream);
	loop_cancel(stream->db->loop, stream->timer);
	stream->batch->ok = !why;
	stream->batch->why = told;
	stream->batch->took_ns = db_now_ns() - stream->since;
	stream->calls.end(why ? &told : NULL, stream->calls.argument);
}

bool stream_holds(const struct connection *lane)
{
	return lane->stream && lane->stream->paused;
}

static bool is_free(const struct connection *lane)
{
	return lane->state == CONNECTION_UP && !lane->stream && !lane->sent.count;
}

bool stream_can_start(const struct db *db)
{
	for (int i = 0; db->first_stream && i < db->options.stream_connections; i++)
		if (db->lane[i].state == CONNECTION_DOWN || is_free(&db->lane[i]))
			return true;
	return false;
}

static struct db_stream *take_first(struct db *db)
{
	struct db_stream *stream = db->first_stream;

	db->first_stream = stream->next;
	stream->next = NULL;
	db->waiting_streams--;
	return stream;
}

static void start(struct connection *lane, struct db_stream *stream)
{
	lane->stream = stream;
	stream->lane = lane;
	connection_send(lane, &(struct ticket){.batch = stream->batch, .lead = 1, .since = stream->since});
	if (lane->state == CONNECTION_UP)
		connection_flush(lane);
}

void stream_assign(struct db *db)
{
	int opening = 0;

	for (int i = 0; db->first_stream && i < db->options.stream_connections; i++) {
		struct connection *lane = &db->lane[i];

		if (is_free(lane))
			start(lane, take_first(db));
		else if (lane->state == CONNECTION_OPENING || lane->state == CONNECTION_SETTLING)
			opening++;
	}
	for (int i = 0; opening < db->waiting_streams && i < db->options.stream_connections; i++) {
		if (db->lane[i].state != CONNECTION_DOWN)
			continue;
		opening++;
		connection_open(&db->lane[i]);
	}
}

static void disappoint(struct db_stream *stream)
{
	struct problem why;

	refusal_busy(&why);
	stream->batch->why = why;
	stream->calls.end(&why, stream->calls.argument);
}

void stream_lane_failed(struct db *db)
{
	while (db->first_stream)
		disappoint(take_first(db));
}

void stream_expire(struct db *db, int64_t before)
{
	while (db->first_stream && db->first_stream->since < before)
		disappoint(take_first(db));
}

struct db_stream *db_stream_open(struct db *db, struct db_batch *batch, const struct db_stream_calls *calls, struct problem *why)
{
	struct db_stream *stream, **last = &db->first_stream;

	if (db->closing || !db->options.stream_connections || db->waiting_streams >= MAX_WAITING) {
		refusal_busy(why);
		return NULL;
	}
	stream = arena_alloc(batch->arena, sizeof *stream);
	*stream = (struct db_stream){.db = db, .batch = batch, .calls = *calls, .since = db_now_ns()};
	if (stream->calls.max_rows < 1)
		stream->calls.max_rows = DEFAULT_ROWS;
	stream->held = arena_alloc(batch->arena, (size_t)stream->calls.max_rows * sizeof(PGresult *));
	stream->piece = (struct rows){.source = stream, .value = value};
	while (*last)
		last = &(*last)->next;
	*last = stream;
	db->waiting_streams++;
	db_look_after(db);
	return stream;
}

static void go_on(void *argument)
{
	struct db_stream *stream = argument;
	struct connection *lane = stream->lane;

	stream->timer = 0;
	lane->heard = loop_now(stream->db->loop);
	connection_read(lane); // first what libpq has already
	if (lane->stream == stream && !stream->paused)
		connection_flush(lane);
}

void db_stream_pause(struct db_stream *stream, bool paused)
{
	if (stream->paused == paused)
		return;
	stream->paused = paused;
	if (!stream->lane)
		return;
	if (paused) {
		// Not watched at all: epoll would report a hang-up over and over.
		connection_watch(stream->lane, 0);
		loop_cancel(stream->db->loop, stream->timer);
		stream->timer = 0;
	} else {
		// Not from here: the caller may be inside one of our calls.
		stream->timer = loop_after(stream->db->loop, 0, go_on, stream);
	}
}

void db_stream_cancel(struct db_stream *stream)
{
	struct connection *lane = stream->lane;

	loop_cancel(stream->db->loop, stream->timer);
	let_go_of_rows(stream);
	if (!lane) {
		for (struct db_stream **at = &stream->db->first_stream; *at; at = &(*at)->next) {
			if (*at != stream)
				continue;
			*at = stream->next;
			stream->db->waiting_streams--;
			return;
		}
		return;
	}
	lane->stream = NULL;
	// The server notices when it writes next; there is no politer way that is as quick.
	if (lane->reading)
		lane->unwanted = true;
	else
		connection_close(lane);
}
