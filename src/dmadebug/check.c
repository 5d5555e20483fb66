/* SPDX-License-Identifier: MIT */
/* What is compared: check_unmap(), check_sync(), add_dma_entry() of kernel/dma/debug.c. */
#include "dmadebug/dmadebug_int.h"

/* DMA_ATTR_UNMAP_VALID, 7.1: attributes that must be the same at the map and at the unmap. */
static const u32 attrs_kept = DEBUG_ATTR_NO_KERNEL_MAPPING | DEBUG_ATTR_FORCE_CONTIGUOUS |
			      DEBUG_ATTR_MMIO | DEBUG_ATTR_REQUIRE_COHERENT |
			      DEBUG_ATTR_PRIVILEGED | DEBUG_ATTR_CC_SHARED;

/* No entry, or several that fit equally badly. Asking whether the address is an error counts as the
 * driver's own check of it. */
static void unknown(struct dmadebug *d, const struct event *e, const struct entry *ref)
{
	entry_checked(d, ref->dev, ref->addr);
	if (ref->addr == DMA_MAPPING_ERROR)
		COMPLAIN(d, e, FREE_INVALID, 0);
	else
		COMPLAIN(d, e, FREE_UNKNOWN, ref->addr, ref->size);
}

static void compare_kind(struct dmadebug *d, const struct event *e, const struct entry *ref,
			 const struct entry *was)
{
	bool memory = was->type == DEBUG_COHERENT || was->type == DEBUG_NONCOHERENT;

	if (ref->type != was->type)
		COMPLAIN(d, e, FREE_FUNCTION, ref->addr, ref->size, was->type, ref->type);
	else if (memory && ref->pa != was->pa)
		COMPLAIN(d, e, FREE_ADDRESS, ref->addr, ref->size, was->pa, ref->pa);
	if (ref->sg_call && ref->type == DEBUG_SG && ref->sg_call != was->sg_call)
		COMPLAIN(d, e, FREE_ENTRIES, was->sg_call, ref->sg_call);
}

void check_unmap(struct dmadebug *d, const struct event *e, const struct entry *ref)
{
	u32 link = entry_exact(d, ref);
	const struct entry *was;

	if (!link) {
		unknown(d, e, ref);
		return;
	}
	was = entry_at(d, link);
	if (ref->size != was->size)
		COMPLAIN(d, e, FREE_SIZE, ref->addr, was->size, ref->size);
	compare_kind(d, e, ref, was);
	if (ref->dir != was->dir)
		COMPLAIN(d, e, FREE_DIRECTION, ref->addr, ref->size, was->dir, ref->dir);
	if (was->err == ERR_NOT_CHECKED)
		COMPLAIN(d, e, UNCHECKED, ref->addr, ref->size, was->type);
	if (d->cfg.is_7 && (ref->attrs & attrs_kept) != (was->attrs & attrs_kept))
		COMPLAIN(d, e, FREE_ATTRS, ref->addr, ref->size, was->attrs, ref->attrs);
	entry_unhash(d, link);
	entry_free(d, link);
}

void check_sync(struct dmadebug *d, const struct event *e, const struct entry *ref, bool to_cpu)
{
	u32 link = entry_containing(d, ref);
	const struct entry *was;

	if (!link) {
		COMPLAIN(d, e, SYNC_UNKNOWN, ref->addr, ref->size);
		return;
	}
	was = entry_at(d, link);
	if (ref->size > was->size) /* only where the end of the range wraps around */
		COMPLAIN(d, e, SYNC_RANGE, was->addr, was->size, ref->size);
	if (was->dir == DMA_BIDIRECTIONAL)
		return;
	if (ref->dir != was->dir)
		COMPLAIN(d, e, SYNC_DIRECTION, ref->addr, was->size, was->dir, ref->dir);
	if (to_cpu && was->dir != DMA_FROM_DEVICE && ref->dir != DMA_TO_DEVICE)
		COMPLAIN(d, e, SYNC_READ_ONLY, ref->addr, was->size, was->dir, ref->dir);
	if (!to_cpu && was->dir != DMA_TO_DEVICE && ref->dir != DMA_FROM_DEVICE)
		COMPLAIN(d, e, SYNC_WRITE_ONLY, ref->addr, was->size, was->dir, ref->dir);
	if (ref->sg_call && ref->type == DEBUG_SG && ref->sg_call != was->sg_call)
		COMPLAIN(d, e, SYNC_ENTRIES, was->sg_call, ref->sg_call);
}

/* Where overlaps are not told of: the caller takes care of caches, or small buffers may bounce. */
static bool overlap_allowed(const struct dmadebug *d, u32 attrs, bool first_clean)
{
	if (attrs & DEBUG_ATTR_SKIP_CPU_SYNC)
		return true;
	if (d->cfg.is_7 && line_clean(attrs) && first_clean)
		return true;
	if (d->cfg.is_7 && d->cfg.cache_alignment < d->cfg.l1_cache_bytes)
		return true;
	return d->cfg.kmalloc_bounce && d->cfg.pool_active;
}

void add_entry(struct dmadebug *d, const struct event *e, u32 link)
{
	const struct entry *n = entry_at(d, link);
	bool clean;

	entry_hash(d, link);
	switch (line_insert(d, e->party, n, &clean)) {
	case LINE_NEW:
		break;
	case LINE_NO_MEMORY:
		KLOG(d->w, DEBUG_LINES_FULL, e->party, 0, 0);
		W_SET(d->w, st(d)->disabled, 1u);
		break;
	case LINE_OVERLAP:
		if (!overlap_allowed(d, n->attrs, clean))
			COMPLAIN(d, e, OVERLAP, 0);
		break;
	}
}
