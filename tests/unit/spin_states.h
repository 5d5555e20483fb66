/* SPDX-License-Identifier: MIT */
/* A set of states of one size, in the order in which they were met: a search breadth first. */
#ifndef UNIT_SPIN_STATES_H
#define UNIT_SPIN_STATES_H

#include "base/types.h"

struct spin_states {
	u32 size; /* bytes of a state; none of them padding */
	u32 n, cap;
	u8 *v;	   /* owned */
	u32 *slot; /* owned; 1 + place in v, 0: free */
	u64 slots;
};

/* Adds a state, if it is new. */
void spin_states_add(struct spin_states *s, const void *state);
/* Copies the i-th one. */
void spin_states_get(const struct spin_states *s, u32 i, void *state);
void spin_states_free(struct spin_states *s);

#endif
