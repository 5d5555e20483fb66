/* SPDX-License-Identifier: MIT */
/* The store buffer: in order and weak, barriers, forwarding, moves; and its place in the hash. */
#include "base/bug.h"
#include "unit/machine.h"

static struct machine *start(enum store_order order)
{
	struct machine *m = mem_zalloc(1, sizeof *m);

	machine_config(m);
	m->cfg.order = order;
	machine_start(m);
	return m;
}

static void stop(struct machine *m)
{
	machine_stop(m);
	mem_free(m);
}

static void drain(struct machine *m, u32 i)
{
	ck_assert_uint_ne(buffer_ready(&m->hw) >> i & 1, 0);
	ck_assert_int_eq(buffer_drain(&m->hw, i), ACCESS_OK);
}

/* What is behind the buffer, through the cache. */
static u8 behind(struct machine *m, u64 pa)
{
	struct line_info l = cache_line(&m->hw, LEVEL_L1, align_down(pa, 64));

	return l.present ? *(const u8 *)world_at(m->w, l.cell + 8 + (u32)(pa % 64)) : memory(m, pa);
}

START_TEST(test_in_order)
{
	struct machine *m = start(ORDER_TSO);

	ck_assert_uint_eq(buffer_ready(&m->hw), 0);
	store(m, 0x1000, 1);
	store(m, 0x2000, 2);
	store(m, 0x1000, 3);
	ck_assert_uint_eq(buffer_ready(&m->hw), 1);
	drain(m, 0);
	ck_assert_uint_eq(behind(m, 0x1000), 1);
	ck_assert_uint_eq(behind(m, 0x2000), 0);
	ck_assert_uint_eq(buffer_ready(&m->hw), 1);
	drain_all(m);
	ck_assert_uint_eq(behind(m, 0x1000), 3);
	ck_assert_uint_eq(behind(m, 0x2000), 2);
	ck_assert_uint_eq(events_of(m, EV_DRAIN), 3);
	ck_assert_uint_eq(events_of(m, EV_DRAIN_EARLY), 0);
	stop(m);
}
END_TEST

START_TEST(test_not_ready_is_a_bug)
{
	struct machine *m = start(ORDER_TSO);

	store(m, 0x1000, 1);
	store(m, 0x2000, 2);
	buffer_drain(&m->hw, 1);
}
END_TEST

/* Weak: any entry, but those of one granule in their order, overlapping or not. */
START_TEST(test_weak_granules)
{
	struct machine *m = start(ORDER_WEAK);

	store(m, 0x1000, 1);
	store(m, 0x2000, 2);
	store(m, 0x1007, 3);
	store(m, 0x1008, 4);
	ck_assert_uint_eq(buffer_ready(&m->hw), 0xb); /* all but the third */
	drain(m, 1);
	ck_assert_uint_eq(behind(m, 0x2000), 2);
	ck_assert_uint_eq(behind(m, 0x1000), 0);
	ck_assert_uint_eq(events_of(m, EV_DRAIN_EARLY), 1);
	ck_assert_uint_eq(event_get(m->w->log, m->w->log->n)->f[3], 1); /* before one older */
	ck_assert_uint_eq(buffer_ready(&m->hw), 5);
	drain(m, 0);
	ck_assert_uint_eq(buffer_ready(&m->hw), 3);
	drain(m, 1);
	ck_assert_uint_eq(behind(m, 0x1008), 4);
	ck_assert_uint_eq(behind(m, 0x1007), 0);
	drain(m, 0);
	ck_assert_uint_eq(behind(m, 0x1007), 3);
	stop(m);
}
END_TEST

START_TEST(test_barrier_groups)
{
	struct machine *m = start(ORDER_WEAK);

	cpu_barrier(&m->hw, BARRIER_DMA_WMB); /* nothing to order */
	store(m, 0x1000, 1);
	store(m, 0x1008, 2);
	cpu_barrier(&m->hw, BARRIER_DMA_WMB);
	cpu_barrier(&m->hw, BARRIER_DMA_WMB);
	store(m, 0x1010, 3);
	cpu_barrier(&m->hw, BARRIER_SMP_WMB); /* not for devices: no order */
	cpu_barrier(&m->hw, BARRIER_DMA_RMB);
	store(m, 0x1018, 4);
	cpu_barrier(&m->hw, BARRIER_DMA_MB);
	store(m, 0x1020, 5);
	ck_assert_uint_eq(buffer_ready(&m->hw), 3);
	drain(m, 1);
	ck_assert_uint_eq(buffer_ready(&m->hw), 1);
	drain(m, 0);
	ck_assert_uint_eq(buffer_ready(&m->hw), 3);
	drain(m, 0);
	drain(m, 0);
	ck_assert_uint_eq(buffer_ready(&m->hw), 1);
	/* a store after the whole group is gone joins the one that is left */
	store(m, 0x1028, 6);
	ck_assert_uint_eq(buffer_ready(&m->hw), 3);
	drain_all(m);
	ck_assert_uint_eq(hw_cpu(&m->hw)->group, 0);
	stop(m);
}
END_TEST

