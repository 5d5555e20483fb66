/* SPDX-License-Identifier: MIT */
/*
 * I/O virtual addresses by hand: dma_iova_try_alloc() and its like of drivers/iommu/dma-iommu.c, as
 * 7.1 has them. A driver takes a range of addresses once and links pieces of memory into it; what
 * it links is good for the device once dma_iova_sync() has been called.
 *
 * Model: a state remembers its pieces, so that an unlink tells which mappings end; the kernel keeps
 * no such list.
 */
#include "linux/linux_int.h"

enum { PIECES_MAX = 32, EIO_VALUE = 5, EINVAL_VALUE = 22 };

/* One mapping that was linked: bytes [off, off + len) of the range. */
struct piece {
	u64 off, len, slot; /* slot: 0, or of the first byte */
};

struct iova_state {
	u64 addr, size; /* as in the kernel; size 0: nothing was taken */
	u64 n;
	struct piece piece[PIECES_MAX];
};

static const struct iova_state *state(const struct lx *l, u64 st)
{
	BUG_ON(!st || st > l->iova_total);
	return (const struct iova_state *)world_at(l->w, l->iovas) + (st - 1);
}

void lx_iova_claim(struct lx *l, u32 states)
{
	l->iova_total = states;
	if (states)
		l->iovas = world_region(l->w, "iova states", states * sizeof(struct iova_state),
					CHUNK, REGION_RAW, NULL);
}

u64 lx_iova_addr(const struct lx *l, u64 st)
{
	return state(l, st)->addr;
}

u64 lx_iova_size(const struct lx *l, u64 st)
{
	return state(l, st)->size;
}

static u64 offset_in(const struct lx *l, u64 addr)
{
	return addr & (iommu_granule(l) - 1);
}

bool lx_dma_iova_try_alloc(struct lx *l, u32 dev, u64 st, phys_addr_t pa, u64 size)
{
	const struct iova_state *s = state(l, st);
	u64 off, iova;

	W_SET(l->w, *s, (struct iova_state){0});
	if (!use_dma_iommu(l, dev) || !size || size >> 63)
		return false;
	off = offset_in(l, pa.pa);
	iova = iova_alloc(l, dev, align_up(size + off, iommu_granule(l)), lx_dma_get_mask(l, dev));
	if (!iova)
		return false;
	W_SET(l->w, s->addr, iova + off);
	W_SET(l->w, s->size, size);
	return true;
}

/* ---- linking ---- */

struct link_call {
	enum lx_level level;
	u32 dev, dir, attrs;
	u64 st;
};

static bool note(struct lx *l, const struct link_call *k, u64 off, u64 len, u64 slot)
{
	const struct iova_state *s = state(l, k->st);

	if (s->n == PIECES_MAX) {
		world_limit(l->w, LIMIT_MAPPINGS);
		return false;
	}
	W_SET(l->w, s->piece[s->n], ((struct piece){off, len, slot}));
	W_SET(l->w, s->n, s->n + 1);
	return true;
}

/* One piece, in its slot if it has one: __dma_iova_link(). */
static void link_piece(struct lx *l, const struct link_call *k, u64 off, u64 home, u64 len,
		       u64 slot)
{
	const struct iova_state *s = state(l, k->st);
	u64 pa = slot ? slot : home, bus = s->addr + off, pad = offset_in(l, bus);

	if (!note(l, k, off, len, slot))
		return;
	if (!dev_is_coherent(l, k->dev) && !(k->attrs & ATTR_SKIP_CPU_SYNC))
		arch_for_device(l, k->level, pa, len, k->dir, true);
	iommu_map_pages(l, k->level, k->dev, bus - pad, pa - offset_in(l, pa),
			align_up(len + pad, iommu_granule(l)), iommu_dir_prot(k->dir));
	DONE(l, k->level, MAP, k->dev, 0, home, len, bus, k->dir, slot, k->attrs, HOW_IOVA);
}

/* iommu_dma_iova_bounce_and_link(): a part of a page; it keeps its place in the page. */
static int bounce_piece(struct lx *l, const struct link_call *k, u64 off, u64 home, u64 len)
{
	struct lx_map m = {k->dev, home, len, k->dir, k->attrs, HOW_IOVA};
	dma_addr_t none;
	struct lx_piece p;

	if (!iommu_bounce(l, k->level, &m, &p))
		return -LX_ENOMEM;
	if (offset_in(l, p.slot) != offset_in(l, home)) { /* iommu_map() takes whole pages */
		map_refuse(l, k->level, &m, &p, &none);
		return -EINVAL_VALUE;
	}
	link_piece(l, k, off, home, len, p.slot);
	return 0;
}

/* iommu_dma_iova_link_swiotlb(): the parts of pages at both ends bounce, what is between does not.
 */
