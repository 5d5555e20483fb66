/* SPDX-License-Identifier: MIT */
/*
 * What a schedule costs: how many deviations from calm it has, and how many transitions. An answer
 * that is calm's costs no deviation. An act of hardware costs one, and so does an older version
 * that a load returns. To let somebody else go first puts calm's own choice off: that costs one,
 * and as long as calm's choice stays the same it costs no more.
 */
#ifndef EXPLORE_COST_H
#define EXPLORE_COST_H

#include "engine/engine.h"

struct cost {
	u32 deviations;
	u32 off; /* what is put off: 1 + kind and argument, 0: nothing */
	u64 transitions;
};

/* What hardware does by itself, at any time: nobody's access, and nothing on its way arrives. */
static inline bool cost_is_hardware(const struct action *a)
{
	return a->kind == ACT_DRAIN || a->kind == ACT_WRITE_BACK || a->kind == ACT_DROP ||
	       a->kind == ACT_FILL;
}

/* An act of hardware, or an older version: it counts by itself. Others put calm's choice off. */
static inline bool cost_is_act(const struct action *did)
{
	return cost_is_hardware(did) || did->age;
}

/* How an action is named as what is put off. */
static inline u32 cost_name(const struct action *a)
{
	return 1 + ((u32)a->kind << 8 | a->arg);
}

/* Adds one transition: what was done, and what calm would have done there. */
static inline void cost_add(struct cost *c, const struct action *did, const struct action *calm)
{
	u32 of_did = cost_name(did), of_calm = cost_name(calm);

	c->transitions++;
	if (!did->index) {
		c->off = c->off == of_did ? 0 : c->off;
	} else if (cost_is_act(did)) {
		c->deviations++;
	} else if (c->off != of_calm) {
		c->deviations++;
		c->off = of_calm;
	}
}

/* Fewer deviations, then fewer transitions. */
static inline bool cost_less(const struct cost *a, const struct cost *b)
{
	return a->deviations != b->deviations ? a->deviations < b->deviations
					      : a->transitions < b->transitions;
}

#endif
