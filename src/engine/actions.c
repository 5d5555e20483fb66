/* SPDX-License-Identifier: MIT */
/* What may act at a choice point: calm's own choice first, then all else. */
#include "engine/ready.h"

static bool same(const struct action *a, const struct action *b)
{
	return a->kind == b->kind && a->arg == b->arg && a->age == b->age && a->line == b->line;
}

/* Whether it is an entry already: calm's own, or the line that a CPU wants to go. */
static bool offered(const struct action_list *l, const struct action *a)
{
	u32 n = l->room && (a->kind == ACT_WRITE_BACK || a->kind == ACT_DROP) ? l->n : 1;

	for (u32 i = 0; i < n && i < l->n; i++)
		if (same(&l->v[i], a))
			return true;
	return false;
}

/* Adds an entry, or, where it does not matter, only leaves its number out. */
static void offer(struct action_list *l, struct action a, bool matters)
{
	if (l->n && same(&l->v[0], &a))
		l->v[0].minor = a.minor;
	if (offered(l, &a))
		return;
	a.index = l->indexes++;
	if (matters)
		vec_push(l, a);
}

/* The oldest of each window may be the next. */
static void offer_arrivals(struct engine *e, u32 dev, struct action_list *out)
{
	for (u32 i = 0; i < mmio_windows(&e->hw, dev); i++) {
		struct action a = ready_act(ACT_ARRIVE, dev);

		a.age = (u16)i;
		if (mmio_posted_at(&e->hw, dev, i) < hw_dev(&e->hw, dev)->posted_n)
			offer(out, a, true);
	}
}

/* The oldest may be the next, and what may overtake. */
static void offer_landings(struct engine *e, u32 dev, struct action_list *out)
{
	for (u32 i = 0; i < hw_dev(&e->hw, dev)->inflight_n; i++) {
		struct action a = ready_act(ACT_LAND, dev);

		a.age = (u16)i;
		if (dma_may_land(&e->hw, dev, i))
			offer(out, a, true);
	}
}

static bool overlaps(u64 line, u64 size, u64 at, u64 len)
{
	return len && line < at + len && at < line + size;
}

bool engine_reachable(const struct engine *e, u64 pa, u64 len)
{
	const struct oracle *o = &e->oracle;
	bool some = e->cfg->hw.iommu.kind != IOMMU_NONE;

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);
		u64 more = some && iommu_translates(&e->hw, m->dev) ? e->cfg->hw.iommu.granule : 1;
		u64 at = m->slot ? m->slot : m->pa, from = align_down(at, more);

		/* An IOMMU opens whole pages. */
		if (overlaps(pa, len, m->pa, m->len) ||
		    overlaps(pa, len, from, align_up(at + m->len, more) - from))
			return true;
	}
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if ((a->kind == KIND_PLACED || a->kind == KIND_COHERENT) &&
		    overlaps(pa, len, a->pa, a->len))
			return true;
	}
	return false;
}

/* Whether a map that is being made sees to the line just now. */
static bool being_mapped(const struct engine *e, u64 line)
{
	for (u32 c = 0; c < e->w->cpus; c++)
		if (e->call[c].line && overlaps(line, e->w->line, e->call[c].pa, e->call[c].len))
			return true;
	return false;
}

/* Whether a line was ever given out: before, while the kernel clears it, nobody has its address. */
static bool given_out(const struct engine *e, u64 line)
{
	for (u32 i = oracle_allocs(&e->oracle); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(&e->oracle, i);

		if (overlaps(line, e->w->line, a->pa, a->len))
			return true;
	}
	return false;
}

static bool line_matters(const struct engine *e, u64 line)
{
	enum engine_interest how;

	if (!e->line_matters)
		return true;
	how = e->line_matters(e->line_ctx, line);
	if (how == INTEREST_NEVER || !e->oracle.state)
		return how != INTEREST_NEVER;
	return (how != INTEREST_REACHED && being_mapped(e, line)) ||
	       (how == INTEREST_ALWAYS ? given_out(e, line)
				       : engine_reachable(e, line, e->w->line));
}

static void offer_lines(struct engine *e, struct action_list *out)
{
	static const enum action_kind kinds[2] = {ACT_DROP, ACT_WRITE_BACK};
	u64 line;

	for (u32 l = 0; l < 2; l++) {
		struct cache_place at = {0, 0};

		if (!(l ? e->cfg->hw.outer.sets : e->cfg->hw.l1.sets))
			continue;
		while (cache_next(&e->hw, (enum cache_level)l, &at, &line)) {
			struct line_info f = cache_line(&e->hw, (enum cache_level)l, line);
			struct action a = ready_act(kinds[f.dirty], l);

			a.line = line;
			a.minor = !line_matters(e, line);
			/* Who wants room in a full set asks which of its lines goes. */
			offer(out, a,
			      !a.minor || cache_set_full(&e->hw, (enum cache_level)l, line));
		}
	}
}

