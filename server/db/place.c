// place.c: finds a directory that the cluster's user can reach, and sees to it that only that user can.
#include "db/place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/drop.h"
#include "base/secret.h"

enum {
	MAX_SOCKET_DIRECTORY = 107 - (int)sizeof "/.s.PGSQL.5432" + 1, // what sockaddr_un has room for
	NEEDED_MB = 120,                                               // a fresh cluster and its first log segments
	STARTING = 0,                                                  // bytes of the lock file
	USING = 1,
};

// Where clusters of a root go whose data directory the unprivileged user can't reach, as in /root.
static const char elsewhere[] = "/var/lib/narada";

bool place_refuse(const struct place *place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	*place->why = arena_vprint(place->arena, format, arguments);
	va_end(arguments);
	return false;
}

static bool refuse_path(const struct place *place, const char *what, const char *path)
{
	if (errno == ENOSPC)
		return place_refuse(place, "The disk that holds %s is full. Free some space and start again.", path);
	return place_refuse(place, "%s %s: %s. Give narada a directory it may write to (NARADA_DATA).", what, path, strerror(errno));
}

static bool make_directories(const struct place *place, const char *path, mode_t mode)
{
	char *copy = arena_copy(place->arena, path);

	for (char *slash = copy + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(copy, 0755);
		*slash = '/';
	}
	return mkdir(path, mode) == 0 || errno == EEXIST || refuse_path(place, "Can't make the data directory", path);
}

static bool absolute(struct place *place, const char *path)
{
	char full[PATH_MAX];

	if (!realpath(path, full))
		return refuse_path(place, "Can't find the data directory", path);
	place->data = arena_copy(place->arena, full);
	return true;
}

static bool lock_byte(int lock, int byte, short type, bool wait)
{
	struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	return fcntl(lock, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range) == 0;
}

static bool take_lock(struct place *place)
{
	const char *path = arena_print(place->arena, "%s/postgres.lock", place->data);

	place->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return (place->lock >= 0 && lock_byte(place->lock, STARTING, F_WRLCK, true) && lock_byte(place->lock, USING, F_RDLCK, true)) ||
	       refuse_path(place, "Can't lock", path);
}

void place_started(struct place *place)
{
	(void)lock_byte(place->lock, STARTING, F_UNLCK, false);
}

bool place_last_user(int lock)
{
	return lock_byte(lock, STARTING, F_WRLCK, true) && lock_byte(lock, USING, F_WRLCK, false);
}

// An existing cluster stays with its owner; a new one of root's goes to `postgres`, or else to `nobody`.
static bool choose_user(struct place *place)
{
	struct stat status;
	bool exists = stat(place->directory, &status) == 0;
	const struct passwd *user;

	place->user = (struct process_user){.change = geteuid() == 0, .user = geteuid(), .group = getegid()};
	if (exists && status.st_uid != geteuid() && !place->user.change)
		return place_refuse(place,
		    "%s belongs to another user. Start narada as that user or as root, or set NARADA_DATA to another directory.", place->directory);
	if (!place->user.change)
		return true;
	user = exists && status.st_uid ? getpwuid(status.st_uid) : getpwnam("postgres");
	if (!user)
		user = getpwnam("nobody");
	if (!user || !user->pw_uid)
		return place_refuse(
		    place, "PostgreSQL never runs as root, and there is neither a user postgres nor nobody. Make one: useradd -r postgres.");
	place->user.user = user->pw_uid;
	place->user.group = user->pw_gid;
	place->user.name = arena_copy(place->arena, user->pw_name);
	return true;
}

// Our own data directory may be opened to the user's group; those above it are not ours to change.
static bool is_reachable(const struct place *place, const char *directory)
{
	if (process_can_reach(&place->user, directory))
		return true;
	return strcmp(directory, place->data) == 0 && chown(directory, (uid_t)-1, place->user.group) == 0 && chmod(directory, 0710) == 0 &&
	       process_can_reach(&place->user, directory);
}

static const char *parent(const struct place *place, const char *path)
{
	return arena_slice(place->arena, path, (size_t)(strrchr(path, '/') - path));
}

// The cluster goes to another place with a link to it in the data directory: the alternatives are opening /root to everybody or
// a mount, which a container may not make. The name is by chance, so that a data directory made anew never finds an old cluster.
static bool go_elsewhere(struct place *place)
{
	char *home = arena_print(place->arena, "%s/cluster-XXXXXX", elsewhere);

	if (!make_directories(place, elsewhere, 0755))
		return false;
	if (!mkdtemp(home) || chown(home, (uid_t)-1, place->user.group) != 0 || chmod(home, 0710) != 0)
		return refuse_path(place, "Can't make", home);
	home = arena_print(place->arena, "%s/postgres", home);
	if (symlink(home, place->directory) != 0)
		return refuse_path(place, "Can't make", place->directory);
	place->directory = home;
	return true;
}

