// bounce.c: delivery reports (RFC 3464), and those of mail systems that only write a letter.
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "mail/incoming.h"
#include "mail/incoming_parts.h"

enum { MOST_DIAGNOSTIC = 500, MOST_ADDRESS = 320, MOST_STATUS = 15 };

// The field `name` of a block that ends with an empty line, its folded lines joined; NULL if it is not there.
static char *field(struct arena *arena, const char *block, size_t length, const char *name)
{
	size_t name_length = strlen(name);
	for (const char *at = block, *end = block + length; at < end;) {
		size_t line = strcspn(at, "\n");
		if (strncasecmp(at, name, name_length) == 0 && at[name_length] == ':') {
			while (at[line] == '\n' && (at[line + 1] == ' ' || at[line + 1] == '\t'))
				line += 1 + strcspn(at + line + 1, "\n");
			return arena_slice(arena, at + name_length + 1, line - name_length - 1);
		}
		at += line + (at[line] == '\n');
	}
	return NULL;
}

// "rfc822; somebody@example.org" without its type.
static const char *typed(const char *value)
{
	const char *semicolon = value ? strchr(value, ';') : NULL;
	return semicolon ? semicolon + 1 : value;
}

static size_t digits(const char *text, size_t most)
{
	size_t count = strspn(text, "0123456789");
	return count <= most ? count : 0;
}

// How long the "5.1.10" at the beginning of a text is; 0: there is none.
static size_t status_length(const char *text)
{
	if (strchr("245", *text) == NULL || *text == '\0' || text[1] != '.')
		return 0;
	size_t subject = digits(text + 2, 3);
	if (subject == 0 || text[2 + subject] != '.')
		return 0;
	size_t detail = digits(text + 3 + subject, 3);
	return detail > 0 ? 3 + subject + detail : 0;
}

static const char *find_status(struct arena *arena, const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		size_t length = at == text || strchr(" \t\n#(<[;:", at[-1]) != NULL ? status_length(at) : 0;
		if (length > 0)
			return arena_slice(arena, at, length);
	}
	return NULL;
}

static void take(struct incoming_bounce *bounce, const char *block, size_t length, struct arena *arena)
{
	const char *status = field(arena, block, length, "Status"), *diagnostic = typed(field(arena, block, length, "Diagnostic-Code"));
	const char *recipient = typed(field(arena, block, length, "Original-Recipient"));
	if (recipient == NULL)
		recipient = typed(field(arena, block, length, "Final-Recipient"));
	bounce->action = incoming_line(arena, field(arena, block, length, "Action"), MOST_STATUS);
	bounce->status = status ? find_status(arena, status) : NULL;
	if (bounce->status == NULL && diagnostic != NULL)
		bounce->status = find_status(arena, diagnostic);
	bounce->diagnostic = incoming_line(arena, diagnostic, MOST_DIAGNOSTIC);
	bounce->recipient = incoming_line(arena, recipient, MOST_ADDRESS);
}

void bounce_read(struct incoming *incoming, const char *fields, struct arena *arena)
{
	struct incoming_bounce found;
	incoming->kind = INCOMING_BOUNCE;
	// Blocks stand between empty lines; the first is about the message, each other about a recipient. Who got nothing matters more than who
	// did.
	for (const char *at = fields; *at != '\0';) {
		at += strspn(at, "\n");
		const char *gap = strstr(at, "\n\n");
		size_t length = gap ? (size_t)(gap - at) : strlen(at);
		take(&found, at, length, arena);
		if (found.action != NULL && (incoming->bounce.action == NULL || strcasecmp(found.action, "failed") == 0))
			incoming->bounce = found;
		if (found.action != NULL && strcasecmp(found.action, "failed") == 0)
			return;
		at += length;
	}
}

void bounce_guess(struct incoming *incoming, const char *text, const char *recipient, struct arena *arena)
{
	const char *status = find_status(arena, text);
	incoming->kind = INCOMING_BOUNCE;
	incoming->bounce = (struct incoming_bounce){.action = "failed",
	    .status = status,
	    .diagnostic = incoming_line(arena, text, MOST_DIAGNOSTIC),
	    .recipient = incoming_line(arena, recipient, MOST_ADDRESS)};
	// "Will be tried again" is no failure, whatever else a letter says.
	if (status != NULL && *status == '4')
		incoming->bounce.action = "delayed";
}
