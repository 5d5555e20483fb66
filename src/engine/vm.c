/* SPDX-License-Identifier: MIT */
/*
 * The silent half of the machine: arithmetic, control flow, variables, waits. It works on a copy
 * of one thread and puts it back as a whole, so that a step of many instructions is one record in
 * the journal.
 */
#include "engine/vm_int.h"

#include "base/bug.h"

enum { SILENT_MAX = 1 << 20, ETIMEDOUT_VALUE = 110, DEPTH_MAX = 16 };

void engine_look_as(struct engine *e, u32 cpu)
{
	BUG_ON(cpu >= e->w->cpus);
	e->hw.self = cpu;
}

u32 vm_device(const struct engine *e, u32 ti)
{
	return vm_is_cpu(e, ti) ? e->scratch.as - 1u : ti - 1;
}

const struct insn *vm_insn(const struct engine *e, const struct thread *t)
{
	BUG_ON(t->pc >= e->prog->codes);
	return &e->prog->code[t->pc];
}

/* ---- the stack of the scratch thread ---- */

void vm_bug_at(struct engine *e, u32 stmt, const char *reason)
{
	e->scratch.status = THREAD_BUG;
	if (!vm_sched(e)->died)
		W_SET(e->w, vm_sched(e)->died, 1u);
	oracle_kernel_bug(&e->oracle, e->w, stmt, reason);
}

void vm_bug(struct engine *e, const char *reason)
{
	vm_bug_at(e, e->scratch.stmt, reason);
}

void vm_push_value(struct engine *e, struct value v)
{
	struct thread *t = &e->scratch;

	if (t->sp == STACK_MAX) {
		world_limit(e->w, LIMIT_STACK);
		t->status = THREAD_BUG;
		return;
	}
	t->stack[t->sp++] = v;
}

void vm_push(struct engine *e, u64 v)
{
	vm_push_value(e, (struct value){v, 0, 0});
}

struct value vm_pop(struct engine *e)
{
	struct thread *t = &e->scratch;

	BUG_ON(t->sp == 0);
	return t->stack[--t->sp];
}

const struct value *vm_peek(const struct thread *t, u32 i)
{
	BUG_ON(i >= t->sp);
	return &t->stack[t->sp - 1 - i];
}

void vm_load(struct engine *e, u32 ti)
{
	const struct thread *t = engine_thread(e, ti);

	memcpy(&e->scratch, t, offsetof(struct thread, stack) + t->sp * sizeof t->stack[0]);
	e->hw.self = vm_cpu(e, ti);
}

void vm_store(struct engine *e, u32 ti)
{
	const struct thread *t = engine_thread(e, ti);
	u32 len = (u32)(offsetof(struct thread, stack) + e->scratch.sp * sizeof t->stack[0]);

	if (memcmp(t, &e->scratch, len) != 0) {
		u32 off = world_off(e->w, t);

		memcpy(world_mut_obj(e->w, off, off, len), &e->scratch, len);
	}
	e->hw.self = 0;
}

void vm_tick(struct engine *e)
{
	struct sched *s = world_mut(e->w, e->sched, sizeof *s);

	s->irq_due = 1;
	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		s->arrive[d] = (u8)hw_dev(&e->hw, d)->posted_n;
		s->land[d] = (u8)hw_dev(&e->hw, d)->inflight_n;
		s->beat[d] = 1;
	}
}

/* How many of the remembered versions were replaced by time dep: the rank that takes its place. */
static u32 dep_rank(const struct engine *e, u32 cpu, u32 dep)
{
	const struct cpu_state *c = hw_core(&e->hw, cpu);
	u32 n = 0;

	while (n < c->pasts && c->past[n].until <= dep)
		n++;
	return n;
}

/* A variable says which CPU's loads its value depends on, in the high bits of dep. */
enum { DEP_CPU = 28, DEP_MASK = (1 << DEP_CPU) - 1 };

