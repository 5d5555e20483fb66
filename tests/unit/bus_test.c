/* SPDX-License-Identifier: MIT */
/* The bus: who sees the caches, order of posted writes and messages, and addresses. */
#include "base/bug.h"
#include "unit/machine.h"

static struct machine *start(void)
{
	struct machine *m = mem_zalloc(1, sizeof *m);

	machine_config(m);
	m->cfg.store_entries = 2;
	machine_start(m);
	for (u32 d = 0; d < 2; d++)
		W_SET(m->w, hw_dev(&m->hw, d)->irq_handler, 1u);
	return m;
}

static void stop(struct machine *m)
{
	machine_stop(m);
	mem_free(m);
}

START_TEST(test_who_snoops)
{
	struct machine *m = start();

	store(m, 0x1000, 5);
	ck_assert_uint_eq(dev_read(m, DEV_SNOOPS, 0x1000), 0); /* the buffer is the core's own */
	drain_all(m);
	ck_assert_uint_eq(dev_read(m, DEV_SNOOPS, 0x1000), 5);
	ck_assert_uint_eq(dev_read(m, DEV_PLAIN, 0x1000), 0);
	ck_assert(cache_line(&m->hw, LEVEL_L1, 0x1000).present);
	ck_assert(cache_line(&m->hw, LEVEL_L1, 0x1000).dirty);
	/* a write takes the line away, its other bytes are saved first */
	dev_write(m, DEV_SNOOPS, 0x1001, 6);
	ck_assert(!cache_line(&m->hw, LEVEL_L1, 0x1000).present);
	ck_assert_uint_eq(memory(m, 0x1000), 5);
	ck_assert_uint_eq(load(m, 0x1001), 6);
	dev_write(m, DEV_PLAIN, 0x1001, 7);
	ck_assert_uint_eq(load(m, 0x1001), 6);
	ck_assert_uint_eq(memory(m, 0x1001), 7);
	stop(m);
}
END_TEST

/* Snooping with two levels: the newest data is in the inner one, or only in the outer one. */
START_TEST(test_snoop_outer)
{
	struct machine *m = mem_zalloc(1, sizeof *m);

	machine_config(m);
	m->cfg.store_entries = 0;
	m->cfg.outer = (struct cache_config){.sets = 4, .ways = 2};
	machine_start(m);
	machine_watch(m);
	store(m, 0x1000, 5);
	cache_write_back(&m->hw, LEVEL_L1, 0x1000);
	cache_drop(&m->hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(memory(m, 0x1000), 0);
	ck_assert_uint_eq(dev_read(m, DEV_SNOOPS, 0x1000), 5);
	store(m, 0x1001, 6); /* dirty in both */
	dev_write(m, DEV_SNOOPS, 0x1002, 7);
	ck_assert_uint_eq(m->lost, 0);
	ck_assert_uint_eq(memory(m, 0x1000), 5);
	ck_assert_uint_eq(memory(m, 0x1001), 6);
	ck_assert_uint_eq(memory(m, 0x1002), 7);
	ck_assert(!cache_line(&m->hw, LEVEL_OUTER, 0x1000).present);
	stop(m);
}
END_TEST

START_TEST(test_posted_in_order)
{
	struct machine *m = start();
	struct posted p;

	ck_assert(!mmio_write_blocked(&m->hw, 0, false));
	mmio_write(&m->hw, 0, 0, 4, 1, false);
	mmio_write(&m->hw, 0, 4, 4, 2, false);
	mmio_write(&m->hw, 0, 0, 4, 3, false);
	ck_assert(mmio_read_blocked(&m->hw, 0, false));
	ck_assert(mmio_read_blocked(&m->hw, 0, true));
	ck_assert(!mmio_read_blocked(&m->hw, 1, false)); /* per device */
	p = mmio_arrive(&m->hw, 0);
	ck_assert_uint_eq(p.reg, 0);
	ck_assert_uint_eq(p.value, 1);
	p = mmio_arrive(&m->hw, 0);
	ck_assert_uint_eq(p.reg, 4);
	mmio_arrive(&m->hw, 0);
	ck_assert(!mmio_read_blocked(&m->hw, 0, false));
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 0, 4, false), 3);
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 4, 4, false), 2);
	stop(m);
}
END_TEST

