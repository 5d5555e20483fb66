/* SPDX-License-Identifier: MIT */
/* Platforms: every shipped file, what is derived, a scenario's changes, devices, mistakes. */
#include <string.h>

#include "scenario/platform.h"
#include "unit/scenario_fixture.h"

static const struct platform_dir dir = {"scenarios"};
static struct machine_config cfg;

/* ---- shipped files ----------------------------------------------------------------------------
 */

START_TEST(all_files_load)
{
	struct arena a = {0};
	const char *const *names = platform_names(&dir, &a);
	u32 n = 0;

	for (; names[n]; n++) {
		ck_assert_msg(platform_load(&dir, names[n], (struct pos){0}, &cfg, &errs), "%s: %s",
			      names[n], errs.n ? errs.v[0].message : "");
		ck_assert(platform_exists(&dir, names[n]));
		ck_assert_str_eq(cfg.platform, names[n]);
		ck_assert_uint_gt(cfg.tags_n, 1);
		if (n)
			ck_assert_str_lt(names[n - 1], names[n]);
	}
	ck_assert_uint_ge(n, 13);
	arena_free(&a);
}
END_TEST

static void load(const char *name)
{
	ck_assert_msg(platform_load(&dir, name, (struct pos){0}, &cfg, &errs), "%s", name);
}

START_TEST(a_pc)
{
	load("x86-64");
	ck_assert_str_eq(cfg.summary, "coherent, 64-byte lines");
	ck_assert(platform_has_tag(&cfg, "coherent"));
	ck_assert(platform_has_tag(&cfg, "tso"));
	ck_assert(!platform_has_tag(&cfg, "bounce"));
	ck_assert_uint_eq((u64)cfg.hw.l1.sets * cfg.hw.l1.ways * cfg.hw.line, 32 * 1024);
	ck_assert(!cfg.hw.early_loads);
	ck_assert(!cfg.hw.mmio_passes);
	ck_assert_uint_eq(cfg.lx.cache_alignment, 1);
	ck_assert_uint_eq(cfg.lx.swiotlb.slots, 0); /* all memory is below 4 GiB */
	ck_assert_uint_eq(cfg.lx.version, LINUX_VERSION(7, 1));
}
END_TEST

START_TEST(a_pc_that_bounces)
{
	load("x86-64-swiotlb-force");
	ck_assert_str_eq(cfg.summary, "coherent, 64-byte lines, every mapping bounces");
	ck_assert(platform_has_tag(&cfg, "bounce"));
	ck_assert(cfg.lx.swiotlb.force);
	ck_assert_uint_eq(cfg.lx.swiotlb.slots, 32768);
	ck_assert_uint_eq(cfg.lx.swiotlb.base, (2048ull - 64) << 20); /* the top of memory */
}
END_TEST

START_TEST(an_arm_board)
{
	load("arm64-soc");
	ck_assert_str_eq(cfg.summary, "not coherent, 64-byte lines");
	ck_assert(platform_has_tag(&cfg, "noncoherent"));
	ck_assert(platform_has_tag(&cfg, "weak"));
	ck_assert(platform_has_tag(&cfg, "speculating"));
	ck_assert(cfg.hw.early_loads);
	ck_assert(cfg.hw.mmio_passes);
	ck_assert_uint_eq(cfg.hw.store_entries, 8);
	ck_assert_uint_eq(cfg.lx.dma_minalign, 128);
	ck_assert_uint_eq(cfg.lx.cache_alignment, 64);
	ck_assert(cfg.lx.kmalloc_bounce);
	ck_assert_uint_eq(cfg.lx.swiotlb.slots, 1024);
	ck_assert_uint_eq(cfg.lx.arch.for_cpu[2], OP_I);
}
END_TEST

