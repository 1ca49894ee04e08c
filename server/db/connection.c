// connection.c: one connection's life: opening without blocking, losing, trying again with back-off and jitter.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/arena.h"
#include "db/pool.h"
#include "loop/loop.h"

enum {
	OPENING_MS = 10000,      // a handshake that takes longer has failed
	FIRST_RETRY_MS = 50,     // doubled with each failure …
	LONGEST_RETRY_MS = 5000, // … up to this
};

// libpq would print notices on stderr.
static void silence(void *argument, const PGresult *notice)
{
	(void)argument;
	(void)notice;
}

void connection_watch(struct connection *connection, unsigned events)
{
	struct loop *loop = connection->db->loop;

	if (events == connection->events)
		return;
	connection->events = events;
	if (!events) {
		loop_forget(loop, connection->descriptor);
		connection->descriptor = -1;
		return;
	}
	connection->descriptor = PQsocket(connection->pg);
	(void)loop_watch(loop, connection->descriptor, events, connection_ready, connection);
}

// Lets go of the socket and of all that only this connection knew; not of what is in flight.
static void disconnect(struct connection *connection)
{
	connection_watch(connection, 0);
	loop_cancel(connection->db->loop, connection->timer);
	connection->timer = 0;
	PQfinish(connection->pg);
	connection->pg = NULL;
	if (connection->state == CONNECTION_UP && !connection->lane)
		__atomic_fetch_sub(&connection->db->up, 1, __ATOMIC_RELAXED);
	connection->state = CONNECTION_DOWN;
	connection->stale = connection->refused = false;
	memset(connection->prepared, 0, (size_t)connection->db->registry->count);
}

void connection_close(struct connection *connection)
{
	struct ticket ticket;

	disconnect(connection);
	while (queue_pop(&connection->sent, &ticket))
		;
	connection->item = 0;
	connection->unwanted = false;
}

// Nobody knows how far the server came with what was sent: it is told so and never sent again.
static void disappoint(struct connection *connection)
{
	struct ticket ticket;

	connection->item = 0;
	while (queue_pop(&connection->sent, &ticket)) {
		if (!ticket.batch || !ticket.done)
			continue;
		ticket.batch->failed = -1;
		refusal_lost(&ticket.batch->why);
		db_answer(&ticket);
	}
}

static void try_again(void *argument)
{
	struct connection *connection = argument;

	connection->timer = 0;
	connection_open(connection);
}

// Half of the pause is by chance, so that many processes do not come back to a restarted server in step.
static int64_t pause_before_retry(const struct connection *connection)
{
	int64_t pause = (int64_t)FIRST_RETRY_MS << (connection->failures < 10 ? connection->failures : 10);

	if (pause > LONGEST_RETRY_MS)
		pause = LONGEST_RETRY_MS;
	return pause / 2 + (int64_t)arc4random_uniform((unsigned)(pause / 2 + 1));
}

static void note_trouble(struct db *db, const char *trouble)
{
	(void)snprintf(db->trouble, sizeof db->trouble, "%s", trouble && *trouble ? trouble : "The server closed the connection.");
	db->trouble[strcspn(db->trouble, "\n")] = '\0';
}

void connection_lost(struct connection *connection, const char *trouble)
{
	struct db *db = connection->db;
	struct problem why;
	bool was_up = connection->state == CONNECTION_UP;

	if (trouble)
		note_trouble(db, trouble);
	disconnect(connection);
	disappoint(connection);
	if (connection->lane && connection->stream) {
		refusal_lost(&why);
		stream_end(connection, &why);
	} else if (connection->lane && !was_up) {
		stream_lane_failed(db);
	}
	if (connection->lane || db->closing)
		return;
	connection->timer = loop_after(db->loop, pause_before_retry(connection), try_again, connection);
	connection->failures++;
}

void connection_replace(struct connection *connection)
{
	connection_close(connection);
	if (!connection->lane)
		connection_open(connection);
}

static void took_too_long(void *argument)
{
	struct connection *connection = argument;

	connection->timer = 0;
	connection_lost(connection, "The database did not answer in time.");
}

// One step of libpq's handshake. It may change sockets between steps, hence the forgetting.
static void step(struct connection *connection)
{
	connection_watch(connection, 0);
	switch (PQconnectPoll(connection->pg)) {
	case PGRES_POLLING_READING:
		connection_watch(connection, EPOLLIN);
		break;
	case PGRES_POLLING_WRITING:
		connection_watch(connection, EPOLLOUT);
		break;
	case PGRES_POLLING_OK:
		connection_watch(connection, EPOLLIN);
		connection_settle(connection);
		break;
	default:
		connection_lost(connection, PQerrorMessage(connection->pg));
	}
}

void connection_open(struct connection *connection)
{
	struct db *db = connection->db;
	const char *const keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
	const char *const values[] = {db->options.conninfo, "narada", "UTF8", NULL};

	connection->pg = PQconnectStartParams(keywords, values, 1);
	connection->state = CONNECTION_OPENING;
	if (PQstatus(connection->pg) == CONNECTION_BAD) {
		connection_lost(connection, PQerrorMessage(connection->pg));
		return;
	}
	(void)PQsetNoticeReceiver(connection->pg, silence, NULL);
	connection->timer = loop_after(db->loop, OPENING_MS, took_too_long, connection);
	connection_watch(connection, EPOLLOUT); // as libpq wants it before the first step
}

void connection_flush(struct connection *connection)
{
	int left = PQflush(connection->pg);

	if (left < 0)
		connection_lost(connection, PQerrorMessage(connection->pg));
	else if (!connection->stream || !stream_holds(connection))
		connection_watch(connection, left ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void connection_ready(void *argument, unsigned events)
{
	struct connection *connection = argument;

	if (connection->state == CONNECTION_OPENING) {
		step(connection);
		return;
	}
	if (events & EPOLLOUT)
		connection_flush(connection);
	if (connection->state >= CONNECTION_SETTLING && (events & ~(unsigned)EPOLLOUT))
		connection_read(connection);
}
