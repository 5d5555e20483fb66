/* SPDX-License-Identifier: MIT */
/* Doing what was chosen at a choice point, and how a run ends. */
#include "base/bug.h"
#include "engine/ready.h"

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

void engine_land(struct engine *e, u32 dev, u32 place)
{
	const struct sched *s = vm_sched(e);

	dma_land_at(&e->hw, dev, place);
	if (s->land[dev] > place)
		W_SET(e->w, s->land[dev], (u8)(s->land[dev] - 1));
}

static void core_step(struct engine *e, u32 cpu, u32 age)
{
	u32 ti = ready_thread(e, cpu);

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
	stamp(e, ready_thread(e, cpu));
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
			engine_land(e, a->arg, a->age);
			break;
		case ACT_FLUSH:
			lx_flush(&e->lx, a->arg);
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

	while (c < e->w->cpus && engine_thread(e, ready_thread(e, c))->status == THREAD_DONE)
		c++;
	return c;
}

u32 engine_hang_stmt(const struct engine *e)
{
	u32 c = stuck(e), ti = ready_thread(e, c < e->w->cpus ? c : 0), doer;

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
	if (iommu_faulted(&e->hw))
		return OUTCOME_FAULT;
	return vm_sched(e)->refused ? OUTCOME_REFUSED : OUTCOME_ENDED;
}

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = {"running", "ended", "refused", "died",
					    "hang",    "fault", "limit"};

	BUG_ON((u32)o >= ARRAY_LEN(names));
	return names[o];
}
