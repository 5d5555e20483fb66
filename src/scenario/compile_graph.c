/* SPDX-License-Identifier: MIT */
/* Who calls whom: no recursion, bounded depth, and enough room on the stack of each thread. */
#include "scenario/compile_int.h"

enum { MARK_OPEN = 1, MARK_DONE = 2 };

/* Depth and values of all that a function calls. Recursion is as deep as the graph without circles:
 * bounded by the depth that is allowed. */
static void walk_calls(struct compiler *c, struct instance *in, u32 depth)
{
	u32 i;

	in->mark = MARK_OPEN;
	in->need = 0;
	in->depth = 1;
	for (i = 0; i < in->callees.n; i++) {
		struct instance *to = c->instances.v[in->callees.v[i]];

		if (to->mark == MARK_OPEN) {
			refuse(c, to->fn->name.at, "write a loop",
			       "'%s' calls itself: recursion is not in the language",
			       to->fn->name.text);
			continue;
		}
		if (depth > CALL_DEPTH_MAX + 1)
			continue;
		if (to->mark != MARK_DONE)
			walk_calls(c, to, depth + 1);
		in->polls |= to->polls;
		in->need = to->need > in->need ? to->need : in->need;
		in->depth = to->depth + 1 > in->depth ? to->depth + 1 : in->depth;
	}
	in->need += in->locals + FRAME_VALUES + in->max_stack;
	in->mark = MARK_DONE;
}

static void check_polls(struct compiler *c)
{
	u32 i;

	for (i = 0; i < c->polled.n; i++) {
		const struct instance *in = c->instances.v[c->polled.v[i].instance];

		if (in->polls)
			refuse(c, c->polled.v[i].at, "write two statements",
			       "'%s' polls: a poll() inside a poll()", in->fn->name.text);
	}
}

void compile_check_calls(struct compiler *c)
{
	u32 i, deepest = 0, handler = 0, driver;
	const struct instance *worst = NULL;

	for (i = 0; i < c->instances.n; i++)
		if (!c->instances.v[i]->mark)
			walk_calls(c, c->instances.v[i], 1);
	check_polls(c);
	for (i = 0; i < c->instances.n; i++) {
		const struct instance *in = c->instances.v[i];

		if (in->depth > CALL_DEPTH_MAX) {
			refuse(c, in->fn->name.at, NULL, "calls nested more than %d deep",
			       CALL_DEPTH_MAX);
			return;
		}
		if (in->is_handler && in->need > handler)
			handler = in->need;
		if (in->need > deepest) {
			deepest = in->need;
			worst = in;
		}
	}
	driver = c->driver_stack + deepest + (handler ? handler + IRQ_FRAME_VALUES : 0);
	if (driver <= STACK_VALUES)
		return;
	refuse(c, worst ? worst->fn->name.at : (struct pos){0},
	       "declare arrays in driver:, and write shorter statements",
	       "the driver's thread may need %u values on its stack; it has %d", driver,
	       STACK_VALUES);
}
