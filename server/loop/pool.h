// pool.h: a few threads for what takes the processor long (a PDF, a workbook), so that the loops go on meanwhile. They yield the
// processor to the loops.
//
// Room rules: as loop.h. Any thread may call pool_run; `done` is called on the loop that was named.
#pragma once

#include <stdbool.h>

#include "loop/loop.h"

struct pool;

typedef void pool_work(void *argument);

// At most `threads` of them, each started when there is work for it; at most `max_waiting` pieces wait. Never NULL.
struct pool *pool_new(int threads, int max_waiting);
// Has `work` done on a thread of the pool and then `done` called on `loop`, both with `argument`. The loop must live until then.
// False: too many are waiting (or no thread can be had): nothing is called, and the caller says "busy".
bool pool_run(struct pool *pool, struct loop *loop, pool_work *work, loop_call *done, void *argument);
void pool_free(struct pool *pool); // first finishes what it was given; accepts NULL
