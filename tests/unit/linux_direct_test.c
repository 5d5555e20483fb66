/* SPDX-License-Identifier: MIT */
/*
 * Maps on the direct path: what each port does to the cache, in which order, and what comes of it
 * on the machine. The buffer of the worked example is [1020, 1060) of a page, in 64-byte lines.
 */
#include "unit/linux_fixture.h"

static struct box b;
static u64 page; /* physical, hex 100000 */

static void setup(void)
{
	box_config(&b);
}

static void teardown(void)
{
	box_stop(&b);
}

static void start(enum arch_id arch)
{
	b.lc.arch = arch_row(arch);
	box_start(&b);
	page = box_kmalloc(&b, 4096);
	ck_assert_uint_eq(page, 0x100000);
	box_events(&b);
}

/* ---- the table, as events on dirty lines ---- */

struct row {
	enum arch_id arch;
	const char *map[3],
	    *unmap[3]; /* by direction: BIDI, TO, FROM; 80 bytes in two dirty lines */
};

#define C0    "clean(100000 0) "
#define C1    "clean(100040 0) "
#define I0    "invalidate(100000 0 1) "
#define I1    "invalidate(100040 0 1) "
#define CI0   "clean(100000 0) invalidate(100000 0 0) "
#define CI1   "clean(100040 0) invalidate(100040 0 0) "
#define WAITS "barrier(5) "

static const struct row table[] = {
    {ARCH_ID_X86, {"", "", ""}, {"", "", ""}},
    {ARCH_ID_ARM64, {C0 C1 WAITS, C0 C1 WAITS, C0 C1 WAITS}, {I0 CI1 WAITS, WAITS, I0 CI1 WAITS}},
    {ARCH_ID_RISCV, {C0 C1 WAITS, C0 C1 WAITS, C0 C1 WAITS}, {I0 I1 WAITS, "", I0 I1 WAITS}},
    {ARCH_ID_ARMV7_PL310,
     {C0 C1 WAITS, C0 C1 WAITS, I0 CI1 WAITS},
     {I0 CI1 WAITS, "", I0 CI1 WAITS}},
    {ARCH_ID_MIPS_24K, {CI0 CI1 WAITS, C0 C1 WAITS, I0 I1 WAITS}, {"", "", ""}},
    {ARCH_ID_MIPS_R10K, {CI0 CI1 WAITS, C0 C1 WAITS, I0 I1 WAITS}, {I0 I1 WAITS, "", I0 I1 WAITS}},
    {ARCH_ID_POWERPC,
     {CI0 CI1 WAITS, C0 C1 WAITS, CI0 CI1 WAITS},
     {CI0 CI1 WAITS, C0 C1 WAITS, CI0 CI1 WAITS}},
    {ARCH_ID_XTENSA, {C0 C1 WAITS, C0 C1 WAITS, ""}, {I0 I1 WAITS, "", I0 I1 WAITS}},
};

START_TEST(every_row_every_direction)
{
	const struct row *r = &table[_i / 3];
	u32 dir = (u32)_i % 3;
	char want[512];
	u64 h;

	start(r->arch);
	box_store(&b, page, 0x11, 128);
	box_events(&b);
	h = box_map(&b, DEV_NC, page, 80, dir, 0);
	snprintf(want, sizeof want, "%smap(100000 50 100000 %x 0)", r->map[dir], dir);
	ck_assert_str_eq(box_events(&b), want);
	box_store(&b, page, 0x22, 128);
	box_unmap(&b, DEV_NC, h, 80, dir, 0);
	snprintf(want, sizeof want, "%sunmap(100000 50 100000 %x 0)", r->unmap[dir], dir);
	ck_assert_str_eq(box_events(&b), want);
}
END_TEST

START_TEST(syncs_do_what_map_and_unmap_do)
{
	const struct row *r = &table[_i / 3];
	u32 dir = (u32)_i % 3;
	char want[512];

	start(r->arch);
	box_store(&b, page, 0x11, 128);
	box_events(&b);
	box_sync_device(&b, DEV_NC, page, 80, dir);
	snprintf(want, sizeof want, "%ssync-for-device(100000 50 100000 %x)", r->map[dir], dir);
	ck_assert_str_eq(box_events(&b), want);
	box_store(&b, page, 0x22, 128);
	box_sync_cpu(&b, DEV_NC, page, 80, dir);
	snprintf(want, sizeof want, "%ssync-for-cpu(100000 50 100000 %x)", r->unmap[dir], dir);
	ck_assert_str_eq(box_events(&b), want);
}
END_TEST

