/* SPDX-License-Identifier: MIT */
/*
 * A run of the scenarios of tests/spin/ in the steps of their models: what Spin would write into
 * its trail. The steps are done on the model as they are found, so what comes out is a run of the
 * model, or an error.
 *
 * One to one: stores (`|=` is a load and a store here, one step there), device accesses, interrupts
 * raised, barriers, drains, fetches. Two of ours are one of the model's: a register write and its
 * arrival; a write-back and the drop behind it. The model has steps that are nothing here: waits
 * that end, and cache operations on a line that is not there; they are put where they fit.
 */
#ifndef UNIT_SPIN_STEPS_H
#define UNIT_SPIN_STEPS_H

#include "base/str.h"
#include "core/event.h"
#include "unit/spin_model.h"

/*
 * How many steps of the model the run takes until the check `kind` fails. 0: it does not, or a step
 * is not one of the model: why is appended.
 */
u32 spin_steps(const struct spin_model *m, const struct event_log *l, u32 kind, struct str *why);

#endif