/* Between memory and 0xfec00000 lie the windows of bridges, wherever memory ends. */
START_TEST(a_pc_with_an_iommu)
{
	const struct iommu_reserve *r = cfg.lx.iommu.reserve;

	load("x86-64-vtd");
	ck_assert_str_eq(cfg.summary, "coherent, 64-byte lines, lazy IOMMU");
	ck_assert_int_eq(cfg.hw.iommu.kind, IOMMU_VTD);
	ck_assert(cfg.lx.iommu.lazy);
	ck_assert_uint_eq(cfg.hw.iommu.granule, 4096);
	ck_assert_uint_eq(cfg.lx.iommu.aperture_last, (1ull << 39) - 1);
	ck_assert_uint_eq(cfg.lx.iommu.reserved, 3);
	ck_assert(!r[0].pci && r[1].pci && r[2].pci);
	ck_assert_uint_eq(r[2].range.base, 2048ull << 20);
	ck_assert_uint_eq(r[2].range.base + r[2].range.size, 0xfec00000);
	load("x86-64-vtd-strict");
	ck_assert(!cfg.lx.iommu.lazy);
	ck_assert_str_eq(cfg.summary, "coherent, 64-byte lines, strict IOMMU");
	load("x86-64-vtd-pt");
	ck_assert_str_eq(cfg.summary, "coherent, 64-byte lines, IOMMU passed through");
	load("arm64-soc-smmu");
	ck_assert_str_eq(cfg.summary, "not coherent, 64-byte lines, strict IOMMU");
}
END_TEST

START_TEST(an_outer_cache)
{
	load("armv7-pl310");
	ck_assert(platform_has_tag(&cfg, "outer-cache"));
	ck_assert_uint_eq((u64)cfg.hw.outer.sets * cfg.hw.outer.ways * cfg.hw.line, 512 * 1024);
	ck_assert_uint_eq(cfg.hw.line, 32);
	ck_assert_uint_eq(cfg.lx.dma_minalign, 32); /* derived: the line */
	ck_assert(cfg.lx.dma_addr_32);
}
END_TEST

START_TEST(a_cache_for_a_slide)
{
	load("classroom");
	ck_assert_uint_le((u64)cfg.hw.l1.sets * cfg.hw.l1.ways * cfg.hw.line, 64);
}
END_TEST

/* What the machines are known for; nothing else may be said of them. */
static const struct {
	const char *platform, *tags;
} known[] = {
    {"x86-64", "coherent tso speculating"},
    {"x86-64-swiotlb-force", "coherent tso speculating bounce"},
    {"x86-64-sev", "coherent tso speculating bounce encrypted"},
    {"x86-64-vtd", "coherent tso speculating iommu iommu-lazy"},
    {"x86-64-vtd-strict", "coherent tso speculating iommu"},
    {"x86-64-vtd-pt", "coherent tso speculating"},
    {"arm64-soc-smmu", "noncoherent weak speculating iommu"},
    {"arm64-server", "coherent weak speculating iommu"},
    {"arm64-soc", "noncoherent weak speculating"},
    {"rpi4", "noncoherent weak speculating offset"},
    {"armv7-pl310", "noncoherent weak speculating outer-cache 32-bit"},
    {"riscv-zicbom", "noncoherent weak speculating"},
    {"mips-24k", "noncoherent tso 32-bit"},
    {"mips-r10k", "noncoherent tso speculating big-endian"},
    {"powerpc-44x", "noncoherent weak speculating big-endian 32-bit"},
    {"xtensa", "noncoherent tso 32-bit defect"},
    {"classroom", "noncoherent tso 32-bit"},
};

static void check_tags(const char *want)
{
	u32 i;

	str_clear(&text);
	for (i = 0; i < cfg.tags_n; i++)
		str_printf(&text, "%s%s", i ? " " : "", cfg.tags[i]);
	ck_assert_str_eq(str_get(&text), want);
}

START_TEST(tags_are_what_it_is_known_for)
{
	load(known[_i].platform);
	check_tags(known[_i].tags);
	ck_assert_int_eq(cfg.defect != NULL, platform_has_tag(&cfg, "defect"));
	ck_assert_uint_gt(strlen(cfg.title), 0);
}
END_TEST

START_TEST(every_file_is_known)
{
	struct arena a = {0};
	const char *const *names = platform_names(&dir, &a);
	u32 n = 0;

	while (names[n])
		n++;
	ck_assert_uint_eq(n, ARRAY_LEN(known));
	arena_free(&a);
}
END_TEST

/* ---- changes by a scenario --------------------------------------------------------------------
 */

/* A file with that platform and device, compiled for them. */
static bool machine(const char *platform, const char *device, const char *variants)
{
	struct program *p = NULL;
	bool ok;

	scenario_free(s);
	str_clear(&text);
	str_printf(&text,
		   "schema: 1\nid: t\ntitle: T\nparams: {WAYS: 2}\nplatforms: [%s]\n"
		   "devices: {nic: %s}\ndriver: [msleep(1)]\n%s",
		   platform, device, variants);
	parse(str_get(&text));
	if (!s)
		return false;
	ok = scenario_compile(s, NULL, NULL, NULL, &cfg, &p, &errs);
	program_free(p);
	return ok;
}

