/* SPDX-License-Identifier: MIT */
/*
 * The visible half of the machine: one transition of the instruction that a thread rests at.
 * Accesses longer than 8 bytes, or across an 8-byte boundary, go piece by piece; the thread's
 * cursor says how far they are.
 */
#include "engine/vm_int.h"

#include "base/bug.h"

/* Bytes of the next piece of [va + done, va + n): within one granule. */
u32 vm_piece(u64 va, u64 done, u64 n)
{
	return (u32)min_u64(8 - ((va + done) & 7), n - done); /* va + n may lie beyond the last */
}

void vm_advance(struct engine *e)
{
	e->scratch.cursor = 0;
	e->scratch.base = 0;
	e->scratch.pc++;
}

static bool bad(struct engine *e, enum access a)
{
	BUG_ON(a == ACCESS_BLOCKED);
	if (a == ACCESS_OK)
		return false;
	vm_bug(e, "the CPU touches an address where no memory is mapped");
	return true;
}

/* ---- loads and stores ---- */

static void load(struct engine *e, const struct insn *i, u32 age)
{
	struct thread *t = &e->scratch;
	const struct value *va = vm_peek(t, t->cursor ? 1 : 0);
	u32 n = vm_piece(va->v, t->cursor, i->size), time = 0;
	u64 so_far = t->cursor ? vm_peek(t, 0)->v : 0;
	u32 dep = t->cursor ? vm_peek(t, 0)->dep : 0;
	enum access got;
	struct value r;
	struct view v;
	u64 x = 0;

	e->oracle.checks = i->b;
	got = cpu_load(&e->hw, (cpu_addr_t){va->v + t->cursor}, n, i->a, age, va->dep, &v, &time);
	e->oracle.checks = false;
	if (bad(e, got))
		return;
	if (age)
		t->dirty = 1; /* there is a newer version to be seen: a look in vain looks again */
	memcpy(&x, v.data, n);
	r = (struct value){so_far | x << (8 * t->cursor), 0, time > dep ? time : dep};
	if (t->cursor)
		vm_pop(e);
	t->cursor += n;
	if (t->cursor == i->size) {
		vm_pop(e);
		if (e->cfg->hw.big_endian)
			r.v = __builtin_bswap64(r.v) >> (64 - 8 * i->size);
		vm_advance(e);
	}
	vm_push_value(e, r);
}

static void store(struct engine *e, const struct insn *i)
{
	struct thread *t = &e->scratch;
	u64 v = vm_peek(t, 0)->v, va = vm_peek(t, 1)->v;
	u32 n = vm_piece(va, t->cursor, i->size);
	u8 data[8];

	if (e->cfg->hw.big_endian)
		v = __builtin_bswap64(v) >> (64 - 8 * i->size);
	memcpy(data, &v, 8);
	if (bad(e, cpu_store(&e->hw, (cpu_addr_t){va + t->cursor}, n, data + t->cursor, i->a)))
		return;
	t->cursor += n;
	if (t->cursor == i->size) {
		vm_pop(e);
		vm_pop(e);
		vm_advance(e);
	}
}

/* memset(p, v, n), memcpy(p, bytes, n): stores only. */
static void fill(struct engine *e, const struct insn *i)
{
	struct thread *t = &e->scratch;
	const struct value *src = vm_peek(t, 1);
	u64 n = vm_peek(t, 0)->v, va = vm_peek(t, 2)->v;
	u8 data[8];
	u32 k;

	if (i->op == OP_MEMCPY_BYTES && n > src->len) {
		vm_bug(e, "memcpy() reads beyond the end of its bytes");
		return;
	}
	if (t->cursor < n) {
		k = vm_piece(va, t->cursor, n);
		if (i->op == OP_MEMSET)
			memset(data, (int)(src->v & 0xff), sizeof data);
		else
			memcpy(data, vm_bytes(e, src) + t->cursor, k);
		if (bad(e, cpu_store(&e->hw, (cpu_addr_t){va + t->cursor}, k, data, false)))
			return;
		t->cursor += k;
	}
	if (t->cursor >= n) {
		vm_pop(e), vm_pop(e), vm_pop(e);
		vm_advance(e);
	}
}

