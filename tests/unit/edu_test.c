/* SPDX-License-Identifier: MIT */
/* The teaching device: registers before and after a write arrives, transfers, interrupts. */
#include "unit/device_rig.h"

enum { ID = 0x00, LIVE = 0x04, FACT = 0x08, STATUS = 0x20, IRQ_STATUS = 0x24, RAISE = 0x60 };
enum { ACK = 0x64, SRC = 0x80, DST = 0x88, COUNT = 0x90, CMD = 0x98 };
enum { GO = 1, TO_MEMORY = 2, WITH_IRQ = 4, REFUSED = 0x100 };

static void start(void)
{
	rig_start(
	    &edu_model,
	    (struct device_config){
		.name = "edu", .coherent = true, .address_bits = 28, .bus = BUS_PCI, .beat = 64});
	W_SET(w, hw_dev(&hw, 0)->irq_handler, 1u);
}

static u64 reg64(u32 r)
{
	return mmio_read(&hw, 0, r, 8, false);
}

static void put(u32 r, u64 v)
{
	put_sized(r, v, r < 0x80 ? 4 : 8);
}

static const char *put_in_buffer(u64 off, const u8 *data, u32 n)
{
	const struct act_args a = {.v = {off}, .bytes = {NULL, data}, .len = {0, n}};

	return act("preset", &a);
}

/* Programs and starts a transfer. */
static void go(u64 src, u64 dst, u64 n, u64 cmd)
{
	put(SRC, src);
	put(DST, dst);
	put(COUNT, n);
	put(CMD, cmd | GO);
}

static void fill(u64 pa, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		u8 x = (u8)(7 * (pa + i) + 1);

		store(pa + i, &x, 1);
	}
}

START_TEST(sheet)
{
	const struct device_info *d = device_model_find("edu");
	u32 end = 0;

	ck_assert_ptr_nonnull(d);
	ck_assert_ptr_eq(device_model_at(0), d);
	ck_assert_ptr_null(device_model_find("nobody"));
	ck_assert_uint_eq(d->address_bits, 28);
	ck_assert_uint_eq(d->regs, 11);
	for (u32 i = 0; i < d->regs; i++) { /* in order, apart, all in the register file */
		ck_assert_uint_ge(d->reg[i].offset, end);
		ck_assert_uint_ne(d->reg[i].access, 0);
		ck_assert_uint_gt(strlen(d->reg[i].meaning), 10);
		end = d->reg[i].offset + d->reg[i].size;
	}
	ck_assert_uint_le(end, 4 * REGS_MAX);
}
END_TEST

START_TEST(identification)
{
	ck_assert_uint_eq(reg64(ID), 0x010000ed);
	put(ID, 0x12345678);
	ck_assert_uint_eq(reg64(ID), 0x010000ed);
	put(0x30, 5); /* no register */
	ck_assert_uint_eq(reg64(0x30), 0);
}
END_TEST

/* A posted write changes nothing until it arrives, and a read cannot pass it. */
START_TEST(before_and_after)
{
	mmio_write(&hw, 0, LIVE, 4, 0x0ff0, false);
	ck_assert_uint_eq(hw_dev(&hw, 0)->reg[LIVE / 4], 0);
	ck_assert(mmio_read_blocked(&hw, 0, false));
	ck_assert(!model->ready(&hw, 0));
	arrive();
	ck_assert(!mmio_read_blocked(&hw, 0, false));
	ck_assert_uint_eq(reg64(LIVE), 0xfffff00f);
	put(LIVE, 0xffffffff);
	ck_assert_uint_eq(reg64(LIVE), 0);
}
END_TEST

START_TEST(sizes)
{
	put(LIVE, 1);
	put_sized(LIVE, 2, 8); /* below 0x80 4 bytes only */
	ck_assert_uint_eq(reg64(LIVE), 0xfffffffe);
	put_sized(LIVE, 2, 2);
	ck_assert_uint_eq(reg64(LIVE), 0xfffffffe);
	put_sized(SRC, 0x1234, 4);
	ck_assert_uint_eq(reg64(SRC), 0x1234);
	put_sized(SRC, 0x123456789a, 8);
	ck_assert_uint_eq(reg64(SRC), 0x123456789a);
	put_sized(SRC, 7, 1);
	ck_assert_uint_eq(reg64(SRC), 0x123456789a);
}
END_TEST

