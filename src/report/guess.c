/* SPDX-License-Identifier: MIT */
/*
 * Other ways to mend what a finding is about than the one that is told: for who can try them. Each
 * is a guess by the events: what came too early goes later, what came twice goes once. Here those
 * about bytes at the wrong time; those about calls: report/guess_calls.c.
 */
#include <string.h>

#include "core/addr.h"
#include "report/guess_int.h"

u32 guess_stmt(const struct guess *g, u32 event)
{
	return event && event <= g->n->log->n ? event_get(g->n->log, event)->stmt : 0;
}

bool guess_is_driver(const struct guess *g, u32 stmt)
{
	return stmt && names_stmt(g->n, stmt)->line && !names_stmt(g->n, stmt)->actor;
}

/* It is one more, if it has an edit. */
void guess_keep(struct guess *g, struct fix *x, bool ok)
{
	if (ok && x->edits)
		vec_push(g->l, *x);
	else
		fix_free(x);
}

void guess_put(struct guess *g, enum fix_action action, u32 stmt, const char *text)
{
	struct fix x = {0};

	guess_keep(g, &x, text[0] && fix_add(&x, g->n, action, stmt, text));
}

void guess_move(struct guess *g, enum fix_action action, u32 stmt, u32 to)
{
	struct fix x = {0};

	guess_keep(g, &x, guess_is_driver(g, stmt) && fix_move(&x, g->n, action, stmt, to));
}

void guess_drop(struct guess *g, u32 stmt)
{
	struct fix x = {0};

	guess_keep(g, &x, guess_is_driver(g, stmt) && fix_drop(&x, g->n, stmt));
}

void guess_call(struct guess *g, enum fix_action action, u32 stmt, const char *fn)
{
	struct str text = {0};

	fix_call(g->n, g->m, fn, stmt, &text);
	guess_put(g, action, stmt, str_get(&text));
	str_free(&text);
}

/* Where the CPU stored last to the bytes of the finding. */
u32 guess_last_store(const struct guess *g)
{
	return guess_stmt(
	    g, events_last(g->n, g->f->event, events_kinds_stores(), ~0u, g->f->pa, g->f->n));
}

/* readl() of the register that the driver wrote, or read, last before the event. */
void guess_register(const struct guess *g, struct str *out)
{
	struct str reg = {0};

	for (u32 k = g->f->event; k-- > 1 && !out->n;) {
		const struct event *e = event_get(g->n->log, k);
		const char *text = names_stmt(g->n, e->stmt)->text;

		if (e->arg + 1u != g->f->dev)
			continue;
		str_clear(&reg);
		if ((e->kind == EV_MMIO_WRITE && names_argument(text, "write", 1, &reg)) ||
		    (e->kind == EV_MMIO_READ && names_argument(text, "read", 0, &reg)))
			str_printf(out, "readl(%s);", str_get(&reg));
	}
	str_free(&reg);
}

/* ---- stores and reads at the wrong time ---------------------------------------------------- */

/* The CPU takes the bytes, stores, and gives them again. */
static void both_syncs(struct guess *g, u32 stmt)
{
	struct str to_cpu = {0}, to_device = {0};
	struct fix x = {0};

	fix_call(g->n, g->m, "dma_sync_single_for_cpu", stmt, &to_cpu);
	fix_call(g->n, g->m, "dma_sync_single_for_device", stmt, &to_device);
	guess_keep(g, &x,
		   to_cpu.n && fix_add(&x, g->n, FIX_BEFORE, stmt, str_get(&to_cpu)) &&
		       fix_add(&x, g->n, FIX_BEHIND, stmt, str_get(&to_device)));
	str_free(&to_cpu);
	str_free(&to_device);
}

