/* SPDX-License-Identifier: MIT */
/* The bounce pool: where a buffer goes, what is copied when, what happens when it is full. */
#include "unit/linux_fixture.h"

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

static void start(void)
{
	box_start(&b);
	page = box_kmalloc(&b, 8192);
	box_events(&b);
}

static u64 map(u64 pa, u64 size)
{
	return box_map(&b, DEV_COH, pa, size, DMA_TO_DEVICE, 0);
}

static u8 cpu(u64 pa)
{
	return box_load(&b, va_linear(&b.hw, (phys_addr_t){pa}));
}

/* ---- geometry ---- */

START_TEST(a_small_bounce_starts_on_a_slot)
{
	start();
	ck_assert_uint_eq(map(page + 0x234, 100), POOL);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 1);
	ck_assert_uint_eq(map(page + 0x234, 2048), POOL + 2048);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 2);
}
END_TEST

START_TEST(min_align_mask_keeps_the_low_bits)
{
	u64 h;

	start();
	lx_dma_set_min_align_mask(&b.lx, DEV_COH, 0xfff);
	h = map(page + 0x234, 100);
	ck_assert_uint_eq(h, POOL + 0x234);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 1);
	h = map(page + 0xffc, 8); /* a slot with bit 11, and the one behind it */
	ck_assert_uint_eq(h & 0xfff, 0xffc);
	ck_assert_uint_eq(h, POOL + 0xffc);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 3);
	box_unmap(&b, DEV_COH, h, 8, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 1);
}
END_TEST

START_TEST(the_second_slot_of_a_padded_buffer_has_its_original)
{
	u64 h;

	start();
	lx_dma_set_min_align_mask(&b.lx, DEV_COH, 0xfff);
	box_store(&b, page + 0xffc, 0x11, 8);
	h = map(page + 0xffc, 8);
	for (u32 i = 0; i < 8; i++)
		ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h + i), 0x11);
	box_dma_write(&b, DEV_COH, h, 0xdd, 8);
	box_sync_cpu(&b, DEV_COH, h + 5, 2, DMA_FROM_DEVICE);
	ck_assert_uint_eq(cpu(page + 0x1000), 0x11);
	ck_assert_uint_eq(cpu(page + 0x1001), 0xdd);
	ck_assert_uint_eq(cpu(page + 0x1002), 0xdd);
	ck_assert_uint_eq(cpu(page + 0x1003), 0x11);
	ck_assert_uint_eq(klog_entries(b.w), 0);
}
END_TEST

START_TEST(a_page_starts_on_a_page)
{
	start();
	map(page, 8);
	ck_assert_uint_eq(map(page, 4096), POOL + 0x1000);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 3);
	ck_assert_uint_eq(map(page, 8), POOL + 0x2000); /* the one that was skipped is not */
}
END_TEST

START_TEST(next_fit_comes_round)
{
	u64 h;

	b.lc.swiotlb.slots = 128;
	start();
	h = map(page, 8);
	box_unmap(&b, DEV_COH, h, 8, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(map(page, 8), POOL + 2048);
	for (u32 i = 2; i < 128; i++)
		ck_assert_uint_eq(map(page + i * 8, 8), POOL + i * 2048);
	ck_assert_uint_eq(map(page, 8), POOL);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 128);
	ck_assert_uint_eq(map(page, 8), DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0),
			 "coh coh.0: swiotlb buffer is full (sz: 8 bytes), total 128 "
			 "(slots), used 128 (slots)");
}
END_TEST

/* Memory of its own for buffers larger than kmalloc's page. */
static u64 big(void)
{
	phys_addr_t p;

	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 7, &p));
	return p.pa;
}

START_TEST(a_buffer_lies_in_one_set)
{
	u64 pa;

	b.hc.dir_slots = 4096;
	b.blind = true; /* 64 KiB copies by 8 bytes: the bits are not the point here */
	start();
	pa = big();
	ck_assert_uint_eq(map(pa, 200 * 1024), POOL);
	ck_assert_uint_eq(map(pa, 100 * 1024), POOL + 256 * 1024); /* 28 slots are too few */
	ck_assert_uint_eq(map(pa, 100 * 1024), POOL + 256 * 1024 + 100 * 1024);
	ck_assert_uint_eq(map(pa, 56 * 1024), POOL + 256 * 1024 + 200 * 1024);
	ck_assert_uint_eq(map(pa, 56 * 1024), POOL + 200 * 1024);
	ck_assert_uint_eq(map(pa, 8), DMA_MAPPING_ERROR);
}
END_TEST

