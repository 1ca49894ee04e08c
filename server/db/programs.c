// programs.c: finds initdb and postgres, and starts them with our settings.
#include "db/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/drop.h"

enum { OLDEST = 15, NEWEST = 30 };

// Set on the command line, so that they hold whatever the cluster's files say. The socket's directory is added.
// log: refusals our SQL raises are not the operator's business there, they would be a line a request; narada logs what is broken.
static const char *const settings[] = {
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "port=5432",
    "cluster_name=narada",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
    "log_destination=stderr",
    "log_checkpoints=off",
    "log_min_messages=log",
};

static bool in_directory(struct programs *programs, const struct place *place, const char *directory)
{
	char line[128];
	const char *postgres = arena_print(place->arena, "%s/postgres", directory);
	const char *const argv[] = {postgres, "-V", NULL};
	const char *version;

	if (access(arena_print(place->arena, "%s/initdb", directory), X_OK) != 0 || !process_line(argv, &place->user, line, sizeof line))
		return false;
	version = strstr(line, ") "); // "postgres (PostgreSQL) 15.20 (Debian …)"
	programs->directory = arena_copy(place->arena, directory);
	programs->major = version ? (int)strtol(version + 2, NULL, 10) : 0;
	return programs->major >= OLDEST;
}

static bool in_debian(struct programs *programs, const struct place *place, int major)
{
	return in_directory(programs, place, arena_print(place->arena, "/usr/lib/postgresql/%d/bin", major));
}

static bool in_path(struct programs *programs, const struct place *place)
{
	char *path = arena_copy(place->arena, getenv("PATH")), *rest = NULL, bindir[PATH_MAX];

	for (char *directory = path ? strtok_r(path, ":", &rest) : NULL; directory; directory = strtok_r(NULL, ":", &rest)) {
		const char *const argv[] = {arena_print(place->arena, "%s/pg_config", directory), "--bindir", NULL};

		if (in_directory(programs, place, directory) ||
		    (process_line(argv, &place->user, bindir, sizeof bindir) && in_directory(programs, place, bindir)))
			return true;
	}
	return false;
}

static bool anywhere(struct programs *programs, const struct place *place)
{
	if (place->major && in_debian(programs, place, place->major))
		return true;
	for (int major = OLDEST; major <= NEWEST; major++)
		if (in_debian(programs, place, major))
			return true;
	return in_path(programs, place);
}

bool programs_find(struct programs *programs, const struct place *place)
{
	if (!anywhere(programs, place))
		return place_refuse(place,
		    "PostgreSQL is not installed. Install it (apt-get install postgresql-15), or set NARADA_DATABASE_URL to a database elsewhere.");
	if (place->major && place->major != programs->major)
		return place_refuse(place,
		    "%s was made by PostgreSQL %d, but PostgreSQL %d is installed. Install postgresql-%d again, or move the data with pg_upgrade "
		    "or pg_dump, or set NARADA_DATA to a new directory.",
		    place->directory, place->major, programs->major, place->major);
	return true;
}

