/* SPDX-License-Identifier: MIT */
/*
 * Scatterlists where an IOMMU translates: what becomes one segment, at which address, what the
 * device reaches, and what an unmap takes away. Addresses are those of a fresh PCI device with 4
 * KiB pages, and those that a recorded 6.12 gave.
 */
#include "linux/linux_int.h"
#include "unit/linux_fixture.h"

static struct box b;
static u64 page; /* physical, of many in a row */

static void setup(void)
{
	box_config(&b);
	b.lists = 40;
	b.tables = 1;
	b.hc.iommu.kind = IOMMU_VTD;
	b.hc.iommu.granule = 4096;
	b.hc.iommu.address_bits = 39;
	for (u32 i = 0; i < 2; i++) {
		b.hc.dev[i].translated = true;
		b.hc.dev[i].bus = BUS_PCI;
		b.lc.dev[i].mask = ~0ull;
		b.lc.dev[i].coherent_mask = ~0ull;
	}
	b.hc.dev[DEV_NC].coherent = false;
}

static void teardown(void)
{
	box_stop(&b);
}

struct piece {
	u32 page, off, len; /* entries lie in pages of any order */
};

static void fill(const struct piece *p, u32 n)
{
	lx_sg_declare(&b.lx, 1, n);
	ck_assert_int_eq(lx_sg_init_table(&b.lx, 1, n), LX_OK);
	for (u32 i = 0; i < n; i++)
		ck_assert_int_eq(
		    lx_sg_set_page(&b.lx, 1 + i, (page + p[i].page * 4096) | 1, p[i].len, p[i].off),
		    LX_OK);
}

static void start(void)
{
	phys_addr_t first;

	box_start(&b);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 8, &first));
	box_run(&b, LX_DRIVER);
	page = first.pa;
	box_events(&b);
}

static u32 map(u32 dev, u32 n, u32 dir)
{
	u32 count = 77;

	ck_assert_int_eq(lx_dma_map_sg(&b.lx, LX_DRIVER, dev, 1, n, dir, 0, &count), LX_OK);
	box_run(&b, LX_DRIVER);
	return count;
}

static void unmap(u32 dev, u32 n, u32 dir)
{
	ck_assert_int_eq(lx_dma_unmap_sg(&b.lx, LX_DRIVER, dev, 1, n, dir, 0), LX_OK);
	box_run(&b, LX_DRIVER);
}

static const struct lx_sg *entry(u32 i)
{
	const struct lx_sg *e = NULL;

	ck_assert_int_eq(lx_sg_entry(&b.lx, 1 + i, &e), LX_OK);
	return e;
}

static bool reads(u64 bus)
{
	struct view v;

	return dma_read(&b.hw, DEV_COH, (dma_addr_t){bus}, 1, &v);
}

/* ---- layouts ---- */

struct row {
	u32 n, max, count;
	u64 boundary;
	struct piece p[5];
	struct {
		u64 dma;
		u32 len;
	} want[3];
};

static const struct row rows[] = {
    /* four pages, in any order: one segment */
    {4, 0, 1, 0, {{2, 0, 4096}, {0, 0, 4096}, {3, 0, 4096}, {1, 0, 4096}}, {{0xffffc000, 16384}}},
    {4, 0, 1, 0, {{0, 0, 4096}, {1, 0, 4096}, {2, 0, 4096}, {3, 0, 4096}}, {{0xffffc000, 16384}}},
    /* 1 KiB up to the page's end, a page, 1 KiB, 64 bytes: the third ends within its page */
    {4,
     0,
     2,
     0,
     {{0, 3072, 1024}, {1, 0, 4096}, {3, 0, 1024}, {2, 0, 64}},
     {{0xffffcc00, 6144}, {0xfffff000, 64}}},
    /* the same bytes twice */
    {2, 0, 2, 0, {{0, 0, 64}, {0, 0, 64}}, {{0xffffe000, 64}, {0xfffff000, 64}}},
    {3,
     0,
     1,
     0,
     {{5, 0x200, 0xe00}, {9, 0, 4096}, {1, 0, 100}},
     {{0xffffc200, 0xe00 + 4096 + 100}}},
    {3,
     0,
     2,
     0,
     {{5, 0, 4096}, {9, 0, 0x800}, {1, 0, 4096}},
     {{0xffffc000, 4096 + 0x800}, {0xffffe000, 4096}}},
    {2, 0, 2, 0, {{5, 0, 4096}, {9, 0x10, 0x20}}, {{0xffffe000, 4096}, {0xfffff010, 0x20}}},
    /* not beyond what the device takes */
    {4,
     8192,
     2,
     0,
     {{0, 0, 4096}, {2, 0, 4096}, {4, 0, 4096}, {6, 0, 4096}},
     {{0xffffc000, 8192}, {0xffffe000, 8192}}},
    /* one that is too long is not cut, and then the sum wraps */
    {2, 4096, 1, 0, {{0, 0, 8192}, {4, 0, 4096}}, {{0xffffc000, 12288}}},
    /* not over a boundary: the second is moved up to one, the third begins on one */
    {3,
     0,
     3,
     0x1fff,
     {{0, 0, 4096}, {2, 0, 8192}, {6, 0, 4096}},
     {{0xffff8000, 4096}, {0xffffa000, 8192}, {0xffffc000, 4096}}},
};