START_TEST(a_set_is_the_most)
{
	u64 pa;
	dma_addr_t h;

	b.hc.dir_slots = 4096;
	b.blind = true;
	start();
	pa = big();
	ck_assert_uint_eq(map(pa, 262144), POOL);
	ck_assert_int_eq(lx_dma_map_page(&b.lx, LX_DRIVER, DEV_COH, (phys_addr_t){pa}, 0, 262145,
					 DMA_TO_DEVICE, 0, &h),
			 LX_OK);
	ck_assert_uint_eq(h.bus, DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0),
			 "coh coh.0: swiotlb buffer is full (sz: 262145 bytes), total "
			 "256 (slots), used 128 (slots)");
}
END_TEST

START_TEST(no_warn_is_silent)
{
	b.lc.swiotlb.slots = 128;
	start();
	ck_assert(lx_slots_take(&b.lx, 128));
	ck_assert(!lx_slots_take(&b.lx, 1));
	ck_assert_uint_eq(box_map(&b, DEV_COH, page, 8, DMA_TO_DEVICE, ATTR_NO_WARN),
			  DMA_MAPPING_ERROR);
	ck_assert_uint_eq(klog_entries(b.w), 0);
	ck_assert_uint_eq(map(page, 8), DMA_MAPPING_ERROR);
	ck_assert_uint_eq(klog_entries(b.w), 1);
	ck_assert_uint_eq(box_count(&b, EV_MAP_FAIL), 2);
}
END_TEST

START_TEST(size_0_is_a_bug)
{
	dma_addr_t h;

	start();
	ck_assert_int_eq(lx_dma_map_page(&b.lx, LX_DRIVER, DEV_COH, (phys_addr_t){page}, 0, 0,
					 DMA_TO_DEVICE, 0, &h),
			 LX_BUG_SIZE);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
}
END_TEST

START_TEST(force_without_a_pool)
{
	b.lc.swiotlb.slots = 0;
	start();
	ck_assert_uint_eq(map(page, 8), DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_log(&b, 0),
			 "coh coh.0: Can not allocate SWIOTLB buffer earlier and can't "
			 "now provide you with the DMA bounce buffer");
}
END_TEST

START_TEST(a_pool_out_of_reach)
{
	start();
	b.lc.dev[DEV_COH].bus_dma_limit = 0xffffff;
	ck_assert_uint_eq(map(page, 8), DMA_MAPPING_ERROR);
	ck_assert_str_eq(box_events(&b), "log(0) copy-in(100000 4000000 8 0) map-fail(100000 8 1)");
	ck_assert_str_eq(box_log(&b, 0), "coh coh.0: swiotlb addr 0x0000000004000000+8 overflow "
					 "(mask ffffffff, bus limit ffffff).\n"
					 "WARNING: kernel/dma/swiotlb.c swiotlb_map()");
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
	ck_assert_ptr_null(link_of_home(&b.hw, page));
}
END_TEST

/* ---- when it is used ---- */

static const struct {
	u32 align, from, to;
	bool bounce;
} kmalloc_rule[] = {
    {64, 1, 32, true},	   {64, 33, 64, false},	  {64, 65, 96, true},	  {64, 97, 128, false},
    {64, 129, 192, false}, {64, 193, 257, false}, {128, 1, 64, true},	  {128, 65, 96, true},
    {128, 97, 128, false}, {128, 129, 192, true}, {128, 193, 255, false}, {128, 256, 300, false},
};

static bool bounces(u32 dev, u64 size, u32 dir)
{
	return lx_in_pool(&b.lx, (phys_addr_t){box_map(&b, dev, page, size, dir, 0)});
}

START_TEST(kmalloc_rule_by_size)
{
	b.lc.swiotlb.force = false;
	b.lc.kmalloc_bounce = true;
	b.lc.cache_alignment = kmalloc_rule[_i].align;
	start();
	for (u32 k = 0; k < 2; k++) {
		u32 size = k ? kmalloc_rule[_i].to : kmalloc_rule[_i].from;

		ck_assert_int_eq(bounces(DEV_NC, size, DMA_FROM_DEVICE), kmalloc_rule[_i].bounce);
		ck_assert_int_eq(bounces(DEV_NC, size, DMA_BIDIRECTIONAL), kmalloc_rule[_i].bounce);
		ck_assert(!bounces(DEV_NC, size, DMA_TO_DEVICE));
		ck_assert(!bounces(DEV_COH, size, DMA_FROM_DEVICE));
	}
}
END_TEST

