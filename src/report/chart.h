/* SPDX-License-Identifier: MIT */
/* What runs of one scenario cost, side by side: bars of text, or JSON Lines. */
#ifndef REPORT_CHART_H
#define REPORT_CHART_H

#include "base/mem.h"
#include "report/run.h"
#include "report/style.h"
#include "report/units.h"

struct chart_bar {
	char platform[NAME_MAX_LEN + 1], variant[NAME_MAX_LEN + 1]; /* variant "": there is none */
	struct units u;	      /* of `times` of what the chart counts */
	u64 times;	      /* at least 1 */
	enum outcome outcome; /* how the run ended */
	struct id_list found; /* ids of findings: such a run is compared all the same */
};

struct chart {
	const struct scenario_doc *doc; /* borrowed */
	const char *per; /* the param, one more of which is a bar; NULL: whole runs */
	struct {
		VEC(struct chart_bar)
	} bars; /* platform by platform */
};

/*
 * Adds a run. less: the same with a smaller param, which is taken away from it, times is by how
 * much the param was smaller; NULL: nothing is, times is 1. Both may be freed then.
 */
void chart_add(struct chart *c, const struct run *r, const struct run *less, u64 times);
void chart_free(struct chart *c);
/* Appends all of it. */
void chart_text(const struct chart *c, const struct style *s, struct str *out);
/* Appends a line for each bar, of the type "cost". */
void chart_json(const struct chart *c, struct str *out);

#endif
