// catalogue.c: the language of a PDF. cairo 1.16 tags what it writes but can't say in which language it is; newer ones can't either.
#include "print/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"

// The last place of `what` in the file, or NULL.
static const char *last(const struct buffer *file, const char *what)
{
	size_t length = strlen(what);
	for (size_t at = file->length; at >= length; at--)
		if (memcmp(file->data + at - length, what, length) == 0)
			return file->data + at - length;
	return NULL;
}

static long number_after(const char *at, const char *name)
{
	const char *found = at ? strstr(at, name) : NULL;
	return found ? strtol(found + strlen(name), NULL, 10) : -1;
}

// Where the object of this number stands: its entry is line `number` of the one cross-reference table.
static const char *object(const struct buffer *file, long table, long number)
{
	if (table < 0 || (size_t)table + 32 > file->length || strncmp(file->data + table, "xref\n0 ", 7) != 0)
		return NULL;
	const char *entries = strchr(file->data + table + 5, '\n');
	size_t at = entries ? (size_t)(entries - file->data) + 1 + (size_t)number * 20 : file->length;
	size_t offset = at + 20 <= file->length ? strtoul(file->data + at, NULL, 10) : file->length;
	return offset < file->length ? file->data + offset : NULL;
}

void catalogue_say(struct buffer *file, const char *language, struct arena *arena)
{
	const char *trailer = last(file, "trailer");
	long table = number_after(last(file, "startxref"), "startxref\n");
	long root = number_after(trailer, "/Root "), size = number_after(trailer, "/Size "), info = number_after(trailer, "/Info ");
	const char *catalogue = root > 0 ? object(file, table, root) : NULL, *begin = catalogue ? strstr(catalogue, "<<") : NULL;
	const char *end = begin ? strstr(begin, "endobj") : NULL;
	while (end && end > begin && strncmp(end, ">>", 2) != 0)
		end--;
	if (!begin || !end || end <= begin || size <= 0)
		return;
	const char *said = arena_slice(arena, begin + 2, (size_t)(end - begin - 2));
	size_t at = file->length;
	buffer_print(file, "%ld 0 obj\n<< /Lang (%s) /ViewerPreferences << /DisplayDocTitle true >>\n%s>>\nendobj\n", root, language, said);
	size_t new_table = file->length;
	buffer_print(file, "xref\n%ld 1\n%010zu 00000 n \ntrailer\n<< /Size %ld /Root %ld 0 R", root, at, size, root);
	if (info > 0)
		buffer_print(file, " /Info %ld 0 R", info);
	buffer_print(file, " /Prev %ld >>\nstartxref\n%zu\n%%%%EOF\n", table, new_table);
}
