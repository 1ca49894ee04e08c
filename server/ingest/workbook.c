// workbook.c: the parts of a workbook around its sheets: which there are, the shared strings, and which styles are dates.
#include "ingest/workbook.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problem.h"
#include "ingest/package.h"

// One part refers to others by relationships that lie in a part beside it.
struct relation {
	const char *id, *path;
	const struct relation *next;
};
struct relations {
	struct arena *arena;
	const char *directory; // of the part they belong to
	const struct relation *first;
	const char *document, *strings, *styles; // by their type
};

// "../a/b.xml" seen from "xl/worksheets", or "/xl/a/b.xml" seen from anywhere.
static const char *resolve(struct arena *arena, const char *directory, const char *target)
{
	if (*target == '/')
		return arena_copy(arena, target + 1);
	char *base = arena_copy(arena, directory);
	for (; !strncmp(target, "../", 3) || !strncmp(target, "./", 2); target = strchr(target, '/') + 1) {
		char *last = strrchr(base, '/');
		if (target[1] == '.')
			*(last ? last : base) = '\0';
	}
	return *base ? arena_print(arena, "%s/%s", base, target) : arena_copy(arena, target);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);
	return length >= tail && !strcmp(text + length - tail, end);
}

static bool note_relation(void *reader, const char *name, const char **attributes)
{
	struct relations *relations = reader;
	const char *id = package_attribute(attributes, "Id"), *target = package_attribute(attributes, "Target");
	const char *type = package_attribute(attributes, "Type"), *mode = package_attribute(attributes, "TargetMode");
	if (strcmp(name, "Relationship") != 0 || !id || !target || !type || (mode && !strcmp(mode, "External")))
		return true;
	struct relation *relation = arena_alloc(relations->arena, sizeof *relation);
	*relation = (struct relation){
	    .id = arena_copy(relations->arena, id), .path = resolve(relations->arena, relations->directory, target), .next = relations->first};
	relations->first = relation;
	if (ends_with(type, "/officeDocument"))
		relations->document = relation->path;
	else if (ends_with(type, "/sharedStrings"))
		relations->strings = relation->path;
	else if (ends_with(type, "/styles"))
		relations->styles = relation->path;
	return true;
}

// Those of the part at `path`; of the package itself where it is "".
static bool read_relations(struct relations *relations, struct package *package, const char *path)
{
	static const struct package_calls calls = {.start = note_relation};
	const char *last = strrchr(path, '/');
	const char *directory = last ? arena_slice(package->arena, path, (size_t)(last - path)) : "";
	*relations = (struct relations){.arena = package->arena, .directory = directory};
	const char *beside = arena_print(package->arena, "%s%s_rels/%s.rels", directory, *directory ? "/" : "", last ? last + 1 : path);
	return !package_has(package, beside) || package_read(package, beside, &calls, relations);
}

// ── The workbook's own part ──

struct listing {
	struct workbook *workbook;
	const struct relations *relations;
	const struct workbook_sheet **last;
	struct arena *arena;
};

static bool note_sheet(void *reader, const char *name, const char **attributes)
{
	struct listing *listing = reader;
	struct workbook *workbook = listing->workbook;
	if (!strcmp(name, "workbookPr")) {
		const char *from_1904 = package_attribute(attributes, "date1904");
		workbook->from_1904 = from_1904 && (!strcmp(from_1904, "1") || !strcmp(from_1904, "true"));
	}
	const char *state = package_attribute(attributes, "state"), *id = package_attribute(attributes, "id");
	const char *title = package_attribute(attributes, "name");
	if (strcmp(name, "sheet") != 0 || !id || !title || (state && strcmp(state, "visible") != 0))
		return true;
	for (const struct relation *relation = listing->relations->first; relation; relation = relation->next) {
		if (strcmp(relation->id, id) != 0 || !strstr(relation->path, "sheets/"))
			continue;
		struct workbook_sheet *sheet = arena_alloc(listing->arena, sizeof *sheet);
		*sheet = (struct workbook_sheet){.name = arena_copy(listing->arena, title), .path = relation->path};
		*listing->last = sheet;
		listing->last = &sheet->next;
	}
	return true;
}

// ── Shared strings ──

struct strings {
	struct workbook *workbook;
	struct arena *arena;
	struct buffer text;
	int room;
	bool in_text, in_reading; // `in_reading`: how an East Asian word is pronounced, which is not part of it
};

static bool start_string(void *reader, const char *name, const char **attributes)
{
	(void)attributes;
	struct strings *strings = reader;
	strings->in_reading |= !strcmp(name, "rPh");
	strings->in_text = !strcmp(name, "t") && !strings->in_reading;
	return true;
}

static void string_text(void *reader, const char *text, size_t length)
{
	struct strings *strings = reader;
	if (strings->in_text)
		buffer_add(&strings->text, text, length);
}

