/* SPDX-License-Identifier: MIT */
/*
 * What the CPU's page tables say: all RAM in one linear map, cached, and a window of remapped
 * pages (uncached coherent memory, vmalloc). Model: translations never miss and cost nothing.
 */
#include "base/bug.h"
#include "hw/hw.h"

struct vmaps {
	u64 next; /* bytes of the window given out; addresses are not used twice */
	struct vmap v[VMAPS_MAX];
};

static const struct vmaps *vmaps(const struct hw *h)
{
	return world_at(h->w, h->vmap);
}

cpu_addr_t va_linear(const struct hw *h, phys_addr_t pa)
{
	return (cpu_addr_t){h->cfg->linear_base + pa.pa};
}

bool va_is_linear(const struct hw *h, cpu_addr_t va)
{
	return va.va >= h->cfg->linear_base && memory_is_ram(h, va.va - h->cfg->linear_base, 1);
}

bool va_translate_far(const struct hw *h, cpu_addr_t va, phys_addr_t *pa, enum memtype *type)
{
	if (va_is_linear(h, va)) {
		pa->pa = va.va - h->cfg->linear_base;
		*type = MEM_CACHED;
		return true;
	}
	if (va.va < h->cfg->vmap_base || va.va - h->cfg->vmap_base >= vmaps(h)->next)
		return false;
	for (u32 i = 0; i < VMAPS_MAX; i++) {
		const struct vmap *v = &vmaps(h)->v[i];

		if (v->len && va.va >= v->va && va.va - v->va < v->len) {
			pa->pa = v->pa + (va.va - v->va);
			*type = (enum memtype)v->type;
			return true;
		}
	}
	return false;
}

static bool map_at(struct hw *h, u64 at, phys_addr_t pa, u64 len, enum memtype type,
		   cpu_addr_t *out)
{
	const struct vmaps *m = vmaps(h);

	BUG_ON(len == 0 || len % 4096 || pa.pa % 4096);
	for (u32 i = 0; i < VMAPS_MAX; i++) {
		struct vmap *v;

		if (m->v[i].len)
			continue;
		out->va = h->cfg->vmap_base + at;
		v = world_mut(h->w, world_off(h->w, &m->v[i]), sizeof *v);
		*v = (struct vmap){out->va, pa.pa, len, (u32)type, 0};
		W_SET(h->w, m->next, at + len + 4096); /* a guard page, as vmalloc leaves one */
		return true;
	}
	return false;
}

bool va_map(struct hw *h, phys_addr_t pa, u64 len, enum memtype type, cpu_addr_t *out)
{
	return map_at(h, vmaps(h)->next, pa, len, type, out);
}

bool va_map_next(struct hw *h, phys_addr_t pa, u64 len, enum memtype type, cpu_addr_t *out)
{
	BUG_ON(vmaps(h)->next == 0);
	return map_at(h, vmaps(h)->next - 4096, pa, len, type, out);
}

void va_unmap(struct hw *h, cpu_addr_t va)
{
	for (u32 i = 0; i < VMAPS_MAX; i++) {
		const struct vmap *v = &vmaps(h)->v[i];

		if (v->len && v->va == va.va) {
			W_SET(h->w, *(struct vmap *)(uintptr_t)v, ((struct vmap){0}));
			return;
		}
	}
	BUG_ON(true);
}
