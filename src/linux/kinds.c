/* SPDX-License-Identifier: MIT */
/*
 * Setting up, the linear map's arithmetic, and the kinds of memory that a driver has without asking
 * for them: stack, module data, text, rodata; and a laboratory's memory at a given place.
 */
#include "linux/linux_int.h"

enum { STACK_ORDER = 2 }; /* THREAD_SIZE: 16 KiB */

/* Whether [base, base + len) lies in one range of memory. */
static bool in_ram(const struct hw_config *hw, u64 base, u64 len)
{
	for (u32 i = 0; i < hw->rams; i++) {
		const struct range *r = &hw->ram[i];

		if (base >= r->base && base - r->base < r->size &&
		    len <= r->size - (base - r->base))
			return true;
	}
	return false;
}

static const char *own_pool_problem(const struct linux_config *c, const struct hw_config *hw)
{
	for (u32 i = 0; i < hw->devs; i++) {
		const struct linux_device_config *d = &c->dev[i];

		if (d->pool_slots % SLOTS_PER_SET || d->pool_slots > SLOTS_MAX)
			return "slots of a restricted pool come in sets of 128, at most 131072";
		if (d->pool_slots && (!in_ram(hw, d->pool_base, (u64)d->pool_slots * SLOT_SIZE) ||
				      d->pool_base % LX_PAGE))
			return "there is no room in memory for a restricted pool";
	}
	return NULL;
}

const char *linux_config_problem(const struct linux_config *c, const struct hw_config *hw)
{
	u64 pool = (u64)c->swiotlb.slots * SLOT_SIZE, base = c->swiotlb.base;
	bool inside = false;

	if (!is_pow2(c->cache_alignment) || !is_pow2(c->dma_minalign) ||
	    !is_pow2(c->l1_cache_bytes))
		return "dma_minalign, cache_alignment and l1_cache_bytes are powers of two";
	if (c->cache_alignment > LX_PAGE || c->dma_minalign > LX_PAGE)
		return "a DMA alignment is at most a page";
	if (!hw->rams)
		return "there is no memory";
	for (u32 i = 0; i < hw->rams; i++) {
		const struct range *r = &hw->ram[i];

		if (r->base + r->size < r->base || r->base % LX_PAGE || r->size % LX_PAGE ||
		    r->size == 0)
			return "memory comes in whole pages";
		inside |= base >= r->base && base - r->base < r->size &&
			  pool <= r->size - (base - r->base);
	}
	if (c->swiotlb.slots % SLOTS_PER_SET || c->swiotlb.slots > SLOTS_MAX)
		return "swiotlb slots come in sets of 128, at most 131072";
	if (c->swiotlb.areas > 1 && (!is_pow2(c->swiotlb.areas) || c->swiotlb.areas > AREAS_MAX ||
				     c->swiotlb.slots % (c->swiotlb.areas * SLOTS_PER_SET)))
		return "the areas of a swiotlb pool are a power of two, each of whole sets";
	if (c->encrypted && !pool)
		return "an encrypted guest needs a bounce pool: swiotlb: {size: 64MiB}";
	if (pool && (!inside || base % LX_PAGE))
		return "the swiotlb pool lies in memory and begins on a page";
	return own_pool_problem(c, hw);
}

void lx_init(struct lx *l, struct hw *hw, const struct linux_config *cfg)
{
	struct world *w = hw->w;
	const struct lx_state *s;

	BUG_ON(linux_config_problem(cfg, hw->cfg) != NULL);
	*l = (struct lx){.w = w, .hw = hw, .cfg = cfg};
	l->state = world_region(w, "linux", sizeof *s, CHUNK, REGION_RAW, NULL);
	page_init(l);
	l->slabs =
	    world_region(w, "slabs", (u64)SLABS_MAX * sizeof(struct slab), CHUNK, REGION_RAW, NULL);
	l->allocs = world_region(w, "allocations", (u64)ALLOCS_MAX * sizeof(struct lx_alloc), CHUNK,
				 REGION_RAW, NULL);
	pool_init(l);
	dma_pool_claim(l);
	devres_claim(l);
	atomic_claim(l);
	klog_claim(w);
	iommu_init(l);
	s = lx_state(l);
	for (u32 i = 0; i < hw->cfg->devs; i++) {
		const struct linux_device_config *d = &cfg->dev[i];

		W_SET(w, s->dev[i].mask, d->mask || d->no_mask ? d->mask : 0xffffffff);
		W_SET(w, s->dev[i].coherent_mask,
		      d->coherent_mask || d->no_coherent_mask ? d->coherent_mask : 0xffffffff);
	}
}

/* ---- addresses ---- */

phys_addr_t lx_virt_to_phys(const struct lx *l, cpu_addr_t va)
{
	return (phys_addr_t){va.va - l->hw->cfg->linear_base};
}

cpu_addr_t lx_phys_to_virt(const struct lx *l, phys_addr_t pa)
{
	return (cpu_addr_t){pa.pa + l->hw->cfg->linear_base};
}

