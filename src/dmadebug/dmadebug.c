/* SPDX-License-Identifier: MIT */
/*
 * From an event of the API to what kernel/dma/debug.c does in the call: one function for each of
 * its debug_dma_*(). An unmap is looked at after it was done, a list's and a free before, as there.
 */
#include "dmadebug/dmadebug_int.h"

#include "base/bug.h"

void dmadebug_init(struct dmadebug *d, struct world *w, const struct dmadebug_config *cfg,
		   bool state)
{
	enum region_kind kind = state ? REGION_RAW : REGION_UNHASHED;

	*d = (struct dmadebug){.w = w, .cfg = *cfg};
	d->state = world_region(w, "dma-debug", sizeof(struct debug_state), CHUNK, kind, NULL);
	d->heads = world_region(w, "dma-debug hash", HASH_SIZE * sizeof(u32), CHUNK, kind, NULL);
	d->entries = world_region(w, "dma-debug entries", DEBUG_ENTRIES_MAX * sizeof(struct entry),
				  CHUNK, kind, NULL);
	d->line_heads =
	    world_region(w, "dma-debug line hash", LINE_HEADS * sizeof(u32), CHUNK, kind, NULL);
	d->lines =
	    world_region(w, "dma-debug lines", LINES_MAX * sizeof(struct line), CHUNK, kind, NULL);
	d->told = world_region(w, "dma-debug errors", sizeof(struct errors), CHUNK, REGION_UNHASHED,
			       NULL);
	W_SET(w, st(d)->num_errors, 1u);
}

/* dma_debug_init(), after the command line was read. */
void dmadebug_boot(struct dmadebug *d)
{
	u32 asked = d->cfg.entries ? d->cfg.entries : DEBUG_PREALLOC;
	u32 total = (u32)min_u64(align_up(asked, ENTRIES_PER_PAGE), DEBUG_ENTRIES_MAX);
	const struct debug_state *s = st(d);

	W_SET(d->w, s->prealloc, asked);
	if (d->cfg.off) {
		W_SET(d->w, s->disabled, 1u);
		KLOG(d->w, DEBUG_OFF, PARTY_CPU, 0, 0);
		return;
	}
	if (d->cfg.driver && d->cfg.driver[0])
		dmadebug_filter(d, PARTY_CPU, d->cfg.driver, (u32)strlen(d->cfg.driver));
	W_SET(d->w, s->total, total);
	W_SET(d->w, s->num_free, total);
	W_SET(d->w, s->min_free, total);
	if (!d->cfg.asked)
		return;
	if (total >= asked)
		KLOG(d->w, DEBUG_PREALLOCATED, PARTY_CPU, 0, total);
	else
		KLOG(d->w, DEBUG_TOO_MANY, PARTY_CPU, 0, asked, total);
	KLOG(d->w, DEBUG_ENABLED, PARTY_CPU, 0, 0);
}

/* ---- single maps ---- */

static u8 type_of(const struct dmadebug *d, u64 how)
{
	switch ((enum map_how)(how & HOW_MASK)) {
	case HOW_SG:
		return DEBUG_SG;
	case HOW_COHERENT:
		return DEBUG_COHERENT;
	case HOW_NONCOHERENT:
		return DEBUG_NONCOHERENT;
	case HOW_RESOURCE:
		return d->cfg.is_7 ? DEBUG_PHY : DEBUG_RESOURCE;
	default:
		return d->cfg.is_7 ? DEBUG_PHY : DEBUG_SINGLE;
	}
}

/* debug_dma_map_single(): of the pointer, whether the map then succeeds or not. */
static void look_at_pointer(struct dmadebug *d, const struct event *e, u64 how, u64 pa, u64 len)
{
	if ((how & HOW_MASK) != HOW_SINGLE)
		return;
	if ((how & WHERE_MASK) == WHERE_INVALID)
		COMPLAIN(d, e, INVALID, pa != 0, len);
}

