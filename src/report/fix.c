/* SPDX-License-Identifier: MIT */
/*
 * What to write instead of what a finding is about: syncs and barriers that are missing or wrong.
 * Calls, addresses and context: report/fix_calls.c.
 */
#include "report/cause_int.h"

#include <string.h>

#include "core/addr.h"
#include "engine/calls.h"
#include "report/narrate.h"

/* dma_alloc_pages(dev, size, &handle, dir, gfp): the sync of all of it. */
static void pages_call(const struct names *n, u32 stmt, const char *fn, struct str *out)
{
	const char *text = names_stmt(n, stmt)->text;
	struct str arg[4] = {{0}};
	bool ok = true;

	for (u32 i = 0; i < ARRAY_LEN(arg) && ok; i++)
		ok = names_argument(text, "dma_alloc_", i, &arg[i]);
	if (ok && str_get(&arg[2])[0] == '&')
		str_printf(out, "%s(%s, %s, %s, %s);", fn, str_get(&arg[0]), str_get(&arg[2]) + 1,
			   str_get(&arg[1]), str_get(&arg[3]));
	for (u32 i = 0; i < ARRAY_LEN(arg); i++)
		str_free(&arg[i]);
}

/* The sync that names just the bytes of the finding; a list is synced whole. */
static void hand_range(const struct names *n, const struct named_map *m, const struct finding *f,
		       const char *way, struct str *out)
{
	struct str handle = {0};
	u64 off;

	if (!m || f->pa < m->pa || f->pa - m->pa + f->n > m->len)
		return;
	if (m->entry) {
		fix_call(n, m, way, f->stmt, out);
		return;
	}
	fix_handle(n, m, f->stmt, &handle);
	off = handle.n ? f->pa - m->pa : 0;
	if (!handle.n)
		return;
	str_printf(out, "dma_sync_single%s%s(", off ? "_range" : "", way);
	fix_argument(n, m, 0, names_device(n, m->dev), out);
	str_printf(out, ", %s, ", str_get(&handle));
	if (off)
		str_printf(out, "%llu, ", (unsigned long long)off);
	str_printf(out, "%u, %s);", f->n, names_direction(m->dir));
	str_free(&handle);
}

static void words(struct fix *x, const char *text)
{
	str_clear(&x->words);
	str_add(&x->words, text);
}

/* The bytes did not come back because the map, or its end, did not say that they should. */
static bool not_brought_back(const struct finding *f, const struct named_map *m)
{
	return m && (m->dir == DMA_TO_DEVICE || (m->to && m->to <= f->event));
}

static bool at_sync(const struct names *n, const struct finding *f)
{
	u32 kind = event_get(n->log, f->event)->kind;

	return kind == EV_SYNC_CPU || kind == EV_SYNC_DEVICE;
}

/* The store that was not handed over came before the map, which moved nothing. */
static bool before_map(const struct names *n, const struct finding *f, const struct named_map *m)
{
	u32 k = events_last(n, f->event, events_kinds_stores(), ~0u, f->pa, f->n);

	return k && k < m->from;
}

/* The kernel hands the bytes over: to the CPU before it reads, to the device behind the store. */
static void fix_missing_sync(struct fix *x, const struct names *n, const struct finding *f,
			     const struct named_map *m)
{
	bool back = names_is_cpu(n, f->party);

	if (f->told == TOLD_RULE && !back) { /* where the CPU last wrote, nobody says */
		u32 k = events_last(n, f->event, events_kinds_stores(), ~0u, f->pa, f->n);

		if (!k)
			return;
		fix_call(n, m, "dma_sync_single_for_device", event_get(n->log, k)->stmt, &x->call);
		fix_place(x, n, FIX_BEHIND, event_get(n->log, k)->stmt);
		return;
	}
	if (back && f->id != DIAG_MISSING_SYNC_FOR_DEVICE_REUSE && not_brought_back(f, m)) {
		words(x, "Map it DMA_FROM_DEVICE or DMA_BIDIRECTIONAL, and unmap it alike.");
		fix_direction(x, n, m);
		return;
	}
	if (back && f->id == DIAG_MISSING_SYNC_FOR_DEVICE_REUSE)
		return; /* before the device was started again: in words */
	fix_call(n, m, back ? "dma_sync_single_for_cpu" : "dma_sync_single_for_device",
		 back ? f->at_stmt : f->stmt, &x->call);
	/* A store from before the map (which then moved nothing) is handed over behind the map. */
	if (!back && m && before_map(n, f, m))
		fix_place(x, n, FIX_BEHIND, m->stmt);
	else
		fix_place(x, n, back ? FIX_BEFORE : FIX_BEHIND, back ? f->at_stmt : f->stmt);
}

/*
 * A system without the DMA API: the operations of the cache themselves, on the whole buffer. False:
 * it is none, or nothing of this kind.
 */
