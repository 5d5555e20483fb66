/* SPDX-License-Identifier: MIT */
/*
 * States kept apart: what of a world differs from its state at a root, so that a search can leave
 * a state and come back to it in any order. The size is that of what differs, not of the block.
 */
#ifndef CORE_DELTA_H
#define CORE_DELTA_H

#include "base/mem.h"
#include "core/world.h"

enum { DELTA_CHUNK = 32 };

struct delta {
	u64 hash;
	u32 n; /* pieces */
	u32 pad;
	/* n offsets (u32), then n pieces of DELTA_CHUNK bytes */
	u32 at[];
};

/* The root, and what taking needs. */
struct delta_root {
	struct mark mark;
	u8 *base; /* owned: the block at the root */
	u32 len;
	u32 *seen; /* owned: by piece, the round in which it was met */
	u32 pieces, round;
	struct {
		VEC(u32)
	} list;
};

/* The present state becomes the root. The journal must have room for all that follows. */
void delta_root_init(struct delta_root *r, struct world *w);
void delta_root_free(struct delta_root *r);
/* The present state; it must have come from the root without going back before it. Freed with
 * mem_free(); *bytes gets its size. */
struct delta *delta_take(struct delta_root *r, struct world *w, u64 *bytes);
/* Goes to a state that was taken, from any that came from the root. */
void delta_restore(const struct delta_root *r, struct world *w, const struct delta *d);

#endif
