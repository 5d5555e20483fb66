/* SPDX-License-Identifier: MIT */
/* Kinds of memory: sizes, alignment, neighbours, zones, reuse. */
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

static const struct {
	u32 align;
	bool bounce;
	u32 size, room;
} rooms[] = {
    /* coherent x86: the caches as they are */
    {1, false, 1, 8},
    {1, false, 9, 16},
    {1, false, 33, 64},
    {1, false, 65, 96},
    {1, false, 97, 128},
    {1, false, 129, 192},
    {1, false, 193, 256},
    {1, false, 4097, 8192},
    {1, false, 8193, 16384},
    {1, false, 20000, 32768},
    /* no bounce: never less than the DMA alignment */
    {64, false, 1, 64},
    {64, false, 65, 128},
    {64, false, 129, 192},
    {128, false, 8, 128},
    {128, false, 129, 256},
    {32, false, 8, 32},
    {32, false, 65, 96},
    /* small maps bounce: packed to 8 again */
    {64, true, 1, 8},
    {128, true, 65, 96},
    {128, true, 192, 192},
};

START_TEST(room_of_an_object)
{
	b.lc.cache_alignment = rooms[_i].align;
	b.lc.kmalloc_bounce = rooms[_i].bounce;
	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = rooms[_i].bounce ? 128 : 0;
	box_start(&b);
	ck_assert_uint_eq(lx_kmalloc_room(&b.lx, rooms[_i].size), rooms[_i].room);
	ck_assert_uint_eq(
	    box_kmalloc(&b, rooms[_i].size) % min_u64(rooms[_i].room & -rooms[_i].room, 4096), 0);
}
END_TEST

START_TEST(bounce_without_a_pool_packs_for_dma)
{
	b.lc.kmalloc_bounce = true;
	box_start(&b);
	ck_assert_uint_eq(lx_kmalloc_room(&b.lx, 8), 64);
}
END_TEST

START_TEST(small_objects_share_a_line_only_on_x86)
{
	u64 one, two;

	b.lc.cache_alignment = _i ? 64 : 1;
	box_start(&b);
	one = box_kmalloc(&b, 16);
	two = box_kmalloc(&b, 16);
	ck_assert_uint_eq(two - one, _i ? 64 : 16);
	ck_assert_uint_eq(one, MIB); /* the first page that is given out */
}
END_TEST

START_TEST(lowest_free_object_first)
{
	u64 p[3];

	box_start(&b);
	for (u32 i = 0; i < 3; i++)
		p[i] = box_kmalloc(&b, 128);
	ck_assert_uint_eq(p[1], p[0] + 128);
	ck_assert_int_eq(lx_kfree(&b.lx, lx_phys_to_virt(&b.lx, (phys_addr_t){p[1]})), LX_OK);
	ck_assert_int_eq(lx_kfree(&b.lx, lx_phys_to_virt(&b.lx, (phys_addr_t){p[0]})), LX_OK);
	ck_assert_uint_eq(box_kmalloc(&b, 100), p[0]);
	ck_assert_uint_eq(box_kmalloc(&b, 100), p[1]);
	ck_assert_uint_eq(box_kmalloc(&b, 100), p[2] + 128);
	ck_assert_uint_ne(box_kmalloc(&b, 256) / 4096, p[0] / 4096); /* a page of its own */
}
END_TEST

START_TEST(a_full_page_of_objects_is_followed_by_another)
{
	u64 first, last = 0;

	box_start(&b);
	first = box_kmalloc(&b, 192);
	for (u32 i = 1; i < 21; i++)
		last = box_kmalloc(&b, 192);
	ck_assert_uint_eq(last, first + 20 * 192);
	ck_assert_uint_eq(box_kmalloc(&b, 192), first + 4096);
}
END_TEST

START_TEST(kmalloc_events)
{
	cpu_addr_t va;

	box_start(&b);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, 100, 0, &va), LX_OK);
	ck_assert(lx_idle(&b.lx, LX_DRIVER));
	ck_assert_str_eq(box_events(&b), "alloc(100000 ffff000000100000 64 80 0)");
	ck_assert_int_eq(lx_kfree(&b.lx, va), LX_OK);
	ck_assert_str_eq(box_events(&b), "free(100000 ffff000000100000 64 0)");
	ck_assert_int_eq(lx_kfree(&b.lx, va), LX_BUG_FREE);
	ck_assert_int_eq(lx_kfree(&b.lx, (cpu_addr_t){0}), LX_OK);
	ck_assert_str_eq(box_events(&b), "");
}
END_TEST

