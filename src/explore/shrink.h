/* SPDX-License-Identifier: MIT */
/*
 * Making a schedule shorter that shows a finding, while it still shows it: for what was found by
 * chance. A search finds the shortest one; this finds a short one where no search comes to an end.
 *
 * An answer is a number at a numbered choice point, and both change their meaning when an answer
 * before is taken away. So what is left out and put together again are acts: what was done, and
 * whose next step calm would have taken in its place (the third step of the device, say). An act
 * is done again where calm comes to that step, or later, as soon as it is possible; else it is left
 * out. Parts of the acts are left out in turn, the larger parts first (as Zeller and Hildebrandt's
 * delta debugging, 2002), then single ones, then pairs; each shorter run is where the next begins.
 * At last every schedule of one deviation is tried, as far as the bound of runs goes.
 *
 * What comes of it is a schedule that no single act can be left out of, not always the shortest.
 */
#ifndef EXPLORE_SHRINK_H
#define EXPLORE_SHRINK_H

#include "explore/cost.h"

struct shrunk {
	struct cost cost; /* of the schedule as it is now, until the finding */
	struct cost was;
	struct finding f; /* as it shows it */
	u64 runs;	  /* that it took */
	bool bounded;	  /* the bound of runs ended it */
};

/* Whether two findings are of one kind: id or assert, culprit, allocation, mapping. */
bool shrink_same(const struct finding *a, const struct finding *b);
/*
 * Shortens *s, which shows `want` (its key, at its severity or a worse one). False: it does not
 * show it; then *s is as it was. max_runs 0: 3000; max_accesses 0: the engine's own. The same in,
 * the same out. out may be NULL.
 */
bool shrink_schedule(const struct machine_config *cfg, const struct program *prog,
		     const struct finding *want, u64 max_runs, u64 max_accesses, struct schedule *s,
		     struct shrunk *out);

#endif
