/* SPDX-License-Identifier: MIT */
/*
 * The front of streaming DMA: kernel/dma/mapping.c. It tests arguments, decides which backend a
 * device uses, and hands over: dma-direct (linux/direct.c), or dma-iommu (linux/iommu.c) where an
 * IOMMU translates for the device.
 */
#include "linux/linux_int.h"

bool dma_valid_direction(u32 dir)
{
	return dir <= DMA_FROM_DEVICE;
}

/* BUG_ON(!valid_dma_direction(dir)) */
enum lx_rc map_bug_direction(struct lx *l, u32 dev)
{
	LOG_LINE(l, BUG_DIRECTION, dev, 0);
	return LX_BUG_DIRECTION;
}

void map_refuse(struct lx *l, enum lx_level level, const struct lx_map *m, const struct lx_piece *p,
		dma_addr_t *out)
{
	out->bus = DMA_MAPPING_ERROR;
	DONE(l, level, MAP_FAIL, m->dev, p->slot, m->pa, m->size, m->dir, m->attrs,
	     m->how | p->why);
}

/* Whether the mapping is of no memory of this machine: MMIO of 7.1, a resource of 6.12. */
bool map_is_mmio(u32 attrs, u32 how)
{
	return (attrs & ATTR_MMIO) || (how & HOW_MASK) == HOW_RESOURCE;
}

static void log_no_mask(struct lx *l, const struct lx_map *m)
{
	if ((m->how & HOW_MASK) == HOW_RESOURCE && !lx_is_7(l))
		LOG_LINE(l, NO_DMA_MASK_RESOURCE, m->dev, 0);
	else
		LOG_LINE_7(l, NO_DMA_MASK, m->dev, 0);
}

enum lx_rc map_one(struct lx *l, enum lx_level level, const struct lx_map *m, dma_addr_t *out)
{
	struct lx_piece p;
	enum lx_rc rc;

	if (!dma_valid_direction(m->dir))
		return map_bug_direction(l, m->dev);
	if (!lx_dma_has_mask(l, m->dev)) {
		log_no_mask(l, m);
		map_refuse(l, level, m, &(struct lx_piece){0}, out);
		return LX_OK;
	}
	if ((m->attrs & ATTR_REQUIRE_COHERENT) && !dev_is_coherent(l, m->dev)) {
		map_refuse(l, level, m, &(struct lx_piece){.why = REFUSED_COHERENT}, out);
		return LX_OK;
	}
	rc = use_dma_iommu(l, m->dev) ? dma_iommu_place(l, level, m, &p)
				      : direct_place(l, level, m, &p);
	if (rc != LX_OK)
		return rc;
	*out = p.bus;
	if (p.bus.bus == DMA_MAPPING_ERROR)
		map_refuse(l, level, m, &p, out);
	else
		DONE(l, level, MAP, m->dev, 0, m->pa, m->size, p.bus.bus, m->dir, p.slot, m->attrs,
		     m->how);
	return LX_OK;
}

/* Attributes that this kernel knows. */
static u32 known(const struct lx *l, u32 attrs)
{
	return lx_is_7(l) ? attrs : attrs & ATTRS_6;
}

/* dma_map_page_attrs(): a page is no register. */
static enum lx_rc map_memory(struct lx *l, enum lx_level level, const struct lx_map *m,
			     dma_addr_t *out)
{
	if (!(m->attrs & ATTR_MMIO))
		return map_one(l, level, m, out);
	map_refuse(l, level, m, &(struct lx_piece){0}, out);
	return LX_OK;
}

enum lx_rc lx_dma_map_single(struct lx *l, enum lx_level level, u32 dev, cpu_addr_t p, u64 size,
			     u32 dir, u32 attrs, dma_addr_t *out)
{
	struct lx_map m = {dev, lx_virt_to_phys(l, p).pa, size, dir, known(l, attrs), HOW_SINGLE};
	phys_addr_t page;

	uop_begin(l, level);
	if (lx_is_vmalloc_addr(l, p)) {
		if (lx_vmalloc_to_page(l, p, &page))
			m.pa = page.pa + p.va % LX_PAGE;
		m.how |= WHERE_VMALLOC;
		LOG_LINE(l, VMALLOC, dev, 0);
		map_refuse(l, level, &m, &(struct lx_piece){0}, out);
		return LX_OK;
	}
	m.how |= map_where_pointer(l, p, size);
	return map_memory(l, level, &m, out);
}

