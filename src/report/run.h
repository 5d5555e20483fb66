/* SPDX-License-Identifier: MIT */
/* One run with all that writers need of it: engine, names, findings, verdict. */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include "explore/policy.h"
#include "report/collect.h"
#include "report/names.h"

/* What is to be run. All borrowed, for as long as the run lives. */
struct run_input {
	const char *file;  /* its path */
	const char *asked; /* as the user wrote it: a path, or the id of a lesson */
	const struct scenario_doc *doc;
	const struct program *prog;
	const struct machine_config *cfg;
	const char *variant;		 /* NULL: the file has none */
	const struct doc_expect *expect; /* NULL: nothing is expected */
	const struct schedule *schedule; /* NULL: as the policy says */
	enum policy hw;			 /* without a schedule: who answers; 0 is calm */
	u64 seed;			 /* of POLICY_RANDOM */
	const char *sets;		 /* " --set A=1 ...", as it was asked for; NULL: none */
	u64 max_accesses;		 /* 0: the engine's default */
	bool no_oracle;
};

/* One complaint of dma-debug. */
struct run_debug {
	struct engine_debug x;
	char *line; /* owned; as it was printed, NULL if it was not */
};

struct run {
	struct run_input in;
	struct engine *e; /* owned; its position may be moved */
	struct names names;
	struct findings found;
	struct verdict verdict;
	enum outcome outcome;
	u64 journal;	    /* hash of all events */
	struct stray stray; /* where the schedule that was given stopped matching */
	u32 limit;	    /* enum limit_kind that ended it, 0: none */
	struct {
		VEC(struct run_debug)
	} debug;	  /* what dma-debug complained about */
	bool debug_on;	  /* and whether it was on at the end */
	struct str token; /* the schedule that was followed */
};

/* Why there is no verdict: appended, "limit reached: ..."; for a run whose verdict says `limit`. */
void run_no_verdict(const struct run *r, struct str *out);
/* Where the schedule stopped matching and why, a sentence without its end; for r->stray.why. */
void run_stray(const struct run *r, struct str *out);
/* Runs it to the end. Everything that is later asked for comes from here. Free with run_free(). */
void run_do(struct run *r, const struct run_input *in);
void run_free(struct run *r);

#endif
