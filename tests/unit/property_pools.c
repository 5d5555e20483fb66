/* SPDX-License-Identifier: MIT */
/*
 * Random drivers of a DMA pool. What must hold is said by a model of its own: a block is aligned,
 * crosses no boundary, overlaps no other that is out, keeps its bytes while it is out, and the last
 * that came back goes out first.
 */
#include "unit/property_gen.h"

enum { BLOCKS = 6 };

struct model {
	const struct gen_pool *g;
	struct str *out;
	struct prng p;
	bool is_out[BLOCKS], full[BLOCKS]; /* full: its bytes mean something: val */
	u8 val[BLOCKS];
	u32 free[BLOCKS * 64], frees; /* slots whose block came back, oldest first */
	u32 looks;
};

void pool_make(struct gen_pool *g, struct prng *p)
{
	static const u16 sizes[] = {1, 8, 16, 20, 24, 40, 64, 100, 256, 1000};
	static const u16 aligns[] = {0, 1, 8, 16, 64};

	g->size = sizes[prng_below(p, ARRAY_LEN(sizes))];
	g->align = aligns[prng_below(p, ARRAY_LEN(aligns))];
	g->boundary = prng_chance(p, 50) ? 0 : 1u << (11 + prng_below(p, 2));
	g->ops = 10 + prng_below(p, 30);
	g->checked = prng_chance(p, 40);
	g->managed = prng_chance(p, 30);
	g->seed = prng_next(p);
}

/* ---- what the driver does, and what it asserts ---- */

static void took(struct model *m, u32 i)
{
	u32 align = m->g->align ? m->g->align : 1;

	str_printf(m->out, "  - assert((h%u & %u) == 0, \"aligned\")\n", i, align - 1);
	if (m->g->boundary)
		str_printf(m->out, "  - assert((h%u & %u) + %u <= %u, \"within the boundary\")\n",
			   i, m->g->boundary - 1, m->g->size, m->g->boundary);
	for (u32 k = 0; k < BLOCKS; k++)
		if (k != i && m->is_out[k])
			str_printf(m->out,
				   "  - assert(h%u >= h%u + %u || h%u >= h%u + %u, \"apart\")\n", i,
				   k, m->g->size, k, i, m->g->size);
	if (m->frees) {
		m->frees--;
		str_printf(m->out, "  - assert(h%u == f%u, \"last in, first out\")\n", i,
			   m->free[m->frees]);
	}
}

static void alloc(struct model *m, u32 i)
{
	bool zero = prng_chance(&m->p, 40);

	str_printf(m->out, "  - b%u = dma_pool_%s(pool, %s, &h%u)\n  - if (!b%u): return -ENOMEM\n",
		   i, zero ? "zalloc" : "alloc",
		   prng_chance(&m->p, 30) ? "GFP_ATOMIC" : "GFP_KERNEL", i, i);
	took(m, i);
	m->is_out[i] = true;
	m->full[i] = zero;
	m->val[i] = 0;
}

/* The handle is kept in a variable of its own, as the block's next owner has another. */
static void give(struct model *m, u32 i)
{
	u32 n = m->looks++;

	str_printf(m->out, "  - f%u = h%u\n  - dma_pool_free(pool, b%u, h%u)\n", n, i, i, i);
	m->is_out[i] = false;
	m->free[m->frees++] = n;
}

static void use(struct model *m, u32 i)
{
	bool cpu = prng_chance(&m->p, 50), write = !m->full[i] || prng_chance(&m->p, 50);
	u32 n = m->g->size;

	if (write) {
		m->val[i] = (u8)(1 + prng_below(&m->p, 255));
		m->full[i] = true;
		str_printf(m->out,
			   cpu ? "  - memset(b%u, 0x%02x, %u)\n"
			       : "  - dev: dma_write(h%u, bytes(\"%02x*%u\"))\n",
			   i, m->val[i], n);
		return;
	}
	str_printf(m->out, cpu ? "  - x%u = read(b%u, %u)\n" : "  - dev: x%u = dma_read(h%u, %u)\n",
		   m->looks, i, n);
	str_printf(m->out, "  - assert(x%u == bytes(\"%02x*%u\"), \"its bytes\")\n", m->looks,
		   m->val[i], n);
	m->looks++;
}

/* ---- mistakes ---- */

const char *pool_mistake(enum pool_mistake what)
{
	static const char *const id[] = {
	    [POOL_RIGHT] = "",
	    [POOL_LATE_WRITE] = "pool-use-after-free",
	    [POOL_LATE_READ] = "pool-use-after-free",
	    [POOL_CPU_LATE] = "pool-use-after-free",
	    [POOL_TWICE] = "pool-double-free",
	    [POOL_KEPT] = "pool-busy-destroy",
	    [POOL_OTHER_HANDLE] = "coherent-free-mismatch",
	};

	return id[what];
}

static void mistake(struct model *m, enum pool_mistake what)
{
	if (!m->is_out[0])
		alloc(m, 0);
	if (what == POOL_OTHER_HANDLE) {
		str_printf(m->out, "  - dma_pool_free(pool, b0, h0 + %u)\n", m->g->size);
		return;
	}
	if (what != POOL_KEPT)
		give(m, 0);
	if (what == POOL_LATE_WRITE)
		str_add(m->out, "  - dev: dma_write(h0, \"!\")\n");
	else if (what == POOL_LATE_READ)
		str_add(m->out, "  - dev: late = dma_read(h0, 1)\n");
	else if (what == POOL_CPU_LATE)
		str_add(m->out, "  - memset(b0, 0x55, 1)\n");
	else if (what == POOL_TWICE)
		str_add(m->out, "  - dma_pool_free(pool, b0, h0)\n");
	else
		str_add(m->out, "  - dma_pool_destroy(pool)\n");
}

void pool_print(const struct gen_pool *g, const char *platforms, enum pool_mistake what,
		struct str *out)
{
	struct model m = {.g = g, .out = out, .p = {g->seed}};

	str_printf(out,
		   "schema: 1\nid: random-pool\ntitle: A random pool\nplatforms: %s\n%s"
		   "devices:\n  dev: {address_bits: 32}\ndriver:\n"
		   "  - struct dma_pool *pool = %s(\"random\", dev, %u, %u, %u)\n"
		   "  - if (!pool): return -ENOMEM\n",
		   platforms,
		   g->checked ? "variants: {checked: {machine: {kernel_options: {DMAPOOL_DEBUG: "
				"true}}}}\n"
			      : "",
		   g->managed && what == POOL_RIGHT ? "dmam_pool_create" : "dma_pool_create",
		   g->size, g->align, g->boundary);
	for (u32 k = 0; k < g->ops; k++) {
		u32 i = prng_below(&m.p, BLOCKS);

		if (!m.is_out[i])
			alloc(&m, i);
		else if (prng_chance(&m.p, 35))
			give(&m, i);
		else
			use(&m, i);
	}
	if (what != POOL_RIGHT) {
		mistake(&m, what);
		return;
	}
	for (u32 i = 0; i < BLOCKS; i++)
		if (m.is_out[i])
			give(&m, i);
	if (!g->managed)
		str_add(out, "  - dma_pool_destroy(pool)\n");
}
