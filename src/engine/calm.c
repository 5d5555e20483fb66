/* SPDX-License-Identifier: MIT */
/* What calm does next: the one choice that a machine without surprises would make. */
#include "engine/ready.h"

void actions_time_passes(struct engine *e, u32 steps)
{
	for (u32 c = 1; c < e->w->cpus; c++)
		if (ready_core(e, c)) {
			W_SET(e->w, vm_sched(e)->core_due, steps);
			return;
		}
}

/* A posted write arrives: age says in which window of the device. */
static struct action arrive_oldest(const struct engine *e, u32 dev)
{
	struct action a = ready_act(ACT_ARRIVE, dev);

	a.age = (u16)mmio_window(&e->hw, dev, hw_dev(&e->hw, dev)->posted[0].reg);
	return a;
}

static struct action drain_oldest(struct engine *e, u32 cpu)
{
	if (ready_drain_blocked(e, cpu, 0))
		return ready_make_room(e, align_down(hw_core(&e->hw, cpu)->sb[0].pa, e->w->line));
	return ready_act(ACT_DRAIN, cpu * STORE_BUFFER_MAX);
}

/* Before somebody else acts, calm lets the stores of all CPUs (but one) out. */
static bool drain_first(struct engine *e, u32 but, const struct asked *by, struct action *out)
{
	for (u32 c = 0; c < e->w->cpus; c++)
		if (c != but && hw_core(&e->hw, c)->entries && ready_goes(e, HELD_STORES, c, by)) {
			*out = drain_oldest(e, c);
			return true;
		}
	return false;
}

static bool device_acts(struct engine *e, u32 dev, const struct asked *by, struct action *out)
{
	if (!ready_device(e, dev))
		return false;
	if (!drain_first(e, ~0u, by, out))
		*out = ready_act(ACT_DEVICE, dev);
	return true;
}

/* A device's relaxed write reaches memory. */
static bool lands(struct engine *e, u32 dev, const struct asked *by, struct action *out)
{
	if (!hw_dev(&e->hw, dev)->inflight_n || !ready_goes(e, HELD_DMA, dev, by))
		return false;
	*out = ready_act(ACT_LAND, dev);
	return true;
}

/* What is due before the next statement of a CPU; false if nothing is. */
static bool calm_due(struct engine *e, struct action *out)
{
	const struct sched *s = vm_sched(e);

	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->arrive[d] && hw_dev(&e->hw, d)->posted_n &&
		    ready_goes(e, HELD_MMIO, d, &ready_nobody)) {
			*out = arrive_oldest(e, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->land[d] && lands(e, d, &ready_nobody, out))
			return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->irq_due && ready_irq(e, d) && ready_goes(e, HELD_IRQ, d, &ready_nobody)) {
			*out = ready_act(ACT_IRQ, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->beat[d] && !models_late(e, d) && device_acts(e, d, &ready_nobody, out))
			return true;
	return false;
}

/* The first fair thing, when no CPU can go on by itself. */
static bool fair(struct engine *e, bool stores_first, const struct asked *by, struct action *out)
{
	if (stores_first && drain_first(e, ~0u, by, out))
		return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (hw_dev(&e->hw, d)->posted_n && ready_goes(e, HELD_MMIO, d, by)) {
			*out = arrive_oldest(e, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (lands(e, d, by, out))
			return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (ready_irq(e, d) && ready_goes(e, HELD_IRQ, d, by)) {
			*out = ready_act(ACT_IRQ, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (device_acts(e, d, by, out))
			return true;
	if (drain_first(e, ~0u, by, out))
		return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (ready_flush(e, d, by)) {
			*out = ready_act(ACT_FLUSH, d);
			return true;
		}
	return false;
}

static bool calm_fair(struct engine *e, bool stores_first, struct asked by, struct action *out)
{
	return fair(e, stores_first, &by, out) || fair(e, stores_first, &ready_everybody, out);
}

/*
 * The CPU that goes on under calm: the driver's as long as it can, so that another one works while
 * the driver waits, or looks in vain. False: none can.
 */
static bool calm_cpu(struct engine *e, u32 *cpu)
{
	u64 what;
	u32 c = 1;

	*cpu = 0;
	while (c < e->w->cpus && !ready_core(e, c))
		c++;
	if (actions_runnable(e, 0) &&
	    (c == e->w->cpus ||
	     (!vm_sched(e)->core_due && actions_need(e, 0, &what) != NEED_QUIET)))
		return true;
	*cpu = c;
	return c < e->w->cpus;
}

static bool calm_turn(struct engine *e, u32 cpu, struct action *out)
{
	const struct thread *t = engine_thread(e, ready_thread(e, cpu));
	enum need need = NEED_NOTHING;
	u64 what = 0;

	if (!t->in_call && t->cursor == 0 && calm_due(e, out))
		return true;
	if (!cpu || t->status != THREAD_DONE)
		need = actions_need(e, ready_thread(e, cpu), &what);
	if (need == NEED_ROOM) {
		*out = ready_make_room(e, what);
		return true;
	}
	if (need == NEED_DRAIN && e->w->cpus > 1) {
		*out = drain_oldest(e, cpu);
		return true;
	}
	if (need != NEED_NOTHING)
		return calm_fair(e, need == NEED_DRAIN, ready_asked(need, cpu, what), out);
	if (e->w->cpus == 1 || !drain_first(e, cpu, &ready_nobody, out))
		*out = ready_act(cpu ? ACT_CORE : ACT_CPU, cpu);
	return true;
}

bool engine_calm(struct engine *e, struct action *out)
{
	u32 cpu;

	engine_start(e);
	if (world_now(e->w)->limit || vm_sched(e)->died)
		return false;
	return calm_cpu(e, &cpu) ? calm_turn(e, cpu, out) : calm_fair(e, false, ready_nobody, out);
}
