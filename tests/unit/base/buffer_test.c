// buffer_test.c: whatever is added is there, followed by a NUL.
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void fill(struct buffer *buffer)
{
	assert_string_equal(buffer->data, "");
	for (int i = 0; i < 10000; i++)
		buffer_print(buffer, "%d,", i);
	assert_int_equal(buffer->length, 10 + 90 * 2 + 900 * 3 + 9000 * 4 + 10000);
	assert_int_equal(strlen(buffer->data), buffer->length);
	assert_memory_equal(buffer->data, "0,1,2,3,", 8);
	assert_string_equal(buffer->data + buffer->length - 5, "9999,");
	buffer_clear(buffer);
	assert_string_equal(buffer->data, "");
	buffer_putc(buffer, 'a');
	buffer_puts(buffer, "bc");
	buffer_add(buffer, "\0d", 2);
	buffer_add(buffer, NULL, 0);
	assert_int_equal(buffer->length, 5);
	assert_memory_equal(buffer->data, "abc\0d", 6);
	buffer_print(buffer, "%2000s", "x");
	assert_int_equal(buffer->length, 2005);
	assert_int_equal(strlen(buffer->data + 5), 2000);
}

static void grows_in_an_arena(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buffer buffer;
	buffer_init(&buffer, arena);
	fill(&buffer);
	arena_free(arena);
}

static void grows_two_in_one_arena(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buffer odd, even;
	buffer_init(&odd, arena);
	buffer_init(&even, arena);
	for (int i = 0; i < 20000; i++)
		buffer_putc(i % 2 ? &odd : &even, i % 2 ? 'o' : 'e');
	assert_int_equal(odd.length, 10000);
	assert_int_equal(strspn(odd.data, "o"), 10000);
	assert_int_equal(strspn(even.data, "e"), 10000);
	arena_free(arena);
}

static void grows_on_the_heap(void **state)
{
	(void)state;
	struct buffer buffer;
	buffer_init(&buffer, NULL);
	buffer_clear(&buffer);
	fill(&buffer);
	buffer_done(&buffer);
	assert_string_equal(buffer.data, "");
	buffer_done(&buffer);
	buffer_done(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(grows_in_an_arena),
	    cmocka_unit_test(grows_two_in_one_arena),
	    cmocka_unit_test(grows_on_the_heap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
