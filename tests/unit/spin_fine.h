/* SPDX-License-Identifier: MIT */
/*
 * The models of tests/spin/ once more, in the steps that dmalab takes: as fine as its engine, and
 * nothing of it. Without reduction the explorer must find exactly as many states and transitions,
 * which holds its list of choices, its undo and its visited set against something that has none of
 * them.
 *
 * What is finer than in the models, or besides them:
 *     - `|=` is a load, which allocates the line, and a store; what was loaded is state
 *     - a dirty line is written back, then dropped; it may be used again in between
 *     - a register write is on its way until it arrives; an interrupt is raised, then taken
 *     - a cache operation begins, does its line, ends in a barrier
 *     - the device's `d`, `p`, ... and the driver's `c` keep what was read
 *     - a device that has decided on a write when a register write comes, and has not done it
 *     - memory that was never touched and memory that holds zeros are two states
 *     - what begins and ends a run: place(), request_irq(), free_irq(), the end
 * What the models have besides: the waits are steps of their own.
 */
#ifndef UNIT_SPIN_FINE_H
#define UNIT_SPIN_FINE_H

#include "unit/spin_model.h"

struct fine_counts {
	u64 states, transitions;
};
/* n at most 3. */
struct fine_counts fine_search(const struct spin_model *m);

#endif