static void renumber_cpu(struct engine *e, u32 cpu)
{
	const struct cpu_state *c = hw_core(&e->hw, cpu);
	const struct thread *t = engine_thread(e, party_of_cpu(cpu, e->cfg->hw.devs));
	u32 deps = vm_sched(e)->deps & ~(1u << cpu);

	if (c->load_clock == c->pasts && c->pasts) {
		if (deps == vm_sched(e)->deps) /* a value may be given one in the next transition */
			W_SET(e->w, vm_sched(e)->deps, deps | 1u << cpu);
		return;
	}
	if (!c->pasts && !c->load_clock && deps == vm_sched(e)->deps)
		return;
	for (u32 i = 0; i < t->sp; i++)
		if (t->stack[i].dep)
			W_SET(e->w, t->stack[i].dep, dep_rank(e, cpu, t->stack[i].dep));
	for (u32 i = 0; i < e->prog->global_slots; i++) {
		const struct value *g = world_at(e->w, e->vars + i * (u32)sizeof *g);
		u32 rank;

		if (!g->dep || g->dep >> DEP_CPU != cpu)
			continue;
		rank = dep_rank(e, cpu, g->dep & DEP_MASK);
		W_SET(e->w, g->dep, rank ? rank | cpu << DEP_CPU : 0);
	}
	cpu_renumber_pasts(&e->hw, cpu);
	W_SET(e->w, vm_sched(e)->deps, deps | (u32)(c->pasts != 0) << cpu);
}

/*
 * Values remember which version of memory they depend on by a number that only its rank gives a
 * meaning: equal ranks are equal states. Called between transitions.
 */
void vm_renumber(struct engine *e)
{
	for (u32 cpu = 0; e->cfg->hw.early_loads && cpu < e->w->cpus; cpu++)
		renumber_cpu(e, cpu);
}

/* ---- variables ---- */

static u32 slot_off(const struct engine *e, u32 ti, u16 scope, u32 slot)
{
	u32 base = scope == SCOPE_DEVICE ? e->var_base[ti - 1] : 0;

	return e->vars + (base + slot) * (u32)sizeof(struct value);
}

static void get(struct engine *e, u32 ti, u16 scope, u32 slot)
{
	struct thread *t = &e->scratch;
	const struct value *v = scope == SCOPE_LOCAL ? &t->stack[t->fp + slot]
						     : world_at(e->w, slot_off(e, ti, scope, slot));

	if (v->len == VALUE_UNSET) {
		vm_bug(e, "a variable is read that was never set");
	} else if (scope == SCOPE_GLOBAL && v->dep) {
		/* What another CPU loaded says nothing about the loads of this one. */
		bool own = v->dep >> DEP_CPU == e->hw.self;

		vm_push_value(e, (struct value){v->v, v->len, own ? v->dep & DEP_MASK : 0});
	} else {
		vm_push_value(e, *v);
	}
}

static void set(struct engine *e, u32 ti, u16 scope, u32 slot)
{
	struct thread *t = &e->scratch;
	struct value v = vm_pop(e);

	if (scope == SCOPE_LOCAL) {
		t->stack[t->fp + slot] = v;
	} else {
		const struct value *at = world_at(e->w, slot_off(e, ti, scope, slot));

		if (at->len && at->len != VALUE_UNSET && at->len != v.len)
			W_SET(e->w, vm_pool(e)->dirty, 1u);
		if (scope == SCOPE_GLOBAL && v.dep)
			v.dep |= e->hw.self << DEP_CPU;
		world_write(e->w, at, &v, sizeof v);
		if (scope == SCOPE_GLOBAL && e->w->cpus > 1)
			work_assigned(e, slot);
	}
}

static void element(struct engine *e, u32 ti, const struct insn *i, bool write)
{
	struct value v = {0}, index;

	if (write)
		v = vm_pop(e);
	index = vm_pop(e);
	if (index.v >= i->imm) {
		vm_bug(e, "an index is outside its array");
		return;
	}
	if (write) {
		vm_push_value(e, v);
		set(e, ti, i->a, i->b + (u32)index.v);
	} else {
		get(e, ti, i->a, i->b + (u32)index.v);
	}
}

const struct value *vm_array(const struct engine *e, u64 array, u64 i)
{
	u64 length = array >> 32 & 0xfffffff;
	u32 slot = (u32)array + (u32)i;
	const struct value *v;

	if (i >= length)
		return NULL;
	v = array >> 60 == SCOPE_LOCAL ? &e->scratch.stack[e->scratch.fp + slot]
				       : world_at(e->w, slot_off(e, 0, SCOPE_GLOBAL, slot));
	return v->len == VALUE_UNSET ? NULL : v;
}

/* ---- control ---- */