START_TEST(factorial)
{
	static const struct {
		u32 n, f;
	} rows[] = {{0, 1},	      {1, 1},	      {5, 120}, {12, 479001600},
		    {13, 1932053504}, {33, 1u << 31}, {34, 0},	{~0u, 0}};

	for (u32 i = 0; i < ARRAY_LEN(rows); i++) {
		put(FACT, rows[i].n);
		ck_assert_uint_eq(reg64(STATUS), 1);
		ck_assert_uint_eq(reg64(FACT), rows[i].n);
		put(FACT, 3); /* not while it computes */
		ck_assert_uint_eq(reg64(FACT), rows[i].n);
		put(STATUS, 0); /* that bit is not the CPU's */
		ck_assert_uint_eq(reg64(STATUS), 1);
		ck_assert_uint_eq(run(), 1);
		ck_assert_uint_eq(reg64(STATUS), 0);
		ck_assert_uint_eq(reg64(FACT), rows[i].f);
	}
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 0);
	put(STATUS, 0x80);
	put(FACT, 4);
	ck_assert_uint_eq(reg64(STATUS), 0x81);
	run();
	ck_assert_uint_eq(reg64(STATUS), 0x80);
	ck_assert_uint_eq(reg64(IRQ_STATUS), 1);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 1);
}
END_TEST

START_TEST(there_and_back)
{
	fill(0x1000, 100);
	go(0x1000, EDU_BUFFER_ADDR + 10, 100, 0);
	ck_assert_uint_eq(reg64(CMD), GO);
	ck_assert_uint_eq(run(), 3); /* 64 bytes, 36 bytes, the end */
	ck_assert_uint_eq(reg64(CMD), 0);
	ck_assert_uint_eq(reg64(STATUS), 0);
	ck_assert_uint_eq(edu_buffer(&hw, 0)[9], 0);
	for (u32 i = 0; i < 100; i++)
		ck_assert_uint_eq(edu_buffer(&hw, 0)[10 + i], (u8)(7 * (0x1000 + i) + 1));
	ck_assert_uint_eq(edu_buffer(&hw, 0)[110], 0);
	go(EDU_BUFFER_ADDR + 10, 0x2013, 100, TO_MEMORY);
	ck_assert_uint_eq(run(), 3); /* 45 to the end of the line, 55, the end */
	ck_assert_uint_eq(reg64(CMD), TO_MEMORY);
	ck_assert_uint_eq(load(0x2012, 1), 0);
	for (u32 i = 0; i < 100; i++)
		ck_assert_uint_eq(load(0x2013 + i, 1), (u8)(7 * (0x1000 + i) + 1));
	ck_assert_uint_eq(load(0x2013 + 100, 1), 0);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 0);
}
END_TEST

/* A beat never crosses a line of memory, wherever the range map puts the bus address. */
START_TEST(beats)
{
	cfg.dev[0].beat = 16;
	go(0x1004, EDU_BUFFER_ADDR, 40, 0);
	ck_assert_uint_eq(run(), 4); /* 12, 16, 12, the end */
	cfg.dev[0].beat = 64;
	cfg.dev[0].maps = 1;
	cfg.dev[0].map[0] = (struct range_map){.cpu_base = 0x8030, .bus_base = 0, .size = 0x100000};
	go(0x0, EDU_BUFFER_ADDR, 64, 0);
	ck_assert_uint_eq(run(), 3); /* 16, 48, the end */
}
END_TEST

START_TEST(exact_fit)
{
	fill(0x10000, 4096);
	go(0x10000, EDU_BUFFER_ADDR, 4096, 0);
	ck_assert_uint_eq(run(), 65);
	ck_assert_uint_eq(reg64(STATUS), 0);
	for (u32 i = 0; i < 4096; i++)
		ck_assert_uint_eq(edu_buffer(&hw, 0)[i], (u8)(7 * (0x10000 + i) + 1));
	go(0x10000, EDU_BUFFER_ADDR + 4095, 1, 0);
	ck_assert_uint_eq(run(), 2);
	ck_assert_uint_eq(reg64(STATUS), 0);
	go(0x10000, EDU_BUFFER_ADDR + 4096, 0, 0); /* nothing fits everywhere */
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(reg64(STATUS), 0);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		u64 at, n;
	} bad[] = {{EDU_BUFFER_ADDR, 4097},
		   {EDU_BUFFER_ADDR + 1, 4096},
		   {EDU_BUFFER_ADDR - 1, 2},
		   {EDU_BUFFER_ADDR + 4096, 1},
		   {EDU_BUFFER_ADDR, ~0ull},
		   {~0ull, 2},
		   {0, 4},
		   {EDU_BUFFER_ADDR + 4097, 0}};
	u8 before[EDU_BUFFER_BYTES];

	fill(0x1000, 64);
	memcpy(before, edu_buffer(&hw, 0), sizeof before);
	for (u32 i = 0; i < ARRAY_LEN(bad); i++)
		for (u32 out = 0; out < 2; out++) {
			u32 acts = count(EV_DMA_READ) + count(EV_DMA_WRITE);

			go(out ? bad[i].at : 0x1000, out ? 0x1000 : bad[i].at, bad[i].n,
			   (out ? TO_MEMORY : 0) | WITH_IRQ);
			ck_assert_uint_eq(reg64(STATUS), REFUSED);
			ck_assert_uint_eq(run(), 1);
			ck_assert_uint_eq(count(EV_DMA_READ) + count(EV_DMA_WRITE), acts);
			ck_assert_uint_eq(reg64(CMD) & GO, 0);
			ck_assert_uint_eq(reg64(IRQ_STATUS),
					  0x100); /* it is told that it is over */
			irq_enter(&hw, 0);
			put(ACK, 0x100);
			irq_exit(&hw);
		}
	ck_assert_int_eq(memcmp(before, edu_buffer(&hw, 0), sizeof before), 0);
	go(0x1000, EDU_BUFFER_ADDR, 4, 0); /* the next one that fits clears the bit */
	ck_assert_uint_eq(reg64(STATUS), 0);
	run();
	ck_assert_uint_eq(edu_buffer(&hw, 0)[3], (u8)(7 * 0x1003 + 1));
}
END_TEST

