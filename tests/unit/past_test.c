/* SPDX-License-Identifier: MIT */
/* Early loads: which older versions a weak core may still answer with, and what ends that. */
#include "unit/machine.h"

static struct machine *start(void)
{
	struct machine *m = mem_zalloc(1, sizeof *m);

	machine_config(m);
	m->cfg.l1.sets = 1;
	m->cfg.l1.ways = 4;
	machine_start(m);
	copies_reset(m->w, 0x1000, 256); /* memory that was given to the driver */
	copies_defined(m->w, 0x1000, 256);
	return m;
}

static void stop(struct machine *m)
{
	machine_stop(m);
	mem_free(m);
}

static u32 versions(const struct machine *m, u64 pa)
{
	return cpu_versions(&m->hw, va(m, pa), 1, 0);
}

START_TEST(test_versions)
{
	struct machine *m = start();

	ck_assert_uint_eq(versions(m, 0x1000), 0);
	for (u8 i = 1; i <= 3; i++)
		dev_write(m, DEV_SNOOPS, 0x1000, i);
	ck_assert_uint_eq(versions(m, 0x1000), 3);
	ck_assert_uint_eq(versions(m, 0x1001), 0);
	ck_assert_uint_eq(versions(m, 0x1008), 0);
	ck_assert_uint_eq(load_view(m, 0x1000, 3).data[0], 0);
	/* nothing is older than the oldest: all are still there */
	ck_assert_uint_eq(versions(m, 0x1000), 3);
	ck_assert_uint_eq(load_view(m, 0x1000, 2).data[0], 1);
	ck_assert_uint_eq(versions(m, 0x1000), 2); /* the same byte never goes back */
	ck_assert_uint_eq(load_view(m, 0x1000, 1).data[0], 2);
	ck_assert_uint_eq(versions(m, 0x1000), 1);
	ck_assert_uint_eq(load(m, 0x1000), 3);
	ck_assert_uint_eq(versions(m, 0x1000), 0);
	ck_assert_uint_eq(events_of(m, EV_LOAD_EARLY), 3);
	stop(m);
}
END_TEST

/* The same value is a version of its own: what is chosen is a write. */
START_TEST(test_equal_values)
{
	struct machine *m = start();

	dev_write(m, DEV_SNOOPS, 0x1000, 0);
	ck_assert_uint_eq(versions(m, 0x1000), 1);
	ck_assert_uint_eq(load_view(m, 0x1000, 1).old & 1, 1);
	ck_assert_uint_eq(load_view(m, 0x1000, 0).old & 1, 0);
	stop(m);
}
END_TEST

/* What orders loads, and what does not. */
START_TEST(test_what_orders)
{
	static const bool orders[BARRIER_KINDS] = {
	    [BARRIER_DMA_RMB] = true,
	    [BARRIER_DMA_MB] = true,
	    [BARRIER_RMB] = true,
	    [BARRIER_MB] = true,
	};
	struct machine *m = start();

	W_SET(m->w, hw_dev(&m->hw, 0)->irq_handler, 1u);
	for (u32 k = 0; k < BARRIER_KINDS; k++) {
		dev_write(m, DEV_SNOOPS, 0x1000, (u8)k);
		ck_assert_uint_eq(versions(m, 0x1000), 1);
		cpu_barrier(&m->hw, (enum barrier_kind)k);
		ck_assert_uint_eq(versions(m, 0x1000), orders[k] ? 0 : 1);
		cpu_order_loads(&m->hw);
	}
	dev_write(m, DEV_SNOOPS, 0x1000, 1);
	mmio_read(&m->hw, 0, 0, 4, true);
	ck_assert_uint_eq(versions(m, 0x1000), 1);
	mmio_read(&m->hw, 0, 0, 4, false);
	ck_assert_uint_eq(versions(m, 0x1000), 0);
	dev_write(m, DEV_SNOOPS, 0x1000, 2);
	irq_raise(&m->hw, 0);
	ck_assert_uint_eq(versions(m, 0x1000), 1);
	irq_enter(&m->hw, 0);
	ck_assert_uint_eq(versions(m, 0x1000), 0);
	ck_assert_uint_eq(hw_cpu(&m->hw)->load_clock, 0);
	stop(m);
}
END_TEST

/* The core's own store: an earlier version of that byte is out of reach, of others is not. */
START_TEST(test_own_store)
{
	struct machine *m = start();

	dev_write(m, DEV_SNOOPS, 0x1000, 1);
	dev_write(m, DEV_SNOOPS, 0x1001, 1);
	store(m, 0x1000, 2);
	ck_assert_uint_eq(versions(m, 0x1000), 0);
	ck_assert_uint_eq(versions(m, 0x1001), 1);
	ck_assert_uint_eq(load(m, 0x1000), 2);
	stop(m);
}
END_TEST

