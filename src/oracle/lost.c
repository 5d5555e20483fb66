/* SPDX-License-Identifier: MIT */
/*
 * Lost writes (semantics: lost). core says which bytes lost their last newest copy while an event
 * was being made; when the event's kind is known, the loss gets its name and its culprit.
 */
#include "base/bug.h"
#include "core/know.h"
#include "oracle/decide.h"

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

/* ---- the decision list ---- */

static bool blamed(const struct question *q)
{
	return q->blamed == q->id;
}

static bool copied_out(const struct question *q)
{
	return q->e->kind == EV_COPY_OUT;
}

static bool mapped_again(const struct question *q)
{
	return copied_out(q) && maps_again(q->o, q->home); /* the last unmap wins */
}

/*
 * The device wrote the buffer itself, behind the one bounce slot that was mapped for it: it had the
 * buffer's own address.
 */
static bool behind_the_slot(const struct question *q)
{
	u32 i = track_live(q->o, q->home, oracle_maps(q->o));

	return q->o->rules && copied_out(q) && q->who > PARTY_DEVICE && i &&
	       !track_live(q->o, q->home, i - 1);
}

/*
 * By what an unmap lost the byte: it copied nothing, as its attributes, its size or its direction
 * said; or it did, and then the device wrote again.
 */
static bool unmap(const struct question *q)
{
	return q->e->kind == EV_UNMAP;
}

static bool unmap_skips(const struct question *q)
{
	return unmap(q) && (!q->m || (q->e->f[4] & SKIP_CPU_SYNC));
}

static bool unmap_leaves_out(const struct question *q)
{
	return unmap(q) && (q->home < q->e->f[0] || q->home - q->e->f[0] >= q->e->f[1]);
}

static bool unmap_of_to_device(const struct question *q)
{
	return unmap(q) && q->m->dir == DMA_TO_DEVICE;
}

static bool unmap_as_to_device(const struct question *q)
{
	return unmap(q) && q->e->f[3] == DMA_TO_DEVICE;
}

/* Clean, since what was dirty had been dropped before it. */
static bool dropped_of_cpu(const struct question *q)
{
	return q->e->kind == EV_DROP && q->who && is_cpu(q->o, q->who - 1u);
}

static bool drained(const struct question *q)
{
	return q->e->kind == EV_DRAIN || q->e->kind == EV_DRAIN_EARLY;
}

static bool invalidated(const struct question *q)
{
	return q->e->kind == EV_INVALIDATE;
}

static bool written_back(const struct question *q)
{
	return q->e->kind == EV_CLEAN || q->e->kind == EV_WRITE_BACK;
}

static bool not_by_line(const struct question *q)
{
	return !drained(q) && !invalidated(q) && !written_back(q);
}

/* No other access brings it into a cache. */
static bool line_past_caches(const struct question *q)
{
	return uncached_memory(q->o, q->home) && !drained(q);
}

static bool of_shared(const struct question *q)
{
	return shared_memory(q->o, q->home);
}

/*
 * Memory that both sides use without the DMA API: what went over the byte was no store to it, but
 * came along in a line that was dirty with others.
 */
static bool came_along(const struct question *q)
{
	struct view v;

	if (!of_shared(q) || !written_back(q))
		return false;
	memory_view(q->o->hw, q->home, &v);
	return !v.wid[0] || !is_cpu(q->o, know_record(q->o->w, v.wid[0])->writer);
}

static bool left_by_port(const struct question *q)
{
	return !invalidated(q) && defect_call(q->o, q->e->f[0]);
}

static bool of_neighbour(const struct question *q)
{
	return !q->m || (written_back(q) && bare_line(q->o, q->e) &&
			 !(q->m->flags & OMAP_FRESH)); /* cleared before it was mapped */
}

static bool lost_always(const struct question *q)
{
	(void)q;
	return true;
}

static const struct decision lost_list[] = {
#define DECIDE_LOST(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

/* who: 1 + the party that had written it, 0 if that is not known any more. */
static enum diag_id name_of(const struct oracle *o, const struct event *e, u64 home, u8 who)
{
	u32 map = track_live(o, home, oracle_maps(o));
	struct question q = {.o = o,
			     .e = e,
			     .home = home,
			     .who = who,
			     .m = map ? oracle_map(o, map - 1) : NULL,
			     .blamed = calls_blame(o, e, home)};

	return decide(lost_list, ARRAY_LEN(lost_list), &q);
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
	if (id == DIAG_SYNC_WRONG_RANGE) {
		f.map = calls_sync_leaves(o, e->stmt);
		m = oracle_map(o, f.map - 1);
		f.map_stmt = m->stmt;
		f.dev = m->dev + 1u;
	}
	if (id == DIAG_OVERLAPPING_MAP_SAME_BUFFER)
		f.stmt = maps_again(o, home);
	if (id == DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION) {
		u32 told;

		m = oracle_map(o, track_live(o, home, oracle_maps(o)) - 1);
		told = address_told(o, m->dev, m->pa, m->len);
		f.stmt = told ? told : f.stmt;
	}
	f.severity = SEVERITY_CORRUPTION; /* whatever it is called */
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
