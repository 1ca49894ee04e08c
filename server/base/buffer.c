// buffer.c: doubling, with a NUL kept behind the bytes.
#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_ROOM = 256 };

// What `data` points to before anything is added, so that it always is a text.
static char nothing[1];

void buffer_init(struct buffer *buffer, struct arena *arena)
{
	*buffer = (struct buffer){.data = nothing, .arena = arena};
}

void buffer_done(struct buffer *buffer)
{
	if (!buffer)
		return;
	if (!buffer->arena && buffer->room)
		free(buffer->data);
	buffer_init(buffer, buffer->arena);
}

void buffer_clear(struct buffer *buffer)
{
	buffer->length = 0;
	if (buffer->room)
		buffer->data[0] = '\0';
}

static char *heap_grow(char *data, size_t room)
{
	char *bigger = realloc(data, room);
	if (!bigger)
		abort();
	return bigger;
}

// Makes room for `more` bytes and the NUL.
static void reserve(struct buffer *buffer, size_t more)
{
	size_t need = buffer->length + more + 1;
	if (need <= buffer->room)
		return;
	if (need <= buffer->length)
		abort();
	size_t room = buffer->room ? buffer->room : FIRST_ROOM;
	while (room < need)
		room = room > SIZE_MAX / 2 ? need : room * 2;
	char *old = buffer->room ? buffer->data : NULL;
	buffer->data = buffer->arena ? arena_grow(buffer->arena, old, buffer->length, room) : heap_grow(old, room);
	buffer->room = room;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
	if (!length)
		return;
	reserve(buffer, length);
	memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

void buffer_puts(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_putc(struct buffer *buffer, char byte)
{
	reserve(buffer, 1);
	buffer->data[buffer->length++] = byte;
	buffer->data[buffer->length] = '\0';
}

void buffer_print(struct buffer *buffer, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	// Most prints are short: try what is there first, ask for more only if it is too little.
	reserve(buffer, 63);
	size_t left = buffer->room - buffer->length;
	int length = vsnprintf(buffer->data + buffer->length, left, format, arguments);
	if (length < 0)
		abort(); // only for a format that is our mistake
	if ((size_t)length >= left) {
		reserve(buffer, (size_t)length);
		vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
	}
	buffer->length += (size_t)length;
	va_end(again);
	va_end(arguments);
}
