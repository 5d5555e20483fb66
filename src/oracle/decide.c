/* SPDX-License-Identifier: MIT */
/*
 * The decision list (semantics: findings): which name a stale read or a touched byte gets. The
 * first row that holds is the name; core/diags.def has the ids in the same order.
 */
#include "core/know.h"
#include "core/memkind.h"
#include "oracle/oracle_int.h"

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

/*
 * Memory that both see, by the edge of the path that lacked its barrier. None of those: an edge
 * that orders. Then the memory itself must have failed to be coherent, which past the caches only a
 * cached alias brings about.
 */
static enum diag_id edge_name(const struct oracle *o, u64 home, const struct record *newer,
			      bool cpu)
{
	switch (newer ? (enum edge)newer->arm : EDGE_NONE) {
	case EDGE_MEMORY:
		return cpu ? DIAG_MISSING_DMA_RMB : DIAG_MISSING_DMA_WMB;
	case EDGE_RELAXED_DOORBELL:
		return DIAG_RELAXED_DOORBELL;
	case EDGE_RELAXED_REGISTER:
		return DIAG_RELAXED_STATUS_READ;
	case EDGE_IRQ:
		return DIAG_IRQ_BEFORE_DATA;
	default:
		if (uncached_memory(o, home))
			return DIAG_COHERENT_ALIAS_ACCESS;
		return cpu ? DIAG_CPU_STALE_READ : DIAG_DEVICE_STALE_READ;
	}
}

/* The rows about the call that stands between, if one does. */
static enum diag_id flawed_back(const struct omap *m, u64 off, enum diag_id none)
{
	bool unmap = m->back.how == HANDED_UNMAP;

	/* The list was unmapped, but not this entry; or it was, and nobody saw to its caches. */
	if (m->shorted && (m->live || (unmap && m->back.skip)))
		return DIAG_SG_NENTS_MISMATCH;
	switch (handed_flaw(m, &m->back, off)) {
	case FLAW_RANGE:
		return unmap ? DIAG_UNMAP_SIZE_MISMATCH : DIAG_SYNC_WRONG_RANGE;
	case FLAW_DIRECTION:
		return unmap ? DIAG_UNMAP_DIRECTION_MISMATCH : DIAG_SYNC_WRONG_DIRECTION;
	case FLAW_SKIP:
		return DIAG_DMA_WRITE_LOST_UNMAP_SKIP;
	default:
		return none;
	}
}

/*
 * The old copy lies in a cache, and memory has the newer byte: behind a bounce the cache is not to
 * blame.
 */
static bool behind(const struct oracle *o, u64 home, const struct view *v)
{
	struct view mem;

	if (v->from != COPY_CACHE && v->from != COPY_OUTER)
		return false;
	memory_view(o->hw, home, &mem);
	return !(mem.old & 1);
}

/* The old copy lies in the cache, and was filled after the map's own operation on its line. */
static bool filled_since(const struct oracle *o, u64 home, const struct view *v)
{
	return behind(o, home, v) &&
	       cache_line(o->hw, LEVEL_L1, align_down(home, o->w->line)).refilled;
}

/*
 * A call that gave the buffer back had to drop that line, or to keep the load behind itself,
 * whatever the driver did before: where the core may fetch a line, or load, unasked.
 */
static bool port_kept(const struct oracle *o, const struct omap *m, u64 home, const struct view *v)
{
	if (m->dir == DMA_TO_DEVICE || o->hw->cfg->dev[m->dev].coherent)
		return false;
	return v->from == COPY_PAST || (o->hw->cfg->speculates && behind(o, home, v));
}

