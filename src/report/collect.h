/* SPDX-License-Identifier: MIT */
/*
 * The findings of one run: collected from the oracle's sink, counted, put in order of precedence,
 * and held against what the scenario expects.
 *
 * One finding per key (id or assert, culprit statement, allocation, statement of the mapping): the
 * first is kept, or the first that is worse than those before; the others are counted. Pieces of
 * one access, which follow each other, are one finding with a longer range of bytes. For one
 * culprit statement and allocation the worst wins (of equals the first in core/diags.def); the
 * others stand in its `also`. Asserts, hangs and kernel bugs stand beside that.
 */
#ifndef REPORT_COLLECT_H
#define REPORT_COLLECT_H

#include "base/mem.h"
#include "core/diag.h"
#include "engine/engine.h"
#include "scenario/doc.h"

enum { FINDINGS_MAX = 1000 }; /* kept; more are only counted */

/* What the collector knows besides the finding: the last piece that it met of this key. */
struct found {
	struct finding f;
	u32 last_step, last_end; /* step and end (offset) of the last piece */
	u32 sources;		 /* order of arrival, for ties */
	bool growing;		 /* pieces still belong to the occurrence that is kept */
};

struct findings {
	VEC(struct found)
	u32 dropped; /* beyond FINDINGS_MAX */
	u32 arrived;
	bool settled;
};

/* The oracle's sink: ctx is a struct findings. */
void findings_add(void *ctx, const struct finding *f);
/* After the run: precedence, then order of events. No more findings_add(). */
void findings_settle(struct findings *l);
void findings_free(struct findings *l);

/* Whether it stands beside precedence: assert, hang, kernel-bug. */
bool finding_is_beside(const struct finding *f);
/* "cpu-stale-read", "assert:the packet". */
void finding_id(const struct program *prog, const struct finding *f, struct str *out);

/* The same of an expected id, as the file writes it: with "/corruption" where it does. */
void finding_expected(const struct doc_id *d, struct str *out);

/* Whether the file means this finding by an expected id. */
bool doc_id_matches(const struct doc_id *d, const struct finding *f, const struct program *prog);

/* A run held against what the file says of it. Lists are of ids, each once. */
struct id_list {
	VEC(char *) /* owned */
};
/* Adds a copy, safe to show, unless it is there. */
void id_list_add(struct id_list *l, const char *id);
/* Adds to out what is in l and not in without. */
void id_list_minus(const struct id_list *l, const struct id_list *without, struct id_list *out);
void id_list_free(struct id_list *l);

struct verdict {
	bool expects;	  /* the file says something about this variant and platform */
	bool as_expected; /* without that: nothing was found, and the run ended */
	bool limit;	  /* a limit ended the run: no verdict */
	bool calm;	  /* no schedule was given: `calm` holds exactly */
	struct id_list expected, found;
	struct id_list missing, surprising; /* of the first not found, of the second not expected */
	enum doc_outcome outcome, expected_outcome;
};

/*
 * x may be NULL: nothing is expected. calm false: the run followed a schedule, so it may find what
 * `calm` or `some` names and need not find all of it. elsewhere: what the calm run of the same
 * finds, NULL if that is not known; precedence holds over both (semantics: `expect` compares the
 * union), so that what is outranked there is no surprise here. Free with verdict_free().
 */
void verdict_make(struct verdict *v, const struct findings *l, const struct program *prog,
		  enum outcome outcome, const struct doc_expect *x, bool calm,
		  const struct findings *elsewhere);
void verdict_free(struct verdict *v);
/* The file's word for how a run ended; BUG_ON one that still runs. */
enum doc_outcome doc_outcome(enum outcome o);
/*
 * Whether a run may end so. x NULL: nothing is said, then it ends or is refused. calm false: a hang
 * or a death that `some` names may come, and one that `calm` names may stay away.
 */
bool outcome_expected(const struct doc_expect *x, enum outcome outcome, bool calm);
/* "as-expected", "not-as-expected", "limit". */
const char *verdict_name(const struct verdict *v);

#endif
