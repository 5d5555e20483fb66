/* SPDX-License-Identifier: MIT */
/*
 * A file with one of its variants alone: conditions that the variant decides are decided, what the
 * others would do is gone, and so is everything that tells which program is the right one (expect,
 * hints, lesson, questions, tags, where it is from). The rest stays as it was written, line by
 * line.
 */
#ifndef SCENARIO_ALONE_H
#define SCENARIO_ALONE_H

#include "scenario/doc.h"
#include "scenario/rows.h"

/*
 * Fills out (lines of `arena`; rows_free()) from a document without mistakes. variant: one of the
 * file's, NULL if it has none. A variant with params or a machine of its own stays, as the only
 * one, named ALONE_VARIANT. False: the file is written in a way that cannot be taken apart (steps
 * in flow style); *why says so, and where.
 */
#define ALONE_VARIANT "this"
struct alone_why {
	const char *what; /* static; a sentence's end: "its steps stand in [ ]" */
	struct pos at;	  /* in the document's own text */
};
bool alone_make(const struct scenario_doc *doc, const char *variant, struct arena *arena,
		struct rows *out, struct alone_why *why);

/* What a variant makes of an expression: names of variants become 1 and 0, and what follows from
 * them. The same expression if it names none; else a new one in a. */
struct expr *alone_expr(const struct scenario_doc *doc, const char *variant, struct expr *e,
			struct arena *a);
/* Whether it is a constant, and its value. */
bool alone_constant(const struct expr *e, u64 *value);

#endif
