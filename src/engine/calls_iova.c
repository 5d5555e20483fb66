/* SPDX-License-Identifier: MIT */
/* Kernel calls of I/O addresses by hand (7.1); the oracle hears of each mapping that ends. */
#include "base/bug.h"
#include "engine/call_int.h"

static void unlinking(struct call *c, u32 dev, u64 st, u64 off, u64 size, u32 dir)
{
	u64 bus, len;

	for (u32 i = 0; lx_iova_piece(&c->e->lx, st, i, off, size, &bus, &len); i++)
		oracle_unmapping(&c->e->oracle, dev, bus, len, dir);
}

static void link_call(struct call *c, u32 dev, u64 st)
{
	phys_addr_t pa = {call_arg(c, 2)};
	u64 size = call_arg(c, 4);
	u32 dir = (u32)call_arg(c, 5);
	int r = 0;

	oracle_mapping(&c->e->oracle, 0, pa.pa, size);
	oracle_port_asked(&c->e->oracle, c->level, pa.pa, size);
	c->rc = lx_dma_iova_link(&c->e->lx, c->level, dev, st, pa, call_arg(c, 3), size, dir,
				 (u32)call_arg(c, 6), &r);
	c->result = (u64)(s64)r;
	if (c->rc == LX_OK && !r && dir == DMA_FROM_DEVICE)
		oracle_hand_over(&c->e->oracle, pa.pa, size);
}

void calls_iova(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u32 dev = (u32)call_arg(c, 0);
	u64 st = id == CALL_dma_use_iova ? call_arg(c, 0) : call_arg(c, 1);

	switch (id) {
	case CALL_dma_iova_try_alloc:
		c->result = lx_dma_iova_try_alloc(l, dev, st, (phys_addr_t){call_arg(c, 2)},
						  call_arg(c, 3));
		break;
	case CALL_dma_use_iova:
		c->result = lx_iova_size(l, st) != 0;
		break;
	case CALL_dma_iova_link:
		link_call(c, dev, st);
		break;
	case CALL_dma_iova_sync:
		oracle_iova_sync(&c->e->oracle, dev, lx_iova_addr(l, st) + call_arg(c, 2),
				 call_arg(c, 3));
		lx_dma_iova_sync(l, c->level, dev);
		break;
	case CALL_dma_iova_unlink:
		unlinking(c, dev, st, call_arg(c, 2), call_arg(c, 3), (u32)call_arg(c, 4));
		c->rc = lx_dma_iova_unlink(l, c->level, dev, st, call_arg(c, 2), call_arg(c, 3),
					   (u32)call_arg(c, 4), (u32)call_arg(c, 5));
		break;
	case CALL_dma_iova_free:
		lx_dma_iova_free(l, dev, st);
		break;
	case CALL_dma_iova_destroy:
		unlinking(c, dev, st, 0, call_arg(c, 2), (u32)call_arg(c, 3));
		c->rc = lx_dma_iova_destroy(l, c->level, dev, st, call_arg(c, 2),
					    (u32)call_arg(c, 3), (u32)call_arg(c, 4));
		break;
	default:
		BUG_ON(true);
	}
}
