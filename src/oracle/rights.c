/* SPDX-License-Identifier: MIT */
/*
 * Who may look and touch (semantics, table of states). Rights are per device and mapping; the
 * CPU's are what all live mappings of the byte allow.
 */
#include "core/memkind.h"
#include "oracle/decide.h"

static const struct {
	const char *name;
	u8 right[ACTS];
} table[HELDS] = {
#define YES	  RIGHT_YES
#define NO	  RIGHT_NO
#define UNWRITTEN RIGHT_UNWRITTEN
#define HELD(id, text, cpu_read, cpu_write, device_read, device_write)                             \
	{text, {cpu_read, cpu_write, device_read, device_write}},
#include "oracle/rights.def"
#undef HELD
#undef YES
#undef NO
#undef UNWRITTEN
};

enum held oracle_held(u32 dir, bool back)
{
	if (dir == DMA_TO_DEVICE)
		return back ? HELD_TO_BACK : HELD_TO;
	if (dir == DMA_FROM_DEVICE)
		return back ? HELD_FROM_BACK : HELD_FROM;
	return back ? HELD_BIDI_BACK : HELD_BIDI;
}

enum right oracle_right(enum held h, enum act_by act)
{
	BUG_ON((u32)h >= HELDS || (u32)act >= ACTS);
	return (enum right)table[h].right[act];
}

const char *oracle_held_name(enum held h)
{
	BUG_ON((u32)h >= HELDS);
	return table[h].name;
}

enum owner oracle_owner(const struct oracle *o, u64 pa, u32 *map)
{
	u32 alloc = oracle_alloc_at(o, pa), i = track_live(o, pa, oracle_maps(o));
	const struct omap *m;

	*map = i;
	if (!i) {
		if (!alloc)
			return OWNER_NONE;
		return alloc_is_coherent(oracle_alloc(o, alloc - 1)) ? OWNER_BOTH : OWNER_CPU;
	}
	m = oracle_map(o, i - 1);
	if (oracle_map_cpu(m, pa - m->pa))
		return OWNER_CPU_MAPPED;
	return m->dir == DMA_TO_DEVICE	   ? OWNER_DEV_R
	       : m->dir == DMA_FROM_DEVICE ? OWNER_DEV_W
					   : OWNER_DEV_RW;
}

/* Whether the CPU may not do this to home byte pa: the mapping that forbids it, 0 if none does. */
static u32 forbids_cpu(const struct oracle *o, u64 pa, bool write)
{
	for (u32 i = track_live(o, pa, oracle_maps(o)); i; i = track_live(o, pa, i - 1)) {
		const struct omap *m = oracle_map(o, i - 1);
		bool back = oracle_map_cpu(m, pa - m->pa);

		if (m->freed)
			continue; /* who has the memory now knows nothing of it */
		if (oracle_right(oracle_held(m->dir, back), write ? CPU_WRITES : CPU_READS) !=
		    RIGHT_NO)
			continue;
		return i;
	}
	return 0;
}

/* The type of the address by which the access came, as the event shows it. */
static bool by_cache(const struct oracle *o, const struct event *e)
{
	const struct cpu_state *c = hw_cpu(o->hw);

	if (e->kind == EV_LOAD_CACHE || e->kind == EV_STORE_CACHE)
		return true;
	if (e->kind != EV_STORE_BUFFERED && e->kind != EV_LOAD_BUFFER)
		return false;
	for (u32 i = c->entries; i-- > 0;)
		if (c->sb[i].pa == align_down(e->f[0], 8) && (c->sb[i].mask >> (e->f[0] & 7) & 1))
			return c->sb[i].type == MEM_CACHED;
	return false;
}

void rights_alias(struct oracle *o, const struct event *e)
{
	u64 home = link_home(o->w, e->f[0]);
	struct finding f;

	if (!uncached_memory(o, home) || !by_cache(o, e))
		return;
	f = finding_at(o, DIAG_COHERENT_ALIAS_ACCESS, home, (u32)e->f[1]);
	f.severity = SEVERITY_VIOLATION;
	f.party = e->party;
	f.dev = oracle_alloc(o, f.alloc - 1)->dev + 1u;
	report(o, &f);
}

