/* SPDX-License-Identifier: MIT */
/*
 * What the events of the API say: allocations, mappings, what was handed over and back. How the
 * hand-overs are remembered for names is in oracle/handed.c, dirty lines are in oracle/dirty.c.
 */
#include "base/bug.h"
#include "core/copies.h"
#include "core/maphow.h"
#include "core/memkind.h"
#include "oracle/oracle_int.h"

u32 oracle_allocs(const struct oracle *o)
{
	return o->state ? ostate(o)->allocs : 0;
}

const struct oalloc *oracle_alloc(const struct oracle *o, u32 i)
{
	BUG_ON(i >= oracle_allocs(o));
	return (const struct oalloc *)world_at(o->w, o->allocs) + i;
}

u32 oracle_maps(const struct oracle *o)
{
	return o->state ? ostate(o)->maps : 0;
}

const struct omap *oracle_map(const struct oracle *o, u32 i)
{
	BUG_ON(i >= oracle_maps(o));
	return (const struct omap *)world_at(o->w, o->maps) + i;
}

static const struct oracle_numbers *numbers(const struct oracle *o)
{
	return world_at(o->w, o->numbers);
}

u32 oracle_map_event(const struct oracle *o, u32 i)
{
	BUG_ON(i >= oracle_maps(o));
	return numbers(o)->map[i];
}

u32 oracle_alloc_at(const struct oracle *o, u64 pa)
{
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->open && !a->chunk && pa >= a->pa && pa - a->pa < a->len)
			return i + 1;
	}
	return 0;
}

bool alloc_is_coherent(const struct oalloc *a)
{
	return (a->kind == KIND_COHERENT && !a->chunk) || a->kind == KIND_POOL;
}

bool oracle_map_cpu(const struct omap *m, u64 off)
{
	for (u32 i = 0; i < m->spans; i++)
		if (off >= m->cpu[i].lo && off < m->cpu[i].hi)
			return true;
	return false;
}

u32 track_live(const struct oracle *o, u64 pa, u32 from)
{
	for (u32 i = track_page(o, pa) ? from : 0; i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && pa >= m->pa && pa - m->pa < m->len)
			return i + 1;
	}
	return 0;
}

/* ---- allocations ---- */

/*
 * A closed entry of the same place is taken again, so that loops do not fill the table. Only one
 * of the same kind: the handle of coherent memory is known as an ended one whoever has its page.
 */
static bool succeeds(const struct oalloc *a, const struct oalloc *was)
{
	return !was->open && was->pa == a->pa && was->dev == a->dev &&
	       (was->kind == KIND_COHERENT) == (a->kind == KIND_COHERENT) &&
	       (was->kind == KIND_POOL) == (a->kind == KIND_POOL);
}

void track_add_alloc(struct oracle *o, const struct oalloc *a)
{
	const struct oracle_state *s = ostate(o);
	u32 i = 0;

	while (i < s->allocs && !succeeds(a, oracle_alloc(o, i)))
		i++;
	if (i == ALLOCS_MAX) {
		world_limit(o->w, LIMIT_ALLOCS);
		return;
	}
	if (i == s->allocs)
		W_SET(o->w, s->allocs, i + 1);
	world_write(o->w, oracle_alloc(o, i), a, sizeof *a);
}

static u32 next_turn(struct oracle *o)
{
	W_SET(o->w, ostate(o)->turns, ostate(o)->turns + 1);
	return ostate(o)->turns;
}

void track_close(struct oracle *o, const struct oalloc *a, u32 dev, bool device_has_it)
{
	W_SET(o->w, a->open, (u8)0);
	W_SET(o->w, a->end, world_now(o->w)->stmt);
	W_SET(o->w, a->turn, next_turn(o));
	if (device_has_it) {
		u32 n = hw_dev(o->hw, dev)->posted_n;

		W_SET(o->w, a->posted, n);
		W_SET(o->w, a->was_posted, (u8)(n || calls_owing(o, dev)));
	}
}

static void close_alloc(struct oracle *o, const struct event *e)
{
	u64 pa = e->f[0];

	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (!a->open || a->pa != pa || a->kind == KIND_POOL)
			continue;
		track_close(o, a, e->arg, e->kind == EV_COHERENT_FREE);
		return;
	}
}

