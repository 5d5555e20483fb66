/* SPDX-License-Identifier: MIT */
/*
 * The words for findings about calls, addresses and context: what a call breaks by itself, and
 * accesses of devices to what is not mapped for them. Internal to report/.
 */
#ifndef REPORT_TOLD_H
#define REPORT_TOLD_H

#include "report/cause_int.h"

/* The sentence. False: the finding is none of these. */
bool told_message(const struct names *n, const struct finding *f, struct str *out);
/* Call and place of the fix, where there is one statement that does it. */
void told_fix(struct fix *x, const struct names *n, const struct finding *f);
/* The steps. */
void told_chain(struct chain *h);

/* The mapping that the finding names by its statement, the newest at its event; NULL: none. */
const struct named_map *told_map(const struct names *n, const struct finding *f);

/* ---- report/fix.c ---- */
/* fn(dev, handle, size, direction) of a mapping; nothing if no variable has the handle. */
void fix_call(const struct names *n, const struct named_map *m, const char *fn, struct str *out);
void fix_place(struct fix *x, const struct names *n, const char *side, u32 stmt);

#endif