// One file, begun anew when it has grown: with these settings it takes years.
static int open_log(const struct place *place)
{
	enum { MAX_LOG = 4 << 20 };
	struct stat status;
	int log = open(place->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (log >= 0 && fstat(log, &status) == 0 && status.st_size > MAX_LOG)
		(void)!ftruncate(log, 0);
	return log;
}

// trust: whoever can open the socket, in a directory that only the cluster's user and root can enter, could read the files as well.
bool programs_initdb(const struct programs *programs, const struct place *place)
{
	const char *const argv[] = {arena_print(place->arena, "%s/initdb", programs->directory), "--pgdata", place->fresh,
	    "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=pl", "--data-checksums",
	    "--auth-local=trust", "--auth-host=reject", "--no-instructions", NULL};
	DROP_FD int log = open_log(place);

	return process_run(argv, &place->user, log) ||
	       place_refuse(place, "The database cluster could not be made: %s (%s)", programs_complaint(place), place->log);
}

// A path within a list of paths that commas separate.
static const char *quoted(struct arena *arena, const char *path)
{
	char *text = arena_alloc(arena, 2 * strlen(path) + 3), *at = text;

	*at++ = '"';
	for (; *path; path++) {
		if (*path == '"')
			*at++ = '"';
		*at++ = *path;
	}
	*at = '"';
	return text;
}

pid_t programs_start_postgres(const struct programs *programs, const struct place *place)
{
	enum { SETTINGS = sizeof settings / sizeof *settings };
	const char *argv[3 + 2 * SETTINGS + 2 + 1];
	DROP_FD int log = open_log(place);
	int count = 0;

	argv[count++] = arena_print(place->arena, "%s/postgres", programs->directory);
	argv[count++] = "-D";
	argv[count++] = place->directory;
	for (int i = 0; i < SETTINGS; i++) {
		argv[count++] = "-c";
		argv[count++] = settings[i];
	}
	argv[count++] = "-c";
	argv[count++] = arena_print(place->arena, "unix_socket_directories=%s", quoted(place->arena, place->socket));
	argv[count] = NULL;
	return process_start(argv, &place->user, log);
}

// A pid may have been given to another program since: a postgres works in its cluster's directory.
static bool works_in(pid_t process, const struct place *place)
{
	char link[32], real[PATH_MAX], where[PATH_MAX];
	ssize_t length;

	(void)snprintf(link, sizeof link, "/proc/%d/cwd", (int)process);
	length = readlink(link, where, sizeof where - 1);
	if (length < 0 || !realpath(place->directory, real))
		return false;
	where[length] = '\0';
	return strcmp(where, real) == 0;
}

// postmaster.pid, by lines: 1 the pid, 5 the socket's directory, 8 whether it is "ready".
static void read_line(struct running *running, int number, const char *line)
{
	if (number == 1)
		running->process = (pid_t)strtol(line, NULL, 10);
	else if (number == 5)
		(void)snprintf(running->socket, sizeof running->socket, "%.127s", line);
	else if (number == 8)
		running->ready = strncmp(line, "ready", 5) == 0;
}

void programs_look(struct running *running, const struct place *place)
{
	char path[PATH_MAX], line[PATH_MAX];

	*running = (struct running){0};
	(void)snprintf(path, sizeof path, "%s/postmaster.pid", place->directory);
	DROP_FILE FILE *file = fopen(path, "re");
	for (int number = 1; file && fgets(line, sizeof line, file); number++) {
		line[strcspn(line, "\n")] = '\0';
		read_line(running, number, line);
	}
	if (running->process > 0 && process_lives(running->process) && works_in(running->process, place))
		return;
	*running = (struct running){0};
}

static void drop_lock(const char *path)
{
	char line[32] = "";
	pid_t process;
	DROP_FILE FILE *file = fopen(path, "re");

	if (!file || !fgets(line, sizeof line, file))
		return;
	process = (pid_t)strtol(line, NULL, 10);
	if (process > 0 && (kill(process, 0) == 0 || errno == EPERM))
		(void)unlink(path);
}

// PostgreSQL sees for itself that a lock with a dead pid is stale. It believes one whose pid is another program's by now, or a zombie's.
void programs_clear(const struct place *place)
{
	drop_lock(arena_print(place->arena, "%s/postmaster.pid", place->directory));
	drop_lock(arena_print(place->arena, "%s/.s.PGSQL.5432.lock", place->socket));
}

const char *programs_complaint(const struct place *place)
{
	DROP_FILE FILE *file = fopen(place->log, "re");
	char line[512], last[512] = "it said nothing.";
	const char *from;

	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, "LOG:  starting PostgreSQL"))
			(void)snprintf(last, sizeof last, "it said nothing.");
		if ((from = strstr(line, "error: ")) || (from = strstr(line, "FATAL:  ")) || (from = strstr(line, "PANIC:  ")))
			(void)snprintf(last, sizeof last, "%s.", strchr(from, ' ') + strspn(strchr(from, ' '), " "));
		if (strstr(line, "No space left on device"))
			(void)snprintf(last, sizeof last, "the disk is full. Free some space and start again.");
	}
	return arena_copy(place->arena, last);
}
