/* SPDX-License-Identifier: MIT */
/*
 * The block: regions, accessors, the incremental hash, and the two proofs that nothing escapes the
 * journal, each seen to fire on a write that was planted.
 */
#include <signal.h>

#include "base/bug.h"
#include "unit/machine.h"

/* A write past the accessors: what the proofs are there to find. */
static void plant(const struct world *w, u32 off, u8 value)
{
	*(u8 *)(uintptr_t)(w->rd + off) = value;
}

START_TEST(test_hash_follows_accessors)
{
	struct world *w = world_new(false);
	u32 raw = world_region(w, "raw", 256, CHUNK, REGION_RAW, NULL);
	u32 out = world_region(w, "out", 256, CHUNK, REGION_UNHASHED, NULL);
	u8 value = 7;
	u64 empty;

	world_start(w);
	world_hash_on(w);
	empty = world_hash(w);
	ck_assert_uint_eq(empty, 0); /* nothing but zeros counts as nothing */
	world_write(w, world_at(w, raw + 100), &value, 1);
	ck_assert_uint_ne(world_hash(w), empty);
	ck_assert_uint_eq(world_hash(w), world_hash_scratch(w));
	value = 0;
	world_write(w, world_at(w, raw + 100), &value, 1);
	ck_assert_uint_eq(world_hash(w), empty);
	value = 9;
	world_write(w, world_at(w, out), &value, 1);
	ck_assert_uint_eq(world_hash(w), empty);
	memset(world_mut(w, raw + 60, 70), 1, 70); /* three chunks */
	ck_assert_uint_eq(world_hash(w), world_hash_scratch(w));
	world_free(w);
}
END_TEST

/* The same bytes at another place are another state; a cell's place is its key. */
START_TEST(test_hash_of_places)
{
	u64 h[2], key = 0x1000;
	u8 one = 1;

	for (u32 i = 0; i < 2; i++) {
		struct world *w = world_new(false);
		u32 raw = world_region(w, "raw", 256, CHUNK, REGION_RAW, NULL);

		world_start(w);
		world_hash_on(w);
		world_write(w, world_at(w, raw + i * CHUNK), &one, 1);
		h[i] = world_hash(w);
		world_free(w);
	}
	ck_assert_uint_ne(h[0], h[1]);
	for (u32 i = 0; i < 2; i++) {
		struct world *w = world_new(false);
		u32 off;

		world_set_cells(w, 64, true, false, 1);
		off = world_region(w, "cells", 4ull * w->cell.stride, w->cell.stride, REGION_CELL,
				   NULL) +
		      i * w->cell.stride;
		world_start(w);
		world_hash_on(w);
		world_write(w, world_at(w, off + 20), &one, 1);
		ck_assert_uint_eq(world_hash(w), 0); /* no key: absent, whatever it holds */
		world_write(w, world_at(w, off), &key, 8);
		h[i] = world_hash(w);
		ck_assert_uint_eq(h[i], world_hash_scratch(w));
		world_free(w);
	}
	ck_assert_uint_eq(h[0], h[1]);
	ck_assert_uint_ne(h[0], 0);
}
END_TEST

/* Each bit of a cell that is state changes the hash: data, old, undefined, discardable, left. */
START_TEST(test_every_bit_counts)
{
	struct world *w = world_new(false);
	u32 off;
	u64 key = 0x1000, h;

	world_set_cells(w, 16, true, true, 2);
	off = world_region(w, "cells", w->cell.stride, w->cell.stride, REGION_CELL, NULL);
	world_start(w);
	world_write(w, world_at(w, off), &key, 8);
	world_hash_on(w);
	h = world_hash(w);
	for (u32 bit = 0; bit < 8 * w->cell.left + 16; bit++) {
		u8 b = (u8)(*(const u8 *)world_at(w, off + bit / 8) ^ 1u << bit % 8);

		world_write(w, world_at(w, off + bit / 8), &b, 1);
		HOLDS(world_hash(w) != h);
		b ^= (u8)(1u << bit % 8);
		world_write(w, world_at(w, off + bit / 8), &b, 1);
		HOLDS(world_hash(w) == h);
	}
	world_free(w);
}
END_TEST

START_TEST(test_escape_is_found)
{
	struct machine m;
	struct mark mark;
	u8 *shadow;
	u32 len;

	machine_config(&m);
	machine_start(&m);
	store(&m, 0x1000, 1);
	drain_all(&m);
	mark = world_mark(m.w);
	len = m.w->used;
	shadow = memcpy(mem_zalloc(len, 1), m.w->rd, len);
	store(&m, 0x2008, 2); /* a page more: the shadow is shorter */
	drain_all(&m);
	ck_assert_uint_gt(m.w->used, len - 1);
	ck_assert_int_eq(world_escaped(m.w, &mark, shadow, len), -1);
	plant(m.w, m.hw.link + 341, 5);
	ck_assert_int_eq(world_escaped(m.w, &mark, shadow, len), m.hw.link + 341);
	plant(m.w, m.hw.link + 341, 0);
	ck_assert_int_eq(world_escaped(m.w, &mark, shadow, len), -1);
	plant(m.w, m.w->used - 1, 1); /* in memory that the shadow had not */
	ck_assert_int_eq(world_escaped(m.w, &mark, shadow, len), m.w->used - 1);
	mem_free(shadow);
	machine_stop(&m);
}
END_TEST

