// links.c: makes tokens and links. Only their hashes reach the database.
#include "cli/links.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/rows.h"
#include "base/secret.h"
#include "cli/database.h"
#include "cli/options.h"

bool links_key(struct secret_key *key, const struct options *options, struct arena *arena, const char **why)
{
	const char *path = options->value[OPTION_SECRET_FILE];
	if (path == NULL)
		path = arena_print(arena, "%s/secret.key", options->value[OPTION_DATA]);
	if (!secret_start()) {
		*why = "The system gives no random numbers: libsodium could not start.";
		return false;
	}
	return secret_key_open(key, path, arena, why);
}

const char *links_base_url(const struct options *options, struct arena *arena)
{
	const char *url = options->value[OPTION_BASE_URL];
	if (url == NULL)
		return arena_print(arena, "http://localhost:%s", options->value[OPTION_PORT]);
	size_t length = strlen(url);
	while (length > 0 && url[length - 1] == '/')
		length--;
	return arena_slice(arena, url, length);
}

const char *links_token(
    struct session *session, const char *name, const char *role, const char *email, long days, struct arena *arena, const char **why)
{
	const char *account = NULL;
	struct rows rows;
	if (email != NULL) {
		if (!database_ask(session, "cli_account", (const char *[]){email}, &rows, why))
			return NULL;
		if (rows.count == 0) {
			*why = arena_print(arena, "There is no account with the address %s.", email);
			return NULL;
		}
		account = rows_text(&rows, 0, "id");
	}
	const char *token = secret_token(arena, "na_");
	const char *values[] = {name, secret_hash(arena, token), account, role, arena_print(arena, "%ld", days)};
	return database_ask(session, "cli_token_create", values, NULL, why) ? token : NULL;
}

const char *links_sign_in(
    struct session *session, const struct secret_key *key, const char *base_url, const char *email, struct arena *arena, const char **why)
{
	const char *link = secret_token(arena, "nl_");
	const char *cookie = secret_derive(arena, key, "ns_", link);
	const char *values[] = {email, secret_hash(arena, link), secret_hash(arena, cookie), arena_print(arena, "%d", LINKS_SIGN_IN_MINUTES),
	    arena_print(arena, "%d", LINKS_SESSION_DAYS)};
	struct rows rows;
	if (!database_ask(session, "cli_sign_in", values, &rows, why))
		return NULL;
	if (rows.count == 0 || rows_text(&rows, 0, "account_id") == NULL) {
		*why = arena_print(arena, "There is no account with the address %s.", email);
		return NULL;
	}
	return arena_print(arena, "%s/sign-in/%s", base_url, link);
}