/* A store while the device has the bytes: before the map, behind the unmap, or with syncs. */
static void store(struct guess *g, u32 stmt)
{
	if (!g->m || !guess_is_driver(g, stmt))
		return;
	if (g->m->dir != DMA_FROM_DEVICE)
		guess_move(g, FIX_MOVE_BEFORE, stmt, g->m->stmt);
	guess_move(g, FIX_MOVE_BEHIND, stmt, guess_stmt(g, g->m->to));
	guess_call(g, FIX_BEHIND, stmt, "dma_sync_single_for_device");
	both_syncs(g, stmt);
	guess_move(g, FIX_MOVE_BEFORE, stmt, g->m->stmt);
}

/* The first call of that kind for the mapping behind the finding: it comes too late. */
static u32 later(const struct guess *g, u32 kind)
{
	for (u32 k = g->f->event + 1; g->m && k <= g->n->log->n; k++) {
		const struct event *e = event_get(g->n->log, k);

		if (e->kind == kind && e->arg == g->m->dev && e->f[2] == g->m->bus)
			return k;
	}
	return 0;
}

static void read_early(struct guess *g)
{
	u32 at = g->f->at_stmt;

	guess_call(g, FIX_BEFORE, at, "dma_sync_single_for_cpu");
	guess_move(g, FIX_MOVE_BEFORE, guess_stmt(g, later(g, EV_SYNC_CPU)), at);
	guess_move(g, FIX_MOVE_BEFORE, guess_stmt(g, later(g, EV_UNMAP)), at);
}

static void device_early(struct guess *g)
{
	const struct finding *f = g->f;
	u32 k = events_last(g->n, f->event, events_kinds_stores(), ~0u, f->pa, f->n);

	guess_move(g, FIX_MOVE_BEHIND, guess_stmt(g, later(g, EV_SYNC_DEVICE)), guess_stmt(g, k));
	guess_call(g, FIX_BEFORE, f->at_stmt, "dma_sync_single_for_device");
	k = events_last(g->n, f->event, EVENT_BIT(SYNC_CPU), ~0u, f->pa, f->n);
	guess_call(g, FIX_BEHIND, guess_stmt(g, k), "dma_sync_single_for_device");
	store(g, guess_last_store(g));
}

/* ---- directions ---------------------------------------------------------------------------- */

/* Map, syncs and unmap with another direction. */
static void turn(struct guess *g, u32 dir)
{
	struct fix x = {0};

	guess_keep(g, &x, fix_turn(&x, g->n, g->m, dir));
}

static void other_directions(struct guess *g)
{
	if (!g->m)
		return;
	turn(g, fix_meant(g->n, g->m));
	if (g->m->dir == DMA_BIDIRECTIONAL)
		return;
	turn(g, g->m->dir == DMA_TO_DEVICE ? DMA_FROM_DEVICE : DMA_TO_DEVICE);
	turn(g, DMA_BIDIRECTIONAL);
}

static void handler_early(struct guess *g)
{
	struct str text = {0};

	guess_register(g, &text);
	guess_put(g, FIX_BEFORE, g->f->at_stmt, str_get(&text));
	str_free(&text);
}

static void whole_range(struct guess *g)
{
	bool to_cpu = names_is_cpu(g->n, g->f->party);
	const char *fn = to_cpu ? "dma_sync_single_for_cpu" : "dma_sync_single_for_device";

	if (g->f->call_stmt)
		guess_call(g, FIX_REPLACE, g->f->call_stmt, fn);
	guess_call(g, to_cpu ? FIX_BEFORE : FIX_BEHIND, to_cpu ? g->f->at_stmt : g->f->stmt, fn);
}

/* The unmap without the attribute. */
static void unmap_syncs(struct guess *g)
{
	u32 stmt = g->f->call_stmt ? g->f->call_stmt : g->f->stmt;

	guess_call(g, FIX_REPLACE, stmt, fix_unmap_name(g->n, g->m));
	guess_call(g, FIX_BEFORE, stmt, "dma_sync_single_for_cpu");
}

