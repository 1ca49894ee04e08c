// letter.h: a row of the outbox becomes a mail: words, templates and links.
//
// Room rules: uses represent/, mail/, base/. Knows nothing of loops or databases beyond rows.
#pragma once

#include <stdbool.h>

struct arena;
struct mail_address;
struct mail_message;
struct rows;
struct secret_key;

struct letter_sender {
	const char *base_url;            // where links lead; without a trailing slash
	const struct secret_key *key;    // links are made with it, and are nowhere else
	const char *inbox;               // answers from calendars come to its plus-addresses; NULL: to whom the meeting names
	const struct mail_address *from; // the platform's name goes before its address unless it has one
};

// `rows` is what outbox_letter gives, `calendar` what outbox_calendar does. False: there are no templates for its kind.
bool letter_write(struct mail_message *message, const struct rows *rows, const struct rows *calendar, const struct letter_sender *sender,
    struct arena *arena);
