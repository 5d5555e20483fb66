/* SPDX-License-Identifier: MIT */
/* What a device does, in its program or by hand: DMA beat by beat, its registers, its interrupt. */
#include "engine/vm_int.h"

#include "base/bug.h"

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
	u32 dev = vm_device(e, ti), at = i->op == OP_DMA_STORE ? 1 : t->cursor ? 1 : 0;
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
			vm_advance(e);
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
			vm_advance(e);
		}
		vm_push(e, x);
	}
}

static void dma_bytes(struct engine *e, u32 ti, const struct insn *i)
{
	struct thread *t = &e->scratch;
	u32 dev = vm_device(e, ti), k;
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
			vm_advance(e);
		}
		return;
	}
	{
		u64 n = vm_peek(t, 0)->v;
		struct view v;

		if (!vm_pool_begin(e, n))
			return;
		if (t->cursor < n) {
			k = beat(e, dev, bus, t->cursor, n);
			dma_read(&e->hw, dev, (dma_addr_t){bus + t->cursor}, k, &v);
			memcpy(vm_pool_room(e, t->cursor, k), v.data, k);
			t->cursor += k;
		}
		if (t->cursor >= n)
			vm_pool_end(e, (u32)n);
	}
}

static void reg_set(struct engine *e, u32 ti)
{
	u64 v = vm_pop(e).v, off = vm_pop(e).v;

	if (mmio_reg_slot(&e->hw, vm_device(e, ti), off) == REGS_MAX) {
		vm_bug(e, "a register that the device does not have");
		return;
	}
	device_reg_set(&e->hw, vm_device(e, ti), (u32)off, v, true);
	vm_advance(e);
}

static void model_act(struct engine *e, u32 ti, const struct insn *i)
{
	const char *why = models_act(e, vm_device(e, ti), i->a);

	if (why)
		vm_bug(e, why);
	else
		vm_advance(e);
}

bool acts_device(struct engine *e, u32 ti, const struct insn *i)
{
	switch ((enum opcode)i->op) {
	case OP_DMA_LOAD:
	case OP_DMA_STORE:
		dma_value(e, ti, i);
		return true;
	case OP_DMA_READ:
	case OP_DMA_WRITE:
		/* The oracle hears which handle it is, if that is known. */
		e->oracle.handle = handle_stmt(vm_peek(&e->scratch, 1));
		dma_bytes(e, ti, i);
		e->oracle.handle = 0;
		return true;
	case OP_RAISE_IRQ:
		irq_raise(&e->hw, vm_device(e, ti));
		vm_advance(e);
		return true;
	case OP_REG_SET:
		reg_set(e, ti);
		return true;
	case OP_MODEL:
		model_act(e, ti, i);
		return true;
	default:
		return false;
	}
}