START_TEST(what_is_out_of_reach_bounces)
{
	b.lc.swiotlb.force = false;
	b.hc.ram[0].size = 8 * GIB;
	b.lc.zone_dma32_limit = 8 * GIB - 1;
	start();
	ck_assert_uint_eq(map(page, 8), page);
	ck_assert_uint_eq(map(5 * GIB, 8), POOL);
	ck_assert_int_eq(lx_dma_set_mask(&b.lx, DEV_COH, ~0ull), 0);
	ck_assert_uint_eq(map(5 * GIB, 8), 5 * GIB);
}
END_TEST

/* ---- what is copied ---- */

START_TEST(copies_by_call_and_direction)
{
	u32 dir = (u32)_i % 3;
	bool skip = _i >= 3, to = dir != DMA_FROM_DEVICE, from = dir != DMA_TO_DEVICE;
	u64 h;

	start();
	box_store(&b, page, 0x11, 8);
	box_events(&b);
	h = box_map(&b, DEV_COH, page, 8, dir, skip ? ATTR_SKIP_CPU_SYNC : 0);
	ck_assert_uint_eq(h, POOL);
	ck_assert_uint_eq(box_count(&b, EV_COPY_IN), 1); /* always, whatever is said */
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x11);

	box_store(&b, page, 0x22, 8);
	box_sync_device(&b, DEV_COH, h, 8, dir);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), to ? 0x22 : 0x11);

	box_dma_write(&b, DEV_COH, h, 0x33, 8);
	box_sync_cpu(&b, DEV_COH, h, 8, dir);
	ck_assert_uint_eq(cpu(page), from ? 0x33 : 0x22);

	box_dma_write(&b, DEV_COH, h, 0x44, 8);
	box_store(&b, page, 0x55, 8);
	box_unmap(&b, DEV_COH, h, 8, dir, skip ? ATTR_SKIP_CPU_SYNC : 0);
	ck_assert_uint_eq(cpu(page), from && !skip ? 0x44 : 0x55);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
	ck_assert_ptr_null(link_of_home(&b.hw, page));
}
END_TEST

START_TEST(the_direction_of_the_call_decides)
{
	u64 h;

	start();
	box_store(&b, page, 0x11, 8);
	h = box_map(&b, DEV_COH, page, 8, DMA_FROM_DEVICE, 0);
	box_dma_write(&b, DEV_COH, h, 0xdd, 8);
	box_unmap(&b, DEV_COH, h, 8, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(cpu(page), 0x11); /* the data are lost */
	h = box_map(&b, DEV_COH, page, 8, DMA_TO_DEVICE, 0);
	box_store(&b, page, 0x22, 8);
	box_unmap(&b, DEV_COH, h, 8, DMA_BIDIRECTIONAL, 0);
	ck_assert_uint_eq(cpu(page), 0x11); /* the slot went over the buffer */
}
END_TEST

START_TEST(copies_come_in_granules_of_the_destination)
{
	u64 h;

	start();
	box_store(&b, page + 5, 0x11, 12);
	box_events(&b);
	h = map(page + 5, 12);
	ck_assert_str_eq(box_events(&b), "copy-in(100005 4000000 8 1111111111111111) "
					 "copy-in(10000d 4000008 4 11111111) "
					 "map(100005 c 4000000 1 4000000)");
	box_unmap(&b, DEV_COH, h, 12, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), "copy-out(4000000 100005 3 111111) "
					 "copy-out(4000003 100008 8 1111111111111111) "
					 "copy-out(400000b 100010 1 11) "
					 "unmap(100005 c 4000000 2 0)");
}
END_TEST

