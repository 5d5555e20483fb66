/* SPDX-License-Identifier: MIT */
/* Cost units: which row an event counts in, whatever stands around it, and the sums. */
#include "unit/machine.h"

#include "core/maphow.h"
#include "report/units.h"

static struct machine m;
static struct machine_config cfg;
static struct units u;

static void setup(void)
{
	machine_config(&m);
	machine_start(&m);
	memset(&cfg, 0, sizeof cfg);
	cfg.hw = m.cfg;
}

static void teardown(void)
{
	machine_stop(&m);
}

static void count(void)
{
	units_count(&cfg, m.w->log, &u);
}

START_TEST(accesses)
{
	EMIT(m.w, LOAD_CACHE, PARTY_CPU, 0, 0x1000, 8, 0);
	EMIT(m.w, STORE_BUFFERED, PARTY_CPU, 0, 0x1000, 8, 0);
	EMIT(m.w, DRAIN, PARTY_CPU, 0, 0x1000, 8, 0); /* to a line: the store has its unit */
	EMIT(m.w, LOAD_MEMORY, PARTY_CPU, 0, 0x1000, 8, 0);
	EMIT(m.w, STORE_MEMORY, PARTY_CPU, 0, 0x1000, 8, 0);
	EMIT(m.w, DMA_READ, PARTY_DEVICE, 0, 0x1000, 0x1000, 8, 0);
	/* Of a scatterlist each entry has its map; what dma-debug keeps besides costs nothing. */
	EMIT(m.w, SG_MAP, PARTY_CPU, 0, 0x1000, 64, 0x1000, 0, 0, 1, 1);
	count();
	ck_assert_uint_eq(u.n[COST_HIT], 2);
	ck_assert_uint_eq(u.n[COST_UNCACHED_LOAD], 1);
	ck_assert_uint_eq(u.n[COST_UNCACHED_STORE], 1);
	ck_assert_uint_eq(units_of(&u, GROUP_CPU), 2 * cost_info(COST_HIT)->weight);
	ck_assert_uint_eq(units_total(&u), 2 * cost_info(COST_HIT)->weight +
					       cost_info(COST_UNCACHED_LOAD)->weight +
					       cost_info(COST_UNCACHED_STORE)->weight);
}
END_TEST

/* A store that drains to uncached memory is a write there: from the call that makes it on, as that
 * fills it, until it is freed. */
START_TEST(uncached_while_it_lives)
{
	EMIT(m.w, DRAIN, PARTY_CPU, 0, 0x4000, 8, 0);
	EMIT(m.w, CALL, PARTY_CPU, 0, 0);
	EMIT(m.w, DRAIN, PARTY_CPU, 0, 0x4ff8, 8, 0); /* the page is filled, not only 64 bytes */
	EMIT(m.w, COHERENT_ALLOC, PARTY_CPU, 0, 0x4000, 0xffff800000000000, 64, 0x4000, 1);
	EMIT(m.w, DRAIN, PARTY_CPU, 0, 0x4000, 8, 0);
	EMIT(m.w, DRAIN, PARTY_CPU, 0, 0x5000, 8, 0); /* another page */
	EMIT(m.w, COHERENT_FREE, PARTY_CPU, 0, 0x4000, 0xffff800000000000, 64, 0x4000);
	EMIT(m.w, DRAIN, PARTY_CPU, 0, 0x4000, 8, 0);
	EMIT(m.w, COHERENT_ALLOC, PARTY_CPU, 0, 0x8000, 0xffff000000008000, 64, 0x8000, 0);
	EMIT(m.w, DRAIN, PARTY_CPU, 0, 0x8000, 8, 0); /* cached: the device looks there */
	EMIT(m.w, COHERENT_ALLOC, PARTY_CPU, 0, 0x9000, 0, 64, 0x9000, 0, HOW_NONCOHERENT);
	EMIT(m.w, COHERENT_FREE, PARTY_CPU, 0, 0x9000, 0, 64, 0x9000, HOW_NONCOHERENT);
	count();
	ck_assert_uint_eq(u.n[COST_UNCACHED_STORE], 2);
	ck_assert_uint_eq(u.n[COST_COHERENT], 3);
	ck_assert_uint_eq(u.n[COST_ALLOC], 2); /* dma_alloc_pages(): ordinary pages */
	cfg.hw.l1.sets = 0;		       /* without a cache all of them are */
	count();
	ck_assert_uint_eq(u.n[COST_UNCACHED_STORE], 6);
}
END_TEST

