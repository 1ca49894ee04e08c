// drop.h: what leaves its block by itself: cleanup attributes for descriptors and FILEs, and how success hands them on.
//
// Room rules: libc only. `DROP_FD int file = open(…);` closes at the end of the block unless `return TAKE_FD(file);`.
#pragma once

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static inline void drop_fd(const int *descriptor)
{
	int why = errno; // of what failed, not of this
	if (*descriptor >= 0)
		close(*descriptor);
	errno = why;
}

static inline void drop_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline int take_fd(int *descriptor)
{
	int taken = *descriptor;
	*descriptor = -1;
	return taken;
}

static inline void *take_pointer(void *place)
{
	void **pointer = place, *taken = *pointer;
	*pointer = NULL;
	return taken;
}

#define DROP_FD   __attribute__((cleanup(drop_fd)))
#define DROP_FILE __attribute__((cleanup(drop_file)))

#define TAKE_FD(descriptor) take_fd(&(descriptor))
#define TAKE(pointer)       ((__typeof__(pointer))take_pointer(&(pointer)))
