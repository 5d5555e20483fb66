/* SPDX-License-Identifier: MIT */
/*
 * Fixes that were tried: for a finding, the driver is run with each of its fixes (report/fix.h),
 * and the first with which the finding is gone and no other came, there and on the file's other
 * platforms, is a suggestion. What was not
 * tried, or did not do, is none.
 */
#ifndef REPORT_SUGGEST_H
#define REPORT_SUGGEST_H

#include "report/explored.h"
#include "report/fix.h"
#include "scenario/scenario.h"

/* A finding that can be recognised in the run of a changed driver: by places of the file. */
struct known_finding {
	u32 id, index;	    /* enum diag_id; of an assert, which */
	u32 line, col, map; /* of the culprit; line of the map */
	/* What it tells: another fault at the same place differs in one of them. */
	u32 severity, party, dev; /* as in struct finding */
	u32 directions;		  /* where it is about one: those that its statements name */
	u32 off, n;		  /* bytes */
	u32 aside; /* it costs, or is an assert about the kernel's log: no fault that came */
};
struct known_findings {
	VEC(struct known_finding)
};

/* One set of changes that was tried. */
struct trial {
	struct str edits; /* what makes it this one */
	bool compiles;	  /* the changed scenario is one, and ran to its end */
	bool searched;	  /* `some` and `extent` are there */
	struct known_findings calm, some;
	bool looked;	      /* `elsewhere` is known */
	struct str elsewhere; /* what comes on another platform of the file; empty: nothing */
	struct str extent;    /* how far the search went: "proved, 40 states" */
	struct scenario *s;   /* owned; NULL if it is none */
	struct program *prog; /* owned, as the machine */
	struct machine_config *cfg;
};

/* What is tried for one variant on one platform. */
struct suggester {
	const struct scenario *s; /* borrowed, as all that was given to begin */
	struct run_input in;
	const struct explore_options *opt; /* NULL: calm runs alone */
	struct known_findings before;	   /* all that the driver shows as it is */
	struct known_findings calm;	   /* of these what its calm run shows */
	struct {
		VEC(struct fix)
	} pool; /* what was offered */
	struct {
		VEC(struct str)
	} told; /* the changes that were suggested so far */
	struct {
		VEC(struct trial)
	} trials;
};

enum suggested {
	SUGGEST_CHECKED, /* with the fix the finding is gone, and no new one came */
	SUGGEST_FAILS,	 /* none of the fixes does alone: why says what came of the first */
	SUGGEST_WORDS,	 /* there is no fix but in words */
};
struct suggestion {
	enum suggested what;
	struct fix fix;	   /* the one that does, else the first, else its words alone */
	struct str why;	   /* FAILS: "assert:the packet comes" */
	struct str extent; /* CHECKED by a search: how far it went */
	u32 with;	   /* CHECKED: line of that change, where it was told before; else 0 */
};

/* r: the calm run; x: the search of the same, NULL without. opt: as x was searched, NULL without.
 */
void suggest_begin(struct suggester *g, const struct scenario *s, const struct run *r,
		   const struct explored *x, const struct explore_options *opt);
/* The fixes of that finding are tried for all others, too: one mistake may show in several. */
void suggest_offer(struct suggester *g, const struct run *r, const struct finding *f);
/*
 * Tries the fixes of finding f of that run, which may be one of a schedule, and all that were
 * offered: those that remove most findings of the calm run first. Free with suggestion_free().
 */
void suggest(struct suggester *g, const struct run *r, const struct finding *f,
	     struct suggestion *out);
void suggestion_free(struct suggestion *u);
void suggest_end(struct suggester *g);

/* "checked", "fails", "words". */
const char *suggested_name(enum suggested what);
/* Appends the changes, one line each: "before line 27: + dma_sync_single_for_cpu(...);". */
void suggest_diff(const struct names *n, const struct fix *x, const char *indent, struct str *out);

#endif
