// migrate.c: applies the migrations a database lacks, and refuses one that took another path.
#include "db/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "base/secret.h"
#include "db/process.h"
#include "db/session.h"

// Any two programs that migrate a narada database meet at this lock. Tried over and over, since a session that waits in the
// server would hold a snapshot, and a CREATE INDEX CONCURRENTLY of the session that has the lock would wait for that.
static const char lock_sql[] = "select 1 where pg_try_advisory_lock(7237091400171)";
enum { LOCK_PAUSE_MS = 50, LOCK_ATTEMPTS = 2400 };

static const char record_sql[] = "create schema if not exists narada;"
                                 "create table if not exists narada.migration ("
                                 " number int primary key,"
                                 " name text not null,"
                                 " checksum text not null,"
                                 " applied_at timestamptz not null default now());";

struct work {
	const struct migration *migrations;
	int count;
	struct arena *arena;
	const char **why;
};

static const char *checksum(const struct work *work, const struct migration *migration)
{
	return secret_digest(work->arena, migration->sql, strlen(migration->sql));
}

static bool refuse_newer(const struct work *work, const struct rows *applied, int row)
{
	*work->why = arena_print(work->arena,
	    "The database has migration %s, but this narada knows them only up to %s. Install the narada that made it, or name another "
	    "database.",
	    rows_text(applied, row, "name"), work->count ? work->migrations[work->count - 1].name : "none");
	return false;
}

static bool refuse_changed(const struct work *work, const struct migration *migration)
{
	*work->why = arena_print(work->arena,
	    "Migration %s was changed after it had been applied to this database. Restore it as it was, and put the change into a new "
	    "migration.",
	    migration->name);
	return false;
}

static bool refuse_gap(const struct work *work, const struct migration *missing, const char *later)
{
	*work->why = arena_print(work->arena,
	    "The database has migration %s, but lacks %s before it. It was not made by narada's own migrations: restore it from a backup.",
	    later, missing->name);
	return false;
}

// What is applied must be the first of what we know, unchanged. Gives their number.
static bool compare(const struct work *work, const struct rows *applied, int *ret_applied)
{
	for (int row = 0; row < applied->count; row++) {
		int number = (int)strtol(rows_text(applied, row, "number"), NULL, 10);
		const struct migration *migration = &work->migrations[row];

		if (!work->count || number > work->migrations[work->count - 1].number)
			return refuse_newer(work, applied, row);
		if (row >= work->count || number > migration->number)
			return refuse_gap(work, &work->migrations[row < work->count ? row : work->count - 1], rows_text(applied, row, "name"));
		if (number != migration->number || strcmp(rows_text(applied, row, "checksum"), checksum(work, migration)) != 0)
			return refuse_changed(work, migration);
	}
	*ret_applied = applied->count;
	return true;
}

static bool count_applied(const struct work *work, struct session *session, int *applied)
{
	struct rows rows;

	return session_ask(session, "select number, name, checksum from narada.migration order by number", 0, NULL, &rows, work->why) &&
	       compare(work, &rows, applied);
}

static bool record(const struct work *work, struct session *session, const struct migration *migration)
{
	const char *values[] = {
	    arena_print(work->arena, "%d", migration->number),
	    migration->name,
	    checksum(work, migration),
	};

	return session_ask(
	    session, "insert into narada.migration (number, name, checksum) values ($1::int, $2, $3)", 3, values, NULL, work->why);
}

static bool in_transaction(const struct work *work, struct session *session, const struct migration *migration)
{
	const char *ignored;

	if (session_run(session, "begin", work->why) && session_run(session, migration->sql, work->why) && record(work, session, migration) &&
	    session_run(session, "commit", work->why))
		return true;
	(void)session_run(session, "rollback", &ignored);
	return false;
}

static bool apply(const struct work *work, struct session *session, const struct migration *migration)
{
	static const char bare[] = "-- no transaction\n";
	bool outside = strncmp(migration->sql, bare, sizeof bare - 1) == 0;
	// A migration may set a search_path or a role for itself; the next one starts as the first did.
	bool done = (outside ? session_run(session, migration->sql, work->why) && record(work, session, migration)
	                     : in_transaction(work, session, migration)) &&
	            session_run(session, "reset role; set search_path = narada, public", work->why);

	if (!done)
		*work->why = arena_print(work->arena, "Migration %s failed: %s. %s", migration->name, *work->why,
		    outside ? "It runs outside of a transaction: look at what it left before trying again." : "Nothing of it was kept.");
	return done;
}

static bool take_lock(const struct work *work, struct session *session)
{
	struct rows rows;

	for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
		if (!session_ask(session, lock_sql, 0, NULL, &rows, work->why))
			return false;
		if (rows.count)
			return true;
		process_sleep(LOCK_PAUSE_MS);
	}
	*work->why = "Another narada has been migrating this database for two minutes. Wait for it, or end it, and try again.";
	return false;
}

static struct session *open_locked(const struct work *work, const char *conninfo)
{
	struct session *session = session_open(conninfo, work->arena, work->why);

	if (session && take_lock(work, session))
		return session;
	session_close(session);
	return NULL;
}

static bool make_record(const struct work *work, struct session *session)
{
	if (session_run(session, record_sql, work->why))
		return true;
	*work->why = arena_print(work->arena, "The schema narada can't be made: %s. Migrate as the owner of the database.", *work->why);
	return false;
}

bool migrate_up(const char *conninfo, const struct migration *migrations, int count, void (*progress)(const struct migration *),
    int *applied, struct arena *arena, const char **why)
{
	struct work work = {migrations, count, arena, why};
	struct session *session = open_locked(&work, conninfo);
	int done = 0;
	bool ok;

	*applied = 0;
	if (!session)
		return false;
	ok = make_record(&work, session) && count_applied(&work, session, &done);
	for (int i = done; ok && i < count; i++) {
		if (progress)
			progress(&migrations[i]);
		ok = apply(&work, session, &migrations[i]);
		*applied += ok;
	}
	session_close(session); // and with it the lock
	return ok;
}

int migrate_missing(const char *conninfo, const struct migration *migrations, int count, struct arena *arena, const char **why)
{
	struct work work = {migrations, count, arena, why};
	struct session *session = session_open(conninfo, arena, why);
	struct rows rows;
	int applied = 0;
	bool ok = session && session_ask(session, "select to_regclass('narada.migration')", 0, NULL, &rows, why);

	if (ok && rows.value(&rows, 0, 0))
		ok = count_applied(&work, session, &applied);
	session_close(session);
	return ok ? count - applied : -1;
}

bool migrate_run(const char *conninfo, const char *sql, struct arena *arena, const char **why)
{
	struct session *session = session_open(conninfo, arena, why);
	bool ok = session && session_run(session, sql, why); // one simple query is one transaction

	session_close(session);
	return ok;
}
