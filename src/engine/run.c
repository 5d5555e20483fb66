/* SPDX-License-Identifier: MIT */
/* Running to the end, and going to any event afterwards. */
#include "base/bug.h"
#include "engine/vm_int.h"

static u32 calm_policy(void *ctx, struct engine *e, const struct action_list *l)
{
	(void)ctx;
	(void)e;
	(void)l;
	return 0;
}

enum outcome engine_run(struct engine *e, policy_fn policy, void *ctx)
{
	struct action_list l = {0};
	enum outcome o;

	if (!policy)
		policy = calm_policy;
	engine_start(e);
	if (!e->keys.list.n)
		keyframes_start(&e->keys, e->w);
	for (;;) {
		struct action a;
		u32 pick = 0;

		/* Calm need not know what else could be done. */
		if (policy == calm_policy) {
			if (!engine_calm(e, &a))
				break;
		} else {
			engine_actions(e, &l);
			if (!l.n)
				break;
			pick = policy(ctx, e, &l);
			BUG_ON(pick >= l.n);
			a = l.v[pick];
		}
		if (pick)
			schedule_add_marked(&e->schedule, engine_choices(e) + 1, pick,
					    engine_mark(e, &a));
		engine_apply(e, &a);
		keyframes_tick(&e->keys, e->w);
	}
	vec_free(&l);
	o = engine_outcome(e);
	if (o == OUTCOME_HANG)
		oracle_hang(&e->oracle, e->w, engine_hang_stmt(e));
	return o;
}

u32 engine_events(const struct engine *e)
{
	return e->w->log ? e->w->log->n : 0;
}

u32 engine_position(const struct engine *e)
{
	return world_now(e->w)->event;
}

/* Runs on from a keyframe with the answers of the run, until event n is behind or reached. */
static void rerun(struct engine *e, u32 n)
{
	struct action_list l = {0};
	u32 at = 0;

	while (engine_position(e) < n) {
		u32 v = schedule_at(&e->schedule, engine_choices(e) + 1, &at);
		struct action a;

		if (v) {
			engine_actions(e, &l);
			BUG_ON(v >= l.n);
			a = l.v[v];
		} else {
			BUG_ON(!engine_calm(e, &a));
		}
		engine_apply(e, &a);
	}
	vec_free(&l);
}

void engine_goto(struct engine *e, u32 n)
{
	u32 end = engine_events(e);

	if (n > end)
		n = end;
	while (engine_position(e) > n)
		if (!world_back(e->w))
			break;
	while (engine_position(e) < n)
		if (!world_forward(e->w))
			break;
	if (engine_position(e) == n)
		return;
	/* At the end of what was run since a restore it can go on from there, if that is not too
	 * far. A keyframe lies between transitions, so that of event n itself may be behind what
	 * followed the event: one of an earlier event is asked for. */
	if (engine_position(e) > n || n - engine_position(e) > e->keys.every)
		keyframes_restore(&e->keys, e->w, n ? n - 1 : 0);
	rerun(e, n);
	while (engine_position(e) > n)
		BUG_ON(!world_back(e->w));
	world_back_to_event(e->w);
}