/* A barrier between two stores of which the older drains first: the younger waits for nothing. */
START_TEST(test_order_without_barrier_is_free)
{
	struct machine *m = start(ORDER_WEAK);

	store(m, 0x1000, 1);
	cpu_barrier(&m->hw, BARRIER_DMA_WMB);
	drain(m, 0);
	store(m, 0x1000, 2);
	store(m, 0x1008, 3);
	ck_assert_uint_eq(buffer_ready(&m->hw), 3);
	stop(m);
}
END_TEST

START_TEST(test_waits)
{
	struct machine *m = start(ORDER_TSO);

	store(m, 0x1000, 1);
	for (u32 k = 0; k < BARRIER_KINDS; k++)
		ck_assert_int_eq(barrier_blocked(&m->hw, (enum barrier_kind)k),
				 k == BARRIER_WMB || k == BARRIER_MB);
	drain_all(m);
	for (u32 k = 0; k < BARRIER_KINDS; k++)
		ck_assert(!barrier_blocked(&m->hw, (enum barrier_kind)k));
	stop(m);
}
END_TEST

/* A load sees its own stores, byte by byte, the youngest first, before they are out. */
START_TEST(test_forwarding)
{
	struct machine *m = start(ORDER_WEAK);
	const u8 word[4] = {1, 2, 3, 4};
	struct view v;
	u32 time;

	dev_write(m, DEV_PLAIN, 0x1004, 9);
	ck_assert_int_eq(cpu_store(&m->hw, va(m, 0x1000), 4, word, true), ACCESS_OK);
	store(m, 0x1001, 7);
	ck_assert_int_eq(cpu_load(&m->hw, va(m, 0x1000), 8, true, 0, 0, &v, &time), ACCESS_OK);
	ck_assert_mem_eq(v.data, "\1\7\3\4\11\0\0\0", 8);
	ck_assert_int_eq(v.from, COPY_BUFFER);
	ck_assert_uint_eq(v.old, 0);
	ck_assert_uint_eq(events_of(m, EV_LOAD_BUFFER), 1);
	/* and no one else does */
	ck_assert_uint_eq(dev_read(m, DEV_SNOOPS, 0x1001), 0);
	cpu_peek(&m->hw, 0x1004, MEM_CACHED, 1, &v);
	ck_assert_uint_eq(v.data[0], 9);
	drain(m, 0);
	ck_assert_uint_eq(behind(m, 0x1001), 2);
	ck_assert_uint_eq(load(m, 0x1001), 7);
	drain(m, 0);
	ck_assert_uint_eq(behind(m, 0x1001), 7);
	stop(m);
}
END_TEST

START_TEST(test_full_buffer_blocks)
{
	struct machine *m = start(ORDER_TSO);
	const u8 x = 1;

	for (u32 i = 0; i < 8; i++)
		store(m, 0x1000 + i, (u8)i);
	ck_assert(cpu_store_blocked(&m->hw, va(m, 0x1000)));
	ck_assert_int_eq(cpu_store(&m->hw, va(m, 0x1000), 1, &x, true), ACCESS_BLOCKED);
	ck_assert_int_eq(cpu_copy(&m->hw, (phys_addr_t){0x1000}, (phys_addr_t){0x1100}, 1, true),
			 ACCESS_BLOCKED);
	drain(m, 0);
	ck_assert(!cpu_store_blocked(&m->hw, va(m, 0x1000)));
	stop(m);
}
END_TEST

/* A kernel's copy waits in the buffer as a move: the write that was moved is not made anew. */
START_TEST(test_moves)
{
	struct machine *m = start(ORDER_WEAK);
	struct view v;
	u16 link;

	dev_write(m, DEV_PLAIN, 0x3005, 6);
	link = link_begin(&m->hw, (phys_addr_t){0x1003}, (phys_addr_t){0x3000}, 8);
	dev_write(m, DEV_PLAIN, 0x3005, 5); /* the slot of 0x1008 */
	v = dev_view(m, DEV_PLAIN, 0x3005);
	ck_assert_int_eq(cpu_copy(&m->hw, (phys_addr_t){0x1008}, (phys_addr_t){0x3005}, 1, false),
			 ACCESS_OK);
	ck_assert_uint_eq(hw_cpu(&m->hw)->entries, 1);
	ck_assert_uint_eq(load(m, 0x1008), 5);
	ck_assert_uint_eq(load_view(m, 0x1008, 0).wid[0], v.wid[0]);
	ck_assert_uint_eq(know_record(m->w, v.wid[0])->writer, PARTY_DEVICE);
	drain_all(m);
	ck_assert_uint_eq(behind(m, 0x1008), 5);
	machine_watch(m);
	link_end(&m->hw, link);
	ck_assert_uint_eq(m->lost, 0);
	ck_assert_uint_eq(load_view(m, 0x1008, 0).old, 0);
	stop(m);
}
END_TEST

