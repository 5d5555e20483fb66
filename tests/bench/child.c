/* SPDX-License-Identifier: MIT */
/* Another process, and what it costs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"
#include "bench/bench.h"

enum { ARGS_MAX = 16 };

_Noreturn static void become(const struct child *c)
{
	char *args[ARGS_MAX] = {
	    NULL}; /* execvp() takes strings that it does not change as if it did */
	int null = open("/dev/null", O_RDWR), out = null;
	u32 n = 0;

	while (c->argv[n])
		n++;
	BUG_ON(n >= ARGS_MAX);
	memcpy(args, c->argv, n * sizeof *args);
	if (c->dir && chdir(c->dir) != 0)
		_exit(127);
	if (c->out)
		out = open(c->out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(127);
	execvp(args[0], args);
	_exit(127);
}

double bench_child(const struct child *c)
{
	u32 ends = c->ends ? c->ends : 1;
	struct rusage u;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -1;
	if (pid == 0)
		become(c);
	while (wait4(pid, &status, 0, &u) < 0)
		if (errno != EINTR)
			return -1;
	if (!WIFEXITED(status) || WEXITSTATUS(status) >= 32 || !(ends >> WEXITSTATUS(status) & 1))
		return -1;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}
