// authentication.c: what a mail server of ours found out about a sender, from the Authentication-Results that it wrote (RFC 8601).
//
// Anybody can write such a line: only those count that bear the name of the server we trust, which takes out those of others that do.
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "mail/incoming.h"

static const char name[] = "Authentication-Results:";

// One header with its folded lines, or the empty line.
static size_t header_length(const char *bytes, size_t length)
{
	size_t end = 0;
	do {
		const char *line_end = memchr(bytes + end, '\n', length - end);
		end = line_end ? (size_t)(line_end - bytes) + 1 : length;
	} while (end < length && (bytes[end] == ' ' || bytes[end] == '\t'));
	return end;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

// The next word: what stands between spaces, semicolons and comments. Gives its length, 0 at the end, and moves `at` behind it.
static size_t next_word(const char **at, const char *end, const char **word)
{
	int depth = 0;
	while (*at < end && (depth > 0 || is_space(**at) || **at == ';' || **at == '(')) {
		depth += **at == '(' ? 1 : **at == ')' && depth > 0 ? -1 : 0;
		(*at)++;
	}
	*word = *at;
	while (*at < end && !is_space(**at) && **at != ';' && **at != '(')
		(*at)++;
	return (size_t)(*at - *word);
}

static bool is_word(const char *word, size_t length, const char *expected)
{
	return length == strlen(expected) && strncasecmp(word, expected, length) == 0;
}

static bool says_no(const char *at, const char *end, const char *server)
{
	const char *word;
	size_t length = next_word(&at, end, &word);
	if (!is_word(word, length, server))
		return false;
	while ((length = next_word(&at, end, &word)) > 0) {
		if (is_word(word, length, "dmarc=fail"))
			return true;
	}
	return false;
}

bool incoming_is_forged(const char *bytes, size_t length, const char *server)
{
	while (length > 0 && *bytes != '\n' && *bytes != '\r') {
		size_t header = header_length(bytes, length);
		if (header > sizeof name && strncasecmp(bytes, name, sizeof name - 1) == 0 &&
		    says_no(bytes + sizeof name - 1, bytes + header, server))
			return true;
		bytes += header;
		length -= header;
	}
	return false;
}
