// loop_test.c: what is ready, due or posted is called, in order, on the loop, and nothing that was taken back.
#include "loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "loop/timers.h"

static char story[256]; // what happened, a letter each
static struct loop *loop;

static char letters[128]; // each its own, for `note`
#define LETTER(letter) (letters + (letter))

static void note(void *letter)
{
	size_t length = strlen(story);
	story[length] = *(const char *)letter;
	story[length + 1] = '\0';
}

static void stop(void *argument)
{
	(void)argument;
	loop_stop(loop);
}

static int start(void **state)
{
	(void)state;
	for (int i = 0; i < 128; i++)
		letters[i] = (char)i;
	story[0] = '\0';
	loop = loop_new();
	return loop ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static void runs_timers_in_order(void **state)
{
	(void)state;
	loop_after(loop, 20, note, LETTER('c'));
	loop_after(loop, 5, note, LETTER('a'));
	uint64_t cancelled = loop_after(loop, 8, note, LETTER('x'));
	loop_after(loop, 10, note, LETTER('b'));
	loop_after(loop, 30, stop, NULL);
	loop_cancel(loop, cancelled);
	loop_cancel(loop, cancelled);
	loop_cancel(loop, 0);
	int64_t before = loop_now(loop);
	loop_run(loop);
	assert_string_equal(story, "abc");
	assert_true(loop_now(loop) - before >= 29);
	// A spent id must not mean a later timer in the same slot.
	for (int i = 0; i < 5; i++)
		loop_after(loop, 0, note, LETTER('d'));
	loop_cancel(loop, cancelled);
	loop_after(loop, 0, stop, NULL);
	loop_run(loop);
	assert_string_equal(story, "abcddddd");
}

static void heap_keeps_its_order(void **state)
{
	(void)state;
	struct timers timers;
	timers_init(&timers);
	uint64_t ids[3000];
	int left = 3000;
	srand(42);
	for (int i = 0; i < 3000; i++)
		ids[i] = timers_add(&timers, rand() % 500, note, LETTER('x'));
	for (int i = 0; i < 3000; i += 3, left--)
		timers_cancel(&timers, ids[i]);
	int64_t last = 0;
	loop_call *call;
	void *argument;
	for (; timers_next(&timers) != INT64_MAX; left--) {
		int64_t due = timers_next(&timers);
		assert_true(due >= last);
		assert_false(timers_take_due(&timers, due - 1, &call, &argument));
		assert_true(timers_take_due(&timers, due, &call, &argument));
		last = due;
	}
	assert_int_equal(left, 0);
	timers_done(&timers);
	timers_done(NULL);
}

static int pipes[2][2];

static void read_one(void *argument, unsigned events)
{
	char byte;
	int *ends = argument;
	assert_true(events & EPOLLIN);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	note(&byte);
	// Whichever comes first takes the other back: its event was fetched in the same turn already.
	loop_forget(loop, pipes[ends == pipes[0]][0]);
	loop_after(loop, 1, stop, NULL);
}

static void forgets_within_the_turn(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		assert_true(loop_watch(loop, pipes[i][0], EPOLLIN, read_one, pipes[i]));
		assert_int_equal(write(pipes[i][1], "r", 1), 1);
	}
	loop_run(loop);
	assert_string_equal(story, "r");
	for (int i = 0; i < 2; i++) {
		loop_forget(loop, pipes[i][0]);
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	assert_false(loop_watch(loop, 9999, EPOLLIN, read_one, NULL));
}

static int turns;

static void count_turn(void *argument)
{
	(void)argument;
	if (++turns == 5)
		loop_stop(loop);
}

static int64_t no_sleep(void *argument)
{
	(void)argument;
	return 0;
}

static void ends_turns_in_order_and_sleeps_no_longer_than_wished(void **state)
{
	(void)state;
	loop_each_turn(loop, note, LETTER('a'));
	loop_each_turn(loop, note, LETTER('b'));
	loop_each_turn(loop, count_turn, &turns);
	loop_limit_sleep(loop, no_sleep, &turns);
	loop_run(loop);
	assert_string_equal(story, "ababababab");
	loop_leave_turns(loop, &turns);
	loop_after(loop, 1, stop, NULL);
	loop_run(loop);
	assert_int_equal(turns, 5);
}

static void *post_many(void *argument)
{
	for (int i = 0; i < 50; i++)
		loop_post(loop, note, argument);
	loop_post(loop, stop, NULL);
	return NULL;
}

static void runs_what_other_threads_post(void **state)
{
	(void)state;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, post_many, LETTER('p')), 0);
	loop_run(loop);
	pthread_join(thread, NULL);
	assert_int_equal(strlen(story), 50);
	assert_int_equal(strspn(story, "p"), 50);
	loop_post(loop, note, LETTER('x')); // never run, and not leaked
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(runs_timers_in_order, start, finish),
	    cmocka_unit_test(heap_keeps_its_order),
	    cmocka_unit_test_setup_teardown(forgets_within_the_turn, start, finish),
	    cmocka_unit_test_setup_teardown(ends_turns_in_order_and_sleeps_no_longer_than_wished, start, finish),
	    cmocka_unit_test_setup_teardown(runs_what_other_threads_post, start, finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
