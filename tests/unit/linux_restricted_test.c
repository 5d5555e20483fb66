/* SPDX-License-Identifier: MIT */
/*
 * A bounce pool of one device's own: all that it maps bounces there, its coherent memory is made of
 * its slots, and other devices have nothing to do with it. Sources: kernel/dma/swiotlb.c
 * rmem_swiotlb_device_init(), swiotlb_alloc(); kernel/dma/direct.c dma_direct_alloc_swiotlb().
 */
#include "unit/linux_fixture.h"

static struct box b;
static u64 page;

#define OWN  0x8000000ull
#define POOL 0x4000000ull

static void setup(void)
{
	box_config(&b);
	b.lc.dev[DEV_COH].pool_base = OWN;
	b.lc.dev[DEV_COH].pool_slots = 128;
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

static u64 map(u32 dev, u64 size)
{
	return box_map(&b, dev, page, size, DMA_TO_DEVICE, 0);
}

static cpu_addr_t alloc(u32 dev, u64 size, u32 gfp, u32 attrs, u64 *h)
{
	cpu_addr_t va;
	dma_addr_t got = {0};

	ck_assert_int_eq(
	    lx_dma_alloc_attrs(&b.lx, LX_DRIVER, dev, size, gfp, attrs, &va, &got), LX_OK);
	box_run(&b, LX_DRIVER);
	*h = got.bus;
	return va;
}

static cpu_addr_t coherent(u32 dev, u64 size, u64 *h)
{
	return alloc(dev, size, GFP_BIT_DIRECT_RECLAIM, 0, h);
}

START_TEST(all_maps_of_the_device_bounce)
{
	u64 h;

	start();
	box_store(&b, page, 0x11, 8);
	h = map(DEV_COH, 64);
	ck_assert_uint_eq(h, OWN);
	ck_assert_uint_eq(box_dma_read(&b, DEV_COH, h), 0x11);
	ck_assert_uint_eq(map(DEV_NC, 64), page);
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 1);
	box_unmap(&b, DEV_COH, h, 64, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 0);
	ck_assert_uint_eq(map(DEV_COH, 4096), OWN + 0x1000); /* next fit, on a page */
}
END_TEST

START_TEST(beside_the_pool_of_all)
{
	b.lc.swiotlb.base = POOL;
	b.lc.swiotlb.slots = 256;
	b.lc.swiotlb.force = true;
	start();
	ck_assert_uint_eq(map(DEV_NC, 64), POOL);
	ck_assert_uint_eq(map(DEV_COH, 64), OWN);
	ck_assert_uint_eq(lx_slots_used(&b.lx), 1);
	ck_assert_uint_eq(lx_slots_total(&b.lx), 256);
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 1);
	ck_assert_uint_eq(pool_slots_total(&b.lx, DEV_COH), 128);
}
END_TEST

START_TEST(a_pool_that_grows_is_the_others)
{
	b.lc.swiotlb.base = POOL;
	b.lc.swiotlb.slots = 128;
	b.lc.swiotlb.dynamic = true;
	start();
	for (u32 i = 0; i < 128; i++)
		ck_assert_uint_eq(map(DEV_COH, 8), OWN + i * 2048ull);
	ck_assert_uint_eq(map(DEV_COH, 8), DMA_MAPPING_ERROR);
	ck_assert_uint_eq(lx_slots_transient(&b.lx), 0);
	ck_assert_str_eq(box_log(&b, 0), "coh coh.0: swiotlb buffer is full (sz: 8 bytes), total "
					 "128 (slots), used 128 (slots)");
}
END_TEST

START_TEST(coherent_memory_is_made_of_slots)
{
	cpu_addr_t va;
	u64 h, g;

	start();
	map(DEV_COH, 64); /* the search goes on in the middle of a page */
	va = coherent(DEV_COH, 8192, &h);
	ck_assert_uint_eq(h, OWN + 8192); /* aligned as the page allocator's */
	ck_assert_uint_eq(va.va, va_linear(&b.hw, (phys_addr_t){h}).va);
	ck_assert_uint_eq(box_load(&b, va), 0);
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 5);
	ck_assert_uint_ne(coherent(DEV_NC, 4096, &g).va, 0);
	ck_assert(!lx_in_pool(&b.lx, (phys_addr_t){g}));
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_COH, 8192, va, (dma_addr_t){h}, 0), LX_OK);
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 1);
}
END_TEST

START_TEST(no_other_memory_when_it_is_full)
{
	u64 h;

	start();
	ck_assert_uint_ne(coherent(DEV_COH, 128 << 10, &h).va, 0);
	ck_assert_uint_eq(h, OWN);
	ck_assert_uint_ne(coherent(DEV_COH, 64 << 10, &h).va, 0);
	ck_assert_uint_eq(coherent(DEV_COH, 128 << 10, &h).va, 0);
	ck_assert_uint_ne(coherent(DEV_COH, 64 << 10, &h).va, 0);
	ck_assert_uint_eq(map(DEV_COH, 8), DMA_MAPPING_ERROR);
}
END_TEST

