// outbox.h: sends the mails that wait in the outbox, over some connections at once, woken by what queues them.
//
// Room rules: uses mail/, represent/, loop/, db/, base/. A background job as janitor.h describes: it belongs to one loop, sends its batches
// on that loop's connections, and is asked whether it is idle before the loop ends. Delivering blocks, so it happens on threads of its own,
// one for each connection.
//
// Mails are taken under a lease and looked at again, some ahead (stock.h); sent; and then said to be sent. A connection gets its next mail
// when that is on the disk, which is said of all that have arrived meanwhile in one transaction. Of what dies in between (we, the database,
// the connection) only the mails that were on their way, one for each connection, may go out twice, with the same Message-ID; several
// processes may each have an outbox.
#pragma once

#include <stdbool.h>

#include "mail/mail.h"

struct db;
struct db_statement;
struct loop;
struct outbox;
struct secret_key;

struct outbox_options {
	struct mail_options mail;
	struct mail_address from;
	const char *base_url;
	const char *inbox; // whose plus-addresses are read by us (narada mail-in); NULL: none
	const struct secret_key *key;
	int retry_seconds;                   // after the first failure; doubled after each
	int connections;                     // at most, to the server
	int domain_rate, domain_connections; // as pace.h: each_second, at_once
};

// The statements of outbox.sql.
struct outbox_statements {
	const struct db_statement *take, *enter, *start, *letter, *calendar, *finish, *put_off;
};

// NULL: no thread could be started. All that `options` points at, the loop and the database must outlive it.
struct outbox *outbox_new(
    struct loop *loop, struct db *db, const struct outbox_options *options, const struct outbox_statements *statements);
void outbox_wake(struct outbox *outbox); // something was queued; on the loop's thread
void outbox_stop(struct outbox *outbox); // takes no further mails; accepts NULL
bool outbox_idle(const struct outbox *outbox);
void outbox_free(struct outbox *outbox); // must be idle; accepts NULL
