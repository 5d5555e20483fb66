/* SPDX-License-Identifier: MIT */
/*
 * The bounce pool: kernel/dma/swiotlb.c with one pool and one area. A mapping takes a run of slots
 * within one set, found by next-fit; its bytes are copied there and back as the direction given to
 * each call says. What else lies in a slot is left as it was.
 *
 * Not modelled: dynamic pools, more areas, alignment asked for by an IOMMU, segment boundaries.
 */
#include "linux/linux_int.h"

static const struct lx_slot *slots(const struct lx *l)
{
	return world_at(l->w, l->slots);
}

bool pool_active(const struct lx *l)
{
	return l->cfg->swiotlb.slots > 0;
}

bool lx_in_pool(const struct lx *l, phys_addr_t pa)
{
	u64 base = l->cfg->swiotlb.base;

	return pa.pa >= base && pa.pa - base < (u64)l->cfg->swiotlb.slots * SLOT_SIZE;
}

const struct lx_slot *lx_slot(const struct lx *l, u32 i)
{
	BUG_ON(i >= l->cfg->swiotlb.slots);
	return &slots(l)[i];
}

u32 lx_slots_used(const struct lx *l)
{
	return lx_state(l)->pool_used;
}

static u32 slot_of(const struct lx *l, u64 pa)
{
	return (u32)((pa - l->cfg->swiotlb.base) / SLOT_SIZE);
}

static u64 slots_for(u64 bytes)
{
	return (bytes + SLOT_SIZE - 1) / SLOT_SIZE;
}

/* ---- finding and taking: swiotlb_search_pool_area() ---- */

struct want {
	u64 size; /* with the padding in front and behind */
	u64 pad;  /* in front */
	u64 orig;
	u64 start_mask; /* bits that must be 0 in the start */
	u64 same_mask;	/* bits that must be those of orig */
	u32 n;		/* slots */
};

static bool run_free(const struct lx *l, u32 at, u32 n)
{
	if (n > SLOTS_PER_SET - at % SLOTS_PER_SET)
		return false;
	for (u32 i = 0; i < n; i++)
		if (slots(l)[at + i].used)
			return false;
	return true;
}

static u32 wrap(const struct lx *l, u64 i)
{
	return i >= l->cfg->swiotlb.slots ? 0 : (u32)i;
}

/* First slot of a run, looked for from where the last one ended; -1: there is none. */
static s64 find(const struct lx *l, u32 dev, const struct want *q)
{
	u64 base = lx_phys_to_dma(l, dev, (phys_addr_t){l->cfg->swiotlb.base}).bus;
	u32 total = l->cfg->swiotlb.slots, i = lx_state(l)->pool_next;
	u64 stride = slots_for(max_u64(q->start_mask, q->same_mask) + 1);

	if (q->n > total - lx_state(l)->pool_used || q->n > SLOTS_PER_SET)
		return -1;
	for (u64 seen = 0; seen < total;) {
		u64 addr = base + (u64)i * SLOT_SIZE;
		bool fits = !(addr & q->start_mask) && !((addr ^ q->orig) & q->same_mask);

		if (fits && run_free(l, i, q->n))
			return i;
		i = wrap(l, i + (fits ? stride : 1));
		seen += fits ? stride : 1;
	}
	return -1;
}

static struct want want(const struct lx *l, u32 dev, u64 pa, u64 size, u64 align_mask)
{
	u64 same = lx_dma_get_min_align_mask(l, dev);
	u64 pad = pa & same & (align_mask | (SLOT_SIZE - 1));
	struct want q = {.size = align_up(size + pad, align_mask + 1), .orig = pa, .pad = pad};

	/* Without other wishes a page or more begins on a page. */
	if (!same && !align_mask && q.size >= LX_PAGE)
		align_mask = LX_PAGE - 1;
	q.start_mask = align_mask | (SLOT_SIZE - 1);
	q.same_mask = same & ~q.start_mask;
	q.n = (u32)min_u64(slots_for(q.size), SLOTS_PER_SET + 1);
	return q;
}

static void pool_count(struct lx *l, u32 n)
{
	const struct lx_state *s = lx_state(l);

	W_SET(l->w, s->pool_used, s->pool_used + n);
	if (s->pool_used > s->pool_most)
		W_SET(l->w, s->pool_most, s->pool_used);
}

static void take(struct lx *l, u32 at, const struct want *q, u64 end, u16 link)
{
	const struct lx_state *s = lx_state(l);
	u64 home = q->orig - q->pad;

	for (u32 i = 0; i < q->n; i++) {
		struct lx_slot slot = {home + (u64)i * SLOT_SIZE, end, 1, link, 0};

		world_write(l->w, &slots(l)[at + i], &slot, sizeof slot);
	}
	pool_count(l, q->n);
	W_SET(l->w, s->pool_next, wrap(l, (u64)at + q->n));
}

/* Slots of the link lie in one set, around at. */
static void end_link(struct lx *l, u32 at)
{
	u32 first = at - at % SLOTS_PER_SET;
	u16 link = slots(l)[at].link;

	if (!link)
		return;
	link_end(l->hw, link);
	for (u32 i = first; i < first + SLOTS_PER_SET; i++)
		if (slots(l)[i].link == link)
			W_SET(l->w, slots(l)[i].link, 0);
}

/* Whether the n-th slot after at belongs to the mapping that at belongs to. */
static bool same_run(const struct lx *l, u32 at, u32 n)
{
	const struct lx_slot *s = &slots(l)[at];

	return s[n].end == s->end && s[n].home == s->home + (u64)n * SLOT_SIZE;
}

/*
 * Frees from the slot of pa to the end of its mapping, whatever size was said. Model: after an
 * unmap from the middle the kernel would count the slots behind it twice; here they are left alone.
 */
