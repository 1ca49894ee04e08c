// represent.h: rows become JSON, CSV, iCalendar or a page.
//
// Room rules: uses base/, jansson, ICU. Knows nothing of HTTP, operations or databases. Output is UTF-8 and goes to a buffer.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rows.h"

struct arena;
struct buffer;

// Turns a value that SQL can't finish (columns `rsvp_url`, `ticket_url`; `calendar_url`, and `webcal_url`, which opens a calendar program) to what is
// shown. NULL: as it is. `arena` is the buffer's.
struct represent_links {
	char *(*rsvp_url)(const char *value, void *argument, struct arena *arena);
	char *(*calendar_url)(const char *value, void *argument, struct arena *arena);
	char *(*ticket_url)(const char *value, void *argument, struct arena *arena);
	void *argument;
};

// One row as a JSON object. `_`-columns are left out unless `hidden`.
void represent_json_row(struct buffer *out, const struct rows *rows, int row, bool hidden, const struct represent_links *links);
// {"items": […], "next": <string or null>}: at most `limit` rows (-1: all).
void represent_json_list(struct buffer *out, const struct rows *rows, int limit, const char *next, const struct represent_links *links);
void represent_json_string(struct buffer *out, const char *text); // quoted, escaped
// The same as jansson values, for templates (with `_` columns); a new reference.
json_t *represent_value(const struct rows *rows, int row, const struct represent_links *links);

// PostgreSQL's "2019-12-17 09:00:00.5+00" as RFC 3339 "2019-12-17T09:00:00.5Z" (arena).
char *represent_time(struct arena *arena, const char *timestamptz);

// CSV, RFC 4180, CRLF; `_` columns are left out. For a spreadsheet: `bom`, separator ';' and `guard`, which keeps cells from being taken
// for formulas; a program gets the bare values. `spread`, where there is one, has a row for each column (its `name`) over which the JSON
// array of a row is spread, cell by cell: for tables whose columns only the data knows.
struct represent_csv {
	char separator; // ',', ';' or '\t'
	bool bom, guard;
	const struct rows *spread; // or NULL; lives as long as the writing
};
void represent_csv_header(struct buffer *out, const struct rows *rows, const struct represent_csv *how);
void represent_csv_rows(struct buffer *out, const struct rows *rows, const struct represent_csv *how, const struct represent_links *links);

// iCalendar, RFC 5545: PUBLISH, one VEVENT a row (columns: uid, sequence, dtstamp, created, starts_at, ends_at, time_zone, summary,
// description, location, url, status, organiser_name, organiser_email); folded at 75 octets, CRLF, VTIMEZONE with STANDARD and DAYLIGHT for
// every zone used. Where there is a column `busy`, Outlook is told (BUSY, TENTATIVE, FREE).
void represent_ics(struct buffer *out, const struct rows *events, const char *name, const char *language);
// The one event of a mail to its one attendee: `method` (REQUEST or CANCEL), the columns above, and attendee_name, attendee_email,
// partstat, rsvp (an answer is asked for). `reply_to`, where there is one, goes for organiser_email; `countered`: other
// times may be proposed to it.
void represent_ics_mail(struct buffer *out, const struct rows *event, const char *reply_to, bool countered);