/* ---- mappings ---- */

/* A mapping begins (by 1) or ends (-1). */
static void count(struct oracle *o, const struct omap *m, u32 by)
{
	const struct oracle_state *s = ostate(o);

	W_SET(o->w, s->live, s->live + by);
	if (m->dir != DMA_TO_DEVICE)
		W_SET(o->w, s->writers, s->writers + by);
	if (!(m->flags & OMAP_CHECKED))
		W_SET(o->w, s->unasked, s->unasked + by);
	for (u64 p = m->pa / MAP_PAGE; m->len && p <= (m->pa + m->len - 1) / MAP_PAGE; p++)
		W_SET(o->w, s->pages[p % MAP_PAGES], s->pages[p % MAP_PAGES] + by);
}

static void add_map(struct oracle *o, const struct event *e)
{
	const struct oracle_state *s = ostate(o);
	struct omap m = {.pa = e->f[0],
			 .len = e->f[1],
			 .bus = e->f[2],
			 .dir = (u8)e->f[3],
			 .slot = e->f[4],
			 .dev = (u8)e->arg,
			 .live = 1,
			 .how = (u8)(e->f[6] & HOW_MASK),
			 .stmt = e->stmt};
	u32 i = 0;

	if (m.how == HOW_SG || m.how == HOW_IOVA) /* the call says itself whether it failed */
		m.flags |= OMAP_CHECKED;
	if (m.how == HOW_IOVA)
		m.flags |= OMAP_UNSYNCED;

	if (s->live == s->maps)
		i = s->maps; /* none has ended: there is none to be taken again */
	while (i < s->maps && (oracle_map(o, i)->live || oracle_map(o, i)->bus != m.bus ||
			       oracle_map(o, i)->dev != m.dev))
		i++;
	if (i == MAPPINGS_MAX) {
		world_limit(o->w, LIMIT_MAPPINGS);
		return;
	}
	if (i == s->maps)
		W_SET(o->w, s->maps, i + 1);
	o->w->obs.quiet = 0; /* and stays so, also if time goes back: it costs time alone */
	world_write(o->w, oracle_map(o, i), &m, sizeof m);
	count(o, &m, 1);
	W_SET(o->w, numbers(o)->map[i], world_now(o->w)->event);
}

u32 track_ends(const struct oracle *o, u32 dev, u64 bus, u64 len, u32 dir)
{
	u32 exact = 0, inside = 0;

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (!m->live || m->dev != dev || bus < m->bus || bus - m->bus >= max_u64(m->len, 1))
			continue;
		if (m->bus == bus && m->len == len && m->dir == dir)
			return i + 1;
		if (m->bus == bus && !exact)
			exact = i + 1;
		if (!inside)
			inside = i + 1;
	}
	return exact ? exact : inside;
}

/* The live mapping of a device that has the bus address inside; NULL: none. */
static const struct omap *named(const struct oracle *o, u32 dev, u64 bus)
{
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && m->dev == dev && bus >= m->bus && bus - m->bus < m->len)
			return m;
	}
	return NULL;
}

static void span_add(struct oracle *o, const struct omap *m, u32 lo, u32 hi)
{
	struct omap n = *m;
	u32 k = 0;

	for (u32 i = 0; i < m->spans; i++) { /* spans that touch become one */
		if (m->cpu[i].hi < lo || m->cpu[i].lo > hi) {
			n.cpu[k++] = m->cpu[i];
			continue;
		}
		lo = m->cpu[i].lo < lo ? m->cpu[i].lo : lo;
		hi = m->cpu[i].hi > hi ? m->cpu[i].hi : hi;
	}
	if (k == SPANS_MAX) {
		world_limit(o->w, LIMIT_SPANS);
		return;
	}
	n.cpu[k].lo = lo;
	n.cpu[k].hi = hi;
	n.spans = k + 1;
	for (u32 i = n.spans; i < SPANS_MAX; i++)
		n.cpu[i].lo = n.cpu[i].hi = 0;
	world_write(o->w, m, &n, sizeof n);
}