/* What one CPU hands to another: a barrier on either side, or the one that is missing. */
static void both_barriers(struct guess *g)
{
	u32 writer = g->f->writer_stmt ? g->f->writer_stmt : guess_last_store(g);
	struct fix x = {0};

	guess_put(g, FIX_BEFORE, g->f->at_stmt, "smp_rmb();");
	guess_put(g, FIX_BEHIND, writer, "smp_wmb();");
	guess_keep(g, &x,
		   fix_add(&x, g->n, FIX_BEHIND, writer, "smp_wmb();") &&
		       fix_add(&x, g->n, FIX_BEFORE, g->f->at_stmt, "smp_rmb();"));
}

static void order(struct guess *g)
{
	u32 leave = finding_leave(g->n, g->f);

	if (g->f->id == DIAG_MISSING_SMP_BARRIER) {
		both_barriers(g);
		return;
	}
	if (names_is_cpu(g->n, g->f->party)) {
		guess_put(g, FIX_BEFORE, g->f->at_stmt, "rmb();");
		guess_put(g, FIX_BEHIND, guess_stmt(g, leave), "rmb();");
	} else {
		guess_put(g, FIX_BEFORE, guess_stmt(g, leave), "dma_wmb();");
		guess_put(g, FIX_BEFORE, g->f->stmt, "wmb();");
		guess_put(g, FIX_BEHIND, g->f->writer_stmt, "dma_wmb();");
	}
}

static bool is_order(u32 id)
{
	switch ((enum diag_id)id) {
	case DIAG_MISSING_DMA_WMB:
	case DIAG_MISSING_DMA_RMB:
	case DIAG_RELAXED_DOORBELL:
	case DIAG_RELAXED_STATUS_READ:
	case DIAG_COMPILER_MAY_REORDER:
	case DIAG_MISSING_SMP_BARRIER:
		return true;
	default:
		return false;
	}
}

static void of_bytes(struct guess *g)
{
	switch ((enum diag_id)g->f->id) {
	case DIAG_CPU_STALE_READ:
	case DIAG_SPECULATIVE_REFILL_STALE:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
	case DIAG_MISSING_SYNC_FOR_CPU:
	case DIAG_HANG:
		read_early(g);
		other_directions(g);
		break;
	case DIAG_DEVICE_STALE_READ:
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
		device_early(g);
		break;
	case DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE:
		store(g, g->f->stmt);
		break;
	case DIAG_DMA_WRITE_LOST_EVICTION: /* by the cache itself, or by a call */
	case DIAG_CPU_WRITE_LOST_BOUNCE:
	case DIAG_CPU_WRITE_LOST_INVALIDATE:
		store(g, guess_last_store(g));
		break;
	case DIAG_SYNC_WRONG_RANGE:
		whole_range(g);
		break;
	case DIAG_MAP_WRONG_DIRECTION:
	case DIAG_SYNC_WRONG_DIRECTION:
	case DIAG_UNMAP_DIRECTION_MISMATCH:
		other_directions(g);
		break;
	case DIAG_DMA_WRITE_LOST_UNMAP_SKIP:
		unmap_syncs(g);
		break;
	case DIAG_IRQ_BEFORE_DATA:
		handler_early(g);
		break;
	default:
		if (is_order(g->f->id))
			order(g);
	}
}

void fixes_make(struct fixes *l, const struct names *n, const struct finding *f)
{
	struct guess g = {l, n, f, finding_map(n, f)};
	struct fix told;

	if (f->id == DIAG_ASSERT)
		return;
	if (!g.m)
		g.m = finding_map_made(n, f);
	fix_make(&told, n, f);
	if (told.edits)
		vec_push(l, told);
	if (!guess_of_calls(&g, &told) && (is_order(f->id) || f->n))
		of_bytes(&g);
	if (!told.edits)
		fix_free(&told);
}

void fixes_free(struct fixes *l)
{
	for (u32 i = 0; i < l->n; i++)
		fix_free(&l->v[i]);
	vec_free(l);
}
