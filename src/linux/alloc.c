/* SPDX-License-Identifier: MIT */
/*
 * Kinds of memory. kmalloc() packs objects of one size as SLUB does, with the alignment that DMA
 * asks for: mm/slab_common.c, create_kmalloc_caches() and __kmalloc_minalign(). An allocation makes
 * its bytes undefined; the event comes when they are zeroed, if they are.
 *
 * Model: slab pages hold one page of objects, the first free one is taken, and they stay; nothing
 * is poisoned; stack, module, text and rodata are areas of ordinary memory.
 */
#include "linux/linux_int.h"

enum { ZERO_SIZE_PTR = 16 };

const char *lx_rc_text(enum lx_rc rc)
{
	static const char *const text[] = {
	    [LX_OK] = "all is well",
	    [LX_BUG_DIRECTION] = "the direction is none of the three that can be mapped",
	    [LX_BUG_SIZE] = "a mapping of 0 bytes cannot be bounced",
	    [LX_BUG_FREE] = "this is not, or no longer, what the call frees",
	    [LX_BUG_SG] = "this is not an entry of a scatterlist",
	    [LX_BUG_PAGES] = "the array has not so many pages",
	    [LX_BUG_SG_PAGE] = "an entry of the scatterlist stands for no memory",
	    [LX_BUG_NOTHING] = "memory of 0 bytes behind an IOMMU: the kernel follows NULL",
	    [LX_BUG_POOL] = "this is no DMA pool, or one that was destroyed",
	    [LX_BUG_PAGE] = "this is no page: virt_to_page() knows the linear map only",
	    [LX_BUG_SG_UNSET] = "sg_init_table() has not seen this scatterlist",
	};

	BUG_ON((u32)rc >= ARRAY_LEN(text));
	return text[rc];
}

/* ---- the table of what is given out ---- */

static const struct lx_alloc *allocs(const struct lx *l)
{
	return world_at(l->w, l->allocs);
}

const struct lx_alloc *alloc_add(struct lx *l, enum mem_kind kind, u64 va, u64 pa, u64 len,
				 u64 room)
{
	const struct lx_state *s = lx_state(l);
	struct lx_alloc a = {va, pa, len, room, (u32)kind + 1, 0};
	u32 i = 0;

	while (i < s->allocs && allocs(l)[i].kind)
		i++;
	if (i == ALLOCS_MAX) {
		world_limit(l->w, LIMIT_ALLOCS);
		return NULL;
	}
	if (i == s->allocs)
		W_SET(l->w, s->allocs, i + 1);
	world_write(l->w, &allocs(l)[i], &a, sizeof a);
	copies_reset(l->w, pa, room);
	return &allocs(l)[i];
}

const struct lx_alloc *alloc_find(const struct lx *l, enum mem_kind kind, u64 va)
{
	for (u32 i = 0; i < lx_state(l)->allocs; i++)
		if (allocs(l)[i].kind == (u32)kind + 1 && allocs(l)[i].va == va)
			return &allocs(l)[i];
	return NULL;
}

bool lx_is_private(const struct lx *l, phys_addr_t pa)
{
	if (!l->cfg->encrypted || lx_in_pool(l, pa))
		return false;
	for (u32 i = 0; i < lx_state(l)->allocs; i++) {
		const struct lx_alloc *a = &allocs(l)[i];
		bool shared = a->kind == KIND_COHERENT + 1 ||
			      (a->kind == KIND_PAGE + 1 && a->pages == ALLOC_SHARED);

		if (shared && pa.pa - a->pa < a->room)
			return false;
	}
	return true;
}

void alloc_drop(struct lx *l, const struct lx_alloc *a)
{
	W_SET(l->w, *a, (struct lx_alloc){0});
}

static void fail(struct lx *l, u64 len)
{
	EMIT(l->w, ALLOC_FAIL, hw_party(l->hw), 0, len);
}

