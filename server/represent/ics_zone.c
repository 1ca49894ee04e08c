// ics_zone.c: VTIMEZONE from ICU's transitions.
//
// Outlook wants the rules as RRULE with both halves of the year, so the transitions of the years in use are fitted to "the nth (or last)
// weekday of a month"; a zone whose transitions don't fit (its law changed, or follows the moon) gets each of them as it was.
#include <stdio.h>
#include <string.h>

#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/ics.h"

enum { MAX_NAME = 64, MAX_TRANSITIONS = 128 };

struct ics_zone {
	char name[MAX_NAME];
	UCalendar *calendar;
	int64_t first, last; // events in between
	bool used;
};

struct transition {
	int64_t at;
	int before, after; // seconds ahead of UTC
	bool summer;       // what begins
};

struct transitions {
	struct transition item[MAX_TRANSITIONS];
	int count;
};

// "on the nth weekday of a month": what all transitions to summer, or all back, have in common.
struct rule {
	int count;
	int month, weekday, nth; // nth: 1…5, or -1 for the last
	int time, before, after;
	bool nth_fits, last_fits;
};

static void close_calendar(void *calendar)
{
	ucal_close(calendar);
}

struct ics_zone *ics_zone_open(struct arena *arena, const char *name)
{
	UChar id[MAX_NAME], canonical[MAX_NAME];
	UErrorCode status = U_ZERO_ERROR;
	UBool system = false;
	if (!name || strlen(name) >= MAX_NAME)
		return NULL;
	u_uastrncpy(id, name, MAX_NAME);
	ucal_getCanonicalTimeZoneID(id, -1, canonical, MAX_NAME, &system, &status);
	if (U_FAILURE(status) || !system)
		return NULL;
	struct ics_zone *zone = arena_alloc(arena, sizeof *zone);
	zone->calendar = ucal_open(id, -1, "en", UCAL_GREGORIAN, &status);
	arena_defer(arena, close_calendar, zone->calendar);
	snprintf(zone->name, sizeof zone->name, "%s", name);
	return U_SUCCESS(status) ? zone : NULL;
}

const char *ics_zone_name(const struct ics_zone *zone)
{
	return zone->name;
}

void ics_zone_use(struct ics_zone *zone, int64_t seconds)
{
	if (!zone->used || seconds < zone->first)
		zone->first = seconds;
	if (!zone->used || seconds > zone->last)
		zone->last = seconds;
	zone->used = true;
}

static int offset_at(struct ics_zone *zone, int64_t seconds, bool *summer)
{
	UErrorCode status = U_ZERO_ERROR;
	ucal_setMillis(zone->calendar, (UDate)seconds * 1000, &status);
	int saving = ucal_get(zone->calendar, UCAL_DST_OFFSET, &status);
	int plain = ucal_get(zone->calendar, UCAL_ZONE_OFFSET, &status);
	*summer = saving != 0;
	return (plain + saving) / 1000;
}

static bool find_transition(struct ics_zone *zone, int64_t from, UTimeZoneTransitionType which, struct transition *found)
{
	UErrorCode status = U_ZERO_ERROR;
	UDate date;
	bool summer;
	ucal_setMillis(zone->calendar, (UDate)from * 1000, &status);
	if (!ucal_getTimeZoneTransitionDate(zone->calendar, which, &date, &status) || U_FAILURE(status))
		return false;
	found->at = (int64_t)(date / 1000);
	found->before = offset_at(zone, found->at - 1, &summer);
	found->after = offset_at(zone, found->at, &found->summer);
	return true;
}

bool ics_zone_local(struct ics_zone *zone, int64_t seconds, struct civil *civil)
{
	bool summer;
	struct transition last, next;
	*civil = instant_civil(seconds + offset_at(zone, seconds, &summer));
	if (find_transition(zone, seconds, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, &last) && seconds - last.at < last.before - last.after)
		return false;
	return !find_transition(zone, seconds, UCAL_TZ_TRANSITION_NEXT, &next) || next.at - seconds > next.before - next.after;
}

static int64_t year_start(int64_t seconds, int years)
{
	struct civil civil = {.year = instant_civil(seconds).year + years, .month = 1, .day = 1};
	return instant_from_civil(&civil);
}

// From a year before the first event to a year after the last.
static void find_transitions(struct ics_zone *zone, struct transitions *all)
{
	int64_t from = year_start(zone->first, -1) - 1, to = year_start(zone->last, 2);
	struct transition next;
	while (all->count < MAX_TRANSITIONS && find_transition(zone, from, UCAL_TZ_TRANSITION_NEXT, &next) && next.at < to) {
		if (next.before != next.after)
			all->item[all->count++] = next;
		from = next.at;
	}
}

static int days_in_month(int year, int month)
{
	struct civil this = {.year = year, .month = month, .day = 1};
	struct civil next = {.year = year + month / 12, .month = month % 12 + 1, .day = 1};
	return (int)((instant_from_civil(&next) - instant_from_civil(&this)) / 86400);
}

// The wall clock just before it moves, which is what DTSTART and the rule speak of.
static struct civil wall(const struct transition *transition)
{
	return instant_civil(transition->at + transition->before);
}