enum diag_id decide_stale_cpu(const struct oracle *o, u64 home, const struct view *v,
			      const struct record *newer)
{
	u32 map = handed_map(o, home);
	enum diag_id id;

	if (shared_memory(o, home)) {
		if (uncached_memory(o, home) &&
		    (v->from == COPY_CACHE || v->from == COPY_OUTER || newest_is_cached(o, home)))
			return DIAG_COHERENT_ALIAS_ACCESS;
		id = edge_name(o, home, newer, true);
		return id == DIAG_CPU_STALE_READ && filled_since(o, home, v)
			   ? DIAG_SPECULATIVE_REFILL_STALE /* the driver had dropped it */
			   : id;
	}
	if (map) {
		const struct omap *m = oracle_map(o, map - 1);
		u64 off = home - m->pa;

		id = flawed_back(m, off, DIAG_ASSERT);
		if (id != DIAG_ASSERT)
			return id;
		if (o->kernel.flawed && handed_between(&m->back, off))
			return DIAG_PLATFORM_DEFECT; /* the right call, and old bytes still */
		/*
		 * A right call stands between, and the core fetches nothing by itself: the line was
		 * there since the CPU last had the buffer, and belonged handed over then.
		 */
		if (handed_between(&m->back, off) && !o->hw->cfg->speculates &&
		    v->from == COPY_CACHE)
			return DIAG_MISSING_SYNC_FOR_DEVICE_REUSE;
		if (handed_between(&m->back, off) && port_kept(o, m, home, v))
			return DIAG_PLATFORM_DEFECT;
		if (filled_since(o, home, v))
			return DIAG_SPECULATIVE_REFILL_STALE;
	}
	return cpu_polls(o) ? DIAG_MISSING_SYNC_FOR_CPU : DIAG_CPU_STALE_READ;
}

enum diag_id decide_stale_device(const struct oracle *o, u64 home, u64 at,
				 const struct record *newer)
{
	u32 map = track_live(o, home, oracle_maps(o));
	const struct omap *m;

	if (shared_memory(o, home)) {
		if (uncached_memory(o, home) && newest_is_cached(o, home))
			return DIAG_COHERENT_ALIAS_ACCESS;
		return edge_name(o, home, newer, false);
	}
	if (!map)
		return DIAG_DEVICE_STALE_READ;
	m = oracle_map(o, map - 1);
	if (m->flags & OMAP_FRESH)
		return DIAG_NONCOHERENT_ALLOC_UNSYNCED;
	switch (handed_flaw(m, &m->given, home - m->pa)) {
	case FLAW_RANGE:
		return DIAG_SYNC_WRONG_RANGE;
	case FLAW_DIRECTION:
		return DIAG_SYNC_WRONG_DIRECTION;
	default:
		break;
	}
	if (defect_call(o, at) || (o->kernel.flawed && handed_between(&m->given, home - m->pa)))
		return DIAG_PLATFORM_DEFECT;
	if (m->dir == DMA_FROM_DEVICE)
		return DIAG_MAP_WRONG_DIRECTION;
	return m->wrote ? DIAG_MISSING_SYNC_FOR_DEVICE_REUSE : DIAG_DEVICE_STALE_READ;
}

enum diag_id decide_touch(const struct oracle *o, const struct omap *m, u64 home, bool write)
{
	u64 off = home - m->pa;

	if (m->shorted)
		return DIAG_SG_NENTS_MISMATCH;
	if (m->back.how == HANDED_SYNC && handed_flaw(m, &m->back, off) == FLAW_RANGE)
		return DIAG_SYNC_WRONG_RANGE;
	if (write)
		return DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE;
	return cpu_polls(o) ? DIAG_MISSING_SYNC_FOR_CPU : DIAG_CPU_TOUCH_DEVICE_OWNED_READ;
}

enum diag_id decide_reuse(const struct omap *m, u64 off)
{
	/* A store to other bytes may share the line: the CPU must only have read. */
	bool stored = m->went.lo < m->went.hi;
	enum right now = oracle_right(oracle_held(m->dir, true),
				      m->dir == DMA_TO_DEVICE ? DEVICE_READS : DEVICE_WRITES);

	if ((m->flags & OMAP_FRESH) && oracle_map_cpu(m, off))
		return DIAG_NONCOHERENT_ALLOC_UNSYNCED;
	if (!oracle_map_cpu(m, off) || now == RIGHT_YES || (now == RIGHT_UNWRITTEN && !stored))
		return DIAGS;
	return handed_flaw(m, &m->given, off) == FLAW_RANGE ? DIAG_SYNC_WRONG_RANGE
							    : DIAG_MISSING_SYNC_FOR_DEVICE_REUSE;
}
