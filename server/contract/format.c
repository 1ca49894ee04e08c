// format.c: the formats of strings: times, addresses, names of zones and languages.
#include "contract/inside.h"

#include <ctype.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uidna.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include "base/arena.h"

enum { MAX_EMAIL = 254, MAX_LOCAL = 64, MAX_ZONE = 60, MAX_OFFSET = 15 * 3600 + 59 * 60 }; // offsets: as far as PostgreSQL reads them

static bool take_number(const char **at, int digits, int *value)
{
	*value = 0;
	for (int i = 0; i < digits; i++, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool take_byte(const char **at, char byte)
{
	if (**at != byte)
		return false;
	++*at;
	return true;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **at, struct wall *wall)
{
	return take_number(at, 4, &wall->year) && take_byte(at, '-') && take_number(at, 2, &wall->month) && take_byte(at, '-') &&
	       take_number(at, 2, &wall->day) && wall->year >= 1 && wall->month >= 1 && wall->month <= 12 && wall->day >= 1 &&
	       wall->day <= days_in(wall->year, wall->month);
}

// `short_form`: seconds may be missing, as browsers send it.
static bool take_time(const char **at, struct wall *wall, bool short_form)
{
	if (!take_number(at, 2, &wall->hour) || !take_byte(at, ':') || !take_number(at, 2, &wall->minute) || wall->hour > 23 ||
	    wall->minute > 59)
		return false;
	wall->second = 0;
	if (short_form && **at != ':')
		return true;
	if (!take_byte(at, ':') || !take_number(at, 2, &wall->second) || wall->second > 60)
		return false;
	if (!take_byte(at, '.'))
		return true;
	int digits = 0;
	for (; isdigit((unsigned char)**at); digits++)
		++*at;
	return digits >= 1 && digits <= 9;
}

static bool take_offset(const char **at, int *seconds)
{
	*seconds = 0;
	if (take_byte(at, 'Z') || take_byte(at, 'z'))
		return true;
	int sign = **at == '-' ? -1 : 1, hours, minutes;
	if (!take_byte(at, '+') && !take_byte(at, '-'))
		return false;
	if (!take_number(at, 2, &hours) || !take_byte(at, ':') || !take_number(at, 2, &minutes) || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return *seconds <= MAX_OFFSET && *seconds >= -MAX_OFFSET;
}

static const char *local_fault(struct check *check, const struct wall *wall, const char **text, const char **detail)
{
	if (!check->zone) {
		*detail = "A local time needs a time zone, or write it with an offset.";
		return "bad_date_time";
	}
	int64_t seconds;
	enum zone_answer answer = zone_to_utc(check->zone, wall, &seconds, check->arena);
	if (answer != ZONE_ONCE) {
		*detail = arena_print(check->arena, "%02d:%02d on %04d-%02d-%02d %s in %s; choose another time.", wall->hour, wall->minute,
		    wall->year, wall->month, wall->day,
		    answer == ZONE_NEVER ? "does not exist because the clocks go forward" : "happens twice because the clocks go back",
		    check->zone);
		return answer == ZONE_NEVER ? "nonexistent_local_time" : "ambiguous_local_time";
	}
	struct wall utc;
	wall_from_seconds(&utc, seconds);
	*text = arena_print(check->arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second);
	return utc.year >= 1 && utc.year <= 9999 ? NULL : "bad_date_time";
}

// What PostgreSQL would show with five digits or BC has no RFC 3339; a leap second only ever ends a day of UTC.
static bool in_range(const struct wall *wall, int offset)
{
	struct wall utc;
	wall_from_seconds(&utc, wall_seconds(wall) - offset);
	bool leap_fits = wall->second < 60 || (utc.hour == 0 && utc.minute == 0 && utc.second == 0);
	return utc.year >= 1 && utc.year <= 9999 && leap_fits;
}

static const char *date_time_fault(struct check *check, const char **text, const char **detail)
{
	struct wall wall;
	const char *at = *text;
	int offset;
	*detail = "Must be a date and time with offset, such as 2026-11-24T14:00:00+01:00.";
	if (!take_date(&at, &wall) || (!take_byte(&at, 'T') && !take_byte(&at, 't')) || !take_time(&at, &wall, check->form))
		return "bad_date_time";
	if (check->form && !*at)
		return wall.second < 60 ? local_fault(check, &wall, text, detail) : "bad_date_time";
	if (!take_offset(&at, &offset) || *at || !in_range(&wall, offset))
		return "bad_date_time";
	char *upper = arena_copy(check->arena, *text);
	for (char *letter = upper; *letter; letter++)
		*letter = (char)toupper((unsigned char)*letter);
	*text = upper;
	return NULL;
}

static const char *date_fault(struct check *check, const char **text, const char **detail)
{
	(void)check;
	struct wall wall;
	const char *at = *text;
	*detail = "Must be a date such as 2026-11-24.";
	return take_date(&at, &wall) && !*at ? NULL : "bad_date";
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

// Labels of letters, digits and inner hyphens, at least two of them: jan@gmail is a slip, not an address.
static bool is_ascii_domain(const char *domain)
{
	int labels = 0;
	while (*domain) {
		size_t length = strcspn(domain, ".");
		if (!length || length > 63 || domain[0] == '-' || domain[length - 1] == '-')
			return false;
		for (size_t i = 0; i < length; i++)
			if (!isalnum((unsigned char)domain[i]) && domain[i] != '-')
				return false;
		labels++;
		domain += length;
		if (*domain == '.' && !*++domain)
			return false;
	}
	return labels >= 2;
}

static bool is_domain(const char *domain)
{
	if (is_ascii(domain))
		return is_ascii_domain(domain);
	char ascii[256];
	UErrorCode status = U_ZERO_ERROR;
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UIDNA *idna = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
	int32_t length = uidna_nameToASCII_UTF8(idna, domain, -1, ascii, (int32_t)sizeof ascii - 1, &info, &status);
	uidna_close(idna);
	if (U_FAILURE(status) || info.errors || length >= (int32_t)sizeof ascii)
		return false;
	ascii[length] = 0;
	return is_ascii_domain(ascii);
}

// Practical, not RFC 5322: what mail systems deliver to. No quoted local parts, no comments, nothing that breaks a header.
static const char *email_fault(struct check *check, const char **text, const char **detail)
{
	const char *at = strchr(*text, '@');
	*detail = "Must be an e-mail address such as jan.kowalski@example.org.";
	if (!at || at == *text || at - *text > MAX_LOCAL || strchr(at + 1, '@') || strlen(*text) > MAX_EMAIL)
		return "bad_email";
	char *local = arena_slice(check->arena, *text, (size_t)(at - *text));
	if (strpbrk(local, " \t<>()[],;:\\\"") || local[0] == '.' || at[-1] == '.' || strstr(local, ".."))
		return "bad_email";
	if (strcmp(text_trim(check->arena, local), local) != 0)
		return "bad_email";
	return is_domain(at + 1) ? NULL : "bad_email";
}

static const char *uri_fault(struct check *check, const char **text, const char **detail)
{
	*detail = "Must be a web address such as https://example.org/page.";
	const char *rest = *text;
	if (!strncasecmp(rest, "https://", 8))
		rest += 8;
	else if (!strncasecmp(rest, "http://", 7))
		rest += 7;
	else
		return "bad_uri";
	size_t host = strcspn(rest, ":/?#");
	if (strpbrk(*text, " \t\"<>\\^`{|}") || !host)
		return "bad_uri";
	char *name = arena_slice(check->arena, rest, host);
	if (is_ascii(name) ? strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != host : !is_domain(name))
		return "bad_uri";
	if (rest[host] != ':')
		return NULL;
	size_t digits = strspn(rest + host + 1, "0123456789");
	return digits <= 5 && strchr("/?#", rest[host + 1 + digits]) ? NULL : "bad_uri";
}

static const char *uuid_fault(struct check *check, const char **text, const char **detail)
{
	*detail = "Must be a UUID.";
	if (strlen(*text) != 36)
		return "bad_uuid";
	char *lower = arena_copy(check->arena, *text);
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? lower[i] != '-' : !isxdigit((unsigned char)lower[i]))
			return "bad_uuid";
		lower[i] = (char)tolower((unsigned char)lower[i]);
	}
	*text = lower;
	return NULL;
}

// ICU also knows short names of its own ("ACT") and custom ones ("GMT+1") that PostgreSQL reads otherwise or not at all.
bool format_is_zone(const char *text)
{
	if (strlen(text) > MAX_ZONE || !is_ascii(text) || (!strchr(text, '/') && strcmp(text, "UTC") != 0) || !strncmp(text, "SystemV/", 8))
		return false;
	UChar wide[MAX_ZONE + 1], canonical[MAX_ZONE * 2];
	UErrorCode status = U_ZERO_ERROR;
	UBool known = false;
	u_uastrcpy(wide, text);
	ucal_getCanonicalTimeZoneID(wide, -1, canonical, MAX_ZONE * 2, &known, &status);
	return U_SUCCESS(status) && known && u_strcmp(canonical, u"Etc/Unknown") != 0;
}

static const char *zone_fault(struct check *check, const char **text, const char **detail)
{
	(void)check;
	*detail = "Must be the name of a time zone such as Europe/Warsaw.";
	return format_is_zone(*text) ? NULL : "bad_time_zone";
}

static const char *language_fault(struct check *check, const char **text, const char **detail)
{
	(void)check;
	char locale[ULOC_FULLNAME_CAPACITY];
	int32_t parsed = 0;
	UErrorCode status = U_ZERO_ERROR;
	*detail = "Must be a language tag such as pl or en-GB.";
	uloc_forLanguageTag(*text, locale, sizeof locale, &parsed, &status);
	bool whole = U_SUCCESS(status) && parsed > 1 && (size_t)parsed == strlen(*text);
	return whole && status != U_STRING_NOT_TERMINATED_WARNING ? NULL : "bad_language";
}

const char *format_fault(struct check *check, enum contract_format format, const char **text, const char **detail)
{
	static const char *(*const faults[])(struct check *, const char **, const char **) = {
	    [FORMAT_DATE_TIME] = date_time_fault,
	    [FORMAT_DATE] = date_fault,
	    [FORMAT_EMAIL] = email_fault,
	    [FORMAT_URI] = uri_fault,
	    [FORMAT_UUID] = uuid_fault,
	    [FORMAT_TIME_ZONE] = zone_fault,
	    [FORMAT_LANGUAGE] = language_fault,
	};
	return faults[format] ? faults[format](check, text, detail) : NULL;
}
