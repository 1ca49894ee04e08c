// process.c: children that run as an unprivileged user, cut off from our terminal and descriptors.
#include "db/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/drop.h"

enum { CANNOT_RUN = 127 };

static bool become(const struct process_user *as)
{
	return !as->change || (setgroups(1, &as->group) == 0 && setgid(as->group) == 0 && setuid(as->user) == 0);
}

// Ignored and blocked signals would be inherited.
static void default_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run(const char *const *argv, const struct process_user *as, int output)
{
	static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	default_signals();
	(void)umask(077);
	if (dup2(nothing, 0) < 0 || dup2(output >= 0 ? output : nothing, 1) < 0 || dup2(1, 2) < 0 || !become(as) || chdir("/") != 0)
		_exit(CANNOT_RUN);
	(void)close_range(3, ~0U, 0);
	(void)execve(argv[0], (char *const *)argv, (char *const *)environment);
	_exit(CANNOT_RUN);
}

pid_t process_start(const char *const *argv, const struct process_user *as, int output)
{
	pid_t process = fork();

	if (process == 0)
		run(argv, as, output);
	return process;
}

static bool ended_well(pid_t process)
{
	int status;

	while (waitpid(process, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool process_run(const char *const *argv, const struct process_user *as, int output)
{
	pid_t process = process_start(argv, as, output);

	return process > 0 && ended_well(process);
}

bool process_line(const char *const *argv, const struct process_user *as, char *line, size_t room)
{
	int ends[2];
	size_t length = 0;
	ssize_t count;
	pid_t process;

	if (access(argv[0], X_OK) != 0 || pipe2(ends, O_CLOEXEC) != 0)
		return false;
	process = process_start(argv, as, ends[1]);
	close(ends[1]);
	while (length < room - 1 && (count = read(ends[0], line + length, room - 1 - length)) > 0)
		length += (size_t)count;
	close(ends[0]);
	line[length] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return process > 0 && ended_well(process) && *line;
}

bool process_can_reach(const struct process_user *as, const char *directory)
{
	pid_t process;

	if (!as->change)
		return access(directory, X_OK) == 0;
	process = fork();
	if (process == 0)
		_exit(become(as) && access(directory, X_OK) == 0 ? 0 : 1);
	return process > 0 && ended_well(process);
}

// Dead, but not collected by its parent: where nobody does that, as in a container without an init, it stays so for good.
static bool is_zombie(pid_t process)
{
	char path[32], line[256] = "";
	const char *name_end;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
	DROP_FILE FILE *file = fopen(path, "re");
	if (!file || !fgets(line, sizeof line, file))
		return false;
	name_end = strrchr(line, ')'); // "26202 (postgres) Z 1 …"
	return name_end && name_end[1] && (name_end[2] == 'Z' || name_end[2] == 'X');
}

bool process_lives(pid_t process)
{
	pid_t collected = waitpid(process, NULL, WNOHANG);

	if (collected >= 0)
		return collected == 0;
	return (kill(process, 0) == 0 || errno == EPERM) && !is_zombie(process);
}

void process_sleep(int milliseconds)
{
	struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};

	(void)nanosleep(&pause, NULL);
}

bool process_ends(pid_t process, int milliseconds)
{
	enum { STEP_MS = 5 };

	for (int waited = 0; waited < milliseconds; waited += STEP_MS) {
		if (!process_lives(process))
			return true;
		process_sleep(STEP_MS);
	}
	return !process_lives(process);
}
