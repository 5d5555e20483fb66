/* SPDX-License-Identifier: MIT */
/*
 * What to write instead of what a finding is about, as data: which statement, with the driver's own
 * expressions and names as arguments, and before, behind or instead of which line. Text, JSON and
 * the edited driver (report/suggest.h) are made of the same.
 */
#ifndef REPORT_FIX_H
#define REPORT_FIX_H

#include "base/mem.h"
#include "core/diag.h"
#include "report/names.h"

enum fix_action {
	FIX_BEFORE, /* put the text before the statement */
	FIX_BEHIND,
	FIX_REPLACE,
	FIX_DROP,
	FIX_MOVE_BEFORE, /* the statement itself goes before `to` */
	FIX_MOVE_BEHIND,
};

/* One change of the driver. */
struct fix_edit {
	enum fix_action action;
	u32 stmt, to;	 /* statements of the program; to: of MOVE alone, else 0 */
	struct str text; /* a statement of C and of the language: what is put there, or goes */
};

enum { FIX_EDITS = 6 };
struct fix {
	struct str where; /* "before line 20"; empty: see words */
	struct str call;  /* a statement of C that compiles there; empty: none */
	struct str words; /* always */
	struct fix_edit edit[FIX_EDITS];
	u32 edits; /* 0: it is told in words alone, or has a call and no one place */
};

/* The fix that is told of a finding; none is certain to do. Free with fix_free(). */
void fix_make(struct fix *x, const struct names *n, const struct finding *f);
void fix_free(struct fix *x);

/* All that might mend it, the likeliest first; each has edits. For who tries them. */
struct fixes {
	VEC(struct fix)
};
void fixes_make(struct fixes *l, const struct names *n, const struct finding *f);
void fixes_free(struct fixes *l);

/* "insert-before", "replace", "drop", ...: for JSON. */
const char *fix_action_name(enum fix_action a);
/* Appends "before line 20", "instead of line 20", "drop line 20", "move line 20 before line 14". */
void fix_where(const struct names *n, const struct fix_edit *e, struct str *out);

#endif