// Narrows the rule to what this transition has too; false if it fits no rule.
static bool narrow(struct rule *rule, const struct transition *transition)
{
	struct civil civil = wall(transition);
	int weekday = instant_weekday(transition->at + transition->before), nth = (civil.day - 1) / 7 + 1;
	int time = civil.hour * 3600 + civil.minute * 60 + civil.second;
	bool last = civil.day > days_in_month(civil.year, civil.month) - 7;
	if (rule->count++ == 0) {
		*rule = (struct rule){1, civil.month, weekday, nth, time, transition->before, transition->after, true, last};
		return true;
	}
	rule->nth_fits = rule->nth_fits && rule->nth == nth;
	rule->last_fits = rule->last_fits && last;
	return rule->month == civil.month && rule->weekday == weekday && rule->time == time && rule->before == transition->before &&
	       rule->after == transition->after && (rule->nth_fits || rule->last_fits);
}

// One transition each way every year, all by the same two rules: rules[0] to winter, rules[1] to summer.
static bool find_rules(const struct ics_zone *zone, const struct transitions *all, struct rule rules[2])
{
	int years = instant_civil(zone->last).year - instant_civil(zone->first).year + 3;
	for (int i = 0; i < all->count; i++)
		if (!narrow(&rules[all->item[i].summer], &all->item[i]))
			return false;
	return rules[0].count == years && rules[1].count == years;
}

static void write_offset(struct buffer *line, const char *name, int offset)
{
	int size = offset < 0 ? -offset : offset;
	buffer_print(line, "%s:%c%02d%02d", name, offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
	if (size % 60)
		buffer_print(line, "%02d", size % 60);
}

// The name in the country's own English if ICU has one: "CET", "EST"; else "GMT+5:30".
static void write_name(struct buffer *line, struct ics_zone *zone, bool summer)
{
	static const char *const locales[] = {"en_GB", "en_US", "en_IN", "en_AU"};
	char name[MAX_NAME] = "";
	for (size_t i = 0; i < sizeof locales / sizeof *locales && (!*name || strncmp(name, "GMT", 3) == 0); i++) {
		UChar text[MAX_NAME];
		UErrorCode status = U_ZERO_ERROR;
		ucal_getTimeZoneDisplayName(zone->calendar, summer ? UCAL_SHORT_DST : UCAL_SHORT_STANDARD, locales[i], text, MAX_NAME, &status);
		u_strToUTF8(name, MAX_NAME, NULL, text, -1, &status);
	}
	buffer_puts(line, "TZNAME:");
	ics_add_text(line, name);
}

static void write_observance(
    struct buffer *out, struct ics_zone *zone, const struct transition *transition, const struct civil *start, const char *recurrence)
{
	struct buffer line;
	buffer_init(&line, out->arena);
	const char *kind = transition->summer ? "DAYLIGHT" : "STANDARD";
	buffer_print(&line, "BEGIN:%s", kind);
	ics_end_line(out, &line);
	buffer_print(
	    &line, "DTSTART:%04d%02d%02dT%02d%02d%02d", start->year, start->month, start->day, start->hour, start->minute, start->second);
	ics_end_line(out, &line);
	write_offset(&line, "TZOFFSETFROM", transition->before);
	ics_end_line(out, &line);
	write_offset(&line, "TZOFFSETTO", transition->after);
	ics_end_line(out, &line);
	write_name(&line, zone, transition->summer);
	ics_end_line(out, &line);
	if (recurrence)
		ics_put(out, recurrence);
	buffer_print(&line, "END:%s", kind);
	ics_end_line(out, &line);
	buffer_done(&line);
}

// From 1970 on, so that no event is before it.
static void write_rule(struct buffer *out, struct ics_zone *zone, const struct rule *rule, bool summer)
{
	static const char *const days[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
	int nth = rule->last_fits ? -1 : rule->nth;
	struct civil start = {
	    .year = 1970, .month = rule->month, .day = 1, .hour = rule->time / 3600, .minute = rule->time / 60 % 60, .second = rule->time % 60};
	int first = (rule->weekday - instant_weekday(instant_from_civil(&start)) + 7) % 7 + 1, days_there = days_in_month(1970, rule->month);
	start.day = nth > 0 ? first + (nth - 1) * 7 : first + (days_there - first) / 7 * 7;
	char recurrence[64];
	snprintf(recurrence, sizeof recurrence, "RRULE:FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", rule->month, nth, days[rule->weekday]);
	write_observance(out, zone, &(struct transition){0, rule->before, rule->after, summer}, &start, recurrence);
}

// What holds before the first transition, then each as it comes.
static void write_each(struct buffer *out, struct ics_zone *zone, const struct transitions *all)
{
	static const struct civil beginning = {.year = 1970, .month = 1, .day = 1};
	struct transition first = {0};
	first.before = first.after = offset_at(zone, year_start(zone->first, -1), &first.summer);
	write_observance(out, zone, &first, &beginning, NULL);
	for (int i = 0; i < all->count; i++) {
		struct civil start = wall(&all->item[i]);
		write_observance(out, zone, &all->item[i], &start, NULL);
	}
}

void ics_zone_write(struct buffer *out, struct ics_zone *zone)
{
	struct transitions all = {.count = 0};
	struct rule rules[2] = {0};
	struct buffer line;
	buffer_init(&line, out->arena);
	ics_put(out, "BEGIN:VTIMEZONE");
	buffer_puts(&line, "TZID:");
	ics_add_text(&line, zone->name);
	ics_end_line(out, &line);
	find_transitions(zone, &all);
	if (all.count && find_rules(zone, &all, rules)) {
		write_rule(out, zone, &rules[1], true);
		write_rule(out, zone, &rules[0], false);
	} else {
		write_each(out, zone, &all);
	}
	ics_put(out, "END:VTIMEZONE");
	buffer_done(&line);
}
