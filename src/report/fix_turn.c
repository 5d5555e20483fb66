/* SPDX-License-Identifier: MIT */
/* A mapping with the direction that it should have: its map, syncs and unmap alike. */
#include <string.h>

#include "core/addr.h"
#include "report/cause_int.h"

enum { DIR_READS = 1, DIR_WRITES = 2 };

/* What a device may do by a direction, as bits. */
static u32 allows(u32 dir)
{
	return dir == DMA_TO_DEVICE   ? DIR_READS
	       : dir == DMA_FROM_DEVICE ? DIR_WRITES
					: DIR_READS | DIR_WRITES;
}

static u32 direction_of(u32 bits)
{
	return bits == DIR_READS    ? DMA_TO_DEVICE
	       : bits == DIR_WRITES ? DMA_FROM_DEVICE
				    : DMA_BIDIRECTIONAL;
}

/* What the device did through the mapping, or was stopped from. */
static u32 used(const struct names *n, const struct named_map *m)
{
	u32 bits = 0;

	for (u32 k = m->from; k <= (m->to ? m->to : n->log->n); k++) {
		const struct event *e = event_get(n->log, k);

		if (e->arg != m->dev || e->f[0] - m->bus >= m->len)
			continue;
		if (e->kind == EV_DMA_READ)
			bits |= DIR_READS;
		else if (e->kind == EV_DMA_WRITE || e->kind == EV_DMA_POSTED)
			bits |= DIR_WRITES;
		else if (e->kind == EV_IOMMU_FAULT || e->kind == EV_DMA_ABORT)
			bits |= e->f[2] ? DIR_WRITES : DIR_READS;
	}
	return bits;
}

/* A call for the mapping that names a direction: the map itself, a sync, the unmap. */
static bool names_it(const struct event *e, const struct named_map *m)
{
	return (e->kind == EV_UNMAP || e->kind == EV_SYNC_CPU || e->kind == EV_SYNC_DEVICE) &&
	       e->arg == m->dev && e->f[2] == m->bus;
}

/* The direction that all syncs and the unmap name, as bits; 0: they do not agree. */
static u32 said(const struct names *n, const struct named_map *m)
{
	u32 bits = 0;

	for (u32 k = m->from + 1; k <= (m->to ? m->to : n->log->n); k++) {
		const struct event *e = event_get(n->log, k);

		if (!names_it(e, m))
			continue;
		if (bits && bits != allows((u32)e->f[3]))
			return 0;
		bits = allows((u32)e->f[3]);
	}
	return bits;
}

u32 fix_meant(const struct names *n, const struct named_map *m)
{
	u32 by_device = used(n, m), by_calls = said(n, m);

	if (by_calls && (by_calls & by_device) == by_device &&
	    (!by_device || by_calls == by_device || by_calls != allows(m->dir)))
		return direction_of(by_calls);
	return by_device && (allows(m->dir) & by_device) != by_device ? direction_of(by_device)
								      : m->dir;
}

/* The statement with that direction in place of its own. */
static bool turned(struct fix *x, const struct names *n, const struct named_map *m, u32 stmt,
		   const char *dir)
{
	const char *text = names_stmt(n, stmt)->text,
		   *eq = text ? strstr(text, " = dma_") : NULL;
	struct str out = {0};
	bool ok;

	for (u32 i = 0; i < x->edits; i++)
		if (x->edit[i].stmt == stmt)
			return true;
	if (text && strstr(text, dir))
		return true;
	if (eq)
		fix_other_word(n, stmt, names_direction(m->dir), dir, &out);
	else if (text)
		fix_other_argument(n, stmt, fix_direction_at(text), dir, &out);
	ok = out.n && fix_add(x, n, FIX_REPLACE, stmt, str_get(&out));
	str_free(&out);
	return ok;
}

bool fix_turn(struct fix *x, const struct names *n, const struct named_map *m, u32 dir)
{
	const char *name = names_direction(dir);
	bool ok = turned(x, n, m, m->stmt, name);

	for (u32 k = m->from + 1; ok && k <= (m->to ? m->to : n->log->n); k++)
		if (names_it(event_get(n->log, k), m))
			ok = turned(x, n, m, event_get(n->log, k)->stmt, name);
	return ok && x->edits;
}

bool fix_direction(struct fix *x, const struct names *n, const struct named_map *m)
{
	struct fix turned_all = {0};
	u32 dir = m ? fix_meant(n, m) : 0;

	if (!m || dir == m->dir || x->edits || !fix_turn(&turned_all, n, m, dir)) {
		fix_free(&turned_all);
		return false;
	}
	str_add(&turned_all.words, str_get(&x->words));
	fix_free(x);
	*x = turned_all;
	return true;
}
