/* SPDX-License-Identifier: MIT */
/*
 * The chain of causes of each family of findings about bytes and order. Calls, addresses and
 * context: report/chains_calls.c.
 */
#include "report/cause_int.h"

#include "core/addr.h"
#include "core/copies.h"
#include "report/narrate.h"

/* The call that stands between, and why it did not do what it should have. */
static bool step_call(struct chain *h)
{
	u32 k = finding_call(h->n, h->f);
	const struct event *e = k ? event_get(h->n->log, k) : NULL;

	if (!k)
		return false;
	if (h->f->id == DIAG_SYNC_WRONG_RANGE || h->f->id == DIAG_UNMAP_SIZE_MISMATCH) {
		str_add(&h->s, "the kernel handed over ");
		narrate_count((u32)e->f[1], "byte", &h->s);
		str_add(&h->s, " at ");
		chain_where(h, e->f[0], k);
		str_add(&h->s, ": not these");
	} else if (h->f->id == DIAG_SG_NENTS_MISMATCH) {
		str_add(&h->s, "the kernel gave back fewer entries of the list: not these bytes");
	} else if (h->f->id == DIAG_UNMAP_WRONG_FUNCTION) {
		str_add(&h->s, "the driver unmapped it by another function than that of its map");
	} else if (h->f->id == DIAG_DMA_WRITE_LOST_UNMAP_SKIP) {
		str_add(&h->s, "the unmap moved nothing and dropped no line: it was told to");
	} else {
		str_add(&h->s, "the kernel handed them over the other way: nothing went the way "
			       "they took");
	}
	chain_push(h, k);
	return true;
}

void chain_stale_cpu(struct chain *h)
{
	const struct finding *f = h->f;
	bool slot = h->m && h->m->slot;
	u32 w = step_device_write(h, f->event, f->pa, f->n,
				  slot ? ", not to the buffer" : ": the copy became old");

	if (!slot)
		step_cached(h, f->event, ": this copy was read");
	else
		step_store(h, w ? w : f->event, f->pa, f->n, ", which the buffer still holds");
	if (step_call(h)) {
		step_given(h, finding_call(h->n, f));
		step_by(h, slot ? " read the buffer, which is behind" : " read the old copy");
		return;
	}
	step_given(h, f->event);
	if (f->id != DIAG_PLATFORM_DEFECT &&
	    (!h->m || (h->m->dir != DMA_TO_DEVICE && (!h->m->to || h->m->to > f->event))))
		chain_missing(h, f->event, false,
			      slot ? "a call that copies the slot back and hands the buffer over"
				   : "a call that hands it back and drops the copy");
	step_by(h, slot ? " read the buffer, which is behind" : " read the old copy");
}

void chain_stale_device(struct chain *h)
{
	const struct finding *f = h->f;
	bool slot = h->m && h->m->slot;
	u32 w;

	step_given(h, f->event);
	if (slot) {
		u32 in = events_last(h->n, f->event, EVENT_BIT(COPY_IN), ~0u, f->pa, f->n);

		str_add(&h->s, "the kernel copied the buffer into the bounce slot");
		chain_push(h, in);
	}
	w = step_store(h, f->event, f->pa, f->n,
		       slot			  ? " into the buffer: the slot became old"
		       : f->source == COPY_BUFFER ? "; it stayed in the store buffer"
						  : "; it stayed on the CPU's side");
	if (!step_call(h) && f->id != DIAG_PLATFORM_DEFECT)
		chain_missing(h, w ? w : f->event, w != 0,
			      "a call that hands the bytes to the device");
	str_printf(&h->s, "%s read the old bytes", names_party(h->n, f->party));
	chain_push(h, f->event);
}

/* One read got both, the leave and what was there before it: a descriptor that is read at once. */
static bool leave_in_it(const struct chain *h)
{
	const struct event *read = event_get(h->n->log, h->f->event);

	for (u32 k = h->f->event; read->kind == EV_DMA_READ && k-- > 1;) {
		const struct event *e = event_get(h->n->log, k);

		if (e->stmt == h->f->stmt && (events_kinds_stores() >> e->kind & 1))
			return e->f[0] >= names_home(h->n, read->f[1], k) &&
			       e->f[0] < names_home(h->n, read->f[1], k) + read->f[2];
	}
	return false;
}

