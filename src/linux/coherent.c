/* SPDX-License-Identifier: MIT */
/*
 * Coherent memory on the direct path: dma_direct_alloc(), __dma_direct_alloc_pages() in
 * kernel/dma/direct.c. For a device that looks into the caches it is ordinary memory; for another
 * the lines of the cacheable alias are cleaned and the pages mapped again, uncached.
 *
 * Not modelled: CMA, atomic pools, a device's own pool, ports that have an uncached alias instead
 * of a remap (the addresses differ, the behaviour does not).
 */
#include "linux/linux_int.h"

static bool reachable(const struct lx *l, u32 dev, u64 pa, u64 size)
{
	u64 bus = lx_phys_to_dma(l, dev, (phys_addr_t){pa}).bus;
	u64 limit = mask_limit(l, dev, lx_dma_get_coherent_mask(l, dev));

	return bus != ~0ull && bus + size - 1 <= limit;
}

/* dma_direct_optimal_gfp_mask(): the mask decides about the zone, not the caller. */
static u32 zone_bits(const struct lx *l, u64 limit)
{
	if (limit <= l->cfg->zone_dma_limit)
		return GFP_BIT_DMA;
	return limit <= 0xffffffff ? GFP_BIT_DMA32 : 0;
}

static bool take_reachable(struct lx *l, u32 dev, u64 size, u64 *pa)
{
	u64 bus = mask_limit(l, dev, lx_dma_get_coherent_mask(l, dev));
	u64 limit = lx_dma_to_phys(l, dev, (dma_addr_t){bus}).pa;
	u32 gfp = zone_bits(l, limit), order = order_of(size);

	for (;;) {
		if (!page_take(l, gfp, order, pa))
			return false;
		if (reachable(l, dev, *pa, size))
			return true;
		page_give(l, *pa, order);
		if (l->cfg->zone_dma32_limit && limit != ~0ull && !gfp)
			gfp = GFP_BIT_DMA32;
		else if (l->cfg->zone_dma_limit && gfp != GFP_BIT_DMA)
			gfp = GFP_BIT_DMA;
		else
			return false;
	}
}

/* Makes the pages uncached for the CPU. False: no room in the page tables of this model. */
static bool remap(struct lx *l, enum lx_level level, u64 pa, u64 room, cpu_addr_t *va)
{
	bool zero_first = l->cfg->arch.flags & ARCH_ZERO_FIRST;

	if (!va_map(l->hw, (phys_addr_t){pa}, room, MEM_UNCACHED, va)) {
		world_limit(l->w, LIMIT_ALLOCS);
		return false;
	}
	if (zero_first)
		uop_fill(l, level, lx_phys_to_virt(l, (phys_addr_t){pa}), room);
	arch_prep_coherent(l, level, pa, room);
	if (!zero_first)
		uop_fill(l, level, *va, room);
	return true;
}

void lx_dma_alloc_coherent(struct lx *l, enum lx_level level, u32 dev, u64 size, cpu_addr_t *va,
			   dma_addr_t *h)
{
	bool uncached = !dev_is_coherent(l, dev);
	u64 room = align_up(size, LX_PAGE), pa;
	const struct lx_alloc *a;

	uop_begin(l, level);
	va->va = 0;
	if (!lx_dma_get_coherent_mask(l, dev)) /* then only a limit of the bus lets it succeed */
		LOG_LINE(l, NO_COHERENT_MASK, dev, 0);
	if (use_dma_iommu(l, dev)) {
		if (!size || !dma_iommu_alloc(l, level, dev, size, va, h))
			EMIT(l->w, ALLOC_FAIL, hw_party(l->hw), 0, size);
		return;
	}
	if (!size || size > (u64)LX_PAGE << ORDER_MAX || !take_reachable(l, dev, room, &pa)) {
		EMIT(l->w, ALLOC_FAIL, hw_party(l->hw), 0, size);
		return;
	}
	*va = lx_phys_to_virt(l, (phys_addr_t){pa});
	if (uncached && !remap(l, level, pa, room, va))
		return;
	if (!uncached)
		uop_fill(l, level, *va, room);
	*h = lx_phys_to_dma(l, dev, (phys_addr_t){pa});
	a = alloc_add(l, KIND_COHERENT, va->va, pa, size, room);
	if (a)
		W_SET(l->w, a->pages, uncached ? ALLOC_UNCACHED : ALLOC_LINEAR);
	DONE(l, level, COHERENT_ALLOC, dev, 0, pa, va->va, size, h->bus, uncached, HOW_COHERENT,
	     DMA_BIDIRECTIONAL);
}

enum lx_rc lx_dma_free_coherent(struct lx *l, u32 dev, u64 size, cpu_addr_t va, dma_addr_t h)
{
	const struct lx_alloc *a;
	struct lx_alloc was;

	if (hw_cpu(l->hw)->irq_off || hw_cpu(l->hw)->handler) /* irqs_disabled() */
		LOG_LINE(l, FREE_IRQS_OFF, dev, 0);
	if (!va.va)
		return LX_OK;
	a = alloc_find(l, KIND_COHERENT, va.va);
	if (!a)
		return LX_BUG_FREE;
	was = *a;
	if (was.pages)
		va_unmap(l->hw, va);
	if (use_dma_iommu(l, dev)) {
		iommu_release_now(l, dev, h.bus, size);
		page_give_run(l, was.pa, was.room / LX_PAGE);
	} else {
		page_give(l, was.pa, order_of(was.room));
	}
	alloc_drop(l, a);
	EMIT(l->w, COHERENT_FREE, hw_party(l->hw), (u16)dev, was.pa, va.va, size, h.bus,
	     HOW_COHERENT, DMA_BIDIRECTIONAL);
	return LX_OK;
}
