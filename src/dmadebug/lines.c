/* SPDX-License-Identifier: MIT */
/*
 * The tracker of active cache lines: dma_active_cacheline. It looks at the line that a mapping
 * begins in and at no other, by the physical address of the buffer (not of a bounce slot), whatever
 * the device; mappings that a device only reads are not in it.
 */
#include "dmadebug/dmadebug_int.h"

static const struct line *line_at(const struct dmadebug *d, u32 link)
{
	return (const struct line *)world_at(d->w, d->lines) + (link - 1);
}

/* Where the link to the line's record is, or would be. */
static const u32 *find(const struct dmadebug *d, u64 number)
{
	const u32 *at = (const u32 *)world_at(d->w, d->line_heads) + number % LINE_HEADS;

	while (*at && line_at(d, *at)->number != number)
		at = &line_at(d, *at)->next;
	return at;
}

bool line_clean(u32 attrs)
{
	return attrs & (DEBUG_ATTR_IGNORE_CACHELINES | DEBUG_ATTR_REQUIRE_COHERENT);
}

static enum line_result insert(struct dmadebug *d, const u32 *at, const struct line *l)
{
	const struct debug_state *s = st(d);
	u32 link = s->line_free;

	if (link) {
		W_SET(d->w, s->line_free, line_at(d, link)->next);
	} else {
		if (s->line_made == LINES_MAX)
			return LINE_NO_MEMORY;
		link = s->line_made + 1;
		W_SET(d->w, s->line_made, link);
	}
	world_write(d->w, line_at(d, link), l, sizeof *l);
	W_SET(d->w, *at, link);
	return LINE_NEW;
}

enum line_result line_insert(struct dmadebug *d, u8 party, const struct entry *e, bool *clean)
{
	struct line fresh = {.number = line_number(d, e->pa), .attrs = e->attrs, .used = 1};
	const struct line *l;
	const u32 *at;

	*clean = false;
	if (e->dir == DMA_TO_DEVICE)
		return LINE_NEW;
	at = find(d, fresh.number);
	if (!*at)
		return insert(d, at, &fresh);
	l = line_at(d, *at);
	*clean = line_clean(l->attrs);
	if (l->overlap < OVERLAP_MAX)
		W_SET(d->w, l->overlap, l->overlap + 1);
	else if (!(d->cfg.is_7 && line_clean(e->attrs)))
		KLOG(d->w, DEBUG_OVERFLOW, party, 0, OVERLAP_MAX, l->number);
	return LINE_OVERLAP;
}

/* A line whose count ran over is given up with as many mappings as were counted, not with all. */
void line_remove(struct dmadebug *d, const struct entry *e)
{
	const u32 *at;
	struct line gone = {.next = st(d)->line_free};
	const struct line *l;
	u32 link;

	if (e->dir == DMA_TO_DEVICE)
		return;
	at = find(d, line_number(d, e->pa));
	link = *at;
	if (!link)
		return;
	l = line_at(d, link);
	if (l->overlap) {
		W_SET(d->w, l->overlap, l->overlap - 1);
		return;
	}
	W_SET(d->w, *at, l->next);
	world_write(d->w, l, &gone, sizeof gone);
	W_SET(d->w, st(d)->line_free, link);
}
