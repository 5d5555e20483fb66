/* SPDX-License-Identifier: MIT */
/*
 * Where memory that is mapped lies, as kernel/dma/debug.c looks at it: check_for_stack(),
 * check_for_illegal_area(), debug_dma_map_single().
 */
#include "linux/linux_int.h"

static bool in_area(const struct lx *l, enum mem_kind kind, u64 pa, u64 len)
{
	const struct area *a = &lx_state(l)->area[kind];

	return a->va && pa < a->pa + a->size && a->pa < pa + len;
}

/* The current task is the driver's, in its interrupt handlers too, but not on another CPU. With a
 * mapped stack it is the page that counts, else the first byte alone. */
static u32 on_stack(const struct lx *l, u64 pa)
{
	if (l->hw->self || !in_area(l, KIND_STACK, pa, 1))
		return WHERE_LINEAR;
	return l->cfg->vmap_stack ? WHERE_VMAP_STACK : WHERE_STACK;
}

u32 map_where(const struct lx *l, u64 pa, u64 len)
{
	u32 stack = on_stack(l, pa);
	bool image = l->cfg->arch.flags & ARCH_IMAGE_LINEAR;

	if (stack)
		return stack;
	if (image && len && (in_area(l, KIND_TEXT, pa, len) || in_area(l, KIND_RODATA, pa, len)))
		return WHERE_TEXT;
	return memory_is_ram(l->hw, pa, 1) ? WHERE_LINEAR : WHERE_INVALID;
}

/* virt_addr_valid() */
u32 map_where_pointer(const struct lx *l, cpu_addr_t p, u64 len)
{
	if (!va_is_linear(l->hw, p))
		return WHERE_INVALID;
	return map_where(l, lx_virt_to_phys(l, p).pa, len);
}
