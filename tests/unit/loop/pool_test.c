// pool_test.c: every piece of work is done once, off the loop, and handed back on it; a full queue says so.
#include "loop/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

enum { PIECES = 200 };

static struct loop *loop;
static pthread_t loop_thread;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int done_pieces;

struct piece {
	int worked, given_back;
};

static void work(void *argument)
{
	struct piece *piece = argument;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	piece->worked++;
	assert_false(pthread_equal(pthread_self(), loop_thread));
}

static void given_back(void *argument)
{
	struct piece *piece = argument;
	assert_true(pthread_equal(pthread_self(), loop_thread));
	piece->given_back++;
	if (++done_pieces == PIECES)
		loop_stop(loop);
}

static void does_each_piece_once(void **state)
{
	(void)state;
	static struct piece pieces[PIECES];
	struct pool *pool = pool_new(3, PIECES);
	loop = loop_new();
	loop_thread = pthread_self();
	done_pieces = 0;
	for (int i = 0; i < PIECES; i++)
		assert_true(pool_run(pool, loop, work, given_back, &pieces[i]));
	loop_run(loop);
	pool_free(pool);
	for (int i = 0; i < PIECES; i++) {
		assert_int_equal(pieces[i].worked, 1);
		assert_int_equal(pieces[i].given_back, 1);
	}
	loop_free(loop);
}

// One thread, which the gate holds: what it has taken does not wait any more, so that one or two more than the limit may be in.
static void says_when_too_many_wait(void **state)
{
	(void)state;
	static struct piece pieces[8];
	struct pool *pool = pool_new(1, 2);
	loop = loop_new();
	loop_thread = pthread_self();
	pthread_mutex_lock(&gate);
	int taken = 0;
	for (int i = 0; i < 8; i++)
		taken += pool_run(pool, loop, work, given_back, &pieces[i]);
	pthread_mutex_unlock(&gate);
	assert_in_range(taken, 2, 3);
	pool_free(pool); // finishes them; nobody runs the loop any more
	int worked = 0;
	for (int i = 0; i < 8; i++)
		worked += pieces[i].worked;
	assert_int_equal(worked, taken);
	loop_free(loop);
}

static void frees_what_never_ran(void **state)
{
	(void)state;
	pool_free(pool_new(2, 2));
	pool_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(does_each_piece_once), cmocka_unit_test(says_when_too_many_wait), cmocka_unit_test(frees_what_never_ran)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
