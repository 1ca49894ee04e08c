// networks_test.c: which proxies are believed, and what they say.
#include "base/networks.h"

// cmocka needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static struct arena *arena;

static void networks_are_read(void **state)
{
	(void)state;
	struct networks networks;
	const char *why = NULL;
	assert_true(networks_read(&networks, "127.0.0.1, 10.0.0.0/8,192.168.4.128/25 fd00::/8", arena, &why));
	assert_int_equal(networks.count, 4);
	static const char *const inside[] = {"127.0.0.1", "10.255.1.2", "192.168.4.200", "fd12::1"};
	static const char *const outside[] = {"127.0.0.2", "11.0.0.1", "192.168.4.127", "fe80::1", "::ffff:10.0.0.1", "", "ten"};
	for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
		assert_true(networks_hold(&networks, inside[i]));
	for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
		assert_false(networks_hold(&networks, outside[i]));
	assert_true(networks_read(&networks, "0.0.0.0/0", arena, &why));
	assert_true(networks_hold(&networks, "203.0.113.7"));
	assert_true(networks_read(&networks, NULL, arena, &why) && networks.count == 0);
	assert_true(networks_read(&networks, " , ", arena, &why) && networks.count == 0);
}

static void what_is_no_network_is_named(void **state)
{
	(void)state;
	static const char *const wrong[] = {"localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "10.0.0"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct networks networks;
		const char *why = NULL;
		assert_false(networks_read(&networks, wrong[i], arena, &why));
		assert_non_null(why);
	}
	char *many = arena_copy(arena, "");
	for (int i = 0; i <= NETWORKS_MOST; i++)
		many = arena_print(arena, "%s 10.0.0.%d", many, i);
	struct networks networks;
	const char *why = NULL;
	assert_false(networks_read(&networks, many, arena, &why));
}

static void the_client_is_the_last_that_is_none_of_ours(void **state)
{
	(void)state;
	static const struct {
		const char *peer, *forwarded, *client;
	} cases[] = {
	    {"203.0.113.7", "198.51.100.1", "203.0.113.7"}, // no proxy of ours: whatever it says
	    {"127.0.0.1", NULL, "127.0.0.1"},
	    {"127.0.0.1", "", "127.0.0.1"},
	    {"127.0.0.1", " , ", "127.0.0.1"},
	    {"127.0.0.1", "198.51.100.1", "198.51.100.1"},
	    {"127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"}, // what stands before it, the client may have sent
	    {"127.0.0.1", "6.6.6.6,198.51.100.1 ,10.1.2.3", "198.51.100.1"},
	    {"127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1"},
	    {"127.0.0.1", "nonsense, 10.1.2.3", "10.1.2.3"},
	    {"127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"}, // a client in our own network
	    {"127.0.0.1", "2001:db8::1", "2001:db8::1"},
	};
	struct networks networks;
	const char *why = NULL;
	assert_true(networks_read(&networks, "127.0.0.1, 10.0.0.0/8", arena, &why));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(networks_client(&networks, cases[i].peer, cases[i].forwarded, arena), cases[i].client);
}

int main(void)
{
	arena = arena_new();
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(networks_are_read),
	    cmocka_unit_test(what_is_no_network_is_named),
	    cmocka_unit_test(the_client_is_the_last_that_is_none_of_ours),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
