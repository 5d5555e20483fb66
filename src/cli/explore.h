/* SPDX-License-Identifier: MIT */
/* The options of dmalab explore, read. */
#ifndef CLI_EXPLORE_H
#define CLI_EXPLORE_H

#include "cli/load.h"
#include "cli/reports.h"
#include "cli/watch.h"
#include "report/schedules.h"

struct explore_job {
	const struct command *self;
	const char *platform, *variant;
	struct sets sets;
	struct explore_options options; /* bounds that were not asked for are filled in */
	bool sampled;			/* schedules are drawn, not searched */
	struct sample_options sample;
	double seconds; /* of one search; 0: no bound */
	bool all, json, result_only, quiet, plain, tui;
	struct reports reports;
};

/* j->self is set. False: a message was printed, the status is EXIT_USAGE. */
bool explore_read(struct explore_job *j, const struct given *g);

#endif