#define NIC "{address_bits: 32}"

static void check(const char *platform)
{
	ck_assert_msg(machine(platform, NIC, ""), "%s", str_get(&brief));
}

START_TEST(own_fields_win)
{
	check("own: {like: classroom, cache: {line: 64, sets: 1, ways: WAYS, replacement: choice}, "
	      "store_buffer: {entries: 0}, speculates: true}");
	ck_assert_str_eq(cfg.platform, "own");
	ck_assert_uint_eq(cfg.hw.line, 64);
	ck_assert_uint_eq(cfg.hw.l1.ways, 2);
	ck_assert_int_eq(cfg.hw.l1.replacement, REPLACE_CHOICE);
	ck_assert_uint_eq(cfg.hw.store_entries, 0);
	ck_assert(cfg.hw.speculates);
	ck_assert_uint_eq(cfg.lx.dma_minalign, 64); /* follows the line */
	ck_assert_uint_eq(cfg.lx.l1_cache_bytes, 64);
}
END_TEST

START_TEST(order_brings_what_follows_from_it)
{
	check(
	    "own: {like: classroom, coherent: true, cache: none, store_buffer: {entries: 4, order: "
	    "weak}}");
	ck_assert(cfg.hw.mmio_passes);
	ck_assert(cfg.hw.early_loads);
	ck_assert_uint_eq(cfg.hw.l1.sets, 0);
	ck_assert(cfg.hw.dev[0].coherent);
	ck_assert(platform_has_tag(&cfg, "weak"));
	ck_assert(platform_has_tag(&cfg, "coherent"));
}
END_TEST

START_TEST(what_is_said_is_kept)
{
	check("own: {like: arm64-soc, early_loads: false, store_buffer: {order: tso, mmio_passes: "
	      "1}}");
	ck_assert(cfg.hw.mmio_passes);
	ck_assert(!cfg.hw.early_loads);
	ck_assert_uint_eq(cfg.hw.store_entries, 8);
}
END_TEST

START_TEST(high_memory_brings_the_pool)
{
	check("big: {like: x86-64, memory: 8GiB, kernel: \"6.12\"}");
	ck_assert_uint_eq(cfg.hw.rams, 2);
	ck_assert_uint_eq(cfg.hw.ram[1].base, 4ull << 30);
	ck_assert_uint_eq(cfg.hw.ram[1].size, 5ull << 30);
	ck_assert_uint_eq(cfg.lx.swiotlb.slots, 32768);
	ck_assert_uint_eq(cfg.lx.swiotlb.base, (3072ull - 64) << 20);
	ck_assert_uint_eq(cfg.lx.version, LINUX_VERSION(6, 12));
}
END_TEST

START_TEST(a_variant_changes_the_machine)
{
	ck_assert(machine("arm64-soc", NIC,
			  "variants: {broken: {machine: {arch_sync: {for_device: {from_device: "
			  "invalidate}}, dma_minalign: 64}}, fixed: {}}\n"));
	ck_assert_uint_eq(cfg.lx.arch.for_device[2], OP_I);
	ck_assert_uint_eq(cfg.lx.arch.for_device[1], OP_C);
	ck_assert_uint_eq(cfg.lx.dma_minalign, 64);
}
END_TEST

START_TEST(devices)
{
	ck_assert_msg(machine("arm64-soc",
			      "{address_bits: 28, bus: pci, mask: 64, coherent_mask: 24, coherent: "
			      "true, beat: 8}",
			      ""),
		      "%s", str_get(&brief));
	ck_assert_str_eq(cfg.hw.dev[0].name, "nic");
	ck_assert_uint_eq(cfg.hw.dev[0].address_bits, 28);
	ck_assert_int_eq(cfg.hw.dev[0].bus, BUS_PCI);
	ck_assert_uint_eq(cfg.hw.dev[0].beat, 8);
	ck_assert(cfg.hw.dev[0].coherent);
	ck_assert_uint_eq(cfg.lx.dev[0].mask, ~0ull);
	ck_assert_uint_eq(cfg.lx.dev[0].coherent_mask, 0xffffff);
	ck_assert_ptr_null(cfg.model[0]);
	ck_assert(!cfg.program[0]);
}
END_TEST