/*
 * A frame lies behind the locals: where to go back, the caller's frame and function. An
 * interrupt's frame also holds what the interrupted thread was in the middle of.
 */
enum { FRAME_CALL = 2, FRAME_IRQ = 5 };

static void enter(struct engine *e, u32 fn, u32 args, u32 back, u32 kind)
{
	const struct function_info *f = &e->prog->function[fn];
	struct thread *t = &e->scratch;
	u32 fp = t->sp - args, old_fp = t->fp, old_fn = t->fn;

	for (u32 i = args; i < f->locals; i++)
		vm_push_value(e, (struct value){0, VALUE_UNSET, 0});
	vm_push(e, back | (u64)old_fp << 32 | (u64)t->stmt << 44);
	vm_push(e, old_fn | (u64)kind << 32);
	if (kind == FRAME_IRQ) {
		vm_push(e, t->top | (u64)t->looks << 32);
		vm_push(e, t->dirty | (u64)t->in_poll << 8 | (u64)t->in_call << 16 |
			       (u64)t->as << 24 | (u64)t->status << 32);
		vm_push(e, t->cursor | (u64)t->base << 32);
	}
	if (t->status == THREAD_BUG)
		return;
	t->fp = fp;
	t->fn = fn;
	t->pc = f->entry;
}

void vm_irq_enter(struct engine *e, u32 handler)
{
	struct thread *t = &e->scratch;

	enter(e, handler, 0, t->pc, FRAME_IRQ);
	if (t->status == THREAD_BUG)
		return;
	t->status = THREAD_RUN;
	t->top = t->looks = t->cursor = t->base = 0;
	t->dirty = t->in_poll = t->in_call = t->as = 0;
	t->below = t->step;
}

static void leave(struct engine *e, bool value)
{
	struct thread *t = &e->scratch;
	struct value result = value ? vm_pop(e) : (struct value){0};
	u32 frame = t->fp + e->prog->function[t->fn].locals;
	u64 back = t->stack[frame].v, caller = t->stack[frame + 1].v;
	bool irq = caller >> 32 == FRAME_IRQ;
	u64 w3 = irq ? t->stack[frame + 2].v : 0, w4 = irq ? t->stack[frame + 3].v : 0;
	u64 w5 = irq ? t->stack[frame + 4].v : 0;

	t->sp = t->fp;
	t->pc = (u32)back;
	t->fp = (u32)(back >> 32) & 0xfff;
	t->stmt = (u32)(back >> 44);
	t->fn = (u32)caller;
	if (irq) {
		t->top = (u32)w3;
		t->looks = (u32)(w3 >> 32);
		t->dirty = 1; /* the handler may have changed what a look sees */
		t->in_poll = (u8)(w4 >> 8);
		t->in_call = (u8)(w4 >> 16);
		t->as = (u8)(w4 >> 24);
		t->status = (u32)(w4 >> 32);
		t->cursor = (u32)w5;
		t->base = (u32)(w5 >> 32);
		t->step = t->below; /* no handler comes into a handler */
		irq_exit(&e->hw);
		return;
	}
	if (value)
		vm_push_value(e, result);
}

static void begin_stmt(struct engine *e, u32 ti, u32 stmt)
{
	struct thread *t = &e->scratch;

	t->stmt = stmt;
	if (vm_is_cpu(e, ti)) {
		W_SET(e->w, vm_sched(e)->steps, vm_sched(e)->steps + 1);
		t->step = vm_sched(e)->steps;
		iommu_fault_handled(&e->hw);
		vm_tick(e);
	}
}

/* A wait that is not over: the thread goes back to its top and rests there. */
static void not_yet(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;

	t->pc = i->b;
	if (i->op == OP_WAIT_TEST) {
		t->status = THREAD_WAIT;
		return;
	}
	t->in_poll = 0;
	if (vm_is_cpu(e, ti))
		oracle_poll(&e->oracle, e->w, e->hw.self, false);
	if (!t->dirty && !i->a)
		t->status = THREAD_POLL;
}

