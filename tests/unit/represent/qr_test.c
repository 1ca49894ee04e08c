// qr_test.c: codes have what readers look for; that they say what they should is tried by a reader in tests/http.
#include "represent/qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"

static const char ticket[] = "https://narada.example.org/t/klaster/AZq3x4lycYqLFo8SgzXcKgABc0Xh2b0cJkq2Rk1nVwP1yA";

// The square in the corner that starts at (row, column): dark edge, light ring, dark middle.
static void has_finder(const struct qr *qr, int row, int column)
{
	for (int y = 0; y < 7; y++) {
		for (int x = 0; x < 7; x++) {
			bool edge = y == 0 || y == 6 || x == 0 || x == 6, middle = y >= 2 && y <= 4 && x >= 2 && x <= 4;
			assert_int_equal(qr_dark(qr, row + y, column + x), edge || middle);
		}
	}
}

static void test_modules(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct qr qr;
	assert_true(qr_make(&qr, ticket, arena));
	assert_int_equal(qr.size % 4, 1); // 17 + 4 times the version
	assert_in_range(qr.size, 33, 41);
	has_finder(&qr, 0, 0);
	has_finder(&qr, 0, qr.size - 7);
	has_finder(&qr, qr.size - 7, 0);
	for (int i = 0; i < qr.size * qr.size; i++)
		assert_in_range(qr.cells[i], 0, 1);
	arena_free(arena);
}

static void test_too_much(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct qr qr;
	char *text = arena_alloc(arena, 4001);
	memset(text, 'a', 4000);
	assert_false(qr_make(&qr, text, arena));
	assert_false(qr_make(&qr, "", arena));
	arena_free(arena);
}

static void test_svg(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buffer out;
	struct qr qr;
	buffer_init(&out, arena);
	assert_true(qr_make(&qr, "1", arena));
	qr_svg(&out, &qr, "Bilet <1> & \"2\"");
	assert_non_null(strstr(out.data, "viewBox=\"0 0 29 29\""));
	assert_non_null(strstr(out.data, "<title>Bilet &lt;1&gt; &amp; &quot;2&quot;</title>"));
	assert_non_null(strstr(out.data, "M4 4h7v1h-7z")); // the first finder's upper edge, four modules in
	buffer_clear(&out);
	qr_svg(&out, &qr, NULL);
	assert_null(strstr(out.data, "<title>"));
	arena_free(arena);
}

static void test_png(void **state)
{
	(void)state;
	static const unsigned char head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 29 * 3};
	struct arena *arena = arena_new();
	struct buffer out;
	struct qr qr;
	buffer_init(&out, arena);
	assert_true(qr_make(&qr, "1", arena));
	qr_png(&out, &qr, 3);
	assert_memory_equal(out.data, head, sizeof head);
	assert_int_equal(out.data[24], 1); // bits a pixel
	assert_in_range(out.length, 60, 600);
	buffer_clear(&out);
	assert_true(qr_make(&qr, ticket, arena));
	qr_png(&out, &qr, 6);
	assert_in_range(out.length, 300, 2000);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_modules),
	    cmocka_unit_test(test_too_much),
	    cmocka_unit_test(test_svg),
	    cmocka_unit_test(test_png),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