enum lx_rc lx_dma_map_page(struct lx *l, enum lx_level level, u32 dev, phys_addr_t page, u64 offset,
			   u64 size, u32 dir, u32 attrs, dma_addr_t *out)
{
	struct lx_map m = {dev, page.pa + offset, size, dir, known(l, attrs), HOW_PAGE};

	uop_begin(l, level);
	m.how |= map_where(l, m.pa, size);
	return map_memory(l, level, &m, out);
}

enum lx_rc lx_dma_map_phys(struct lx *l, enum lx_level level, u32 dev, phys_addr_t pa, u64 size,
			   u32 dir, u32 attrs, dma_addr_t *out)
{
	struct lx_map m = {dev, pa.pa, size, dir, attrs, HOW_PHYS};

	uop_begin(l, level);
	m.how |= map_where(l, m.pa, size);
	return map_one(l, level, &m, out);
}

enum lx_rc lx_dma_map_resource(struct lx *l, enum lx_level level, u32 dev, phys_addr_t pa, u64 size,
			       u32 dir, u32 attrs, dma_addr_t *out)
{
	struct lx_map m = {dev, pa.pa, size, dir, known(l, attrs), HOW_RESOURCE};

	uop_begin(l, level);
	m.how |= map_where(l, m.pa, size);
	if (lx_is_7(l))
		m.attrs |= ATTR_MMIO;
	return map_one(l, level, &m, out);
}

int lx_dma_mapping_error(struct lx *l, u32 dev, dma_addr_t h)
{
	bool bad = h.bus == DMA_MAPPING_ERROR;

	EMIT(l->w, MAP_CHECK, hw_party(l->hw), (u16)dev, h.bus, bad);
	return bad ? -LX_ENOMEM : 0;
}

enum lx_rc unmap_one(struct lx *l, enum lx_level level, const struct lx_unmap *m)
{
	if (!dma_valid_direction(m->dir))
		return map_bug_direction(l, m->dev);
	if (use_dma_iommu(l, m->dev))
		dma_iommu_unmap(l, level, m);
	else
		direct_unmap(l, level, m);
	return LX_OK;
}

enum lx_rc lx_dma_unmap(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size, u32 dir,
			u32 attrs)
{
	struct lx_unmap m = {dev, h, size, dir, known(l, attrs), HOW_SINGLE};

	uop_begin(l, level);
	return unmap_one(l, level, &m);
}

enum lx_rc lx_dma_unmap_phys(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			     u32 dir, u32 attrs)
{
	struct lx_unmap m = {dev, h, size, dir, attrs, HOW_PHYS};

	uop_begin(l, level);
	return unmap_one(l, level, &m);
}

enum lx_rc lx_dma_unmap_resource(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
				 u32 dir, u32 attrs)
{
	struct lx_unmap m = {dev, h, size, dir, known(l, attrs), HOW_RESOURCE};

	uop_begin(l, level);
	if (lx_is_7(l))
		m.attrs |= ATTR_MMIO;
	return unmap_one(l, level, &m);
}

/* A sync that the inline part of the call leaves out: it is told, and nothing is done. */
static enum lx_rc left_out(struct lx *l, enum lx_level level, enum event_kind kind, u32 dev,
			   dma_addr_t h, u64 size, u32 dir)
{
	u64 pa = lx_dma_to_phys(l, dev, h).pa;

	if (!dma_valid_direction(dir))
		return LX_OK;
	if (use_dma_iommu(l, dev))
		iommu_phys(l, dev, h.bus, &pa);
	uop_done(l, level, kind, dev, 0,
		 (const u64[EVENT_FIELDS]){pool_home(l, dev, pa), size, h.bus, dir, HOW_SINGLE});
	return LX_OK;
}

enum lx_rc lx_dma_sync_for_cpu(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			       u32 dir)
{
	uop_begin(l, level);
	if (lx_dma_skips_sync(l, dev))
		return left_out(l, level, EV_SYNC_CPU, dev, h, size, dir);
	if (!dma_valid_direction(dir))
		return map_bug_direction(l, dev);
	if (use_dma_iommu(l, dev))
		dma_iommu_sync(l, level, dev, h, size, dir, true);
	else
		direct_sync_for_cpu(l, level, dev, h, size, dir);
	return LX_OK;
}

enum lx_rc lx_dma_sync_for_device(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h,
				  u64 size, u32 dir)
{
	uop_begin(l, level);
	if (lx_dma_skips_sync(l, dev))
		return left_out(l, level, EV_SYNC_DEVICE, dev, h, size, dir);
	if (!dma_valid_direction(dir))
		return map_bug_direction(l, dev);
	if (use_dma_iommu(l, dev))
		dma_iommu_sync(l, level, dev, h, size, dir, false);
	else
		direct_sync_for_device(l, level, dev, h, size, dir);
	return LX_OK;
}
