// stream_test.c: the streaming lane: pieces, back-pressure, failure in the middle, cancelling.
#include <stdlib.h>
#include <string.h>

#include "base/rows.h"
#include "fixture.h"

enum { ROWS = 200000, A_PIECE = 500 };

struct reader {
	struct fixture *fixture;
	struct db_stream *stream;
	struct problem why;
	long rows, pieces;
	int cancel_at;    // piece, or 0
	int while_paused; // pieces that came although they should not
	int ended;
	bool in_order, pauses, paused;
};

static void go_on(void *argument)
{
	struct reader *reader = argument;

	reader->paused = false;
	db_stream_pause(reader->stream, false);
}

static void take(const struct rows *piece, void *argument)
{
	struct reader *reader = argument;

	reader->while_paused += reader->paused;
	assert_true(piece->count <= A_PIECE);
	assert_int_equal(piece->columns, 3);
	assert_string_equal(piece->column[1].name, "text");
	for (int i = 0; i < piece->count; i++)
		reader->in_order = reader->in_order && atol(piece->value(piece, i, 0)) == ++reader->rows;
	reader->pieces++;
	if (reader->cancel_at == reader->pieces) {
		db_stream_cancel(reader->stream);
		reader->ended++;
	} else if (reader->pauses && reader->pieces % 50 == 0) {
		reader->paused = true;
		db_stream_pause(reader->stream, true);
		(void)loop_after(reader->fixture->loop, 5, go_on, reader);
	}
}

static void end(const struct problem *why, void *argument)
{
	struct reader *reader = argument;

	if (why)
		reader->why = *why;
	reader->ended++;
}

static void open_reader(struct reader *reader, struct fixture *fixture, int rows, int fails_at)
{
	struct db_batch *batch = fixture_batch(fixture);
	struct db_stream_calls calls = {take, end, reader, A_PIECE};

	*reader = (struct reader){.fixture = fixture, .in_order = true};
	fixture_add(batch, SQL_BACKEND, NULL, NULL);
	fixture_add(batch, SQL_ROWS, arena_print(fixture->arena, "%d", rows), arena_print(fixture->arena, "%d", fails_at));
	reader->stream = db_stream_open(fixture->db, batch, &calls, &reader->why);
	assert_non_null(reader->stream);
}

static const struct db_options two_lanes = {.connections = 1, .stream_connections = 2, .statement_timeout_ms = 2000};

static void all_rows_come_in_pieces(void **state)
{
	struct fixture fixture;
	struct reader reader;

	(void)state;
	fixture_open(&fixture, &two_lanes);
	open_reader(&reader, &fixture, ROWS, -1);
	reader.pauses = true;
	fixture_until(&fixture, &reader.ended, 1);
	assert_int_equal(reader.why.kind, PROBLEM_NONE);
	assert_true(reader.in_order);
	assert_int_equal(reader.rows, ROWS);
	assert_int_equal(reader.pieces, ROWS / A_PIECE);
	assert_int_equal(reader.while_paused, 0);
	fixture_close(&fixture);
}

static void no_rows_are_one_empty_piece(void **state)
{
	struct fixture fixture;
	struct reader reader;

	(void)state;
	fixture_open(&fixture, &two_lanes);
	open_reader(&reader, &fixture, 0, -1);
	fixture_until(&fixture, &reader.ended, 1);
	assert_int_equal(reader.pieces, 1);
	assert_int_equal(reader.rows, 0);
	fixture_close(&fixture);
}

static void a_failure_in_the_middle_is_told(void **state)
{
	struct fixture fixture;
	struct reader reader;

	(void)state;
	fixture_open(&fixture, &two_lanes);
	open_reader(&reader, &fixture, ROWS, 1300); // divides by zero there
	fixture_until(&fixture, &reader.ended, 1);
	assert_int_equal(reader.why.kind, PROBLEM_BAD_INPUT);
	assert_int_equal(reader.rows, 1000);    // whole pieces only
	open_reader(&reader, &fixture, 10, -1); // and the lane works still
	fixture_until(&fixture, &reader.ended, 1);
	assert_int_equal(reader.rows, 10);
	fixture_close(&fixture);
}

static void five_share_two_lanes_and_one_leaves(void **state)
{
	struct fixture fixture;
	struct reader reader[5];
	int ended = 0;

	(void)state;
	fixture_open(&fixture, &two_lanes);
	for (int i = 0; i < 5; i++)
		open_reader(&reader[i], &fixture, 20000, -1);
	reader[1].cancel_at = 3;
	db_stream_cancel(reader[4].stream); // while it waits
	for (int i = 0; i < 4; i++, ended++)
		fixture_until(&fixture, &reader[i].ended, 1);
	assert_int_equal(reader[1].rows, 3 * A_PIECE);
	assert_int_equal(reader[4].ended, 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(reader[i].rows, i == 1 ? 3 * A_PIECE : 20000);
	fixture_close(&fixture);
}

static void it_can_only_read(void **state)
{
	struct fixture fixture;
	struct reader reader = {0};
	struct db_batch *batch;
	struct db_stream_calls calls = {take, end, &reader, 0};

	(void)state;
	fixture_open(&fixture, &two_lanes);
	batch = fixture_batch(&fixture);
	fixture_add(batch, SQL_INSERT, "77", "written");
	assert_non_null(db_stream_open(fixture.db, batch, &calls, &reader.why));
	fixture_until(&fixture, &reader.ended, 1);
	assert_int_equal(reader.why.kind, PROBLEM_BROKEN);
	assert_non_null(strstr(batch->report, "read-only"));
	fixture_close(&fixture);
}

static void a_batch_is_not_held_up(void **state)
{
	struct fixture fixture;
	struct reader reader;
	struct db_batch *batch;
	int done = 0;

	(void)state;
	fixture_open(&fixture, &two_lanes);
	open_reader(&reader, &fixture, ROWS, -1);
	batch = fixture_batch(&fixture);
	fixture_add(batch, SQL_NUMBER, "1", NULL);
	fixture_send(&fixture, batch, &done);
	fixture_until(&fixture, &done, 1);
	assert_true(batch->ok);
	assert_int_equal(reader.ended, 0);
	db_stream_cancel(reader.stream);
	fixture_close(&fixture);
}

static void a_lost_lane_is_told(void **state)
{
	struct fixture fixture;
	struct reader reader;

	(void)state;
	fixture_open(&fixture, &two_lanes);
	open_reader(&reader, &fixture, ROWS, -1);
	reader.pauses = true;
	while (!reader.paused) { // some turns, to a pause
		(void)loop_after(fixture.loop, 1, (loop_call *)loop_stop, fixture.loop);
		loop_run(fixture.loop);
	}
	fixture_run("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query like '%row %'");
	fixture_until(&fixture, &reader.ended, 1);
	assert_int_equal(reader.why.kind, PROBLEM_BUSY);
	open_reader(&reader, &fixture, 10, -1);
	fixture_until(&fixture, &reader.ended, 1);
	assert_int_equal(reader.rows, 10);
	fixture_close(&fixture);
}

int stream_tests(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_rows_come_in_pieces),
	    cmocka_unit_test(no_rows_are_one_empty_piece),
	    cmocka_unit_test(a_failure_in_the_middle_is_told),
	    cmocka_unit_test(five_share_two_lanes_and_one_leaves),
	    cmocka_unit_test(it_can_only_read),
	    cmocka_unit_test(a_batch_is_not_held_up),
	    cmocka_unit_test(a_lost_lane_is_told),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
