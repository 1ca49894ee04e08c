// sheets.c: what a request wants of a list as a file: which columns, headings, separator, and what the file is called.
#include "serve.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/rows.h"
#include "represent/words.h"

enum { MAX_TITLE = 90 };

static bool is_true(const struct visit *visit, const char *parameter)
{
	const char *value = plan_query(&visit->plan, parameter);
	return value != NULL && strcmp(value, "true") == 0;
}

bool sheets_streamed(const struct visit *visit)
{
	return (visit->form & (FORM_CSV | FORM_XLSX | FORM_VCF | FORM_BYTES)) != 0 && visit->plan.download == NULL;
}

// "list_attendees" is the list `attendees`; what is a list of the platform, a series and a meeting is one kind of list.
const char *sheets_name(const struct visit *visit)
{
	static const struct {
		const char *name, *kind;
	} kinds[] = {{"series_register", "register"}, {"series_statistics", "statistics"}, {"meeting_statistics", "statistics"}};
	const char *id = visit->operation->id;
	const char *name = strncmp(id, "list_", 5) == 0 || strncmp(id, "read_", 5) == 0 ? id + 5 : id;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(name, kinds[i].name) == 0)
			return kinds[i].kind;
	return name;
}

const char *sheets_language(const struct visit *visit)
{
	const char *headers = plan_query(&visit->plan, "headers");
	return headers != NULL && strcmp(headers, "names") != 0 ? headers : NULL;
}

// Both `columns=name,email` and `columns=name&columns=email`, as a form sends it.
static const char *const *columns(const struct visit *visit)
{
	const char *wanted = plan_query(&visit->plan, "columns");
	json_auto_t *list = wanted ? json_loads(wanted, 0, NULL) : NULL;
	const char **names = NULL;
	size_t count = 0, room = 0, i;
	const json_t *one;
	json_array_foreach(list, i, one)
	{
		for (const char *at = json_string_value(one); *at != '\0';) {
			size_t length = strcspn(at, ", ");
			if (count + 1 >= room)
				names = arena_grow(visit->arena, names, room * sizeof *names, (room + 32) * sizeof *names), room += 32;
			if (length > 0)
				names[count++] = arena_slice(visit->arena, at, length);
			at += length + (at[length] != '\0');
		}
	}
	if (count == 0)
		return NULL;
	names[count] = NULL;
	return names;
}

struct represent_wish sheets_wish(const struct visit *visit)
{
	return (struct represent_wish){
	    .name = sheets_name(visit), .columns = columns(visit), .language = sheets_language(visit), .spread = act_rows(visit, "columns")};
}

// Plain, it is for programs: RFC 4180, nothing added. As soon as anything is chosen that only people want, a spreadsheet will open it: then
// its cells are kept from being formulas. Excel in a Polish or Finnish office splits at semicolons and needs the byte order mark to see
// UTF-8.
struct represent_csv sheets_csv(const struct visit *visit)
{
	static const struct {
		const char *name;
		char byte;
	} separators[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}};
	bool excel = is_true(visit, "excel");
	struct represent_csv how = {.separator = excel ? ';' : ',', .bom = excel || is_true(visit, "bom")};
	const char *separator = plan_query(&visit->plan, "separator");
	for (size_t i = 0; separator != NULL && i < sizeof separators / sizeof separators[0]; i++)
		if (strcmp(separators[i].name, separator) == 0)
			how.separator = separators[i].byte;
	how.guard = how.bom || how.separator != ',' || sheets_language(visit) != NULL;
	return how;
}

