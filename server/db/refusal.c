// refusal.c: what a database error tells the caller, and what only the operator may read.
#include <string.h>

#include "base/arena.h"
#include "db/pool.h"

enum { RETRY_SECONDS = 2 };

// What a caller is told instead of PostgreSQL's text, which speaks of tables and may quote values. Most particular first.
static const struct {
	const char *prefix, *detail;
} details[] = {
    {"23505", "Something with these values is there already."},
    {"23503", "Something this refers to does not exist, or is still needed elsewhere."},
    {"23502", "A value is missing."},
    {"23514", "A value is outside of what is allowed."},
    {"23P01", "It overlaps with something that is there already."},
    {"22P02", "A value does not have the form it needs."},
    {"22", "A value is outside of what can be stored."},
    {"40", "Somebody changed the same things at the same moment. Try again."},
    {"57014", "This took too long and was given up. Nothing was changed."},
    {"53", "The database is busy. Try again shortly."},
    {"57", "The database is restarting. Try again shortly."},
    {"", "The request could not be carried out. Nothing was changed."},
};

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const char *detail_of(const char *sqlstate)
{
	for (size_t i = 0;; i++)
		if (begins_with(sqlstate, details[i].prefix))
			return details[i].detail;
}

// Whether the DETAIL of an error is one of our codes and not prose.
static bool is_code(const char *text)
{
	return text && *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static const char *field(struct arena *arena, const PGresult *result, int code)
{
	return arena_copy(arena, PQresultErrorField(result, code));
}

// Raised by our own SQL: it says what to tell.
static void from_ours(struct problem *why, struct arena *arena, const PGresult *result)
{
	why->detail = field(arena, result, PG_DIAG_MESSAGE_PRIMARY);
	why->code = field(arena, result, PG_DIAG_MESSAGE_DETAIL);
	if (!is_code(why->code))
		why->code = NULL;
}

static void from_theirs(struct problem *why, struct arena *arena, const PGresult *result, const char *sqlstate)
{
	why->detail = detail_of(sqlstate);
	// A constraint's name is a code: the pages translate `problem.<constraint>`.
	if (begins_with(sqlstate, "23"))
		why->code = field(arena, result, PG_DIAG_CONSTRAINT_NAME);
	if (strcmp(sqlstate, "23502") == 0)
		why->code = "required";
}

// What is unique is named after the thing and its member: `meeting_slug_taken`.
static const char *member_taken(struct arena *arena, const char *constraint)
{
	const char *member = constraint ? strchr(constraint, '_') : NULL;
	const char *end = member ? strstr(member + 1, "_taken") : NULL;
	return end && end[strlen("_taken")] == '\0' ? arena_slice(arena, member + 1, (size_t)(end - member) - 1) : NULL;
}

// A form shows the error beside the field that the column names, whatever the status is.
static void point_at_column(struct problem *why, struct arena *arena, const char *column)
{
	struct problem told = *why;

	problem_add(why, arena, arena_print(arena, "/%s", column), told.code ? told.code : "invalid", told.detail);
	why->kind = told.kind;
	why->detail = told.detail;
	why->code = told.code;
}

static const char *report(const struct db_batch *batch, const PGresult *result, const char *sqlstate, int item, const char *broken)
{
	const char *name = item >= 0 && item < batch->count ? batch->item[item].statement->name : "commit";

	return arena_print(batch->arena, "%s in %s: %s", sqlstate, name, broken ? broken : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

void refusal_from_result(struct db_batch *batch, const PGresult *result, int item, const char *broken)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
	struct problem *why = &batch->why;

	batch->failed = item >= 0 && item < batch->count ? item : -1;
	if (!sqlstate) { // made by libpq itself: the connection is going
		refusal_lost(why);
		return;
	}
	*why = (struct problem){.kind = problem_from_sqlstate(sqlstate)};
	if (begins_with(sqlstate, "NA"))
		from_ours(why, batch->arena, result);
	else
		from_theirs(why, batch->arena, result, sqlstate);
	if (column && *column && (begins_with(sqlstate, "NA") || begins_with(sqlstate, "23")))
		point_at_column(why, batch->arena, column);
	else if (strcmp(sqlstate, "23505") == 0 && (column = member_taken(batch->arena, why->code)))
		point_at_column(why, batch->arena, column);
	if (why->kind == PROBLEM_BUSY)
		why->retry_after = RETRY_SECONDS;
	// Also for a right that is missing: row-level security refuses so, but so does a grant that a migration forgot.
	if (why->kind == PROBLEM_BROKEN || strcmp(sqlstate, "42501") == 0)
		batch->report = report(batch, result, sqlstate, item, broken);
}

void refusal_lost(struct problem *why)
{
	(void)refuse(
	    why, PROBLEM_BUSY, "The connection to the database was lost; whether this was still done is not known.", "outcome_unknown");
	why->retry_after = RETRY_SECONDS;
}

void refusal_busy(struct problem *why)
{
	(void)refuse(why, PROBLEM_BUSY, "Too much is going on, or the database is away. Nothing was changed.", "database_busy");
	why->retry_after = RETRY_SECONDS;
}
