// calendar_in.c: an iCalendar REPLY or COUNTER (RFC 5546), as Outlook, Gmail, Apple, Thunderbird and others write them.
#include <libical/ical.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "mail/incoming.h"
#include "mail/incoming_parts.h"

enum {
	MOST_CALENDAR = 512 * 1024,
	MOST_KEPT = 2000, // lines that libical gets to see
	MOST_LINE = 8 * 1024,
	MOST_DEPTH = 8,
	MOST_TEXT = 2000,
	MOST_ADDRESS = 320,
	MOST_NAME = 200,
	MOST_UID = 500,
};

// What we look at. Nothing else gets to the parser: no rule is ever read, let alone expanded, no alarm and no attachment.
static const char *const kept[] = {"METHOD", "UID", "SEQUENCE", "DTSTAMP", "RECURRENCE-ID", "ATTENDEE", "ORGANIZER", "COMMENT", "DTSTART",
    "DTEND", "TZID", "TZOFFSETTO", "BEGIN", "END", "VERSION"};
static const char *const components[] = {"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"};

static bool is_listed(const char *const *list, size_t count, const char *text, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(list[i]) == length && strncasecmp(list[i], text, length) == 0)
			return true;
	}
	return false;
}

// Lines unfolded.
static char *unfolded(struct arena *arena, const char *text)
{
	char *out = arena_copy(arena, text), *to = out;
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\r')
			continue;
		if (*at == '\n' && (at[1] == ' ' || at[1] == '\t'))
			at++;
		else
			*to++ = *at;
	}
	*to = '\0';
	return out;
}

// Only what is kept. NULL: too many lines, too long, too deep or not closed.
static const char *filtered(struct arena *arena, const char *text)
{
	struct buffer out;
	int lines = 0, depth = 0, skipped = 0; // inside so many components that are no concern of ours
	buffer_init(&out, arena);
	for (const char *at = unfolded(arena, text); *at != '\0';) {
		size_t length = strcspn(at, "\n"), name = strcspn(at, ":;\n");
		const char *value = at + name + (at[name] == ':');
		size_t value_length = strcspn(value, " \n");
		bool begins = name == 5 && strncasecmp(at, "BEGIN", 5) == 0, ends = name == 3 && strncasecmp(at, "END", 3) == 0;
		skipped += begins && (skipped > 0 || !is_listed(components, sizeof components / sizeof components[0], value, value_length));
		if (skipped == 0 && is_listed(kept, sizeof kept / sizeof kept[0], at, name)) {
			depth += begins - ends;
			if (++lines > MOST_KEPT || length > MOST_LINE || depth > MOST_DEPTH || depth < 0)
				return NULL;
			buffer_add(&out, at, length);
			buffer_add(&out, "\r\n", 2);
		}
		skipped -= ends && skipped > 0;
		at += length + (at[length] == '\n');
	}
	return depth == 0 && skipped == 0 ? out.data : NULL;
}

// "mailto:somebody@example.org" in whatever case, else an EMAIL parameter: Exchange may write an X.500 name.
static const char *address_of(icalproperty *property, const char *value, struct arena *arena)
{
	icalparameter *email = property ? icalproperty_get_first_parameter(property, ICAL_EMAIL_PARAMETER) : NULL;
	if (value == NULL)
		return NULL;
	value += value[0] == '"';
	bool mail = strncasecmp(value, "mailto:", 7) == 0;
	if (!mail && email != NULL && icalparameter_get_email(email) != NULL)
		return incoming_line(arena, icalparameter_get_email(email), MOST_ADDRESS);
	const char *address = incoming_line(arena, mail ? value + 7 : value, MOST_ADDRESS);
	return address ? arena_slice(arena, address, strcspn(address, "?\" ")) : NULL;
}

static const char *attendee_address(icalproperty *attendee, struct arena *arena)
{
	return address_of(attendee, icalproperty_get_attendee(attendee), arena);
}

