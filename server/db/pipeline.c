// pipeline.c: sends batches down a connection and matches the results that come back to them.
//
// What goes down, per batch: statements not prepared here yet, each with a Sync of its own so that a batch that fails can't undo them;
// the batch's statements; one Sync. What comes back is one result a statement (an error, and then "aborted" for the rest up to the Sync),
// and one for the Sync. A failure at commit is an error after the last statement. Other batches are not touched by any of it.
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "db/pool.h"
#include "loop/loop.h"

// The settings of every connection, in one statement. The role comes last, as it may not be allowed to make the others.
// client_connection_check_interval: a backend whose client is gone stops working for nobody. jit: to compile the statement of a list of
// 100,000 rows takes a second, all of it half of one.
static const char settle_sql[] =
    "select set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false),"
    " set_config('IntervalStyle', 'iso_8601', false), set_config('search_path', 'narada, public', false), set_config('jit', 'off', false),"
    " set_config('statement_timeout', $1, false), set_config('idle_in_transaction_session_timeout', '60s', false),"
    " set_config('client_connection_check_interval', '10s', false),"
    " case when $2::text is not null then set_config('role', $2, false) end";

// What makes a stream's transaction read-only. Not BEGIN READ ONLY: a failure would leave the connection in a failed transaction.
static const char read_only_sql[] = "select set_config('transaction_read_only', 'on', true)";

enum { NAME_BYTES = 16 };

static const char *name_of(const struct db_statement *statement, char name[NAME_BYTES])
{
	(void)snprintf(name, NAME_BYTES, "s%d", statement->number);
	return name;
}

// Puts the ticket where its results will look for it. A connection that had nothing to do starts to be waited for now.
static void expect(struct connection *connection, const struct ticket *ticket)
{
	if (!connection->sent.count)
		connection->heard = loop_now(connection->db->loop);
	queue_push(&connection->sent, ticket, connection->db->arena);
}

// One connection of the loop is enough.
static bool listens(const struct connection *connection)
{
	return connection->db->options.channel && connection == &connection->db->connection[0];
}