static bool end_string(void *reader, const char *name)
{
	struct strings *strings = reader;
	struct workbook *workbook = strings->workbook;
	strings->in_text = false;
	if (!strcmp(name, "rPh"))
		strings->in_reading = false;
	if (strcmp(name, "si") != 0)
		return true;
	if (workbook->strings == strings->room) {
		size_t size = (size_t)strings->room * sizeof *workbook->string;
		strings->room = strings->room ? 2 * strings->room : 256;
		workbook->string = arena_grow(strings->arena, workbook->string, size, (size_t)strings->room * sizeof *workbook->string);
	}
	workbook->string[workbook->strings++] = arena_slice(strings->arena, strings->text.data ? strings->text.data : "", strings->text.length);
	buffer_clear(&strings->text);
	return true;
}

// ── Styles ──

enum { MAX_STYLES = 65536 };

struct styles {
	struct workbook *workbook;
	struct arena *arena;
	bool custom_date[1024]; // by number format, from 0
	bool in_cells;          // the formats of cells, not of named styles
	int room;
};

// Of the formats that have no text of their own: dates and times, those of East Asian editions among them.
static bool is_built_in_date(long format)
{
	return (format >= 14 && format <= 22) || (format >= 27 && format <= 36) || (format >= 45 && format <= 47) ||
	       (format >= 50 && format <= 58);
}

bool number_format_is_date(const char *format)
{
	for (; *format && *format != ';'; format++) {
		if (*format == '"' || *format == '[') {
			const char *end = strchr(format + 1, *format == '"' ? '"' : ']');
			if (*format == '[' && end == format + 2 && strchr("hHmMsS", format[1]))
				return true; // hours that go beyond a day
			if (!end)
				return false;
			format = end;
		} else if (*format == '\\' || *format == '_' || *format == '*') {
			if (*++format == '\0')
				return false;
		} else if (strchr("dDmMyYhHsS", *format)) {
			return strncasecmp(format, "Standard", 8) != 0; // "General", as it is called in some languages
		} else if (!strncasecmp(format, "General", 7)) {
			format += 6;
		}
	}
	return false;
}

static bool start_style(void *reader, const char *name, const char **attributes)
{
	struct styles *styles = reader;
	struct workbook *workbook = styles->workbook;
	const char *id = package_attribute(attributes, "numFmtId"), *code = package_attribute(attributes, "formatCode");
	long format = id ? strtol(id, NULL, 10) : 0;
	bool numbered = format >= 0 && format < (long)(sizeof styles->custom_date / sizeof *styles->custom_date);
	if (!strcmp(name, "cellXfs"))
		styles->in_cells = true;
	if (!strcmp(name, "numFmt") && code && numbered)
		styles->custom_date[format] = number_format_is_date(code);
	if (strcmp(name, "xf") != 0 || !styles->in_cells || workbook->styles == MAX_STYLES)
		return true;
	if (workbook->styles == styles->room) {
		size_t size = (size_t)styles->room * sizeof *workbook->date;
		styles->room = styles->room ? 2 * styles->room : 64;
		workbook->date = arena_grow(styles->arena, workbook->date, size, (size_t)styles->room * sizeof *workbook->date);
	}
	workbook->date[workbook->styles++] = is_built_in_date(format) || (numbered && styles->custom_date[format]);
	return true;
}

static bool end_style(void *reader, const char *name)
{
	struct styles *styles = reader;
	if (!strcmp(name, "cellXfs"))
		styles->in_cells = false;
	return true;
}

bool workbook_read(struct workbook *workbook, struct package *package)
{
	static const struct package_calls sheet_calls = {.start = note_sheet};
	static const struct package_calls string_calls = {.start = start_string, .end = end_string, .text = string_text};
	static const struct package_calls style_calls = {.start = start_style, .end = end_style};
	struct relations own, relations;
	*workbook = (struct workbook){0};
	if (!read_relations(&own, package, ""))
		return false;
	const char *path = own.document ? own.document : "xl/workbook.xml";
	if (!package_has(package, path) || strstr(path, "word/") || strstr(path, "ppt/"))
		return refuse(
		    package->why, PROBLEM_BAD_INPUT, "This is not an Excel workbook (.xlsx). Save the list as .xlsx or CSV.", "xlsx_no_sheet");
	struct listing listing = {.workbook = workbook, .relations = &relations, .last = &workbook->sheet, .arena = package->arena};
	if (!read_relations(&relations, package, path) || !package_read(package, path, &sheet_calls, &listing))
		return false;
	if (!workbook->sheet)
		return refuse(package->why, PROBLEM_BAD_INPUT, "The workbook has no sheet that can be seen.", "xlsx_no_sheet");
	struct strings strings = {.workbook = workbook, .arena = package->arena};
	buffer_init(&strings.text, package->arena);
	if (relations.strings && package_has(package, relations.strings) && !package_read(package, relations.strings, &string_calls, &strings))
		return false;
	struct styles styles = {.workbook = workbook, .arena = package->arena};
	return !relations.styles || !package_has(package, relations.styles) || package_read(package, relations.styles, &style_calls, &styles);
}
