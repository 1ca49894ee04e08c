// incoming.h: what a mail that came in is: an answer from a calendar, a proposal, a bounce, an automatic reply, or something for a person
// to read.
//
// Room rules: as mail.h, and libical. Reading decides nothing: it says what stands there. Whatever it is given, it ends soon and never
// fails: what it can't understand is INCOMING_OTHER with `trouble`. Texts are UTF-8 without control characters, cut to a length, and live
// in the arena.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

struct arena;

enum { INCOMING_MOST_BYTES = 8 * 1024 * 1024 };

enum incoming_kind { INCOMING_OTHER, INCOMING_REPLY, INCOMING_COUNTER, INCOMING_BOUNCE, INCOMING_AUTOMATIC };

// The event of a REPLY or COUNTER. NULL: it does not stand there.
struct incoming_event {
	const char *uid, *organizer;
	const char *recurrence_id; // as written
	long sequence;             // 0 if it is missing, as RFC 5545 has it
	const char *dtstamp;       // "2026-11-24T09:00:00Z"
	const char *attendee;      // the address that answers; in lower-case hands or not, as written
	const char *partstat;      // ACCEPTED, TENTATIVE, DECLINED, DELEGATED; anything else is NEEDS-ACTION
	const char *delegate, *delegate_name;
	const char *comment;
	const char *starts_at, *ends_at; // proposed, "2026-11-24T09:00:00Z"; NULL too if the zone is not known
	const char *proposed;            // proposed, for people: as written, with the zone's name
};

// What a delivery report says of the recipient who got nothing.
struct incoming_bounce {
	const char *action; // failed, delayed, delivered, relayed, expanded
	const char *status; // "5.1.1"
	const char *diagnostic;
	const char *recipient;
};

struct incoming {
	enum incoming_kind kind;
	const char *trouble; // why it could not be understood, a word: too_big, too_deep, too_many_parts, no_mail, bad_calendar, other_method
	bool automatic;      // no person sent it, so nothing may answer it (RFC 3834)
	const char *message_id, *from, *subject;
	bool one_sender;     // `from` is the only address that it names as its sender
	bool forged;         // a server that is trusted found that its sender is not whom it names; set by who asks incoming_is_forged
	const char *digest;  // of what stands below the headers: those a mail gathers on its way differ each time
	const char *excerpt; // the beginning of its text
	// Whose address of ours it was sent to, which only somebody knows whom we told: id of an invitation (SECRET_REPLY) or of a mail
	// (SECRET_BOUNCE).
	bool addressed;
	enum secret_mailbox purpose;
	char id[37];
	unsigned link_version;         // that the invitation had when the address was told, as secret.h counts them
	struct incoming_event event;   // of INCOMING_REPLY and INCOMING_COUNTER
	struct incoming_bounce bounce; // of INCOMING_BOUNCE
};

// `recipient` is the envelope's as the mail system says it, or NULL: then the headers are looked through. mail_start once per process.
void incoming_read(
    struct incoming *incoming, const char *bytes, size_t length, const char *recipient, const struct secret_key *key, struct arena *arena);
// Does an Authentication-Results of `server` (its authserv-id, RFC 8601) say that DMARC failed?
bool incoming_is_forged(const char *bytes, size_t length, const char *server);
// All of it as one JSON object, as server/db/migrations/0019_mail_in.sql reads it.
char *incoming_facts(const struct incoming *incoming, struct arena *arena);
// The beginning of a mail as PostgreSQL writes bytes: "\x46726f…".
char *incoming_bytes(const char *bytes, size_t length, struct arena *arena);
