/* SPDX-License-Identifier: MIT */
/* The sentences of findings about DMA pools, memory of dma_alloc_pages(), and warnings. */
#include "core/klog.h"
#include "report/cause_int.h"
#include "report/narrate.h"

static void line_of(const struct names *n, u32 stmt, struct str *out)
{
	if (names_line(n, stmt))
		str_printf(out, " on line %u", names_line(n, stmt));
}

/* The block's name; what stands for it if no variable has it. */
static void block(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_buffer *b = names_block(n, f->pa, f->event);

	if (b)
		names_short(b->name, out);
	else
		str_add(out, "a block");
}

void sentence_block_used(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_get(n->log, f->event);
	bool dma = e->kind == EV_DMA_READ || e->kind == EV_DMA_WRITE || e->kind == EV_DMA_ABORT;
	bool read = e->kind == EV_DMA_READ || event_info(e->kind)->name[0] == 'l';

	if (dma)
		names_short(names_device(n, f->dev - 1), out);
	else
		str_add(out, names_subject(n, f->party));
	str_add(out, read ? " reads " : " writes ");
	narrate_count(f->n, "byte", out);
	str_printf(out, " at byte %u of ", f->off);
	block(n, f, out);
	str_add(out, ", which was given back to its pool");
	if (f->stmt != f->at_stmt)
		line_of(n, f->stmt, out);
	str_add(out, read ? "." : ": it holds the kernel's list.");
}

void sentence_block_twice(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_get(n->log, f->event);

	block(n, f, out);
	if (f->severity != SEVERITY_CORRUPTION) {
		str_add(out, " is given back, and is free already.");
		return;
	}
	str_add(out, " is given out a second time");
	line_of(n, e->stmt, out);
	str_add(out, ": the list had it twice.");
}

void sentence_pool_busy(const struct names *n, const struct finding *f, struct str *out)
{
	block(n, f, out);
	str_add(out, " is still out when its pool is destroyed.");
}

bool sentence_of_block(const struct names *n, const struct finding *f, struct str *out)
{
	const char *text = names_stmt(n, f->stmt)->text;
	struct str arg = {0};
	bool pool = text && names_argument(text, "dma_pool_free", 0, &arg);

	str_free(&arg);
	if (!pool)
		return false;
	if (f->pa == ~0ull || !names_block(n, f->pa, f->event)) {
		str_add(out, "That is no block of the pool.");
		return true;
	}
	block(n, f, out);
	str_add(out, " is given back with another handle, or to another pool, than it came from.");
	return true;
}

void sentence_unsynced(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_get(n->log, f->event);

	names_short(f->dev ? names_device(n, f->dev - 1) : "The device", out);
	str_add(out, e->kind == EV_DMA_READ ? " reads " : " writes ");
	narrate_count(f->n, "byte", out);
	str_add(out, " at ");
	names_byte(n, f->pa, f->event, out);
	str_add(out, " that no dma_sync_single_for_device() has handed over yet.");
}

void sentence_warned(const struct names *n, const struct finding *f, struct str *out)
{
	(void)n;
	str_printf(out, "The kernel warns: %s.", klog_report((enum klog_id)f->index));
}