void rights_cpu(struct oracle *o, const struct event *e, bool write)
{
	u64 home = link_home(o->w, e->f[0]);

	if (!track_any(o, home, (u32)e->f[1]))
		return;
	for (u32 i = 0; i < e->f[1]; i++) {
		u32 map = forbids_cpu(o, home + i, write), n = 1;
		const struct omap *m;
		enum diag_id id;
		struct finding f;

		if (!map)
			continue;
		m = oracle_map(o, map - 1);
		id = decide_touch(o, m, home + i, write);
		while (i + n < e->f[1] && forbids_cpu(o, home + i + n, write) == map &&
		       decide_touch(o, m, home + i + n, write) == id)
			n++;
		f = finding_at(o, id, home + i, n);
		f.severity = SEVERITY_VIOLATION;
		f.party = e->party;
		f.call_stmt = id == DIAG_SYNC_WRONG_RANGE    ? m->back.stmt
			      : id == DIAG_SG_NENTS_MISMATCH ? m->shorted
							     : 0;
		f.map = map;
		f.map_stmt = m->stmt;
		f.dev = m->dev + 1u;
		report(o, &f);
		i += n - 1;
	}
}

void oracle_bulk_read(struct oracle *o, u64 pa, u32 n)
{
	u64 home = link_home(o->w, pa);
	struct finding f;

	if (!o->rules || !o->sink)
		return;
	f = finding_at(o, DIAG_UNCACHED_BULK_READ, home, n);
	f.severity = SEVERITY_COST;
	f.party = hw_party(o->hw);
	report_now(o, &f);
}

/* ---- devices ---- */

enum way { WAY_OPEN, WAY_LIVE, WAY_DEAD, WAY_NOWHERE };

/* How a device comes to a bus address, and if by what has ended: by which call, last. */
struct route {
	enum way way;
	u32 map;     /* 1 + index of the mapping, live or ended; 0: none */
	u32 end;     /* statement that ended it */
	u32 turn;    /* when, among all endings */
	bool behind; /* a register write had not arrived then, nor has it now */
	bool block;  /* what ended is a block of a DMA pool */
};

static void ended(struct route *r, const struct route *by)
{
	if (r->way != WAY_DEAD || r->turn <= by->turn)
		*r = *by;
}

/* Register writes from before something ended are still under way, or the device still does what it
 * had begun when the last of them came. */
static bool unheard(const struct oracle *o, u32 dev, u32 posted, bool any)
{
	return posted || (any && orules(o)->dev[dev].owing);
}

/* Whether bus address a, which came out at home byte pa, is the byte that the mapping says. */
static bool reaches(const struct omap *m, u64 a, u64 pa)
{
	u64 off = a - m->bus;

	return m->pa + off == pa || (m->slot && m->slot + off == pa);
}

/*
 * Without an IOMMU, two mappings of the same memory have the same bus address: the device came by
 * the one that lets it do what it does.
 */
static struct route route_to(const struct oracle *o, u32 dev, u64 a, u64 pa, bool write)
{
	u32 alloc = oracle_alloc_at(o, pa), live = 0;
	const struct oalloc *home = alloc ? oracle_alloc(o, alloc - 1) : NULL;
	struct route r = {.way = WAY_NOWHERE};

