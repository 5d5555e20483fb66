/* SPDX-License-Identifier: MIT */
/* What to write instead, and how it came to this, for the findings of report/told.c. */
#include <string.h>

#include "core/addr.h"
#include "report/narrate.h"
#include "report/told.h"

static const char *unmap_name(const struct names *n, const struct named_map *m)
{
	const char *text = m ? names_stmt(n, m->stmt)->text : NULL;

	return text && strstr(text, "dma_map_page") ? "dma_unmap_page" : "dma_unmap_single";
}

/* dma_free_coherent(dev, size, pointer, handle) of what the finding is about. */
static void free_call(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_buffer *b = names_buffer(n, f->pa, f->event);
	const char *text = b ? names_stmt(n, b->stmt)->text : NULL;
	struct str dev = {0}, size = {0};

	if (b && b->coherent && b->handle[0] && !strchr(b->name, '#') &&
	    names_argument(text, "dma_alloc_", 0, &dev) &&
	    names_argument(text, "dma_alloc_", 1, &size))
		str_printf(out, "dma_free_coherent(%s, %s, %s, %s);", str_get(&dev), str_get(&size),
			   b->name, b->handle);
	str_free(&dev);
	str_free(&size);
}

/* readl() of the register that the write was for which is still on its way. */
static void read_back(const struct names *n, const struct finding *f, struct str *out)
{
	const char *text = names_stmt(n, f->writer_stmt)->text;
	struct str reg = {0};

	if (f->writer_stmt && names_argument(text, "write", 1, &reg))
		str_printf(out, "readl(%s);", str_get(&reg));
	str_free(&reg);
}

/* The kernel did not agree to the mask of that statement. */
static bool refused(const struct names *n, u32 stmt)
{
	for (u32 k = n->log->n; k > 0; k--) {
		const struct event *e = event_get(n->log, k);

		if (e->kind == EV_SET_MASK && e->stmt == stmt)
			return e->f[2] != 0;
	}
	return false;
}

static void mask_call(struct fix *x, const struct names *n, const struct finding *f)
{
	const char *text = names_stmt(n, f->stmt)->text;
	bool is_mask = text && strstr(text, "_mask");

	if (refused(n, f->stmt)) {
		str_clear(&x->words);
		str_add(&x->words, "The kernel refused the mask: end the probe with its error.");
		return;
	}
	if (!f->dev || (f->severity == SEVERITY_VIOLATION && f->id == DIAG_MASK_NOT_SET))
		return;
	if (!is_mask && !(text && strstr(text, "dma_map_")))
		return; /* a register write, or the device's own statement */
	str_printf(&x->call, "dma_set_mask_and_coherent(%s, DMA_BIT_MASK(%u));",
		   names_device(n, f->dev - 1), n->cfg->hw.dev[f->dev - 1].address_bits);
	fix_place(x, n, is_mask ? "instead of" : "before", f->stmt);
}

void told_fix(struct fix *x, const struct names *n, const struct finding *f)
{
	const struct named_map *m = told_map(n, f);
	const char *side = "before";
	u32 stmt = f->stmt;

	switch ((enum diag_id)f->id) {
	case DIAG_MISSING_MMIO_READBACK:
		read_back(n, f, &x->call);
		break;
	case DIAG_MAP_ERROR_UNCHECKED:
		if (names_stmt(n, stmt)->target && f->dev)
			str_printf(&x->call, "if (dma_mapping_error(%s, %s)) return -ENOMEM;",
				   names_device(n, f->dev - 1), names_stmt(n, stmt)->target);
		side = "behind";
		break;
	case DIAG_FREE_WHILE_MAPPED:
		fix_call(n, m, unmap_name(n, m), &x->call);
		break;
	case DIAG_UNMAP_SIZE_MISMATCH:
	case DIAG_UNMAP_DIRECTION_MISMATCH:
		fix_call(n, m, unmap_name(n, m), &x->call);
		side = "instead of";
		break;
	case DIAG_MAPPING_LEAK:
		if (m)
			fix_call(n, m, unmap_name(n, m), &x->call);
		else
			free_call(n, f, &x->call);
		if (x->call.n)
			str_add(&x->where, "on every way out");
		return;
	case DIAG_COHERENT_FREE_MISMATCH:
		free_call(n, f, &x->call);
		side = "instead of";
		break;
	case DIAG_MASK_NOT_SET:
	case DIAG_MASK_TRUNCATION:
		mask_call(x, n, f);
		return;
	case DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION:
		if (!m || !m->name[0])
			return;
		str_clear(&x->words);
		str_printf(&x->words, "Give %s the handle %s.", names_device(n, m->dev), m->name);
		return;
	default:
		return;
	}
	if (x->call.n)
		fix_place(x, n, side, stmt);
}

/* ---- the chain ---- */

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
	bool read = e->kind == EV_DMA_READ || (e->kind == EV_DMA_ABORT && !e->f[2]);

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

static void posted(struct chain *h, const struct named_map *m)
{
	u32 k = last_of_stmt(h, EV_MMIO_WRITE, h->f->writer_stmt);
	u32 end = unmapped(h, m);

	if (h->f->writer_stmt && k) {
		str_add(&h->s, "the driver wrote a register; the write is on its way");
		chain_push(h, k);
	}
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
	if (h->f->id == DIAG_MISSING_MMIO_READBACK || h->f->id == DIAG_DEVICE_ACCESS_AFTER_UNMAP)
		ended(h, m);
	if (h->f->id == DIAG_FREE_WHILE_MAPPED) {
		str_add(&h->s, "the driver freed it");
		chain_push(h, last_of_stmt(h, EV_FREE, h->f->stmt));
	}
	if (h->f->id == DIAG_MAP_ERROR_UNCHECKED && !m) {
		str_add(&h->s, "the map failed: the handle is DMA_MAPPING_ERROR");
		chain_push(h, last_of_stmt(h, EV_MAP_FAIL, h->f->stmt));
	}
	told_it(h);
	device_came(h);
}

void told_chain(struct chain *h)
{
	const struct event *e = event_get(h->n->log, h->f->event);
	const struct named_map *m = told_map(h->n, h->f);
	bool dma = e->kind == EV_DMA_READ || e->kind == EV_DMA_WRITE || e->kind == EV_DMA_ABORT;

	switch ((enum diag_id)h->f->id) {
	case DIAG_TORN_STORE:
		torn(h);
		return;
	case DIAG_ALLOC_SLEEP_IN_ATOMIC:
	case DIAG_FREE_COHERENT_ATOMIC:
		not_to_sleep(h);
		return;
	case DIAG_MAPPING_LEAK: /* the last event has nothing to do with it */
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
