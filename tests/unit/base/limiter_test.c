// limiter_test.c: quotas of addresses: how they are used up, come back, and are kept apart.
#include "base/limiter.h"

// cmocka needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/secret.h"

static const struct limiter_rule rule = {"links", 30, 60};

static int taken(struct limiter *limiter, const char *address, int64_t now, int tries)
{
	int count = 0, wait;
	for (int i = 0; i < tries; i++)
		count += limiter_take(limiter, address, now, &wait);
	return count;
}

static void a_quota_is_used_up_and_comes_back(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(&rule);
	int wait = 0;
	assert_int_equal(taken(limiter, "203.0.113.7", 1000, 40), 30);
	assert_false(limiter_take(limiter, "203.0.113.7", 1000, &wait));
	assert_int_equal(wait, 2); // one comes back every two seconds
	assert_false(limiter_take(limiter, "203.0.113.7", 2500, &wait));
	assert_int_equal(wait, 1);
	assert_true(limiter_take(limiter, "203.0.113.7", 3001, &wait));
	assert_false(limiter_take(limiter, "203.0.113.7", 3001, &wait));
	assert_int_equal(taken(limiter, "203.0.113.7", 3001 + 3600000, 100), 30); // and never more than all of it
	limiter_free(limiter);
}

static void addresses_are_counted_apart(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(&rule);
	assert_int_equal(taken(limiter, "203.0.113.7", 0, 40), 30);
	assert_int_equal(taken(limiter, "203.0.113.8", 0, 40), 30);
	// Of IPv6 a network of 64 bits is one.
	assert_int_equal(taken(limiter, "2001:db8:1:2::7", 0, 40), 30);
	assert_int_equal(taken(limiter, "2001:db8:1:2:ffff::8", 0, 40), 0);
	assert_int_equal(taken(limiter, "2001:db8:1:3::7", 0, 40), 30);
	limiter_free(limiter);
}

static void the_machine_itself_is_not_limited(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(&rule);
	int wait;
	assert_int_equal(taken(limiter, "127.0.0.1", 0, 1000), 1000);
	assert_int_equal(taken(limiter, "::1", 0, 1000), 1000);
	assert_int_equal(taken(limiter, "127.0.0.2", 0, 1000), 30);
	assert_true(limiter_take(limiter, "", 0, &wait));
	assert_true(limiter_take(limiter, NULL, 0, &wait));
	limiter_free(NULL);
	limiter_free(limiter);
}

// Whoever used up a quota is not forgotten for the sake of many who did not.
static void a_crowd_does_not_push_out_who_is_limited(void **state)
{
	(void)state;
	struct limiter *limiter = limiter_new(&rule);
	char address[32];
	int wait;
	assert_int_equal(taken(limiter, "203.0.113.7", 0, 30), 30);
	for (int i = 0; i < 100000; i++) {
		snprintf(address, sizeof address, "198.%d.%d.%d", 18 + i / 65536, i / 256 % 256, i % 256);
		assert_true(limiter_take(limiter, address, 0, &wait));
	}
	assert_false(limiter_take(limiter, "203.0.113.7", 0, &wait));
	limiter_free(limiter);
}

int main(void)
{
	secret_start();
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_quota_is_used_up_and_comes_back),
	    cmocka_unit_test(addresses_are_counted_apart),
	    cmocka_unit_test(the_machine_itself_is_not_limited),
	    cmocka_unit_test(a_crowd_does_not_push_out_who_is_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
