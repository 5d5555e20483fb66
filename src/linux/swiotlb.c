/* SPDX-License-Identifier: MIT */
/*
 * Slots of the bounce pools: kernel/dma/swiotlb.c. A pool has areas, one for each CPU at most, and
 * an area has sets of 128 slots; a buffer takes a run of slots within one set, found by next-fit in
 * the area of the CPU that asks, then in the others. What lies in a slot is left as it was; the
 * copies are linux/bounce.c, and the pools that SWIOTLB_DYNAMIC adds linux/swiotlb_grow.c.
 *
 * What the kernel keeps as the length of each free run (slots[].list) is counted here when it is
 * asked for: the same runs.
 */
#include "linux/linux_int.h"

void pool_init(struct lx *l)
{
	const struct linux_config *c = l->cfg;
	const struct lx_pool *p;
	u64 n = c->swiotlb.slots, first;

	if (c->swiotlb.dynamic)
		n += GROWN_MAX * GROWN_SLOTS + TRANSIENT_MAX * SLOTS_PER_SET;
	first = n;
	for (u32 i = 0; i < l->hw->cfg->devs; i++)
		n += c->dev[i].pool_slots;

	l->tlb = world_region(l->w, "swiotlb", sizeof(struct lx_tlb), CHUNK, REGION_RAW, NULL);
	l->slots = world_region(l->w, "swiotlb slots", n * sizeof(struct lx_slot), CHUNK,
				REGION_RAW, NULL);
	p = &lx_tlb(l)->pool[0];
	if (c->swiotlb.slots)
		W_SET(l->w, *p,
		      ((struct lx_pool){.base = c->swiotlb.base,
					.slots = c->swiotlb.slots,
					.areas = max_u32(c->swiotlb.areas, 1)}));
	for (u32 i = 0; i < l->hw->cfg->devs; i++) {
		if (!c->dev[i].pool_slots)
			continue;
		W_SET(l->w, lx_tlb(l)->pool[RESTRICTED_FIRST + i],
		      ((struct lx_pool){.base = c->dev[i].pool_base,
					.slots = c->dev[i].pool_slots,
					.areas = 1,
					.first = (u32)first,
					.area = RESTRICTED_AREAS + i}));
		first += c->dev[i].pool_slots;
		l->own_pools = i + 1;
	}
}

bool pool_active(const struct lx *l, u32 dev)
{
	return l->cfg->swiotlb.slots > 0 || pool_restricted(l, dev);
}

/* The entry behind i that may hold a pool; POOLS_MAX: there is none. */
static u32 pool_next(const struct lx *l, u32 i)
{
	i++;
	if (i == pools_max(l))
		i = RESTRICTED_FIRST;
	return i >= RESTRICTED_FIRST + l->own_pools ? POOLS_MAX : i;
}

static bool pool_has(const struct lx_pool *p, u64 pa)
{
	return pa >= p->base && pa - p->base < (u64)p->slots * SLOT_SIZE;
}

/* swiotlb_find_pool(). Model: it is found for any device, also if it is another one's own. */
static const struct lx_pool *pool_of(const struct lx *l, u64 pa)
{
	const struct lx_pool *p = lx_tlb(l)->pool;

	for (u32 i = 0; i < POOLS_MAX; i = pool_next(l, i))
		if (pool_has(&p[i], pa))
			return &p[i];
	return NULL;
}

bool lx_in_pool(const struct lx *l, phys_addr_t pa)
{
	return pool_of(l, pa.pa) != NULL;
}

const struct lx_slot *lx_slot(const struct lx *l, u32 i)
{
	BUG_ON(i >= l->cfg->swiotlb.slots);
	return &lx_slots(l)[i];
}

const struct lx_slot *pool_slot(const struct lx *l, u64 pa)
{
	const struct lx_pool *p = pool_of(l, pa);

	return p ? &lx_slots(l)[p->first + (pa - p->base) / SLOT_SIZE] : NULL;
}

/* The slots of one pool that are in use. */
static s64 used_of(const struct lx *l, const struct lx_pool *p)
{
	s64 n = 0;

	for (u32 i = 0; i < p->areas; i++)
		n += lx_tlb(l)->area[p->area + i].used;
	return n;
}

