// process.h: runs PostgreSQL's own programs, never as root.
//
// Private to db/. Children get a small environment, no descriptors of ours, default signals, and a session of their own,
// so that Ctrl-C on our terminal does not reach them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process_user {
	bool change; // we are root: children become this user
	uid_t user;
	gid_t group;
	const char *name;
};

// Starts argv[0] with its output appended to the descriptor; -1 if there can't be another process.
pid_t process_start(const char *const *argv, const struct process_user *as, int output);
// The same, and waits. True if it ended with 0.
bool process_run(const char *const *argv, const struct process_user *as, int output);
// The first line of its output, without the line feed. False if it can't be run or fails.
bool process_line(const char *const *argv, const struct process_user *as, char *line, size_t room);
// Whether that user may go through the directory and all above it.
bool process_can_reach(const struct process_user *as, const char *directory);
// Whether it is still there; collects it when it is a child of ours.
bool process_lives(pid_t process);
// Waits until it is gone, at most so long.
bool process_ends(pid_t process, int milliseconds);
void process_sleep(int milliseconds);
