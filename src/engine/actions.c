/* SPDX-License-Identifier: MIT */
/* What may act at a choice point, what calm does, and doing it. */
#include "base/bug.h"
#include "engine/vm_int.h"

/* Could go on by itself: a thread that waits for what another CPU does cannot. */
bool actions_runnable(const struct engine *e, u32 ti)
{
	const struct thread *t = engine_thread(e, ti);
	u32 doer;

	return (t->status == THREAD_RUN || (t->status == THREAD_POLL && t->dirty)) &&
	       !work_waits(e, ti, &doer);
}

static u32 thread_of(const struct engine *e, u32 cpu)
{
	return party_of_cpu(cpu, e->cfg->hw.devs);
}

static bool core_ready(const struct engine *e, u32 cpu)
{
	return actions_runnable(e, thread_of(e, cpu)) || work_waiting(e, cpu);
}

static bool device_ready(const struct engine *e, u32 dev)
{
	return e->cfg->program[dev] ? actions_runnable(e, dev + 1) : models_ready(e, dev);
}

static bool irq_ready(const struct engine *e, u32 dev)
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
		    (thread_of(e, c) != but && (c ? core_ready(e, c) : actions_runnable(e, 0))))
			return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (hw_dev(&e->hw, d)->posted_n || hw_dev(&e->hw, d)->inflight_n ||
		    device_ready(e, d) || irq_ready(e, d))
			return true;
	return false;
}

void actions_time_passes(struct engine *e, u32 steps)
{
	for (u32 c = 1; c < e->w->cpus; c++)
		if (core_ready(e, c)) {
			W_SET(e->w, vm_sched(e)->core_due, steps);
			return;
		}
}

enum need actions_need(struct engine *e, u32 ti, u64 *what)
{
	enum need n = visible_need(e, ti, what);

	return n == NEED_QUIET && !actions_pending(e, ti) ? NEED_NOTHING : n;
}

static struct action act(enum action_kind kind, u32 arg)
{
	return (struct action){.kind = (u8)kind, .arg = (u8)arg};
}

/*
 * What is held goes all the same when somebody must wait for it: a barrier, a full buffer, a
 * register read. Those are its kinds (enum hw_held), of that CPU or device. And when nothing else
 * can happen any more, since hardware is fair in the end.
 */
struct asked {
	u32 what, cpu, dev;
};

static const struct asked nobody, everybody = {~0u, ~0u, ~0u};

static struct asked asked_by(enum need need, u32 cpu, u64 what)
{
	if (need == NEED_DRAIN)
		return (struct asked){HELD_STORES, cpu, 0};
	if (need == NEED_ARRIVE)
		return (struct asked){HELD_MMIO | HELD_DMA, 0, (u32)what};
	return nobody;
}

/* index: the CPU of STORES, else the device. */
static bool goes(const struct engine *e, enum hw_held what, u32 index, const struct asked *by)
{
	u32 of = what == HELD_STORES ? by->cpu : by->dev;

	return !hw_is_held(&e->hw, what, index) ||
	       ((by->what & what) && (of == ~0u || of == index));
}

/* The step that makes room in the set of a line: its victim is written back, then dropped. */
static struct action make_room(const struct engine *e, u64 line)
{
	u64 victim = cache_victim(&e->hw, line);
	struct action a =
	    act(cache_line(&e->hw, LEVEL_L1, victim).dirty ? ACT_WRITE_BACK : ACT_DROP, LEVEL_L1);

	a.line = victim;
	return a;
}

static bool drain_blocked(struct engine *e, u32 cpu, u32 i)
{
	bool blocked;

	e->hw.self = cpu;
	blocked = buffer_drain_blocked(&e->hw, i);
	e->hw.self = 0;
	return blocked;
}

/* A posted write arrives: age says in which window of the device. */
static struct action arrive_oldest(const struct engine *e, u32 dev)
{
	struct action a = act(ACT_ARRIVE, dev);

	a.age = (u16)mmio_window(&e->hw, dev, hw_dev(&e->hw, dev)->posted[0].reg);
	return a;
}

