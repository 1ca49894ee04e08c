// multipart.c: a form that brings a file along (RFC 7578): the file's bytes as they are, and the other fields as any form's.
#include "contract/inside.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"

enum { MAX_BOUNDARY = 70 }; // RFC 2046 §5.1.1

static bool refuse_form(struct problem *why, const char *detail)
{
	return refuse(why, PROBLEM_BAD_REQUEST, detail, "bad_form");
}

// The parameter `name` of a header's value, unquoted; NULL if it is not there.
static const char *parameter(const char *value, const char *name, struct arena *arena)
{
	size_t length = strlen(name);
	for (const char *at = strchr(value, ';'); at; at = strchr(at, ';')) {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, name, length) == 0 && at[length] == '=') {
			at += length + 1;
			if (*at != '"')
				return arena_slice(arena, at, strcspn(at, "; \t\r\n"));
			// A browser writes a quotation mark within as %22, never with a backslash.
			return arena_slice(arena, at + 1, strcspn(at + 1, "\"\r\n"));
		}
		if (strchr(at, '"') && strchr(at, '"') < at + strcspn(at, ";")) { // a quoted value may hold a semicolon
			const char *close = strchr(strchr(at, '"') + 1, '"');
			if (!close)
				return NULL;
			at = close;
		}
	}
	return NULL;
}

// What some send as a whole path.
static const char *base_name(const char *path)
{
	for (const char *at = path; *at; at++)
		if (*at == '/' || *at == '\\')
			path = at + 1;
	return path;
}

static bool take_part(struct form *form, struct contract_file *file, const char *head, const char *body, size_t length, struct arena *arena,
    struct problem *why)
{
	const char *disposition = strcasestr(head, "content-disposition:");
	const char *line = disposition ? arena_slice(arena, disposition, strcspn(disposition, "\r\n")) : "";
	const char *name = parameter(line, "name", arena), *file_name = parameter(line, "filename", arena);
	if (!name || !text_is_utf8(line, strlen(line)))
		return refuse_form(why, "A part of the form has no name.");
	if (file_name) {
		if (length && !file->bytes)
			*file = (struct contract_file){.name = *base_name(file_name) ? base_name(file_name) : NULL, .bytes = body, .length = length};
		return true;
	}
	if (memchr(body, '\0', length) || !text_is_utf8(body, length))
		return refuse_form(why, "A field of the form is not UTF-8.");
	return form_add(form, name, arena_slice(arena, body, length), arena, why);
}

static const char *find_delimiter(const char *at, const char *end, const char *delimiter)
{
	return at < end ? memmem(at, (size_t)(end - at), delimiter, strlen(delimiter)) : NULL;
}

bool multipart_read(
    struct form *form, struct contract_file *file, const struct contract_request *request, struct arena *arena, struct problem *why)
{
	const char *boundary = parameter(request->content_type, "boundary", arena);
	*form = (struct form){0};
	*file = (struct contract_file){0};
	if (!boundary || !*boundary || strlen(boundary) > MAX_BOUNDARY)
		return refuse_form(why, "The form does not say what its parts are divided by.");
	const char *delimiter = arena_print(arena, "\r\n--%s", boundary), *end = request->body + request->body_length;
	size_t step = strlen(delimiter);
	bool at_start = strncmp(request->body, delimiter + 2, step - 2) == 0; // nothing stands before the first part
	const char *found = at_start ? NULL : find_delimiter(request->body, end, delimiter);
	const char *at = at_start ? request->body + step - 2 : found ? found + step : NULL;
	while (at) {
		if (end - at >= 2 && !memcmp(at, "--", 2))
			return true;
		const char *head_end = find_delimiter(at, end, "\r\n\r\n");
		const char *next = head_end ? find_delimiter(head_end + 2, end, delimiter) : NULL;
		if (!next)
			break;
		const char *head = arena_slice(arena, at, (size_t)(head_end - at)), *body = head_end + 4;
		if (!take_part(form, file, head, body, next > body ? (size_t)(next - body) : 0, arena, why))
			return false;
		at = next + step;
	}
	return refuse_form(why, "The form ends in the middle of a part.");
}