/* A write through an accessor's pointer that goes beyond the range asked for is an escape too. */
START_TEST(test_overlong_write_is_found)
{
	struct machine m;
	struct mark mark;
	u8 *shadow, *p;

	machine_config(&m);
	machine_start(&m);
	mark = world_mark(m.w);
	shadow = memcpy(mem_zalloc(m.w->used, 1), m.w->rd, m.w->used);
	p = world_mut(m.w, m.hw.link + 16, 4);
	memset(p, 1, 4);
	ck_assert_int_eq(world_escaped(m.w, &mark, shadow, m.w->used), -1);
	p[4] = 1;
	ck_assert_int_eq(world_escaped(m.w, &mark, shadow, m.w->used), m.hw.link + 20);
	mem_free(shadow);
	machine_stop(&m);
}
END_TEST

START_TEST(test_double_mapping_kills)
{
	struct machine m;

	machine_config(&m);
	m.doubled = true;
	machine_start(&m);
	ck_assert(m.w->doubled);
	store(&m, 0x1000, 1);
	ck_assert_uint_eq(load(&m, 0x1000), 1);
	plant(m.w, m.hw.link, 1);
}
END_TEST

/*
 * The walk under both proofs: readers see a read-only mapping, and after each act the block is
 * undone on a copy and compared.
 */
START_TEST(test_walk_under_proofs)
{
	struct rng r = rng_seed("walk under proofs", 5000 + (u64)_i);
	struct machine m;
	u32 pages = 0;

	machine_config(&m);
	m.doubled = true;
	if (_i)
		m.cfg.outer = (struct cache_config){.sets = 8, .ways = 1};
	/* small worlds are compared faster: without the room for records */
	m.ignorant = _i;
	machine_start(&m);
	ck_assert(m.w->doubled);
	world_hash_on(m.w);
	for (u32 i = 0; i < (_i ? 1500 : 60); i++) {
		struct mark mark = world_mark(m.w);
		u32 len = m.w->used;
		u8 *shadow = memcpy(mem_zalloc(len, 1), m.w->rd, len);
		s64 bad;

		walk_act(&m, &r);
		pages += m.w->used > len;
		bad = world_escaped(m.w, &mark, shadow, len);
		if (bad >= 0)
			ck_abort_msg("act %u: byte %lld escaped, in %s", i, (long long)bad,
				     m.w->region[m.w->region_of_page[bad >> 12] - 1].name);
		HOLDS(world_hash(m.w) == world_hash_scratch(m.w));
		mem_free(shadow);
	}
	ck_assert_uint_gt(pages, 0);
	machine_stop(&m);
}
END_TEST

START_TEST(test_write_to_offset_zero_is_a_bug)
{
	struct world *w = world_new(false);
	u8 one = 1;

	world_start(w);
	world_write(w, world_at(w, 0), &one, 1);
}
END_TEST

START_TEST(test_first_limit_counts)
{
	struct world *w = world_new(false);

	ck_assert_uint_eq(world_now(w)->limit, LIMIT_NONE);
	world_limit(w, LIMIT_BLOCK);
	world_limit(w, LIMIT_EVENTS);
	ck_assert_uint_eq(world_now(w)->limit, LIMIT_BLOCK);
	ck_assert_str_eq(limit_text(LIMIT_BLOCK), "memory touched by one run");
	world_free(w);
}
END_TEST

static Suite *world_suite(void)
{
	Suite *s = suite_create("world");
	TCase *t = tcase_create("hash");

	tcase_add_test(t, test_hash_follows_accessors);
	tcase_add_test(t, test_hash_of_places);
	tcase_add_test(t, test_every_bit_counts);
	tcase_add_test(t, test_first_limit_counts);
	tcase_add_exit_test(t, test_write_to_offset_zero_is_a_bug, 4);
	suite_add_tcase(s, t);
	t = tcase_create("proofs");
	tcase_add_test(t, test_escape_is_found);
	tcase_add_test(t, test_overlong_write_is_found);
	tcase_add_loop_test(t, test_walk_under_proofs, 0, 2);
#ifdef __SANITIZE_ADDRESS__
	/* the sanitizer has a handler of its own for the signal: it reports and exits with 1 */
	tcase_add_exit_test(t, test_double_mapping_kills, 1);
#else
	tcase_add_test_raise_signal(t, test_double_mapping_kills, SIGSEGV);
#endif
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(world_suite)
