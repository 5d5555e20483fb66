/* SPDX-License-Identifier: MIT */
/* A small scenario compiled; what a search found held against brute force; and making it smaller.
 */
#ifndef UNIT_SMALL_TRY_H
#define UNIT_SMALL_TRY_H

#include "explore/explore.h"
#include "scenario/scenario.h"
#include "unit/brute.h"
#include "unit/small_scenarios.h"

/* One scenario on one platform. */
struct tried {
	struct str text;
	struct scenario *s;
	struct machine_config *cfg;
	struct program *prog;
	struct err_list errs;
};
/* Aborts the test if the text is no scenario. The file's first variant and platform. */
void tried_open(struct tried *t, const char *text);
void tried_file(struct tried *t, const char *file);
void tried_small(struct tried *t, const struct small *s);
void tried_close(struct tried *t);

/*
 * Whether the search found what brute force did: the findings by key with the worst severity of
 * each, the ids after precedence over the union, the outcomes. why gets what differs.
 */
bool same_found(const struct tried *t, const struct explore_result *r, const struct brute *b,
		struct str *why);
/* The same of two searches. */
bool same_result(const struct tried *t, const struct explore_result *r,
		 const struct explore_result *other, struct str *why);
bool same_brute(const struct tried *t, const struct brute *b, const struct brute *other,
		struct str *why);
/* Whether every witness, run again, is asked for all its answers and shows its finding, with the
 * severity and after the transitions that the search said. */
bool witnesses_show(const struct tried *t, const struct explore_result *r, struct str *why);

/* Leaves out what is not needed for fails() to hold; the text of what is left is added. */
void small_shorten(struct small *s, bool (*fails)(void *ctx, const struct small *s), void *ctx);

#endif
