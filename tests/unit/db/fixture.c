// fixture.c: starts the cluster, runs the groups, stops the cluster.
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rows.h"
#include "db/cluster.h"
#include "db/session.h"

static const struct db_statement statements[SQLS] = {
    [SQL_NUMBER] = {"number", "select $1::int as number", 1, SQL_NUMBER},
    [SQL_INSERT] = {"insert", "insert into test.thing (id, name) values ($1::int, $2)", 2, SQL_INSERT},
    [SQL_COUNT] = {"count", "select count(*) from test.thing", 0, SQL_COUNT},
    [SQL_FAIL] = {"fail", "select test.fail($1, $2)", 2, SQL_FAIL},
    [SQL_SLEEP] = {"sleep", "select pg_sleep($1::float)", 1, SQL_SLEEP},
    [SQL_BACKEND] = {"backend", "select pg_backend_pid()", 0, SQL_BACKEND},
    [SQL_BROKEN] = {"broken", "select * from test.missing", 0, SQL_BROKEN},
    [SQL_ROWS] = {"rows", "select n, 'row ' || n as text, 1 / ($2::int - n) as far from generate_series(1, $1::int) n", 2, SQL_ROWS},
    [SQL_PARENT] = {"parent", "insert into test.child (parent) values ($1::int)", 1, SQL_PARENT},
    [SQL_CHILD] = {"child", "update test.thing set name = name where id < $1::int", 1, SQL_CHILD},
    [SQL_SETTINGS] = {"settings",
        "select current_setting('TimeZone'), current_setting('search_path'), current_user, current_setting('statement_timeout')", 0,
        SQL_SETTINGS},
    [SQL_KINDS] = {"kinds",
        "select true as yes, 7::bigint as number, '{\"a\": 1}'::jsonb as json, timestamptz '2019-12-17 10:00+01' as time, 'ż' as text, "
        "null::int as nothing",
        0, SQL_KINDS},
};

const struct db_registry fixture_registry = {statements, SQLS};

static const char schema[] =
    "create schema test;"
    "create table test.thing (id int primary key, name text constraint thing_name_length check (length(name) < 20));"
    "create table test.child (parent int constraint child_parent references test.thing deferrable initially deferred);"
    "create function test.fail(state text, field text) returns void language plpgsql as $$ begin"
    " raise exception using errcode = state, message = 'It is full.', detail = 'meeting_full', column = coalesce(field, ''); end $$;";

static struct arena *process;
static struct cluster cluster;

const char *fixture_conninfo(void)
{
	return cluster.conninfo;
}

void fixture_run(const char *sql)
{
	struct arena *arena = arena_new();
	const char *why = NULL;
	struct session *session = session_open(cluster.conninfo, arena, &why);

	if (!session || !session_run(session, sql, &why))
		fail_msg("%s: %s", sql, why);
	arena_free(arena);
}

const char *fixture_text(struct arena *arena, const char *sql)
{
	const char *why = NULL;
	struct rows rows = {0};
	struct session *session = session_open(cluster.conninfo, arena, &why);

	if (!session || !session_ask(session, sql, 0, NULL, &rows, &why))
		fail_msg("%s: %s", sql, why);
	session_close(session);
	return rows.count ? rows.value(&rows, 0, 0) : NULL;
}

void fixture_open(struct fixture *fixture, const struct db_options *more)
{
	struct db_options options = *more;

	options.conninfo = cluster.conninfo;
	fixture->arena = arena_new();
	fixture->loop = loop_new();
	fixture->db = db_open(fixture->loop, &fixture_registry, &options);
}

void fixture_close(struct fixture *fixture)
{
	db_close(fixture->db);
	loop_free(fixture->loop);
	arena_free(fixture->arena);
}

struct waiting {
	struct loop *loop;
	const int *counter;
	int wanted;
	bool late;
};

static void check(void *argument)
{
	struct waiting *waiting = argument;

	if (*waiting->counter >= waiting->wanted)
		loop_stop(waiting->loop);
}

static void give_up(void *argument)
{
	struct waiting *waiting = argument;

	waiting->late = true;
	loop_stop(waiting->loop);
}

void fixture_until(struct fixture *fixture, const int *counter, int wanted)
{
	struct waiting waiting = {fixture->loop, counter, wanted, false};
	uint64_t timer = loop_after(fixture->loop, 20000, give_up, &waiting);

	loop_each_turn(fixture->loop, check, &waiting);
	loop_run(fixture->loop);
	loop_leave_turns(fixture->loop, &waiting);
	loop_cancel(fixture->loop, timer);
	if (waiting.late)
		fail_msg("only %d of %d came; trouble: %s", *counter, wanted, db_trouble(fixture->db) ? db_trouble(fixture->db) : "none");
}

struct db_batch *fixture_batch(struct fixture *fixture)
{
	struct db_batch *batch = arena_alloc(fixture->arena, sizeof *batch);

	db_batch_init(batch, fixture->arena);
	return batch;
}

void fixture_add(struct db_batch *batch, int sql, const char *first, const char *second)
{
	const char **values = arena_alloc(batch->arena, 2 * sizeof *values);

	values[0] = first;
	values[1] = second;
	(void)db_add(batch, &statements[sql], values);
}

static void count(struct db_batch *batch, void *argument)
{
	(void)batch;
	++*(int *)argument;
}

void fixture_send(struct fixture *fixture, struct db_batch *batch, int *done)
{
	assert_true(db_send(fixture->db, batch, count, done));
}

int main(void)
{
	char data[] = "/tmp/narada-db-test-XXXXXX";
	const char *why = NULL;
	int failed;

	process = arena_new();
	if (!mkdtemp(data) || !cluster_start(&cluster, data, NULL, process, &why)) {
		(void)fprintf(stderr, "%s\n", why ? why : "no temporary directory");
		return 1;
	}
	fixture_run(schema);
	failed = batch_tests() + stream_tests() + migrate_tests();
	cluster_stop(&cluster);
	(void)!system(arena_print(process, "rm -rf %s", data));
	arena_free(process);
	return failed;
}
