/* SPDX-License-Identifier: MIT */
/* Looking backwards through the events for whoever touched some bytes. */
#include "report/cause.h"

#include "core/addr.h"

static const u64 line_kinds = EVENT_BIT(FILL) | EVENT_BIT(SPEC_FILL) | EVENT_BIT(WRITE_BACK) |
			      EVENT_BIT(DROP) | EVENT_BIT(CLEAN) | EVENT_BIT(INVALIDATE);

u64 events_kinds_stores(void)
{
	return EVENT_BIT(STORE_BUFFERED) | EVENT_BIT(STORE_CACHE) | EVENT_BIT(STORE_MEMORY);
}

static bool overlaps(u64 a, u64 alen, u64 b, u64 blen)
{
	return a < b + blen && b < a + alen;
}

/* Whether event number k touches home bytes [pa, pa + len), at their home or in their slot. */
static bool touches(const struct names *n, u32 k, u64 pa, u64 len)
{
	const struct event *e = event_get(n->log, k);
	u64 at, size;

	return event_place(e, n->cfg->hw.line, &at, &size) &&
	       (overlaps(names_home(n, at, k), size, pa, len) ||
		((line_kinds >> e->kind & 1) && overlaps(at, size, pa, len)));
}

u32 events_last(const struct names *n, u32 before, u64 kinds, u32 party, u64 pa, u64 len)
{
	for (u32 k = before; k-- > 1;) {
		const struct event *e = event_get(n->log, k);

		if ((kinds >> e->kind & 1) && (party == ~0u || e->party == party) &&
		    touches(n, k, pa, len))
			return k;
	}
	return 0;
}

u32 events_last_of(const struct names *n, u32 before, u32 kind, u32 dev, u32 i, u64 value)
{
	for (u32 k = before; k-- > 1;) {
		const struct event *e = event_get(n->log, k);

		if (e->kind == kind && e->arg == dev && e->f[i] == value)
			return k;
	}
	return 0;
}

u32 finding_call(const struct names *n, const struct finding *f)
{
	for (u32 k = f->call_stmt ? f->event : 0; k > 0; k--) {
		const struct event *e = event_get(n->log, k);

		if (e->stmt == f->call_stmt &&
		    (EVENT_BIT(SYNC_CPU) | EVENT_BIT(SYNC_DEVICE) | EVENT_BIT(UNMAP)) >> e->kind &
			1)
			return k;
	}
	return 0;
}

bool finding_only_read(const struct names *n, const struct finding *f)
{
	u64 kinds = EVENT_BIT(MAP) | EVENT_BIT(SYNC_CPU) | EVENT_BIT(SYNC_DEVICE);
	u32 k = f->id == DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE
		    ? events_last(n, f->event, kinds, ~0u, f->pa, f->n)
		    : 0;

	return k && event_get(n->log, k)->kind == EV_SYNC_CPU;
}

u32 finding_leave(const struct names *n, const struct finding *f)
{
	u64 loads = EVENT_BIT(LOAD_CACHE) | EVENT_BIT(LOAD_MEMORY) | EVENT_BIT(LOAD_BUFFER) |
		    EVENT_BIT(LOAD_EARLY);
	u64 kinds =
	    names_is_cpu(n, f->party) ? loads | EVENT_BIT(MMIO_READ) : events_kinds_stores();

	for (u32 k = f->event; k-- > 1;) {
		const struct event *e = event_get(n->log, k);

		if ((names_is_cpu(n, f->party) ? e->party == f->party
					       : names_is_cpu(n, e->party)) &&
		    (kinds >> e->kind & 1) &&
		    (names_is_cpu(n, f->party) ? e->stmt != f->at_stmt : e->stmt == f->stmt))
			return k;
	}
	return 0;
}

const struct named_map *finding_map(const struct names *n, const struct finding *f)
{
	const struct named_map *best = NULL;

	for (u32 i = 0; i < n->maps.n; i++) {
		const struct named_map *m = &n->maps.v[i];

		if (f->map_stmt && m->stmt == f->map_stmt && m->from <= f->event &&
		    overlaps(m->pa, m->len, f->pa, f->n ? f->n : 1))
			best = m;
	}
	if (best || f->map_stmt)
		return best;
	/* A lost neighbour lies in no mapping: the one that shares its line. */
	for (u32 i = 0; i < n->maps.n; i++) {
		const struct named_map *m = &n->maps.v[i];
		u64 line = n->cfg->hw.line, at = align_down(f->pa, line);

		if (m->from <= f->event &&
		    overlaps(m->pa, m->len, at, align_up(f->pa + f->n, line) - at))
			best = m;
	}
	return best;
}

const struct named_map *finding_map_made(const struct names *n, const struct finding *f)
{
	const struct named_map *best = NULL;

	for (u32 i = 0; f->map_stmt && i < n->maps.n; i++) {
		const struct named_map *m = &n->maps.v[i];

		if (m->stmt != f->map_stmt || m->from > f->event)
			continue;
		if (!best || !f->n || f->pa - m->pa < m->len)
			best = m;
	}
	return best;
}
