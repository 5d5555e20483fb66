/* SPDX-License-Identifier: MIT */
/*
 * Blocks of DMA pools on their way: pool_block_pop(), pool_block_push(), pool_initialise_page() and
 * the checks of DMAPOOL_DEBUG (mm/dmapool.c), as accesses of the kernel to the blocks themselves.
 * An access that cannot be done, as a pointer was overwritten, is an oops.
 *
 * Model: what a dump of a block prints is looked at, not loaded.
 */
#include "linux/pool_int.h"

#include <string.h>

/* What an access of the kernel to a block is for: uop.op. */
enum block_op {
	BLOCK_POP,   /* READ, 16 bytes: next and bus address of the first free block */
	BLOCK_WALK,  /* READ: next of a free block that is not the one that is given back */
	BLOCK_CHECK, /* READ: still poisoned? */
	BLOCK_LINK,  /* STORE: the list of a fresh chunk */
	BLOCK_DMA,   /* STORE: the bus address of a block that is given back */
	BLOCK_PUSH,  /* STORE: its next, and it is the first */
};

static u64 swapped(const struct lx *l, u64 v)
{
	return l->hw->cfg->big_endian ? __builtin_bswap64(v) : v;
}

static const struct dma_pool *owner(const struct lx *l, const struct uop *u)
{
	return pool_of(l, u->dev);
}

/* The block that a POP looks at: the first one, once it has begun. */
static u64 popped(const struct lx *l, const struct uop *u)
{
	const struct dma_pool *p = owner(l, u);

	return u->at ? u->at : p ? p->next : 0;
}

cpu_addr_t block_access(const struct lx *l, const struct uop *u)
{
	const struct dma_pool *p = owner(l, u);

	if (u->op == BLOCK_POP)
		return (cpu_addr_t){popped(l, u) + u->pos};
	if (u->op != BLOCK_LINK || !p)
		return (cpu_addr_t){u->at + u->pos};
	/* of each block the bus address, then next */
	return (cpu_addr_t){u->at + pool_offset(p, u->pos / BLOCK_LIST) +
			    (u->pos + 8) % BLOCK_LIST};
}

u32 block_piece(const struct lx *l, const struct uop *u)
{
	u64 va = block_access(l, u).va;

	if (u->op == BLOCK_POP && owner(l, u) && !popped(l, u))
		return 0;
	return (u32)min_u64(8 - (va & 7),
			    u->op == BLOCK_CHECK ? u->len - u->pos : 8 - (u->pos & 7));
}

/* ---- stores ---- */

static u64 link_word(const struct dma_pool *p, const struct uop *u)
{
	u64 i = u->pos / BLOCK_LIST;

	if (u->pos % BLOCK_LIST < 8)
		return u->f[0] + pool_offset(p, i);
	return i + 1 < pool_blocks(p) ? u->at + pool_offset(p, i + 1) : p->next;
}

const u8 *block_word(const struct lx *l, const struct uop *u, u8 word[8])
{
	const struct dma_pool *p = owner(l, u);
	u64 v = u->f[0];
	u8 bytes[8];

	if (u->op == BLOCK_LINK)
		v = p ? link_word(p, u) : 0;
	else if (u->op == BLOCK_PUSH && !u->pos)
		v = p ? p->next : 0;
	v = swapped(l, v);
	memcpy(bytes, &v, 8);
	memset(word, 0, 8);
	memcpy(word, bytes + (u->pos & 7), 8 - (u->pos & 7));
	return word;
}

/* A store or read: of it all but its kind is given. */
static void push(struct lx *l, enum lx_level level, enum block_op op, const struct dma_pool *p,
		 struct uop u)
{
	u.kind = op >= BLOCK_LINK ? UOP_STORE : UOP_READ;
	u.op = (u8)op;
	u.dev = p->number;
	uop_push(l, level, &u);
}

void block_stored(struct lx *l, enum lx_level level, const struct uop *u, u32 n)
{
	const struct dma_pool *p = owner(l, u);
	struct uop next = *u;

	next.pos += n;
	if (u->op == BLOCK_LINK && !u->pos && p)
		pool_lock(l, p);
	if (u->op == BLOCK_PUSH && !u->pos && p) {
		next.f[0] = p->next;
		W_SET(l->w, p->next, u->at);
		W_SET(l->w, p->active, p->active - 1);
	}
	if (next.pos < next.len) {
		world_write(l->w, uop_head(l, level), &next, sizeof next);
		return;
	}
	uop_pop(l, level);
	if (u->op == BLOCK_PUSH && l->w->cpus == 1)
		pool_unlock(l, p);
	if (u->op == BLOCK_LINK && p) {
		W_SET(l->w, p->next, u->at);
		pool_add_chunk(l, p, u->at, u->f[0]);
	}
}

