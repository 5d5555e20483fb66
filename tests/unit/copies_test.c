/* SPDX-License-Identifier: MIT */
/*
 * Copies, case by case: what is old, what is lost, what moves. Without knowledge every write is
 * newer than all others (parties know all); with it, unordered writes leave each other alone.
 */
#include "unit/machine.h"

/* No store buffer: a store is in the cache at once. */
static struct machine *start(bool ignorant)
{
	struct machine *m = mem_zalloc(1, sizeof *m);

	machine_config(m);
	m->cfg.store_entries = 0;
	m->cfg.early_loads = false;
	m->cfg.devs = 1;
	m->ignorant = ignorant;
	machine_start(m);
	machine_watch(m);
	return m;
}

static void stop(struct machine *m)
{
	machine_stop(m);
	mem_free(m);
}

static struct view seen(const struct machine *m, u64 pa, bool memory_only)
{
	struct view v;

	if (memory_only)
		memory_view(&m->hw, pa, &v);
	else
		cpu_peek(&m->hw, pa, MEM_CACHED, 1, &v);
	return v;
}

static bool old_in_memory(const struct machine *m, u64 pa)
{
	return seen(m, pa, true).old & 1;
}

static bool old_in_cache(const struct machine *m, u64 pa)
{
	return seen(m, pa, false).old & 1;
}

START_TEST(test_write_marks_bytes)
{
	struct machine *m = start(_i);

	load(m, 0x1000);
	store(m, 0x1003, 1);
	for (u32 i = 0; i < 64; i++) {
		ck_assert_int_eq(old_in_memory(m, 0x1000 + i), i == 3);
		ck_assert(!old_in_cache(m, 0x1000 + i));
	}
	know_learn_party(m->w, PARTY_DEVICE, PARTY_CPU, EDGE_HAND, 0);
	dev_write(m, 0, 0x1003, 2);
	ck_assert(old_in_cache(m, 0x1003));
	ck_assert(!old_in_memory(m, 0x1003));
	ck_assert_uint_eq(m->lost, 0);
	stop(m);
}
END_TEST

/* Neither knows the other: no copy is marked, whichever goes last nothing is lost. */
START_TEST(test_race)
{
	struct machine *m = start(false);

	load(m, 0x1000);
	store(m, 0x1000, 1);
	dev_write(m, 0, 0x1000, 2);
	ck_assert(!old_in_cache(m, 0x1000));
	ck_assert(!old_in_memory(m, 0x1000));
	cache_invalidate(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 0);
	ck_assert_uint_eq(load(m, 0x1000), 2);
	store(m, 0x1001, 3);
	dev_write(m, 0, 0x1001, 4);
	cache_write_back(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 0);
	stop(m);
}
END_TEST

/* Written back over the newer bytes of a device: these are lost, and those beside them are not. */
START_TEST(test_lost_by_write_back)
{
	struct machine *m = start(_i);

	store(m, 0x1000, 1);
	know_learn_party(m->w, PARTY_DEVICE, PARTY_CPU, EDGE_HAND, 0);
	dev_write(m, 0, 0x1020, 7);
	ck_assert_uint_eq(m->lost, 0);
	cache_write_back(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 1);
	ck_assert_uint_eq(m->lost_pa, 0x1020);
	ck_assert_uint_eq(m->lost_was, 7);
	/* once: nothing of it is left that could be lost again */
	cache_drop(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 1);
	ck_assert(old_in_memory(m, 0x1020));
	stop(m);
}
END_TEST

/* The same with the value that was there: lost is of writes, not of values. */
START_TEST(test_equal_value)
{
	struct machine *m = start(_i);

	store(m, 0x1000, 1);
	know_learn_party(m->w, PARTY_DEVICE, PARTY_CPU, EDGE_HAND, 0);
	dev_write(m, 0, 0x1020, 0);
	ck_assert(old_in_cache(m, 0x1020));
	cache_write_back(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 1);
	ck_assert_uint_eq(m->lost_was, 0);
	ck_assert(old_in_cache(m, 0x1020)); /* of no use any more, and old for ever */
	ck_assert(old_in_memory(m, 0x1020));
	stop(m);
}
END_TEST

