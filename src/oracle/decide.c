/* SPDX-License-Identifier: MIT */
/*
 * The decision list (semantics: findings), where it names stale reads and touched bytes: the rows
 * of oracle/decisions.def as predicates, and what they ask.
 */
#include "oracle/decide.h"

#include "core/know.h"
#include "core/memkind.h"

enum diag_id decide(const struct decision *d, u32 n, struct question *q)
{
	for (u32 i = 0; i < n; i++) {
		q->id = d[i].id;
		if (d[i].holds(q))
			return d[i].id;
	}
	return DIAGS;
}

/* Whether some of the allocation is, or was, a streaming buffer. */
static bool was_mapped(const struct oracle *o, const struct oalloc *a)
{
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->pa < a->pa + a->len && a->pa < m->pa + m->len)
			return true;
	}
	return false;
}

bool shared_memory(const struct oracle *o, u64 home)
{
	u32 alloc = oracle_alloc_at(o, home);
	const struct oalloc *a = alloc ? oracle_alloc(o, alloc - 1) : NULL;

	if (!a)
		return false;
	if (a->kind == KIND_PLACED) /* on a system without the DMA API, unless the driver uses it */
		return !was_mapped(o, a);
	return alloc_is_coherent(a);
}

bool uncached_memory(const struct oracle *o, u64 home)
{
	u32 alloc = oracle_alloc_at(o, home);

	return alloc && alloc_is_coherent(oracle_alloc(o, alloc - 1)) &&
	       oracle_alloc(o, alloc - 1)->uncached;
}

/* A cache holds the newest version of memory that only its other address lets into a cache. */
static bool newest_is_cached(const struct oracle *o, u64 home)
{
	struct copyref c[COPIES_MAX];
	u32 k = o->w->ops.copies(o->w, home, 1, c, COPIES_MAX);
	bool cached = false;

	for (u32 i = 0; i < k; i++) {
		bool old = bits_get(o->w, c[i].old, c[i].bit, 1);

		if (old || c[i].kind == COPY_PAST)
			continue;
		if (c[i].kind == COPY_MEMORY)
			return false;
		cached |= c[i].kind == COPY_CACHE || c[i].kind == COPY_OUTER;
	}
	return cached;
}

/* ---- memory that both see ---- */

static bool always(const struct question *q)
{
	(void)q;
	return true;
}

static bool shared(const struct question *q)
{
	return q->shared;
}

/* The edge of the path that lacked its barrier. */
static bool edge(const struct question *q, enum edge e)
{
	return q->shared && q->newer && q->newer->arm == e;
}

static bool edge_memory(const struct question *q)
{
	return edge(q, EDGE_MEMORY);
}

static bool smp_between(const struct question *q)
{
	return edge_memory(q) && (q->newer->arm_after & BETWEEN_SMP);
}

static bool edge_relaxed_doorbell(const struct question *q)
{
	return edge(q, EDGE_RELAXED_DOORBELL);
}

static bool edge_relaxed_register(const struct question *q)
{
	return edge(q, EDGE_RELAXED_REGISTER);
}

static bool edge_irq(const struct question *q)
{
	return edge(q, EDGE_IRQ);
}

/*
 * What gave leave does not keep loads behind it: hardware that is led by hand. Memory without the
 * DMA API may be cached: what was loaded early there may have been a line that was old already.
 */
static bool loaded_early(const struct question *q)
{
	u32 a = oracle_alloc_at(q->o, q->home);

	return q->shared && q->v->from == COPY_PAST && a &&
	       alloc_is_coherent(oracle_alloc(q->o, a - 1));
}

/*
 * None of those: an edge that orders. Then the memory itself must have failed to be coherent, which
 * past the caches only a cached alias brings about.
 */
static bool past_caches(const struct question *q)
{
	return q->shared && uncached_memory(q->o, q->home);
}

static bool from_cache(const struct view *v)
{
	return v->from == COPY_CACHE || v->from == COPY_OUTER;
}