START_TEST(layouts)
{
	const struct row *r = &rows[_i];

	start();
	if (r->max)
		lx_dma_set_max_seg_size(&b.lx, DEV_COH, r->max);
	if (r->boundary)
		lx_dma_set_seg_boundary(&b.lx, DEV_COH, r->boundary);
	fill(r->p, r->n);
	ck_assert_uint_eq(map(DEV_COH, r->n, DMA_FROM_DEVICE), r->count);
	for (u32 i = 0; i < r->count; i++) {
		ck_assert_uint_eq(entry(i)->dma, r->want[i].dma);
		ck_assert_uint_eq(entry(i)->dma_length, r->want[i].len);
	}
	for (u32 i = r->count; i < r->n; i++) {
		ck_assert_uint_eq(entry(i)->dma, DMA_MAPPING_ERROR);
		ck_assert_uint_eq(entry(i)->dma_length, 0);
	}
	for (u32 i = 0; i < r->n; i++) { /* the driver's side is as it was */
		ck_assert_uint_eq(entry(i)->length, r->p[i].len);
		ck_assert_uint_eq(entry(i)->offset, r->p[i].off);
	}
	unmap(DEV_COH, r->n, DMA_FROM_DEVICE);
	for (u32 i = 0; i < r->count; i++)
		ck_assert(!reads(r->want[i].dma));
	ck_assert_uint_eq(map(DEV_COH, r->n, DMA_FROM_DEVICE), r->count);
	ck_assert_uint_eq(entry(0)->dma, r->want[0].dma); /* all of the block is free again */
}
END_TEST

/* What is between an entry and the boundary behind it is mapped too: it lies behind the entry. */
START_TEST(padding_is_reached)
{
	static const struct piece p[] = {{0, 0, 4096}, {2, 0, 8192}};
	u64 pa;

	start();
	lx_dma_set_seg_boundary(&b.lx, DEV_COH, 0x1fff);
	fill(p, 2);
	ck_assert_uint_eq(map(DEV_COH, 2, DMA_BIDIRECTIONAL), 2);
	ck_assert_uint_eq(entry(1)->dma, entry(0)->dma + 8192);
	ck_assert(iommu_phys(&b.lx, DEV_COH, entry(0)->dma + 4096, &pa));
	ck_assert_uint_eq(pa, page + 4096);
}
END_TEST

START_TEST(segments_of_64_kib)
{
	struct piece p[20];
	u32 end;

	start();
	for (u32 i = 0; i < 20; i++)
		p[i] = (struct piece){2 * i, 0, 4096};
	fill(p, 20);
	ck_assert_uint_eq(map(DEV_COH, 20, DMA_TO_DEVICE), 2);
	ck_assert_uint_eq(entry(0)->dma_length, 64 << 10);
	ck_assert_uint_eq(entry(1)->dma_length, 16 << 10);
	ck_assert_uint_eq(entry(1)->dma, entry(0)->dma + (64 << 10));
	end = (20 << 12) - 1;
	ck_assert(reads(entry(0)->dma + end));
	ck_assert(!reads(entry(0)->dma + end + 1));
}
END_TEST

/* ---- what is told ---- */

START_TEST(each_entry_has_its_place_in_the_segment)
{
	static const struct piece p[] = {{2, 3072, 1024}, {0, 0, 4096}};

	start();
	fill(p, 2);
	map(DEV_COH, 2, DMA_TO_DEVICE);
	ck_assert_str_eq(box_events(&b),
			 "map(102c00 400 ffffec00 1 0) map(100000 1000 fffff000 1 0) "
			 "sg-map(102c00 1400 ffffec00 1 0 2 40000000001)");
	unmap(DEV_COH, 2, DMA_TO_DEVICE);
	ck_assert_str_eq(box_events(&b),
			 "sg-unmap(102c00 1400 ffffec00 1 0 2 0) "
			 "sg-unmap(100000 0 ffffffffffffffff 1 0 2 1) iotlb-flush(ffffe000 2000) "
			 "unmap(102c00 400 ffffec00 1 0) unmap(100000 1000 fffff000 1 0)");
}
END_TEST

/* All of a segment goes, but only the entries that were named were seen to. */
START_TEST(a_returned_count_unmaps_the_segment_and_not_the_caches)
{
	static const struct piece p[] = {{0, 0, 4096}, {1, 0, 64}};

	start();
	fill(p, 2);
	ck_assert_uint_eq(map(DEV_NC, 2, DMA_FROM_DEVICE), 1);
	box_store(&b, page, 0x11, 64);
	box_store(&b, page + 4096, 0x22, 64);
	box_events(&b);
	unmap(DEV_NC, 1, DMA_FROM_DEVICE);
	ck_assert_str_eq(box_events(&b),
			 "sg-unmap(100000 1040 ffffe000 2 0 1 0) invalidate(100000 0 1) barrier(5) "
			 "iotlb-flush(ffffe000 2000) unmap(100000 1000 ffffe000 2 0) "
			 "unmap(101000 40 fffff000 2 20)");
}
END_TEST