void pool_release(struct lx *l, u64 pa)
{
	const struct lx_state *s = lx_state(l);
	u32 at = slot_of(l, pa), room = SLOTS_PER_SET - at % SLOTS_PER_SET, n = 0;

	if (!slots(l)[at].end) /* unmapped twice: the kernel frees a run of no slots */
		return;
	end_link(l, at);
	while (n < room && same_run(l, at, n))
		n++;
	for (u32 i = 0; i < n; i++)
		W_SET(l->w, slots(l)[at + i], (struct lx_slot){0});
	W_SET(l->w, s->pool_used, s->pool_used - n);
}

bool pool_stretch(const struct lx *l, u32 i, u64 *pa, u64 *len)
{
	u32 total = l->cfg->swiotlb.slots, at = lx_state(l)->pool_next;

	/* Next-fit leaves what is in use mostly right behind: from there down, until all were seen.
	 */
	for (u32 seen = 0; seen < lx_state(l)->pool_used;) {
		const struct lx_slot *s;

		at = (at ? at : total) - 1;
		s = &slots(l)[at];
		seen += s->used;
		if (!s->end || (at % SLOTS_PER_SET && same_run(l, at - 1, 1)))
			continue; /* free, taken away, or not the first of its run */
		if (i-- == 0) {
			*pa = l->cfg->swiotlb.base + (u64)at * SLOT_SIZE;
			*len = s->end - s->home;
			return true;
		}
	}
	return false;
}

bool lx_slots_take(struct lx *l, u32 n)
{
	const struct lx_state *s = lx_state(l);

	if (n > l->cfg->swiotlb.slots - s->pool_used)
		return false;
	for (u32 i = 0; n; i++)
		if (!slots(l)[i].used) {
			W_SET(l->w, slots(l)[i].used, 1);
			pool_count(l, 1);
			n--;
		}
	return true;
}

bool lx_slots_next(struct lx *l, phys_addr_t pa)
{
	if (!lx_in_pool(l, pa))
		return false;
	W_SET(l->w, lx_state(l)->pool_next, slot_of(l, pa.pa));
	return true;
}

u32 lx_slots_most(const struct lx *l)
{
	return lx_state(l)->pool_most;
}

void lx_slots_reset_most(struct lx *l)
{
	W_SET(l->w, lx_state(l)->pool_most, lx_state(l)->pool_used);
}

/* ---- copying: swiotlb_bounce() ---- */

u64 pool_home(const struct lx *l, u64 pa)
{
	const struct lx_slot *s;

	if (!lx_in_pool(l, (phys_addr_t){pa}))
		return pa;
	s = &slots(l)[slot_of(l, pa)];
	return s->end ? s->home + pa % SLOT_SIZE : pa;
}

void pool_copy(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, bool in)
{
	const struct lx_slot *s = &slots(l)[slot_of(l, pa)];
	u64 home = s->home + pa % SLOT_SIZE, left;

	if (!s->end) /* nothing is mapped there */
		return;
	left = s->end > home ? s->end - home : 0;
	if (size > left) {
		LOG_LINE(l, SLOT_RANGE, dev, left, size);
		size = left;
	}
	uop_copy(l, level, in ? pa : home, in ? home : pa, size, in);
}

/* ---- swiotlb_map() ---- */

static s64 find_or_log(struct lx *l, u32 dev, const struct want *q, u32 attrs)
{
	s64 at;

	if (!pool_active(l)) {
		LOG_LINE(l, POOL_NONE, dev, 0);
		return -1;
	}
	at = find(l, dev, q);
	if (at < 0 && !(attrs & ATTR_NO_WARN))
		LOG_LINE(l, POOL_FULL, dev, q->size, l->cfg->swiotlb.slots, lx_slots_used(l));
	return at;
}

bool pool_take(struct lx *l, enum lx_level level, const struct lx_map *m, u64 align_mask, u64 *slot)
{
	struct want q = want(l, m->dev, m->pa, m->size, align_mask);
	s64 at = find_or_log(l, m->dev, &q, m->attrs);
	u16 link;

	if (at < 0)
		return false;
	*slot = l->cfg->swiotlb.base + (u64)at * SLOT_SIZE + q.pad;
	link = link_begin(l->hw, (phys_addr_t){m->pa}, (phys_addr_t){*slot}, m->size);
	take(l, (u32)at, &q, m->pa + m->size, link);
	pool_copy(l, level, m->dev, *slot, m->size, true); /* for every direction and attribute */
	return true;
}

enum lx_rc pool_place(struct lx *l, enum lx_level level, const struct lx_map *m,
		      struct lx_piece *out)
{
	u64 slot, mask = lx_dma_get_mask(l, m->dev);

	*out = (struct lx_piece){{DMA_MAPPING_ERROR}, 0};
	if (!m->size && pool_active(l)) {
		LOG_LINE(l, BUG_SLOTS, m->dev, 0);
		return LX_BUG_SIZE;
	}
	if (!pool_take(l, level, m, 0, &slot))
		return LX_OK;
	*out = (struct lx_piece){lx_phys_to_dma(l, m->dev, (phys_addr_t){slot}), slot};
	if (!lx_dma_capable(l, m->dev, out->bus, m->size)) {
		LOG_LINE(l, SLOT_OVERFLOW, m->dev, out->bus.bus, m->size, mask,
			 l->cfg->dev[m->dev].bus_dma_limit);
		out->bus.bus = DMA_MAPPING_ERROR;
		return LX_OK;
	}
	if (!dev_is_coherent(l, m->dev) && !(m->attrs & ATTR_SKIP_CPU_SYNC))
		arch_for_device(l, level, slot, m->size, m->dir, false);
	return LX_OK;
}