START_TEST(busy)
{
	fill(0x1000, 128);
	go(0x1000, EDU_BUFFER_ADDR, 128, 0);
	model->step(&hw, 0);
	put(SRC, 0x5000);
	put(COUNT, 1);
	put(CMD, 0);
	ck_assert_uint_eq(reg64(SRC), 0x1000);
	ck_assert_uint_eq(reg64(COUNT), 128);
	ck_assert_uint_eq(reg64(CMD), GO);
	run();
	ck_assert_uint_eq(edu_buffer(&hw, 0)[127], (u8)(7 * (0x1000 + 127) + 1));
	put(SRC, 0x5000);
	ck_assert_uint_eq(reg64(SRC), 0x5000);
}
END_TEST

START_TEST(interrupt)
{
	put(RAISE, 0x12);
	ck_assert_uint_eq(reg64(RAISE), 0);
	ck_assert_uint_eq(reg64(IRQ_STATUS), 0x12);
	put(IRQ_STATUS, 0); /* read only */
	ck_assert_uint_eq(reg64(IRQ_STATUS), 0x12);
	ck_assert(irq_can_enter(&hw, 0));
	irq_enter(&hw, 0);
	put(ACK, 0x02);
	ck_assert_uint_eq(reg64(ACK), 0);
	ck_assert_uint_eq(reg64(IRQ_STATUS), 0x10);
	put(ACK, 0x10);
	ck_assert_uint_eq(reg64(IRQ_STATUS), 0);
	irq_exit(&hw);
	ck_assert(!irq_can_enter(&hw, 0));
	go(0x1000, EDU_BUFFER_ADDR, 1, WITH_IRQ);
	model->step(&hw, 0);
	ck_assert(!irq_can_enter(&hw, 0));
	model->step(&hw, 0);
	ck_assert_uint_eq(reg64(CMD), WITH_IRQ);
	ck_assert_uint_eq(reg64(IRQ_STATUS), 0x100);
	ck_assert(irq_can_enter(&hw, 0));
}
END_TEST

/* Each message is an interrupt; a wire is one until it is acknowledged. */
START_TEST(message_or_wire)
{
	put(RAISE, 0); /* nothing to interrupt for */
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 0);
	put(RAISE, 1);
	put(RAISE, 1);
	put(RAISE, 0);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 3);
	ck_assert_uint_eq(reg64(IRQ_STATUS), 1);
	put(ACK, 1);
	cfg.dev[0].bus = BUS_PLATFORM;
	put(RAISE, 0);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 3);
	put(RAISE, 1);
	put(RAISE, 2);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 4);
	put(ACK, 3);
	put(RAISE, 2);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 5);
}
END_TEST

/* 28 wires: what is above them is lost on the way, for reads and writes. */
START_TEST(wires)
{
	u64 far = (1ull << 28) + 0x3000;

	fill(0x3000, 8);
	fill(far, 8);
	go(far, EDU_BUFFER_ADDR, 8, 0);
	run();
	for (u32 i = 0; i < 8; i++)
		ck_assert_uint_eq(edu_buffer(&hw, 0)[i], (u8)(7 * (0x3000 + i) + 1));
	go(EDU_BUFFER_ADDR + 1000, far + 8, 8, TO_MEMORY);
	fill(far + 8, 8);
	fill(0x3008, 8);
	run();
	ck_assert_uint_eq(load(0x3008, 1), 0);
	ck_assert_uint_eq(load(far + 8, 1), (u8)(7 * (far + 8) + 1));
	cfg.dev[0].address_bits = 32;
	go(EDU_BUFFER_ADDR + 1000, far + 8, 8, TO_MEMORY);
	run();
	ck_assert_uint_eq(load(far + 8, 1), 0);
}
END_TEST

