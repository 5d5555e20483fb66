/* SPDX-License-Identifier: MIT */
/*
 * A search with all that writers need of it: what was found over all schedules, after precedence
 * over that union (semantics: `expect` compares the union), and what the file expects of it.
 */
#ifndef REPORT_EXPLORED_H
#define REPORT_EXPLORED_H

#include "explore/explore.h"
#include "explore/sample.h"
#include "report/run.h"

struct explored {
	struct run_input in;	       /* schedule, hw and seed are not used */
	struct explore_result *result; /* owned; of a sample its own */
	struct sample_result *sample;  /* owned; NULL: it was searched */
	struct findings found;	       /* the union, settled */
	/* The witness of found.v[i]: an index into result->found. */
	struct {
		VEC(u32)
	} witness;
	/*
	 * Held against calm and some together: `surprising` is what neither names; `missing` what
	 * `some` or `calm` names and no schedule showed - only of a complete search, or where it
	 * came, is that known. as_expected: nothing surprising, nothing missing, outcomes as said.
	 * limit: not complete, and something is missing or unsettled.
	 */
	struct verdict verdict;
	/* Of a search that is not complete: found, and named by neither; but what the file names
	 * may outrank it on a schedule that was not seen. Not in verdict.surprising. */
	struct id_list unsettled;
};

/* Searches as opt says. x need not be initialised. Free with explored_free(). */
void explored_do(struct explored *x, const struct run_input *in, const struct explore_options *opt);
/* Draws schedules as opt says, in the place of a search. */
void explored_sample(struct explored *x, const struct run_input *in,
		     const struct sample_options *opt);
void explored_free(struct explored *x);
/*
 * Appends how far it went, and what that means: "proved, 312 states", "complete, 40 states" (there
 * are findings), "searched to 200000 states", "searched to 2 deviations, 51 states", "cut, the
 * bound of memory was reached, 900 states".
 */
void explored_extent(const struct explored *x, struct str *out);
/* Nothing was cut, runs end, nothing was found that is corruption or a violation: no schedule
 * breaks it. */
bool explored_proved(const struct explored *x);

#endif
