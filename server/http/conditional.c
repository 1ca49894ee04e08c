// conditional.c: ETags in lists, with or without W/ and a coding's suffix.
#include "http/conditional.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"

static const char *const suffixes[] = {"", "-br", "-gz"};

const char *etag_suffixed(struct arena *arena, const char *etag, const char *suffix)
{
	size_t length = strlen(etag);
	if (!*suffix || length < 2)
		return etag;
	return arena_print(arena, "%.*s%s\"", (int)length - 1, etag, suffix);
}

// Whether the text between the quotes of one member is that of `etag`, give or take a coding's suffix.
static bool is_same(const char *member, size_t length, const char *etag)
{
	size_t base = strlen(etag) - 2;
	if (length < base || memcmp(member, etag + 1, base) != 0)
		return false;
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		if (length - base == strlen(suffixes[i]) && memcmp(member + base, suffixes[i], length - base) == 0)
			return true;
	return false;
}

const char *etag_match(struct arena *arena, const char *list, const char *etag, const char *own)
{
	if (!list || strlen(etag) < 2)
		return NULL;
	list += strspn(list, " \t");
	if (strcmp(list, "*") == 0)
		return own;
	for (const char *at = list; *at;) {
		at += strspn(at, " \t,");
		if (at[0] == 'W' && at[1] == '/')
			at += 2;
		const char *end = *at == '"' ? strchr(at + 1, '"') : NULL;
		if (!end)
			return NULL; // not an ETag: the rest can't be read either
		if (is_same(at + 1, (size_t)(end - at - 1), etag))
			return arena_slice(arena, at, (size_t)(end - at + 1));
		at = end + 1;
	}
	return NULL;
}
