/* SPDX-License-Identifier: MIT */
#include "report/cause.h"

#include <stdlib.h>

#include "core/addr.h"
#include "core/copies.h"
#include "report/narrate.h"

#define K(id) (1ull << EV_##id)

/* While one chain is made. */
struct chain {
	struct cause *c;
	const struct names *n;
	const struct finding *f;
	const struct named_map *m; /* may be NULL */
	struct str s;
};

static bool has(const struct chain *h, u32 event)
{
	for (u32 i = 0; i < h->c->n; i++)
		if (h->c->v[i].event == event)
			return true;
	return false;
}

/* The step that is in h->s. */
static void push(struct chain *h, u32 event)
{
	if (event && !has(h, event)) {
		u32 line = names_line(h->n, event_get(h->n->log, event)->stmt);

		vec_push(h->c, (struct cause_step){event, line, false, 2ull * event,
						   mem_strdup(str_get(&h->s))});
	}
	str_clear(&h->s);
}

/* A call that should stand before, or behind, what event number `at` is part of. */
static void push_missing(struct chain *h, u32 at, bool behind, const char *text)
{
	u32 stmt = event_get(h->n->log, at)->stmt;

	vec_push(h->c, (struct cause_step){0, names_line(h->n, stmt), true,
					   2ull * at + (behind ? 1 : -1ull), mem_strdup(text)});
}

static void add_where(struct chain *h, u64 pa, u32 at)
{
	names_byte(h->n, pa, at, &h->s);
}

static void add_value(struct chain *h, u32 event)
{
	const struct event *e = event_get(h->n->log, event);
	bool dma = e->kind == EV_DMA_WRITE || e->kind == EV_DMA_READ;
	u64 v = dma ? e->f[3] : e->f[2];
	u8 b[8];

	for (u32 i = 0; i < 8; i++)
		b[i] = (u8)(v >> (8 * i));
	narrate_bytes(b, 8, (u32)(dma ? e->f[2] : e->f[1]), &h->s);
}

/* ---- steps ---- */

static u32 step_store(struct chain *h, u32 before, u64 pa, u64 len, const char *why)
{
	u32 k = events_last(h->n, before, events_kinds_stores(), PARTY_CPU, pa, len);

	if (!k)
		return 0;
	str_add(&h->s, "the CPU stored ");
	add_value(h, k);
	if (event_get(h->n->log, k)->f[0] != h->f->pa) {
		str_add(&h->s, " to ");
		add_where(h, event_get(h->n->log, k)->f[0], k);
	}
	str_printf(&h->s, "%s", why);
	push(h, k);
	return k;
}

static u32 step_device_write(struct chain *h, u32 before, u64 pa, u64 len, const char *why)
{
	u32 k = events_last(h->n, before, K(DMA_WRITE), ~0u, pa, len);
	const struct event *e;

	if (!k)
		return 0;
	e = event_get(h->n->log, k);
	str_printf(&h->s, "%s wrote ", names_device(h->n, e->arg));
	add_value(h, k);
	str_printf(&h->s, " to %s", names_in_pool(h->n, e->f[1]) ? "the bounce slot" : "memory");
	if (names_home(h->n, e->f[1], k) != h->f->pa) {
		str_add(&h->s, " at ");
		add_where(h, names_home(h->n, e->f[1], k), k);
	}
	str_add(&h->s, why);
	push(h, k);
	return k;
}

/* The last hand-over of the bytes before an event. */
static u32 step_given(struct chain *h, u32 before)
{
	static const char *const rights[] = {"both ways", "to read", "to write", "for nothing"};
	u32 k = events_last(h->n, before, K(MAP) | K(UNMAP) | K(SYNC_CPU) | K(SYNC_DEVICE), ~0u,
			    h->f->pa, h->f->n ? h->f->n : 1);
	const struct event *e;

	if (!k && h->m)
		k = h->m->from < before ? h->m->from : 0;
	if (!k)
		return 0;
	e = event_get(h->n->log, k);
	str_add(&h->s, "the kernel gave ");
	names_phys(h->n, e->f[0], e->f[1], k, &h->s);
	if (e->kind == EV_MAP || e->kind == EV_SYNC_DEVICE)
		str_printf(&h->s, " to %s, %s", names_device(h->n, e->arg), rights[e->f[3] & 3]);
	else
		str_add(&h->s, e->kind == EV_UNMAP ? " back to the CPU: the mapping is over"
						   : " back to the CPU");
	push(h, k);
	return k;
}

/* Where the copy of the line came from that a cache holds when `before` happens. */
static void step_cached(struct chain *h, u32 before, const char *why)
{
	u32 line = h->n->cfg->hw.line;
	u64 at = align_down(h->f->pa, line);
	u32 k = events_last(h->n, before, K(FILL) | K(SPEC_FILL), ~0u, at, line);
	u32 kept = events_last(h->n, before, K(CLEAN), ~0u, at, line);

	if (!k)
		return;
	str_add(&h->s, "the cache fetched line ");
	add_where(h, at, k);
	str_printf(&h->s, "%s%s", event_get(h->n->log, k)->kind == EV_SPEC_FILL ? " by itself" : "",
		   why);
	push(h, k);
	if (kept > k) {
		str_add(&h->s, "the cache wrote it to memory and kept it");
		push(h, kept);
	}
}

