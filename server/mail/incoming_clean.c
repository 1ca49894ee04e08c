// incoming_clean.c: what of a mail gets to the parser. It goes into itself for a message within a message and for a group within a group of
// addresses, as deep as anybody writes them, and takes a second for each megabyte of one header; we need neither.
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "mail/incoming_parts.h"

enum { MOST_FIELD = 8 * 1024, MOST_FIELDS = 1000 };

// The end of the line that begins here, with its line feed.
static const char *line_end(const char *at, const char *end)
{
	const char *feed = memchr(at, '\n', (size_t)(end - at));
	return feed ? feed + 1 : end;
}

// The end of a field: of its line and those that continue it.
static const char *field_end(const char *at, const char *end)
{
	do
		at = line_end(at, end);
	while (at < end && (*at == ' ' || *at == '\t'));
	return at;
}

static bool is_empty(const char *at, const char *end)
{
	return *at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n');
}

// The headers without those that nobody writes so long; what is behind the last of very many is gone.
static char *copy_headers(char *to, const char **from, const char *end)
{
	const char *at = *from;
	for (int fields = 0; at < end && !is_empty(at, end); fields++) {
		const char *next = field_end(at, end);
		size_t length = (size_t)(next - at);
		if (length <= MOST_FIELD && fields < MOST_FIELDS) {
			memcpy(to, at, length);
			to += length;
		}
		at = next;
	}
	*from = at;
	return to;
}

static bool is_word(const char *at, const char *end, const char *word)
{
	return (size_t)(end - at) >= strlen(word) && strncasecmp(at, word, strlen(word)) == 0;
}

static bool is_report(const char *at, const char *end)
{
	return is_word(at, end, "message/delivery-status") || is_word(at, end, "message/global-delivery-status");
}

// A message within is a part like any: "message/rfc822" becomes "xessage/rfc822", however it is folded. The parts of a digest are messages
// without saying so.
static void disarm(char *field, const char *end)
{
	for (char *at = field; at < end; at++) {
		if ((is_word(at, end, "message") && !is_report(at, end)) || is_word(at, end, "digest"))
			*at = 'x';
	}
}

static void disarm_all(char *start, const char *end)
{
	for (char *at = start; at < end; at = start + (line_end(at, end) - start)) {
		if (is_word(at, end, "content-type"))
			disarm(at + strlen("content-type"), field_end(at, end));
	}
}

char *incoming_clean(struct arena *arena, const char *bytes, size_t length, size_t *clean_length)
{
	const char *at = bytes, *end = bytes + length;
	char *clean = arena_alloc(arena, length + 1), *to = copy_headers(clean, &at, end);
	memcpy(to, at, (size_t)(end - at));
	to += end - at;
	*to = '\0';
	disarm_all(clean, to);
	*clean_length = (size_t)(to - clean);
	return clean;
}
