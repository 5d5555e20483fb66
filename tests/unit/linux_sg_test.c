/* SPDX-License-Identifier: MIT */
/*
 * Scatterlists on the direct path: what is queued and told, what the entries hold, and what is
 * undone when an entry cannot be mapped. Entries are those of a declared list, from 1 on.
 */
#include "linux/linux_int.h"
#include "unit/linux_fixture.h"

#define POOL (64 * MIB)

static struct box b;
static u64 page[4]; /* physical */

static void setup(void)
{
	box_config(&b);
	b.lists = 300;
	b.tables = 1;
}

static void teardown(void)
{
	box_stop(&b);
}

/* n entries of len bytes, each at the beginning of a page of its own. */
static void fill(u32 n, u32 len)
{
	lx_sg_declare(&b.lx, 1, n);
	ck_assert_int_eq(lx_sg_init_table(&b.lx, 1, n), LX_OK);
	for (u32 i = 0; i < n; i++) {
		u64 pa = box_kmalloc(&b, 4096);

		if (i < ARRAY_LEN(page))
			page[i] = pa;
		ck_assert_int_eq(lx_sg_set_page(&b.lx, 1 + i, pa | 1, len, 0), LX_OK);
	}
}

static void start(u32 n, u32 len)
{
	box_start(&b);
	fill(n, len);
	box_events(&b);
}

static u32 map(u32 dev, u32 n, u32 dir, u32 attrs)
{
	u32 count = 77;

	ck_assert_int_eq(lx_dma_map_sg(&b.lx, LX_DRIVER, dev, 1, n, dir, attrs, &count), LX_OK);
	box_run(&b, LX_DRIVER);
	return count;
}

static void unmap(u32 dev, u32 n, u32 dir, u32 attrs)
{
	ck_assert_int_eq(lx_dma_unmap_sg(&b.lx, LX_DRIVER, dev, 1, n, dir, attrs), LX_OK);
	box_run(&b, LX_DRIVER);
}

static void sync_list(u32 dev, u32 n, u32 dir, bool to_cpu)
{
	ck_assert_int_eq(lx_dma_sync_sg(&b.lx, LX_DRIVER, dev, 1, n, dir, to_cpu), LX_OK);
	box_run(&b, LX_DRIVER);
}

static const struct lx_sg *entry(u32 i)
{
	const struct lx_sg *e = NULL;

	ck_assert_int_eq(lx_sg_entry(&b.lx, 1 + i, &e), LX_OK);
	return e;
}

static u32 barriers(void)
{
	return box_count(&b, EV_BARRIER);
}

START_TEST(each_entry_is_mapped_for_itself)
{
	start(2, 100);
	ck_assert_uint_eq(map(DEV_COH, 2, DMA_TO_DEVICE, 0), 2);
	ck_assert_str_eq(box_events(&b), "map(100000 64 100000 1 0) map(101000 64 101000 1 0) "
					 "sg-map(100000 64 100000 1 0 2 6400000002) "
					 "sg-map(101000 64 101000 1 0 2 6400000002)");
	for (u32 i = 0; i < 2; i++) {
		ck_assert_uint_eq(entry(i)->dma, page[i]);
		ck_assert_uint_eq(entry(i)->dma_length, 100);
	}
	unmap(DEV_COH, 2, DMA_TO_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), "sg-unmap(100000 64 100000 1 0 2 0) "
					 "sg-unmap(101000 64 101000 1 0 2 1) "
					 "unmap(100000 64 100000 1 0) unmap(101000 64 101000 1 0)");
	ck_assert_uint_eq(entry(1)->dma, page[1]);
	sync_list(DEV_COH, 1, DMA_TO_DEVICE, true);
	ck_assert_str_eq(box_events(&b), "sg-sync(100000 64 100000 1 1 0 1) "
					 "sync-for-cpu(100000 64 100000 1)");
}
END_TEST

