// links.h: tokens and links that a person at the terminal gets: API tokens, sign-in links, RSVP links.
#pragma once

#include <stdbool.h>

struct arena;
struct options;
struct secret_key;
struct session;

enum { LINKS_SIGN_IN_MINUTES = 24 * 60, LINKS_SESSION_DAYS = 30 };

// The service's key: --secret-file, else <data>/secret.key, made when it is missing.
bool links_key(struct secret_key *key, const struct options *options, struct arena *arena, const char **why);
// Where people reach the service: --base-url, else http://localhost:<port>. No trailing slash.
const char *links_base_url(const struct options *options, struct arena *arena);

// The session must be in the token's platform (cli_platform). `email` may be NULL: a token of no account. NULL and *why if it can't be
// made.
const char *links_token(
    struct session *session, const char *name, const char *role, const char *email, long days, struct arena *arena, const char **why);
// A sign-in link for an account; the session behind it is made now (ARCHITECTURE.md, "The database").
const char *links_sign_in(
    struct session *session, const struct secret_key *key, const char *base_url, const char *email, struct arena *arena, const char **why);