START_TEST(a_coherent_device_costs_nothing)
{
	u64 h;

	start(table[_i / 3].arch);
	h = box_map(&b, DEV_COH, page, 80, (u32)_i % 3, 0);
	box_sync_cpu(&b, DEV_COH, h, 80, (u32)_i % 3);
	box_sync_device(&b, DEV_COH, h, 80, (u32)_i % 3);
	box_unmap(&b, DEV_COH, h, 80, (u32)_i % 3, 0);
	ck_assert_uint_eq(box_count(&b, EV_BARRIER) + box_count(&b, EV_CLEAN), 0);
	ck_assert_uint_eq(box_count(&b, EV_UNMAP), 1);
	ck_assert(lx_idle(&b.lx, LX_DRIVER));
}
END_TEST

START_TEST(skip_cpu_sync_leaves_the_cache_alone)
{
	u64 h;

	start(ARCH_ID_ARM64);
	box_store(&b, page, 0x11, 64);
	box_events(&b);
	h = box_map(&b, DEV_NC, page, 64, DMA_FROM_DEVICE, ATTR_SKIP_CPU_SYNC);
	box_unmap(&b, DEV_NC, h, 64, DMA_FROM_DEVICE, ATTR_SKIP_CPU_SYNC);
	ck_assert_str_eq(box_events(&b), "map(100000 40 100000 2 0) unmap(100000 40 100000 2 20)");
}
END_TEST

START_TEST(barrier_before_7_1_belongs_to_the_operation)
{
	b.lc.version = _i ? LINUX_VERSION(7, 1) : LINUX_VERSION(6, 12);
	start(ARCH_ID_ARM64);
	box_unmap(&b, DEV_NC, page, 64, DMA_TO_DEVICE, 0);
	ck_assert_str_eq(box_events(&b),
			 _i ? WAITS "unmap(100000 40 100000 1 0)" : "unmap(100000 40 100000 1 0)");
}
END_TEST

START_TEST(an_outer_cache_is_second_out_and_first_back)
{
	struct lx_next n[4];
	u32 k = 0;

	b.hc.outer = (struct cache_config){.sets = 64, .ways = 8};
	start(ARCH_ID_ARMV7_PL310);
	box_store(&b, page, 0x11, 64);
	box_events(&b);
	box_map(&b, DEV_NC, page, 64, DMA_TO_DEVICE, 0);
	ck_assert_str_eq(box_events(&b),
			 "clean(100000 0) clean(100000 1) " WAITS "map(100000 40 100000 1 0)");
	ck_assert_uint_eq(box_memory(&b, page), 0x11);
	box_load(&b, va_linear(&b.hw, (phys_addr_t){page}));
	box_unmap(&b, DEV_NC, page, 64, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), "invalidate(100000 1 0) invalidate(100000 0 0) " WAITS
					 "unmap(100000 40 100000 2 0)");
	/* and one transition for each line of each level */
	ck_assert_int_eq(lx_dma_sync_for_device(&b.lx, LX_DRIVER, DEV_NC, (dma_addr_t){page + 32},
						40, DMA_TO_DEVICE),
			 LX_OK);
	while (k < 4) {
		n[k++] = lx_next(&b.lx, LX_DRIVER);
		ck_assert_int_eq(lx_step(&b.lx, LX_DRIVER), LX_RAN);
	}
	ck_assert_uint_eq(n[0].pa, page);
	ck_assert_uint_eq(n[1].pa, page + 64);
	ck_assert_uint_eq(n[2].pa, page);
	ck_assert_int_eq(n[3].kind, UOP_LINE);
	ck_assert_int_eq(lx_next(&b.lx, LX_DRIVER).kind, UOP_BARRIER);
}
END_TEST

START_TEST(mips_flushes_when_the_range_is_the_cache)
{
	b.hc.l1 = (struct cache_config){.sets = 2, .ways = 2};
	start(ARCH_ID_MIPS_24K);
	box_store(&b, page, 0x11, 1);
	box_events(&b);
	box_map(&b, DEV_NC, page, 255, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), I0 WAITS "map(100000 ff 100000 2 0)");
	box_store(&b, page, 0x11, 1);
	box_events(&b);
	box_map(&b, DEV_NC, page, 256, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), CI0 WAITS "map(100000 100 100000 2 0)");
}
END_TEST