/* The new allocation, zeroed if asked: its event ends the call. */
static void announce(struct lx *l, enum lx_level level, const struct lx_alloc *a, u32 gfp)
{
	if (gfp & GFP_BIT_ZERO)
		uop_fill(l, level, (cpu_addr_t){a->va}, a->room);
	DONE(l, level, ALLOC, 0, 0, a->pa, a->va, a->len, a->room, a->kind - 1);
}

static void give_back(struct lx *l, const struct lx_alloc *a)
{
	struct lx_alloc was = *a;

	alloc_drop(l, a);
	EMIT(l->w, FREE, hw_party(l->hw), 0, was.pa, was.va, was.len, was.kind - 1);
}

/* ---- kmalloc ---- */

static u64 bucket_of(u64 size)
{
	u64 b = 8;

	if (size > 64 && size <= 96)
		return 96;
	if (size > 128 && size <= 192)
		return 192;
	while (b < size)
		b *= 2;
	return b;
}

static u64 kmalloc_min_align(const struct lx *l)
{
	if (l->cfg->kmalloc_bounce && l->cfg->swiotlb.slots)
		return 8;
	return max_u64(8, l->cfg->cache_alignment);
}

u64 lx_kmalloc_room(const struct lx *l, u64 size)
{
	if (!size)
		return 0;
	if (size > KMALLOC_CACHE_MAX)
		return (u64)LX_PAGE << order_of(size);
	return bucket_of(align_up(bucket_of(size), kmalloc_min_align(l)));
}

static const struct slab *slabs(const struct lx *l)
{
	return world_at(l->w, l->slabs);
}

static s32 free_object(const struct slab *s)
{
	for (u32 i = 0; i < LX_PAGE / s->bucket; i++)
		if (!(s->map[i / 64] >> (i % 64) & 1))
			return (s32)i;
	return -1;
}

static void set_object(struct lx *l, const struct slab *s, u32 i, bool on)
{
	u64 bit = 1ull << (i % 64), word = s->map[i / 64];

	W_SET(l->w, s->map[i / 64], on ? word | bit : word & ~bit);
}

static bool slab_take(struct lx *l, u32 bucket, u32 gfp, u64 *pa)
{
	const struct lx_state *st = lx_state(l);
	u32 zone = page_gfp_zone(l, gfp & GFP_BIT_DMA), i;
	s32 object = -1;

	for (i = 0; i < st->slabs && object < 0; i++)
		if (slabs(l)[i].bucket == bucket && slabs(l)[i].zone == zone)
			object = free_object(&slabs(l)[i]);
	if (object < 0) {
		struct slab s = {.bucket = bucket, .zone = zone};

		if (i == SLABS_MAX) {
			world_limit(l->w, LIMIT_ALLOCS);
			return false;
		}
		if (!page_take(l, gfp & GFP_BIT_DMA, 0, &s.pa))
			return false;
		world_write(l->w, &slabs(l)[i], &s, sizeof s);
		W_SET(l->w, st->slabs, ++i);
		object = 0;
	}
	*pa = slabs(l)[i - 1].pa + (u64)object * bucket;
	set_object(l, &slabs(l)[i - 1], (u32)object, true);
	return true;
}

static void slab_give(struct lx *l, u64 pa)
{
	for (u32 i = 0; i < lx_state(l)->slabs; i++) {
		const struct slab *s = &slabs(l)[i];

		if (pa >= s->pa && pa - s->pa < LX_PAGE)
			set_object(l, s, (u32)((pa - s->pa) / s->bucket), false);
	}
}

