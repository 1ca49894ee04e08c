// serve.c: `narada serve`: database, schema, loops, and then waiting for a signal.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/networks.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/demo.h"
#include "cli/embedded_sql.h"
#include "cli/links.h"
#include "cli/mail.h"
#include "cli/options.h"
#include "mail/mail.h"
#include "represent/page.h"
#include "represent/words.h"
#include "serve.h"
#include "service.h"
#include "version.h"

enum { READY_MS = 20000, DRAIN_SECONDS = 25, LOOK_MS = 20, USUAL_LOOPS = 16, MOST_LOOPS = 256 };

static const char help[] =
    "narada serve: runs the service. Ctrl-C (or SIGTERM) lets open requests end; a second one does not wait.\n\n"
    "  narada serve --demo\n"
    "  narada serve --database-url postgresql://narada@db.example.org/narada --host :: --base-url https://narada.example.org";

struct serving {
	struct options options;
	struct arena *arena;
	struct service_options with;
	struct database database;
	struct service service;
	struct networks proxies;
	int64_t started_ms;
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool start_log(const struct options *options, const char **why)
{
	static const char *const levels[] = {[LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (strcmp(levels[i], options->value[OPTION_LOG_LEVEL]) == 0) {
			log_start((enum log_level)i, options->value[OPTION_LOG_FORMAT]);
			return true;
		}
	}
	*why = "--log-level is debug, info, warning or error.";
	return false;
}

// A number that is worked out when nobody sets it.
static bool number_or(const struct options *options, enum option option, long most, long usual, long *number, const char **why)
{
	*number = usual;
	return options->value[option] == NULL || options_number(options, option, 1, most, number, why);
}

static bool read_numbers(struct serving *serving, const char **why)
{
	const struct options *options = &serving->options;
	long port, loops, connections, write_connections, clients, per_address, timeout, cores = sysconf(_SC_NPROCESSORS_ONLN);
	if (!number_or(options, OPTION_LOOPS, MOST_LOOPS,
	        cores < 1             ? 1
	        : cores > USUAL_LOOPS ? USUAL_LOOPS
	                              : cores,
	        &loops, why) ||
	    // PostgreSQL takes 100 in all.
	    !number_or(options, OPTION_CONNECTIONS, 100, 2, &connections, why) ||
	    !number_or(options, OPTION_WRITE_CONNECTIONS, 100, loops > 4 ? 3 : 12, &write_connections, why) ||
	    !options_number(options, OPTION_PORT, 1, 65535, &port, why) ||
	    !options_number(options, OPTION_MAX_CLIENTS, 1, 1000000, &clients, why) ||
	    !options_number(options, OPTION_MAX_CLIENTS_PER_ADDRESS, 0, 1000000, &per_address, why) ||
	    !options_number(options, OPTION_STATEMENT_TIMEOUT, 100, 600000, &timeout, why))
		return false;
	serving->with =
	    (struct service_options){.host = options->value[OPTION_HOST], .port = options->value[OPTION_PORT], .limits = http_default_limits};
	serving->with.loops = (int)loops;
	serving->with.limits.max_connections = (unsigned)clients;
	serving->with.limits.max_connections_per_ip = (unsigned)per_address;
	serving->with.limits.proxies = &serving->proxies;
	serving->with.database = (struct db_options){.connections = (int)connections,
	    .write_connections = (int)write_connections,
	    .stream_connections = 1,
	    .statement_timeout_ms = (int)timeout};
	return true;
}

// Before the database is woken: a port that is taken is the most usual mistake, and should be told at once.
static bool port_is_free(const struct serving *serving, const char **why)
{
	int listener = http_listen(serving->with.host, serving->with.port, true);
	if (listener < 0) {
		*why = service_cannot_listen(&serving->with, serving->arena);
		return false;
	}
	close(listener);
	return true;
}

static void say_migration(const struct migration *migration)
{
	fprintf(stderr, "Applying %s\n", migration->name);
}

static bool prepare_schema(struct serving *serving, const char **why)
{
	struct arena *arena = serving->arena;
	int applied;
	if (!options_on(&serving->options, OPTION_NO_MIGRATE)) {
		if (!migrate_up(serving->database.owner, embedded_migrations, embedded_migration_count, say_migration, &applied, arena, why))
			return false;
	} else {
		int missing = migrate_missing(serving->database.owner, embedded_migrations, embedded_migration_count, arena, why);
		if (missing > 0)
			*why = arena_print(arena, "The schema lacks %d migrations: run `narada migrate`, or leave out --no-migrate.", missing);
		if (missing != 0)
			return false;
	}
	return !options_on(&serving->options, OPTION_DEMO) || demo_load(&serving->database, arena, why);
}

static bool wait_ready(const struct serving *serving, const char **why)
{
	for (int64_t until = now_ms() + READY_MS; now_ms() < until; usleep(2000)) {
		if (service_ready(&serving->service))
			return true;
	}
	const char *trouble = db_trouble(serving->service.loop[0].db);
	*why = arena_print(serving->arena, "The service can't reach its database: %s", trouble ? trouble : "it does not answer.");
	return false;
}

static bool welcome(struct serving *serving, const char **why)
{
	const struct options *options = &serving->options;
	struct demo demo;
	// Links first, then ready: a script that waits for /readyz finds demo.json.
	if (options_on(options, OPTION_DEMO) && !demo_links(&demo, &serving->database, options, &serving->service.key, serving->arena, why))
		return false;
	printf("\nNarada %s is ready at %s (started in %.1f s).\n\n", NARADA_VERSION, serving->service.base_url,
	    (double)(now_ms() - serving->started_ms) / 1000);
	if (options_on(options, OPTION_DEMO))
		demo_print(&demo, serving->service.base_url);
	printf("  API documentation: %s/docs%s\n\n", serving->service.base_url, isatty(STDIN_FILENO) ? "\n  Ctrl-C stops it." : "");
	fflush(stdout);
	__atomic_store_n(&serving->service.opened, true, __ATOMIC_RELEASE);
	memory_settle();
	return true;
}

static bool start(struct serving *serving, const char **why)
{
	struct arena *arena = serving->arena;
	mail_start();
	if (!start_log(&serving->options, why) || !read_numbers(serving, why) ||
	    !networks_read(&serving->proxies, serving->options.value[OPTION_TRUSTED_PROXIES], arena, why) ||
	    !mail_settings(&serving->with.outbox, &serving->options, arena, why) || !port_is_free(serving, why))
		return false;
	if (!words_start()) {
		*why = "The embedded words can't be read: this binary is broken.";
		return false;
	}
	if (!page_start(arena, why) || !database_open(&serving->database, &serving->options, arena, why) ||
	    !links_key(&serving->service.key, &serving->options, arena, why) || !prepare_schema(serving, why))
		return false;
	serving->with.database.conninfo = serving->database.service;
	serving->with.database.role = serving->database.role;
	serving->service.base_url = links_base_url(&serving->options, arena);
	serving->with.outbox.base_url = serving->service.base_url;
	serving->with.outbox.key = &serving->service.key;
	serving->service.secure = strncmp(serving->service.base_url, "https:", 6) == 0;
	serving->service.access_log = options_on(&serving->options, OPTION_ACCESS_LOG);
	demo_forget(&serving->options, arena);
	return service_start(&serving->service, &serving->with, arena, why) && wait_ready(serving, why) && welcome(serving, why);
}

// The private cluster is our child: if it dies, the loops go on answering 503 while a new one recovers what was committed.
static bool mend_database(struct serving *serving, const char **why)
{
	struct database *database = &serving->database;
	if (!database->embedded || database->cluster.server <= 0 ||
	    waitpid(database->cluster.server, NULL, WNOHANG) != database->cluster.server)
		return true;
	log_event(LOG_ERROR, "database ended", "doing", "%s", "starting it again", NULL);
	cluster_stop(&database->cluster);
	return cluster_start(&database->cluster, serving->options.value[OPTION_DATA], NULL, serving->arena, why);
}

static bool wait_for_end(struct serving *serving, const sigset_t *signals, const char **why)
{
	for (;;) {
		int signal = sigwaitinfo(signals, NULL);
		if (signal == SIGCHLD && !mend_database(serving, why))
			return false;
		if (signal == SIGINT || signal == SIGTERM)
			return true;
	}
}

// Ends when the open requests have ended, or at the second signal.
static void drain(struct serving *serving, const sigset_t *signals)
{
	fputs("\nStopping: open requests end first.\n", stderr);
	service_drain(&serving->service, DRAIN_SECONDS);
	while (service_running(&serving->service) > 0) {
		struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
		int signal = sigtimedwait(signals, NULL, &pause);
		if (signal == SIGINT || signal == SIGTERM) {
			fputs("Stopping at once.\n", stderr);
			database_close(&serving->database);
			_exit(130);
		}
	}
	service_join(&serving->service);
}

int command_serve(struct arena *process, int count, char **arguments)
{
	static struct serving serving;
	const char *why;
	int code;
	serving.started_ms = now_ms();
	if (!command_options(process, &serving.options, FOR_SERVE, help, count, arguments, &code))
		return code;
	serving.arena = serving.options.arena;

	// Blocked before there are threads, so that only this one gets them; the database's process starts with its own mask.
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);

	bool ended_well = start(&serving, &why) && wait_for_end(&serving, &signals, &why);
	code = ended_well ? 0 : command_failed(why);
	if (service_running(&serving.service) > 0)
		drain(&serving, &signals);
	database_close(&serving.database);
	return code;
}