// <data>/postgres as it is, or what it links to (which a killed initdb may have left missing).
static bool resolve(struct place *place)
{
	char target[PATH_MAX];
	ssize_t length;

	place->directory = arena_print(place->arena, "%s/postgres", place->data);
	length = readlink(place->directory, target, sizeof target);
	if (length > 0 && length < (ssize_t)sizeof target) {
		place->directory = arena_slice(place->arena, target, (size_t)length);
		return place->directory[0] == '/' || place_refuse(place, "%s/postgres must link to an absolute path.", place->data);
	}
	return true;
}

static bool read_version(struct place *place)
{
	const char *path = arena_print(place->arena, "%s/PG_VERSION", place->directory);
	DROP_FILE FILE *file = fopen(path, "re");
	char line[16] = "";

	if (!file) {
		// rmdir tells an empty directory, which initdb may replace, from one that holds something else.
		if (errno != ENOENT || (rmdir(place->directory) != 0 && errno != ENOENT))
			return refuse_path(place, "There is no PostgreSQL cluster in", place->directory);
		return true;
	}
	place->major = fgets(line, sizeof line, file) ? (int)strtol(line, NULL, 10) : 0;
	return place->major > 0 || place_refuse(place, "%s can't be read: it does not hold a version. Restore it from a backup.", path);
}

static bool reach(struct place *place)
{
	if (is_reachable(place, parent(place, place->directory)))
		return true;
	if (!place->major && strcmp(parent(place, place->directory), place->data) == 0)
		return go_elsewhere(place);
	return place_refuse(place,
	    "PostgreSQL runs as the user %s, who can't reach %s: a directory above it is closed to that user. "
	    "Move the data to where it can (say /var/lib/narada) and set NARADA_DATA to that.",
	    place->user.name ? place->user.name : "that started narada", place->directory);
}

bool place_find(struct place *place, const char *data_directory, struct arena *arena, const char **why)
{
	*place = (struct place){.arena = arena, .why = why, .lock = -1};
	if (!make_directories(place, data_directory, 0700) || !absolute(place, data_directory) || !take_lock(place) || !resolve(place) ||
	    !choose_user(place) || !read_version(place) || !reach(place))
		return false;
	place->fresh = arena_print(arena, "%s.new", place->directory);
	place->log = arena_print(arena, "%s/postgres.log", place->data);
	return true;
}

static int drop_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

bool place_make_fresh(struct place *place)
{
	struct statvfs disk;
	const char *home = parent(place, place->directory);

	if (statvfs(home, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize < (uint64_t)NEEDED_MB << 20)
		return place_refuse(place, "The disk that holds %s has less than %d MB left. Free some space, or set NARADA_DATA to another disk.",
		    home, NEEDED_MB);
	(void)nftw(place->fresh, drop_entry, 16, FTW_DEPTH | FTW_PHYS); // what a killed initdb left
	if (mkdir(place->fresh, 0700) != 0 || (place->user.change && chown(place->fresh, place->user.user, place->user.group) != 0))
		return refuse_path(place, "Can't make", place->fresh);
	return true;
}

bool place_settle(struct place *place)
{
	return rename(place->fresh, place->directory) == 0 || refuse_path(place, "Can't make", place->directory);
}

// In the cluster's own directory, which is 0700. A path too long for a socket's address goes to a short one, named after the long one
// so that it is found again; in a directory that all may write to, its owner and mode are what make it ours.
bool place_socket(struct place *place)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct stat status;
	mode_t mode = S_IFDIR | 0700;

	if (strlen(place->directory) <= MAX_SOCKET_DIRECTORY) {
		place->socket = place->directory;
		return true;
	}
	if (place->user.change || !runtime || strlen(runtime) > 40 || access(runtime, W_OK) != 0)
		runtime = "/tmp";
	place->socket =
	    arena_print(place->arena, "%s/narada-%.16s", runtime, secret_digest(place->arena, place->directory, strlen(place->directory)));
	if (mkdir(place->socket, 0700) == 0 && place->user.change && chown(place->socket, place->user.user, place->user.group) != 0)
		return refuse_path(place, "Can't make", place->socket);
	if (lstat(place->socket, &status) != 0 || status.st_uid != place->user.user || status.st_mode != mode)
		return place_refuse(place,
		    "%s, where the database's socket goes, belongs to somebody else. Remove it, or set NARADA_DATA to a shorter path.",
		    place->socket);
	return true;
}
