// timers.h: what is due when: a binary heap of calls, each with an id that can be cancelled.
//
// Room rules: of loop/ alone. A timer's id is its slot and the slot's age, so that a spent id never means a later timer.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"

struct timer; // one slot

struct timers {
	struct timer *slot;
	uint32_t *heap; // slots, the earliest first
	uint32_t count;
	uint32_t room;
	uint32_t free_slot; // of the chain of unused slots; `room` when there is none
	uint64_t added;     // timers due in the same millisecond run in the order added
};

void timers_init(struct timers *timers);
void timers_done(struct timers *timers);
uint64_t timers_add(struct timers *timers, int64_t due, loop_call *call, void *argument);
void timers_cancel(struct timers *timers, uint64_t id);
// When the earliest is due; INT64_MAX if there is none.
int64_t timers_next(const struct timers *timers);
// Takes the earliest out if it is due.
bool timers_take_due(struct timers *timers, int64_t now, loop_call **call, void **argument);
