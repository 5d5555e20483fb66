/* SPDX-License-Identifier: MIT */
/*
 * Scatterlists where an IOMMU translates for the device: iommu_dma_map_sg() and its like of
 * drivers/iommu/dma-iommu.c. The whole list gets one block of addresses, in order, so entries that
 * meet at page boundaries become one segment for the device, wherever they are in memory. If one of
 * them must be bounced, all are mapped one by one instead, and nothing is joined.
 */
#include "base/mem.h"
#include "linux/sg_map.h"

enum { EINVAL_VALUE = 22 };

/* Of each entry: how many bytes of addresses it has. */
struct layout {
	u64 *room; /* owned */
	u64 total;
};

static u64 in_granule(const struct lx *l, u64 addr)
{
	return addr & (iommu_granule(l) - 1);
}

static u64 aligned_room(const struct lx *l, const struct lx_sg *e)
{
	return align_up(e->length + in_granule(l, e->offset), iommu_granule(l));
}

/*
 * An entry that would lie across a boundary is moved up to it. What is between belongs to the entry
 * before it, and is mapped with it: the device reaches what lies behind that in memory.
 */
static struct layout lay_out(const struct lx *l, const struct sg_call *c)
{
	struct layout y = {mem_zalloc(c->n, sizeof *y.room), 0};
	u64 mask = lx_dma_get_seg_boundary(l, c->dev);

	for (u64 i = 0; i < c->n; i++) {
		u64 pad = (mask - y.total + 1) & mask;

		y.room[i] = aligned_room(l, sg_at(l, c->sg, i));
		if (pad && pad < y.room[i] - 1) {
			y.room[i - 1] += pad;
			y.total += pad;
		}
		y.total += y.room[i];
	}
	return y;
}

/* iommu_map_sg(): what touches in memory goes into the tables in one piece. */
static void map_pages(struct lx *l, enum lx_level level, const struct sg_call *c,
		      const struct layout *y, u64 iova)
{
	u32 prot = iommu_dir_prot(c->dir);
	u64 start = 0, len = 0;

	for (u64 i = 0; i < c->n; i++) {
		u64 pa = align_down(sg_entry_phys(sg_at(l, c->sg, i)), iommu_granule(l));

		if (len && pa != start + len) {
			iommu_map_pages(l, level, c->dev, iova, start, len, prot);
			iova += len;
			len = 0;
		}
		start = len ? start : pa;
		len += y->room[i];
	}
	if (len)
		iommu_map_pages(l, level, c->dev, iova, start, len, prot);
}

/*
 * __finalise_sg(): entries become segments, of which the first fields hold the addresses. An entry
 * is joined to the segment before it if that ended with its page, if it begins with its own, not on
 * a boundary, and if both together are not too long; the sums are those of 32 bits.
 */
static u32 join(struct lx *l, const struct sg_call *c, const struct layout *y, u64 at)
{
	u64 mask = lx_dma_get_seg_boundary(l, c->dev);
	u32 max = lx_dma_get_max_seg_size(l, c->dev), len = 0, count = 0;

	for (u64 i = 0; i < c->n; i++) {
		const struct lx_sg *e = sg_at(l, c->sg, i);
		u64 off = in_granule(l, e->offset);

		sg_set_dma(l, c->sg, i, DMA_MAPPING_ERROR, 0);
		if (len && !off && (at & mask) && max - len >= e->length) {
			len += e->length;
			sg_set_dma(l, c->sg, count - 1, sg_at(l, c->sg, count - 1)->dma, len);
		} else {
			len = e->length;
			sg_set_dma(l, c->sg, count++, at + off, len);
		}
		at += y->room[i];
		if (e->length + off < y->room[i])
			len = 0;
	}
	return count;
}

/* dev_use_sg_swiotlb() */
static bool bounces(const struct lx *l, const struct sg_call *c)
{
	if (l->hw->cfg->dev[c->dev].untrusted)
		return true;
	for (u64 i = 0; i < c->n; i++)
		if (kmalloc_needs_bounce(l, c->dev, sg_at(l, c->sg, i)->length, c->dir))
			return true;
	return false;
}

