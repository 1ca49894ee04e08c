// batch_test.c: batches on pipelined connections: order, isolation, refusals, lost connections, bounds.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rows.h"
#include "fixture.h"

static const struct db_options one = {.connections = 1};

static const char *cell(const struct db_batch *batch, int item, int column)
{
	const struct rows *rows = &batch->item[item].rows;

	return rows->value(rows, 0, column);
}

static void a_hundred_in_order(void **state)
{
	struct fixture fixture;
	struct db_batch *batch[100];
	int done = 0;

	(void)state;
	fixture_open(&fixture, &(struct db_options){.connections = 2});
	assert_false(db_ready(fixture.db));
	for (int i = 0; i < 100; i++) {
		batch[i] = fixture_batch(&fixture);
		fixture_add(batch[i], SQL_NUMBER, arena_print(fixture.arena, "%d", i), NULL);
		fixture_add(batch[i], SQL_NUMBER, NULL, NULL);
		fixture_send(&fixture, batch[i], &done);
	}
	fixture_until(&fixture, &done, 100);
	assert_true(db_ready(fixture.db));
	assert_null(db_trouble(fixture.db));
	for (int i = 0; i < 100; i++) {
		assert_true(batch[i]->ok);
		assert_int_equal(batch[i]->failed, -1);
		assert_true(batch[i]->took_ns > 0);
		assert_int_equal(batch[i]->item[0].rows.count, 1);
		assert_int_equal(atoi(cell(batch[i], 0, 0)), i);
		assert_null(cell(batch[i], 1, 0));
	}
	fixture_close(&fixture);
}

static void rows_have_kinds(void **state)
{
	static const struct {
		const char *name, *value;
		enum column_kind kind;
	} expected[] = {
	    {"yes", "t", COLUMN_BOOL},
	    {"number", "7", COLUMN_NUMBER},
	    {"json", "{\"a\": 1}", COLUMN_JSON},
	    {"time", "2019-12-17 09:00:00+00", COLUMN_TIME},
	    {"text", "ż", COLUMN_TEXT},
	    {"nothing", NULL, COLUMN_NUMBER},
	};
	struct fixture fixture;
	struct db_batch *batch;
	int done = 0;

	(void)state;
	fixture_open(&fixture, &one);
	batch = fixture_batch(&fixture);
	fixture_add(batch, SQL_KINDS, NULL, NULL);
	fixture_send(&fixture, batch, &done);
	fixture_until(&fixture, &done, 1);
	assert_int_equal(batch->item[0].rows.columns, 6);
	for (int i = 0; i < 6; i++) {
		assert_string_equal(batch->item[0].rows.column[i].name, expected[i].name);
		assert_int_equal(batch->item[0].rows.column[i].kind, expected[i].kind);
		if (expected[i].value)
			assert_string_equal(cell(batch, 0, i), expected[i].value);
		else
			assert_null(cell(batch, 0, i));
	}
	fixture_close(&fixture);
}

static void settings_hold(void **state)
{
	struct fixture fixture;
	struct db_batch *batch;
	int done = 0;

	(void)state;
	fixture_run("do $$ begin create role narada_test; exception when others then null; end $$");
	fixture_open(&fixture, &(struct db_options){.connections = 1, .role = "narada_owner", .statement_timeout_ms = 4000});
	batch = fixture_batch(&fixture);
	fixture_add(batch, SQL_SETTINGS, NULL, NULL);
	fixture_send(&fixture, batch, &done);
	fixture_until(&fixture, &done, 1);
	assert_string_equal(cell(batch, 0, 0), "UTC");
	assert_string_equal(cell(batch, 0, 1), "narada, public");
	assert_string_equal(cell(batch, 0, 2), "narada_owner");
	assert_string_equal(cell(batch, 0, 3), "4s");
	fixture_close(&fixture);
}

