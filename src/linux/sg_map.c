/* SPDX-License-Identifier: MIT */
/*
 * Mapping of scatterlists: __dma_map_sg_attrs() and its like of kernel/dma/mapping.c, and their
 * backend dma-direct (dma_direct_map_sg() and its like, kernel/dma/direct.c), which maps each entry
 * for itself and joins nothing.
 *
 * A call decides at once: what it returns and what it puts into the entries is final. The work on
 * all entries is queued, a transition each, and the API events of all of them come last, in one.
 *
 * Model: no peer-to-peer pages.
 */
#include "linux/sg_map.h"

/*
 * for_each_sg() over the entries: not LX_OK where the kernel would follow a pointer that is none,
 * or use what nobody initialised. paged: each entry must stand for memory, too.
 */
static enum lx_rc check_list(const struct lx *l, const struct sg_call *c, bool paged)
{
	u64 at = c->sg;

	for (u64 i = 0; i < c->n; i++) {
		const struct lx_sg *entry;
		enum lx_rc rc = lx_sg_entry(l, at, &entry);

		if (rc != LX_OK)
			return rc;
		if (paged && !entry->page)
			return LX_BUG_SG_PAGE;
		lx_sg_next(l, at, &at);
	}
	return LX_OK;
}

/* What every call begins with. */
static enum lx_rc begin(struct lx *l, enum lx_level level, const struct sg_call *c, bool paged)
{
	uop_begin(l, level);
	if (!dma_valid_direction(c->dir))
		return map_bug_direction(l, c->dev);
	return check_list(l, c, paged);
}

/* ---- dma-direct ---- */

/* dma_direct_map_sg(): the entries that were mapped before one that cannot be are let go again. */
static enum lx_rc direct_map_sg(struct lx *l, enum lx_level level, const struct sg_call *c,
				int *ents)
{
	for (u64 i = 0; i < c->n; i++) {
		const struct lx_sg *e = sg_at(l, c->sg, i);
		struct lx_map m = {c->dev, sg_entry_phys(e), e->length, c->dir, c->attrs, HOW_SG};
		struct lx_piece p;
		enum lx_rc rc = direct_place(l, level, &m, &p);

		if (rc != LX_OK)
			return rc;
		sg_set_dma(l, c->sg, i, p.bus.bus,
			   p.bus.bus == DMA_MAPPING_ERROR ? e->dma_length : e->length);
		if (p.bus.bus == DMA_MAPPING_ERROR) {
			*ents = -LX_EIO;
			sg_end(l, level, SG_TOLD_REFUSED, c, i, &p);
			return LX_OK;
		}
	}
	if (!dev_is_coherent(l, c->dev) && !(c->attrs & ATTR_SKIP_CPU_SYNC))
		arch_flush(l, level);
	*ents = (int)c->n;
	return LX_OK;
}

static void direct_unmap_sg(struct lx *l, enum lx_level level, const struct sg_call *c)
{
	bool skip = c->attrs & ATTR_SKIP_CPU_SYNC;

	for (u64 i = 0; i < c->n && !skip; i++) {
		const struct lx_sg *e = sg_at(l, c->sg, i);
		u64 pa = lx_dma_to_phys(l, c->dev, (dma_addr_t){e->dma}).pa;

		give_to_cpu(l, level, &(struct lx_give){c->dev, HOW_SG, pa, e->dma_length, c->dir});
	}
	if (!skip && !dev_is_coherent(l, c->dev))
		arch_flush(l, level);
	sg_end(l, level, SG_TOLD_UNMAP, c, 0, NULL);
}

/* dma_direct_sync_sg_for_cpu(), _for_device(): the length is that of the memory, sg->length. */
static void direct_sync_sg(struct lx *l, enum lx_level level, const struct sg_call *c, bool to_cpu)
{
	for (u64 i = 0; i < c->n; i++) {
		const struct lx_sg *e = sg_at(l, c->sg, i);
		u64 pa = lx_dma_to_phys(l, c->dev, (dma_addr_t){e->dma}).pa;
		struct lx_give g = {c->dev, HOW_SG, pa, e->length, c->dir};

		if (to_cpu)
			give_to_cpu(l, level, &g);
		else
			give_to_device(l, level, &g);
	}
	if (!dev_is_coherent(l, c->dev))
		arch_flush(l, level);
	sg_end(l, level, to_cpu ? SG_TOLD_SYNC_CPU : SG_TOLD_SYNC_DEVICE, c, 0, NULL);
}

/* ---- the front ---- */

/* __dma_map_sg_attrs(): *ents is how many segments the device gets, or an error. */
static enum lx_rc map_sg(struct lx *l, enum lx_level level, const struct sg_call *c, int *ents)
{
	enum lx_rc rc = begin(l, level, c, true);

	*ents = 0;
	if (rc != LX_OK)
		return rc;
	if (!lx_dma_has_mask(l, c->dev)) {
		LOG_LINE(l, SG_NO_MASK, c->dev, 0);
		return LX_OK;
	}
	rc = use_dma_iommu(l, c->dev) ? dma_iommu_map_sg(l, level, c, ents)
				      : direct_map_sg(l, level, c, ents);
	if (rc != LX_OK)
		return rc;
	if (*ents > 0) {
		sg_end(l, level, SG_TOLD_MAP, c, (u64)*ents, NULL);
	} else if (*ents == 0) { /* no error that a backend may return */
		LOG_LINE(l, SG_RESULT, c->dev, 0);
		*ents = -LX_EIO;
	}
	return LX_OK;
}

/* The number of entries is an int. */
static u64 entries(u64 n)
{
	return (int)n > 0 ? (u32)n : 0;
}

