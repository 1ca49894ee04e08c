// mail.c: the options of mail, checked before anything is sent.
#include "cli/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cli/options.h"
#include "work/outbox.h"

enum { MOST_TIMEOUT = 600, MOST_RETRY = 3600, MOST_CONNECTIONS = 64, MOST_RATE = 1000 };

// The host of smtp://user:password@host:port/.
static const char *host_of(const char *url, struct arena *arena)
{
	const char *host = strstr(url, "://") + strlen("://");
	const char *end = host + strcspn(host, "/?#"), *at = NULL;
	for (const char *byte = host; byte < end; byte++)
		at = *byte == '@' ? byte : at;
	host = at ? at + 1 : host;
	size_t length = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	return arena_slice(arena, host, length);
}

static bool is_this_machine(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], host) == 0)
			return true;
	}
	return false;
}

static bool read_tls(bool *tls, const char *url, const struct options *options, struct arena *arena, const char **why)
{
	const char *how = options->value[OPTION_SMTP_TLS];
	if (strncmp(url, "smtp://", strlen("smtp://")) != 0 && strncmp(url, "smtps://", strlen("smtps://")) != 0) {
		*why = "--smtp-url begins with smtp:// or smtps://.";
		return false;
	}
	const char *host = host_of(url, arena);
	*tls = strcmp(how, "required") == 0 || (strcmp(how, "auto") == 0 && !is_this_machine(host));
	*why = *host == '\0'                                                   ? "--smtp-url names no server."
	       : !*tls && strcmp(how, "auto") != 0 && strcmp(how, "none") != 0 ? "--smtp-tls is auto, required or none."
	                                                                       : NULL;
	return *why == NULL;
}

static bool read_from(struct outbox_options *outbox, const struct options *options, struct arena *arena, const char **why)
{
	const char *from = options->value[OPTION_MAIL_FROM];
	if (from == NULL && outbox->mail.smtp_url != NULL) {
		*why = "Say whom mails are from: --mail-from narada@example.org, an address your mail server may send for.";
		return false;
	}
	if (mail_address_read(&outbox->from, from ? from : "narada@localhost", arena))
		return true;
	*why = arena_print(arena, "--mail-from is no address: %s", from);
	return false;
}

// A token takes 49 of the 64 characters that a local part may have (RFC 5321), and the plus one.
static bool read_inbox(struct outbox_options *outbox, const struct options *options, const char **why)
{
	enum { LONGEST_LOCAL_PART = 14 };
	const char *inbox = options->value[OPTION_MAIL_INBOX];
	size_t local = inbox ? strcspn(inbox, "@") : 0;
	outbox->inbox = inbox;
	*why = inbox == NULL || (local > 0 && local <= LONGEST_LOCAL_PART && strlen(inbox) > local + 1 && strpbrk(inbox, "+ <>\"") == NULL)
	           ? NULL
	           : "--mail-inbox is an address like rsvp@narada.example.org, with at most 14 characters before the @.";
	return *why == NULL;
}

bool mail_settings(struct outbox_options *outbox, const struct options *options, struct arena *arena, const char **why)
{
	struct mail_options *mail = &outbox->mail;
	long timeout, retry, connections, rate, at_once;
	*mail = (struct mail_options){.smtp_url = options->value[OPTION_SMTP_URL],
	    .ca_file = options->value[OPTION_SMTP_CA],
	    .folder = arena_print(arena, "%s/outbox", options->value[OPTION_DATA])};
	if (!options_number(options, OPTION_SMTP_TIMEOUT, 1, MOST_TIMEOUT, &timeout, why) ||
	    !options_number(options, OPTION_MAIL_RETRY, 1, MOST_RETRY, &retry, why) ||
	    !options_number(options, OPTION_SMTP_CONNECTIONS, 1, MOST_CONNECTIONS, &connections, why) ||
	    !options_number(options, OPTION_DOMAIN_RATE, 0, MOST_RATE, &rate, why) ||
	    !options_number(options, OPTION_DOMAIN_CONNECTIONS, 0, MOST_CONNECTIONS, &at_once, why) ||
	    (mail->smtp_url != NULL && !read_tls(&mail->tls, mail->smtp_url, options, arena, why)) || !read_from(outbox, options, arena, why) ||
	    !read_inbox(outbox, options, why))
		return false;
	mail->timeout_seconds = (int)timeout;
	mail->hello = strrchr(mail_address_wire(arena, outbox->from.address), '@') + 1;
	outbox->retry_seconds = (int)retry;
	outbox->connections = (int)connections;
	outbox->domain_rate = (int)rate;
	outbox->domain_connections = (int)at_once;
	return true;
}
