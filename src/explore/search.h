/* SPDX-License-Identifier: MIT */
/*
 * The small search: every schedule of a scenario, depth first, by undo, with a visited set of
 * fingerprints. It is exhaustive or says why not; it keeps one witness for each id, not the
 * shortest one.
 *
 * Evictions, fills and early drains are asked only for lines that a device touches in some run,
 * from the first map of them on: of any other line the CPU sees its own bytes, wherever they are,
 * and nobody else sees any. Older versions of a line are kept only if the CPU loads from it. Which
 * lines these are is learned while searching; when a new one appears the search begins again with
 * it, so the last pass has asked for all that its own runs make matter. all_lines asks for every
 * line, to hold the one against the other.
 */
#ifndef EXPLORE_SEARCH_H
#define EXPLORE_SEARCH_H

#include "engine/engine.h"

struct search_options {
	u64 max_states;	 /* 0: 20 million */
	u32 max_depth;	 /* transitions of one run; 0: 100 000 */
	bool no_visited; /* for tests: only runs that come back to their own past are cut */
	bool all_lines;	 /* for tests: ask for every line */
	/* Called at every new state, in order; for proofs. May be NULL. */
	void (*at_state)(void *ctx, struct engine *e, u64 hash);
	void *ctx;
};

struct search_find {
	struct finding f;
	struct schedule witness; /* owned */
};

struct search_result {
	u64 states, transitions;
	u64 depth;	 /* the longest run */
	bool complete;	 /* every schedule was seen */
	const char *why; /* not complete: what was reached; static text */
	u32 outcomes;	 /* bit set of enum outcome over all runs */
	struct {
		VEC(struct search_find)
	} found; /* one per (id or assert, culprit statement, allocation) after nothing: raw */
};

/* Searches all schedules of a program on a machine. */
struct search_result *search_run(const struct machine_config *cfg, const struct program *prog,
				 const struct search_options *opt);
void search_free(struct search_result *r);

/*
 * The ids found, after precedence over the union of all schedules: for each culprit statement and
 * allocation the one of highest severity, first in core/diags.def. Sets bits of enum diag_id in
 * *ids and of asserts in *asserts (index < 64).
 */
void search_ids(const struct search_result *r, u64 *ids, u64 *asserts);

#endif
