/* SPDX-License-Identifier: MIT */
/* Coherent memory: where it comes from, how it is made, what the CPU and the device see. */
#include "unit/linux_fixture.h"

static struct box b;

static void setup(void)
{
	box_config(&b);
}

static void teardown(void)
{
	box_stop(&b);
}

struct got {
	cpu_addr_t va;
	dma_addr_t h;
	u32 steps;
};

static struct got alloc(u32 dev, u64 size)
{
	struct got g;

	lx_dma_alloc_attrs(&b.lx, LX_DRIVER, dev, size, GFP_BIT_DIRECT_RECLAIM, 0, &g.va, &g.h);
	g.steps = box_run(&b, LX_DRIVER);
	return g;
}

START_TEST(a_coherent_device_gets_linear_memory)
{
	struct got g;

	box_start(&b);
	g = alloc(DEV_COH, 100);
	ck_assert_uint_eq(g.va.va, b.hc.linear_base + MIB);
	ck_assert_uint_eq(g.h.bus, MIB);
	ck_assert_uint_eq(g.steps, 4096 / 8 + 1); /* the whole page is zeroed */
	ck_assert_str_eq(box_events(&b), "alloc-coherent(100000 ffff000000100000 64 100000 0)");
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_COH, 100, g.va, g.h, 0), LX_OK);
	ck_assert_str_eq(box_events(&b), "free-coherent(100000 ffff000000100000 64 100000)");
	/* Twice is what dma-debug finds; the kernel does it, and the page was free already. */
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_COH, 100, g.va, g.h, 0), LX_OK);
	ck_assert_str_eq(box_events(&b), "free-coherent(100000 ffff000000100000 64 100000)");
	ck_assert_int_eq(
	    lx_dma_free_attrs(&b.lx, DEV_COH, 100, g.va, (dma_addr_t){0x500000000000}, 0),
	    LX_BUG_FREE);
	box_events(&b);
	ck_assert_uint_eq(alloc(DEV_COH, 100).h.bus, MIB);
}
END_TEST

START_TEST(another_gets_uncached_memory)
{
	struct got g;
	phys_addr_t pa;
	enum memtype type;

	box_start(&b);
	g = alloc(DEV_NC, 64);
	ck_assert(va_translate(&b.hw, g.va, &pa, &type));
	ck_assert_uint_eq(pa.pa, MIB);
	ck_assert_int_eq(type, MEM_UNCACHED);
	ck_assert_uint_eq(g.steps, 64 + 1 + 512 + 1); /* lines, barrier, zeroes, the end */
	ck_assert_str_eq(box_events(&b), "barrier(5) "
					 "alloc-coherent(100000 ffff800000000000 40 100000 1)");
	ck_assert_int_eq(cpu_store(&b.hw, g.va, 1, &(u8){0x11}, false), ACCESS_OK);
	ck_assert_uint_eq(box_dma_read(&b, DEV_NC, g.h.bus), 0x11);
	box_dma_write(&b, DEV_NC, g.h.bus, 0xdd, 1);
	ck_assert_uint_eq(box_load(&b, g.va), 0xdd);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_NC, 64, g.va, g.h, 0), LX_OK);
	ck_assert(!va_translate(&b.hw, g.va, &pa, &type));
}
END_TEST

START_TEST(no_dirty_line_of_the_alias_is_left)
{
	struct got g;
	u64 pa;

	b.lc.arch = arch_row((enum arch_id)_i);
	box_start(&b);
	pa = box_kmalloc(&b, 4096);
	box_store(&b, pa, 0xee, 4096);
	ck_assert_int_eq(lx_kfree(&b.lx, lx_phys_to_virt(&b.lx, (phys_addr_t){pa})), LX_OK);
	g = alloc(DEV_NC, 4096);
	ck_assert_uint_eq(g.h.bus, pa);
	for (u32 i = 0; i < 4096; i += 64) {
		ck_assert_uint_eq(box_load(&b, (cpu_addr_t){g.va.va + i}), 0);
		ck_assert_uint_eq(box_dma_read(&b, DEV_NC, g.h.bus + i), 0);
		ck_assert(!cache_line(&b.hw, LEVEL_L1, pa + i).dirty);
	}
}
END_TEST

