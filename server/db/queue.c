// queue.c: a ring of tickets.
#include "db/queue.h"

#include <stddef.h>

#include "base/arena.h"

static void grow(struct queue *queue, struct arena *arena)
{
	unsigned room = queue->room ? queue->room * 2 : 64;
	struct ticket *ticket = arena_alloc(arena, room * sizeof *ticket);

	for (unsigned i = 0; i < queue->count; i++)
		ticket[i] = queue->ticket[(queue->first + i) & (queue->room - 1)];
	queue->ticket = ticket;
	queue->room = room;
	queue->first = 0;
}

void queue_push(struct queue *queue, const struct ticket *ticket, struct arena *arena)
{
	if (queue->count == queue->room)
		grow(queue, arena);
	queue->ticket[(queue->first + queue->count++) & (queue->room - 1)] = *ticket;
}

struct ticket *queue_head(const struct queue *queue)
{
	return queue->count ? &queue->ticket[queue->first] : NULL;
}

bool queue_pop(struct queue *queue, struct ticket *ticket)
{
	if (!queue->count)
		return false;
	*ticket = queue->ticket[queue->first];
	queue->first = (queue->first + 1) & (queue->room - 1);
	queue->count--;
	return true;
}
