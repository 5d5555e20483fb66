/* SPDX-License-Identifier: MIT */
/*
 * Streaming maps on the direct path: dma_direct_map_page() and its like in kernel/dma/direct.h. A
 * mapping without a bounce leaves no trace here: an unmap does what its arguments say.
 */
#include "linux/linux_int.h"

/* dma_kmalloc_needs_bounce(), include/linux/dma-direct.h: by the size alone. */
bool kmalloc_needs_bounce(const struct lx *l, u32 dev, u64 size, u32 dir)
{
	const struct linux_config *c = l->cfg;

	if (!c->kmalloc_bounce || dev_is_coherent(l, dev) || dir == DMA_TO_DEVICE)
		return false;
	return size < 2ull * c->dma_minalign && lx_kmalloc_room(l, size) % c->cache_alignment;
}

/* dma_direct_map_page() is inlined into two files: each warns once for itself. */
static void overflow(struct lx *l, const struct lx_map *m, u64 bus)
{
	u64 mask = lx_dma_get_mask(l, m->dev), limit = l->cfg->dev[m->dev].bus_dma_limit;
	u32 how = m->how & HOW_MASK;

	if (how == HOW_SG)
		LOG_LINE(l, DMA_OVERFLOW_SG, m->dev, bus, m->size, mask, limit);
	else if (how == HOW_RESOURCE && !lx_is_7(l))
		LOG_LINE(l, RESOURCE_OVERFLOW, m->dev, bus, m->size, mask, limit);
	else
		LOG_LINE_7(l, DMA_OVERFLOW, m->dev, bus, m->size, mask, limit);
}

/* Registers, and memory that an encrypted guest has shared: as they are, or not at all. */
static enum lx_rc place_as_it_is(struct lx *l, const struct lx_map *m, struct lx_piece *out)
{
	out->bus.bus = m->pa;
	if (!map_is_mmio(m->attrs, m->how))
		out->bus = lx_phys_to_dma(l, m->dev, (phys_addr_t){m->pa});
	if (!mask_capable(l, m->dev, out->bus.bus, m->size, lx_dma_get_mask(l, m->dev), false)) {
		overflow(l, m, out->bus.bus);
		out->bus.bus = DMA_MAPPING_ERROR;
	}
	return LX_OK;
}

enum lx_rc direct_place(struct lx *l, enum lx_level level, const struct lx_map *m,
			struct lx_piece *out)
{
	bool mmio = map_is_mmio(m->attrs, m->how), shared = m->attrs & ATTR_CC_SHARED;
	bool only_coherent = m->attrs & ATTR_REQUIRE_COHERENT;

	*out = (struct lx_piece){.bus = {DMA_MAPPING_ERROR}};
	if (only_coherent)
		out->why = REFUSED_COHERENT;
	if (pool_forced(l, m->dev) && !shared && (lx_is_7(l) || !mmio))
		return mmio || only_coherent ? LX_OK : pool_place(l, level, m, out);
	if (shared && !pool_forced(l, m->dev))
		return LX_OK;
	if (mmio || shared)
		return place_as_it_is(l, m, out);
	out->bus = lx_phys_to_dma(l, m->dev, (phys_addr_t){m->pa});
	if (!lx_dma_capable(l, m->dev, out->bus, m->size) ||
	    kmalloc_needs_bounce(l, m->dev, m->size, m->dir)) {
		if (pool_active(l, m->dev) && !only_coherent)
			return pool_place(l, level, m, out);
		overflow(l, m, out->bus.bus);
		out->bus.bus = DMA_MAPPING_ERROR;
		return LX_OK;
	}
	if (!dev_is_coherent(l, m->dev) && !(m->attrs & ATTR_SKIP_CPU_SYNC))
		arch_for_device(l, level, m->pa, m->size, m->dir, m->how == HOW_SG);
	return LX_OK;
}

void give_to_cpu(struct lx *l, enum lx_level level, const struct lx_give *g)
{
	bool list = g->how == HOW_SG, coherent = dev_is_coherent(l, g->dev);

	if (!coherent)
		arch_for_cpu(l, level, g->pa, g->size, g->dir, list);
	if (!lx_in_pool(l, (phys_addr_t){g->pa}) || g->dir == DMA_TO_DEVICE)
		return;
	if (list && !coherent) /* swiotlb_bounce() waits before it reads what the device wrote */
		arch_flush(l, level);
	pool_copy(l, level, g->dev, g->pa, g->size, false);
}

void give_to_device(struct lx *l, enum lx_level level, const struct lx_give *g)
{
	if (lx_in_pool(l, (phys_addr_t){g->pa}) && g->dir != DMA_FROM_DEVICE)
		pool_copy(l, level, g->dev, g->pa, g->size, true);
	if (!dev_is_coherent(l, g->dev))
		arch_for_device(l, level, g->pa, g->size, g->dir, g->how == HOW_SG);
}

void direct_unmap(struct lx *l, enum lx_level level, const struct lx_unmap *m)
{
	bool mmio = map_is_mmio(m->attrs, m->how), slot;
	u64 pa = mmio ? m->h.bus : lx_dma_to_phys(l, m->dev, m->h).pa;

	slot = !mmio && !(m->attrs & ATTR_REQUIRE_COHERENT) && lx_in_pool(l, (phys_addr_t){pa});
	if (!mmio && !(m->attrs & (ATTR_SKIP_CPU_SYNC | ATTR_REQUIRE_COHERENT)))
		give_to_cpu(l, level, &(struct lx_give){m->dev, m->how, pa, m->size, m->dir});
	DONE(l, level, UNMAP, m->dev, slot ? pa : 0, slot ? pool_home(l, m->dev, pa) : pa, m->size,
	     m->h.bus, m->dir, m->attrs, m->how);
}

void direct_sync_for_cpu(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			 u32 dir)
{
	u64 pa = lx_dma_to_phys(l, dev, h).pa;

	give_to_cpu(l, level, &(struct lx_give){dev, HOW_SINGLE, pa, size, dir});
	DONE(l, level, SYNC_CPU, dev, 0, pool_home(l, dev, pa), size, h.bus, dir, HOW_SINGLE);
}

void direct_sync_for_device(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			    u32 dir)
{
	u64 pa = lx_dma_to_phys(l, dev, h).pa;

	give_to_device(l, level, &(struct lx_give){dev, HOW_SINGLE, pa, size, dir});
	DONE(l, level, SYNC_DEVICE, dev, 0, pool_home(l, dev, pa), size, h.bus, dir, HOW_SINGLE);
}
