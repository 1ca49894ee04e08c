// buffer.h: bytes that grow, in an arena.
//
// Room rules: libc only. `data` is always followed by a NUL that `length` does not count. The arena owns the bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct buffer {
	char *data;
	size_t length;
	size_t room;
	struct arena *arena; // NULL: malloc'd, and buffer_done frees it
};

void buffer_init(struct buffer *buffer, struct arena *arena);
void buffer_done(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); // keeps the memory
void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_putc(struct buffer *buffer, char byte);
void buffer_print(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