static void a_failure_stays_in_its_batch(void **state)
{
	struct fixture fixture;
	struct db_batch *batch[30];
	int done = 0;

	(void)state;
	fixture_run("truncate test.thing cascade");
	fixture_open(&fixture, &one);
	for (int i = 0; i < 30; i++) { // every third fails after its insert
		batch[i] = fixture_batch(&fixture);
		fixture_add(batch[i], SQL_INSERT, arena_print(fixture.arena, "%d", i), "name");
		if (i % 3 == 0)
			fixture_add(batch[i], SQL_FAIL, "NA409", NULL);
		fixture_add(batch[i], SQL_COUNT, NULL, NULL);
		fixture_send(&fixture, batch[i], &done);
	}
	fixture_until(&fixture, &done, 30);
	for (int i = 0, kept = 0; i < 30; i++) {
		assert_int_equal(batch[i]->ok, i % 3 != 0);
		if (i % 3 == 0) {
			assert_int_equal(batch[i]->failed, 1);
			assert_int_equal(batch[i]->why.kind, PROBLEM_CONFLICT);
			assert_string_equal(batch[i]->why.detail, "It is full.");
			assert_string_equal(batch[i]->why.code, "meeting_full");
			assert_null(batch[i]->why.fields);
			assert_int_equal(batch[i]->item[2].rows.count, 0);
		} else {
			assert_int_equal(batch[i]->item[0].rows.changed, 1);
			assert_int_equal(atoi(cell(batch[i], 1, 0)), ++kept);
		}
	}
	assert_string_equal(fixture_text(fixture.arena, "select count(*) from test.thing"), "20");
	fixture_close(&fixture);
}

static void a_commit_can_fail(void **state)
{
	struct fixture fixture;
	struct db_batch *bad, *good;
	int done = 0;

	(void)state;
	fixture_run("truncate test.thing cascade");
	fixture_open(&fixture, &one);
	bad = fixture_batch(&fixture);
	fixture_add(bad, SQL_PARENT, "7", NULL);
	good = fixture_batch(&fixture);
	fixture_add(good, SQL_NUMBER, "5", NULL);
	fixture_send(&fixture, bad, &done);
	fixture_send(&fixture, good, &done);
	fixture_until(&fixture, &done, 2);
	assert_false(bad->ok);
	assert_int_equal(bad->failed, -1);
	assert_int_equal(bad->why.kind, PROBLEM_CONFLICT);
	assert_string_equal(bad->why.code, "child_parent");
	assert_true(good->ok);
	assert_string_equal(cell(good, 0, 0), "5");
	fixture_close(&fixture);
}

static void refusals(void **state)
{
	static const struct {
		const char *first, *second, *code, *pointer;
		int sql;
		enum problem_kind kind;
		bool report;
	} cases[] = {
	    {"NA409", "capacity", "meeting_full", "/capacity", SQL_FAIL, PROBLEM_CONFLICT, false},
	    {"NA404", NULL, "meeting_full", NULL, SQL_FAIL, PROBLEM_NOT_FOUND, false},
	    {"XX000", NULL, NULL, NULL, SQL_FAIL, PROBLEM_BROKEN, true},
	    {"1", "again", "thing_pkey", NULL, SQL_INSERT, PROBLEM_CONFLICT, false},
	    {"2", "far too long to be a name", "thing_name_length", NULL, SQL_INSERT, PROBLEM_BAD_INPUT, false},
	    {NULL, "no id", "required", "/id", SQL_INSERT, PROBLEM_BAD_INPUT, false},
	    {"one", "no number", NULL, NULL, SQL_INSERT, PROBLEM_BAD_INPUT, false},
	    {"5", NULL, NULL, NULL, SQL_SLEEP, PROBLEM_BUSY, false},
	    {NULL, NULL, NULL, NULL, SQL_BROKEN, PROBLEM_BROKEN, true},
	};
	enum { CASES = sizeof cases / sizeof *cases };
	struct fixture fixture;
	struct db_batch *batch[CASES];
	int done = 0;

	(void)state;
	fixture_run("truncate test.thing cascade; insert into test.thing values (1, 'first')");
	fixture_open(&fixture, &(struct db_options){.connections = 1, .statement_timeout_ms = 200});
	for (int i = 0; i < CASES; i++) {
		batch[i] = fixture_batch(&fixture);
		fixture_add(batch[i], cases[i].sql, cases[i].first, cases[i].second);
		fixture_send(&fixture, batch[i], &done);
	}
	fixture_until(&fixture, &done, CASES);
	for (int i = 0; i < CASES; i++) {
		const struct problem *why = &batch[i]->why;

		assert_false(batch[i]->ok);
		assert_int_equal(batch[i]->failed, 0);
		assert_int_equal(why->kind, cases[i].kind);
		assert_true((why->code == NULL) == (cases[i].code == NULL) && (!why->code || strcmp(why->code, cases[i].code) == 0));
		assert_true((why->fields == NULL) == (cases[i].pointer == NULL));
		if (why->fields)
			assert_string_equal(why->fields->pointer, cases[i].pointer);
		assert_int_equal(batch[i]->report != NULL, cases[i].report);
		assert_non_null(why->detail);
		assert_null(strstr(why->detail, "test."));
		assert_int_equal(why->retry_after > 0, cases[i].kind == PROBLEM_BUSY);
	}
	assert_non_null(strstr(batch[CASES - 1]->report, "test.missing")); // why it could not be prepared, not just that it was not
	fixture_close(&fixture);
}

