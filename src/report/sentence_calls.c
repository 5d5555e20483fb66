/* SPDX-License-Identifier: MIT */
/*
 * The sentences of findings about calls, addresses and context: what a call breaks by itself, and
 * accesses of devices to what is not mapped for them. The others are in report/sentence.c.
 */
#include <string.h>

#include "core/addr.h"
#include "core/maphow.h"
#include "engine/calls.h"
#include "report/cause_int.h"
#include "report/narrate.h"

static const struct event *event_of(const struct names *n, const struct finding *f)
{
	return f->event && f->event <= n->log->n ? event_get(n->log, f->event) : NULL;
}

static bool by_dma(const struct event *e)
{
	return e && (e->kind == EV_DMA_READ || e->kind == EV_DMA_WRITE || e->kind == EV_DMA_ABORT ||
		     e->kind == EV_IOMMU_FAULT);
}

static const char *device(const struct names *n, const struct finding *f)
{
	return f->dev ? names_device(n, f->dev - 1) : "the device";
}

static void handle(const struct named_map *m, struct str *out)
{
	if (m && m->name[0])
		names_short(m->name, out);
	else
		str_add(out, "the handle");
}

static void buffer(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_buffer *b = names_buffer(n, f->pa, f->event);

	if (b)
		names_short(b->name, out);
	else
		str_add(out, "the memory");
}

static void place(const struct names *n, const struct finding *f, struct str *out)
{
	narrate_count(f->n, "byte", out);
	str_add(out, " at ");
	names_byte(n, f->pa, f->event, out);
}

/* "nic reads 4 bytes at buf+00" or "nic reads at bus 0x1000, where nothing answers" */
static void access(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);
	bool nowhere = e->kind == EV_DMA_ABORT || e->kind == EV_IOMMU_FAULT;
	bool read = e->kind == EV_DMA_READ || (nowhere && !e->f[2]);

	if (e->kind == EV_IOMMU_FAULT) {
		str_printf(out, "The IOMMU stops %s's %s bus 0x%llx", device(n, f),
			   read ? "read of" : "write to", (unsigned long long)e->f[0]);
		return;
	}
	names_short(device(n, f), out);
	str_add(out, read ? " reads " : " writes ");
	if (nowhere)
		str_printf(out, "bus 0x%llx, where nothing answers", (unsigned long long)e->f[0]);
	else
		place(n, f, out);
}

/* ---- addresses ---- */

/* Behind whose end the device went on; false: behind nothing's. */
static bool behind(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);

	for (u32 i = n->maps.n; i-- > 0;) {
		const struct named_map *m = &n->maps.v[i];
		u64 past = e->f[0] - (m->bus + m->len);

		if (m->dev + 1u != f->dev || m->from > f->event || past >= 4096)
			continue;
		str_add(out, ": ");
		if (past)
			narrate_count(past, "byte", out);
		str_add(out, past ? " behind the end of " : "right behind the end of ");
		handle(m, out);
		str_printf(out, ", which has %llu.", (unsigned long long)m->len);
		return true;
	}
	return false;
}

static void outside(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_map *m = f->map_stmt ? finding_map_made(n, f) : NULL;

	access(n, f, out);
	if (m) {
		str_add(out, ": mapped as ");
		handle(m, out);
		str_add(out, ", but behind the end of the memory that it begins in.");
	} else if (!behind(n, f, out)) {
		str_add(out, ", which nobody mapped for it.");
	}
}

static u32 bits_of(u64 mask)
{
	u32 n = 0;

	while (n < 64 && mask >> n)
		n++;
	return n;
}

static void truncation(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);
	u32 wires = f->dev ? n->cfg->hw.dev[f->dev - 1].address_bits : 64;
	const struct named_map *m = finding_map_made(n, f);

	if (e && e->kind == EV_SET_MASK) {
		str_printf(out, "The mask has %u bits, and %s has %u address lines.",
			   bits_of(e->f[0]), device(n, f), wires);
		return;
	}
	access(n, f, out);
	str_add(out, ": the address of ");
	if (m)
		handle(m, out);
	else
		str_add(out, "its memory");
	if (m && m->bus >> 32 && e->f[0] <= 0xffffffff)
		str_add(out, " without its upper 32 bits.");
	else
		str_printf(out, ", cut to the %u bits that its wires have.", wires);
}

