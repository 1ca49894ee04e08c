// pool.c: threads that take work from one queue, and hand what is done back to the loop it came from.
#include "loop/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

// What takes long gives way to what is short: on Linux, niceness is a thread's own.
enum { NICENESS = 10 };

struct piece {
	struct piece *next;
	struct loop *loop;
	pool_work *work;
	loop_call *done;
	void *argument;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct piece *first, *last;
	int waiting, max_waiting;
	int idle; // threads that wait for work
	int threads, max_threads;
	bool stopping;
	pthread_t thread[];
};

struct pool *pool_new(int threads, int max_waiting)
{
	struct pool *pool = calloc(1, sizeof *pool + sizeof(pthread_t) * (size_t)threads);
	if (!pool)
		abort();
	pool->max_threads = threads;
	pool->max_waiting = max_waiting;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	return pool;
}

// Gives the next piece; NULL: stop, nothing is left.
static struct piece *next(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->idle++;
	while (!pool->first && !pool->stopping)
		pthread_cond_wait(&pool->wake, &pool->lock);
	pool->idle--;
	struct piece *piece = pool->first;
	if (piece) {
		pool->first = piece->next;
		pool->waiting--;
	}
	pthread_mutex_unlock(&pool->lock);
	return piece;
}

static void *run(void *argument)
{
	struct pool *pool = argument;
	struct piece *piece;
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
	while ((piece = next(pool))) {
		piece->work(piece->argument);
		loop_post(piece->loop, piece->done, piece->argument);
		free(piece);
	}
	log_thread_done();
	return NULL;
}

// Signals are for the main thread.
static void start_thread(struct pool *pool)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (!pthread_create(&pool->thread[pool->threads], NULL, run, pool))
		pool->threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool pool_run(struct pool *pool, struct loop *loop, pool_work *work, loop_call *done, void *argument)
{
	struct piece *piece = malloc(sizeof *piece);
	if (!piece)
		abort();
	*piece = (struct piece){.loop = loop, .work = work, .done = done, .argument = argument};
	pthread_mutex_lock(&pool->lock);
	if (pool->waiting >= pool->idle && pool->threads < pool->max_threads)
		start_thread(pool);
	bool taken = pool->waiting < pool->max_waiting && pool->threads > 0;
	if (taken) {
		if (pool->first)
			pool->last->next = piece;
		else
			pool->first = piece;
		pool->last = piece;
		pool->waiting++;
		pthread_cond_signal(&pool->wake);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!taken)
		free(piece);
	return taken;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->threads; i++)
		pthread_join(pool->thread[i], NULL);
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
