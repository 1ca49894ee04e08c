// problem.h: the one way anything in this program says "no".
//
// A problem is a kind (fixed, in problem.c's table: slug, HTTP status, title) plus what is particular to this
// occurrence: RFC 9457. Texts live as long as the request's arena, or are static. Nothing else knows status codes.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum problem_kind {
	PROBLEM_NONE,
	PROBLEM_BAD_REQUEST,     // 400: not even syntax
	PROBLEM_NOT_SIGNED_IN,   // 401
	PROBLEM_NOT_ALLOWED,     // 403
	PROBLEM_NOT_FOUND,       // 404
	PROBLEM_METHOD,          // 405, with `allow`
	PROBLEM_NOT_ACCEPTABLE,  // 406
	PROBLEM_CONFLICT,        // 409
	PROBLEM_GONE,            // 410
	PROBLEM_STALE,           // 412
	PROBLEM_TOO_LARGE,       // 413
	PROBLEM_URI_TOO_LONG,    // 414
	PROBLEM_MEDIA_TYPE,      // 415
	PROBLEM_BAD_INPUT,       // 422, with `fields`
	PROBLEM_NEEDS_VERSION,   // 428
	PROBLEM_TOO_MANY,        // 429
	PROBLEM_HEADERS_TOO_BIG, // 431
	PROBLEM_BROKEN,          // 500
	PROBLEM_BUSY,            // 503, with `retry_after`
	PROBLEM_KINDS,
};

struct arena;
struct limiter_rule;

struct problem_field {
	const char *pointer; // JSON pointer ("/ends_at"), or "?limit" for a query parameter, "#If-Match" for a header
	const char *detail;  // one English sentence
	const char *code;    // lower_snake_case, translated as `problem.<code>`: "required", "too_long", …
	struct problem_field *next;
};

struct problem {
	enum problem_kind kind;
	const char *detail;           // one English sentence for the caller, or NULL
	const char *code;             // lower_snake_case, more particular than the kind, or NULL
	struct problem_field *fields; // in the order found; NULL if none
	struct problem_field *last;
	const char *allow;                // the methods a 405 names, "GET, HEAD, POST"
	int retry_after;                  // seconds, 0 for none
	const struct limiter_rule *limit; // which one a 429 has reached, or NULL
};

// Fills *why and returns false, so refusing is always `return refuse(...)`.
bool refuse(struct problem *why, enum problem_kind kind, const char *detail, const char *code);

// Adds one field's error and makes *why a PROBLEM_BAD_INPUT; the caller goes on looking for more.
void problem_add(struct problem *why, struct arena *arena, const char *pointer, const char *code, const char *detail);

// The kind for a five-character SQLSTATE ("NA404" and PostgreSQL's own); PROBLEM_BROKEN for one we don't expect.
enum problem_kind problem_from_sqlstate(const char *sqlstate);

int problem_status(enum problem_kind kind);
const char *problem_slug(enum problem_kind kind);
const char *problem_title(enum problem_kind kind);
