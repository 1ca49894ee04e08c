// incoming_facts.c: what a mail is, as one JSON object for the database.
#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"
#include "mail/incoming.h"
#include "mail/mail.h"

enum { MOST_KEPT = 256 * 1024 };

static void set(json_t *object, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_new(object, name, json_string(value));
}

// However its domain is written, it is the same address: calendars answer in ASCII what was invited as people type it.
static void set_forms(json_t *object, const char *name, const char *address, struct arena *arena)
{
	if (address == NULL)
		return;
	const char *forms[] = {address, mail_address_wire(arena, address), mail_address_shown(arena, address)};
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (forms[i] != NULL)
			json_array_append_new(list, json_string(forms[i]));
	}
	json_object_set_new(object, name, list);
}

static json_t *event_facts(const struct incoming_event *event)
{
	const struct {
		const char *name, *value;
	} members[] = {{"uid", event->uid}, {"recurrence_id", event->recurrence_id}, {"dtstamp", event->dtstamp}, {"attendee", event->attendee},
	    {"partstat", event->partstat}, {"delegate", event->delegate}, {"delegate_name", event->delegate_name}, {"comment", event->comment},
	    {"starts_at", event->starts_at}, {"ends_at", event->ends_at}, {"proposed", event->proposed}};
	json_t *facts = json_object();
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		set(facts, members[i].name, members[i].value);
	json_object_set_new(facts, "sequence", json_integer(event->sequence));
	return facts;
}

static json_t *bounce_facts(const struct incoming_bounce *bounce)
{
	json_t *facts = json_object();
	set(facts, "action", bounce->action);
	set(facts, "status", bounce->status);
	set(facts, "diagnostic", bounce->diagnostic);
	set(facts, "recipient", bounce->recipient);
	return facts;
}

char *incoming_facts(const struct incoming *incoming, struct arena *arena)
{
	static const char *const kinds[] = {[INCOMING_OTHER] = "other",
	    [INCOMING_REPLY] = "reply",
	    [INCOMING_COUNTER] = "counter",
	    [INCOMING_BOUNCE] = "bounce",
	    [INCOMING_AUTOMATIC] = "automatic"};
	json_auto_t *facts = json_object();
	set(facts, "kind", kinds[incoming->kind]);
	set(facts, "trouble", incoming->trouble);
	json_object_set_new(facts, "automatic", json_boolean(incoming->automatic));
	if (incoming->forged)
		json_object_set_new(facts, "forged", json_true());
	set(facts, "message_id", incoming->message_id);
	set(facts, "from", incoming->from);
	// Of several, nobody knows which one a server vouches for.
	set_forms(facts, "from_forms", incoming->one_sender ? incoming->from : NULL, arena);
	set(facts, "subject", incoming->subject);
	set(facts, "digest", incoming->digest);
	set(facts, "excerpt", incoming->excerpt);
	if (incoming->addressed)
		set(facts, incoming->purpose == SECRET_REPLY ? "invitation" : "mail", incoming->id);
	if (incoming->addressed)
		json_object_set_new(facts, "link_version", json_integer(incoming->link_version));
	if (incoming->kind == INCOMING_REPLY || incoming->kind == INCOMING_COUNTER) {
		json_object_set_new(facts, "event", event_facts(&incoming->event));
		set_forms(facts, "attendee_forms", incoming->event.attendee, arena);
	}
	if (incoming->kind == INCOMING_BOUNCE)
		json_object_set_new(facts, "bounce", bounce_facts(&incoming->bounce));
	char *text = json_dumps(facts, JSON_COMPACT);
	char *copy = arena_copy(arena, text ? text : "{}");
	free(text);
	return copy;
}

char *incoming_bytes(const char *bytes, size_t length, struct arena *arena)
{
	size_t kept = length < MOST_KEPT ? length : MOST_KEPT;
	char *text = arena_alloc(arena, 2 * kept + 3), *to = text + 2;
	text[0] = '\\';
	text[1] = 'x';
	for (size_t i = 0; i < kept; i++) {
		*to++ = "0123456789abcdef"[(unsigned char)bytes[i] >> 4];
		*to++ = "0123456789abcdef"[(unsigned char)bytes[i] & 15];
	}
	*to = '\0';
	return text;
}
