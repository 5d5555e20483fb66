/* SPDX-License-Identifier: MIT */
/*
 * The entries of a scatterlist that is mapped, and what is told of them: one transition with the
 * events of all entries, when the work of a call is done. For DMA debugging there are events of
 * segments besides, as debug_dma_map_sg() and its like look at them (kernel/dma/debug.c).
 */
#include "linux/sg_map.h"

const struct lx_sg *sg_at(const struct lx *l, u64 sg, u64 i)
{
	static const struct lx_sg gone;
	const struct lx_sg *entry = &gone;

	return lx_sg_entry(l, sg + i, &entry) == LX_OK ? entry : &gone;
}

void sg_set_dma(struct lx *l, u64 sg, u64 i, u64 dma, u32 len)
{
	const struct lx_sg *entry = sg_at(l, sg, i);

	W_SET(l->w, entry->dma, dma);
	W_SET(l->w, entry->dma_length, len);
	W_SET(l->w, entry->flags, entry->flags | SG_MAPPED);
}

u64 sg_entry_phys(const struct lx_sg *entry)
{
	return (entry->page & ~1ull) + entry->offset;
}

struct lx_sg_walk lx_sg_walk_begin(const struct lx *l, u32 dev, u64 sg)
{
	bool joined = use_dma_iommu(l, dev) && !lx_sg_is_bounced(l, sg);

	return (struct lx_sg_walk){.sg = sg, .joined = joined};
}

u64 lx_sg_walk_next(const struct lx *l, struct lx_sg_walk *k, u64 *len)
{
	const struct lx_sg *entry = sg_at(l, k->sg, k->i++);
	u64 bus;

	if (!k->joined || !k->left) {
		const struct lx_sg *s = sg_at(l, k->sg, k->segment++);

		k->bus = s->dma;
		k->left = s->dma_length;
	}
	bus = k->bus;
	*len = k->joined ? min_u64(entry->length, k->left) : k->left;
	k->bus += *len;
	k->left -= *len;
	return bus;
}

/* ---- what is told ---- */

/* The memory behind a bus address, as long as it is mapped: a slot, or where the entry lies. */
static u64 behind(const struct lx *l, u32 dev, u64 bus)
{
	u64 pa;

	if (!use_dma_iommu(l, dev))
		return lx_dma_to_phys(l, dev, (dma_addr_t){bus}).pa;
	return iommu_phys(l, dev, bus, &pa) ? pa : ~0ull;
}

/* The slot behind a bus address, 0 if there is none. */
static u64 slot_at(const struct lx *l, u32 dev, u64 bus)
{
	u64 pa = bus == DMA_MAPPING_ERROR ? ~0ull : behind(l, dev, bus);

	return lx_in_pool(l, (phys_addr_t){pa}) ? pa : 0;
}

/*
 * The memory that an entry stands for: of the handle, which is what the kernel goes by; of the
 * entry where no table says it any more.
 */
static u64 home_of(const struct lx *l, u32 dev, const struct lx_sg *e, u64 bus)
{
	return use_dma_iommu(l, dev) ? sg_entry_phys(e) : pool_home(l, dev, behind(l, dev, bus));
}

static void tell_map(struct lx *l, const struct uop *u)
{
	struct lx_sg_walk k = lx_sg_walk_begin(l, u->dev, u->at);

	for (u64 i = 0; i < u->len; i++) {
		const struct lx_sg *e = sg_at(l, u->at, i);
		u64 len, bus = lx_sg_walk_next(l, &k, &len), pa = sg_entry_phys(e);

		EMIT(l->w, MAP, hw_party(l->hw), (u16)u->dev, pa, e->length, bus, u->f[0],
		     slot_at(l, u->dev, bus), u->f[1], HOW_SG | map_where(l, pa, e->length));
	}
	for (u64 i = 0; i < u->from; i++) {
		const struct lx_sg *e = sg_at(l, u->at, i);

		EMIT(l->w, SG_MAP, hw_party(l->hw), (u16)u->dev, sg_entry_phys(e), e->dma_length,
		     e->dma, u->f[0], u->f[1], u->len, u->from | (u64)e->length << 32);
	}
}

