/* SPDX-License-Identifier: MIT */
/*
 * Rules of scatterlists: the call that unmaps or syncs one names it as the call that mapped it did,
 * with all its entries and not with the segments that came of them; and no segment is longer than
 * the device said, nor crosses what it said must not be crossed. Told by the events of segments, as
 * debug_dma_map_sg(), _unmap_sg() and _sync_sg_for_*() of kernel/dma/debug.c look at them: the
 * first speaks for the list. What is wrong with a list is told once for each call.
 */
#include "base/bug.h"
#include "core/maphow.h"
#include "oracle/oracle_int.h"

static void about_with(struct oracle *o, enum diag_id id, u32 map, const struct event *e, u32 index)
{
	const struct omap *m = oracle_map(o, map - 1);
	struct finding f = finding_at(o, id, m->pa, (u32)m->len);

	f.severity = SEVERITY_VIOLATION;
	f.party = hw_party(o->hw);
	f.stmt = e->stmt;
	f.map = map;
	f.map_stmt = m->stmt;
	f.dev = m->dev + 1u;
	f.index = index;
	report_now(o, &f);
}

static void about(struct oracle *o, enum diag_id id, u32 map, const struct event *e)
{
	about_with(o, id, map, e, 0);
}

/* Nothing of the device is mapped at the first address of a list. */
static void about_none(struct oracle *o, enum diag_id id, u32 dead, const struct event *e)
{
	struct finding f =
	    finding_at(o, id, dead ? oracle_map(o, dead - 1)->pa : e->f[0], (u32)e->f[1]);

	f.severity = SEVERITY_VIOLATION;
	f.party = hw_party(o->hw);
	f.dev = e->arg + 1u;
	f.map = dead;
	f.map_stmt = dead ? oracle_map(o, dead - 1)->stmt : 0;
	report_now(o, &f);
}

void oracle_entry_unmapped(struct oracle *o, u32 stmt, bool address, u64 value)
{
	const struct now *now = world_now(o->w);
	struct finding f = {.id = DIAG_SG_COUNT_MISUSE,
			    .severity = SEVERITY_VIOLATION,
			    .party = hw_party(o->hw),
			    .index = address ? ENTRY_ADDRESS : ENTRY_LENGTH,
			    .stmt = stmt,
			    .at_stmt = stmt,
			    .event = now->event,
			    .step = now->step,
			    .count = 1};

	if (!o->rules || !o->sink)
		return;
	report_now(o, &f);
	if (address && !value && !orules(o)->unmapped)
		W_SET(o->w, orules(o)->unmapped, stmt);
}

/* ---- the list as it was mapped ---- */

/* The first segment of a list: all its entries were told just before. */
static void mapped(struct oracle *o, const struct event *e)
{
	u32 list = 0;

	for (u32 i = 0; i < oracle_maps(o); i++) {
		const struct omap *m = oracle_map(o, i);

		if (!m->live || m->how != HOW_SG || m->list || m->dev != e->arg ||
		    m->stmt != e->stmt)
			continue;
		list = list ? list : i + 1;
		W_SET(o->w, m->list, list);
		W_SET(o->w, m->ents, (u32)e->f[5]);
		W_SET(o->w, m->segments, (u32)e->f[6]); /* the lower half */
	}
}

static void limits(struct oracle *o, const struct event *e)
{
	const struct oracle_kernel *k = &o->kernel;
	u64 end = e->f[2] + e->f[1] - 1;
	u32 map = track_live(o, e->f[0], oracle_maps(o)), max;
	bool same = orules(o)->list_limit == e->stmt;

	if (!k->max_segment || !map || !e->f[1])
		return;
	max = k->max_segment(k->ctx, e->arg);
	if (e->f[1] <= max && !((e->f[2] ^ end) & ~k->boundary(k->ctx, e->arg)))
		return;
	W_SET(o->w, orules(o)->list_limit, e->stmt);
	if (!same)
		about_with(o, DIAG_SG_SEGMENT_LIMIT, map, e, max);
}

/* ---- and as it is unmapped ---- */

u32 lists_piece(const struct oracle *o, u32 dev, u64 bus)
{
	u32 other = 0;

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (!m->live || m->ending || m->dev != dev || m->bus != bus)
			continue;
		if (m->how == HOW_SG)
			return i + 1;
		if (!other)
			other = i + 1;
	}
	return other;
}

/* Whatever the call leaves out, for the driver the list is given back. */
static void shorted(struct oracle *o, u32 list, const struct event *e)
{
	for (u32 i = 0; i < oracle_maps(o); i++)
		if (oracle_map(o, i)->live && oracle_map(o, i)->list == list)
			W_SET(o->w, oracle_map(o, i)->shorted, e->stmt);
}

static void unmapped(struct oracle *o, const struct event *e)
{
	u32 map = lists_piece(o, e->arg, e->f[2]), dead;
	const struct omap *m = map ? oracle_map(o, map - 1) : NULL;

	if (!m) {
		dead = calls_ended_map(o, e->arg, e->f[2]);
		about_none(o, calls_nothing_mapped(o, e->arg, e->f[2], 0), dead, e);
		return;
	}
	if (m->how != HOW_SG) {
		about(o, DIAG_UNMAP_WRONG_FUNCTION, map, e);
		return;
	}
	if (m->ents != e->f[5]) {
		about(o, DIAG_SG_NENTS_MISMATCH, map, e);
		shorted(o, m->list, e);
	}
	if (m->dir != e->f[3])
		about(o, DIAG_UNMAP_DIRECTION_MISMATCH, map, e);
}

static void synced(struct oracle *o, const struct event *e)
{
	u32 map = lists_piece(o, e->arg, e->f[2]);
	const struct omap *m = map ? oracle_map(o, map - 1) : NULL;

	if (!m)
		about_none(o, DIAG_SYNC_UNMAPPED, calls_ended_map(o, e->arg, e->f[2]), e);
	else if (m->how == HOW_SG && m->ents != e->f[4])
		about(o, DIAG_SG_NENTS_MISMATCH, map, e);
	else if (handed_contradicts(m, (u32)e->f[3], e->f[6], 0, m->len))
		about(o, DIAG_SYNC_WRONG_DIRECTION, map, e);
}

void lists_event(struct oracle *o, const struct event *e)
{
	if (e->kind == EV_SG_MAP) {
		mapped(o, e);
		limits(o, e);
	} else if (e->kind == EV_SG_UNMAP && e->f[6] == 0) {
		calls_unmapping_list(o, (u32)e->f[5], (u32)e->f[3]);
		unmapped(o, e);
	} else if (e->kind == EV_SG_SYNC && e->f[5] == 0) {
		synced(o, e);
	}
}
