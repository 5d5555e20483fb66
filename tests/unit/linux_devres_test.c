/* SPDX-License-Identifier: MIT */
/* Managed memory, and pages that are mapped from the start. */
#include "unit/linux_fixture.h"

static struct box b;
static const struct lx_text name = {0, 3};
enum { KERNEL = GFP_BIT_DIRECT_RECLAIM };

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
};

static void start(void)
{
	box_start(&b);
	b.lx.texts = (const u8 *)"orc";
}

static struct got managed(u64 size)
{
	struct got g;

	ck_assert_int_eq(
	    lx_dmam_alloc_attrs(&b.lx, LX_DRIVER, DEV_COH, size, KERNEL, 0, &g.va, &g.h), LX_OK);
	box_run(&b, LX_DRIVER);
	ck_assert_uint_ne(g.va.va, 0);
	return g;
}

static cpu_addr_t managed_bytes(u64 size)
{
	cpu_addr_t va;

	ck_assert_int_eq(lx_devm_kzalloc(&b.lx, LX_DRIVER, DEV_COH, size, KERNEL, &va), LX_OK);
	box_run(&b, LX_DRIVER);
	return va;
}

static u32 release_all(void)
{
	struct lx_managed next;
	u32 n = 0;

	for (; lx_devres_next(&b.lx, DEV_COH, &next); n++)
		ck_assert_int_eq(lx_devres_release(&b.lx, DEV_COH), LX_OK);
	return n;
}

START_TEST(the_youngest_goes_first)
{
	start();
	managed(100);
	managed(5000);
	managed_bytes(64);
	box_events(&b);
	ck_assert_uint_eq(release_all(), 3);
	ck_assert_str_eq(box_events(&b), "free(101080 ffff000000101080 40 0) "
					 "free-coherent(102000 ffff000000102000 1388 102000) "
					 "free-coherent(100000 ffff000000100000 64 100000)");
	ck_assert_int_eq(lx_devres_release(&b.lx, DEV_COH), LX_OK); /* nothing is left */
	ck_assert_str_eq(box_events(&b), "");
}
END_TEST

START_TEST(more_than_can_be_counted)
{
	cpu_addr_t va;

	start();
	for (u64 size = ~0ull; size > ~0ull - 64; size--) {
		ck_assert_int_eq(lx_devm_kzalloc(&b.lx, LX_DRIVER, DEV_COH, size, KERNEL, &va),
				 LX_OK);
		ck_assert_uint_eq(va.va, 0);
	}
	ck_assert_uint_eq(box_count(&b, EV_ALLOC_FAIL), 64);
	ck_assert_uint_eq(release_all(), 0);
}
END_TEST

START_TEST(other_devices_keep_theirs)
{
	struct lx_managed next;
	cpu_addr_t va;

	start();
	managed(100);
	ck_assert_int_eq(lx_devm_kzalloc(&b.lx, LX_DRIVER, DEV_NC, 8, KERNEL, &va), LX_OK);
	box_run(&b, LX_DRIVER);
	ck_assert_uint_eq(release_all(), 1);
	ck_assert(lx_devres_next(&b.lx, DEV_NC, &next));
}
END_TEST

START_TEST(what_the_driver_frees_is_off_the_list)
{
	struct got g;

	start();
	g = managed(100);
	ck_assert_int_eq(lx_dmam_free_coherent(&b.lx, DEV_COH, 100, g.va, g.h), LX_OK);
	ck_assert_str_eq(box_log(&b, 0), "");
	ck_assert_uint_eq(release_all(), 0);
}
END_TEST

START_TEST(no_record)
{
	struct got g;

	start();
	ck_assert_int_eq(lx_dma_alloc_attrs(&b.lx, LX_DRIVER, DEV_COH, 100, KERNEL, 0, &g.va, &g.h),
			 LX_OK);
	box_run(&b, LX_DRIVER);
	ck_assert_int_eq(lx_dmam_free_coherent(&b.lx, DEV_COH, 100, g.va, g.h), LX_OK);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c dmam_free_coherent()");
	ck_assert_uint_eq(box_count(&b, EV_COHERENT_FREE), 1); /* freed all the same */
}
END_TEST

START_TEST(another_size)
{
	struct got g;

	start();
	g = managed(100);
	ck_assert_int_eq(lx_dmam_free_coherent(&b.lx, DEV_COH, 200, g.va, g.h), LX_OK);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c dmam_match()");
	ck_assert_uint_eq(release_all(), 0);
}
END_TEST

START_TEST(freed_by_the_plain_call)
{
	struct got g;

	start();
	g = managed(100);
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_COH, 100, g.va, g.h, 0), LX_OK);
	box_events(&b);
	ck_assert_uint_eq(release_all(), 1);
	ck_assert_str_eq(box_events(&b), "free-coherent(100000 ffff000000100000 64 100000)");
}
END_TEST

START_TEST(memory_is_zeroed_and_aligned)
{
	cpu_addr_t va, small;

	start();
	va = managed_bytes(100);
	small = managed_bytes(1);
	ck_assert_uint_eq(va.va % b.lc.dma_minalign, 0);
	ck_assert_uint_eq(small.va % b.lc.dma_minalign, 0);
	for (u32 i = 0; i < 100; i++)
		ck_assert_uint_eq(box_load(&b, (cpu_addr_t){va.va + i}), 0);
	ck_assert_int_eq(lx_kfree(&b.lx, va), LX_BUG_FREE); /* it is no object of kmalloc() */
	ck_assert_uint_eq(release_all(), 2);
	ck_assert_uint_eq(box_kmalloc(&b, 228), (va.va - b.hc.linear_base) - 128);
}
END_TEST