START_TEST(size_0_and_too_much)
{
	cpu_addr_t va;

	box_start(&b);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, 0, 0, &va), LX_OK);
	ck_assert_uint_eq(va.va, 16);
	ck_assert_int_eq(lx_kfree(&b.lx, va), LX_OK);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, 4 * MIB + 1, 0, &va), LX_OK);
	ck_assert_uint_eq(va.va, 0);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, ~0ull, 0, &va), LX_OK);
	ck_assert_uint_eq(va.va, 0);
	ck_assert_str_eq(box_events(&b), "alloc-fail(400001 0) alloc-fail(ffffffffffffffff 0)");
}
END_TEST

START_TEST(kzalloc_zeroes_the_room_then_tells)
{
	cpu_addr_t va;
	u64 pa;

	box_start(&b);
	pa = box_kmalloc(&b, 32);
	box_store(&b, pa, 0xee, 64);
	ck_assert_int_eq(lx_kfree(&b.lx, lx_phys_to_virt(&b.lx, (phys_addr_t){pa})), LX_OK);
	box_events(&b);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, 32, GFP_BIT_ZERO, &va), LX_OK);
	ck_assert_str_eq(box_events(&b), "");
	ck_assert_int_eq(lx_next(&b.lx, LX_DRIVER).kind, UOP_FILL);
	ck_assert_uint_eq(lx_next(&b.lx, LX_DRIVER).pa, pa);
	ck_assert_uint_eq(box_run(&b, LX_DRIVER), 64 / 8 + 1);
	ck_assert_str_eq(box_events(&b), "alloc(100000 ffff000000100000 20 40 0)");
	for (u32 i = 0; i < 64; i++)
		ck_assert_uint_eq(box_load(&b, (cpu_addr_t){va.va + i}), 0);
}
END_TEST

START_TEST(pages_are_aligned_to_their_order)
{
	phys_addr_t one, four, two;

	box_start(&b);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &one));
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 2, &four));
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &two));
	ck_assert_uint_eq(one.pa, MIB);
	ck_assert_uint_eq(four.pa, MIB + 0x4000);
	ck_assert_uint_eq(two.pa, MIB + 0x1000);
	ck_assert_int_eq(lx_free_pages(&b.lx, four, 1), LX_BUG_FREE);
	ck_assert_int_eq(lx_free_pages(&b.lx, four, 2), LX_OK);
	ck_assert_int_eq(lx_free_pages(&b.lx, four, 2), LX_BUG_FREE);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 2, &four));
	ck_assert_uint_eq(four.pa, MIB + 0x4000);
	ck_assert(!lx_alloc_pages(&b.lx, LX_DRIVER, 0, 11, &four));
}
END_TEST

/* 16 MiB DMA, the rest of 3 GiB DMA32, 1 GiB at 4 GiB NORMAL, as on a PC. */
static void pc(void)
{
	b.hc.ram[0].size = 3 * GIB;
	b.hc.ram[1] = (struct range){4 * GIB, GIB};
	b.hc.rams = 2;
	b.lc.zone_dma_limit = 16 * MIB - 1;
}

START_TEST(zones_as_asked_for)
{
	phys_addr_t p;

	pc();
	box_start(&b);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &p));
	ck_assert_uint_eq(p.pa, 4 * GIB);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, GFP_BIT_DMA32, 0, &p));
	ck_assert_uint_eq(p.pa, 16 * MIB);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, GFP_BIT_DMA, 0, &p));
	ck_assert_uint_eq(p.pa, MIB);
}
END_TEST

START_TEST(a_full_zone_falls_back_downwards)
{
	phys_addr_t p;

	pc();
	b.hc.ram[1].size = 0x2000;
	box_start(&b);
	for (u32 i = 0; i < 2; i++)
		ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &p));
	ck_assert_uint_eq(p.pa, 4 * GIB + 0x1000);
	ck_assert(lx_alloc_pages(&b.lx, LX_DRIVER, 0, 0, &p));
	ck_assert_uint_eq(p.pa, 16 * MIB);
}
END_TEST

START_TEST(memory_ends)
{
	cpu_addr_t va;

	b.hc.ram[0].size = MIB + 0x2000;
	box_start(&b);
	box_kmalloc(&b, 8192);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, 1, 0, &va), LX_OK);
	ck_assert_uint_eq(va.va, 0);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_NONE);
	ck_assert_uint_eq(box_count(&b, EV_ALLOC_FAIL), 1);
}
END_TEST

