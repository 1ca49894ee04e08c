// fixture.h: a private cluster for a test program, and a loop with a db on it for each test.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "db/db.h"
#include "loop/loop.h"

struct fixture {
	struct arena *arena;
	struct loop *loop;
	struct db *db;
};

extern const struct db_registry fixture_registry;
enum {
	SQL_NUMBER,
	SQL_INSERT,
	SQL_COUNT,
	SQL_FAIL,
	SQL_SLEEP,
	SQL_BACKEND,
	SQL_BROKEN,
	SQL_ROWS,
	SQL_PARENT,
	SQL_CHILD,
	SQL_SETTINGS,
	SQL_KINDS,
	SQLS
};

const char *fixture_conninfo(void);                                        // as narada_owner
void fixture_run(const char *sql);                                         // on a connection of its own
const char *fixture_text(struct arena *arena, const char *sql);            // the first value of the first row, or NULL
void fixture_open(struct fixture *fixture, const struct db_options *more); // conninfo is filled in
void fixture_close(struct fixture *fixture);
// Runs the loop until *flag, or fails the test after some seconds.
void fixture_until(struct fixture *fixture, const int *counter, int wanted);

struct db_batch *fixture_batch(struct fixture *fixture);
void fixture_add(struct db_batch *batch, int sql, const char *first, const char *second);
// Sends it and counts in *done.
void fixture_send(struct fixture *fixture, struct db_batch *batch, int *done);

int batch_tests(void);
int stream_tests(void);
int migrate_tests(void);