enum lx_rc lx_dma_map_sg(struct lx *l, enum lx_level level, u32 dev, u64 sg, u64 n, u32 dir,
			 u32 attrs, u32 *count)
{
	struct sg_call c = {dev, sg, entries(n), dir, attrs};
	int ents;
	enum lx_rc rc = map_sg(l, level, &c, &ents);

	*count = ents > 0 ? (u32)ents : 0;
	return rc;
}

static enum lx_rc of_table(const struct lx *l, u64 t, struct sg_call *c)
{
	const struct lx_sgt *table;
	enum lx_rc rc = lx_sgt_table(l, t, &table);

	if (rc != LX_OK)
		return rc;
	c->sg = table->sgl;
	c->n = entries(table->orig_nents);
	return LX_OK;
}

enum lx_rc lx_dma_map_sgtable(struct lx *l, enum lx_level level, u32 dev, u64 t, u32 dir, u32 attrs,
			      int *result)
{
	struct sg_call c = {.dev = dev, .dir = dir, .attrs = attrs};
	enum lx_rc rc = of_table(l, t, &c);
	int ents = 0;

	*result = 0;
	if (rc == LX_OK)
		rc = map_sg(l, level, &c, &ents);
	if (rc != LX_OK)
		return rc;
	if (ents < 0)
		*result = ents;
	else
		lx_sgt_set(l, t, SGT_NENTS, (u64)ents);
	return LX_OK;
}

/* debug_dma_unmap_sg(), debug_dma_sync_sg_for_*(): what they look for, entry by entry. */
static void tell_debug(struct lx *l, const struct sg_call *c, enum event_kind kind, bool to_cpu)
{
	for (u64 i = 0; i < c->n; i++) {
		const struct lx_sg *e = sg_at(l, c->sg, i);

		if (kind == EV_SG_UNMAP)
			EMIT(l->w, SG_UNMAP, hw_party(l->hw), (u16)c->dev, sg_entry_phys(e),
			     e->dma_length, e->dma, c->dir, c->attrs, c->n, i);
		else
			EMIT(l->w, SG_SYNC, hw_party(l->hw), (u16)c->dev, sg_entry_phys(e),
			     e->dma_length, e->dma, c->dir, c->n, i, to_cpu);
	}
}

static enum lx_rc unmap_sg(struct lx *l, enum lx_level level, const struct sg_call *c)
{
	enum lx_rc rc = begin(l, level, c, false);

	if (rc != LX_OK)
		return rc;
	tell_debug(l, c, EV_SG_UNMAP, false);
	if (use_dma_iommu(l, c->dev))
		dma_iommu_unmap_sg(l, level, c);
	else
		direct_unmap_sg(l, level, c);
	return LX_OK;
}

enum lx_rc lx_dma_unmap_sg(struct lx *l, enum lx_level level, u32 dev, u64 sg, u64 n, u32 dir,
			   u32 attrs)
{
	return unmap_sg(l, level, &(struct sg_call){dev, sg, entries(n), dir, attrs});
}

enum lx_rc lx_dma_unmap_sgtable(struct lx *l, enum lx_level level, u32 dev, u64 t, u32 dir,
				u32 attrs)
{
	struct sg_call c = {.dev = dev, .dir = dir, .attrs = attrs};
	enum lx_rc rc = of_table(l, t, &c);

	return rc == LX_OK ? unmap_sg(l, level, &c) : rc;
}

static enum lx_rc sync_sg(struct lx *l, enum lx_level level, const struct sg_call *c, bool to_cpu)
{
	enum lx_rc rc = begin(l, level, c, false);

	if (rc != LX_OK)
		return rc;
	tell_debug(l, c, EV_SG_SYNC, to_cpu);
	if (use_dma_iommu(l, c->dev))
		dma_iommu_sync_sg(l, level, c, to_cpu);
	else
		direct_sync_sg(l, level, c, to_cpu);
	return LX_OK;
}

enum lx_rc lx_dma_sync_sg(struct lx *l, enum lx_level level, u32 dev, u64 sg, u64 n, u32 dir,
			  bool to_cpu)
{
	return sync_sg(l, level, &(struct sg_call){dev, sg, entries(n), dir, 0}, to_cpu);
}

enum lx_rc lx_dma_sync_sgtable(struct lx *l, enum lx_level level, u32 dev, u64 t, u32 dir,
			       bool to_cpu)
{
	struct sg_call c = {.dev = dev, .dir = dir};
	enum lx_rc rc = of_table(l, t, &c);

	return rc == LX_OK ? sync_sg(l, level, &c, to_cpu) : rc;
}

/*
 * The memory that a coherent handle stands for, and how long the entry for it is: whole pages with
 * dma-direct, which goes by the handle (dma_direct_get_sgtable()); the very size with an IOMMU,
 * from the pages that were remapped (iommu_dma_get_sgtable()).
 */
static u64 coherent_memory(const struct lx *l, u32 dev, dma_addr_t h, u64 size, u64 *len)
{
	u64 pa;

	*len = align_up(size, LX_PAGE);
	if (!use_dma_iommu(l, dev))
		return lx_dma_to_phys(l, dev, h).pa;
	*len = size;
	return iommu_phys(l, dev, h.bus, &pa) ? pa : 0;
}

enum lx_rc lx_dma_get_sgtable(struct lx *l, u32 dev, u64 t, dma_addr_t h, u64 size, int *result)
{
	u64 len, pa = coherent_memory(l, dev, h, size, &len);
	enum lx_rc rc = lx_sg_alloc_table(l, t, 1, result);
	const struct lx_sgt *table;

	if (rc != LX_OK || *result)
		return rc;
	lx_sgt_table(l, t, &table);
	return lx_sg_set_page(l, table->sgl, align_down(pa, LX_PAGE) | 1, (u32)len, 0);
}
