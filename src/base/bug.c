/* SPDX-License-Identifier: MIT */
#include "base/bug.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char context[256];
static void (*exit_hook)(void);

void bug_context(const char *text)
{
	snprintf(context, sizeof context, "%s", text ? text : "");
}

void bug_at_exit(void (*hook)(void))
{
	exit_hook = hook;
}

void bug_run_exit_hook(void)
{
	void (*hook)(void) = exit_hook;

	exit_hook = NULL;
	if (hook)
		hook();
}

_Noreturn void bug_report(const char *file, int line, const char *what)
{
	bug_run_exit_hook();
	fprintf(stderr, "dmalab: internal error at %s:%d: %s\n", file, line, what);
	if (context[0])
		fprintf(stderr, "dmalab: the run was: %s\n", context);
	fprintf(stderr, "dmalab: please report this with the scenario file and the command\n");
	fflush(NULL);
	_exit(4);
}
