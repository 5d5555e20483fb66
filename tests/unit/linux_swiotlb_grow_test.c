/* SPDX-License-Identifier: MIT */
/* SWIOTLB_DYNAMIC: transient pools, pools that are added, and when both fail. */
#include "unit/linux_fixture.h"

static struct box b;
static u64 page;

#define POOL 0x4000000ull

static void setup(void)
{
	box_config(&b);
	b.lc.swiotlb.base = POOL;
	b.lc.swiotlb.slots = 128;
	b.lc.swiotlb.force = true;
	b.lc.swiotlb.dynamic = true;
}

static void teardown(void)
{
	box_stop(&b);
}

/* The pool is full. */
static void start(void)
{
	box_start(&b);
	page = box_kmalloc(&b, 8192);
	ck_assert(lx_slots_take(&b.lx, 128));
}

static u64 map(u64 pa, u64 size)
{
	return box_map(&b, DEV_COH, pa, size, DMA_BIDIRECTIONAL, 0);
}

static void unmap(u64 h, u64 size)
{
	box_unmap(&b, DEV_COH, h, size, DMA_BIDIRECTIONAL, 0);
}

START_TEST(a_full_pool_is_helped_out)
{
	u64 h;

	start();
	box_store(&b, page, 0x11, 8);
	h = map(page, 3000);
	ck_assert_uint_ne(h, DMA_MAPPING_ERROR);
	ck_assert_uint_eq(h % LX_PAGE, 0);
	ck_assert(lx_in_pool(&b.lx, (phys_addr_t){h}));
	ck_assert(lx_in_pool(&b.lx, (phys_addr_t){h + 4095}));
	ck_assert(!lx_in_pool(&b.lx, (phys_addr_t){h + 4096}));
	ck_assert_uint_eq(lx_slots_transient(&b.lx), 2);
	ck_assert_uint_eq(lx_slots_total(&b.lx), 128);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 130);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x11);
	box_dma_write(&b, DEV_COH, h + 8, 0x22, 8);
	unmap(h, 3000);
	ck_assert_uint_eq(box_load(&b, va_linear(&b.hw, (phys_addr_t){page + 8})), 0x22);
	ck_assert(!lx_in_pool(&b.lx, (phys_addr_t){h}));
	ck_assert_uint_eq(lx_slots_transient(&b.lx), 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 128);
	ck_assert_uint_eq(map(page, 4000), h); /* nothing is left of the first one */
	ck_assert_uint_eq(lx_slots_used(&b.lx), 130);
	ck_assert_uint_eq(klog_entries(b.w), 0);
}
END_TEST

START_TEST(its_page_is_given_out_again)
{
	phys_addr_t p;
	u64 h;

	start();
	h = map(page, 8);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &p));
	ck_assert_uint_ne(p.pa, h);
	unmap(h, 8);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &p));
	ck_assert_uint_eq(p.pa, h);
	unmap(h, 8); /* once too often: it is no pool's any more */
	ck_assert_uint_eq(lx_slots_used(&b.lx), 128);
}
END_TEST

START_TEST(each_mapping_has_its_own)
{
	u64 one, two, pa, len;

	start();
	one = map(page, 8);
	two = map(page + 64, 8);
	ck_assert_uint_ge(one > two ? one - two : two - one, LX_PAGE);
	ck_assert_uint_eq(lx_slots_transient(&b.lx), 2);
	ck_assert(lx_open_memory(&b.lx, 2, &pa, &len));
	ck_assert_uint_eq(pa, two);
	ck_assert_uint_eq(len, 8);
	ck_assert(!lx_open_memory(&b.lx, 3, &pa, &len));
	unmap(one, 8);
	ck_assert(lx_in_pool(&b.lx, (phys_addr_t){two}));
	ck_assert_uint_eq(lx_slots_transient(&b.lx), 1);
}
END_TEST

START_TEST(the_worker_adds_a_pool)
{
	u64 h;

	start();
	lx_slots_grow(&b.lx); /* nothing was asked for */
	ck_assert_uint_eq(lx_slots_total(&b.lx), 128);
	map(page, 8);
	lx_slots_grow(&b.lx);
	lx_slots_grow(&b.lx);
	ck_assert_uint_eq(lx_slots_total(&b.lx), 256);
	h = map(page, 8);
	ck_assert_uint_eq(map(page + 8, 8), h + 2048);
	ck_assert_uint_eq(lx_slots_transient(&b.lx), 1);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 131);
	unmap(h, 8);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 130);
	ck_assert(lx_in_pool(&b.lx, (phys_addr_t){h}));
}
END_TEST

START_TEST(more_than_a_set_is_never_tried)
{
	phys_addr_t p;

	start();
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 7, &p));
	ck_assert_uint_eq(map(p.pa, 262145), DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0),
			 "coh coh.0: swiotlb buffer is full (sz: 262145 bytes), total 128 "
			 "(slots), used 128 (slots)");
	lx_slots_grow(&b.lx);
	ck_assert_uint_eq(lx_slots_total(&b.lx), 128);
	ck_assert_uint_ne(map(p.pa, 262144), DMA_MAPPING_ERROR);
}
END_TEST

/* Memory that the device reaches is all taken. */
START_TEST(without_memory_it_is_full)
{
	phys_addr_t p;

	b.lc.zone_dma_limit = 4 * MIB - 1;
	b.lc.dev[DEV_COH].mask = 4 * MIB - 1;
	start();
	while (b.lx.zone[ZONE_DMA].pages && lx_alloc_pages(&b.lx, LX_DRIVER, GFP_BIT_DMA, 0, &p))
		ck_assert_uint_lt(p.pa, 4 * MIB);
	ck_assert_uint_eq(map(page, 8), DMA_MAPPING_ERROR);
	ck_assert_uint_eq(lx_slots_transient(&b.lx), 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 128);
	ck_assert_str_eq(box_log(&b, 0),
			 "coh coh.0: swiotlb buffer is full (sz: 8 bytes), total 128 (slots), "
			 "used 128 (slots)");
}
END_TEST

START_TEST(a_large_pool_grows_by_4_mib)
{
	b.lc.swiotlb.slots = 4096;
	b.lc.swiotlb.areas = 32;
	box_start(&b);
	page = box_kmalloc(&b, 8192);
	ck_assert(lx_slots_take(&b.lx, 4096));
	map(page, 8);
	lx_slots_grow(&b.lx);
	ck_assert_uint_eq(lx_slots_total(&b.lx), 4096 + 2048);
	ck_assert_uint_eq(lx_tlb(&b.lx)->pool[1].areas, 16); /* of a set each */
	b.hw.self = 31;
	ck_assert(lx_in_pool(&b.lx, (phys_addr_t){map(page, 8)}));
	ck_assert_int_eq(lx_tlb(&b.lx)->area[lx_tlb(&b.lx)->pool[1].area + 15].used, 1);
	b.hw.self = 0;
}
END_TEST

static Suite *linux_swiotlb_grow_suite(void)
{
	Suite *s = suite_create("linux/swiotlb_grow");
	TCase *t = tcase_create("grow");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_full_pool_is_helped_out);
	tcase_add_test(t, its_page_is_given_out_again);
	tcase_add_test(t, each_mapping_has_its_own);
	tcase_add_test(t, the_worker_adds_a_pool);
	tcase_add_test(t, more_than_a_set_is_never_tried);
	tcase_add_test(t, without_memory_it_is_full);
	tcase_add_test(t, a_large_pool_grows_by_4_mib);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_swiotlb_grow_suite)
