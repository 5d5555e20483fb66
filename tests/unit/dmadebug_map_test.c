/* SPDX-License-Identifier: MIT */
/* What dma-debug says of maps and leaks, what of it is printed, its files in debugfs, its boot, and
 * how it runs out of memory. */
#include "unit/dmadebug_rig.h"

/* ---- map: checks 16 to 21, 26 ---- */

START_TEST(places_that_must_not_be_mapped)
{
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_SINGLE | WHERE_STACK);
	says("device driver maps memory from stack [addr=(____ptrval____)]");
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_PAGE | WHERE_VMAP_STACK);
	says("device driver maps memory from stack [probable addr=(____ptrval____)]");
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_SINGLE | WHERE_TEXT);
	says("device driver maps memory from kernel text or rodata [addr=(____ptrval____)] "
	     "[len=64]");
	map_how(NIC, 0, 64, TO, 0, 0, HOW_SINGLE | WHERE_INVALID);
	says("device driver maps memory from invalid area [addr=0000000000000000] [len=64]");
	map_how(NIC, 0x800000, 64, TO, 0, 0, HOW_SINGLE | WHERE_INVALID);
	says("device driver maps memory from invalid area [addr=(____ptrval____)] [len=64]");
	EMIT(w, MAP_FAIL, PARTY_CPU, NIC, 0x800000, 64, TO, 0, HOW_SINGLE | WHERE_INVALID);
	says("device driver maps memory from invalid area [addr=(____ptrval____)] [len=64]");
	map_how(NIC, 0x800000, 64, TO, 0x800000, 0, HOW_PAGE | WHERE_INVALID); /* no pointer */
	EMIT(w, MAP_FAIL, PARTY_CPU, NIC, 0, 64, TO, 0, HOW_SINGLE | WHERE_VMALLOC);
	silent();
}
END_TEST

START_TEST(entries_of_a_list_that_lie_on_a_stack)
{
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_SG | WHERE_VMAP_STACK);
	map_how(NIC, BASE + 4096, 64, TO, BASE + 4096, 0, HOW_SG);
	sg_map(NIC, BASE, 2, 64, TO);
	says("device driver maps memory from stack [probable addr=(____ptrval____)]");
	silent();
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_SG | WHERE_VMAP_STACK);
	unmap_how(NIC, BASE, 64, TO, 0, HOW_SG); /* the list failed: it was undone */
	sg_map(NIC, BASE + 0x4000, 2, 64, TO);
	silent();
}
END_TEST

START_TEST(a_segment_longer_than_the_device_takes)
{
	most[NIC] = 4096;
	sg_map(NIC, BASE, 1, 4096, TO);
	silent();
	sg_map(NIC, BASE + 0x10000, 1, 4097, TO);
	says("mapping sg segment longer than device claims to support [len=4097] [max=4096]");
	silent();
	map(NIC, BASE + 0x20000, 8192, TO); /* single maps are not looked at */
	silent();
}
END_TEST

/* It looks at the list's own entry, not at the segment that several became. */
START_TEST(a_segment_is_judged_by_the_entry_at_its_place)
{
	most[NIC] = 4096;
	EMIT(w, SG_MAP, PARTY_CPU, NIC, BASE, 8192, BASE, TO, 0, 2, 1 | 4096ull << 32);
	silent();
}
END_TEST

START_TEST(a_segment_across_the_boundary)
{
	boundaries[NIC] = 0xffff;
	sg_map(NIC, 0x5f000, 1, 0x1000, TO);
	silent();
	sg_map(NIC, 0x4f800, 1, 0x1000, TO);
	says("mapping sg segment across boundary [start=0x000000000004f800] "
	     "[end=0x00000000000507ff] [boundary=0x000000000000ffff]");
	silent();
}
END_TEST

START_TEST(without_the_option_segments_are_not_looked_at)
{
	configure(false);
	cfg.sg = false;
	start();
	most[NIC] = 16;
	sg_map(NIC, BASE, 1, 64, TO);
	silent();
	stop();
	configure(true); /* there is no option any more */
	cfg.sg = false;
	start();
	most[NIC] = 16;
	sg_map(NIC, BASE, 1, 64, TO);
	says("mapping sg segment longer than device claims to support [len=64] [max=16]");
}
END_TEST