static void span_cut(struct oracle *o, const struct omap *m, u32 lo, u32 hi)
{
	struct omap n = *m;
	u32 k = 0;

	memset(n.cpu, 0, sizeof n.cpu);
	for (u32 i = 0; i < m->spans; i++) {
		u32 a = m->cpu[i].lo, b = m->cpu[i].hi;

		if (a < lo && k < SPANS_MAX) {
			n.cpu[k].lo = a;
			n.cpu[k++].hi = b < lo ? b : lo;
		}
		if (b > hi && k < SPANS_MAX) {
			n.cpu[k].lo = a > hi ? a : hi;
			n.cpu[k++].hi = b;
		}
	}
	n.spans = k;
	n.used = 0;
	n.wrote = 0;
	world_write(o->w, m, &n, sizeof n);
}

/* dma_alloc_pages(): mapped for the device, and the CPU's until the first sync_for_device. */
static void noncoherent(struct oracle *o, const struct event *e)
{
	struct event map = {.kind = EV_MAP,
			    .party = e->party,
			    .arg = e->arg,
			    .stmt = e->stmt,
			    .f = {e->f[0], e->f[2], e->f[3], e->f[6]}};
	const struct omap *m;

	track_add_alloc(o, &(struct oalloc){.pa = e->f[0],
					    .va = e->f[1],
					    .len = e->f[2],
					    .kind = KIND_PAGE,
					    .born = ostate(o)->turns,
					    .open = 1,
					    .stmt = e->stmt});
	add_map(o, &map);
	m = named(o, e->arg, e->f[3]);
	if (!m)
		return;
	W_SET(o->w, m->flags, (u32)(OMAP_CHECKED | OMAP_FRESH));
	W_SET(o->w, ostate(o)->unasked, ostate(o)->unasked - 1);
	span_add(o, m, 0, (u32)m->len);
}

static void sync(struct oracle *o, const struct event *e, bool to_cpu)
{
	const struct omap *m = named(o, e->arg, e->f[2]);
	u64 lo, hi;

	if (!m)
		return;
	lo = e->f[2] - m->bus;
	hi = min_u64(lo + e->f[1], m->len);
	handed_call(o, m, e);
	if (to_cpu) {
		span_add(o, m, (u32)lo, (u32)hi);
		if (m->dir == DMA_FROM_DEVICE)
			copies_handback(o->w, m->pa + lo, hi - lo);
	} else {
		span_cut(o, m, (u32)lo, (u32)hi);
		if (m->flags & OMAP_FRESH)
			W_SET(o->w, m->flags, m->flags & ~(u32)OMAP_FRESH);
	}
}

/*
 * An address in the middle is no handle: the kernel does its cache operations there, and the
 * mapping stays. A bounce slot is found by any address in it (swiotlb_release_slots()).
 */
static bool takes_down(const struct omap *m, u64 bus)
{
	return m->bus == bus || m->slot;
}

static void unmap(struct oracle *o, const struct event *e)
{
	u32 i = track_ends(o, e->arg, e->f[2], e->f[1], (u32)e->f[3]);
	const struct omap *m = i ? oracle_map(o, i - 1) : NULL;

	if (!m || !takes_down(m, e->f[2]))
		return;
	handed_call(o, m, e);
	if (m->dir == DMA_FROM_DEVICE)
		copies_handback(o->w, m->pa, m->len);
	W_SET(o->w, m->end, e->stmt);
	W_SET(o->w, m->live, (u8)0);
	count(o, m, ~0u);
}

/*
 * The CPU's older bytes become discardable when the call begins, since its own cache operations
 * may drop them.
 */
void oracle_hand_over(struct oracle *o, u64 pa, u64 len)
{
	if (o->state)
		copies_discard(o->w, pa, len);
	if (o->handed)
		o->handed(o->handed_ctx, pa, len);
}

/* Its end has begun: from here on the device must not use it. */
static void ending(struct oracle *o, const struct omap *m)
{
	u32 posted = hw_dev(o->hw, m->dev)->posted_n;

	W_SET(o->w, m->end, world_now(o->w)->stmt);
	W_SET(o->w, m->ending, 1u);
	W_SET(o->w, m->turn, next_turn(o));
	W_SET(o->w, m->posted, posted);
	if (posted || calls_owing(o, m->dev))
		W_SET(o->w, m->flags, m->flags | OMAP_POSTED);
}

