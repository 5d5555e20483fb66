/* SPDX-License-Identifier: MIT */
/*
 * What a map breaks by itself: it asks for more than a bounce can hold, for more than the pool has
 * left, or for a device that would need syncs; or it has bytes, or a line, of another live mapping
 * (Documentation/core-api/dma-api.rst, "must begin and end on page boundaries" and what follows).
 *
 * Two mappings may have bytes in common if both are to the device, or if the later one says
 * DMA_ATTR_SKIP_CPU_SYNC: then the kernel leaves the caches alone, and the driver has to know why.
 * Model: entries of one list share lines as they like, since they are synced together.
 */
#include "base/bug.h"
#include "core/maphow.h"
#include "oracle/oracle_int.h"

/* Bits of include/linux/dma-mapping.h. */
enum { SKIP_CPU_SYNC = 1 << 5, IGNORE_CACHELINES = 1 << 11 };

/* A finding about the bytes that a map call names. */
static struct finding about(const struct oracle *o, enum diag_id id, const struct event *e)
{
	struct finding f = finding_at(o, id, e->f[0], (u32)e->f[1]);

	f.party = hw_party(o->hw);
	f.dev = e->arg + 1u;
	f.map = f.map_stmt = 0;
	return f;
}

void maps_refused(struct oracle *o, const struct event *e)
{
	enum diag_id id = DIAGS;
	struct finding f;

	switch ((enum map_refusal)(e->f[4] & REFUSED_MASK)) {
	case REFUSED_FULL:
		id = DIAG_SWIOTLB_EXHAUSTED;
		break;
	case REFUSED_TOO_LARGE:
		id = DIAG_MAPPING_TOO_LARGE;
		break;
	case REFUSED_COHERENT:
		id = DIAG_REQUIRE_COHERENT_REFUSED;
		break;
	default:
		return;
	}
	f = about(o, id, e);
	f.severity = id == DIAG_MAPPING_TOO_LARGE ? SEVERITY_VIOLATION : SEVERITY_COST;
	report_now(o, &f);
}

/* Both went to the same call: entries of one list. */
static bool same_list(const struct omap *m, const struct event *e)
{
	return m->how == HOW_SG && (e->f[6] & HOW_MASK) == HOW_SG && m->dev == e->arg &&
	       m->stmt == e->stmt;
}

/* Whether a cache operation on lines of that memory would have to be done for the device. */
static bool by_lines(const struct oracle *o, u32 dev, u64 slot)
{
	return !slot && !o->hw->cfg->dev[dev].coherent;
}

/* What the new mapping has in common with a live one; DIAGS: nothing that matters. */
static enum diag_id touches(const struct oracle *o, const struct omap *m, const struct event *e)
{
	u64 line = o->w->line, lo = e->f[0], hi = lo + e->f[1], end = m->pa + m->len;
	bool read_only = e->f[3] == DMA_TO_DEVICE, other = m->dir == DMA_TO_DEVICE;

	if (!e->f[1] || !m->len || same_list(m, e))
		return DIAGS;
	if (lo < end && m->pa < hi)
		return read_only && other ? DIAGS : DIAG_OVERLAPPING_MAP_SAME_BUFFER;
	if (read_only || other || !by_lines(o, e->arg, e->f[4]) || !by_lines(o, m->dev, m->slot))
		return DIAGS;
	if (align_down(lo, line) < align_up(end, line) &&
	    align_down(m->pa, line) < align_up(hi, line))
		return DIAG_CACHELINE_SHARE_MAPPINGS;
	return DIAGS;
}

/* Whether there is a mapping that the new one must not touch. */
static bool others(const struct oracle *o, const struct event *e)
{
	return e->f[3] == DMA_TO_DEVICE ? ostate(o)->writers : ostate(o)->live;
}

void maps_added(struct oracle *o, const struct event *e)
{
	if ((e->f[5] & (SKIP_CPU_SYNC | IGNORE_CACHELINES)) || (e->f[6] & HOW_MASK) == HOW_IOVA)
		return;
	for (u32 i = others(o, e) ? oracle_maps(o) : 0; i-- > 0;) {
		const struct omap *m = oracle_map(o, i);
		enum diag_id id = m->live && !m->freed ? touches(o, m, e) : DIAGS;
		struct finding f;

		if (id == DIAGS)
			continue;
		f = about(o, id, e);
		f.severity = SEVERITY_VIOLATION;
		f.map = i + 1;
		f.map_stmt = m->stmt;
		report_now(o, &f);
		if (id == DIAG_OVERLAPPING_MAP_SAME_BUFFER)
			W_SET(o->w, m->flags, m->flags | OMAP_TWICE);
		return;
	}
}

u32 maps_again(const struct oracle *o, u64 home)
{
	u32 i = track_live(o, home, oracle_maps(o));

	if (!i || !(oracle_map(o, i - 1)->flags & OMAP_TWICE))
		return 0;
	for (u32 k = oracle_maps(o); k-- > 0;) {
		const struct omap *m = oracle_map(o, k);

		if (k != i - 1 && home >= m->pa && home - m->pa < m->len)
			return m->stmt;
	}
	return 0;
}
