/* SPDX-License-Identifier: MIT */
/* The IOMMU of a machine: which it is, how the kernel uses it, which addresses it gives out. */
#include "scenario/platform_int.h"

static struct given_iommu *its(struct fields *f)
{
	return &f->m->iommu;
}

static void iommu_kind(struct fields *f, const struct ynode *value)
{
	static const char *const words[] = {"vtd", "smmu", "smmu-stage2", "amd", NULL};
	static const enum iommu_kind kinds[] = {IOMMU_VTD, IOMMU_SMMU, IOMMU_SMMU_S2, IOMMU_AMD};
	u32 i;

	if (field_word(f, value, words, &i))
		f->m->cfg->hw.iommu.kind = kinds[i];
}

static void iommu_mode(struct fields *f, const struct ynode *value)
{
	static const char *const words[] = {"strict", "lazy", "passthrough", NULL};
	u32 i;

	if (!field_word(f, value, words, &i))
		return;
	f->m->cfg->lx.iommu.lazy = i == 1;
	its(f)->passthrough = i == 2;
}

static void iommu_granule(struct fields *f, const struct ynode *value)
{
	u64 v;

	if (field_pow2(f, value, 4096, 65536, &v))
		f->m->cfg->hw.iommu.granule = (u32)v;
}

static void iommu_address_bits(struct fields *f, const struct ynode *value)
{
	u64 v;

	if (field_int(f, value, 32, 52, &v))
		f->m->cfg->hw.iommu.address_bits = (u32)v;
}

static void iommu_aperture_base(struct fields *f, const struct ynode *value)
{
	field_int(f, value, 0, 1ull << 52, &f->m->cfg->lx.iommu.aperture_base);
}

static void iommu_aperture_size(struct fields *f, const struct ynode *value)
{
	field_int(f, value, 1 << 20, 1ull << 52, &its(f)->aperture);
}

static void iommu_reserved(struct fields *f, const struct ynode *value)
{
	its(f)->reserved = field_ranges(f, value, its(f)->reserve, IOMMU_RANGES);
}

static void iommu_pci_windows(struct fields *f, const struct ynode *value)
{
	its(f)->windows = field_ranges(f, value, its(f)->window, IOMMU_RANGES);
}

static void iommu_pci_hole(struct fields *f, const struct ynode *value)
{
	field_int(f, value, 0, 1ull << 32, &its(f)->hole_end);
}

static void iommu_forcedac(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &f->m->cfg->lx.iommu.forcedac);
}

void field_iommu(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define IOMMU_FIELD(name, form, text) {#name, iommu_##name},
#include "scenario/fields.def"
	};

	if (field_is_none(value))
		f->m->cfg->hw.iommu.kind = IOMMU_NONE;
	else if (value->kind != YNODE_MAP)
		err_add(f->errs, value->at, "as in {kind: vtd, mode: lazy}",
			"an IOMMU is a map of fields, or none");
	else
		fields_read_map(f, value, rows, ARRAY_LEN(rows), "an IOMMU");
}

/* One past the last byte of memory below 4 GiB. */
static u64 low_memory_end(const struct hw_config *hw)
{
	u64 end = 0;

	for (u32 i = 0; i < hw->rams; i++)
		if (hw->ram[i].base < 1ull << 32)
			end = max_u64(end, min_u64(hw->ram[i].base + hw->ram[i].size, 1ull << 32));
	return end;
}

static void add(struct linux_config *lx, u64 base, u64 size, bool pci)
{
	BUG_ON(lx->iommu.reserved == RESERVES_MAX);
	lx->iommu.reserve[lx->iommu.reserved++] = (struct iommu_reserve){{base, size}, pci};
}

void machine_finish_iommu(struct machine *m)
{
	struct hw_config *hw = &m->cfg->hw;
	struct linux_config *lx = &m->cfg->lx;
	const struct given_iommu *g = &m->iommu;
	u64 end = low_memory_end(hw);

	if (hw->iommu.kind == IOMMU_NONE)
		return;
	if (!hw->iommu.granule)
		hw->iommu.granule = 4096;
	if (!hw->iommu.address_bits)
		hw->iommu.address_bits = 48;
	lx->iommu.aperture_last = (1ull << hw->iommu.address_bits) - 1;
	if (g->aperture)
		lx->iommu.aperture_last =
		    min_u64(lx->iommu.aperture_last, lx->iommu.aperture_base + g->aperture - 1);
	for (u32 i = 0; i < g->reserved; i++)
		add(lx, g->reserve[i].base, g->reserve[i].size, false);
	for (u32 i = 0; i < g->windows; i++)
		add(lx, g->window[i].base, g->window[i].size, true);
	if (g->hole_end > end)
		add(lx, end, g->hole_end - end, true);
	for (u32 i = 0; i < hw->devs; i++)
		hw->dev[i].translated = !m->outside[i] && (!g->passthrough || hw->dev[i].untrusted);
}
