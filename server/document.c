// document.c: a file as somebody put it here goes out for keeping: under its name, and never as a page of ours.
#include "serve.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"

// PostgreSQL writes bytes as "\x" and two digits for each.
static int digit(char byte)
{
	return byte >= 'a' ? byte - 'a' + 10 : byte - '0';
}

void document_bytes(struct buffer *out, const char *text)
{
	char bytes[4096];
	size_t count = 0;
	for (const char *digits = text + 2; digits[0] != '\0' && digits[1] != '\0'; digits += 2) {
		bytes[count++] = (char)(digit(digits[0]) << 4 | digit(digits[1]));
		if (count == sizeof bytes) {
			buffer_add(out, bytes, count);
			count = 0;
		}
	}
	buffer_add(out, bytes, count);
}

void document_write(struct buffer *out, const struct rows *piece)
{
	for (int row = 0; row < piece->count; row++)
		document_bytes(out, rows_text(piece, row, "piece"));
}

// For programs that don't know RFC 8187: the same in ASCII.
static const char *plain_name(struct arena *arena, const char *name)
{
	char *plain = arena_copy(arena, name);
	for (char *at = plain; *at != '\0'; at++)
		if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\' || *at == '%')
			*at = '_';
	return plain;
}

void document_headers(struct visit *visit, struct http_response *response)
{
	const struct rows *file = act_rows(visit, "file");
	const char *name = rows_text(file, 0, "file_name");
	response->type = rows_text(file, 0, "media_type");
	response->body_length = strtoull(rows_text(file, 0, "size"), NULL, 10);
	response->etag = arena_print(visit->arena, "\"%s\"", rows_text(file, 0, "sha256"));
	answer_caching(visit, response);
	http_set(response, "Content-Disposition", sheets_disposition(visit->arena, plain_name(visit->arena, name), name));
	// Opened from where it was kept, or by a browser that shows it after all, it can do nothing.
	http_set(response, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
}