/* An object with so many bytes of the kernel's own in front of what the driver gets. */
static enum lx_rc take_object(struct lx *l, enum lx_level level, u64 size, u64 header, u32 gfp,
			      cpu_addr_t *out)
{
	const struct lx_alloc *a;
	u64 all, room, pa;
	bool got;

	uop_begin(l, level);
	out->va = size ? 0 : ZERO_SIZE_PTR;
	if (!size)
		return LX_OK;
	if (__builtin_add_overflow(size, header, &all)) { /* check_dr_size() */
		fail(l, size);
		return LX_OK;
	}
	room = lx_kmalloc_room(l, all);
	if (room <= SLAB_OBJECT_MAX)
		got = slab_take(l, (u32)room, gfp, &pa);
	else
		got = page_take(l, gfp & GFP_BIT_DMA, order_of(room), &pa);
	if (!got) {
		fail(l, size);
		return LX_OK;
	}
	pa += header;
	out->va = lx_phys_to_virt(l, (phys_addr_t){pa}).va;
	a = alloc_add(l, KIND_KMALLOC, out->va, pa, size, room - header);
	if (!a)
		return LX_OK;
	if (header)
		W_SET(l->w, a->pages, (u32)header);
	announce(l, level, a, gfp);
	return LX_OK;
}

static void give_object(struct lx *l, const struct lx_alloc *a)
{
	u64 room = a->room + a->pages;

	if (room <= SLAB_OBJECT_MAX)
		slab_give(l, a->pa - a->pages);
	else
		page_give(l, a->pa - a->pages, order_of(room));
	give_back(l, a);
}

enum lx_rc lx_kmalloc(struct lx *l, enum lx_level level, u64 size, u32 gfp, cpu_addr_t *out)
{
	return take_object(l, level, size, 0, gfp, out);
}

enum lx_rc lx_kfree(struct lx *l, cpu_addr_t p)
{
	const struct lx_alloc *a;

	if (p.va == 0 || p.va == ZERO_SIZE_PTR)
		return LX_OK;
	a = alloc_find(l, KIND_KMALLOC, p.va);
	if (a && a->pages) /* a managed one is no object by itself */
		return LX_BUG_FREE;
	if (a) {
		give_object(l, a);
		return LX_OK;
	}
	a = alloc_find(l, KIND_PLACED, p.va); /* its pages stay out of reach */
	if (!a)
		return LX_BUG_FREE;
	give_back(l, a);
	return LX_OK;
}

/* struct devres: a header of 40 bytes, and what is managed with the alignment for DMA. */
enum lx_rc kmalloc_managed(struct lx *l, enum lx_level level, u64 size, u32 gfp, cpu_addr_t *out)
{
	return take_object(l, level, size, align_up(40, max_u64(8, l->cfg->dma_minalign)),
			   gfp | GFP_BIT_ZERO, out);
}

enum lx_rc kfree_managed(struct lx *l, cpu_addr_t p)
{
	const struct lx_alloc *a = alloc_find(l, KIND_KMALLOC, p.va);

	if (!a || !a->pages)
		return LX_BUG_FREE;
	give_object(l, a);
	return LX_OK;
}

/* ---- pages ---- */

bool lx_alloc_pages(struct lx *l, enum lx_level level, u32 gfp, u32 order, phys_addr_t *page)
{
	const struct lx_alloc *a;
	u64 len;

	uop_begin(l, level);
	len = (u64)LX_PAGE << (order > ORDER_MAX ? ORDER_MAX + 1 : order);
	if (!page_take(l, gfp, order, &page->pa)) {
		fail(l, len);
		return false;
	}
	a = alloc_add(l, KIND_PAGE, lx_phys_to_virt(l, *page).va, page->pa, len, len);
	if (a)
		announce(l, level, a, gfp);
	return true;
}

enum lx_rc lx_free_pages(struct lx *l, phys_addr_t page, u32 order)
{
	const struct lx_alloc *a = alloc_find(l, KIND_PAGE, lx_phys_to_virt(l, page).va);

	if (!a || a->room != (u64)LX_PAGE << order)
		return LX_BUG_FREE;
	page_give(l, page.pa, order);
	give_back(l, a);
	return LX_OK;
}

