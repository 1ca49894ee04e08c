// migrate_test.c: up, again, newer, changed, gap, failing, two at a time.
#include "db/migrate.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/session.h"
#include "fixture.h"

static const struct migration known[] = {
    {1, "0001_first", "create table narada.first (a int); set local search_path = ''"},
    {2, "0002_second", "insert into first values (1); insert into first values (2);"},
    {3, "0003_bare", "-- no transaction\ncreate index concurrently first_a on narada.first (a);"},
};

struct run {
	struct arena *arena;
	const char *why;
	int applied;
	bool ok;
};

static int told;

static void progress(const struct migration *migration)
{
	assert_non_null(migration->name);
	told++;
}

static int start_empty(void **state)
{
	(void)state;
	fixture_run("drop schema if exists narada cascade");
	told = 0;
	return 0;
}

static struct run up(const struct migration *migrations, int count)
{
	struct run run = {.arena = arena_new()};

	run.ok = migrate_up(fixture_conninfo(), migrations, count, progress, &run.applied, run.arena, &run.why);
	return run;
}

static void expect(const struct migration *migrations, int count, int applied, const char *why)
{
	struct run run = up(migrations, count);

	assert_int_equal(run.ok, why == NULL);
	assert_int_equal(run.applied, applied);
	if (why && !strstr(run.why, why))
		fail_msg("\"%s\" does not say \"%s\"", run.why, why);
	arena_free(run.arena);
}

static int missing(const struct migration *migrations, int count)
{
	struct arena *arena = arena_new();
	const char *why;
	int found = migrate_missing(fixture_conninfo(), migrations, count, arena, &why);

	arena_free(arena);
	return found;
}

static void up_and_again(void **state)
{
	(void)state;
	assert_int_equal(missing(known, 3), 3);
	expect(known, 2, 2, NULL);
	assert_int_equal(missing(known, 3), 1);
	expect(known, 3, 1, NULL);
	expect(known, 3, 0, NULL);
	assert_int_equal(missing(known, 3), 0);
	assert_int_equal(told, 3);
}

static void a_newer_schema_is_refused(void **state)
{
	(void)state;
	expect(known, 3, 3, NULL);
	expect(known, 2, 0, "0003_bare");
	assert_int_equal(missing(known, 2), -1);
}

static void a_changed_one_is_refused(void **state)
{
	struct migration changed[3];

	(void)state;
	expect(known, 2, 2, NULL);
	memcpy(changed, known, sizeof known);
	changed[1].sql = "select 1";
	expect(changed, 3, 0, "0002_second was changed");
}

static void a_gap_is_refused(void **state)
{
	(void)state;
	expect(known, 3, 3, NULL);
	fixture_run("delete from narada.migration where number = 2");
	expect(known, 3, 0, "lacks 0002_second");
}

static void a_failing_one_leaves_nothing(void **state)
{
	struct migration failing[3];

	(void)state;
	memcpy(failing, known, sizeof known);
	failing[1].sql = "create table narada.half (a int);\n-- ż\nselect nonsense from narada.half;";
	expect(failing, 3, 1, "0002_second failed: column \"nonsense\" does not exist (42703, line 3). Nothing of it was kept.");
	assert_int_equal(missing(known, 3), 2);
	expect(known, 3, 2, NULL);
}

static void two_at_a_time_take_turns(void **state)
{
	pid_t other = fork();
	int status = 1;
	struct run run;

	(void)state;
	run = up(known, 3);
	if (other == 0)
		_exit(run.ok ? run.applied : 99);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_true(run.ok);
	assert_int_equal(run.applied + WEXITSTATUS(status), 3);
	arena_free(run.arena);
}

static void the_database_may_be_away(void **state)
{
	struct arena *arena = arena_new();
	const char *why = NULL;
	int applied;

	(void)state;
	assert_false(migrate_up("host=/nowhere", known, 3, NULL, &applied, arena, &why));
	assert_non_null(strstr(why, "can't be reached"));
	arena_free(arena);
}

static void a_text_is_one_transaction(void **state)
{
	struct arena *arena = arena_new();
	const char *why = NULL;

	(void)state;
	expect(known, 1, 1, NULL);
	assert_false(migrate_run(fixture_conninfo(), "insert into first values (1); insert into second values (1)", arena, &why));
	assert_string_equal(fixture_text(arena, "select count(*) from narada.first"), "0");
	assert_true(migrate_run(fixture_conninfo(), "insert into first values (1); insert into first values (2)", arena, &why));
	assert_string_equal(fixture_text(arena, "select count(*) from narada.first"), "2");
	arena_free(arena);
}

int migrate_tests(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(up_and_again, start_empty),
	    cmocka_unit_test_setup(a_newer_schema_is_refused, start_empty),
	    cmocka_unit_test_setup(a_changed_one_is_refused, start_empty),
	    cmocka_unit_test_setup(a_gap_is_refused, start_empty),
	    cmocka_unit_test_setup(a_failing_one_leaves_nothing, start_empty),
	    cmocka_unit_test_setup(two_at_a_time_take_turns, start_empty),
	    cmocka_unit_test(the_database_may_be_away),
	    cmocka_unit_test_setup(a_text_is_one_transaction, start_empty),
	};

	return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
