// stock.h: mails that were taken from the outbox and looked at again, ready to be written: by the dozen, since beginning a statement costs
// more than a row of it.
//
// Room rules: as outbox.h. What is here is under a lease, and none of it was sent: of whoever dies with it, others take it when the lease
// is over. A mail that has waited too long to be sure of its lease is put back.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct crate;
struct db;
struct loop;
struct outbox_options;
struct outbox_statements;
struct pace;
struct rows;
struct stock;

struct stock_mail {
	const char *platform, *id;
	const char *attempt;         // its number
	const char *domain;          // where it goes; "": nobody knows. pace_ask has said yes
	const struct rows *letter;   // as letter_write takes them
	const struct rows *calendar; // no row: none goes with it
	bool waited;                 // for its turn among mails to that domain
	struct crate *crate;
};

// What `stock` needs must outlive it. `filled` is called on the loop each time that taking has ended, with `wait_ms`: look again after so
// long; 0: there is something now.
struct stock *stock_new(struct loop *loop, struct db *db, const struct outbox_options *options, const struct outbox_statements *statements,
    struct pace *pace, void (*filled)(int64_t wait_ms, void *argument), void *argument);
void stock_free(struct stock *stock); // must be idle

void stock_fill(struct stock *stock, int most);       // takes up to so many, unless it is about to
int stock_count(const struct stock *stock);           // how many are ready
bool stock_idle(const struct stock *stock);           // nothing is under way and nothing is ready
void stock_put_back(struct stock *stock);             // all that are ready: no attempt was made
void stock_stop(struct stock *stock);                 // the same, also with what is under way
bool stock_next(struct stock *, struct stock_mail *); // false: none is ready
void stock_done(const struct stock_mail *mail);       // its texts may go