/* Touching entries stay two: nothing is joined without an IOMMU. */
START_TEST(neighbours_are_not_joined)
{
	start(1, 4096);
	lx_sg_declare(&b.lx, 1, 2);
	ck_assert_int_eq(lx_sg_init_table(&b.lx, 1, 2), LX_OK);
	lx_sg_set_page(&b.lx, 1, page[0] | 1, 2048, 0);
	lx_sg_set_page(&b.lx, 2, page[0] | 1, 2048, 2048);
	ck_assert_uint_eq(map(DEV_COH, 2, DMA_TO_DEVICE, 0), 2);
	ck_assert_uint_eq(entry(1)->dma, page[0] + 2048);
}
END_TEST

/* 6.12: each entry's operation ends in a barrier; 7.1: one flush for the list. */
START_TEST(barriers_of_a_list)
{
	b.lc.version = _i ? LINUX_VERSION(7, 1) : LINUX_VERSION(6, 12);
	start(3, 64);
	for (u32 i = 0; i < 3; i++)
		box_store(&b, page[i], 0x11, 64);
	box_events(&b);
	map(DEV_NC, 3, DMA_BIDIRECTIONAL, 0);
	ck_assert_uint_eq(barriers(), _i ? 1 : 3);
	ck_assert_str_eq(
	    box_events(&b),
	    _i ? "clean(100000 0) clean(101000 0) clean(102000 0) barrier(5) "
		 "map(100000 40 100000 0 0) map(101000 40 101000 0 0) map(102000 40 102000 0 0) "
		 "sg-map(100000 40 100000 0 0 3 4000000003) sg-map(101000 40 101000 0 0 3 "
		 "4000000003) "
		 "sg-map(102000 40 102000 0 0 3 4000000003)"
	       : "clean(100000 0) barrier(5) clean(101000 0) barrier(5) clean(102000 0) barrier(5) "
		 "map(100000 40 100000 0 0) map(101000 40 101000 0 0) map(102000 40 102000 0 0) "
		 "sg-map(100000 40 100000 0 0 3 4000000003) sg-map(101000 40 101000 0 0 3 "
		 "4000000003) "
		 "sg-map(102000 40 102000 0 0 3 4000000003)");
	sync_list(DEV_NC, 3, DMA_BIDIRECTIONAL, true);
	ck_assert_uint_eq(barriers(), _i ? 2 : 6);
	sync_list(DEV_NC, 3, DMA_BIDIRECTIONAL, false);
	ck_assert_uint_eq(barriers(), _i ? 3 : 9);
	unmap(DEV_NC, 3, DMA_BIDIRECTIONAL, 0);
	ck_assert_uint_eq(barriers(), _i ? 4 : 12);
	map(DEV_NC, 3, DMA_BIDIRECTIONAL, ATTR_SKIP_CPU_SYNC);
	unmap(DEV_NC, 3, DMA_BIDIRECTIONAL, ATTR_SKIP_CPU_SYNC);
	ck_assert_uint_eq(barriers(), _i ? 4 : 12);
}
END_TEST

static void forced(u32 slots)
{
	b.lc.swiotlb.base = POOL;
	b.lc.swiotlb.slots = slots;
	b.lc.swiotlb.force = true;
}

