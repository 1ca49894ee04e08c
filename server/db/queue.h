// queue.h: batches in their order: those that wait for a connection, and those a connection has yet to answer.
//
// Private to db/. A ring that grows in the arena given; what it outgrew is lost to the arena, at most as much again.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

struct ticket {
	struct db_batch *batch;               // NULL: the connection's own business (its settings, or preparing `statement`)
	const struct db_statement *statement; // being prepared
	db_done *done;                        // NULL for a stream's batch
	void *argument;
	int lead;      // statements of ours before the batch's own: 1 for a stream
	int64_t since; // db_now_ns when it was queued
};

struct queue {
	struct ticket *ticket;
	unsigned first, count, room; // room is a power of two, or 0
};

void queue_push(struct queue *queue, const struct ticket *ticket, struct arena *arena);
struct ticket *queue_head(const struct queue *queue); // NULL when empty; valid until the next push or pop
bool queue_pop(struct queue *queue, struct ticket *ticket);