static void physical(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_map *m = finding_map_made(n, f);

	access(n, f, out);
	str_add(out, ": it was given the address that the CPU uses, not ");
	if (m)
		handle(m, out);
	else
		str_add(out, "the handle");
	str_add(out, f->index ? ", and the page is private." : ".");
}

static void unasked(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);
	const struct named_map *m = finding_map_made(n, f);

	if (!m) {
		access(n, f, out);
		str_add(out, ": the map had failed, and nobody asked.");
		return;
	}
	if (by_dma(e)) {
		names_short(device(n, f), out);
		str_add(out, " comes through ");
		handle(m, out);
	} else {
		handle(m, out);
		str_add(out, " is unmapped");
	}
	str_add(out, ", and nobody has asked whether the map was good.");
}

static void freed(const struct names *n, const struct finding *f, struct str *out)
{
	if (by_dma(event_of(n, f))) {
		access(n, f, out);
		str_add(out, ", which were freed while they were mapped.");
		return;
	}
	buffer(n, f, out);
	str_printf(out, " is freed while it is mapped for %s.", device(n, f));
}

/* ---- unmaps ---- */

static void fits_not(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);
	const struct named_map *m = finding_map_made(n, f);

	if (!m || !e || e->kind != EV_UNMAP) {
		str_add(out, diag_info(f->id)->effect);
		return;
	}
	handle(m, out);
	if (f->id == DIAG_UNMAP_SIZE_MISMATCH)
		str_printf(out, " was mapped with %llu bytes, and is unmapped with %llu.",
			   (unsigned long long)m->len, (unsigned long long)e->f[1]);
	else
		str_printf(out, " was mapped %s, and is unmapped %s.", names_direction(m->dir),
			   names_direction(e->f[3]));
}

/* The allocation that the memory at pa comes from, before event at; NULL: it is not known. */
static const struct event *allocation(const struct names *n, u64 pa, u32 at)
{
	for (u32 i = at; i-- > 1;) {
		const struct event *e = event_get(n->log, i);

		if (e && e->kind == EV_COHERENT_ALLOC && e->f[0] == pa)
			return e;
	}
	return NULL;
}

static void freed_otherwise(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f), *a = allocation(n, f->pa, f->event);
	const struct named_buffer *b = names_buffer(n, f->pa, f->event);

	if (sentence_of_block(n, f, out))
		return;
	if (!a || !e || e->kind != EV_COHERENT_FREE) {
		str_add(out, diag_info(f->id)->effect);
		return;
	}
	str_add(out, b ? b->name : "The memory");
	if (!b && (e->f[4] & FOR_MASK) == FOR_DEVRES)
		str_add(out, " is managed: it is freed again when the driver leaves.");
	else if (!b)
		str_add(out, " is freed, and is free already.");
	else if (a->f[2] != e->f[2])
		str_printf(out, " was allocated with %llu bytes, and is freed with %llu.",
			   (unsigned long long)a->f[2], (unsigned long long)e->f[2]);
	else if (a->arg != e->arg)
		str_printf(out, " was allocated for %s, and is freed for %s.",
			   names_device(n, a->arg), names_device(n, e->arg));
	else
		str_add(out, " is freed with another handle than it was given with.");
}

static void never(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);
	const struct named_map *m = NULL;

	if (!e || e->kind != EV_UNMAP) {
		str_add(out, diag_info(f->id)->effect);
		return;
	}
	for (u32 i = n->maps.n; i-- > 0 && !m;)
		if (n->maps.v[i].bus == e->f[2] && n->maps.v[i].from <= f->event)
			m = &n->maps.v[i];
	if (m && m->name[0])
		handle(m, out);
	else
		str_printf(out, "0x%llx", (unsigned long long)e->f[2]);
	str_printf(out, " is unmapped for %s, which has no mapping of that handle.", device(n, f));
}

/* ---- memory, context, the rest ---- */