START_TEST(a_resource_that_is_memory)
{
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_RESOURCE);
	says("dma_map_resource called for RAM address 0x0000000000041000");
	check(NIC, BASE);
	unmap_how(NIC, BASE, 64, TO, 0, HOW_RESOURCE);
	map_how(NIC, 0xfed40000, 64, TO, 0xfed40000, 0, HOW_RESOURCE | WHERE_INVALID);
	map_how(NIC, BASE, 64, TO, BASE, MMIO, HOW_PHYS);
	says("dma_map_resource called for RAM address 0x0000000000041000");
	silent();
}
END_TEST

START_TEST(a_resource_that_is_memory_is_nothing_to_old_kernels)
{
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_RESOURCE);
	silent();
	unmap(NIC, BASE, 64, TO);
	says("device driver frees DMA memory with wrong function [device "
	     "address=0x0000000000041000] "
	     "[size=64 bytes] [mapped as resource] [unmapped as single]");
	says("device driver failed to check map error[device address=0x0000000000041000] "
	     "[size=64 bytes] [mapped as resource]");
	silent();
}
END_TEST

/* ---- cache lines: checks 22 to 24 ---- */

#define OVERLAPS "cacheline tracking EEXIST, overlapping mappings aren't supported"

START_TEST(two_maps_that_begin_in_one_line)
{
	map(NIC, BASE, 64, FROM);
	map(NIC, BASE + 32, 32, BIDI);
	says(OVERLAPS);
	map(CARD, BASE + 8, 8, FROM); /* also of another device */
	says_whole("DMA-API: card card.0: " OVERLAPS);
	silent();
}
END_TEST

START_TEST(lines_that_do_not_collide)
{
	map(NIC, BASE, 128, FROM);
	map(NIC, BASE + 64, 64, FROM); /* only where a map begins is looked at */
	map(NIC, BASE, 64, TO);	       /* and only what a device may write to */
	map(NIC, BASE, 64, TO);
	map_how(NIC, BASE, 64, FROM, BASE, SKIP_CPU_SYNC, HOW_SINGLE);
	silent();
}
END_TEST

START_TEST(a_line_is_free_again_after_the_unmap)
{
	mapped(NIC, BASE, 64, FROM);
	mapped(NIC, BASE + 4, 4, FROM);
	says(OVERLAPS);
	unmap(NIC, BASE, 64, FROM);
	unmap(NIC, BASE + 4, 4, FROM);
	mapped(NIC, BASE, 64, FROM);
	coherent(NIC, BASE, 64, 0);
	says(OVERLAPS);
	silent();
}
END_TEST

START_TEST(the_ninth_map_of_a_line)
{
	for (u32 i = 0; i < 8; i++)
		map(NIC, BASE, 64, FROM);
	for (u32 i = 0; i < 7; i++)
		says(OVERLAPS);
	silent();
	map(NIC, BASE, 64, FROM);
	says_whole("DMA-API: exceeded 7 overlapping mappings of cacheline 0x0000000000001040");
	says(OVERLAPS);
	map(NIC, BASE, 64, FROM);
	says(OVERLAPS); /* once per boot */
	silent();
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 9);
}
END_TEST

/* A count that ran over is used up before all maps have gone. */
START_TEST(a_count_that_ran_over_ends_early)
{
	for (u32 i = 0; i < 10; i++)
		mapped(NIC, BASE, 64, FROM);
	for (u32 i = 0; i < 8; i++)
		unmap(NIC, BASE, 64, FROM);
	lines_seen = klog_entries(w);
	mapped(NIC, BASE, 64, FROM); /* two are still mapped */
	silent();
}
END_TEST

START_TEST(overlaps_where_small_buffers_bounce)
{
	configure(_i == 1);
	cfg.kmalloc_bounce = cfg.pool_active = true;
	start();
	map(NIC, BASE, 64, FROM);
	map(NIC, BASE, 64, FROM);
	silent();
	stop();
	configure(_i == 1);
	cfg.kmalloc_bounce = true; /* without a pool they do not */
	start();
	map(NIC, BASE, 64, FROM);
	map(NIC, BASE, 64, FROM);
	says(OVERLAPS);
}
END_TEST

START_TEST(overlaps_on_a_machine_that_needs_no_alignment)
{
	configure(true);
	cfg.cache_alignment = 1;
	start();
	map(NIC, BASE, 64, FROM);
	map(NIC, BASE, 64, FROM);
	silent();
	stop();
	configure(false);
	cfg.cache_alignment = 1;
	start();
	map(NIC, BASE, 64, FROM);
	map(NIC, BASE, 64, FROM);
	says(OVERLAPS);
}
END_TEST

