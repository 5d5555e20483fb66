/* SPDX-License-Identifier: MIT */
/* Kernel calls that give and take memory for the CPU and a device. */
#include "base/bug.h"
#include "engine/call_int.h"

static void gave(struct call *c, u64 result, dma_addr_t h)
{
	c->result = result;
	c->out = h.bus;
	c->has_out = true;
}

static void allocate(struct call *c, u32 dev, bool managed)
{
	struct lx *l = &c->e->lx;
	u64 size = call_arg(c, 1);
	u32 gfp = (u32)call_arg(c, 2), attrs = (u32)call_arg(c, 3);
	cpu_addr_t va = {0};
	dma_addr_t h = {0};

	if (managed)
		c->rc = lx_dmam_alloc_attrs(l, c->level, dev, size, gfp, attrs, &va, &h);
	else
		c->rc = lx_dma_alloc_attrs(l, c->level, dev, size, gfp, attrs, &va, &h);
	gave(c, va.va, h);
}

static void give_back(struct call *c, u32 dev, bool managed)
{
	struct lx *l = &c->e->lx;
	cpu_addr_t va = {call_arg(c, 2)};
	dma_addr_t h = {call_arg(c, 3)};

	oracle_frees_coherent(&c->e->oracle, dev, h.bus);
	if (managed)
		c->rc = lx_dmam_free_coherent(l, dev, call_arg(c, 1), va, h);
	else
		c->rc = lx_dma_free_attrs(l, dev, call_arg(c, 1), va, h, (u32)call_arg(c, 4));
}

/* dma_alloc_pages(), and dma_alloc_noncoherent() around it. */
static void allocate_pages(struct call *c, u32 dev, bool pointer)
{
	struct lx *l = &c->e->lx;
	phys_addr_t page = {0};
	dma_addr_t h = {0};
	u64 got = 0;

	if (lx_dma_alloc_pages(l, c->level, dev, call_arg(c, 1), (u32)call_arg(c, 2),
			       (u32)call_arg(c, 3), &page, &h))
		got = pointer ? lx_page_address(l, page).va : page.pa | 1;
	gave(c, got, h);
}

static void free_pages(struct call *c, u32 dev, bool pointer)
{
	struct lx *l = &c->e->lx;
	phys_addr_t page = {call_arg(c, 2) & ~1ull};

	if (pointer)
		page = lx_virt_to_page(l, (cpu_addr_t){call_arg(c, 2)});
	oracle_unmapping(&c->e->oracle, dev, call_arg(c, 3), call_arg(c, 1), (u32)call_arg(c, 4));
	c->rc = lx_dma_free_pages(l, dev, call_arg(c, 1), page, (dma_addr_t){call_arg(c, 3)},
				  (u32)call_arg(c, 4));
}

void calls_coherent(struct call *c, u32 id)
{
	u32 dev = (u32)call_arg(c, 0);

	switch (id) {
	case CALL_dma_alloc_coherent:
	case CALL_dma_alloc_wc: /* Model: write combining is no kind of memory of its own */
	case CALL_dma_alloc_attrs:
		allocate(c, dev, false);
		break;
	case CALL_dmam_alloc_coherent:
	case CALL_dmam_alloc_attrs:
		allocate(c, dev, true);
		break;
	case CALL_dma_free_coherent:
	case CALL_dma_free_wc:
	case CALL_dma_free_attrs:
		give_back(c, dev, false);
		break;
	case CALL_dmam_free_coherent:
		give_back(c, dev, true);
		break;
	case CALL_dma_alloc_pages:
	case CALL_dma_alloc_noncoherent:
		allocate_pages(c, dev, id == CALL_dma_alloc_noncoherent);
		break;
	case CALL_dma_free_pages:
	case CALL_dma_free_noncoherent:
		free_pages(c, dev, id == CALL_dma_free_noncoherent);
		break;
	default:
		BUG_ON(true);
	}
}
