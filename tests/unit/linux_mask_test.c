/* SPDX-License-Identifier: MIT */
/* Masks, range maps, and what follows from them. */
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

static bool capable(u64 bus, u64 size)
{
	return lx_dma_capable(&b.lx, DEV_NC, (dma_addr_t){bus}, size);
}

START_TEST(a_mask_is_a_limit_for_the_last_byte)
{
	box_start(&b);
	/* 30 bits are less than the last RAM page needs, but there is no more than 1 GiB */
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, DEV_NC, 0x3fffffff), 0);
	ck_assert(capable(0x3ffff000, 0x1000));
	ck_assert(!capable(0x3ffff000, 0x1001));
	ck_assert(!capable(~0ull, 1));
	ck_assert(capable(0, 1));
}
END_TEST

START_TEST(a_mask_with_holes_is_its_number)
{
	box_start(&b);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, DEV_NC, 0xf0000000f), 0);
	ck_assert(capable(0xf00000000, 0x10));
	ck_assert(!capable(0xf00000000, 0x11));
}
END_TEST

START_TEST(the_bus_limits_what_the_mask_allows)
{
	b.lc.dev[DEV_NC].bus_dma_limit = 0xffffff;
	box_start(&b);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, DEV_NC, ~0ull), 0);
	ck_assert(capable(0xfff000, 0x1000));
	ck_assert(!capable(0xfff000, 0x1001));
	ck_assert(lx_dma_addressing_limited(&b.lx, DEV_NC));
	ck_assert(!lx_dma_addressing_limited(&b.lx, DEV_COH));
}
END_TEST

START_TEST(ranges_translate_and_end)
{
	b.hc.dev[DEV_COH].map[0] = (struct range_map){0, 0xc0000000, GIB};
	b.hc.dev[DEV_COH].maps = 1;
	b.hc.ram[0].size = 2 * GIB;
	box_start(&b);
	ck_assert_uint_eq(lx_phys_to_dma(&b.lx, DEV_COH, (phys_addr_t){0x10000000}).bus,
			  0xd0000000);
	ck_assert_uint_eq(lx_phys_to_dma(&b.lx, DEV_COH, (phys_addr_t){0x40000000}).bus, ~0ull);
	ck_assert_uint_eq(lx_dma_to_phys(&b.lx, DEV_COH, (dma_addr_t){0xd0000000}).pa, 0x10000000);
	ck_assert_uint_eq(lx_dma_to_phys(&b.lx, DEV_COH, (dma_addr_t){0x10000000}).pa, ~0ull);
	ck_assert(lx_dma_addressing_limited(&b.lx, DEV_COH)); /* half of the RAM is in no range */
	/* each device has its own */
	ck_assert_uint_eq(lx_phys_to_dma(&b.lx, DEV_NC, (phys_addr_t){0x40000000}).bus, 0x40000000);
	ck_assert(!lx_dma_addressing_limited(&b.lx, DEV_NC));
	ck_assert_uint_eq(box_map(&b, DEV_COH, 0x10000000, 16, DMA_TO_DEVICE, 0), 0xd0000000);
	ck_assert_uint_eq(box_map(&b, DEV_COH, 0x40000000, 16, DMA_TO_DEVICE, 0),
			  DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0),
			 "coh coh.0: DMA addr 0xffffffffffffffff+16 overflow (mask ffffffff, "
			 "bus limit 0).\n"
			 "WARNING: kernel/dma/direct.h dma_map_phys()");
}
END_TEST

START_TEST(two_ranges_that_cover_all_memory)
{
	b.hc.dev[0].map[0] = (struct range_map){GIB / 2, 0, GIB};
	b.hc.dev[0].map[1] = (struct range_map){0, 0x80000000, GIB / 2};
	b.hc.dev[0].maps = 2;
	box_start(&b);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, ~0ull), 0);
	ck_assert(!lx_dma_addressing_limited(&b.lx, 0));
}
END_TEST

START_TEST(small_masks_need_a_zone)
{
	b.hc.ram[0].size = 8 * GIB;
	b.lc.zone_dma_limit = _i ? 16 * MIB - 1 : 0;
	box_start(&b);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, 0xffffff), _i ? 0 : -5);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, 0x7fffff), -5);
	/* a refused mask leaves the old one */
	ck_assert_uint_eq(lx_dma_get_mask(&b.lx, 0), _i ? 0xffffff : 0xffffffff);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, ~0ull), 0);
	ck_assert_uint_eq(lx_dma_get_mask(&b.lx, 0), ~0ull);
}
END_TEST

START_TEST(required_mask_covers_the_last_page)
{
	b.hc.ram[1] = (struct range){4 * GIB, 0x140000000};
	b.hc.rams = 2;
	box_start(&b);
	ck_assert_uint_eq(lx_dma_get_required_mask(&b.lx, 0), 0x3ffffffff);
	ck_assert(lx_dma_addressing_limited(&b.lx, 0)); /* 32 bits by default */
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, 0x3ffffffff), 0);
	ck_assert(!lx_dma_addressing_limited(&b.lx, 0));
}
END_TEST