/* swiotlb_bounce() waits before each copy that reads what the device wrote. */
START_TEST(barriers_of_a_bounced_list)
{
	b.lc.version = LINUX_VERSION(7, 1);
	forced(128);
	start(2, 64);
	map(DEV_NC, 2, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(barriers(), 3);
	unmap(DEV_NC, 2, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(barriers(), 3 + 3);
}
END_TEST

START_TEST(a_bounced_list_copies_in_and_out)
{
	forced(128);
	start(3, 64);
	for (u32 i = 0; i < 3; i++)
		box_store(&b, page[i], (u8)(0x10 + i), 64);
	ck_assert_uint_eq(map(DEV_COH, 3, DMA_BIDIRECTIONAL, 0), 3);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 3);
	for (u32 i = 0; i < 3; i++) {
		ck_assert(lx_in_pool(&b.lx, (phys_addr_t){entry(i)->dma}));
		ck_assert_uint_eq(box_dma_read(&b, DEV_COH, entry(i)->dma), 0x10 + i);
		box_dma_write(&b, DEV_COH, entry(i)->dma + 1, (u8)(0x20 + i), 1);
	}
	sync_list(DEV_COH, 2, DMA_BIDIRECTIONAL, true);
	ck_assert_uint_eq(box_load(&b, lx_phys_to_virt(&b.lx, (phys_addr_t){page[1] + 1})), 0x21);
	ck_assert_uint_eq(box_load(&b, lx_phys_to_virt(&b.lx, (phys_addr_t){page[2] + 1})), 0x12);
	unmap(DEV_COH, 3, DMA_BIDIRECTIONAL, 0);
	ck_assert_uint_eq(box_load(&b, lx_phys_to_virt(&b.lx, (phys_addr_t){page[2] + 1})), 0x22);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
}
END_TEST

START_TEST(an_unmap_with_fewer_entries_leaves_the_others)
{
	forced(128);
	start(4, 4096);
	map(DEV_COH, 4, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 8);
	unmap(DEV_COH, 3, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 2);
}
END_TEST

#ifndef DMALAB_TINY
START_TEST(a_list_of_256_bounces)
{
	forced(256);
	b.lc.arch = arch_row(ARCH_ID_ARMV7_PL310);
	start(256, 64);
	ck_assert_uint_eq(map(DEV_NC, 256, DMA_BIDIRECTIONAL, 0), 256);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_NONE);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 256);
	unmap(DEV_NC, 256, DMA_BIDIRECTIONAL, 0);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_NONE);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
	ck_assert_uint_eq(box_count(&b, EV_UNMAP), 256);
}
END_TEST
#endif

/* Three entries of a set each, and a pool of two: the first two are let go, nothing is told. */
START_TEST(what_was_mapped_before_a_refused_entry_is_undone)
{
	u32 used;

	forced(256);
	start(3, 4096);
	for (u32 i = 0; i < 3; i++)
		ck_assert_int_eq(lx_sg_set(&b.lx, 1 + i, SG_LENGTH, 256 << 10), LX_OK);
	box_store(&b, page[0], 0x77, 1);
	box_events(&b);
	used = lx_slots_used(&b.lx);
	ck_assert_uint_eq(map(DEV_COH, 3, DMA_BIDIRECTIONAL, 0), 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), used);
	ck_assert_uint_eq(box_count(&b, EV_MAP), 0);
	ck_assert_uint_eq(box_count(&b, EV_SG_MAP), 0);
	ck_assert_uint_eq(box_count(&b, EV_MAP_FAIL), 1);
	ck_assert_uint_eq(box_count(&b, EV_COPY_OUT), 0);
	ck_assert_uint_gt(box_count(&b, EV_COPY_IN), 0);
	ck_assert_uint_eq(entry(2)->dma, DMA_MAPPING_ERROR);
	ck_assert_uint_eq(entry(2)->dma_length, 0);
	ck_assert_uint_ne(entry(1)->dma, DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0), "coh coh.0: swiotlb buffer is full (sz: 262144 bytes), "
					 "total 256 (slots), used 256 (slots)");
}
END_TEST

START_TEST(out_of_reach_without_a_pool)
{
	int result = 7;

	b.lc.dev[DEV_COH].mask = 0xfffff;
	start(2, 64);
	ck_assert_uint_eq(map(DEV_COH, 2, DMA_TO_DEVICE, 0), 0);
	ck_assert_str_eq(box_events(&b), "log(0) map-fail(100000 40 1)");
	ck_assert_str_eq(box_log(&b, 0), "coh coh.0: DMA addr 0x0000000000100000+64 overflow (mask "
					 "fffff, bus limit 0).\n"
					 "WARNING: kernel/dma/direct.h dma_direct_map_sg()");
	lx_sgt_declare(&b.lx, 1);
	lx_sgt_set(&b.lx, 1, SGT_SGL, 1);
	lx_sgt_set(&b.lx, 1, SGT_NENTS, 9);
	lx_sgt_set(&b.lx, 1, SGT_ORIG_NENTS, 2);
	ck_assert_int_eq(
	    lx_dma_map_sgtable(&b.lx, LX_DRIVER, DEV_COH, 1, DMA_TO_DEVICE, 0, &result), LX_OK);
	ck_assert_int_eq(result, -LX_EIO);
	ck_assert_str_eq(box_log(&b, 1), ""); /* once */
}
END_TEST

