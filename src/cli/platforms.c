/* SPDX-License-Identifier: MIT */
/* Platforms in words: everything here is said by the fields of their files. */
#include "cli/platforms.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/scenarios.h"

enum { NAMES = 22, FACTS = 15 }; /* columns of names */

/* False: it cannot be read. */
static bool load(const char *name, struct machine_config *cfg)
{
	struct platform_dir dir = scenarios_dir();
	struct err_list errs = {.file = name};
	bool ok = platform_exists(&dir, name) &&
		  platform_load(&dir, name, (struct pos){0, 0, 0}, cfg, &errs);

	err_free(&errs);
	return ok;
}

void platforms_names(struct str *out)
{
	struct platform_dir dir = scenarios_dir();
	struct arena a = {0};
	const char *const *names = data_dir()[0] ? platform_names(&dir, &a) : NULL;

	for (u32 i = 0; names && names[i]; i++)
		str_printf(out, "%s%s", i ? ", " : "", names[i]);
	arena_free(&a);
}

static void add_tags(const struct machine_config *m, struct str *out)
{
	for (u32 i = 0; i < m->tags_n; i++)
		str_printf(out, "%s%s", i ? " " : "", m->tags[i]);
}

void platforms_list(struct str *out)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct platform_dir dir = scenarios_dir();
	struct arena a = {0};
	const char *const *names = data_dir()[0] ? platform_names(&dir, &a) : NULL;

	for (u32 i = 0; names && names[i]; i++) {
		bool ok = load(names[i], cfg);

		str_printf(out, "%-*s %s\n", NAMES - 1, names[i],
			   ok ? cfg->title : "(its file has mistakes)");
		if (!ok)
			continue;
		str_printf(out, "%-*s ", NAMES - 1, "");
		add_tags(cfg, out);
		str_add(out, "\n");
	}
	arena_free(&a);
	mem_free(cfg);
}

/* ---- one line ---- */

struct page {
	const struct style *style;
	const struct machine_config *m;
	struct str *out;
};

static void fact(const struct page *p, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void fact(const struct page *p, const char *name, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	str_printf(p->out, "%-*s ", FACTS - 1, name);
	style_wrap(p->style, FACTS, FACTS, text, p->out);
}

static void sentence(const struct page *p, const char *text)
{
	style_wrap(p->style, 0, 0, text, p->out);
}

/* "948 MiB", "3 GiB": the largest unit that leaves nothing over. */
static const char *size_text(u64 n, char *out, size_t room)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	u32 u = 0;

	while (u + 1 < ARRAY_LEN(units) && n && n % 1024 == 0) {
		n /= 1024;
		u++;
	}
	snprintf(out, room, "%" PRIu64 " %s", n, units[u]);
	return out;
}

/* ---- the machine ---- */

static void cache(const struct page *p, const char *name, const struct cache_config *c)
{
	u32 line = p->m->hw.line;
	char size[32];

	if (!c->sets)
		return;
	fact(p, name, "%s: %u set%s of %u line%s of %u bytes, %s, %s makes room",
	     size_text((u64)c->sets * c->ways * line, size, sizeof size), c->sets,
	     c->sets == 1 ? "" : "s", c->ways, c->ways == 1 ? "" : "s", line,
	     c->write_through ? "write-through" : "write-back",
	     c->replacement == REPLACE_LRU ? "the line used longest ago" : "any line of the set");
}

static void core(const struct page *p)
{
	const struct hw_config *hw = &p->m->hw;

	if (hw->cpus > 1)
		fact(p, "CPUs", "%u; schedule_work_on() gives work to the others", hw->cpus);
	else
		fact(p, "CPUs", "1");
	cache(p, "cache", &hw->l1);
	cache(p, "outer cache", &hw->outer);
	if (!hw->l1.sets)
		fact(p, "cache", "none");
	if (!hw->store_entries)
		fact(p, "store buffer", "none");
	else
		fact(p, "store buffer", "%u stores, which leave %s%s", hw->store_entries,
		     hw->order == ORDER_TSO ? "in order" : "in any order",
		     hw->mmio_passes ? "; a relaxed register write may overtake them" : "");
	fact(p, "loads", "%s", hw->early_loads ? "may be done before older ones" : "in order");
	fact(p, "speculation", "%s",
	     hw->speculates ? "may fetch a line at any time that nobody asked for"
			    : "fetches no line that nobody asked for");
	fact(p, "byte order", "%s", hw->big_endian ? "big-endian" : "little-endian");
}

