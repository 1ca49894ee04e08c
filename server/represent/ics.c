// ics.c: a calendar that is published: events for everybody, without attendees (RFC 5545, RFC 5546 3.2.1, RFC 7986), or the one event of a
// mail to one invitee (RFC 5546 3.2.2 and 3.2.5).
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/ics.h"
#include "represent/represent.h"

enum { MAX_ZONES = 32 };

struct calendar {
	struct buffer *out;
	struct buffer line;
	const struct rows *events;
	struct arena *arena;
	const char *method;               // PUBLISH; of a mail: REQUEST, CANCEL or DECLINECOUNTER
	const char *reply_to;             // of a mail: where answers go, rather than to the organiser's own address; or NULL
	bool countered;                   // somebody reads there that another time is proposed
	struct ics_zone *zone[MAX_ZONES]; // those that the events use
	int zones;
};

static void text_line(struct calendar *calendar, const char *property, const char *text)
{
	if (!text || !*text)
		return;
	buffer_print(&calendar->line, "%s:", property);
	ics_add_text(&calendar->line, text);
	ics_end_line(calendar->out, &calendar->line);
}

// The zone by that name, opened once. NULL for an unknown one and for more than any calendar has: then times are in UTC.
static struct ics_zone *find_zone(struct calendar *calendar, const char *name)
{
	for (int i = 0; name && i < calendar->zones; i++)
		if (strcmp(ics_zone_name(calendar->zone[i]), name) == 0)
			return calendar->zone[i];
	struct ics_zone *zone = calendar->zones < MAX_ZONES ? ics_zone_open(calendar->arena, name) : NULL;
	if (zone)
		calendar->zone[calendar->zones++] = zone;
	return zone;
}

static bool read_time(const struct calendar *calendar, int row, const char *column, int64_t *seconds)
{
	struct instant instant;
	const char *text = rows_text(calendar->events, row, column);
	if (!text || !instant_read(&instant, text))
		return false;
	*seconds = instant.seconds;
	return true;
}

static void utc_line(struct calendar *calendar, const char *property, int64_t seconds)
{
	struct civil civil = instant_civil(seconds);
	buffer_print(&calendar->line, "%s:%04d%02d%02dT%02d%02d%02dZ", property, civil.year, civil.month, civil.day, civil.hour, civil.minute,
	    civil.second);
	ics_end_line(calendar->out, &calendar->line);
}

static void stamp_line(struct calendar *calendar, int row, const char *property, const char *column)
{
	int64_t seconds;
	if (read_time(calendar, row, column, &seconds))
		utc_line(calendar, property, seconds);
}

// In the meeting's zone, so that it keeps its hour if the law of that zone changes.
static void time_line(struct calendar *calendar, int row, const char *property, const char *column)
{
	int64_t seconds;
	struct civil civil;
	if (!read_time(calendar, row, column, &seconds))
		return;
	struct ics_zone *zone = find_zone(calendar, rows_text(calendar->events, row, "time_zone"));
	if (!zone || !ics_zone_local(zone, seconds, &civil)) {
		utc_line(calendar, property, seconds);
		return;
	}
	buffer_print(&calendar->line, "%s;TZID=%s:%04d%02d%02dT%02d%02d%02d", property, ics_zone_name(zone), civil.year, civil.month, civil.day,
	    civil.hour, civil.minute, civil.second);
	ics_end_line(calendar->out, &calendar->line);
}

static bool is_published(const struct calendar *calendar)
{
	return strcmp(calendar->method, "PUBLISH") == 0;
}

// There must be an organiser; one without an address gets Apple's way to say so.
static void organiser_line(struct calendar *calendar, int row)
{
	const char *name = rows_text(calendar->events, row, "organiser_name"), *email = rows_text(calendar->events, row, "organiser_email");
	if (calendar->reply_to)
		email = calendar->reply_to;
	buffer_puts(&calendar->line, "ORGANIZER");
	if (name && *name) {
		buffer_puts(&calendar->line, ";CN=");
		ics_add_parameter(&calendar->line, name);
	}
	buffer_putc(&calendar->line, ':');
	if (email && *email)
		ics_add_address(&calendar->line, email);
	else
		buffer_puts(&calendar->line, "invalid:nomail");
	ics_end_line(calendar->out, &calendar->line);
}

