// precondition.c: which version the caller saw, from If-Match or from a form's `_if_match`.
#include "contract/inside.h"

#include <string.h>

#include "base/arena.h"

enum { MAX_DIGITS = 18 }; // fits a bigint

// The version in one entity tag's text; NULL for a tag that has none and so matches nothing that can be changed.
static const char *version_of(const char *tag, size_t length, struct arena *arena)
{
	size_t digits = strspn(tag, "0123456789");
	if (digits > length)
		digits = length;
	return digits >= 1 && digits <= MAX_DIGITS && (digits == length || tag[digits] == '-') ? arena_slice(arena, tag, digits) : NULL;
}

// One `"…"` or `W/"…"` at *at. A weak one is taken too: it is what proxies that compress make of ours, and the version in it is still
// exact.
static bool take_tag(const char **at, const char **tag, size_t *length)
{
	if (!strncmp(*at, "W/", 2))
		*at += 2;
	if (**at != '"')
		return false;
	const char *end = strchr(*at + 1, '"');
	if (!end)
		return false;
	*tag = *at + 1;
	*length = (size_t)(end - *tag);
	*at = end + 1;
	return true;
}

static const char *skip_spaces(const char *at)
{
	return at + strspn(at, " \t");
}

static bool read_list(const char *at, const char **version, struct arena *arena, struct problem *why)
{
	static const char malformed[] = "If-Match must be an entity tag such as \"3\", or *.";
	*version = NULL;
	for (;;) {
		const char *tag;
		size_t length;
		at = skip_spaces(at);
		if (!take_tag(&at, &tag, &length))
			return refuse(why, PROBLEM_BAD_REQUEST, malformed, "bad_if_match");
		const char *found = version_of(tag, length, arena);
		if (found && *version && strcmp(found, *version) != 0)
			return refuse(why, PROBLEM_BAD_REQUEST, "If-Match must name one version.", "bad_if_match");
		if (found)
			*version = found;
		at = skip_spaces(at);
		if (!*at)
			break;
		if (*at++ != ',')
			return refuse(why, PROBLEM_BAD_REQUEST, malformed, "bad_if_match");
	}
	return *version || refuse(why, PROBLEM_STALE, "It is not that version any more.", NULL);
}

bool precondition_read(const char *text, bool header, const char **version, struct arena *arena, struct problem *why)
{
	text = skip_spaces(text); // a header is bytes: nothing says that it is UTF-8
	if (*text == '*' && !*skip_spaces(text + 1)) {
		*version = "-1";
		return true;
	}
	if (!header && (*version = version_of(text, strlen(text), arena)))
		return true;
	return read_list(text, version, arena, why);
}