/* Writes to two windows of a device may arrive in either order, those to one in theirs. */
START_TEST(test_windows)
{
	struct machine *m = start();
	struct posted p;

	m->cfg.dev[0].windows = 2;
	m->cfg.dev[0].window[0] = (struct window){0, 0xfff};
	m->cfg.dev[0].window[1] = (struct window){0x1000, 0x1fff};
	ck_assert_uint_eq(mmio_windows(&m->hw, 0), 2);
	ck_assert_uint_eq(mmio_windows(&m->hw, 1), 1);
	ck_assert_uint_eq(mmio_reg_slot(&m->hw, 0, 0x1004), REGS_MAX / 2 + 1);
	ck_assert_uint_eq(mmio_reg_slot(&m->hw, 0, 4), 1);
	ck_assert_uint_eq(mmio_reg_slot(&m->hw, 0, REGS_MAX / 2 * 4), REGS_MAX);
	ck_assert_uint_eq(mmio_reg_slot(&m->hw, 0, 0x2000), REGS_MAX);
	ck_assert_uint_eq(mmio_reg_slot(&m->hw, 1, 4 * REGS_MAX - 4), REGS_MAX - 1);
	ck_assert_uint_eq(mmio_reg_slot(&m->hw, 1, 4 * REGS_MAX), REGS_MAX);
	ck_assert_uint_eq(mmio_reg_slot(&m->hw, 1, 1ull << 34), REGS_MAX);
	mmio_write(&m->hw, 0, 0x1000, 4, 1, false);
	mmio_write(&m->hw, 0, 0x0, 4, 2, false);
	mmio_write(&m->hw, 0, 0x1000, 4, 3, false);
	ck_assert_uint_eq(mmio_posted_at(&m->hw, 0, 0), 1);
	ck_assert_uint_eq(mmio_posted_at(&m->hw, 0, 1), 0);
	p = mmio_arrive_at(&m->hw, 0, 0);
	ck_assert_uint_eq(p.value, 2);
	ck_assert(!mmio_read_blocked(&m->hw, 0, 0x0)); /* a read pushes only its own window */
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 0, 4, false), 2);
	ck_assert(mmio_read_blocked(&m->hw, 0, 0x1000));
	p = mmio_arrive_at(&m->hw, 0, 1);
	ck_assert_uint_eq(p.value, 1);
	mmio_arrive(&m->hw, 0);
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 0x1000, 4, false), 3);
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 0, 4, false), 2);
	ck_assert_uint_eq(mmio_posted_at(&m->hw, 0, 1), 0); /* behind the last: none */
	stop(m);
}
END_TEST

/* What a write in a window says is heard when that write arrives, whoever overtook it. */
START_TEST(test_windows_and_knowledge)
{
	struct machine *m = start();
	struct view v;

	m->cfg.dev[0].windows = 2;
	m->cfg.dev[0].window[0] = (struct window){0, 0xfff};
	m->cfg.dev[0].window[1] = (struct window){0x1000, 0x1fff};
	mmio_write(&m->hw, 0, 0x1000, 4, 1, false);
	mmio_write(&m->hw, 0, 0x0, 4, 2, false);
	store(m, 0x2000, 1);
	drain_all(m);
	mmio_write(&m->hw, 0, 0x1000, 4, 3, false);
	cpu_peek(&m->hw, 0x2000, MEM_CACHED, 1, &v);
	mmio_arrive_at(&m->hw, 0, 0);
	mmio_arrive_at(&m->hw, 0, 1);
	ck_assert(!know_knows(m->w, PARTY_DEVICE, v.wid[0]));
	mmio_arrive_at(&m->hw, 0, 1);
	ck_assert(know_knows(m->w, PARTY_DEVICE, v.wid[0]));
	stop(m);
}
END_TEST

START_TEST(test_posted_room_and_buffer)
{
	struct machine *m = start();

	store(m, 0x1000, 1);
	ck_assert(mmio_write_blocked(&m->hw, 0, false)); /* stores first */
	ck_assert(mmio_write_blocked(&m->hw, 0, true));
	m->cfg.mmio_passes = true;
	ck_assert(mmio_write_blocked(&m->hw, 0, false));
	ck_assert(!mmio_write_blocked(&m->hw, 0, true));
	drain_all(m);
	for (u32 i = 0; i < POSTED_MAX; i++)
		mmio_write(&m->hw, 0, 0, 4, i, false);
	ck_assert(mmio_write_blocked(&m->hw, 0, false));
	ck_assert(mmio_write_blocked(&m->hw, 0, true));
	mmio_arrive(&m->hw, 0);
	ck_assert(!mmio_write_blocked(&m->hw, 0, false));
	stop(m);
}
END_TEST

START_TEST(test_widths)
{
	struct machine *m = start();

	device_reg_set(&m->hw, 0, 8, 0x1122334455667788, true);
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 8, 1, true), 0x88);
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 8, 2, true), 0x7788);
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 8, 4, true), 0x55667788);
	ck_assert_uint_eq(mmio_read(&m->hw, 0, 8, 8, true), 0x1122334455667788);
	stop(m);
}
END_TEST

