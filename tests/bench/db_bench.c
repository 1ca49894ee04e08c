// db_bench.c: look-ups a second of the pipelined connections, to be held against `pgbench -M prepared` with the same statement.
//
//   db_bench CONNINFO [CLIENTS [CONNECTIONS [SECONDS]]]
//
// Then rows a second of the streaming lane, to be held against `psql -c '\\copy (…) to /dev/null'`.
// Makes schema narada_bench. Each client sends its next look-up when its last one is answered, as a keep-alive HTTP client would.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "db/db.h"
#include "db/session.h"
#include "loop/loop.h"

enum { INVITATIONS = 100000, MAX_CLIENTS = 1024 };

static const char schema[] =
    "drop schema if exists narada_bench cascade; create schema narada_bench;"
    "create table narada_bench.meeting (id int primary key, title text, theme text, starts_at timestamptz, time_zone text);"
    "create table narada_bench.invitation (id int primary key, meeting int references narada_bench.meeting, name text, response text);"
    "insert into narada_bench.meeting select n, 'Meeting ' || n, 'Theme', now(), 'Europe/Warsaw' from generate_series(1, 100) n;"
    "insert into narada_bench.invitation select n, 1 + n % 100, 'Person ' || n, 'needs_action' from generate_series(1, 100000) n;"
    "analyze narada_bench.meeting; analyze narada_bench.invitation;";

static const struct db_statement statement[] = {
    {"look_up",
        "select i.id, i.name, i.response, m.title, m.theme, m.starts_at, m.time_zone from narada_bench.invitation i"
        " join narada_bench.meeting m on m.id = i.meeting where i.id = $1::int",
        1, 0},
    {"all",
        "select i.id, i.name, i.response, m.title, m.theme, m.starts_at, m.time_zone from narada_bench.invitation i"
        " join narada_bench.meeting m on m.id = i.meeting order by i.name",
        0, 1},
};
static const struct db_registry registry = {statement, 2};

struct bench {
	struct loop *loop;
	struct db *db;
	bool over;
	long answered, bad, in_flight;
};

struct client {
	struct bench *bench;
	struct arena *arena;
	struct db_batch batch;
};

static void done(struct db_batch *batch, void *argument);

static void ask(struct client *client)
{
	const char **values;

	arena_free(client->arena);
	client->arena = arena_new();
	values = arena_alloc(client->arena, sizeof *values);
	values[0] = arena_print(client->arena, "%u", 1 + arc4random_uniform(INVITATIONS));
	db_batch_init(&client->batch, client->arena);
	(void)db_add(&client->batch, &statement[0], values);
	client->bench->in_flight += db_send(client->bench->db, &client->batch, done, client);
}

static void done(struct db_batch *batch, void *argument)
{
	struct client *client = argument;
	struct bench *bench = client->bench;

	bench->in_flight--;
	bench->answered++;
	bench->bad += !batch->ok || batch->item[0].rows.count != 1;
	if (!bench->over)
		ask(client);
	else if (!bench->in_flight)
		loop_stop(bench->loop);
}

struct export
{
	struct bench *bench;
	long rows, bytes;
	struct problem why;
};

// What an encoder does with them, without writing.
static void take_rows(const struct rows *piece, void *argument)
{
	struct export *export = argument;

	export->rows += piece->count;
	for (int row = 0; row < piece->count; row++)
		for (int column = 0; column < piece->columns; column++) {
			const char *value = piece->value(piece, row, column);

			export->bytes += value ? (long)strlen(value) + 1 : 1;
		}
}

static void take_end(const struct problem *why, void *argument)
{
	struct export *export = argument;

	if (why)
		export->why = *why;
	loop_stop(export->bench->loop);
}

static bool stream(struct bench *bench)
{
	struct export export = {.bench = bench};
	struct arena *arena = arena_new();
	struct db_batch batch;

	db_batch_init(&batch, arena);
	(void)db_add(&batch, &statement[1], NULL);
	if (db_stream_open(bench->db, &batch, &(struct db_stream_calls){take_rows, take_end, &export, 0}, &export.why))
		loop_run(bench->loop);
	(void)printf("streamed %ld rows, %ld bytes in %.3f s%s\n", export.rows, export.bytes, (double)batch.took_ns / 1e9,
	    export.why.detail ? " and failed" : "");
	arena_free(arena);
	return !export.why.detail;
}

static void end(void *argument)
{
	((struct bench *)argument)->over = true;
}

static long number(int argc, char **argv, int index, long otherwise)
{
	return index < argc ? strtol(argv[index], NULL, 10) : otherwise;
}

static bool prepare(const char *conninfo)
{
	struct arena *arena = arena_new();
	const char *why = NULL;
	struct session *session = session_open(conninfo, arena, &why);
	bool made = session && session_run(session, schema, &why);

	if (!made)
		(void)fprintf(stderr, "%s\n", why);
	arena_free(arena);
	return made;
}

int main(int argc, char **argv)
{
	static struct client client[MAX_CLIENTS];
	long clients = number(argc, argv, 2, 64), connections = number(argc, argv, 3, 1), seconds = number(argc, argv, 4, 5);
	struct bench bench = {.loop = loop_new()};

	if (argc < 2 || clients > MAX_CLIENTS || !prepare(argv[1]))
		return 2;
	bench.db =
	    db_open(bench.loop, &registry, &(struct db_options){.conninfo = argv[1], .connections = (int)connections, .stream_connections = 1});
	for (long i = 0; i < clients; i++) {
		client[i].bench = &bench;
		ask(&client[i]);
	}
	(void)loop_after(bench.loop, seconds * 1000, end, &bench);
	loop_run(bench.loop);
	(void)printf("%ld clients, %ld connections: %ld look-ups/s, %ld bad\n", clients, connections, bench.answered / seconds, bench.bad);
	bench.bad += !stream(&bench);
	db_close(bench.db);
	for (long i = 0; i < clients; i++)
		arena_free(client[i].arena);
	loop_free(bench.loop);
	return bench.bad > 0;
}