START_TEST(events_say_which_mask_and_the_result)
{
	b.lc.zone_dma_limit = 16 * MIB - 1;
	box_start(&b);
	ck_assert_int_eq(lx_dma_set_mask_and_coherent(&b.lx, 0, 0xffffffffff), 0);
	ck_assert_str_eq(box_events(&b), "set-mask(ffffffffff 0 0) set-mask(ffffffffff 1 0)");
	ck_assert_uint_eq(lx_dma_get_coherent_mask(&b.lx, 0), 0xffffffffff);
	ck_assert_int_eq(lx_dma_set_mask_and_coherent(&b.lx, 0, 0xff), -5);
	ck_assert_str_eq(box_events(&b), "set-mask(ff 0 fffffffffffffffb)");
	ck_assert_uint_eq(lx_dma_get_coherent_mask(&b.lx, 0), 0xffffffffff);
}
END_TEST

START_TEST(a_coerced_mask_is_one_mask)
{
	box_start(&b);
	ck_assert_int_eq(lx_dma_coerce_mask_and_coherent(&b.lx, 0, ~0ull), 0);
	ck_assert_uint_eq(lx_dma_get_mask(&b.lx, 0), ~0ull);
	ck_assert_int_eq(lx_dma_set_coherent_mask(&b.lx, 0, 0xffffffff), 0);
	ck_assert_uint_eq(lx_dma_get_mask(&b.lx, 0), 0xffffffff);
	ck_assert(!capable(4 * GIB, 1));
}
END_TEST

START_TEST(a_32_bit_dma_addr_t_cuts_masks)
{
	b.lc.dma_addr_32 = true;
	box_start(&b);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, ~0ull), 0);
	ck_assert_uint_eq(lx_dma_get_mask(&b.lx, 0), 0xffffffff);
	ck_assert(capable(0xfffff000, 0x1000));
}
END_TEST

START_TEST(a_wrap_below_the_first_memory_is_no_address)
{
	b.lc.dma_addr_32 = true;
	b.hc.ram[0] = (struct range){0x10000000, GIB};
	b.lc.reserved = 0;
	box_start(&b);
	ck_assert(capable(0xfffff000, 0x1000));
	ck_assert(!capable(0xfffff000, 0x1001));
}
END_TEST

START_TEST(the_field_and_what_the_kernel_makes_of_it)
{
	box_start(&b);
	ck_assert_uint_eq(lx_dma_mask_field(&b.lx, 0), 0xffffffff);
	lx_dma_drop_mask(&b.lx, 0);
	ck_assert_uint_eq(lx_dma_mask_field(&b.lx, 0), 0);
	ck_assert_uint_eq(lx_dma_get_mask(&b.lx, 0), 0xffffffff);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, 0, ~0ull), -LX_EIO);
}
END_TEST

START_TEST(max_mapping_size_of_a_pool)
{
	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = 256;
	b.lc.swiotlb.force = true;
	box_start(&b);
	ck_assert_uint_eq(lx_dma_max_mapping_size(&b.lx, 0), 262144);
	lx_dma_set_min_align_mask(&b.lx, 0, 0xfff);
	ck_assert_uint_eq(lx_dma_max_mapping_size(&b.lx, 0), 258048);
	lx_dma_set_min_align_mask(&b.lx, 0, 0x1ff);
	ck_assert_uint_eq(lx_dma_max_mapping_size(&b.lx, 0), 260096);
}
END_TEST

START_TEST(no_pool_no_limit_of_size)
{
	box_start(&b);
	ck_assert_uint_eq(lx_dma_max_mapping_size(&b.lx, 0), ~0ull);
}
END_TEST

static Suite *linux_mask_suite(void)
{
	Suite *s = suite_create("linux/mask");
	TCase *t = tcase_create("mask");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_mask_is_a_limit_for_the_last_byte);
	tcase_add_test(t, a_mask_with_holes_is_its_number);
	tcase_add_test(t, the_bus_limits_what_the_mask_allows);
	tcase_add_test(t, ranges_translate_and_end);
	tcase_add_test(t, two_ranges_that_cover_all_memory);
	tcase_add_loop_test(t, small_masks_need_a_zone, 0, 2);
	tcase_add_test(t, required_mask_covers_the_last_page);
	tcase_add_test(t, events_say_which_mask_and_the_result);
	tcase_add_test(t, a_coerced_mask_is_one_mask);
	tcase_add_test(t, a_32_bit_dma_addr_t_cuts_masks);
	tcase_add_test(t, a_wrap_below_the_first_memory_is_no_address);
	tcase_add_test(t, the_field_and_what_the_kernel_makes_of_it);
	tcase_add_test(t, max_mapping_size_of_a_pool);
	tcase_add_test(t, no_pool_no_limit_of_size);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_mask_suite)