START_TEST(armv7_zeroes_through_the_alias_first)
{
	struct got g;

	b.lc.arch = arch_row(ARCH_ID_ARMV7_PL310);
	b.hc.outer = (struct cache_config){.sets = 256, .ways = 8};
	box_start(&b);
	lx_dma_alloc_attrs(&b.lx, LX_DRIVER, DEV_NC, 4096, GFP_BIT_DIRECT_RECLAIM, 0, &g.va, &g.h);
	ck_assert_int_eq(lx_next(&b.lx, LX_DRIVER).kind, UOP_FILL);
	ck_assert_uint_eq(box_run(&b, LX_DRIVER), 512 + 64 + 64 + 1 + 1);
	ck_assert_uint_eq(box_count(&b, EV_STORE_CACHE), 512);
	ck_assert(!cache_line(&b.hw, LEVEL_L1, g.h.bus).present);
	ck_assert(!cache_line(&b.hw, LEVEL_OUTER, g.h.bus).present);
}
END_TEST

START_TEST(aligned_to_the_order_that_holds_it)
{
	struct got g;

	b.blind = true;
	box_start(&b);
	box_kmalloc(&b, 4096);
	g = alloc(DEV_COH, 12 * 1024);
	ck_assert_uint_eq(g.h.bus % (16 * 1024), 0);
	ck_assert_uint_eq(g.steps, 12 * 1024 / 8 + 1);
	/* the fourth page is taken with it */
	for (u32 i = 0; i < 3; i++)
		ck_assert_uint_ne(box_kmalloc(&b, 4096), g.h.bus + 12 * 1024);
	ck_assert_uint_eq(box_kmalloc(&b, 4096), g.h.bus + 16 * 1024);
}
END_TEST

START_TEST(nothing_and_too_much)
{
	box_start(&b);
	ck_assert_uint_eq(alloc(DEV_COH, 0).va.va, 0);
	ck_assert_uint_eq(alloc(DEV_COH, 8 * MIB).va.va, 0);
	ck_assert_uint_eq(alloc(DEV_COH, ~0ull).va.va, 0);
	ck_assert_str_eq(box_events(&b),
			 "log(0) alloc-fail(0 1) alloc-fail(800000 1) alloc-fail(ffffffffffffffff 1)");
	ck_assert_str_eq(box_log(&b, 0),
			 "WARNING: mm/page_alloc.c __alloc_frozen_pages_noprof()"); /* once */
}
END_TEST

START_TEST(the_coherent_mask_decides_about_the_zone)
{
	b.hc.ram[1] = (struct range){4 * GIB, GIB};
	b.hc.rams = 2;
	b.lc.zone_dma_limit = 16 * MIB - 1;
	box_start(&b);
	ck_assert_uint_eq(alloc(DEV_COH, 8).h.bus, 16 * MIB); /* 32 bits by default */
	ck_assert_int_eq(lx_dma_set_coherent_mask(&b.lx, DEV_COH, ~0ull), 0);
	ck_assert_uint_eq(alloc(DEV_COH, 8).h.bus, 4 * GIB);
	ck_assert_int_eq(lx_dma_set_coherent_mask(&b.lx, DEV_COH, 0xffffff), 0);
	ck_assert_uint_eq(alloc(DEV_COH, 8).h.bus, MIB);
	/* the streaming mask has no say */
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, DEV_NC, ~0ull), 0);
	ck_assert_uint_eq(alloc(DEV_NC, 8).h.bus, 16 * MIB + 4096);
}
END_TEST