/* A segment of a list is about to be unmapped, with all entries in it. */
static void segment_ending(struct oracle *o, const struct event *e)
{
	u64 at = e->f[2], end = at + e->f[1];

	while (at < end) {
		u32 map = lists_piece(o, e->arg, at);

		if (!map)
			return;
		ending(o, oracle_map(o, map - 1));
		at += max_u64(oracle_map(o, map - 1)->len, 1);
	}
}

void oracle_unmapping(struct oracle *o, u32 dev, u64 bus, u64 len, u32 dir)
{
	u32 i;

	if (!o->state)
		return;
	if (o->rules)
		calls_unmapping(o, dev, bus, len, dir);
	i = track_ends(o, dev, bus, len, dir);
	if (!i || !takes_down(oracle_map(o, i - 1), bus))
		return;
	if (o->rules && o->handle && o->handle != oracle_map(o, i - 1)->stmt &&
	    iommu_translates(o->hw, dev)) {
		struct finding f =
		    finding_at(o, DIAG_IOVA_REUSE_COLLISION, oracle_map(o, i - 1)->pa,
			       (u32)oracle_map(o, i - 1)->len);

		f.severity = SEVERITY_VIOLATION;
		f.party = hw_party(o->hw);
		report_now(o, &f);
	}
	ending(o, oracle_map(o, i - 1));
}

void oracle_iova_sync(struct oracle *o, u32 dev, u64 bus, u64 len)
{
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && m->dev == dev && (m->flags & OMAP_UNSYNCED) && m->bus - bus < len)
			W_SET(o->w, m->flags, m->flags & ~(u32)OMAP_UNSYNCED);
	}
}

bool oracle_named(const struct oracle *o, u32 dev, u64 bus, u64 *pa, u32 *dir, u64 *left)
{
	const struct omap *m = named(o, dev, bus);

	if (!m)
		return false;
	*pa = m->pa + (bus - m->bus);
	*dir = m->dir;
	*left = m->len - (bus - m->bus);
	return true;
}

void track_event(struct oracle *o, const struct event *e)
{
	switch (e->kind) {
	case EV_ALLOC:
		track_add_alloc(o, &(struct oalloc){.pa = e->f[0],
						    .va = e->f[1],
						    .len = e->f[2],
						    .kind = (u8)e->f[4],
						    .born = ostate(o)->turns,
						    .open = 1,
						    .stmt = e->stmt});
		break;
	case EV_COHERENT_ALLOC:
		if ((e->f[5] & HOW_MASK) == HOW_NONCOHERENT) {
			noncoherent(o, e);
			break;
		}
		track_add_alloc(o, &(struct oalloc){.pa = e->f[0],
						    .va = e->f[1],
						    .len = e->f[2],
						    .bus = e->f[3],
						    .uncached = (u8)e->f[4],
						    .kind = KIND_COHERENT,
						    .chunk = (e->f[5] & FOR_MASK) == FOR_POOL,
						    .born = ostate(o)->turns,
						    .dev = (u8)e->arg,
						    .open = 1,
						    .stmt = e->stmt});
		if (e->f[4]) /* its other address caches it: every access is worth a look */
			o->w->obs.quiet = 0;
		break;
	case EV_COHERENT_FREE:
		if ((e->f[4] & HOW_MASK) == HOW_NONCOHERENT)
			unmap(o, &(struct event){.kind = EV_UNMAP,
						 .party = e->party,
						 .arg = e->arg,
						 .stmt = e->stmt,
						 .f = {e->f[0], e->f[2], e->f[3], e->f[5]}});
		close_alloc(o, e);
		break;
	case EV_FREE:
		close_alloc(o, e);
		break;
	case EV_POOL_ALLOC:
	case EV_POOL_FREE:
		pools_event(o, e);
		break;
	case EV_MAP:
		add_map(o, e);
		defect_handed_over(o, e);
		break;
	case EV_MAP_FAIL:
		defect_refused(o, e);
		break;
	case EV_UNMAP:
		unmap(o, e);
		break;
	case EV_SG_UNMAP:
		segment_ending(o, e);
		break;
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE:
		sync(o, e, e->kind == EV_SYNC_CPU);
		if (e->kind == EV_SYNC_DEVICE)
			defect_handed_over(o, e);
		break;
	default:
		dirty_event(o, e);
		break;
	}
}
