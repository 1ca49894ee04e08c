// demo.c: loads the demo and hands out its links.
#include "cli/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/drop.h"
#include "base/rows.h"
#include "cli/database.h"
#include "cli/embedded_sql.h"
#include "cli/links.h"
#include "cli/options.h"
#include "db/session.h"

static const char platform[] = "goz";
static const char meeting[] = "2019-12-17-miasta-i-gminy-w-obiegu-zamknietym";
static const char owner[] = "biuro@goz.example.org";
static const char organiser[] = "koordynacja@example.org"; // of both platforms

enum { TOKEN_DAYS = 3650, TOKEN_MOST = 100 };

bool demo_load(const struct database *database, struct arena *arena, const char **why)
{
	return migrate_run(database->owner, embedded_demo, arena, why);
}

// Written beside and renamed, so that a reader never sees half of it; for its owner's eyes, since it holds a token.
static bool write_private(const char *path, const char *text, struct arena *arena, const char **why)
{
	const char *fresh = arena_print(arena, "%s.new", path);
	DROP_FD int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t length = strlen(text);
	if (file >= 0 && write(file, text, length) == (ssize_t)length && fsync(file) == 0 && rename(fresh, path) == 0)
		return true;
	*why = arena_print(arena, "%s can't be written: %s.", path, strerror(errno));
	return false;
}

static const char *kept_token(const char *path, struct session *session, struct arena *arena)
{
	DROP_FILE FILE *file = fopen(path, "r");
	char line[TOKEN_MOST];
	if (file == NULL || fgets(line, sizeof line, file) == NULL)
		return NULL;
	const char *token = arena_slice(arena, line, strcspn(line, "\r\n")), *ignored;
	struct rows rows;
	return database_ask(session, "cli_token_works", (const char *[]){secret_hash(arena, token)}, &rows, &ignored) && rows.count > 0 ? token
	                                                                                                                                : NULL;
}

static const char *owner_token(const struct options *options, struct session *session, struct arena *arena, const char **why)
{
	const char *path = arena_print(arena, "%s/demo.token", options->value[OPTION_DATA]);
	const char *token = kept_token(path, session, arena);
	if (token != NULL)
		return token;
	token = links_token(session, "demo", "owner", owner, TOKEN_DAYS, arena, why);
	return token != NULL && write_private(path, arena_print(arena, "%s\n", token), arena, why) ? token : NULL;
}

static bool rsvp_urls(
    struct demo *demo, struct session *session, const struct secret_key *key, const char *base_url, struct arena *arena, const char **why)
{
	struct rows rows;
	if (!database_ask(session, "cli_open_invitations", &demo->meeting_id, &rows, why))
		return false;
	demo->rsvp_urls = arena_alloc(arena, sizeof(char *) * (size_t)(rows.count + 1));
	for (int i = 0; i < rows.count; i++) {
		unsigned version = (unsigned)strtoul(rows_text(&rows, i, "link_version"), NULL, 10);
		demo->rsvp_urls[i] =
		    arena_print(arena, "%s/r/%s/%s", base_url, platform, secret_link(arena, key, platform, rows_text(&rows, i, "id"), version));
	}
	return true;
}

static bool write_json(const struct demo *demo, const struct options *options, const char *base_url, struct arena *arena, const char **why)
{
	json_auto_t *links = json_array();
	for (const char **url = demo->rsvp_urls; *url != NULL; url++)
		json_array_append_new(links, json_string(*url));
	json_auto_t *all = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "base_url", base_url, "token", demo->token, "platform", platform,
	    "meeting_id", demo->meeting_id, "public_url", demo->public_url, "organiser_url", demo->organiser_url, "rsvp_urls", links);
	char *text = json_dumps(all, JSON_INDENT(2));
	bool written = text != NULL && write_private(arena_print(arena, "%s/demo.json", options->value[OPTION_DATA]), text, arena, why);
	free(text);
	return written;
}

bool demo_links(struct demo *demo, const struct database *database, const struct options *options, const struct secret_key *key,
    struct arena *arena, const char **why)
{
	const char *base_url = links_base_url(options, arena), *place = platform, *slug = meeting;
	struct session *session = database_session(database, arena, why);
	struct rows rows;
	if (session == NULL || !database_ask(session, "cli_platform", &place, &rows, why))
		return false;
	if (!database_ask(session, "cli_meeting", &slug, &rows, why))
		return false;
	if (rows.count == 0) {
		*why = "The demo's meeting is not there any more. An empty data directory gets it back: --data DIRECTORY.";
		return false;
	}
	demo->meeting_id = rows_text(&rows, 0, "id");
	demo->public_url = arena_print(arena, "%s/platforms/%s/meetings/%s", base_url, platform, meeting);
	demo->token = owner_token(options, session, arena, why);
	demo->organiser_url = links_sign_in(session, key, base_url, organiser, arena, why);
	bool made = demo->token != NULL && demo->organiser_url != NULL && rsvp_urls(demo, session, key, base_url, arena, why) &&
	            write_json(demo, options, base_url, arena, why);
	session_close(session);
	return made;
}

void demo_forget(const struct options *options, struct arena *arena)
{
	(void)unlink(arena_print(arena, "%s/demo.json", options->value[OPTION_DATA]));
}

void demo_print(const struct demo *demo, const char *base_url)
{
	printf("  The meeting, as everybody sees it\n    %s\n\n", demo->public_url);
	if (demo->rsvp_urls[0] != NULL)
		printf("  An invitation to answer\n    %s\n\n", demo->rsvp_urls[0]);
	printf("  Sign in as its organiser (this link works for a day)\n    %s\n\n", demo->organiser_url);
	printf("  The same as JSON\n    curl -H 'Authorization: Bearer %s' %s/platforms/%s/meetings\n\n", demo->token, base_url, platform);
}
