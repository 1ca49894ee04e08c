// letter.c: what a mail says: web/mail/<kind>.txt and .html, in the recipient's language.
#include "work/letter.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"
#include "base/secret.h"
#include "mail/mail.h"
#include "represent/page.h"
#include "represent/represent.h"
#include "represent/words.h"

enum { REGISTRATION_VERSION = 1 };

static void drop_json(void *value)
{
	json_decref(value);
}

static void add_confirm_url(json_t *seen, const struct represent_links *links, const char *registration, struct arena *arena)
{
	const char *token = secret_registration(arena, links->key, links->platform, registration, REGISTRATION_VERSION);
	json_object_set_new(seen, "confirm_url", json_string(arena_print(arena, "%s/confirm/%s/%s", links->base_url, links->platform, token)));
}

// What waits in the outbox is only half of a sign-in link: the other is our key.
static void add_sign_in_url(json_t *seen, const struct letter_sender *sender, const char *seed, const char *way, struct arena *arena)
{
	const char *token = secret_derive(arena, sender->key, "nl_", seed);
	json_object_set_new(seen, "sign_in_url", json_string(arena_print(arena, "%s/sign-in/%s%s", sender->base_url, token, way)));
}

static const char *platform_member(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(json_object_get(row, "platform"), name));
}

// What the templates see: the row, and what only we can add.
static json_t *context_of(const struct rows *rows, const struct letter_sender *sender, struct arena *arena)
{
	json_t *bare = represent_value(rows, 0, NULL);
	struct represent_links links = {sender->key, sender->base_url, arena_copy(arena, platform_member(bare, "slug"))};
	json_decref(bare);
	json_t *seen = represent_value(rows, 0, &links);
	arena_defer(arena, drop_json, seen);
	const char *registration = rows_text(rows, 0, "registration_id");
	if (registration != NULL && strcmp(rows_text(rows, 0, "kind"), "registration") == 0)
		add_confirm_url(seen, &links, registration, arena);
	const json_t *detail = json_object_get(seen, "detail");
	if (strcmp(rows_text(rows, 0, "kind"), "sign_in") == 0)
		add_sign_in_url(
		    seen, sender, json_string_value(json_object_get(detail, "seed")), json_string_value(json_object_get(detail, "way")), arena);
	const char *person = rows_text(rows, 0, "unsubscribes");
	if (person != NULL) {
		const char *token = secret_unsubscribe(arena, sender->key, links.platform, person);
		json_object_set_new(
		    seen, "unsubscribe_url", json_string(arena_print(arena, "%s/u/%s/%s", sender->base_url, links.platform, token)));
	}
	if (json_object_get(detail, "sample") != NULL) // its links lead nowhere
		json_object_set_new(seen, "rsvp_url", json_string(sender->base_url));
	json_object_set_new(seen, "logo_src", json_string("cid:" MAIL_LOGO));
	json_object_set_new(seen, "base_url", json_string(sender->base_url));
	json_object_set_new(seen, "language", json_string(words_language(rows_text(rows, 0, "language"), platform_member(seen, "language"))));
	return seen;
}

static char *rendered(const char *kind, const char *suffix, json_t *context, struct arena *arena)
{
	struct buffer out;
	buffer_init(&out, arena);
	page_render(
	    &out, arena_print(arena, "mail/%s.%s", kind, suffix), json_string_value(json_object_get(context, "language")), context, arena);
	return out.data;
}

// Parts that are not there leave empty lines behind: one is kept.
static char *without_gaps(char *text)
{
	char *to = text;
	int breaks = 2; // none at the beginning
	for (const char *at = text; *at != '\0'; at++) {
		breaks = *at == '\n' ? breaks + 1 : 0;
		if (breaks <= 2)
			*to++ = *at;
	}
	while (to > text && to[-1] == '\n')
		to--;
	*to = '\0';
	return text;
}

// The first line of the text is the subject.
static void write_text(struct mail_message *message, char *text, struct arena *arena)
{
	text = without_gaps(text);
	size_t line = strcspn(text, "\n");
	message->subject = arena_slice(arena, text, line);
	text += line;
	text += strspn(text, "\n");
	message->text = arena_print(arena, "%s\n", text);
}

// Answers reach us where somebody reads them: at an address that belongs to this invitation alone, else the organiser.
static void add_calendar(struct mail_message *message, const struct rows *calendar, const struct letter_sender *sender, struct arena *arena)
{
	if (calendar->count == 0)
		return;
	const char *reply_to = secret_mailbox_address(arena, sender->key, sender->inbox, SECRET_REPLY, rows_text(calendar, 0, "invitation_id"),
	    (unsigned)strtoul(rows_text(calendar, 0, "link_version"), NULL, 10));
	if (reply_to == NULL && rows_text(calendar, 0, "organiser_email") == NULL)
		reply_to = sender->from->address;
	struct buffer out;
	buffer_init(&out, arena);
	represent_ics_mail(&out, calendar, reply_to, sender->inbox != NULL);
	message->calendar = out.data;
	message->calendar_method = rows_text(calendar, 0, "method");
}

bool letter_write(struct mail_message *message, const struct rows *rows, const struct rows *calendar, const struct letter_sender *sender,
    struct arena *arena)
{
	const char *kind = rows_text(rows, 0, "kind");
	if (!page_exists(arena_print(arena, "mail/%s.txt", kind)) || !page_exists(arena_print(arena, "mail/%s.html", kind)))
		return false;
	json_t *context = context_of(rows, sender, arena);
	const char *name = platform_member(context, "sender_name");
	if (name == NULL)
		name = sender->from->name ? sender->from->name : platform_member(context, "name");
	*message = (struct mail_message){
	    .from = {name, sender->from->address},
	    .to = {rows_text(rows, 0, "to_name"), rows_text(rows, 0, "to_address")},
	    .reply_to = {rows_text(rows, 0, "reply_name"), rows_text(rows, 0, "reply_to")},
	    .message_id = rows_text(rows, 0, "message_id"),
	    .references = rows_text(rows, 0, "follows"),
	    .logo = rows_text(rows, 0, "logo"),
	    .unsubscribe = json_string_value(json_object_get(context, "unsubscribe_url")),
	    .date = time(NULL),
	};
	// What comes back tells by its address which mail it was.
	message->envelope = secret_mailbox_address(arena, sender->key, sender->inbox, SECRET_BOUNCE, rows_text(rows, 0, "id"), 1);
	write_text(message, rendered(kind, "txt", context, arena), arena);
	message->html = rendered(kind, "html", context, arena);
	add_calendar(message, calendar, sender, arena);
	return true;
}
