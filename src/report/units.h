/* SPDX-License-Identifier: MIT */
/*
 * Cost units: events counted and weighed by report/cost.def. Made from the events alone, so that
 * they are the same with the oracle off.
 *
 * Model: an operation on a line that no cache holds is no event and not counted; what a device
 * waits for is counted only where it looks up a translation; the page tables of an IOMMU cost the
 * CPU nothing to write.
 */
#ifndef REPORT_UNITS_H
#define REPORT_UNITS_H

#include "core/event.h"
#include "engine/config.h"

enum cost_group {
#define COST_GROUP(id, name, letter) GROUP_##id,
#include "report/cost.def"
	COST_GROUPS
};

enum cost_row {
#define COST(id, group, name, weight, reason) COST_##id,
#include "report/cost.def"
	COST_ROWS
};

struct cost_info {
	const char *id; /* "UNCACHED_LOAD" */
	const char *name, *reason;
	enum cost_group group;
	u32 weight;
};

/* The row of the table; the name of a group, and its letter in a bar. BUG_ON unknown ones. */
const struct cost_info *cost_info(enum cost_row row);
const char *cost_group_name(enum cost_group g);
const char *cost_group_id(enum cost_group g); /* "MEMORY" */
char cost_group_letter(enum cost_group g);

struct units {
	u64 n[COST_ROWS]; /* events of each row */
};

/* Counts a run. */
void units_count(const struct machine_config *cfg, const struct event_log *log, struct units *out);
/* All of it, and the part of a group, in cost units. */
u64 units_total(const struct units *u);
u64 units_of(const struct units *u, enum cost_group g);

#endif
