// dates.c: instants as a language writes them. ICU knows the names, the zones and the cases; the patterns are ours.
//
// ICU's formats and zones are dear to open and not to be shared, so each thread keeps the few that it uses.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

#include "base/arena.h"
#include "represent/instant.h"
#include "represent/words.h"

enum { MAX_FORMATS = 64, MAX_ZONE = 64, MAX_TEXT = 160, MAX_PATTERN = 64 };

// Genitive months are MMMM, the weekday on its own (Finnish: not "on Tuesday") is cccc.
static const struct manner {
	const char *language, *locale;
	const char *pattern[DATE_STYLES];
} manners[] = {
    {"pl", "pl_PL",
        {"EEEE, d MMMM y", "d.MM.y", "HH:mm", "EEEE, d MMMM y, 'godz'. HH:mm", "LLL", "d", "xxx|VVV", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd",
            "cccc", "y"}},
    {"fi", "fi_FI",
        {"cccc d. MMMM y", "d.M.y", "H.mm", "cccc d. MMMM y 'klo' H.mm", "LLL", "d", "xxx|VVV", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd", "cccc",
            "y"}},
    {"en", "en_GB",
        {"EEEE, d MMMM y", "d MMM y", "HH:mm", "EEEE, d MMMM y, HH:mm", "LLL", "d", "xxx|VVV", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd", "cccc",
            "y"}},
    // Any other language, until it has a row.
    {NULL, NULL,
        {"EEEE, d MMMM y", "yyyy-MM-dd", "HH:mm", "EEEE, d MMMM y, HH:mm", "LLL", "d", "xxx|VVV", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd",
            "cccc", "y"}},
};

struct format {
	char zone[MAX_ZONE];
	const struct manner *manner;
	char language[8];
	enum words_date style;
	UDateFormat *icu;
};

struct formats {
	struct format kept[MAX_FORMATS];
	int next; // the one to give way
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void formats_free(void *thing)
{
	struct formats *formats = thing;
	for (int i = 0; i < MAX_FORMATS; i++)
		if (formats->kept[i].icu)
			udat_close(formats->kept[i].icu);
	free(formats);
}

static void make_key(void)
{
	if (pthread_key_create(&key, formats_free) != 0)
		abort();
}

static struct formats *formats_here(void)
{
	static _Thread_local struct formats *here;
	if (here)
		return here;
	pthread_once(&once, make_key);
	here = calloc(1, sizeof *here);
	if (!here || pthread_setspecific(key, here) != 0)
		abort();
	return here;
}

static const struct manner *manner_of(const char *language)
{
	const struct manner *manner = manners;
	while (manner->language && strcmp(manner->language, language) != 0)
		manner++;
	return manner;
}

// ICU takes any text for a zone and quietly means GMT.
static bool zone_exists(const UChar *zone)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar canonical[MAX_ZONE];
	UBool system = false;
	ucal_getCanonicalTimeZoneID(zone, -1, canonical, MAX_ZONE, &system, &status);
	return U_SUCCESS(status) && system;
}

static UDateFormat *format_open(const struct manner *manner, const char *language, const char *zone, enum words_date style)
{
	UChar zone_text[MAX_ZONE], pattern[MAX_PATTERN];
	UErrorCode status = U_ZERO_ERROR;
	u_uastrncpy(zone_text, zone, MAX_ZONE);
	if (!zone_exists(zone_text))
		return NULL;
	u_uastrncpy(pattern, manner->pattern[style], MAX_PATTERN);
	const char *locale = manner->locale ? manner->locale : language;
	UDateFormat *format = udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone_text, -1, pattern, -1, &status);
	return U_SUCCESS(status) ? format : NULL;
}

static UDateFormat *format_for(const char *language, const char *zone, enum words_date style)
{
	if (strlen(zone) >= MAX_ZONE || strlen(language) >= sizeof((struct format *)0)->language)
		return NULL;
	struct formats *formats = formats_here();
	const struct manner *manner = manner_of(language);
	for (int i = 0; i < MAX_FORMATS; i++) {
		struct format *kept = &formats->kept[i];
		if (kept->icu && kept->style == style && kept->manner == manner && strcmp(kept->zone, zone) == 0 &&
		    strcmp(kept->language, language) == 0)
			return kept->icu;
	}
	UDateFormat *fresh = format_open(manner, language, zone, style);
	if (!fresh)
		return NULL;
	struct format *place = &formats->kept[formats->next++ % MAX_FORMATS];
	if (place->icu)
		udat_close(place->icu);
	*place = (struct format){.manner = manner, .style = style, .icu = fresh};
	snprintf(place->zone, sizeof place->zone, "%s", zone);
	snprintf(place->language, sizeof place->language, "%s", language);
	return fresh;
}

// "+01:00|Warszawa" as "Warszawa (UTC+1)"; a zone that is no place is its offset alone.
static char *zone_text(struct arena *arena, const char *zone, const char *formatted)
{
	int hours = 0, minutes = 0;
	char sign = '+', city[MAX_TEXT] = "";
	sscanf(formatted, "%c%d:%d|%159[^\n]", &sign, &hours, &minutes, city);
	const char *signs = sign == '-' ? "\u2212" : "+";
	char offset[32] = "UTC";
	if (minutes)
		snprintf(offset, sizeof offset, "UTC%s%d:%02d", signs, hours, minutes);
	else if (hours)
		snprintf(offset, sizeof offset, "UTC%s%d", signs, hours);
	bool place = strchr(zone, '/') && strncmp(zone, "Etc/", 4) != 0;
	return place ? arena_print(arena, "%s (%s)", city, offset) : arena_print(arena, "%s", offset);
}

char *words_date(struct arena *arena, const char *language, const char *zone, const char *instant, enum words_date style)
{
	struct instant read;
	UChar text[MAX_TEXT];
	char plain[MAX_TEXT * 3];
	UErrorCode status = U_ZERO_ERROR;
	if (!instant || !zone || !instant_read(&read, instant))
		return NULL;
	UDateFormat *format = format_for(language, read.date_only ? "UTC" : zone, style);
	if (!format)
		return NULL;
	udat_format(format, (UDate)read.seconds * 1000, text, MAX_TEXT, NULL, &status);
	u_strToUTF8(plain, sizeof plain, NULL, text, -1, &status);
	if (U_FAILURE(status))
		return NULL;
	return style == DATE_ZONE ? zone_text(arena, zone, plain) : arena_copy(arena, plain);
}