static bool by_cached_alias(const struct question *q)
{
	return past_caches(q) && newest_is_cached(q->o, q->home);
}

static bool by_alias(const struct question *q)
{
	return past_caches(q) && (from_cache(q->v) || newest_is_cached(q->o, q->home));
}

/* What made the copy old is another CPU's store, and no device has written since. */
static bool by_other_cpu(const struct question *q)
{
	const struct oracle *o = q->o;
	u8 value;
	u16 rec;

	if (!q->newer || o->w->cpus == 1 || q->newer->writer == q->party ||
	    !is_cpu(o, q->newer->writer))
		return false;
	return !copies_newest(o->w, q->home, &value, &rec) || !rec ||
	       is_cpu(o, know_record(o->w, rec)->writer);
}

/* ---- the call that stands between, if one does ---- */

static bool flawed(const struct question *q, const struct handed_by *h, enum flaw flaw)
{
	return q->m && handed_flaw(q->m, h, q->off) == flaw;
}

static bool back_is(const struct question *q, enum flaw flaw, bool unmap)
{
	return q->m && (q->m->back.how == HANDED_UNMAP) == unmap && flawed(q, &q->m->back, flaw);
}

static bool unmap_range(const struct question *q)
{
	return back_is(q, FLAW_RANGE, true);
}

static bool back_range(const struct question *q)
{
	return back_is(q, FLAW_RANGE, false);
}

static bool unmap_direction(const struct question *q)
{
	return back_is(q, FLAW_DIRECTION, true);
}

static bool back_direction(const struct question *q)
{
	return back_is(q, FLAW_DIRECTION, false);
}

static bool back_skipped(const struct question *q)
{
	return q->m && flawed(q, &q->m->back, FLAW_SKIP);
}

static bool back_function(const struct question *q)
{
	return q->m && flawed(q, &q->m->back, FLAW_FUNCTION);
}

static bool given_range(const struct question *q)
{
	return q->m && flawed(q, &q->m->given, FLAW_RANGE);
}

static bool given_direction(const struct question *q)
{
	return q->m && flawed(q, &q->m->given, FLAW_DIRECTION);
}

/* The list was unmapped, but not this entry; or it was, and nobody saw to its caches. */
static bool list_cut_short(const struct question *q)
{
	const struct omap *m = q->m;

	return m && m->shorted && (m->live || (m->back.how == HANDED_UNMAP && m->back.skip));
}

/* ---- where an old line comes from ---- */

/*
 * The old copy lies in a cache, and memory has the newer byte: behind a bounce the cache is not to
 * blame.
 */
static bool behind(const struct question *q)
{
	struct view mem;

	if (!from_cache(q->v))
		return false;
	memory_view(q->o->hw, q->home, &mem);
	return !(mem.old & 1);
}

/* The old copy lies in the cache, and was filled after the map's own operation on its line. */
static bool refilled(const struct question *q)
{
	return behind(q) &&
	       cache_line(q->o->hw, LEVEL_L1, align_down(q->home, q->o->w->line)).refilled;
}

static bool shared_refilled(const struct question *q)
{
	return q->shared && refilled(q); /* the driver had dropped it */
}

static bool map_refilled(const struct question *q)
{
	return q->m && refilled(q);
}

/* The right call, and old bytes still. */
static bool back_by_bug(const struct question *q)
{
	return q->m && q->o->kernel.flawed && handed_between(&q->m->back, q->off);
}

/*
 * A right call stands between, and the core fetches nothing by itself: the line was there since the
 * CPU last had the buffer, and belonged handed over then.
 */
static bool kept_from_before(const struct question *q)
{
	return q->m && handed_between(&q->m->back, q->off) && !q->o->hw->cfg->speculates &&
	       q->v->from == COPY_CACHE;
}

/*
 * A call that gave the buffer back had to drop that line, or to keep the load behind itself,
 * whatever the driver did before: where the core may fetch a line, or load, unasked.
 */
