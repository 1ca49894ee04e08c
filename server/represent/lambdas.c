// lambdas.c: the functions that templates call by name; page.h says what each is for.
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "represent/html.h"
#include "represent/page.h"
#include "represent/view.h"
#include "represent/words.h"

static const char *find_text(const struct mustache_scope *scope, const char *name)
{
	const char *text = json_string_value(mustache_find(scope, name));
	return text && *text ? text : NULL;
}

const char *view_zone(const struct mustache_scope *scope)
{
	const char *zone = find_text(scope, "time_zone");
	if (!zone)
		zone = find_text(scope, "platform.time_zone");
	return zone ? zone : "UTC";
}

// Cuts the first word off; *rest is what follows.
static char *first_word(struct arena *arena, const char *text, const char **rest)
{
	size_t length = strcspn(text, " \t\r\n");
	*rest = text + length + strspn(text + length, " \t\r\n");
	return arena_slice(arena, text, length);
}

static char *shown_date(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena, enum words_date style)
{
	const struct view *view = argument;
	const char *other, *instant = find_text(scope, first_word(arena, inner, &other));
	const char *zone = *other ? find_text(scope, other) : NULL;
	return words_date(arena, view->language, zone ? zone : view_zone(scope), instant, style);
}

// One function a style, since a lambda has no other way to know its name.
#define DATE_LAMBDA(name, style)                                                                                                           \
	static char *name(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)                          \
	{                                                                                                                                      \
		return shown_date(scope, inner, argument, arena, style);                                                                           \
	}
DATE_LAMBDA(show_date, DATE_LONG)
DATE_LAMBDA(show_date_short, DATE_SHORT)
DATE_LAMBDA(show_date_time, DATE_LONG_TIME)
DATE_LAMBDA(show_day, DATE_DAY)
DATE_LAMBDA(show_local, DATE_LOCAL_INPUT)
DATE_LAMBDA(show_month, DATE_MONTH)
DATE_LAMBDA(show_time, DATE_TIME)
DATE_LAMBDA(show_weekday, DATE_WEEKDAY)
DATE_LAMBDA(show_year, DATE_YEAR)
DATE_LAMBDA(show_zone, DATE_ZONE)

char *view_untranslated(struct arena *arena, const char *key)
{
	const char *dot = strrchr(key, '.');
	char *text = arena_copy(arena, dot ? dot + 1 : key);
	for (char *at = text; *at; at++)
		if (*at == '_')
			*at = ' ';
	return text;
}

static char *show_word(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	(void)scope;
	const struct view *view = argument;
	const char *word = words_text(view->language, inner);
	return word ? (char *)word : view_untranslated(arena, inner);
}

static long counted(const json_t *value)
{
	if (json_is_array(value))
		return (long)json_array_size(value);
	return json_is_number(value) ? (long)json_number_value(value) : 0;
}

static char *show_count(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	const struct view *view = argument;
	const char *name, *key = arena_print(arena, "plural.%s", first_word(arena, inner, &name));
	long n = counted(mustache_find(scope, name));
	char *text = words_count(arena, view->language, key, n);
	return text ? text : arena_print(arena, "%ld", n);
}

static char *show_path(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	(void)argument;
	struct buffer out;
	buffer_init(&out, arena);
	json_t *value = mustache_find(scope, inner);
	if (json_is_integer(value))
		buffer_print(&out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	for (const char *at = json_is_string(value) ? json_string_value(value) : ""; *at; at++) {
		if (isalnum((unsigned char)*at) || strchr("-._~", *at))
			buffer_putc(&out, *at);
		else
			buffer_print(&out, "%%%02X", (unsigned char)*at);
	}
	return out.data;
}

static char *show_asset(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	(void)scope, (void)argument;
	const struct embedded_file *file = page_asset(inner);
	return arena_print(arena, "/assets/%s/%s", file ? file->digest : "-", inner);
}

static char *show_paragraphs(const struct mustache_scope *scope, const char *inner, void *argument, struct arena *arena)
{
	(void)argument;
	const char *text = find_text(scope, inner);
	struct buffer out;
	buffer_init(&out, arena);
	html_paragraphs(&out, text ? text : "");
	return out.data;
}

const struct mustache_lambda view_lambdas[] = {
    {"asset", show_asset, true, false},
    {"count", show_count, false, false},
    {"date", show_date, false, false},
    {"date_short", show_date_short, false, false},
    {"date_time", show_date_time, false, false},
    {"day", show_day, false, false},
    {"field", field_render, true, true},
    {"local", show_local, false, false},
    {"month", show_month, false, false},
    {"paragraphs", show_paragraphs, false, true},
    {"path", show_path, false, false},
    {"time", show_time, false, false},
    {"weekday", show_weekday, false, false},
    {"word", show_word, true, false},
    {"year", show_year, false, false},
    {"zone", show_zone, false, false},
    {NULL},
};
