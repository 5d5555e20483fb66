/* SPDX-License-Identifier: MIT */
/* What may act at a choice point, what calm does, and doing it. */
#include "base/bug.h"
#include "engine/vm_int.h"

static bool runnable(const struct engine *e, u32 ti)
{
	const struct thread *t = engine_thread(e, ti);

	return t->status == THREAD_RUN || (t->status == THREAD_POLL && t->dirty);
}

static bool device_ready(const struct engine *e, u32 dev)
{
	return e->cfg->program[dev] ? runnable(e, dev + 1) : models_ready(e, dev);
}

static bool irq_ready(const struct engine *e, u32 dev)
{
	const struct thread *t = engine_thread(e, 0);

	/* Between two accesses, so not inside an act by hand; never after the end. */
	return irq_can_enter(&e->hw, dev) && !t->as && t->status != THREAD_DONE &&
	       t->status != THREAD_BUG;
}

/* Something that fairness promises will happen, the driver's own steps apart. */
bool actions_pending(const struct engine *e)
{
	if (hw_cpu(&e->hw)->entries)
		return true;
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (hw_dev(&e->hw, d)->posted_n || hw_dev(&e->hw, d)->inflight_n ||
		    device_ready(e, d) || irq_ready(e, d))
			return true;
	return false;
}

static enum need cpu_need(const struct engine *e, u64 *line)
{
	enum need n = visible_need(e, 0, line);

	return n == NEED_QUIET && !actions_pending(e) ? NEED_NOTHING : n;
}

static struct action act(enum action_kind kind, u32 arg)
{
	return (struct action){.kind = (u8)kind, .arg = (u8)arg};
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

static struct action drain_oldest(const struct engine *e)
{
	if (buffer_drain_blocked(&e->hw, 0))
		return make_room(e, align_down(hw_cpu(&e->hw)->sb[0].pa, e->w->line));
	return act(ACT_DRAIN, 0);
}

/* A posted write arrives: age says in which window of the device. */
static struct action arrive_oldest(const struct engine *e, u32 dev)
{
	struct action a = act(ACT_ARRIVE, dev);

