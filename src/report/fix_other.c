/* SPDX-License-Identifier: MIT */
/*
 * Other ways to mend what a finding is about than the one that is told: for who can try them. Each
 * is a guess by the events: what came too early goes later, what came twice goes once.
 */
#include <string.h>

#include "core/addr.h"
#include "report/cause_int.h"

/* While the fixes of one finding are gathered. */
struct gather {
	struct fixes *l;
	const struct names *n;
	const struct finding *f;
	const struct named_map *m; /* may be NULL */
};

static u32 stmt_of(const struct gather *g, u32 event)
{
	return event && event <= g->n->log->n ? event_get(g->n->log, event)->stmt : 0;
}

static bool is_driver(const struct gather *g, u32 stmt)
{
	return stmt && names_stmt(g->n, stmt)->line && !names_stmt(g->n, stmt)->actor;
}

/* It is one more, if it has an edit. */
static void keep(struct gather *g, struct fix *x, bool ok)
{
	if (ok && x->edits)
		vec_push(g->l, *x);
	else
		fix_free(x);
}

static void put(struct gather *g, enum fix_action action, u32 stmt, const char *text)
{
	struct fix x = {0};

	keep(g, &x, text[0] && fix_add(&x, g->n, action, stmt, text));
}

static void move(struct gather *g, enum fix_action action, u32 stmt, u32 to)
{
	struct fix x = {0};

	keep(g, &x, is_driver(g, stmt) && fix_move(&x, g->n, action, stmt, to));
}

static void drop(struct gather *g, u32 stmt)
{
	struct fix x = {0};

	keep(g, &x, is_driver(g, stmt) && fix_drop(&x, g->n, stmt));
}

static void call(struct gather *g, enum fix_action action, u32 stmt, const char *fn)
{
	struct str text = {0};

	fix_call(g->n, g->m, fn, stmt, &text);
	put(g, action, stmt, str_get(&text));
	str_free(&text);
}

/* Where the CPU stored last to the bytes of the finding. */
static u32 last_store(const struct gather *g)
{
	return stmt_of(
	    g, events_last(g->n, g->f->event, events_kinds_stores(), ~0u, g->f->pa, g->f->n));
}

/* ---- stores and reads at the wrong time ---------------------------------------------------- */

/* The CPU takes the bytes, stores, and gives them again. */
static void both_syncs(struct gather *g, u32 stmt)
{
	struct str to_cpu = {0}, to_device = {0};
	struct fix x = {0};

	fix_call(g->n, g->m, "dma_sync_single_for_cpu", stmt, &to_cpu);
	fix_call(g->n, g->m, "dma_sync_single_for_device", stmt, &to_device);
	keep(g, &x,
	     to_cpu.n && fix_add(&x, g->n, FIX_BEFORE, stmt, str_get(&to_cpu)) &&
		 fix_add(&x, g->n, FIX_BEHIND, stmt, str_get(&to_device)));
	str_free(&to_cpu);
	str_free(&to_device);
}

/* A store while the device has the bytes: before the map, behind the unmap, or with syncs. */
static void store(struct gather *g, u32 stmt)
{
	if (!g->m || !is_driver(g, stmt))
		return;
	if (g->m->dir != DMA_FROM_DEVICE)
		move(g, FIX_MOVE_BEFORE, stmt, g->m->stmt);
	move(g, FIX_MOVE_BEHIND, stmt, stmt_of(g, g->m->to));
	call(g, FIX_BEHIND, stmt, "dma_sync_single_for_device");
	both_syncs(g, stmt);
	move(g, FIX_MOVE_BEFORE, stmt, g->m->stmt);
}

/* The first call of that kind for the mapping behind the finding: it comes too late. */
static u32 later(const struct gather *g, u32 kind)
{
	for (u32 k = g->f->event + 1; g->m && k <= g->n->log->n; k++) {
		const struct event *e = event_get(g->n->log, k);

		if (e->kind == kind && e->arg == g->m->dev && e->f[2] == g->m->bus)
			return k;
	}
	return 0;
}

static void read_early(struct gather *g)
{
	u32 at = g->f->at_stmt;

	call(g, FIX_BEFORE, at, "dma_sync_single_for_cpu");
	move(g, FIX_MOVE_BEFORE, stmt_of(g, later(g, EV_SYNC_CPU)), at);
	move(g, FIX_MOVE_BEFORE, stmt_of(g, later(g, EV_UNMAP)), at);
}

