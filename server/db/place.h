// place.h: where the embedded cluster lives and whose it is.
//
// Private to db/. Texts live in `arena`; *why is a sentence saying what to do.
#pragma once

#include <stdbool.h>

#include "db/process.h"

struct arena;

struct place {
	struct arena *arena;
	const char **why;
	const char *data;      // the data directory, absolute
	const char *directory; // of the cluster: <data>/postgres, or what that links to
	const char *fresh;     // where initdb works before it is renamed to `directory`
	const char *socket;    // directory of the unix socket
	const char *log;       // what initdb and postgres say
	int lock;              // -1, or the open lock file
	int major;             // the existing cluster's major version; 0 if there is no cluster yet
	struct process_user user;
};

// Makes the data directory, takes the starting lock (held until place_started), decides on user and directories.
bool place_find(struct place *place, const char *data_directory, struct arena *arena, const char **why);
void place_started(struct place *place);    // others may start or stop it now; we count as a user
bool place_last_user(int lock);             // nobody else uses it, and nobody can start to until the lock is closed
bool place_make_fresh(struct place *place); // an empty directory for initdb
bool place_settle(struct place *place);     // `fresh` becomes `directory`
bool place_socket(struct place *place);     // makes the socket's directory if it is not the cluster's own
bool place_refuse(const struct place *place, const char *format, ...) __attribute__((format(printf, 2, 3))); // false