u64 pool_slots_total(const struct lx *l, u32 dev)
{
	return pool_restricted(l, dev) ? l->cfg->dev[dev].pool_slots : lx_slots_total(l);
}

u64 pool_slots_used(const struct lx *l, u32 dev)
{
	return pool_restricted(l, dev)
		       ? (u64)used_of(l, &lx_tlb(l)->pool[RESTRICTED_FIRST + dev])
		       : lx_slots_used(l);
}

u64 lx_slots_used(const struct lx *l)
{
	return (u64)(s64)lx_tlb(l)->used;
}

u64 pool_slots_for(u64 bytes)
{
	return bytes / SLOT_SIZE + (bytes % SLOT_SIZE != 0);
}

/* ---- finding: swiotlb_search_pool_area() ---- */

/* What is looked for: a run of slots in one area of one pool. */
struct search {
	const struct lx_pool *pool;
	u64 base;	    /* bus address of the pool, as the segment boundary cuts it */
	u64 orig;	    /* 0: nothing is copied, so no bits of it are kept */
	u64 start_mask;	    /* bits that must be 0 in the start */
	u64 same_mask;	    /* bits that must be those of orig */
	u64 boundary_slots; /* a run may not cross a multiple of so many */
	u32 n;
};

static bool crosses(const struct search *q, u32 at)
{
	u64 first = (pool_slots_for(q->base) + at) & (q->boundary_slots - 1);

	return q->boundary_slots && first + q->n > q->boundary_slots;
}

static bool run_free(const struct lx *l, const struct search *q, u32 at)
{
	if (q->n > SLOTS_PER_SET - at % SLOTS_PER_SET || q->n > q->pool->slots - at)
		return false;
	for (u32 i = 0; i < q->n; i++)
		if (lx_slots(l)[q->pool->first + at + i].state)
			return false;
	return true;
}

/* First slot of a run, looked for from where the last one ended; -1: there is none. */
static s64 search_area(const struct lx *l, const struct search *q, u32 area)
{
	const struct lx_area *a = &lx_tlb(l)->area[q->pool->area + area];
	u32 total = q->pool->slots / q->pool->areas, i = a->next;
	u64 stride = pool_slots_for(max_u64(q->start_mask, q->same_mask) + 1);

	if ((s64)q->n > (s64)total - a->used)
		return -1;
	for (u64 seen = 0; seen < total;) {
		u32 at = area * total + i;
		u64 addr = q->base + (u64)at * SLOT_SIZE;
		bool fits =
		    !(addr & q->start_mask) && !(q->orig && ((addr ^ q->orig) & q->same_mask));
		u64 step = fits ? stride : 1;

		if (fits && !crosses(q, at) && run_free(l, q, at))
			return at;
		i = i + step >= total ? 0 : i + (u32)step;
		seen += step;
	}
	return -1;
}

static struct search search_for(const struct lx *l, const struct lx_pool *p, u32 dev, u64 orig,
				u64 size, u64 align_mask)
{
	u64 boundary = lx_dma_get_seg_boundary(l, dev), same = pool_keeps(l, dev);
	struct search q = {.pool = p, .orig = orig};

	/* Without other wishes a page or more begins on a page. */
	if (!align_mask && !same && size >= LX_PAGE &&
	    !(!orig && lx_has_quirk(l, QUIRK_SWIOTLB_ALLOC_UNALIGNED)))
		align_mask = LX_PAGE - 1;
	q.start_mask = align_mask | (SLOT_SIZE - 1);
	q.same_mask = same & ~q.start_mask;
	q.base = lx_phys_to_dma(l, dev, (phys_addr_t){p->base}).bus & boundary;
	q.boundary_slots = boundary == ~0ull ? 1ull << 53 : boundary / SLOT_SIZE + 1;
	q.n = (u32)min_u64(pool_slots_for(size), SLOTS_PER_SET + 1);
	return q;
}

void pool_count(struct lx *l, u32 area, s32 n)
{
	const struct lx_tlb *t = lx_tlb(l);

	W_SET(l->w, t->area[area].used, t->area[area].used + n);
	if (area >= RESTRICTED_AREAS)
		return;
	W_SET(l->w, t->used, t->used + n);
	if (t->used > t->most)
		W_SET(l->w, t->most, t->used);
}