phys_addr_t lx_virt_to_page(const struct lx *l, cpu_addr_t va)
{
	return (phys_addr_t){align_down(lx_virt_to_phys(l, va).pa, LX_PAGE)};
}

cpu_addr_t lx_page_address(const struct lx *l, phys_addr_t page)
{
	return lx_phys_to_virt(l, page);
}

enum lx_rc lx_page_count(const struct lx *l, phys_addr_t page, u64 *count)
{
	if (!memory_is_ram(l->hw, page.pa, LX_PAGE))
		return LX_BUG_PAGE;
	*count = page_is_taken(l, page.pa);
	return LX_OK;
}

bool lx_vmalloc_to_page(const struct lx *l, cpu_addr_t va, phys_addr_t *page)
{
	enum memtype type;

	if (!lx_is_vmalloc_addr(l, va) || !va_translate(l->hw, va, page, &type))
		return false;
	page->pa = align_down(page->pa, LX_PAGE);
	return true;
}

/* The module area is no part of the vmalloc area (is_vmalloc_addr(), as on arm64 and x86-64). */
bool lx_is_vmalloc_addr(const struct lx *l, cpu_addr_t va)
{
	const struct area *m = &lx_state(l)->area[KIND_MODULE];

	if (va.va < l->hw->cfg->vmap_base || va_is_linear(l->hw, va))
		return false;
	return !(m->va && va.va >= m->va && va.va - m->va < m->size);
}

/* ---- areas ---- */

static bool area_new(struct lx *l, enum mem_kind kind, u64 n)
{
	const struct area *at = &lx_state(l)->area[kind];
	u32 order = order_of(n);
	struct area a = {0};
	cpu_addr_t va;

	if (kind == KIND_STACK && order < STACK_ORDER)
		order = STACK_ORDER;
	if (!page_take(l, 0, order, &a.pa))
		return false;
	a.size = LX_PAGE << order;
	va = lx_phys_to_virt(l, (phys_addr_t){a.pa});
	if (kind == KIND_MODULE || (kind == KIND_STACK && l->cfg->vmap_stack)) {
		if (!va_map(l->hw, (phys_addr_t){a.pa}, a.size, MEM_CACHED, &va)) {
			world_limit(l->w, LIMIT_ALLOCS);
			page_give(l, a.pa, order);
			return false;
		}
	}
	a.va = va.va;
	world_write(l->w, at, &a, sizeof a);
	return true;
}

bool lx_lab_memory(struct lx *l, enum mem_kind kind, u64 n, cpu_addr_t *out)
{
	const struct area *a = &lx_state(l)->area[kind];
	u32 room, at;

	BUG_ON(kind < KIND_STACK || kind > KIND_RODATA);
	if (n == 0 || n > (u64)LX_PAGE << ORDER_MAX) {
		EMIT(l->w, ALLOC_FAIL, hw_party(l->hw), 0, n);
		return false;
	}
	room = (u32)align_up(n, kind == KIND_STACK ? 16 : 8);
	if ((!a->va || room > a->size - a->used) && !area_new(l, kind, room)) {
		EMIT(l->w, ALLOC_FAIL, hw_party(l->hw), 0, n);
		return false;
	}
	at = kind == KIND_STACK ? a->size - a->used - room : a->used; /* a stack grows down */
	W_SET(l->w, a->used, a->used + room);
	out->va = a->va + at;
	if (!alloc_add(l, kind, out->va, a->pa + at, n, room))
		return false;
	EMIT(l->w, ALLOC, hw_party(l->hw), 0, a->pa + at, out->va, n, room, kind);
	return true;
}

/* Whether any live allocation has a byte of [pa, pa+n). */
static bool overlaps(const struct lx *l, u64 pa, u64 n)
{
	const struct lx_alloc *a = world_at(l->w, l->allocs);

	for (u32 i = 0; i < lx_state(l)->allocs; i++, a++)
		if (a->kind && pa < a->pa + a->room && a->pa < pa + n)
			return true;
	return false;
}

static bool placed_before(const struct lx *l, u64 page)
{
	const struct lx_alloc *a = world_at(l->w, l->allocs);

	for (u32 i = 0; i < lx_state(l)->allocs; i++, a++)
		if (a->kind == KIND_PLACED + 1 && page < a->pa + a->room && a->pa < page + LX_PAGE)
			return true;
	return false;
}

bool lx_place(struct lx *l, u64 n, phys_addr_t at, cpu_addr_t *out)
{
	u64 end = at.pa + n;

	if (n == 0 || !memory_is_ram(l->hw, at.pa, n) || overlaps(l, at.pa, n))
		return false;
	for (u64 p = align_down(at.pa, LX_PAGE); p < end; p += LX_PAGE)
		if (lx_in_pool(l, (phys_addr_t){p}) || (!placed_before(l, p) && !page_claim(l, p)))
			return false;
	*out = lx_phys_to_virt(l, at);
	if (!alloc_add(l, KIND_PLACED, out->va, at.pa, n, n))
		return false;
	EMIT(l->w, ALLOC, hw_party(l->hw), 0, at.pa, out->va, n, n, KIND_PLACED);
	return true;
}
