/* SPDX-License-Identifier: MIT */
/*
 * Bouncing: a buffer is copied into slots and back, as the direction given to each call says:
 * swiotlb_map(), swiotlb_tbl_map_single(), swiotlb_bounce() in kernel/dma/swiotlb.c.
 */
#include "linux/linux_int.h"

u64 pool_keeps(const struct lx *l, u32 dev)
{
	return lx_has_quirk(l, QUIRK_SWIOTLB_IGNORES_MIN_ALIGN_MASK)
		       ? 0
		       : lx_dma_get_min_align_mask(l, dev);
}

/* Bits of an address that a bounce keeps by leaving room in front: swiotlb_align_offset() */
static u64 align_offset(const struct lx *l, u32 dev, u64 align_mask, u64 addr)
{
	return addr & pool_keeps(l, dev) & (align_mask | (SLOT_SIZE - 1));
}

u64 pool_home(const struct lx *l, u32 dev, u64 pa)
{
	const struct lx_slot *s = pool_slot(l, pa);

	if (!s || s->state != SLOT_MAPPED)
		return pa;
	return s->home + pa % SLOT_SIZE - align_offset(l, dev, 0, s->home);
}

void pool_copy(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, bool in)
{
	const struct lx_slot *s = pool_slot(l, pa);
	u64 home = pool_home(l, dev, pa), left;

	if (!s || s->state != SLOT_MAPPED)
		return;
	left = s->left + s->home - home; /* wraps, as size_t does */
	if (size > left) {
		LOG_LINE(l, SLOT_RANGE, dev, left, size);
		size = left;
	}
	if (lx_has_quirk(l, QUIRK_SWIOTLB_SYNC_IGNORES_OFFSET))
		home = s->home;
	uop_copy(l, level, in ? pa : home, in ? home : pa, size, in);
}

/* Nothing was found, which may be told. */
static void full(struct lx *l, const struct lx_map *m, u64 size, struct lx_piece *out)
{
	u64 set = (u64)SLOT_SIZE * SLOTS_PER_SET, boundary = lx_dma_get_seg_boundary(l, m->dev);

	if (!(m->attrs & ATTR_NO_WARN))
		LOG_LINE(l, POOL_FULL, m->dev, size, pool_slots_total(l, m->dev),
			 pool_slots_used(l, m->dev));
	out->why = size > set || size - 1 > boundary ? REFUSED_TOO_LARGE : REFUSED_FULL;
}

/* The slots of a run remember the original, from the first that has bytes of it. */
static void remember(struct lx *l, const struct lx_map *m, const struct run *r, u64 pad, u64 slot)
{
	u16 link = 0;

	if (m->size)
		link = link_begin(l->hw, (phys_addr_t){m->pa}, (phys_addr_t){slot}, m->size);
	W_SET(l->w, r->slot[pad].pad, (u8)pad);
	for (u32 i = 0; i < r->n - pad; i++) {
		const struct lx_slot *s = &r->slot[pad + i];

		W_SET(l->w, s->home, m->pa + (u64)i * SLOT_SIZE);
		W_SET(l->w, s->state, SLOT_MAPPED);
		W_SET(l->w, s->link, link);
	}
}

/* A map does, for every direction and attribute, so that what the device leaves alone stays. */
static bool copies_in(const struct lx *l, const struct lx_map *m)
{
	return !lx_has_quirk(l, QUIRK_SWIOTLB_NO_COPY_IN) ||
	       (m->dir != DMA_FROM_DEVICE && !(m->attrs & ATTR_SKIP_CPU_SYNC));
}

enum lx_rc pool_take(struct lx *l, enum lx_level level, const struct lx_map *m, u64 align_mask,
		     struct lx_piece *out)
{
	u64 offset = align_offset(l, m->dev, align_mask, m->pa);
	u64 size = align_up(m->size + offset, align_mask + 1);
	struct run r;

	*out = (struct lx_piece){{DMA_MAPPING_ERROR}, 0, REFUSED_OTHERWISE};
	if (!pool_active(l, m->dev)) {
		LOG_LINE(l, POOL_NONE, m->dev, 0);
		return LX_OK;
	}
	if (align_mask >= LX_PAGE)
		LOG_LINE(l, POOL_ALIGN, m->dev, 0);
	if (!size) { /* BUG_ON(!nslots) of the search */
		LOG_LINE(l, BUG_SLOTS, m->dev, 0);
		return LX_BUG_SIZE;
	}
	if (!pool_find(l, m->dev, m->pa, size, align_mask, &r)) {
		full(l, m, size, out);
		return LX_OK;
	}
	out->slot = r.pa + offset;
	remember(l, m, &r, offset / SLOT_SIZE, out->slot);
	lx_dma_bounced(l, m->dev);
	if (copies_in(l, m))
		pool_copy(l, level, m->dev, out->slot, m->size, true);
	return LX_OK;
}

enum lx_rc pool_place(struct lx *l, enum lx_level level, const struct lx_map *m,
		      struct lx_piece *out)
{
	enum lx_rc rc = pool_take(l, level, m, 0, out);

	if (rc != LX_OK || !out->slot)
		return rc;
	out->bus = lx_phys_to_dma(l, m->dev, (phys_addr_t){out->slot});
	if (!lx_dma_capable(l, m->dev, out->bus, m->size)) {
		LOG_LINE(l, SLOT_OVERFLOW, m->dev, out->bus.bus, m->size,
			 lx_dma_get_mask(l, m->dev), l->cfg->dev[m->dev].bus_dma_limit);
		out->bus.bus = DMA_MAPPING_ERROR;
		return LX_OK;
	}
	if (!dev_is_coherent(l, m->dev) && !(m->attrs & ATTR_SKIP_CPU_SYNC))
		arch_for_device(l, level, out->slot, m->size, m->dir, false);
	return LX_OK;
}