static bool fix_bare(struct fix *x, const struct names *n, const struct finding *f)
{
	const struct named_buffer *b = names_buffer(n, f->pa, f->event);
	const char *name = b ? b->name : "", *op;
	bool before = false;
	u32 stmt = f->stmt, k;

	if (n->prog->oracle == ORACLE_FULL || !*name || b->coherent || n->maps.n)
		return false;
	switch ((enum diag_id)f->id) {
	case DIAG_CPU_STALE_READ:
	case DIAG_SPECULATIVE_REFILL_STALE:
		words(x, "Invalidate the lines when the transfer is over, before reading.");
		op = "dcache_inval_poc";
		before = true;
		break;
	case DIAG_DMA_WRITE_LOST_EVICTION:
		words(x, "Clean and invalidate the lines before the device writes.");
		op = "dcache_clean_inval_poc";
		k = events_last(n, f->event, events_kinds_stores(), ~0u, f->pa, f->n);
		stmt = k ? event_get(n->log, k)->stmt : stmt;
		break;
	case DIAG_DEVICE_STALE_READ:
		words(x, "Clean the lines before the device reads, to the last byte.");
		op = "dcache_clean_poc";
		break;
	default:
		return false;
	}
	str_printf(&x->call, "%s(%s, %s + %llu);", op, name, name, (unsigned long long)b->len);
	fix_place(x, n, before ? FIX_BEFORE : FIX_BEHIND, before ? f->at_stmt : stmt);
	return true;
}

/*
 * A dirty line over the device's bytes, of a store that the CPU was free to make, since it had the
 * buffer back: what lacks is the hand-over behind it.
 */
static void fix_kept_dirty(struct fix *x, const struct names *n, const struct finding *f,
			   const struct named_map *m)
{
	u32 k = events_last(n, f->event, events_kinds_stores(), ~0u, f->pa, f->n), back;
	u64 hands = EVENT_BIT(MAP) | EVENT_BIT(SYNC_CPU) | EVENT_BIT(SYNC_DEVICE);

	back = k ? events_last(n, k, hands, ~0u, f->pa, f->n) : 0;
	if (!back || !m || m->dir == DMA_FROM_DEVICE ||
	    event_get(n->log, back)->kind != EV_SYNC_CPU)
		return;
	words(x, "Sync for the device behind the store, before it may be given the buffer.");
	fix_call(n, m, "dma_sync_single_for_device", event_get(n->log, k)->stmt, &x->call);
	fix_place(x, n, FIX_BEHIND, event_get(n->log, k)->stmt);
}

/* The sync that the finding is about: its own event, or that of the call which lost the bytes. */
static const struct event *the_sync(const struct names *n, const struct finding *f)
{
	if (at_sync(n, f))
		return event_get(n->log, f->event);
	for (u32 k = f->event; f->told == TOLD_LOST && k <= n->log->n; k++) {
		const struct event *e = event_get(n->log, k);

		if (e->stmt == f->stmt && (e->kind == EV_SYNC_CPU || e->kind == EV_SYNC_DEVICE))
			return e;
	}
	return NULL;
}

/* A sync that goes on behind its mapping: up to the end of it. */
static void fix_length(struct fix *x, const struct names *n, const struct finding *f,
		       const struct named_map *m)
{
	const struct event *e = the_sync(n, f);
	struct finding inside = *f;

	if (e->f[2] < m->bus)
		return;
	inside.pa = m->pa + (e->f[2] - m->bus);
	inside.n = (u32)(m->bus + m->len - e->f[2]);
	hand_range(n, m, &inside, e->kind == EV_SYNC_CPU ? "_for_cpu" : "_for_device", &x->call);
	fix_place(x, n, FIX_REPLACE, f->stmt);
}

/* A sync, or an unmap, that is there and says something else than it should. */
static void fix_other_call(struct fix *x, const struct names *n, const struct finding *f,
			   const struct named_map *m)
{
	u32 stmt = f->call_stmt ? f->call_stmt : f->at_stmt;

	if (f->told == TOLD_LOST && f->id == DIAG_SYNC_WRONG_RANGE)
		m = finding_map_made(n, f); /* the bytes are not in it */
	switch ((enum diag_id)f->id) {
	case DIAG_SYNC_WRONG_RANGE:
		if (m && the_sync(n, f)) {
			fix_length(x, n, f, m);
			return;
		}
		hand_range(n, m, f, names_is_cpu(n, f->party) ? "_for_cpu" : "_for_device",
			   &x->call);
		fix_place(x, n, names_is_cpu(n, f->party) ? FIX_BEFORE : FIX_BEHIND, f->stmt);
		return;
	case DIAG_DMA_WRITE_LOST_UNMAP_SKIP:
		fix_call(n, m, "dma_sync_single_for_cpu", f->at_stmt, &x->call);
		fix_place(x, n, FIX_BEFORE, f->call_stmt ? f->call_stmt : f->at_stmt);
		return;
	default:
		if (m && names_stmt(n, stmt)->text)
			fix_other_argument(n, stmt, fix_direction_at(names_stmt(n, stmt)->text),
					   names_direction(m->dir), &x->call);
		fix_place(x, n, FIX_REPLACE, stmt);
	}
}