/* ---- vmalloc: one entry of the table per page, in the order of addresses ---- */

static void vmalloc_drop(struct lx *l, u64 va, u64 pages, bool event)
{
	for (u64 i = 0; i < pages; i++) {
		const struct lx_alloc *a = alloc_find(l, KIND_VMALLOC, va + i * LX_PAGE);

		BUG_ON(!a);
		va_unmap(l->hw, (cpu_addr_t){a->va});
		page_give(l, a->pa, 0);
		if (event)
			give_back(l, a);
		else
			alloc_drop(l, a);
	}
}

/* The i-th page of an area that begins at *first, which keeps the length. */
static bool vmalloc_page(struct lx *l, u64 i, u64 *first, u64 *last, u64 size)
{
	const struct lx_alloc *a;
	cpu_addr_t va;
	u64 pa;

	if (!page_take_apart(l, *last, &pa))
		return false;
	if (i ? !va_map_next(l->hw, (phys_addr_t){pa}, LX_PAGE, MEM_CACHED, &va)
	      : !va_map(l->hw, (phys_addr_t){pa}, LX_PAGE, MEM_CACHED, &va)) {
		world_limit(l->w, LIMIT_ALLOCS);
		page_give(l, pa, 0);
		return false;
	}
	BUG_ON(i && va.va != *first + i * LX_PAGE);
	a = alloc_add(l, KIND_VMALLOC, va.va, pa, min_u64(size - i * LX_PAGE, LX_PAGE), LX_PAGE);
	if (!a) {
		va_unmap(l->hw, va);
		page_give(l, pa, 0);
		return false;
	}
	W_SET(l->w, a->pages, i ? 0 : (u32)(align_up(size, LX_PAGE) / LX_PAGE));
	if (!i)
		*first = va.va;
	*last = pa;
	return true;
}

enum lx_rc lx_vmalloc(struct lx *l, enum lx_level level, u64 size, u32 gfp, cpu_addr_t *out)
{
	u64 pages = size / LX_PAGE + (size % LX_PAGE != 0), first = 0, last = 0, i;

	uop_begin(l, level);
	out->va = 0;
	if (pages > (l->ram_end / LX_PAGE))
		pages = 0;
	for (i = 0; i < pages; i++)
		if (!vmalloc_page(l, i, &first, &last, size))
			break;
	if (i < pages || !pages) {
		vmalloc_drop(l, first, i, false);
		fail(l, size);
		return LX_OK;
	}
	out->va = first;
	if (gfp & GFP_BIT_ZERO)
		uop_fill(l, level, *out, pages * LX_PAGE);
	for (i = 0; i < pages; i++) {
		const struct lx_alloc *a = alloc_find(l, KIND_VMALLOC, first + i * LX_PAGE);

		EMIT(l->w, ALLOC, hw_party(l->hw), 0, a->pa, a->va, a->len, a->room, KIND_VMALLOC);
	}
	return LX_OK;
}

enum lx_rc lx_vfree(struct lx *l, cpu_addr_t p)
{
	const struct lx_alloc *a = alloc_find(l, KIND_VMALLOC, p.va);

	if (!p.va)
		return LX_OK;
	if (!a || !a->pages)
		return LX_BUG_FREE;
	vmalloc_drop(l, p.va, a->pages, true);
	return LX_OK;
}

bool lx_open_memory(const struct lx *l, u32 i, u64 *pa, u64 *len)
{
	for (u32 k = 0; k < lx_state(l)->allocs; k++) {
		const struct lx_alloc *a = &allocs(l)[k];

		/* Nobody reads an uncached buffer through its cacheable alias. */
		if (!a->kind || (a->kind == KIND_COHERENT + 1 && a->pages == ALLOC_UNCACHED))
			continue;
		if (i-- == 0) {
			*pa = a->pa;
			*len = a->len;
			return true;
		}
	}
	return pool_stretch(l, i, pa, len);
}