START_TEST(a_table_keeps_both_counts)
{
	const struct lx_sgt *t;
	int result = 7;

	start(1, 64);
	lx_sgt_declare(&b.lx, 1);
	ck_assert_int_eq(lx_sg_alloc_table(&b.lx, 1, 2, &result), LX_OK);
	lx_sgt_table(&b.lx, 1, &t);
	for (u64 i = 0; i < 2; i++)
		lx_sg_set_page(&b.lx, t->sgl + i, page[0] | 1, 64, (u32)(i * 128));
	lx_sgt_set(&b.lx, 1, SGT_NENTS, 0);
	ck_assert_int_eq(
	    lx_dma_map_sgtable(&b.lx, LX_DRIVER, DEV_COH, 1, DMA_TO_DEVICE, 0, &result), LX_OK);
	ck_assert_int_eq(result, 0);
	ck_assert_uint_eq(t->nents, 2);
	lx_sgt_set(&b.lx, 1, SGT_NENTS, 1); /* the entries count, not what the device gets */
	box_events(&b);
	ck_assert_int_eq(lx_dma_sync_sgtable(&b.lx, LX_DRIVER, DEV_COH, 1, DMA_TO_DEVICE, true),
			 LX_OK);
	ck_assert_int_eq(lx_dma_unmap_sgtable(&b.lx, LX_DRIVER, DEV_COH, 1, DMA_TO_DEVICE, 0),
			 LX_OK);
	ck_assert_uint_eq(box_count(&b, EV_SYNC_CPU), 2);
	ck_assert_uint_eq(box_count(&b, EV_UNMAP), 2);
}
END_TEST