START_TEST(not_coherent_copy_then_clean_drop_then_copy)
{
	u64 h;

	start();
	box_store(&b, page, 0x11, 8);
	box_events(&b);
	h = box_map(&b, DEV_NC, page, 8, DMA_BIDIRECTIONAL, 0);
	ck_assert_str_eq(box_events(&b), "copy-in(100000 4000000 8 1111111111111111) "
					 "clean(4000000 0) barrier(5) "
					 "map(100000 8 4000000 0 4000000)");
	ck_assert_uint_eq(box_dma_read(&b, DEV_NC, h), 0x11);
	box_dma_write(&b, DEV_NC, h, 0xdd, 8);
	box_sync_cpu(&b, DEV_NC, h, 8, DMA_BIDIRECTIONAL);
	ck_assert_str_eq(box_events(&b), "clean(4000000 0) invalidate(4000000 0 0) barrier(5) "
					 "copy-out(4000000 100000 8 dddddddddddddddd) "
					 "sync-for-cpu(100000 8 4000000 0)");
	box_store(&b, page, 0x22, 8);
	box_events(&b);
	box_sync_device(&b, DEV_NC, h, 8, DMA_BIDIRECTIONAL);
	ck_assert_str_eq(box_events(&b), "copy-in(100000 4000000 8 2222222222222222) "
					 "clean(4000000 0) barrier(5) "
					 "sync-for-device(100000 8 4000000 0)");
	ck_assert_uint_eq(box_dma_read(&b, DEV_NC, h), 0x22);
}
END_TEST

START_TEST(a_short_device_write_leaves_the_rest)
{
	u64 h;

	start();
	box_store(&b, page, 0x11, 32);
	h = box_map(&b, DEV_NC, page, 32, DMA_FROM_DEVICE, 0);
	box_dma_write(&b, DEV_NC, h, 0xdd, 8);
	box_unmap(&b, DEV_NC, h, 32, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(cpu(page + 7), 0xdd);
	ck_assert_uint_eq(cpu(page + 8), 0x11);
}
END_TEST

START_TEST(a_sync_of_a_part_copies_the_part)
{
	u64 h;

	start();
	box_store(&b, page, 0x11, 64);
	h = box_map(&b, DEV_COH, page, 64, DMA_FROM_DEVICE, 0);
	box_dma_write(&b, DEV_COH, h, 0xdd, 64);
	box_events(&b);
	box_sync_cpu(&b, DEV_COH, h + 10, 4, DMA_FROM_DEVICE);
	ck_assert_str_eq(box_events(&b), "copy-out(400000a 10000a 4 dddddddd) "
					 "sync-for-cpu(10000a 4 400000a 2)");
	ck_assert_uint_eq(cpu(page + 9), 0x11);
	ck_assert_uint_eq(cpu(page + 10), 0xdd);
	ck_assert_uint_eq(cpu(page + 13), 0xdd);
	ck_assert_uint_eq(cpu(page + 14), 0x11);
}
END_TEST

/* ---- misuse ---- */

START_TEST(unmapping_less_copies_less_and_frees_all)
{
	u64 h;

	start();
	box_store(&b, page, 0x11, 8);
	h = box_map(&b, DEV_COH, page, 4096, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 2);
	box_dma_write(&b, DEV_COH, h, 0xdd, 8);
	box_unmap(&b, DEV_COH, h, 4, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(cpu(page + 3), 0xdd);
	ck_assert_uint_eq(cpu(page + 4), 0x11);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
}
END_TEST

START_TEST(unmapping_more_is_cut_and_warned_of_once)
{
	u64 h;

	start();
	h = box_map(&b, DEV_COH, page, 64, DMA_FROM_DEVICE, 0);
	box_sync_cpu(&b, DEV_COH, h, 2048, DMA_FROM_DEVICE);
	box_unmap(&b, DEV_COH, h, 2048, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_log(&b, 0),
			 "coh coh.0: Buffer overflow detected. Allocation size: 64. "
			 "Mapping size: 2048.\n"
			 "WARNING: kernel/dma/swiotlb.c swiotlb_bounce()");
	ck_assert_uint_eq(klog_entries(b.w), 1);
	ck_assert_uint_eq(box_count(&b, EV_COPY_OUT), 2 * 64 / 8);
}
END_TEST

START_TEST(unmapping_twice_copies_nothing)
{
	u64 h;

	start();
	h = box_map(&b, DEV_COH, page, 8, DMA_FROM_DEVICE, 0);
	box_unmap(&b, DEV_COH, h, 8, DMA_FROM_DEVICE, 0);
	box_events(&b);
	box_unmap(&b, DEV_COH, h, 8, DMA_FROM_DEVICE, 0);
	ck_assert_str_eq(box_events(&b), "unmap(4000000 8 4000000 2 0)");
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
}
END_TEST

START_TEST(unmapping_from_the_middle_keeps_the_rest_taken)
{
	u64 h;

	start();
	h = box_map(&b, DEV_COH, page, 4096, DMA_FROM_DEVICE, 0);
	box_unmap(&b, DEV_COH, h + 2048, 8, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 1);
	ck_assert_uint_eq(lx_slot(&b.lx, 0)->link, 0);
	ck_assert_ptr_null(link_of_home(&b.hw, page));
	box_unmap(&b, DEV_COH, h, 8, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), ~0ull); /* the second slot counted twice */
}
END_TEST

START_TEST(what_is_given_back_twice_is_taken_from_the_next)
{
	u64 h;

	b.lc.swiotlb.slots = 128;
	start();
	h = box_map(&b, DEV_COH, page, 4096, DMA_FROM_DEVICE, 0);
	box_unmap(&b, DEV_COH, h + 2048, 8, DMA_FROM_DEVICE, 0);
	lx_slots_next(&b.lx, (phys_addr_t){h + 2048});
	ck_assert_uint_eq(map(page + 4096, 8), h + 2048);
	box_unmap(&b, DEV_COH, h, 4096, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 0);
	ck_assert_int_eq(lx_slot(&b.lx, 1)->state, SLOT_FREE); /* though it is mapped */
}
END_TEST

/* pool_take() as an IOMMU of that granule asks; 0: there were none. */
static u64 take(u64 pa, u64 size, u64 align_mask)
{
	struct lx_map m = {DEV_COH, pa, size, DMA_TO_DEVICE, ATTR_NO_WARN, HOW_SINGLE};
	struct lx_piece p;

	ck_assert_int_eq(pool_take(&b.lx, LX_DRIVER, &m, align_mask, &p), LX_OK);
	box_run(&b, LX_DRIVER);
	return p.slot;
}

START_TEST(an_iommus_granule_is_whole)
{
	u64 slot;

	start();
	box_store(&b, page, 0x11, 8);
	ck_assert_uint_eq(map(page, 8), POOL);
	slot = take(page + 0x234, 100, 0xfff);
	ck_assert_uint_eq(slot, POOL + 0x1000); /* no bit is kept unless the device asks */
	ck_assert_uint_eq(lx_slots_used(&b.lx), 3);
	ck_assert_uint_eq(lx_slot(&b.lx, 2)->left, 4096);
	lx_dma_set_min_align_mask(&b.lx, DEV_COH, 0xfff);
	slot = take(page + 0x900, 100, 0xfff);
	ck_assert_uint_eq(slot, POOL + 0x2900); /* one slot in front, and the offset */
	ck_assert_uint_eq(lx_slots_used(&b.lx), 5);
	ck_assert_uint_eq(lx_slot(&b.lx, 5)->pad, 1);
	ck_assert_uint_eq(lx_slot(&b.lx, 5)->left, 4096 - 0x900);
	ck_assert_uint_eq(pool_home(&b.lx, DEV_COH, slot + 3), page + 0x903);
	pool_release(&b.lx, DEV_COH, slot);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 3);
	ck_assert_int_eq(lx_slot(&b.lx, 4)->state, SLOT_FREE);
}
END_TEST

