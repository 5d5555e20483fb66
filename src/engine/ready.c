/* SPDX-License-Identifier: MIT */
/* Who could act now, what waits for what, and what that makes go. */
#include "engine/ready.h"

/* Could go on by itself: a thread that waits for what another CPU does cannot. */
bool actions_runnable(const struct engine *e, u32 ti)
{
	const struct thread *t = engine_thread(e, ti);
	u32 doer;

	return (t->status == THREAD_RUN || (t->status == THREAD_POLL && t->dirty)) &&
	       !work_waits(e, ti, &doer);
}

bool ready_core(const struct engine *e, u32 cpu)
{
	return actions_runnable(e, ready_thread(e, cpu)) || work_waiting(e, cpu);
}

bool ready_device(const struct engine *e, u32 dev)
{
	return e->cfg->program[dev] ? actions_runnable(e, dev + 1) : models_ready(e, dev);
}

bool ready_irq(const struct engine *e, u32 dev)
{
	const struct thread *t = engine_thread(e, 0);

	/* Between two accesses, so not inside an act by hand; never after the end. */
	return irq_can_enter(&e->hw, dev) && !t->as && t->status != THREAD_DONE &&
	       t->status != THREAD_BUG;
}

/* Something that fairness promises will happen, that thread's own steps apart. */
bool actions_pending(const struct engine *e, u32 but)
{
	for (u32 c = 0; c < e->w->cpus; c++)
		if (hw_core(&e->hw, c)->entries ||
		    (ready_thread(e, c) != but && (c ? ready_core(e, c) : actions_runnable(e, 0))))
			return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (hw_dev(&e->hw, d)->posted_n || hw_dev(&e->hw, d)->inflight_n ||
		    ready_device(e, d) || ready_irq(e, d) || lx_flush_waits(&e->lx, d))
			return true;
	return false;
}

bool ready_flush(const struct engine *e, u32 dev, const struct asked *by)
{
	return lx_flush_waits(&e->lx, dev) && ready_goes(e, HELD_IOTLB, dev, by);
}

enum need actions_need(struct engine *e, u32 ti, u64 *what)
{
	enum need n = visible_need(e, ti, what);

	return n == NEED_QUIET && !actions_pending(e, ti) ? NEED_NOTHING : n;
}

const struct asked ready_nobody = {0}, ready_everybody = {~0u, ~0u, ~0u};

struct asked ready_asked(enum need need, u32 cpu, u64 what)
{
	if (need == NEED_DRAIN)
		return (struct asked){HELD_STORES, cpu, 0};
	if (need == NEED_ARRIVE)
		return (struct asked){HELD_MMIO | HELD_DMA, 0, (u32)what};
	return ready_nobody;
}

bool ready_goes(const struct engine *e, enum hw_held what, u32 index, const struct asked *by)
{
	u32 of = what == HELD_STORES ? by->cpu : by->dev;

	return !hw_is_held(&e->hw, what, index) ||
	       ((by->what & what) && (of == ~0u || of == index));
}

struct action ready_make_room(const struct engine *e, u64 line)
{
	u64 victim = cache_victim(&e->hw, line);
	struct action a = ready_act(
	    cache_line(&e->hw, LEVEL_L1, victim).dirty ? ACT_WRITE_BACK : ACT_DROP, LEVEL_L1);

	a.line = victim;
	return a;
}

bool ready_drain_blocked(struct engine *e, u32 cpu, u32 i)
{
	bool blocked;

	e->hw.self = cpu;
	blocked = buffer_drain_blocked(&e->hw, i);
	e->hw.self = 0;
	return blocked;
}
