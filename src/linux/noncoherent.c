/* SPDX-License-Identifier: MIT */
/*
 * Pages that a device reaches, cached for the CPU, mapped from the start but not handed over: the
 * CPU has them until the first sync_for_device. dma_alloc_pages() in kernel/dma/mapping.c,
 * dma_direct_alloc_pages() in kernel/dma/direct.c, dma_common_alloc_pages() in
 * kernel/dma/ops_helpers.c; dma_alloc_noncoherent() is the same with a
 * pointer in place of the page (include/linux/dma-mapping.h).
 */
#include "linux/linux_int.h"

/* What the call refuses, each with a WARN_ON_ONCE(). */
static bool refused(struct lx *l, u32 dev, u32 gfp)
{
	if (!lx_dma_get_coherent_mask(l, dev))
		LOG_LINE(l, PAGES_NO_MASK, dev, 0);
	else if (gfp & (GFP_BIT_DMA | GFP_BIT_DMA32 | GFP_BIT_HIGHMEM))
		LOG_LINE(l, PAGES_ZONE, dev, 0);
	else if (gfp & GFP_BIT_COMP)
		LOG_LINE(l, PAGES_COMP, dev, 0);
	else
		return false;
	return true;
}

/* dma_common_alloc_pages() maps them; on the direct path they have their handle. */
static bool placed(struct lx *l, enum lx_level level, const struct lx_ask *a, u64 pa, u32 dir,
		   dma_addr_t *h)
{
	struct lx_map m = {a->dev, pa, a->size, dir, ATTR_SKIP_CPU_SYNC, HOW_NONCOHERENT};
	struct lx_piece p;

	*h = lx_phys_to_dma(l, a->dev, (phys_addr_t){pa});
	if (!use_dma_iommu(l, a->dev))
		return true;
	if (dma_iommu_place(l, level, &m, &p) != LX_OK || p.bus.bus == DMA_MAPPING_ERROR) {
		page_give(l, pa, order_of(align_up(a->size, LX_PAGE)));
		return false;
	}
	*h = p.bus;
	return true;
}

/* Where the pages come from: behind an IOMMU from anywhere. */
static bool pages(struct lx *l, const struct lx_ask *a, u64 *pa)
{
	if (!use_dma_iommu(l, a->dev))
		return direct_pages(l, a, pa);
	return a->size && page_take(l, 0, order_of(align_up(a->size, LX_PAGE)), pa);
}

bool lx_dma_alloc_pages(struct lx *l, enum lx_level level, u32 dev, u64 size, u32 dir, u32 gfp,
			phys_addr_t *page, dma_addr_t *h)
{
	struct lx_ask a = {dev, size, gfp, 0, HOW_NONCOHERENT};
	u64 room = align_up(size, LX_PAGE);
	const struct lx_alloc *made;
	cpu_addr_t va;

	uop_begin(l, level);
	if (refused(l, dev, gfp) || !pages(l, &a, &page->pa) ||
	    !placed(l, level, &a, page->pa, dir, h)) {
		EMIT(l->w, ALLOC_FAIL, hw_party(l->hw), (u16)dev, size, 1);
		return false;
	}
	va = lx_phys_to_virt(l, *page);
	uop_fill(l, level, va, room);
	made = alloc_add(l, KIND_PAGE, va.va, page->pa, size, room);
	if (made && l->cfg->encrypted)
		W_SET(l->w, made->pages, ALLOC_SHARED);
	DONE(l, level, COHERENT_ALLOC, dev, 0, page->pa, va.va, size, h->bus, 0, HOW_NONCOHERENT,
	     dir);
	return true;
}

enum lx_rc lx_dma_free_pages(struct lx *l, u32 dev, u64 size, phys_addr_t page, dma_addr_t h,
			     u32 dir)
{
	cpu_addr_t va = lx_phys_to_virt(l, page);
	const struct lx_alloc *a = alloc_find(l, KIND_PAGE, va.va);

	if (!memory_is_ram(l->hw, page.pa, LX_PAGE))
		return LX_BUG_FREE;
	EMIT(l->w, COHERENT_FREE, hw_party(l->hw), (u16)dev, page.pa, va.va, size, h.bus,
	     HOW_NONCOHERENT, dir);
	if (a)
		alloc_drop(l, a);
	if (use_dma_iommu(l, dev))
		iommu_release_now(l, dev, h.bus, size);
	direct_give(l, dev, page.pa, size);
	return LX_OK;
}