START_TEST(a_run_of_slots_crosses_no_segment_boundary)
{
	start();
	lx_dma_set_seg_boundary(&b.lx, DEV_COH, 0x3fff);
	ck_assert_uint_eq(map(page, 2048), POOL);
	ck_assert_uint_eq(map(page, 0x3000), POOL + 0x1000);
	ck_assert_uint_eq(map(page, 0x2000), POOL + 0x4000);
	ck_assert_uint_eq(map(page, 0x3000), POOL + 0x8000); /* not 0x6000 */
	ck_assert_uint_eq(map(page, 0x5000), DMA_MAPPING_ERROR);
}
END_TEST

START_TEST(each_cpu_searches_its_own_area_first)
{
	b.lc.swiotlb.areas = 2;
	start();
	ck_assert_uint_eq(map(page, 8), POOL);
	b.hw.self = 1;
	ck_assert_uint_eq(take(page, 8, 0), POOL + 128 * 2048);
	b.hw.self = 0;
	for (u32 i = 1; i < 128; i++)
		ck_assert_uint_eq(take(page, 1, 0), POOL + i * 2048);
	ck_assert_uint_eq(take(page, 8, 0), POOL + 129 * 2048); /* its own is full */
	ck_assert_uint_eq(lx_slots_used(&b.lx), 130);
	for (u32 i = 130; i < 256; i++)
		ck_assert_uint_ne(take(page, 1, 0), 0);
	ck_assert_uint_eq(take(page, 8, 0), 0);
	ck_assert_uint_eq(lx_slots_most(&b.lx), 256);
}
END_TEST