/* swiotlb_search_pool_area(), the k-th area from that of this CPU; false: full. */
static bool find_in(struct lx *l, const struct search *q, u32 k, u32 *at)
{
	const struct lx_pool *p = q->pool;
	u32 per_area = p->slots / p->areas, area = (l->hw->self + k) & (p->areas - 1), next;
	s64 found = search_area(l, q, area);

	if (found < 0)
		return false;
	next = (u32)found - area * per_area + q->n;
	W_SET(l->w, lx_tlb(l)->area[p->area + area].next, next >= per_area ? 0 : next);
	pool_count(l, p->area + area, (s32)q->n);
	*at = (u32)found;
	return true;
}

/* What is looked for, wherever that is. */
struct want {
	u32 dev;
	u64 orig, size, align_mask;
};

/* swiotlb_find_slots() without the transient pool: one area of each pool, the youngest pool first,
 * before the next area of any. */
static bool find(struct lx *l, const struct want *w, struct search *q, u32 *at)
{
	const struct lx_pool *pool = lx_tlb(l)->pool;
	u32 pools = min_u32(pools_max(l), TRANSIENT_FIRST);

	if (pool_restricted(l, w->dev)) {
		*q = search_for(l, &pool[RESTRICTED_FIRST + w->dev], w->dev, w->orig, w->size,
				w->align_mask);
		return find_in(l, q, 0, at);
	}
	for (u32 k = 0; k < pool->areas; k++)
		for (u32 i = pools; i-- > 0;) {
			if (k >= pool[i].areas)
				continue;
			*q = search_for(l, &pool[i], w->dev, w->orig, w->size, w->align_mask);
			if (find_in(l, q, k, at))
				return true;
		}
	return false;
}

/* More than a set is never tried (IO_TLB_SEGSIZE * IO_TLB_SIZE). */
static bool find_transient(struct lx *l, const struct want *w, struct search *q, u32 *at)
{
	const struct lx_pool *p;

	if (!l->cfg->swiotlb.dynamic || pool_restricted(l, w->dev) ||
	    w->size > SLOTS_PER_SET * SLOT_SIZE)
		return false;
	p = pool_transient(l, w->dev, (u32)pool_slots_for(w->size));
	if (!p)
		return false;
	*q = search_for(l, p, w->dev, w->orig, w->size, w->align_mask);
	if (find_in(l, q, 0, at))
		return true;
	pool_del_transient(l, p);
	return false;
}

bool pool_find(struct lx *l, u32 dev, u64 orig, u64 size, u64 align_mask, struct run *r)
{
	struct want w = {dev, orig, size, align_mask};
	u64 low = orig & pool_keeps(l, dev) & (SLOT_SIZE - 1);
	const struct lx_pool *p;
	struct search q;
	u32 at;

	if (!find(l, &w, &q, &at) && !find_transient(l, &w, &q, &at))
		return false;
	p = q.pool;
	for (u32 i = 0; i < q.n; i++) {
		const struct lx_slot *s = &lx_slots(l)[p->first + at + i];

		W_SET(l->w, s->state, SLOT_TAKEN);
		W_SET(l->w, s->left, (u32)(size - low - (u64)i * SLOT_SIZE));
	}
	*r = (struct run){&lx_slots(l)[p->first + at], p->base + (u64)at * SLOT_SIZE, q.n};
	return true;
}

bool pool_alloc(struct lx *l, u32 dev, u64 size, u64 *pa)
{
	bool unaligned = lx_has_quirk(l, QUIRK_SWIOTLB_ALLOC_UNALIGNED);
	u64 align = unaligned ? 0 : ((u64)LX_PAGE << order_of(size)) - 1;
	struct run r;

	if (!pool_find(l, dev, 0, size, align, &r))
		return false;
	*pa = align_down(r.pa, LX_PAGE); /* the page of it: pfn_to_page() */
	return true;
}

/* ---- giving back: swiotlb_release_slots() ---- */

/* The slots of a link lie side by side, around at. */
static void end_link(struct lx *l, const struct lx_pool *p, u32 at)
{
	const struct lx_slot *s = &lx_slots(l)[p->first];
	u16 link = s[at].link;

	if (!link)
		return;
	link_end(l->hw, link);
	while (at && s[at - 1].link == link)
		at--;
	for (; at < p->slots && s[at].link == link; at++)
		W_SET(l->w, s[at].link, 0);
}