static struct action drain_oldest(struct engine *e, u32 cpu)
{
	if (drain_blocked(e, cpu, 0))
		return make_room(e, align_down(hw_core(&e->hw, cpu)->sb[0].pa, e->w->line));
	return act(ACT_DRAIN, cpu * STORE_BUFFER_MAX);
}

/* Before somebody else acts, calm lets the stores of all CPUs (but one) out. */
static bool drain_first(struct engine *e, u32 but, const struct asked *by, struct action *out)
{
	for (u32 c = 0; c < e->w->cpus; c++)
		if (c != but && hw_core(&e->hw, c)->entries && goes(e, HELD_STORES, c, by)) {
			*out = drain_oldest(e, c);
			return true;
		}
	return false;
}

static bool device_acts(struct engine *e, u32 dev, const struct asked *by, struct action *out)
{
	if (!device_ready(e, dev))
		return false;
	if (!drain_first(e, ~0u, by, out))
		*out = act(ACT_DEVICE, dev);
	return true;
}

/* A device's relaxed write reaches memory. */
static bool lands(struct engine *e, u32 dev, const struct asked *by, struct action *out)
{
	if (!hw_dev(&e->hw, dev)->inflight_n || !goes(e, HELD_DMA, dev, by))
		return false;
	*out = act(ACT_LAND, dev);
	return true;
}

/* What is due before the next statement of a CPU; false if nothing is. */
static bool calm_due(struct engine *e, struct action *out)
{
	const struct sched *s = vm_sched(e);

	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->arrive[d] && hw_dev(&e->hw, d)->posted_n && goes(e, HELD_MMIO, d, &nobody)) {
			*out = arrive_oldest(e, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->land[d] && lands(e, d, &nobody, out))
			return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->irq_due && irq_ready(e, d) && goes(e, HELD_IRQ, d, &nobody)) {
			*out = act(ACT_IRQ, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->beat[d] && !models_late(e, d) && device_acts(e, d, &nobody, out))
			return true;
	return false;
}

