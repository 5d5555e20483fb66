/* SPDX-License-Identifier: MIT */
/*
 * Coherent memory: the front, dma_alloc_attrs() and dma_free_attrs() in kernel/dma/mapping.c, and
 * the direct path, dma_direct_alloc() and dma_direct_free() in kernel/dma/direct.c. For a device
 * that looks into the caches it is ordinary memory; for another the lines of the cacheable alias
 * are cleaned and the pages mapped again, uncached.
 *
 * What is freed is what the arguments say: the mapping by the pointer, the pages by the handle.
 *
 * Not modelled: CMA, ports that have an uncached alias instead of a remap (the addresses differ,
 * the behaviour does not).
 */
#include "linux/linux_int.h"

/* struct page of a physical address: where arm64 and x86-64 have them is no memory of a driver's.
 */
#define VMEMMAP	 0xffffea0000000000ull
#define PAGE_LOG 6 /* of sizeof(struct page) */

bool direct_reaches(const struct lx *l, u32 dev, u64 pa, u64 size)
{
	u64 bus = lx_phys_to_dma(l, dev, (phys_addr_t){pa}).bus;
	u64 limit = mask_limit(l, dev, lx_dma_get_coherent_mask(l, dev));

	return bus != ~0ull && bus + size - 1 <= limit;
}

/* The last physical address that the mask and the bus let the device reach. */
static u64 phys_limit(const struct lx *l, u32 dev)
{
	u64 bus = mask_limit(l, dev, lx_dma_get_coherent_mask(l, dev));

	return lx_dma_to_phys(l, dev, (dma_addr_t){bus}).pa;
}

u32 direct_zone(const struct lx *l, u32 dev)
{
	u64 limit = phys_limit(l, dev);

	if (limit <= l->cfg->zone_dma_limit)
		return GFP_BIT_DMA;
	return limit <= 0xffffffff ? GFP_BIT_DMA32 : 0;
}

/* __alloc_pages(): more than the largest block is refused, which is told once per boot. */
static bool too_large(struct lx *l, const struct lx_ask *a)
{
	if (a->size && a->size <= (u64)LX_PAGE << ORDER_MAX)
		return false;
	if (!(a->gfp & GFP_BIT_NOWARN))
		LOG_LINE_7(l, PAGE_ORDER, a->dev, 0);
	return true;
}

/* dma_direct_alloc_swiotlb(): where a pool of its own is all that the device may have. */
static bool own_pages(struct lx *l, u32 dev, u64 size, u64 *pa)
{
	if (!pool_alloc(l, dev, size, pa))
		return false;
	if (direct_reaches(l, dev, *pa, size))
		return true;
	pool_release(l, dev, *pa);
	return false;
}

void direct_give(struct lx *l, u32 dev, u64 pa, u64 size)
{
	if (pool_restricted(l, dev) && lx_in_pool(l, (phys_addr_t){pa}))
		pool_release(l, dev, pa); /* swiotlb_free() */
	else
		page_give(l, pa, order_of(align_up(size, LX_PAGE)));
}

