// instant.h: timestamps as text to numbers and back. Private to represent/.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct instant {
	int64_t seconds; // since 1970 in UTC
	bool date_only;  // no time was given: `seconds` is midnight UTC of that date
};

struct civil {
	int year, month, day, hour, minute, second;
};

// "2019-12-17", "2019-12-17T10:00[:00[.5]]Z", "2019-12-17 09:00:00.5+00", offsets as ±hh, ±hhmm or ±hh:mm; without one it is UTC.
bool instant_read(struct instant *instant, const char *text);

struct civil instant_civil(int64_t seconds); // in UTC
int64_t instant_from_civil(const struct civil *civil);
int instant_weekday(int64_t seconds); // 0 is Sunday
