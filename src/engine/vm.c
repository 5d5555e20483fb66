/* SPDX-License-Identifier: MIT */
/*
 * The silent half of the machine: arithmetic, control flow, variables, waits. It works on a copy
 * of one thread and puts it back as a whole, so that a step of many instructions is one record in
 * the journal.
 */
#include "engine/vm_int.h"

#include "base/bug.h"

enum { SILENT_MAX = 1 << 20, ETIMEDOUT_VALUE = 110, DEPTH_MAX = 16 };

const struct sched *vm_sched(const struct engine *e)
{
	return world_at(e->w, e->sched);
}

const struct pool *vm_pool(const struct engine *e)
{
	return world_at(e->w, e->pool);
}

const struct thread *engine_thread(const struct engine *e, u32 t)
{
	return (const struct thread *)world_at(e->w, e->thread) + t;
}

const struct insn *vm_insn(const struct engine *e, const struct thread *t)
{
	BUG_ON(t->pc >= e->prog->codes);
	return &e->prog->code[t->pc];
}

const u8 *vm_bytes(const struct engine *e, const struct value *v)
{
	if (v->v & BYTES_CONST)
		return e->prog->pool + (v->v & ~BYTES_CONST);
	return vm_pool(e)->bytes + v->v;
}

u32 vm_pool_take(struct engine *e, u32 n)
{
	const struct pool *p = vm_pool(e);
	u32 at = p->used;

	if (n > POOL_BYTES - p->used) {
		world_limit(e->w, LIMIT_BYTES);
		return 0;
	}
	W_SET(e->w, p->used, at + n);
	W_SET(e->w, p->dirty, 1u);
	return at;
}

/* ---- the stack of the scratch thread ---- */

void vm_bug(struct engine *e, const char *reason)
{
	struct thread *t = &e->scratch;

	t->status = THREAD_BUG;
	if (!vm_sched(e)->died)
		W_SET(e->w, vm_sched(e)->died, 1u);
	oracle_kernel_bug(&e->oracle, e->w, reason);
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
}

void vm_store(struct engine *e, u32 ti)
{
	const struct thread *t = engine_thread(e, ti);
	u32 len = (u32)(offsetof(struct thread, stack) + e->scratch.sp * sizeof t->stack[0]);

	if (memcmp(t, &e->scratch, len) != 0) {
		u32 off = world_off(e->w, t);

		memcpy(world_mut_obj(e->w, off, off, len), &e->scratch, len);
	}
}

void vm_tick(struct engine *e)
{
	struct sched *s = world_mut(e->w, e->sched, sizeof *s);

	s->irq_due = 1;
	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		s->arrive[d] = (u8)hw_dev(&e->hw, d)->posted_n;
		s->beat[d] = 1;
	}
}

/* How many of the remembered versions were replaced by time dep: the rank that takes its place. */
static u32 dep_rank(const struct engine *e, u32 dep)
{
	const struct cpu_state *c = hw_cpu(&e->hw);
	u32 n = 0;

	while (n < c->pasts && c->past[n].until <= dep)
		n++;
	return n;
}

/*
 * Values remember which version of memory they depend on by a number that only its rank gives a
 * meaning: equal ranks are equal states. Called between transitions.
 */