/* A speculating core may fetch any line of cacheable memory that belongs to somebody. */
static void offer_fills(struct engine *e, struct action_list *out)
{
	u64 pa, len;

	if (!e->cfg->hw.speculates || !e->cfg->hw.l1.sets)
		return;
	for (u32 i = 0; lx_open_memory(&e->lx, i, &pa, &len); i++)
		for (u64 line = align_down(pa, e->w->line); line < pa + len; line += e->w->line) {
			struct action a = ready_act(ACT_FILL, 0);

			a.line = line;
			if (!cache_may_fetch(&e->hw, line))
				continue;
			offer(out, a, line_matters(e, line));
		}
}

/* Where every device looks into the caches, no eviction and no fill can be observed. */
static bool lines_observable(const struct engine *e)
{
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (!e->cfg->hw.dev[d].coherent)
			return true;
	return false;
}

/* The next access of a CPU, with the older versions that it may return; what it needs before. */
static struct asked offer_cpu(struct engine *e, u32 cpu, struct action_list *out)
{
	u32 ti = ready_thread(e, cpu);
	enum need need;
	u64 what = 0;

	if (cpu && work_waiting(e, cpu))
		offer(out, ready_act(ACT_CORE, cpu), true);
	if (!actions_runnable(e, ti))
		return ready_nobody;
	need = actions_need(e, ti, &what);
	if (need == NEED_ROOM) {
		offer(out, ready_make_room(e, what), true);
		out->room = true;
	}
	for (u32 age = 0; need == NEED_NOTHING && age <= visible_ages(e, ti); age++) {
		struct action a = ready_act(cpu ? ACT_CORE : ACT_CPU, cpu);

		a.age = (u16)age;
		offer(out, a, true);
	}
	return ready_asked(need, cpu, what);
}

/* Whether another CPU than that one is in the middle of something, or has it before it. */
static bool others_busy(const struct engine *e, u32 cpu)
{
	for (u32 c = 0; c < e->w->cpus; c++)
		if (c != cpu && (engine_thread(e, ready_thread(e, c))->status != THREAD_DONE ||
				 (c && work_waiting(e, c))))
			return true;
	return false;
}

/* With other CPUs at work, a store counts when it comes to a line that one of them loads from. */
static bool drain_matters(const struct engine *e, u32 cpu, u64 line)
{
	if (others_busy(e, cpu) && (!e->hw.remembers || e->hw.remembers(e->hw.remembers_ctx, line)))
		return true;
	return line_matters(e, line);
}

static void offer_drains(struct engine *e, u32 cpu, const struct asked *by, struct action_list *out)
{
	u32 ready;

	if (!ready_goes(e, HELD_STORES, cpu, by))
		return;
	e->hw.self = cpu;
	ready = buffer_ready(&e->hw);
	e->hw.self = 0;
	for (u32 i = 0; ready >> i; i++) {
		struct action a = ready_act(ACT_DRAIN, cpu * STORE_BUFFER_MAX + i);
		u64 line = align_down(hw_core(&e->hw, cpu)->sb[i].pa, e->w->line);

		if (!(ready >> i & 1))
			continue;
		a.minor = !drain_matters(e, cpu, line);
		/* A CPU that waits for its buffer asks for any. */
		if (!ready_drain_blocked(e, cpu, i))
			offer(out, a, !a.minor || e->all_drains || by->what & HELD_STORES);
		else if (!lines_observable(e)) /* else all evictions are asked for */
			offer(out, ready_make_room(e, line), !a.minor);
	}
}

void engine_actions(struct engine *e, struct action_list *out)
{
	struct asked by[CPUS_MAX] = {{0}};
	struct action calm;

	out->n = out->indexes = 0;
	out->room = false;
	for (u32 c = 0; c < e->w->cpus && e->line_matters; c++)
		engine_call_place(e, c, &e->call[c]);
	if (!engine_calm(e, &calm))
		return;
	offer(out, calm, true);
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (ready_irq(e, d) && ready_goes(e, HELD_IRQ, d, &ready_nobody))
			offer(out, ready_act(ACT_IRQ, d), true);
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (ready_device(e, d))
			offer(out, ready_act(ACT_DEVICE, d), true);
	for (u32 c = 0; c < e->w->cpus; c++)
		by[c] = offer_cpu(e, c, out);
	for (u32 c = 0; c < e->w->cpus; c++)
		offer_drains(e, c, &by[c], out);
	if (lines_observable(e)) {
		offer_lines(e, out);
		offer_fills(e, out);
	}
	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		bool arrives = false, lands = false;

		for (u32 c = 0; c < e->w->cpus; c++) {
			arrives |= ready_goes(e, HELD_MMIO, d, &by[c]);
			lands |= ready_goes(e, HELD_DMA, d, &by[c]);
		}
		if (arrives)
			offer_arrivals(e, d, out);
		if (lands)
			offer_landings(e, d, out);
	}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (ready_flush(e, d, &ready_nobody))
			offer(out, ready_act(ACT_FLUSH, d), true);
}
