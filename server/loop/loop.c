// loop.c: sleeps until something is ready or due, calls whom it concerns, flushes, sleeps again.
#include "loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "loop/timers.h"

enum { MAX_EVENTS = 128, MAX_TURNERS = 16 };

struct watcher {
	loop_ready *ready; // NULL: not watched
	void *argument;
	uint32_t age; // tells an event of this watcher from one of the descriptor's former life
};

struct posted {
	struct posted *next;
	loop_call *call;
	void *argument;
};

struct turner {
	loop_call *call;                  // at the end of a turn, or NULL
	int64_t (*limit)(void *argument); // of the sleep, or NULL
	void *argument;
};

struct loop {
	int epoll;
	int wake;
	int64_t now;
	struct watcher *watcher; // by descriptor
	int watchers;
	struct timers timers;
	struct turner turner[MAX_TURNERS];
	int turners;
	atomic_bool stopping;
	pthread_mutex_t lock; // of `first` and `last`, the only things two threads touch
	struct posted *first, *last;
};

static int64_t clock_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wake(struct loop *loop)
{
	uint64_t one = 1;
	// It fails only when the counter is full, and then the loop wakes anyway.
	(void)!write(loop->wake, &one, sizeof one);
}

static struct posted *take_posted(struct loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	struct posted *first = loop->first;
	loop->first = loop->last = NULL;
	pthread_mutex_unlock(&loop->lock);
	return first;
}

static void run_posted(void *argument, unsigned events)
{
	struct loop *loop = argument;
	uint64_t count;
	(void)events;
	(void)!read(loop->wake, &count, sizeof count);
	for (struct posted *next, *posted = take_posted(loop); posted; posted = next) {
		next = posted->next;
		posted->call(posted->argument);
		free(posted);
	}
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof *loop);
	if (!loop)
		abort();
	loop->now = clock_now();
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	timers_init(&loop->timers);
	pthread_mutex_init(&loop->lock, NULL);
	if (loop->epoll >= 0 && loop->wake >= 0 && loop_watch(loop, loop->wake, EPOLLIN, run_posted, loop))
		return loop;
	loop_free(loop);
	return NULL;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (struct posted *next, *posted = take_posted(loop); posted; posted = next) {
		next = posted->next;
		free(posted);
	}
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->wake >= 0)
		close(loop->wake);
	timers_done(&loop->timers);
	pthread_mutex_destroy(&loop->lock);
	free(loop->watcher);
	free(loop);
}

static struct watcher *watcher_of(struct loop *loop, int descriptor)
{
	if (descriptor >= loop->watchers) {
		int count = loop->watchers ? loop->watchers : 64;
		while (count <= descriptor)
			count *= 2;
		loop->watcher = realloc(loop->watcher, (size_t)count * sizeof *loop->watcher);
		if (!loop->watcher)
			abort();
		memset(loop->watcher + loop->watchers, 0, (size_t)(count - loop->watchers) * sizeof *loop->watcher);
		loop->watchers = count;
	}
	return &loop->watcher[descriptor];
}

bool loop_watch(struct loop *loop, int descriptor, unsigned events, loop_ready *ready, void *argument)
{
	struct watcher *watcher = watcher_of(loop, descriptor);
	bool known = watcher->ready;
	struct epoll_event event = {.events = events};
	event.data.u64 = (uint64_t)watcher->age << 32 | (uint32_t)descriptor;
	if (epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) != 0)
		return false;
	watcher->ready = ready;
	watcher->argument = argument;
	return true;
}

void loop_forget(struct loop *loop, int descriptor)
{
	if (descriptor < 0 || descriptor >= loop->watchers || !loop->watcher[descriptor].ready)
		return;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, descriptor, NULL);
	loop->watcher[descriptor].ready = NULL;
	// Events of this turn that were already fetched for it are now an earlier life's.
	loop->watcher[descriptor].age++;
}

