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

struct running {
	pid_t process; // 0: none
	bool ready;    // takes connections
	char socket[128];
};

// Which postgres runs on the place's directory, started by whomever. Polled while waiting: cheaper than connecting, and not logged.
void programs_look(struct running *running, const struct place *place);
// When none runs: removes what would keep another from starting.
void programs_clear(const struct place *place);
// What went wrong, out of what was logged since the last program was started.
const char *programs_complaint(const struct place *place);
