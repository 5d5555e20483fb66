/* SPDX-License-Identifier: MIT */
/* What core/world.c and core/state.c share: never included outside core/. */
#ifndef CORE_WORLD_INT_H
#define CORE_WORLD_INT_H

#include "base/bug.h"
#include "core/world.h"

enum { PAGE_SHIFT = 12, BLOCK_PAGES = BLOCK_BYTES >> PAGE_SHIFT };

static inline const struct region *region_at(const struct world *w, u32 off)
{
	u32 i = w->region_of_page[off >> PAGE_SHIFT];

	BUG_ON(i == 0 || off >= BLOCK_BYTES);
	return &w->region[i - 1];
}

#endif
