// cluster.h: the embedded default: a private PostgreSQL cluster in the data directory.
//
// Room rules: as db.h. Unix socket only, in the data directory; never as root (root starts it as `user`); UTF-8, ICU,
// checksums, fsync and synchronous_commit on. A cluster that was killed recovers at the next start.
#pragma once

#include <stdbool.h>

struct arena;

struct cluster {
	const char *directory;        // <data>/postgres
	const char *socket;           // directory of the unix socket
	const char *conninfo;         // as narada_owner
	const char *service_conninfo; // as narada_service
	int server;                   // pid of postgres: our child, or one that a killed server left running
	bool fresh;                   // initdb was run
	int lock;                     // held while we use the cluster, so that the last user stops it
};

// Starts it (initdb first if need be), waiting until it takes connections; creates database `narada` and roles narada_owner and
// narada_service. False: *why is a sentence saying what to do (other major version, no postgres binaries, no unprivileged user, path too
// long for a socket, …).
bool cluster_start(
    struct cluster *cluster, const char *data_directory, void (*progress)(const char *step), struct arena *arena, const char **why);
bool cluster_lives(const struct cluster *cluster); // its postgres is there still; collects it when it was our child and is not
// Fast shutdown, waits; leaves it running if another narada (`narada token` beside `narada serve`) uses it still. Harmless when start
// failed.
void cluster_stop(struct cluster *cluster);
