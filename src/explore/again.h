/* SPDX-License-Identifier: MIT */
/*
 * The same program from its start, many times: for who runs schedules that he makes up on the way.
 * Each run goes back in the journal to where the first one began, so a run costs its transitions
 * and no more.
 */
#ifndef EXPLORE_AGAIN_H
#define EXPLORE_AGAIN_H

#include "explore/cost.h"

struct again {
	/* Every finding, at once: done and cost are those up to the transition that shows it. */
	void (*found)(void *ctx, const struct finding *f);
	void *ctx;

	const struct machine_config *cfg; /* borrowed */
	const struct program *prog;	  /* borrowed */
	struct engine *e;
	struct schedule done; /* of the present run */
	struct cost cost;
	struct action_list list; /* scratch */
	u64 runs, transitions;	 /* of all runs */

	u64 max_accesses;
	struct mark start;
	bool hashed;
};

/*
 * found and ctx are set by the owner, before. max_accesses: of a run, 0 is the engine's own.
 * hashed: world_hash() is to be had.
 */
void again_init(struct again *a, const struct machine_config *cfg, const struct program *prog,
		u64 max_accesses, bool hashed);
void again_free(struct again *a);
/* A new run: at its first choice point. */
void again_begin(struct again *a);
/* What may act and matter: lines that no mapping has covered are left out. 0: the run is over. */
u32 again_actions(struct again *a);
/* After e->line_matters was changed: as at first. */
void again_lines(struct again *a);
/* One transition. calm: what calm would do here, as engine_calm() or entry 0 says. */
void again_do(struct again *a, const struct action *did, const struct action *calm);
/* Nothing can act any more: a hang is told as a finding. */
enum outcome again_end(struct again *a);

#endif