START_TEST(overlaps_that_both_allow)
{
	map_how(NIC, BASE, 64, FROM, BASE, IGNORE_LINES, HOW_SINGLE);
	map_how(NIC, BASE, 64, FROM, BASE, REQUIRE_COHERENT, HOW_SINGLE);
	silent();
	map(NIC, BASE, 64, FROM);
	says(OVERLAPS);
	silent();
}
END_TEST

/* ---- unbinding: check 25 ---- */

static void unbind(u32 dev)
{
	klog_unbound(w, dev);
	EMIT(w, UNBIND, PARTY_CPU, (u16)dev, 0);
}

START_TEST(a_leak_is_the_last_in_the_order_of_the_hash)
{
	map(NIC, 0x48000, 64, FROM);
	map(NIC, 0x41000, 128, TO);  /* an older bucket, a newer mapping */
	map(NIC, 0x49000, 32, BIDI); /* the bucket of the first, behind it */
	map(CARD, 0x4f000, 64, TO);
	unbind(NIC);
	says_whole("DMA-API: pci 0000:00:01.0: device driver has pending DMA allocations while "
		   "released from device [count=3]\n"
		   "One of leaked entries details: [device address=0x0000000000049000] "
		   "[size=32 bytes] [mapped with DMA_BIDIRECTIONAL] [mapped as single]");
	unbind(CARD); /* its bus did not register */
	silent();
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 1);
}
END_TEST

START_TEST(no_leak)
{
	mapped(NIC, BASE, 64, FROM);
	unmap(NIC, BASE, 64, FROM);
	unbind(NIC);
	silent();
}
END_TEST

/* ---- what is printed ---- */

START_TEST(only_the_first_is_printed)
{
	configure(false);
	start();
	dmadebug_set(&d, DEBUG_FILE_ALL_ERRORS, 0);
	ck_assert_uint_eq(number(DEBUG_FILE_NUM_ERRORS), 1);
	unmap(NIC, BASE, 64, TO);
	unmap(NIC, BASE, 64, TO);
	says("device driver tries to free DMA memory it has not allocated "
	     "[device address=0x0000000000041000] [size=64 bytes]");
	silent();
	ck_assert_uint_eq(number(DEBUG_FILE_NUM_ERRORS), 0);
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 2);
	ck_assert_uint_eq(dmadebug_errors(&d), 2);
	ck_assert_uint_eq(dmadebug_error(&d, 0)->why, DEBUG_PRINTED);
	ck_assert_uint_eq(dmadebug_error(&d, 1)->why, DEBUG_ONLY_FIRST);
	dmadebug_set(&d, DEBUG_FILE_NUM_ERRORS, 2);
	unmap(NIC, BASE, 64, TO);
	ck_assert_uint_eq(number(DEBUG_FILE_NUM_ERRORS), 1);
	dmadebug_set(&d, DEBUG_FILE_ALL_ERRORS, 1); /* then it does not count down */
	unmap(NIC, BASE, 64, TO);
	ck_assert_uint_eq(number(DEBUG_FILE_NUM_ERRORS), 1);
}
END_TEST

START_TEST(a_filter_hides_but_counts)
{
	dmadebug_set(&d, DEBUG_FILE_ALL_ERRORS, 0);
	dmadebug_filter(&d, PARTY_CPU, "card and more", 13);
	says_whole("DMA-API: enable driver filter for driver [card]");
	unmap(NIC, BASE, 64, TO);
	silent();
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 1);
	ck_assert_uint_eq(number(DEBUG_FILE_NUM_ERRORS), 0); /* used up all the same */
	dmadebug_set(&d, DEBUG_FILE_NUM_ERRORS, 9);
	unmap(CARD, BASE, 64, TO);
	says_whole("DMA-API: card card.0: device driver tries to free DMA memory it has not "
		   "allocated [device address=0x0000000000041000] [size=64 bytes]");
	klog_unbound(w, CARD); /* no driver, no name that could pass */
	unmap(CARD, BASE, 64, TO);
	silent();
	dmadebug_filter(&d, PARTY_CPU, "\n", 1);
	says_whole("DMA-API: switching off dma-debug driver filter");
	dmadebug_filter(&d, PARTY_CPU, "-x", 2); /* it is off already */
	silent();
	unmap(NIC, BASE, 64, TO);
	says("device driver tries to free DMA memory it has not allocated "
	     "[device address=0x0000000000041000] [size=64 bytes]");
}
END_TEST

/* ---- debugfs ---- */

