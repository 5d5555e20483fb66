/* SPDX-License-Identifier: MIT */
/* Kernel calls on DMA pools. */
#include "base/bug.h"
#include "engine/call_int.h"

static void create(struct call *c, bool managed)
{
	struct lx *l = &c->e->lx;
	struct lx_text name = {call_arg(c, 0) & ~BYTES_CONST, c->len[0]};
	u32 dev = (u32)call_arg(c, 1);
	u64 size = call_arg(c, 2), align = call_arg(c, 3), boundary = call_arg(c, 4);

	c->result = managed ? lx_dmam_pool_create(l, dev, &name, size, align, boundary)
			    : lx_dma_pool_create(l, dev, &name, size, align, boundary);
	oracle_pool_made(&c->e->oracle, c->result, dev);
}

/* Which block it is depends on what memory holds: it is known when the kernel has looked. */
static void allocate(struct call *c, u32 gfp)
{
	c->rc = lx_dma_pool_alloc(&c->e->lx, c->level, call_arg(c, 0), gfp);
	c->has_out = true;
	c->late = true;
}

void calls_pool(struct call *c, u32 id)
{
	struct lx *l = &c->e->lx;
	u64 pool = call_arg(c, 0);

	switch (id) {
	case CALL_dma_pool_create:
	case CALL_dmam_pool_create:
		create(c, id == CALL_dmam_pool_create);
		break;
	case CALL_dma_pool_alloc:
		allocate(c, (u32)call_arg(c, 1));
		break;
	case CALL_dma_pool_zalloc:
		allocate(c, (u32)call_arg(c, 1) | GFP_BIT_ZERO);
		break;
	case CALL_dma_pool_free:
		oracle_pool_freeing(&c->e->oracle, pool, call_arg(c, 1), call_arg(c, 2));
		c->rc = lx_dma_pool_free(l, c->level, pool, (cpu_addr_t){call_arg(c, 1)},
					 (dma_addr_t){call_arg(c, 2)});
		break;
	case CALL_dma_pool_destroy:
		oracle_pool_destroying(&c->e->oracle, pool);
		c->rc = lx_dma_pool_destroy(l, pool);
		break;
	case CALL_dmam_pool_destroy:
		oracle_pool_destroying(&c->e->oracle, pool);
		c->rc = lx_dmam_pool_destroy(l, pool);
		break;
	default:
		BUG_ON(true);
	}
}
