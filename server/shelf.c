// shelf.c: a few files, each under an id that nobody can guess.
#include "shelf.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/secret.h"

enum { FILES = 16, SECONDS = 600 };

struct kept {
	struct arena *arena; // of the texts; NULL: the place is free
	struct shelf_file file;
	const char *id;
	time_t since;
};

struct shelf {
	pthread_mutex_t lock;
	struct kept kept[FILES];
};

struct shelf *shelf_new(void)
{
	struct shelf *shelf = calloc(1, sizeof *shelf);
	if (shelf == NULL)
		abort();
	pthread_mutex_init(&shelf->lock, NULL);
	return shelf;
}

static void drop(struct kept *kept)
{
	if (kept->arena == NULL)
		return;
	close(kept->file.descriptor);
	arena_free(kept->arena);
	*kept = (struct kept){0};
}

static time_t now(void)
{
	struct timespec clock;
	clock_gettime(CLOCK_MONOTONIC, &clock);
	return clock.tv_sec;
}

static void drop_old(struct shelf *shelf)
{
	for (int i = 0; i < FILES; i++)
		if (shelf->kept[i].arena != NULL && now() - shelf->kept[i].since > SECONDS)
			drop(&shelf->kept[i]);
}

// A free place, else that of the oldest.
static struct kept *place(struct shelf *shelf)
{
	struct kept *oldest = &shelf->kept[0];
	for (int i = 0; i < FILES; i++) {
		if (shelf->kept[i].arena == NULL)
			return &shelf->kept[i];
		if (shelf->kept[i].since < oldest->since)
			oldest = &shelf->kept[i];
	}
	drop(oldest);
	return oldest;
}

const char *shelf_put(struct shelf *shelf, const struct shelf_file *file, struct arena *arena)
{
	struct arena *own = arena_new();
	struct kept kept = {.arena = own, .id = secret_token(own, ""), .since = now()};
	kept.file =
	    (struct shelf_file){file->descriptor, arena_copy(own, file->name), arena_copy(own, file->platform), arena_copy(own, file->hash)};
	const char *id = arena_copy(arena, kept.id);
	pthread_mutex_lock(&shelf->lock);
	drop_old(shelf);
	*place(shelf) = kept;
	pthread_mutex_unlock(&shelf->lock);
	return id;
}

static bool same(const char *one, const char *other)
{
	return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

bool shelf_take(struct shelf *shelf, const char *id, struct shelf_file *file, struct arena *arena)
{
	bool found = false;
	pthread_mutex_lock(&shelf->lock);
	drop_old(shelf);
	for (int i = 0; i < FILES && !found; i++) {
		const struct kept *kept = &shelf->kept[i];
		if (kept->arena == NULL || strcmp(kept->id, id) != 0 || !same(kept->file.platform, file->platform) ||
		    !same(kept->file.hash, file->hash))
			continue;
		file->descriptor = fcntl(kept->file.descriptor, F_DUPFD_CLOEXEC, 0);
		file->name = arena_copy(arena, kept->file.name);
		found = file->descriptor >= 0;
	}
	pthread_mutex_unlock(&shelf->lock);
	return found;
}

void shelf_free(struct shelf *shelf)
{
	if (shelf == NULL)
		return;
	for (int i = 0; i < FILES; i++)
		drop(&shelf->kept[i]);
	pthread_mutex_destroy(&shelf->lock);
	free(shelf);
}