/* What was mapped before the entry that could not be: nobody was told of it, it just goes. */
static void tell_refused(struct lx *l, const struct uop *u)
{
	const struct lx_sg *e = sg_at(l, u->at, u->from);

	for (u64 i = 0; i < u->from; i++) {
		const struct lx_sg *done = sg_at(l, u->at, i);
		u64 slot = slot_at(l, u->dev, done->dma);

		if (use_dma_iommu(l, u->dev))
			iommu_release_now(l, u->dev, done->dma, done->dma_length);
		if (slot)
			pool_release(l, u->dev, slot);
	}
	if (u->f[2])
		pool_release(l, u->dev, u->f[2]);
	EMIT(l->w, MAP_FAIL, hw_party(l->hw), (u16)u->dev, sg_entry_phys(e), e->length, u->f[0],
	     u->f[1], HOW_SG | u->f[3]);
}

/*
 * Entries that share a segment go with it, also those that the call did not name: nobody has seen
 * to their caches.
 */
static void tell_rest(struct lx *l, const struct uop *u, struct lx_sg_walk *k, u64 segments)
{
	for (u64 i = u->len; k->left || k->segment < segments; i++) {
		const struct lx_sg *e;
		u64 len, bus;

		if (lx_sg_entry(l, u->at + i, &e) != LX_OK)
			return;
		bus = lx_sg_walk_next(l, k, &len);
		EMIT(l->w, UNMAP, hw_party(l->hw), (u16)u->dev, sg_entry_phys(e), len, bus, u->f[0],
		     u->f[1] | ATTR_SKIP_CPU_SYNC, HOW_SG);
	}
}

static void tell_unmap(struct lx *l, const struct uop *u)
{
	struct lx_sg_walk k = lx_sg_walk_begin(l, u->dev, u->at);
	u64 segments = 0;

	while (segments < u->len && sg_at(l, u->at, segments)->dma_length)
		segments++;
	for (u64 i = 0; i < u->len; i++) {
		const struct lx_sg *e = sg_at(l, u->at, i);
		u64 len, bus = lx_sg_walk_next(l, &k, &len), slot = slot_at(l, u->dev, bus);
		u64 home = home_of(l, u->dev, e, bus);

		if (!len && e->length) /* it was never mapped */
			continue;
		if (slot)
			pool_release(l, u->dev, slot);
		EMIT(l->w, UNMAP, hw_party(l->hw), (u16)u->dev, home, len, bus, u->f[0], u->f[1],
		     HOW_SG);
	}
	if (k.joined)
		tell_rest(l, u, &k, segments);
}

static void tell_sync(struct lx *l, const struct uop *u, bool to_cpu)
{
	struct lx_sg_walk k = lx_sg_walk_begin(l, u->dev, u->at);

	for (u64 i = 0; i < u->len; i++) {
		const struct lx_sg *e = sg_at(l, u->at, i);
		u64 len, bus = lx_sg_walk_next(l, &k, &len), home = home_of(l, u->dev, e, bus);

		if (to_cpu)
			EMIT(l->w, SYNC_CPU, hw_party(l->hw), (u16)u->dev, home, e->length, bus,
			     u->f[0], HOW_SG);
		else
			EMIT(l->w, SYNC_DEVICE, hw_party(l->hw), (u16)u->dev, home, e->length, bus,
			     u->f[0], HOW_SG);
	}
}

void sg_tell(struct lx *l, const struct uop *u)
{
	switch ((enum sg_told)u->op) {
	case SG_TOLD_MAP:
		tell_map(l, u);
		break;
	case SG_TOLD_REFUSED:
		tell_refused(l, u);
		break;
	case SG_TOLD_UNMAP:
		tell_unmap(l, u);
		break;
	case SG_TOLD_SYNC_CPU:
	case SG_TOLD_SYNC_DEVICE:
		tell_sync(l, u, u->op == SG_TOLD_SYNC_CPU);
		break;
	}
}

void sg_end(struct lx *l, enum lx_level level, enum sg_told told, const struct sg_call *c, u64 from,
	    const struct lx_piece *refused)
{
	struct uop u = {.kind = UOP_SG,
			.op = (u8)told,
			.dev = c->dev,
			.at = c->sg,
			.len = c->n,
			.from = from,
			.f = {c->dir, c->attrs}};

	if (refused) {
		u.f[2] = refused->slot;
		u.f[3] = refused->why;
	}
	if (lx_idle(l, level))
		sg_tell(l, &u);
	else
		uop_push(l, level, &u);
}
