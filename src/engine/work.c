/* SPDX-License-Identifier: MIT */
/*
 * What other CPUs are given to do: schedule_work_on(), flush_work() (kernel/workqueue.c). A
 * function stands for its struct work_struct: it is queued at most once, it never runs on two CPUs
 * at a time, and it can be queued again while it runs, on the CPU where it does.
 *
 * Model: each CPU does its work one after the other, in the order in which it was given; in Linux
 * the next one begins when the one before it sleeps. CPU 0 runs the driver and is given no work.
 */
#include "engine/calls.h"
#include "engine/vm_int.h"

#include "base/bug.h"

struct works {
	struct {
		u8 n;
		u8 running; /* 1 + work */
		u8 id[WORKS_MAX];
	} cpu[CPUS_MAX];
	u8 queued[WORKS_MAX]; /* the CPU that is to do it, 0: none */
	u32 stmt[WORKS_MAX];  /* that gave it */
};

/* Clocks of knowledge: when it was given, when it was done, of each variable. */
enum {
	CLOCK_GIVEN = LX_CLOCKS,
	CLOCK_DONE = CLOCK_GIVEN + WORKS_MAX,
	CLOCK_VAR = CLOCK_DONE + WORKS_MAX
};

static const struct works *works(const struct engine *e)
{
	return world_at(e->w, e->works);
}

void work_claim(struct engine *e)
{
	if (e->w->cpus > 1)
		e->works =
		    world_region(e->w, "works", sizeof(struct works), CHUNK, REGION_RAW, NULL);
}

u32 work_clocks(const struct program *p)
{
	return CLOCK_VAR + p->globals;
}

/* 1 + the work that is that function; 0: no CPU is ever given it. */
static u32 work_of(const struct engine *e, u32 function)
{
	return e->w->cpus > 1 ? e->prog->function[function].work : 0;
}

/* The CPU that does it now; 0: none. */
static u32 runs_on(const struct engine *e, u32 work)
{
	for (u32 c = 1; c < e->w->cpus; c++)
		if (works(e)->cpu[c].running == work + 1)
			return c;
	return 0;
}

bool work_queue(struct engine *e, u64 cpu, u32 function)
{
	u32 work = work_of(e, function) - 1, on;
	const struct works *s = works(e);
	bool again;

	if (cpu == 0 || cpu >= e->w->cpus)
		return false;
	again = s->queued[work];
	on = again ? s->queued[work] : runs_on(e, work);
	if (!on)
		on = (u32)cpu;
	if (!again) {
		W_SET(e->w, s->cpu[on].id[s->cpu[on].n], (u8)work);
		W_SET(e->w, s->cpu[on].n, (u8)(s->cpu[on].n + 1));
		W_SET(e->w, s->queued[work], (u8)on);
		W_SET(e->w, s->stmt[work], e->scratch.stmt);
		know_send(e->w, know_shared(e->w), CLOCK_GIVEN + work, hw_party(&e->hw));
	}
	EMIT(e->w, WORK_QUEUE, hw_party(&e->hw), 0, on, function, again);
	return true;
}

void work_flushed(struct engine *e, u32 function)
{
	u32 work = work_of(e, function);

	cpu_order_loads(&e->hw);
	if (work)
		know_receive(e->w, know_shared(e->w), CLOCK_DONE + work - 1, hw_party(&e->hw),
			     EDGE_TASK, e->scratch.stmt);
}

static u32 thread_of(const struct engine *e, u32 cpu)
{
	return cpu ? party_of_cpu(cpu, e->cfg->hw.devs) : 0;
}

/* spin_lock(): the pool's lock is another CPU's. No handler comes while one has it. */
static bool lock_waits(const struct engine *e, u32 ti, u32 *doer)
{
	const struct thread *t = engine_thread(e, ti);
	const struct insn *i = vm_insn(e, t);
	u32 cpu = vm_cpu(e, ti), has;
	u64 pool = 0;

	if (t->in_call)
		pool = lx_dma_pool_wanted(&e->lx, (enum lx_level)calls_level_of(e, cpu));
	else if (i->op == OP_API && (i->b == CALL_dma_pool_alloc || i->b == CALL_dma_pool_zalloc ||
				     i->b == CALL_dma_pool_free))
		pool = vm_peek(t, i->a - 1u)->v;
	has = lx_dma_pool_locked(&e->lx, pool);
	*doer = has ? thread_of(e, has - 1) : 0;
	return has && has - 1 != cpu;
}

