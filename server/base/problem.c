// problem.c: kinds of refusal, and which database errors mean which.
#include "base/problem.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static const struct {
	int status;
	const char *slug, *title;
} kinds[PROBLEM_KINDS] = {
    [PROBLEM_NONE] = {200, "", ""},
    [PROBLEM_BAD_REQUEST] = {400, "bad-request", "The request could not be understood"},
    [PROBLEM_NOT_SIGNED_IN] = {401, "not-signed-in", "Sign in first"},
    [PROBLEM_NOT_ALLOWED] = {403, "not-allowed", "Not yours to do"},
    [PROBLEM_NOT_FOUND] = {404, "not-found", "No such thing"},
    [PROBLEM_METHOD] = {405, "method", "This can't be done here"},
    [PROBLEM_NOT_ACCEPTABLE] = {406, "not-acceptable", "Not available in that form"},
    [PROBLEM_CONFLICT] = {409, "conflict", "In conflict with what is there"},
    [PROBLEM_GONE] = {410, "gone", "No longer here"},
    [PROBLEM_STALE] = {412, "stale", "Somebody changed it in the meantime"},
    [PROBLEM_TOO_LARGE] = {413, "too-large", "Too much at once"},
    [PROBLEM_URI_TOO_LONG] = {414, "uri-too-long", "The address is too long"},
    [PROBLEM_MEDIA_TYPE] = {415, "media-type", "Not a media type this accepts"},
    [PROBLEM_BAD_INPUT] = {422, "bad-input", "The request does not fit the contract"},
    [PROBLEM_NEEDS_VERSION] = {428, "needs-version", "Say which version you are changing"},
    [PROBLEM_TOO_MANY] = {429, "too-many", "Too many requests"},
    [PROBLEM_HEADERS_TOO_BIG] = {431, "headers-too-big", "The request's headers are too big"},
    [PROBLEM_BROKEN] = {500, "broken", "Our fault"},
    [PROBLEM_BUSY] = {503, "busy", "Try again shortly"},
};

// PostgreSQL's own. Most particular first: a class (two characters) matches whatever its exact codes above it have not.
static const struct {
	const char *prefix;
	enum problem_kind kind;
} by_sqlstate[] = {
    {"23505", PROBLEM_CONFLICT}, // unique
    {"23P01", PROBLEM_CONFLICT}, // exclusion: taken
    {"23503", PROBLEM_CONFLICT}, // foreign key: still in use, or gone in the meantime
    {"23", PROBLEM_BAD_INPUT},
    {"22", PROBLEM_BAD_INPUT},
    {"42501", PROBLEM_NOT_ALLOWED}, // row-level security
    {"40", PROBLEM_BUSY},           // serialization, deadlock: safe to retry
    {"55P03", PROBLEM_BUSY},        // lock not available
    {"53", PROBLEM_BUSY},
    {"57", PROBLEM_BUSY},
    {"08", PROBLEM_BUSY},
};

bool refuse(struct problem *why, enum problem_kind kind, const char *detail, const char *code)
{
	*why = (struct problem){.kind = kind, .detail = detail, .code = code};
	return false;
}

void problem_add(struct problem *why, struct arena *arena, const char *pointer, const char *code, const char *detail)
{
	struct problem_field *field = arena_alloc(arena, sizeof *field);
	*field = (struct problem_field){.pointer = pointer, .detail = detail, .code = code};
	if (why->last)
		why->last->next = field;
	else
		why->fields = field;
	why->last = field;
	why->kind = PROBLEM_BAD_INPUT;
}

static enum problem_kind kind_of_status(const char *digits)
{
	int status = (int)strtol(digits, NULL, 10);
	for (int kind = PROBLEM_NONE + 1; kind < PROBLEM_KINDS; kind++)
		if (kinds[kind].status == status)
			return kind;
	return PROBLEM_BROKEN;
}

enum problem_kind problem_from_sqlstate(const char *sqlstate)
{
	if (!sqlstate)
		return PROBLEM_BROKEN;
	// Our functions raise "NA" and the status.
	if (strncmp(sqlstate, "NA", 2) == 0)
		return kind_of_status(sqlstate + 2);
	for (size_t i = 0; i < sizeof by_sqlstate / sizeof *by_sqlstate; i++)
		if (strncmp(sqlstate, by_sqlstate[i].prefix, strlen(by_sqlstate[i].prefix)) == 0)
			return by_sqlstate[i].kind;
	return PROBLEM_BROKEN;
}

int problem_status(enum problem_kind kind)
{
	return kinds[kind].status;
}

const char *problem_slug(enum problem_kind kind)
{
	return kinds[kind].slug;
}

const char *problem_title(enum problem_kind kind)
{
	return kinds[kind].title;
}
