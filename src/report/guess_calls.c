/* SPDX-License-Identifier: MIT */
/* Guesses about calls: those that come too early or too late, and what is left mapped. */
#include <string.h>

#include "report/guess_int.h"

/* ---- the device is late --------------------------------------------------------------------- */

/* Both the unmap and the free behind it wait: the second that is moved comes first. */
static void unmap_and_free_late(struct guess *g, u32 end)
{
	struct fix x = {0};

	for (u32 k = 1; g->m && k <= g->n->log->n; k++) {
		const struct event *e = event_get(g->n->log, k);

		if (e->kind != EV_FREE || e->f[0] > g->m->pa || g->m->pa - e->f[0] >= e->f[2] ||
		    e->stmt == end)
			continue;
		guess_keep(g, &x,
			   guess_is_driver(g, e->stmt) &&
			       fix_move(&x, g->n, FIX_MOVE_BEHIND, e->stmt, g->f->at_stmt) &&
			       fix_move(&x, g->n, FIX_MOVE_BEHIND, end, g->f->at_stmt));
		return;
	}
}

/* The unmap, or the free, waits until the device has done what it did. */
static void device_late(struct guess *g)
{
	u32 end = g->f->call_stmt ? g->f->call_stmt : g->f->stmt;
	struct str text = {0};

	guess_move(g, FIX_MOVE_BEHIND, end, g->f->at_stmt);
	guess_register(g, &text);
	guess_put(g, FIX_BEFORE, end, str_get(&text));
	str_free(&text);
	unmap_and_free_late(g, end);
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* A handle is unmapped, or synced, that is none: one that is still mapped is meant, or none. */
static void other_handle(struct guess *g)
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
				guess_put(g, FIX_REPLACE, g->f->stmt, str_get(&out));
			g->m = m;
			if (!sync)
				guess_call(g, FIX_REPLACE, g->f->stmt, fix_unmap_name(g->n, m));
		}
		str_free(&handle);
		str_free(&out);
	}
	guess_drop(g, g->f->stmt);
}

/*
 * An unmap of a number that has come again: the variable that it names had that number before, and
 * another mapping of the device is meant.
 */
static void stale_handle(struct guess *g)
{
	const char *text = names_stmt(g->n, g->f->stmt)->text;

	if (g->f->id == DIAG_IOVA_REUSE_COLLISION && text && strstr(text, "dma_unmap_"))
		other_handle(g);
}

/* The sync of what is unmapped already: before the unmap, or not at all. */
static void sync_late(struct guess *g)
{
	for (u32 k = g->f->event; k-- > 1;)
		if (event_get(g->n->log, k)->kind == EV_UNMAP) {
			guess_move(g, FIX_MOVE_BEFORE, g->f->stmt, guess_stmt(g, k));
			break;
		}
	other_handle(g);
}

/* A map that failed: look, and leave. */
static void look_at_handle(struct guess *g)
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
		guess_keep(g, &x, true);
		break;
	}
	if (g->f->id != DIAG_KERNEL_BUG)
		guess_drop(g, g->f->stmt);
}

/* The free waits for the unmap, and not the other way round. */
static void free_later(struct guess *g)
{
	if (g->m && g->m->to)
		guess_move(g, FIX_MOVE_BEHIND, g->f->stmt, guess_stmt(g, g->m->to));
}

/* The handle of the memory whose physical address a statement takes: "virt_to_phys(buf)". */
static void handle_of(const struct guess *g, const char *text, struct str *out)
{
	const struct names *n = g->n;
	struct str arg = {0};

	if (!names_argument(text, "virt_to_phys", 0, &arg) && g->m && !g->m->entry)
		fix_handle(n, g->m, 0, out);
	for (u32 i = 0; arg.n && i < n->buffers.n && !out->n; i++) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (strcmp(b->name, str_get(&arg)) != 0)
			continue;
		str_add(out, b->handle);
		for (u32 k = 0; k < n->maps.n && !out->n; k++)
			if (n->maps.v[k].pa == b->pa && !n->maps.v[k].entry)
				fix_handle(n, &n->maps.v[k], 0, out);
	}
	str_free(&arg);
}

