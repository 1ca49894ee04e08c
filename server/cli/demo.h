// demo.h: the demo platforms, and what a newcomer can click.
#pragma once

#include <stdbool.h>

#include "base/secret.h"

struct arena;
struct database;
struct options;

struct demo {
	const char *token; // an owner's
	const char *meeting_id, *public_url, *organiser_url;
	const char **rsvp_urls; // NULL-terminated
};

// Loads what is missing; harmless when it is there.
bool demo_load(const struct database *database, struct arena *arena, const char **why);
// Links to try, also written to <data>/demo.json. The token is kept beside it, so that it is the same after a restart.
bool demo_links(struct demo *demo, const struct database *database, const struct options *options, const struct secret_key *key,
    struct arena *arena, const char **why);
// Last run's demo.json goes, so that who waits for the file gets this run's.
void demo_forget(const struct options *options, struct arena *arena);
void demo_print(const struct demo *demo, const char *base_url);
