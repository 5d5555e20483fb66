/* SPDX-License-Identifier: MIT */
/* What dma-debug says of unmaps, frees and syncs, in its exact words, and the nearest use that it
 * says nothing of. */
#include "unit/dmadebug_rig.h"

/* ---- unmap: checks 1 to 9 ---- */

START_TEST(a_right_driver_is_told_nothing)
{
	mapped(NIC, BASE, 128, FROM);
	sync(NIC, BASE, 128, FROM, true);
	sync(NIC, BASE + 64, 64, FROM, false);
	unmap(NIC, BASE, 128, FROM);
	coherent(NIC, BASE, 100, 0);
	coherent_free(NIC, BASE, 100, BASE, 0);
	sg_map(NIC, BASE, 3, 4096, TO);
	sg_sync(NIC, BASE, 3, 4096, TO, false);
	sg_unmap(NIC, BASE, 3, 4096, TO);
	silent();
	no_entries();
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 0);
}
END_TEST

START_TEST(unmapping_an_error_is_invalid)
{
	unmap(NIC, DMA_MAPPING_ERROR, 64, TO);
	says("device driver tries to free an invalid DMA memory address");
	silent();
}
END_TEST

START_TEST(unmapping_what_is_not_mapped)
{
	mapped(NIC, BASE, 64, TO);
	unmap(CARD, BASE, 64, TO);
	says_whole("DMA-API: card card.0: device driver tries to free DMA memory it has not "
		   "allocated [device address=0x0000000000041000] [size=64 bytes]");
	unmap(NIC, BASE + 32, 32, TO);
	says("device driver tries to free DMA memory it has not allocated "
	     "[device address=0x0000000000041020] [size=32 bytes]");
	unmap(NIC, BASE, 64, TO); /* the right one is still there */
	unmap(NIC, BASE, 64, TO);
	says("device driver tries to free DMA memory it has not allocated "
	     "[device address=0x0000000000041000] [size=64 bytes]");
	silent();
}
END_TEST

START_TEST(another_size_is_told_and_the_entry_goes)
{
	mapped(NIC, BASE, 128, TO);
	unmap(NIC, BASE, 64, TO);
	says("device driver frees DMA memory with different size [device "
	     "address=0x0000000000041000] "
	     "[map size=128 bytes] [unmap size=64 bytes]");
	no_entries();
	silent();
}
END_TEST

START_TEST(another_function)
{
	coherent(NIC, BASE, 4096, 0);
	unmap(NIC, BASE, 4096, BIDI);
	says("device driver frees DMA memory with wrong function [device "
	     "address=0x0000000000041000] "
	     "[size=4096 bytes] [mapped as coherent] [unmapped as single]");
	coherent_free(NIC, BASE, 4096, BASE, 0);
	says("device driver tries to free DMA memory it has not allocated "
	     "[device address=0x0000000000041000] [size=4096 bytes]");
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_PAGE); /* single and page are one */
	check(NIC, BASE);
	unmap_how(NIC, BASE, 64, TO, 0, HOW_SINGLE);
	silent();
}
END_TEST

START_TEST(a_new_kernel_has_one_type_for_all_maps)
{
	map_how(NIC, BASE, 64, TO, BASE, 0, HOW_PHYS);
	check(NIC, BASE);
	unmap(NIC, BASE, 64, TO);
	silent();
	mapped(NIC, BASE, 64, TO);
	sg_unmap(NIC, BASE, 1, 64, TO);
	says("device driver frees DMA memory with wrong function [device "
	     "address=0x0000000000041000] "
	     "[size=64 bytes] [mapped as phy] [unmapped as scatter-gather]");
	says("device driver frees DMA sg list with different entry count [map count=0] "
	     "[unmap count=1]");
	silent();
}
END_TEST

START_TEST(another_pointer_of_coherent_memory)
{
	coherent(NIC, BASE, 4096, 0);
	coherent_free(NIC, BASE + 0x1000, 4096, BASE, 0);
	says("device driver frees DMA memory with different CPU address "
	     "[device address=0x0000000000041000] [size=4096 bytes] "
	     "[cpu alloc address=0x0x0000000000041000] [cpu free address=0x0x0000000000042000]");
	silent();
}
END_TEST

START_TEST(another_count_of_entries)
{
	sg_map(NIC, BASE, 4, 64, TO);
	sg_unmap(NIC, BASE, 3, 64, TO); /* as many errors as entries, and the last one stays */
	for (u32 i = 0; i < 3; i++)
		says("device driver frees DMA sg list with different entry count [map count=4] "
		     "[unmap count=3]");
	silent();
	ck_assert_uint_eq(number(DEBUG_FILE_TOTAL) - number(DEBUG_FILE_NUM_FREE), 1);
}
END_TEST