static void test(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;
	struct value v = vm_pop(e);

	if (v.v == 0 && i->op == OP_POLL_TEST && i->a && --t->looks == 0) {
		t->in_poll = 0;
		if (vm_is_cpu(e, ti) && !t->dirty && !actions_pending(e, ti))
			oracle_hang(&e->oracle, e->w, t->stmt); /* it could never have ended */
		if (vm_is_cpu(e, ti))
			oracle_poll(&e->oracle, e->w, e->hw.self, true);
		vm_push(e, (u64)-ETIMEDOUT_VALUE);
		t->pc++;
		return;
	}
	if (v.v == 0) {
		not_yet(e, ti, i);
		return;
	}
	t->status = THREAD_RUN;
	if (vm_is_cpu(e, ti) && e->w->cpus > 1)
		work_wait_over(e, i->b, t->pc);
	t->pc++;
	if (i->op == OP_POLL_TEST) {
		t->in_poll = 0;
		if (vm_is_cpu(e, ti))
			oracle_poll(&e->oracle, e->w, e->hw.self, true);
		vm_push(e, 0);
	}
}

static void top(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;

	t->top = t->pc++;
	if (i->op == OP_WAIT_TOP && vm_is_cpu(e, ti) && t->status == THREAD_RUN)
		oracle_may_sleep(&e->oracle, t->stmt);
	if (i->op != OP_POLL_TOP)
		return;
	t->dirty = 0;
	t->in_poll = 1;
	t->status = THREAD_RUN;
	if (vm_is_cpu(e, ti)) {
		vm_tick(e);
		if (ti == 0)
			actions_time_passes(e, 1);
		oracle_poll_begin(&e->oracle, e->w, e->hw.self);
	}
}

static void finish(struct thread *t)
{
	t->status = THREAD_DONE;
	memset(t->stack, 0, t->sp * sizeof *t->stack);
	t->sp = t->fp = 0;
}

/* The instruction belongs to the condition of a wait: it is looked at, and acted on later. */
static bool in_wait(const struct program *p, u32 pc)
{
	for (u32 i = pc; i < p->codes; i++)
		if (p->code[i].op == OP_WAIT_TEST && p->code[i].b <= pc)
			return true;
	return false;
}

static void reg_get(struct engine *e, u32 ti, u32 pc)
{
	u64 off = vm_pop(e).v;
	u32 dev = vm_device(e, ti), slot = mmio_reg_slot(&e->hw, dev, off);
	const struct posted *late;
	u64 value;

	if (slot == REGS_MAX) {
		vm_bug(e, "a register that the device does not have");
		return;
	}
	value = hw_dev(&e->hw, dev)->reg[slot];
	late = mmio_passed(&e->hw, dev, (u32)off);
	if (late && !in_wait(e->prog, pc))
		oracle_register(&e->oracle, e->w,
				&(struct oracle_register){.dev = dev,
							  .reg = (u32)off,
							  .size = late->size,
							  .late = late->stmt,
							  .passed = late->passed,
							  .value = value,
							  .want = late->value});
	vm_push(e, value);
}

/* What becomes of such bytes is nobody's loss: as of those that a device may write. */
static void padding(struct engine *e, const struct insn *i)
{
	phys_addr_t pa;
	enum memtype type;

	if (va_translate(&e->hw, (cpu_addr_t){vm_peek(&e->scratch, 0)->v + i->imm}, &pa, &type))
		oracle_hand_over(&e->oracle, pa.pa, i->b);
}

/* Instructions that only work on values. False: it is none of them. */
static bool value_op(struct engine *e, u32 ti, const struct insn *i)
{
	struct value a, b;

	switch ((enum opcode)i->op) {
	case OP_PUSH:
		vm_push(e, i->imm);
		return true;
	case OP_BYTES:
		vm_push_value(e, (struct value){i->imm | BYTES_CONST, i->b, 0});
		return true;
	case OP_POP:
		vm_pop(e);
		return true;
	case OP_DUP:
		vm_push_value(e, *vm_peek(&e->scratch, 0));
		return true;
	case OP_SWAP:
		a = vm_pop(e);
		b = vm_pop(e);
		vm_push_value(e, a);
		vm_push_value(e, b);
		return true;
	case OP_GET:
		get(e, ti, i->a, i->b);
		return true;
	case OP_SET:
		set(e, ti, i->a, i->b);
		return true;
	case OP_AGET:
	case OP_ASET:
		element(e, ti, i, i->op == OP_ASET);
		return true;
	case OP_BYTES_EQ:
	case OP_BYTES_SKIP:
	case OP_CONTAINS:
		pool_op(e, i);
		return true;
	case OP_REG_GET:
		reg_get(e, ti, (u32)(i - e->prog->code));
		return true;
	case OP_SEE:
		vm_see(e, i);
		return true;
	case OP_PADDING:
		padding(e, i);
		return true;
	case OP_MODEL_LOOK:
		models_look(e, ti ? ti - 1 : e->scratch.as - 1u, i->a);
		return true;
	case OP_VALUE:
		calls_value(e, i);
		return true;
	default:
		return sg_op(e, i) || arith_op(e, i);
	}
}