static void illegal(const struct names *n, const struct finding *f, struct str *out)
{
	static const struct {
		u8 id;
		const char *what;
	} kinds[] = {
	    {DIAG_MAP_ILLEGAL_MEMORY_STACK, "lies on the stack"},
	    {DIAG_MAP_ILLEGAL_MEMORY_VMALLOC, "is memory of vmalloc()"},
	    {DIAG_MAP_ILLEGAL_MEMORY_TEXT, "is part of the kernel's image"},
	    {DIAG_MAP_ILLEGAL_STATIC_OR_KMAP, "is static data of a module"},
	    {DIAG_MAP_COHERENT_AS_STREAMING, "is coherent memory"},
	};

	if (f->id == DIAG_MAP_ILLEGAL_STATIC_OR_KMAP && !f->alloc) {
		str_printf(out,
			   "phys 0x%llx is mapped for DMA: it is no memory, but what the map's "
			   "arithmetic makes of another address.",
			   (unsigned long long)f->pa);
		return;
	}
	buffer(n, f, out);
	for (u32 i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].id == f->id)
			str_printf(out, " %s, and is mapped for DMA.", kinds[i].what);
}

/* Whether a handler runs at the finding's event: else interrupts are off. */
static bool in_handler(const struct names *n, const struct finding *f)
{
	for (u32 k = f->event; k > 0; k--) {
		u8 kind = event_get(n->log, k)->kind;

		if (kind == EV_IRQ_ENTER || kind == EV_IRQ_EXIT)
			return kind == EV_IRQ_ENTER;
	}
	return false;
}

static void context(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);
	bool call = e && e->kind == EV_CALL && e->stmt == f->stmt && e->f[0] < CALL_COUNT;

	str_printf(out, "%s() ", call ? call_info((enum call_id)e->f[0])->name : "wait_event");
	str_add(out, f->id == DIAG_FREE_COHERENT_ATOMIC ? "is called " : "may sleep, ");
	if (f->id == DIAG_ALLOC_SLEEP_IN_ATOMIC)
		str_add(out, "and is called ");
	str_add(out, in_handler(n, f) ? "in a handler." : "with interrupts off.");
}

static void left(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_map *m = finding_map_made(n, f);

	if (m && f->map) { /* else what was mapped of coherent memory is another matter */
		handle(m, out);
		str_printf(out, " is still mapped for %s when the driver is done.", device(n, f));
	} else {
		buffer(n, f, out);
		str_add(out, ", coherent memory, is there still when the driver is done.");
	}
}

/* The coherent mask of the finding's device when it happened; 0: unset. */
static u64 coherent_mask(const struct names *n, const struct finding *f)
{
	const struct linux_device_config *d = &n->cfg->lx.dev[f->dev - 1];

	for (u32 k = f->event; k-- > 1;) {
		const struct event *e = event_get(n->log, k);

		if (e->kind == EV_SET_MASK && e->arg + 1u == f->dev && e->f[1] && !e->f[2])
			return e->f[0];
	}
	return d->coherent_mask || d->no_coherent_mask ? d->coherent_mask : 0xffffffff;
}

static void mask_missing(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);
	bool failed;

	if (e && e->kind == EV_KERNEL_LOG) {
		str_printf(out, "Nobody has set a coherent mask for %s: the kernel warns.",
			   device(n, f));
		return;
	}
	if (e && e->kind == EV_ALLOC_FAIL && f->severity == SEVERITY_COST) {
		str_printf(
		    out,
		    "%s gets no memory: its coherent mask ends at 0x%llx, and memory has bus "
		    "addresses from 0x%llx on.",
		    device(n, f), (unsigned long long)coherent_mask(n, f),
		    (unsigned long long)oracle_lowest_bus(&n->cfg->hw, f->dev - 1));
		return;
	}
	if (f->severity != SEVERITY_COST) {
		str_add(out, "The kernel did not agree to the mask, and the driver goes on.");
		return;
	}
	failed = e && e->kind == EV_MAP_FAIL;
	if (failed)
		buffer(n, f, out);
	else
		handle(names_map_of(n, f->pa, f->event), out);
	str_printf(out, " %s: %s reaches %u bits, and never said so.",
		   failed ? "is not mapped" : "takes a bounce slot", device(n, f),
		   n->cfg->hw.dev[f->dev - 1].address_bits);
}

static void twice(const struct names *n, const struct finding *f, struct str *out)
{
	handle(finding_map_made(n, f), out);
	str_add(out, " is unmapped a second time.");
}

