/* SPDX-License-Identifier: MIT */
/* Kernel calls that give and take memory for the CPU and a device. */
#include "base/bug.h"
#include "engine/call_int.h"

void calls_coherent(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u32 dev = (u32)call_arg(c, 0);
	dma_addr_t h = {0};
	cpu_addr_t va = {0};

	switch (id) {
	case CALL_dma_alloc_coherent:
	case CALL_dma_alloc_wc: /* Model: write combining is no kind of memory of its own */
	case CALL_dma_alloc_attrs:
		lx_dma_alloc_coherent(l, c->level, dev, call_arg(c, 1), &va, &h);
		c->result = va.va;
		c->out = h.bus;
		c->has_out = true;
		break;
	case CALL_dma_free_coherent:
	case CALL_dma_free_wc:
	case CALL_dma_free_attrs:
		oracle_frees_coherent(&c->e->oracle, dev, call_arg(c, 3));
		c->rc = lx_dma_free_coherent(l, dev, call_arg(c, 1), (cpu_addr_t){call_arg(c, 2)},
					     (dma_addr_t){call_arg(c, 3)});
		break;
	default:
		BUG_ON(true);
	}
}
