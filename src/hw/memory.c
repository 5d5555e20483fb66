/* SPDX-License-Identifier: MIT */
/*
 * Sparse memory: pages of 4 KiB that exist once something was written to them. The directory is an
 * open-addressing table from page frame to page; its order is no part of the state, as cells are
 * hashed by their address.
 */
#include "hw/memory_int.h"

#include "base/bug.h"

static const struct hw *self(const struct world *w)
{
	return w->ops.ctx;
}

static const struct dir_head *dir(const struct hw *h)
{
	return world_at(h->w, h->dir);
}

bool memory_is_ram(const struct hw *h, u64 pa, u64 len)
{
	for (u32 i = 0; i < h->cfg->rams; i++) {
		const struct range *r = &h->cfg->ram[i];

		if (pa >= r->base && pa - r->base < r->size && len <= r->size - (pa - r->base))
			return true;
	}
	return false;
}

u32 memory_cell_at(const struct world *w, u64 line_pa)
{
	return memory_look(self(w), line_pa);
}

static bool page_make(struct world *w, const struct dir_entry *slot, u64 frame)
{
	const struct hw *h = self(w);
	const struct dir_head *d = dir(h);
	u32 per_page = PAGE_BYTES / w->line * w->cell.stride;
	u32 cell = h->pages + d->pages * per_page;
	struct dir_entry *e;

	if (d->pages >= h->cfg->dir_slots / 4 * 3 || !world_extend(w, cell + per_page)) {
		world_limit(w, LIMIT_BLOCK);
		return false;
	}
	e = world_mut(w, world_off(w, slot), sizeof *e);
	e->frame = frame + 1;
	e->cell = cell;
	W_SET(w, d->pages, d->pages + 1);
	return true;
}

u32 memory_make(const struct hw *h, u64 line_pa)
{
	const struct dir_entry *e = dir_slot(h, line_pa >> PAGE_BITS);
	u32 cell;

	BUG_ON(line_pa & (h->w->line - 1));
	if (!e->frame && !page_make(h->w, e, line_pa >> PAGE_BITS))
		return 0;
	cell = cell_in_page(h->w, e, line_pa);
	if (*(const u64 *)world_at(h->w, cell) == 0)
		*(u64 *)world_mut_obj(h->w, cell, cell, 8) = line_pa | 1ull << 60;
	return cell;
}

u32 memory_cell(struct world *w, u64 line_pa)
{
	return memory_make(self(w), line_pa);
}

void memory_peek(const struct hw *h, u64 pa, u8 *out, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		u32 cell = memory_cell_at(h->w, align_down(pa + i, h->w->line));

		out[i] = cell ? *(const u8 *)world_at(h->w,
						      cell + 8 + (u32)((pa + i) & (h->w->line - 1)))
			      : 0;
	}
}

void memory_view(const struct hw *h, u64 pa, struct view *v)
{
	u32 cell = memory_cell_at(h->w, align_down(pa, h->w->line));
	struct copyref c;

	memset(v, 0, sizeof *v);
	v->n = 1;
	v->from = COPY_MEMORY;
	if (!cell)
		return;
	c = copies_cell(h->w, cell, (u32)(pa & (h->w->line - 1)), 1, COPY_MEMORY);
	copies_view(h->w, &c, v, 0);
}

void hw_init(struct hw *h, struct world *w, const struct hw_config *cfg)
{
	u32 caches = cfg->outer.sets ? 2 : 1;

	*h = (struct hw){.w = w, .cfg = cfg, .cpus = w->cpus};
	BUG_ON(w->cpus > CPUS_MAX);
	BUG_ON(!is_pow2(cfg->dir_slots) || cfg->devs > DEVICES_MAX);
	know_init(w);
	h->dir =
	    world_region(w, "page directory",
			 sizeof(struct dir_head) + (u64)cfg->dir_slots * sizeof(struct dir_entry),
			 CHUNK, REGION_UNHASHED, NULL);
	h->cpu =
	    world_region(w, "cpu", w->cpus * sizeof(struct cpu_state), CHUNK, REGION_RAW, NULL);
	h->names = world_region(w, "cpu names", w->cpus * (STORE_BUFFER_MAX + PAST_MAX) * 32, CHUNK,
				REGION_UNHASHED, NULL);
	h->dev = world_region(w, "devices", (u64)DEVICES_MAX * sizeof(struct dev_state), CHUNK,
			      REGION_RAW, NULL);
	h->vmap =
	    world_region(w, "vmaps", 8 + VMAPS_MAX * sizeof(struct vmap), CHUNK, REGION_RAW, NULL);
	h->link = world_region(w, "links", links_bytes(), CHUNK, REGION_RAW, NULL);
	iommu_claim(h);
	for (u32 l = 0; l < caches; l++) {
		const struct cache_config *c = l ? &cfg->outer : &cfg->l1;

		if (!c->sets)
			continue;
		BUG_ON(!is_pow2(c->sets) || c->ways == 0 || c->ways > WAYS_MAX);
		cache_claim(h, l);
	}
	w->ops.ctx = h;
	w->ops.copies = hw_copies;
	w->ops.home = link_home;
	w->ops.memory = memory_cell;
	w->ops.memory_at = memory_cell_at;
	h->simple = cfg->l1.sets && !cfg->l1.write_through && !w->knows && !cfg->outer.sets &&
		    !cfg->store_entries && !cfg->early_loads && w->line == 64 && w->cpus == 1;
}

void hw_open(struct hw *h)
{
	h->pages = world_open_region(h->w, "memory", h->w->cell.stride, REGION_CELL);
}
