// limiter.h: how often one address of the network may do what is done seldom: a token bucket for each, in a table of fixed size.
//
// Room rules: libc and libsodium. One limiter belongs to one loop: each loop counts for itself, so that nothing is locked; who spreads
// connections over all loops gets the quota of each. An IPv6 customer has a whole /64, so that is what is counted. The machine itself
// (127.0.0.1, ::1) is never limited: that is its operator, or a proxy that does not tell us whose requests they are.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct limiter;

struct limiter_rule {
	const char *name; // "links": what RateLimit-Policy calls it
	int quota;        // so many at once, and again over
	int seconds;      // this time
};

struct limiter *limiter_new(const struct limiter_rule *rule); // `rule` outlives it
void limiter_free(struct limiter *limiter);                   // accepts NULL

// Takes one token of the address (as text). True: there was one. False: there is one again in *wait seconds, at least 1. `now_ms` is any
// clock that does not go back.
bool limiter_take(struct limiter *limiter, const char *address, int64_t now_ms, int *wait);