/* Each tag comes and goes with its field. */
static const struct {
	const char *platform, *tags;
} changed[] = {
    {"m: {like: x86-64, coherent: false, arch: arm64}", "noncoherent tso speculating"},
    {"m: {like: arm64-soc, coherent: true}", "coherent weak speculating"},
    {"m: {like: arm64-soc, store_buffer: {order: tso}}", "noncoherent tso speculating"},
    {"m: {like: arm64-soc, speculates: false}", "noncoherent weak"},
    {"m: {like: armv7-pl310, outer_cache: none}", "noncoherent weak speculating 32-bit"},
    {"m: {like: arm64-soc, swiotlb: {force: true}}", "noncoherent weak speculating bounce"},
    {"m: {like: x86-64, encrypted: true}", "coherent tso speculating bounce encrypted"},
    {"m: {like: x86-64-sev, encrypted: false}", "coherent tso speculating"},
    {"m: {like: rpi4, dma_ranges: none}", "noncoherent weak speculating"},
    {"m: {like: rpi4, dma_ranges: {platform: none}}", "noncoherent weak speculating"},
    {"m: {like: classroom, dma_ranges: {pci: [{cpu: 0, bus: 1MiB, size: 16MiB}]}}",
     "noncoherent tso offset 32-bit"},
    {"m: {like: arm64-soc, endian: big}", "noncoherent weak speculating big-endian"},
    {"m: {like: powerpc-44x, endian: little}", "noncoherent weak speculating 32-bit"},
    {"m: {like: classroom, linear_base: 0xffff000000000000}", "noncoherent tso"},
    {"m: {like: xtensa, arch_sync: {for_device: {from_device: clean}}}", "noncoherent tso 32-bit"},
    {"m: {like: xtensa, cache: {write: through}}", "noncoherent tso 32-bit"},
    {"m: {like: xtensa, coherent: true}", "coherent tso 32-bit"},
    {"m: {like: arm64-soc, arch_sync: {for_cpu: {from_device: none}}}",
     "noncoherent weak speculating defect"},
    {"m: {like: arm64-soc, speculates: false, arch_sync: {for_cpu: {from_device: none}}}",
     "noncoherent weak defect"},
    {"m: {like: mips-24k, speculates: true}", "noncoherent tso speculating 32-bit defect"},
    {"m: {like: arm64-soc, arch_sync: {for_device: {to_device: invalidate}}}",
     "noncoherent weak speculating defect"},
    {"m: {like: arm64-soc, arch_sync: {for_device: {from_device: invalidate}}}",
     "noncoherent weak speculating"},
    {"m: {like: arm64-soc, tags: [mine]}", "mine noncoherent weak speculating"},
};

START_TEST(tags_follow_the_fields)
{
	check(changed[_i].platform);
	check_tags(changed[_i].tags);
}
END_TEST

START_TEST(ranges_by_bus)
{
	ck_assert_msg(machine("rpi4", "{address_bits: 32}", ""), "%s", str_get(&brief));
	ck_assert_uint_eq(cfg.hw.dev[0].maps, 1);
	ck_assert_uint_eq(cfg.hw.dev[0].map[0].bus_base, 0xc0000000);
	ck_assert_uint_eq(cfg.lx.dev[0].bus_dma_limit, 0xffffffff);
	ck_assert_uint_eq(cfg.lx.dev[0].mask, 0xffffffff);
	teardown();
	setup();
	ck_assert(machine("rpi4", "{address_bits: 64, bus: pci, mask: 64}", ""));
	ck_assert_uint_eq(cfg.hw.dev[0].map[0].size, 3ull << 30);
	ck_assert_uint_eq(cfg.lx.dev[0].bus_dma_limit, 0xbfffffff);
	ck_assert_uint_eq(cfg.lx.dev[0].mask, ~0ull);
	teardown();
	setup();
	ck_assert(machine("rpi4", "{address_bits: 40, dma_ranges: none}", ""));
	ck_assert_uint_eq(cfg.hw.dev[0].maps, 0);
	ck_assert_uint_eq(cfg.lx.dev[0].bus_dma_limit, 0);
}
END_TEST