	a.age = (u16)mmio_window(&e->hw, dev, hw_dev(&e->hw, dev)->posted[0].reg);
	return a;
}

/* What is due before the driver's next statement; -1 if nothing is. */
static bool calm_due(const struct engine *e, struct action *out)
{
	const struct sched *s = vm_sched(e);

	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->arrive[d] && hw_dev(&e->hw, d)->posted_n) {
			*out = arrive_oldest(e, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->irq_due && irq_ready(e, d)) {
			*out = act(ACT_IRQ, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (s->beat[d] && device_ready(e, d) && !models_late(e, d)) {
			*out = hw_cpu(&e->hw)->entries ? drain_oldest(e) : act(ACT_DEVICE, d);
			return true;
		}
	return false;
}

/* The first fair thing, when the driver itself cannot go on. */
static bool calm_fair(const struct engine *e, bool drain_first, struct action *out)
{
	if (drain_first && hw_cpu(&e->hw)->entries) {
		*out = drain_oldest(e);
		return true;
	}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (hw_dev(&e->hw, d)->posted_n) {
			*out = arrive_oldest(e, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (irq_ready(e, d)) {
			*out = act(ACT_IRQ, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (device_ready(e, d)) {
			*out = hw_cpu(&e->hw)->entries ? drain_oldest(e) : act(ACT_DEVICE, d);
			return true;
		}
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (hw_dev(&e->hw, d)->inflight_n) {
			*out = act(ACT_LAND, d);
			return true;
		}
	if (hw_cpu(&e->hw)->entries) {
		*out = drain_oldest(e);
		return true;
	}
	return false;
}

bool engine_calm(struct engine *e, struct action *out)
{
	const struct thread *t = engine_thread(e, 0);
	enum need need;
	u64 line = 0;

	engine_start(e);
	if (world_now(e->w)->limit || vm_sched(e)->died)
		return false;
	if (!runnable(e, 0))
		return calm_fair(e, false, out);
	if (!t->in_call && t->cursor == 0 && calm_due(e, out))
		return true;
	need = cpu_need(e, &line);
	if (need == NEED_ROOM) {
		*out = make_room(e, line);
		return true;
	}
	if (need != NEED_NOTHING)
		return calm_fair(e, need == NEED_DRAIN, out);
	*out = act(ACT_CPU, 0);
	return true;
}

static bool same(const struct action *a, const struct action *b)
{
	return a->kind == b->kind && a->arg == b->arg && a->age == b->age && a->line == b->line;
}

/* Adds an entry, or, where it does not matter, only leaves its number out. */
static void offer(struct action_list *l, struct action a, bool matters)
{
	if (l->n && same(&l->v[0], &a))
		return; /* calm's own */
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

/* Before the first map no device could have reached a line: what happens then can happen later. */
static bool overlaps(u64 line, u32 size, u64 at, u64 len)
{
	return len && line < at + len && at < line + size;
}

static bool reachable(const struct engine *e, u64 line)
{
	const struct oracle *o = &e->oracle;
	u32 size = e->w->line;

	if (!o->state)
		return true;
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (overlaps(line, size, m->pa, m->len) ||
		    (m->slot && overlaps(line, size, m->slot, m->len)))
			return true;
	}
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if ((a->kind == KIND_PLACED || a->kind == KIND_COHERENT) &&
		    overlaps(line, size, a->pa, a->len))
			return true;
	}
	return false;
}

static bool line_matters(const struct engine *e, u64 line)
{
	return !e->line_matters || (e->line_matters(e->line_ctx, line) && reachable(e, line));
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
			offer(out, a, line_matters(e, a.line));
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
			if (cache_line(&e->hw, LEVEL_L1, line).present ||
			    !cache_has_room(&e->hw, line))
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

void engine_actions(struct engine *e, struct action_list *out)
{
	struct action calm;
	u32 ready = buffer_ready(&e->hw);
	u64 line = 0;

	out->n = out->indexes = 0;
	if (!engine_calm(e, &calm))
		return;
	offer(out, calm, true);
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (irq_ready(e, d))
			offer(out, act(ACT_IRQ, d), true);
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (device_ready(e, d))
			offer(out, act(ACT_DEVICE, d), true);
	if (runnable(e, 0) && cpu_need(e, &line) == NEED_NOTHING)
		for (u32 age = 0; age <= visible_ages(e); age++) {
			struct action a = act(ACT_CPU, 0);

			a.age = (u16)age;
			offer(out, a, true);
		}
	for (u32 i = 0; ready >> i; i++)
		if ((ready >> i & 1) && !buffer_drain_blocked(&e->hw, i))
			offer(out, act(ACT_DRAIN, i),
			      line_matters(e, align_down(hw_cpu(&e->hw)->sb[i].pa, e->w->line)));
	if (lines_observable(e)) {
		offer_lines(e, out);
		offer_fills(e, out);
	}
	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		offer_arrivals(e, d, out);
		if (hw_dev(&e->hw, d)->inflight_n)
			offer(out, act(ACT_LAND, d), true);
	}
}

/* ---- doing it ---- */

/* Whoever waits or looks looks again when something it may see has changed. */
static void wake(struct engine *e, u32 self, bool changed)
{
	if (changed)
		models_changed(e);
	for (u32 i = 0; i <= e->cfg->hw.devs; i++) {
		const struct thread *t = engine_thread(e, i);

		if (changed && i != self && (t->in_poll || t->status == THREAD_POLL) && !t->dirty)
			W_SET(e->w, t->dirty, (u8)1);
		if (t->status != THREAD_WAIT && !(t->status == THREAD_POLL && t->dirty))
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
	wake(e, ti, !look);
}

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
	wake(e, THREADS_MAX, true);
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
	wake(e, THREADS_MAX, true);
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
	} else {
		stamp(e, 0);
		switch ((enum action_kind)a->kind) {
		case ACT_DRAIN:
			BUG_ON(buffer_drain(&e->hw, a->arg) == ACCESS_BLOCKED);
			break;
		case ACT_WRITE_BACK:
			cache_write_back(&e->hw, (enum cache_level)a->arg, a->line);
			break;
		case ACT_DROP:
			cache_drop(&e->hw, (enum cache_level)a->arg, a->line);
			break;
		case ACT_FILL:
			BUG_ON(cache_fill(&e->hw, a->line, true, &cell) == ACCESS_BLOCKED);
			break;
		case ACT_ARRIVE: {
			struct posted p = mmio_arrive_at(&e->hw, a->arg, a->age);

			if (s->arrive[a->arg])
				W_SET(e->w, s->arrive[a->arg], (u8)(s->arrive[a->arg] - 1));
			models_written(e, a->arg, &p);
			owe(e, a->arg);
			break;
		}
		case ACT_LAND:
			dma_land(&e->hw, a->arg);
			break;
		default:
			BUG_ON(true);
		}
		wake(e, THREADS_MAX, true);
	}
	vm_renumber(e);
	if (vm_pool(e)->dirty)
		vm_pool_compact(e);
}

u64 engine_choices(const struct engine *e)
{
	return vm_sched(e)->choices;
}

enum outcome engine_outcome(const struct engine *e)
{
	const struct thread *t = engine_thread(e, 0);

	if (world_now(e->w)->limit)
		return OUTCOME_LIMIT;
	if (vm_sched(e)->died)
		return OUTCOME_DIED;
	if (runnable(e, 0) || actions_pending(e))
		return OUTCOME_RUNNING;
	if (t->status != THREAD_DONE)
		return OUTCOME_HANG;
	return vm_sched(e)->refused ? OUTCOME_REFUSED : OUTCOME_ENDED;
}

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = {"running", "ended", "refused", "died", "hang", "limit"};

	BUG_ON((u32)o >= ARRAY_LEN(names));
	return names[o];
}
