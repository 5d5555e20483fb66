/* SPDX-License-Identifier: MIT */
/*
 * Sampling: many runs with answers drawn by chance, where a search does not come to an end. It
 * proves nothing; what it says about its coverage are estimates, and one guarantee.
 *
 * Before the runs that are drawn there is a calm one. Run i (from 0) draws from seed + i, so a
 * sample of N runs is the first part of one of more. Random run i is the one of POLICY_RANDOM with
 * that seed.
 *
 * Few: each run draws how many answers are not calm's, 1 to `deviations`, and at which of the first
 * `points` choice points (as many as the calm run has, and some more; those with one choice alone
 * are not counted); there it takes any other answer, all alike. In half of the runs who is let go
 * first by that goes on before what calm would do, as long as it can: putting one thing off is one
 * deviation. As in Burckhardt and others' PCT ("A Randomized Scheduler with Probabilistic
 * Guarantees of Finding Bugs", 2010) that bounds the chance of a miss: a schedule of at most that
 * many answers at these points, among at most B choices each, is drawn by a run with a chance of at
 * least 1 in 2 * deviations * C(points, deviations) * (B - 1)^deviations.
 *
 * Estimates leave one run out (Good and Turing's): of N runs, as many as showed a state that no
 * other run showed, by N, is how likely the next run is to show a new one. The same for findings.
 */
#ifndef EXPLORE_SAMPLE_H
#define EXPLORE_SAMPLE_H

#include "explore/cost.h"
#include "explore/explore.h"

enum sample {
#define SAMPLE(id, name, text) SAMPLE_##id,
#include "explore/samples.def"
#undef SAMPLE
	SAMPLES
};

const char *sample_name(enum sample how);
const char *sample_text(enum sample how);
/* The one of that name; false: there is none. */
bool sample_find(const char *name, enum sample *out);
/* "random, few or hostile": appended. */
void sample_names(struct str *out);

struct sample_progress {
	u64 runs, of, states, transitions;
	u32 found;
	bool shrinking; /* the runs are done: witnesses are made shorter */
};

struct sample_options {
	enum sample how;
	u64 runs;	  /* drawn; 0: 1000, of hostile ones 10 */
	u64 seed;	  /* of the first */
	u32 deviations;	  /* few: at most; 0: 2 */
	u64 max_accesses; /* of one run; 0: 1 million */
	u64 max_states;	  /* that are remembered, to be counted; 0: 4 million */
	u64 shrink_runs;  /* for each witness; 0: 1000 */
	/* After each run; false ends the sampling with what it has. May be NULL. */
	bool (*go_on)(void *ctx, const struct sample_progress *p);
	void *ctx;
};

struct sample_result {
	/* end is EXPLORE_SAMPLED, or STOPPED; states: distinct ones; witnesses are shrunk, `count`
	 * is how many runs showed it. Owned. */
	struct explore_result *r;
	enum sample how;
	u64 runs, seed; /* that were drawn; the calm one is not counted */
	u64 showing;	/* of these, that showed any finding */
	u64 new_state;	/* that showed a state which no other one did, the calm one included */
	u64 new_find;	/* that showed a finding which no other one did */
	bool uncounted; /* more states than are remembered: new_state is not known */
	u64 shrink_runs;
	u32 deviations; /* few */
	u64 points;	/* few: answers are drawn at so many points with more than one choice */
	u32 choices;	/* the longest list of choices that was met */
};

/* Samples as opt says. cfg and prog are borrowed for the call. Never NULL; sample_free(). */
struct sample_result *sample_run(const struct machine_config *cfg, const struct program *prog,
				 const struct sample_options *opt);
void sample_free(struct sample_result *s);

/*
 * Few: how likely one run is, at least, to draw a given schedule of at most that many answers; 0
 * for the others, which bound nothing.
 */
double sample_bound(const struct sample_result *s);
/* The chance that at least one of n runs does what one does with chance p. */
double sample_once(double p, u64 n);

#endif