static void memory(const struct page *p)
{
	const struct hw_config *hw = &p->m->hw;
	char size[32];

	for (u32 i = 0; i < hw->rams; i++)
		fact(p, i ? "" : "memory", "0x%" PRIx64 " to 0x%" PRIx64 ", %s", hw->ram[i].base,
		     hw->ram[i].base + hw->ram[i].size - 1,
		     size_text(hw->ram[i].size, size, sizeof size));
	fact(p, "CPU addresses", "memory at 0x%" PRIx64 " + its address; vmalloc at 0x%" PRIx64,
	     hw->linear_base, hw->vmap_base);
}

static bool same_ranges(const struct machine_config *m)
{
	return m->ranges[0] == m->ranges[1] &&
	       memcmp(m->range[0], m->range[1], m->ranges[0] * sizeof m->range[0][0]) == 0;
}

static void bus(const struct page *p, const char *name, u32 kind)
{
	if (!p->m->ranges[kind])
		fact(p, name, "memory as it is: bus addresses are physical addresses");
	for (u32 i = 0; i < p->m->ranges[kind]; i++) {
		const struct range_map *r = &p->m->range[kind][i];
		char size[32];

		fact(p, i ? "" : name,
		     "%s of memory from 0x%" PRIx64 " on, at bus addresses 0x%" PRIx64
		     " to 0x%" PRIx64 "%s",
		     size_text(r->size, size, sizeof size), r->cpu_base, r->bus_base,
		     r->bus_base + r->size - 1,
		     i + 1 == p->m->ranges[kind] ? "; what lies elsewhere bounces" : "");
	}
}

static const char *iommu_name(const struct iommu_config *c)
{
	switch (c->kind) {
	case IOMMU_VTD:
		return "Intel VT-d";
	case IOMMU_SMMU:
		return "Arm SMMU, stage 1";
	case IOMMU_SMMU_S2:
		return "Arm SMMU, stage 2";
	case IOMMU_AMD:
		return "AMD, v1 tables";
	case IOMMU_NONE:
		break;
	}
	return "none";
}

static void iommu(const struct page *p)
{
	const struct iommu_config *c = &p->m->hw.iommu;
	char size[32];

	fact(p, "they see",
	     "addresses of the IOMMU: %s, pages of %s, %u bits. Each device sees what was "
	     "mapped for it, in whole pages",
	     iommu_name(c), size_text(c->granule, size, sizeof size), c->address_bits);
	fact(p, "unmap", "%s",
	     p->m->lx.iommu.lazy
		 ? "lazy: a page that the device has used stays open to it until the IOTLB is "
		   "flushed, when 255 wait for it or 10 ms have passed"
		 : "strict: the device is stopped at once");
	fact(p, "permissions", "%s",
	     c->kind == IOMMU_VTD || c->kind == IOMMU_SMMU
		 ? "TO_DEVICE can be read only; FROM_DEVICE can be read, too"
		 : "TO_DEVICE can be read only, FROM_DEVICE written only");
}

static void devices(const struct page *p)
{
	fact(p, "devices", "%s",
	     p->m->coherent ? "look into the caches" : "do not look into the caches");
	if (p->m->hw.iommu.kind != IOMMU_NONE && !p->m->passthrough) {
		iommu(p);
	} else if (same_ranges(p->m)) {
		bus(p, "they see", BUS_PLATFORM);
	} else {
		bus(p, "platform: see", BUS_PLATFORM);
		bus(p, "pci: see", BUS_PCI);
	}
	if (p->m->passthrough)
		fact(p, "IOMMU", "passed through: it translates only for untrusted devices");
}

