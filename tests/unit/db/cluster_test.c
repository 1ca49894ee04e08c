// cluster_test.c: the embedded cluster: made, reused, recovered, shared, refused.
#include "db/cluster.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/rows.h"
#include "db/process.h"
#include "db/session.h"

static char data[] = "/tmp/narada-cluster-test-XXXXXX";
static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void start(struct cluster *cluster, const char *where)
{
	const char *why = NULL;

	if (!cluster_start(cluster, where, NULL, arena, &why))
		fail_msg("%s", why);
}

static void expect_refusal(const char *where, const char *sentence)
{
	struct cluster cluster;
	const char *why = NULL;

	assert_false(cluster_start(&cluster, where, NULL, arena, &why));
	if (!strstr(why, sentence))
		fail_msg("\"%s\" does not say \"%s\"", why, sentence);
	cluster_stop(&cluster); // harmless
}

static const char *ask(const char *conninfo, const char *sql)
{
	const char *why = NULL;
	struct rows rows = {0};
	struct session *session = session_open(conninfo, arena, &why);

	if (!session || !session_ask(session, sql, 0, NULL, &rows, &why))
		fail_msg("%s: %s", sql, why);
	session_close(session);
	return rows.count ? rows.value(&rows, 0, 0) : NULL;
}

static void a_fresh_one_is_as_designed(void **state)
{
	static const struct {
		const char *sql, *value;
	} expected[] = {
	    {"show server_encoding", "UTF8"},
	    {"show data_checksums", "on"},
	    {"show fsync", "on"},
	    {"show synchronous_commit", "on"},
	    {"show listen_addresses", ""},
	    {"select datlocprovider from pg_database where datname = 'narada'", "i"},
	    {"select pg_get_userbyid(datdba) from pg_database where datname = 'narada'", "narada_owner"},
	    {"select count(*) from pg_roles where rolname like 'narada%' and (rolsuper or rolcreaterole or rolbypassrls)", "0"},
	    {"select 'Ćma' < 'Dom' and 'Łapa' < 'Mak'", "t"},
	};
	struct cluster cluster;
	struct stat status;

	(void)state;
	start(&cluster, data);
	assert_true(cluster.fresh);
	assert_true(cluster.server > 0);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_string_equal(ask(cluster.conninfo, expected[i].sql), expected[i].value);
	(void)ask(cluster.conninfo, "create extension unaccent");
	(void)ask(cluster.conninfo, "create table kept as select 1 as one");
	assert_string_equal(ask(cluster.service_conninfo, "select current_user"), "narada_service");
	assert_int_equal(stat(cluster.directory, &status), 0);
	assert_int_equal(status.st_mode & 077, 0);
	assert_int_not_equal(status.st_uid, 0);
	cluster_stop(&cluster);
	assert_int_equal(cluster.server, 0);
	assert_int_equal(access(arena_print(arena, "%s/postgres/postmaster.pid", data), F_OK), -1);
}

static void it_starts_again_with_its_data(void **state)
{
	struct cluster cluster;
	int server;

	(void)state;
	start(&cluster, data);
	server = cluster.server;
	assert_false(cluster.fresh);
	assert_string_equal(ask(cluster.conninfo, "select one from kept"), "1");
	cluster_stop(&cluster);
	assert_false(process_lives(server));
}

// A child that starts the cluster and is then killed as kill -9 would; its postgres lives on. Gives the pid of that.
static int abandoned_server(void)
{
	int ends[2], server = 0, status;
	pid_t parent;

	assert_int_equal(pipe(ends), 0);
	parent = fork();
	if (parent == 0) {
		struct cluster cluster;

		start(&cluster, data);
		(void)!write(ends[1], &cluster.server, sizeof cluster.server);
		(void)pause();
	}
	assert_int_equal(read(ends[0], &server, sizeof server), sizeof server);
	close(ends[0]);
	close(ends[1]);
	(void)kill(parent, SIGKILL);
	(void)waitpid(parent, &status, 0);
	return server;
}

static void one_left_running_is_used_and_stopped(void **state)
{
	int server = abandoned_server();
	struct cluster cluster;

	(void)state;
	assert_true(process_lives(server));
	start(&cluster, data);
	assert_int_equal(cluster.server, server);
	assert_true(cluster_lives(&cluster));
	cluster_stop(&cluster);
	assert_false(cluster_lives(&cluster));
	assert_false(process_lives(server));
}

static void one_that_was_killed_recovers(void **state)
{
	int server = abandoned_server();
	struct cluster cluster;

	(void)state;
	(void)kill(server, SIGKILL);
	start(&cluster, data);
	assert_int_not_equal(cluster.server, server);
	assert_string_equal(ask(cluster.conninfo, "select one from kept"), "1");
	cluster_stop(&cluster);
}

