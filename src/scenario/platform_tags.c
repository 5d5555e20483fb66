/* SPDX-License-Identifier: MIT */
/*
 * What a platform is in a word or two. Tags are derived from the fields, so that they cannot
 * disagree with them, and so that a scenario's own platform has them too.
 */
#include <stdio.h>
#include <string.h>

#include "scenario/platform_int.h"

static void add_tag(struct machine_config *cfg, const char *tag, bool is)
{
	if (is && cfg->tags_n < TAGS_MAX && !platform_has_tag(cfg, tag))
		memcpy(cfg->tags[cfg->tags_n++], tag, strlen(tag) + 1);
}

/* Some device's bus address of a byte is not its physical one. */
static bool has_offset(const struct machine *m)
{
	u32 bus, i;

	for (bus = 0; bus < 2; bus++)
		for (i = 0; i < m->ranges[bus].n; i++)
			if (m->ranges[bus].v[i].cpu_base != m->ranges[bus].v[i].bus_base)
				return true;
	return false;
}

static bool is_32_bit(const struct hw_config *hw)
{
	return hw->linear_base >> 32 == 0 && hw->vmap_base >> 32 == 0;
}

static const char *iommu_words(const struct machine_config *cfg)
{
	if (cfg->hw.iommu.kind == IOMMU_NONE)
		return "";
	return cfg->passthrough	    ? ", IOMMU passed through"
	       : cfg->lx.iommu.lazy ? ", lazy IOMMU"
				    : ", strict IOMMU";
}

/* Old bugs of its kernel: without them nothing of the run is understood. */
static void add_quirks(struct machine_config *cfg)
{
	for (u32 q = 0; q < QUIRKS; q++) {
		size_t n = strlen(cfg->summary);

		if (cfg->lx.quirks >> q & 1)
			snprintf(cfg->summary + n, sizeof cfg->summary - n, ", %s",
				 quirk_info((enum quirk)q)->name);
	}
}

void machine_describe(struct machine *m)
{
	struct machine_config *cfg = m->cfg;
	u32 bus;

	for (bus = 0; bus < 2; bus++) {
		memcpy(cfg->range[bus], m->ranges[bus].v, sizeof cfg->range[bus]);
		cfg->ranges[bus] = m->ranges[bus].n;
	}
	cfg->coherent = m->coherent;
	cfg->defect = m->coherent ? NULL : arch_defect(&cfg->lx.arch, &cfg->hw);
	add_tag(cfg, m->coherent ? "coherent" : "noncoherent", true);
	add_tag(cfg, cfg->hw.order == ORDER_WEAK ? "weak" : "tso", true);
	add_tag(cfg, "speculating", cfg->hw.speculates);
	add_tag(cfg, "outer-cache", cfg->hw.outer.sets);
	add_tag(cfg, "bounce", cfg->lx.swiotlb.force);
	add_tag(cfg, "iommu", cfg->hw.iommu.kind != IOMMU_NONE && !m->iommu.passthrough);
	add_tag(cfg, "iommu-lazy", cfg->hw.iommu.kind != IOMMU_NONE && cfg->lx.iommu.lazy);
	add_tag(cfg, "encrypted", cfg->lx.encrypted);
	add_tag(cfg, "offset", has_offset(m));
	add_tag(cfg, "big-endian", cfg->hw.big_endian);
	add_tag(cfg, "32-bit", is_32_bit(&cfg->hw));
	add_tag(cfg, "defect", cfg->defect);
	cfg->passthrough = m->iommu.passthrough;
	snprintf(cfg->summary, sizeof cfg->summary, "%s, %u-byte lines%s%s",
		 m->coherent ? "coherent" : "not coherent", cfg->hw.line,
		 cfg->lx.swiotlb.force ? ", every mapping bounces" : "", iommu_words(cfg));
	add_quirks(cfg);
}

bool platform_has_tag(const struct machine_config *cfg, const char *tag)
{
	u32 i;

	for (i = 0; i < cfg->tags_n; i++)
		if (strcmp(cfg->tags[i], tag) == 0)
			return true;
	return false;
}
