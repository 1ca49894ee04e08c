// arena.c: chunks that are filled front to back and freed together, recycled per thread.
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sanitized.h"

#if SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum {
	ALIGNMENT = alignof(max_align_t),
	// Under ASan there is a poisoned gap behind each thing, so that an overrun into its neighbour is seen.
	GAP = SANITIZED ? ALIGNMENT : 0,
	FIRST_CHUNK = 8 * 1024,         // what most requests need; recycled, so it costs no malloc
	MAX_CHUNK = 256 * 1024,         // chunks double up to this
	MAX_SPARE = SANITIZED ? 0 : 64, // recycling would hide a use after free
};

struct chunk {
	struct chunk *before;
	size_t used;
	size_t room;
	alignas(max_align_t) char bytes[];
};

struct deferred {
	struct deferred *before;
	void (*drop)(void *);
	void *thing;
};

struct arena {
	struct chunk *chunk; // the one being filled, and through it all before
	struct deferred *deferred;
	char *newest; // the last thing allocated: it can grow in place
	struct arena *next_spare;
};

static _Thread_local struct {
	struct arena *first;
	int count;
} spare;

static struct chunk *chunk_new(struct chunk *before, size_t room)
{
	struct chunk *chunk = malloc(sizeof *chunk + room);
	if (!chunk)
		abort(); // out of memory: the one place
	chunk->before = before;
	chunk->used = 0;
	chunk->room = room;
	ASAN_POISON_MEMORY_REGION(chunk->bytes, room);
	return chunk;
}

static void chunk_free(struct chunk *chunk)
{
	ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->room);
	free(chunk);
}

static size_t aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

// Room for `size` bytes at the front of what is left; not zeroed.
static void *chunk_take(struct arena *arena, size_t size)
{
	size_t whole = aligned(size ? size : 1) + GAP;
	struct chunk *chunk = arena->chunk;
	if (whole < size)
		abort();
	if (whole > chunk->room - chunk->used) {
		size_t room = chunk->room < MAX_CHUNK ? chunk->room * 2 : MAX_CHUNK;
		chunk = arena->chunk = chunk_new(chunk, room > whole ? room : whole);
	}
	arena->newest = chunk->bytes + chunk->used;
	chunk->used += whole;
	ASAN_UNPOISON_MEMORY_REGION(arena->newest, size);
	return arena->newest;
}

// The arena itself lies at the front of its first chunk.
static struct arena *arena_place(struct chunk *chunk)
{
	struct arena first = {.chunk = chunk};
	chunk->used = 0;
	struct arena *arena = chunk_take(&first, sizeof *arena);
	*arena = (struct arena){.chunk = chunk};
	return arena;
}

struct arena *arena_new(void)
{
	if (!spare.first)
		return arena_place(chunk_new(NULL, FIRST_CHUNK));
	struct arena *arena = spare.first;
	spare.first = arena->next_spare;
	spare.count--;
	return arena_place(arena->chunk);
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	// A deferred call may defer another: take them one by one.
	while (arena->deferred) {
		struct deferred *last = arena->deferred;
		arena->deferred = last->before;
		last->drop(last->thing);
	}
	struct chunk *chunk = arena->chunk;
	while (chunk->before) {
		struct chunk *before = chunk->before;
		chunk_free(chunk);
		chunk = before;
	}
	if (spare.count >= MAX_SPARE) {
		chunk_free(chunk);
		return;
	}
	arena->chunk = chunk;
	arena->next_spare = spare.first;
	spare.first = arena;
	spare.count++;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(chunk_take(arena, size), 0, size);
}

void *arena_grow(struct arena *arena, void *memory, size_t size, size_t bigger)
{
	struct chunk *chunk = arena->chunk;
	if (memory && memory == arena->newest) {
		size_t start = (size_t)(arena->newest - chunk->bytes), whole = aligned(bigger) + GAP;
		if (whole >= bigger && whole <= chunk->room - start) {
			chunk->used = start + whole;
			ASAN_UNPOISON_MEMORY_REGION(memory, bigger);
			return memory;
		}
	}
	void *moved = chunk_take(arena, bigger);
	if (memory)
		memcpy(moved, memory, size);
	return moved;
}

char *arena_slice(struct arena *arena, const void *bytes, size_t length)
{
	char *text = chunk_take(arena, length + 1);
	if (length)
		memcpy(text, bytes, length);
	text[length] = '\0';
	return text;
}

char *arena_copy(struct arena *arena, const char *text)
{
	return text ? arena_slice(arena, text, strlen(text)) : NULL;
}

char *arena_vprint(struct arena *arena, const char *format, va_list arguments)
{
	char brief[256];
	va_list again;
	va_copy(again, arguments);
	int length = vsnprintf(brief, sizeof brief, format, arguments);
	if (length < 0)
		abort(); // only for a format that is our mistake
	char *text;
	if ((size_t)length < sizeof brief) {
		text = arena_slice(arena, brief, (size_t)length);
	} else {
		text = chunk_take(arena, (size_t)length + 1);
		vsnprintf(text, (size_t)length + 1, format, again);
	}
	va_end(again);
	return text;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = arena_vprint(arena, format, arguments);
	va_end(arguments);
	return text;
}

void arena_defer(struct arena *arena, void (*drop)(void *), void *thing)
{
	struct deferred *deferred = arena_alloc(arena, sizeof *deferred);
	*deferred = (struct deferred){.before = arena->deferred, .drop = drop, .thing = thing};
	arena->deferred = deferred;
}