// Counted from now and not from the turn's start: what a long turn asks for must not come early.
uint64_t loop_after(struct loop *loop, int64_t milliseconds, loop_call *call, void *argument)
{
	return timers_add(&loop->timers, clock_now() + (milliseconds > 0 ? milliseconds : 0), call, argument);
}

void loop_cancel(struct loop *loop, uint64_t timer)
{
	timers_cancel(&loop->timers, timer);
}

static void add_turner(struct loop *loop, struct turner turner)
{
	if (loop->turners == MAX_TURNERS)
		abort(); // there are as many as rooms: a leak, not a load
	loop->turner[loop->turners++] = turner;
}

void loop_each_turn(struct loop *loop, loop_call *call, void *argument)
{
	add_turner(loop, (struct turner){.call = call, .argument = argument});
}

void loop_limit_sleep(struct loop *loop, int64_t (*limit)(void *argument), void *argument)
{
	add_turner(loop, (struct turner){.limit = limit, .argument = argument});
}

void loop_leave_turns(struct loop *loop, const void *argument)
{
	int kept = 0;
	for (int i = 0; i < loop->turners; i++)
		if (loop->turner[i].argument != argument)
			loop->turner[kept++] = loop->turner[i];
	loop->turners = kept;
}

// The shortest of what the timers and the sleep limits allow; -1 for as long as it takes.
static int sleep_time(struct loop *loop)
{
	int64_t time = -1, next = timers_next(&loop->timers);
	if (next != INT64_MAX) {
		int64_t now = clock_now();
		time = next > now ? next - now : 0;
	}
	for (int i = 0; i < loop->turners && time != 0; i++) {
		int64_t limit = loop->turner[i].limit ? loop->turner[i].limit(loop->turner[i].argument) : -1;
		if (limit >= 0 && (time < 0 || limit < time))
			time = limit;
	}
	return time > 60000 ? 60000 : (int)time;
}

static void dispatch(struct loop *loop, const struct epoll_event *events, int count)
{
	for (int i = 0; i < count; i++) {
		struct watcher watcher = loop->watcher[(uint32_t)events[i].data.u64];
		if (watcher.ready && watcher.age == events[i].data.u64 >> 32)
			watcher.ready(watcher.argument, events[i].events);
	}
}

// Bounded, so that a timer re-arming itself with 0 can't starve the rest.
static void run_due(struct loop *loop)
{
	loop_call *call;
	void *argument;
	for (uint32_t due = loop->timers.count; due && timers_take_due(&loop->timers, loop->now, &call, &argument); due--)
		call(argument);
}

void loop_run(struct loop *loop)
{
	struct epoll_event events[MAX_EVENTS];
	while (!atomic_load_explicit(&loop->stopping, memory_order_relaxed)) {
		for (int i = 0; i < loop->turners; i++)
			if (loop->turner[i].call)
				loop->turner[i].call(loop->turner[i].argument);
		if (atomic_load_explicit(&loop->stopping, memory_order_relaxed))
			break;
		int count = epoll_wait(loop->epoll, events, MAX_EVENTS, sleep_time(loop));
		loop->now = clock_now();
		if (count < 0 && errno != EINTR)
			abort(); // the descriptor is ours: only our mistake can do that
		dispatch(loop, events, count);
		run_due(loop);
	}
	// So that a stopped loop can be run again, to drain what is left.
	atomic_store(&loop->stopping, false);
}

void loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopping, true);
	wake(loop);
}

bool loop_post(struct loop *loop, loop_call *call, void *argument)
{
	struct posted *posted = malloc(sizeof *posted);
	if (!posted)
		abort();
	*posted = (struct posted){.call = call, .argument = argument};
	pthread_mutex_lock(&loop->lock);
	bool first = !loop->first;
	if (first)
		loop->first = posted;
	else
		loop->last->next = posted;
	loop->last = posted;
	pthread_mutex_unlock(&loop->lock);
	if (first)
		wake(loop);
	return true;
}

int64_t loop_now(const struct loop *loop)
{
	return loop->now;
}