START_TEST(nor_without_sleeping_or_a_pointer)
{
	u64 h;

	b.lc.dev[DEV_NC] = b.lc.dev[DEV_COH];
	b.lc.dev[DEV_COH].pool_slots = 0;
	start();
	ck_assert_uint_ne(alloc(DEV_NC, 4096, 0, 0, &h).va, 0); /* GFP_ATOMIC */
	ck_assert_uint_eq(h, OWN);
	ck_assert_uint_ge(
	    alloc(DEV_NC, 4096, GFP_BIT_DIRECT_RECLAIM, ATTR_NO_KERNEL_MAPPING, &h).va,
	    b.hc.vmap_base);
	ck_assert_uint_eq(h, OWN + 4096);
}
END_TEST

START_TEST(out_of_reach)
{
	u64 h;

	b.lc.dev[DEV_COH].coherent_mask = 0x7ffffff; /* ends where the pool begins */
	b.lc.dev[DEV_COH].mask = 0x7ffffff;
	start();
	ck_assert_uint_eq(coherent(DEV_COH, 4096, &h).va, 0);
	ck_assert_uint_eq(map(DEV_COH, 64), DMA_MAPPING_ERROR);
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 0);
}
END_TEST

START_TEST(pages_of_dma_alloc_pages)
{
	phys_addr_t p;
	dma_addr_t h;

	start();
	ck_assert(lx_dma_alloc_pages(&b.lx, LX_DRIVER, DEV_COH, 4096, DMA_FROM_DEVICE,
				     GFP_BIT_DIRECT_RECLAIM, &p, &h));
	box_run(&b, LX_DRIVER);
	ck_assert_uint_eq(p.pa, OWN);
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 2);
	ck_assert_int_eq(
	    lx_dma_free_pages(&b.lx, DEV_COH, 4096, p, h, DMA_FROM_DEVICE), LX_OK);
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 0);
}
END_TEST

START_TEST(the_most_is_a_set)
{
	start();
	ck_assert_uint_eq(lx_dma_max_mapping_size(&b.lx, DEV_COH), 256 << 10);
	ck_assert_uint_eq(lx_dma_max_mapping_size(&b.lx, DEV_NC), ~0ull);
}
END_TEST

START_TEST(its_pages_are_not_given_out)
{
	phys_addr_t p;

	b.lc.swiotlb.base = MIB; /* the first memory that there is, and the next */
	b.lc.swiotlb.slots = 128;
	b.lc.dev[DEV_COH].pool_base = MIB + (256 << 10);
	b.lc.dev[DEV_NC].pool_base = MIB + (512 << 10) + 4096;
	b.lc.dev[DEV_NC].pool_slots = 128;
	box_start(&b);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &p));
	ck_assert_uint_eq(p.pa, MIB + (512 << 10));
	box_run(&b, LX_DRIVER);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &p));
	ck_assert_uint_eq(p.pa, MIB + (768 << 10) + 4096);
}
END_TEST

START_TEST(the_old_bug_shares_a_page)
{
	u64 h;

	b.lc.quirks = 1u << QUIRK_SWIOTLB_ALLOC_UNALIGNED;
	start();
	ck_assert_uint_eq(map(DEV_COH, 64), OWN);
	coherent(DEV_COH, 8192, &h);
	ck_assert_uint_eq(h, OWN); /* of slots 1 to 4: the page in which they begin */
	ck_assert_uint_eq(pool_slots_used(&b.lx, DEV_COH), 5);
}
END_TEST

START_TEST(what_cannot_be)
{
	b.lc.dev[DEV_COH].pool_slots = 100;
	ck_assert_ptr_nonnull(linux_config_problem(&b.lc, &b.hc));
	b.lc.dev[DEV_COH].pool_slots = 128;
	b.lc.dev[DEV_COH].pool_base = GIB - 4096;
	ck_assert_ptr_nonnull(linux_config_problem(&b.lc, &b.hc));
	b.lc.dev[DEV_COH].pool_base = OWN;
	box_start(&b);
}
END_TEST

static Suite *linux_restricted_suite(void)
{
	Suite *s = suite_create("linux_restricted");
	TCase *t = tcase_create("pools of one device");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_maps_of_the_device_bounce);
	tcase_add_test(t, beside_the_pool_of_all);
	tcase_add_test(t, a_pool_that_grows_is_the_others);
	tcase_add_test(t, coherent_memory_is_made_of_slots);
	tcase_add_test(t, no_other_memory_when_it_is_full);
	tcase_add_test(t, nor_without_sleeping_or_a_pointer);
	tcase_add_test(t, out_of_reach);
	tcase_add_test(t, pages_of_dma_alloc_pages);
	tcase_add_test(t, the_most_is_a_set);
	tcase_add_test(t, its_pages_are_not_given_out);
	tcase_add_test(t, the_old_bug_shares_a_page);
	tcase_add_test(t, what_cannot_be);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_restricted_suite)
