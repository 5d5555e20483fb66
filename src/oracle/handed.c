/* SPDX-License-Identifier: MIT */
/*
 * Which call handed bytes over last, with which range and direction, and what was written since
 * (semantics: what a later verdict depends on). By that a stale read gets its name, where a call
 * stands between the newer write and the read and did not do what it should have done.
 *
 * Model: what was written since a call is kept as one range around all of it.
 */
#include "core/maphow.h"
#include "core/memkind.h"
#include "oracle/oracle_int.h"

/* Bit of DMA_ATTR_SKIP_CPU_SYNC, include/linux/dma-mapping.h. */
enum { SKIP_CPU_SYNC = 1 << 5 };

static bool meet(const struct ospan *s, u64 lo, u64 hi)
{
	return s->lo < s->hi && lo < s->hi && s->lo < hi;
}

static void widen(struct oracle *o, const struct ospan *s, u64 lo, u64 hi)
{
	struct ospan n = {(u32)lo, (u32)hi};

	if (s->lo < s->hi)
		n = (struct ospan){(u32)min_u64(s->lo, lo), (u32)max_u64(s->hi, hi)};
	if (n.lo != s->lo || n.hi != s->hi)
		world_write(o->w, s, &n, sizeof n);
}

/* A call that hands bytes over undoes the last one that handed any of them the other way. */
static void undo(struct oracle *o, const struct handed_by *h, u64 lo, u64 hi)
{
	static const struct handed_by none;

	if (h->how != HANDED_NONE && meet(&h->named, lo, hi))
		world_write(o->w, h, &none, sizeof none);
}

/* The call in this direction has taken care of all that is in the span. */
static void settle(struct oracle *o, const struct ospan *s, u64 lo, u64 hi, bool moves)
{
	static const struct ospan none;

	if (moves && lo <= s->lo && hi >= s->hi && s->lo < s->hi)
		world_write(o->w, s, &none, sizeof none);
}

void handed_call(struct oracle *o, const struct omap *m, const struct event *e)
{
	bool unmap = e->kind == EV_UNMAP, back = unmap || e->kind == EV_SYNC_CPU;
	u64 lo = e->f[2] - m->bus, hi = min_u64(lo + e->f[1], m->len);
	struct handed_by h = {
	    .named = {(u32)lo, (u32)hi},
	    .how = unmap ? HANDED_UNMAP : HANDED_SYNC,
	    .dir = (u8)e->f[3],
	    .stmt = e->stmt,
	    .skip = unmap && (e->f[4] & SKIP_CPU_SYNC),
	    .other = unmap && calls_other_function(m, (u32)e->f[5]),
	};

	undo(o, back ? &m->given : &m->back, lo, hi);
	if (back)
		settle(o, &m->came, lo, hi,
		       (e->f[3] != DMA_TO_DEVICE || m->dir == DMA_TO_DEVICE) && !h.skip);
	else
		settle(o, &m->went, lo, hi,
		       e->f[3] != DMA_FROM_DEVICE || m->dir == DMA_FROM_DEVICE);
	world_write(o->w, back ? &m->back : &m->given, &h, sizeof h);
}

void handed_store(struct oracle *o, const struct event *e)
{
	u64 home = link_home(o->w, e->f[0]), end = home + e->f[1];

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);
		u64 lo = max_u64(home, m->pa), hi = min_u64(end, m->pa + m->len);

		if (!m->live || lo >= hi)
			continue;
		if (m->given.how != HANDED_NONE)
			widen(o, &m->given.since, lo - m->pa, hi - m->pa);
		widen(o, &m->went, lo - m->pa, hi - m->pa);
		if (m->used && !m->wrote)
			W_SET(o->w, m->wrote, 1u);
	}
}

void handed_dma(struct oracle *o, const struct event *e, bool write)
{
	u64 home = link_home(o->w, e->f[1]), end = home + e->f[2];

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);
		u64 lo = max_u64(home, m->pa), hi = min_u64(end, m->pa + m->len);

		if (!m->live || lo >= hi || m->dev != e->arg)
			continue;
		if (!m->used)
			W_SET(o->w, m->used, (u8)1);
		if (!write)
			continue;
		if (m->back.how != HANDED_NONE)
			widen(o, &m->back.since, lo - m->pa, hi - m->pa);
		widen(o, &m->came, lo - m->pa, hi - m->pa);
	}
}

bool handed_between(const struct handed_by *h, u64 off)
{
	return h->how != HANDED_NONE && !meet(&h->since, off, off + 1);
}