/* check_for_stack(), check_for_illegal_area() */
static void look_at_place(struct dmadebug *d, const struct event *e, u64 how, u64 len)
{
	switch ((enum map_where)(how & WHERE_MASK)) {
	case WHERE_STACK:
		COMPLAIN(d, e, STACK, 1);
		break;
	case WHERE_VMAP_STACK:
		COMPLAIN(d, e, VMAP_STACK, 1);
		break;
	case WHERE_TEXT:
		COMPLAIN(d, e, TEXT, 1, len);
		break;
	default:
		break;
	}
}

/* debug_dma_map_page(), 7.1 debug_dma_map_phys(); debug_dma_map_resource() of 6.12 */
static void mapped(struct dmadebug *d, const struct event *e)
{
	u64 how = e->f[6];
	bool resource = (how & HOW_MASK) == HOW_RESOURCE, ram = !(how & WHERE_MASK);
	struct entry n = {.addr = e->f[2],
			  .size = e->f[1],
			  .pa = e->f[0],
			  .attrs = (u32)e->f[5],
			  .dev = e->arg,
			  .type = type_of(d, how),
			  .dir = (u8)e->f[3],
			  .err = ERR_NOT_CHECKED};
	bool mmio = d->cfg.is_7 && (resource || (n.attrs & DEBUG_ATTR_MMIO));
	u32 link;

	if (mmio)
		n.attrs |= DEBUG_ATTR_MMIO;
	look_at_pointer(d, e, how, n.pa, n.size);
	if (n.type != DEBUG_RESOURCE) /* it asks dma_mapping_error(), which marks an older one */
		entry_checked(d, n.dev, n.addr);
	link = entry_alloc(d, e->party, &n);
	if (!link)
		return;
	if (mmio && ram)
		COMPLAIN(d, e, RESOURCE_RAM, n.pa);
	else if (!resource && !mmio)
		look_at_place(d, e, how, n.size);
	add_entry(d, e, link);
}

static void not_mapped(struct dmadebug *d, const struct event *e)
{
	u64 how = e->f[4];
	struct entry n = {.addr = DMA_MAPPING_ERROR,
			  .size = e->f[1],
			  .pa = e->f[0],
			  .attrs = (u32)e->f[3],
			  .dev = e->arg,
			  .type = type_of(d, how),
			  .dir = (u8)e->f[2],
			  .err = ERR_NOT_CHECKED};
	u32 link;

	look_at_pointer(d, e, how, n.pa, n.size);
	if (n.type != DEBUG_RESOURCE) {
		if ((how & WHERE_MASK) != WHERE_VMALLOC) /* then it was not even tried */
			entry_checked(d, n.dev, n.addr);
		return;
	}
	link = entry_alloc(d, e->party, &n);
	if (link)
		add_entry(d, e, link);
}

static void unmapped(struct dmadebug *d, const struct event *e)
{
	struct entry ref = {.addr = e->f[2],
			    .size = e->f[1],
			    .attrs = (u32)e->f[4],
			    .dev = e->arg,
			    .type = type_of(d, e->f[5]),
			    .dir = (u8)e->f[3]};

	if (d->cfg.is_7 && (e->f[5] & HOW_MASK) == HOW_RESOURCE)
		ref.attrs |= DEBUG_ATTR_MMIO;
	check_unmap(d, e, &ref);
}

static void synced(struct dmadebug *d, const struct event *e, bool to_cpu)
{
	struct entry ref = {.addr = e->f[2],
			    .size = e->f[1],
			    .dev = e->arg,
			    .type = DEBUG_SINGLE,
			    .dir = (u8)e->f[3]};

	check_sync(d, e, &ref, to_cpu);
}

/* ---- memory that the call gave ---- */

