// metrics.h: what /metrics says. Each loop counts for itself with relaxed atomics; a scrape adds the loops up.
//
// Room rules: uses base/ and the contract's table of operations for names.
#pragma once

#include <stdint.h>

struct buffer;
struct service;

enum { METRICS_CLASSES = 5, METRICS_BUCKETS = 13 };

struct histogram {
	uint64_t bucket[METRICS_BUCKETS]; // not cumulative; the last one is +Inf
	uint64_t sum_us;
};

struct metrics {
	uint64_t (*requests)[METRICS_CLASSES]; // by operation, the last row is "none"
	struct histogram whole;                // from the request read to the response sent
	struct histogram database;             // of that, waiting for the database
};

void metrics_init(struct metrics *metrics);
void metrics_done(struct metrics *metrics);
// `operation` is its index in the contract, -1 for none; a request without a batch has database_us 0.
void metrics_count(struct metrics *metrics, int operation, int status, int64_t took_us, int64_t database_us);
void metrics_write(struct buffer *out, const struct service *service); // Prometheus' text format