/*
 * Hardware that is driven by hand acts in the order of the statements: both learn of each other.
 * The driver has rung a doorbell to start it, which orders stores (engine/need.c), and goes on when
 * an interrupt or a register has told it of the end, which orders loads. What reaches a model from
 * outside (a packet from the wire) comes when it comes, and tells nobody anything.
 */
static void act_as(struct engine *e, u8 as, bool surroundings)
{
	struct thread *t = &e->scratch;
	u8 cpu = hw_party(&e->hw);

	if (surroundings) {
		t->as = as;
		return;
	}
	if (as)
		know_learn_party(e->w, as, cpu, EDGE_HAND, t->stmt);
	else if (t->as)
		know_learn_party(e->w, cpu, t->as, EDGE_HAND, t->stmt);
	if (!as)
		cpu_order_loads(&e->hw);
	t->as = as;
}

/* Instructions that go on behind themselves. False: it is one that the thread rests at. */
static bool plain_op(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;

	switch ((enum opcode)i->op) {
	case OP_STMT:
		begin_stmt(e, ti, i->b);
		return true;
	case OP_POLL_LIMIT:
		t->looks = (u32)vm_pop(e).v;
		return true;
	case OP_AS:
		act_as(e, (u8)i->a, i->b);
		return true;
	case OP_ASSERT:
		oracle_assert(&e->oracle, e->w, i->b, t->stmt, vm_pop(e).v != 0);
		return true;
	case OP_BUG:
		vm_bug(e, (const char *)e->prog->pool + i->imm);
		return true;
	default:
		return value_op(e, ti, i);
	}
}

/* One silent instruction. False: it is one that the thread rests at. */
static bool silent(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;
	u32 next = t->pc + 1;

	switch ((enum opcode)i->op) {
	case OP_END:
		if (i->a) /* the driver's probe failed */
			W_SET(e->w, vm_sched(e)->refused, 1u);
		if (ti == 0)
			oracle_end(&e->oracle);
		finish(t);
		return false;
	case OP_JMP:
		next = i->b;
		break;
	case OP_JZ:
		next = vm_pop(e).v == 0 ? i->b : next;
		break;
	case OP_JNZ:
		next = vm_pop(e).v != 0 ? i->b : next;
		break;
	case OP_CALL:
		enter(e, i->b, i->a, next, FRAME_CALL);
		return t->status == THREAD_RUN;
	case OP_RET:
	case OP_RETV:
		leave(e, i->op == OP_RETV);
		/* A handler may have come in the middle of a call: what follows it has to wait. */
		return !t->in_call && (t->status != THREAD_POLL || t->dirty);
	case OP_POLL_TOP:
	case OP_WAIT_TOP:
		top(e, ti, i);
		return true;
	case OP_POLL_TEST:
	case OP_WAIT_TEST:
		test(e, ti, i);
		return t->status == THREAD_RUN;
	default:
		if (!plain_op(e, ti, i))
			return false;
	}
	if (t->status == THREAD_BUG)
		return false;
	t->pc = next;
	return true;
}

static void run_silent(struct engine *e, u32 ti)
{
	struct thread *t = &e->scratch;
	u32 budget = SILENT_MAX;

	while (t->status != THREAD_DONE && t->status != THREAD_BUG) {
		if (t->status == THREAD_POLL && !t->dirty)
			return;
		if (!silent(e, ti, vm_insn(e, t)))
			return;
		if (--budget == 0) {
			world_limit(e->w, LIMIT_ACCESSES);
			return;
		}
	}
}

void vm_settle(struct engine *e, u32 ti)
{
	const struct thread *t = &e->scratch;

	run_silent(e, ti);
	/* At the end of the driver nothing is held any more. */
	if (ti == 0 && t->status == THREAD_RUN && !t->in_call && vm_insn(e, t)->op == OP_SETTLE)
		hw_release_all(&e->hw);
}
