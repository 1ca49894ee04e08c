// ics.h: the parts of a calendar: lines, zones. Private to represent/: ics.c, ics_text.c, ics_zone.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "represent/instant.h"

struct arena;
struct buffer;

// Ends the line being built in `line` and empties it: folded to at most 75 octets, never within a character or an escape, with CRLF.
void ics_end_line(struct buffer *out, struct buffer *line);
// Both: one whole line, its value as it is.
void ics_put(struct buffer *out, const char *text);

// Parts of a line. Line breaks never come through, control characters are dropped.
void ics_add_text(struct buffer *line, const char *text);      // a TEXT value, RFC 5545 3.3.11
void ics_add_parameter(struct buffer *line, const char *text); // in quotes, RFC 6868
void ics_add_address(struct buffer *line, const char *email);  // mailto:, with an international domain as its A-label
void ics_add_uri(struct buffer *line, const char *uri);

// A zone and the years in which it is used.
struct ics_zone;
struct ics_zone *ics_zone_open(struct arena *arena, const char *name); // NULL if there is no such zone; the arena closes it
const char *ics_zone_name(const struct ics_zone *zone);
void ics_zone_use(struct ics_zone *zone, int64_t seconds); // an event is then
// The wall clock there. False where it shows the same twice, when it is put back: RFC 5545 3.3.5 takes a local time for the first, readers
// take it for either, so that both are said in UTC.
bool ics_zone_local(struct ics_zone *zone, int64_t seconds, struct civil *civil);
void ics_zone_write(struct buffer *out, struct ics_zone *zone); // VTIMEZONE