START_TEST(pools)
{
	u64 pool, other;

	start();
	pool = lx_dmam_pool_create(&b.lx, DEV_COH, &name, 64, 64, 0);
	other = lx_dma_pool_create(&b.lx, DEV_COH, &name, 64, 64, 0);
	ck_assert_int_eq(lx_dmam_pool_destroy(&b.lx, other), LX_OK);
	ck_assert_str_eq(box_log(&b, 0), "WARNING: mm/dmapool.c dmam_pool_destroy()");
	ck_assert_uint_eq(lx_dma_pool_device(&b.lx, other), DEV_COH); /* it is still there */
	ck_assert_uint_eq(release_all(), 1);
	ck_assert_uint_eq(lx_dma_pool_device(&b.lx, pool), ~0u);
	ck_assert_int_eq(lx_dmam_pool_destroy(&b.lx, pool), LX_BUG_POOL);
}
END_TEST

START_TEST(a_managed_pool_destroyed_by_hand)
{
	u64 pool;

	start();
	pool = lx_dmam_pool_create(&b.lx, DEV_COH, &name, 64, 64, 0);
	ck_assert_int_eq(lx_dma_pool_destroy(&b.lx, pool), LX_OK);
	ck_assert_int_eq(lx_devres_release(&b.lx, DEV_COH), LX_BUG_POOL);
}
END_TEST

START_TEST(a_device_is_left_once)
{
	b.hc.dev[DEV_COH].bus = BUS_PCI;
	start();
	lx_unbind(&b.lx, DEV_COH);
	lx_unbind(&b.lx, DEV_COH);
	ck_assert_uint_eq(box_count(&b, EV_UNBIND), 1);
	lx_dmam_pool_create(&b.lx, DEV_COH, &name, 64, 64, 0);
	klog_add(b.w, KLOG_POOL_NONE, 0, DEV_COH, (const u64[KLOG_ARGS]){0});
	ck_assert_ptr_nonnull(strstr(box_log(&b, 0), "pci 0000:00:02.0: "));
}
END_TEST

/* ---- dma_alloc_pages() ---- */

START_TEST(pages_are_cached_and_not_handed_over)
{
	phys_addr_t page;
	dma_addr_t h;
	enum memtype type;
	phys_addr_t pa;

	start();
	ck_assert(
	    lx_dma_alloc_pages(&b.lx, LX_DRIVER, DEV_NC, 100, DMA_FROM_DEVICE, KERNEL, &page, &h));
	ck_assert_uint_eq(box_run(&b, LX_DRIVER), LX_PAGE / 8 + 1); /* zeroes, and no line */
	ck_assert_uint_eq(h.bus, page.pa);
	ck_assert(va_translate(&b.hw, lx_phys_to_virt(&b.lx, page), &pa, &type));
	ck_assert_int_eq(type, MEM_CACHED);
	ck_assert(cache_line(&b.hw, LEVEL_L1, page.pa + 4032).dirty);
	ck_assert_str_eq(box_events(&b), "alloc-coherent(100000 ffff000000100000 64 100000 0)");
	ck_assert_int_eq(lx_dma_free_pages(&b.lx, DEV_NC, 100, page, h, DMA_FROM_DEVICE), LX_OK);
	ck_assert_str_eq(box_events(&b), "free-coherent(100000 ffff000000100000 64 100000)");
	ck_assert_uint_eq(box_kmalloc(&b, 4096), page.pa);
}
END_TEST

START_TEST(pages_refused)
{
	static const u32 gfp[] = {GFP_BIT_DMA, GFP_BIT_DMA32, GFP_BIT_HIGHMEM, GFP_BIT_COMP, 0};
	phys_addr_t page;
	dma_addr_t h;

	if (!gfp[_i])
		b.lc.dev[DEV_NC].no_coherent_mask = true;
	start();
	for (u32 i = 0; i < 2; i++) /* each is told once */
		ck_assert(!lx_dma_alloc_pages(&b.lx, LX_DRIVER, DEV_NC, 100, DMA_FROM_DEVICE,
					      KERNEL | gfp[_i], &page, &h));
	ck_assert_str_eq(box_log(&b, 0), "WARNING: kernel/dma/mapping.c __dma_alloc_pages()");
	ck_assert_str_eq(box_log(&b, 1), "");
	ck_assert_uint_eq(box_count(&b, EV_ALLOC_FAIL), 2);
}
END_TEST

static Suite *linux_devres_suite(void)
{
	Suite *s = suite_create("linux/devres");
	TCase *c = tcase_create("devres");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, the_youngest_goes_first);
	tcase_add_test(c, more_than_can_be_counted);
	tcase_add_test(c, other_devices_keep_theirs);
	tcase_add_test(c, what_the_driver_frees_is_off_the_list);
	tcase_add_test(c, no_record);
	tcase_add_test(c, another_size);
	tcase_add_test(c, freed_by_the_plain_call);
	tcase_add_test(c, memory_is_zeroed_and_aligned);
	tcase_add_test(c, pools);
	tcase_add_test(c, a_managed_pool_destroyed_by_hand);
	tcase_add_test(c, a_device_is_left_once);
	tcase_add_test(c, pages_are_cached_and_not_handed_over);
	tcase_add_loop_test(c, pages_refused, 0, 5);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(linux_devres_suite)
