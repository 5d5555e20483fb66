/* SPDX-License-Identifier: MIT */
/*
 * The atomic pools: kernel/dma/pool.c. Coherent memory for who must not sleep, where it would have
 * to be remapped: pages that were remapped at boot, three pools of them by zone, "coherent_pool="
 * bytes each; without it 128 KiB for each GiB of memory. A worker makes a pool larger that has less
 * than that left.
 *
 * Model: a pool is made when it is first used, not at boot, so that the addresses of those who do
 * not use it stay; the worker runs when the driver sleeps (lx_atomic_refill()), and twice at most.
 */
#include "linux/linux_int.h"

enum atomic_id { ATOMIC_KERNEL, ATOMIC_DMA32, ATOMIC_DMA, ATOMICS };
enum { PIECES = 3, PIECE_PAGES = 1 << ORDER_MAX };

struct piece {
	u64 pa, va;
	u32 pages; /* 0: it is not there */
	u32 used;
	u64 map[PIECE_PAGES / 64];
};

struct atomic_pools {
	struct piece piece[ATOMICS][PIECES];
	u32 wanted[ATOMICS]; /* the worker was asked to make it larger */
	u32 pad;
};

static const struct atomic_pools *pools(const struct lx *l)
{
	return world_at(l->w, l->atomic);
}

void atomic_claim(struct lx *l)
{
	l->atomic = world_region(l->w, "atomic pools", sizeof(struct atomic_pools), CHUNK,
				 REGION_RAW, NULL);
}

/* atomic_pool_size, in pages: dma_atomic_pool_init() */
static u64 pool_pages(const struct lx *l)
{
	u64 bytes = l->cfg->coherent_pool;

	for (u32 i = 0; !l->cfg->coherent_pool && i < l->hw->cfg->rams; i++)
		bytes += l->hw->cfg->ram[i].size / (1u << 30) * (128 << 10);
	if (!l->cfg->coherent_pool)
		bytes = max_u64(bytes, 128 << 10);
	return min_u64(align_up(bytes, LX_PAGE) / LX_PAGE, PIECE_PAGES);
}

static bool exists(const struct lx *l, enum atomic_id id)
{
	if (id == ATOMIC_DMA32)
		return l->cfg->zone_dma32_limit != 0;
	return id == ATOMIC_KERNEL || (l->cfg->zone_dma_limit && l->zone[ZONE_DMA].pages);
}

/* atomic_pool_expand(): as many pages as there are, half of that if there are not so many. */
static void expand(struct lx *l, enum atomic_id id, u64 pages)
{
	static const u32 gfp[ATOMICS] = {0, GFP_BIT_DMA32, GFP_BIT_DMA};
	const struct piece *p = pools(l)->piece[id];
	struct piece n = {0};
	u32 i = 0, order = order_of(pages * LX_PAGE);
	cpu_addr_t va;

	while (i < PIECES && p[i].pages)
		i++;
	if (i == PIECES || !pages)
		return;
	while (!page_take(l, gfp[id], order, &n.pa))
		if (!order--)
			return;
	n.pages = 1u << order;
	va = lx_phys_to_virt(l, (phys_addr_t){n.pa});
	if ((l->cfg->arch.flags & ARCH_REMAP) &&
	    !va_map(l->hw, (phys_addr_t){n.pa}, (u64)n.pages * LX_PAGE, MEM_UNCACHED, &va)) {
		world_limit(l->w, LIMIT_ALLOCS);
		return;
	}
	n.va = va.va;
	world_write(l->w, &p[i], &n, sizeof n);
}

static u32 size_of(const struct lx *l, enum atomic_id id, u32 *avail)
{
	u32 pages = 0;

	*avail = 0;
	for (u32 i = 0; i < PIECES; i++) {
		pages += pools(l)->piece[id][i].pages;
		*avail += pools(l)->piece[id][i].pages - pools(l)->piece[id][i].used;
	}
	return pages;
}

/* The first hole of n pages; ~0: there is none. */
static u32 hole(const struct piece *p, u32 n)
{
	u32 run = 0;

	for (u32 i = 0; i < p->pages; i++) {
		run = p->map[i / 64] >> (i % 64) & 1 ? 0 : run + 1;
		if (run == n)
			return i + 1 - n;
	}
	return ~0u;
}