/* The handle in place of an address that was made from a pointer or a page. */
static void handle_for_address(struct guess *g)
{
	for (u32 s = 1; s < g->n->prog->stmts; s++) {
		const char *text = names_stmt(g->n, s)->text;
		const char *eq = strstr(text, " = (dma_addr_t)");
		struct str handle = {0}, out = {0};

		if (guess_is_driver(g, s) && eq)
			handle_of(g, text, &handle);
		if (handle.n)
			str_printf(&out, "%.*s = %s;", (int)(eq - text), text, str_get(&handle));
		guess_put(g, FIX_REPLACE, s, str_get(&out));
		str_free(&handle);
		str_free(&out);
	}
}

/* ---- what is left ---------------------------------------------------------------------------- */

/* Places at which a driver gives back what it has: where it went out, by the events. */
static void on_the_way_out(struct guess *g, const char *text)
{
	const struct names *n = g->n;
	u32 last = 0;

	for (u32 k = n->log->n; k > 0 && !last; k--)
		if (guess_is_driver(g, event_get(n->log, k)->stmt))
			last = event_get(n->log, k)->stmt;
	if (last && strstr(names_stmt(n, last)->text, "free"))
		guess_put(g, FIX_BEFORE, last, text);
	for (u32 s = 1; s < n->prog->stmts; s++)
		if (strncmp(names_stmt(n, s)->text, "return", 6) == 0 &&
		    names_line(n, s) >= names_line(n, last))
			guess_put(g, FIX_BEFORE, s, text);
	guess_put(g, FIX_BEHIND, last, text);
	guess_put(g, FIX_BEFORE, last, text);
	for (u32 s = 1; s < n->prog->stmts; s++)
		if (strncmp(names_stmt(n, s)->text, "return", 6) == 0 ||
		    strncmp(names_stmt(n, s)->text, "device_release_driver", 21) == 0)
			guess_put(g, FIX_BEFORE, s, text);
}

/* An unmap that comes after all, and too late: the driver has been unbound. */
static void unmap_was_late(struct guess *g)
{
	for (u32 s = 1; g->m && s < g->n->prog->stmts; s++)
		if (strncmp(names_stmt(g->n, s)->text, "device_release_driver", 21) == 0)
			guess_move(g, FIX_MOVE_BEFORE, guess_stmt(g, g->m->to), s);
}

static void free_late(struct guess *g)
{
	for (u32 k = g->f->event + 1; k <= g->n->log->n; k++)
		if (event_get(g->n->log, k)->kind == EV_IRQ_MASK &&
		    !event_get(g->n->log, k)->f[0]) {
			guess_move(g, FIX_MOVE_BEHIND, g->f->stmt, guess_stmt(g, k));
			return;
		}
}

/* The next map of the bytes comes behind the unmap. */
static void unmap_first(struct guess *g)
{
	for (u32 i = 0; i < g->n->maps.n; i++) {
		const struct named_map *m = &g->n->maps.v[i];

		if (m->from < g->f->event && m->to > g->f->event && g->f->pa - m->pa < m->len)
			guess_move(g, FIX_MOVE_BEFORE, guess_stmt(g, m->to), g->f->stmt);
	}
}

bool guess_of_calls(struct guess *g, const struct fix *told)
{
	switch ((enum diag_id)g->f->id) {
	case DIAG_DEVICE_ACCESS_AFTER_UNMAP:
	case DIAG_IOMMU_LAZY_WINDOW:
	case DIAG_IOVA_REUSE_COLLISION:
	case DIAG_MISSING_MMIO_READBACK:
	case DIAG_POOL_USE_AFTER_FREE:
		device_late(g);
		stale_handle(g);
		if (g->f->id == DIAG_IOVA_REUSE_COLLISION)
			guess_drop(g, g->f->stmt);
		return true;
	case DIAG_UNMAP_NEVER_MAPPED:
	case DIAG_DOUBLE_UNMAP:
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
