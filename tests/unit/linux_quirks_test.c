/* SPDX-License-Identifier: MIT */
/* Bugs that kernels once had: with the quirk it is as then, without it as today. */
#include "unit/linux_fixture.h"

#include <string.h>

static struct box b;
static u64 page;

#define POOL 0x4000000ull

static void setup(void)
{
	box_config(&b);
	b.lc.swiotlb.base = POOL;
	b.lc.swiotlb.slots = 256;
	b.lc.swiotlb.force = true;
}

static void teardown(void)
{
	box_stop(&b);
}

static void start(enum quirk q, int with)
{
	b.lc.quirks = with ? 1u << q : 0;
	box_start(&b);
	page = box_kmalloc(&b, 8192);
	box_events(&b);
}

static u8 cpu(u64 pa)
{
	return box_load(&b, va_linear(&b.hw, (phys_addr_t){pa}));
}

START_TEST(slots_from_the_device_are_not_filled)
{
	u64 h;

	start(QUIRK_SWIOTLB_NO_COPY_IN, _i);
	for (u32 i = 0; i < 64; i += 8)
		box_store(&b, POOL + i, 0x53, 8); /* what another mapping left */
	h = box_map(&b, DEV_COH, page, 64, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(h, POOL);
	box_dma_write(&b, DEV_COH, h, 0xdd, 8);
	box_unmap(&b, DEV_COH, h, 64, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(cpu(page), 0xdd);
	ck_assert_uint_eq(cpu(page + 8), _i ? 0x53 : 0);
	ck_assert_uint_eq(cpu(page + 63), _i ? 0x53 : 0);
}
END_TEST

START_TEST(other_directions_are)
{
	u64 h;

	start(QUIRK_SWIOTLB_NO_COPY_IN, 1);
	box_store(&b, page, 0x11, 8);
	h = box_map(&b, DEV_COH, page, 8, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x11);
	h = box_map(&b, DEV_COH, page, 8, DMA_BIDIRECTIONAL, 0);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x11);
	box_store(&b, POOL + 3 * 2048 - 2048, 0x77, 8);
	h = box_map(&b, DEV_COH, page, 8, DMA_TO_DEVICE, ATTR_SKIP_CPU_SYNC);
	ck_assert_uint_eq(h, POOL + 2 * 2048);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x77);
}
END_TEST

/* In each slot of the run; both ways. */
START_TEST(the_offset_of_a_sync_is_forgotten)
{
	u64 h;

	start(QUIRK_SWIOTLB_SYNC_IGNORES_OFFSET, _i);
	box_store(&b, page, 0x01, 8);
	box_store(&b, page + 2048, 0x02, 8);
	h = box_map(&b, DEV_COH, page, 4096, DMA_BIDIRECTIONAL, 0);
	box_store(&b, page + 1024, 0x11, 8);
	box_sync_device(&b, DEV_COH, h + 1024, 8, DMA_BIDIRECTIONAL);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h + 1024), _i ? 0x01 : 0x11);
	box_store(&b, page + 3072, 0x22, 8);
	box_sync_device(&b, DEV_COH, h + 3072, 8, DMA_BIDIRECTIONAL);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h + 3072), _i ? 0x02 : 0x22);
	box_dma_write(&b, DEV_COH, h + 1024, 0xdd, 8);
	box_sync_cpu(&b, DEV_COH, h + 1024, 8, DMA_BIDIRECTIONAL);
	ck_assert_uint_eq(cpu(page), _i ? 0xdd : 0x01);
	ck_assert_uint_eq(cpu(page + 1024), _i ? 0x11 : 0xdd);
}
END_TEST

START_TEST(a_whole_sync_is_right_all_the_same)
{
	u64 h;

	start(QUIRK_SWIOTLB_SYNC_IGNORES_OFFSET, 1);
	h = box_map(&b, DEV_COH, page, 4096, DMA_TO_DEVICE, 0);
	box_store(&b, page + 1024, 0x11, 8);
	box_sync_device(&b, DEV_COH, h, 4096, DMA_TO_DEVICE);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h + 1024), 0x11);
}
END_TEST

