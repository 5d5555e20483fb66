/* SPDX-License-Identifier: MIT */
/* What dma-debug said of a finding in this run, beside what it says of its kind at all. */
#ifndef REPORT_DEBUG_H
#define REPORT_DEBUG_H

#include "report/run.h"

/* Keeps what dma-debug has complained about; the engine stands at the end of its run. */
void debug_collect(struct run *r);
void debug_free(struct run *r);
/*
 * For a finding that is no assert's: appends the lines that it printed for the finding's statement;
 * or what it counted and why it printed nothing; or why it is silent (core/diags.def).
 */
void debug_said(const struct run *r, const struct finding *f, struct str *out);

#endif