/* Where other CPUs look, the lock is free when they can see what was stored before. */
static void unlock(struct lx *l, enum lx_level level, const struct dma_pool *p)
{
	if (l->w->cpus > 1)
		uop_push(l, level, &(struct uop){.kind = UOP_UNLOCK, .dev = p->number});
	else
		pool_unlock(l, p);
}

void block_unlocks(struct lx *l, const struct uop *u)
{
	pool_unlock(l, owner(l, u));
}

u64 lx_dma_pool_wanted(const struct lx *l, enum lx_level level)
{
	const struct uop *u = uop_head(l, level);

	return u && u->kind == UOP_STORE && u->op == BLOCK_LINK && !u->pos ? u->dev : 0;
}

/* ---- dma_pool_alloc() ---- */

/* pool_alloc_page(), pool_initialise_page(). False: there is no memory. */
static bool grow(struct lx *l, enum lx_level level, const struct dma_pool *p, u32 gfp)
{
	struct lx_ask a = {.dev = p->dev,
			   .size = p->allocation,
			   .gfp = gfp & ~(u32)GFP_BIT_ZERO,
			   .how = HOW_COHERENT | FOR_POOL};
	cpu_addr_t va;
	dma_addr_t h;

	if (!coherent_alloc(l, level, &a, &va, &h))
		return false;
	if (l->cfg->dmapool_debug)
		uop_fill_with(l, level, va, p->allocation, POISON_FREED);
	push(l, level, BLOCK_LINK, p,
	     (struct uop){.at = va.va, .len = pool_blocks(p) * BLOCK_LIST, .f = {h.bus}});
	return true;
}

static void result(struct lx *l, enum lx_level level, u64 va, u64 bus)
{
	W_SET(l->w, lx_state(l)->result[level], ((struct lx_result){va, bus}));
}

static void pop_block(struct lx *l, enum lx_level level, const struct dma_pool *p, u32 gfp)
{
	bool free = p->next != 0;

	if (free) /* else the page is allocated without the lock: that may sleep */
		pool_lock(l, p);
	if (free || grow(l, level, p, gfp))
		push(l, level, BLOCK_POP, p, (struct uop){.len = BLOCK_LIST, .f = {[6] = gfp}});
}

/* The first free block is out: what is left to do with it. */
static void out(struct lx *l, enum lx_level level, const struct dma_pool *p, u64 va, u64 bus,
		u32 gfp)
{
	phys_addr_t pa = {0};
	enum memtype type;

	BUG_ON(!va_translate(l->hw, (cpu_addr_t){va}, &pa, &type));
	result(l, level, va, bus);
	unlock(l, level, p);
	if (memory_is_ram(l->hw, pa.pa, p->size))
		copies_reset(l->w, pa.pa, p->size);
	if (l->cfg->dmapool_debug && p->size > BLOCK_LIST)
		push(l, level, BLOCK_CHECK, p,
		     (struct uop){.at = va, .len = p->size, .pos = BLOCK_LIST});
	if (gfp & GFP_BIT_ZERO)
		uop_fill(l, level, (cpu_addr_t){va}, p->size);
	else if (l->cfg->dmapool_debug)
		uop_fill_with(l, level, (cpu_addr_t){va}, p->size, POISON_ALLOCATED);
	DONE(l, level, POOL_ALLOC, p->dev, 0, pa.pa, va, p->len, bus, p->number, p->size);
}

enum lx_rc lx_dma_pool_alloc(struct lx *l, enum lx_level level, u64 pool, u32 gfp)
{
	const struct dma_pool *p = pool_of(l, pool);

	uop_begin(l, level);
	result(l, level, 0, 0);
	if (!p)
		return LX_BUG_POOL;
	pop_block(l, level, p, gfp);
	return LX_OK;
}

static void got_pop(struct lx *l, enum lx_level level, const struct uop *u, const u8 *data, u32 n)
{
	const struct dma_pool *p = owner(l, u);
	struct uop next = *u;
	u64 word[2];

	BUG_ON(!p);
	next.at = popped(l, u);
	memcpy((u8 *)next.f + u->pos, data, n);
	next.pos += n;
	if (next.pos == BLOCK_LIST) {
		memcpy(word, next.f, sizeof word);
		uop_pop(l, level);
		W_SET(l->w, p->next, swapped(l, word[0]));
		W_SET(l->w, p->active, p->active + 1);
		out(l, level, p, next.at, swapped(l, word[1]), (u32)u->f[6]);
		return;
	}
	world_write(l->w, uop_head(l, level), &next, sizeof next);
}

/* ---- the checks ---- */