/* n bytes from va on have been loaded by one statement. */
static void have_read(struct engine *e, u64 va, u64 n)
{
	enum memtype type;
	phys_addr_t pa;

	if (n >= BULK_BYTES && va_translate(&e->hw, (cpu_addr_t){va}, &pa, &type) &&
	    type == MEM_UNCACHED)
		oracle_bulk_read(&e->oracle, pa.pa, (u32)n);
}

/* memcpy(p, q, n): a load, then a store of the same piece; cursor counts both halves. */
static void copy(struct engine *e)
{
	struct thread *t = &e->scratch;
	bool loaded = t->base != 0;
	u64 n = vm_peek(t, loaded ? 1 : 0)->v, src = vm_peek(t, loaded ? 2 : 1)->v;
	u64 dst = vm_peek(t, loaded ? 3 : 2)->v;
	u32 k, time;

	if (t->cursor < n) {
		k = (u32)min_u64(vm_piece(dst, t->cursor, n), vm_piece(src, t->cursor, n));
		if (!loaded) {
			struct view v;
			u64 x = 0;

			if (bad(e, cpu_load(&e->hw, (cpu_addr_t){src + t->cursor}, k, false, 0, 0,
					    &v, &time)))
				return;
			memcpy(&x, v.data, k);
			vm_push(e, x);
			t->base = 1;
			return;
		}
		{
			u64 x = vm_pop(e).v;
			u8 data[8];

			memcpy(data, &x, 8);
			if (bad(e,
				cpu_store(&e->hw, (cpu_addr_t){dst + t->cursor}, k, data, false)))
				return;
		}
		t->base = 0;
		t->cursor += k;
	}
	if (t->cursor >= n) {
		have_read(e, src, n);
		vm_pop(e), vm_pop(e), vm_pop(e);
		vm_advance(e);
	}
}

/* The bytes of a long read go to the pool; base is where, plus one. */
u8 *vm_pool_room(struct engine *e, u32 done, u32 k)
{
	return world_mut(
	    e->w, e->pool + (u32)offsetof(struct pool, bytes) + e->scratch.base - 1 + done, k);
}

bool vm_pool_begin(struct engine *e, u64 n)
{
	if (e->scratch.cursor)
		return true;
	if (n > 64u << 10) {
		vm_bug(e, "more than 64 KiB are read at once");
		return false;
	}
	e->scratch.base = vm_pool_take(e, (u32)n) + 1;
	return !world_now(e->w)->limit;
}

void vm_pool_end(struct engine *e, u32 n)
{
	u32 base = e->scratch.base - 1;

	vm_pop(e), vm_pop(e);
	vm_push_value(e, (struct value){base, n, 0});
	vm_advance(e);
}

static void read_bytes(struct engine *e, u32 age)
{
	struct thread *t = &e->scratch;
	u64 n = vm_peek(t, 0)->v, va = vm_peek(t, 1)->v;
	struct view v;
	u32 k, time;

	if (!vm_pool_begin(e, n))
		return;
	if (t->cursor < n) {
		k = vm_piece(va, t->cursor, n);
		if (bad(e, cpu_load(&e->hw, (cpu_addr_t){va + t->cursor}, k, false, age,
				    vm_peek(t, 1)->dep, &v, &time)))
			return;
		memcpy(vm_pool_room(e, t->cursor, k), v.data, k);
		t->cursor += k;
	}
	if (t->cursor >= n) {
		have_read(e, va, n);
		vm_pool_end(e, (u32)n);
	}
}

/* ---- registers from the CPU's side ---- */

static bool mmio_reg(struct engine *e, u64 reg, u32 *dev, u32 *off)
{
	*dev = (u32)(reg >> 32);
	*off = (u32)reg;
	if (*dev < e->cfg->hw.devs && mmio_reg_slot(&e->hw, *dev, *off) < REGS_MAX)
		return true;
	vm_bug(e, "a register that the device does not have");
	return false;
}

static void mmio(struct engine *e, const struct insn *i)
{
	u64 reg = vm_pop(e).v, v;
	u32 dev, off;

	if (!mmio_reg(e, reg, &dev, &off))
		return;
	if (i->op == OP_MMIO_WRITE) {
		v = vm_pop(e).v;
		if (i->size < 8)
			v &= (1ull << (8 * i->size)) - 1;
		if (!i->a)
			know_compiler_barrier(e->w, hw_party(&e->hw));
		mmio_write(&e->hw, dev, off, i->size, v, i->a);
	} else {
		v = mmio_read(&e->hw, dev, off, i->size, i->a);
		if (!i->a)
			know_compiler_barrier(e->w, hw_party(&e->hw));
		vm_push(e, v);
	}
	vm_advance(e);
}