static const char *file(enum dmadebug_file f)
{
	str_clear(&text);
	dmadebug_text(&d, f, &words, &text);
	return str_get(&text);
}

START_TEST(files)
{
	ck_assert_str_eq(file(DEBUG_FILE_DISABLED), "N\n");
	ck_assert_str_eq(file(DEBUG_FILE_NUM_ERRORS), "1\n");
	ck_assert_str_eq(file(DEBUG_FILE_DRIVER_FILTER), "");
	ck_assert_str_eq(file(DEBUG_FILE_TOTAL), "65536\n");
	dmadebug_filter(&d, PARTY_CPU, "nic", 3);
	ck_assert_str_eq(file(DEBUG_FILE_DRIVER_FILTER), "nic\n");
	mapped(CARD, 0x48040, 0x80, FROM);
	map(NIC, 0x41000, 0x40, TO);
	coherent(NIC, 0x4a000, 0x1000, 0);
	ck_assert_str_eq(file(DEBUG_FILE_NUM_FREE), "65533\n");
	ck_assert_str_eq(
	    file(DEBUG_FILE_DUMP),
	    "nic 0000:00:01.0 single idx 32 P=0x0000000000041000 D=41000 L=40 "
	    "cln=0x0000000000001040 DMA_TO_DEVICE dma map error not checked\n"
	    "card card.0 single idx 36 P=0x0000000000048040 D=48040 L=80 "
	    "cln=0x0000000000001201 DMA_FROM_DEVICE dma map error checked\n"
	    "nic 0000:00:01.0 coherent idx 37 P=0x000000000004a000 D=4a000 L=1000 "
	    "cln=0x0000000000001280 DMA_BIDIRECTIONAL dma map error check not applicable\n");
	unmap(NIC, 0x41000, 0x40, TO);
	ck_assert_str_eq(file(DEBUG_FILE_NUM_FREE), "65534\n");
	ck_assert_str_eq(file(DEBUG_FILE_MIN_FREE), "65533\n");
}
END_TEST

START_TEST(a_new_kernel_dumps_attributes)
{
	map_how(NIC, 0x41000, 0x40, TO, 0x41000, SKIP_CPU_SYNC, HOW_SINGLE);
	ck_assert_str_eq(file(DEBUG_FILE_DUMP),
			 "nic 0000:00:01.0 phy idx 32 P=0x0000000000041000 D=41000 L=40 "
			 "cln=0x0000000000001040 DMA_TO_DEVICE dma map error not checked "
			 "attrs=0x20\n");
}
END_TEST

/* ---- boot, memory ---- */

START_TEST(switched_off_at_boot)
{
	configure(false);
	cfg.off = cfg.asked = true;
	start();
	says_whole("DMA-API: debugging disabled on kernel command line");
	unmap(NIC, BASE, 64, TO);
	silent();
	ck_assert_str_eq(file(DEBUG_FILE_DISABLED), "Y\n");
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 0);
}
END_TEST

START_TEST(a_filter_from_the_command_line)
{
	configure(false);
	cfg.asked = true;
	cfg.driver = "card";
	start();
	says_whole("DMA-API: enable driver filter for driver [card]");
	says_whole("DMA-API: preallocated 65536 debug entries");
	says_whole("DMA-API: debugging enabled by kernel config");
	unmap(NIC, BASE, 64, TO);
	silent();
}
END_TEST

START_TEST(the_pool_of_entries_grows)
{
	configure(false);
	cfg.asked = true;
	cfg.entries = 40; /* two pages of 32 */
	start();
	says_whole("DMA-API: preallocated 64 debug entries");
	says_whole("DMA-API: debugging enabled by kernel config");
	for (u32 i = 0; i < 64; i++)
		map(NIC, BASE + 64ull * i, 64, TO);
	silent();
	ck_assert_uint_eq(number(DEBUG_FILE_NUM_FREE), 0);
	map(NIC, BASE + 0x10000, 64, TO);
	says_whole("DMA-API: dma_debug_entry pool grown to 96 (200%)");
	ck_assert_uint_eq(number(DEBUG_FILE_TOTAL), 96);
	for (u32 i = 0; i < 31 + 1; i++)
		map(NIC, BASE + 0x20000 + 64ull * i, 64, TO);
	says_whole("DMA-API: dma_debug_entry pool grown to 128 (300%)");
	for (u32 i = 0; i < 32; i++) /* 160 is 4 times 40 as well; 192 is 4 times and 32 more */
		map(NIC, BASE + 0x30000 + 64ull * i, 64, TO);
	says_whole("DMA-API: dma_debug_entry pool grown to 160 (400%)");
	for (u32 i = 0; i < 32; i++)
		map(NIC, BASE + 0x40000 + 64ull * i, 64, TO);
	silent();
}
END_TEST