/* print_hex_dump() of a block, 16 bytes in a line. */
static void dump(struct lx *l, const struct dma_pool *p, u64 va)
{
	for (u64 at = 0; at < p->size; at += 16) {
		u64 word[2] = {0, 0};
		u32 n = (u32)min_u64(16, p->size - at);
		enum memtype type;
		phys_addr_t pa;
		struct view v;

		for (u32 i = 0; i < n; i++) {
			if (!va_translate(l->hw, (cpu_addr_t){va + at + i}, &pa, &type))
				return;
			cpu_peek(l->hw, pa.pa, type, 1, &v);
			word[i / 8] |= (u64)v.data[0] << (i % 8 * 8);
		}
		LOG_LINE(l, POOL_DUMP, p->dev, at, n, word[0], word[1]);
	}
}

static void got_check(struct lx *l, enum lx_level level, const struct uop *u, const u8 *data, u32 n)
{
	const struct dma_pool *p = owner(l, u);

	BUG_ON(!p);
	for (u32 i = 0; i < n; i++)
		if (data[i] != POISON_FREED) {
			LOG_LINE(l, POOL_CORRUPTED, p->dev, p->name, p->name_len);
			dump(l, p, u->at);
			uop_pop(l, level);
			return;
		}
	if (u->pos + n == u->len)
		uop_pop(l, level);
	else
		W_SET(l->w, uop_head(l, level)->pos, u->pos + n);
}

/* ---- dma_pool_free() ---- */

static void freed(struct lx *l, enum lx_level level, const struct dma_pool *p, u64 va, u64 bus,
		  bool good)
{
	phys_addr_t pa = {0};
	enum memtype type;

	if (!va_translate(l->hw, (cpu_addr_t){va}, &pa, &type))
		pa.pa = 0;
	DONE(l, level, POOL_FREE, p->dev, 0, pa.pa, va, p->len, bus, p->number, good);
}

static void give(struct lx *l, enum lx_level level, const struct dma_pool *p, u64 va, u64 bus)
{
	if (l->cfg->dmapool_debug)
		uop_fill_with(l, level, (cpu_addr_t){va}, p->size, POISON_FREED);
	push(l, level, BLOCK_DMA, p, (struct uop){.at = va + 8, .len = 8, .f = {bus}});
	push(l, level, BLOCK_PUSH, p, (struct uop){.at = va, .len = 8});
	if (l->w->cpus > 1)
		unlock(l, level, p);
	freed(l, level, p, va, bus, true);
}

/* pool_block_err() looks at free block `at`: is it the one that is given back? */
static void walk(struct lx *l, enum lx_level level, const struct dma_pool *p, u64 at, u64 va,
		 u64 bus)
{
	if (!at) {
		give(l, level, p, va, bus);
	} else if (at == va) {
		LOG_LINE(l, POOL_FREE_TWICE, p->dev, p->name, p->name_len, bus);
		unlock(l, level, p);
		freed(l, level, p, va, bus, false);
	} else {
		push(l, level, BLOCK_WALK, p,
		     (struct uop){.at = at, .len = 8, .f = {[1] = va, [2] = bus}});
	}
}

static void got_walk(struct lx *l, enum lx_level level, const struct uop *u, const u8 *data, u32 n)
{
	const struct dma_pool *p = owner(l, u);
	struct uop next = *u;

	BUG_ON(!p);
	memcpy((u8 *)next.f + u->pos, data, n);
	next.pos += n;
	if (next.pos < next.len) {
		world_write(l->w, uop_head(l, level), &next, sizeof next);
		return;
	}
	uop_pop(l, level);
	walk(l, level, p, swapped(l, next.f[0]), u->f[1], u->f[2]);
}

enum lx_rc lx_dma_pool_free(struct lx *l, enum lx_level level, u64 pool, cpu_addr_t va,
			    dma_addr_t h)
{
	const struct dma_pool *p = pool_of(l, pool);

	uop_begin(l, level);
	if (!p)
		return LX_BUG_POOL;
	pool_lock(l, p);
	if (!l->cfg->dmapool_debug) {
		give(l, level, p, va.va, h.bus);
	} else if (!pool_has_dma(l, p, h.bus)) {
		LOG_LINE(l, POOL_BAD_DMA, p->dev, p->name, p->name_len, h.bus);
		unlock(l, level, p);
		freed(l, level, p, va.va, h.bus, false);
	} else {
		walk(l, level, p, p->next, va.va, h.bus);
	}
	return LX_OK;
}

void block_got(struct lx *l, enum lx_level level, const struct uop *u, const u8 *data, u32 n)
{
	if (u->op == BLOCK_POP)
		got_pop(l, level, u, data, n);
	else if (u->op == BLOCK_WALK)
		got_walk(l, level, u, data, n);
	else
		got_check(l, level, u, data, n);
}

bool lx_result(struct lx *l, enum lx_level level, cpu_addr_t *va, dma_addr_t *h)
{
	struct lx_result r = lx_state(l)->result[level];

	result(l, level, 0, 0);
	va->va = r.va;
	h->bus = r.bus;
	return r.va != 0;
}