START_TEST(nothing_there)
{
	cfg.dev[0].address_bits = 64;
	go(4096ull * MIB, EDU_BUFFER_ADDR, 8, 0);
	run();
	ck_assert_uint_eq(count(EV_DMA_ABORT), 1);
	ck_assert_uint_eq(edu_buffer(&hw, 0)[7], 0xff);
	ck_assert_uint_eq(reg64(CMD), 0);
}
END_TEST

START_TEST(preset)
{
	static const u8 data[] = {1, 2, 3};

	ck_assert_ptr_null(put_in_buffer(4093, data, 3));
	ck_assert_uint_eq(edu_buffer(&hw, 0)[4095], 3);
	ck_assert_ptr_nonnull(put_in_buffer(4094, data, 3));
	ck_assert_ptr_nonnull(put_in_buffer(~0ull, data, 3));
	ck_assert_uint_eq(edu_buffer(&hw, 0)[4094], 2);
	ck_assert_ptr_null(put_in_buffer(4096, data, 0));
}
END_TEST

START_TEST(wrong)
{
	static const u8 data[] = {1, 2, 3, 4, 5, 6, 7, 8};

	ck_assert_ptr_null(put_in_buffer(0, data, 8));
	misbehave(WRONG_SHORT);
	go(EDU_BUFFER_ADDR, 0x1000, 8, TO_MEMORY);
	run();
	ck_assert_uint_eq(load(0x1003, 1), 4);
	ck_assert_uint_eq(load(0x1004, 1), 0);
	ck_assert_uint_eq(reg64(STATUS), 0);
	misbehave(WRONG_OVERRUN);
	go(EDU_BUFFER_ADDR, 0x1000, 8, TO_MEMORY); /* and all of it: once */
	ck_assert_uint_eq(run(), 3);
	ck_assert_uint_eq(load(0x1007, 1), 8);
	ck_assert_uint_eq(load(0x1008, 1), 1);
	misbehave(WRONG_AFTER_STOP);
	go(EDU_BUFFER_ADDR, 0x2000, 8, TO_MEMORY);
	while (reg64(CMD) & GO) {
		ck_assert(!model->late(&hw, 0));
		model->step(&hw, 0);
	}
	ck_assert(model->late(&hw, 0));
	ck_assert_uint_eq(count(EV_DMA_WRITE), 4);
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(count(EV_DMA_WRITE), 5);
	misbehave(WRONG_OVERRUN);
	go(EDU_BUFFER_ADDR, 0x2000, 4097, TO_MEMORY); /* refused: the next one that runs */
	run();
	ck_assert_uint_eq(count(EV_DMA_WRITE), 5);
	go(0x1000, EDU_BUFFER_ADDR, 4, 0);
	run();
	ck_assert_uint_eq(count(EV_DMA_READ), 2);
}
END_TEST

/* All of it lies in the world: going back gives the same bytes and the same hash. */
START_TEST(back)
{
	struct mark m[80];
	u64 hash[80];
	u32 n = 0, used;
	u8 *first;

	fill(0x1000, 4096);
	world_hash_on(w);
	used = w->used;
	first = malloc(used);
	ck_assert_ptr_nonnull(first);
	memcpy(first, w->rd, used);
	m[n] = world_mark(w);
	hash[n++] = world_hash(w);
	go(0x1000, EDU_BUFFER_ADDR, 4096, WITH_IRQ);
	put(STATUS, 0x80);
	put(FACT, 6);
	while (model->ready(&hw, 0)) {
		m[n] = world_mark(w);
		hash[n++] = world_hash(w);
		model->step(&hw, 0);
		ck_assert_uint_eq(world_hash(w), world_hash_scratch(w));
	}
	ck_assert_uint_eq(n, 1 + 1 + 65);
	while (n--) {
		world_undo(w, &m[n]);
		ck_assert_uint_eq(world_hash(w), hash[n]);
	}
	ck_assert_uint_eq(w->used, used);
	ck_assert_int_eq(memcmp(first, w->rd, used), 0);
	free(first);
}
END_TEST

static Suite *edu_suite(void)
{
	Suite *s = suite_create("edu");
	TCase *c = tcase_create("edu");

	tcase_add_checked_fixture(c, start, stop);
	tcase_add_test(c, sheet);
	tcase_add_test(c, identification);
	tcase_add_test(c, before_and_after);
	tcase_add_test(c, sizes);
	tcase_add_test(c, factorial);
	tcase_add_test(c, there_and_back);
	tcase_add_test(c, beats);
	tcase_add_test(c, exact_fit);
	tcase_add_test(c, refused);
	tcase_add_test(c, busy);
	tcase_add_test(c, interrupt);
	tcase_add_test(c, message_or_wire);
	tcase_add_test(c, wires);
	tcase_add_test(c, nothing_there);
	tcase_add_test(c, preset);
	tcase_add_test(c, wrong);
	tcase_add_test(c, back);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(edu_suite)
