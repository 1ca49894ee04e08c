// cluster.c: starts, waits for, furnishes and stops the embedded PostgreSQL.
#include "db/cluster.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/rows.h"
#include "db/place.h"
#include "db/programs.h"
#include "db/session.h"

enum {
	READY_MS = 300000,        // recovering from a crash may take minutes, and says so
	SAY_SO_MS = 3000,         // when waiting is worth a word
	STOPPING_MS = 60000,      // a fast shutdown writes a checkpoint
	STOPPING_HARD_MS = 10000, // SIGQUIT: the next start recovers
	ATTEMPTS = 20,            // while backends of a killed server are still ending
	ATTEMPT_PAUSE_MS = 250,
};

struct start {
	struct cluster *cluster;
	struct place place;
	struct programs programs;
	void (*progress)(const char *step);
};

static void say(const struct start *start, const char *step)
{
	if (start->progress)
		start->progress(step);
}

static const char *conninfo(const struct start *start, const char *database, const char *user)
{
	struct arena *arena = start->place.arena;
	const char *from = start->place.socket;
	char *quoted = arena_alloc(arena, 2 * strlen(from) + 1), *at = quoted;

	for (; *from; from++) {
		if (*from == '\'' || *from == '\\')
			*at++ = '\\';
		*at++ = *from;
	}
	return arena_print(arena, "host='%s' port=5432 dbname=%s user=%s", quoted, database, user);
}

static bool is_there(struct session *session, const char *sql, bool *there, const char **why)
{
	struct rows rows;
	bool asked = session_ask(session, sql, 0, NULL, &rows, why);

	*there = asked && rows.count > 0;
	return asked;
}

// One step each, since CREATE DATABASE must be on its own; a killed first start may have done only some.
static const struct {
	const char *unless, *sql;
} furniture[] = {
    {"select 1 from pg_roles where rolname = 'narada_owner'", "create role narada_owner login"},
    {"select 1 from pg_roles where rolname = 'narada_service'", "create role narada_service login noinherit"},
    {"select 1 from pg_database where datname = 'narada'", "create database narada owner narada_owner"},
    {"select 1 from pg_database where datname = 'narada' and datacl is not null",
        "revoke all on database narada from public; grant connect on database narada to narada_service"},
};

static bool furnish(const struct start *start)
{
	const struct place *place = &start->place;
	struct session *session = session_open(conninfo(start, "postgres", "postgres"), place->arena, place->why);
	bool ok = session != NULL, there;

	for (size_t i = 0; ok && i < sizeof furniture / sizeof *furniture; i++)
		ok = is_there(session, furniture[i].unless, &there, place->why) && (there || session_run(session, furniture[i].sql, place->why));
	session_close(session);
	return ok;
}

static bool is_furnished(const struct start *start)
{
	const char *why;
	struct session *session = session_open(start->cluster->service_conninfo, start->place.arena, &why);

	session_close(session);
	return session != NULL;
}

enum outcome { READY, GONE, STUCK };

static enum outcome wait_until_ready(const struct start *start, pid_t server)
{
	struct running running;

	for (int waited = 0, step = 4; waited < READY_MS; waited += step) {
		programs_look(&running, &start->place);
		if (running.process == server && running.ready)
			return READY;
		if (!process_lives(server))
			return GONE;
		if (waited < SAY_SO_MS && waited + step >= SAY_SO_MS)
			say(start, "The database is recovering from the last time, or stopping");
		process_sleep(step);
		step = waited < 1000 ? 4 : 50;
	}
	return STUCK;
}

static bool refuse_stuck(const struct start *start, pid_t server)
{
	return place_refuse(&start->place,
	    "PostgreSQL (pid %d) runs on %s, but takes no connections. Look into %s; if it is stuck, end it and start again.", (int)server,
	    start->place.directory, start->place.log);
}

// One that a killed narada left behind, or that another narada is using now.
static bool use_running(struct start *start)
{
	struct running running;
	enum outcome outcome;

	programs_look(&running, &start->place);
	if (!running.process)
		return true;
	outcome = wait_until_ready(start, running.process);
	if (outcome == STUCK)
		return refuse_stuck(start, running.process);
	if (outcome == READY) {
		programs_look(&running, &start->place);
		start->place.socket = arena_copy(start->place.arena, running.socket);
		start->cluster->server = running.process;
	}
	return true;
}

static bool start_new(struct start *start)
{
	say(start, "Starting the database");
	for (int attempt = 1;; attempt++) {
		pid_t server;
		enum outcome outcome;

		programs_clear(&start->place);
		server = programs_start_postgres(&start->programs, &start->place);
		if (server < 0)
			return place_refuse(&start->place, "PostgreSQL can't be started: there are too many processes.");
		outcome = wait_until_ready(start, server);
		start->cluster->server = outcome == GONE ? 0 : server;
		if (outcome == READY)
			return true;
		if (outcome == STUCK)
			return refuse_stuck(start, server);
		if (attempt == ATTEMPTS || !strstr(programs_complaint(&start->place), "pre-existing shared memory block"))
			return place_refuse(&start->place, "PostgreSQL did not start: %s (%s)", programs_complaint(&start->place), start->place.log);
		process_sleep(ATTEMPT_PAUSE_MS);
	}
}

static bool make_cluster(struct start *start)
{
	say(start, "Making a database cluster");
	start->cluster->fresh = true;
	return place_make_fresh(&start->place) && programs_initdb(&start->programs, &start->place) && place_settle(&start->place);
}

static bool bring_up(struct start *start)
{
	struct place *place = &start->place;
	struct cluster *cluster = start->cluster;

	if (!programs_find(&start->programs, place) || (!place->major && !make_cluster(start)) || !place_socket(place) || !use_running(start) ||
	    (!cluster->server && !start_new(start)))
		return false;
	cluster->directory = place->directory;
	cluster->socket = place->socket;
	cluster->conninfo = conninfo(start, "narada", "narada_owner");
	cluster->service_conninfo = conninfo(start, "narada", "narada_service");
	return is_furnished(start) || furnish(start);
}

bool cluster_start(
    struct cluster *cluster, const char *data_directory, void (*progress)(const char *step), struct arena *arena, const char **why)
{
	struct start start = {.cluster = cluster, .progress = progress};
	bool ok;

	*cluster = (struct cluster){.lock = -1};
	ok = place_find(&start.place, data_directory, arena, why);
	cluster->lock = start.place.lock;
	ok = ok && bring_up(&start);
	if (ok)
		place_started(&start.place);
	else
		cluster_stop(cluster);
	return ok;
}

static void stop_server(pid_t server)
{
	if (kill(server, SIGINT) != 0 || process_ends(server, STOPPING_MS))
		return;
	(void)kill(server, SIGQUIT);
	(void)process_ends(server, STOPPING_HARD_MS);
}

bool cluster_lives(const struct cluster *cluster)
{
	return cluster->server > 0 && process_lives(cluster->server);
}

void cluster_stop(struct cluster *cluster)
{
	if (cluster->lock < 0)
		return;
	if (cluster->server > 0 && place_last_user(cluster->lock))
		stop_server(cluster->server);
	cluster->server = 0;
	close(cluster->lock);
	cluster->lock = -1;
}
