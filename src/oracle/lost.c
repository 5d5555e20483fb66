/* SPDX-License-Identifier: MIT */
/*
 * Lost writes (semantics: lost). core says which bytes lost their last newest copy while an event
 * was being made; when the event's kind is known, the loss gets its name and its culprit.
 */
#include "base/bug.h"
#include "core/know.h"
#include "oracle/oracle_int.h"

void lost_told(void *ctx, struct world *w, u64 pa, u32 n, const u8 *was, const u8 *who)
{
	struct oracle *o = ctx;

	(void)w;
	BUG_ON(n > sizeof o->lost[0].was);
	if (o->losts == ARRAY_LEN(o->lost))
		return; /* an event of many lines: the first losses say enough */
	o->lost[o->losts].pa = pa;
	o->lost[o->losts].n = n;
	memcpy(o->lost[o->losts].was, was, n);
	memcpy(o->lost[o->losts].who, who, n);
	o->losts++;
}

/* The bytes of the event's line that made it dirty all lay outside every mapping. */
static bool bare_line(const struct oracle *o, const struct event *e)
{
	const struct dirty_line *d = dirty_find(o, align_down(e->f[0], o->w->line));

	return d && d->bare && !d->covered;
}

/* Bit of DMA_ATTR_SKIP_CPU_SYNC, include/linux/dma-mapping.h. */
enum { SKIP_CPU_SYNC = 1 << 5 };

/*
 * By what an unmap lost the byte: it copied nothing, as its attributes, its size or its direction
 * said; or it did, and then the device wrote again.
 */
static enum diag_id lost_at_unmap(const struct oracle *o, const struct event *e, u64 home)
{
	u32 i = track_live(o, home, oracle_maps(o));

	if (!i || (e->f[4] & SKIP_CPU_SYNC))
		return DIAG_DMA_WRITE_LOST_UNMAP_SKIP;
	if (home < e->f[0] || home - e->f[0] >= e->f[1])
		return DIAG_UNMAP_SIZE_MISMATCH;
	if (oracle_map(o, i - 1)->dir == DMA_TO_DEVICE)
		return DIAG_MAP_WRONG_DIRECTION;
	return e->f[3] == DMA_TO_DEVICE ? DIAG_UNMAP_DIRECTION_MISMATCH
					: DIAG_DEVICE_ACCESS_AFTER_UNMAP;
}

/* who: 1 + the party that had written it, 0 if that is not known any more. */
static enum diag_id name_of(const struct oracle *o, const struct event *e, u64 home, u8 who)
{
	u32 map = track_live(o, home, oracle_maps(o));
	enum diag_id blamed = calls_blame(o, e, home);

	if (blamed != DIAGS)
		return blamed;
	switch (e->kind) {
	case EV_COPY_OUT:
		return DIAG_CPU_WRITE_LOST_BOUNCE;
	case EV_UNMAP:
		return lost_at_unmap(o, e, home);
	case EV_INVALIDATE:
	case EV_CLEAN:
	case EV_WRITE_BACK:
	case EV_DRAIN:
	case EV_DRAIN_EARLY:
		break;
	case EV_DROP: /* clean, since what was dirty had been dropped before it */
		return who && is_cpu(o, who - 1u) ? DIAG_CPU_WRITE_LOST_INVALIDATE
						  : DIAG_DMA_WRITE_LOST_EVICTION;
	default:
		return DIAG_DMA_WRITE_LOST_EVICTION;
	}
	if (uncached_memory(o, home) && e->kind != EV_DRAIN && e->kind != EV_DRAIN_EARLY)
		return DIAG_COHERENT_ALIAS_ACCESS; /* no other access brings it into a cache */
	if (shared_memory(o, home))
		return DIAG_DMA_WRITE_LOST_EVICTION;
	if (e->kind != EV_INVALIDATE && defect_call(o, e->f[0]))
		return DIAG_PLATFORM_DEFECT;
	if (!map ||
	    ((e->kind == EV_CLEAN || e->kind == EV_WRITE_BACK) && bare_line(o, e) &&
	     !(oracle_map(o, map - 1)->flags & OMAP_FRESH))) /* cleared before it was mapped */
		return DIAG_CACHELINE_SHARE_NEIGHBOUR;
	return e->kind == EV_INVALIDATE ? DIAG_CPU_WRITE_LOST_INVALIDATE
					: DIAG_DMA_WRITE_LOST_EVICTION;
}

/* The call that dropped what was newer than memory, so that a clean copy was the last: the one
 * that is being made, or that last gave home to a device. */
static u32 giver(const struct oracle *o, u64 home)
{
	const struct omap *m;
	u32 i;

	if (ostate(o)->calling)
		return ostate(o)->calling;
	i = track_live(o, home, oracle_maps(o));
	m = i ? oracle_map(o, i - 1) : NULL;
	return m ? m->given.stmt : 0;
}