static void what_was_broken_works_once_it_is_mended(void **state)
{
	struct fixture fixture;
	struct db_batch *batch;
	int done = 0;

	(void)state;
	fixture_open(&fixture, &one);
	batch = fixture_batch(&fixture);
	fixture_add(batch, SQL_BROKEN, NULL, NULL);
	fixture_send(&fixture, batch, &done);
	fixture_until(&fixture, &done, 1);
	assert_int_equal(batch->why.kind, PROBLEM_BROKEN);
	fixture_run("create table test.missing (a int)");
	for (int i = 0; i < 2; i++) { // and a plan whose table changes shape fails once at most
		batch = fixture_batch(&fixture);
		fixture_add(batch, SQL_BROKEN, NULL, NULL);
		fixture_send(&fixture, batch, &done);
		fixture_until(&fixture, &done, 2 + 3 * i);
		assert_true(batch->ok);
		if (i == 0) {
			fixture_run("alter table test.missing add b int");
			for (int again = 0; again < 2; again++) {
				batch = fixture_batch(&fixture);
				fixture_add(batch, SQL_BROKEN, NULL, NULL);
				fixture_send(&fixture, batch, &done);
				fixture_until(&fixture, &done, 3 + again);
				assert_int_equal(batch->ok, again == 1);
			}
		}
	}
	fixture_run("drop table test.missing");
	fixture_close(&fixture);
}

static void a_lost_connection_is_told_and_replaced(void **state)
{
	struct fixture fixture;
	struct db_batch *who, *lost[3], *after;
	int done = 0;

	(void)state;
	fixture_open(&fixture, &one);
	who = fixture_batch(&fixture);
	fixture_add(who, SQL_BACKEND, NULL, NULL);
	fixture_send(&fixture, who, &done);
	fixture_until(&fixture, &done, 1);
	for (int i = 0; i < 3; i++) {
		lost[i] = fixture_batch(&fixture);
		fixture_add(lost[i], SQL_INSERT, arena_print(fixture.arena, "%d", 1000 + i), "lost");
		fixture_add(lost[i], SQL_SLEEP, "3", NULL);
		fixture_send(&fixture, lost[i], &done);
	}
	fixture_until(&fixture, &(int){1}, 1); // one turn sends them
	fixture_run(arena_print(fixture.arena, "select pg_sleep(0.1), pg_terminate_backend(%s)", cell(who, 0, 0)));
	after = fixture_batch(&fixture);
	fixture_until(&fixture, &done, 4);
	fixture_add(after, SQL_BACKEND, NULL, NULL);
	fixture_send(&fixture, after, &done);
	fixture_until(&fixture, &done, 5);
	for (int i = 0; i < 3; i++) {
		assert_false(lost[i]->ok);
		assert_int_equal(lost[i]->failed, -1);
		assert_int_equal(lost[i]->why.kind, PROBLEM_BUSY);
		assert_true(lost[i]->why.retry_after > 0);
	}
	assert_true(after->ok);
	assert_string_not_equal(cell(after, 0, 0), cell(who, 0, 0));
	assert_string_equal(fixture_text(fixture.arena, "select count(*) from test.thing where name = 'lost'"), "0");
	fixture_close(&fixture);
}

