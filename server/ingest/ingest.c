// ingest.c: what kind of list it is, by its first bytes, and who reads it.
#include "ingest/ingest.h"

#include <string.h>

#include "base/arena.h"
#include "ingest/inside.h"

// What people send instead of a list, and the code that tells them.
static const struct {
	const char *start, *detail, *code;
} others[] = {
    {"\xD0\xCF\x11\xE0", "This is an Excel file of the old kind (.xls), or one with a password. Save it as .xlsx without a password.",
        "list_old_excel"},
    {"%PDF", "This is a PDF, not a list. Send CSV, XLSX or a pasted list.", "list_not_a_list"},
    {"{\\rtf", "This is a text document, not a list. Send CSV, XLSX or a pasted list.", "list_not_a_list"},
    {"<!DOCTYPE", "This is a web page, not a list. Send CSV, XLSX or a pasted list.", "list_not_a_list"},
    {"<html", "This is a web page, not a list. Send CSV, XLSX or a pasted list.", "list_not_a_list"},
};

static bool begins(const void *bytes, size_t length, const char *start)
{
	return length >= strlen(start) && !memcmp(bytes, start, strlen(start));
}

static bool read_text(struct table_maker *maker, const char *bytes, size_t length, const struct ingest_hints *hints)
{
	const char *text = encoding_decode(maker->table, bytes, length, hints->encoding, maker->arena, maker->why);
	if (!text)
		return false;
	if (!hints->separator && addresses_read(maker, text))
		return true;
	return maker->why->kind == PROBLEM_NONE && csv_read(maker, text, hints->separator);
}

bool ingest_read(struct ingest_table *table, const void *bytes, size_t length, const struct ingest_hints *hints, struct arena *arena,
    struct problem *why)
{
	struct table_maker maker = {.arena = arena, .why = why, .table = table};
	*table = (struct ingest_table){.format = INGEST_CSV};
	*why = (struct problem){0};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (begins(bytes, length, others[i].start))
			return refuse(why, PROBLEM_BAD_INPUT, others[i].detail, others[i].code);
	bool workbook = begins(bytes, length, "PK\3\4") || begins(bytes, length, "PK\5\6");
	if (workbook)
		table->format = INGEST_XLSX;
	if (!(workbook ? xlsx_read(&maker, bytes, length) : read_text(&maker, bytes, length, hints)))
		return false;
	return table->rows > 0 || refuse(why, PROBLEM_BAD_INPUT, "There is nothing in the list.", "list_empty");
}
