/* SPDX-License-Identifier: MIT */
/*
 * Who knows which write: edges by hand, the life of records, and the hash, which takes who knows
 * what and never how much went before.
 */
#include "unit/machine.h"

static struct machine *start(u32 devs)
{
	struct machine *m = mem_zalloc(1, sizeof *m);

	machine_config(m);
	m->cfg.devs = devs;
	machine_start(m);
	for (u32 d = 0; d < devs; d++)
		W_SET(m->w, hw_dev(&m->hw, d)->irq_handler, 1u);
	return m;
}

static void stop(struct machine *m)
{
	machine_stop(m);
	mem_free(m);
}

/* The counters of the region: group, ids ever used, records alive. */
static u32 ids(const struct machine *m)
{
	return ((const u32 *)world_at(m->w, m->w->know_off))[1];
}

static u32 alive(const struct machine *m)
{
	return ((const u32 *)world_at(m->w, m->w->know_off))[2];
}

/* The CPU's cached copy of a byte, as a load would get it, without loading. */
static bool cpu_stale(const struct machine *m, u64 pa)
{
	struct view v;

	cpu_peek(&m->hw, pa, MEM_CACHED, 1, &v);
	return stale(m, PARTY_CPU, &v);
}

/* Two writes and one interrupt between them: the first is known, the second is not. */
START_TEST(test_interrupt_between)
{
	struct machine *m = start(1);

	load(m, 0x1000);
	load(m, 0x2000);
	dev_write(m, 0, 0x1000, 1);
	irq_raise(&m->hw, 0);
	dev_write(m, 0, 0x2000, 2);
	ck_assert(!cpu_stale(m, 0x1000));
	irq_enter(&m->hw, 0);
	ck_assert(cpu_stale(m, 0x1000));
	ck_assert(!cpu_stale(m, 0x2000));
	irq_exit(&m->hw);
	irq_raise(&m->hw, 0);
	ck_assert(!cpu_stale(m, 0x2000));
	irq_enter(&m->hw, 0);
	ck_assert(cpu_stale(m, 0x2000));
	stop(m);
}
END_TEST

/* Interrupts are taken in order, each with the clock of its own raising. */
START_TEST(test_two_interrupts)
{
	struct machine *m = start(1);

	load(m, 0x1000);
	load(m, 0x2000);
	dev_write(m, 0, 0x1000, 1);
	irq_raise(&m->hw, 0);
	dev_write(m, 0, 0x2000, 2);
	irq_raise(&m->hw, 0);
	irq_enter(&m->hw, 0);
	ck_assert(cpu_stale(m, 0x1000));
	ck_assert(!cpu_stale(m, 0x2000));
	irq_exit(&m->hw);
	irq_enter(&m->hw, 0);
	ck_assert(cpu_stale(m, 0x2000));
	stop(m);
}
END_TEST

/* A doorbell takes the clock of when it was rung, not of when it arrives. */
START_TEST(test_doorbell)
{
	struct machine *m = start(1);
	struct view v;

	store(m, 0x1000, 1);
	drain_all(m);
	mmio_write(&m->hw, 0, 0, 4, 1, false);
	store(m, 0x2000, 2);
	drain_all(m);
	v = dev_view(m, 0, 0x1000);
	ck_assert(!stale(m, PARTY_DEVICE, &v));
	mmio_arrive(&m->hw, 0);
	v = dev_view(m, 0, 0x1000); /* still dirty in the cache */
	ck_assert(stale(m, PARTY_DEVICE, &v));
	ck_assert_int_eq(know_record(m->w, v.sup[0])->arm, EDGE_DOORBELL);
	v = dev_view(m, 0, 0x2000);
	ck_assert(v.old & 1);
	ck_assert(!stale(m, PARTY_DEVICE, &v));
	stop(m);
}
END_TEST

START_TEST(test_relaxed_doorbell)
{
	struct machine *m = start(1);
	struct view v;

	m->cfg.mmio_passes = true;
	store(m, 0x1000, 1);
	mmio_write(&m->hw, 0, 0, 4, 1, true); /* the store has not left */
	mmio_arrive(&m->hw, 0);
	v = dev_view(m, 0, 0x1000); /* memory as it was at the start is a copy, old now */
	ck_assert(stale(m, PARTY_DEVICE, &v));
	drain_all(m);
	v = dev_view(m, 0, 0x1000);
	ck_assert(stale(m, PARTY_DEVICE, &v));
	ck_assert_int_eq(know_record(m->w, v.sup[0])->arm, EDGE_RELAXED_DOORBELL);
	stop(m);
}
END_TEST