static void device_early(struct gather *g)
{
	const struct finding *f = g->f;
	u32 k = events_last(g->n, f->event, events_kinds_stores(), ~0u, f->pa, f->n);

	move(g, FIX_MOVE_BEHIND, stmt_of(g, later(g, EV_SYNC_DEVICE)), stmt_of(g, k));
	call(g, FIX_BEFORE, f->at_stmt, "dma_sync_single_for_device");
	k = events_last(g->n, f->event, EVENT_BIT(SYNC_CPU), ~0u, f->pa, f->n);
	call(g, FIX_BEHIND, stmt_of(g, k), "dma_sync_single_for_device");
	store(g, last_store(g));
}

/* ---- directions ---------------------------------------------------------------------------- */

/* The statement with that direction in place of the map's. */
static bool turned(const struct gather *g, struct fix *x, u32 stmt, const char *dir)
{
	const char *text = names_stmt(g->n, stmt)->text,
		   *eq = text ? strstr(text, " = dma_") : NULL;
	struct str out = {0};
	bool ok;

	for (u32 i = 0; i < x->edits; i++)
		if (x->edit[i].stmt == stmt)
			return true;
	if (eq)
		fix_other_word(g->n, stmt, names_direction(g->m->dir), dir, &out);
	else if (text)
		fix_other_argument(g->n, stmt, fix_direction_at(text), dir, &out);
	ok = out.n && fix_add(x, g->n, FIX_REPLACE, stmt, str_get(&out));
	str_free(&out);
	return ok;
}

/* Map, syncs and unmap with another direction. */
static void turn(struct gather *g, const char *dir)
{
	u64 kinds = EVENT_BIT(UNMAP) | EVENT_BIT(SYNC_CPU) | EVENT_BIT(SYNC_DEVICE);
	const struct named_map *m = g->m;
	struct fix x = {0};
	bool ok = m && turned(g, &x, m->stmt, dir);

	for (u32 k = m ? m->from + 1 : 0; ok && k <= g->n->log->n; k++) {
		const struct event *e = event_get(g->n->log, k);

		if ((kinds >> e->kind & 1) && e->arg == m->dev && e->f[2] == m->bus)
			ok = turned(g, &x, e->stmt, dir);
		if (k == m->to)
			break;
	}
	keep(g, &x, ok);
}

static void other_directions(struct gather *g)
{
	if (!g->m || g->m->dir == DMA_BIDIRECTIONAL)
		return;
	turn(g, names_direction(g->m->dir == DMA_TO_DEVICE ? DMA_FROM_DEVICE : DMA_TO_DEVICE));
	turn(g, "DMA_BIDIRECTIONAL");
}

/* ---- the device is late --------------------------------------------------------------------- */

/* readl() of the register that the driver wrote, or read, last before the event. */
static void read_register(const struct gather *g, struct str *out)
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

/* The unmap, or the free, waits until the device has done what it did. */
static void device_late(struct gather *g)
{
	u32 end = g->f->call_stmt ? g->f->call_stmt : g->f->stmt;
	struct str text = {0};

	move(g, FIX_MOVE_BEHIND, end, g->f->at_stmt);
	read_register(g, &text);
	put(g, FIX_BEFORE, end, str_get(&text));
	str_free(&text);
}

static void handler_early(struct gather *g)
{
	struct str text = {0};

	read_register(g, &text);
	put(g, FIX_BEFORE, g->f->at_stmt, str_get(&text));
	str_free(&text);
}

/* ---- calls ---------------------------------------------------------------------------------- */

static void whole_range(struct gather *g)
{
	bool to_cpu = names_is_cpu(g->n, g->f->party);
	const char *fn = to_cpu ? "dma_sync_single_for_cpu" : "dma_sync_single_for_device";

	if (g->f->call_stmt)
		call(g, FIX_REPLACE, g->f->call_stmt, fn);
	call(g, to_cpu ? FIX_BEFORE : FIX_BEHIND, to_cpu ? g->f->at_stmt : g->f->stmt, fn);
}

/* The unmap without the attribute. */
static void unmap_syncs(struct gather *g)
{
	u32 stmt = g->f->call_stmt ? g->f->call_stmt : g->f->stmt;

	call(g, FIX_REPLACE, stmt, fix_unmap_name(g->n, g->m));
	call(g, FIX_BEFORE, stmt, "dma_sync_single_for_cpu");
}

