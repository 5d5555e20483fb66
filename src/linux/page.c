/* SPDX-License-Identifier: MIT */
/*
 * Pages: a bit per page of each zone. Always the lowest free block that fits, so that addresses are
 * small, and a freed page is given out again before a fresh one above it.
 *
 * Model: of a zone only its first ZONE_PAGES pages are given out; a run that needs more has reached
 * a limit. There are no per-CPU lists, no migration, no reclaim: memory is either there or not.
 */
#include "linux/linux_int.h"

enum { WORDS = ZONE_PAGES / 64 };

static const u64 *map(const struct lx *l, u32 zone)
{
	return (const u64 *)world_at(l->w, l->pages) + (size_t)zone * WORDS;
}

static bool taken(const struct lx *l, u32 zone, u32 page)
{
	return map(l, zone)[page / 64] >> (page % 64) & 1;
}

static void set_taken(struct lx *l, u32 zone, u32 page, bool on)
{
	const u64 *word = &map(l, zone)[page / 64];
	u64 bit = 1ull << (page % 64);

	W_SET(l->w, *word, on ? *word | bit : *word & ~bit);
}

static u64 page_pa(const struct zone *z, u32 page)
{
	u32 i = 0;

	while (page - z->part[i].first >= z->part[i].pages)
		i++;
	return z->part[i].pa + (u64)(page - z->part[i].first) * LX_PAGE;
}

static bool page_of(const struct lx *l, u64 pa, u32 *zone, u32 *page)
{
	for (u32 i = 0; i < ZONES; i++)
		for (u32 k = 0; k < l->zone[i].parts; k++) {
			const struct zone_part *p = &l->zone[i].part[k];

			if (pa < p->pa || (pa - p->pa) / LX_PAGE >= p->pages)
				continue;
			*zone = i;
			*page = p->first + (u32)((pa - p->pa) / LX_PAGE);
			return true;
		}
	return false;
}

bool page_is_taken(const struct lx *l, u64 pa)
{
	u32 zone, page;

	return page_of(l, pa, &zone, &page) && taken(l, zone, page);
}

/* ---- zones, from the memory map ---- */

static void add_part(struct zone *z, u64 from, u64 to)
{
	u64 pages;

	from = align_up(from, LX_PAGE);
	to = align_down(to, LX_PAGE);
	if (from >= to || z->parts == ZONE_PARTS)
		return;
	pages = (to - from) / LX_PAGE;
	z->ram += pages;
	if (pages > ZONE_PAGES - z->pages) {
		pages = ZONE_PAGES - z->pages;
		z->capped = true;
	}
	if (!pages)
		return;
	z->part[z->parts++] = (struct zone_part){from, (u32)pages, z->pages};
	z->pages += (u32)pages;
}

/* Where the i-th bounce pool lies that was taken at boot; false: there are no more. */
static bool boot_pool(const struct lx *l, u32 i, u64 *base, u64 *end)
{
	const struct linux_config *c = l->cfg;
	u32 slots = i ? c->dev[i - 1].pool_slots : c->swiotlb.slots;

	*base = i ? c->dev[i - 1].pool_base : c->swiotlb.base;
	*end = *base + (u64)slots * SLOT_SIZE;
	return i < l->hw->cfg->devs;
}

/* [from, to) of RAM without the bounce pools: the lowest one in it, then what is behind that. */
static void add_range(const struct lx *l, struct zone *z, u64 from, u64 to)
{
	while (from < to) {
		u64 hole = to, behind = to, base, end;
		bool more = true;

		for (u32 i = 0; more; i++) {
			more = boot_pool(l, i, &base, &end);
			if (base != end && end > from && base < hole) {
				hole = max_u64(base, from);
				behind = end;
			}
		}
		if (hole > from)
			add_part(z, from, hole);
		from = behind;
	}
}

void page_init(struct lx *l)
{
	const struct hw_config *hw = l->hw->cfg;
	u64 below[ZONES]; /* one past the last byte of each zone */

	below[ZONE_DMA] = l->cfg->zone_dma_limit ? l->cfg->zone_dma_limit + 1 : 0;
	below[ZONE_DMA32] = l->cfg->zone_dma32_limit ? l->cfg->zone_dma32_limit + 1 : 0;
	below[ZONE_DMA32] = max_u64(below[ZONE_DMA32], below[ZONE_DMA]);
	below[ZONE_NORMAL] = ~0ull;
	for (u32 r = 0; r < hw->rams; r++) {
		u64 end = hw->ram[r].base + hw->ram[r].size, low = l->cfg->reserved;

		for (u32 z = 0; z < ZONES; z++) {
			add_range(l, &l->zone[z], max_u64(low, hw->ram[r].base),
				  min_u64(end, below[z]));
			low = max_u64(low, below[z]);
		}
		l->ram_end = max_u64(l->ram_end, end);
	}
	l->pages = world_region(l->w, "linux pages", (u64)ZONES * WORDS * sizeof(u64), CHUNK,
				REGION_RAW, NULL);
}