/* Masks need no more bits than the ranges do. */
START_TEST(own_ranges)
{
	ck_assert(machine("arm64-soc",
			  "{address_bits: 32, dma_ranges: [{cpu: 0x40000000, bus: 0, size: 16MiB}, "
			  "{cpu: 0x50000000, bus: 0x2000000, size: 0x100000}]}",
			  ""));
	ck_assert_uint_eq(cfg.hw.dev[0].maps, 2);
	ck_assert_uint_eq(cfg.lx.dev[0].bus_dma_limit, 0x20fffff);
	ck_assert_uint_eq(cfg.lx.dev[0].mask, 0x3ffffff);
	ck_assert_uint_eq(cfg.lx.dev[0].coherent_mask, 0x3ffffff);
}
END_TEST

START_TEST(unset_masks)
{
	ck_assert(machine("arm64-soc", "{address_bits: 32, mask: 0, coherent_mask: 0}", ""));
	ck_assert(cfg.lx.dev[0].no_mask);
	ck_assert(cfg.lx.dev[0].no_coherent_mask);
	ck_assert_uint_eq(cfg.lx.dev[0].mask, 0);
}
END_TEST

START_TEST(an_encrypted_guest)
{
	load("x86-64-sev");
	ck_assert(cfg.lx.encrypted);
	ck_assert(cfg.lx.swiotlb.force);
	ck_assert_uint_eq(cfg.lx.swiotlb.slots, 32768); /* 6 % of 1 GiB, at least 64 MiB */
	ck_assert_str_eq(cfg.title, "PC, encrypted guest: every mapping bounces");
}
END_TEST

START_TEST(edu)
{
	ck_assert(machine("arm64-soc", "{model: edu}", ""));
	ck_assert_str_eq(cfg.model[0]->name, "edu");
	ck_assert_uint_eq(cfg.hw.dev[0].windows, 0);
	ck_assert_uint_eq(cfg.hw.dev[0].address_bits, 28);
	ck_assert(!cfg.hw.dev[0].coherent);
}
END_TEST

START_TEST(rings_and_windows)
{
	ck_assert(machine("arm64-soc", "{model: nic, ring: 8}", ""));
	ck_assert_uint_eq(cfg.hw.dev[0].ring, 8);
	ck_assert_uint_eq(cfg.hw.dev[0].address_bits, 64);
	ck_assert(machine("arm64-soc", "{model: nic, address_bits: 32}", ""));
	ck_assert_uint_eq(cfg.hw.dev[0].ring, 4);
	ck_assert(machine("arm64-soc",
			  "{address_bits: 32, windows: {bar0: 0x0..0xfff, bar2: 0x1000..0x1fff}}",
			  ""));
	ck_assert_uint_eq(cfg.hw.dev[0].windows, 2);
	ck_assert_uint_eq(cfg.hw.dev[0].window[1].lo, 0x1000);
	ck_assert_uint_eq(cfg.hw.dev[0].window[1].hi, 0x1fff);
}
END_TEST

/* ---- mistakes ---------------------------------------------------------------------------------
 */