static void mark(struct lx *l, const struct piece *p, u32 at, u32 n, bool on)
{
	for (u32 i = at; i < at + n; i++) {
		u64 bit = 1ull << (i % 64), word = p->map[i / 64];

		W_SET(l->w, p->map[i / 64], on ? word | bit : word & ~bit);
	}
	W_SET(l->w, p->used, on ? p->used + n : p->used - n);
}

/* __dma_alloc_from_pool() */
static bool take(struct lx *l, const struct lx_ask *a, enum atomic_id id, u64 *pa, cpu_addr_t *va)
{
	u32 n = (u32)(align_up(a->size, LX_PAGE) / LX_PAGE), avail;

	for (u32 i = 0; i < PIECES; i++) {
		const struct piece *p = &pools(l)->piece[id][i];
		u32 at = n ? hole(p, n) : ~0u;

		if (at == ~0u)
			continue;
		*pa = p->pa + (u64)at * LX_PAGE;
		if (!direct_reaches(l, a->dev, *pa, (u64)n * LX_PAGE))
			return false;
		va->va = p->va + (u64)at * LX_PAGE;
		mark(l, p, at, n, true);
		size_of(l, id, &avail);
		if (avail < pool_pages(l))
			W_SET(l->w, pools(l)->wanted[id], 1u);
		return true;
	}
	return false;
}

/* dma_guess_pool(): the first one, or the one behind id. ATOMICS: there is none. */
static enum atomic_id guess(const struct lx *l, u32 zone, enum atomic_id id)
{
	if (id == ATOMICS && zone == GFP_BIT_DMA32 && exists(l, ATOMIC_DMA32))
		return ATOMIC_DMA32;
	if (id == ATOMICS && zone == GFP_BIT_DMA && exists(l, ATOMIC_DMA))
		return ATOMIC_DMA;
	if (id == ATOMICS)
		return ATOMIC_KERNEL;
	if (id == ATOMIC_KERNEL && exists(l, ATOMIC_DMA32))
		return ATOMIC_DMA32;
	return id != ATOMIC_DMA && exists(l, ATOMIC_DMA) ? ATOMIC_DMA : ATOMICS;
}

static void make(struct lx *l, enum atomic_id id)
{
	if (!pools(l)->piece[id][0].pages)
		expand(l, id, pool_pages(l));
}

bool atomic_alloc(struct lx *l, const struct lx_ask *a, u64 *pa, cpu_addr_t *va)
{
	u32 zone = direct_zone(l, a->dev);
	enum atomic_id id = ATOMICS;

	while ((id = guess(l, zone, id)) != ATOMICS) {
		make(l, id);
		if (take(l, a, id, pa, va))
			return true;
	}
	if (!(a->gfp & GFP_BIT_NOWARN))
		LOG_LINE(l, ATOMIC_EMPTY, a->dev, a->dev);
	return false;
}

bool atomic_free(struct lx *l, cpu_addr_t va, u64 size)
{
	u32 n = (u32)(align_up(size, LX_PAGE) / LX_PAGE);

	for (u32 k = 0; k < ATOMICS * PIECES; k++) {
		const struct piece *p = &pools(l)->piece[k / PIECES][k % PIECES];
		u64 at = (va.va - p->va) / LX_PAGE;

		if (!p->pages || va.va < p->va || at >= p->pages || n > p->pages - at)
			continue;
		mark(l, p, (u32)at, n, false);
		return true;
	}
	return false;
}

void lx_atomic_refill(struct lx *l)
{
	for (u32 id = 0; id < ATOMICS; id++) {
		u32 avail, pages = size_of(l, (enum atomic_id)id, &avail);

		if (!pools(l)->wanted[id])
			continue;
		W_SET(l->w, pools(l)->wanted[id], 0u);
		if (avail < pool_pages(l))
			expand(l, (enum atomic_id)id, pages);
	}
}

bool lx_atomic_take(struct lx *l, u64 bytes)
{
	u32 n = (u32)(align_up(bytes, LX_PAGE) / LX_PAGE);

	for (u32 id = 0; id < ATOMICS; id++) {
		if (!exists(l, (enum atomic_id)id))
			continue;
		make(l, (enum atomic_id)id);
		for (u32 k = 0; k < n; k++) {
			const struct piece *p = pools(l)->piece[id];
			u32 i = 0;

			while (i < PIECES && hole(&p[i], 1) == ~0u)
				i++;
			if (i == PIECES)
				return false;
			mark(l, &p[i], hole(&p[i], 1), 1, true);
		}
	}
	return true;
}
