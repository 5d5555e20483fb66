/* SPDX-License-Identifier: MIT */
/* Mutants and their trials, told: as text, and as lines of JSON (types "mutant" and "mutants"). */
#ifndef REPORT_MUTANTS_H
#define REPORT_MUTANTS_H

#include "report/style.h"
#include "report/trial.h"

/* Of one variant of one file. All borrowed. */
struct told_mutants {
	const char *file;
	const struct scenario_doc *doc;
	struct mutants *m;
	const struct court *court; /* NULL: there are no trials */
};

struct mutant_sums {
	u32 files, mutants, ends[3]; /* by enum trial_end */
	u32 named;		     /* killed, by a diagnosis that the mutation should bring */
	u32 asserted;		     /* killed by an assert or an outcome alone */
};
void mutant_sums_add(struct mutant_sums *s, const struct trial *t);

/* Appends the line(s) above those of its mutants: file, variant, how many. */
void mutants_head(const struct told_mutants *t, const struct style *s, struct str *out);
/* Appends what is changed, in two or three lines. */
void mutant_listed(const struct told_mutants *t, u32 i, const struct style *s, struct str *out);
/* Appends the line of its trial; further lines say what was changed where it was not killed. */
void mutant_tried(const struct told_mutants *t, u32 i, const struct trial *x, const struct style *s,
		  struct str *out);
/* Appends the answer to an exercise: x is its trial, line that of the written file. */
void mutant_answer(const struct told_mutants *t, u32 i, u32 line, const struct trial *x,
		   const struct style *s, struct str *out);
/* Appends the last line. */
void mutants_sums(const struct mutant_sums *s, struct str *out);

/* The same as JSON. x NULL: it was not tried. line 0: no file was written. */
void mutant_json(const struct told_mutants *t, u32 i, u32 line, const struct trial *x,
		 struct str *out);
void mutants_sums_json(const struct mutant_sums *s, struct str *out);

#endif
