/* SPDX-License-Identifier: MIT */
/*
 * A search over schedules, told: what was found with the shortest schedule that shows it, and in
 * words what that proves. Each finding is run once more by its witness, so that all that is said
 * of it is what `run --schedule` says.
 */
#ifndef REPORT_SCHEDULES_H
#define REPORT_SCHEDULES_H

#include "report/explored.h"
#include "report/style.h"
#include "report/writer.h"

/* All borrowed. */
struct told_search {
	const struct explored *x;
	struct doc_params params; /* of the scenario, with the values that were used */
	/* As searched, with bounds that were not asked for filled in. */
	const struct explore_options *opt;
	const char
	    *stopped;	  /* EXPLORE_STOPPED: what did, "the time was over"; else not looked at */
	const char *end;  /* the same in a word: "time", "interrupted" */
	const char *more; /* the same: what to write for more, "--time 20"; NULL: nothing */
};

enum answer_kind { ANSWER_EXPECTED, ANSWER_UNEXPECTED, ANSWER_OPEN };
/*
 * What the search says of the scenario. Unexpected: something came that the file does not name, or
 * did not come on any schedule. Open: not all was seen, and nothing is known to be wrong.
 */
enum answer_kind schedules_answer(const struct explored *x);
/* "complete", "deviations", "states", ...: why the search ended. */
const char *schedules_end(const struct told_search *t);
/* All schedules with fewer deviations than this were seen. */
u32 schedules_layers(const struct told_search *t);
/* What was reached, as a phrase; for a search that is not complete. */
void schedules_bound(const struct told_search *t, struct str *out);

/* The run of the witness of finding i of x->found. */
struct shown {
	struct run run;
	u32 nr; /* number of the finding in it, from 1; 0: it is not there */
};
void shown_make(struct shown *s, const struct explored *x, u32 i);
void shown_free(struct shown *s);
const struct explore_find *shown_find(const struct explored *x, u32 i);

/* What is done on the schedule of that run and not on the calm one: "line 20: The cache ...", in
 * order. What shows no effect of its own is left out. Free with said_free(). */
struct said {
	VEC(char *) /* owned */
};
void said_make(struct said *s, const struct run *r, const struct schedule *schedule);
void said_free(struct said *s);

/* Findings of one id and severity stand together, the shortest first: indices into x->found. */
struct told_class {
	VEC(u32)
};
struct told_classes {
	VEC(struct told_class)
};
void classes_make(struct told_classes *c, const struct explored *x);
void classes_free(struct told_classes *c);

/* Appends the whole of it as text. */
void schedules_text(const struct told_search *t, const struct style *style, struct writer *out);
/* Appends what was proved, and on which terms; for a search that proved something. */
void schedules_proof(const struct told_search *t, const struct style *style, struct str *out);
/* Of a sample: how its schedules were drawn, a phrase; and what it covered, sentences. */
void schedules_drawn(const struct told_search *t, struct str *out);
void schedules_covered(const struct told_search *t, struct str *out);
/* Appends the findings as lines of JSON (as `run --json`, with their schedules), and the result;
 * or the result alone. */
void schedules_json(const struct told_search *t, bool result_only, struct writer *out);

/* Adds a finished search as a test case: as expected or not, or an error where that is open. */
struct cases;
void cases_add_search(struct cases *c, const struct told_search *t);

#endif
