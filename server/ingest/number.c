// number.c: what a spreadsheet keeps as a number, as a person would type it.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "ingest/workbook.h"

enum { DAY = 86400, LEAP_THAT_NEVER_WAS = 60, LAST_DAY = 2958465, OFFSET_1904 = 1462 };

// Civil date of a day since 1970-01-01 (Howard Hinnant's algorithm).
static void civil(long day, long *year, unsigned *month, unsigned *of_month)
{
	day += 719468;
	long era = (day >= 0 ? day : day - 146096) / 146097;
	unsigned of_era = (unsigned)(day - era * 146097);
	unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned shifted = (5 * of_year + 2) / 153;
	*of_month = of_year - (153 * shifted + 2) / 5 + 1;
	*month = shifted < 10 ? shifted + 3 : shifted - 9;
	*year = (long)year_of_era + era * 400 + (*month <= 2);
}

// A day's number, in no zone. Excel counts 1900 as a leap year, so numbers up to February 1900 are one too low.
static const char *date_text(struct arena *arena, double serial, bool from_1904)
{
	if (from_1904)
		serial += OFFSET_1904;
	if (serial < 0 || serial > LAST_DAY)
		return NULL;
	long long seconds = llround(serial * DAY);
	long days = (long)(seconds / DAY), rest = (long)(seconds % DAY);
	if (days < LEAP_THAT_NEVER_WAS)
		days++;
	long year;
	unsigned month, day;
	civil(days - 25569, &year, &month, &day);
	if (serial < 1) // a time without a day
		return arena_print(arena, rest % 60 ? "%02ld:%02ld:%02ld" : "%02ld:%02ld", rest / 3600, rest / 60 % 60, rest % 60);
	if (!rest)
		return arena_print(arena, "%04ld-%02u-%02u", year, month, day);
	return arena_print(arena, rest % 60 ? "%04ld-%02u-%02u %02ld:%02ld:%02ld" : "%04ld-%02u-%02u %02ld:%02ld", year, month, day,
	    rest / 3600, rest / 60 % 60, rest % 60);
}

const char *number_text(struct arena *arena, const char *raw, bool date, bool from_1904)
{
	char *end;
	double number = strtod(raw, &end);
	if (end == raw || *end || !isfinite(number) || strlen(raw) > 40)
		return raw;
	const char *as_date = date ? date_text(arena, number, from_1904) : NULL;
	if (as_date)
		return as_date;
	if (fabs(number) < 1e15 && number == floor(number))
		return arena_print(arena, "%.0f", number);
	if (fabs(number) >= 1e15 || fabs(number) < 1e-5)
		return raw;
	// Fifteen digits are what a spreadsheet shows; more would be 0.1 + 0.2.
	return arena_print(arena, "%.15g", number);
}
