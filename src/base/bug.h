/* SPDX-License-Identifier: MIT */
/*
 * BUG_ON: a mistake of ours, never of the user or of the simulated driver. On in every build.
 * It prints file, line and the condition, then what base/bug.c was told last about the run
 * (bug_context), and ends the process with exit status 4.
 */
#ifndef BASE_BUG_H
#define BASE_BUG_H

#include <stdbool.h>

#define BUG_ON(cond)                                                                               \
	do {                                                                                       \
		if (__builtin_expect(!!(cond), 0))                                                 \
			bug_report(__FILE__, __LINE__, #cond);                                     \
	} while (0)

/* Prints the report on standard error, runs the exit hook, ends with status 4. Never returns. */
_Noreturn void bug_report(const char *file, int line, const char *what);

/*
 * A sentence that a report repeats ("rx.yaml broken on arm64-soc, event 12"), so that the run can
 * be replayed. The text is copied, cut at 255 bytes. NULL clears it.
 */
void bug_context(const char *text);

/* One function to run before the process ends (the TUI restores the terminal). NULL clears it. */
void bug_at_exit(void (*hook)(void));

/* Runs that function, once, for whoever else ends the process in the middle of something. */
void bug_run_exit_hook(void);

#endif