/* The read that saw the leave: the same, or the device's last read of something else before it. */
static u32 leave_read(const struct chain *h)
{
	if (leave_in_it(h))
		return h->f->event;
	for (u32 k = h->f->event; k-- > 1;) {
		const struct event *e = event_get(h->n->log, k);

		if (e->party != h->f->party)
			continue;
		if (e->kind == EV_MMIO_ARRIVE)
			return k;
		if (e->kind == EV_DMA_READ && e->f[1] != h->f->pa &&
		    events_last(h->n, k, events_kinds_stores(), ~0u, names_home(h->n, e->f[1], k),
				e->f[2]))
			return k;
	}
	return 0;
}

void chain_order_device(struct chain *h)
{
	const struct finding *f = h->f;
	u32 w = events_last(h->n, f->event + 1, events_kinds_stores(), ~0u, f->pa, f->n);
	u32 leave = leave_read(h), gave = 0;

	str_printf(&h->s, "%s stored the payload, ", who_did(h, w));
	chain_where(h, f->pa, f->event);
	chain_push(h, w);
	if (leave) {
		const struct event *e = event_get(h->n->log, leave);

		if (e->kind == EV_DMA_READ)
			gave = events_last(h->n, leave, events_kinds_stores(), ~0u,
					   names_home(h->n, e->f[1], leave), e->f[2]);
		else
			gave = events_last_of(h->n, leave, EV_MMIO_WRITE, e->arg, 0, e->f[0]);
		if (gave) {
			str_printf(&h->s, "%s gave leave: ", who_did(h, gave));
			if (e->kind == EV_DMA_READ)
				names_byte(h->n,
					   names_home(h->n, event_get(h->n->log, gave)->f[0], gave),
					   leave, &h->s);
			else
				names_register(h->n, e->arg, e->f[0], &h->s);
			chain_missing(h, gave, false,
				      e->kind == EV_DMA_READ ? "dma_wmb()" : "an ordered writel()");
			chain_push(h, gave);
		}
		if (leave != f->event) {
			str_printf(&h->s, "%s saw the leave", names_party(h->n, f->party));
			chain_push(h, leave);
		}
	}
	if (!names_is_cpu(h->n, f->party)) {
		str_printf(&h->s, "%s read %sthe payload%s", names_party(h->n, f->party),
			   leave == f->event ? "the leave and " : "",
			   f->severity == SEVERITY_CORRUPTION && !f->lucky
			       ? " that was there before"
			       : "");
		chain_push(h, f->event);
	}
}

void chain_order_cpu(struct chain *h)
{
	const struct finding *f = h->f;
	u32 status = finding_leave(h->n, f);
	bool mmio = status && event_get(h->n->log, status)->kind == EV_MMIO_READ;
	bool smp = f->id == DIAG_MISSING_SMP_BARRIER, early = f->source == COPY_PAST;
	u32 w;

	if (smp) {
		w = step_store(h, f->event, f->pa, f->n,
			       early ? "" : "; it stayed in the store buffer");
		if (w && !early)
			chain_missing(h, w, true, "smp_wmb()");
	} else {
		step_device_write(h, f->event, f->pa, f->n, "");
	}
	if (status) {
		const struct event *e = event_get(h->n->log, status);

		str_printf(&h->s, "%s read what gave leave: ", names_party(h->n, f->party));
		if (e->kind == EV_MMIO_READ)
			names_register(h->n, e->arg, e->f[0], &h->s);
		else
			chain_where(h, e->f[0], status);
		chain_push(h, status);
	}
	if (!smp || early)
		chain_missing(h, f->event, false, smp ? "smp_rmb()" : mmio ? "rmb()" : "dma_rmb()");
	str_printf(&h->s, "%s read ", names_party(h->n, f->party));
	chain_where(h, f->pa, f->event);
	str_add(&h->s, f->id == DIAG_COMPILER_MAY_REORDER
			   ? ", perhaps before that, if the compiler likes"
			   : " as it was before");
	chain_push(h, f->event);
}