/* Of two segments the first alone: the block is cut, and its rest stays. */
START_TEST(a_count_below_the_segments_leaves_the_others_mapped)
{
	static const struct piece p[] = {{0, 0, 64}, {1, 0, 64}};

	start();
	fill(p, 2);
	ck_assert_uint_eq(map(DEV_COH, 2, DMA_TO_DEVICE), 2);
	unmap(DEV_COH, 1, DMA_TO_DEVICE);
	ck_assert(!reads(0xffffe000));
	ck_assert(reads(0xfffff000));
	ck_assert_uint_eq(box_count(&b, EV_UNMAP), 1);
}
END_TEST

/* ---- what fails ---- */

START_TEST(no_addresses)
{
	static const struct piece p[] = {{0, 0, 4096}, {1, 0, 4096}};
	int result = 7;

	b.lc.dev[DEV_COH].mask = 0x1fff; /* one page: 0 is never given out */
	start();
	fill(p, 2);
	ck_assert_uint_eq(map(DEV_COH, 2, DMA_TO_DEVICE), 0);
	ck_assert_str_eq(box_events(&b), "map-fail(100000 1000 1)");
	ck_assert_uint_eq(entry(0)->dma, DMA_MAPPING_ERROR);
	ck_assert_uint_eq(entry(0)->length, 4096);
	lx_sgt_declare(&b.lx, 1);
	lx_sgt_set(&b.lx, 1, SGT_SGL, 1);
	lx_sgt_set(&b.lx, 1, SGT_ORIG_NENTS, 2);
	lx_dma_map_sgtable(&b.lx, LX_DRIVER, DEV_COH, 1, DMA_TO_DEVICE, 0, &result);
	ck_assert_int_eq(result, -LX_ENOMEM);
	ck_assert_uint_eq(map(DEV_COH, 0, DMA_TO_DEVICE), 0);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c __dma_map_sg_attrs()");
}
END_TEST

/* ---- bounced, entry by entry ---- */

static void untrusted(u32 slots)
{
	b.hc.dev[DEV_COH].untrusted = true;
	b.lc.swiotlb.base = 64 * MIB;
	b.lc.swiotlb.slots = slots;
}

START_TEST(untrusted_lists_are_mapped_one_by_one)
{
	static const struct piece p[] = {{0, 0, 4096}, {1, 0, 64}, {2, 0, 4096}};

	untrusted(128);
	start();
	fill(p, 3);
	box_store(&b, page + 4096, 0x33, 64);
	ck_assert_uint_eq(map(DEV_COH, 3, DMA_BIDIRECTIONAL), 3);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 2); /* a page for the 64 bytes */
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, entry(1)->dma), 0x33);
	box_dma_write(&b, DEV_COH, entry(1)->dma, 0x44, 1);
	ck_assert_int_eq(lx_dma_sync_sg(&b.lx, LX_DRIVER, DEV_COH, 1, 3, DMA_BIDIRECTIONAL, true),
			 LX_OK);
	box_run(&b, LX_DRIVER);
	ck_assert_uint_eq(box_load(&b, lx_phys_to_virt(&b.lx, (phys_addr_t){page + 4096})), 0x44);
	unmap(DEV_COH, 3, DMA_BIDIRECTIONAL);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
	ck_assert_uint_eq(box_count(&b, EV_UNMAP), 3);
}
END_TEST

START_TEST(what_was_mapped_before_a_refused_entry_is_undone)
{
	static const struct piece p[] = {{0, 0, 4096}, {1, 0, 64}, {2, 0, 64}};
	u64 first;

	untrusted(128);
	b.lc.swiotlb.slots = 128;
	start();
	fill(p, 3);
	lx_slots_take(&b.lx, 126);
	ck_assert_uint_eq(map(DEV_COH, 3, DMA_BIDIRECTIONAL), 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 126);
	ck_assert_uint_eq(box_count(&b, EV_MAP), 0);
	first = entry(0)->dma;
	ck_assert(!reads(first));
	ck_assert_uint_eq(map(DEV_COH, 1, DMA_BIDIRECTIONAL), 1);
}
END_TEST

static Suite *linux_iommu_sg_suite(void)
{
	Suite *s = suite_create("linux_iommu_sg");
	TCase *t = tcase_create("sg");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, layouts, 0, (int)ARRAY_LEN(rows));
	tcase_add_test(t, padding_is_reached);
	tcase_add_test(t, segments_of_64_kib);
	tcase_add_test(t, each_entry_has_its_place_in_the_segment);
	tcase_add_test(t, a_returned_count_unmaps_the_segment_and_not_the_caches);
	tcase_add_test(t, a_count_below_the_segments_leaves_the_others_mapped);
	tcase_add_test(t, no_addresses);
	tcase_add_test(t, untrusted_lists_are_mapped_one_by_one);
	tcase_add_test(t, what_was_mapped_before_a_refused_entry_is_undone);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_iommu_sg_suite)