	if (home && alloc_is_coherent(home) && home->dev == dev && (a - home->bus == pa - home->pa))
		return (struct route){.way = WAY_OPEN};
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->dev != dev || a < m->bus || a - m->bus >= m->len)
			continue;
		if (!reaches(m, a, pa))
			continue; /* cut by the wires: it is not the byte that was mapped */
		if (m->live && !m->ending) {
			if (oracle_right(oracle_held(m->dir, false),
					 write ? DEVICE_WRITES : DEVICE_READS) != RIGHT_NO)
				return (struct route){.way = WAY_LIVE, .map = i + 1};
			live = live ? live : i + 1;
			continue;
		}
		ended(&r,
		      &(struct route){WAY_DEAD, i + 1, m->end, m->turn,
				      unheard(o, dev, m->posted, m->flags & OMAP_POSTED), false});
	}
	if (live)
		return (struct route){.way = WAY_LIVE, .map = live};
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *c = oracle_alloc(o, i);

		if (!c->open && alloc_is_coherent(c) && c->dev == dev && a >= c->bus &&
		    a - c->bus < c->len)
			ended(&r, &(struct route){WAY_DEAD, 0, c->end, c->turn,
						  unheard(o, dev, c->posted, c->was_posted),
						  c->kind == KIND_POOL});
	}
	if (r.way == WAY_NOWHERE && home && home->kind == KIND_PLACED)
		r.way = WAY_OPEN;
	return r;
}

/* The allocation that was freed under a mapping: 1 + index. */
static u32 was_there(const struct oracle *o, const struct omap *m)
{
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *a = oracle_alloc(o, i);

		if (!a->open && a->end == m->freed && m->pa - a->pa < a->len)
			return i + 1;
	}
	return 0;
}

static void wrong_way(struct oracle *o, u32 map, u64 home, u32 n, enum diag_id id, u32 stmt,
		      bool write)
{
	const struct omap *m = oracle_map(o, map - 1);
	struct finding f = finding_at(o, id, home, n);

	f.severity = SEVERITY_VIOLATION;
	if (id == DIAG_IOVA_REUSE_COLLISION || (id == DIAG_DEVICE_ACCESS_OUTSIDE && write))
		f.severity = SEVERITY_CORRUPTION;
	if (id == DIAG_FREE_WHILE_MAPPED) {
		f.severity = SEVERITY_CORRUPTION;
		f.alloc = was_there(o, m);
	}
	if (stmt)
		f.stmt = stmt;
	f.map = map;
	f.map_stmt = m->stmt;
	f.dev = m->dev + 1u;
	f.party = (u8)(PARTY_DEVICE + m->dev);
	report(o, &f);
}

/* Of n bytes from byte off of the mapping on, those that the CPU has and may have changed. */
static void reused(struct oracle *o, u32 map, u64 off, u32 n, u64 home)
{
	const struct omap *m = oracle_map(o, map - 1);

	for (u32 i = 0; i < n;) {
		enum diag_id id = decide_reuse(m, off + i);
		u32 k = 1;

		while (i + k < n && decide_reuse(m, off + i + k) == id)
			k++;
		if (id != DIAGS)
			wrong_way(o, map, home + i, k, id, 0, false);
		i += k;
	}
}

/* ---- what is wrong with a live mapping ---- */

static bool other_buffer(const struct question *q)
{
	const struct oracle *o = q->o;

	return o->handle && o->handle != q->m->stmt && iommu_translates(o->hw, q->m->dev);
}

static bool not_ready(const struct question *q)
{
	return q->m->flags & OMAP_UNSYNCED;
}

static bool memory_gone(const struct question *q)
{
	return q->m->freed != 0;
}

static bool forbidden(const struct question *q) /* as the map says */
{
	return oracle_right(oracle_held(q->m->dir, false),
			    q->write ? DEVICE_WRITES : DEVICE_READS) == RIGHT_NO;
}

/* Of [home, home+n) the part that is not of the memory in which the mapping of one buffer begins;
 * *k: its bytes, 0 if there is none. What is no memory of the driver's at all has no end. */
static u64 past_end(const struct oracle *o, const struct omap *m, u64 home, u32 n, u32 *k)
{
	u32 of = m->list ? 0 : oracle_alloc_at(o, m->pa);
	const struct oalloc *a = of ? oracle_alloc(o, of - 1) : NULL;
	u64 end = a ? a->pa + a->len : home + n;

	*k = home + n > end ? (u32)(home + n - max_u64(home, end)) : 0;
	return max_u64(home, end);
}

