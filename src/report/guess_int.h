/* SPDX-License-Identifier: MIT */
/*
 * Guesses at what might mend a finding besides the fix that is told of it: what gathers them.
 * Internal to report/.
 */
#ifndef REPORT_GUESS_INT_H
#define REPORT_GUESS_INT_H

#include "report/cause_int.h"

/* While the fixes of one finding are gathered. */
struct guess {
	struct fixes *l;
	const struct names *n;
	const struct finding *f;
	const struct named_map *m; /* may be NULL */
};

/* The statement of an event; 0: none. */
u32 guess_stmt(const struct guess *g, u32 event);
/* The driver's own, and written in the file. */
bool guess_is_driver(const struct guess *g, u32 stmt);
/* Where the CPU stored last to the bytes of the finding. */
u32 guess_last_store(const struct guess *g);
/* Appends readl() of the register that the driver used last before the event. */
void guess_register(const struct guess *g, struct str *out);

/* x is one more, if ok and it has an edit; else it is freed. */
void guess_keep(struct guess *g, struct fix *x, bool ok);
/* One more fix, of one edit; none if the text is empty, or the statement not the driver's. */
void guess_put(struct guess *g, enum fix_action action, u32 stmt, const char *text);
void guess_move(struct guess *g, enum fix_action action, u32 stmt, u32 to);
void guess_drop(struct guess *g, u32 stmt);
/* fn() of the finding's mapping, put there. */
void guess_call(struct guess *g, enum fix_action action, u32 stmt, const char *fn);

/* report/guess_calls.c: of calls, and of what is left. False: the finding is none of these. told:
 * the fix that is told. */
bool guess_of_calls(struct guess *g, const struct fix *told);

#endif
