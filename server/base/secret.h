// secret.h: random tokens, their hashes, and the keyed MAC of RSVP links. libsodium does the work.
//
// Room rules: libc, libsodium, arena. Call secret_start once per process.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum { SECRET_KEY_BYTES = 32 };

struct secret_key {
	unsigned char bytes[SECRET_KEY_BYTES];
};

bool secret_start(void);

// Reads the key file (32 raw bytes, mode 0600), making it with fresh random bytes if it is missing.
// On failure returns false and *why is a sentence, from `arena`.
bool secret_key_open(struct secret_key *key, const char *path, struct arena *arena, const char **why);

// A fresh token: `prefix` + 43 base64url characters of 32 random bytes.
char *secret_token(struct arena *arena, const char *prefix);
// What the database stores of a token: BLAKE2b-256 in lower-case hex (64 characters).
char *secret_hash(struct arena *arena, const char *token);
// A token that only this key can make from `token`: `prefix` + 43 base64url characters of a keyed BLAKE2b-256.
char *secret_derive(struct arena *arena, const struct secret_key *key, const char *prefix, const char *token);
// BLAKE2b-128 of any bytes in hex, for ETags; not secret.
char *secret_digest(struct arena *arena, const void *bytes, size_t length);

// RSVP links: base64url without padding of invitation id (16 bytes), version (2, big-endian), MAC (16, over platform slug, id and version).
// `invitation_id` is a uuid as the database writes it.
char *secret_link(struct arena *arena, const struct secret_key *key, const char *platform, const char *invitation_id, unsigned version);
// Opens one. False for anything this key did not make, without touching a database. `invitation_id` gets a uuid's text.
bool secret_link_open(const struct secret_key *key, const char *platform, const char *token, char invitation_id[37], unsigned *version);
// The same for the link that confirms somebody's own registration: made from the registration's id, and no invitation's link passes for it.
char *secret_registration(
    struct arena *arena, const struct secret_key *key, const char *platform, const char *registration_id, unsigned version);
bool secret_registration_open(
    const struct secret_key *key, const char *platform, const char *token, char registration_id[37], unsigned *version);
// The same for a calendar that is subscribed to: the address is all that a calendar program knows. Made from the feed's id.
char *secret_feed(struct arena *arena, const struct secret_key *key, const char *platform, const char *feed_id, unsigned version);
bool secret_feed_open(const struct secret_key *key, const char *platform, const char *token, char feed_id[37], unsigned *version);
// The same for a ticket, which says at the door who somebody is: made from the invitation's id and its link's version, so that a replaced
// link takes the ticket with it. Whoever reads a ticket over a shoulder can't answer by it.
char *secret_ticket(struct arena *arena, const struct secret_key *key, const char *platform, const char *invitation_id, unsigned version);
bool secret_ticket_open(const struct secret_key *key, const char *platform, const char *token, char invitation_id[37], unsigned *version);
// By which a device without network knows a ticket that it scans: the first 16 hex digits of the token's SHA-256, which browsers can work
// out too. Nobody makes a ticket from it.
char *secret_ticket_key(struct arena *arena, const char *token);
// A ticket's code for typing: eight hex digits of the SHA-256 of a salt that only our key makes and `<invitation id>.<link version>`. The
// database works it out in the same way when it is lent the salt.
char *secret_ticket_salt(struct arena *arena, const struct secret_key *key);
char *secret_ticket_code(struct arena *arena, const struct secret_key *key, const char *ticket);
// The salt for the codes on the screens of rooms in one step of time.
char *secret_room_salt(struct arena *arena, const struct secret_key *key, int64_t step);
// The link of a tablet on which participants check in by themselves; made from the kiosk's id.
char *secret_kiosk(struct arena *arena, const struct secret_key *key, const char *platform, const char *kiosk_id, unsigned version);
bool secret_kiosk_open(const struct secret_key *key, const char *platform, const char *token, char kiosk_id[37], unsigned *version);
// What a certificate of attendance is verified by; made from the attendance's id.
char *secret_certificate(
    struct arena *arena, const struct secret_key *key, const char *platform, const char *attendance_id, unsigned version);
bool secret_certificate_open(
    const struct secret_key *key, const char *platform, const char *token, char attendance_id[37], unsigned *version);

// Addresses that only we can have given to somebody: plus-addresses of one inbox. Answers to an invitation go to that of the invitation's
// id, what could not be delivered to that of the mail's (the outbox's id), which is the envelope's sender. Mail systems may change the case
// of a local part, so the token has none: 49 characters of a-z and 2-7, which leaves 14 for the inbox's own local part. The token needs no
// platform: the id says which.
enum secret_mailbox { SECRET_REPLY = 'r', SECRET_BOUNCE = 'b' };

enum { SECRET_MAILBOX_TEXT = 49, SECRET_MAILBOX_VERSIONS = 256 };

// `version` is that of the invitation's link, beyond SECRET_MAILBOX_VERSIONS from 1 again, so that who replaces a link revokes the address;
// of a bounce it is 1.
char *secret_mailbox_make(struct arena *arena, const struct secret_key *key, enum secret_mailbox purpose, const char *id, unsigned version);
// Opens what stands behind the last `+` of an address's local part, or behind no `+`; the domain is not looked at. False for anything this
// key did not make.
bool secret_mailbox_open(const struct secret_key *key, const char *address, enum secret_mailbox *purpose, char id[37], unsigned *version);
// "rsvp@narada.example.org" with a token: "rsvp+<token>@narada.example.org". NULL without an inbox.
char *secret_mailbox_address(
    struct arena *arena, const struct secret_key *key, const char *inbox, enum secret_mailbox purpose, const char *id, unsigned version);

// The link by which somebody stops a platform's reminders and messages; made from the person's id, and good for nothing else.
char *secret_unsubscribe(struct arena *arena, const struct secret_key *key, const char *platform, const char *person_id);
bool secret_unsubscribe_open(const struct secret_key *key, const char *platform, const char *token, char person_id[37]);

// A form token bound to a link and an hour: base64url, valid for that hour and the 24 before now. `now` is Unix seconds.
char *secret_form(struct arena *arena, const struct secret_key *key, const char *link, int64_t now);
bool secret_form_check(const struct secret_key *key, const char *link, const char *form, int64_t now);