/* debug_dma_alloc_coherent(), debug_dma_alloc_pages() */
static void allocated(struct dmadebug *d, const struct event *e)
{
	struct entry n = {.addr = e->f[3],
			  .size = e->f[2],
			  .pa = e->f[0],
			  .attrs = (u32)(e->f[5] >> HOW_ATTRS_SHIFT),
			  .dev = e->arg,
			  .type = type_of(d, e->f[5]),
			  .dir = (u8)e->f[6]};
	u32 link;

	if ((e->f[5] & WHERE_MASK) == WHERE_INVALID) /* a cookie, no address */
		return;
	link = entry_alloc(d, e->party, &n);
	if (link)
		add_entry(d, e, link);
}

static void freed(struct dmadebug *d, const struct event *e)
{
	struct entry ref = {.addr = e->f[3],
			    .size = e->f[2],
			    .pa = e->f[0],
			    .attrs = (u32)(e->f[4] >> HOW_ATTRS_SHIFT),
			    .dev = e->arg,
			    .type = type_of(d, e->f[4]),
			    .dir = (u8)e->f[5]};

	if ((e->f[4] & WHERE_MASK) != WHERE_INVALID)
		check_unmap(d, e, &ref);
}

/* ---- lists ---- */

/* check_sg_segment(): length of the list's entry, segment as it was mapped. */
static void look_at_segment(struct dmadebug *d, const struct event *e, u32 length)
{
	u64 boundary = d->cfg.boundary(d->cfg.ctx, e->arg);
	u32 max = d->cfg.max_seg(d->cfg.ctx, e->arg);
	u64 start = e->f[2], end = start + e->f[1] - 1;

	if (!d->cfg.is_7 && !d->cfg.sg)
		return;
	if (length > max)
		COMPLAIN(d, e, SEGMENT_LONG, length, max);
	if ((start ^ end) & ~boundary)
		COMPLAIN(d, e, SEGMENT_BOUNDARY, start, end, boundary);
}

/* Entries that lie on a stack were counted as they were mapped; they are told before all segments.
 */
static void tell_stack(struct dmadebug *d, const struct event *e)
{
	u32 n = st(d)->stack & 0xffff, vmapped = st(d)->stack >> 16;

	W_SET(d->w, st(d)->stack, 0u);
	while (n--)
		COMPLAIN(d, e, STACK, 1);
	while (vmapped--)
		COMPLAIN(d, e, VMAP_STACK, 1);
}

static void list_entry_mapped(struct dmadebug *d, u64 how)
{
	if ((how & WHERE_MASK) == WHERE_STACK)
		W_SET(d->w, st(d)->stack, st(d)->stack + 1);
	else if ((how & WHERE_MASK) == WHERE_VMAP_STACK)
		W_SET(d->w, st(d)->stack, st(d)->stack + (1u << 16));
}

static void segment_mapped(struct dmadebug *d, const struct event *e)
{
	struct entry n = {.addr = e->f[2],
			  .size = e->f[1],
			  .pa = e->f[0],
			  .attrs = (u32)e->f[4],
			  .dev = e->arg,
			  .type = DEBUG_SG,
			  .dir = (u8)e->f[3],
			  .sg_call = (u32)e->f[5],
			  .sg_mapped = (u32)e->f[6]};
	u32 link;

	tell_stack(d, e);
	link = entry_alloc(d, e->party, &n);
	if (!link)
		return;
	look_at_segment(d, e, (u32)(e->f[6] >> 32));
	add_entry(d, e, link);
}

/* get_nr_mapped_entries(), for the first entry of the list */
static void begin_walk(struct dmadebug *d, const struct entry *ref)
{
	u32 link = entry_exact(d, ref);

	W_SET(d->w, st(d)->walk, link ? entry_at(d, link)->sg_mapped : 0);
}

