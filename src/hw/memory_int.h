/* SPDX-License-Identifier: MIT */
/* Looking memory up, inline: never included outside hw/. */
#ifndef HW_MEMORY_INT_H
#define HW_MEMORY_INT_H

#include "hw/hw.h"

enum { PAGE_BYTES = 4096, PAGE_BITS = 12 };

struct dir_entry {
	u64 frame; /* + 1; 0: free */
	u32 cell;  /* first cell of the page */
	u32 pad;
};

struct dir_head {
	u32 pages; /* in use */
	u32 pad;
	struct dir_entry slot[];
};

/* The slot of a frame, or the free one where it belongs. */
static inline const struct dir_entry *dir_slot(const struct hw *h, u64 frame)
{
	const struct dir_head *d = world_at(h->w, h->dir);
	u32 mask = h->cfg->dir_slots - 1;
	u32 i = (u32)((frame * 0x9e3779b97f4a7c15ull) >> 32) & mask;

	while (d->slot[i].frame != frame + 1 && d->slot[i].frame)
		i = (i + 1) & mask;
	return &d->slot[i];
}

static inline u32 cell_in_page(const struct world *w, const struct dir_entry *e, u64 line_pa)
{
	return e->cell + ((u32)(line_pa & (PAGE_BYTES - 1)) >> w->line_shift) * w->cell.stride;
}

/* As memory_cell_at(). */
static inline u32 memory_look(const struct hw *h, u64 line_pa)
{
	const struct dir_entry *e = dir_slot(h, line_pa >> PAGE_BITS);

	return e->frame ? cell_in_page(h->w, e, line_pa) : 0;
}

/* As memory_cell(). */
u32 memory_make(const struct hw *h, u64 line_pa);
static inline u32 memory_have(const struct hw *h, u64 line_pa)
{
	u32 cell = memory_look(h, line_pa);

	if (cell && *(const u64 *)world_at(h->w, cell))
		return cell;
	return memory_make(h, line_pa);
}

#endif