static void dcache(struct engine *e, const struct insn *i)
{
	static const enum cache_op ops[] = {OP_NONE, OP_C, OP_I, OP_CI};
	u64 end = vm_pop(e).v, va = vm_pop(e).v;
	enum memtype type;
	phys_addr_t pa;

	if (end < va || !va_translate(&e->hw, (cpu_addr_t){va}, &pa, &type)) {
		vm_bug(e, "a cache operation on an address where no memory is mapped");
		return;
	}
	know_compiler_barrier(e->w, hw_party(&e->hw));
	if (end > va)
		lx_dcache_op(&e->lx, (enum lx_level)calls_level(e), pa, end - va, ops[i->a]);
	e->scratch.in_call = IN_CALL;
	vm_advance(e);
}

static void one(struct engine *e, u32 ti, const struct insn *i, u32 age)
{
	switch ((enum opcode)i->op) {
	case OP_LOAD:
		load(e, i, age);
		break;
	case OP_STORE:
		store(e, i);
		break;
	case OP_MEMSET:
	case OP_MEMCPY_BYTES:
		fill(e, i);
		break;
	case OP_MEMCPY:
		copy(e);
		break;
	case OP_READ:
		read_bytes(e, age);
		break;
	case OP_API:
		know_compiler_barrier(e->w, hw_party(&e->hw));
		calls_begin(e, i);
		break;
	case OP_BARRIER:
		if (barrier_is_smp((enum barrier_kind)i->a))
			know_smp_barrier(e->w, hw_party(&e->hw));
		else
			know_compiler_barrier(e->w, hw_party(&e->hw));
		cpu_barrier(&e->hw, (enum barrier_kind)i->a);
		vm_advance(e);
		break;
	case OP_MMIO_WRITE:
	case OP_MMIO_READ:
		mmio(e, i);
		break;
	case OP_DCACHE:
		dcache(e, i);
		break;
	case OP_SETTLE:
	case OP_PUBLISH:
	case OP_PAUSE:
		vm_advance(e);
		break;
	case OP_WORK_END:
		work_end(e, ti);
		break;
	case OP_UNBIND:
		calls_unbind(e, i);
		break;
	default:
		BUG_ON(!acts_device(e, ti, i) && !acts_lab(e, i));
	}
}

/* The kernel goes on with what a call queued. */
static void go_on(struct engine *e)
{
	enum lx_level level = (enum lx_level)calls_level(e);

	if (!lx_idle(&e->lx, level)) {
		enum uop_kind kind = lx_next(&e->lx, level).kind;
		enum lx_step s = lx_step(&e->lx, level);

		BUG_ON(s == LX_BLOCKED);
		if (s == LX_OOPS) {
			vm_bug(e, kind == UOP_READ || kind == UOP_STORE
				      ? "the kernel follows a pointer to a pool's block, where no "
					"memory is mapped"
				      : "the kernel touches an address where no memory is mapped");
			return;
		}
	}
}

/* The call has returned. */
static void call_over(struct engine *e)
{
	if (e->scratch.in_call == IN_LATE_CALL && e->scratch.status != THREAD_BUG)
		calls_result(e);
	e->scratch.in_call = IN_NO_CALL;
}

void visible_step(struct engine *e, u32 ti, u32 age)
{
	struct thread *t = &e->scratch;
	const struct now *now = world_now(e->w);
	/* Hardware that is driven by hand does the whole statement at once, and no more than that.
	 */
	bool by_hand = t->as && vm_is_cpu(e, ti);
	u32 step = vm_is_cpu(e, ti) ? t->step : vm_sched(e)->steps;

	t->last = t->stmt;
	W_SET(e->w, now->stmt, t->stmt);
	W_SET(e->w, now->step, step);
	do {
		if (t->in_call)
			go_on(e);
		else
			one(e, ti, vm_insn(e, t), age);
		if (t->in_call && lx_idle(&e->lx, (enum lx_level)calls_level(e)))
			call_over(e);
		if (!t->in_call && t->status == THREAD_RUN && t->cursor == 0)
			vm_settle(e, ti);
	} while (by_hand && t->as && t->step == step && t->status == THREAD_RUN &&
		 !world_now(e->w)->limit);
}