START_TEST(out_of_reach_is_tried_in_lower_zones)
{
	b.hc.ram[1] = (struct range){4 * GIB, GIB};
	b.hc.rams = 2;
	b.lc.zone_dma_limit = 16 * MIB - 1;
	box_start(&b);
	/* 33 bits do not ask for a zone below, but memory at 8 GiB and more would be refused */
	b.lc.dev[DEV_COH].bus_dma_limit = 4 * GIB + 0x7ff;
	ck_assert_int_eq(lx_dma_set_coherent_mask(&b.lx, DEV_COH, 0x1ffffffff), 0);
	ck_assert_uint_eq(alloc(DEV_COH, 8).h.bus, 16 * MIB);
	ck_assert_uint_eq(box_kmalloc(&b, 4096), 4 * GIB); /* what did not fit was given back */
}
END_TEST

START_TEST(handles_go_through_the_range_map)
{
	b.hc.dev[DEV_COH].map[0] = (struct range_map){0, 0xc0000000, GIB};
	b.hc.dev[DEV_COH].maps = 1;
	box_start(&b);
	ck_assert_uint_eq(alloc(DEV_COH, 8).h.bus, 0xc0100000);
}
END_TEST

/* min_not_zero(mask, limit): without a mask the limit of the bus counts alone. */
START_TEST(unset_mask)
{
	b.lc.dev[DEV_COH].no_coherent_mask = true;
	b.lc.dev[DEV_COH].bus_dma_limit = _i ? GIB - 1 : 0;
	box_start(&b);
	ck_assert_uint_eq(lx_dma_get_coherent_mask(&b.lx, DEV_COH), 0);
	ck_assert_int_eq(alloc(DEV_COH, 8).va.va != 0, _i);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c dma_alloc_attrs()");
}
END_TEST

START_TEST(never_bounced)
{
	struct got g;

	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = 128;
	b.lc.swiotlb.force = true;
	box_start(&b);
	g = alloc(DEV_COH, 8);
	ck_assert(!lx_in_pool(&b.lx, (phys_addr_t){g.h.bus}));
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
}
END_TEST

START_TEST(a_zero_may_still_be_on_its_way)
{
	struct got g;

	b.hc.store_entries = 8;
	b.hc.order = ORDER_WEAK;
	box_start(&b);
	g = alloc(DEV_NC, 8);
	ck_assert_uint_gt(hw_cpu(&b.hw)->entries, 0);
	ck_assert_uint_ne(g.va.va, 0);
}
END_TEST

START_TEST(freeing_nothing_and_with_interrupts_off)
{
	struct got g;

	box_start(&b);
	g = alloc(DEV_COH, 8);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_COH, 8, (cpu_addr_t){0}, g.h, 0), LX_OK);
	ck_assert_uint_eq(klog_entries(b.w), 0);
	W_SET(b.w, hw_cpu(&b.hw)->irq_off, 1);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_COH, 8, g.va, g.h, 0), LX_OK);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c dma_free_attrs()");
	ck_assert_uint_eq(box_count(&b, EV_COHERENT_FREE), 1);
}
END_TEST

/* ---- flags and attributes ---- */

static struct got asked(u32 dev, u64 size, u32 gfp, u32 attrs)
{
	struct got g;

	ck_assert_int_eq(lx_dma_alloc_attrs(&b.lx, LX_DRIVER, dev, size, gfp, attrs, &g.va, &g.h),
			 LX_OK);
	g.steps = box_run(&b, LX_DRIVER);
	return g;
}

START_TEST(compound_pages_are_refused)
{
	box_start(&b);
	for (u32 i = 0; i < 2; i++)
		ck_assert_uint_eq(
		    asked(DEV_COH, 64, GFP_BIT_DIRECT_RECLAIM | GFP_BIT_COMP, 0).va.va, 0);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c dma_alloc_attrs()");
	ck_assert_str_eq(box_log(&b, 1), "");
}
END_TEST