/* The first hand-over to the device: behind the last store, or behind the allocation. */
static void fix_fresh(struct fix *x, const struct names *n, const struct finding *f)
{
	u32 k = events_last(n, f->event, events_kinds_stores(), ~0u, f->pa, f->n);
	const struct named_buffer *b = names_buffer(n, f->pa, f->event);

	if (!b)
		return;
	pages_call(n, b->stmt, "dma_sync_single_for_device", &x->call);
	fix_place(x, n, FIX_BEHIND, k ? event_get(n->log, k)->stmt : b->stmt);
}

/* What orders the two accesses. */
static void fix_order(struct fix *x, const struct names *n, const struct finding *f)
{
	bool cpu = names_is_cpu(n, f->party);
	u32 leave = f->id == DIAG_COMPILER_MAY_REORDER ? finding_leave(n, f) : 0;
	bool status = f->id == DIAG_RELAXED_STATUS_READ ||
		      (cpu && leave && event_get(n->log, leave)->kind == EV_MMIO_READ);
	bool doorbell = f->id == DIAG_RELAXED_DOORBELL ||
			(f->id == DIAG_COMPILER_MAY_REORDER && !cpu && !leave);

	if (doorbell) { /* no store of that statement: the leave was a register's write */
		words(x, diag_info(DIAG_RELAXED_DOORBELL)->fix);
		fix_other_word(n, f->stmt, "writel_relaxed", "writel", &x->call);
		fix_place(x, n, FIX_REPLACE, f->stmt);
		return;
	}
	str_add(&x->call, status ? "rmb();" : cpu ? "dma_rmb();" : "dma_wmb();");
	fix_place(x, n, FIX_BEFORE, cpu ? f->at_stmt : f->stmt);
}

/* Whether the call that may sleep could be told not to. */
static bool takes_gfp(const struct names *n, const struct finding *f)
{
	const struct event *e = f->event ? event_get(n->log, f->event) : NULL;

	return e && e->kind == EV_CALL && e->stmt == f->stmt && e->f[0] < CALL_COUNT &&
	       strchr(call_info((enum call_id)e->f[0])->args, 'g');
}

void fix_make(struct fix *x, const struct names *n, const struct finding *f)
{
	const struct named_map *m = finding_map(n, f);
	struct finding at_call = *f;

	*x = (struct fix){0};
	if (f->id == DIAG_ASSERT) {
		str_add(&x->words, "See what the driver did to the bytes that are asserted.");
		return;
	}
	str_add(&x->words, diag_info(f->id)->fix);
	if (fix_bare(x, n, f))
		return;
	switch ((enum diag_id)f->id) {
	case DIAG_CPU_STALE_READ:
	case DIAG_SPECULATIVE_REFILL_STALE:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
	case DIAG_DEVICE_STALE_READ:
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
	case DIAG_MISSING_SYNC_FOR_CPU:
		fix_missing_sync(x, n, f, m);
		break;
	case DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE:
		if (finding_only_read(n, f))
			words(x,
			      "Map it DMA_BIDIRECTIONAL, and sync it both ways around the store.");
		break;
	case DIAG_DMA_WRITE_LOST_EVICTION:
		fix_kept_dirty(x, n, f, m);
		break;
	case DIAG_MAP_WRONG_DIRECTION:
		fix_direction(x, n, m);
		break;
	case DIAG_SYNC_WRONG_DIRECTION:
		if (fix_direction(x, n, m))
			break;
		/* fall through */
	case DIAG_SYNC_WRONG_RANGE:
	case DIAG_DMA_WRITE_LOST_UNMAP_SKIP:
		fix_other_call(x, n, f, m);
		break;
	case DIAG_MISSING_DMA_WMB:
	case DIAG_MISSING_DMA_RMB:
	case DIAG_RELAXED_DOORBELL:
	case DIAG_RELAXED_STATUS_READ:
	case DIAG_COMPILER_MAY_REORDER:
		fix_order(x, n, f);
		break;
	case DIAG_NONCOHERENT_ALLOC_UNSYNCED:
		fix_fresh(x, n, f);
		break;
	case DIAG_PLATFORM_DEFECT:
		if (!n->cfg->defect && n->cfg->lx.quirks)
			words(x, "Another kernel: `dmalab explain` says which change mended it.");
		break;
	case DIAG_ALLOC_SLEEP_IN_ATOMIC:
		if (!takes_gfp(n, f))
			words(x, "Do it before or later: where sleeping is allowed.");
		fix_other_word(n, f->stmt, "GFP_KERNEL", "GFP_ATOMIC", &x->call);
		fix_place(x, n, FIX_REPLACE, f->stmt);
		break;
	default:
		if (f->call_stmt) /* an unmap stands between: the call is the one to mend */
			at_call.stmt = f->call_stmt;
		fix_of_call(x, n, &at_call);
		return;
	}
	if (!x->call.n)
		str_clear(&x->where);
}
