/* SPDX-License-Identifier: MIT */
/*
 * Keyframes: the block at some events, so that a position beyond the journal's window can be
 * reached by restoring one and running on. A keyframe keeps only the pages of the block that were
 * written since the one before; beyond a bound of memory every second one goes.
 */
#ifndef CORE_KEYFRAME_H
#define CORE_KEYFRAME_H

#include "base/mem.h"
#include "core/world.h"

struct key_page {
	u32 page;  /* of the block */
	u8 *bytes; /* BLOCK_PAGE of them, in a slab of the keyframes */
};

struct keyframe {
	u32 event; /* the state after this event */
	u32 used;  /* bytes of the block in use */
	VEC(struct key_page)
};

struct keyframes {
	struct {
		VEC(struct keyframe)
	} list;
	u8 *dirty; /* owned: one byte a page */
	u64 bytes; /* held by all pages */
	struct {
		VEC(u8 *) /* owned: SLAB_PAGES pages each */
	} slab;
	struct {
		VEC(u8 *) /* pages of slabs that no keyframe holds */
	} spare;
	u32 every; /* events between two */
};

/* Starts with the present state as the first keyframe. */
void keyframes_start(struct keyframes *k, struct world *w);
/* Takes one if enough events have passed. Call between transitions. */
void keyframes_tick(struct keyframes *k, struct world *w);
/* Restores the last keyframe at or before an event; the journal's window starts anew there. */
void keyframes_restore(struct keyframes *k, struct world *w, u32 event);
void keyframes_free(struct keyframes *k);

#endif