/* The interrupt went by while the bytes were on their way. */
void chain_irq(struct chain *h)
{
	const struct finding *f = h->f;
	u32 k = events_last(h->n, f->event, EVENT_BIT(DMA_POSTED), ~0u, f->pa, f->n);
	u32 dev = f->dev ? f->dev - 1 : 0;

	if (k) {
		str_printf(&h->s, "%s sent the bytes; they are still on their way",
			   names_device(h->n, dev));
		chain_push(h, k);
	}
	for (k = f->event; k > 1; k--) {
		const struct event *e = event_get(h->n->log, k - 1);

		if (e->kind == EV_IRQ_ENTER && e->arg == dev)
			break;
	}
	if (k > 1) {
		str_add(&h->s, "its interrupt arrived before them");
		chain_push(h, k - 1);
	}
	chain_missing(h, f->event, false, "a read of one of the device's registers");
	step_by(h, " read what was there before");
}

/* A sync that breaks a rule by itself. */
void chain_sync(struct chain *h)
{
	if (h->m) {
		str_add(&h->s, "the driver mapped ");
		names_phys(h->n, h->m->pa, h->m->len, h->m->from, &h->s);
		chain_push(h, h->m->from);
	}
	step_access(h, "the kernel did what the sync said");
}

/* Coherent memory by its other address. */
void chain_alias(struct chain *h)
{
	const struct finding *f = h->f;
	u32 w = step_device_write(h, f->event, f->pa, f->n, "");

	step_cached(h, f->event, w ? ": old since then" : "");
	step_by(h, names_is_cpu(h->n, f->party) ? " went through the cache" : " read memory");
}

/* The device's bytes went, under a line that was dirty by a store; or the CPU's went. */
void chain_lost(struct chain *h)
{
	const struct finding *f = h->f;
	const struct event *e = event_get(h->n->log, f->event);
	bool over = e->kind == EV_CLEAN || e->kind == EV_WRITE_BACK || e->kind == EV_DRAIN ||
		    e->kind == EV_DRAIN_EARLY;

	step_given(h, f->event);
	if (over || !names_is_cpu(h->n, f->party))
		step_device_write(h, f->event, f->pa, f->n, "");
	if (over) {
		u32 line = h->n->cfg->hw.line;
		u64 at = align_down(f->pa, line), to = align_up(f->pa + f->n, line);

		step_store(h, f->event, at, to - at, ": the line became dirty");
	} else if (names_is_cpu(h->n, f->party)) {
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
	chain_push(h, f->event);
}

void chain_touched(struct chain *h)
{
	const struct finding *f = h->f;
	bool write = f->id == DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE;

	step_given(h, f->event);
	if (!finding_only_read(h->n, f))
		chain_missing(h, f->event, false, "a call that hands the buffer back");
	step_by(h, write ? " wrote it" : " read it");
}

void chain_by_device(struct chain *h)
{
	const struct event *e = event_get(h->n->log, h->f->event);

	step_given(h, h->f->event);
	str_printf(&h->s, "%s %s it", names_party(h->n, h->f->party),
		   e->kind == EV_DMA_READ ? "read" : "wrote");
	chain_push(h, h->f->event);
}

void chain_leak(struct chain *h)
{
	const struct finding *f = h->f;
	u32 given = step_given(h, f->event);

	if (h->m && h->m->from < f->event) {
		u32 w = events_last(h->n, f->event, EVENT_BIT(DMA_WRITE), ~0u, h->m->pa, h->m->len);

		if (given != h->m->from) {
			str_add(&h->s, "the kernel gave ");
			names_phys(h->n, h->m->pa, h->m->len, h->m->from, &h->s);
			str_printf(&h->s, " to %s, to write", names_device(h->n, h->m->dev));
			chain_push(h, h->m->from);
		}
		str_printf(&h->s, "%s wrote, but not these bytes", names_device(h->n, h->m->dev));
		chain_push(h, w);
	}
	step_by(h, " used bytes that nobody wrote");
}