bool work_waits(const struct engine *e, u32 ti, u32 *doer)
{
	const struct thread *t = engine_thread(e, ti);
	const struct insn *i;
	u32 work, cpu;

	if (e->w->cpus == 1 || !vm_is_cpu(e, ti) || t->status != THREAD_RUN)
		return false;
	if (lock_waits(e, ti, doer))
		return true;
	if (t->in_call)
		return false;
	i = vm_insn(e, t);
	if (i->op != OP_API || i->b != CALL_flush_work)
		return false;
	work = work_of(e, (u32)vm_peek(t, 0)->v);
	if (!work)
		return false;
	cpu = works(e)->queued[work - 1] ? works(e)->queued[work - 1] : runs_on(e, work - 1);
	*doer = thread_of(e, cpu);
	return cpu != 0;
}

bool work_waiting(const struct engine *e, u32 cpu)
{
	return works(e)->cpu[cpu].n && !works(e)->cpu[cpu].running;
}

void work_begin(struct engine *e, u32 cpu)
{
	const struct works *s = works(e);
	u32 work = s->cpu[cpu].id[0], left = s->cpu[cpu].n - 1u;
	struct thread *t = &e->scratch;
	u8 *id;

	BUG_ON(!work_waiting(e, cpu));
	id = world_mut(e->w, world_off(e->w, s->cpu[cpu].id), left + 1);
	memmove(id, id + 1, left);
	id[left] = 0;
	W_SET(e->w, s->cpu[cpu].n, (u8)left);
	W_SET(e->w, s->cpu[cpu].running, (u8)(work + 1));
	W_SET(e->w, s->queued[work], (u8)0);
	W_SET(e->w, world_now(e->w)->stmt, s->stmt[work]);
	W_SET(e->w, world_now(e->w)->step, vm_sched(e)->steps);
	t->fn = NO_FUNCTION;
	t->pc = e->prog->work[work].entry;
	t->status = THREAD_RUN;
	t->stmt = s->stmt[work]; /* until its own statements begin, and when they are over */
	know_receive(e->w, know_shared(e->w), CLOCK_GIVEN + work, hw_party(&e->hw), EDGE_TASK,
		     s->stmt[work]);
	know_shift(e->w, know_shared(e->w), CLOCK_GIVEN + work, 1);
	know_compiler_barrier(e->w, hw_party(&e->hw));
	cpu_order_loads(&e->hw);
	EMIT(e->w, WORK_BEGIN, hw_party(&e->hw), 0, cpu, e->prog->work[work].function);
}

void work_end(struct engine *e, u32 ti)
{
	const struct works *s = works(e);
	u32 cpu = vm_cpu(e, ti), work = s->cpu[cpu].running - 1u;
	struct thread *t = &e->scratch;

	know_send(e->w, know_shared(e->w), CLOCK_DONE + work, hw_party(&e->hw));
	W_SET(e->w, s->cpu[cpu].running, (u8)0);
	EMIT(e->w, WORK_END, hw_party(&e->hw), 0, cpu, e->prog->work[work].function);
	BUG_ON(t->sp);
	*t = (struct thread){.fn = NO_FUNCTION, .status = THREAD_DONE, .last = t->last};
}

/* ---- variables ---- */

/* The index of the variable that has the slot; prog->globals: it is none of the driver's. */
static u32 variable_at(const struct program *p, u32 slot)
{
	u32 i = 0;

	while (i < p->globals && slot - p->global[i].slot >= p->global[i].length)
		i++;
	return i;
}

void work_assigned(struct engine *e, u32 slot)
{
	u32 v = variable_at(e->prog, slot);

	if (v < e->prog->globals)
		know_send(e->w, know_shared(e->w), CLOCK_VAR + v, hw_party(&e->hw));
}

/*
 * Model: an assignment that another CPU waits for, and the end of that wait, order memory, as
 * setting a condition and wake_up() do for wait_event() where the queue's lock is between them.
 */
void work_wait_over(struct engine *e, u32 from, u32 to)
{
	bool looks = false;

	for (u32 i = from; i < to; i++) {
		const struct insn *n = &e->prog->code[i];
		u32 v;

		looks |= opcode_visible((enum opcode)n->op);
		if ((n->op != OP_GET && n->op != OP_AGET) || n->a != SCOPE_GLOBAL)
			continue;
		v = variable_at(e->prog, n->b);
		if (v < e->prog->globals)
			know_receive(e->w, know_shared(e->w), CLOCK_VAR + v, hw_party(&e->hw),
				     EDGE_TASK, e->scratch.stmt);
	}
	if (!looks)
		cpu_order_loads(&e->hw);
}
