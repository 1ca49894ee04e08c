// log.c: one event, one line, one write.
#include "base/log.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"

static const char *const level_names[] = {[LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};

// Set once, before there are threads.
static enum log_level least_level = LOG_INFO;
static bool as_json = true;

void log_start(enum log_level least, const char *format)
{
	least_level = least;
	as_json = strcmp(format, "json") == 0 || (strcmp(format, "text") != 0 && !isatty(STDERR_FILENO));
}

// How many bytes the UTF-8 character at `text` has; 0 if it is none (overlong, surrogate, cut off, stray byte).
static int character_length(const unsigned char *text)
{
	static const struct {
		unsigned char first, last, second_from, second_to;
		int length;
	} forms[] = {{0x01, 0x7f, 0, 0, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4}};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (forms[i].length > 1 && (text[1] < forms[i].second_from || text[1] > forms[i].second_to))
			return 0;
		for (int more = 2; more < forms[i].length; more++)
			if ((text[more] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

// What comes from outside may hold anything; a line must stay one line, valid JSON, and must not steer a terminal.
static void add_quoted(struct buffer *line, const char *text)
{
	buffer_putc(line, '"');
	for (const unsigned char *at = (const unsigned char *)text; *at;) {
		int length = character_length(at);
		if (!length)
			buffer_puts(line, "\xef\xbf\xbd");
		else if (*at == '"' || *at == '\\')
			buffer_print(line, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			buffer_print(line, "\\u%04x", *at);
		else if (*at == 0xc2 && at[1] < 0xa0) // C1 controls steer terminals too
			buffer_print(line, "\\u%04x", at[1]);
		else
			buffer_add(line, at, (size_t)length);
		at += length ? length : 1;
	}
	buffer_putc(line, '"');
}

static bool is_plain(const char *text)
{
	for (const char *at = text; *at; at++)
		if (*at <= ' ' || *at > '~' || *at == '"' || *at == '\\' || *at == '=')
			return false;
	return *text;
}

struct value {
	char digits[512]; // a number, or text around one
	const char *text; // NULL: nothing to say
	bool number;
};

// Prints the one conversion of `format` with the argument it asks for. Formats are our own, so what is not here is our mistake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void print_number(struct value *value, const char *format, const char *at, va_list *arguments)
{
	char *into = value->digits;
	size_t room = sizeof value->digits;
	int longs = 0;
	for (; *at && strchr("hlzjt", *at); at++)
		longs += *at == 'l' || *at == 'z' || *at == 'j' || *at == 't';
	if (strchr("fgeFGE", *at)) {
		double real = va_arg(*arguments, double);
		value->number = value->number && isfinite(real);
		snprintf(into, room, format, real);
	} else if (longs) { // long, long long, size_t and intmax_t have one size on every machine we build for
		_Static_assert(sizeof(long) == sizeof(long long) && sizeof(size_t) == sizeof(long), "one size of long");
		snprintf(into, room, format, va_arg(*arguments, long));
	} else {
		value->number = value->number && *at != 'c';
		snprintf(into, room, format, va_arg(*arguments, int));
	}
}

static void take_value(struct value *value, const char *format, va_list *arguments)
{
	const char *at = strchr(format, '%');
	assert(at);
	const char *start = at++;
	at += strspn(at, "-+ #0123456789.");
	value->text = value->digits;
	if (*at == 's') {
		const char *text = va_arg(*arguments, const char *);
		bool alone = strcmp(format, "%s") == 0;
		if (text && !alone)
			snprintf(value->digits, sizeof value->digits, format, text);
		value->text = alone || !text ? text : value->digits;
		return;
	}
	size_t rest = strspn(at, "hlzjt") + 1;
	value->number = start == format && at[rest] == '\0' && !strchr("xXop", at[rest - 1]) && !strpbrk(start, "+ #");
	print_number(value, format, at, arguments);
}
#pragma GCC diagnostic pop

static void add_value(struct buffer *line, const char *key, const struct value *value)
{
	if (!value->text)
		return;
	buffer_print(line, as_json ? ",\"%s\":" : " %s=", key);
	if (value->number || (!as_json && is_plain(value->text)))
		buffer_puts(line, value->text);
	else
		add_quoted(line, value->text);
}

static void add_head(struct buffer *line, enum log_level level, const char *event)
{
	struct timespec now;
	struct tm parts;
	char stamp[32];
	clock_gettime(CLOCK_REALTIME, &now);
	if (as_json) {
		gmtime_r(&now.tv_sec, &parts);
		strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
		buffer_print(line, "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"event\":", stamp, now.tv_nsec / 1000000, level_names[level]);
		add_quoted(line, event);
	} else {
		localtime_r(&now.tv_sec, &parts);
		strftime(stamp, sizeof stamp, "%H:%M:%S", &parts);
		buffer_print(line, "%s.%03ld %-7s %s", stamp, now.tv_nsec / 1000000, level_names[level], event);
	}
}

static void write_all(const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(STDERR_FILENO, bytes, length);
		if (written <= 0)
			return; // nowhere left to say so
		bytes += written;
		length -= (size_t)written;
	}
}

// One buffer a thread: after the first lines, logging allocates nothing.
static _Thread_local struct buffer line;

void log_thread_done(void)
{
	buffer_done(&line);
	line = (struct buffer){0};
}

void log_event(enum log_level level, const char *event, ...)
{
	if (level < least_level)
		return;
	if (!line.data)
		buffer_init(&line, NULL);
	buffer_clear(&line);
	add_head(&line, level, event);
	va_list arguments;
	va_start(arguments, event);
	for (const char *key; (key = va_arg(arguments, const char *));) {
		struct value value = {.text = NULL};
		take_value(&value, va_arg(arguments, const char *), &arguments);
		add_value(&line, key, &value);
	}
	va_end(arguments);
	buffer_puts(&line, as_json ? "}\n" : "\n");
	write_all(line.data, line.length);
}
