// commands.c: what the small subcommands share, and the two smallest: migrate and demo.
#include "cli/commands.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/secret.h"
#include "cli/database.h"
#include "cli/demo.h"
#include "cli/embedded_sql.h"
#include "cli/links.h"
#include "cli/options.h"

int command_failed(const char *why)
{
	fprintf(stderr, "narada: %s\n", why);
	return 1;
}

bool command_options(
    struct arena *process, struct options *options, unsigned command, const char *help, int count, char **arguments, int *code)
{
	const char *why;
	if (!options_read(options, command, count, arguments, process, &why)) {
		command_failed(why);
		*code = 2;
		return false;
	}
	if (options->help) {
		puts(help);
		options_help(command);
		*code = 0;
		return false;
	}
	return true;
}

static void say(const struct migration *migration)
{
	printf("Applying %s\n", migration->name);
}

static bool migrate(const struct options *options, struct database *database, const char **why)
{
	int applied;
	if (!database_open(database, options, options->arena, why))
		return false;
	if (!migrate_up(database->owner, embedded_migrations, embedded_migration_count, say, &applied, options->arena, why))
		return false;
	printf(applied ? "%d migrations applied.\n" : "Nothing to do: the schema is up to date.\n", applied);
	return true;
}

int command_migrate(struct arena *process, int count, char **arguments)
{
	struct options options;
	struct database database = {0};
	const char *why;
	int code;
	if (!command_options(process, &options, FOR_MIGRATE, "narada migrate: brings the database's schema to what this program knows.", count,
	        arguments, &code))
		return code;
	code = migrate(&options, &database, &why) ? 0 : command_failed(why);
	database_close(&database);
	return code;
}

static bool demo(const struct options *options, struct database *database, const char **why)
{
	struct secret_key key;
	struct demo made;
	int applied;
	if (!links_key(&key, options, options->arena, why) || !database_open(database, options, options->arena, why) ||
	    !migrate_up(database->owner, embedded_migrations, embedded_migration_count, say, &applied, options->arena, why) ||
	    !demo_load(database, options->arena, why) || !demo_links(&made, database, options, &key, options->arena, why))
		return false;
	demo_print(&made, links_base_url(options, options->arena));
	return true;
}

int command_demo(struct arena *process, int count, char **arguments)
{
	struct options options;
	struct database database = {0};
	const char *why;
	int code;
	if (!command_options(process, &options, FOR_DEMO,
	        "narada demo: loads two platforms to try things with, unless they are there, and prints their links.", count, arguments, &code))
		return code;
	code = demo(&options, &database, &why) ? 0 : command_failed(why);
	database_close(&database);
	return code;
}
