// database.h: the database that a command works with: the one of --database-url, or the private cluster in the data directory.
#pragma once

#include <stdbool.h>

#include "db/cluster.h"

struct arena;
struct options;
struct rows;
struct session;

struct database {
	struct cluster cluster;
	bool embedded;
	const char *owner;   // conninfo of who migrates
	const char *service; // conninfo of what the daemon runs as
	const char *role;    // that it changes to after connecting, or NULL
};

// Starts the cluster if there is no URL. False: *why is a sentence saying what to do.
bool database_open(struct database *database, const struct options *options, struct arena *arena, const char **why);
void database_close(struct database *database);

// A session as the owner of the schema. NULL and *why if it can't connect.
struct session *database_session(const struct database *database, struct arena *arena, const char **why);
// One statement of cli.sql by its name; the values in the order of their first appearance there.
bool database_ask(struct session *session, const char *statement, const char *const *values, struct rows *rows, const char **why);