START_TEST(without_memory_it_gives_up)
{
	for (u32 i = 0; i < DEBUG_ENTRIES_MAX; i++)
		map(NIC, 0x100000 + 4096ull * i, 64, TO);
	silent();
	map(NIC, BASE, 64, TO);
	says_whole("DMA-API: debugging out of memory - disabling");
	ck_assert_str_eq(file(DEBUG_FILE_DISABLED), "Y\n");
	unmap(NIC, BASE, 1, FROM);
	silent();
}
END_TEST

START_TEST(without_memory_for_lines_it_gives_up)
{
	u32 i = 0;

	while (i < DEBUG_ENTRIES_MAX && !number(DEBUG_FILE_DISABLED))
		map(NIC, 0x100000 + 4096ull * i++, 64, FROM);
	ck_assert_uint_lt(i, DEBUG_ENTRIES_MAX);
	says_whole("DMA-API: cacheline tracking ENOMEM, dma-debug disabled");
	silent();
}
END_TEST

/* What it knows is in the block: it goes back with everything else. */
START_TEST(it_goes_back_in_time)
{
	struct mark m;
	u64 hash;

	world_hash_on(w);
	mapped(NIC, BASE, 64, FROM);
	m = world_mark(w);
	hash = world_hash(w);
	map(NIC, BASE, 128, FROM);
	unmap(NIC, BASE, 64, TO);
	ck_assert(world_hash(w) != hash);
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 2);
	world_undo(w, &m);
	ck_assert_uint_eq(world_hash(w), hash);
	ck_assert_uint_eq(world_hash(w), world_hash_scratch(w));
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 0);
	unmap(NIC, BASE, 64, FROM);
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 0);
	no_entries();
}
END_TEST

static Suite *dmadebug_map_suite(void)
{
	Suite *s = suite_create("dmadebug_map");
	TCase *c = tcase_create("6.12");

	tcase_add_checked_fixture(c, setup_6, stop);
	tcase_add_test(c, places_that_must_not_be_mapped);
	tcase_add_test(c, entries_of_a_list_that_lie_on_a_stack);
	tcase_add_test(c, a_segment_longer_than_the_device_takes);
	tcase_add_test(c, a_segment_is_judged_by_the_entry_at_its_place);
	tcase_add_test(c, a_segment_across_the_boundary);
	tcase_add_test(c, a_resource_that_is_memory_is_nothing_to_old_kernels);
	tcase_add_test(c, two_maps_that_begin_in_one_line);
	tcase_add_test(c, lines_that_do_not_collide);
	tcase_add_test(c, a_line_is_free_again_after_the_unmap);
	tcase_add_test(c, the_ninth_map_of_a_line);
	tcase_add_test(c, a_count_that_ran_over_ends_early);
	tcase_add_test(c, a_leak_is_the_last_in_the_order_of_the_hash);
	tcase_add_test(c, no_leak);
	tcase_add_test(c, a_filter_hides_but_counts);
	tcase_add_test(c, files);
	tcase_add_test(c, without_memory_it_gives_up);
	tcase_add_test(c, without_memory_for_lines_it_gives_up);
	tcase_add_test(c, it_goes_back_in_time);
	suite_add_tcase(s, c);
	c = tcase_create("7.1");
	tcase_add_checked_fixture(c, setup_7, stop);
	tcase_add_test(c, a_resource_that_is_memory);
	tcase_add_test(c, overlaps_that_both_allow);
	tcase_add_test(c, a_new_kernel_dumps_attributes);
	suite_add_tcase(s, c);
	c = tcase_create("own");
	tcase_add_checked_fixture(c, NULL, stop); /* they start by themselves */
	tcase_add_test(c, without_the_option_segments_are_not_looked_at);
	tcase_add_loop_test(c, overlaps_where_small_buffers_bounce, 0, 2);
	tcase_add_test(c, overlaps_on_a_machine_that_needs_no_alignment);
	tcase_add_test(c, only_the_first_is_printed);
	tcase_add_test(c, switched_off_at_boot);
	tcase_add_test(c, a_filter_from_the_command_line);
	tcase_add_test(c, the_pool_of_entries_grows);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(dmadebug_map_suite)