// Others who come, where the organiser chose that their addresses are shown: "<name>\t<address>", a line each.
static void other_lines(struct calendar *calendar, int row)
{
	const char *at = rows_text(calendar->events, row, "others");
	while (at != NULL && *at != '\0') {
		size_t name = strcspn(at, "\t\n"), line = strcspn(at, "\n");
		if (at[name] == '\t') {
			buffer_puts(&calendar->line, "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=");
			ics_add_parameter(&calendar->line, arena_slice(calendar->arena, at, name));
			buffer_putc(&calendar->line, ':');
			ics_add_address(&calendar->line, arena_slice(calendar->arena, at + name + 1, line - name - 1));
			ics_end_line(calendar->out, &calendar->line);
		}
		at += line + (at[line] == '\n');
	}
}

// The recipient, to whom alone clients show Yes and No.
static void attendee_line(struct calendar *calendar, int row)
{
	const char *name = rows_text(calendar->events, row, "attendee_name"), *asked = rows_text(calendar->events, row, "rsvp");
	const char *partstat = rows_text(calendar->events, row, "partstat");
	buffer_print(&calendar->line, "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=%s;RSVP=%s",
	    partstat ? partstat : "NEEDS-ACTION", asked && *asked == 't' ? "TRUE" : "FALSE");
	if (name && *name) {
		buffer_puts(&calendar->line, ";CN=");
		ics_add_parameter(&calendar->line, name);
	}
	buffer_putc(&calendar->line, ':');
	ics_add_address(&calendar->line, rows_text(calendar->events, row, "attendee_email"));
	ics_end_line(calendar->out, &calendar->line);
}

// What Outlook shows of the time, and whether it offers to propose another.
static void microsoft_lines(struct calendar *calendar, int row)
{
	text_line(calendar, "X-MICROSOFT-CDO-BUSYSTATUS", rows_text(calendar->events, row, "busy"));
	if (is_published(calendar))
		return;
	text_line(calendar, "X-MICROSOFT-CDO-INTENDEDSTATUS", strcmp(calendar->method, "CANCEL") == 0 ? "FREE" : "BUSY");
	text_line(calendar, "X-MICROSOFT-DISALLOW-COUNTER", calendar->countered ? "FALSE" : "TRUE");
}

// Takes a meeting's status as well as iCalendar's own.
static const char *status_of(const char *status)
{
	static const struct {
		const char *meeting, *event;
	} table[] = {
	    {"cancelled", "CANCELLED"},
	    {"draft", "TENTATIVE"},
	    {"tentative", "TENTATIVE"},
	};
	for (size_t i = 0; status && i < sizeof table / sizeof *table; i++)
		if (strcasecmp(status, table[i].meeting) == 0)
			return table[i].event;
	return "CONFIRMED";
}

static void url_line(struct calendar *calendar, int row)
{
	const char *url = rows_text(calendar->events, row, "url");
	if (!url || !*url)
		return;
	buffer_puts(&calendar->line, "URL:");
	ics_add_uri(&calendar->line, url);
	ics_end_line(calendar->out, &calendar->line);
}

// A meeting without a date is no event yet.
static bool is_event(const struct calendar *calendar, int row)
{
	int64_t seconds;
	return read_time(calendar, row, "starts_at", &seconds);
}

