/* SPDX-License-Identifier: MIT */
/* hw: and lab: steps: what hardware might do by itself, and how the author arranges the laboratory.
 */
#include "engine/vm_int.h"

#include "base/bug.h"

/* The oldest entry that has bytes in [pa, pa+n); -1: none. */
static s32 entry_in(const struct engine *e, u64 pa, u64 n)
{
	const struct cpu_state *c = hw_cpu(&e->hw);

	for (u32 i = 0; i < c->entries; i++)
		for (u32 b = 0; b < 8; b++)
			if ((c->sb[i].mask >> b & 1) && c->sb[i].pa + b - pa < n)
				return (s32)i;
	return -1;
}

/* Stores of a range leave at once, and in front of them what they must not overtake. */
static void let_stores_go(struct engine *e, u64 pa, u64 n)
{
	s32 want;

	while ((want = entry_in(e, pa, n)) >= 0) {
		u32 i = buffer_ready(&e->hw) >> want & 1 ? (u32)want : 0;
		u64 line = align_down(hw_cpu(&e->hw)->sb[i].pa, e->w->line), victim;

		if (buffer_drain_blocked(&e->hw, i)) {
			victim = cache_victim(&e->hw, line);
			if (cache_line(&e->hw, LEVEL_L1, victim).dirty)
				cache_write_back(&e->hw, LEVEL_L1, victim);
			cache_drop(&e->hw, LEVEL_L1, victim);
		}
		if (buffer_drain(&e->hw, i) != ACCESS_OK)
			return; /* the block is full: a limit that ends the run */
	}
}

/* DMA writes to a range land at once, with those that were sent before them. */
static void let_dma_go(struct engine *e, u64 pa, u64 n)
{
	for (u32 d = 0; d < e->cfg->hw.devs; d++) {
		const struct dev_state *s = hw_dev(&e->hw, d);
		u32 k = 0;

		for (u32 i = 0; i < s->inflight_n; i++)
			if (s->inflight[i].pa < pa + n && pa < s->inflight[i].pa + s->inflight[i].n)
				k = i + 1;
		while (k--)
			engine_land(e, d, 0);
	}
}

/* 1 + the index of a posted write to registers [off, off+n); 0: there is none. */
static u32 posted_in(const struct dev_state *d, u32 off, u64 n)
{
	for (u32 i = 0; i < d->posted_n; i++)
		if (d->posted[i].reg < off + n && off < d->posted[i].reg + d->posted[i].size)
			return i + 1;
	return 0;
}

/* Register writes to a range arrive at once, with those of their window that were before them. */
static bool let_mmio_go(struct engine *e, u64 reg, u64 n)
{
	u32 dev = (u32)(reg >> 32), i;
	const struct dev_state *d;

	if (dev >= e->cfg->hw.devs)
		return false;
	d = hw_dev(&e->hw, dev);
	while ((i = posted_in(d, (u32)reg, n)))
		engine_arrive(e, dev, mmio_window(&e->hw, dev, d->posted[i - 1].reg));
	return true;
}

static void hold_or_release(struct engine *e, const struct insn *i, u64 va, u64 n)
{
	enum memtype type;
	phys_addr_t pa = {0};
	bool ok = true;

	if (i->a == HW_HOLD) {
		hw_hold(&e->hw, (enum hw_held)i->b);
		vm_advance(e);
		return;
	}
	hw_release(&e->hw, (enum hw_held)i->b);
	for (u32 d = 0; d < e->cfg->hw.devs && i->b == HELD_IOTLB; d++)
		if (lx_flush_waits(&e->lx, d))
			lx_flush(&e->lx, d);
	if (i->a == HW_RELEASE_REG)
		ok = let_mmio_go(e, va, n);
	else if (n)
		ok = va_translate(&e->hw, (cpu_addr_t){va}, &pa, &type);
	if (n && ok && i->b == HELD_STORES)
		let_stores_go(e, pa.pa, n);
	if (n && ok && i->b == HELD_DMA)
		let_dma_go(e, pa.pa, n);
	if (ok)
		vm_advance(e);
	else
		vm_bug(e, "there is no memory, or no register, at that address");
}

/* The author asks for what is not there: no fault of the driver, and no verdict. */
static void beyond(struct engine *e, enum limit_kind what)
{
	world_limit(e->w, what);
	e->scratch.status = THREAD_BUG;
}

