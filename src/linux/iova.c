/* SPDX-License-Identifier: MIT */
/*
 * I/O virtual addresses of a device: drivers/iommu/iova.c with one domain per device. Taken from
 * the top down, behind the last one that was taken (the cached nodes); freed ones wait in magazines
 * per CPU and size and come back first, the last freed before the others.
 *
 * Model: a depot has room for DEPOT_MAGS magazines of a size, and what is in it stays (the kernel
 * gives some back after 100 ms).
 */
#include "linux/linux_int.h"

enum {
	SIZES = 6,	/* IOVA_RANGE_CACHE_MAX_SIZE: 1 to 32 pages have magazines */
	MAG_PFNS = 127, /* IOVA_MAG_SIZE */
	DEPOT_MAGS = LIM(8, 1),
	IOVAS_MAX = LIM(4096, 256),
};

#define ANCHOR (~0ull) /* above all ranges */

struct range_pfn {
	u64 lo, hi; /* both are in it */
};

struct magazine {
	u64 n;
	u64 pfn[MAG_PFNS];
};

struct cpu_cache {
	struct magazine mag[2];
	u64 loaded; /* which of them; the other one is prev */
};

struct domain {
	u64 cached, cached32; /* lo of the nodes where searches begin, or ANCHOR */
	u64 max32;	      /* max32_alloc_size: so much or more does not fit below 4 GiB */
	u32 n;		      /* ranges */
	u32 wide;	      /* PCI: there was no address left below 4 GiB once */
	struct range_pfn r[IOVAS_MAX]; /* the highest first */
	struct cpu_cache cpu[CPUS_MAX][SIZES];
	struct magazine depot[SIZES][DEPOT_MAGS];
	u64 depots[SIZES];
};

static const struct domain *domain(const struct lx *l, u32 dev)
{
	BUG_ON(!l->iova || !use_dma_iommu(l, dev));
	return (const struct domain *)world_at(l->w, l->iova) + dev;
}

static u32 shift_of(const struct lx *l)
{
	return (u32)__builtin_ctz(l->hw->cfg->iommu.granule);
}

/* Pages below 4 GiB. */
static u64 pages32(const struct lx *l)
{
	return 1ull << (32 - shift_of(l));
}

static u64 start_pfn(const struct lx *l)
{
	return max_u64(1, l->cfg->iommu.aperture_base >> shift_of(l));
}

/* ---- ranges in order: index -1 is the anchor ---- */

static u64 lo_of(const struct domain *d, s64 i)
{
	return i < 0 ? ANCHOR : d->r[i].lo;
}

static u64 hi_of(const struct domain *d, s64 i)
{
	return i < 0 ? ANCHOR : d->r[i].hi;
}