static const char *partstat_of(icalproperty *attendee)
{
	static const struct {
		icalparameter_partstat value;
		const char *name;
	} known[] = {{ICAL_PARTSTAT_ACCEPTED, "ACCEPTED"}, {ICAL_PARTSTAT_TENTATIVE, "TENTATIVE"}, {ICAL_PARTSTAT_DECLINED, "DECLINED"},
	    {ICAL_PARTSTAT_DELEGATED, "DELEGATED"}};
	icalparameter *parameter = icalproperty_get_first_parameter(attendee, ICAL_PARTSTAT_PARAMETER);
	for (size_t i = 0; parameter != NULL && i < sizeof known / sizeof known[0]; i++) {
		if (icalparameter_get_partstat(parameter) == known[i].value)
			return known[i].name;
	}
	return "NEEDS-ACTION";
}

static const char *instant_text(struct arena *arena, UDate milliseconds)
{
	time_t seconds = (time_t)(milliseconds / 1000);
	struct tm utc;
	char text[32];
	if (gmtime_r(&seconds, &utc) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		return NULL;
	return arena_copy(arena, text);
}

static bool is_date(const struct icaltimetype *time)
{
	return time->year >= 1970 && time->year <= 2999 && time->month >= 1 && time->month <= 12 && time->day >= 1 && time->day <= 31 &&
	       time->hour >= 0 && time->hour <= 23 && time->minute >= 0 && time->minute <= 59 && time->second >= 0 && time->second <= 60;
}

// A zone's name as ICU knows it, from an Olson name, one with a path before it (Mozilla's, Evolution's) or one of Windows. NULL: unknown.
static const char *zone_known(const char *name, struct arena *arena)
{
	UChar wide[128], found[128];
	UBool is_system = 0;
	size_t length = strlen(name);
	// "Eastern Standard Time 1": Outlook counts copies.
	while (length > 2 && strchr("0123456789 ", name[length - 1]) != NULL && strstr(name, " Time") != NULL)
		length--;
	for (const char *at = length < 100 ? name : NULL; at != NULL; at = strchr(at, '/')) {
		at += *at == '/';
		UErrorCode status = U_ZERO_ERROR;
		u_uastrncpy(wide, at, 127);
		wide[(size_t)(name + length - at)] = 0;
		ucal_getCanonicalTimeZoneID(wide, -1, found, 128, &is_system, &status);
		if (U_SUCCESS(status) && is_system)
			return arena_slice(arena, at, (size_t)(name + length - at));
		status = U_ZERO_ERROR;
		int32_t size = ucal_getTimeZoneIDForWindowsID(wide, -1, NULL, found, 128, &status);
		if (U_SUCCESS(status) && size > 0)
			return u_austrncpy(arena_alloc(arena, 128), found, 127);
	}
	return NULL;
}

// A zone of its own that has one offset all the year: "+0200" to seconds.
static bool zone_fixed(icalcomponent *calendar, const char *name, int *offset)
{
	bool found = false;
	for (icalcomponent *zone = icalcomponent_get_first_component(calendar, ICAL_VTIMEZONE_COMPONENT); zone != NULL;
	     zone = icalcomponent_get_next_component(calendar, ICAL_VTIMEZONE_COMPONENT)) {
		icalproperty *id = icalcomponent_get_first_property(zone, ICAL_TZID_PROPERTY);
		if (id == NULL || icalproperty_get_tzid(id) == NULL || strcmp(icalproperty_get_tzid(id), name) != 0)
			continue;
		for (icalcomponent *part = icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT); part != NULL;
		     part = icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT)) {
			icalproperty *to = icalcomponent_get_first_property(part, ICAL_TZOFFSETTO_PROPERTY);
			if (to == NULL || (found && icalproperty_get_tzoffsetto(to) != *offset))
				return false;
			*offset = icalproperty_get_tzoffsetto(to);
			found = true;
		}
	}
	return found;
}

