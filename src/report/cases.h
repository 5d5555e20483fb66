/* SPDX-License-Identifier: MIT */
/*
 * Runs as test cases, for those who collect such: one case for each scenario, variant and
 * platform. Not as expected is a failure; no verdict (a limit) and a file that cannot be run are
 * errors, as they say nothing of the driver.
 */
#ifndef REPORT_CASES_H
#define REPORT_CASES_H

#include "report/explored.h"

enum case_status { CASE_PASSED, CASE_FAILED, CASE_ERROR, CASE_STATUSES };

struct test_case {
	char *group; /* owned: the file, as the user named it */
	char *suite; /* owned: the scenario's id, else the file */
	char *name;  /* owned: "broken on arm64-soc" */
	enum case_status status;
	const char *type; /* "not-as-expected", "limit", "invalid": static; of those that failed */
	char *message;	  /* owned: in one line; NULL if it passed */
	char *text;	  /* owned: all that is to be known, lines; NULL if it passed */
};

struct cases {
	VEC(struct test_case)
	u32 count[CASE_STATUSES];
};

/* Adds a finished run. Its verdict decides. */
void cases_add_run(struct cases *c, const struct run *r);
/* The same of a calm run and the search that followed it: the run's verdict first. */
void cases_add_check(struct cases *c, const struct run *r, const struct explored *x);
/* Adds a case that is no run: text may be NULL. status CASE_PASSED: message is not looked at. */
void cases_add(struct cases *c, const char *file, const char *suite, const char *name,
	       enum case_status status, const char *type, const char *message, const char *text);
void cases_free(struct cases *c);

/* JUnit's XML, as Jenkins, GitLab and others read it: without times, as a run has none. */
void junit_write(const struct cases *c, const char *name, struct str *out);
/* The Test Anything Protocol, version 13: an error is a "not ok" that says so. */
void tap_write(const struct cases *c, struct str *out);

#endif
