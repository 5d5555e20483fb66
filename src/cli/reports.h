/* SPDX-License-Identifier: MIT */
/* --junit and --tap, as `run` and `check` have them. */
#ifndef CLI_REPORTS_H
#define CLI_REPORTS_H

#include "cli/load.h"
#include "report/cases.h"

struct reports {
	struct cases cases;
	const char *command;
	const char *file;  /* of --junit; NULL: none */
	struct output out; /* it */
	bool tap;	   /* to the output, in the place of text */
	bool silent;	   /* --junit -: the output is its own */
	bool wanted;	   /* one of them */
};

#define REPORT_OPTIONS                                                                             \
	{0, "junit", "FILE", "write JUnit XML there, one test case for each run"},                 \
	{                                                                                          \
		0, "tap", NULL, "TAP, one test for each run, in the place of text"                 \
	}

/* Reads the two options. False: a message was printed. */
bool reports_read(struct reports *r, const struct command *c, const struct given *g);
/* Opens the file, before anything is run. False: a message was printed. */
bool reports_open(struct reports *r);
/* Adds what could not be run. */
void reports_bad(struct reports *r, const struct loads *l);
/*
 * Writes what there is; text goes to out. status: what the command would end with; returned, or
 * that of not having been able to write. Frees.
 */
int reports_close(struct reports *r, struct output *out, int status);

#endif