/* A handle is unmapped, or synced, that is none: one that is still mapped is meant, or none. */
static void other_handle(struct gather *g)
{
	const char *text = names_stmt(g->n, g->f->stmt)->text;
	bool sync = text && strstr(text, "dma_sync_");

	for (u32 i = g->n->maps.n; i-- > 0 && text;) {
		const struct named_map *m = &g->n->maps.v[i];
		struct str handle = {0}, out = {0};

		if (m->from <= g->f->event && (!m->to || m->to >= g->f->event) && !m->entry) {
			fix_handle(g->n, m, g->f->stmt, &handle);
			if (handle.n &&
			    fix_other_argument(g->n, g->f->stmt, 1, str_get(&handle), &out))
				put(g, FIX_REPLACE, g->f->stmt, str_get(&out));
			g->m = m;
			if (!sync)
				call(g, FIX_REPLACE, g->f->stmt, fix_unmap_name(g->n, m));
		}
		str_free(&handle);
		str_free(&out);
	}
	drop(g, g->f->stmt);
}

/* The sync of what is unmapped already: before the unmap, or not at all. */
static void sync_late(struct gather *g)
{
	for (u32 k = g->f->event; k-- > 1;)
		if (event_get(g->n->log, k)->kind == EV_UNMAP) {
			move(g, FIX_MOVE_BEFORE, g->f->stmt, stmt_of(g, k));
			break;
		}
	other_handle(g);
}

/* A map that failed: look, and leave. */
static void look_at_handle(struct gather *g)
{
	for (u32 k = g->f->event; k-- > 1;) {
		const struct event *e = event_get(g->n->log, k);
		struct finding made = *g->f;
		struct fix x = {0};

		if (e->kind != EV_MAP_FAIL)
			continue;
		made.id = DIAG_MAP_ERROR_UNCHECKED;
		made.stmt = e->stmt;
		made.call_stmt = 0;
		made.dev = e->arg + 1u;
		fix_of_call(&x, g->n, &made);
		keep(g, &x, true);
		break;
	}
	if (g->f->id != DIAG_KERNEL_BUG)
		drop(g, g->f->stmt);
}

/* The free waits for the unmap, and not the other way round. */
static void free_later(struct gather *g)
{
	if (g->m && g->m->to)
		move(g, FIX_MOVE_BEHIND, g->f->stmt, stmt_of(g, g->m->to));
}

/* The handle in place of an address that was made from a pointer or a page. */
static void handle_for_address(struct gather *g)
{
	const struct named_buffer *b = names_buffer(g->n, g->f->pa, g->f->event);
	struct str handle = {0};

	if (g->m && !g->m->entry)
		fix_handle(g->n, g->m, 0, &handle);
	else if (b && b->handle[0])
		str_add(&handle, b->handle);
	for (u32 s = 1; handle.n && s < g->n->prog->stmts; s++) {
		const char *text = names_stmt(g->n, s)->text;
		const char *eq = strstr(text, " = (dma_addr_t)");
		struct str out = {0};

		if (is_driver(g, s) && eq) {
			str_printf(&out, "%.*s = %s;", (int)(eq - text), text, str_get(&handle));
			put(g, FIX_REPLACE, s, str_get(&out));
		}
		str_free(&out);
	}
	str_free(&handle);
}

/* ---- what is left ---------------------------------------------------------------------------- */

/* Places at which a driver gives back what it has: where it went out, by the events. */
static void on_the_way_out(struct gather *g, const char *text)
{
	const struct names *n = g->n;
	u32 last = 0;

	for (u32 k = n->log->n; k > 0 && !last; k--)
		if (is_driver(g, event_get(n->log, k)->stmt))
			last = event_get(n->log, k)->stmt;
	if (last && strstr(names_stmt(n, last)->text, "free"))
		put(g, FIX_BEFORE, last, text);
	for (u32 s = 1; s < n->prog->stmts; s++)
		if (strncmp(names_stmt(n, s)->text, "return", 6) == 0 &&
		    names_line(n, s) >= names_line(n, last))
			put(g, FIX_BEFORE, s, text);
	put(g, FIX_BEHIND, last, text);
	put(g, FIX_BEFORE, last, text);
	for (u32 s = 1; s < n->prog->stmts; s++)
		if (strncmp(names_stmt(n, s)->text, "return", 6) == 0 ||
		    strncmp(names_stmt(n, s)->text, "device_release_driver", 21) == 0)
			put(g, FIX_BEFORE, s, text);
}

