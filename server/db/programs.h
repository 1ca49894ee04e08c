// programs.h: where PostgreSQL's programs are, and how they are called.
//
// Private to db/.
#pragma once

#include <stdbool.h>

#include "db/place.h"

struct programs {
	const char *directory;
	int major;
};

// The installed PostgreSQL whose version is the cluster's, else any that is new enough. False with a sentence.
bool programs_find(struct programs *programs, const struct place *place);
bool programs_initdb(const struct programs *programs, const struct place *place);
pid_t programs_start_postgres(const struct programs *programs, const struct place *place);

// The pid of the postgres that runs on the place's directory, started by whomever; 0 if none does. `socket`, unless NULL, is told where it
// listens.
pid_t programs_running(const struct place *place, const char **socket);
// What went wrong, out of the log: the last line that says so.
const char *programs_complaint(const struct place *place);
