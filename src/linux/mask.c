/* SPDX-License-Identifier: MIT */
/*
 * What a device can reach: masks, the bus limit, the range map. As kernel/dma/mapping.c and
 * direct.c do it; phys_to_dma(), dma_capable(): include/linux/dma-direct.h. Not modelled:
 * memory encryption.
 */
#include "linux/linux_int.h"

static const struct lx_dev *device(const struct lx *l, u32 dev)
{
	BUG_ON(dev >= l->hw->cfg->devs);
	return &lx_state(l)->dev[dev];
}

static u64 bits(u32 n)
{
	return n >= 64 ? ~0ull : (1ull << n) - 1;
}

/* A mask as a dma_addr_t of this kernel. */
static u64 truncate(const struct lx *l, u64 mask)
{
	return l->cfg->dma_addr_32 ? mask & bits(32) : mask;
}

dma_addr_t lx_phys_to_dma(const struct lx *l, u32 dev, phys_addr_t pa)
{
	const struct device_config *d = &l->hw->cfg->dev[dev];

	if (!d->maps)
		return (dma_addr_t){pa.pa};
	for (u32 i = 0; i < d->maps; i++) {
		const struct range_map *m = &d->map[i];

		if (pa.pa >= m->cpu_base && pa.pa - m->cpu_base < m->size)
			return (dma_addr_t){m->bus_base + (pa.pa - m->cpu_base)};
	}
	return (dma_addr_t){~0ull};
}

phys_addr_t lx_dma_to_phys(const struct lx *l, u32 dev, dma_addr_t bus)
{
	const struct device_config *d = &l->hw->cfg->dev[dev];

	if (!d->maps)
		return (phys_addr_t){bus.bus};
	for (u32 i = 0; i < d->maps; i++) {
		const struct range_map *m = &d->map[i];

		if (bus.bus >= m->bus_base && bus.bus - m->bus_base < m->size)
			return (phys_addr_t){m->cpu_base + (bus.bus - m->bus_base)};
	}
	return (phys_addr_t){~0ull};
}

u64 mask_limit(const struct lx *l, u32 dev, u64 mask)
{
	u64 limit = l->cfg->dev[dev].bus_dma_limit;

	if (!mask || !limit)
		return mask ? mask : limit;
	return min_u64(mask, limit);
}

bool mask_capable(const struct lx *l, u32 dev, u64 bus, u64 size, u64 mask, bool is_ram)
{
	u64 end = bus + size - 1;

	if (bus == ~0ull)
		return false;
	if (is_ram && l->cfg->dma_addr_32) {
		phys_addr_t first = {l->hw->cfg->ram[0].base};

		end &= bits(32);
		if (min_u64(bus, end) < lx_phys_to_dma(l, dev, first).bus)
			return false;
	}
	return end <= mask_limit(l, dev, mask);
}

bool lx_dma_capable(const struct lx *l, u32 dev, dma_addr_t bus, u64 size)
{
	const struct lx_dev *d = device(l, dev);

	return mask_capable(l, dev, bus.bus, size, d->coerced ? d->coherent_mask : d->mask, true);
}

/* dma_direct_supported() */
static bool supported(const struct lx *l, u32 dev, u64 mask)
{
	u64 need = align_down(l->ram_end - 1, LX_PAGE);

	if (use_dma_iommu(l, dev)) /* any; a map may find no address then */
		return true;
	if (mask >= bits(32))
		return true;
	if (l->cfg->zone_dma_limit)
		need = min_u64(need, l->cfg->zone_dma_limit);
	return mask >= lx_phys_to_dma(l, dev, (phys_addr_t){need}).bus;
}

int lx_dma_set_mask(struct lx *l, u32 dev, u64 mask)
{
	const struct lx_dev *d = device(l, dev);
	u64 m = truncate(l, mask);
	int r = !d->no_mask && supported(l, dev, m) ? 0 : -LX_EIO;

	if (r == 0 && d->coerced)
		W_SET(l->w, d->coherent_mask, m);
	else if (r == 0)
		W_SET(l->w, d->mask, m);
	if (r == 0) /* dma_setup_need_sync() */
		W_SET(l->w, d->skip_sync, (u32)dev_is_coherent(l, dev));
	EMIT(l->w, SET_MASK, hw_party(l->hw), (u16)dev, mask, 0, (u64)(s64)r);
	return r;
}

int lx_dma_set_coherent_mask(struct lx *l, u32 dev, u64 mask)
{
	const struct lx_dev *d = device(l, dev);
	u64 m = truncate(l, mask);
	int r = supported(l, dev, m) ? 0 : -LX_EIO;

	if (r == 0)
		W_SET(l->w, d->coherent_mask, m);
	EMIT(l->w, SET_MASK, hw_party(l->hw), (u16)dev, mask, 1, (u64)(s64)r);
	return r;
}

int lx_dma_set_mask_and_coherent(struct lx *l, u32 dev, u64 mask)
{
	int r = lx_dma_set_mask(l, dev, mask);

	if (r == 0)
		lx_dma_set_coherent_mask(l, dev, mask);
	return r;
}

int lx_dma_coerce_mask_and_coherent(struct lx *l, u32 dev, u64 mask)
{
	const struct lx_dev *d = device(l, dev);

	W_SET(l->w, d->coerced, 1);
	W_SET(l->w, d->no_mask, 0);
	W_SET(l->w, d->mask, 0);
	return lx_dma_set_mask_and_coherent(l, dev, mask);
}

