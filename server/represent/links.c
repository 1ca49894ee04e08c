// links.c: columns that SQL can't finish, since what they show is made with the server's key.
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/secret.h"
#include "represent/represent.h"

typedef char *token_maker(struct arena *, const struct secret_key *, const char *platform, const char *id, unsigned version);

// `<id>.<version>` as the database keeps it becomes the token that only our key can make.
static char *token_of(const char *value, const struct represent_links *links, token_maker *make, struct arena *arena)
{
	const char *dot = strchr(value, '.');
	if (dot == NULL || links->platform == NULL)
		return NULL;
	const char *id = arena_slice(arena, value, (size_t)(dot - value));
	return make(arena, links->key, links->platform, id, (unsigned)strtoul(dot + 1, NULL, 10));
}

static const char *address(const char *value, const struct represent_links *links, const char *way, token_maker *make, struct arena *arena)
{
	const char *token = token_of(value, links, make, arena);
	return token ? arena_print(arena, "%s/%s/%s/%s", links->base_url, way, links->platform, token) : NULL;
}

static const char *rsvp_url(const char *value, const struct represent_links *links, struct arena *arena)
{
	return address(value, links, "r", secret_link, arena);
}

static const char *ticket_url(const char *value, const struct represent_links *links, struct arena *arena)
{
	return address(value, links, "t", secret_ticket, arena);
}

// For addresses within our own pages, wherever they are reached.
static const char *ticket_token(const char *value, const struct represent_links *links, struct arena *arena)
{
	return token_of(value, links, secret_ticket, arena);
}

// By which a device without network knows a ticket that it scans, and can't make one.
static const char *ticket_key(const char *value, const struct represent_links *links, struct arena *arena)
{
	const char *token = token_of(value, links, secret_ticket, arena);
	return token ? secret_ticket_key(arena, token) : NULL;
}

// Likewise for the code that people type.
static const char *code_key(const char *value, const struct represent_links *links, struct arena *arena)
{
	return secret_ticket_key(arena, secret_ticket_code(arena, links->key, value));
}

static const char *ticket_code(const char *value, const struct represent_links *links, struct arena *arena)
{
	return secret_ticket_code(arena, links->key, value);
}

static const char *kiosk_url(const char *value, const struct represent_links *links, struct arena *arena)
{
	return address(value, links, "kiosk", secret_kiosk, arena);
}

static const char *certificate_url(const char *value, const struct represent_links *links, struct arena *arena)
{
	return address(value, links, "verify", secret_certificate, arena);
}

static const char *kiosk_token(const char *value, const struct represent_links *links, struct arena *arena)
{
	return token_of(value, links, secret_kiosk, arena);
}

static const char *calendar_url(const char *value, const struct represent_links *links, struct arena *arena)
{
	const char *bare = address(value, links, "calendar", secret_feed, arena);
	return bare ? arena_print(arena, "%s.ics", bare) : NULL;
}

static const char *webcal_url(const char *value, const struct represent_links *links, struct arena *arena)
{
	const char *plain = calendar_url(value, links, arena);
	return plain ? arena_print(arena, "webcal%s", strchr(plain, ':')) : NULL;
}

static const struct {
	const char *column;
	const char *(*make)(const char *value, const struct represent_links *links, struct arena *arena);
} made[] = {
    {"rsvp_url", rsvp_url},
    {"ticket_url", ticket_url},
    {"ticket_token", ticket_token},
    {"ticket_key", ticket_key},
    {"code_key", code_key},
    {"ticket_code", ticket_code},
    {"kiosk_url", kiosk_url},
    {"certificate_url", certificate_url},
    {"kiosk_token", kiosk_token},
    {"calendar_url", calendar_url},
    {"webcal_url", webcal_url},
};

// Of a hidden column the name begins after the `_`. -1: it is none of these.
static int link_number(const char *column)
{
	column += column[0] == '_';
	for (int i = 0; i < (int)(sizeof made / sizeof made[0]); i++) {
		if (strcmp(made[i].column, column) == 0)
			return i;
	}
	return -1;
}

bool represent_is_link(const char *column)
{
	return link_number(column) >= 0;
}

const char *represent_link(const char *column, const char *value, const struct represent_links *links, struct arena *arena)
{
	int number = link_number(column);
	return number >= 0 ? made[number].make(value, links, arena) : value;
}