static bool past_its_end(const struct question *q)
{
	u32 k;

	past_end(q->o, q->m, q->home, q->n, &k);
	return k > 0;
}

static const struct decision through_list[] = {
#define DECIDE_THROUGH(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

/* Who is to blame for it: of another buffer, whoever acts. */
static u32 blames(const struct omap *m, enum diag_id id)
{
	return id == DIAG_IOVA_REUSE_COLLISION ? 0
	       : id == DIAG_FREE_WHILE_MAPPED  ? m->freed
					       : m->stmt;
}

/* stale: the device gets old bytes, which is told for itself: no rule besides it. */
static void through(struct oracle *o, u32 map, u64 a, u32 n, u64 home, bool write, bool stale)
{
	const struct omap *m = oracle_map(o, map - 1);
	struct question q = {.o = o, .m = m, .write = write, .home = home, .n = n};
	enum diag_id id = decide(through_list, ARRAY_LEN(through_list), &q);

	if (id == DIAG_DEVICE_ACCESS_OUTSIDE)
		home = past_end(o, m, home, n, &n);
	calls_handle_used(o, map, (u8)(PARTY_DEVICE + m->dev));
	if (id != DIAGS)
		wrong_way(o, map, home, n, id, blames(m, id), write);
	else if (!stale)
		reused(o, map, a - m->bus, n, home);
}

static bool same_route(const struct route *a, const struct route *b)
{
	return a->way == b->way && a->map == b->map && a->end == b->end;
}

/* Bytes that nobody wrote go to a device that may read them: told once for what it came through. */
static void leaks(struct oracle *o, const struct event *e, const struct route *r, u64 home, u32 n,
		  u64 undefined)
{
	u32 alloc = oracle_alloc_at(o, home), first = 0;
	const struct omap *m = r->map ? oracle_map(o, r->map - 1) : NULL;
	const struct oalloc *c = alloc ? oracle_alloc(o, alloc - 1) : NULL;
	struct finding f;

	if (n < 64)
		undefined &= (1ull << n) - 1;
	/* What is one line in a slot may be parts of two at home. */
	for (u32 i = 0; i < n; i++)
		undefined |= (copies_leftover(o->w, home + i, 1) & 1) << i;
	if (!undefined || (m ? m->dir == DMA_FROM_DEVICE || (m->flags & OMAP_LEAKED)
			     : !c || !alloc_is_coherent(c) || c->leaked))
		return;
	if (m)
		W_SET(o->w, m->flags, m->flags | OMAP_LEAKED);
	else
		W_SET(o->w, c->leaked, (u8)1);
	first = (u32)__builtin_ctzll(undefined);
	f = finding_at(o, DIAG_INFO_LEAK_TO_DEVICE, home + first,
		       (u32)__builtin_popcountll(undefined));
	f.stmt = m ? m->stmt : c->stmt;
	f.map = r->map;
	f.map_stmt = m ? m->stmt : 0;
	f.dev = e->arg + 1u;
	f.party = e->party;
	report(o, &f);
}

/* The live mapping that opens the page of that address to the device: 1 + index, 0: none does. */
static u32 granule_of(const struct oracle *o, u32 dev, u64 a)
{
	u64 size = o->hw->cfg->iommu.granule;

	for (u32 i = oracle_maps(o); i-- > 0 && iommu_translates(o->hw, dev);) {
		const struct omap *m = oracle_map(o, i);

		if (m->live && m->dev == dev && a >= align_down(m->bus, size) &&
		    a < align_up(m->bus + m->len, size))
			return i + 1;
	}
	return 0;
}

void rights_device(struct oracle *o, const struct event *e, bool write, const struct view *seen)
{
	for (u32 i = 0; i < e->f[2];) {
		u64 a = e->f[0] + i, pa = e->f[1] + i, home = link_home(o->w, pa);
		struct route r = route_to(o, e->arg, a, home, write), next;
		u32 n = 1, at = i;

		while (i + n < e->f[2] &&
		       (next = route_to(o, e->arg, a + n, link_home(o->w, pa + n), write),
			same_route(&r, &next)))
			n++;
		i += n;
		if (r.way == WAY_LIVE)
			through(o, r.map, a, n, home, write,
				!write && stale_device_any(o, e, seen, at, n));
		if (r.way == WAY_LIVE || r.way == WAY_OPEN) {
			if (!write)
				leaks(o, e, &r, home, n, (seen->und & ~seen->old) >> at);
			continue;
		}
		address_stray(o, e,
			      &(struct stray){.a = a,
					      .pa = home,
					      .n = n,
					      .dead = r.map,
					      .end = r.way == WAY_DEAD ? r.end : 0,
					      .behind = r.behind,
					      .block = r.block,
					      .stale = iotlb_is_stale(o->hw, e->arg, a),
					      .granule = granule_of(o, e->arg, a),
					      .write = write});
	}
}

/* Nothing answered: no byte was touched, but the address was wrong all the same. */
void rights_abort(struct oracle *o, const struct event *e)
{
	struct stray s = {
	    .a = e->f[0], .pa = ~0ull, .n = (u32)e->f[1], .aborted = true, .write = e->f[2]};

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->dev != e->arg || s.a - m->bus >= m->len || (s.a & ~address_wires(o, e->arg)))
			continue;
		if (m->live && !m->ending)
			return; /* the kernel gave it: what was mapped is no memory */
		s.dead = i + 1;
		s.end = m->end;
		s.behind = unheard(o, e->arg, m->posted, m->flags & OMAP_POSTED);
		break;
	}
	address_stray(o, e, &s);
}

