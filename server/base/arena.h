// arena.h: memory that lives as long as one request, and dies all at once.
//
// Room rules: libc only. Out of memory ends the process (one line in arena.c), so no caller has a branch for it.
// What an arena can't hold (a PGresult, a json_t) is put on it with arena_defer.
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); // runs the deferred calls, last first; accepts NULL

// Everything below lives until arena_free. Memory is zeroed and aligned for any type; never NULL.
void *arena_alloc(struct arena *arena, size_t size);
char *arena_copy(struct arena *arena, const char *text);                  // NULL gives NULL
char *arena_slice(struct arena *arena, const void *bytes, size_t length); // adds a NUL
char *arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprint(struct arena *arena, const char *format, va_list arguments);
// A bigger place for the first `size` bytes of what arena_alloc gave (memory may be NULL): in place where it was the last
// thing allocated. What is added is not zeroed.
void *arena_grow(struct arena *arena, void *memory, size_t size, size_t bigger);
void arena_defer(struct arena *arena, void (*drop)(void *), void *thing);