static const struct {
	const char *platform, *device, *want;
} mistakes[] = {
    {"x86_64", NIC,
     "5:13+6 'x86_64' is not a name of this kind = lower case letters, digits and '-', as in "
     "arm64-soc"},
    {"x86-46", NIC, "5:13+6 there is no platform 'x86-46' = did you mean \"x86-64\"?"},
    {"m: {like: arm64-soc, cach: none}", NIC,
     "5:34+4 a platform has no field \"cach\" = did you mean \"cache\"?"},
    {"m: {like: arm64-soc, cache: {line: 48}}", NIC, "5:48+2 a power of two belongs here"},
    {"m: {like: arm64-soc, cache: {ways: 65}}", NIC, "5:48+2 65 is not within 1 to 64"},
    {"m: {like: arm64-soc, cache: {way: 4}}", NIC,
     "5:42+3 a cache has no field \"way\" = did you mean \"ways\"?"},
    {"m: {like: armv7-pl310, outer_cache: {line: 64}}", NIC,
     "5:56+2 the outer cache has the lines of the inner one: 32 bytes = leave it out, or change "
     "cache: {line: ...}"},
    {"m: {like: arm64-soc, store_buffer: {order: loose}}", NIC, "5:56+5 tso or weak belongs here"},
    {"m: {like: arm64-soc, kernel: 7.1}", NIC,
     "5:42+3 write it in quotes: \"7.1\" = other readers of YAML take it for a number"},
    {"m: {like: arm64-soc, kernel: \"5.4\"}", NIC, "5:42+5 \"7.1\" or \"6.12\" belongs here"},
    {"m: {like: arm64-soc, iommu: vtd}", NIC,
     "5:41+3 an IOMMU is a map of fields, or none = as in {kind: vtd, mode: lazy}"},
    {"m: {like: arm64-soc, iommu: {kind: intel}}", NIC,
     "5:48+5 vtd, smmu, smmu-stage2 or amd belongs here"},
    {"m: {like: arm64-soc, iommu: {mode: soft}}", NIC,
     "5:48+4 strict, lazy or passthrough belongs here"},
    {"m: {like: arm64-soc, iommu: {granule: 8191}}", NIC, "5:51+4 a power of two belongs here"},
    {"m: {like: arm64-soc, iommu: {aperture_size: 1}}", NIC,
     "5:57+1 1 is not within 1048576 to 4503599627370496"},
    {"m: {like: arm64-soc, iommu: {reserved: none}}", NIC,
     "5:52+4 a list of 1 to 3 ranges belongs here = as in [{base: 0x80000000, size: 1GiB}]"},
    {"m: {like: arm64-soc, iommu: {tlb: 4}}", NIC, "5:42+3 an IOMMU has no field \"tlb\""},
    {"m: {like: arm64-soc, dma_ranges: []}", NIC,
     "5:46+1 a list of 1 to 4 ranges belongs here, or none = as in [{cpu: 0, bus: 0xc0000000, "
     "size: "
     "1GiB}]"},
    {"m: {like: arm64-soc, dma_ranges: {usb: none}}", NIC,
     "5:47+3 dma_ranges has no field \"usb\""},
    {"m: {like: arm64-soc, dma_ranges: [{cpu: 0, bus: 0}]}", NIC,
     "5:47+1 a range has cpu, bus and size = as in {cpu: 0, bus: 0xc0000000, size: 1GiB}"},
    {"m: {like: x86-64-sev, swiotlb: none}", NIC,
     "5:13+1 the platform 'm' cannot be: an encrypted guest needs a bounce pool: swiotlb: {size: "
     "64MiB}"},
    {"m: {like: arm64-soc, quirks: [a]}", NIC,
     "5:43+1 the name of a quirk belongs here = \"dmalab list quirks\" has all"},
    {"m: {like: arm64-soc, quirks: [outer-cache-last]}", NIC,
     "5:43+16 the name of a quirk belongs here = did you mean \"outer-cache-late\"?"},
    {"m: {like: arm64-soc, quirks: outer-cache-late}", NIC,
     "5:42+16 a list of quirks belongs here"},
    {"arm64-soc", "{address_bits: 32, restricted_pool: 100KiB}",
     "6:52+6 a pool comes in sets of slots: 256KiB, 512KiB .."},
    {"m: {like: arm64-soc, swiotlb: {restricted: true}}", NIC,
     "5:44+10 swiotlb has no field \"restricted\""},
    {"m: {like: arm64-soc, cpus: 5}", NIC, "5:40+1 5 is not within 1 to 4"},
    {"m: {like: arm64-soc, arch: x68}", NIC,
     "5:40+3 the name of an architecture belongs here = did you mean \"x86\"?"},
    {"m: {like: arm64-soc, dma_minalign: 48}", NIC,
     "5:13+1 the platform 'm' cannot be: dma_minalign, cache_alignment and l1_cache_bytes are "
     "powers of two"},
    {"m: {like: arm64-soc, memory: [{base: 0, size: 8KiB}, {base: 4KiB, size: 8KiB}], swiotlb: "
     "none}",
     NIC, "5:13+1 the platform 'm' cannot be: two ranges of memory overlap"},
    {"arm64-soc", "{}", "6:11+3 how many address bits does 'nic' have? = as in {address_bits: 32}"},
    {"arm64-soc", "{address_bit: 32}",
     "6:17+11 a device has no field \"address_bit\" = did you mean \"address_bits\"?"},
    {"arm64-soc", "{model: sgdma, max_segment: 48}", "6:44+2 48 is not within 64 to 65536"},
    {"arm64-soc", "{model: sgdma, boundary: 100}", "6:41+3 a power of two belongs here"},
    {"arm64-soc", "{model: nic, boundary: 64}", "6:39+2 'nic' has no model with segments"},
    {"arm64-soc", "{address_bits: 32, max_segment: 64}", "6:48+2 'nic' has no model with segments"},
    {"arm64-soc", "{address_bits: 32, beat: 12}", "6:41+2 a power of two belongs here"},
    {"arm64-soc", "{address_bits: 65}", "6:31+2 65 is not within 12 to 64"},
    {"m: {like: arm64-soc, title: T}", NIC, "5:34+5 a platform has no field \"title\""},
    {"arm64-soc", "{model: nick, address_bits: 32}",
     "6:24+4 there is no such model of a device = edu, nic, sgdma, audio, mailbox, or leave it out "
     "and write a program"},
    {"arm64-soc", "{address_bits: 32, windows: {a: 1}}",
     "6:48+1 a window is the offsets of its first and last byte; it begins at a register = as in "
     "'bar0: 0x0..0xfff'"},
    {"arm64-soc", "{address_bits: 32, windows: {a: 0x8..0x7}}",
     "6:48+8 a window is the offsets of its first and last byte; it begins at a register = as in "
     "'bar0: 0x0..0xfff'"},
    {"arm64-soc", "{address_bits: 32, windows: {a: 0x0..0xff, b: 0xfc..0x1ff}}",
     "6:62+11 this window overlaps another one"},
    {"arm64-soc", "{address_bits: 32, windows: 0x0..0xff}",
     "6:44+9 windows are a map of 1 to 4 names to ranges of registers = as in {bar0: 0x0..0xfff, "
     "bar2: 0x1000..0x1fff}"},
    {"arm64-soc", "{model: nic, windows: {a: 0x0..0xff}}",
     "6:38+1 windows are for a device with a program, or led by hand = the registers of a model "
     "are one range"},
    {"arm64-soc", "{model: edu, ring: 4}", "6:35+1 'nic' has no model with rings"},
    {"arm64-soc", "{model: nic, ring: 65}", "6:35+2 65 is not within 1 to 64"},
};