START_TEST(what_is_given_out_of_a_zone_is_bounded)
{
	phys_addr_t p;
	u32 n = 0;

	b.blind = true;
	box_start(&b);
	while (lx_alloc_pages(&b.lx, LX_DRIVER, 0, 10, &p))
		n++;
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_ZONE);
	/* the first MiB is reserved, so the first block of 4 MiB begins at 4 MiB */
	ck_assert_uint_eq(n, (ZONE_PAGES - 768) / 1024);
}
END_TEST

START_TEST(allocations_are_bounded)
{
	cpu_addr_t va;

	b.lc.cache_alignment = 1;
	box_start(&b);
	for (u32 i = 0; i < ALLOCS_MAX; i++)
		box_kmalloc(&b, 8);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_NONE);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, 8, 0, &va), LX_OK);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_ALLOCS);
}
END_TEST

START_TEST(vmalloc_is_in_a_row_only_for_the_cpu)
{
	phys_addr_t page[3];
	cpu_addr_t va;

	box_start(&b);
	ck_assert_int_eq(lx_vmalloc(&b.lx, LX_DRIVER, 2 * 4096 + 10, GFP_BIT_ZERO, &va), LX_OK);
	ck_assert_uint_eq(box_run(&b, LX_DRIVER), 3 * 512);
	for (u32 i = 0; i < 3; i++)
		ck_assert(lx_vmalloc_to_page(&b.lx, (cpu_addr_t){va.va + i * 4096}, &page[i]));
	ck_assert_uint_ne(page[1].pa, page[0].pa + 4096);
	ck_assert_uint_ne(page[2].pa, page[1].pa + 4096);
	ck_assert(lx_is_vmalloc_addr(&b.lx, va));
	ck_assert(!lx_is_vmalloc_addr(&b.lx, lx_phys_to_virt(&b.lx, page[0])));
	ck_assert_uint_eq(box_count(&b, EV_ALLOC), 3);
	ck_assert_int_eq(lx_vfree(&b.lx, (cpu_addr_t){va.va + 4096}), LX_BUG_FREE);
	ck_assert_int_eq(lx_vfree(&b.lx, va), LX_OK);
	ck_assert_uint_eq(box_count(&b, EV_FREE), 3);
	ck_assert(!lx_vmalloc_to_page(&b.lx, va, &page[0]));
	ck_assert_uint_eq(box_kmalloc(&b, 4096), page[0].pa);
}
END_TEST

START_TEST(vmalloc_of_nothing_and_of_too_much)
{
	cpu_addr_t va;

	box_start(&b);
	ck_assert_int_eq(lx_vmalloc(&b.lx, LX_DRIVER, 0, 0, &va), LX_OK);
	ck_assert_uint_eq(va.va, 0);
	ck_assert_int_eq(lx_vmalloc(&b.lx, LX_DRIVER, ~0ull, 0, &va), LX_OK);
	ck_assert_uint_eq(va.va, 0);
	ck_assert_uint_eq(world_now(b.w)->limit, LIMIT_NONE);
}
END_TEST

START_TEST(a_vmalloc_that_fails_gives_everything_back)
{
	cpu_addr_t va;

	b.hc.ram[0].size = MIB + 3 * 4096;
	box_start(&b);
	ck_assert_int_eq(lx_vmalloc(&b.lx, LX_DRIVER, 4 * 4096, 0, &va), LX_OK);
	ck_assert_uint_eq(va.va, 0);
	ck_assert_uint_eq(box_count(&b, EV_ALLOC), 0);
	ck_assert_int_eq(lx_vmalloc(&b.lx, LX_DRIVER, 3 * 4096, 0, &va), LX_OK);
	ck_assert_uint_ne(va.va, 0);
}
END_TEST

START_TEST(a_stack_grows_down)
{
	cpu_addr_t one, two;

	b.lc.vmap_stack = _i;
	box_start(&b);
	ck_assert(lx_lab_memory(&b.lx, KIND_STACK, 20, &one));
	ck_assert(lx_lab_memory(&b.lx, KIND_STACK, 8, &two));
	ck_assert_uint_eq(one.va - two.va, 16);
	ck_assert_uint_eq(one.va % 4096, 4096 - 32);
	ck_assert_int_eq(lx_is_vmalloc_addr(&b.lx, one), _i);
}
END_TEST

