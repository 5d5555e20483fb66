/* SPDX-License-Identifier: MIT */
/*
 * The explorer: every schedule of a program on a machine, or as many as the bounds allow, and for
 * each distinct finding one shortest schedule that shows it.
 *
 * Two passes. The first goes through all states, depth first by undo, with a visited set; it says
 * what can be found, and whether everything was seen. The second goes breadth first in the order
 * asked for, until each of these findings was met again: by the shortest way. What the first pass
 * proves does not depend on the second. What it finds does where it was made on a machine that can
 * do more: with wider caches, if those of the machine fill up, or with bytes forgotten that nobody
 * will touch. Then only what the second pass shows counts. With a bound of deviations there is the
 * second pass alone.
 *
 * Reduction (explore/moves.h): hardware acts on a line only right before an access that can observe
 * it. It changes no finding.
 *
 * Same program, machine and options: same result, byte for byte. Nothing here looks at a clock:
 * who wants a bound of time ends the search through `go_on`.
 */
#ifndef EXPLORE_EXPLORE_H
#define EXPLORE_EXPLORE_H

#include "engine/engine.h"

/*
 * What makes one schedule shorter than another; then the other measure, then the first in order. Of
 * schedules that the reduction leaves: hardware acts right before it shows, which may be a step or
 * two after it could have. Unreduced, of all.
 */
enum explore_order {
	EXPLORE_DEVIATIONS, /* fewest answers that are not calm's; putting one action off counts
			       once */
	EXPLORE_STEPS,	    /* fewest transitions until the finding */
};

/* What stands for a state in the visited set. */
enum explore_print {
	PRINT_64,
	PRINT_128,
	PRINT_EXACT, /* the whole state: nothing is left to chance */
};

/* Why a search ended. Only COMPLETE proves anything. */
enum explore_end {
	EXPLORE_COMPLETE, /* every schedule was seen */
	EXPLORE_FOUND,	  /* the first finding, as `first` asked */
	EXPLORE_DEVIATED, /* the bound of deviations: schedules with more were not looked at */
	EXPLORE_STATES,	  /* the bound of states */
	EXPLORE_MEMORY,	  /* the bound of memory */
	EXPLORE_DEPTH,	  /* the bound of transitions in one run */
	EXPLORE_STOPPED,  /* go_on() said so */
	EXPLORE_LIMIT,	  /* some run reached a limit of the engine */
	EXPLORE_SAMPLED,  /* schedules were drawn by chance (explore/sample.h) */
};
/* A phrase: "every schedule was seen", "the bound of states was reached", ... */
const char *explore_end_text(enum explore_end end);

enum { EXPLORE_NO_BOUND = ~0u };

struct explore_progress {
	u64 states, transitions, bytes; /* so far, both passes */
	u32 depth;			/* transitions of the run that is looked at */
	u32 deviations;			/* second pass: of the schedules that are looked at */
	u32 found;			/* distinct findings so far */
	u32 pass;			/* 1, 2 */
};

struct explore_options {
	enum explore_order order;
	enum explore_print print;
	bool unreduced; /* every choice at every point */
	bool first;	/* end at the first finding, in the order asked for: second pass only */
	/* The first pass only: its witnesses are not the shortest. Where it was made on a machine
	 * that can do more, its findings are confirmed by the second all the same. */
	bool no_witnesses;
	u32 max_deviations; /* EXPLORE_NO_BOUND: none; then there is a first pass */
	u32 max_depth;	    /* transitions of one run; 0: 100 000 */
	u64 max_states;	    /* of each pass; 0: 20 million */
	u64 max_bytes;	    /* of visited set and frontier; 0: 1 GiB */
	u64 max_accesses;   /* of one run, as engine_options; 0: the engine's own */
	/* Called each few thousand transitions; false ends the search with what it has. May be
	 * NULL. */
	bool (*go_on)(void *ctx, const struct explore_progress *p);
	void *ctx;
};

/* One per (id or assert, culprit statement, allocation, statement of the mapping); not settled by
 * precedence. */
struct explore_find {
	struct finding f; /* as the witness shows it; event numbers are not to be relied on */
	struct schedule witness; /* owned */
	u32 deviations;		 /* of the witness */
	u64 transitions;	 /* of its run until the finding */
	bool shortest;		 /* it was found by the second pass */
	u64 count;		 /* transitions of the search that showed it, the first pass's */
};

struct explore_result {
	enum explore_end end;
	u64 states, transitions;		 /* first pass; without it, second */
	u64 witness_states, witness_transitions; /* second pass, if there were two */
	u64 depth;				 /* transitions of the longest run */
	u64 bytes;				 /* most that visited set and frontier took */
	u32 outcomes;				 /* bit set of enum outcome, over all runs */
	u32 limit; /* enum limit_kind that some run reached, 0: none */
	/* Second pass: all schedules with fewer deviations than this were seen. Complete: all. */
	u32 layers;
	enum explore_print print;
	struct {
		VEC(struct explore_find)
	} found; /* the shortest way first */
};

/* Searches. cfg and prog are borrowed for the call. Never NULL; free with explore_free(). */
struct explore_result *explore_run(const struct machine_config *cfg, const struct program *prog,
				   const struct explore_options *opt);
void explore_free(struct explore_result *r);

/* How likely it is that two different states had one fingerprint, at most: n^2 / 2^(bits + 1). 0
 * with whole states. */
double explore_collision(const struct explore_result *r);

#endif
