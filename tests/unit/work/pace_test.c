// pace_test.c: how many mails go to one domain, how often, and what "later" does.
#include "work/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void test_each_second(void **state)
{
	(void)state;
	struct pace *pace = pace_new(&(struct pace_rule){.each_second = 10, .pause_ms = 1000});
	assert_int_equal(pace_ask(pace, "a.example", false, 5000), 0);
	// Those who come too early get moments of their own, one after the other; another domain is not held up.
	assert_int_equal(pace_ask(pace, "a.example", false, 5000), 100);
	assert_int_equal(pace_ask(pace, "a.example", false, 5010), 190);
	assert_int_equal(pace_ask(pace, "b.example", false, 5010), 0);
	// Who waited goes, and whoever came meanwhile goes after those who wait.
	assert_int_equal(pace_ask(pace, "a.example", true, 5100), 0);
	assert_int_equal(pace_ask(pace, "a.example", false, 5150), 150);
	assert_int_equal(pace_ask(pace, "a.example", false, 6000), 0);
	pace_free(pace);
}

static void test_at_once(void **state)
{
	(void)state;
	struct pace *pace = pace_new(&(struct pace_rule){.at_once = 2, .pause_ms = 1000});
	assert_int_equal(pace_ask(pace, "a.example", false, 0), 0);
	assert_int_equal(pace_ask(pace, "a.example", false, 0), 0);
	int64_t wait = pace_ask(pace, "a.example", true, 0);
	assert_true(wait > 0);
	assert_true(pace_ask(pace, "a.example", false, 0) > wait);
	assert_int_equal(pace_ask(pace, "b.example", false, 0), 0);
	pace_told(pace, "a.example", PACE_TAKEN, 10);
	assert_int_equal(pace_ask(pace, "a.example", true, wait), 0);
	pace_free(pace);
}

static void test_later(void **state)
{
	(void)state;
	struct pace *pace = pace_new(&(struct pace_rule){.pause_ms = 1000});
	// Two mailboxes that are full are no reason to leave the domain alone; three times in a row is.
	for (int i = 0; i < 3; i++) {
		assert_int_equal(pace_ask(pace, "a.example", false, i), 0);
		pace_told(pace, "a.example", PACE_LATER, i);
	}
	assert_int_equal(pace_ask(pace, "a.example", true, 2), 1000);
	assert_int_equal(pace_ask(pace, "b.example", false, 2), 0);
	// Again "later" after the pause: twice as long.
	assert_int_equal(pace_ask(pace, "a.example", true, 1002), 0);
	pace_told(pace, "a.example", PACE_LATER, 1002);
	assert_true(pace_ask(pace, "a.example", true, 1002) >= 2000);
	// One that is taken, and all is forgotten; silence says nothing.
	assert_int_equal(pace_ask(pace, "a.example", true, 3002), 0);
	pace_told(pace, "a.example", PACE_NO_WORD, 3002);
	assert_int_equal(pace_ask(pace, "a.example", true, 3002), 0);
	pace_told(pace, "a.example", PACE_TAKEN, 3002);
	assert_int_equal(pace_ask(pace, "a.example", true, 3003), 0);
	pace_told(pace, "a.example", PACE_LATER, 3003);
	assert_int_equal(pace_ask(pace, "a.example", true, 3004), 0);
	pace_free(pace);
}

static void test_many_domains(void **state)
{
	(void)state;
	struct pace *pace = pace_new(&(struct pace_rule){.each_second = 20, .at_once = 4, .pause_ms = 1000});
	char name[32];
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof name, "d%d.example", i);
		assert_int_equal(pace_ask(pace, name, false, i), 0);
	}
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof name, "d%d.example", i);
		pace_told(pace, name, PACE_TAKEN, 2000);
	}
	pace_told(pace, "unknown.example", PACE_LATER, 2000);
	assert_int_equal(pace_ask(pace, "d0.example", false, 9000), 0);
	pace_free(pace);
	pace_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_second), cmocka_unit_test(test_at_once), cmocka_unit_test(test_later),
	    cmocka_unit_test(test_many_domains)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
