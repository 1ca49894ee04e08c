// arena_test.c: things live until the arena dies, lie apart, and die in order.
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define IS_POISONED(address) __asan_address_is_poisoned(address)
#else
#define IS_POISONED(address) ((void)(address), 1)
#endif

static void gives_zeroed_aligned_memory(void **state)
{
	(void)state;
	// Twice, since the second arena is the first one's memory again.
	for (int again = 0; again < 2; again++) {
		struct arena *arena = arena_new();
		for (size_t size = 0; size < 3000; size += 7) {
			char *memory = arena_alloc(arena, size);
			assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(memory[i], 0);
			memset(memory, 0xff, size);
		}
		arena_free(arena);
	}
}

static void holds_large_things(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	char *large = arena_alloc(arena, 3 << 20);
	char *small = arena_copy(arena, "small");
	memset(large, 1, 3 << 20);
	assert_string_equal(small, "small");
	arena_free(arena);
}

static void prints_and_copies(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	assert_null(arena_copy(arena, NULL));
	assert_string_equal(arena_slice(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_slice(arena, NULL, 0), "");
	assert_string_equal(arena_print(arena, "%d-%s", 7, "x"), "7-x");
	char *wide = arena_print(arena, "%1000d", 1);
	assert_int_equal(strlen(wide), 1000);
	assert_int_equal(wide[999], '1');
	arena_free(arena);
}

static void grows_in_place_where_it_is_the_newest(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	char *first = arena_alloc(arena, 10);
	memset(first, 'x', 10);
	char *same = arena_grow(arena, first, 10, 500);
	assert_ptr_equal(same, first);
	arena_alloc(arena, 1);
	char *moved = arena_grow(arena, same, 10, 1000);
	assert_ptr_not_equal(moved, same);
	assert_memory_equal(moved, "xxxxxxxxxx", 10);
	assert_memory_equal(arena_grow(arena, moved, 10, 1 << 20), "xxxxxxxxxx", 10);
	arena_free(arena);
}

static void poisons_what_is_not_given(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	char *first = arena_alloc(arena, 13);
	char *second = arena_alloc(arena, 32);
	assert_true(IS_POISONED(first + 13));
	assert_true(IS_POISONED(second - 1));
	assert_true(IS_POISONED(second + 32));
	assert_true(IS_POISONED(second + 100));
	arena_free(arena);
}

static char order[8];
static int dropped;

static void note(void *thing)
{
	order[dropped++] = *(char *)thing;
}

static void drops_last_first(void **state)
{
	(void)state;
	static char a[] = "a", b[] = "b", c[] = "c";
	struct arena *arena = arena_new();
	arena_defer(arena, note, a);
	arena_defer(arena, note, b);
	arena_defer(arena, note, c);
	arena_free(arena);
	assert_string_equal(order, "cba");
	arena_free(NULL);
}

static void recycles_no_more_than_a_few(void **state)
{
	(void)state;
	struct arena *arenas[200];
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 200; i++) {
			arenas[i] = arena_new();
			arena_print(arenas[i], "%d", i);
		}
		for (int i = 0; i < 200; i++)
			arena_free(arenas[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_zeroed_aligned_memory),
	    cmocka_unit_test(holds_large_things),
	    cmocka_unit_test(prints_and_copies),
	    cmocka_unit_test(grows_in_place_where_it_is_the_newest),
	    cmocka_unit_test(poisons_what_is_not_given),
	    cmocka_unit_test(drops_last_first),
	    cmocka_unit_test(recycles_no_more_than_a_few),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
