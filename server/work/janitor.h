// janitor.h: what is cleaned up by itself, once an hour: sign-in links and sessions that nobody can use any more.
//
// Room rules: uses loop/, db/, base/. Knows nothing of HTTP, operations or pages. A background job is a struct like this one: it belongs
// to one loop, sends its batches on that loop's connections beside the requests, and is asked whether it is idle before the loop ends.
// Several processes on one database may each have one: what it does is the same however often it is done.
#pragma once

#include <stdbool.h>

struct db;
struct db_statement;
struct janitor;
struct loop;

// First runs a minute after the start, so that starting stays quick. `sweep` gives one row with the column `swept`. The loop and the
// database must outlive it.
struct janitor *janitor_new(struct loop *loop, struct db *db, const struct db_statement *sweep);
void janitor_stop(struct janitor *janitor); // no further runs; accepts NULL
bool janitor_idle(const struct janitor *janitor);
void janitor_free(struct janitor *janitor); // must be idle; accepts NULL