START_TEST(another_direction_even_of_both)
{
	mapped(NIC, BASE, 64, BIDI);
	unmap(NIC, BASE, 64, TO);
	says("device driver frees DMA memory with different direction "
	     "[device address=0x0000000000041000] [size=64 bytes] [mapped with DMA_BIDIRECTIONAL] "
	     "[unmapped with DMA_TO_DEVICE]");
	silent();
}
END_TEST

START_TEST(nobody_asked_whether_the_map_was_good)
{
	map(NIC, BASE, 64, TO);
	sync(NIC, BASE, 64, TO, false); /* use is not looked at */
	silent();
	unmap(NIC, BASE, 64, TO);
	says("device driver failed to check map error[device address=0x0000000000041000] "
	     "[size=64 bytes] [mapped as single]");
	map(NIC, BASE, 64, TO);
	sync(NIC, BASE, 64, TO, false);
	check(NIC, BASE); /* any time before the unmap will do */
	unmap(NIC, BASE, 64, TO);
	coherent(NIC, BASE, 64, 0); /* lists and coherent memory have nothing to ask */
	coherent_free(NIC, BASE, 64, BASE, 0);
	silent();
}
END_TEST

START_TEST(several_faults_of_one_unmap_in_their_order)
{
	map(NIC, BASE, 128, FROM);
	unmap(NIC, BASE, 64, TO);
	says("device driver frees DMA memory with different size [device "
	     "address=0x0000000000041000] "
	     "[map size=128 bytes] [unmap size=64 bytes]");
	says("device driver frees DMA memory with different direction "
	     "[device address=0x0000000000041000] [size=64 bytes] [mapped with DMA_FROM_DEVICE] "
	     "[unmapped with DMA_TO_DEVICE]");
	says("device driver failed to check map error[device address=0x0000000000041000] "
	     "[size=64 bytes] [mapped as single]");
	silent();
	no_entries();
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), 3);
}
END_TEST

START_TEST(attributes_that_must_be_the_same)
{
	map_how(NIC, BASE, 64, TO, BASE, REQUIRE_COHERENT, HOW_SINGLE);
	check(NIC, BASE);
	unmap_how(NIC, BASE, 64, TO, SKIP_CPU_SYNC, HOW_SINGLE);
	says("device driver frees DMA memory with different attributes "
	     "[device address=0x0000000000041000] [size=64 bytes] [mapped with 0x1000] "
	     "[unmapped with 0x20]");
	mapped(NIC, BASE, 64, TO); /* SKIP_CPU_SYNC may differ */
	unmap_how(NIC, BASE, 64, TO, SKIP_CPU_SYNC, HOW_SINGLE);
	coherent(NIC, BASE, 64, 1 << 6);
	coherent_free(NIC, BASE, 64, BASE, 0);
	says("device driver frees DMA memory with different attributes "
	     "[device address=0x0000000000041000] [size=64 bytes] [mapped with 0x40] "
	     "[unmapped with 0x0]");
	silent();
}
END_TEST

START_TEST(attributes_are_not_looked_at_by_old_kernels)
{
	map_how(NIC, BASE, 64, TO, BASE, 1 << 9, HOW_SINGLE);
	check(NIC, BASE);
	unmap(NIC, BASE, 64, TO);
	silent();
}
END_TEST

/* ---- two maps of one address ---- */

START_TEST(a_new_map_checks_an_older_one)
{
	map(NIC, BASE, 64, TO);
	map(NIC, BASE, 64, TO);
	unmap(NIC, BASE, 64, TO); /* the older, which is checked by now */
	silent();
	unmap(NIC, BASE, 64, TO);
	says("device driver failed to check map error[device address=0x0000000000041000] "
	     "[size=64 bytes] [mapped as single]");
	silent();
}
END_TEST

START_TEST(of_several_only_a_perfect_one_counts)
{
	mapped(NIC, BASE, 64, TO);
	mapped(NIC, BASE, 128, TO);
	unmap(NIC, BASE, 96, TO);
	says("device driver tries to free DMA memory it has not allocated "
	     "[device address=0x0000000000041000] [size=96 bytes]");
	unmap(NIC, BASE, 128, TO);
	unmap(NIC, BASE, 96, TO); /* now it is the only one */
	says("device driver frees DMA memory with different size [device "
	     "address=0x0000000000041000] "
	     "[map size=64 bytes] [unmap size=96 bytes]");
	silent();
}
END_TEST

