// instant.c: the proleptic Gregorian calendar, and the two ways timestamps come as text.
#include "represent/instant.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { DAY = 86400 };

// Days since 1970-01-01. Years begin in March here, so that the leap day is the last.
static int64_t days_from_date(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t instant_from_civil(const struct civil *civil)
{
	return days_from_date(civil->year, civil->month, civil->day) * DAY + civil->hour * 3600 + civil->minute * 60 + civil->second;
}

static int64_t floored(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

struct civil instant_civil(int64_t seconds)
{
	int64_t days = floored(seconds, DAY), rest = seconds - days * DAY;
	days += 719468;
	int64_t era = floored(days, 146097), of_era = days - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
	struct civil civil = {
	    .year = (int)(year + era * 400),
	    .month = (int)(month < 10 ? month + 3 : month - 9),
	    .day = (int)(of_year - (153 * month + 2) / 5 + 1),
	    .hour = (int)(rest / 3600),
	    .minute = (int)(rest / 60 % 60),
	    .second = (int)(rest % 60),
	};
	civil.year += civil.month <= 2;
	return civil;
}

int instant_weekday(int64_t seconds)
{
	int64_t days = floored(seconds, DAY) + 4; // 1970 began on a Thursday
	return (int)(days - floored(days, 7) * 7);
}

// Exactly `count` digits.
static bool digits(const char **at, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool literal(const char **at, char byte)
{
	if (**at != byte)
		return false;
	(*at)++;
	return true;
}

static bool read_time(const char **at, struct civil *civil)
{
	if (!digits(at, 2, &civil->hour) || !literal(at, ':') || !digits(at, 2, &civil->minute))
		return false;
	if (literal(at, ':') && !digits(at, 2, &civil->second))
		return false;
	if (literal(at, '.'))
		*at += strspn(*at, "0123456789");
	return civil->hour <= 24 && civil->minute < 60 && civil->second <= 60;
}

// Seconds ahead of UTC.
static bool read_offset(const char **at, int *offset)
{
	int hours, minutes = 0, sign = **at == '-' ? -1 : 1;
	*offset = 0;
	if (**at == '\0' || literal(at, 'Z') || literal(at, 'z'))
		return true;
	if (!literal(at, '+') && !literal(at, '-'))
		return false;
	if (!digits(at, 2, &hours))
		return false;
	literal(at, ':');
	if (**at && !digits(at, 2, &minutes))
		return false;
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool instant_read(struct instant *instant, const char *text)
{
	struct civil civil = {0};
	int offset = 0;
	if (!digits(&text, 4, &civil.year) || !literal(&text, '-') || !digits(&text, 2, &civil.month) || !literal(&text, '-') ||
	    !digits(&text, 2, &civil.day) || civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > 31)
		return false;
	instant->date_only = *text == '\0';
	if (!instant->date_only) {
		if (!strchr("Tt ", *text))
			return false;
		text++;
		if (!read_time(&text, &civil) || !read_offset(&text, &offset))
			return false;
	}
	instant->seconds = instant_from_civil(&civil) - offset;
	return *text == '\0';
}