START_TEST(module_text_and_rodata_have_their_areas)
{
	cpu_addr_t m, t, r, big;
	phys_addr_t pa;
	enum memtype type;

	box_start(&b);
	ck_assert(lx_lab_memory(&b.lx, KIND_MODULE, 4, &m));
	ck_assert(lx_lab_memory(&b.lx, KIND_TEXT, 4, &t));
	ck_assert(lx_lab_memory(&b.lx, KIND_RODATA, 4, &r));
	ck_assert(!lx_is_vmalloc_addr(&b.lx, m));
	ck_assert(va_translate(&b.hw, m, &pa, &type));
	ck_assert_uint_ne(lx_virt_to_phys(&b.lx, m).pa, pa.pa);
	ck_assert(va_translate(&b.hw, t, &pa, &type));
	ck_assert_uint_eq(lx_virt_to_phys(&b.lx, t).pa, pa.pa);
	ck_assert_uint_ne(t.va / 4096, r.va / 4096);
	ck_assert(lx_lab_memory(&b.lx, KIND_RODATA, 5000, &big));
	ck_assert(!lx_lab_memory(&b.lx, KIND_RODATA, 0, &big));
	ck_assert(!lx_lab_memory(&b.lx, KIND_RODATA, ~0ull, &big));
}
END_TEST

START_TEST(place_takes_what_is_free)
{
	cpu_addr_t va;
	u64 pa;

	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = 128;
	box_start(&b);
	ck_assert(lx_place(&b.lx, 100, (phys_addr_t){MIB + 50}, &va));
	ck_assert_uint_eq(va.va, b.hc.linear_base + MIB + 50);
	ck_assert(lx_place(&b.lx, 10, (phys_addr_t){MIB + 150}, &va)); /* the same page */
	ck_assert(!lx_place(&b.lx, 10, (phys_addr_t){MIB + 145}, &va));
	ck_assert(!lx_place(&b.lx, 10, (phys_addr_t){GIB - 5}, &va));
	ck_assert(!lx_place(&b.lx, 10, (phys_addr_t){0x4000000}, &va));
	ck_assert(!lx_place(&b.lx, 0, (phys_addr_t){0x5000000}, &va));
	pa = box_kmalloc(&b, 8);
	ck_assert_uint_eq(pa, MIB + 4096);
	ck_assert(!lx_place(&b.lx, 8, (phys_addr_t){pa + 2048}, &va)); /* a page of slab */
}
END_TEST

START_TEST(two_levels_allocate_side_by_side)
{
	cpu_addr_t one, two;

	box_start(&b);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, 64, GFP_BIT_ZERO, &one), LX_OK);
	ck_assert_int_eq(lx_step(&b.lx, LX_DRIVER), LX_RAN);
	ck_assert_int_eq(lx_kmalloc(&b.lx, LX_HANDLER, 64, GFP_BIT_ZERO, &two), LX_OK);
	ck_assert_uint_eq(two.va, one.va + 64);
	ck_assert_uint_eq(box_run(&b, LX_HANDLER), 9);
	ck_assert(!lx_idle(&b.lx, LX_DRIVER));
	ck_assert_uint_eq(box_run(&b, LX_DRIVER), 8);
	ck_assert_str_eq(box_events(&b), "alloc(100040 ffff000000100040 40 40 0) "
					 "alloc(100000 ffff000000100000 40 40 0)");
}
END_TEST

static Suite *linux_alloc_suite(void)
{
	Suite *s = suite_create("linux/alloc");
	TCase *t = tcase_create("alloc");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, room_of_an_object, 0, (int)ARRAY_LEN(rooms));
	tcase_add_test(t, bounce_without_a_pool_packs_for_dma);
	tcase_add_loop_test(t, small_objects_share_a_line_only_on_x86, 0, 2);
	tcase_add_test(t, lowest_free_object_first);
	tcase_add_test(t, a_full_page_of_objects_is_followed_by_another);
	tcase_add_test(t, kmalloc_events);
	tcase_add_test(t, size_0_and_too_much);
	tcase_add_test(t, kzalloc_zeroes_the_room_then_tells);
	tcase_add_test(t, pages_are_aligned_to_their_order);
	tcase_add_test(t, zones_as_asked_for);
	tcase_add_test(t, a_full_zone_falls_back_downwards);
	tcase_add_test(t, memory_ends);
	tcase_add_test(t, what_is_given_out_of_a_zone_is_bounded);
	tcase_add_test(t, allocations_are_bounded);
	tcase_add_test(t, vmalloc_is_in_a_row_only_for_the_cpu);
	tcase_add_test(t, vmalloc_of_nothing_and_of_too_much);
	tcase_add_test(t, a_vmalloc_that_fails_gives_everything_back);
	tcase_add_loop_test(t, a_stack_grows_down, 0, 2);
	tcase_add_test(t, module_text_and_rodata_have_their_areas);
	tcase_add_test(t, place_takes_what_is_free);
	tcase_add_test(t, two_levels_allocate_side_by_side);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_alloc_suite)
