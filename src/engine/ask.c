/* SPDX-License-Identifier: MIT */
/* What a search asks of a state besides what may act in it: who waits, and for what. */
#include "engine/calls.h"
#include "engine/vm_int.h"

#include "base/bug.h"

enum engine_wait engine_waits(struct engine *e, u32 cpu, u64 *line)
{
	u32 ti = party_of_cpu(cpu, e->cfg->hw.devs);

	if (!actions_runnable(e, ti))
		return WAIT_NOTHING;
	switch (actions_need(e, ti, line)) {
	case NEED_NOTHING:
		return WAIT_NOTHING;
	case NEED_DRAIN:
		return hw_core(&e->hw, cpu)->entries < e->cfg->hw.store_entries ? WAIT_DRAIN
										: WAIT_PLACE;
	case NEED_ROOM:
		return WAIT_ROOM;
	case NEED_ARRIVE:
		return WAIT_ARRIVE;
	case NEED_QUIET:
		return WAIT_QUIET;
	}
	BUG_ON(true);
}

bool engine_call_place(struct engine *e, u32 cpu, struct engine_place *out)
{
	const struct thread *t = engine_thread(e, party_of_cpu(cpu, e->cfg->hw.devs));
	struct lx_next n;

	*out = (struct engine_place){0};
	if (!t->in_call)
		return false;
	engine_look_as(e, cpu);
	n = lx_next(&e->lx, (enum lx_level)calls_level(e));
	engine_look_as(e, 0);
	*out = (struct engine_place){n.pa, n.len, n.kind == UOP_COPY ? n.from : n.pa,
				     n.kind == UOP_LINE, n.keeps};
	return n.len != 0;
}

bool engine_sleeps(const struct engine *e, u32 thread)
{
	const struct thread *t = engine_thread(e, thread);

	return t->status == THREAD_POLL && !t->dirty;
}

void engine_rouse(struct engine *e, u32 thread, struct action *out)
{
	const struct thread *t = engine_thread(e, thread);
	u32 devs = e->cfg->hw.devs;

	BUG_ON(!engine_sleeps(e, thread));
	W_SET(e->w, t->dirty, (u8)1);
	vm_load(e, thread);
	vm_settle(e, thread);
	vm_store(e, thread);
	*out = (struct action){.kind = ACT_CPU};
	if (thread > devs)
		*out = (struct action){.kind = ACT_CORE, .arg = (u8)(thread - devs)};
	else if (thread)
		*out = (struct action){.kind = ACT_DEVICE, .arg = (u8)(thread - 1)};
}

u64 engine_calm_hash(const struct engine *e)
{
	const struct sched *s = vm_sched(e);
	u32 devs = e->cfg->hw.devs;
	u8 what[4 * DEVICES_MAX + 8] = {0};

	/* What calm remembers: what is due before the next statement. */
	what[0] = (u8)s->irq_due;
	memcpy(what + 4, &s->core_due, sizeof s->core_due);
	memcpy(what + 8, s->arrive, devs);
	memcpy(what + 8 + DEVICES_MAX, s->land, devs);
	memcpy(what + 8 + 2 * DEVICES_MAX, s->beat, devs);
	return world_hash_bytes(what, sizeof what, 31);
}