static void a_stale_pid_of_somebody_else_is_no_obstacle(void **state)
{
	const char *path = arena_print(arena, "%s/postgres/postmaster.pid", data);
	struct cluster cluster;
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	(void)fprintf(file, "%d\n%s/postgres\n1700000000\n5432\n%s/postgres\n", (int)getpid(), data, data);
	(void)fclose(file);
	start(&cluster, data);
	assert_true(cluster.server > 0);
	assert_int_not_equal(cluster.server, getpid());
	cluster_stop(&cluster);
}

static void the_last_user_stops_it(void **state)
{
	struct cluster first, second;
	int server;

	(void)state;
	start(&first, data);
	server = first.server;
	start(&second, data);
	assert_int_equal(second.server, server);
	cluster_stop(&second);
	assert_true(process_lives(server));
	assert_string_equal(ask(first.conninfo, "select 1"), "1");
	cluster_stop(&first);
	assert_false(process_lives(server));
}

static void another_major_version_is_refused(void **state)
{
	const char *path = arena_print(arena, "%s/postgres/PG_VERSION", data);
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	(void)fputs("12\n", file);
	(void)fclose(file);
	expect_refusal(data, "was made by PostgreSQL 12, but PostgreSQL 15 is installed");
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("15\n", file);
	(void)fclose(file);
}

static void what_it_complains_of_is_passed_on(void **state)
{
	const char *path = arena_print(arena, "%s/postgres/postgresql.conf", data);
	struct stat status;
	FILE *file = fopen(path, "a");

	(void)state;
	assert_non_null(file);
	assert_int_equal(stat(path, &status), 0);
	(void)fputs("no_such_setting = 1\n", file);
	(void)fclose(file);
	expect_refusal(data, "PostgreSQL did not start: configuration file");
	assert_int_equal(truncate(path, status.st_size), 0);
}

static void what_is_no_cluster_is_refused(void **state)
{
	const char *other = arena_print(arena, "%s/other", data);

	(void)state;
	assert_int_equal(mkdir(other, 0755), 0);
	assert_int_equal(mkdir(arena_print(arena, "%s/postgres", other), 0755), 0);
	assert_int_equal(mkdir(arena_print(arena, "%s/postgres/letters", other), 0755), 0);
	expect_refusal(other, "There is no PostgreSQL cluster in");
	expect_refusal("/proc/narada", "Can't make the data directory");
}

static void a_long_path_has_its_socket_elsewhere(void **state)
{
	struct cluster cluster;
	const char *deep = arena_print(arena, "%s/%0100d", data, 7);

	(void)state;
	start(&cluster, deep);
	assert_true(strlen(cluster.socket) < 93);
	assert_string_equal(ask(cluster.conninfo, "select 1"), "1");
	cluster_stop(&cluster);
	(void)rmdir(cluster.socket);
}

// As in /root: the cluster's user can't go through a directory above the data directory.
static void what_its_user_cannot_reach_goes_elsewhere(void **state)
{
	struct cluster cluster;
	const char *closed = arena_print(arena, "%s/closed", data), *inner = arena_print(arena, "%s/closed/inner", data);
	char target[128] = "";

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(closed, 0700), 0);
	start(&cluster, inner);
	assert_string_equal(ask(cluster.conninfo, "select 1"), "1");
	assert_true(readlink(arena_print(arena, "%s/postgres", inner), target, sizeof target - 1) > 0);
	assert_string_equal(target, cluster.directory);
	cluster_stop(&cluster);
	start(&cluster, inner);
	assert_false(cluster.fresh);
	cluster_stop(&cluster);
	*strrchr(target, '/') = '\0';
	(void)!system(arena_print(arena, "rm -rf %s", target));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_fresh_one_is_as_designed, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(it_starts_again_with_its_data, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(one_left_running_is_used_and_stopped, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(one_that_was_killed_recovers, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(a_stale_pid_of_somebody_else_is_no_obstacle, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(the_last_user_stops_it, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(another_major_version_is_refused, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(what_it_complains_of_is_passed_on, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(what_is_no_cluster_is_refused, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(a_long_path_has_its_socket_elsewhere, open_arena, close_arena),
	    cmocka_unit_test_setup_teardown(what_its_user_cannot_reach_goes_elsewhere, open_arena, close_arena),
	};
	int failed;

	if (!mkdtemp(data))
		return 1;
	failed = cmocka_run_group_tests_name("cluster", tests, NULL, NULL);
	arena = arena_new();
	(void)!system(arena_print(arena, "rm -rf %s", data));
	arena_free(arena);
	return failed;
}