START_TEST(a_sync_behind_the_end_copies_all_the_same)
{
	u64 h;

	start();
	box_store(&b, page, 0x11, 256);
	h = box_map(&b, DEV_COH, page, 64, DMA_FROM_DEVICE, 0);
	box_dma_write(&b, DEV_COH, h + 100, 0xdd, 8); /* it goes to the neighbour */
	box_sync_cpu(&b, DEV_COH, h + 100, 8, DMA_FROM_DEVICE);
	ck_assert_uint_eq(cpu(page + 100), 0xdd);
	ck_assert_uint_eq(klog_entries(b.w), 0); /* the difference of two sizes has wrapped */
}
END_TEST

START_TEST(bouncing_no_memory_oopses)
{
	dma_addr_t h;

	start();
	ck_assert_int_eq(lx_dma_map_page(&b.lx, LX_DRIVER, DEV_COH, (phys_addr_t){2 * GIB}, 0, 8,
					 DMA_TO_DEVICE, 0, &h),
			 LX_OK);
	ck_assert_int_eq(lx_step(&b.lx, LX_DRIVER), LX_OOPS);
	ck_assert(lx_idle(&b.lx, LX_DRIVER));
}
END_TEST

START_TEST(one_buffer_mapped_twice_has_two_slots)
{
	u64 h[2];

	start();
	box_store(&b, page, 0x11, 8);
	h[0] = box_map(&b, DEV_COH, page, 8, DMA_FROM_DEVICE, 0);
	h[1] = box_map(&b, DEV_COH, page, 8, DMA_FROM_DEVICE, 0);
	ck_assert_uint_ne(h[0], h[1]);
	box_dma_write(&b, DEV_COH, h[0], 0xdd, 8);
	box_unmap(&b, DEV_COH, h[0], 8, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(cpu(page), 0xdd);
	box_unmap(&b, DEV_COH, h[1], 8, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(cpu(page), 0x11); /* the last unmap wins */
}
END_TEST

#ifdef DMALAB_TINY
START_TEST(links_are_bounded)
{
	b.lc.swiotlb.slots = 1024;
	start();
	for (u32 i = 0; i < LINKS_MAX; i++)
		map(page + i * 8, 8);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_NONE);
	map(page + 4096, 8);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_LINKS);
}
END_TEST
#endif

START_TEST(a_byte_may_have_more_slots_than_are_followed)
{
	u64 h = 0;

	start();
	box_store(&b, page, 0x11, 8);
	for (u32 i = 0; i < LINKS_PER_BYTE_MAX; i++)
		h = box_map(&b, DEV_COH, page, 8, DMA_FROM_DEVICE, 0);
	ck_assert_uint_ne(lx_slot(&b.lx, LINKS_PER_BYTE_MAX - 1)->link, 0);
	h = box_map(&b, DEV_COH, page, 8, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(lx_slot(&b.lx, LINKS_PER_BYTE_MAX)->link, 0);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x11);
	box_dma_write(&b, DEV_COH, h, 0xdd, 8);
	box_unmap(&b, DEV_COH, h, 8, DMA_FROM_DEVICE, 0);
	ck_assert_uint_eq(cpu(page), 0xdd);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_NONE);
}
END_TEST

START_TEST(a_full_store_buffer_blocks_a_copy)
{
	b.hc.store_entries = 2;
	start();
	box_map(&b, DEV_COH, page, 64, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(b.blocked, 64 / 8 - 2);
	ck_assert_uint_eq(hw_cpu(&b.hw)->entries, 2);
}
END_TEST

START_TEST(pages_of_the_pool_are_not_given_out)
{
	phys_addr_t p;

	b.lc.swiotlb.base = 0x101000;
	start();
	for (u32 i = 0; i < 400; i++) {
		ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &p));
		ck_assert(!lx_in_pool(&b.lx, p));
	}
}
END_TEST