/* ---- the kernel ---- */

static void zones(const struct page *p)
{
	const struct linux_config *lx = &p->m->lx;
	struct str s = {0};

	if (lx->zone_dma_limit)
		str_printf(&s, "DMA up to 0x%" PRIx64 ", ", lx->zone_dma_limit);
	if (lx->zone_dma32_limit)
		str_printf(&s, "DMA32 up to 0x%" PRIx64 ", ", lx->zone_dma32_limit);
	str_printf(&s, "%s; nothing is given out below 0x%" PRIx64,
		   lx->zone_dma_limit || lx->zone_dma32_limit ? "NORMAL above" : "NORMAL only",
		   lx->reserved);
	fact(p, "zones", "%s", str_get(&s));
	str_free(&s);
}

static void pool(const struct page *p)
{
	const struct linux_config *lx = &p->m->lx;
	char size[32];

	if (!lx->swiotlb.slots) {
		fact(p, "bounce pool", "none: what a device cannot reach cannot be mapped");
		return;
	}
	fact(p, "bounce pool", "%s at 0x%" PRIx64 ", in slots of 2 KiB; %s",
	     size_text((u64)lx->swiotlb.slots * 2048, size, sizeof size), lx->swiotlb.base,
	     lx->swiotlb.force ? "every map bounces" : "for what a device cannot reach");
	if (lx->swiotlb.dynamic)
		fact(p, "",
		     "and more when it is full: a pool for one mapping, then one that stays");
	if (lx->kmalloc_bounce && !lx->swiotlb.force && !p->m->coherent)
		fact(p, "",
		     "and for maps of less than %u bytes, but not to the device, if kmalloc() "
		     "rounds their size to what is no multiple of %u",
		     2 * lx->dma_minalign, lx->cache_alignment);
}

static void kernel(const struct page *p)
{
	const struct linux_config *lx = &p->m->lx;

	fact(p, "kernel", "Linux %u.%u, port %s", lx->version >> 8, lx->version & 0xff, p->m->arch);
	fact(p, "alignment",
	     "ARCH_DMA_MINALIGN %u, dma_get_cache_alignment() %u, L1_CACHE_BYTES %u",
	     lx->dma_minalign, lx->cache_alignment, lx->l1_cache_bytes);
	fact(p, "dma_addr_t", "%u bits", lx->dma_addr_32 ? 32 : 64);
	fact(p, "stacks", "%s",
	     lx->vmap_stack ? "in vmalloc memory (VMAP_STACK)" : "in the linear map");
	zones(p);
	pool(p);
	for (u32 q = 0; q < QUIRKS; q++)
		if (lx->quirks >> q & 1)
			fact(p, "quirk", "%s: %s", quirk_info((enum quirk)q)->name,
			     quirk_info((enum quirk)q)->what);
}

/* ---- what the calls do ---- */

static const char *op_text(u32 op)
{
	static const char *const text[] = {
	    [OP_NONE] = "nothing; free of cost",
	    [OP_C] = "dirty lines are written back, all are kept",
	    [OP_I] = "lines are dropped, dirty ones too",
	    [OP_CI] = "dirty lines are written back, all are dropped",
	};

	return text[op & 3];
}

static void directions(const struct page *p, const char *calls, const u8 *ops)
{
	static const char *const names[] = {"BIDIRECTIONAL", "TO_DEVICE", "FROM_DEVICE"};

	str_printf(p->out, "%s\n", calls);
	for (u32 d = 1; d < 4; d++)
		str_printf(p->out, "  %-14s %s\n", names[d % 3], op_text(ops[d % 3]));
}

static bool any_op(const struct arch_ops *a)
{
	for (u32 d = 0; d < 3; d++)
		if (a->for_device[d] || a->for_cpu[d])
			return true;
	return false;
}

