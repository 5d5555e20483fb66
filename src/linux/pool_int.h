/* SPDX-License-Identifier: MIT */
/* What linux/pool.c and linux/block.c share: pools, their chunks, blocks on their way. */
#ifndef LINUX_POOL_INT_H
#define LINUX_POOL_INT_H

#include "linux/linux_int.h"

enum {
	DMA_POOLS_MAX = 64,
	CHUNKS_MAX = LIM(1024, 64),
	BLOCK_LIST = 16, /* sizeof(struct dma_block) */
	POISON_FREED = 0xa7,
	POISON_ALLOCATED = 0xa9, /* include/linux/poison.h */
};

struct dma_pool {
	u64 size;	/* bytes from block to block */
	u64 allocation; /* of a chunk */
	u64 boundary;
	u64 next;   /* the first free block, virtual; 0: there is none */
	u64 active; /* blocks that are out, as the kernel counts them: it may wrap */
	u64 len;    /* bytes of a block that were asked for */
	u64 name;   /* text of the program */
	u32 name_len;
	u32 number; /* among all pools that were ever made; 0: no pool */
	u32 dev;
	u32 lock; /* 1 + the CPU that has it; 0: nobody */
};

struct dma_chunk {
	u64 va, bus;
	u32 pool;   /* its number; 0: no chunk */
	u32 number; /* among all chunks that were ever made */
};

struct dma_pools {
	u32 made, chunks;
	struct dma_pool pool[DMA_POOLS_MAX];
	struct dma_chunk chunk[CHUNKS_MAX];
};

/* The pool of that number; NULL: there is none, or none any more. */
const struct dma_pool *pool_of(const struct lx *l, u64 number);
/* The newest chunk of a pool that is older than that number; ~0: than any. NULL: none. */
const struct dma_chunk *pool_chunk(const struct lx *l, u32 pool, u32 older_than);
bool pool_has_dma(const struct lx *l, const struct dma_pool *p, u64 bus); /* pool_find_page() */
void pool_add_chunk(struct lx *l, const struct dma_pool *p, u64 va, u64 bus);
/*
 * spin_lock_irqsave() and spin_unlock_irqrestore() of pool->lock, by the CPU that acts. Who waits
 * for it does not get here. The unlock is behind all stores of that CPU.
 */
void pool_lock(struct lx *l, const struct dma_pool *p);
void pool_unlock(struct lx *l, const struct dma_pool *p);
u64 pool_blocks(const struct dma_pool *p);	  /* of a chunk */
u64 pool_offset(const struct dma_pool *p, u64 i); /* of its i-th block */

#endif