struct heard {
	int anything;
	char payload[16];
};

static void hear(const char *payload, void *argument)
{
	struct heard *heard = argument;

	heard->anything++;
	(void)snprintf(heard->payload, sizeof heard->payload, "%s", payload ? payload : "missed");
}

static void notifications_are_heard_also_after_a_loss(void **state)
{
	struct heard heard = {0};
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, &(struct db_options){.connections = 2, .channel = "test_work", .notified = hear, .argument = &heard});
	fixture_until(&fixture, &heard.anything, 1);
	assert_string_equal(heard.payload, "missed");
	(void)fixture_text(fixture.arena, "select pg_notify('test_work', 'mail')");
	fixture_until(&fixture, &heard.anything, 2);
	assert_string_equal(heard.payload, "mail");
	(void)fixture_text(fixture.arena,
	    "select count(pg_terminate_backend(pid)) from pg_stat_activity where query ilike 'listen%' and pid <> pg_backend_pid()");
	fixture_until(&fixture, &heard.anything, 3);
	assert_string_equal(heard.payload, "missed");
	(void)fixture_text(fixture.arena, "select pg_notify('test_work', 'again')");
	fixture_until(&fixture, &heard.anything, 4);
	assert_string_equal(heard.payload, "again");
	fixture_close(&fixture);
}

static void count(struct db_batch *batch, void *argument)
{
	assert_int_equal(batch->why.kind, PROBLEM_BUSY);
	++*(int *)argument;
}

static void the_queue_is_bounded(void **state)
{
	struct arena *arena = arena_new();
	struct loop *loop = loop_new();
	struct db *db = db_open(loop, &fixture_registry, &(struct db_options){.conninfo = "host=/nowhere", .connections = 1, .max_queued = 4});
	struct fixture fixture = {arena, loop, db};
	int done = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct db_batch *batch = fixture_batch(&fixture);

		fixture_add(batch, SQL_NUMBER, "1", NULL);
		assert_int_equal(db_send(db, batch, count, &done), i < 4);
		assert_int_equal(batch->why.kind, i < 4 ? PROBLEM_NONE : PROBLEM_BUSY);
	}
	fixture_until(&fixture, &done, 4); // they wait for some seconds, not for ever
	assert_false(db_ready(db));
	assert_non_null(db_trouble(db));
	fixture_close(&fixture);
}

static void a_wrong_role_is_said(void **state)
{
	struct fixture fixture;
	int never = 0;

	(void)state;
	fixture_open(&fixture, &(struct db_options){.connections = 1, .role = "nobody_there"});
	for (int i = 0; i < 100 && !db_trouble(fixture.db); i++) {
		(void)loop_after(fixture.loop, 10, (loop_call *)loop_stop, fixture.loop);
		loop_run(fixture.loop);
	}
	assert_int_equal(never, 0);
	assert_false(db_ready(fixture.db));
	assert_non_null(strstr(db_trouble(fixture.db), "nobody_there"));
	fixture_close(&fixture);
}

int batch_tests(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_hundred_in_order),
	    cmocka_unit_test(rows_have_kinds),
	    cmocka_unit_test(settings_hold),
	    cmocka_unit_test(a_failure_stays_in_its_batch),
	    cmocka_unit_test(a_commit_can_fail),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(what_was_broken_works_once_it_is_mended),
	    cmocka_unit_test(a_lost_connection_is_told_and_replaced),
	    cmocka_unit_test(notifications_are_heard_also_after_a_loss),
	    cmocka_unit_test(the_queue_is_bounded),
	    cmocka_unit_test(a_wrong_role_is_said),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