/* A device's write that lands while a store waits, and what the drain then does. */
START_TEST(test_drain_over_device)
{
	struct machine *m = start(ORDER_WEAK);
	struct view v;

	m->w->obs.ctx = NULL;
	machine_watch(m);
	load(m, 0x1000); /* in the cache, so that drains stay there */
	store(m, 0x1000, 1);
	dev_write(m, DEV_SNOOPS, 0x1000, 2); /* neither knows the other */
	v = load_view(m, 0x1000, 0);
	ck_assert_uint_eq(v.data[0], 1);
	ck_assert(!stale(m, PARTY_CPU, &v));
	drain_all(m); /* fills the device's write, then covers it: the drain is the later one */
	ck_assert_uint_eq(m->lost, 0);	    /* a race loses nothing */
	v = dev_view(m, DEV_PLAIN, 0x1000); /* reads memory: its own bus' write, older now */
	ck_assert_uint_eq(v.data[0], 2);
	ck_assert_uint_eq(v.old & 1, 1);
	v = load_view(m, 0x1000, 0);
	ck_assert_uint_eq(v.old & 1, 0);
	stop(m);
}
END_TEST

/* An entry that is older already is moved all the same, and loses what was newer. */
START_TEST(test_old_entry_loses_newer)
{
	struct machine *m = start(ORDER_WEAK);
	struct view v;

	machine_watch(m);
	store(m, 0x1000, 1);
	know_learn_party(m->w, PARTY_DEVICE, PARTY_CPU, EDGE_HAND, 0);
	dev_write(m, DEV_PLAIN, 0x1000, 2); /* knows the store: newer */
	v = load_view(m, 0x1000, 0);
	ck_assert_uint_eq(v.data[0], 1);
	ck_assert_uint_eq(v.old & 1, 1);
	ck_assert(!stale(m, PARTY_CPU, &v)); /* it has not heard of it */
	drain_all(m);
	ck_assert_uint_eq(m->lost, 0); /* still in memory behind the line */
	cache_write_back(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(m->lost, 1);
	ck_assert_uint_eq(m->lost_pa, 0x1000);
	ck_assert_uint_eq(m->lost_was, 2);
	stop(m);
}
END_TEST

/* Two ways to one buffer are one state, whatever went through before. */
START_TEST(test_hash)
{
	struct machine *a = start(ORDER_WEAK), *b = start(ORDER_WEAK);

	world_hash_on(a->w);
	world_hash_on(b->w);
	for (u32 i = 0; i < 2; i++) {
		struct machine *m = i ? a : b;

		load(m, 0x2000);
		store(m, 0x2000, 1);
		cpu_barrier(&m->hw, BARRIER_DMA_WMB);
		store(m, 0x2000, 1);
		if (i)
			cpu_barrier(&m->hw, BARRIER_DMA_WMB);
		drain_all(m);
		doorbell(m, 0);
		doorbell(m, 1);
		store(m, 0x1000, 1);
		cpu_barrier(&m->hw, BARRIER_DMA_WMB);
		store(m, 0x1008, 2);
	}
	ck_assert_uint_eq(world_hash(a->w), world_hash(b->w));
	cpu_barrier(&a->hw, BARRIER_DMA_WMB); /* the next store will be of a later group */
	ck_assert_uint_ne(world_hash(a->w), world_hash(b->w));
	stop(a);
	stop(b);
}
END_TEST

static Suite *buffer_suite(void)
{
	Suite *s = suite_create("buffer");
	TCase *t = tcase_create("order");

	tcase_add_test(t, test_in_order);
	tcase_add_exit_test(t, test_not_ready_is_a_bug, 4);
	tcase_add_test(t, test_weak_granules);
	tcase_add_test(t, test_barrier_groups);
	tcase_add_test(t, test_order_without_barrier_is_free);
	tcase_add_test(t, test_waits);
	suite_add_tcase(s, t);
	t = tcase_create("bytes");
	tcase_add_test(t, test_forwarding);
	tcase_add_test(t, test_full_buffer_blocks);
	tcase_add_test(t, test_moves);
	tcase_add_test(t, test_drain_over_device);
	tcase_add_test(t, test_old_entry_loses_newer);
	tcase_add_test(t, test_hash);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(buffer_suite)