/* The first range that is not wholly above pfn. */
static u32 at_or_below(const struct domain *d, u64 pfn)
{
	u32 lo = 0, hi = d->n;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (d->r[mid].lo > pfn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static s64 node(const struct domain *d, u64 lo)
{
	u32 i = lo == ANCHOR ? d->n : at_or_below(d, lo);

	return i < d->n && d->r[i].lo == lo ? (s64)i : -1;
}

static void insert(struct lx *l, const struct domain *d, u32 i, struct range_pfn r)
{
	struct range_pfn *at =
	    world_mut(l->w, world_off(l->w, &d->r[i]), (d->n - i + 1) * (u32)sizeof *at);

	memmove(at + 1, at, (d->n - i) * sizeof *at);
	*at = r;
	W_SET(l->w, d->n, d->n + 1);
}

static void erase(struct lx *l, const struct domain *d, u32 i)
{
	u32 behind = d->n - i - 1;
	struct range_pfn *at =
	    world_mut(l->w, world_off(l->w, &d->r[i]), (behind + 1) * (u32)sizeof *at);

	memmove(at, at + 1, behind * sizeof *at);
	memset(at + behind, 0, sizeof *at);
	W_SET(l->w, d->n, d->n - 1);
}

/* reserve_iova(): what overlaps becomes one. Moves no cached node. */
static void reserve(struct lx *l, const struct domain *d, u64 lo, u64 hi)
{
	for (u32 i = 0; i < d->n;) {
		if (d->r[i].lo > hi || d->r[i].hi < lo) {
			i++;
			continue;
		}
		lo = min_u64(lo, d->r[i].lo);
		hi = max_u64(hi, d->r[i].hi);
		erase(l, d, i);
	}
	insert(l, d, at_or_below(d, hi), (struct range_pfn){lo, hi});
}

void iova_init(struct lx *l)
{
	u32 devs = 0, shift;

	for (u32 i = 0; i < l->hw->cfg->devs; i++)
		if (use_dma_iommu(l, i))
			devs = i + 1;
	if (!devs)
		return;
	shift = shift_of(l);
	l->iova =
	    world_region(l->w, "iova", (u64)devs * sizeof(struct domain), CHUNK, REGION_RAW, NULL);
	for (u32 i = 0; i < devs; i++) {
		const struct domain *d = (const struct domain *)world_at(l->w, l->iova) + i;

		if (!use_dma_iommu(l, i))
			continue;
		W_SET(l->w, d->cached, ANCHOR);
		W_SET(l->w, d->cached32, ANCHOR);
		W_SET(l->w, d->max32, pages32(l));
		for (u32 k = 0; k < l->cfg->iommu.reserved; k++) {
			const struct range *r = &l->cfg->iommu.reserve[k].range;

			if (l->cfg->iommu.reserve[k].pci && l->hw->cfg->dev[i].bus != BUS_PCI)
				continue;
			reserve(l, d, r->base >> shift, (r->base + r->size - 1) >> shift);
		}
	}
}

/* ---- the tree: __alloc_and_insert_iova_range() ---- */

/* Where a search below limit begins that has to look at everything. */
static s64 find_limit(const struct lx *l, const struct domain *d, u64 limit)
{
	if (limit > pages32(l))
		return -1;
	return (s64)at_or_below(d, limit - 1) - 1;
}

/* The highest place for n pages, aligned to them, in [low, high) from node curr down; *behind: the
 * node below which it is. False: there is none. */
static bool search(const struct domain *d, s64 curr, u64 n, u64 low, u64 high, u64 *pfn,
		   u32 *behind)
{
	u64 align = n > 1 ? ~0ull << (64 - __builtin_clzll(n - 1)) : ~0ull, at;

	do {
		high = min_u64(high, lo_of(d, curr));
		at = (high - n) & align;
		curr++;
	} while (curr < d->n && at <= hi_of(d, curr) && at >= low);
	*pfn = at;
	*behind = (u32)curr;
	return high >= n && at >= low;
}

/* limit is the first page that is too high. */
static bool tree_take(struct lx *l, u32 dev, u64 n, u64 limit, u64 *pfn)
{
	const struct domain *d = domain(l, dev);
	u64 start = start_pfn(l), retry;
	bool low = limit <= pages32(l);
	u32 at;
	s64 curr;

	if (low && n >= d->max32)
		return false;
	curr = node(d, low ? d->cached32 : d->cached);
	retry = hi_of(d, curr);
	if (!search(d, curr, n, start, limit, pfn, &at) &&
	    !(retry < limit && search(d, find_limit(l, d, limit), n, retry + 1, limit, pfn, &at))) {
		W_SET(l->w, d->max32, n);
		return false;
	}
	if (d->n == IOVAS_MAX) {
		world_limit(l->w, LIMIT_MAPPINGS);
		return false;
	}
	insert(l, d, at, (struct range_pfn){*pfn, *pfn + n - 1});
	if (*pfn + n - 1 < pages32(l))
		W_SET(l->w, d->cached32, *pfn);
	else
		W_SET(l->w, d->cached, *pfn);
	return true;
}

/* free_iova(): the range that holds pfn, if there is one. */
static void tree_give(struct lx *l, u32 dev, u64 pfn)
{
	const struct domain *d = domain(l, dev);
	u32 i = at_or_below(d, pfn);
	struct range_pfn r;

	if (i == d->n || d->r[i].hi < pfn)
		return;
	r = d->r[i];
	if (r.lo == d->cached32 || (r.hi < pages32(l) && r.lo >= d->cached32))
		W_SET(l->w, d->cached32, lo_of(d, (s64)i - 1));
	if (r.lo < pages32(l))
		W_SET(l->w, d->max32, pages32(l));
	if (r.lo >= d->cached)
		W_SET(l->w, d->cached, lo_of(d, (s64)i - 1));
	erase(l, d, i);
}

/* ---- magazines ---- */

static const struct cpu_cache *cache_of(const struct lx *l, u32 dev, u32 size)
{
	return &domain(l, dev)->cpu[l->hw->self][size];
}

/* iova_magazine_pop(): the last one that is not above limit. 0: none. */
static u64 mag_pop(struct lx *l, const struct magazine *m, u64 limit)
{
	u64 pfn = 0;

	for (u64 i = m->n; i-- > 0 && !pfn;) {
		if (m->pfn[i] > limit)
			continue;
		pfn = m->pfn[i];
		W_SET(l->w, m->pfn[i], m->pfn[m->n - 1]);
		W_SET(l->w, m->pfn[m->n - 1], 0ull);
		W_SET(l->w, m->n, m->n - 1);
	}
	return pfn;
}

static u64 rcache_get(struct lx *l, u32 dev, u32 size, u64 limit)
{
	const struct domain *d = domain(l, dev);
	const struct cpu_cache *c = cache_of(l, dev, size);
	const struct magazine *loaded = &c->mag[c->loaded];

	if (!loaded->n && c->mag[!c->loaded].n) {
		W_SET(l->w, c->loaded, (u64)!c->loaded);
		loaded = &c->mag[c->loaded];
	} else if (!loaded->n && d->depots[size]) {
		const struct magazine *m = &d->depot[size][d->depots[size] - 1];

		world_write(l->w, loaded, m, sizeof *m);
		world_write(l->w, m, &(struct magazine){0}, sizeof *m);
		W_SET(l->w, d->depots[size], d->depots[size] - 1);
	}
	return mag_pop(l, loaded, limit);
}

static bool rcache_put(struct lx *l, u32 dev, u32 size, u64 pfn)
{
	const struct domain *d = domain(l, dev);
	const struct cpu_cache *c = cache_of(l, dev, size);
	const struct magazine *m;

	if (c->mag[c->loaded].n == MAG_PFNS && c->mag[!c->loaded].n < MAG_PFNS)
		W_SET(l->w, c->loaded, (u64)!c->loaded);
	m = &c->mag[c->loaded];
	if (m->n == MAG_PFNS) {
		if (d->depots[size] == DEPOT_MAGS)
			return false;
		world_write(l->w, &d->depot[size][d->depots[size]], m, sizeof *m);
		W_SET(l->w, d->depots[size], d->depots[size] + 1);
		world_write(l->w, m, &(struct magazine){0}, sizeof *m);
	}
	W_SET(l->w, m->pfn[m->n], pfn);
	W_SET(l->w, m->n, m->n + 1);
	return true;
}

static void mag_empty(struct lx *l, u32 dev, const struct magazine *m)
{
	while (m->n) {
		u64 pfn = m->pfn[m->n - 1];

		W_SET(l->w, m->pfn[m->n - 1], 0ull);
		W_SET(l->w, m->n, m->n - 1);
		tree_give(l, dev, pfn);
	}
}

/* free_cpu_cached_iovas(), free_global_cached_iovas() */
static void flush_rcache(struct lx *l, u32 dev)
{
	const struct domain *d = domain(l, dev);

	for (u32 size = 0; size < SIZES; size++) {
		for (u32 cpu = 0; cpu < l->w->cpus; cpu++) {
			const struct cpu_cache *c = &d->cpu[cpu][size];

			mag_empty(l, dev, &c->mag[c->loaded]);
			mag_empty(l, dev, &c->mag[!c->loaded]);
			W_SET(l->w, c->loaded, 0ull);
		}
		while (d->depots[size]) {
			W_SET(l->w, d->depots[size], d->depots[size] - 1);
			mag_empty(l, dev, &d->depot[size][d->depots[size]]);
		}
	}
}

static u32 order_pages(u64 pages)
{
	return pages > 1 ? 64u - (u32)__builtin_clzll(pages - 1) : 0;
}

/* alloc_iova_fast(): limit is the last page that may be used. 0: none. */
static u64 take_fast(struct lx *l, u32 dev, u64 pages, u64 limit, bool flush)
{
	u32 size = order_pages(pages);
	u64 pfn = 0;

	if (pages < 1u << (SIZES - 1)) /* else what is freed would not fit what is asked for */
		pages = 1ull << size;
	if (size < SIZES && limit + 1 >= pages)
		pfn = rcache_get(l, dev, size, limit + 1 - pages);
	if (pfn || tree_take(l, dev, pages, limit + 1, &pfn))
		return pfn;
	if (!flush)
		return 0;
	flush_rcache(l, dev);
	return tree_take(l, dev, pages, limit + 1, &pfn) ? pfn : 0;
}

/* ---- iommu_dma_alloc_iova(), iommu_dma_free_iova() ---- */

u64 iova_alloc(struct lx *l, u32 dev, u64 size, u64 mask)
{
	const struct domain *d = domain(l, dev);
	u64 limit = mask_limit(l, dev, mask), pages = size >> shift_of(l), pfn = 0;
	u32 bits = 0;

	if (l->cfg->iommu.aperture_last)
		limit = min_u64(limit, l->cfg->iommu.aperture_last);
	if (limit > 0xffffffff && l->hw->cfg->dev[dev].bus == BUS_PCI && !l->cfg->iommu.forcedac &&
	    !d->wide) {
		pfn = take_fast(l, dev, pages, pages32(l) - 1, false);
		if (pfn)
			return pfn << shift_of(l);
		W_SET(l->w, d->wide, 1u);
		while (bits < 64 && limit >> bits)
			bits++;
		LOG_LINE(l, IOVA_WIDE, dev, bits);
	}
	return take_fast(l, dev, pages, limit >> shift_of(l), true) << shift_of(l);
}

void iova_free(struct lx *l, u32 dev, u64 iova, u64 size)
{
	u64 pages = size >> shift_of(l), pfn = iova >> shift_of(l);

	if (order_pages(pages) >= SIZES || !rcache_put(l, dev, order_pages(pages), pfn))
		tree_give(l, dev, pfn);
}

/* As many pages at once as fit, so that few ranges stand for many pages. */
bool lx_iova_take(struct lx *l, u32 dev, u64 pages)
{
	u64 limit, chunk = 1ull << 40, pfn;

	if (!use_dma_iommu(l, dev))
		return false;
	limit = mask_limit(l, dev, lx_dma_get_mask(l, dev));
	if (l->cfg->iommu.aperture_last)
		limit = min_u64(limit, l->cfg->iommu.aperture_last);
	limit >>= shift_of(l);
	if (l->hw->cfg->dev[dev].bus == BUS_PCI && !l->cfg->iommu.forcedac)
		limit = min_u64(limit, pages32(l) - 1);
	for (; pages && chunk; chunk /= 2)
		while (chunk <= pages && tree_take(l, dev, chunk, limit + 1, &pfn))
			pages -= chunk;
	return !pages;
}
