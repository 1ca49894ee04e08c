// migrate.h: brings the schema to what this binary knows. Blocking: for start-up and `narada migrate`.
//
// Room rules: as db.h. Files are numbered 0001_name.sql, embedded in the binary, forward only, each in a transaction of its own
// (unless its first line is `-- no transaction`: such a file holds one statement), under an advisory lock, recorded with a checksum
// (BLAKE2b) in narada.migration. They run as the role in `conninfo`, with search_path `narada, public`; the schema is there already.
#pragma once

#include <stdbool.h>

struct arena;

struct migration {
	int number;
	const char *name; // "0001_schema"
	const char *sql;
};

// Applies what is missing, calling `progress` before each. Refuses (false, *why a sentence saying what to do) a schema newer
// than the binary knows, a changed checksum, a gap. `applied` counts.
bool migrate_up(const char *conninfo, const struct migration *migrations, int count, void (*progress)(const struct migration *),
    int *applied, struct arena *arena, const char **why);
// Only looks: how many are missing; -1 and *why as above.
int migrate_missing(const char *conninfo, const struct migration *migrations, int count, struct arena *arena, const char **why);

// Runs one text of SQL (many statements, one transaction); for `narada demo`. With parameters or answers: session.h.
bool migrate_run(const char *conninfo, const char *sql, struct arena *arena, const char **why);