START_TEST(zones_are_the_masks_business)
{
	box_start(&b);
	ck_assert_uint_ne(asked(DEV_COH, 64, GFP_BIT_DIRECT_RECLAIM | GFP_BIT_DMA, 0).va.va, 0);
	ck_assert_str_eq(box_log(&b, 0), "");
}
END_TEST

START_TEST(a_large_one_may_fail_in_silence)
{
	b.lc.version = LINUX_VERSION(6, 12);
	box_start(&b);
	asked(DEV_COH, 8 * MIB, GFP_BIT_DIRECT_RECLAIM, ATTR_NO_WARN);
	ck_assert_str_eq(box_log(&b, 0), "");
	asked(DEV_COH, 8 * MIB, GFP_BIT_DIRECT_RECLAIM, 0);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: mm/page_alloc.c __alloc_pages_noprof()");
}
END_TEST

START_TEST(a_cookie_is_no_pointer)
{
	struct got g;
	enum memtype type;
	phys_addr_t pa;

	box_start(&b);
	g = asked(DEV_NC, 4096, GFP_BIT_DIRECT_RECLAIM, ATTR_NO_KERNEL_MAPPING);
	ck_assert_uint_eq(g.steps, 64 + 1 + 1); /* lines, barrier, the end: nothing is zeroed */
	ck_assert(!va_translate(&b.hw, g.va, &pa, &type));
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_NC, 4096, g.va, g.h, ATTR_NO_KERNEL_MAPPING),
			 LX_OK);
	ck_assert_uint_eq(box_kmalloc(&b, 4096), g.h.bus);
}
END_TEST

/* ---- freed with other arguments ---- */

START_TEST(a_smaller_size_leaks_the_rest)
{
	struct got g;

	box_start(&b);
	g = alloc(DEV_COH, 8192);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_COH, 4096, g.va, g.h, 0), LX_OK);
	ck_assert_uint_eq(box_kmalloc(&b, 4096), g.h.bus);
	ck_assert_uint_ne(box_kmalloc(&b, 4096), g.h.bus + 4096);
}
END_TEST

START_TEST(the_handle_says_which_page)
{
	struct got g, other;

	box_start(&b);
	g = alloc(DEV_COH, 4096);
	other = alloc(DEV_COH, 4096);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_COH, 4096, g.va, other.h, 0), LX_OK);
	ck_assert_uint_eq(box_kmalloc(&b, 4096), other.h.bus);
}
END_TEST

START_TEST(unmapped_twice)
{
	struct got g;

	box_start(&b);
	g = alloc(DEV_NC, 4096);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_NC, 4096, g.va, g.h, 0), LX_OK);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_NC, 4096, g.va, g.h, 0), LX_OK);
	ck_assert_str_eq(box_log(&b, 0), "Trying to vunmap() nonexistent vm area ((____ptrval____))"
					 "\nWARNING: mm/vmalloc.c vunmap()");
}
END_TEST

/* ---- the atomic pools ---- */

START_TEST(without_sleeping_from_a_pool)
{
	struct got g, next;
	phys_addr_t pa;
	enum memtype type;

	box_start(&b);
	g = asked(DEV_NC, 100, 0, 0);
	next = asked(DEV_NC, 100, 0, 0);
	ck_assert_uint_eq(g.steps, 512 + 1); /* zeroes: its lines were cleaned at boot */
	ck_assert_uint_eq(next.h.bus, g.h.bus + LX_PAGE);
	ck_assert(va_translate(&b.hw, g.va, &pa, &type));
	ck_assert_int_eq(type, MEM_UNCACHED);
	ck_assert_uint_eq(pa.pa, g.h.bus);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_NC, 100, g.va, g.h, 0), LX_OK);
	ck_assert(va_translate(&b.hw, g.va, &pa, &type)); /* it stays mapped */
	ck_assert_uint_eq(asked(DEV_NC, 100, 0, 0).h.bus, g.h.bus);
	g = asked(DEV_COH, 100, 0, 0); /* needs no remap, and no pool */
	ck_assert_uint_eq(g.va.va, lx_phys_to_virt(&b.lx, (phys_addr_t){g.h.bus}).va);
}
END_TEST