/* iommu_dma_map_sg_swiotlb(): what is mapped already is let go when the end of the list is told. */
static enum lx_rc map_each(struct lx *l, enum lx_level level, const struct sg_call *c, int *ents)
{
	lx_sg_bounced(l, c->sg, true);
	for (u64 i = 0; i < c->n; i++) {
		const struct lx_sg *e = sg_at(l, c->sg, i);
		struct lx_map m = {c->dev, sg_entry_phys(e), e->length, c->dir, c->attrs, HOW_SG};
		struct lx_piece p;
		enum lx_rc rc = dma_iommu_place(l, level, &m, &p);

		if (rc != LX_OK)
			return rc;
		if (p.bus.bus == DMA_MAPPING_ERROR) {
			sg_set_dma(l, c->sg, i, DMA_MAPPING_ERROR, e->dma_length);
			sg_end(l, level, SG_TOLD_REFUSED, c, i, &p);
			*ents = -LX_EIO;
			return LX_OK;
		}
		sg_set_dma(l, c->sg, i, p.bus.bus, e->length);
	}
	*ents = (int)c->n;
	return LX_OK;
}

/* iommu_dma_sync_sg_for_device(), _for_cpu(): of memory, not of addresses. */
static void see_to_caches(struct lx *l, enum lx_level level, const struct sg_call *c, bool to_cpu)
{
	if (dev_is_coherent(l, c->dev))
		return;
	for (u64 i = 0; i < c->n; i++) {
		const struct lx_sg *e = sg_at(l, c->sg, i);

		if (to_cpu)
			arch_for_cpu(l, level, sg_entry_phys(e), e->length, c->dir, true);
		else
			arch_for_device(l, level, sg_entry_phys(e), e->length, c->dir, true);
	}
	arch_flush(l, level);
}

enum lx_rc dma_iommu_map_sg(struct lx *l, enum lx_level level, const struct sg_call *c, int *ents)
{
	struct layout y;
	u64 iova;

	if (bounces(l, c))
		return map_each(l, level, c, ents);
	lx_sg_bounced(l, c->sg, false);
	if (!(c->attrs & ATTR_SKIP_CPU_SYNC))
		see_to_caches(l, level, c, false);
	y = lay_out(l, c);
	iova = y.total ? iova_alloc(l, c->dev, y.total, lx_dma_get_mask(l, c->dev)) : 0;
	if (!y.total || iova) {
		map_pages(l, level, c, &y, iova);
		*ents = (int)join(l, c, &y, iova);
	} else { /* __invalidate_sg() */
		for (u64 i = 0; i < c->n; i++)
			sg_set_dma(l, c->sg, i, DMA_MAPPING_ERROR, 0);
		sg_end(l, level, SG_TOLD_REFUSED, c, 0, NULL);
		*ents = -LX_ENOMEM;
	}
	mem_free(y.room);
	return LX_OK;
}

/* iommu_dma_unmap_sg(): from the first segment to the last that the entries named hold. */
static void release_block(struct lx *l, enum lx_level level, const struct sg_call *c)
{
	u64 start = c->n ? sg_at(l, c->sg, 0)->dma : 0, end = 0;

	for (u64 i = 0; i < c->n && sg_at(l, c->sg, i)->dma_length; i++)
		end = sg_at(l, c->sg, i)->dma + sg_at(l, c->sg, i)->dma_length;
	if (end)
		iommu_release(l, level, c->dev, start, end - start);
}

void dma_iommu_unmap_sg(struct lx *l, enum lx_level level, const struct sg_call *c)
{
	if (!lx_sg_is_bounced(l, c->sg)) {
		if (!(c->attrs & ATTR_SKIP_CPU_SYNC))
			see_to_caches(l, level, c, true);
		release_block(l, level, c);
		sg_end(l, level, SG_TOLD_UNMAP, c, 0, NULL);
		return;
	}
	for (u64 i = 0; i < c->n; i++) {
		const struct lx_sg *e = sg_at(l, c->sg, i);
		struct lx_unmap m = {c->dev, {e->dma}, e->dma_length, c->dir, c->attrs, HOW_SG};

		dma_iommu_unmap(l, level, &m);
	}
}

void dma_iommu_sync_sg(struct lx *l, enum lx_level level, const struct sg_call *c, bool to_cpu)
{
	if (!lx_sg_is_bounced(l, c->sg)) {
		see_to_caches(l, level, c, to_cpu);
	} else {
		for (u64 i = 0; i < c->n; i++) {
			const struct lx_sg *e = sg_at(l, c->sg, i);
			struct lx_give g = {c->dev, HOW_SG, 0, e->length, c->dir};

			if (!iommu_phys(l, c->dev, e->dma, &g.pa))
				continue;
			if (to_cpu)
				give_to_cpu(l, level, &g);
			else
				give_to_device(l, level, &g);
		}
		if (!dev_is_coherent(l, c->dev))
			arch_flush(l, level);
	}
	sg_end(l, level, to_cpu ? SG_TOLD_SYNC_CPU : SG_TOLD_SYNC_DEVICE, c, 0, NULL);
}
