/* SPDX-License-Identifier: MIT */
/*
 * One test program: a file tests/unit/NAME_test.c ends with UNIT_MAIN(name_suite), where
 * name_suite is its `static Suite *name_suite(void)`.
 *
 * Check's own variables are honoured (CK_FORK=no for a debugger, CK_RUN_CASE, CK_VERBOSITY).
 * A test case may take CK_DEFAULT_TIMEOUT seconds, here 280 and not Check's 4, as sanitizers are
 * slow; tests/run.sh limits the program as a whole.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Runs the suite and prints the summary. Returns the exit status: a run without tests fails. */
static inline int unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int ran, failed;

	srunner_run_all(runner, CK_ENV);
	ran = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (ran == 0)
		fprintf(stderr, "no test was run\n");
	return ran == 0 || failed > 0;
}

#define UNIT_MAIN(suite_function)                                                                  \
	int main(void)                                                                             \
	{                                                                                          \
		setenv("CK_DEFAULT_TIMEOUT", "280", 0);                                            \
		return unit_run(suite_function());                                                 \
	}

#endif