static bool relaxed_write(struct machine *m, u32 dev, u64 pa, u8 x)
{
	return dma_write(&m->hw, dev, (dma_addr_t){pa}, 1, &x, true);
}

/* Relaxed writes land in their order; a message pushes them, a wire does not. */
START_TEST(test_message_and_wire)
{
	struct machine *m = start();

	for (u32 d = 0; d < 2; d++) {
		u64 pa = 0x1000 + 0x100 * d;

		ck_assert(relaxed_write(m, d, pa, 1));
		ck_assert(relaxed_write(m, d, pa, 2));
		ck_assert_uint_eq(memory(m, pa), 0);
		ck_assert(mmio_read_blocked(&m->hw, d, false)); /* a read pushes them too */
		irq_raise(&m->hw, d);
		ck_assert_uint_eq(memory(m, pa), d == DEV_SNOOPS ? 2 : 0);
	}
	dma_land(&m->hw, 0);
	ck_assert_uint_eq(memory(m, 0x1000), 1);
	dma_land(&m->hw, 0);
	ck_assert_uint_eq(memory(m, 0x1000), 2);
	ck_assert_uint_eq(hw_dev(&m->hw, 0)->inflight_n, 0);
	stop(m);
}
END_TEST

START_TEST(test_inflight_is_bounded)
{
	struct machine *m = start();

	for (u8 i = 1; i <= INFLIGHT_MAX; i++)
		ck_assert(relaxed_write(m, 0, 0x1000 + i, i));
	ck_assert_uint_eq(hw_dev(&m->hw, 0)->inflight_n, INFLIGHT_MAX);
	for (u32 i = 1; i <= INFLIGHT_MAX; i++)
		ck_assert_uint_eq(memory(m, 0x1000 + i), 0);
	ck_assert(relaxed_write(m, 0, 0x1000, 9)); /* no room: the oldest makes some */
	ck_assert_uint_eq(hw_dev(&m->hw, 0)->inflight_n, INFLIGHT_MAX);
	ck_assert_uint_eq(memory(m, 0x1001), 1);
	ck_assert_uint_eq(memory(m, 0x1000), 0);
	stop(m);
}
END_TEST

/* A relaxed write may pass what was sent before it, but not what goes to its own bytes; an ordinary
 * one waits behind all, relaxed or not. */
START_TEST(test_who_may_pass)
{
	struct machine *m = start();
	u8 x = 3;

	ck_assert(relaxed_write(m, 0, 0x1000, 1));
	ck_assert(relaxed_write(m, 0, 0x1100, 2));
	ck_assert(dma_write(&m->hw, 0, (dma_addr_t){0x1200}, 1, &x, false));
	ck_assert(relaxed_write(m, 0, 0x1000, 4));
	ck_assert_uint_eq(hw_dev(&m->hw, 0)->inflight_n, 4);
	ck_assert_uint_eq(memory(m, 0x1200), 0);
	ck_assert(dma_may_land(&m->hw, 0, 0));
	ck_assert(dma_may_land(&m->hw, 0, 1));
	ck_assert(!dma_may_land(&m->hw, 0, 2));
	ck_assert(!dma_may_land(&m->hw, 0, 3));
	dma_land_at(&m->hw, 0, 1);
	ck_assert_uint_eq(memory(m, 0x1100), 2);
	ck_assert_uint_eq(memory(m, 0x1000), 0);
	ck_assert(!dma_may_land(&m->hw, 0, 1)); /* the ordinary one, behind the first */
	dma_land(&m->hw, 0);
	ck_assert_uint_eq(memory(m, 0x1000), 1);
	ck_assert(dma_may_land(&m->hw, 0, 1)); /* and that one is passed */
	dma_land_at(&m->hw, 0, 1);
	ck_assert_uint_eq(memory(m, 0x1000), 4);
	ck_assert_uint_eq(memory(m, 0x1200), 0);
	dma_land(&m->hw, 0);
	ck_assert_uint_eq(memory(m, 0x1200), 3);
	stop(m);
}
END_TEST