START_TEST(mistake_is_named)
{
	ck_assert(!machine(mistakes[_i].platform, mistakes[_i].device, ""));
	ck_assert_str_eq(str_get(&brief), mistakes[_i].want);
}
END_TEST

START_TEST(names_stay_in_the_folder)
{
	ck_assert(!platform_load(&dir, "../platforms/x86-64", (struct pos){0}, &cfg, &errs));
	ck_assert(!platform_load(&dir, "", (struct pos){0}, &cfg, &errs));
}
END_TEST

static Suite *platform_suite(void)
{
	Suite *suite = suite_create("platform");
	TCase *tc = tcase_create("platform");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_files_load);
	tcase_add_test(tc, a_pc);
	tcase_add_test(tc, a_pc_that_bounces);
	tcase_add_test(tc, an_arm_board);
	tcase_add_test(tc, an_outer_cache);
	tcase_add_test(tc, a_pc_with_an_iommu);
	tcase_add_test(tc, a_cache_for_a_slide);
	tcase_add_loop_test(tc, tags_are_what_it_is_known_for, 0, ARRAY_LEN(known));
	tcase_add_test(tc, every_file_is_known);
	tcase_add_loop_test(tc, tags_follow_the_fields, 0, ARRAY_LEN(changed));
	tcase_add_test(tc, ranges_by_bus);
	tcase_add_test(tc, own_ranges);
	tcase_add_test(tc, unset_masks);
	tcase_add_test(tc, an_encrypted_guest);
	tcase_add_test(tc, own_fields_win);
	tcase_add_test(tc, order_brings_what_follows_from_it);
	tcase_add_test(tc, what_is_said_is_kept);
	tcase_add_test(tc, high_memory_brings_the_pool);
	tcase_add_test(tc, a_variant_changes_the_machine);
	tcase_add_test(tc, devices);
	tcase_add_test(tc, edu);
	tcase_add_test(tc, rings_and_windows);
	tcase_add_loop_test(tc, mistake_is_named, 0, ARRAY_LEN(mistakes));
	tcase_add_test(tc, names_stay_in_the_folder);
	suite_add_tcase(suite, tc);
	return suite;
}

UNIT_MAIN(platform_suite)