/* What a device's write makes of a line is no operation of the kernel's. */
START_TEST(snooped)
{
	EMIT(m.w, WRITE_BACK, PARTY_CPU, 0, 0x1000, 0);
	EMIT(m.w, INVALIDATE, PARTY_CPU, 0, 0x1000, 0, 1);
	EMIT(m.w, DMA_WRITE, PARTY_DEVICE, 1, 0x1010, 0x1010, 8, 0);
	count();
	ck_assert_uint_eq(units_total(&u), 0);
	EMIT(m.w, INVALIDATE, PARTY_CPU, 0, 0x2000, 0, 0);
	EMIT(m.w, DMA_WRITE, PARTY_DEVICE, 1, 0x1010, 0x1010, 8, 0); /* another line */
	EMIT(m.w, INVALIDATE, PARTY_CPU, 0, 0x1000, 0, 0);
	EMIT(m.w, WRITE_BACK, PARTY_CPU, 0, 0x1000, 0);
	count();
	ck_assert_uint_eq(u.n[COST_INVALIDATE], 2);
	ck_assert_uint_eq(u.n[COST_WRITE_BACK], 1);
}
END_TEST

START_TEST(levels)
{
	EMIT(m.w, FILL, PARTY_CPU, 0, 0x1000, LEVEL_L1);
	EMIT(m.w, CLEAN, PARTY_CPU, 0, 0x1000, LEVEL_L1);
	EMIT(m.w, CLEAN, PARTY_CPU, 0, 0x1000, LEVEL_OUTER);
	EMIT(m.w, SPEC_FILL, PARTY_CPU, 0, 0x2000, LEVEL_L1);
	count();
	ck_assert_uint_eq(u.n[COST_FILL], 1);
	ck_assert_uint_eq(u.n[COST_CLEAN], 1);
	ck_assert_uint_eq(u.n[COST_OUTER], 1);
	ck_assert_uint_eq(u.n[COST_FILL_ALONE], 1);
	EMIT(m.w, FILL, PARTY_CPU, 0, 0x1000, LEVEL_OUTER);
	cfg.hw.outer = cfg.hw.l1; /* now L1 is filled from there */
	count();
	ck_assert_uint_eq(u.n[COST_FILL], 1);
	ck_assert_uint_eq(u.n[COST_FILL_NEAR], 1);
}
END_TEST

START_TEST(barriers)
{
	EMIT(m.w, BARRIER, PARTY_CPU, 0, BARRIER_DMA_WMB);
	EMIT(m.w, BARRIER, PARTY_CPU, 0, BARRIER_SMP_MB);
	EMIT(m.w, BARRIER, PARTY_CPU, 0, BARRIER_WMB);
	EMIT(m.w, BARRIER, PARTY_CPU, 0, BARRIER_MB);
	count();
	ck_assert_uint_eq(u.n[COST_ORDER], 2);
	ck_assert_uint_eq(u.n[COST_WAIT], 2);
	cfg.hw.order = ORDER_TSO; /* the first two are for the compiler */
	count();
	ck_assert_uint_eq(u.n[COST_ORDER], 0);
	ck_assert_uint_eq(u.n[COST_WAIT], 2);
}
END_TEST

/* Every row belongs to a group and has a weight and a reason; the groups' letters differ. */
START_TEST(table)
{
	for (u32 i = 0; i < COST_ROWS; i++) {
		const struct cost_info *c = cost_info((enum cost_row)i);

		ck_assert_uint_lt(c->group, COST_GROUPS);
		ck_assert_uint_gt(c->weight, 0);
		ck_assert_uint_gt(strlen(c->reason), 20);
		u = (struct units){0};
		u.n[i] = 3;
		ck_assert_uint_eq(units_total(&u), 3 * c->weight);
		ck_assert_uint_eq(units_of(&u, c->group), 3 * c->weight);
	}
	for (u32 a = 0; a < COST_GROUPS; a++)
		for (u32 b = a + 1; b < COST_GROUPS; b++)
			ck_assert_int_ne(cost_group_letter((enum cost_group)a),
					 cost_group_letter((enum cost_group)b));
}
END_TEST

static Suite *units_suite(void)
{
	Suite *s = suite_create("units");
	TCase *t = tcase_create("units");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, accesses);
	tcase_add_test(t, uncached_while_it_lives);
	tcase_add_test(t, snooped);
	tcase_add_test(t, levels);
	tcase_add_test(t, barriers);
	tcase_add_test(t, table);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(units_suite)