// What no file system minds, and no more than it takes.
static const char *as_file_name(const char *text, struct arena *arena)
{
	struct buffer out;
	buffer_init(&out, arena);
	buffer_puts(&out, "");
	for (; *text != '\0' && out.length < MAX_TITLE; text++)
		buffer_putc(&out, (unsigned char)*text < 0x20 || *text == 0x7f || strchr("/\\:*?\"<>|%", *text) != NULL ? ' ' : *text);
	while (out.length > 0 && ((unsigned char)*text & 0xc0) == 0x80 && ((unsigned char)out.data[out.length - 1] & 0x80) != 0) {
		bool first = ((unsigned char)out.data[out.length - 1] & 0xc0) == 0xc0; // a character was cut in the middle: it goes
		out.data[--out.length] = '\0';
		if (first)
			break;
	}
	return out.data ? out.data : "";
}

static const char *today(struct arena *arena)
{
	char text[16];
	time_t now = time(NULL);
	struct tm utc;
	gmtime_r(&now, &utc);
	strftime(text, sizeof text, "%Y-%m-%d", &utc);
	return arena_copy(arena, text);
}

const char *sheets_title(const struct visit *visit)
{
	const struct rows *meeting = act_rows(visit, "meeting"), *entered = act_entered(visit);
	const char *title = meeting != NULL && meeting->count == 1 ? rows_text(meeting, 0, "title") : NULL;
	const char *platform = entered != NULL ? rows_text(entered, 0, "platform_name") : NULL;
	return title ? title : platform ? platform : "Narada";
}

const char *sheets_time_zone(const struct visit *visit)
{
	const struct rows *meeting = act_rows(visit, "meeting"), *entered = act_entered(visit);
	const char *zone = meeting != NULL && meeting->count == 1 ? rows_text(meeting, 0, "time_zone") : NULL;
	const char *usual = entered != NULL ? rows_text(entered, 0, "time_zone") : NULL;
	return zone ? zone : usual ? usual : "UTC";
}

// "2026-11-24 Walne zgromadzenie – uczestnicy.xlsx": the meeting's day, or for a register of the platform today's.
const char *sheets_file_name(const struct visit *visit, const char *suffix)
{
	const struct rows *meeting = act_rows(visit, "meeting");
	const char *starts = meeting != NULL && meeting->count == 1 ? rows_text(meeting, 0, "starts_at") : NULL;
	const char *day = starts ? words_date(visit->arena, "en", sheets_time_zone(visit), starts, DATE_INPUT) : NULL;
	const char *language = sheets_language(visit);
	const char *word = represent_sheet_title(sheets_name(visit), language ? language : language_of(visit));
	return arena_print(visit->arena, "%s %s – %s.%s", day ? day : today(visit->arena), as_file_name(sheets_title(visit), visit->arena),
	    as_file_name(word, visit->arena), suffix);
}

static bool is_attribute_char(char byte) // RFC 8187, attr-char
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       (byte != '\0' && strchr("!#$&+-.^_`|~", byte) != NULL);
}

// After the plain name in ASCII, which answer_download() has written.
const char *sheets_disposition(struct arena *arena, const char *plain, const char *file_name)
{
	struct buffer out;
	buffer_init(&out, arena);
	buffer_print(&out, "attachment; filename=\"%s\"; filename*=UTF-8''", plain);
	for (; *file_name != '\0'; file_name++) {
		if (is_attribute_char(*file_name))
			buffer_putc(&out, *file_name);
		else
			buffer_print(&out, "%%%02X", (unsigned char)*file_name);
	}
	return out.data;
}

void sheets_headers(struct visit *visit, struct http_response *response, const char *suffix)
{
	static const struct {
		enum contract_form form;
		const char *type;
	} types[] = {
	    {FORM_CSV, "text/csv; charset=utf-8; header=present"},
	    {FORM_VCF, "text/vcard; charset=utf-8"},
	    {FORM_XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].form == visit->form)
			response->type = types[i].type;
	answer_caching(visit, response);
	const char *name = answer_plain_name(visit);
	http_set(response, "Content-Disposition",
	    sheets_disposition(visit->arena, arena_print(visit->arena, "%s.%s", name, suffix), sheets_file_name(visit, suffix)));
}
