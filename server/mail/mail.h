// mail.h: one mail to one person: composed as MIME, and handed to an SMTP server or left in a folder as an .eml file.
//
// Room rules: uses base/, GMime, libcurl, ICU. Knows nothing of databases, loops, templates or meetings. mail_start once per process.
//
// A mail has one recipient: what becomes of it is known for each person apart, and nobody sees another's address.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct buffer;

struct mail_address {
	const char *name;    // as shown, any characters; may be NULL
	const char *address; // as typed: żółw@żółw.example
};

// Texts are UTF-8. Nothing in them can become a header: control characters are spaces there.
struct mail_message {
	struct mail_address from, to;
	struct mail_address reply_to; // address NULL: none
	const char *envelope;         // whom the mail system tells that it could not be delivered; NULL: `from`
	const char *subject;
	const char *message_id; // without < >; the same whenever this mail is tried again
	const char *references; // the message_id of the mail this one follows, or NULL
	const char *text, *html;
	const char *calendar;        // iCalendar of one event, or NULL
	const char *calendar_method; // the same as stands in it: REQUEST, CANCEL or DECLINECOUNTER
	const char *logo;            // PNG in base64, which the HTML shows as cid:logo@narada; or NULL
	const char *unsubscribe;     // where a POST without any questions stops such mails (RFC 8058), or NULL
	int64_t date;                // Unix seconds
};

#define MAIL_LOGO "logo@narada" // its Content-ID

enum mail_outcome {
	MAIL_SENT,
	MAIL_LATER,   // the server would not take this mail now: a 4xx about it
	MAIL_AWAY,    // nothing to do with this mail: no connection, no login, no TLS, no word in time, or something wrong on our side
	MAIL_REFUSED, // for good: a 5xx about this mail, or an address that can't be written to
};

struct mail_result {
	enum mail_outcome outcome;
	char reason[400]; // what the server said, for people; "" when sent
};

void mail_start(void);

// An address as it goes over the wire: the domain in ASCII (xn--…). NULL: nobody can be reached there.
char *mail_address_wire(struct arena *arena, const char *address);
// The same as people read and type it. NULL as above.
char *mail_address_shown(struct arena *arena, const char *address);
// "Nazwa <adres>" or a bare address. False if it is neither.
bool mail_address_read(struct mail_address *address, const char *text, struct arena *arena);

// RFC 5322 with CRLF, nothing but ASCII on the wire unless a mailbox itself needs more. False: an address can't be written to.
bool mail_compose(struct buffer *out, const struct mail_message *message);

// Where mails go. With `smtp_url` to that server, else as <folder>/<file>.eml.
struct mail_options {
	const char *smtp_url; // smtp://user:password@host:587 or smtps://…; NULL: files
	const char *folder;   // made if it is missing
	const char *hello;    // the domain we greet with
	const char *ca_file;  // certificates that vouch for the server; NULL: the system's
	bool tls;             // smtp:// must become TLS (STARTTLS) before anything else; certificates are verified
	int timeout_seconds;  // for one mail
};

// What keeps a connection between mails. Belongs to one thread at a time.
struct mail_delivery;
struct mail_delivery *mail_delivery_new(const struct mail_options *options); // `options` is copied, not the texts
void mail_delivery_free(struct mail_delivery *delivery);                     // accepts NULL
// Greets the server and logs in, without a mail: does it take ours? Files always do.
void mail_try(struct mail_delivery *delivery, struct mail_result *result);
// Blocks until it is known. `file` names the .eml file: the same mail, delivered again, replaces itself.
void mail_deliver(struct mail_delivery *delivery, const struct mail_message *message, const char *file, struct mail_result *result);
