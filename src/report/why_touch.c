/* SPDX-License-Identifier: MIT */
/* The events that touched some bytes, and the values that writes among them gave them. */
#include "report/why_int.h"

#include "core/addr.h"

static bool is_line(u32 kind)
{
	return (EVENT_BIT(FILL) | EVENT_BIT(SPEC_FILL) | EVENT_BIT(WRITE_BACK) | EVENT_BIT(DROP) |
		EVENT_BIT(CLEAN) | EVENT_BIT(INVALIDATE)) >>
		   kind &
	       1;
}

/* The part of line [at, at + size) that is in a live bounce slot, as the home bytes of it. */
static bool home_of_line(const struct names *n, u32 k, u64 at, u64 size, u64 *lo, u64 *hi)
{
	for (u32 i = n->maps.n; i-- > 0;) {
		const struct named_map *m = &n->maps.v[i];
		u64 from = max_u64(at, m->slot), to = min_u64(at + size, m->slot + m->len);

		if (!m->slot || from >= to || (m->to && m->to < k) ||
		    (m->from > k && event_step(n->log, m->from) != event_step(n->log, k)))
			continue;
		*lo = m->pa + (from - m->slot);
		*hi = m->pa + (to - m->slot);
		return true;
	}
	return false;
}

bool touched_by(const struct names *n, u32 k, u64 *lo, u64 *hi)
{
	const struct event *e = event_get(n->log, k);
	u64 at, size;

	if (!event_place(e, n->cfg->hw.line, &at, &size) || !size)
		return false;
	if (is_line(e->kind) && n->cfg->lx.swiotlb.slots && home_of_line(n, k, at, size, lo, hi))
		return true;
	*lo = names_home(n, at, k);
	*hi = *lo + size;
	return true;
}

bool touch_writes(const struct touch *t)
{
	return (events_kinds_stores() | EVENT_BIT(DMA_WRITE) | EVENT_BIT(LAB_PRESET)) >> t->kind &
	       1;
}

bool touch_reads(const struct touch *t)
{
	return (EVENT_BIT(LOAD_CACHE) | EVENT_BIT(LOAD_MEMORY) | EVENT_BIT(LOAD_BUFFER) |
		EVENT_BIT(LOAD_EARLY) | EVENT_BIT(DMA_READ)) >>
		   t->kind &
	       1;
}

bool touch_gives(const struct touch *t)
{
	return (EVENT_BIT(SYNC_CPU) | EVENT_BIT(SYNC_DEVICE) | EVENT_BIT(UNMAP)) >> t->kind & 1;
}

bool touch_covers(const struct touch *t, u64 pa)
{
	return pa >= t->lo && pa < t->hi;
}

/* All bytes of a write of which the event has only the first: as they are right behind it. */
static void look_up(struct look *l, struct touch *t)
{
	const struct event *e = event_get(l->n->log, t->event);
	u64 at, size;

	t->value = mem_zalloc((size_t)(t->hi - t->lo), 1);
	why_goto(l, t->event);
	if (!event_place(e, l->n->cfg->hw.line, &at, &size))
		return;
	for (u64 i = 0; i < size; i++) {
		struct view v = {0};

		if (t->kind == EV_DMA_WRITE)
			dma_peek(&l->r->e->hw, e->arg, at + i, 1, &v);
		else
			memory_peek(&l->r->e->hw, at + i, v.data, 1);
		t->value[i] = v.data[0];
	}
}

u8 touch_value(struct look *l, struct touch *t, u64 pa)
{
	const struct event *e = event_get(l->n->log, t->event);
	bool known = t->kind != EV_LAB_PRESET && pa - t->lo < 8;

	if (known) {
		u64 v = t->kind == EV_DMA_WRITE || t->kind == EV_DMA_READ ? e->f[3] : e->f[2];

		return (u8)(v >> (8 * (pa - t->lo)));
	}
	if (!t->value)
		look_up(l, t);
	return t->value[pa - t->lo];
}

struct touch *touch_last_write(const struct look *l, u64 pa, u32 before)
{
	for (u32 i = before; i-- > 0;)
		if (touch_writes(&l->touch.v[i]) && touch_covers(&l->touch.v[i], pa))
			return &l->touch.v[i];
	return NULL;
}

struct touch *touch_of(struct look *l, u32 event)
{
	for (u32 i = l->touch.n; i-- > 0 && l->touch.v[i].event >= event;)
		if (l->touch.v[i].event == event)
			return &l->touch.v[i];
	return NULL;
}
