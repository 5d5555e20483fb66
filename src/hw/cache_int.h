/* SPDX-License-Identifier: MIT */
/* What an access asks of L1, inline: never included outside hw/. */
#ifndef HW_CACHE_INT_H
#define HW_CACHE_INT_H

#include "hw/hw.h"

/* In the low bits of a tag. */
enum { TAG_VALID = 1, TAG_DIRTY = 2, TAG_REFILLED = 4, TAG_STATE = 15 };

static inline bool is_line(u64 tag, u64 line_pa)
{
	return (tag & ~(u64)(TAG_STATE & ~TAG_VALID)) == (line_pa | TAG_VALID);
}

/*
 * cache_use() where it changes nothing: the line was used last in its set, and is dirty already if
 * this is a store that makes it so. Its cell; 0: ask cache_use(). Only if there is an L1.
 */
static inline u32 cache_newest(const struct hw *h, u64 line_pa, enum cache_use use)
{
	const struct cache_geom *g = &h->geom[LEVEL_L1];
	u32 set = (u32)(line_pa >> h->w->line_shift) & g->set_mask, way;
	const u64 *tag = world_at(h->w, h->head[LEVEL_L1] + set * g->head_stride);

	way = *(const u8 *)(tag + g->ways);
	if (!is_line(tag[way], line_pa) ||
	    (use == USE_STORE && !g->through && !(tag[way] & TAG_DIRTY)))
		return 0;
	return h->cell[LEVEL_L1] + set * g->set_stride + way * h->w->cell.stride;
}

#endif
