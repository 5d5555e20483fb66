/* SPDX-License-Identifier: MIT */
/*
 * The visible half of the machine: one transition of the instruction that a thread rests at.
 * Accesses longer than 8 bytes, or across an 8-byte boundary, go piece by piece; the thread's
 * cursor says how far they are.
 */
#include "engine/vm_int.h"

#include "base/bug.h"

/* Bytes of the next piece of [va + done, va + n): within one granule. */
static u32 piece(u64 va, u64 done, u64 n)
{
	u64 at = va + done;

	return (u32)(min_u64((at & ~7ull) + 8, va + n) - at);
}

static void advance(struct engine *e)
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
	u32 n = piece(va->v, t->cursor, i->size), time = 0;
	u64 so_far = t->cursor ? vm_peek(t, 0)->v : 0;
	u32 dep = t->cursor ? vm_peek(t, 0)->dep : 0;
	struct value r;
	struct view v;
	u64 x = 0;

	if (bad(e, cpu_load(&e->hw, (cpu_addr_t){va->v + t->cursor}, n, i->a, age, va->dep, &v,
			    &time)))
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
		advance(e);
	}
	vm_push_value(e, r);
}

static void store(struct engine *e, const struct insn *i)
{
	struct thread *t = &e->scratch;
	u64 v = vm_peek(t, 0)->v, va = vm_peek(t, 1)->v;
	u32 n = piece(va, t->cursor, i->size);
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
		advance(e);
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
		k = piece(va, t->cursor, n);
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
		advance(e);
	}
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
		k = (u32)min_u64(piece(dst, t->cursor, n), piece(src, t->cursor, n));
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
		vm_pop(e), vm_pop(e), vm_pop(e);
		advance(e);
	}
}

/* The bytes of a long read go to the pool; base is where, plus one. */
static u8 *pool_room(struct engine *e, u32 done, u32 k)
{
	return world_mut(
	    e->w, e->pool + (u32)offsetof(struct pool, bytes) + e->scratch.base - 1 + done, k);
}

static bool pool_begin(struct engine *e, u64 n)
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

static void pool_end(struct engine *e, u32 n)
{
	u32 base = e->scratch.base - 1;

	vm_pop(e), vm_pop(e);
	vm_push_value(e, (struct value){base, n, 0});
	advance(e);
}

static void read_bytes(struct engine *e, u32 age)
{
	struct thread *t = &e->scratch;
	u64 n = vm_peek(t, 0)->v, va = vm_peek(t, 1)->v;
	struct view v;
	u32 k, time;

	if (!pool_begin(e, n))
		return;
	if (t->cursor < n) {
		k = piece(va, t->cursor, n);
		if (bad(e, cpu_load(&e->hw, (cpu_addr_t){va + t->cursor}, k, false, age,
				    vm_peek(t, 1)->dep, &v, &time)))
			return;
		memcpy(pool_room(e, t->cursor, k), v.data, k);
		t->cursor += k;
	}
	if (t->cursor >= n)
		pool_end(e, (u32)n);
}

/* ---- devices ---- */

static u32 device_of(const struct engine *e, u32 ti)
{
	return ti ? ti - 1 : e->scratch.as - 1u;
}

/* A beat: within one line, within the device's beat, and aligned to it after the first. */
static u32 beat(const struct engine *e, u32 dev, u64 bus, u64 done, u64 n)
{
	u64 size = min_u64(e->cfg->hw.dev[dev].beat, e->w->line), at = bus + done;

	return (u32)(min_u64(align_down(at, size) + size, bus + n) - at);
}

static u64 swap_value(u64 v, u32 size, u32 swap)
{
	return swap == SWAP_BE ? __builtin_bswap64(v) >> (64 - 8 * size) : v;
}

static void dma_value(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;
	u32 dev = device_of(e, ti), at = i->op == OP_DMA_STORE ? 1 : t->cursor ? 1 : 0;
	u64 bus = vm_peek(t, at)->v, x = 0;
	u32 n = beat(e, dev, bus, t->cursor, i->size);
	dma_addr_t addr = {bus + t->cursor};

	if (i->op == OP_DMA_STORE) {
		u8 data[8];

		x = swap_value(vm_peek(t, 0)->v, i->size, i->a);
		memcpy(data, &x, 8);
		dma_write(&e->hw, dev, addr, n, data + t->cursor, false);
		t->cursor += n;
		if (t->cursor == i->size) {
			vm_pop(e), vm_pop(e);
			advance(e);
		}
		return;
	}
	{
		u64 so_far = t->cursor ? vm_pop(e).v : 0;
		struct view v;

		dma_read(&e->hw, dev, addr, n, &v);
		memcpy(&x, v.data, n);
		x = so_far | x << (8 * t->cursor);
		t->cursor += n;
		if (t->cursor == i->size) {
			vm_pop(e);
			x = swap_value(x, i->size, i->a);
			advance(e);
		}
		vm_push(e, x);
	}
}