/* Which of the device's mappings has the address: the live one, else the one that ended last. */
static u32 once_mapped(const struct oracle *o, u32 dev, u64 a)
{
	u32 last = 0;

	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->dev != dev || a - m->bus >= m->len)
			continue;
		if (m->live && !m->ending)
			return i + 1;
		if (!last || m->turn > oracle_map(o, last - 1)->turn)
			last = i + 1;
	}
	return last;
}

/* Coherent memory of the device that had the address, freed last; NULL: none had. */
static const struct oalloc *once_coherent(const struct oracle *o, u32 dev, u64 a)
{
	const struct oalloc *last = NULL;

	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *c = oracle_alloc(o, i);

		if (!c->open && alloc_is_coherent(c) && c->dev == dev && a - c->bus < c->len &&
		    (!last || c->turn > last->turn))
			last = c;
	}
	return last;
}

/* The IOMMU has stopped the access: no byte was touched. */
void rights_fault(struct oracle *o, const struct event *e)
{
	u32 i = once_mapped(o, e->arg, e->f[0]);
	const struct omap *m = i ? oracle_map(o, i - 1) : NULL;
	const struct oalloc *c = once_coherent(o, e->arg, e->f[0]);
	struct stray s = {.a = e->f[0],
			  .pa = ~0ull,
			  .n = (u32)e->f[1],
			  .aborted = true,
			  .stopped = true,
			  .write = e->f[2]};

	if (m && m->live && !m->ending && e->f[3] != FAULT_NOT_PRESENT) {
		wrong_way(o, i, m->pa + (e->f[0] - m->bus), s.n, DIAG_MAP_WRONG_DIRECTION, m->stmt,
			  false);
		return;
	}
	s.dead = i;
	if (m && (!m->live || m->ending)) {
		s.end = m->end;
		s.behind = unheard(o, e->arg, m->posted, m->flags & OMAP_POSTED);
	}
	if (c && (!s.end || c->turn > m->turn)) {
		s.dead = 0;
		s.end = c->end;
		s.behind = unheard(o, e->arg, c->posted, c->was_posted);
	}
	address_stray(o, e, &s);
}
