/* SPDX-License-Identifier: MIT */
/*
 * DMA pools: mm/dmapool.c, 6.4 and later. Chunks of coherent memory are cut into blocks; a free
 * block holds the list of free blocks: the pointer to the next one, and its own bus address, in its
 * first 16 bytes, where the device can reach them. So all that the kernel does with the list are
 * stores and loads of simulated memory, and what a device writes there late is followed.
 *
 * What the calls queue is in linux/block.c. Model: the layout is that of a 64-bit kernel.
 */
#include "linux/pool_int.h"
#include <string.h>

enum { NAME_BYTES = 32, SIZE_MAX_INT = 0x7fffffff };

static const struct dma_pools *pools(const struct lx *l)
{
	return world_at(l->w, l->dma_pools);
}

void dma_pool_claim(struct lx *l)
{
	l->dma_pools =
	    world_region(l->w, "dma pools", sizeof(struct dma_pools), CHUNK, REGION_RAW, NULL);
}

const struct dma_pool *pool_of(const struct lx *l, u64 number)
{
	for (u32 i = 0; number && i < DMA_POOLS_MAX; i++)
		if (pools(l)->pool[i].number == number)
			return &pools(l)->pool[i];
	return NULL;
}

/* ---- chunks: page_list, the newest first ---- */

const struct dma_chunk *pool_chunk(const struct lx *l, u32 pool, u32 older_than)
{
	const struct dma_chunk *best = NULL;

	for (u32 i = 0; i < CHUNKS_MAX; i++) {
		const struct dma_chunk *c = &pools(l)->chunk[i];

		if (c->pool == pool && c->number < older_than &&
		    (!best || c->number > best->number))
			best = c;
	}
	return best;
}

bool pool_has_dma(const struct lx *l, const struct dma_pool *p, u64 bus)
{
	for (u32 i = 0; i < CHUNKS_MAX; i++) {
		const struct dma_chunk *c = &pools(l)->chunk[i];

		if (c->pool == p->number && bus - c->bus < p->allocation)
			return true;
	}
	return false;
}

void pool_add_chunk(struct lx *l, const struct dma_pool *p, u64 va, u64 bus)
{
	const struct dma_pools *all = pools(l);
	struct dma_chunk c = {.va = va, .bus = bus, .pool = p->number, .number = all->chunks + 1};
	u32 i = 0;

	while (i < CHUNKS_MAX && all->chunk[i].pool)
		i++;
	if (i == CHUNKS_MAX) {
		world_limit(l->w, LIMIT_ALLOCS);
		return;
	}
	W_SET(l->w, all->chunks, c.number);
	world_write(l->w, &all->chunk[i], &c, sizeof c);
}

/* ---- pool->lock ---- */

static u32 clock_of(const struct lx *l, const struct dma_pool *p)
{
	return (u32)(p - pools(l)->pool) % LX_CLOCKS;
}

void pool_lock(struct lx *l, const struct dma_pool *p)
{
	const struct cpu_state *c = hw_cpu(l->hw);

	BUG_ON(p->lock);
	W_SET(l->w, p->lock, l->hw->self + 1);
	W_SET(l->w, c->irq_off, c->irq_off | IRQ_OFF_LOCK);
	if (l->w->cpus == 1)
		return;
	cpu_order_loads(l->hw);
	know_receive(l->w, know_shared(l->w), clock_of(l, p), hw_party(l->hw), EDGE_TASK,
		     world_now(l->w)->stmt);
}

void pool_unlock(struct lx *l, const struct dma_pool *p)
{
	const struct cpu_state *c = hw_cpu(l->hw);

	W_SET(l->w, c->irq_off, c->irq_off & ~(u32)IRQ_OFF_LOCK);
	if (!p)
		return;
	W_SET(l->w, p->lock, 0u);
	if (l->w->cpus > 1)
		know_send(l->w, know_shared(l->w), clock_of(l, p), hw_party(l->hw));
}

u32 lx_dma_pool_locked(const struct lx *l, u64 pool)
{
	const struct dma_pool *p = pool_of(l, pool);

	return p ? p->lock : 0;
}

u64 pool_blocks(const struct dma_pool *p)
{
	return p->allocation / p->boundary * (p->boundary / p->size) +
	       p->allocation % p->boundary / p->size;
}

u64 pool_offset(const struct dma_pool *p, u64 i)
{
	u64 per = p->boundary / p->size;

	return i / per * p->boundary + i % per * p->size;
}

/* ---- dma_pool_create() ---- */

/* False: there is no such pool. */
static bool geometry(struct dma_pool *p, u64 size, u64 align, u64 boundary)
{
	align = align ? align : 1;
	if (!is_pow2(align) || size == 0 || size > SIZE_MAX_INT)
		return false;
	p->size = align_up(size < BLOCK_LIST ? (u64)BLOCK_LIST : size, align);
	p->allocation = max_u64(p->size, LX_PAGE);
	if (boundary && (boundary < p->size || !is_pow2(boundary)))
		return false;
	p->boundary = boundary ? min_u64(boundary, p->allocation) : p->allocation;
	return true;
}

u64 lx_dma_pool_create(struct lx *l, u32 dev, const struct lx_text *name, u64 size, u64 align,
		       u64 boundary)
{
	struct dma_pool p = {.dev = dev,
			     .len = size,
			     .name = name->at,
			     .name_len = name->len < NAME_BYTES ? name->len : NAME_BYTES - 1};
	u32 i = 0;

	if (!geometry(&p, size, align, boundary))
		return 0;
	while (i < DMA_POOLS_MAX && pools(l)->pool[i].number)
		i++;
	if (i == DMA_POOLS_MAX) {
		world_limit(l->w, LIMIT_ALLOCS);
		return 0;
	}
	p.number = pools(l)->made + 1;
	W_SET(l->w, pools(l)->made, p.number);
	world_write(l->w, &pools(l)->pool[i], &p, sizeof p);
	return p.number;
}

/* ---- dma_pool_destroy() ---- */

enum lx_rc lx_dma_pool_destroy(struct lx *l, u64 pool)
{
	const struct dma_pool *p = pool_of(l, pool);
	const struct dma_chunk *c;
	struct dma_pool was;
	u32 at = ~0u;

	if (!pool)
		return LX_OK;
	if (!p)
		return LX_BUG_POOL;
	was = *p;
	if (was.active) /* and then its pages are never given back */
		LOG_LINE(l, POOL_BUSY, was.dev, was.name, was.name_len);
	devres_pool_gone(l, was.dev, pool);
	W_SET(l->w, *p, (struct dma_pool){0});
	while ((c = pool_chunk(l, was.number, at))) {
		struct dma_chunk gone = *c;

		at = gone.number;
		W_SET(l->w, *c, (struct dma_chunk){0});
		if (!was.active)
			coherent_free(l,
				      &(struct lx_ask){.dev = was.dev,
						       .size = was.allocation,
						       .how = HOW_COHERENT | FOR_POOL},
				      (cpu_addr_t){gone.va}, (dma_addr_t){gone.bus});
	}
	return LX_OK;
}

u32 lx_dma_pool_device(const struct lx *l, u64 pool)
{
	const struct dma_pool *p = pool_of(l, pool);

	return p ? p->dev : ~0u;
}

u64 lx_dma_pool_block(const struct lx *l, u64 pool)
{
	const struct dma_pool *p = pool_of(l, pool);

	return p ? p->len : 0;
}
