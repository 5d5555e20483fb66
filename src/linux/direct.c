/* SPDX-License-Identifier: MIT */
/*
 * Streaming maps on the direct path: dma_direct_map_page() and its like in kernel/dma/direct.h, the
 * tests of arguments in kernel/dma/mapping.c. A mapping without a bounce leaves no trace here: an
 * unmap does what its arguments say.
 */
#include "linux/linux_int.h"

static bool valid_direction(u32 dir)
{
	return dir <= DMA_FROM_DEVICE;
}

/* dma_kmalloc_needs_bounce(), include/linux/dma-direct.h: by the size alone. */
static bool kmalloc_needs_bounce(const struct lx *l, u32 dev, u64 size, u32 dir)
{
	const struct linux_config *c = l->cfg;

	if (!c->kmalloc_bounce || dev_is_coherent(l, dev) || dir == DMA_TO_DEVICE)
		return false;
	return size < 2ull * c->dma_minalign && lx_kmalloc_room(l, size) % c->cache_alignment;
}

static void refuse(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, u32 dir,
		   dma_addr_t *out)
{
	out->bus = DMA_MAPPING_ERROR;
	DONE(l, level, MAP_FAIL, dev, 0, pa, size, dir);
}

static enum lx_rc map_phys(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, u32 dir,
			   u32 attrs, dma_addr_t *out)
{
	if (!valid_direction(dir))
		return LX_BUG_DIRECTION;
	if (l->cfg->swiotlb.force)
		return pool_map(l, level, dev, pa, size, dir, attrs, out);
	*out = lx_phys_to_dma(l, dev, (phys_addr_t){pa});
	if (!lx_dma_capable(l, dev, *out, size) || kmalloc_needs_bounce(l, dev, size, dir)) {
		if (pool_active(l))
			return pool_map(l, level, dev, pa, size, dir, attrs, out);
		log_add(l, LOG_DMA_OVERFLOW, dev, out->bus, size, lx_dma_get_mask(l, dev),
			l->cfg->dev[dev].bus_dma_limit);
		refuse(l, level, dev, pa, size, dir, out);
		return LX_OK;
	}
	if (!dev_is_coherent(l, dev) && !(attrs & ATTR_SKIP_CPU_SYNC))
		arch_for_device(l, level, pa, size, dir);
	DONE(l, level, MAP, dev, 0, pa, size, out->bus, dir, 0);
	return LX_OK;
}

enum lx_rc lx_dma_map_single(struct lx *l, enum lx_level level, u32 dev, cpu_addr_t p, u64 size,
			     u32 dir, u32 attrs, dma_addr_t *out)
{
	u64 pa = lx_virt_to_phys(l, p).pa;
	phys_addr_t page;

	uop_begin(l, level);
	if (lx_is_vmalloc_addr(l, p)) {
		if (lx_vmalloc_to_page(l, p, &page))
			pa = page.pa + p.va % LX_PAGE;
		log_add(l, LOG_VMALLOC, dev, 0, 0, 0, 0);
		refuse(l, level, dev, pa, size, dir, out);
		return LX_OK;
	}
	return map_phys(l, level, dev, pa, size, dir, attrs, out);
}

enum lx_rc lx_dma_map_page(struct lx *l, enum lx_level level, u32 dev, phys_addr_t page, u64 offset,
			   u64 size, u32 dir, u32 attrs, dma_addr_t *out)
{
	uop_begin(l, level);
	return map_phys(l, level, dev, page.pa + offset, size, dir, attrs, out);
}

int lx_dma_mapping_error(struct lx *l, u32 dev, dma_addr_t h)
{
	bool bad = h.bus == DMA_MAPPING_ERROR;

	EMIT(l->w, MAP_CHECK, hw_party(l->hw), (u16)dev, h.bus, bad);
	return bad ? -LX_ENOMEM : 0;
}

/* To the CPU: first the caches of what the device wrote to, then the copy to the original. */
static void give_to_cpu(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, u32 dir)
{
	if (!dev_is_coherent(l, dev))
		arch_for_cpu(l, level, pa, size, dir);
	if (lx_in_pool(l, (phys_addr_t){pa}) && dir != DMA_TO_DEVICE)
		pool_copy(l, level, dev, pa, size, false);
}

/* To the device: first the copy into the slot, then its caches. */
static void give_to_device(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, u32 dir)
{
	if (lx_in_pool(l, (phys_addr_t){pa}) && dir != DMA_FROM_DEVICE)
		pool_copy(l, level, dev, pa, size, true);
	if (!dev_is_coherent(l, dev))
		arch_for_device(l, level, pa, size, dir);
}

enum lx_rc lx_dma_unmap(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size, u32 dir,
			u32 attrs)
{
	u64 pa = lx_dma_to_phys(l, dev, h).pa;

	uop_begin(l, level);
	if (!valid_direction(dir))
		return LX_BUG_DIRECTION;
	if (!(attrs & ATTR_SKIP_CPU_SYNC))
		give_to_cpu(l, level, dev, pa, size, dir);
	DONE(l, level, UNMAP, dev, lx_in_pool(l, (phys_addr_t){pa}) ? pa : 0, pool_home(l, pa),
	     size, h.bus, dir, attrs);
	return LX_OK;
}

enum lx_rc lx_dma_sync_for_cpu(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			       u32 dir)
{
	u64 pa = lx_dma_to_phys(l, dev, h).pa;

	uop_begin(l, level);
	if (!valid_direction(dir))
		return LX_BUG_DIRECTION;
	give_to_cpu(l, level, dev, pa, size, dir);
	DONE(l, level, SYNC_CPU, dev, 0, pool_home(l, pa), size, h.bus, dir);
	return LX_OK;
}

enum lx_rc lx_dma_sync_for_device(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h,
				  u64 size, u32 dir)
{
	u64 pa = lx_dma_to_phys(l, dev, h).pa;

	uop_begin(l, level);
	if (!valid_direction(dir))
		return LX_BUG_DIRECTION;
	give_to_device(l, level, dev, pa, size, dir);
	DONE(l, level, SYNC_DEVICE, dev, 0, pool_home(l, pa), size, h.bus, dir);
	return LX_OK;
}