static const char *instant_in(const struct icaltimetype *time, const char *zone, int offset, struct arena *arena)
{
	UChar wide[128];
	UErrorCode status = U_ZERO_ERROR;
	u_uastrncpy(wide, zone, 127);
	UCalendar *calendar = ucal_open(wide, -1, "en", UCAL_GREGORIAN, &status);
	if (U_FAILURE(status))
		return NULL;
	ucal_setDateTime(calendar, time->year, time->month - 1, time->day, time->hour, time->minute, time->second, &status);
	ucal_set(calendar, UCAL_MILLISECOND, 0);
	UDate milliseconds = ucal_getMillis(calendar, &status);
	ucal_close(calendar);
	return U_SUCCESS(status) ? instant_text(arena, milliseconds - offset * 1000.0) : NULL;
}

// An instant, if its zone is known; *written is what stands there, for people.
static const char *instant_of(
    icalcomponent *calendar, icalproperty *property, struct icaltimetype time, const char **written, struct arena *arena)
{
	icalparameter *parameter = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
	const char *name = parameter ? incoming_line(arena, icalparameter_get_tzid(parameter), MOST_NAME) : NULL;
	int offset = 0;
	*written = NULL;
	if (!is_date(&time))
		return NULL;
	*written = time.is_date ? arena_print(arena, "%04d-%02d-%02d", time.year, time.month, time.day)
	                        : arena_print(arena, "%04d-%02d-%02d %02d:%02d%s%s", time.year, time.month, time.day, time.hour, time.minute,
	                              icaltime_is_utc(time) || name ? " " : "",
	                              icaltime_is_utc(time) ? "UTC"
	                              : name                ? name
	                                                    : "");
	if (time.is_date || (!icaltime_is_utc(time) && name == NULL))
		return NULL;
	const char *zone = icaltime_is_utc(time) ? "Etc/UTC" : zone_known(name, arena);
	if (zone == NULL && zone_fixed(calendar, name, &offset))
		zone = "Etc/UTC";
	return zone ? instant_in(&time, zone, offset, arena) : NULL;
}

static void read_times(struct incoming_event *event, icalcomponent *calendar, icalcomponent *component, struct arena *arena)
{
	icalproperty *start = icalcomponent_get_first_property(component, ICAL_DTSTART_PROPERTY);
	icalproperty *end = icalcomponent_get_first_property(component, ICAL_DTEND_PROPERTY);
	const char *from = NULL, *to = NULL;
	if (start != NULL)
		event->starts_at = instant_of(calendar, start, icalproperty_get_dtstart(start), &from, arena);
	if (end != NULL)
		event->ends_at = instant_of(calendar, end, icalproperty_get_dtend(end), &to, arena);
	if (from != NULL)
		event->proposed = to ? arena_print(arena, "%s – %s", from, to) : from;
	if (event->starts_at != NULL && event->ends_at != NULL && strcmp(event->ends_at, event->starts_at) <= 0)
		event->ends_at = NULL;
}

static void read_delegate(struct incoming_event *event, icalcomponent *component, icalproperty *delegator, struct arena *arena)
{
	icalparameter *to = icalproperty_get_first_parameter(delegator, ICAL_DELEGATEDTO_PARAMETER);
	event->delegate = to ? address_of(NULL, icalparameter_get_delegatedto(to), arena) : NULL;
	for (icalproperty *other = icalcomponent_get_first_property(component, ICAL_ATTENDEE_PROPERTY); other != NULL;
	     other = icalcomponent_get_next_property(component, ICAL_ATTENDEE_PROPERTY)) {
		const char *address = other == delegator ? NULL : attendee_address(other, arena);
		if (address == NULL || (event->delegate != NULL && strcasecmp(address, event->delegate) != 0))
			continue;
		icalparameter *name = icalproperty_get_first_parameter(other, ICAL_CN_PARAMETER);
		event->delegate = address;
		event->delegate_name = name ? incoming_line(arena, icalparameter_get_cn(name), MOST_NAME) : NULL;
		return;
	}
}

