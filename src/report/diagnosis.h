/* SPDX-License-Identifier: MIT */
/* A row of the tables of diagnoses, as a page of text and as a line of JSON. */
#ifndef REPORT_DIAGNOSIS_H
#define REPORT_DIAGNOSIS_H

#include "base/str.h"
#include "report/style.h"

/* Commands that show it, and that nearly do; NULL: not known. Borrowed. */
struct diagnosis_try {
	const char *fires, *near;
};

/* Appends the page: what happened, how, the rule, the fix, what dma-debug says, where it shows, its
 * place in the decision list, what to try and where to read on. id is none of an assert. */
void diagnosis_text(const struct style *s, u32 id, const struct diagnosis_try *t, struct str *out);
/* Appends the line, of type "diagnosis" (report/json.h): every column of both tables. */
void diagnosis_json(u32 id, struct str *out);

/* Appends where it shows: "behind a bounce slot, and on weakly ordered cores. What is more to be
 * said." */
void diagnosis_places(u32 id, struct str *out);
/* The parts of a list of sources, one by one: the next one, in out; NULL behind the last. */
const char *diagnosis_source(const char **list, struct str *out);

#endif
