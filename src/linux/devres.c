/* SPDX-License-Identifier: MIT */
/*
 * Managed memory: drivers/base/devres.c, with dmam_alloc_attrs() and its like
 * (kernel/dma/mapping.c), dmam_pool_create() (mm/dmapool.c) and devm_kzalloc(). What a driver got
 * for a device goes when the driver leaves it, the youngest first, as the arguments were that it
 * was got with.
 */
#include "linux/linux_int.h"

enum { ENTRIES = LIM(1024, 64) };
enum managed { MANAGED_NONE, MANAGED_COHERENT, MANAGED_POOL, MANAGED_MEMORY };

struct entry {
	u64 va;	       /* POOL: its number */
	u64 bus, size; /* POOL: bus is the statement that destroyed it; 0: none */
	u32 kind;      /* enum managed */
	u32 attrs;
	u32 dev;
	u32 number; /* among all that were ever made */
};

struct devres {
	u32 made;
	u32 unbound; /* devices that their driver has left, bits */
	struct entry entry[ENTRIES];
};

static const struct devres *list(const struct lx *l)
{
	return world_at(l->w, l->devres);
}

void devres_claim(struct lx *l)
{
	l->devres = world_region(l->w, "devres", sizeof(struct devres), CHUNK, REGION_RAW, NULL);
}

static void add(struct lx *l, struct entry e)
{
	u32 i = 0;

	while (i < ENTRIES && list(l)->entry[i].kind)
		i++;
	if (i == ENTRIES) {
		world_limit(l->w, LIMIT_ALLOCS);
		return;
	}
	e.number = list(l)->made + 1;
	W_SET(l->w, list(l)->made, e.number);
	world_write(l->w, &list(l)->entry[i], &e, sizeof e);
}

/* The youngest of a device: of that kind and address, or any (kind MANAGED_NONE). NULL: none. */
static const struct entry *find(const struct lx *l, u32 dev, enum managed kind, u64 va)
{
	const struct entry *best = NULL;

	for (u32 i = 0; i < ENTRIES; i++) {
		const struct entry *e = &list(l)->entry[i];

		if (!e->kind || e->dev != dev || (kind && (e->kind != kind || e->va != va)))
			continue;
		if (!best || e->number > best->number)
			best = e;
	}
	return best;
}

/* ---- the managed calls ---- */

enum lx_rc lx_dmam_alloc_attrs(struct lx *l, enum lx_level level, u32 dev, u64 size, u32 gfp,
			       u32 attrs, cpu_addr_t *va, dma_addr_t *h)
{
	enum lx_rc rc = lx_dma_alloc_attrs(l, level, dev, size, gfp, attrs, va, h);

	if (va->va)
		add(l, (struct entry){.kind = MANAGED_COHERENT,
				      .dev = dev,
				      .va = va->va,
				      .bus = h->bus,
				      .size = size,
				      .attrs = attrs});
	return rc;
}

enum lx_rc lx_dmam_free_coherent(struct lx *l, u32 dev, u64 size, cpu_addr_t va, dma_addr_t h)
{
	const struct entry *e = find(l, dev, MANAGED_COHERENT, va.va);

	if (e && (e->size != size || e->bus != h.bus))
		LOG_LINE(l, DMAM_MATCH, dev, 0);
	if (e)
		W_SET(l->w, *e, (struct entry){0});
	else
		LOG_LINE(l, DMAM_FREE, dev, 0);
	return lx_dma_free_attrs(l, dev, size, va, h, 0);
}

u64 lx_dmam_pool_create(struct lx *l, u32 dev, const struct lx_text *name, u64 size, u64 align,
			u64 boundary)
{
	u64 pool = lx_dma_pool_create(l, dev, name, size, align, boundary);

	if (pool)
		add(l, (struct entry){.kind = MANAGED_POOL, .dev = dev, .va = pool});
	return pool;
}

enum lx_rc lx_dmam_pool_destroy(struct lx *l, u64 pool)
{
	u32 dev = lx_dma_pool_device(l, pool);
	const struct entry *e;

	if (dev == ~0u)
		return LX_BUG_POOL;
	e = find(l, dev, MANAGED_POOL, pool);
	if (!e) {
		LOG_LINE(l, DMAM_POOL, dev, 0);
		return LX_OK;
	}
	W_SET(l->w, *e, (struct entry){0});
	return lx_dma_pool_destroy(l, pool);
}

void devres_pool_gone(struct lx *l, u32 dev, u64 pool)
{
	const struct entry *e = find(l, dev, MANAGED_POOL, pool);

	if (e)
		W_SET(l->w, e->bus, (u64)world_now(l->w)->stmt);
}

enum lx_rc lx_devm_kzalloc(struct lx *l, enum lx_level level, u32 dev, u64 size, u32 gfp,
			   cpu_addr_t *out)
{
	enum lx_rc rc = kmalloc_managed(l, level, size, gfp, out);

	if (rc == LX_OK && size && out->va)
		add(l, (struct entry){.kind = MANAGED_MEMORY, .dev = dev, .va = out->va});
	return rc;
}

/* ---- the driver leaves ---- */

static enum lx_rc release(struct lx *l, const struct entry *e)
{
	struct lx_ask a = {e->dev, e->size, 0, e->attrs, HOW_COHERENT | FOR_DEVRES};

	switch ((enum managed)e->kind) {
	case MANAGED_COHERENT:
		return coherent_free(l, &a, (cpu_addr_t){e->va}, (dma_addr_t){e->bus});
	case MANAGED_POOL:
		return lx_dma_pool_destroy(l, e->va);
	case MANAGED_MEMORY:
		return kfree_managed(l, (cpu_addr_t){e->va});
	case MANAGED_NONE:
		break;
	}
	BUG_ON(true);
}

bool lx_devres_next(const struct lx *l, u32 dev, struct lx_managed *out)
{
	const struct entry *e = find(l, dev, MANAGED_NONE, 0);

	if (!e)
		return false;
	*out = (struct lx_managed){0};
	if (e->kind == MANAGED_POOL) {
		out->pool = e->va;
		out->destroyed = (u32)e->bus;
	}
	return true;
}

enum lx_rc lx_devres_release(struct lx *l, u32 dev)
{
	const struct entry *e = find(l, dev, MANAGED_NONE, 0);
	struct entry was;

	if (!e)
		return LX_OK;
	was = *e;
	W_SET(l->w, *e, (struct entry){0});
	return release(l, &was);
}

void lx_unbind(struct lx *l, u32 dev)
{
	if (list(l)->unbound >> dev & 1)
		return;
	W_SET(l->w, list(l)->unbound, list(l)->unbound | 1u << dev);
	klog_unbound(l->w, dev);
	EMIT(l->w, UNBIND, hw_party(l->hw), (u16)dev, 0);
}
