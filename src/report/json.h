/* SPDX-License-Identifier: MIT */
/*
 * A run as JSON Lines, schema "dmalab/1": run, step, event, finding, result, in this order in time;
 * findings stand before the result. Keys keep their order, the same run gives the same bytes.
 *
 * Counts, offsets and registers are integers. Addresses and 64-bit values are strings "0x…", as
 * many readers keep only 53 bits of a number. Bytes are strings of two hex digits each.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/run.h"
#include "report/writer.h"

#define JSON_SCHEMA "dmalab/1"

/* Appends all lines. */
void json_run(const struct run *r, struct writer *out);
/* Appends the line of type result alone. */
void json_result(const struct run *r, struct str *out);

/* Appends the line of what was suggested for a finding of that run, and tried. */
struct suggestion;
void json_suggestion(const struct run *r, const struct finding *f, const struct suggestion *u,
		     struct str *out);
/* Appends the line of a calm run, or of the search after it (x, else NULL), held by `check`. */
struct explored;
void json_check(const struct run *r, const struct explored *x, struct str *out);

#endif
