// token.c: `narada token`: the first way in, before there is anybody who could make a token in the console.
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "base/secret.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/links.h"
#include "cli/options.h"
#include "db/session.h"

static const char help[] = "narada token: makes an API token of a platform, or a sign-in link for an account, and prints it once.\n\n"
                           "  narada token --platform goz --role viewer --name \"web site\"\n"
                           "  narada token --sign-in --email biuro@goz.example.org";

static const char *sign_in(const struct options *options, struct session *session, const char **why)
{
	struct secret_key key;
	const char *email = options->value[OPTION_EMAIL];
	if (email == NULL) {
		*why = "A sign-in link is for an account: add --email ADDRESS.";
		return NULL;
	}
	if (!links_key(&key, options, options->arena, why))
		return NULL;
	return links_sign_in(session, &key, links_base_url(options, options->arena), email, options->arena, why);
}

static const char *api_token(const struct options *options, struct session *session, const char **why)
{
	static const char *const roles[] = {"owner", "organiser", "assistant", "viewer"};
	const char *role = options->value[OPTION_ROLE], *platform = options->value[OPTION_PLATFORM];
	bool known = false;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		known = known || strcmp(roles[i], role) == 0;
	long days;
	struct rows rows;
	if (!known)
		*why = "--role is owner, organiser, assistant or viewer.";
	else if (platform == NULL)
		*why = "A token belongs to a platform: add --platform SLUG.";
	if (!known || platform == NULL || !options_number(options, OPTION_DAYS, 1, 36500, &days, why) || !secret_start() ||
	    !database_ask(session, "cli_platform", &platform, &rows, why))
		return NULL;
	if (rows.count == 0) {
		*why = arena_print(options->arena, "There is no platform %s.", platform);
		return NULL;
	}
	return links_token(session, options->value[OPTION_NAME], role, options->value[OPTION_EMAIL], days, options->arena, why);
}

static const char *make(const struct options *options, struct database *database, const char **why)
{
	if (!database_open(database, options, options->arena, why))
		return NULL;
	struct session *session = database_session(database, options->arena, why);
	if (session == NULL)
		return NULL;
	const char *made = options_on(options, OPTION_SIGN_IN) ? sign_in(options, session, why) : api_token(options, session, why);
	session_close(session);
	return made;
}

int command_token(struct arena *process, int count, char **arguments)
{
	struct options options;
	struct database database = {0};
	const char *why;
	int code;
	if (!command_options(process, &options, FOR_TOKEN, help, count, arguments, &code))
		return code;
	const char *made = make(&options, &database, &why);
	if (made != NULL)
		puts(made); // alone, so that a script can take it
	code = made ? 0 : command_failed(why);
	database_close(&database);
	return code;
}
