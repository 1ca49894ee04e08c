// service.h: the threads of the service: one event loop per core with its own listener and database connections.
#pragma once

#include <stdbool.h>

#include "db/db.h"
#include "http/http.h"
#include "work/outbox.h"

struct arena;
struct service;

struct service_options {
	const char *host, *port;
	int loops;
	struct http_limits limits;
	struct db_options database;
	struct outbox_options outbox;
};

// Listens and starts the loops' threads. False: *why is a sentence saying what to do. `service` has its key and base_url.
bool service_start(struct service *service, const struct service_options *options, struct arena *arena, const char **why);
// After http_listen failed: errno as a sentence saying what to do.
const char *service_cannot_listen(const struct service_options *options, struct arena *arena);
bool service_ready(const struct service *service); // every loop has a database connection
// No new connections; open requests end within `seconds`. Returns at once: look at service_running.
void service_drain(struct service *service, int seconds);
int service_running(const struct service *service); // loops that have not ended
void service_join(struct service *service);         // all have: frees what they held
