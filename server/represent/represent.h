// represent.h: rows become JSON, iCalendar or a page. Tables (CSV, workbooks) and cards are in sheet.h and workbook.h.
//
// Room rules: uses base/, jansson, ICU. Knows nothing of HTTP, operations or databases. Output is UTF-8 and goes to a buffer.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/rows.h"

struct arena;
struct buffer;
struct secret_key;

// What SQL can't finish: columns of these names hold `<id>.<version>` and are shown as what only the server's key can make of it:
// `rsvp_url`, `ticket_url`, `ticket_token`, `ticket_key`, `ticket_code`, `kiosk_url`, `kiosk_token`, `certificate_url`, `calendar_url`, and
// `webcal_url`, which opens a calendar program. The table is in links.c. Without a platform they are NULL, without links (NULL) as they
// are.
struct represent_links {
	const struct secret_key *key;
	const char *base_url; // without trailing slash
	const char *platform; // its slug
};
bool represent_is_link(const char *column);
// The text to show of any column; it is in the arena, or `value` itself.
const char *represent_link(const char *column, const char *value, const struct represent_links *links, struct arena *arena);

// One row as a JSON object. `_`-columns are left out unless `hidden`.
void represent_json_row(struct buffer *out, const struct rows *rows, int row, bool hidden, const struct represent_links *links);
// {"items": […], "next": <string or null>}: at most `limit` rows (-1: all).
void represent_json_list(struct buffer *out, const struct rows *rows, int limit, const char *next, const struct represent_links *links);
void represent_json_string(struct buffer *out, const char *text); // quoted, escaped
// The same as jansson values, for templates (with `_` columns); a new reference.
json_t *represent_value(const struct rows *rows, int row, const struct represent_links *links);

// PostgreSQL's "2019-12-17 09:00:00.5+00" as RFC 3339 "2019-12-17T09:00:00.5Z" (arena).
char *represent_time(struct arena *arena, const char *timestamptz);

// iCalendar, RFC 5545: PUBLISH, one VEVENT a row (columns: uid, sequence, dtstamp, created, starts_at, ends_at, time_zone, summary,
// description, location, url, status, organiser_name, organiser_email); folded at 75 octets, CRLF, VTIMEZONE with STANDARD and DAYLIGHT for
// every zone used. Where there is a column `busy`, Outlook is told (BUSY, TENTATIVE, FREE).
void represent_ics(struct buffer *out, const struct rows *events, const char *name, const char *language);
// The one event of a mail to its one attendee: `method` (REQUEST or CANCEL), the columns above, and attendee_name, attendee_email, others
// (who is named besides), partstat, rsvp (an answer is asked for). `reply_to`, where there is one, goes for organiser_email; `countered`:
// other times may be proposed to it.
void represent_ics_mail(struct buffer *out, const struct rows *event, const char *reply_to, bool countered);