static void step_access(struct chain *h, const char *text)
{
	str_add(&h->s, text);
	push(h, h->f->event);
}

/* ---- chains ---- */

static void stale_cpu(struct chain *h)
{
	const struct finding *f = h->f;
	bool slot = h->m && h->m->slot;
	u32 w = step_device_write(h, f->event, f->pa, f->n,
				  slot ? ", not to the buffer" : ": the copy became old");

	if (!slot)
		step_cached(h, f->event, ": this copy was read");
	else
		step_store(h, w ? w : f->event, f->pa, f->n, ", which the buffer still holds");
	step_given(h, f->event);
	push_missing(h, f->event, false,
		     slot ? "a call that copies the slot back and hands the buffer over"
			  : "a call that hands the buffer back and drops the copy");
	step_access(h, slot ? "the CPU read the buffer, which is behind"
			    : "the CPU read the old copy");
}

static void stale_device(struct chain *h)
{
	const struct finding *f = h->f;
	bool slot = h->m && h->m->slot;
	u32 w;

	step_given(h, f->event);
	if (slot) {
		u32 in = events_last(h->n, f->event, K(COPY_IN), ~0u, f->pa, f->n);

		str_add(&h->s, "the kernel copied the buffer into the bounce slot");
		push(h, in);
	}
	w = step_store(h, f->event, f->pa, f->n,
		       slot			  ? " into the buffer: the slot became old"
		       : f->source == COPY_BUFFER ? "; it stayed in the store buffer"
						  : "; it stayed on the CPU's side");
	push_missing(h, w ? w : f->event, w != 0, "a call that hands the bytes to the device");
	str_printf(&h->s, "%s read the old bytes", names_party(h->n, f->party));
	push(h, f->event);
}

/* The store that gave leave: the device's last read of something else before the stale one. */
static u32 leave_read(const struct chain *h)
{
	for (u32 k = h->f->event; k-- > 1;) {
		const struct event *e = event_get(h->n->log, k);

		if (e->party != h->f->party)
			continue;
		if (e->kind == EV_MMIO_ARRIVE)
			return k;
		if (e->kind == EV_DMA_READ && e->f[1] != h->f->pa &&
		    events_last(h->n, k, events_kinds_stores(), PARTY_CPU,
				names_home(h->n, e->f[1], k), e->f[2]))
			return k;
	}
	return 0;
}

static void order_device(struct chain *h)
{
	const struct finding *f = h->f;
	u32 w = events_last(h->n, f->event + 1, events_kinds_stores(), PARTY_CPU, f->pa, f->n);
	u32 leave = leave_read(h), gave = 0;

	str_add(&h->s, "the CPU stored the payload, ");
	add_where(h, f->pa, f->event);
	push(h, w);
	if (leave) {
		const struct event *e = event_get(h->n->log, leave);

		if (e->kind == EV_DMA_READ)
			gave = events_last(h->n, leave, events_kinds_stores(), PARTY_CPU,
					   names_home(h->n, e->f[1], leave), e->f[2]);
		else
			gave = events_last(h->n, leave, K(MMIO_WRITE), ~0u, e->f[0], 1);
		if (gave) {
			str_add(&h->s, "the CPU gave leave: ");
			if (e->kind == EV_DMA_READ)
				names_byte(h->n, names_home(h->n, e->f[1], leave), leave, &h->s);
			else
				str_printf(&h->s, "register 0x%02llx", (unsigned long long)e->f[0]);
			push_missing(h, gave, false,
				     f->id == DIAG_RELAXED_DOORBELL ? "an ordered writel()"
								    : "dma_wmb()");
			push(h, gave);
		}
		str_printf(&h->s, "%s saw the leave", names_party(h->n, f->party));
		push(h, leave);
	}
	if (f->party != PARTY_CPU) {
		str_printf(&h->s, "%s read the payload%s", names_party(h->n, f->party),
			   f->severity == SEVERITY_CORRUPTION && !f->lucky
			       ? " that was there before"
			       : "");
		push(h, f->event);
	}
}

static void order_cpu(struct chain *h)
{
	const struct finding *f = h->f;
	u32 status = finding_leave(h->n, f);

	step_device_write(h, f->event, f->pa, f->n, "");
	if (status) {
		const struct event *e = event_get(h->n->log, status);

		str_add(&h->s, "the CPU read what gave leave: ");
		if (e->kind == EV_MMIO_READ)
			str_printf(&h->s, "register 0x%02llx", (unsigned long long)e->f[0]);
		else
			add_where(h, e->f[0], status);
		push(h, status);
	}
	push_missing(h, f->event, false, "dma_rmb()");
	str_add(&h->s, "the CPU read ");
	add_where(h, f->pa, f->event);
	str_add(&h->s, f->id == DIAG_COMPILER_MAY_REORDER
			   ? ", perhaps before that, if the compiler likes"
			   : " as it was before");
	push(h, f->event);
}

