/* SPDX-License-Identifier: MIT */
/*
 * More bounce pools, where the kernel was built with SWIOTLB_DYNAMIC: kernel/dma/swiotlb.c. When
 * no slot is found, a mapping gets a transient pool of just its size, which goes when it is
 * unmapped, and a worker is told to add a pool that stays, of at most 4 MiB and at least 1 MiB.
 *
 * Model: the worker runs when the driver sleeps, as what else the kernel does in the background.
 * A transient pool is free at once when it is unmapped, not after a grace period, and is found for
 * any device. At most GROWN_MAX pools are added; an encrypted guest's transient pools are of
 * ordinary pages, not of the atomic pools. The kernel's tables of a pool take no memory.
 */
#include "linux/linux_int.h"

#define LOW_LIMIT 0xffffffffull /* ARCH_LOW_ADDRESS_LIMIT: io_tlb_default_mem.phys_limit */

enum { GROWN_LEAST = 512 /* IO_TLB_MIN_SLABS: 1 MiB */ };

static u32 order_for(u32 slots)
{
	return order_of((u64)slots * SLOT_SIZE);
}

/* swiotlb_alloc_tlb(): pages for n slots that end at limit or below. */
static bool take_pages(struct lx *l, u32 n, u64 limit, u64 *pa)
{
	u32 gfp = limit <= l->cfg->zone_dma_limit ? GFP_BIT_DMA
		  : limit <= LOW_LIMIT		  ? GFP_BIT_DMA32
						  : 0;

	while (page_take(l, gfp, order_for(n), pa)) {
		if (*pa + (u64)n * SLOT_SIZE - 1 <= limit)
			return true;
		page_give(l, *pa, order_for(n));
		if (l->cfg->zone_dma32_limit && limit != ~0ull && !gfp)
			gfp = GFP_BIT_DMA32;
		else if (l->cfg->zone_dma_limit && gfp != GFP_BIT_DMA)
			gfp = GFP_BIT_DMA;
		else
			return false;
	}
	return false;
}

/* The first entry of [from, to) without a pool; to: none. */
static u32 free_entry(const struct lx *l, u32 from, u32 to)
{
	while (from < to && lx_tlb(l)->pool[from].slots)
		from++;
	return from;
}

const struct lx_pool *pool_transient(struct lx *l, u32 dev, u32 n)
{
	u32 i = free_entry(l, TRANSIENT_FIRST, RESTRICTED_FIRST), k = i - TRANSIENT_FIRST;
	struct lx_pool p = {.slots = n, .areas = 1};

	W_SET(l->w, lx_tlb(l)->grow, 1u);
	if (i == RESTRICTED_FIRST) {
		world_limit(l->w, LIMIT_LINKS);
		return NULL;
	}
	if (!take_pages(l, n, mask_limit(l, dev, lx_dma_get_mask(l, dev)), &p.base))
		return NULL;
	p.first = l->cfg->swiotlb.slots + GROWN_MAX * GROWN_SLOTS + k * SLOTS_PER_SET;
	p.area = AREAS_MAX + GROWN_MAX * GROWN_AREAS + k;
	W_SET(l->w, lx_tlb(l)->area[p.area], (struct lx_area){0});
	W_SET(l->w, lx_tlb(l)->pool[i], p);
	return &lx_tlb(l)->pool[i];
}

bool pool_del_transient(struct lx *l, const struct lx_pool *p)
{
	struct lx_pool gone = *p;

	if (p < &lx_tlb(l)->pool[TRANSIENT_FIRST] || p >= &lx_tlb(l)->pool[RESTRICTED_FIRST])
		return false;
	pool_clear(l, p, 0, gone.slots);
	pool_count(l, gone.area, -lx_tlb(l)->area[gone.area].used);
	page_give(l, gone.base, order_for(gone.slots));
	W_SET(l->w, *p, (struct lx_pool){0});
	return true;
}

/* limit_nareas(): an area is a set at least. */
static u32 areas_of(const struct lx *l, u32 slots)
{
	u32 areas = l->cfg->swiotlb.areas ? l->cfg->swiotlb.areas : 1;

	return min_u32(areas, max_u32(slots / SLOTS_PER_SET, 1));
}

void lx_slots_grow(struct lx *l)
{
	u32 n = min_u32(l->cfg->swiotlb.slots, GROWN_SLOTS), i;
	struct lx_pool p = {0};

	if (!l->cfg->swiotlb.dynamic || !lx_tlb(l)->grow)
		return;
	W_SET(l->w, lx_tlb(l)->grow, 0u);
	i = free_entry(l, 1, TRANSIENT_FIRST);
	if (i == TRANSIENT_FIRST)
		return;
	while (!take_pages(l, n, LOW_LIMIT, &p.base)) {
		if (n <= GROWN_LEAST)
			return;
		n = (u32)align_up(n / 2, SLOTS_PER_SET);
	}
	p.slots = n;
	p.areas = areas_of(l, n);
	p.first = l->cfg->swiotlb.slots + (i - 1) * GROWN_SLOTS;
	p.area = AREAS_MAX + (i - 1) * GROWN_AREAS;
	W_SET(l->w, lx_tlb(l)->pool[i], p);
}

/* ---- debugfs ---- */

static u64 slots_in(const struct lx *l, u32 from, u32 to)
{
	u64 n = 0;

	for (u32 i = from; i < to && i < pools_max(l); i++)
		n += lx_tlb(l)->pool[i].slots;
	return n;
}

u64 lx_slots_total(const struct lx *l)
{
	return slots_in(l, 0, TRANSIENT_FIRST);
}

u64 lx_slots_transient(const struct lx *l)
{
	return slots_in(l, TRANSIENT_FIRST, RESTRICTED_FIRST);
}
