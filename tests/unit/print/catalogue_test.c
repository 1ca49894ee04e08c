// catalogue_test.c: the language goes into a PDF by an update at its end, and into nothing else.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "print/catalogue.h"

static const char head[] = "%PDF-1.5\n";
static const char catalogue[] = "1 0 obj\n<< /Type /Catalog\n   /MarkInfo << /Marked true >>\n>>\nendobj\n";

static void make(struct buffer *file, struct arena *arena)
{
	buffer_init(file, arena);
	buffer_puts(file, head);
	buffer_puts(file, catalogue);
	size_t table = file->length;
	buffer_print(file, "xref\n0 3\n0000000000 65535 f \n%010zu 00000 n \n0000000000 00000 n \n", strlen(head));
	buffer_print(file, "trailer\n<< /Size 3\n   /Root 1 0 R\n   /Info 2 0 R\n>>\nstartxref\n%zu\n%%%%EOF\n", table);
}

static void test_an_update_names_the_language(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buffer file;
	make(&file, arena);
	size_t before = file.length;
	const char *was = arena_slice(arena, file.data, before);
	catalogue_say(&file, "pl", arena);
	assert_memory_equal(file.data, was, before);
	const char *update = file.data + before;
	assert_int_equal(strncmp(update, "1 0 obj\n<< /Lang (pl) ", 22), 0);
	assert_non_null(strstr(update, "/MarkInfo << /Marked true >>\n>>\nendobj\n"));
	assert_non_null(strstr(update, "/Size 3 /Root 1 0 R /Info 2 0 R /Prev"));
	// The last table is where it is said to be, and says where the object is.
	long table = strtol(strstr(update, "startxref\n") + 10, NULL, 10);
	assert_int_equal(strncmp(file.data + table, "xref\n1 1\n", 9), 0);
	assert_int_equal(strtoul(file.data + table + 9, NULL, 10), before);
	arena_free(arena);
}

static void test_what_is_otherwise_stays(void **state)
{
	(void)state;
	static const char *const others[] = {"", "%PDF-1.5\n", "trailer\n<< /Root 9 0 R /Size 10 >>\nstartxref\n0\n%%EOF\n",
	    "trailer\n<< /Root 1 0 R /Size 3 >>\nstartxref\n99999999\n%%EOF\n",
	    "xref\n0 1\ntrailer << /Root 1 0 R /Size 3 >>\nstartxref\n0\n%%EOF\n"};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct buffer file;
		buffer_init(&file, arena);
		buffer_puts(&file, others[i]);
		catalogue_say(&file, "fi", arena);
		assert_int_equal(file.length, strlen(others[i]));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_an_update_names_the_language), cmocka_unit_test(test_what_is_otherwise_stays)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