static void failed_handle(const struct names *n, const struct finding *f, struct str *out)
{
	(void)n;
	(void)f;
	str_add(out, "DMA_MAPPING_ERROR is unmapped: the map had failed.");
}

static void stopped(const struct names *n, const struct finding *f, struct str *out)
{
	access(n, f, out);
	str_add(out, f->map ? ": its pages were unmapped with something else."
			    : ": nobody mapped that address for it.");
}

static void not_synced(const struct names *n, const struct finding *f, struct str *out)
{
	access(n, f, out);
	str_add(out, ", which was linked and not synced.");
}

static void through_iotlb(const struct names *n, const struct finding *f, struct str *out)
{
	access(n, f, out);
	str_add(out, ", whose mapping has ended: the IOTLB still had it.");
}

static void same_page(const struct names *n, const struct finding *f, struct str *out)
{
	access(n, f, out);
	str_add(out, ", which nobody mapped: only the page of ");
	handle(finding_map_made(n, f), out);
	str_add(out, " is open to it.");
}

static void other_device(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_map *m = finding_map_made(n, f);

	access(n, f, out);
	str_add(out, ": ");
	handle(m, out);
	str_printf(out, " is mapped for %s.", m ? names_device(n, m->dev) : "another device");
}

static void reused_address(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_map *m = finding_map_made(n, f);

	if (by_dma(event_of(n, f)))
		access(n, f, out);
	else
		str_add(out, "An old handle is unmapped");
	str_add(out, ": its address was given to ");
	handle(m, out);
	str_add(out, " since.");
}

static u64 le(const u8 *bytes, u32 n)
{
	u64 v = 0;

	while (n-- > 0)
		v = v << 8 | bytes[n];
	return v;
}

static void register_early(const struct names *n, const struct finding *f, struct str *out)
{
	names_short(device(n, f), out);
	str_printf(out, " reads %llu from its register 0x%02x, not %llu: the write is on its way.",
		   (unsigned long long)le(f->got, f->shown), f->off,
		   (unsigned long long)le(f->want, f->shown));
}

static void after_unmap(const struct names *n, const struct finding *f, struct str *out)
{
	if (f->id == DIAG_MISSING_MMIO_READBACK && f->index) {
		register_early(n, f, out);
		return;
	}
	access(n, f, out);
	str_add(out, ", whose mapping has ended");
	str_add(out, f->id == DIAG_MISSING_MMIO_READBACK
			 ? "; a register read would have waited for it."
			 : ".");
}

static void torn(const struct names *n, const struct finding *f, struct str *out)
{
	names_short(device(n, f), out);
	str_add(out, " reads ");
	place(n, f, out);
	str_add(out, ", one part old and one part new.");
}

static void unwritten(const struct names *n, const struct finding *f, struct str *out)
{
	names_short(device(n, f), out);
	str_add(out, " reads ");
	place(n, f, out);
	str_add(out, " that nobody has written.");
}

/* The bytes of a map that failed: no mapping of theirs has a name. */
static void no_room(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);

	buffer(n, f, out);
	str_printf(out, " is not mapped for %s: ", device(n, f));
	if (f->id == DIAG_REQUIRE_COHERENT_REFUSED)
		str_add(out, "it would need syncs, and the call says that there are none.");
	else if (f->id == DIAG_SWIOTLB_EXHAUSTED)
		str_add(out, "the bounce pool has no run of free slots for it.");
	else if (e && e->f[1] > 262144)
		str_printf(out, "of its %llu bytes a bounce holds 262144 at most.",
			   (unsigned long long)e->f[1]);
	else
		str_add(out, "no bounce of that size keeps within the device's segments.");
}

static void shared(const struct names *n, const struct finding *f, struct str *out)
{
	buffer(n, f, out);
	str_printf(out, " is mapped for %s, and ", device(n, f));
	str_add(out, f->id == DIAG_CACHELINE_SHARE_MAPPINGS
			 ? "has a line of the cache in common with "
			 : "has bytes in common with ");
	handle(finding_map_made(n, f), out);
	str_add(out, ", which is mapped still.");
}

static void past_caches(const struct names *n, const struct finding *f, struct str *out)
{
	str_printf(out, "%s reads ", names_subject(n, f->party));
	place(n, f, out);
	str_add(out, " past the caches, each load by itself.");
}