START_TEST(test_lost_by_invalidate)
{
	struct machine *m = start(_i);

	store(m, 0x1000, 5);
	cache_invalidate(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 1);
	ck_assert_uint_eq(m->lost_was, 5);
	store(m, 0x1000, 6);
	cache_clean(&m->hw, LEVEL_L1, 0x1000);
	ck_assert(!old_in_memory(m, 0x1000));
	cache_invalidate(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 1);
	stop(m);
}
END_TEST

/* A store through another mapping goes by the cache: the line that stays there is old. */
START_TEST(test_uncached_alias)
{
	struct machine *m = start(_i);
	cpu_addr_t at;
	u8 x = 9;

	load(m, 0x1000);
	ck_assert(va_map(&m->hw, (phys_addr_t){0x1000}, 4096, MEM_UNCACHED, &at));
	ck_assert_int_eq(cpu_store(&m->hw, at, 1, &x, true), ACCESS_OK);
	ck_assert(!old_in_memory(m, 0x1000));
	ck_assert(old_in_cache(m, 0x1000));
	stop(m);
}
END_TEST

START_TEST(test_undefined_travels)
{
	struct machine *m = start(_i);

	copies_reset(m->w, 0x1000, 16);
	ck_assert_uint_eq(load_view(m, 0x100f, 0).und, 1);
	ck_assert_uint_eq(load_view(m, 0x1010, 0).und, 0);
	store(m, 0x100f, 0);
	ck_assert_uint_eq(load_view(m, 0x100f, 0).und, 0);
	ck_assert_uint_eq(seen(m, 0x100f, true).und, 1); /* the copy that is old */
	cache_clean(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(seen(m, 0x100f, true).und, 0);
	ck_assert_uint_eq(seen(m, 0x100e, true).und, 1);
	ck_assert_int_eq(cpu_copy(&m->hw, (phys_addr_t){0x1103}, (phys_addr_t){0x100e}, 2, true),
			 ACCESS_OK);
	ck_assert_uint_eq(load_view(m, 0x1103, 0).und, 1);
	ck_assert_uint_eq(load_view(m, 0x1104, 0).und, 0);
	copies_defined(m->w, 0x1000, 16);
	ck_assert_uint_eq(load_view(m, 0x100e, 0).und, 0);
	stop(m);
}
END_TEST

START_TEST(test_discard_and_hand_back)
{
	struct machine *m = start(_i);

	copies_discard(m->w, 0x1004, 100); /* two lines */
	ck_assert_uint_eq(copies_discardable(m->w, 0x1000, 64), ~0ull << 4);
	ck_assert_uint_eq(copies_discardable(m->w, 0x1040, 64), (1ull << 40) - 1);
	dev_write(m, 0, 0x1006, 1);
	store(m, 0x1008, 1);
	ck_assert_uint_eq(copies_discardable(m->w, 0x1000, 16), 0xfeb0);
	copies_handback(m->w, 0x1000, 16);
	ck_assert_uint_eq(copies_discardable(m->w, 0x1000, 16), 0);
	ck_assert_uint_eq(copies_leftover(m->w, 0x1000, 16), 0xfeb0);
	ck_assert_uint_eq(load_view(m, 0x1004, 0).und, 1);
	ck_assert_uint_eq(load_view(m, 0x1008, 0).und, 0);
	ck_assert_uint_eq(copies_discardable(m->w, 0x1010, 1), 1); /* beyond the range */
	store(m, 0x1004, 1);
	ck_assert_uint_eq(copies_leftover(m->w, 0x1000, 16), 0xfea0);
	stop(m);
}
END_TEST

/* ---- bounce links ---- */

static u16 link_at(struct machine *m, u64 home, u64 slot, u64 len)
{
	return link_begin(&m->hw, (phys_addr_t){home}, (phys_addr_t){slot}, len);
}

static void copy(struct machine *m, u64 dst, u64 src, u32 n, bool in)
{
	ck_assert_int_eq(cpu_copy(&m->hw, (phys_addr_t){dst}, (phys_addr_t){src}, n, in),
			 ACCESS_OK);
}

/* Odd offsets, over the edge of a line on both sides: byte i of the slot is byte i of the home. */
START_TEST(test_link_offsets)
{
	struct machine *m = start(_i);
	u16 l = link_at(m, 0x103d, 0x3075, 20);

	ck_assert_uint_ne(l, 0);
	ck_assert_uint_eq(link_home(m->w, 0x3075), 0x103d);
	ck_assert_uint_eq(link_home(m->w, 0x3088), 0x1050);
	ck_assert_uint_eq(link_home(m->w, 0x3089), 0x3089);
	ck_assert_uint_eq(link_home(m->w, 0x3074), 0x3074);
	copy(m, 0x3075, 0x103d, 3, true);
	copy(m, 0x3078, 0x1040, 8, true);
	cache_clean(&m->hw, LEVEL_L1, 0x3040);
	cache_clean(&m->hw, LEVEL_L1, 0x3080);
	for (u32 i = 0; i < 20; i++) /* copied in: as good as the original; else nothing's copy */
		ck_assert_int_eq(old_in_memory(m, 0x3075 + i), i >= 11);
	dev_write(m, 0, 0x3079, 8);
	for (u32 i = 0; i < 20; i++)
		ck_assert_int_eq(old_in_cache(m, 0x103d + i), i == 4);
	know_learn_party(m->w, PARTY_CPU, PARTY_DEVICE, EDGE_HAND, 0);
	store(m, 0x1040, 9);
	for (u32 i = 0; i < 11; i++)
		ck_assert_int_eq(old_in_memory(m, 0x3075 + i), i == 3);
	ck_assert_uint_eq(m->lost, 0);
	stop(m);
}
END_TEST

/* The slot goes without a copy-out: what the device wrote is lost, and that alone. */
START_TEST(test_unlink_loses)
{
	struct machine *m = start(_i);
	u16 l = link_at(m, 0x1003, 0x3005, 40);

	for (u32 i = 0; i < 40; i += 8 - (0x3005 + i) % 8) {
		u32 n = 8 - (0x3005 + i) % 8;

		copy(m, 0x3005 + i, 0x1003 + i, n < 40 - i ? n : 40 - i, true);
	}
	cache_clean(&m->hw, LEVEL_L1, 0x3000);
	cache_invalidate(&m->hw, LEVEL_L1, 0x3000);
	dev_write(m, 0, 0x3005 + 7, 1);
	link_end(&m->hw, l);
	ck_assert_uint_eq(m->lost, 1);
	ck_assert_uint_eq(m->lost_pa, 0x1003 + 7);
	ck_assert_uint_eq(m->lost_was, 1);
	ck_assert_uint_eq(link_home(m->w, 0x3005), 0x3005);
	stop(m);
}
END_TEST

/* Copied out first, it is the home's and nothing is lost. */
START_TEST(test_copy_out)
{
	struct machine *m = start(_i);
	u16 l = link_at(m, 0x1003, 0x3005, 8);

	dev_write(m, 0, 0x3006, 4);
	ck_assert(old_in_memory(m, 0x1004));
	copy(m, 0x1004, 0x3006, 1, false);
	ck_assert(!old_in_cache(m, 0x1004));
	ck_assert_uint_eq(load(m, 0x1004), 4);
	link_end(&m->hw, l);
	ck_assert_uint_eq(m->lost, 0);
	stop(m);
}
END_TEST

/* A slot never filled, copied out over the CPU's store: the store is lost. */
START_TEST(test_copy_out_of_garbage)
{
	struct machine *m = start(_i);

	store(m, 0x1003, 6);
	link_at(m, 0x1003, 0x3005, 8);
	copy(m, 0x1003, 0x3005, 1, false);
	ck_assert_uint_eq(m->lost, 1);
	ck_assert_uint_eq(m->lost_pa, 0x1003);
	ck_assert_uint_eq(m->lost_was, 6);
	stop(m);
}
END_TEST

/* One original, two slots: a write to one makes the home and the other slot old. */
START_TEST(test_two_slots)
{
	struct machine *m = start(_i);
	u16 a = link_at(m, 0x1000, 0x3000, 8), b = link_at(m, 0x1000, 0x4004, 8);

	ck_assert_uint_ne(a, b);
	copy(m, 0x3000, 0x1000, 1, true);
	copy(m, 0x4004, 0x1000, 1, true);
	cache_clean(&m->hw, LEVEL_L1, 0x3000);
	cache_invalidate(&m->hw, LEVEL_L1, 0x3000);
	cache_clean(&m->hw, LEVEL_L1, 0x4000);
	cache_invalidate(&m->hw, LEVEL_L1, 0x4000);
	dev_write(m, 0, 0x3000, 1);
	ck_assert(old_in_memory(m, 0x1000));
	ck_assert(old_in_memory(m, 0x4004));
	ck_assert(!old_in_memory(m, 0x3000));
	link_end(&m->hw, b);
	ck_assert_uint_eq(m->lost, 0); /* an old copy of it went */
	link_end(&m->hw, a);
	ck_assert_uint_eq(m->lost, 1);
	stop(m);
}
END_TEST

/* ---- the short way of stores is the long way ---- */

START_TEST(test_simple_store)
{
	struct rng r = rng_seed("short and long stores", 11000);
	struct machine *m[2] = {start(true), start(true)};

	m[0]->w->ops.ctx = &m[0]->hw;
	ck_assert(m[0]->hw.simple);
	m[1]->hw.simple = false;
	for (u32 i = 0; i < 2; i++)
		world_hash_on(m[i]->w);
	for (u32 i = 0; i < 4000; i++) {
		u64 pa = 0x1000 + rng_below(&r, 512);
		u32 what = rng_below(&r, 8), n = 1 + rng_below(&r, 8 - (u32)(pa & 7));
		u64 data = rng_next(&r) & 0x0101010101010101;

		for (u32 k = 0; k < 2; k++) {
			u64 line = align_down(pa, 64);

			if (what < 4)
				cpu_store(&m[k]->hw, va(m[k], pa), n, (const u8 *)&data, true);
			else if (what == 4)
				load(m[k], pa);
			else if (what == 5)
				dev_write(m[k], 0, pa, (u8)data);
			else if (what == 6)
				cache_invalidate(&m[k]->hw, LEVEL_L1, line);
			else
				copies_discard(m[k]->w, pa, n);
		}
		HOLDS(world_hash(m[0]->w) == world_hash(m[1]->w));
		HOLDS(m[0]->lost == m[1]->lost);
	}
	ck_assert_uint_gt(m[0]->lost, 0);
	stop(m[0]);
	stop(m[1]);
}
END_TEST

START_TEST(test_bits)
{
	struct rng r = rng_seed("bits", 11001);
	struct world *w = world_new(false);
	u32 off = world_region(w, "bits", 64, CHUNK, REGION_RAW, NULL);
	bool is[256] = {false};

	world_start(w);
	for (u32 i = 0; i < 20000; i++) {
		u32 bit = rng_below(&r, 190), n = 1 + rng_below(&r, 64);
		u64 v = rng_next(&r), got;

		bits_set(w, off, off, bit, n, v);
		for (u32 b = 0; b < n; b++)
			is[bit + b] = v >> b & 1;
		bit = rng_below(&r, 190), n = 1 + rng_below(&r, 64);
		got = bits_get(w, off, bit, n);
		for (u32 b = 0; b < 64; b++)
			HOLDS((got >> b & 1) == (b < n && is[bit + b]));
	}
	world_free(w);
}
END_TEST

static Suite *copies_suite(void)
{
	Suite *s = suite_create("copies");
	TCase *t = tcase_create("bits");

	tcase_add_test(t, test_bits);
	tcase_add_loop_test(t, test_write_marks_bytes, 0, 2);
	tcase_add_test(t, test_race);
	tcase_add_loop_test(t, test_lost_by_write_back, 0, 2);
	tcase_add_loop_test(t, test_equal_value, 0, 2);
	tcase_add_loop_test(t, test_lost_by_invalidate, 0, 2);
	tcase_add_loop_test(t, test_uncached_alias, 0, 2);
	tcase_add_loop_test(t, test_undefined_travels, 0, 2);
	tcase_add_loop_test(t, test_discard_and_hand_back, 0, 2);
	tcase_add_test(t, test_simple_store);
	suite_add_tcase(s, t);
	t = tcase_create("links");
	tcase_add_loop_test(t, test_link_offsets, 0, 2);
	tcase_add_loop_test(t, test_unlink_loses, 0, 2);
	tcase_add_loop_test(t, test_copy_out, 0, 2);
	tcase_add_loop_test(t, test_copy_out_of_garbage, 0, 2);
	tcase_add_loop_test(t, test_two_slots, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(copies_suite)
