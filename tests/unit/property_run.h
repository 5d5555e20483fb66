/* SPDX-License-Identifier: MIT */
/* Loading, running and searching the random drivers of the property tests. */
#ifndef UNIT_PROPERTY_RUN_H
#define UNIT_PROPERTY_RUN_H

#include "explore/policy.h"
#include "scenario/scenario.h"
#include "unit/property_theory.h"

/* A scenario in memory. Aborts the test if the text is not one. */
struct loaded {
	struct scenario *s;
	struct err_list errs;
	struct str text;
};
void loaded_text(struct loaded *l, const char *text);
void loaded_driver(struct loaded *l, const struct gen_driver *d, const char *platforms);
void unload(struct loaded *l);

/* Values of `platforms:`; static, until the next call. arch_sync may be NULL. */
const char *trial_all_platforms(void);
const char *trial_platform(const struct theory_platform *p, const char *arch_sync);

/* One run. */
struct trial {
	const struct theory_platform *p;
	enum policy how;
	u64 seed;
};
/* Anything found, or an end that is not `ended`; a platform's defect, and asserts that fail with
 * it, are no harm where there must be one. why may be NULL; else what it was is added. */
bool trial_hurts(const struct trial *t, const struct loaded *l, struct str *why);
/*
 * The same of a driver, for driver_shorten(); ctx is a struct trial. A shorter driver meets other
 * chances, so that some seeds are tried; the one that hurts is left in it.
 */
bool trial_fails(void *ctx, const struct gen_driver *d);
void trial_why(const struct trial *t, const struct gen_driver *d, struct str *why);

/* All schedules. why: what was found. text: of the driver. Both the caller's to free. */
struct found_by_search {
	bool complete, corrupt;
	bool driver;	    /* some corruption is not the platform's defect */
	const char *reason; /* not complete: static text */
	u64 states;
	struct str why, text;
};
void search_driver(const struct theory_platform *p, const char *arch_sync,
		   const struct gen_driver *d, struct found_by_search *out);

#endif
