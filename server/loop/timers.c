// timers.c: a binary heap whose entries know their place, so that cancelling is as cheap as adding.
#include "loop/timers.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

struct timer {
	int64_t due;
	uint64_t order;
	loop_call *call; // NULL: unused
	void *argument;
	uint32_t age;   // raised whenever the slot is given up
	uint32_t place; // in the heap, or the next unused slot
};

void timers_init(struct timers *timers)
{
	*timers = (struct timers){.room = 0};
}

void timers_done(struct timers *timers)
{
	if (!timers)
		return;
	free(timers->slot);
	free(timers->heap);
	timers_init(timers);
}

static bool is_before(const struct timers *timers, uint32_t one, uint32_t other)
{
	const struct timer *a = &timers->slot[one], *b = &timers->slot[other];
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void put(struct timers *timers, uint32_t place, uint32_t slot)
{
	timers->heap[place] = slot;
	timers->slot[slot].place = place;
}

static void sift_up(struct timers *timers, uint32_t place)
{
	uint32_t slot = timers->heap[place];
	while (place > 0 && is_before(timers, slot, timers->heap[(place - 1) / 2])) {
		put(timers, place, timers->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	put(timers, place, slot);
}

static void sift_down(struct timers *timers, uint32_t place)
{
	uint32_t slot = timers->heap[place];
	for (;;) {
		uint32_t child = place * 2 + 1;
		if (child >= timers->count)
			break;
		if (child + 1 < timers->count && is_before(timers, timers->heap[child + 1], timers->heap[child]))
			child++;
		if (!is_before(timers, timers->heap[child], slot))
			break;
		put(timers, place, timers->heap[child]);
		place = child;
	}
	put(timers, place, slot);
}

static void grow(struct timers *timers)
{
	uint32_t room = timers->room ? timers->room * 2 : FIRST_ROOM;
	timers->slot = reallocarray(timers->slot, room, sizeof *timers->slot);
	timers->heap = reallocarray(timers->heap, room, sizeof *timers->heap);
	if (!timers->slot || !timers->heap)
		abort();
	for (uint32_t i = timers->room; i < room; i++)
		timers->slot[i] = (struct timer){.place = i + 1};
	timers->free_slot = timers->room;
	timers->room = room;
}

uint64_t timers_add(struct timers *timers, int64_t due, loop_call *call, void *argument)
{
	if (timers->free_slot == timers->room)
		grow(timers);
	uint32_t index = timers->free_slot;
	struct timer *timer = &timers->slot[index];
	timers->free_slot = timer->place;
	*timer = (struct timer){.due = due, .order = timers->added++, .call = call, .argument = argument, .age = timer->age};
	put(timers, timers->count++, index);
	sift_up(timers, timer->place);
	return (uint64_t)timer->age << 32 | (index + 1);
}

static void drop(struct timers *timers, uint32_t index)
{
	struct timer *timer = &timers->slot[index];
	uint32_t place = timer->place, last = timers->heap[--timers->count];
	if (last != index) {
		put(timers, place, last);
		sift_up(timers, place);
		sift_down(timers, timers->slot[last].place);
	}
	timer->call = NULL;
	timer->age++;
	timer->place = timers->free_slot;
	timers->free_slot = index;
}

void timers_cancel(struct timers *timers, uint64_t id)
{
	uint32_t index = (uint32_t)id - 1;
	if ((uint32_t)id && index < timers->room && timers->slot[index].call && timers->slot[index].age == id >> 32)
		drop(timers, index);
}

int64_t timers_next(const struct timers *timers)
{
	return timers->count ? timers->slot[timers->heap[0]].due : INT64_MAX;
}

bool timers_take_due(struct timers *timers, int64_t now, loop_call **call, void **argument)
{
	if (timers_next(timers) > now)
		return false;
	uint32_t index = timers->heap[0];
	*call = timers->slot[index].call;
	*argument = timers->slot[index].argument;
	drop(timers, index);
	return true;
}