START_TEST(test_interrupts)
{
	struct machine *m = start();

	ck_assert(!irq_can_enter(&m->hw, 0));
	irq_raise(&m->hw, 0);
	irq_raise(&m->hw, 1);
	ck_assert(irq_can_enter(&m->hw, 0));
	W_SET(m->w, hw_cpu(&m->hw)->irq_off, 1u);
	ck_assert(!irq_can_enter(&m->hw, 0));
	W_SET(m->w, hw_cpu(&m->hw)->irq_off, 0u);
	irq_enter(&m->hw, 0);
	ck_assert_uint_eq(hw_cpu(&m->hw)->handler, 1);
	ck_assert(!irq_can_enter(&m->hw, 1)); /* one handler at a time */
	irq_exit(&m->hw);
	ck_assert(!irq_can_enter(&m->hw, 0));
	ck_assert(irq_can_enter(&m->hw, 1));
	W_SET(m->w, hw_dev(&m->hw, 1)->irq_handler, 0u);
	ck_assert(!irq_can_enter(&m->hw, 1));
	stop(m);
}
END_TEST

START_TEST(test_interrupts_are_bounded)
{
	struct machine *m = start();

	for (u32 i = 0; i < IRQ_PENDING_MAX; i++)
		irq_raise(&m->hw, 0);
	ck_assert_uint_eq(world_now(m->w)->limit, LIMIT_NONE);
	irq_raise(&m->hw, 0);
	ck_assert_uint_eq(world_now(m->w)->limit, LIMIT_IRQS);
	ck_assert_uint_eq(hw_dev(&m->hw, 0)->irq_raised, IRQ_PENDING_MAX);
	stop(m);
}
END_TEST

START_TEST(test_addresses)
{
	struct machine *m = mem_zalloc(1, sizeof *m);
	phys_addr_t pa;
	struct view v;
	u8 x = 3;

	machine_config(m);
	m->cfg.dev[0].address_bits = 16;
	m->cfg.dev[0].maps = 1;
	m->cfg.dev[0].map[0] =
	    (struct range_map){.cpu_base = 0x4000, .bus_base = 0x8000, .size = 0x1000};
	m->cfg.dev[1].maps = 1;
	m->cfg.dev[1].map[0] = m->cfg.dev[0].map[0];
	machine_start(m);
	ck_assert(bus_to_phys(&m->hw, 0, (dma_addr_t){0x8010}, &pa));
	ck_assert_uint_eq(pa.pa, 0x4010);
	ck_assert(bus_to_phys(&m->hw, 0, (dma_addr_t){0x18010}, &pa)); /* the wires end at 16 */
	ck_assert_uint_eq(pa.pa, 0x4010);
	ck_assert(!bus_to_phys(&m->hw, 1, (dma_addr_t){0x18010}, &pa));
	ck_assert(!bus_to_phys(&m->hw, 0, (dma_addr_t){0x9000}, &pa));
	ck_assert(!bus_to_phys(&m->hw, 0, (dma_addr_t){0x7fff}, &pa));
	ck_assert(dma_write(&m->hw, 0, (dma_addr_t){0x18010}, 1, &x, false));
	ck_assert_uint_eq(memory(m, 0x4010), 3);
	ck_assert(!dma_read(&m->hw, 0, (dma_addr_t){0x9000}, 8, &v));
	ck_assert_mem_eq(v.data, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	ck_assert(!dma_write(&m->hw, 0, (dma_addr_t){0x9000}, 1, &x, false));
	ck_assert_uint_eq(events_of(m, EV_DMA_ABORT), 2);
	stop(m);
}
END_TEST

START_TEST(test_end_of_ram)
{
	struct machine *m = start();
	struct view v;

	ck_assert(dma_read(&m->hw, 0, (dma_addr_t){MACHINE_RAM - 8}, 8, &v));
	ck_assert(!dma_read(&m->hw, 0, (dma_addr_t){MACHINE_RAM}, 1, &v));
	ck_assert(!dma_read(&m->hw, 0, (dma_addr_t){~0ull}, 1, &v));
	ck_assert(!memory_is_ram(&m->hw, MACHINE_RAM - 8, 9));
	ck_assert(!memory_is_ram(&m->hw, MACHINE_RAM - 8, ~0ull));
	stop(m);
}
END_TEST

static Suite *bus_suite(void)
{
	Suite *s = suite_create("bus");
	TCase *t = tcase_create("bus");

	tcase_add_test(t, test_who_snoops);
	tcase_add_test(t, test_snoop_outer);
	tcase_add_test(t, test_posted_in_order);
	tcase_add_test(t, test_windows);
	tcase_add_test(t, test_windows_and_knowledge);
	tcase_add_test(t, test_posted_room_and_buffer);
	tcase_add_test(t, test_widths);
	tcase_add_test(t, test_message_and_wire);
	tcase_add_test(t, test_inflight_is_bounded);
	tcase_add_test(t, test_who_may_pass);
	tcase_add_test(t, test_interrupts);
	tcase_add_test(t, test_interrupts_are_bounded);
	tcase_add_test(t, test_addresses);
	tcase_add_test(t, test_end_of_ram);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(bus_suite)
