/* SPDX-License-Identifier: MIT */
/* check --suggest: what of each finding a fix was found and tried for, as text and as JSON. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include "cli/load.h"
#include "report/explored.h"

struct suggest_tally {
	bool on, json;
	u32 checked, fails, words; /* findings: enum suggested */
	u32 several;		   /* of the checked ones, those that take more than one call */
};

/*
 * Appends what is suggested for the findings of a calm run and of the search after it (NULL: there
 * was none; opt is how it was searched). Asserts are left out: they are what comes of the others.
 */
void suggest_tell(struct suggest_tally *t, const struct loaded *l, const struct run *r,
		  const struct explored *x, const struct explore_options *opt, struct str *out);
/* Appends "31 findings: 20 suggestions, all checked; ...", a line. */
void suggest_totals(const struct suggest_tally *t, struct str *out);

#endif
