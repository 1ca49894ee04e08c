// session.c: a blocking connection whose errors are sentences.
#include "db/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "db/pool.h"

struct session {
	PGconn *pg;
	struct arena *arena;
	char sqlstate[6];
};

static const char settings[] = "set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set search_path = narada, public;";

static void silence(void *argument, const PGresult *notice)
{
	(void)argument;
	(void)notice;
}

static void close_later(void *session)
{
	session_close(session);
}

// libpq ends its messages with a line feed, and puts one between those of several attempts.
static const char *on_one_line(struct arena *arena, const char *message)
{
	char *line = arena_copy(arena, message);
	size_t length = strlen(line);

	if (length && line[length - 1] == '\n')
		line[length - 1] = '\0';
	for (char *at = line; (at = strchr(at, '\n'));)
		*at = ' ';
	return line;
}

struct session *session_open(const char *conninfo, struct arena *arena, const char **why)
{
	const char *const keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
	const char *const values[] = {conninfo, "narada", "UTF8", NULL};
	struct session *session = arena_alloc(arena, sizeof *session);

	session->arena = arena;
	session->pg = PQconnectdbParams(keywords, values, 1);
	arena_defer(arena, close_later, session);
	if (PQstatus(session->pg) != CONNECTION_OK) {
		*why = arena_print(arena, "The database can't be reached: %s", on_one_line(arena, PQerrorMessage(session->pg)));
		session_close(session);
		return NULL;
	}
	(void)PQsetNoticeReceiver(session->pg, silence, NULL);
	if (session_run(session, settings, why))
		return session;
	session_close(session);
	return NULL;
}

void session_close(struct session *session)
{
	if (!session)
		return;
	PQfinish(session->pg);
	session->pg = NULL;
}

// PostgreSQL counts characters from the start of the text; people count lines.
static int line_of(const char *sql, const char *position)
{
	long characters = position ? strtol(position, NULL, 10) : 0;
	int line = characters ? 1 : 0;

	for (const char *at = sql; *at && characters > 1; at++) {
		line += *at == '\n';
		characters -= (*at & 0xC0) != 0x80; // not within a character of UTF-8
	}
	return line;
}

static bool fail(struct session *session, const char *sql, const PGresult *result, const char **why)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	int line = line_of(sql, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION));

	(void)snprintf(session->sqlstate, sizeof session->sqlstate, "%s", sqlstate ? sqlstate : "");
	if (!message)
		message = on_one_line(session->arena, PQerrorMessage(session->pg));
	*why = arena_print(session->arena, "%s (%s%s%s%s)", message, sqlstate ? sqlstate : "connection",
	    line ? arena_print(session->arena, ", line %d", line) : "", detail ? ", " : "", detail ? detail : "");
	return false;
}

static bool worked(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

bool session_run(struct session *session, const char *sql, const char **why)
{
	PGresult *result = PQexec(session->pg, sql);
	bool ok = worked(result) || fail(session, sql, result, why);

	PQclear(result);
	return ok;
}

bool session_ask(struct session *session, const char *sql, int count, const char *const *values, struct rows *rows, const char **why)
{
	PGresult *result = PQexecParams(session->pg, sql, count, NULL, values, NULL, NULL, 0);
	bool ok = worked(result) || fail(session, sql, result, why);

	if (ok && rows)
		rows_from_result(rows, result, session->arena);
	else
		PQclear(result);
	return ok;
}

const char *session_sqlstate(const struct session *session)
{
	return session->sqlstate;
}
