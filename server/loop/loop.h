// loop.h: one event loop per core: epoll, timers, wake-ups from other threads, and what to do at the end of a turn.
//
// Room rules: uses base/. Knows nothing of HTTP or databases. A loop and everything on it belongs to one thread;
// only loop_stop and loop_post may be called from another.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loop;

typedef void loop_call(void *argument);
typedef void loop_ready(void *argument, unsigned events); // EPOLLIN, EPOLLOUT, …

struct loop *loop_new(void); // NULL when the kernel has no epoll for us
void loop_free(struct loop *loop);

// The caller owns the descriptor and must call loop_forget before closing it. Watching again changes the events.
bool loop_watch(struct loop *loop, int descriptor, unsigned events, loop_ready *ready, void *argument);
void loop_forget(struct loop *loop, int descriptor);

// Runs once, `milliseconds` from now. Gives an id that loop_cancel takes (0 is never an id; cancelling a spent id is harmless).
uint64_t loop_after(struct loop *loop, int64_t milliseconds, loop_call *call, void *argument);
void loop_cancel(struct loop *loop, uint64_t timer);

// Runs at the end of every turn, before the loop sleeps: where queues are flushed once. In the order added.
void loop_each_turn(struct loop *loop, loop_call *call, void *argument);
// Says how long the loop may sleep at most, in ms (-1: no wish). Asked before sleeping.
void loop_limit_sleep(struct loop *loop, int64_t (*limit)(void *argument), void *argument);
// Undoes loop_each_turn and loop_limit_sleep for everything that was added with `argument`.
void loop_leave_turns(struct loop *loop, const void *argument);

void loop_run(struct loop *loop);                                   // until loop_stop
void loop_stop(struct loop *loop);                                  // any thread
bool loop_post(struct loop *loop, loop_call *call, void *argument); // any thread: runs `call` on the loop's thread

int64_t loop_now(const struct loop *loop); // monotonic ms, as of this turn