/* A register tells what was before the device set it; reading it twice tells no more. */
START_TEST(test_register)
{
	struct machine *m = start(1);

	load(m, 0x1000);
	load(m, 0x2000);
	dev_write(m, 0, 0x1000, 1);
	device_reg_set(&m->hw, 0, 4, 1, true);
	dev_write(m, 0, 0x2000, 1);
	mmio_read(&m->hw, 0, 8, 4, false); /* another one */
	ck_assert(!cpu_stale(m, 0x1000));
	mmio_read(&m->hw, 0, 4, 4, false);
	ck_assert(cpu_stale(m, 0x1000));
	ck_assert(!cpu_stale(m, 0x2000));
	mmio_read(&m->hw, 0, 4, 4, false);
	ck_assert(!cpu_stale(m, 0x2000));
	stop(m);
}
END_TEST

/* A flag in memory: whoever reads it knows what its writer knew when it wrote, over two hops. */
START_TEST(test_memory_carries)
{
	struct machine *m = start(2);
	struct view v;

	load(m, 0x1000);
	dev_write(m, 0, 0x1000, 1);
	dev_write(m, 0, 0x2000, 1); /* flag of device 0 */
	dev_read(m, 1, 0x2000);
	dev_write(m, 1, 0x3000, 1); /* flag of device 1 */
	ck_assert(!cpu_stale(m, 0x1000));
	v = load_view(m, 0x3000, 0);
	ck_assert_uint_eq(v.data[0], 1);
	ck_assert(cpu_stale(m, 0x1000));
	stop(m);
}
END_TEST

/* Barriers add no edge. */
START_TEST(test_barriers_tell_nothing)
{
	struct machine *m = start(1);

	load(m, 0x1000);
	dev_write(m, 0, 0x1000, 1);
	for (u32 k = 0; k < BARRIER_KINDS; k++)
		cpu_barrier(&m->hw, (enum barrier_kind)k);
	ck_assert(!cpu_stale(m, 0x1000));
	stop(m);
}
END_TEST

/* ---- joins ---- */

/*
 * The case that one name per copy got wrong: the device's own write is newer than the line that
 * was written back over it, but a store of the CPU's made that line old first.
 */
START_TEST(test_join)
{
	struct machine *m = start(1);
	struct view v;
	u16 join;

	load(m, 0x1000);
	store(m, 0x1001, 1);
	drain_all(m);		    /* the line is dirty */
	store(m, 0x1000, 2);	    /* its first byte is old now, by a store that waits */
	dev_write(m, 0, 0x1000, 3); /* and by the device, which does not know of that store */
	cache_write_back(&m->hw, LEVEL_L1, 0x1000);
	v = dev_view(m, 0, 0x1000);
	ck_assert_uint_eq(v.data[0], 0);
	ck_assert_uint_eq(v.old & 1, 1);
	ck_assert(stale(m, PARTY_DEVICE, &v));
	join = v.sup[0];
	ck_assert_uint_eq(know_record(m->w, join)->writer, JOIN);
	ck_assert_uint_eq(know_record(m->w, know_newer(m->w, PARTY_DEVICE, join))->writer,
			  PARTY_DEVICE);
	ck_assert_uint_eq(know_record(m->w, know_newer(m->w, PARTY_CPU, join))->writer, PARTY_CPU);
	stop(m);
}
END_TEST

/* ---- the life of records ---- */

START_TEST(test_no_leak)
{
	struct rng r = rng_seed("records", 10000);
	struct machine *m = start(2);
	u32 most;

	for (u32 i = 0; i < 20000; i++)
		walk_act(m, &r);
	most = ids(m);
	event_log_free(m->w->log);
	m->w->log = NULL;
	for (u32 i = 0; i < 100000; i++)
		walk_act(m, &r);
	ck_assert_uint_eq(world_now(m->w)->limit, LIMIT_NONE);
	/* ids are given out again: no more are needed in five times the time, but for chance */
	ck_assert_uint_lt(ids(m), most + most / 2);
	ck_assert_uint_le(alive(m), ids(m));
	/* when no byte has a name any more, there are none */
	for (u32 i = 0; i < 2; i++)
		if (((const struct link *)world_at(m->w, m->hw.link + 8))[i].len)
			link_end(&m->hw, (u16)(i + 1));
	drain_all(m);
	cpu_order_loads(&m->hw);
	copies_reset(m->w, 0, 0x6000);
	ck_assert_uint_eq(alive(m), 0);
	stop(m);
}
END_TEST