START_TEST(looking_in_vain_checks_an_entry)
{
	map(NIC, BASE, 64, TO);
	map(NIC, BASE, 128, TO);  /* the first is checked by this */
	unmap(NIC, BASE, 96, TO); /* and the second by the question whether this is an error */
	says("device driver tries to free DMA memory it has not allocated "
	     "[device address=0x0000000000041000] [size=96 bytes]");
	unmap(NIC, BASE, 64, TO);
	unmap(NIC, BASE, 128, TO);
	silent();
}
END_TEST

START_TEST(a_resource_that_failed_is_kept_by_old_kernels)
{
	EMIT(w, MAP_FAIL, PARTY_CPU, NIC, 0xfed40000, 64, TO, 0, HOW_RESOURCE);
	ck_assert_uint_eq(number(DEBUG_FILE_TOTAL) - number(DEBUG_FILE_NUM_FREE), 1);
	unmap_how(NIC, DMA_MAPPING_ERROR, 64, TO, 0, HOW_RESOURCE);
	says("device driver failed to check map error[device address=0xffffffffffffffff] "
	     "[size=64 bytes] [mapped as resource]");
	EMIT(w, MAP_FAIL, PARTY_CPU, NIC, BASE, 64, TO, 0, HOW_SINGLE);
	no_entries();
	silent();
}
END_TEST

/* ---- sync: checks 10 to 15 ---- */

START_TEST(a_range_that_sticks_out_is_not_allocated)
{
	mapped(NIC, BASE, 0x200, FROM);
	sync(NIC, BASE + 0x1f0, 0x100, FROM, true);
	says("device driver tries to sync DMA memory it has not allocated "
	     "[device address=0x00000000000411f0] [size=256 bytes]");
	sync(NIC, BASE + 0x1f0, 0x10, FROM, true);
	sync(NIC, BASE + 0x200, 0, FROM, true); /* one past the end, of no size */
	silent();
	sync(CARD, BASE, 0x200, FROM, true);
	says_whole("DMA-API: card card.0: device driver tries to sync DMA memory it has not "
		   "allocated [device address=0x0000000000041000] [size=512 bytes]");
	silent();
}
END_TEST

START_TEST(a_range_is_found_from_buckets_before_it)
{
	mapped(NIC, BASE, 1 << 20, FROM);
	sync(NIC, BASE + 0xff000, 0x1000, FROM, true);
	silent();
}
END_TEST

START_TEST(a_range_that_wraps_is_outside)
{
	mapped(NIC, 0, 0x100, FROM);
	sync(NIC, 0, ~0ull, FROM, true); /* sticks out */
	says("device driver tries to sync DMA memory it has not allocated "
	     "[device address=0x0000000000000000] [size=18446744073709551615 bytes]");
	sync(NIC, 0x80, ~0ull, FROM, true); /* its end is before its begin: "contained" */
	says("device driver syncs DMA memory outside allocated range "
	     "[device address=0x0000000000000000] [allocation size=256 bytes] "
	     "[sync offset+size=18446744073709551615]");
	silent();
}
END_TEST

/* Errors by what it is mapped with and synced with; the rows are those of a recorded kernel. */
START_TEST(directions_of_a_sync)
{
	static const struct {
		u32 mapped, synced, for_cpu, for_device;
	} row[] = {{TO, TO, 0, 0},   {TO, FROM, 2, 1},	 {TO, BIDI, 2, 1},
		   {FROM, TO, 1, 2}, {FROM, FROM, 0, 0}, {FROM, BIDI, 1, 2},
		   {BIDI, TO, 0, 0}, {BIDI, FROM, 0, 0}, {BIDI, BIDI, 0, 0}};
	u64 before = 0;

	mapped(NIC, BASE, 64, row[_i].mapped);
	sync(NIC, BASE, 64, row[_i].synced, true);
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT), row[_i].for_cpu);
	before = number(DEBUG_FILE_ERROR_COUNT);
	sync(NIC, BASE, 64, row[_i].synced, false);
	ck_assert_uint_eq(number(DEBUG_FILE_ERROR_COUNT) - before, row[_i].for_device);
}
END_TEST