void lx_dma_drop_mask(struct lx *l, u32 dev)
{
	W_SET(l->w, device(l, dev)->no_mask, 1);
	W_SET(l->w, device(l, dev)->coerced, 0);
	W_SET(l->w, device(l, dev)->mask, 0);
}

u64 lx_dma_mask_field(const struct lx *l, u32 dev)
{
	const struct lx_dev *d = device(l, dev);

	return d->coerced ? d->coherent_mask : d->mask;
}

bool lx_dma_has_mask(const struct lx *l, u32 dev)
{
	return !device(l, dev)->no_mask;
}

u64 lx_dma_get_mask(const struct lx *l, u32 dev)
{
	const struct lx_dev *d = device(l, dev);
	u64 mask = d->coerced ? d->coherent_mask : d->mask;

	return mask ? mask : bits(32);
}

u64 lx_dma_get_coherent_mask(const struct lx *l, u32 dev)
{
	return device(l, dev)->coherent_mask;
}

u64 lx_dma_get_required_mask(const struct lx *l, u32 dev)
{
	phys_addr_t last = {align_down(l->ram_end - 1, LX_PAGE)};
	u64 bus = lx_phys_to_dma(l, dev, last).bus;
	u32 n = 0;

	if (use_dma_iommu(l, dev))
		return bits(32);
	while (n < 64 && bus >> n)
		n++;
	return bits(n);
}

/* dma_direct_all_ram_mapped() */
static bool all_ram_mapped(const struct lx *l, u32 dev)
{
	const struct hw_config *hw = l->hw->cfg;
	const struct device_config *d = &hw->dev[dev];

	for (u32 r = 0; d->maps && r < hw->rams; r++) {
		u64 at = hw->ram[r].base, end = at + hw->ram[r].size;

		for (u32 i = 0; at < end && i < d->maps; i++) {
			const struct range_map *m = &d->map[i];

			if (at >= m->cpu_base && at - m->cpu_base < m->size) {
				at = m->cpu_base + m->size;
				i = ~0u; /* look through the map again for what is left */
			}
		}
		if (at < end)
			return false;
	}
	return true;
}

bool lx_dma_addressing_limited(const struct lx *l, u32 dev)
{
	u64 limit = mask_limit(l, dev, lx_dma_get_mask(l, dev));

	if (limit < lx_dma_get_required_mask(l, dev))
		return true;
	return !use_dma_iommu(l, dev) && !all_ram_mapped(l, dev);
}

u64 lx_dma_max_mapping_size(const struct lx *l, u32 dev)
{
	u64 align = device(l, dev)->min_align_mask;
	/* iommu_dma_max_mapping_size() does not ask whether there is a pool. */
	bool may = use_dma_iommu(l, dev) ? l->hw->cfg->dev[dev].untrusted
					 : pool_active(l, dev) &&
						   (pool_forced(l, dev) ||
						    lx_dma_addressing_limited(l, dev));

	if (!may)
		return ~0ull;
	return (u64)SLOT_SIZE * SLOTS_PER_SET - align_up(align, SLOT_SIZE);
}

u64 lx_dma_opt_mapping_size(const struct lx *l, u32 dev)
{
	u64 most = lx_dma_max_mapping_size(l, dev);

	/* iova_rcache_range(): larger ones have no magazines. dma-direct has no better size. */
	return use_dma_iommu(l, dev) ? min_u64(most, 32 * iommu_granule(l)) : most;
}

u64 lx_dma_get_merge_boundary(const struct lx *l, u32 dev)
{
	return use_dma_iommu(l, dev) ? iommu_granule(l) - 1 : 0;
}

void lx_dma_bounced(struct lx *l, u32 dev)
{
	if (device(l, dev)->skip_sync)
		W_SET(l->w, device(l, dev)->skip_sync, 0u);
}

bool lx_dma_skips_sync(const struct lx *l, u32 dev)
{
	return device(l, dev)->skip_sync && !l->cfg->dma_debug;
}

bool lx_dma_need_sync(const struct lx *l, u32 dev, dma_addr_t h)
{
	if (lx_dma_skips_sync(l, dev))
		return false;
	return use_dma_iommu(l, dev) || !dev_is_coherent(l, dev) ||
	       lx_in_pool(l, lx_dma_to_phys(l, dev, h));
}

void lx_dma_set_max_seg_size(struct lx *l, u32 dev, u32 size)
{
	W_SET(l->w, device(l, dev)->max_seg, size);
}

u32 lx_dma_get_max_seg_size(const struct lx *l, u32 dev)
{
	u32 size = device(l, dev)->max_seg;

	return size ? size : 64u << 10;
}

void lx_dma_set_seg_boundary(struct lx *l, u32 dev, u64 mask)
{
	W_SET(l->w, device(l, dev)->seg_boundary, mask);
}

u64 lx_dma_get_seg_boundary(const struct lx *l, u32 dev)
{
	u64 mask = device(l, dev)->seg_boundary;

	if (mask)
		return mask;
	return l->hw->cfg->dev[dev].bus == BUS_PCI ? bits(32) : ~0ull;
}

void lx_dma_set_min_align_mask(struct lx *l, u32 dev, u64 mask)
{
	const struct lx_dev *d = device(l, dev);

	W_SET(l->w, d->min_align_mask, mask);
}

u64 lx_dma_get_min_align_mask(const struct lx *l, u32 dev)
{
	return device(l, dev)->min_align_mask;
}

u32 lx_dma_get_cache_alignment(const struct lx *l)
{
	return l->cfg->cache_alignment;
}