bool sentence_of_call(const struct names *n, const struct finding *f, struct str *out)
{
	static void (*const sentences[DIAGS])(const struct names *, const struct finding *,
					      struct str *) = {
	    [DIAG_MISSING_MMIO_READBACK] = after_unmap,
	    [DIAG_UNCACHED_BULK_READ] = past_caches,
	    [DIAG_DEVICE_ACCESS_AFTER_UNMAP] = after_unmap,
	    [DIAG_DEVICE_ACCESS_OUTSIDE] = outside,
	    [DIAG_IOMMU_FAULT] = stopped,
	    [DIAG_DESCRIPTOR_UNINITIALISED_ADDRESS] = sentence_empty_field,
	    [DIAG_DEVICE_ACCESS_BEFORE_MAP] = sentence_too_early,
	    [DIAG_MISSING_IOVA_SYNC] = not_synced,
	    [DIAG_IOMMU_LAZY_WINDOW] = through_iotlb,
	    [DIAG_GRANULE_EXPOSURE] = same_page,
	    [DIAG_HANDLE_WRONG_DEVICE] = other_device,
	    [DIAG_IOVA_REUSE_COLLISION] = reused_address,
	    [DIAG_MASK_TRUNCATION] = truncation,
	    [DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION] = physical,
	    [DIAG_MAP_ERROR_UNCHECKED] = unasked,
	    [DIAG_FREE_WHILE_MAPPED] = freed,
	    [DIAG_DOUBLE_UNMAP] = twice,
	    [DIAG_UNMAP_NEVER_MAPPED] = never,
	    [DIAG_UNMAP_ERROR_HANDLE] = failed_handle,
	    [DIAG_UNMAP_SIZE_MISMATCH] = fits_not,
	    [DIAG_UNMAP_DIRECTION_MISMATCH] = fits_not,
	    [DIAG_UNMAP_WRONG_FUNCTION] = sentence_wrong_function,
	    [DIAG_SG_NENTS_MISMATCH] = sentence_wrong_count,
	    [DIAG_SG_COUNT_MISUSE] = sentence_count_misused,
	    [DIAG_SG_SEGMENT_LIMIT] = sentence_segment,
	    [DIAG_MAP_ILLEGAL_MEMORY_STACK] = illegal,
	    [DIAG_MAP_ILLEGAL_MEMORY_VMALLOC] = illegal,
	    [DIAG_MAP_ILLEGAL_MEMORY_TEXT] = illegal,
	    [DIAG_MAP_ILLEGAL_STATIC_OR_KMAP] = illegal,
	    [DIAG_MAP_COHERENT_AS_STREAMING] = illegal,
	    [DIAG_ALLOC_SLEEP_IN_ATOMIC] = context,
	    [DIAG_FREE_COHERENT_ATOMIC] = context,
	    [DIAG_TORN_STORE] = torn,
	    [DIAG_INFO_LEAK_TO_DEVICE] = unwritten,
	    [DIAG_COHERENT_FREE_MISMATCH] = freed_otherwise,
	    [DIAG_POOL_USE_AFTER_FREE] = sentence_block_used,
	    [DIAG_POOL_DOUBLE_FREE] = sentence_block_twice,
	    [DIAG_POOL_BUSY_DESTROY] = sentence_pool_busy,
	    [DIAG_NONCOHERENT_ALLOC_UNSYNCED] = sentence_unsynced,
	    [DIAG_KERNEL_WARN] = sentence_warned,
	    [DIAG_MAPPING_LEAK] = left,
	    [DIAG_MASK_NOT_SET] = mask_missing,
	    [DIAG_OVERLAPPING_MAP_SAME_BUFFER] = shared,
	    [DIAG_CACHELINE_SHARE_MAPPINGS] = shared,
	    [DIAG_MAPPING_TOO_LARGE] = no_room,
	    [DIAG_SWIOTLB_EXHAUSTED] = no_room,
	    [DIAG_REQUIRE_COHERENT_REFUSED] = no_room,
	};

	if (f->id >= DIAGS || !sentences[f->id])
		return false;
	sentences[f->id](n, f, out);
	return true;
}
