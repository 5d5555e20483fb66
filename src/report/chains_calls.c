/* SPDX-License-Identifier: MIT */
/*
 * The chain of causes of findings about calls, addresses and context: those whose sentences are in
 * report/sentence_calls.c. The chains of old and lost bytes are in report/chains.c.
 */
#include "core/addr.h"
#include "report/cause_int.h"

static void mapped(struct chain *h, const struct named_map *m)
{
	if (!m)
		return;
	str_add(&h->s, "the kernel gave ");
	names_phys(h->n, m->pa, m->len, m->from, &h->s);
	str_printf(&h->s, " to %s, %s", names_device(h->n, m->dev), names_rights(m->dir));
	chain_push(h, m->from);
}

static u32 last_of_stmt(const struct chain *h, u32 kind, u32 stmt)
{
	for (u32 k = h->f->event + 1; k-- > 1;) {
		const struct event *e = event_get(h->n->log, k);

		if (e->kind == kind && e->stmt == stmt)
			return k;
	}
	return 0;
}

/* The last event of a kind before number k, 0: none; of an exit the entry is one behind. */
static u32 last_of_kind(const struct chain *h, u32 kind, u32 k)
{
	while (k-- > 1)
		if (event_get(h->n->log, k)->kind == kind)
			return k;
	return 1;
}

/* The event that ended the mapping; 0: none did before the finding. */
static u32 unmapped(const struct chain *h, const struct named_map *m)
{
	return m && h->f->dev
		   ? events_last_of(h->n, h->f->event, EV_UNMAP, h->f->dev - 1, 2, m->bus)
		   : 0;
}

static void ended(struct chain *h, const struct named_map *m)
{
	u32 k = unmapped(h, m);

	if (!k)
		return;
	str_add(&h->s, "the driver unmapped it");
	chain_push(h, k);
}

static void device_came(struct chain *h)
{
	const struct event *e = event_get(h->n->log, h->f->event);
	bool nowhere = e->kind == EV_DMA_ABORT || e->kind == EV_IOMMU_FAULT;
	bool read = e->kind == EV_DMA_READ || (nowhere && !e->f[2]);

	str_printf(&h->s, "%s %s bus 0x%llx", names_party(h->n, h->f->party),
		   read ? "read" : "wrote", (unsigned long long)e->f[0]);
	chain_push(h, h->f->event);
}

/* A register write that told the device what this is about, and one that is not there yet. */
static void told_it(struct chain *h)
{
	u32 k = last_of_stmt(h, EV_MMIO_WRITE, h->f->stmt);

	if (!k)
		return;
	str_printf(&h->s, "the driver wrote 0x%llx to %s's register 0x%02llx",
		   (unsigned long long)event_get(h->n->log, k)->f[1],
		   names_device(h->n, event_get(h->n->log, k)->arg),
		   (unsigned long long)event_get(h->n->log, k)->f[0]);
	chain_push(h, k);
}

/* A write through another window came first, and the device acted on it. */
static void passed(struct chain *h)
{
	u32 k = last_of_stmt(h, EV_MMIO_WRITE, h->f->stmt);

	chain_missing(h, k ? k : h->f->event, false, "a read through the same window");
	if (k) {
		str_add(&h->s, "the driver wrote another register; that has arrived");
		chain_push(h, k);
	}
	str_printf(&h->s, "%s read the first one as it was", names_party(h->n, h->f->party));
	chain_push(h, h->f->event);
}

static void posted(struct chain *h, const struct named_map *m)
{
	u32 k = last_of_stmt(h, EV_MMIO_WRITE, h->f->writer_stmt);
	u32 end = unmapped(h, m);

	if (h->f->writer_stmt && k) {
		str_add(&h->s, "the driver wrote a register; the write is on its way");
		chain_push(h, k);
	}
	if (h->f->index)
		passed(h);
	if (end)
		chain_missing(h, end, false, "a read from the device, which waits for it");
}

