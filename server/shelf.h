// shelf.h: files that were made for somebody who is still on the way to fetch them.
//
// Room rules: as serve.h. Of the process: any loop may put and take. A file has no name on the disk; it goes after some minutes, when the
// shelf is full and it is the oldest, or with the process. Only the credential that it was made for finds it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct shelf;

struct shelf_file {
	int descriptor;       // of a file that is whole
	const char *name;     // "2026-11-24 Spotkanie – uczestnicy.xlsx"
	const char *platform; // its slug
	const char *hash;     // of the token or session, NULL: nobody's
};

struct shelf *shelf_new(void);
// The descriptor is the shelf's from now on. Gives the id to ask by (arena).
const char *shelf_put(struct shelf *shelf, const struct shelf_file *file, struct arena *arena);
// Fills `file->descriptor` with one of the caller's own and `file->name` (arena). `platform` and `hash` say who asks. False: there is none.
bool shelf_take(struct shelf *shelf, const char *id, struct shelf_file *file, struct arena *arena);
void shelf_free(struct shelf *shelf);