static int link_bounced(struct lx *l, const struct link_call *k, u64 off, u64 pa, u64 len)
{
	u64 head = offset_in(l, pa) ? min_u64(len, iommu_granule(l) - offset_in(l, pa)) : 0;
	u64 tail = len > head ? offset_in(l, pa + len) : 0, mid = len - head - tail;
	int r = head ? bounce_piece(l, k, off, pa, head) : 0;

	if (!r && mid)
		link_piece(l, k, off + head, pa + head, mid, 0);
	if (!r && tail)
		r = bounce_piece(l, k, off + head + mid, pa + head + mid, tail);
	return r;
}

enum lx_rc lx_dma_iova_link(struct lx *l, enum lx_level level, u32 dev, u64 st, phys_addr_t pa,
			    u64 off, u64 size, u32 dir, u32 attrs, int *result)
{
	struct link_call k = {level, dev, dir, attrs, st};

	uop_begin(l, level);
	if (!dma_valid_direction(dir))
		return map_bug_direction(l, dev);
	*result = 0;
	if (off && offset_in(l, pa.pa)) {
		LOG_LINE(l, IOVA_LINK, dev, 0);
		*result = -EIO_VALUE;
	} else if (iommu_may_bounce(l, dev, size, dir) && offset_in(l, pa.pa | size)) {
		*result = link_bounced(l, &k, off, pa.pa, size);
	} else {
		link_piece(l, &k, off, pa.pa, size, 0);
	}
	return LX_OK;
}

void lx_dma_iova_sync(struct lx *l, enum lx_level level, u32 dev)
{
	uop_begin(l, level);
	if (!dev_is_coherent(l, dev))
		arch_flush(l, level);
}

/* ---- unlinking ---- */

bool lx_iova_piece(const struct lx *l, u64 st, u32 i, u64 off, u64 size, u64 *bus, u64 *len)
{
	const struct iova_state *s = state(l, st);

	for (u64 k = 0; k < s->n; k++) {
		const struct piece *p = &s->piece[k];

		if (p->off < off || p->off - off >= size)
			continue;
		if (i--)
			continue;
		*bus = s->addr + p->off;
		*len = p->len;
		return true;
	}
	return false;
}

static void forget(struct lx *l, const struct iova_state *s, u64 k)
{
	struct iova_state now = *s;

	memmove(&now.piece[k], &now.piece[k + 1], (now.n - k - 1) * sizeof now.piece[0]);
	now.piece[--now.n] = (struct piece){0};
	W_SET(l->w, *s, now);
}

/* What the CPU gets back of a piece, while the device still reaches it. */
static void take_back(struct lx *l, const struct link_call *k, const struct piece *p, u64 pa)
{
	if (k->attrs & ATTR_SKIP_CPU_SYNC)
		return;
	give_to_cpu(l, k->level, &(struct lx_give){k->dev, HOW_IOVA, pa, p->len, k->dir});
}

static void unlink_range(struct lx *l, const struct link_call *k, u64 off, u64 size, bool give)
{
	const struct iova_state *s = state(l, k->st);
	struct piece gone[PIECES_MAX];
	u64 pa[PIECES_MAX], n = 0, addr = s->addr;

	for (u64 i = 0; i < s->n;) {
		const struct piece *p = &s->piece[i];

		if (p->off < off || p->off - off >= size) {
			i++;
			continue;
		}
		gone[n] = *p;
		iommu_phys(l, k->dev, addr + p->off, &pa[n]);
		take_back(l, k, p, pa[n++]);
		forget(l, s, i);
	}
	iommu_unlink(l, k->level, k->dev, addr + off, size, give);
	for (u64 i = 0; i < n; i++)
		DONE(l, k->level, UNMAP, k->dev, gone[i].slot, pool_home(l, k->dev, pa[i]),
		     gone[i].len, addr + gone[i].off, k->dir, k->attrs, HOW_IOVA);
}

enum lx_rc lx_dma_iova_unlink(struct lx *l, enum lx_level level, u32 dev, u64 st, u64 off, u64 size,
			      u32 dir, u32 attrs)
{
	uop_begin(l, level);
	if (!dma_valid_direction(dir))
		return map_bug_direction(l, dev);
	unlink_range(l, &(struct link_call){level, dev, dir, attrs, st}, off, size, false);
	return LX_OK;
}

void lx_dma_iova_free(struct lx *l, u32 dev, u64 st)
{
	const struct iova_state *s = state(l, st);
	u64 off = offset_in(l, s->addr);

	iova_free(l, dev, s->addr - off, align_up(s->size + off, iommu_granule(l)));
}

enum lx_rc lx_dma_iova_destroy(struct lx *l, enum lx_level level, u32 dev, u64 st, u64 mapped,
			       u32 dir, u32 attrs)
{
	uop_begin(l, level);
	if (!dma_valid_direction(dir))
		return map_bug_direction(l, dev);
	if (mapped)
		unlink_range(l, &(struct link_call){level, dev, dir, attrs, st}, 0, mapped, true);
	else
		lx_dma_iova_free(l, dev, st);
	return LX_OK;
}
