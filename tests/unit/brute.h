/* SPDX-License-Identifier: MIT */
/*
 * Every schedule by brute force: what the explorer is held against. Plain depth first over
 * engine_actions(), engine_apply() and world_undo(): every action that the engine offers is done
 * in every state, no line is left out, nothing is put together. It shares no code with explore/.
 *
 * brute_run() keeps a set of fingerprints and the whole graph of states, so that the shortest way
 * to each finding can be read off it. brute_runs() keeps no set: it goes through every run to its
 * end, and cuts only one that comes back to a state of its own past.
 */
#ifndef UNIT_BRUTE_H
#define UNIT_BRUTE_H

#include "base/mem.h"
#include "core/diag.h"
#include "engine/engine.h"

/* A finding met: its key, its severity, and the least number of transitions until it. */
struct brute_find {
	struct finding f;
	u32 steps;
};

/* Finding number `find` shows on the way from one state to another. */
struct brute_edge {
	u32 from, to;
	u32 find; /* first of its findings in `shown` */
	u32 finds;
	u32 hang; /* the last of them, which show in `to` itself, by whatever way it is met */
};

struct brute {
	bool complete;	  /* every schedule was seen */
	u64 wrong_merges; /* brute_merges() only */
	const char *why;  /* not complete, or merged wrongly: static text */
	u64 states, transitions;
	u32 outcomes; /* bit set of enum outcome, over all runs */
	struct {
		VEC(struct brute_find)
	} found; /* one per key: id or assert, statement, allocation, mapping, severity */
	/* brute_run() only: */
	struct {
		VEC(struct brute_edge)
	} edge; /* in order of `from` being first entered */
	struct {
		VEC(u32)
	} shown; /* indexes into found */
};

/* With a visited set, to at most so many states. cfg and prog are borrowed for the call. */
void brute_run(struct brute *b, const struct machine_config *cfg, const struct program *prog,
	       u64 max_states);
/*
 * The same, and whenever a state is met again by another way: that the same actions are offered
 * there, and lead to the same states and findings. A state is gone on from not once but by each of
 * the first ways there, as two that differ in what the fingerprint lacks may show it much later.
 */
void brute_merges(struct brute *b, const struct machine_config *cfg, const struct program *prog,
		  u64 max_states);
/* Without one, to at most so many transitions. */
void brute_runs(struct brute *b, const struct machine_config *cfg, const struct program *prog,
		u64 max_transitions);
void brute_free(struct brute *b);

/* Whether two findings have one key; severity is no part of it. */
bool brute_same_key(const struct finding *a, const struct finding *b);

#endif