static void dma_bytes(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;
	u32 dev = device_of(e, ti), k;
	u64 bus = vm_peek(t, 1)->v;

	if (i->op == OP_DMA_WRITE) {
		const struct value *b = vm_peek(t, 0);

		if (t->cursor < b->len) {
			k = beat(e, dev, bus, t->cursor, b->len);
			dma_write(&e->hw, dev, (dma_addr_t){bus + t->cursor}, k,
				  vm_bytes(e, b) + t->cursor, i->a);
			t->cursor += k;
		}
		if (t->cursor >= b->len) {
			vm_pop(e), vm_pop(e);
			advance(e);
		}
		return;
	}
	{
		u64 n = vm_peek(t, 0)->v;
		struct view v;

		if (!pool_begin(e, n))
			return;
		if (t->cursor < n) {
			k = beat(e, dev, bus, t->cursor, n);
			dma_read(&e->hw, dev, (dma_addr_t){bus + t->cursor}, k, &v);
			memcpy(pool_room(e, t->cursor, k), v.data, k);
			t->cursor += k;
		}
		if (t->cursor >= n)
			pool_end(e, (u32)n);
	}
}

static void reg_set(struct engine *e, u32 ti)
{
	u64 v = vm_pop(e).v, off = vm_pop(e).v;

	if (off / 4 >= REGS_MAX) {
		vm_bug(e, "a register that the device does not have");
		return;
	}
	device_reg_set(&e->hw, device_of(e, ti), (u32)off, v, true);
	advance(e);
}

/* preset(off, b): the one act that a model (edu) has. */
static void model_act(struct engine *e, u32 ti)
{
	struct value bytes = vm_pop(e);
	u64 off = vm_pop(e).v;

	if (models_preset(e, device_of(e, ti), off, vm_bytes(e, &bytes), bytes.len))
		advance(e);
	else
		vm_bug(e, "more than the device's buffer holds");
}

/* ---- registers from the CPU's side ---- */

static bool mmio_reg(struct engine *e, u64 reg, u32 *dev, u32 *off)
{
	*dev = (u32)(reg >> 32);
	*off = (u32)reg;
	if (*dev < e->cfg->hw.devs && *off / 4 < REGS_MAX)
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
			know_compiler_barrier(e->w);
		mmio_write(&e->hw, dev, off, i->size, v, i->a);
	} else {
		v = mmio_read(&e->hw, dev, off, i->size, i->a);
		if (!i->a)
			know_compiler_barrier(e->w);
		vm_push(e, v);
	}
	advance(e);
}

/* ---- hardware and laboratory by hand ---- */

static void hw_act(struct engine *e, const struct insn *i)
{
	u64 n = vm_pop(e).v, va = vm_pop(e).v;

	for (u64 at = align_down(va, e->w->line); at < va + n; at += e->w->line) {
		enum memtype type;
		phys_addr_t pa;
		u32 cell;

		if (!va_translate(&e->hw, (cpu_addr_t){at}, &pa, &type)) {
			vm_bug(e, "there is no memory at that address");
			return;
		}
		if (i->a == HW_PREFETCH) {
			if (type == MEM_CACHED && e->cfg->hw.l1.sets &&
			    !cache_line(&e->hw, LEVEL_L1, pa.pa).present)
				cache_fill(&e->hw, pa.pa, true, &cell);
			continue;
		}
		for (u32 l = 0; l < 2; l++) {
			struct line_info f;

			if (!(l ? e->cfg->hw.outer.sets : e->cfg->hw.l1.sets))
				continue;
			f = cache_line(&e->hw, (enum cache_level)l, pa.pa);
			if (f.dirty)
				cache_write_back(&e->hw, (enum cache_level)l, pa.pa);
			if (f.present && i->a == HW_EVICT)
				cache_drop(&e->hw, (enum cache_level)l, pa.pa);
		}
	}
	advance(e);
}

/* Memory holds these bytes, caches nothing: as if it had always been so. */
static bool preset(struct engine *e, u64 va, const struct value *b)
{
	for (u32 done = 0; done < b->len;) {
		enum memtype type;
		phys_addr_t pa;
		u32 k, cell;
		u64 line;

		if (!va_translate(&e->hw, (cpu_addr_t){va + done}, &pa, &type))
			return false;
		line = align_down(pa.pa, e->w->line);
		k = (u32)min_u64(line + e->w->line - pa.pa, b->len - done);
		for (u32 l = 0; l < 2; l++)
			if (l ? e->cfg->hw.outer.sets : e->cfg->hw.l1.sets)
				cache_invalidate(&e->hw, (enum cache_level)l, line);
		cell = memory_cell(e->w, line);
		if (!cell)
			return true;
		memcpy(world_mut_obj(e->w, cell, cell + 8 + (u32)(pa.pa - line), k),
		       vm_bytes(e, b) + done, k);
		copies_reset(e->w, pa.pa, k);
		copies_defined(e->w, pa.pa, k);
		EMIT(e->w, LAB_PRESET, PARTY_CPU, 0, pa.pa, k);
		done += k;
	}
	return true;
}

