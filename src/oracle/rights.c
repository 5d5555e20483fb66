/* SPDX-License-Identifier: MIT */
/*
 * Who may look and touch (semantics, table of states). Rights are per device and mapping; the
 * CPU's are what all live mappings of the byte allow.
 */
#include "core/memkind.h"
#include "oracle/oracle_int.h"

enum owner oracle_owner(const struct oracle *o, u64 pa, u32 *map)
{
	u32 alloc = oracle_alloc_at(o, pa), i = track_live(o, pa, oracle_maps(o));
	const struct omap *m;

	*map = i;
	if (!i) {
		if (!alloc)
			return OWNER_NONE;
		return oracle_alloc(o, alloc - 1)->kind == KIND_COHERENT ? OWNER_BOTH : OWNER_CPU;
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

		if (!write && (back || m->dir == DMA_TO_DEVICE))
			continue;
		if (write && back && m->dir != DMA_FROM_DEVICE)
			continue;
		return i;
	}
	return 0;
}

/* The CPU wrote a mapped byte: it may have to be given to the device again. */
static void wrote(struct oracle *o, u64 pa)
{
	for (u32 i = track_live(o, pa, oracle_maps(o)); i; i = track_live(o, pa, i - 1)) {
		const struct omap *m = oracle_map(o, i - 1);
		u32 now = m->wrote;

		if (oracle_map_cpu(m, pa - m->pa))
			now |= MAP_WROTE_BACK;
		if (m->used)
			now |= MAP_WROTE_AFTER_USE;
		if (now != m->wrote)
			W_SET(o->w, m->wrote, now);
	}
}

void rights_cpu(struct oracle *o, const struct event *e, bool write)
{
	u64 home = link_home(o->w, e->f[0]);

	if (!track_any(o, home, (u32)e->f[1]))
		return;
	for (u32 i = 0; i < e->f[1]; i++) {
		u32 map = forbids_cpu(o, home + i, write), n = 1;
		struct finding f;

		if (write)
			wrote(o, home + i);
		if (!map)
			continue;
		while (i + n < e->f[1] && forbids_cpu(o, home + i + n, write) == map)
			n++;
		f = finding_at(
		    o, write ? DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE : DIAG_CPU_TOUCH_DEVICE_OWNED_READ,
		    home + i, n);
		f.party = PARTY_CPU;
		f.map = map;
		f.map_stmt = oracle_map(o, map - 1)->stmt;
		f.dev = oracle_map(o, map - 1)->dev + 1u;
		report(o, &f);
		i += n - 1;
	}
}

/* ---- devices ---- */

enum way { WAY_OPEN, WAY_LIVE, WAY_DEAD, WAY_NOWHERE };

/* How a device comes to a bus address, and if by what has ended: by which call, last. */
struct route {
	enum way way;
	u32 map;  /* 1 + index of the mapping, live or ended; 0: none */
	u32 end;  /* statement that ended it */
	u32 turn; /* when, among all endings */
};

static void ended(struct route *r, u32 map, u32 end, u32 turn)
{
	if (r->way == WAY_DEAD && r->turn > turn)
		return;
	*r = (struct route){WAY_DEAD, map, end, turn};
}

/* Whether bus address a, which came out at home byte pa, is the byte that the mapping says. */
static bool reaches(const struct omap *m, u64 a, u64 pa)
{
	u64 off = a - m->bus;

	return m->pa + off == pa || (m->slot && m->slot + off == pa);
}

static struct route route_to(const struct oracle *o, u32 dev, u64 a, u64 pa)
{
	u32 alloc = oracle_alloc_at(o, pa);
	const struct oalloc *home = alloc ? oracle_alloc(o, alloc - 1) : NULL;
	struct route r = {.way = WAY_NOWHERE};

	if (home &&
	    (home->kind == KIND_PLACED || (home->kind == KIND_COHERENT && home->dev == dev)))
		return (struct route){.way = WAY_OPEN};
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (m->dev != dev || a < m->bus || a - m->bus >= m->len)
			continue;
		if (!reaches(m, a, pa))
			continue; /* cut by the wires: it is not the byte that was mapped */
		if (m->live && !m->ending)
			return (struct route){.way = WAY_LIVE, .map = i + 1};
		ended(&r, i + 1, m->end, m->turn);
	}
	for (u32 i = oracle_allocs(o); i-- > 0;) {
		const struct oalloc *c = oracle_alloc(o, i);

		if (!c->open && c->kind == KIND_COHERENT && c->dev == dev && a >= c->bus &&
		    a - c->bus < c->len)
			ended(&r, 0, c->end, c->turn);
	}
	return r;
}

static void through(struct oracle *o, u32 map, u64 a, u32 n, u64 home, bool write)
{
	const struct omap *m = oracle_map(o, map - 1);
	bool back = oracle_map_cpu(m, a - m->bus);
	bool wrong = write ? m->dir == DMA_TO_DEVICE : m->dir == DMA_FROM_DEVICE;
	struct finding f;

	if (wrong) {
		f = finding_at(o, DIAG_MAP_WRONG_DIRECTION, home, n);
		f.severity = SEVERITY_VIOLATION;
		f.stmt = m->stmt; /* the call that says what the device may do */
	} else if (back && ((m->wrote & MAP_WROTE_BACK) || m->dir == DMA_BIDIRECTIONAL)) {
		f = finding_at(o, DIAG_MISSING_SYNC_FOR_DEVICE_REUSE, home, n);
		f.severity = SEVERITY_VIOLATION;
	} else {
		if (!m->used)
			W_SET(o->w, m->used, (u8)1);
		return;
	}
	f.map = map;
	f.map_stmt = m->stmt;
	f.dev = m->dev + 1u;
	f.party = (u8)(PARTY_DEVICE + m->dev);
	report(o, &f);
}

static bool same_route(const struct route *a, const struct route *b)
{
	return a->way == b->way && a->map == b->map && a->end == b->end;
}

void rights_device(struct oracle *o, const struct event *e, bool write)
{
	for (u32 i = 0; i < e->f[2];) {
		u64 a = e->f[0] + i, pa = e->f[1] + i, home = link_home(o->w, pa);
		struct route r = route_to(o, e->arg, a, home), next;
		struct finding f;
		u32 n = 1;

		while (i + n < e->f[2] &&
		       (next = route_to(o, e->arg, a + n, link_home(o->w, pa + n)),
			same_route(&r, &next)))
			n++;
		i += n;
		if (r.way == WAY_LIVE)
			through(o, r.map, a, n, home, write);
		if (r.way == WAY_LIVE || r.way == WAY_OPEN)
			continue;
		f = finding_at(o,
			       r.way == WAY_DEAD ? DIAG_DEVICE_ACCESS_AFTER_UNMAP
						 : DIAG_DEVICE_ACCESS_OUTSIDE,
			       home, n);
		f.party = e->party;
		f.dev = e->arg + 1u;
		f.map = r.map;
		f.map_stmt = r.map ? oracle_map(o, r.map - 1)->stmt : 0;
		if (r.way == WAY_DEAD)
			f.stmt = r.end;
		report(o, &f);
	}
}
