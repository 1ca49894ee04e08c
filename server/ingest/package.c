// package.c: parts of a zip through expat.
#include "ingest/package.h"

#include <expat.h>
#include <string.h>
#include <zip.h>

#include "base/arena.h"
#include "base/problem.h"

enum {
	MAX_PARTS = 10000,
	MAX_UNPACKED = 64 * 1024 * 1024,
	MAX_DEPTH = 64, // of elements; a workbook has ten
	PIECE = 64 * 1024,
	NAMESPACE_END = '|',
};

struct parse {
	struct package *package;
	const struct package_calls *calls;
	void *reader;
	XML_Parser parser;
	int depth;
};

static bool refuse_broken(struct package *package, const char *path)
{
	return refuse(package->why, PROBLEM_BAD_INPUT,
	    arena_print(package->arena, "The workbook is damaged: its part %s can't be read. Open it, and save it anew as .xlsx.", path),
	    "xlsx_broken");
}

static void close_zip(void *zip)
{
	zip_discard(zip);
}

bool package_open(struct package *package, const void *bytes, size_t length)
{
	zip_error_t error;
	zip_error_init(&error);
	zip_source_t *source = zip_source_buffer_create(bytes, length, 0, &error);
	package->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
	zip_error_fini(&error);
	if (!package->zip) {
		zip_source_free(source);
		return refuse(package->why, PROBLEM_BAD_INPUT, "The workbook is damaged or was not sent whole.", "xlsx_broken");
	}
	arena_defer(package->arena, close_zip, package->zip);
	return zip_get_num_entries(package->zip, 0) <= MAX_PARTS ||
	       refuse(package->why, PROBLEM_BAD_INPUT, "The workbook has too many parts.", "xlsx_too_large");
}

bool package_has(const struct package *package, const char *path)
{
	return zip_name_locate(package->zip, path, ZIP_FL_NOCASE) >= 0;
}

static const char *local_name(const char *name)
{
	const char *end = strrchr(name, NAMESPACE_END);
	return end ? end + 1 : name;
}

static void start_element(void *argument, const char *name, const char **attributes)
{
	struct parse *parse = argument;
	for (int i = 0; attributes[i]; i += 2)
		attributes[i] = local_name(attributes[i]);
	if (++parse->depth > MAX_DEPTH)
		refuse(parse->package->why, PROBLEM_BAD_INPUT, "The workbook's XML is nested too deep.", "xlsx_too_large");
	else if (parse->calls->start(parse->reader, local_name(name), attributes))
		return;
	XML_StopParser(parse->parser, XML_FALSE);
}

static void end_element(void *argument, const char *name)
{
	struct parse *parse = argument;
	parse->depth--;
	if (parse->calls->end && !parse->calls->end(parse->reader, local_name(name)))
		XML_StopParser(parse->parser, XML_FALSE);
}

static void add_text(void *argument, const char *text, int length)
{
	const struct parse *parse = argument;
	if (parse->calls->text)
		parse->calls->text(parse->reader, text, (size_t)length);
}

static void forbid_type(void *argument, const char *name, const char *system, const char *public, int internal)
{
	(void)name, (void)system, (void)public, (void)internal;
	const struct parse *parse = argument;
	refuse(parse->package->why, PROBLEM_BAD_INPUT, "The workbook has a document type in its XML, which no spreadsheet writes.",
	    "xlsx_forbidden");
	XML_StopParser(parse->parser, XML_FALSE);
}

static bool feed(struct parse *parse, zip_file_t *file, const char *path)
{
	struct package *package = parse->package;
	for (;;) {
		void *piece = XML_GetBuffer(parse->parser, PIECE);
		zip_int64_t count = piece ? zip_fread(file, piece, PIECE) : -1;
		if (count < 0)
			return refuse_broken(package, path);
		package->unpacked += (size_t)count;
		if (package->unpacked > MAX_UNPACKED)
			return refuse(package->why, PROBLEM_BAD_INPUT, "The workbook is too large once it is unpacked.", "xlsx_too_large");
		if (XML_ParseBuffer(parse->parser, (int)count, count == 0) != XML_STATUS_OK)
			return package->why->kind != PROBLEM_NONE ? false : refuse_broken(package, path);
		if (count == 0)
			return true;
	}
}

bool package_read(struct package *package, const char *path, const struct package_calls *calls, void *reader)
{
	zip_file_t *file = zip_fopen(package->zip, path, ZIP_FL_NOCASE);
	if (!file)
		return refuse_broken(package, path);
	struct parse parse = {.package = package, .calls = calls, .reader = reader, .parser = XML_ParserCreateNS(NULL, NAMESPACE_END)};
	if (!parse.parser) {
		zip_fclose(file);
		return refuse_broken(package, path);
	}
	XML_SetUserData(parse.parser, &parse);
	XML_SetElementHandler(parse.parser, start_element, end_element);
	XML_SetCharacterDataHandler(parse.parser, add_text);
	XML_SetStartDoctypeDeclHandler(parse.parser, forbid_type);
	bool read = feed(&parse, file, path);
	XML_ParserFree(parse.parser);
	zip_fclose(file);
	return read;
}

const char *package_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(attributes[0], name))
			return attributes[1];
	return NULL;
}