START_TEST(no_entries_warn_once)
{
	start(1, 64);
	ck_assert_uint_eq(map(DEV_COH, 0, DMA_TO_DEVICE, 0), 0);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c __dma_map_sg_attrs()");
	ck_assert_uint_eq(map(DEV_COH, ~0u, DMA_TO_DEVICE, 0), 0); /* -1 */
	ck_assert_str_eq(box_log(&b, 1), "");
	unmap(DEV_COH, 0, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(box_count(&b, EV_UNMAP), 0);
}
END_TEST

/* A device whose bus gave it no mask: dma_map_sg() has not mapped, dma_map_sgtable() says it has.
 */
START_TEST(no_mask_at_all)
{
	int result = 7;

	start(1, 64);
	lx_sgt_declare(&b.lx, 1);
	lx_sgt_set(&b.lx, 1, SGT_SGL, 1);
	lx_sgt_set(&b.lx, 1, SGT_NENTS, 5);
	lx_sgt_set(&b.lx, 1, SGT_ORIG_NENTS, 1);
	lx_dma_drop_mask(&b.lx, DEV_COH);
	ck_assert_uint_eq(map(DEV_COH, 1, DMA_TO_DEVICE, 0), 0);
	ck_assert_int_eq(
	    lx_dma_map_sgtable(&b.lx, LX_DRIVER, DEV_COH, 1, DMA_TO_DEVICE, 0, &result), LX_OK);
	ck_assert_int_eq(result, 0);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c __dma_map_sg_attrs()");
	ck_assert_str_eq(box_log(&b, 1), "");
	ck_assert_uint_eq(box_count(&b, EV_MAP), 0);
}
END_TEST

START_TEST(a_list_that_is_none_is_a_bug)
{
	u32 n = 0;

	start(2, 64);
	ck_assert_int_eq(lx_dma_map_sg(&b.lx, LX_DRIVER, DEV_COH, 1, 3, DMA_TO_DEVICE, 0, &n),
			 LX_BUG_SG);
	ck_assert_int_eq(lx_dma_map_sg(&b.lx, LX_DRIVER, DEV_COH, 0, 1, DMA_TO_DEVICE, 0, &n),
			 LX_BUG_SG);
	ck_assert_int_eq(lx_dma_unmap_sg(&b.lx, LX_DRIVER, DEV_COH, 2, 2, DMA_TO_DEVICE, 0),
			 LX_BUG_SG);
	ck_assert_int_eq(lx_dma_sync_sg(&b.lx, LX_DRIVER, DEV_COH, 1, 1, 3, true),
			 LX_BUG_DIRECTION);
	ck_assert_int_eq(lx_dma_unmap_sg(&b.lx, LX_DRIVER, DEV_COH, 1, 1, 3, 0), LX_BUG_DIRECTION);
	lx_sg_set_page(&b.lx, 2, 0, 64, 0);
	ck_assert_int_eq(lx_dma_map_sg(&b.lx, LX_DRIVER, DEV_COH, 1, 2, DMA_TO_DEVICE, 0, &n),
			 LX_BUG_SG_PAGE);
	lx_sg_declare(&b.lx, 1, 1);
	ck_assert_int_eq(lx_dma_map_sg(&b.lx, LX_DRIVER, DEV_COH, 1, 1, DMA_TO_DEVICE, 0, &n),
			 LX_BUG_SG_UNSET);
	ck_assert_uint_eq(box_count(&b, EV_MAP), 0);
	ck_assert_uint_eq(box_count(&b, EV_SG_UNMAP), 0);
}
END_TEST

START_TEST(a_table_of_coherent_memory)
{
	const struct lx_sgt *t;
	const struct lx_sg *e;
	cpu_addr_t va;
	dma_addr_t h;
	int result = 7;

	start(1, 64);
	lx_sgt_declare(&b.lx, 1);
	lx_dma_alloc_attrs(&b.lx, LX_DRIVER, DEV_COH, 5000, GFP_BIT_DIRECT_RECLAIM, 0, &va, &h);
	box_run(&b, LX_DRIVER);
	ck_assert_int_eq(lx_dma_get_sgtable(&b.lx, DEV_COH, 1, h, 5000, &result), LX_OK);
	ck_assert_int_eq(result, 0);
	lx_sgt_table(&b.lx, 1, &t);
	ck_assert_uint_eq(t->orig_nents, 1);
	ck_assert_int_eq(lx_sg_entry(&b.lx, t->sgl, &e), LX_OK);
	ck_assert_uint_eq(e->page, lx_dma_to_phys(&b.lx, DEV_COH, h).pa | 1);
	ck_assert_uint_eq(e->length, 8192);
}
END_TEST

static Suite *linux_sg_suite(void)
{
	Suite *s = suite_create("linux_sg");
	TCase *t = tcase_create("sg");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_entry_is_mapped_for_itself);
	tcase_add_test(t, neighbours_are_not_joined);
	tcase_add_loop_test(t, barriers_of_a_list, 0, 2);
	tcase_add_test(t, barriers_of_a_bounced_list);
	tcase_add_test(t, a_bounced_list_copies_in_and_out);
	tcase_add_test(t, an_unmap_with_fewer_entries_leaves_the_others);
#ifndef DMALAB_TINY
	tcase_add_test(t, a_list_of_256_bounces);
#endif
	tcase_add_test(t, what_was_mapped_before_a_refused_entry_is_undone);
	tcase_add_test(t, out_of_reach_without_a_pool);
	tcase_add_test(t, a_table_keeps_both_counts);
	tcase_add_test(t, no_entries_warn_once);
	tcase_add_test(t, no_mask_at_all);
	tcase_add_test(t, a_list_that_is_none_is_a_bug);
	tcase_add_test(t, a_table_of_coherent_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_sg_suite)
