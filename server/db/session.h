// session.h: one blocking connection, for start-up and subcommands. Never on a loop.
//
// Room rules: as db.h. A session lives in its arena and is closed with it. *why is a sentence for the operator, in the same arena.
#pragma once

#include <stdbool.h>

#include "base/rows.h"

struct arena;
struct session;

// UTF-8, UTC, ISO dates, search_path `narada, public`. NULL and *why if it can't connect.
struct session *session_open(const char *conninfo, struct arena *arena, const char **why);
void session_close(struct session *session); // earlier than the arena would; accepts NULL

// Any number of statements without parameters; outside of BEGIN they are one transaction.
bool session_run(struct session *session, const char *sql, const char **why);
// One statement with `count` parameters $1…$n as text (NULL is SQL's NULL). `rows` may be NULL; else it lives as long as the arena.
bool session_ask(struct session *session, const char *sql, int count, const char *const *values, struct rows *rows, const char **why);

// Of the last call that failed: five characters, "" if the server said none.
const char *session_sqlstate(const struct session *session);