// Who answers: whoever has delegated, else who the mail is from, else the only one there is. A COUNTER of Google's lists everybody.
static icalproperty *answering(icalcomponent *component, const char *from, struct arena *arena)
{
	icalproperty *first = NULL, *sender = NULL, *delegator = NULL;
	int count = 0;
	for (icalproperty *one = icalcomponent_get_first_property(component, ICAL_ATTENDEE_PROPERTY); one != NULL;
	     one = icalcomponent_get_next_property(component, ICAL_ATTENDEE_PROPERTY)) {
		const char *address = attendee_address(one, arena);
		count++;
		first = first ? first : one;
		if (delegator == NULL && strcmp(partstat_of(one), "DELEGATED") == 0)
			delegator = one;
		if (sender == NULL && from != NULL && address != NULL && strcasecmp(address, from) == 0)
			sender = one;
	}
	return delegator ? delegator : sender ? sender : count == 1 ? first : NULL;
}

static void read_event(struct incoming *incoming, icalcomponent *calendar, icalcomponent *component, struct arena *arena)
{
	struct incoming_event *event = &incoming->event;
	icalproperty *property = icalcomponent_get_first_property(component, ICAL_UID_PROPERTY);
	event->uid = property ? incoming_line(arena, icalproperty_get_uid(property), MOST_UID) : NULL;
	property = icalcomponent_get_first_property(component, ICAL_ORGANIZER_PROPERTY);
	event->organizer = property ? address_of(property, icalproperty_get_organizer(property), arena) : NULL;
	property = icalcomponent_get_first_property(component, ICAL_SEQUENCE_PROPERTY);
	event->sequence = property && icalproperty_get_sequence(property) > 0 ? icalproperty_get_sequence(property) : 0;
	property = icalcomponent_get_first_property(component, ICAL_RECURRENCEID_PROPERTY);
	event->recurrence_id = property ? incoming_line(arena, icalproperty_get_value_as_string(property), MOST_NAME) : NULL;
	property = icalcomponent_get_first_property(component, ICAL_COMMENT_PROPERTY);
	event->comment = property ? incoming_lines(arena, icalproperty_get_comment(property), MOST_TEXT) : NULL;
	property = icalcomponent_get_first_property(component, ICAL_DTSTAMP_PROPERTY);
	if (property != NULL) {
		struct icaltimetype stamp = icalproperty_get_dtstamp(property);
		event->dtstamp = is_date(&stamp) ? instant_in(&stamp, "Etc/UTC", 0, arena) : NULL;
	}
	property = answering(component, incoming->from, arena);
	if (property != NULL) {
		event->attendee = attendee_address(property, arena);
		event->partstat = partstat_of(property);
		if (strcmp(event->partstat, "DELEGATED") == 0)
			read_delegate(event, component, property, arena);
	}
	if (incoming->kind == INCOMING_COUNTER)
		read_times(event, calendar, component, arena);
}

static bool read_calendar(struct incoming *incoming, icalcomponent *root, struct arena *arena)
{
	icalcomponent *calendar =
	    icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT ? root : icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
	icalcomponent *event = calendar ? icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT) : NULL;
	icalproperty *method = calendar ? icalcomponent_get_first_property(calendar, ICAL_METHOD_PROPERTY) : NULL;
	if (event == NULL || method == NULL)
		return false;
	icalproperty_method value = icalproperty_get_method(method);
	if (value != ICAL_METHOD_REPLY && value != ICAL_METHOD_COUNTER) {
		incoming->trouble = "other_method";
		return false;
	}
	incoming->kind = value == ICAL_METHOD_REPLY ? INCOMING_REPLY : INCOMING_COUNTER;
	read_event(incoming, calendar, event, arena);
	return true;
}

bool calendar_read(struct incoming *incoming, const char *text, struct arena *arena)
{
	incoming->trouble = "bad_calendar";
	const char *lines = strlen(text) <= MOST_CALENDAR ? filtered(arena, text) : NULL;
	if (lines == NULL)
		return false;
	icalcomponent *root = icalparser_parse_string(lines);
	bool understood = root != NULL && read_calendar(incoming, root, arena);
	if (root != NULL)
		icalcomponent_free(root);
	if (understood)
		incoming->trouble = NULL;
	return understood;
}