START_TEST(a_pool_is_exhausted_and_grows)
{
	b.lc.coherent_pool = 2 * LX_PAGE;
	b.lc.zone_dma_limit = b.lc.zone_dma32_limit = 0; /* one pool */
	box_start(&b);
	ck_assert_uint_ne(asked(DEV_NC, 2 * LX_PAGE, 0, 0).va.va, 0);
	ck_assert_uint_eq(asked(DEV_NC, 1, GFP_BIT_NOWARN, 0).va.va, 0);
	ck_assert_str_eq(box_log(&b, 0), "");
	ck_assert_uint_eq(asked(DEV_NC, 1, 0, 0).va.va, 0);
	ck_assert_str_eq(box_log(&b, 0), "DMA pool exhausted for nic.0\n"
					 "WARNING: kernel/dma/pool.c dma_alloc_from_pool()");
	ck_assert_uint_ne(asked(DEV_NC, 1, GFP_BIT_DIRECT_RECLAIM, 0).va.va, 0);
	lx_atomic_refill(&b.lx);
	ck_assert_uint_ne(asked(DEV_NC, 1, 0, 0).va.va, 0);
}
END_TEST

START_TEST(pages_of_a_pool_are_used_up)
{
	b.lc.coherent_pool = 4 * LX_PAGE;
	box_start(&b);
	ck_assert(lx_atomic_take(&b.lx, 3 * LX_PAGE));
	ck_assert_uint_eq(asked(DEV_NC, 2 * LX_PAGE, GFP_BIT_NOWARN, 0).va.va, 0);
	ck_assert_uint_ne(asked(DEV_NC, LX_PAGE, 0, 0).va.va, 0);
	ck_assert(!lx_atomic_take(&b.lx, 2 * LX_PAGE));
}
END_TEST

static Suite *linux_coherent_suite(void)
{
	Suite *s = suite_create("linux/coherent");
	TCase *t = tcase_create("coherent");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_coherent_device_gets_linear_memory);
	tcase_add_test(t, another_gets_uncached_memory);
	tcase_add_loop_test(t, no_dirty_line_of_the_alias_is_left, 1, ARCH_IDS);
	tcase_add_test(t, armv7_zeroes_through_the_alias_first);
	tcase_add_test(t, aligned_to_the_order_that_holds_it);
	tcase_add_test(t, nothing_and_too_much);
	tcase_add_test(t, the_coherent_mask_decides_about_the_zone);
	tcase_add_test(t, out_of_reach_is_tried_in_lower_zones);
	tcase_add_test(t, handles_go_through_the_range_map);
	tcase_add_loop_test(t, unset_mask, 0, 2);
	tcase_add_test(t, never_bounced);
	tcase_add_test(t, a_zero_may_still_be_on_its_way);
	tcase_add_test(t, freeing_nothing_and_with_interrupts_off);
	tcase_add_test(t, compound_pages_are_refused);
	tcase_add_test(t, zones_are_the_masks_business);
	tcase_add_test(t, a_large_one_may_fail_in_silence);
	tcase_add_test(t, a_cookie_is_no_pointer);
	tcase_add_test(t, a_smaller_size_leaks_the_rest);
	tcase_add_test(t, the_handle_says_which_page);
	tcase_add_test(t, unmapped_twice);
	tcase_add_test(t, without_sleeping_from_a_pool);
	tcase_add_test(t, a_pool_is_exhausted_and_grows);
	tcase_add_test(t, pages_of_a_pool_are_used_up);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_coherent_suite)