static void lab(struct engine *e, const struct insn *i)
{
	static const enum mem_kind kinds[] = {[LAB_ON_STACK] = KIND_STACK,
					      [LAB_IN_MODULE] = KIND_MODULE,
					      [LAB_IN_TEXT] = KIND_TEXT,
					      [LAB_IN_RODATA] = KIND_RODATA};
	struct value top = vm_pop(e);
	enum memtype type;
	cpu_addr_t va = {0};
	phys_addr_t pa;

	switch ((enum lab_act)i->a) {
	case LAB_PLACE:
		if (!lx_place(&e->lx, vm_pop(e).v, (phys_addr_t){top.v}, &va))
			vm_bug(e, "there is no free memory at that physical address");
		vm_push(e, va.va);
		break;
	case LAB_PRESET:
		if (!preset(e, vm_pop(e).v, &top))
			vm_bug(e, "there is no memory at that address");
		break;
	case LAB_LINEAR_ALIAS:
		if (!va_translate(&e->hw, (cpu_addr_t){top.v}, &pa, &type))
			vm_bug(e, "there is no memory at that address");
		else
			vm_push(e, va_linear(&e->hw, pa).va);
		break;
	default:
		if (!lx_lab_memory(&e->lx, kinds[i->a], top.v, &va))
			vm_bug(e, "the laboratory has no memory of that kind left");
		vm_push(e, va.va);
	}
	if (e->scratch.status != THREAD_BUG)
		advance(e);
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
	know_compiler_barrier(e->w);
	if (end > va)
		lx_dcache_op(&e->lx, (enum lx_level)calls_level(e), pa, end - va, ops[i->a]);
	e->scratch.in_call = 1;
	advance(e);
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
		know_compiler_barrier(e->w);
		calls_begin(e, i);
		break;
	case OP_BARRIER:
		know_compiler_barrier(e->w);
		cpu_barrier(&e->hw, (enum barrier_kind)i->a);
		advance(e);
		break;
	case OP_MMIO_WRITE:
	case OP_MMIO_READ:
		mmio(e, i);
		break;
	case OP_DCACHE:
		dcache(e, i);
		break;
	case OP_DMA_LOAD:
	case OP_DMA_STORE:
		dma_value(e, ti, i);
		break;
	case OP_DMA_READ:
	case OP_DMA_WRITE:
		dma_bytes(e, ti, i);
		break;
	case OP_RAISE_IRQ:
		irq_raise(&e->hw, device_of(e, ti));
		advance(e);
		break;
	case OP_REG_SET:
		reg_set(e, ti);
		break;
	case OP_MODEL:
		model_act(e, ti);
		break;
	case OP_HW:
		hw_act(e, i);
		break;
	case OP_LAB:
		lab(e, i);
		break;
	case OP_SETTLE:
		advance(e);
		break;
	default:
		BUG_ON(true);
	}
}

/* The kernel goes on with what a call queued. */
static void go_on(struct engine *e)
{
	enum lx_level level = (enum lx_level)calls_level(e);

	if (!lx_idle(&e->lx, level)) {
		enum lx_step s = lx_step(&e->lx, level);

		BUG_ON(s == LX_BLOCKED);
		if (s == LX_OOPS) {
			vm_bug(e, "the kernel touches an address where no memory is mapped");
			return;
		}
	}
	if (lx_idle(&e->lx, level))
		e->scratch.in_call = 0;
}

void visible_step(struct engine *e, u32 ti, u32 age)
{
	struct thread *t = &e->scratch;
	const struct now *now = world_now(e->w);
	/* Hardware that is driven by hand does the whole statement at once, and no more than that.
	 */
	bool by_hand = t->as && ti == 0;

	t->last = t->stmt;
	W_SET(e->w, now->stmt, t->stmt);
	W_SET(e->w, now->step, vm_sched(e)->steps);
	do {
		if (t->in_call)
			go_on(e);
		else
			one(e, ti, vm_insn(e, t), age);
		if (t->in_call && lx_idle(&e->lx, (enum lx_level)calls_level(e)))
			t->in_call = 0;
		if (!t->in_call && t->status == THREAD_RUN && t->cursor == 0)
			vm_settle(e, ti);
	} while (by_hand && t->as && vm_sched(e)->steps == now->step && t->status == THREAD_RUN &&
		 !world_now(e->w)->limit);
}