/* The device's bytes went, under a line that was dirty by a store; or the CPU's went. */
static void lost(struct chain *h)
{
	const struct finding *f = h->f;
	const struct event *e = event_get(h->n->log, f->event);
	bool over = e->kind == EV_CLEAN || e->kind == EV_WRITE_BACK || e->kind == EV_DRAIN ||
		    e->kind == EV_DRAIN_EARLY;

	step_given(h, f->event);
	if (over || f->id == DIAG_DMA_WRITE_LOST_UNMAP_SKIP)
		step_device_write(h, f->event, f->pa, f->n, "");
	if (over) {
		u32 line = h->n->cfg->hw.line;
		u64 at = align_down(f->pa, line), to = align_up(f->pa + f->n, line);

		step_store(h, f->event, at, to - at, ": the line became dirty");
	} else {
		step_store(h, f->event, f->pa, f->n, "");
	}
	switch ((enum event_kind)e->kind) {
	case EV_INVALIDATE:
		str_add(&h->s, "the kernel dropped the line, and what was only there");
		break;
	case EV_COPY_OUT:
		str_add(&h->s, "the kernel copied the slot over it");
		break;
	case EV_WRITE_BACK:
	case EV_CLEAN:
		str_add(&h->s, "the cache wrote its whole line over it");
		break;
	case EV_UNMAP:
		str_add(&h->s, "the mapping ended: nothing was copied back");
		break;
	default:
		str_add(&h->s, "the last copy of it went away here");
	}
	push(h, f->event);
}

static void touched(struct chain *h)
{
	const struct finding *f = h->f;
	bool write = f->id == DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE;

	step_given(h, f->event);
	push_missing(h, f->event, false, "a call that hands the buffer back");
	step_access(h, write ? "the CPU wrote it" : "the CPU read it");
}

static void by_device(struct chain *h)
{
	const struct event *e = event_get(h->n->log, h->f->event);

	step_given(h, h->f->event);
	str_printf(&h->s, "%s %s it", names_party(h->n, h->f->party),
		   e->kind == EV_DMA_READ ? "read" : "wrote");
	push(h, h->f->event);
}

static void leak(struct chain *h)
{
	const struct finding *f = h->f;
	u32 given = step_given(h, f->event);

	if (h->m && h->m->from < f->event) {
		u32 w = events_last(h->n, f->event, K(DMA_WRITE), ~0u, h->m->pa, h->m->len);

		if (given != h->m->from) {
			str_add(&h->s, "the kernel gave ");
			names_phys(h->n, h->m->pa, h->m->len, h->m->from, &h->s);
			str_printf(&h->s, " to %s, to write", names_device(h->n, h->m->dev));
			push(h, h->m->from);
		}
		str_printf(&h->s, "%s wrote, but not these bytes", names_device(h->n, h->m->dev));
		push(h, w);
	}
	step_access(h, "the CPU used bytes that nobody wrote");
}

static int by_order(const void *a, const void *b)
{
	const struct cause_step *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

void cause_make(struct cause *c, const struct names *n, const struct finding *f)
{
	struct chain h = {c, n, f, finding_map(n, f), {0}};

	*c = (struct cause){0};
	if (!f->event || f->event > n->log->n)
		return;
	switch ((enum diag_id)f->id) {
	case DIAG_CPU_STALE_READ:
	case DIAG_SPECULATIVE_REFILL_STALE:
		stale_cpu(&h);
		break;
	case DIAG_DEVICE_STALE_READ:
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
		stale_device(&h);
		break;
	case DIAG_COMPILER_MAY_REORDER:
		(f->party == PARTY_CPU ? order_cpu : order_device)(&h);
		break;
	case DIAG_MISSING_DMA_WMB:
	case DIAG_RELAXED_DOORBELL:
		order_device(&h);
		break;
	case DIAG_MISSING_DMA_RMB:
	case DIAG_RELAXED_STATUS_READ:
	case DIAG_IRQ_BEFORE_DATA:
		order_cpu(&h);
		break;
	case DIAG_CACHELINE_SHARE_NEIGHBOUR:
	case DIAG_DMA_WRITE_LOST_UNMAP_SKIP:
	case DIAG_CPU_WRITE_LOST_BOUNCE:
	case DIAG_CPU_WRITE_LOST_INVALIDATE:
	case DIAG_DMA_WRITE_LOST_EVICTION:
		lost(&h);
		break;
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE:
		touched(&h);
		break;
	case DIAG_DEVICE_ACCESS_AFTER_UNMAP:
	case DIAG_DEVICE_ACCESS_OUTSIDE:
	case DIAG_MAP_WRONG_DIRECTION:
		by_device(&h);
		break;
	case DIAG_INFO_LEAK_PARTIAL_WRITE:
		leak(&h);
		break;
	default: /* asserts, hangs, kernel bugs: the statement is the cause */
		break;
	}
	if (c->n)
		qsort(c->v, c->n, sizeof *c->v, by_order);
	str_free(&h.s);
}

void cause_free(struct cause *c)
{
	for (u32 i = 0; i < c->n; i++)
		mem_free(c->v[i].text);
	vec_free(c);
}
