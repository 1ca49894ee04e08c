// service.c: starts a loop per core, and lets them finish what they have when the service stops.
#include "service.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"
#include "loop/loop.h"
#include "loop/pool.h"
#include "serve.h"
#include "shelf.h"
#include "work/importer.h"
#include "work/janitor.h"
#include "work/outbox.h"

enum { LOOK_AGAIN_MS = 20, WATCH_MS = 1000, POOL_THREADS = 2, POOL_WAITING = 64 };

static void *run(void *argument)
{
	struct serve_loop *loop = argument;
	loop_run(loop->loop);
	log_thread_done();
	__atomic_fetch_sub(&loop->service->running, 1, __ATOMIC_RELEASE);
	return NULL;
}

const char *service_cannot_listen(const struct service_options *options, struct arena *arena)
{
	if (errno == EADDRINUSE)
		return arena_print(arena,
		    "Port %s is in use by another program (or another narada). Stop it, or choose another port: NARADA_PORT=8081 or --port 8081.",
		    options->port);
	if (errno == EACCES)
		return arena_print(arena, "Port %s needs more rights than this user has. Choose one above 1023, e.g. --port 8080.", options->port);
	return arena_print(arena, "Cannot listen on %s port %s: %s.", options->host, options->port, strerror(errno));
}

// Requests say no more than 503: when it began, why, and when it was over is one line each.
static void watch_database(void *argument)
{
	struct serve_loop *loop = argument;
	const char *trouble = db_trouble(loop->db);
	bool away = !db_ready(loop->db);
	if (away && !loop->database_away)
		log_event(LOG_ERROR, "database away", "said", "%s", trouble ? trouble : "-", NULL);
	else if (!away && loop->database_away)
		log_event(LOG_INFO, "database back", NULL);
	loop->database_away = away;
	loop_after(loop->loop, WATCH_MS, watch_database, loop);
}

// Somebody queued something to be done in the background; NULL: perhaps.
static void notified(const char *payload, void *argument)
{
	static const char at_door[] = "check_in ";
	struct serve_loop *loop = argument;
	if (loop->outbox != NULL && (payload == NULL || strcmp(payload, "outbox") == 0))
		outbox_wake(loop->outbox);
	if (loop->importer != NULL && (payload == NULL || strcmp(payload, "imports") == 0))
		importer_wake(loop->importer);
	if (payload == NULL || strncmp(payload, at_door, strlen(at_door)) == 0)
		events_tell(loop->service, payload ? payload + strlen(at_door) : NULL);
}

static bool start_jobs(struct serve_loop *loop, const struct service_options *options)
{
	const struct outbox_statements statements = {
	    .take = contract_statement("outbox_take"),
	    .enter = contract_statement("outbox_enter"),
	    .start = contract_statement("outbox_start"),
	    .letter = contract_statement("outbox_letter"),
	    .calendar = contract_statement("outbox_calendar"),
	    .finish = contract_statement("outbox_finish"),
	    .put_off = contract_statement("outbox_put_off"),
	};
	loop->janitor = janitor_new(loop->loop, loop->db, contract_statement("sweep"));
	loop->outbox = outbox_new(loop->loop, loop->db, &options->outbox, &statements);
	const struct importer_statements importing = {
	    .step = contract_statement("importer_step"),
	    .enter = contract_statement("importer_enter"),
	    .reread = contract_statement("importer_reread"),
	};
	loop->importer = importer_new(loop->loop, loop->db, &importing);
	loop_after(loop->loop, WATCH_MS, watch_database, loop);
	return loop->outbox != NULL;
}

static bool loop_start(struct serve_loop *loop, const struct service_options *options, bool first, struct arena *arena, const char **why)
{
	static const struct http_calls calls = {.handle = serve_request, .refuse = serve_refused, .sent = serve_sent, .room = serve_room};
	int listener = http_listen(options->host, options->port, first);
	if (listener < 0) {
		*why = service_cannot_listen(options, arena);
		return false;
	}
	loop->loop = loop_new();
	if (loop->loop == NULL) {
		*why = "The kernel gives no epoll descriptor: raise the limit of open files.";
		return false;
	}
	metrics_init(&loop->metrics);
	loop->pages = page_cache_new();
	loop->events = events_new(loop->loop);
	limits_open(loop);
	struct http_calls own = calls;
	own.argument = loop;
	struct db_options database = options->database;
	if (first) {
		database.channel = "narada_work";
		database.notified = notified;
		database.argument = loop;
	}
	loop->db = db_open(loop->loop, &contract_registry, &database);
	loop->server = http_server_new(loop->loop, listener, &options->limits, &own);
	if (loop->db == NULL || loop->server == NULL) {
		*why = "An event loop could not start: is the limit of open files (ulimit -n) very low?";
		return false;
	}
	if (first && !start_jobs(loop, options)) {
		*why = "No thread for sending mails could be started.";
		return false;
	}
	return true;
}