/* The first fair thing, when no CPU can go on by itself. */
static bool fair(struct engine *e, bool stores_first, const struct asked *by, struct action *out)
{
	if (stores_first && drain_first(e, ~0u, by, out))
		return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (hw_dev(&e->hw, d)->posted_n && goes(e, HELD_MMIO, d, by)) {
			*out = arrive_oldest(e, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (lands(e, d, by, out))
			return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (irq_ready(e, d) && goes(e, HELD_IRQ, d, by)) {
			*out = act(ACT_IRQ, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (device_acts(e, d, by, out))
			return true;
	return drain_first(e, ~0u, by, out);
}

static bool calm_fair(struct engine *e, bool stores_first, struct asked by, struct action *out)
{
	return fair(e, stores_first, &by, out) || fair(e, stores_first, &everybody, out);
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
	while (c < e->w->cpus && !core_ready(e, c))
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
	const struct thread *t = engine_thread(e, thread_of(e, cpu));
	enum need need = NEED_NOTHING;
	u64 what = 0;

	if (!t->in_call && t->cursor == 0 && calm_due(e, out))
		return true;
	if (!cpu || t->status != THREAD_DONE)
		need = actions_need(e, thread_of(e, cpu), &what);
	if (need == NEED_ROOM) {
		*out = make_room(e, what);
		return true;
	}
	if (need == NEED_DRAIN && e->w->cpus > 1) {
		*out = drain_oldest(e, cpu);
		return true;
	}
	if (need != NEED_NOTHING)
		return calm_fair(e, need == NEED_DRAIN, asked_by(need, cpu, what), out);
	if (e->w->cpus == 1 || !drain_first(e, cpu, &nobody, out))
		*out = act(cpu ? ACT_CORE : ACT_CPU, cpu);
	return true;
}

bool engine_calm(struct engine *e, struct action *out)
{
	u32 cpu;

	engine_start(e);
	if (world_now(e->w)->limit || vm_sched(e)->died)
		return false;
	return calm_cpu(e, &cpu) ? calm_turn(e, cpu, out) : calm_fair(e, false, nobody, out);
}

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
		struct action a = act(ACT_ARRIVE, dev);

		a.age = (u16)i;
		if (mmio_posted_at(&e->hw, dev, i) < hw_dev(&e->hw, dev)->posted_n)
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

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (overlaps(pa, len, m->pa, m->len) ||
		    (m->slot && overlaps(pa, len, m->slot, m->len)))
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
	u64 lines[256];

	for (u32 l = 0; l < 2; l++) {
		u32 n;

		if (!(l ? e->cfg->hw.outer.sets : e->cfg->hw.l1.sets))
			continue;
		n = cache_lines(&e->hw, (enum cache_level)l, lines, ARRAY_LEN(lines));
		for (u32 i = 0; i < n && i < ARRAY_LEN(lines); i++) {
			struct line_info f = cache_line(&e->hw, (enum cache_level)l, lines[i]);
			struct action a = act(kinds[f.dirty], l);

			a.line = lines[i];
			a.minor = !line_matters(e, a.line);
			/* Who wants room in a full set asks which of its lines goes. */
			offer(out, a,
			      !a.minor || cache_set_full(&e->hw, (enum cache_level)l, a.line));
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
			struct action a = act(ACT_FILL, 0);

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
	u32 ti = thread_of(e, cpu);
	enum need need;
	u64 what = 0;

	if (cpu && work_waiting(e, cpu))
		offer(out, act(ACT_CORE, cpu), true);
	if (!actions_runnable(e, ti))
		return nobody;
	need = actions_need(e, ti, &what);
	if (need == NEED_ROOM) {
		offer(out, make_room(e, what), true);
		out->room = true;
	}
	for (u32 age = 0; need == NEED_NOTHING && age <= visible_ages(e, ti); age++) {
		struct action a = act(cpu ? ACT_CORE : ACT_CPU, cpu);

		a.age = (u16)age;
		offer(out, a, true);
	}
	return asked_by(need, cpu, what);
}

/* Whether another CPU than that one is in the middle of something, or has it before it. */
static bool others_busy(const struct engine *e, u32 cpu)
{
	for (u32 c = 0; c < e->w->cpus; c++)
		if (c != cpu && (engine_thread(e, thread_of(e, c))->status != THREAD_DONE ||
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

	if (!goes(e, HELD_STORES, cpu, by))
		return;
	e->hw.self = cpu;
	ready = buffer_ready(&e->hw);
	e->hw.self = 0;
	for (u32 i = 0; ready >> i; i++) {
		struct action a = act(ACT_DRAIN, cpu * STORE_BUFFER_MAX + i);
		u64 line = align_down(hw_core(&e->hw, cpu)->sb[i].pa, e->w->line);

		if (!(ready >> i & 1))
			continue;
		a.minor = !drain_matters(e, cpu, line);
		/* A CPU that waits for its buffer asks for any. */
		if (!drain_blocked(e, cpu, i))
			offer(out, a, !a.minor || e->all_drains || by->what & HELD_STORES);
		else if (!lines_observable(e)) /* else all evictions are asked for */
			offer(out, make_room(e, line), !a.minor);
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
		if (irq_ready(e, d) && goes(e, HELD_IRQ, d, &nobody))
			offer(out, act(ACT_IRQ, d), true);
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (device_ready(e, d))
			offer(out, act(ACT_DEVICE, d), true);
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
			arrives |= goes(e, HELD_MMIO, d, &by[c]);
			lands |= goes(e, HELD_DMA, d, &by[c]);
		}
		if (arrives)
			offer_arrivals(e, d, out);
		if (hw_dev(&e->hw, d)->inflight_n && lands)
			offer(out, act(ACT_LAND, d), true);
	}
}

/* ---- doing it ---- */

enum changed { CHANGED_NOTHING, CHANGED_MEMORY, CHANGED_ANYTHING };

/* Whoever waits or looks looks again when something it may see has changed. */
static void wake(struct engine *e, u32 self, enum changed changed)
{
	if (changed)
		models_changed(e);
	for (u32 i = 0; i < engine_threads(e); i++) {
		const struct thread *t = engine_thread(e, i);

		if (changed && i != self && (t->in_poll || t->status == THREAD_POLL) && !t->dirty)
			W_SET(e->w, t->dirty, (u8)1);
		if (t->status != THREAD_WAIT && !(t->status == THREAD_POLL && t->dirty))
			continue;
		if (t->status == THREAD_WAIT && changed == CHANGED_MEMORY && !wait_looks(e, t))
			continue;
		vm_load(e, i);
		vm_settle(e, i);
		vm_store(e, i);
	}
}

static bool only_looks(const struct engine *e, u32 ti)
{
	const struct insn *i = vm_insn(e, engine_thread(e, ti));

	return !engine_thread(e, ti)->in_call &&
	       (i->op == OP_LOAD || i->op == OP_READ || i->op == OP_DMA_LOAD ||
		i->op == OP_DMA_READ || i->op == OP_MMIO_READ);
}

static void run_thread(struct engine *e, u32 ti, u32 age)
{
	bool look = only_looks(e, ti);
	const struct sched *s = vm_sched(e);

	W_SET(e->w, s->accesses, s->accesses + 1);
	if (s->accesses > e->opt.max_accesses)
		world_limit(e->w, LIMIT_ACCESSES);
	vm_load(e, ti);
	visible_step(e, ti, age);
	vm_store(e, ti);
	wake(e, ti, look ? CHANGED_NOTHING : CHANGED_ANYTHING);
}

/* What hardware does by itself belongs to what that thread did last. */
static void stamp(struct engine *e, u32 ti)
{
	const struct now *now = world_now(e->w);

	W_SET(e->w, now->stmt, engine_thread(e, ti)->last);
	W_SET(e->w, now->step, vm_sched(e)->steps);
}

static void take_irq(struct engine *e, u32 dev)
{
	stamp(e, 0);
	irq_enter(&e->hw, dev);
	vm_load(e, 0);
	vm_irq_enter(e, hw_dev(&e->hw, dev)->irq_handler - 1);
	vm_settle(e, 0);
	vm_store(e, 0);
	wake(e, THREADS_MAX, CHANGED_ANYTHING);
}

/*
 * A device that has decided on a write does it, whatever the register write that just came says;
 * but it answers no read before that.
 */
static void owe(struct engine *e, u32 dev)
{
	const struct thread *t = engine_thread(e, dev + 1);
	u8 op = t->status == THREAD_RUN ? vm_insn(e, t)->op : (u8)OP_END;

	if (op == OP_DMA_WRITE || op == OP_DMA_STORE)
		W_SET(e->w, t->owes, 1u);
	oracle_owing(&e->oracle, dev, t->owes);
}

static void device_step(struct engine *e, u32 dev)
{
	const struct sched *s = vm_sched(e);

	W_SET(e->w, s->beat[dev], (u8)0);
	if (e->cfg->program[dev]) {
		run_thread(e, dev + 1, 0);
		if (!engine_thread(e, dev + 1)->cursor) {
			W_SET(e->w, engine_thread(e, dev + 1)->owes, 0u);
			oracle_owing(&e->oracle, dev, false);
		}
		return;
	}
	stamp(e, 0);
	models_step(e, dev);
	wake(e, THREADS_MAX, CHANGED_ANYTHING);
}

void engine_arrive(struct engine *e, u32 dev, u32 window)
{
	const struct sched *s = vm_sched(e);
	struct posted p = mmio_arrive_at(&e->hw, dev, window);

	if (s->arrive[dev])
		W_SET(e->w, s->arrive[dev], (u8)(s->arrive[dev] - 1));
	models_written(e, dev, &p);
	owe(e, dev);
}

void engine_land(struct engine *e, u32 dev)
{
	const struct sched *s = vm_sched(e);

	dma_land(&e->hw, dev);
	if (s->land[dev])
		W_SET(e->w, s->land[dev], (u8)(s->land[dev] - 1));
}

static void core_step(struct engine *e, u32 cpu, u32 age)
{
	u32 ti = thread_of(e, cpu);

	if (vm_sched(e)->core_due)
		W_SET(e->w, vm_sched(e)->core_due, vm_sched(e)->core_due - 1);
	if (!work_waiting(e, cpu)) {
		run_thread(e, ti, age);
		return;
	}
	vm_load(e, ti);
	work_begin(e, cpu);
	vm_settle(e, ti);
	vm_store(e, ti);
	wake(e, ti, CHANGED_ANYTHING);
}

static void drain(struct engine *e, u32 cpu, u32 entry)
{
	stamp(e, thread_of(e, cpu));
	e->hw.self = cpu;
	BUG_ON(buffer_drain(&e->hw, entry) == ACCESS_BLOCKED);
	e->hw.self = 0;
	wake(e, THREADS_MAX, CHANGED_MEMORY);
}

void engine_apply(struct engine *e, const struct action *a)
{
	const struct sched *s = vm_sched(e);
	u32 cell;

	W_SET(e->w, s->choices, s->choices + 1);
	if (a->kind == ACT_CPU) {
		run_thread(e, 0, a->age);
	} else if (a->kind == ACT_IRQ) {
		take_irq(e, a->arg);
	} else if (a->kind == ACT_DEVICE) {
		device_step(e, a->arg);
	} else if (a->kind == ACT_CORE) {
		core_step(e, a->arg, a->age);
	} else if (a->kind == ACT_DRAIN) {
		drain(e, a->arg / STORE_BUFFER_MAX, a->arg % STORE_BUFFER_MAX);
	} else {
		stamp(e, 0);
		switch ((enum action_kind)a->kind) {
		case ACT_WRITE_BACK:
			cache_write_back(&e->hw, (enum cache_level)a->arg, a->line);
			break;
		case ACT_DROP:
			cache_drop(&e->hw, (enum cache_level)a->arg, a->line);
			break;
		case ACT_FILL:
			BUG_ON(cache_fill(&e->hw, a->line, true, &cell) == ACCESS_BLOCKED);
			break;
		case ACT_ARRIVE:
			engine_arrive(e, a->arg, a->age);
			break;
		case ACT_LAND:
			engine_land(e, a->arg);
			break;
		default:
			BUG_ON(true);
		}
		wake(e, THREADS_MAX, a->kind == ACT_ARRIVE ? CHANGED_ANYTHING : CHANGED_MEMORY);
	}
	vm_renumber(e);
	if (vm_pool(e)->dirty)
		vm_pool_compact(e);
}

u64 engine_choices(const struct engine *e)
{
	return vm_sched(e)->choices;
}

/* The CPU that will wait for ever, now that nothing can act any more; cpus: all are done. */
static u32 stuck(const struct engine *e)
{
	u32 c = 0;

	while (c < e->w->cpus && engine_thread(e, thread_of(e, c))->status == THREAD_DONE)
		c++;
	return c;
}

u32 engine_hang_stmt(const struct engine *e)
{
	u32 c = stuck(e), ti = thread_of(e, c < e->w->cpus ? c : 0), doer;

	/* Who waits for another CPU's work waits for what that work waits for. */
	for (u32 hops = 0; hops < CPUS_MAX && work_waits(e, ti, &doer) && doer != ti; hops++)
		ti = doer;
	return engine_thread(e, ti)->stmt;
}

enum outcome engine_outcome(const struct engine *e)
{
	if (world_now(e->w)->limit)
		return OUTCOME_LIMIT;
	if (vm_sched(e)->died)
		return OUTCOME_DIED;
	if (actions_runnable(e, 0) || actions_pending(e, 0))
		return OUTCOME_RUNNING;
	if (stuck(e) < e->w->cpus)
		return OUTCOME_HANG;
	return vm_sched(e)->refused ? OUTCOME_REFUSED : OUTCOME_ENDED;
}

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = {"running", "ended", "refused", "died", "hang", "limit"};

	BUG_ON((u32)o >= ARRAY_LEN(names));
	return names[o];
}