/* An unmap that comes after all, and too late: the driver has been unbound. */
static void unmap_was_late(struct gather *g)
{
	for (u32 s = 1; g->m && s < g->n->prog->stmts; s++)
		if (strncmp(names_stmt(g->n, s)->text, "device_release_driver", 21) == 0)
			move(g, FIX_MOVE_BEFORE, stmt_of(g, g->m->to), s);
}

static void free_late(struct gather *g)
{
	for (u32 k = g->f->event + 1; k <= g->n->log->n; k++)
		if (event_get(g->n->log, k)->kind == EV_IRQ_MASK &&
		    !event_get(g->n->log, k)->f[0]) {
			move(g, FIX_MOVE_BEHIND, g->f->stmt, stmt_of(g, k));
			return;
		}
}

/* The next map of the bytes comes behind the unmap. */
static void unmap_first(struct gather *g)
{
	for (u32 i = 0; i < g->n->maps.n; i++) {
		const struct named_map *m = &g->n->maps.v[i];

		if (m->from < g->f->event && m->to > g->f->event && g->f->pa - m->pa < m->len)
			move(g, FIX_MOVE_BEFORE, stmt_of(g, m->to), g->f->stmt);
	}
}

static void order(struct gather *g)
{
	u32 leave = finding_leave(g->n, g->f);

	if (g->f->id == DIAG_MISSING_SMP_BARRIER) {
		put(g, FIX_BEFORE, g->f->at_stmt, "smp_rmb();");
		put(g, FIX_BEHIND, g->f->writer_stmt, "smp_wmb();");
		return;
	}
	if (names_is_cpu(g->n, g->f->party)) {
		put(g, FIX_BEFORE, g->f->at_stmt, "rmb();");
		put(g, FIX_BEHIND, stmt_of(g, leave), "rmb();");
	} else {
		put(g, FIX_BEFORE, stmt_of(g, leave), "dma_wmb();");
		put(g, FIX_BEFORE, g->f->stmt, "wmb();");
		put(g, FIX_BEHIND, g->f->writer_stmt, "dma_wmb();");
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

static void of_bytes(struct gather *g)
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
		store(g, last_store(g));
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

static bool of_calls(struct gather *g, const struct fix *told)
{
	switch ((enum diag_id)g->f->id) {
	case DIAG_DEVICE_ACCESS_AFTER_UNMAP:
	case DIAG_IOMMU_LAZY_WINDOW:
	case DIAG_IOVA_REUSE_COLLISION:
	case DIAG_MISSING_MMIO_READBACK:
	case DIAG_POOL_USE_AFTER_FREE:
		device_late(g);
		if (g->f->id == DIAG_IOVA_REUSE_COLLISION)
			drop(g, g->f->stmt);
		return true;
	case DIAG_UNMAP_NEVER_MAPPED:
		other_handle(g);
		return true;
	case DIAG_SYNC_UNMAPPED:
		sync_late(g);
		return true;
	case DIAG_UNMAP_ERROR_HANDLE:
	case DIAG_KERNEL_BUG:
		look_at_handle(g);
		return true;
	case DIAG_MAPPING_LEAK:
		unmap_was_late(g);
		on_the_way_out(g, str_get(&told->call));
		return true;
	case DIAG_FREE_WHILE_MAPPED:
		free_later(g);
		return true;
	case DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION:
		handle_for_address(g);
		return true;
	case DIAG_FREE_COHERENT_ATOMIC:
		free_late(g);
		return true;
	case DIAG_OVERLAPPING_MAP_SAME_BUFFER:
		unmap_first(g);
		return true;
	default:
		return false;
	}
}

void fixes_make(struct fixes *l, const struct names *n, const struct finding *f)
{
	struct gather g = {l, n, f, finding_map(n, f)};
	struct fix told;

	if (f->id == DIAG_ASSERT)
		return;
	if (!g.m)
		g.m = finding_map_made(n, f);
	fix_make(&told, n, f);
	if (told.edits)
		vec_push(l, told);
	if (!of_calls(&g, &told) && (is_order(f->id) || f->n))
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
