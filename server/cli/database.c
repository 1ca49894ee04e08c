// database.c: finds the database, or starts the private one.
#include "cli/database.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/rows.h"
#include "cli/options.h"
#include "contract/contract.h"
#include "db/db.h"
#include "db/session.h"

static void say(const char *step)
{
	fprintf(stderr, "%s\n", step);
}

static bool make_directory(const char *path, struct arena *arena, const char **why)
{
	char *at = arena_copy(arena, path);
	for (char *slash = strchr(at + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(at, 0755); // what is wrong shows at the last one
		*slash = '/';
	}
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return true;
	*why = arena_print(
	    arena, "The data directory %s can't be made: %s. Choose another: --data DIRECTORY or NARADA_DATA.", path, strerror(errno));
	return false;
}

bool database_open(struct database *database, const struct options *options, struct arena *arena, const char **why)
{
	const char *url = options->value[OPTION_DATABASE_URL], *data = options->value[OPTION_DATA];
	*database = (struct database){.embedded = url == NULL, .cluster.lock = -1};
	if (!make_directory(data, arena, why))
		return false;
	if (url != NULL) {
		database->owner = database->service = url;
		database->role = "narada_service";
		return true;
	}
	if (!cluster_start(&database->cluster, data, say, arena, why))
		return false;
	database->owner = database->cluster.conninfo;
	database->service = database->cluster.service_conninfo;
	return true;
}

void database_close(struct database *database)
{
	if (database->embedded)
		cluster_stop(&database->cluster);
	database->embedded = false;
}

struct session *database_session(const struct database *database, struct arena *arena, const char **why)
{
	struct session *session = session_open(database->owner, arena, why);
	if (session != NULL && session_run(session, contract_statement("cli_become_owner")->sql, why))
		return session;
	session_close(session);
	return NULL;
}

bool database_ask(struct session *session, const char *name, const char *const *values, struct rows *rows, const char **why)
{
	const struct db_statement *statement = contract_statement(name);
	assert(statement != NULL);
	return session_ask(session, statement->sql, statement->parameters, values, rows, why);
}