static void write_event(struct calendar *calendar, int row)
{
	const char *sequence = rows_text(calendar->events, row, "sequence");
	const char *status = status_of(rows_text(calendar->events, row, "status"));
	ics_put(calendar->out, "BEGIN:VEVENT");
	text_line(calendar, "UID", rows_text(calendar->events, row, "uid"));
	buffer_print(&calendar->line, "SEQUENCE:%ld", sequence ? strtol(sequence, NULL, 10) : 0L);
	ics_end_line(calendar->out, &calendar->line);
	// From the data, not the clock: the same calendar has the same bytes, and the same ETag.
	stamp_line(calendar, row, "DTSTAMP", "dtstamp");
	if (is_published(calendar))
		stamp_line(calendar, row, "LAST-MODIFIED", "dtstamp");
	stamp_line(calendar, row, "CREATED", "created");
	time_line(calendar, row, "DTSTART", "starts_at");
	time_line(calendar, row, "DTEND", "ends_at");
	text_line(calendar, "SUMMARY", rows_text(calendar->events, row, "summary"));
	text_line(calendar, "DESCRIPTION", rows_text(calendar->events, row, "description"));
	text_line(calendar, "LOCATION", rows_text(calendar->events, row, "location"));
	url_line(calendar, row);
	organiser_line(calendar, row);
	if (!is_published(calendar))
		attendee_line(calendar, row);
	other_lines(calendar, row);
	text_line(calendar, "STATUS", status);
	text_line(calendar, "TRANSP", strcmp(status, "CANCELLED") == 0 ? "TRANSPARENT" : "OPAQUE");
	microsoft_lines(calendar, row);
	ics_put(calendar->out, "END:VEVENT");
}

// Zones stand before the events that use them. A calendar must hold something, so an empty one holds UTC.
static void write_zones(struct calendar *calendar, bool empty)
{
	for (int row = 0; row < calendar->events->count; row++) {
		int64_t starts, ends;
		if (!read_time(calendar, row, "starts_at", &starts))
			continue;
		struct ics_zone *zone = find_zone(calendar, rows_text(calendar->events, row, "time_zone"));
		if (zone)
			ics_zone_use(zone, starts);
		if (zone && read_time(calendar, row, "ends_at", &ends))
			ics_zone_use(zone, ends);
	}
	if (empty)
		find_zone(calendar, "Etc/UTC");
	for (int i = 0; i < calendar->zones; i++)
		ics_zone_write(calendar->out, calendar->zone[i]);
}

static void write_head(struct calendar *calendar, const char *name, const char *language)
{
	ics_put(calendar->out, "BEGIN:VCALENDAR");
	ics_put(calendar->out, "VERSION:2.0");
	ics_put(calendar->out, "PRODID:-//Narada//Narada//EN");
	ics_put(calendar->out, "CALSCALE:GREGORIAN");
	text_line(calendar, "METHOD", calendar->method);
	if (!is_published(calendar))
		return;
	if (name && *name && language) {
		buffer_puts(&calendar->line, "NAME;LANGUAGE=");
		buffer_puts(&calendar->line, language);
		buffer_putc(&calendar->line, ':');
		ics_add_text(&calendar->line, name);
		ics_end_line(calendar->out, &calendar->line);
	}
	text_line(calendar, "X-WR-CALNAME", name);
	ics_put(calendar->out, "REFRESH-INTERVAL;VALUE=DURATION:PT1H");
	ics_put(calendar->out, "X-PUBLISHED-TTL:PT1H");
}

static void write_calendar(struct calendar *calendar, const char *name, const char *language)
{
	buffer_init(&calendar->line, calendar->arena);
	bool empty = true;
	for (int row = 0; row < calendar->events->count; row++)
		empty = empty && !is_event(calendar, row);
	write_head(calendar, name, language);
	write_zones(calendar, empty);
	for (int row = 0; row < calendar->events->count; row++)
		if (is_event(calendar, row))
			write_event(calendar, row);
	ics_put(calendar->out, "END:VCALENDAR");
	arena_free(calendar->arena);
}

void represent_ics(struct buffer *out, const struct rows *events, const char *name, const char *language)
{
	struct calendar calendar = {.out = out, .events = events, .arena = arena_new(), .method = "PUBLISH"};
	write_calendar(&calendar, name, language);
}

void represent_ics_mail(struct buffer *out, const struct rows *event, const char *reply_to, bool countered)
{
	const char *method = rows_text(event, 0, "method");
	struct calendar calendar = {
	    .out = out, .events = event, .arena = arena_new(), .method = method, .reply_to = reply_to, .countered = countered};
	write_calendar(&calendar, NULL, NULL);
}