/* A load of one byte leaves the versions of the others, also in one granule. */
START_TEST(test_bytes_of_a_granule)
{
	struct machine *m = start();
	const u8 two[2] = {1, 2};

	ck_assert(dma_write(&m->hw, DEV_SNOOPS, (dma_addr_t){0x1000}, 2, two, false));
	ck_assert_uint_eq(versions(m, 0x1000), 1);
	ck_assert_uint_eq(cpu_versions(&m->hw, va(m, 0x1000), 2, 0), 1);
	ck_assert_uint_eq(cpu_versions(&m->hw, va(m, 0x1000), 4, 0), 0); /* no such whole */
	ck_assert_uint_eq(load(m, 0x1000), 1);
	ck_assert_uint_eq(versions(m, 0x1000), 0);
	ck_assert_uint_eq(versions(m, 0x1001), 1);
	ck_assert_uint_eq(load_view(m, 0x1001, 1).data[0], 0);
	stop(m);
}
END_TEST

/* An address computed from a loaded value orders: nothing from before that value's time. */
START_TEST(test_dependency)
{
	struct machine *m = start();
	struct view v;
	u32 time;

	dev_write(m, DEV_SNOOPS, 0x1010, 1); /* the data */
	dev_write(m, DEV_SNOOPS, 0x1000, 1); /* the index */
	ck_assert_int_eq(cpu_load(&m->hw, va(m, 0x1000), 1, true, 0, 0, &v, &time), ACCESS_OK);
	ck_assert_uint_eq(v.data[0], 1);
	ck_assert_uint_gt(time, 0);
	ck_assert_uint_eq(versions(m, 0x1010), 1);
	ck_assert_uint_eq(cpu_versions(&m->hw, va(m, 0x1010), 1, time), 0);
	stop(m);
}
END_TEST

/* An older index bounds nothing that came after it. */
START_TEST(test_dependency_on_older)
{
	struct machine *m = start();
	struct view v;
	u32 time;

	dev_write(m, DEV_SNOOPS, 0x1000, 1);
	dev_write(m, DEV_SNOOPS, 0x1010, 1);
	ck_assert_int_eq(cpu_load(&m->hw, va(m, 0x1000), 1, true, 1, 0, &v, &time), ACCESS_OK);
	ck_assert_uint_eq(v.data[0], 0);
	ck_assert_uint_eq(cpu_versions(&m->hw, va(m, 0x1010), 1, time), 1);
	stop(m);
}
END_TEST

/* A line in the cache hides from the CPU what a device that does not snoop writes to memory. */
START_TEST(test_dropped_line)
{
	struct machine *m = start();

	load(m, 0x1000);
	dev_write(m, DEV_PLAIN, 0x1000, 5);
	ck_assert_uint_eq(load(m, 0x1000), 0);
	cache_drop(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_ge(versions(m, 0x1000), 1);
	ck_assert_uint_eq(load_view(m, 0x1000, 1).data[0], 0);
	ck_assert_uint_eq(load(m, 0x1000), 5);
	ck_assert_uint_eq(versions(m, 0x1000), 0);
	stop(m);
}
END_TEST

/* Memory that nobody touched has an older version too, with the truth or without it. */
START_TEST(test_untouched)
{
	struct machine *m = mem_zalloc(1, sizeof *m);

	machine_config(m);
	m->blind = _i;
	machine_start(m);
	dev_write(m, DEV_SNOOPS, 0x1000, 1);
	ck_assert_uint_eq(versions(m, 0x1000), 1);
	ck_assert_uint_eq(load_view(m, 0x1000, 1).data[0], 0);
	stop(m);
}
END_TEST

START_TEST(test_list_is_bounded)
{
	struct machine *m = start();

	for (u32 i = 0; i < PAST_MAX + 5; i++)
		dev_write(m, DEV_SNOOPS, 0x1000, (u8)i);
	ck_assert_uint_eq(versions(m, 0x1000), PAST_MAX);
	ck_assert_uint_eq(load_view(m, 0x1000, PAST_MAX).data[0], 4);
	stop(m);
}
END_TEST

/* Past versions are no copies for the question what is lost. */
START_TEST(test_no_copies)
{
	struct machine *m = start();

	machine_watch(m);
	store(m, 0x1000, 5);
	drain_all(m);
	cache_write_back(&m->hw, LEVEL_L1, 0x1000);
	cache_drop(&m->hw, LEVEL_L1, 0x1000);
	load(m, 0x1020);
	dev_write(m, DEV_PLAIN, 0x1020, 7); /* a new write that the line in the cache has not */
	know_learn_party(m->w, PARTY_CPU, PARTY_DEVICE, EDGE_HAND, 0);
	store(m, 0x1021, 1);
	drain_all(m);
	ck_assert_uint_eq(m->lost, 0);
	cache_write_back(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 1);
	ck_assert_uint_eq(m->lost_was, 7);
	stop(m);
}
END_TEST

static Suite *past_suite(void)
{
	Suite *s = suite_create("past");
	TCase *t = tcase_create("early loads");

	tcase_add_test(t, test_versions);
	tcase_add_test(t, test_equal_values);
	tcase_add_test(t, test_what_orders);
	tcase_add_test(t, test_own_store);
	tcase_add_test(t, test_bytes_of_a_granule);
	tcase_add_test(t, test_dependency);
	tcase_add_test(t, test_dependency_on_older);
	tcase_add_test(t, test_dropped_line);
	tcase_add_loop_test(t, test_untouched, 0, 2);
	tcase_add_test(t, test_list_is_bounded);
	tcase_add_test(t, test_no_copies);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(past_suite)