void pool_clear(struct lx *l, const struct lx_pool *p, u32 at, u32 n)
{
	for (u32 i = at; i < at + n; i++) {
		end_link(l, p, i);
		W_SET(l->w, lx_slots(l)[p->first + i], (struct lx_slot){0});
	}
}

/*
 * From the slot of pa to the end of its allocation, whatever size was said: an unmap from the
 * middle leaves the first slots taken, and when they are given back, those behind are counted
 * twice and taken from whoever has them by then, as in the kernel.
 */
void pool_release(struct lx *l, u32 dev, u64 pa)
{
	const struct lx_pool *p = pool_of(l, pa);
	u64 low = pa & pool_keeps(l, dev) & (SLOT_SIZE - 1), n;
	u32 at;

	if (!p || pool_del_transient(l, p)) /* none: it was a transient one, unmapped twice */
		return;
	if (pa - low < p->base)
		low = 0;
	at = (u32)((pa - low - p->base) / SLOT_SIZE);
	at -= min_u32(lx_slots(l)[p->first + at].pad, at);
	n = pool_slots_for((u64)lx_slots(l)[p->first + at].left + low);
	n = min_u64(n, p->slots - at);
	pool_clear(l, p, at, (u32)n);
	pool_count(l, p->area + at / (p->slots / p->areas), -(s32)n);
}

/* ---- views, laboratories ---- */

/* Slot at + 1 goes on where slot at has begun a mapping. */
static bool goes_on(const struct lx_slot *s)
{
	return s[0].state == SLOT_MAPPED && s[1].state == SLOT_MAPPED &&
	       s[1].home == s[0].home + SLOT_SIZE && s[1].left + SLOT_SIZE == s[0].left;
}

static bool stretch_of(const struct lx *l, const struct lx_pool *p, u32 *i, u64 *pa, u64 *len)
{
	s64 used = used_of(l, p);
	const struct lx_slot *s = &lx_slots(l)[p->first];
	u32 at = p->slots ? lx_tlb(l)->area[p->area].next : 0;

	/* Next-fit leaves what is in use mostly right behind: from there down, until all were seen.
	 */
	for (s64 seen = 0, k = 0; seen < used && k < p->slots; k++) {
		at = (at ? at : p->slots) - 1;
		seen += s[at].state != SLOT_FREE;
		if (s[at].state != SLOT_MAPPED || (at % SLOTS_PER_SET && goes_on(&s[at - 1])))
			continue; /* free, taken away, or not the first of its run */
		if ((*i)-- == 0) {
			*pa = p->base + (u64)at * SLOT_SIZE;
			*len = s[at].left;
			return true;
		}
	}
	return false;
}

bool pool_stretch(const struct lx *l, u32 i, u64 *pa, u64 *len)
{
	const struct lx_pool *pool = lx_tlb(l)->pool;

	for (u32 k = 0; k < POOLS_MAX; k = pool_next(l, k))
		if (pool[k].slots && stretch_of(l, &pool[k], &i, pa, len))
			return true;
	return false;
}

bool lx_slots_take(struct lx *l, u32 n)
{
	const struct lx_pool *p = &lx_tlb(l)->pool[0];

	if ((s64)n > (s64)p->slots - used_of(l, p))
		return false;
	for (u32 i = 0; n && i < p->slots; i++)
		if (!lx_slots(l)[i].state) {
			W_SET(l->w, lx_slots(l)[i].state, SLOT_TAKEN);
			pool_count(l, p->area + i / (p->slots / p->areas), 1);
			n--;
		}
	return true;
}

bool lx_slots_next(struct lx *l, phys_addr_t pa)
{
	const struct lx_pool *p = pool_of(l, pa.pa);
	u32 at, per_area;

	if (!p)
		return false;
	at = (u32)((pa.pa - p->base) / SLOT_SIZE);
	per_area = p->slots / p->areas;
	W_SET(l->w, lx_tlb(l)->area[p->area + at / per_area].next, at % per_area);
	return true;
}

u64 lx_slots_most(const struct lx *l)
{
	return (u64)(s64)lx_tlb(l)->most;
}

void lx_slots_reset_most(struct lx *l)
{
	W_SET(l->w, lx_tlb(l)->most, lx_tlb(l)->used);
}