static bool kept_by_port(const struct question *q)
{
	const struct omap *m = q->m;
	const struct hw_config *cfg = q->o->hw->cfg;

	if (!m || !handed_between(&m->back, q->off) || m->dir == DMA_TO_DEVICE ||
	    cfg->dev[m->dev].coherent)
		return false;
	return q->v->from == COPY_PAST || (cfg->speculates && behind(q));
}

static bool polled(const struct question *q)
{
	return cpu_polls(q->o);
}

static const struct decision stale_cpu_list[] = {
#define DECIDE_STALE_CPU(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

enum diag_id decide_stale_cpu(const struct oracle *o, u8 party, u64 home, const struct view *v,
			      const struct record *newer)
{
	struct question q = {.o = o,
			     .party = party,
			     .home = home,
			     .v = v,
			     .newer = newer,
			     .shared = shared_memory(o, home)};
	u32 map = q.shared ? 0 : handed_map(o, home);

	if (map) {
		q.m = oracle_map(o, map - 1);
		q.off = home - q.m->pa;
	}
	return decide(stale_cpu_list, ARRAY_LEN(stale_cpu_list), &q);
}

/* ---- devices ---- */

static bool not_mapped(const struct question *q)
{
	return !q->m;
}

static bool never_synced(const struct question *q)
{
	return q->m->flags & OMAP_FRESH;
}

static bool left_by_port(const struct question *q)
{
	return defect_call(q->o, q->at) != 0;
}

static bool given_by_bug(const struct question *q)
{
	return q->o->kernel.flawed && handed_between(&q->m->given, q->off);
}

static bool from_device(const struct question *q)
{
	return q->m->dir == DMA_FROM_DEVICE;
}

static bool used_and_stored(const struct question *q)
{
	return q->m->wrote;
}

static const struct decision stale_device_list[] = {
#define DECIDE_STALE_DEVICE(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

enum diag_id decide_stale_device(const struct oracle *o, u64 home, u64 at,
				 const struct record *newer)
{
	struct question q = {
	    .o = o, .home = home, .at = at, .newer = newer, .shared = shared_memory(o, home)};
	u32 map = q.shared ? 0 : track_live(o, home, oracle_maps(o));

	if (map) {
		q.m = oracle_map(o, map - 1);
		q.off = home - q.m->pa;
	}
	return decide(stale_device_list, ARRAY_LEN(stale_device_list), &q);
}

/* ---- rights ---- */

static bool list_cut(const struct question *q)
{
	return q->m->shorted;
}

static bool synced_beside(const struct question *q)
{
	return q->m->back.how == HANDED_SYNC && flawed(q, &q->m->back, FLAW_RANGE);
}

static bool writes(const struct question *q)
{
	return q->write;
}

static const struct decision touch_list[] = {
#define DECIDE_TOUCH(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

enum diag_id decide_touch(const struct oracle *o, const struct omap *m, u64 home, bool write)
{
	struct question q = {.o = o, .m = m, .home = home, .off = home - m->pa, .write = write};

	return decide(touch_list, ARRAY_LEN(touch_list), &q);
}

static const struct decision reuse_list[] = {
#define DECIDE_REUSE(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

enum diag_id decide_reuse(const struct omap *m, u64 off)
{
	/* A store to other bytes may share the line: the CPU must only have read. */
	bool stored = m->went.lo < m->went.hi;
	enum right now = oracle_right(oracle_held(m->dir, true),
				      m->dir == DMA_TO_DEVICE ? DEVICE_READS : DEVICE_WRITES);
	struct question q = {.m = m, .off = off};

	if (!oracle_map_cpu(m, off))
		return DIAGS;
	if (!(m->flags & OMAP_FRESH) && (now == RIGHT_YES || (now == RIGHT_UNWRITTEN && !stored)))
		return DIAGS;
	return decide(reuse_list, ARRAY_LEN(reuse_list), &q);
}
