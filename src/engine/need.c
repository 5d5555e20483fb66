/* SPDX-License-Identifier: MIT */
/* What the visible instruction that a thread rests at waits for, and which answers it may get. */
#include "engine/calls.h"
#include "engine/vm_int.h"

#include "base/bug.h"

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
	BUG_ON(n.kind != UOP_COPY && n.kind != UOP_FILL && n.kind != UOP_STORE &&
	       n.kind != UOP_READ);
	*line = align_down(n.pa, e->w->line);
	if (cache_has_room(&e->hw, *line))
		*line = align_down(n.from, e->w->line);
	return NEED_ROOM;
}

/* An act of a model, by hand: some wait until the device has got the writes to its registers. */
static enum need act_need(const struct engine *e, u32 ti, const struct insn *i, u64 *line)
{
	u32 dev = engine_thread(e, ti)->as - 1u;

	*line = dev;
	return models_told(e, dev, i->a) && hw_dev(&e->hw, dev)->posted_n ? NEED_ARRIVE
									  : NEED_NOTHING;
}

/* The needs of a CPU's thread, with that CPU as the one that acts. */
static enum need need_of(const struct engine *e, u32 ti, u64 *line)
{
	const struct thread *t = engine_thread(e, ti);
	const struct insn *i = vm_insn(e, t);
	u32 dev, off;

	bool cpu = vm_is_cpu(e, ti);

	if (cpu && t->in_call)
		return call_need(e, line);
	/* Whoever starts a device by hand has rung a doorbell, which orders what was stored; what
	 * comes to a model from outside orders nothing. */
	if (cpu && t->as && i->op != OP_MODEL && hw_cpu(&e->hw)->entries)
		return NEED_DRAIN;
	if (cpu && t->as && i->op == OP_MODEL)
		return act_need(e, ti, i, line);
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
	case OP_API: /* the pending bit is set by a full barrier: kernel/workqueue.c */
		return i->b == CALL_schedule_work_on && hw_cpu(&e->hw)->entries ? NEED_DRAIN
										: NEED_NOTHING;
	case OP_PUBLISH:
	case OP_WORK_END: /* complete() */
		return hw_cpu(&e->hw)->entries ? NEED_DRAIN : NEED_NOTHING;
	case OP_BARRIER:
		return barrier_blocked(&e->hw, (enum barrier_kind)i->a) ? NEED_DRAIN : NEED_NOTHING;
	case OP_MMIO_WRITE:
	case OP_MMIO_READ:
		dev = (u32)(vm_peek(t, 0)->v >> 32);
		off = (u32)vm_peek(t, 0)->v;
		if (dev >= e->cfg->hw.devs || mmio_reg_slot(&e->hw, dev, off) == REGS_MAX)
			return NEED_NOTHING;
		*line = dev;
		if (i->op == OP_MMIO_READ && engine_thread(e, dev + 1)->owes)
			return NEED_ARRIVE;
		if (i->op == OP_MMIO_READ)
			return mmio_read_blocked(&e->hw, dev, off) ? NEED_ARRIVE : NEED_NOTHING;
		if (!mmio_write_blocked(&e->hw, dev, i->a))
			return NEED_NOTHING;
		return hw_dev(&e->hw, dev)->posted_n == POSTED_MAX ? NEED_ARRIVE : NEED_DRAIN;
	case OP_SETTLE:
		return NEED_QUIET;
	default:
		return NEED_NOTHING;
	}
}

enum need visible_need(struct engine *e, u32 ti, u64 *what)
{
	enum need n;

	e->hw.self = vm_cpu(e, ti);
	n = need_of(e, ti, what);
	e->hw.self = 0;
	return n;
}

u32 visible_ages(struct engine *e, u32 ti)
{
	const struct thread *t = engine_thread(e, ti);
	const struct insn *i = vm_insn(e, t);
	const struct value *va;
	u64 n;
	u32 k;

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
	e->hw.self = vm_cpu(e, ti);
	k = cpu_versions(&e->hw, (cpu_addr_t){va->v + t->cursor}, vm_piece(va->v, t->cursor, n),
			 va->dep);
	e->hw.self = 0;
	return k;
}

bool wait_looks(const struct engine *e, const struct thread *t)
{
	static const u64 blind =
	    1ull << OP_PUSH | 1ull << OP_POP | 1ull << OP_DUP | 1ull << OP_SWAP | 1ull << OP_GET |
	    1ull << OP_AGET | 1ull << OP_BIN | 1ull << OP_NEG | 1ull << OP_NOT | 1ull << OP_LNOT |
	    1ull << OP_CONV | 1ull << OP_JMP | 1ull << OP_JZ | 1ull << OP_JNZ | 1ull << OP_REG_GET;
	const struct insn *top = &e->prog->code[t->top], *end = &e->prog->code[top->b];

	_Static_assert(OP_REG_GET < 64, "a bit for each");
	BUG_ON(top->op != OP_WAIT_TOP || end < top);
	while (++top < end)
		if (top->op >= 64 || !(blind >> top->op & 1))
			return true;
	return false;
}