/* ---- taking and giving ---- */

static bool block_free(const struct lx *l, u32 zone, u32 page, u32 n)
{
	const struct zone *z = &l->zone[zone];
	u64 pa = page_pa(z, page);

	if (n > z->pages - page || pa % ((u64)n * LX_PAGE))
		return false;
	if (n > 1 && page_pa(z, page + n - 1) != pa + (u64)(n - 1) * LX_PAGE)
		return false;
	for (u32 i = 0; i < n; i++)
		if (taken(l, zone, page + i))
			return false;
	return true;
}

static bool zone_take(struct lx *l, u32 zone, u32 from, u32 n, u64 *pa)
{
	const struct zone *z = &l->zone[zone];

	for (u32 p = from; p < z->pages; p++) {
		if (p % 64 == 0 && map(l, zone)[p / 64] == ~0ull) {
			p += 63;
			continue;
		}
		if (!block_free(l, zone, p, n))
			continue;
		for (u32 i = 0; i < n; i++)
			set_taken(l, zone, p + i, true);
		*pa = page_pa(z, p);
		return true;
	}
	return false;
}

/* Zones that the kernel was built without are not asked for: gfp_zone(). */
u32 page_gfp_zone(const struct lx *l, u32 gfp)
{
	if ((gfp & GFP_BIT_DMA) && l->cfg->zone_dma_limit)
		return ZONE_DMA;
	if ((gfp & GFP_BIT_DMA32) && l->cfg->zone_dma32_limit)
		return ZONE_DMA32;
	return ZONE_NORMAL;
}

/* After lab shuffle_pages(): a page that does not follow the one given out last. */
static bool take_scattered(struct lx *l, u32 zone, u64 *pa)
{
	const struct lx_state *s = lx_state(l);
	u32 last_zone, page;

	if (!s->last_page || !page_of(l, s->last_page, &last_zone, &page) || last_zone != zone)
		page = ~1u; /* + 2: the first */
	if (!zone_take(l, zone, page + 2, 1, pa))
		return false;
	W_SET(l->w, s->last_page, *pa);
	return true;
}

void lx_shuffle_pages(struct lx *l)
{
	W_SET(l->w, lx_state(l)->scattered, 1u);
}

bool page_take(struct lx *l, u32 gfp, u32 order, u64 *pa)
{
	if (order > ORDER_MAX)
		return false;
	for (u32 z = page_gfp_zone(l, gfp) + 1; z-- > 0;) {
		if (!order && lx_state(l)->scattered && take_scattered(l, z, pa))
			return true;
		if (zone_take(l, z, 0, 1u << order, pa))
			return true;
		if (l->zone[z].capped) {
			world_limit(l->w, LIMIT_ZONE);
			return false;
		}
	}
	return false;
}

bool page_take_apart(struct lx *l, u64 last, u64 *pa)
{
	u32 zone, page;

	if (last && page_of(l, last, &zone, &page) && zone_take(l, zone, page + 2, 1, pa))
		return true;
	return page_take(l, 0, 0, pa);
}

void page_give(struct lx *l, u64 pa, u32 order)
{
	for (u32 i = 0; i < 1u << order; i++) {
		u32 zone, page;

		if (page_of(l, pa + (u64)i * LX_PAGE, &zone, &page))
			set_taken(l, zone, page, false);
	}
}

bool page_claim(struct lx *l, u64 pa)
{
	u32 zone, page;

	if (!page_of(l, pa, &zone, &page))
		return true; /* never given out */
	if (taken(l, zone, page))
		return false;
	set_taken(l, zone, page, true);
	return true;
}

bool page_take_run(struct lx *l, u64 n, u64 *pa)
{
	for (u32 z = ZONES; z-- > ZONE_DMA;) {
		if (n && n <= l->zone[z].pages && zone_take(l, z, 0, (u32)n, pa))
			return true;
		if (l->zone[z].capped && n <= l->zone[z].ram) {
			world_limit(l->w, LIMIT_ZONE);
			return false;
		}
	}
	return false;
}

void page_give_run(struct lx *l, u64 pa, u64 n)
{
	for (u64 i = 0; i < n; i++)
		page_give(l, pa + i * LX_PAGE, 0);
}