/* ---- the hash ---- */

/* Both worlds end alike; the second had more writes before, all of them known to all. */
START_TEST(test_hash_counts_no_writes)
{
	struct machine *m[2] = {start(1), start(1)};

	for (u32 i = 0; i < 2; i++) {
		for (u32 k = 0; k < 1 + 20 * i; k++) {
			store(m[i], 0x1000, (u8)(5 + k));
			drain_all(m[i]);
			dev_write(m[i], 0, 0x2000, 7);
		}
		if (i) /* a byte still names that write, but all will know it */
			store(m[i], 0x3000, 1);
		store(m[i], 0x1000, 1);
		drain_all(m[i]);
		cache_clean(&m[i]->hw, LEVEL_L1, 0x1000);
		know_learn_party(m[i]->w, PARTY_DEVICE, PARTY_CPU, EDGE_HAND, 0);
		know_learn_party(m[i]->w, PARTY_CPU, PARTY_DEVICE, EDGE_HAND, 0);
		cpu_order_loads(&m[i]->hw);
		dev_write(m[i], 0, 0x2000, 8);
		store(m[i], 0x1008, 2);
	}
	ck_assert_uint_eq(know_hash(m[0]->w), know_hash(m[1]->w));
	know_learn_party(m[0]->w, PARTY_CPU, PARTY_DEVICE, EDGE_IRQ, 0);
	ck_assert_uint_ne(know_hash(m[0]->w), know_hash(m[1]->w));
	know_learn_party(m[1]->w, PARTY_CPU, PARTY_DEVICE, EDGE_REGISTER, 0);
	ck_assert_uint_ne(know_hash(m[0]->w), know_hash(m[1]->w)); /* another edge */
	stop(m[0]);
	stop(m[1]);
}
END_TEST

/* One small difference at a time: who knows, what is in flight, which byte holds the write. */
static void difference(struct machine *m, int which)
{
	load(m, 0x1000);
	dev_write(m, 0, 0x1000, 1);
	dev_write(m, 0, 0x1001, 1);
	switch (which) {
	case 1:
		know_learn_party(m->w, PARTY_CPU, PARTY_DEVICE, EDGE_IRQ, 0);
		break;
	case 2:
		know_send(m->w, 0, CLOCK_IRQ, PARTY_DEVICE);
		break;
	case 3:
		know_send(m->w, 0, CLOCK_IRQ, PARTY_CPU);
		break;
	case 4:
		know_send(m->w, 0, CLOCK_REG + 1, PARTY_DEVICE);
		break;
	case 5:
		cache_invalidate(&m->hw, LEVEL_L1, 0x1000);
		break;
	case 6:
		know_learn_party(m->w, PARTY_DEVICE + 1, PARTY_DEVICE, EDGE_IRQ, 0);
		break;
	case 7:
		know_compiler_barrier(m->w, PARTY_CPU);
		break;
	case 8:
		know_learn_party(m->w, PARTY_CPU, PARTY_DEVICE, EDGE_IRQ, 9);
		break;
	default:
		break;
	}
}

START_TEST(test_hash_tells_apart)
{
	u64 h[9];

	for (int i = 0; i < 9; i++) {
		struct machine *m = start(2);

		difference(m, i);
		h[i] = know_hash(m->w);
		stop(m);
		for (int k = 0; k < i; k++)
			if (h[k] == h[i])
				ck_abort_msg("cases %d and %d have one hash", k, i);
	}
}
END_TEST

static Suite *know_suite(void)
{
	Suite *s = suite_create("know");
	TCase *t = tcase_create("edges");

	tcase_add_test(t, test_interrupt_between);
	tcase_add_test(t, test_two_interrupts);
	tcase_add_test(t, test_doorbell);
	tcase_add_test(t, test_relaxed_doorbell);
	tcase_add_test(t, test_register);
	tcase_add_test(t, test_memory_carries);
	tcase_add_test(t, test_barriers_tell_nothing);
	tcase_add_test(t, test_join);
	suite_add_tcase(s, t);
	t = tcase_create("records");
	tcase_add_test(t, test_no_leak);
	tcase_add_test(t, test_hash_counts_no_writes);
	tcase_add_test(t, test_hash_tells_apart);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(know_suite)