enum flaw handed_flaw(const struct omap *m, const struct handed_by *h, u64 off)
{
	if (!handed_between(h, off))
		return FLAW_NONE;
	if (!meet(&h->named, off, off + 1))
		return FLAW_RANGE;
	if (h->dir != m->dir)
		return FLAW_DIRECTION;
	if (h->skip)
		return FLAW_SKIP;
	return h->other ? FLAW_FUNCTION : FLAW_NONE;
}

u32 handed_map(const struct oracle *o, u64 home)
{
	u32 live = track_live(o, home, oracle_maps(o)), best = 0;
	u32 alloc = oracle_alloc_at(o, home);
	u32 born = alloc ? oracle_alloc(o, alloc - 1)->born : 0;

	if (live)
		return live;
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		/* One that had ended before was a mapping of other memory in this place. */
		if (home < m->pa || home - m->pa >= m->len || m->turn <= born)
			continue;
		if (!best || m->turn > oracle_map(o, best - 1)->turn)
			best = i + 1;
	}
	return best;
}

/* ---- what a sync must not be ---- */

/*
 * The live mapping of that device that the range touches; NULL: none. A sync of no bytes touches
 * one of no bytes, and the end of any: bucket_find_contain() of kernel/dma/debug.c.
 */
static const struct omap *touched(const struct oracle *o, const struct event *e)
{
	const struct omap *best = NULL;

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (!m->live || m->dev != e->arg)
			continue;
		if (!e->f[1] && !best && e->f[2] == m->bus + m->len)
			best = m;
		if (e->f[2] >= m->bus + m->len || m->bus >= e->f[2] + max_u64(e->f[1], 1))
			continue;
		if (e->f[2] >= m->bus)
			return m;
		best = m;
	}
	return best;
}

void oracle_syncing(struct oracle *o, u32 dev, u64 bus, u64 len)
{
	const struct omap *m;

	if (!o->rules)
		return;
	m = touched(o, &(struct event){.arg = dev, .f = {0, len, bus}});
	if (m && (bus < m->bus || bus + len > m->bus + m->len))
		calls_syncing(o, (u32)(m - oracle_map(o, 0)) + 1);
}

static bool coherent_handle(const struct oracle *o, const struct event *e)
{
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (a->open && alloc_is_coherent(a) && a->dev == e->arg && e->f[2] >= a->bus &&
		    e->f[2] - a->bus < a->len)
			return true;
	}
	return false;
}

/*
 * Whether the call's direction is at odds with the mapping's. A mapping of both ways may be synced
 * for one of them (check_sync() of kernel/dma/debug.c lets it pass), but not for the one in which
 * nothing has gone: what the device has written is not fetched by a sync to the device, and what
 * the CPU has stored is not handed over by one from it.
 */
bool handed_contradicts(const struct omap *m, u32 dir, bool to_cpu, u64 lo, u64 hi)
{
	if (dir == m->dir)
		return false;
	if (m->dir != DMA_BIDIRECTIONAL)
		return true;
	if (to_cpu)
		return dir == DMA_TO_DEVICE && meet(&m->came, lo, hi);
	return dir == DMA_FROM_DEVICE && meet(&m->went, lo, hi);
}

static void tell(struct oracle *o, const struct event *e, enum diag_id id, const struct omap *m)
{
	u64 home = m ? m->pa + (e->f[2] - m->bus) : link_home(o->w, e->f[0]);
	struct finding f = finding_at(o, id, home, (u32)e->f[1]);

	f.severity = SEVERITY_VIOLATION;
	f.party = e->party;
	f.dev = e->arg + 1u;
	if (m) {
		f.map = (u32)(m - oracle_map(o, 0)) + 1;
		f.map_stmt = m->stmt;
	}
	report_now(o, &f);
}

void handed_sync_rules(struct oracle *o, const struct event *e)
{
	const struct omap *m = touched(o, e);
	u64 lo, hi;

	if (e->f[4] == HOW_SG) /* lists.c tells of the list as a whole */
		return;
	if (!m) {
		if (!coherent_handle(o, e))
			tell(o, e, DIAG_SYNC_UNMAPPED, NULL);
		return;
	}
	lo = e->f[2] - m->bus;
	hi = lo + e->f[1];
	if (e->f[2] < m->bus || hi > m->len)
		tell(o, e, DIAG_SYNC_WRONG_RANGE, m);
	if (handed_contradicts(m, (u32)e->f[3], e->kind == EV_SYNC_CPU, lo, hi))
		tell(o, e, DIAG_SYNC_WRONG_DIRECTION, m);
}