START_TEST(powerpc_drops_only_an_aligned_range)
{
	start(ARCH_ID_POWERPC);
	box_store(&b, page, 0x11, 128);
	box_events(&b);
	box_map(&b, DEV_NC, page, 128, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), I0 I1 WAITS "map(100000 80 100000 2 0)");
}
END_TEST

/* ---- the worked example of shared lines, on the machine ---- */

START_TEST(what_a_shared_line_costs)
{
	static const struct {
		enum arch_id arch;
		u8 neighbour, first, second; /* after the unmap, as the CPU reads */
	} want[] = {
	    {ARCH_ID_ARM64, 0x77, 0x11, 0xdd},	/* the line's old bytes go over the device's */
	    {ARCH_ID_RISCV, 0x11, 0xdd, 0xdd},	/* the neighbour's store is gone */
	    {ARCH_ID_MIPS_R10K, 0, 0xdd, 0xdd}, /* its first bytes were gone at map */
	    {ARCH_ID_POWERPC, 0x77, 0x11, 0xdd},
	};
	u64 h;

	start(want[_i].arch);
	box_store(&b, page, 0x11, 128);
	h = box_map(&b, DEV_NC, page + 0x20, 0x40, DMA_FROM_DEVICE, 0);
	box_store(&b, page, 0x77, 1);
	box_dma_write(&b, DEV_NC, h, 0xdd, 0x40);
	box_unmap(&b, DEV_NC, h, 0x40, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(box_load(&b, va_linear(&b.hw, (phys_addr_t){page})), want[_i].neighbour);
	ck_assert_uint_eq(box_load(&b, va_linear(&b.hw, (phys_addr_t){page + 0x3f})),
			  want[_i].first);
	ck_assert_uint_eq(box_load(&b, va_linear(&b.hw, (phys_addr_t){page + 0x5f})),
			  want[_i].second);
}
END_TEST

/* ---- order, hardware in between ---- */

START_TEST(a_line_waits_for_the_stores_to_it)
{
	b.hc.store_entries = 4;
	b.hc.order = ORDER_WEAK;
	start(ARCH_ID_ARM64);
	box_store(&b, page, 0x11, 1);
	ck_assert_uint_eq(hw_cpu(&b.hw)->entries, 1);
	box_map(&b, DEV_NC, page, 64, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(b.blocked, 1);
	ck_assert_uint_eq(box_dma_read(&b, DEV_NC, page), 0x11);
}
END_TEST

START_TEST(the_barrier_waits_for_all_stores)
{
	u64 other;

	b.hc.store_entries = 4;
	start(ARCH_ID_ARM64);
	other = box_kmalloc(&b, 128);
	box_store(&b, other, 0x22, 1);
	box_map(&b, DEV_NC, page, 64, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(b.blocked, 1);
	ck_assert_uint_eq(hw_cpu(&b.hw)->entries, 0);
}
END_TEST

START_TEST(coherent_devices_get_no_barrier)
{
	b.hc.store_entries = 4;
	start(ARCH_ID_ARM64);
	box_store(&b, page, 0x11, 1);
	box_map(&b, DEV_COH, page, 64, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(hw_cpu(&b.hw)->entries, 1);
}
END_TEST

START_TEST(a_handler_interrupts_a_map)
{
	dma_addr_t one, two;

	start(ARCH_ID_ARM64);
	ck_assert_int_eq(lx_dma_map_page(&b.lx, LX_DRIVER, DEV_NC, (phys_addr_t){page}, 0, 256,
					 DMA_TO_DEVICE, 0, &one),
			 LX_OK);
	ck_assert_int_eq(lx_step(&b.lx, LX_DRIVER), LX_RAN);
	ck_assert_int_eq(lx_dma_map_page(&b.lx, LX_HANDLER, DEV_NC, (phys_addr_t){page}, 1024, 8,
					 DMA_TO_DEVICE, 0, &two),
			 LX_OK);
	box_run(&b, LX_HANDLER);
	ck_assert_str_eq(box_events(&b), WAITS "map(100400 8 100400 1 0)");
	box_run(&b, LX_DRIVER);
	ck_assert_str_eq(box_events(&b), WAITS "map(100000 100 100000 1 0)");
}
END_TEST

/* ---- refusals ---- */

START_TEST(no_direction_is_a_bug_and_does_nothing)
{
	dma_addr_t h;

	start(ARCH_ID_ARM64);
	ck_assert_int_eq(
	    lx_dma_map_page(&b.lx, LX_DRIVER, DEV_NC, (phys_addr_t){page}, 0, 8, DMA_NONE, 0, &h),
	    LX_BUG_DIRECTION);
	ck_assert_int_eq(lx_dma_unmap(&b.lx, LX_DRIVER, DEV_NC, h, 8, 77, 0), LX_BUG_DIRECTION);
	ck_assert_int_eq(lx_dma_sync_for_cpu(&b.lx, LX_DRIVER, DEV_NC, h, 8, DMA_NONE),
			 LX_BUG_DIRECTION);
	ck_assert_int_eq(lx_dma_sync_for_device(&b.lx, LX_DRIVER, DEV_NC, h, 8, DMA_NONE),
			 LX_BUG_DIRECTION);
	ck_assert(lx_idle(&b.lx, LX_DRIVER));
	ck_assert_str_eq(box_events(&b), "log(0) log(1) log(2) log(3)");
}
END_TEST

START_TEST(vmalloc_memory_is_rejected_and_said_once)
{
	cpu_addr_t va;
	dma_addr_t h;

	start(ARCH_ID_ARM64);
	ck_assert_int_eq(lx_vmalloc(&b.lx, LX_DRIVER, 100, 0, &va), LX_OK);
	box_events(&b);
	for (u32 i = 0; i < 2; i++) {
		h.bus = 0;
		ck_assert_int_eq(
		    lx_dma_map_single(&b.lx, LX_DRIVER, DEV_NC, va, 100, DMA_TO_DEVICE, 0, &h),
		    LX_OK);
		ck_assert_uint_eq(h.bus, DMA_MAPPING_ERROR);
	}
	ck_assert_str_eq(box_events(&b), "log(0) map-fail(101000 64 1) map-fail(101000 64 1)");
	ck_assert_str_eq(box_log(&b, 0), "nic nic.0: rejecting DMA map of vmalloc memory\n"
					 "WARNING: include/linux/dma-mapping.h");
	ck_assert_uint_eq(klog_entries(b.w), 1);
	ck_assert(klog_is_of_boot(b.w, 0));
	ck_assert_str_eq(box_log(&b, 1), "");
}
END_TEST

START_TEST(a_vmapped_stack_is_rejected_a_linear_one_is_not)
{
	cpu_addr_t va;
	dma_addr_t h;

	b.lc.vmap_stack = _i;
	start(ARCH_ID_ARM64);
	ck_assert(lx_lab_memory(&b.lx, KIND_STACK, 64, &va));
	ck_assert_int_eq(lx_dma_map_single(&b.lx, LX_DRIVER, DEV_NC, va, 64, DMA_TO_DEVICE, 0, &h),
			 LX_OK);
	ck_assert_int_eq(h.bus == DMA_MAPPING_ERROR, _i);
}
END_TEST

START_TEST(reports_name_the_functions_of_their_kernel)
{
	static const char *const where[2] = {"dma_map_page_attrs()", "dma_map_phys()"};

	for (u32 i = 0; i < 2; i++) {
		if (i) {
			box_stop(&b);
			box_config(&b);
		}
		b.lc.version = i ? LINUX_VERSION(7, 1) : LINUX_VERSION(6, 12);
		b.hc.ram[0].size = 8 * GIB;
		b.lc.zone_dma32_limit = 8 * GIB - 1;
		start(ARCH_ID_ARM64);
		box_map(&b, DEV_NC, 4 * GIB, 16, DMA_TO_DEVICE, 0);
		ck_assert_ptr_nonnull(strstr(box_log(&b, 0), "\nWARNING: kernel/dma/direct.h "));
		ck_assert_ptr_nonnull(strstr(box_log(&b, 0), where[i]));
	}
}
END_TEST

START_TEST(out_of_reach_without_a_pool)
{
	b.hc.ram[0].size = 8 * GIB;
	b.lc.zone_dma32_limit = 8 * GIB - 1; /* the first page is not the point here */
	start(ARCH_ID_ARM64);
	box_map(&b, DEV_NC, 4 * GIB - 8, 16, DMA_TO_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), "log(0) map-fail(fffffff8 10 1)");
	ck_assert_str_eq(box_log(&b, 0), "nic nic.0: DMA addr 0x00000000fffffff8+16 overflow "
					 "(mask ffffffff, bus limit 0).\n"
					 "WARNING: kernel/dma/direct.h dma_map_phys()");
	ck_assert(!klog_is_of_boot(b.w, 0));
	ck_assert_uint_eq(box_map(&b, DEV_NC, 4 * GIB - 16, 16, DMA_TO_DEVICE, 0), 4 * GIB - 16);
}
END_TEST

START_TEST(dma_mapping_error_tells)
{
	start(ARCH_ID_ARM64);
	ck_assert_int_eq(lx_dma_mapping_error(&b.lx, DEV_NC, (dma_addr_t){0}), 0);
	ck_assert_int_eq(lx_dma_mapping_error(&b.lx, DEV_NC, (dma_addr_t){DMA_MAPPING_ERROR}), -12);
	ck_assert_str_eq(box_events(&b), "mapping-error(0 0) mapping-error(ffffffffffffffff 1)");
}
END_TEST

START_TEST(cache_operations_on_no_memory_oops)
{
	start(ARCH_ID_ARM64);
	ck_assert_int_eq(lx_dma_unmap(&b.lx, LX_DRIVER, DEV_NC, (dma_addr_t){DMA_MAPPING_ERROR}, 64,
				      DMA_FROM_DEVICE, 0),
			 LX_OK);
	ck_assert_int_eq(lx_step(&b.lx, LX_DRIVER), LX_OOPS);
	ck_assert(lx_idle(&b.lx, LX_DRIVER));
	/* a coherent device has no such operations: only dma-debug would notice */
	box_unmap(&b, DEV_COH, DMA_MAPPING_ERROR, 64, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), "unmap(ffffffffffffffff 40 ffffffffffffffff 2 0)");
}
END_TEST

START_TEST(size_0_is_fine_here)
{
	start(ARCH_ID_ARM64);
	ck_assert_uint_eq(box_map(&b, DEV_COH, page, 0, DMA_TO_DEVICE, 0), page);
	ck_assert_uint_eq(box_map(&b, DEV_NC, page, 0, DMA_FROM_DEVICE, 0), page);
}
END_TEST

START_TEST(cache_calls_by_hand)
{
	start(ARCH_ID_X86);
	box_store(&b, page, 0x11, 128);
	box_events(&b);
	lx_dcache_op(&b.lx, LX_DRIVER, (phys_addr_t){page}, 64, OP_C);
	box_run(&b, LX_DRIVER);
	lx_dcache_op(&b.lx, LX_DRIVER, (phys_addr_t){page + 64}, 32, OP_I);
	box_run(&b, LX_DRIVER);
	ck_assert_str_eq(box_events(&b), C0 WAITS CI1 "barrier(5)");
}
END_TEST

START_TEST(rows_have_names)
{
	enum arch_id id;

	start(ARCH_ID_X86);
	for (u32 i = 0; i < ARCH_IDS; i++) {
		ck_assert(arch_find(arch_name((enum arch_id)i), &id));
		ck_assert_int_eq(id, i);
	}
	ck_assert(!arch_find("vax", &id));
}
END_TEST

/* ---- registers, and maps by physical address ---- */

/* The handle of a map by physical address, resources if how says so; ~0: it failed. */
static u64 map_pa(u32 dev, u64 pa, u32 dir, u32 attrs, bool resource)
{
	dma_addr_t h;

	ck_assert_int_eq((resource ? lx_dma_map_resource : lx_dma_map_phys)(
			     &b.lx, LX_DRIVER, dev, (phys_addr_t){pa}, 64, dir, attrs, &h),
			 LX_OK);
	box_run(&b, LX_DRIVER);
	return h.bus;
}

#define REGS 0xfe000000ull

/* _i: 0 is 6.12, 1 is 7.1 */
START_TEST(registers_are_not_cached)
{
	b.lc.version = _i ? LINUX_VERSION(7, 1) : LINUX_VERSION(6, 12);
	start(ARCH_ID_ARM64);
	ck_assert_uint_eq(hw_mmio_base(&b.hc, 0), REGS);
	ck_assert_uint_eq(hw_mmio_base(&b.hc, 1), REGS + 0x10000);
	ck_assert_uint_eq(map_pa(DEV_NC, REGS, DMA_TO_DEVICE, 0, true), REGS);
	ck_assert_int_eq(lx_dma_unmap_resource(&b.lx, LX_DRIVER, DEV_NC, (dma_addr_t){REGS}, 64,
					       DMA_TO_DEVICE, 0),
			 LX_OK);
	ck_assert_str_eq(box_events(&b),
			 _i ? "map(fe000000 40 fe000000 1 0) unmap(fe000000 40 fe000000 1 400)"
			    : "map(fe000000 40 fe000000 1 0) unmap(fe000000 40 fe000000 1 0)");
}
END_TEST

START_TEST(registers_are_not_translated)
{
	b.lc.version = _i ? LINUX_VERSION(7, 1) : LINUX_VERSION(6, 12);
	b.hc.dev[DEV_NC].map[0] = (struct range_map){0, 0xc0000000, GIB};
	b.hc.dev[DEV_NC].maps = 1;
	start(ARCH_ID_ARM64);
	ck_assert_uint_eq(map_pa(DEV_NC, REGS, DMA_TO_DEVICE, 0, true), REGS);
}
END_TEST

START_TEST(registers_out_of_reach)
{
	b.lc.version = _i ? LINUX_VERSION(7, 1) : LINUX_VERSION(6, 12);
	start(ARCH_ID_X86);
	lx_dma_set_mask(&b.lx, DEV_COH, 0x3fffffff);
	ck_assert_uint_eq(map_pa(DEV_COH, REGS, DMA_TO_DEVICE, 0, true), DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0),
			 _i ? "coh coh.0: DMA addr 0x00000000fe000000+64 overflow (mask 3fffffff, "
			      "bus limit 0).\nWARNING: kernel/dma/direct.h dma_map_phys()"
			    : "coh coh.0: DMA addr 0x00000000fe000000+64 overflow (mask 3fffffff, "
			      "bus limit 0).\nWARNING: kernel/dma/direct.c dma_direct_map_resource()");
}
END_TEST

START_TEST(registers_do_not_bounce)
{
	b.lc.version = _i ? LINUX_VERSION(7, 1) : LINUX_VERSION(6, 12);
	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = 128;
	b.lc.swiotlb.force = true;
	start(ARCH_ID_X86);
	ck_assert_uint_eq(map_pa(DEV_COH, REGS, DMA_TO_DEVICE, 0, true),
			  _i ? DMA_MAPPING_ERROR : REGS);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
}
END_TEST

START_TEST(attributes_of_7_1)
{
	dma_addr_t h;

	b.lc.version = LINUX_VERSION(7, 1);
	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = 128;
	start(ARCH_ID_ARM64);
	ck_assert_uint_eq(map_pa(DEV_COH, page, DMA_FROM_DEVICE, ATTR_REQUIRE_COHERENT, false),
			  page);
	ck_assert_uint_eq(map_pa(DEV_NC, page, DMA_FROM_DEVICE, ATTR_REQUIRE_COHERENT, false),
			  DMA_MAPPING_ERROR);
	ck_assert_uint_eq(map_pa(DEV_COH, page, DMA_FROM_DEVICE, ATTR_CC_SHARED, false),
			  DMA_MAPPING_ERROR);
	ck_assert_int_eq(lx_dma_map_page(&b.lx, LX_DRIVER, DEV_COH, (phys_addr_t){page}, 0, 64,
					 DMA_TO_DEVICE, ATTR_MMIO, &h),
			 LX_OK);
	ck_assert_uint_eq(h.bus, DMA_MAPPING_ERROR); /* a page is no register */
	lx_dma_set_mask(&b.lx, DEV_COH, 0x3fffffff);
	ck_assert_uint_eq(map_pa(DEV_COH, GIB, DMA_TO_DEVICE, ATTR_REQUIRE_COHERENT, false),
			  DMA_MAPPING_ERROR); /* it would bounce */
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
	ck_assert_uint_eq(klog_entries(b.w), 1);
}
END_TEST

START_TEST(forced_bounces_and_the_attributes)
{
	b.lc.version = LINUX_VERSION(7, 1);
	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = 128;
	b.lc.swiotlb.force = true;
	start(ARCH_ID_X86);
	ck_assert_uint_eq(map_pa(DEV_COH, page, DMA_FROM_DEVICE, ATTR_REQUIRE_COHERENT, false),
			  DMA_MAPPING_ERROR);
	ck_assert_uint_eq(map_pa(DEV_COH, page, DMA_FROM_DEVICE, ATTR_CC_SHARED, false), page);
	ck_assert_uint_eq(map_pa(DEV_COH, page, DMA_FROM_DEVICE, 0, false), 0x4000000);
	ck_assert_uint_eq(klog_entries(b.w), 0);
}
END_TEST

/* ---- syncs that the inline part leaves out ---- */

START_TEST(a_coherent_device_that_never_bounced_skips_syncs)
{
	dma_addr_t bad = {0x4000000};

	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = 128;
	b.lc.dma_debug = _i;
	start(ARCH_ID_X86);
	ck_assert(lx_dma_need_sync(&b.lx, DEV_COH, bad)); /* nothing was said of it yet */
	lx_dma_set_mask(&b.lx, DEV_COH, 0xffffffff);
	ck_assert(lx_dma_need_sync(&b.lx, DEV_COH, bad) == (_i == 1));
	ck_assert_int_eq(lx_dma_sync_for_cpu(&b.lx, LX_DRIVER, DEV_COH, bad, 8, 3),
			 _i ? LX_BUG_DIRECTION : LX_OK);
	lx_dma_set_mask(&b.lx, DEV_COH, 0x3fffffff);
	lx_dma_bounced(&b.lx, DEV_COH);
	ck_assert(lx_dma_need_sync(&b.lx, DEV_COH, bad));
	ck_assert(!lx_dma_need_sync(&b.lx, DEV_COH, (dma_addr_t){page}));
	ck_assert_int_eq(lx_dma_sync_for_cpu(&b.lx, LX_DRIVER, DEV_COH, bad, 8, 3),
			 LX_BUG_DIRECTION);
}
END_TEST

static Suite *linux_direct_suite(void)
{
	Suite *s = suite_create("linux/direct");
	TCase *t = tcase_create("direct");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_row_every_direction, 0, 3 * (int)ARRAY_LEN(table));
	tcase_add_loop_test(t, syncs_do_what_map_and_unmap_do, 0, 3 * (int)ARRAY_LEN(table));
	tcase_add_loop_test(t, a_coherent_device_costs_nothing, 0, 3 * (int)ARRAY_LEN(table));
	tcase_add_test(t, skip_cpu_sync_leaves_the_cache_alone);
	tcase_add_loop_test(t, barrier_before_7_1_belongs_to_the_operation, 0, 2);
	tcase_add_test(t, an_outer_cache_is_second_out_and_first_back);
	tcase_add_test(t, mips_flushes_when_the_range_is_the_cache);
	tcase_add_test(t, powerpc_drops_only_an_aligned_range);
	tcase_add_loop_test(t, what_a_shared_line_costs, 0, 4);
	tcase_add_test(t, a_line_waits_for_the_stores_to_it);
	tcase_add_test(t, the_barrier_waits_for_all_stores);
	tcase_add_test(t, coherent_devices_get_no_barrier);
	tcase_add_test(t, a_handler_interrupts_a_map);
	tcase_add_test(t, no_direction_is_a_bug_and_does_nothing);
	tcase_add_test(t, vmalloc_memory_is_rejected_and_said_once);
	tcase_add_loop_test(t, a_vmapped_stack_is_rejected_a_linear_one_is_not, 0, 2);
	tcase_add_test(t, reports_name_the_functions_of_their_kernel);
	tcase_add_test(t, out_of_reach_without_a_pool);
	tcase_add_test(t, dma_mapping_error_tells);
	tcase_add_test(t, cache_operations_on_no_memory_oops);
	tcase_add_test(t, size_0_is_fine_here);
	tcase_add_test(t, cache_calls_by_hand);
	tcase_add_test(t, rows_have_names);
	tcase_add_loop_test(t, registers_are_not_cached, 0, 2);
	tcase_add_loop_test(t, registers_are_not_translated, 0, 2);
	tcase_add_loop_test(t, registers_out_of_reach, 0, 2);
	tcase_add_loop_test(t, registers_do_not_bounce, 0, 2);
	tcase_add_test(t, attributes_of_7_1);
	tcase_add_test(t, forced_bounces_and_the_attributes);
	tcase_add_loop_test(t, a_coherent_device_that_never_bounced_skips_syncs, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_direct_suite)
