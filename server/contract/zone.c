// zone.c: what a wall clock's time is in UTC, and whether it happens at all. ICU knows the zones.
#include "contract/inside.h"

#include <unicode/ucal.h>

#include "base/arena.h"

enum { DAY = 86400 };

// Days since 1970 in the proleptic Gregorian calendar (Hinnant's days_from_civil).
static int64_t days(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t wall_seconds(const struct wall *wall)
{
	return days(wall->year, wall->month, wall->day) * DAY + wall->hour * 3600 + wall->minute * 60 + wall->second;
}

void wall_from_seconds(struct wall *wall, int64_t seconds)
{
	int64_t day = seconds / DAY - (seconds % DAY < 0), rest = seconds - day * DAY;
	int64_t shifted = day + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097, of_era = shifted - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
	wall->day = (int)(of_year - (153 * month + 2) / 5 + 1);
	wall->month = (int)(month < 10 ? month + 3 : month - 9);
	wall->year = (int)(year + era * 400 + (wall->month <= 2));
	wall->hour = (int)(rest / 3600);
	wall->minute = (int)(rest / 60 % 60);
	wall->second = (int)(rest % 60);
}

static int64_t offset_at(UCalendar *calendar, int64_t seconds)
{
	UErrorCode status = U_ZERO_ERROR;
	ucal_setMillis(calendar, (double)seconds * 1000, &status);
	return (ucal_get(calendar, UCAL_ZONE_OFFSET, &status) + ucal_get(calendar, UCAL_DST_OFFSET, &status)) / 1000;
}

// A clock's time was made by the offset before or by the one after a change: each that gives it back is a moment it shows it.
enum zone_answer zone_to_utc(const char *zone, const struct wall *wall, int64_t *seconds, struct arena *arena)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t length;
	UChar *wide = text_wide(arena, zone, &length);
	UCalendar *calendar = ucal_open(wide, length, "en", UCAL_GREGORIAN, &status);
	if (U_FAILURE(status))
		return ZONE_NEVER;
	int64_t local = wall_seconds(wall);
	int64_t early = local - offset_at(calendar, local - DAY), late = local - offset_at(calendar, local + DAY);
	bool early_fits = offset_at(calendar, early) == local - early, late_fits = offset_at(calendar, late) == local - late;
	ucal_close(calendar);
	*seconds = early_fits ? early : late;
	if (early_fits && late_fits && early != late)
		return ZONE_TWICE;
	return early_fits || late_fits ? ZONE_ONCE : ZONE_NEVER;
}
