/* SPDX-License-Identifier: MIT */
/* The real bugs of the data folder, as a list and as the tables of dmalab-bugs(7). */
#ifndef CLI_MUSEUM_H
#define CLI_MUSEUM_H

#include "base/mem.h"
#include "report/bug.h"

struct museum {
	struct {
		VEC(struct scenario_doc *) /* owned; in the order of their files */
	} bugs;
	struct {
		VEC(struct bug_left_out)
	} left_out;
};

/* Reads all of scenarios/bugs/; what has mistakes is passed over. Free with museum_free(). */
void museum_load(struct museum *m);
void museum_free(struct museum *m);

/* Appends both in the order of their numbers: a line each. */
void museum_list(struct str *out);
void museum_names(struct str *out); /* the ids of those that can be run */
void museum_json(struct str *out);
/* Appends what the museum says of the bug of that number ("b013") or id, or why it is left out.
 * False: there is none. */
bool museum_explain(const char *word, struct str *out);
/* The reason why the bug of that number ("b055") is left out; false: it is not. */
bool museum_left_out(const char *word, struct str *why);
/* Appends tables in mdoc(7), each behind a line `.\" TABLE name`: bugs, left-out. */
void museum_tables(struct str *out);

#endif