bool service_start(struct service *service, const struct service_options *options, struct arena *arena, const char **why)
{
	service->enter = contract_statement("enter");
	service->enter_invitation = contract_statement("enter_invitation");
	service->enter_registration = contract_statement("enter_registration");
	service->audit = contract_statement("audit");
	service->started_at = time(NULL);
	service->mails = options->outbox.mail.smtp_url != NULL;
	service->pool = pool_new(POOL_THREADS, POOL_WAITING);
	service->shelf = shelf_new();
	service->loops = options->loops;
	service->loop = calloc((size_t)options->loops, sizeof *service->loop);
	if (service->loop == NULL)
		abort();
	for (int i = 0; i < options->loops; i++) {
		service->loop[i].service = service;
		if (!loop_start(&service->loop[i], options, i == 0, arena, why))
			return false;
	}
	for (int i = 0; i < options->loops; i++) {
		__atomic_fetch_add(&service->running, 1, __ATOMIC_RELAXED);
		if (pthread_create(&service->loop[i].thread, NULL, run, &service->loop[i]) != 0)
			abort(); // no thread at start: nothing to serve with
	}
	return true;
}

bool service_ready(const struct service *service)
{
	for (int i = 0; i < service->loops; i++) {
		if (!db_ready(service->loop[i].db))
			return false;
	}
	return true;
}

static void end_when_idle(void *argument)
{
	struct serve_loop *loop = argument;
	bool idle = http_server_in_flight(loop->server) == 0 && loop->exports == 0 && janitor_idle(loop->janitor) &&
	            outbox_idle(loop->outbox) && importer_idle(loop->importer);
	if (idle || loop_now(loop->loop) >= loop->drain_until)
		loop_stop(loop->loop);
	else
		loop_after(loop->loop, LOOK_AGAIN_MS, end_when_idle, loop);
}

static void begin_drain(void *argument)
{
	struct serve_loop *loop = argument;
	loop->drain_until = loop_now(loop->loop) + loop->drain_ms;
	http_server_quiesce(loop->server);
	events_end(loop->events);
	janitor_stop(loop->janitor);
	outbox_stop(loop->outbox);
	importer_stop(loop->importer);
	end_when_idle(loop);
}

void service_drain(struct service *service, int seconds)
{
	__atomic_store_n(&service->stopping, true, __ATOMIC_RELAXED);
	for (int i = 0; i < service->loops; i++) {
		service->loop[i].drain_ms = (int64_t)seconds * 1000;
		loop_post(service->loop[i].loop, begin_drain, &service->loop[i]);
	}
}

int service_running(const struct service *service)
{
	return __atomic_load_n(&service->running, __ATOMIC_ACQUIRE);
}

void service_join(struct service *service)
{
	bool cut_off = false;
	for (int i = 0; i < service->loops; i++) {
		struct serve_loop *loop = &service->loop[i];
		pthread_join(loop->thread, NULL);
		if (http_server_in_flight(loop->server) > 0 || loop->exports > 0 || !janitor_idle(loop->janitor) || !outbox_idle(loop->outbox) ||
		    !importer_idle(loop->importer)) { // out of time: the process ends, and the database undoes what is open
			log_event(LOG_WARNING, "requests cut off", "count", "%u", http_server_in_flight(loop->server), NULL);
			cut_off = true;
			continue;
		}
		janitor_free(loop->janitor);
		http_server_free(loop->server);
		outbox_free(loop->outbox);
		importer_free(loop->importer);
		db_close(loop->db);
		loop_free(loop->loop);
		metrics_done(&loop->metrics);
		page_cache_free(loop->pages);
		events_free(loop->events);
		limits_close(loop);
	}
	if (!cut_off)
		shelf_free(service->shelf);
	if (!cut_off)
		pool_free(service->pool); // else a thread may still be at work for a request that nobody waits for
	free(service->loop);
	service->loop = NULL;
	service->loops = 0;
}