static void leaked_bytes(struct chain *h)
{
	const struct named_buffer *b = names_buffer(h->n, h->f->pa, h->f->event);

	if (!b)
		return;
	str_add(&h->s, "the kernel gave the driver memory, as it was");
	chain_push(h, b->from);
}

static void torn(struct chain *h)
{
	u32 w = events_last(h->n, h->f->event + 1, events_kinds_stores(), ~0u, h->f->pa, h->f->n);

	str_add(&h->s, "the CPU stored to it");
	chain_push(h, w);
	if (event_get(h->n->log, h->f->event)->kind == EV_DMA_READ)
		device_came(h);
}

/* What made the context one that may not sleep. */
static void not_to_sleep(struct chain *h)
{
	for (u32 k = h->f->event; k > 0; k--) {
		const struct event *e = event_get(h->n->log, k);

		if (e->kind == EV_IRQ_EXIT)
			k = last_of_kind(h, EV_IRQ_ENTER, k);
		if (e->kind != EV_IRQ_ENTER && !(e->kind == EV_IRQ_MASK && e->f[0]))
			continue;
		str_add(&h->s, e->kind == EV_IRQ_ENTER ? "the handler begins"
						       : "the driver turned interrupts off");
		chain_push(h, k);
		return;
	}
}

static void by_access(struct chain *h, const struct named_map *m)
{
	if (h->f->id == DIAG_MISSING_MMIO_READBACK || h->f->id == DIAG_DEVICE_ACCESS_AFTER_UNMAP ||
	    h->f->id == DIAG_IOMMU_LAZY_WINDOW)
		ended(h, m);
	if (h->f->id == DIAG_DEVICE_ACCESS_AFTER_UNMAP && !m) { /* its end is its free */
		str_add(&h->s, "the driver freed the coherent memory there");
		chain_push(h, last_of_stmt(h, EV_COHERENT_FREE, h->f->stmt));
	}
	if (h->f->id == DIAG_FREE_WHILE_MAPPED) {
		str_add(&h->s, "the driver freed it");
		chain_push(h, last_of_stmt(h, EV_FREE, h->f->stmt));
	}
	if (h->f->id == DIAG_MAP_ERROR_UNCHECKED && !m) {
		str_add(&h->s, "the map failed: the handle is DMA_MAPPING_ERROR");
		chain_push(h, last_of_stmt(h, EV_MAP_FAIL, h->f->stmt));
	}
	if (h->f->id == DIAG_POOL_USE_AFTER_FREE) {
		str_add(&h->s, "the driver gave it back to its pool");
		chain_push(h, last_of_stmt(h, EV_POOL_FREE, h->f->stmt));
	}
	told_it(h);
	device_came(h);
}

void chain_of_call(struct chain *h)
{
	const struct event *e = event_get(h->n->log, h->f->event);
	const struct named_map *m = finding_map_made(h->n, h->f);
	bool dma = e->kind == EV_DMA_READ || e->kind == EV_DMA_WRITE || e->kind == EV_DMA_ABORT ||
		   e->kind == EV_IOMMU_FAULT;

	switch ((enum diag_id)h->f->id) {
	case DIAG_TORN_STORE:
		torn(h);
		return;
	case DIAG_ALLOC_SLEEP_IN_ATOMIC:
	case DIAG_FREE_COHERENT_ATOMIC:
		not_to_sleep(h);
		return;
	case DIAG_MAPPING_LEAK: /* the last event has nothing to do with it */
		if (h->f->map)
			mapped(h, m);
		return;
	case DIAG_INFO_LEAK_TO_DEVICE:
		leaked_bytes(h);
		break;
	case DIAG_MISSING_MMIO_READBACK:
		posted(h, m);
		break;
	case DIAG_DOUBLE_UNMAP:
		ended(h, m);
		break;
	default:
		break;
	}
	mapped(h, m);
	if (dma) {
		by_access(h, m);
	} else if (e->kind == EV_UNMAP) {
		str_add(&h->s, "the driver unmapped it");
		chain_push(h, h->f->event);
	} else if (e->kind == EV_FREE) {
		str_add(&h->s, "the driver freed it");
		chain_push(h, h->f->event);
	}
}