static bool send_listen(const struct connection *connection)
{
	char sql[80];

	(void)snprintf(sql, sizeof sql, "listen %s", connection->db->options.channel);
	return PQsendQueryParams(connection->pg, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

static void take_notifications(const struct connection *connection)
{
	const struct db_options *options = &connection->db->options;
	PGnotify *note;

	while ((note = PQnotifies(connection->pg))) {
		options->notified(note->extra, options->argument);
		PQfreemem(note);
	}
}

void connection_settle(struct connection *connection)
{
	const struct db_options *options = &connection->db->options;
	char timeout[16];
	const char *values[] = {timeout, options->role};

	(void)snprintf(timeout, sizeof timeout, "%d", connection->lane ? 0 : options->statement_timeout_ms);
	connection->state = CONNECTION_SETTLING;
	expect(connection, &(struct ticket){0});
	if (PQsetnonblocking(connection->pg, 1) != 0 || !PQenterPipelineMode(connection->pg) ||
	    !PQsendQueryParams(connection->pg, settle_sql, 2, NULL, values, NULL, NULL, 0) ||
	    (listens(connection) && !send_listen(connection)) || !PQpipelineSync(connection->pg)) {
		connection_lost(connection, PQerrorMessage(connection->pg));
		return;
	}
	connection_flush(connection);
}

static bool prepare(struct connection *connection, const struct db_statement *statement)
{
	char name[NAME_BYTES];

	connection->prepared[statement->number] = true; // taken back if it fails
	expect(connection, &(struct ticket){.statement = statement});
	return PQsendPrepare(connection->pg, name_of(statement, name), statement->sql, 0, NULL) && PQpipelineSync(connection->pg);
}

static bool prepare_all(struct connection *connection, const struct db_batch *batch)
{
	for (int i = 0; i < batch->count; i++) {
		const struct db_statement *statement = batch->item[i].statement;

		if (statement->number >= 0 && !connection->prepared[statement->number] && !prepare(connection, statement))
			return false;
	}
	return true;
}

static bool execute_all(struct connection *connection, const struct db_batch *batch)
{
	PGconn *pg = connection->pg;
	char name[NAME_BYTES];

	for (int i = 0; i < batch->count; i++) {
		const struct db_statement *statement = batch->item[i].statement;
		const char *const *values = batch->item[i].values;
		int sent = statement->number >= 0 ? PQsendQueryPrepared(pg, name_of(statement, name), statement->parameters, values, NULL, NULL, 0)
		                                  : PQsendQueryParams(pg, statement->sql, statement->parameters, NULL, values, NULL, NULL, 0);

		if (!sent)
			return false;
	}
	return PQpipelineSync(pg) == 1;
}

void connection_send(struct connection *connection, const struct ticket *ticket)
{
	bool prepared = prepare_all(connection, ticket->batch);

	// Even when sending fails: the ticket is answered with the others that are lost.
	expect(connection, ticket);
	if (!prepared || (ticket->lead && !PQsendQueryParams(connection->pg, read_only_sql, 0, NULL, NULL, NULL, NULL, 0)) ||
	    !execute_all(connection, ticket->batch))
		connection_lost(connection, PQerrorMessage(connection->pg));
}

// A statement that can't be prepared is tried again when it is used next: the migration it waits for may have come by then.
static void note_broken(struct connection *connection, const struct db_statement *statement, const PGresult *result)
{
	enum { ROOM = 256 };
	struct db *db = connection->db;
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	connection->prepared[statement->number] = false;
	if (!db->broken[statement->number])
		db->broken[statement->number] = arena_alloc(db->arena, ROOM);
	(void)snprintf(db->broken[statement->number], ROOM, "%s", message ? message : "lost connection");
}

static void connection_refused(struct connection *connection, const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	connection->refused = true;
	(void)snprintf(connection->db->trouble, sizeof connection->db->trouble, "%s", message ? message : "");
}

static void note_error(struct connection *connection, const struct ticket *ticket, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	int item = connection->item - ticket->lead;
	const char *broken = NULL;

	if (!ticket->batch) {
		if (ticket->statement)
			note_broken(connection, ticket->statement, result);
		else
			connection_refused(connection, result);
		return;
	}
	if (ticket->batch->why.kind != PROBLEM_NONE)
		return;
	if (sqlstate && strcmp(sqlstate, "26000") == 0 && item >= 0 && item < ticket->batch->count)
		broken = connection->db->broken[ticket->batch->item[item].statement->number];
	// A plan whose table was altered under it, or statements that somebody deallocated: a new connection has neither.
	if (sqlstate && !broken && (strcmp(sqlstate, "0A000") == 0 || strcmp(sqlstate, "26000") == 0))
		connection->stale = true;
	refusal_from_result(ticket->batch, result, item, broken);
}

static void settled(struct connection *connection)
{
	if (connection->refused) {
		connection_lost(connection, NULL);
		return;
	}
	loop_cancel(connection->db->loop, connection->timer);
	connection->timer = 0;
	connection->failures = 0;
	connection->state = CONNECTION_UP;
	if (!connection->lane)
		__atomic_fetch_add(&connection->db->up, 1, __ATOMIC_RELAXED);
	connection->db->trouble[0] = '\0';
	if (listens(connection))
		connection->db->options.notified(NULL, connection->db->options.argument);
}

// A Sync was answered: the oldest ticket is done.
static void finish(struct connection *connection)
{
	struct ticket ticket = {0};

	(void)queue_pop(&connection->sent, &ticket);
	connection->item = 0;
	if (connection->state == CONNECTION_SETTLING)
		settled(connection);
	else if (ticket.batch && ticket.done)
		db_answer(&ticket);
	else if (ticket.batch)
		stream_end(connection, ticket.batch->why.kind == PROBLEM_NONE ? NULL : &ticket.batch->why);
}

// The result of one statement that worked.
static void keep_rows(struct connection *connection, const struct ticket *ticket, PGresult *result)
{
	int item = connection->item++ - ticket->lead;
	struct db_batch *batch = ticket->batch;

	if (!batch || item < 0 || item >= batch->count)
		PQclear(result);
	else if (!ticket->done && item == batch->count - 1)
		stream_rows_end(connection, result);
	else
		rows_from_result(&batch->item[item].rows, result, batch->arena);
}

static void take(struct connection *connection, PGresult *result)
{
	const struct ticket *ticket = queue_head(&connection->sent);

	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		keep_rows(connection, ticket, result);
		break;
	case PGRES_SINGLE_TUPLE:
		stream_row(connection, result);
		break;
	case PGRES_PIPELINE_SYNC:
		PQclear(result);
		finish(connection);
		break;
	case PGRES_PIPELINE_ABORTED:
		connection->item++;
		PQclear(result);
		break;
	default:
		note_error(connection, ticket, result);
		connection->item++;
		PQclear(result);
	}
}

// The statement before is done; if the next one is a stream's last, its rows shall come one by one.
static void next_statement(struct connection *connection)
{
	const struct ticket *ticket = queue_head(&connection->sent);

	if (ticket && ticket->lead && connection->item - ticket->lead == ticket->batch->count - 1)
		(void)PQsetSingleRowMode(connection->pg); // not when the batch has failed already
}

static void take_what_is_there(struct connection *connection)
{
	PGconn *pg = connection->pg;
	int silences = 0;

	while (connection->pg == pg && connection->sent.count && !connection->unwanted && !stream_holds(connection) && !PQisBusy(pg)) {
		PGresult *result = PQgetResult(pg);

		if (result) {
			silences = 0;
			take(connection, result);
		} else if (++silences > 1) { // libpq has nothing more to wait for, though we have
			connection_lost(connection, PQerrorMessage(pg));
		} else {
			next_statement(connection);
		}
	}
}

void connection_read(struct connection *connection)
{
	PGconn *pg = connection->pg;
	bool there = PQconsumeInput(pg) == 1;

	connection->heard = loop_now(connection->db->loop);
	connection->reading = true;
	take_what_is_there(connection); // also what came before the connection broke
	connection->reading = false;
	if (connection->pg == pg && !connection->unwanted && listens(connection))
		take_notifications(connection);
	if (connection->unwanted)
		connection_close(connection);
	else if (connection->pg == pg && (!there || PQstatus(pg) == CONNECTION_BAD))
		connection_lost(connection, PQerrorMessage(pg));
	else if (connection->stale && !connection->sent.count)
		connection_replace(connection);
}