START_TEST(a_piece_stays_in_one_line_of_the_source)
{
	start();
	box_store(&b, page + 60, 0x11, 8);
	box_events(&b);
	map(page + 60, 8);
	ck_assert_str_eq(box_events(&b), "copy-in(10003c 4000000 4 11111111) "
					 "copy-in(100040 4000004 4 11111111) "
					 "map(10003c 8 4000000 1 4000000)");
}
END_TEST

START_TEST(slots_in_use_are_open_memory)
{
	u64 pa, len, one, two;

	b.lc.swiotlb.slots = 128;
	start(); /* one allocation: page */
	one = map(page, 100);
	two = map(page + 8, 4096);
	ck_assert(lx_slots_take(&b.lx, 1));
	ck_assert(lx_open_memory(&b.lx, 0, &pa, &len));
	ck_assert_uint_eq(pa, page);
	ck_assert(lx_open_memory(&b.lx, 1, &pa, &len));
	ck_assert_uint_eq(pa, two);
	ck_assert_uint_eq(len, 4096);
	ck_assert(lx_open_memory(&b.lx, 2, &pa, &len));
	ck_assert_uint_eq(pa, one);
	ck_assert_uint_eq(len, 100);
	ck_assert(!lx_open_memory(&b.lx, 3, &pa, &len));
	box_unmap(&b, DEV_COH, two, 4096, DMA_TO_DEVICE, 0);
	ck_assert(lx_open_memory(&b.lx, 1, &pa, &len));
	ck_assert_uint_eq(pa, one);
	ck_assert(!lx_open_memory(&b.lx, 2, &pa, &len));
}
END_TEST

static Suite *linux_swiotlb_suite(void)
{
	Suite *s = suite_create("linux/swiotlb");
	TCase *t = tcase_create("swiotlb");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_small_bounce_starts_on_a_slot);
	tcase_add_test(t, min_align_mask_keeps_the_low_bits);
	tcase_add_test(t, the_second_slot_of_a_padded_buffer_has_its_original);
	tcase_add_test(t, a_page_starts_on_a_page);
	tcase_add_test(t, next_fit_comes_round);
	tcase_add_test(t, a_buffer_lies_in_one_set);
	tcase_add_test(t, a_set_is_the_most);
	tcase_add_test(t, no_warn_is_silent);
	tcase_add_test(t, size_0_is_a_bug);
	tcase_add_test(t, force_without_a_pool);
	tcase_add_test(t, a_pool_out_of_reach);
	tcase_add_loop_test(t, kmalloc_rule_by_size, 0, (int)ARRAY_LEN(kmalloc_rule));
	tcase_add_test(t, what_is_out_of_reach_bounces);
	tcase_add_loop_test(t, copies_by_call_and_direction, 0, 6);
	tcase_add_test(t, the_direction_of_the_call_decides);
	tcase_add_test(t, copies_come_in_granules_of_the_destination);
	tcase_add_test(t, not_coherent_copy_then_clean_drop_then_copy);
	tcase_add_test(t, a_short_device_write_leaves_the_rest);
	tcase_add_test(t, a_sync_of_a_part_copies_the_part);
	tcase_add_test(t, unmapping_less_copies_less_and_frees_all);
	tcase_add_test(t, unmapping_more_is_cut_and_warned_of_once);
	tcase_add_test(t, unmapping_twice_copies_nothing);
	tcase_add_test(t, unmapping_from_the_middle_keeps_the_rest_taken);
	tcase_add_test(t, what_is_given_back_twice_is_taken_from_the_next);
	tcase_add_test(t, an_iommus_granule_is_whole);
	tcase_add_test(t, a_run_of_slots_crosses_no_segment_boundary);
	tcase_add_test(t, each_cpu_searches_its_own_area_first);
	tcase_add_test(t, a_sync_behind_the_end_copies_all_the_same);
	tcase_add_test(t, bouncing_no_memory_oopses);
	tcase_add_test(t, one_buffer_mapped_twice_has_two_slots);
#ifdef DMALAB_TINY
	tcase_add_test(t, links_are_bounded);
#endif
	tcase_add_test(t, a_byte_may_have_more_slots_than_are_followed);
	tcase_add_test(t, a_full_store_buffer_blocks_a_copy);
	tcase_add_test(t, pages_of_the_pool_are_not_given_out);
	tcase_add_test(t, a_piece_stays_in_one_line_of_the_source);
	tcase_add_test(t, slots_in_use_are_open_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_swiotlb_suite)