void vm_renumber(struct engine *e)
{
	const struct cpu_state *c = hw_cpu(&e->hw);
	const struct thread *t = engine_thread(e, 0);

	if (!e->cfg->hw.early_loads || (c->load_clock == c->pasts && c->pasts))
		return;
	if (!c->pasts && !c->load_clock && !vm_sched(e)->deps)
		return;
	for (u32 i = 0; i < t->sp; i++)
		if (t->stack[i].dep)
			W_SET(e->w, t->stack[i].dep, dep_rank(e, t->stack[i].dep));
	for (u32 i = 0; i < e->prog->global_slots; i++) {
		const struct value *g = world_at(e->w, e->vars + i * (u32)sizeof *g);

		if (g->dep)
			W_SET(e->w, g->dep, dep_rank(e, g->dep));
	}
	cpu_renumber_pasts(&e->hw);
	W_SET(e->w, vm_sched(e)->deps, c->pasts != 0);
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

	if (v->len == VALUE_UNSET)
		vm_bug(e, "a variable is read that was never set");
	else
		vm_push_value(e, *v);
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
		world_write(e->w, at, &v, sizeof v);
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

/* ---- arithmetic ---- */

static u64 wrap(u64 v, u32 width)
{
	switch ((enum width)width) {
	case W_U8:
		return (u8)v;
	case W_U16:
		return (u16)v;
	case W_U32:
		return (u32)v;
	case W_S32:
		return (u64)(s64)(s32)v;
	case W_S64:
	case W_U64:
		break;
	}
	return v;
}

static bool signed_width(u32 width)
{
	return width == W_S64 || width == W_S32;
}

/* Signed arithmetic that leaves the range is undefined in C; here it ends the thread. */
static bool signed_arith(enum binop op, s64 a, s64 b, u32 width, s64 *r)
{
	switch (op) {
	case B_ADD:
		if (__builtin_add_overflow(a, b, r))
			return false;
		break;
	case B_SUB:
		if (__builtin_sub_overflow(a, b, r))
			return false;
		break;
	case B_MUL:
		if (__builtin_mul_overflow(a, b, r))
			return false;
		break;
	case B_SHL:
		if (b < 0 || b > 62 || a < 0 || a > INT64_MAX >> b)
			return false;
		*r = a << b;
		break;
	case B_SHR:
		if (b < 0 || b > 63 || a < 0)
			return false;
		*r = a >> b;
		break;
	case B_DIV:
	case B_MOD:
		if (a < 0 || b < 0)
			return false;
		*r = op == B_DIV ? a / b : a % b;
		break;
	default:
		BUG_ON(true);
	}
	return width != W_S32 || *r == (s32)*r;
}

static u64 unsigned_arith(enum binop op, u64 a, u64 b)
{
	switch (op) {
	case B_ADD:
		return a + b;
	case B_SUB:
		return a - b;
	case B_MUL:
		return a * b;
	case B_DIV:
		return a / b;
	case B_MOD:
		return a % b;
	case B_SHL:
		return b > 63 ? 0 : a << b;
	case B_SHR:
		return b > 63 ? 0 : a >> b;
	default:
		BUG_ON(true);
	}
}

static bool compare(enum binop op, u64 a, u64 b, bool is_signed)
{
	bool lt = is_signed ? (s64)a < (s64)b : a < b;

	switch (op) {
	case B_EQ:
		return a == b;
	case B_NE:
		return a != b;
	case B_LT:
		return lt;
	case B_LE:
		return lt || a == b;
	case B_GT:
		return !lt && a != b;
	case B_GE:
		return !lt;
	default:
		BUG_ON(true);
	}
}

static void binary(struct engine *e, const struct insn *i)
{
	struct value b = vm_pop(e), a = vm_pop(e);
	enum binop op = (enum binop)i->a;
	u32 dep = a.dep > b.dep ? a.dep : b.dep;
	u64 r;
	s64 s;

	if (op >= B_EQ) {
		r = compare(op, wrap(a.v, i->size), wrap(b.v, i->size), signed_width(i->size));
	} else if (op == B_AND || op == B_OR || op == B_XOR) {
		r = op == B_AND ? a.v & b.v : op == B_OR ? a.v | b.v : a.v ^ b.v;
	} else if ((op == B_DIV || op == B_MOD) && wrap(b.v, i->size) == 0) {
		vm_bug(e, "a division by zero");
		return;
	} else if (signed_width(i->size)) {
		if (!signed_arith(op, (s64)a.v, (s64)b.v, i->size, &s)) {
			vm_bug(e, "a signed number leaves its range: declare it size_t");
			return;
		}
		r = (u64)s;
	} else {
		r = unsigned_arith(op, wrap(a.v, i->size), wrap(b.v, i->size));
	}
	vm_push_value(e, (struct value){wrap(r, i->size), 0, dep});
}

static void unary(struct engine *e, const struct insn *i)
{
	struct value v = vm_pop(e);

	if (i->op == OP_NEG) {
		if (signed_width(i->size) && (s64)v.v == INT64_MIN) {
			vm_bug(e, "a signed number leaves its range");
			return;
		}
		v.v = wrap(0 - v.v, i->size);
	} else if (i->op == OP_NOT) {
		v.v = wrap(~v.v, i->size);
	} else if (i->op == OP_LNOT) {
		v.v = v.v == 0;
	} else {
		v.v = wrap(v.v, i->size);
	}
	vm_push_value(e, v);
}

static void byteswap(struct engine *e, const struct insn *i)
{
	struct value v = vm_pop(e);
	bool swap = i->size == SWAP_LE ? e->cfg->hw.big_endian
				       : i->size == SWAP_BE && !e->cfg->hw.big_endian;

	if (swap)
		v.v = i->a == 2	  ? __builtin_bswap16((u16)v.v)
		      : i->a == 4 ? __builtin_bswap32((u32)v.v)
				  : __builtin_bswap64(v.v);
	vm_push_value(e, v);
}

/* ---- bytes ---- */

static void bytes_op(struct engine *e, const struct insn *i)
{
	struct value b = vm_pop(e), a = vm_pop(e);
	const u8 *pa = vm_bytes(e, &a), *pb;
	bool found = false;

	switch (i->op) {
	case OP_BYTES_EQ:
		vm_push(e, a.len == b.len && memcmp(pa, vm_bytes(e, &b), a.len) == 0);
		return;
	case OP_BYTES_SKIP:
		if (b.v > a.len) {
			vm_bug(e, "more bytes are skipped than there are");
			return;
		}
		vm_push_value(e, (struct value){a.v + b.v, a.len - (u32)b.v, a.dep});
		return;
	default:
		pb = vm_bytes(e, &b);
		for (u32 k = 0; k + b.len <= a.len && !found; k++)
			found = memcmp(pa + k, pb, b.len) == 0;
		vm_push(e, found);
	}
}

struct roots {
	u8 buf[POOL_BYTES];
	u32 used;
	u32 from[64], to[64], len[64]; /* moved already: values may share bytes */
	u32 moved;
};

static void move_root(struct engine *e, struct roots *r, u32 off)
{
	const struct value *v = world_at(e->w, off);
	struct value now = *v;

	if (!v->len || v->len == VALUE_UNSET || (v->v & BYTES_CONST))
		return;
	for (u32 i = 0; i < r->moved; i++)
		if (v->v >= r->from[i] && v->v + v->len <= r->from[i] + r->len[i]) {
			now.v = r->to[i] + (v->v - r->from[i]);
			world_write(e->w, v, &now, sizeof now);
			return;
		}
	if (v->len > POOL_BYTES - r->used) {
		world_limit(e->w, LIMIT_BYTES);
		return;
	}
	memcpy(r->buf + r->used, vm_bytes(e, v), v->len);
	if (r->moved < ARRAY_LEN(r->from)) {
		r->from[r->moved] = (u32)v->v;
		r->to[r->moved] = r->used;
		r->len[r->moved++] = v->len;
	}
	now.v = r->used;
	r->used += v->len;
	world_write(e->w, v, &now, sizeof now);
}

void vm_pool_compact(struct engine *e)
{
	const struct pool *p = vm_pool(e);
	struct roots *r;
	u32 slots = e->prog->global_slots;

	if (!p->dirty)
		return;
	for (u32 t = 0; t <= e->cfg->hw.devs; t++)
		if (engine_thread(e, t)->cursor)
			return; /* a long instruction holds an offset */
	r = mem_zalloc(1, sizeof *r);
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		slots += e->prog->device[d].slots;
	for (u32 i = 0; i < slots; i++)
		move_root(e, r, e->vars + i * (u32)sizeof(struct value));
	for (u32 t = 0; t <= e->cfg->hw.devs; t++)
		for (u32 i = 0; i < engine_thread(e, t)->sp; i++)
			move_root(e, r, world_off(e->w, &engine_thread(e, t)->stack[i]));
	if (p->used) { /* bytes behind the used ones are zero: equal pools are equal states */
		u32 had = p->used;

		if (memcmp(p->bytes, r->buf, had) != 0)
			memcpy(world_mut(e->w, e->pool + (u32)offsetof(struct pool, bytes), had),
			       r->buf, had);
		W_SET(e->w, p->used, r->used);
	}
	W_SET(e->w, p->dirty, 0u);
	mem_free(r);
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
	if (ti == 0) {
		W_SET(e->w, vm_sched(e)->steps, vm_sched(e)->steps + 1);
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
	if (ti == 0)
		oracle_poll(&e->oracle, e->w, false);
	if (!t->dirty && !i->a)
		t->status = THREAD_POLL;
}

static void test(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;
	struct value v = vm_pop(e);

	if (v.v == 0 && i->op == OP_POLL_TEST && i->a && --t->looks == 0) {
		t->in_poll = 0;
		if (ti == 0)
			oracle_poll(&e->oracle, e->w, true);
		vm_push(e, (u64)-ETIMEDOUT_VALUE);
		t->pc++;
		return;
	}
	if (v.v == 0) {
		not_yet(e, ti, i);
		return;
	}
	t->status = THREAD_RUN;
	t->pc++;
	if (i->op == OP_POLL_TEST) {
		t->in_poll = 0;
		if (ti == 0)
			oracle_poll(&e->oracle, e->w, true);
		vm_push(e, 0);
	}
}

static void top(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;

	t->top = t->pc++;
	if (i->op != OP_POLL_TOP)
		return;
	t->dirty = 0;
	t->in_poll = 1;
	t->status = THREAD_RUN;
	if (ti == 0) {
		vm_tick(e);
		oracle_poll_begin(&e->oracle, e->w);
	}
}

static void finish(struct thread *t)
{
	t->status = THREAD_DONE;
	memset(t->stack, 0, t->sp * sizeof *t->stack);
	t->sp = t->fp = 0;
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
		finish(t);
		return false;
	case OP_STMT:
		begin_stmt(e, ti, i->b);
		break;
	case OP_PUSH:
		vm_push(e, i->imm);
		break;
	case OP_BYTES:
		vm_push_value(e, (struct value){i->imm | BYTES_CONST, i->b, 0});
		break;
	case OP_POP:
		vm_pop(e);
		break;
	case OP_DUP:
		vm_push_value(e, *vm_peek(t, 0));
		break;
	case OP_SWAP: {
		struct value a = vm_pop(e), b = vm_pop(e);

		vm_push_value(e, a);
		vm_push_value(e, b);
		break;
	}
	case OP_GET:
		get(e, ti, i->a, i->b);
		break;
	case OP_SET:
		set(e, ti, i->a, i->b);
		break;
	case OP_AGET:
	case OP_ASET:
		element(e, ti, i, i->op == OP_ASET);
		break;
	case OP_BIN:
		binary(e, i);
		break;
	case OP_NEG:
	case OP_NOT:
	case OP_LNOT:
	case OP_CONV:
		unary(e, i);
		break;
	case OP_BSWAP:
		byteswap(e, i);
		break;
	case OP_BYTES_EQ:
	case OP_BYTES_SKIP:
	case OP_CONTAINS:
		bytes_op(e, i);
		break;
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
		return t->status != THREAD_POLL || t->dirty;
	case OP_TICK:
		if (ti == 0)
			vm_tick(e);
		break;
	case OP_POLL_LIMIT:
		t->looks = (u32)vm_pop(e).v;
		break;
	case OP_POLL_TOP:
	case OP_WAIT_TOP:
		top(e, ti, i);
		return true;
	case OP_POLL_TEST:
	case OP_WAIT_TEST:
		test(e, ti, i);
		return t->status == THREAD_RUN;
	case OP_AS:
		if (i->a && e->w->knows) /* hand-driven hardware acts in the order of statements */
			know_learn_party(e->w, (u8)i->a, PARTY_CPU, EDGE_HAND, t->stmt);
		else if (e->w->knows && t->as)
			know_learn_party(e->w, PARTY_CPU, t->as, EDGE_HAND, t->stmt);
		t->as = (u8)i->a;
		break;
	case OP_REG_GET: {
		u64 off = vm_pop(e).v;

		if (off / 4 >= REGS_MAX)
			vm_bug(e, "a register that the device does not have");
		else
			vm_push(e, hw_dev(&e->hw, ti ? ti - 1 : t->as - 1u)->reg[off / 4]);
		break;
	}
	case OP_SEE:
		vm_see(e, i);
		break;
	case OP_VALUE:
		calls_value(e, i);
		break;
	case OP_ASSERT:
		oracle_assert(&e->oracle, e->w, i->b, t->stmt, vm_pop(e).v != 0);
		break;
	case OP_BUG:
		vm_bug(e, (const char *)e->prog->pool + i->imm);
		break;
	default:
		return false;
	}
	if (t->status == THREAD_BUG)
		return false;
	t->pc = next;
	return true;
}

void vm_settle(struct engine *e, u32 ti)
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
