/* SPDX-License-Identifier: MIT */
/*
 * The real bugs of the museum: what a scenario below scenarios/bugs/ says of its bug, and the ones
 * that are left out. For `dmalab list bugs` and dmalab-bugs(7).
 */
#ifndef REPORT_BUG_H
#define REPORT_BUG_H

#include "base/str.h"
#include "scenario/doc.h"

/* One that has no scenario. */
struct bug_left_out {
	char *number; /* "B055"; owned, as all below */
	u32 year;
	char *title, *source, *reason;
};

/* The first year in the text, 1990 to 2099; 0: it has none. text may be NULL. */
u32 bug_year(const char *text);
/* Appends "B013" of the id "b013-xdp-before-sync"; nothing where it does not begin like that. */
void bug_number(const char *id, struct str *out);
/*
 * Reads a line "B055 | year | title | source | reason". False: it is none (a comment, blank,
 * or not of that form). Free with bug_left_out_free().
 */
bool bug_left_out_read(const char *line, size_t n, struct bug_left_out *out);
void bug_left_out_free(struct bug_left_out *b);

/* Whether the entry is of a broken variant: the one that shows the bug. */
bool bug_is_broken(const struct doc_expect *x);
/* Appends "cpu-stale-read; missing-dma-rmb on some schedule; it hangs", or "nothing". */
void bug_shows(const struct doc_expect *x, struct str *out);

/* Appends the line, of type "bug" (report/json.h). */
void bug_json(const struct scenario_doc *doc, struct str *out);
void bug_left_out_json(const struct bug_left_out *b, struct str *out);

#endif