bool direct_pages(struct lx *l, const struct lx_ask *a, u64 *pa)
{
	u64 size = align_up(a->size, LX_PAGE), limit = phys_limit(l, a->dev);
	u32 gfp = direct_zone(l, a->dev), order = order_of(size);

	if (too_large(l, a))
		return false;
	if (pool_restricted(l, a->dev))
		return own_pages(l, a->dev, size, pa);
	for (;;) {
		if (!page_take(l, gfp, order, pa))
			return false;
		if (direct_reaches(l, a->dev, *pa, size))
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

/* ---- what is done with the pages ---- */

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

u64 coherent_how(const struct lx_ask *a)
{
	return a->how | (u64)a->attrs << HOW_ATTRS_SHIFT;
}

/* The call's end: what was taken is known to the model's table, and told. */
static void announce(struct lx *l, enum lx_level level, const struct lx_ask *a, u64 pa,
		     cpu_addr_t va, dma_addr_t h, bool remapped)
{
	bool uncached = !dev_is_coherent(l, a->dev);
	const struct lx_alloc *e =
	    alloc_add(l, KIND_COHERENT, va.va, pa, a->size, align_up(a->size, LX_PAGE));

	if (e)
		W_SET(l->w, e->pages, remapped ? ALLOC_UNCACHED : ALLOC_LINEAR);
	DONE(l, level, COHERENT_ALLOC, a->dev, 0, pa, va.va, a->size, h.bus, uncached,
	     coherent_how(a), DMA_BIDIRECTIONAL);
}

/* dma_direct_alloc_no_mapping(): not zeroed, and the CPU gets no pointer that it may follow. */
static void no_mapping(struct lx *l, enum lx_level level, u64 pa, u64 room, cpu_addr_t *va)
{
	arch_prep_coherent(l, level, pa, room);
	va->va = VMEMMAP + (pa / LX_PAGE << PAGE_LOG);
}

static bool has_no_mapping(const struct lx *l, const struct lx_ask *a)
{
	return (a->attrs & ATTR_NO_KERNEL_MAPPING) && !l->cfg->encrypted &&
	       !pool_restricted(l, a->dev);
}

/* dma_direct_use_pool(): to remap pages may sleep. */
static bool from_atomic(const struct lx *l, const struct lx_ask *a)
{
	return !(a->gfp & GFP_BIT_DIRECT_RECLAIM) && !pool_restricted(l, a->dev) &&
	       (l->cfg->encrypted ||
		(!dev_is_coherent(l, a->dev) && (l->cfg->arch.flags & ARCH_REMAP)));
}

static bool direct_alloc(struct lx *l, enum lx_level level, const struct lx_ask *a, cpu_addr_t *va,
			 dma_addr_t *h)
{
	bool uncached = !dev_is_coherent(l, a->dev), remapped = false;
	u64 room = align_up(a->size, LX_PAGE), pa;

	if (!has_no_mapping(l, a) && from_atomic(l, a)) {
		if (!atomic_alloc(l, a, &pa, va))
			return false;
		uop_fill(l, level, *va, room);
		remapped = uncached;
	} else if (!direct_pages(l, a, &pa)) {
		return false;
	} else if (has_no_mapping(l, a)) {
		no_mapping(l, level, pa, room, va);
	} else if (uncached) {
		if (!remap(l, level, pa, room, va))
			return false;
		remapped = true;
	} else {
		*va = lx_phys_to_virt(l, (phys_addr_t){pa});
		uop_fill(l, level, *va, room);
	}
	*h = lx_phys_to_dma(l, a->dev, (phys_addr_t){pa});
	announce(l, level, a, pa, *va, *h, remapped);
	return true;
}

/* ---- the front ---- */

bool coherent_alloc(struct lx *l, enum lx_level level, const struct lx_ask *asked, cpu_addr_t *va,
		    dma_addr_t *h)
{
	struct lx_ask a = *asked;

	if (!lx_dma_get_coherent_mask(l, a.dev)) /* then only a limit of the bus lets it succeed */
		LOG_LINE(l, NO_COHERENT_MASK, a.dev, 0);
	if (a.gfp & GFP_BIT_COMP) {
		LOG_LINE(l, ALLOC_COMP, a.dev, 0);
	} else {
		a.gfp &= ~(u32)(GFP_BIT_DMA | GFP_BIT_DMA32 | GFP_BIT_HIGHMEM);
		if (a.attrs & ATTR_NO_WARN)
			a.gfp |= GFP_BIT_NOWARN;
		if (use_dma_iommu(l, a.dev) ? dma_iommu_alloc(l, level, &a, va, h)
					    : direct_alloc(l, level, &a, va, h))
			return true;
	}
	va->va = 0;
	EMIT(l->w, ALLOC_FAIL, hw_party(l->hw), (u16)a.dev, a.size, 1);
	return false;
}

enum lx_rc lx_dma_alloc_attrs(struct lx *l, enum lx_level level, u32 dev, u64 size, u32 gfp,
			      u32 attrs, cpu_addr_t *va, dma_addr_t *h)
{
	struct lx_ask a = {dev, size, gfp, attrs, HOW_COHERENT};

	uop_begin(l, level);
	va->va = 0;
	if (!size && use_dma_iommu(l, dev) && !(gfp & GFP_BIT_COMP))
		return LX_BUG_NOTHING;
	coherent_alloc(l, level, &a, va, h);
	return LX_OK;
}

/* ---- dma_free_attrs() ---- */

/* The page that a pointer means; ~0: none. */
static u64 page_behind(const struct lx *l, const struct lx_ask *a, cpu_addr_t va)
{
	const struct lx_alloc *known = alloc_find(l, KIND_COHERENT, va.va);
	enum memtype type;
	phys_addr_t pa;

	if (known)
		return known->pa;
	if (has_no_mapping(l, a))
		return (va.va - VMEMMAP) >> PAGE_LOG << 12;
	return va_translate(l->hw, va, &pa, &type) ? pa.pa : ~0ull;
}

static enum lx_rc direct_free(struct lx *l, const struct lx_ask *a, cpu_addr_t va, dma_addr_t h)
{
	const struct lx_alloc *known = alloc_find(l, KIND_COHERENT, va.va);
	u64 pa = has_no_mapping(l, a) ? page_behind(l, a, va) : lx_dma_to_phys(l, a->dev, h).pa;
	bool remapped = known && known->pages != ALLOC_LINEAR;

	if (known)
		alloc_drop(l, known);
	if (atomic_free(l, va, a->size))
		return LX_OK;
	if (remapped)
		va_unmap(l->hw, va);
	else if (!has_no_mapping(l, a) && lx_is_vmalloc_addr(l, va))
		LOG_LINE(l, VUNMAP, a->dev, 0);
	if (!memory_is_ram(l->hw, align_down(pa, LX_PAGE), LX_PAGE))
		return LX_BUG_FREE;
	direct_give(l, a->dev, align_down(pa, LX_PAGE), a->size);
	return LX_OK;
}

/*
 * iommu_dma_free(): the handle is unmapped, the pages are those behind the pointer. A pointer that
 * is not mapped any more is told by dma_common_free_remap().
 */
static enum lx_rc translated_free(struct lx *l, const struct lx_ask *a, cpu_addr_t va, dma_addr_t h)
{
	const struct lx_alloc *known = alloc_find(l, KIND_COHERENT, va.va);
	struct lx_alloc was;

	iommu_release_now(l, a->dev, h.bus, a->size);
	if (known) {
		was = *known;
		alloc_drop(l, known);
		if (was.pages != ALLOC_LINEAR)
			va_unmap(l->hw, va);
		page_give_run(l, was.pa, was.room / LX_PAGE);
	} else if (lx_is_vmalloc_addr(l, va)) {
		LOG_LINE(l, FREE_REMAP, a->dev, 0);
	} else if (memory_is_ram(l->hw, lx_virt_to_page(l, va).pa, LX_PAGE)) {
		page_give_run(l, lx_virt_to_page(l, va).pa, align_up(a->size, LX_PAGE) / LX_PAGE);
	} else {
		return LX_BUG_FREE;
	}
	return LX_OK;
}

enum lx_rc coherent_free(struct lx *l, const struct lx_ask *a, cpu_addr_t va, dma_addr_t h)
{
	u64 pa;

	if (hw_cpu(l->hw)->irq_off || hw_cpu(l->hw)->handler) /* irqs_disabled() */
		LOG_LINE(l, FREE_IRQS_OFF, a->dev, 0);
	if (!va.va)
		return LX_OK;
	pa = page_behind(l, a, va);
	EMIT(l->w, COHERENT_FREE, hw_party(l->hw), (u16)a->dev,
	     pa != ~0ull ? pa : lx_dma_to_phys(l, a->dev, h).pa, va.va, a->size, h.bus,
	     coherent_how(a), DMA_BIDIRECTIONAL);
	return use_dma_iommu(l, a->dev) ? translated_free(l, a, va, h) : direct_free(l, a, va, h);
}

enum lx_rc lx_dma_free_attrs(struct lx *l, u32 dev, u64 size, cpu_addr_t va, dma_addr_t h,
			     u32 attrs)
{
	return coherent_free(l, &(struct lx_ask){dev, size, 0, attrs, HOW_COHERENT}, va, h);
}