START_TEST(no_bits_of_the_address_are_kept)
{
	u64 h;

	start(QUIRK_SWIOTLB_IGNORES_MIN_ALIGN_MASK, _i);
	lx_dma_set_min_align_mask(&b.lx, DEV_COH, 0xfff);
	ck_assert_uint_eq(lx_dma_get_min_align_mask(&b.lx, DEV_COH), 0xfff);
	box_store(&b, page + 0x240, 0x11, 8);
	h = box_map(&b, DEV_COH, page + 0x240, 8, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(h, POOL + (_i ? 0 : 0x240));
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x11);
	box_unmap(&b, DEV_COH, h, 8, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
}
END_TEST

/* ---- IOMMU ---- */

static void untrusted(void)
{
	b.hc.iommu.kind = IOMMU_VTD;
	b.hc.iommu.granule = 4096;
	b.hc.iommu.address_bits = 39;
	b.hc.dev[DEV_COH].translated = true;
	b.hc.dev[DEV_COH].bus = BUS_PCI;
	b.hc.dev[DEV_COH].untrusted = true;
	b.lc.iommu.lazy = true;
	b.lc.swiotlb.force = false;
}

START_TEST(untrusted_devices_are_unmapped_lazily)
{
	const u8 late = 0x22;
	u64 h;

	untrusted();
	start(QUIRK_IOMMU_LAZY_UNTRUSTED, _i);
	h = box_map(&b, DEV_COH, page, 4096, DMA_FROM_DEVICE, 0);
	box_dma_write(&b, DEV_COH, h, 0x11, 8);
	box_unmap(&b, DEV_COH, h, 4096, DMA_FROM_DEVICE, 0);
	ck_assert_int_eq(dma_write(&b.hw, DEV_COH, (dma_addr_t){h}, 1, &late, 0), _i);
	ck_assert_uint_eq(box_memory(&b, page), _i ? 0x22 : 0x11);
}
END_TEST

START_TEST(untrusted_devices_get_whole_pages)
{
	u64 h;

	untrusted();
	start(QUIRK_IOMMU_UNTRUSTED_UNBOUNCED, _i);
	box_store(&b, page, 0x11, 8);
	box_store(&b, page + 512, 0x99, 8); /* another object */
	h = box_map(&b, DEV_COH, page, 64, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x11);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h + 512), _i ? 0x99 : 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), _i ? 0 : 2);
}
END_TEST

/* ---- caches ---- */

START_TEST(the_outer_cache_comes_last_on_the_way_back)
{
	const char *got;

	b.hc.outer = (struct cache_config){.sets = 64, .ways = 8};
	b.lc.arch = arch_row(ARCH_ID_ARMV7_PL310);
	b.lc.swiotlb.slots = 0;
	b.lc.swiotlb.force = false;
	start(QUIRK_OUTER_CACHE_LATE, _i);
	cpu(page);
	box_map(&b, DEV_NC, page, 64, DMA_TO_DEVICE, 0);
	box_events(&b);
	box_unmap(&b, DEV_NC, page, 64, DMA_FROM_DEVICE, 0);
	got = box_events(&b);
	ck_assert_msg(strncmp(got, "invalidate(", 11) == 0, "%s", got);
	ck_assert_msg(strstr(got, _i ? " 0 0) invalidate(" : " 1 0) invalidate("), "%s", got);
}
END_TEST

START_TEST(nor_when_lines_are_dropped_by_hand)
{
	const char *got;

	b.hc.outer = (struct cache_config){.sets = 64, .ways = 8};
	b.lc.arch = arch_row(ARCH_ID_ARMV7_PL310);
	b.lc.swiotlb.slots = 0;
	b.lc.swiotlb.force = false;
	start(QUIRK_OUTER_CACHE_LATE, _i);
	cpu(page);
	box_events(&b);
	lx_dcache_op(&b.lx, LX_DRIVER, (phys_addr_t){page}, 64, OP_I);
	box_run(&b, LX_DRIVER);
	got = box_events(&b);
	ck_assert_msg(strstr(got, _i ? " 0 0) invalidate(" : " 1 0) invalidate("), "%s", got);
}
END_TEST

/* ---- names ---- */

START_TEST(names_are_found_again)
{
	for (u32 q = 0; q < QUIRKS; q++) {
		ck_assert_uint_eq(quirk_find(quirk_info((enum quirk)q)->name), q);
		ck_assert_uint_le(strlen(quirk_info((enum quirk)q)->name), 30); /* a column */
		ck_assert_uint_lt(strlen(quirk_info((enum quirk)q)->what), 48);
	}
	ck_assert_uint_eq(quirk_find("swiotlb"), QUIRKS);
	box_start(&b);
}
END_TEST

static Suite *linux_quirks_suite(void)
{
	Suite *s = suite_create("linux_quirks");
	TCase *t = tcase_create("quirks");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, slots_from_the_device_are_not_filled, 0, 2);
	tcase_add_test(t, other_directions_are);
	tcase_add_loop_test(t, the_offset_of_a_sync_is_forgotten, 0, 2);
	tcase_add_test(t, a_whole_sync_is_right_all_the_same);
	tcase_add_loop_test(t, no_bits_of_the_address_are_kept, 0, 2);
	tcase_add_loop_test(t, untrusted_devices_are_unmapped_lazily, 0, 2);
	tcase_add_loop_test(t, untrusted_devices_get_whole_pages, 0, 2);
	tcase_add_loop_test(t, the_outer_cache_comes_last_on_the_way_back, 0, 2);
	tcase_add_loop_test(t, nor_when_lines_are_dropped_by_hand, 0, 2);
	tcase_add_test(t, names_are_found_again);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_quirks_suite)