static void edges(const struct page *p)
{
	static const char *const text[] = {
	    [EDGES_RAW] = "Where lines are dropped, so are those that the buffer covers in part: "
			  "what the CPU keeps beside it is lost if it was dirty.",
	    [EDGES_KEEP] = "Where lines are dropped, those that the buffer covers in part are "
			   "written back first: what the CPU keeps beside it survives, and goes "
			   "over what the device wrote in that line.",
	    [EDGES_WHOLE] = "Where lines are dropped and the buffer does not begin and end with a "
			    "line, all of its lines are written back first.",
	};
	const struct arch_ops *a = &p->m->lx.arch;

	sentence(p, text[a->edges % ARRAY_LEN(text)]);
	if (a->flags & ARCH_OUTER)
		sentence(p, "The outer cache comes after the inner one on the way to the device, "
			    "and before it on the way back.");
	if (a->flags & ARCH_BIG_CI)
		sentence(p, "A buffer as large as the cache: dirty lines are written back, too, "
			    "where they would be dropped.");
}

static void bounced(const struct page *p)
{
	if (!p->m->lx.swiotlb.slots)
		return;
	str_add(p->out, "\nwhat calls do with a buffer that bounces\n");
	str_add(p->out, "  map              copies it into the slot, for every direction\n"
			"  sync_for_device  copies it into the slot, but not if FROM_DEVICE\n"
			"  sync_for_cpu     copies it out of the slot, but not if TO_DEVICE\n"
			"  unmap            the same, and the slot is free again\n");
	if (!p->m->coherent)
		sentence(p, "Cache operations are done on the slot, not on the buffer.");
}

static void calls(const struct page *p)
{
	const struct arch_ops *a = &p->m->lx.arch;

	str_add(p->out, "\n");
	if (p->m->coherent)
		sentence(p, any_op(a)
				? "Devices look into the caches: map, sync and unmap do nothing to "
				  "them and cost nothing. For a device that does not (coherent: "
				  "false):"
				: "Devices look into the caches: map, sync and unmap do nothing to "
				  "them and cost nothing.");
	if (any_op(a)) {
		directions(p, "map, sync_for_device", a->for_device);
		directions(p, "sync_for_cpu, unmap", a->for_cpu);
		edges(p);
	}
	bounced(p);
	if (p->m->hw.iommu.kind != IOMMU_NONE && !p->m->passthrough) {
		str_add(p->out, "\n");
		sentence(p, "A map takes addresses for the device from the top down, below 4 GiB "
			    "first if it is a PCI device; the offset in the page is kept. An "
			    "access to what is not mapped is stopped: a write is dropped, a read "
			    "gets no data, the kernel logs it, and the driver is not told.");
	}
	if (p->m->lx.encrypted) {
		str_add(p->out, "\n");
		sentence(p, "Memory is encrypted, and a device has no key. The pool and coherent "
			    "memory are shared with the hypervisor instead; their handles are "
			    "plain bus addresses, without an encryption bit. Of a private page a device "
			    "reads nonsense, and writes it.");
	}
}

static void page(const struct page *p)
{
	str_printf(p->out, "%s: a platform, %s\n\n", p->m->platform, p->m->summary);
	sentence(p, p->m->title);
	str_add(p->out, "\n");
	core(p);
	memory(p);
	devices(p);
	kernel(p);
	str_printf(p->out, "%-*s ", FACTS - 1, "tags");
	add_tags(p->m, p->out);
	str_add(p->out, "\n");
	calls(p);
	if (p->m->defect) {
		str_add(p->out, "\n");
		str_printf(p->out, "%-*s ", FACTS - 1, "defect");
		style_wrap(p->style, FACTS, FACTS, p->m->defect, p->out);
		fact(p, "", "What goes wrong by that is reported as platform-defect.");
	}
	str_add(p->out, "\n");
	fact(p, "not modelled",
	     "%s%sA cache for each core (hardware keeps them alike: one stands for all), "
	     "CMA, highmem, bounce pools that grow, caches inside devices, DDIO.",
	     p->m->left_out, p->m->left_out[0] ? " " : "");
}

bool platform_explain(const char *id, const struct style *style, struct str *out)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct page p = {style, cfg, out};
	bool ok = data_dir()[0] && load(id, cfg);

	if (ok)
		page(&p);
	mem_free(cfg);
	return ok;
}