START_TEST(words_of_a_sync_in_the_wrong_direction)
{
	mapped(NIC, BASE, 64, TO);
	sync(NIC, BASE, 32, FROM, true); /* the size that it names is the mapping's */
	says("device driver syncs DMA memory with different direction "
	     "[device address=0x0000000000041000] [size=64 bytes] [mapped with DMA_TO_DEVICE] "
	     "[synced with DMA_FROM_DEVICE]");
	says("device driver syncs device read-only DMA memory for cpu "
	     "[device address=0x0000000000041000] [size=64 bytes] [mapped with DMA_TO_DEVICE] "
	     "[synced with DMA_FROM_DEVICE]");
	unmap(NIC, BASE, 64, TO);
	mapped(NIC, BASE, 64, FROM);
	sync(NIC, BASE, 64, TO, false);
	says("device driver syncs DMA memory with different direction "
	     "[device address=0x0000000000041000] [size=64 bytes] [mapped with DMA_FROM_DEVICE] "
	     "[synced with DMA_TO_DEVICE]");
	says("device driver syncs device write-only DMA memory to device "
	     "[device address=0x0000000000041000] [size=64 bytes] [mapped with DMA_FROM_DEVICE] "
	     "[synced with DMA_TO_DEVICE]");
	silent();
}
END_TEST

START_TEST(a_list_synced_with_another_count)
{
	sg_map(NIC, BASE, 4, 64, TO);
	sg_sync(NIC, BASE, 2, 64, TO, false);
	for (u32 i = 0; i < 2; i++)
		says("device driver syncs DMA sg list with different entry count [map count=4] "
		     "[sync count=2]");
	sg_sync(NIC, BASE + 0x10000, 4, 64, TO, false); /* a list that it does not know: nothing */
	silent();
}
END_TEST

START_TEST(a_new_kernel_is_confused_by_two_that_contain)
{
	mapped(NIC, BASE, 256, FROM);
	map_how(NIC, BASE + 64, 128, FROM, BASE + 64, 0, HOW_SINGLE);
	sync(NIC, BASE + 64, 128, FROM, true); /* no single is a phy: none is perfect */
	says("device driver tries to sync DMA memory it has not allocated "
	     "[device address=0x0000000000041040] [size=128 bytes]");
	silent();
}
END_TEST

START_TEST(an_old_kernel_knows_the_right_one_of_two)
{
	mapped(NIC, BASE, 256, FROM);
	map_how(NIC, BASE + 64, 128, FROM, BASE + 64, 0, HOW_SINGLE);
	sync(NIC, BASE + 64, 128, FROM, true);
	silent();
}
END_TEST

static Suite *dmadebug_suite(void)
{
	Suite *s = suite_create("dmadebug");
	TCase *c = tcase_create("6.12");

	tcase_add_checked_fixture(c, setup_6, stop);
	tcase_add_test(c, a_right_driver_is_told_nothing);
	tcase_add_test(c, unmapping_an_error_is_invalid);
	tcase_add_test(c, unmapping_what_is_not_mapped);
	tcase_add_test(c, another_size_is_told_and_the_entry_goes);
	tcase_add_test(c, another_function);
	tcase_add_test(c, another_pointer_of_coherent_memory);
	tcase_add_test(c, another_count_of_entries);
	tcase_add_test(c, another_direction_even_of_both);
	tcase_add_test(c, nobody_asked_whether_the_map_was_good);
	tcase_add_test(c, several_faults_of_one_unmap_in_their_order);
	tcase_add_test(c, attributes_are_not_looked_at_by_old_kernels);
	tcase_add_test(c, a_new_map_checks_an_older_one);
	tcase_add_test(c, of_several_only_a_perfect_one_counts);
	tcase_add_test(c, looking_in_vain_checks_an_entry);
	tcase_add_test(c, a_resource_that_failed_is_kept_by_old_kernels);
	tcase_add_test(c, a_range_that_sticks_out_is_not_allocated);
	tcase_add_test(c, a_range_is_found_from_buckets_before_it);
	tcase_add_test(c, a_range_that_wraps_is_outside);
	tcase_add_loop_test(c, directions_of_a_sync, 0, 9);
	tcase_add_test(c, words_of_a_sync_in_the_wrong_direction);
	tcase_add_test(c, a_list_synced_with_another_count);
	tcase_add_test(c, an_old_kernel_knows_the_right_one_of_two);
	suite_add_tcase(s, c);
	c = tcase_create("7.1");
	tcase_add_checked_fixture(c, setup_7, stop);
	tcase_add_test(c, a_right_driver_is_told_nothing);
	tcase_add_test(c, a_new_kernel_has_one_type_for_all_maps);
	tcase_add_test(c, attributes_that_must_be_the_same);
	tcase_add_test(c, a_new_kernel_is_confused_by_two_that_contain);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(dmadebug_suite)