/* If hardware lost it, the store that made the line dirty, or the call that made it the last copy;
 * else the call. */
static u32 culprit(const struct oracle *o, const struct event *e, u64 home)
{
	const struct dirty_line *d = dirty_find(o, align_down(home, o->w->line));

	if (e->kind == EV_WRITE_BACK)
		return d && d->stmt ? d->stmt : e->stmt;
	if (e->kind == EV_DRAIN || e->kind == EV_DRAIN_EARLY)
		return o->hw->drained;
	if (e->kind == EV_DROP && giver(o, home))
		return giver(o, home);
	return e->stmt;
}

/* What a plain load would return now: what the lost bytes have made place for. */
static void remains(const struct oracle *o, u64 home, u32 n, u8 *out)
{
	u32 a = oracle_alloc_at(o, home);
	enum memtype type = a && oracle_alloc(o, a - 1)->uncached ? MEM_UNCACHED : MEM_CACHED;
	struct view v;

	for (u32 i = 0; i < n; i++) {
		cpu_peek(o->hw, home + i, type, 1, &v);
		out[i] = v.data[0];
	}
}

/* The mapping that an unmap event ends. */
static const struct omap *unmapped_by(const struct oracle *o, const struct event *e)
{
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && m->dev == e->arg && e->f[2] - m->bus < m->len)
			return m;
	}
	return NULL;
}

/*
 * The device wrote the buffer itself, behind the one bounce slot that was mapped for it: it had the
 * buffer's own address.
 */
static bool behind_the_slot(const struct oracle *o, const struct event *e, u64 home, u8 who)
{
	u32 i = track_live(o, home, oracle_maps(o));

	return o->rules && e->kind == EV_COPY_OUT && who > PARTY_DEVICE && i &&
	       !track_live(o, home, i - 1);
}

/* n bytes that one party had written; who is 1 + it, 0 if that is not known any more. */
static void judge(struct oracle *o, const struct event *e, u64 home, u32 n, const u8 *was, u8 who)
{
	struct finding f;
	u8 now[64];
	enum diag_id id = name_of(o, e, home, who);
	const struct omap *m;

	f = finding_at(o, id, home, n);
	m = e->kind == EV_UNMAP ? unmapped_by(o, e) : NULL;
	f.stmt = id == DIAG_PLATFORM_DEFECT ? defect_call(o, e->f[0]) : culprit(o, e, home);
	if (m && id == DIAG_MAP_WRONG_DIRECTION)
		f.stmt = f.map_stmt = m->stmt; /* nothing is copied back, as the map said */
	if (e->kind == EV_COPY_OUT && maps_again(o, home)) {
		f.id = DIAG_OVERLAPPING_MAP_SAME_BUFFER; /* the last unmap wins */
		f.stmt = maps_again(o, home);
	} else if (behind_the_slot(o, e, home, who)) {
		u32 told;

		m = oracle_map(o, track_live(o, home, oracle_maps(o)) - 1);
		told = address_told(o, m->dev, m->pa, m->len);
		f.id = DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION;
		f.stmt = told ? told : f.stmt;
	}
	f.at_stmt = e->stmt;
	f.told = TOLD_LOST;
	f.party = who ? (u8)(who - 1) : PARTY_CPU;
	remains(o, home, n, now);
	if (memcmp(now, was, n) == 0) {
		f.severity = SEVERITY_VIOLATION;
		f.lucky = 1;
	}
	f.shown = (u8)(n < 8 ? n : 8);
	memcpy(f.got, now, f.shown);
	memcpy(f.want, was, f.shown);
	report_now(o, &f);
}

static bool judged(const struct oracle *o, u64 home)
{
	return oracle_alloc_at(o, home) && !(copies_discardable(o->w, home, 1) & 1) &&
	       !(copies_leftover(o->w, home, 1) & 1);
}

void lost_judge(struct oracle *o, const struct event *e)
{
	u32 losts = o->losts;

	o->losts = 0;
	for (u32 i = 0; i < losts; i++) {
		u64 home = link_home(o->w, o->lost[i].pa);
		const u8 *who = o->lost[i].who;
		u32 n = o->lost[i].n;

		for (u32 b = 0; b < n;) {
			u32 k = 1;

			if (!judged(o, home + b)) {
				b++;
				continue;
			}
			while (b + k < n && who[b + k] == who[b] && judged(o, home + b + k) &&
			       oracle_alloc_at(o, home + b + k) == oracle_alloc_at(o, home + b))
				k++;
			judge(o, e, home + b, k, o->lost[i].was + b, who[b]);
			b += k;
		}
	}
}