/* ---- what an instruction waits for ---- */

static enum need load_need(const struct engine *e, u64 va, u64 *line)
{
	enum memtype type;
	phys_addr_t pa;

	if (!cpu_load_blocked(&e->hw, (cpu_addr_t){va}))
		return NEED_NOTHING;
	va_translate(&e->hw, (cpu_addr_t){va}, &pa, &type);
	*line = align_down(pa.pa, e->w->line);
	return NEED_ROOM;
}

static enum need store_need(const struct engine *e, u64 va, u64 *line)
{
	enum memtype type;
	phys_addr_t pa;

	if (!cpu_store_blocked(&e->hw, (cpu_addr_t){va}))
		return NEED_NOTHING;
	if (e->cfg->hw.store_entries)
		return NEED_DRAIN;
	va_translate(&e->hw, (cpu_addr_t){va}, &pa, &type);
	*line = align_down(pa.pa, e->w->line);
	return NEED_ROOM;
}

/* The kernel's next operation: its copies and fills store, its line operations need the buffer out.
 */
static enum need call_need(const struct engine *e, u64 *line)
{
	enum lx_level level = (enum lx_level)calls_level(e);
	struct lx_next n;

	if (!lx_blocked(&e->lx, level))
		return NEED_NOTHING;
	n = lx_next(&e->lx, level);
	if (hw_cpu(&e->hw)->entries)
		return NEED_DRAIN;
	BUG_ON(n.kind != UOP_COPY && n.kind != UOP_FILL);
	*line = align_down(n.pa, e->w->line);
	if (cache_has_room(&e->hw, *line))
		*line = align_down(n.from, e->w->line);
	return NEED_ROOM;
}

enum need visible_need(const struct engine *e, u32 ti, u64 *line)
{
	const struct thread *t = engine_thread(e, ti);
	const struct insn *i = vm_insn(e, t);
	u32 dev, off;

	if (ti == 0 && t->in_call)
		return call_need(e, line);
	/* Whoever starts a device by hand has rung a doorbell, which orders what was stored. */
	if (ti == 0 && t->as && hw_cpu(&e->hw)->entries)
		return NEED_DRAIN;
	switch ((enum opcode)i->op) {
	case OP_LOAD:
		return load_need(e, vm_peek(t, t->cursor ? 1 : 0)->v + t->cursor, line);
	case OP_READ:
		return load_need(e, vm_peek(t, 1)->v + t->cursor, line);
	case OP_STORE:
		return store_need(e, vm_peek(t, 1)->v + t->cursor, line);
	case OP_MEMSET:
	case OP_MEMCPY_BYTES:
		return store_need(e, vm_peek(t, 2)->v + t->cursor, line);
	case OP_MEMCPY:
		return t->base ? store_need(e, vm_peek(t, 3)->v + t->cursor, line)
			       : load_need(e, vm_peek(t, 1)->v + t->cursor, line);
	case OP_BARRIER:
		return barrier_blocked(&e->hw, (enum barrier_kind)i->a) ? NEED_DRAIN : NEED_NOTHING;
	case OP_MMIO_WRITE:
	case OP_MMIO_READ:
		dev = (u32)(vm_peek(t, 0)->v >> 32);
		off = (u32)vm_peek(t, 0)->v;
		if (dev >= e->cfg->hw.devs || off / 4 >= REGS_MAX)
			return NEED_NOTHING;
		if (i->op == OP_MMIO_READ && engine_thread(e, dev + 1)->owes)
			return NEED_ARRIVE;
		if (i->op == OP_MMIO_READ)
			return mmio_read_blocked(&e->hw, dev, i->a) ? NEED_ARRIVE : NEED_NOTHING;
		if (!mmio_write_blocked(&e->hw, dev, i->a))
			return NEED_NOTHING;
		return hw_dev(&e->hw, dev)->posted_n == POSTED_MAX ? NEED_ARRIVE : NEED_DRAIN;
	case OP_SETTLE:
		return NEED_QUIET;
	default:
		return NEED_NOTHING;
	}
}

u32 visible_ages(const struct engine *e)
{
	const struct thread *t = engine_thread(e, 0);
	const struct insn *i = vm_insn(e, t);
	const struct value *va;
	u64 n;

	if (t->in_call || !e->cfg->hw.early_loads)
		return 0;
	if (i->op == OP_LOAD) {
		va = vm_peek(t, t->cursor ? 1 : 0);
		n = i->size;
	} else if (i->op == OP_READ) {
		va = vm_peek(t, 1);
		n = vm_peek(t, 0)->v;
	} else {
		return 0;
	}
	if (t->cursor >= n)
		return 0;
	return cpu_versions(&e->hw, (cpu_addr_t){va->v + t->cursor}, piece(va->v, t->cursor, n),
			    va->dep);
}
