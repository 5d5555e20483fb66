/* SPDX-License-Identifier: MIT */
/* Kernel calls that give and take memory, and those that turn addresses into others. */
#include "base/bug.h"
#include "engine/call_int.h"

void calls_memory(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	cpu_addr_t va = {0};
	phys_addr_t pa = {0};
	u32 gfp = (u32)call_arg(c, 1);

	switch (id) {
	case CALL_kmalloc:
	case CALL_kzalloc:
		c->rc = lx_kmalloc(l, c->level, call_arg(c, 0),
				   gfp | (id == CALL_kzalloc ? (u32)GFP_BIT_ZERO : 0), &va);
		c->result = va.va;
		break;
	case CALL_devm_kzalloc:
		c->rc = lx_devm_kzalloc(l, c->level, (u32)call_arg(c, 0), call_arg(c, 1),
					(u32)call_arg(c, 2), &va);
		c->result = va.va;
		break;
	case CALL_vmalloc:
	case CALL_vzalloc:
		c->rc = lx_vmalloc(l, c->level, call_arg(c, 0),
				   id == CALL_vzalloc ? (u32)GFP_BIT_ZERO : 0, &va);
		c->result = va.va;
		break;
	case CALL_alloc_page:
	case CALL_alloc_pages:
		/* A page is its physical address plus one, so that NULL differs from page 0. */
		if (lx_alloc_pages(l, c->level, (u32)call_arg(c, 0),
				   id == CALL_alloc_pages ? (u32)call_arg(c, 1) : 0, &pa))
			c->result = pa.pa | 1;
		break;
	case CALL_kfree:
		c->rc = lx_kfree(l, (cpu_addr_t){call_arg(c, 0)});
		break;
	case CALL_vfree:
		c->rc = lx_vfree(l, (cpu_addr_t){call_arg(c, 0)});
		break;
	case CALL_free_page:
		c->rc = lx_free_pages(l, lx_virt_to_page(l, (cpu_addr_t){call_arg(c, 0)}), 0);
		break;
	case CALL___free_page:
	case CALL___free_pages:
		c->rc = lx_free_pages(l, (phys_addr_t){call_arg(c, 0) & ~1ull},
				      id == CALL___free_pages ? (u32)call_arg(c, 1) : 0);
		break;
	default:
		BUG_ON(true);
	}
}

void calls_address(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	phys_addr_t page;

	switch (id) {
	case CALL_virt_to_phys:
		c->result = lx_virt_to_phys(l, (cpu_addr_t){call_arg(c, 0)}).pa;
		break;
	case CALL_phys_to_virt:
		c->result = lx_phys_to_virt(l, (phys_addr_t){call_arg(c, 0)}).va;
		break;
	case CALL_virt_to_page:
		c->result = lx_virt_to_page(l, (cpu_addr_t){call_arg(c, 0)}).pa | 1;
		break;
	case CALL_page_address:
		c->result = lx_page_address(l, (phys_addr_t){call_arg(c, 0) & ~1ull}).va;
		break;
	case CALL_page_count:
		c->rc = lx_page_count(l, (phys_addr_t){call_arg(c, 0) & ~1ull}, &c->result);
		break;
	case CALL_page_to_phys:
		c->result = call_arg(c, 0) & ~1ull;
		break;
	case CALL_vmalloc_to_page:
		if (lx_vmalloc_to_page(l, (cpu_addr_t){call_arg(c, 0)}, &page))
			c->result = page.pa | 1;
		break;
	case CALL_kmap_local_page: /* Model: no high memory, as on every 64-bit kernel */
		c->result = lx_page_address(l, (phys_addr_t){call_arg(c, 0) & ~1ull}).va;
		break;
	case CALL_kunmap_local:
		break;
	default:
		BUG_ON(true);
	}
}
