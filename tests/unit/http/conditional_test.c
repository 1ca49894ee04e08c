// conditional_test.c: ETag lists and Accept-Encoding, read as the RFC writes them.
#include "http/conditional.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/compress.h"

static struct arena *arena;

static int start(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void finds_etags_in_lists(void **state)
{
	(void)state;
	static const struct {
		const char *list, *found;
	} cases[] = {{"\"abc\"", "\"abc\""}, {"W/\"abc\"", "\"abc\""}, {"\"x\", \"abc-br\" , \"y\"", "\"abc-br\""},
	    {"\"x\",W/\"abc-gz\"", "\"abc-gz\""}, {"*", "\"own\""}, {" \"a,b\", \"abc\"", "\"abc\""}, {"\"abcd\"", NULL}, {"\"ab\"", NULL},
	    {"\"abc-zz\"", NULL}, {"abc", NULL}, {"", NULL}, {"\"abc", NULL}, {NULL, NULL}, {"w/\"abc\"", NULL}, {",,\"abc\"", "\"abc\""},
	    {"\"\"", NULL}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *found = etag_match(arena, cases[i].list, "\"abc\"", "\"own\"");
		if (cases[i].found)
			assert_string_equal(found, cases[i].found);
		else
			assert_null(found);
	}
	assert_string_equal(etag_suffixed(arena, "\"abc\"", "-br"), "\"abc-br\"");
	assert_string_equal(etag_suffixed(arena, "\"abc\"", ""), "\"abc\"");
}

static void chooses_what_is_liked_best(void **state)
{
	(void)state;
	static const struct {
		const char *accept;
		enum coding coding;
	} cases[] = {{NULL, CODING_NONE}, {"", CODING_NONE}, {"gzip", CODING_GZIP}, {"gzip, deflate, br", CODING_BR},
	    {"br;q=0.5, gzip", CODING_GZIP}, {"br;q=0,gzip;q=0", CODING_NONE}, {"*", CODING_BR}, {"*;q=0", CODING_NONE},
	    {"gzip;q=1.0, *;q=0", CODING_GZIP}, {"identity", CODING_NONE}, {"GZIP", CODING_GZIP}, {"gzip;q=0.001", CODING_GZIP},
	    {"gzip ; q=0.8 , br ; q=0.9", CODING_BR}, {"gzip;q=", CODING_GZIP}, {",,;q=1", CODING_NONE}, {"br;q=0.000", CODING_NONE}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(coding_choose(cases[i].accept), cases[i].coding);
}

static void compresses_text_only(void **state)
{
	(void)state;
	assert_true(is_compressible("text/html; charset=utf-8", 2000));
	assert_true(is_compressible("application/problem+json", 2000));
	assert_true(is_compressible("application/json", 2000));
	assert_true(is_compressible("image/svg+xml", 2000));
	assert_false(is_compressible("application/json", 1000));
	assert_false(is_compressible("image/png", 2000));
	assert_false(is_compressible("application/octet-stream", 2000));
	assert_false(is_compressible(NULL, 2000));
}

static void remembers_by_bytes_not_by_etag_alone(void **state)
{
	(void)state;
	struct compressor *compressor = compressor_new();
	char *one = arena_alloc(arena, 3000), *two = arena_alloc(arena, 3000);
	memset(one, '1', 3000);
	memset(two, '2', 3000);
	size_t one_length, again_length, two_length;
	const char *first = compress_body(compressor, arena, CODING_GZIP, "\"e\"", one, 3000, &one_length);
	const char *again = compress_body(compressor, arena, CODING_GZIP, "\"e\"", one, 3000, &again_length);
	assert_int_equal(one_length, again_length);
	assert_memory_equal(first, again, one_length);
	const char *other = compress_body(compressor, arena, CODING_GZIP, "\"e\"", two, 3000, &two_length);
	assert_true(two_length != one_length || memcmp(first, other, two_length) != 0);
	// What does not get smaller is left as it is.
	char noise[2000];
	uint32_t seed = 1;
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
	assert_null(compress_body(compressor, arena, CODING_GZIP, NULL, noise, sizeof noise, &two_length));
	assert_null(compress_body(compressor, arena, CODING_BR, NULL, noise, sizeof noise, &two_length));
	compressor_free(compressor);
	compressor_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_etags_in_lists),
	    cmocka_unit_test(chooses_what_is_liked_best),
	    cmocka_unit_test(compresses_text_only),
	    cmocka_unit_test(remembers_by_bytes_not_by_etag_alone),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