/* A list that is not known is looked at whole. */
static void list_unmapped(struct dmadebug *d, const struct event *e)
{
	struct entry ref = {.addr = e->f[2],
			    .size = e->f[1],
			    .pa = e->f[0],
			    .attrs = (u32)e->f[4],
			    .dev = e->arg,
			    .type = DEBUG_SG,
			    .dir = (u8)e->f[3],
			    .sg_call = (u32)e->f[5]};

	if (!e->f[6])
		begin_walk(d, &ref);
	else if (st(d)->walk && e->f[6] >= st(d)->walk)
		return;
	check_unmap(d, e, &ref);
}

/* A list that is not known is not looked at. */
static void list_synced(struct dmadebug *d, const struct event *e)
{
	struct entry ref = {.addr = e->f[2],
			    .size = e->f[1],
			    .pa = e->f[0],
			    .dev = e->arg,
			    .type = DEBUG_SG,
			    .dir = (u8)e->f[3],
			    .sg_call = (u32)e->f[4]};

	if (!e->f[5])
		begin_walk(d, &ref);
	if (e->f[5] < st(d)->walk)
		check_sync(d, e, &ref, e->f[6] != 0);
}

/* ---- unbinding ---- */

/* device_dma_allocations(): how many, and the last one in the order of the hash. */
static void unbound(struct dmadebug *d, const struct event *e)
{
	const struct entry *last = NULL;
	u32 n = 0;

	if (!d->cfg.dev[e->arg].reports_leaks)
		return;
	for (u32 i = 0; i < HASH_SIZE; i++)
		for (u32 link = *bucket(d, i); link; link = entry_at(d, link)->next)
			if (entry_at(d, link)->dev == e->arg) {
				last = entry_at(d, link);
				n++;
			}
	if (last)
		COMPLAIN(d, e, LEAK, n, last->addr, last->size, last->dir, last->type);
}

/* ---- which ---- */

static bool is_list(u64 how)
{
	return (how & HOW_MASK) == HOW_SG;
}

/* Memory that the driver hangs into an IOVA range by itself is not recorded. */
static bool is_iova(u64 how)
{
	return (how & HOW_MASK) == HOW_IOVA;
}

static void list_event(struct dmadebug *d, const struct event *e)
{
	if (e->kind == EV_SG_MAP)
		segment_mapped(d, e);
	else if (e->kind == EV_SG_UNMAP)
		list_unmapped(d, e);
	else
		list_synced(d, e);
}

static void single_event(struct dmadebug *d, const struct event *e, u64 how)
{
	if (is_iova(how))
		return;
	if (is_list(how)) { /* events for others, but that the list's stack is known by */
		if (e->kind == EV_MAP)
			list_entry_mapped(d, how);
		else
			W_SET(d->w, st(d)->stack, 0u);
		return;
	}
	if (e->kind == EV_MAP)
		mapped(d, e);
	else if (e->kind == EV_MAP_FAIL)
		not_mapped(d, e);
	else
		unmapped(d, e);
}

void dmadebug_event(void *ctx, struct world *w, const struct event *e)
{
	struct dmadebug *d = ctx;

	(void)w;
	if (st(d)->disabled)
		return;
	switch (e->kind) {
	case EV_MAP:
		single_event(d, e, e->f[6]);
		break;
	case EV_MAP_FAIL:
		single_event(d, e, e->f[4]);
		break;
	case EV_UNMAP:
		single_event(d, e, e->f[5]);
		break;
	case EV_MAP_CHECK:
		entry_checked(d, e->arg, e->f[0]);
		break;
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE:
		if (!is_list(e->f[4]) && !is_iova(e->f[4]))
			synced(d, e, e->kind == EV_SYNC_CPU);
		break;
	case EV_COHERENT_ALLOC:
		allocated(d, e);
		break;
	case EV_COHERENT_FREE:
		freed(d, e);
		break;
	case EV_SG_MAP:
	case EV_SG_UNMAP:
	case EV_SG_SYNC:
		list_event(d, e);
		break;
	case EV_UNBIND:
		unbound(d, e);
		break;
	default:
		break;
	}
}