static void hw_act(struct engine *e, const struct insn *i)
{
	u64 n = vm_pop(e).v, va = vm_pop(e).v;

	if (i->a >= HW_HOLD) {
		hold_or_release(e, i, va, n);
		return;
	}

	for (u64 at = align_down(va, e->w->line); at < va + n; at += e->w->line) {
		enum memtype type;
		phys_addr_t pa;
		u32 cell;

		if (!va_translate(&e->hw, (cpu_addr_t){at}, &pa, &type)) {
			beyond(e, LIMIT_LAB_ADDRESS);
			return;
		}
		if (i->a == HW_PREFETCH) { /* nothing that this hardware would not do by itself */
			if (e->cfg->hw.speculates && type == MEM_CACHED && e->cfg->hw.l1.sets &&
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
	vm_advance(e);
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
			beyond(e, LIMIT_LAB_PLACE);
		vm_push(e, va.va);
		break;
	case LAB_PRESET:
		if (!preset(e, vm_pop(e).v, &top))
			beyond(e, LIMIT_LAB_ADDRESS);
		break;
	case LAB_LINEAR_ALIAS:
		if (!va_translate(&e->hw, (cpu_addr_t){top.v}, &pa, &type))
			beyond(e, LIMIT_LAB_ADDRESS);
		else
			vm_push(e, va_linear(&e->hw, pa).va);
		break;
	default:
		if (!lx_lab_memory(&e->lx, kinds[i->a], top.v, &va))
			beyond(e, LIMIT_LAB_KIND);
		vm_push(e, va.va);
	}
	if (e->scratch.status != THREAD_BUG)
		vm_advance(e);
}

/* ---- pools, pages, failures ---- */

static const u16 *failures(const struct engine *e)
{
	return world_at(e->w, e->lab);
}

bool lab_fails(struct engine *e, u32 call)
{
	const u16 *left = &failures(e)[call];

	if (!*left)
		return false;
	W_SET(e->w, *left, (u16)(*left - 1));
	return *left == 0;
}

/* Acts that make no memory. False: it is none of them. */
static bool arrange(struct engine *e, const struct insn *i)
{
	struct value top;

	switch ((enum lab_act)i->a) {
	case LAB_SHUFFLE_PAGES:
		lx_shuffle_pages(&e->lx);
		break;
	case LAB_SWIOTLB_TAKE:
		if (!lx_slots_take(&e->lx, (u32)min_u64(vm_pop(e).v, 0xffffffffu)))
			beyond(e, LIMIT_LAB_SLOTS);
		break;
	case LAB_SWIOTLB_NEXT:
		top = vm_pop(e);
		if (!lx_slots_next(&e->lx, lx_dma_to_phys(&e->lx, 0, (dma_addr_t){top.v})))
			beyond(e, LIMIT_LAB_HANDLE);
		break;
	case LAB_IOVA_TAKE: /* of every device that is behind the IOMMU */
		top = vm_pop(e);
		for (u32 d = 0; d < e->cfg->hw.devs; d++)
			if (e->cfg->hw.dev[d].translated && !lx_iova_take(&e->lx, d, top.v))
				beyond(e, LIMIT_LAB_IOVAS);
		break;
	case LAB_NO_DMA_MASK:
		lx_dma_drop_mask(&e->lx, (u32)vm_pop(e).v);
		break;
	case LAB_ATOMIC_TAKE:
		if (!lx_atomic_take(&e->lx, vm_pop(e).v))
			beyond(e, LIMIT_LAB_POOL_PAGES);
		break;
	case LAB_FAIL_NTH:
		W_SET(e->w, failures(e)[i->b], (u16)vm_pop(e).v);
		break;
	case LAB_ECHO:
		if (i->b == FILE_POOL_MOST) {
			lx_slots_reset_most(&e->lx);
			break;
		}
		top = vm_pop(e);
		twin_echo(e, (enum debugfs_file)i->b, vm_bytes(e, &top), top.len);
		break;
	default:
		return false;
	}
	if (e->scratch.status != THREAD_BUG)
		vm_advance(e);
	return true;
}

bool acts_lab(struct engine *e, const struct insn *i)
{
	if (i->op == OP_HW)
		hw_act(e, i);
	else if (i->op != OP_LAB)
		return false;
	else if (!arrange(e, i))
		lab(e, i);
	return true;
}
