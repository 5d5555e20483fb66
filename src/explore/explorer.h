/* SPDX-License-Identifier: MIT */
/* What the two passes of the explorer share: the engine, its moves, what was found, the bounds. */
#ifndef EXPLORE_EXPLORER_H
#define EXPLORE_EXPLORER_H

#include "explore/explore.h"
#include "explore/lines.h"
#include "explore/moves.h"
#include "explore/visited.h"

struct explorer {
	const struct machine_config *cfg;
	const struct program *prog;
	const struct explore_options *opt;
	struct explore_result *r; /* owned until explore_run() returns it */
	struct engine *e;
	struct moves moves;
	struct lines lines;
	struct observer inner; /* the oracle */
	/* A finding was shown, by the path and the moves' present steps. */
	void (*found)(void *ctx, const struct finding *f);
	void *ctx;
	struct explore_progress progress;
	u64 told; /* transitions when go_on() was asked last */
	/* The first pass looked at more than the machine can do, or at other states: what it found
	 * must be shown by the second. */
	bool abstract;
	bool ended;
	enum explore_end end;
};

/* A fresh engine at its first choice point, hash on. */
void explorer_begin(struct explorer *x);
void explorer_end(struct explorer *x);
/* Appends the moves' present steps to a schedule; the first is choice `point`. */
void explorer_steps(const struct step *s, u32 n, u64 point, struct schedule *out);
/* The entry of a finding's key, NULL if there is none; and a new one. */
struct explore_find *explorer_find(struct explorer *x, const struct finding *f);
struct explore_find *explorer_add(struct explorer *x, const struct finding *f);
void explorer_forget(struct explore_result *r); /* all of them */
/* Ends the search with what it has; the first reason counts. */
void explorer_stop(struct explorer *x, enum explore_end end);
/* Bounds, progress, whether somebody wants it to end; `bytes` are those of the pass. */
void explorer_look(struct explorer *x, u64 states, u64 bytes);
/* How the run ended in the present state, if it did; hangs are told to the oracle. */
bool explorer_outcome(struct explorer *x, bool moved);

void deep_run(struct explorer *x); /* first pass */
void wide_run(struct explorer *x); /* second pass; r->found are its targets, if there are any */

#endif
