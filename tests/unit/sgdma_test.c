/* SPDX-License-Identifier: MIT */
/* The scatter-gather engine: both kinds of lists, limits of segments, errors, stopping, undo. */
#include "unit/device_rig.h"

enum { ID = 0x00, CTRL = 0x04, STATUS = 0x08, COUNT = 0x0c, LIST_LO = 0x10, LIST_HI = 0x14 };
enum { MOVED = 0x18, SEG_MAX = 0x20, BOUNDARY = 0x24, SEG = 0x40 };
enum { GO = 1, FROM_MEMORY = 2, IRQ = 4, LIST = 8, BUSY = 1, DONE = 2, ERROR = 4 };
enum { AT = 0x4000, RING = 0x8000 };

static void start(void)
{
	rig_start(&sgdma_model, (struct device_config){.name = "sg",
						       .coherent = true,
						       .address_bits = 32,
						       .beat = 64,
						       .max_segment = 256,
						       .boundary = 1024});
}

static void put(u32 r, u64 v)
{
	put_sized(r, v, 4);
}

static void segment(u32 i, u64 addr, u32 len)
{
	put(SEG + 12 * i, addr & 0xffffffff);
	put(SEG + 12 * i + 4, addr >> 32);
	put(SEG + 12 * i + 8, len);
}

static void descriptor(u32 i, u64 addr, u32 len, u32 flags)
{
	u8 raw[16];

	put_le(raw, addr, 8);
	put_le(raw + 8, len, 4);
	put_le(raw + 12, flags, 4);
	store(RING + 16 * i, raw, sizeof raw);
}

static void supply(const char *text)
{
	ck_assert_ptr_null(act(
	    "supply", &(struct act_args){.bytes = {(const u8 *)text}, .len = {(u32)strlen(text)}}));
}

static u32 taken(const u8 **at)
{
	return device_act_find(model, "taken")->look(&hw, 0, at);
}

START_TEST(registers)
{
	ck_assert_uint_eq(reg(ID), 0x00015ca7);
	ck_assert_uint_eq(reg(SEG_MAX), 256);
	ck_assert_uint_eq(reg(BOUNDARY), 1023);
	put(ID, 1);
	put(SEG_MAX, 1);
	put(BOUNDARY, 1);
	put(MOVED, 1);
	ck_assert_uint_eq(reg(ID), 0x00015ca7);
	ck_assert_uint_eq(reg(SEG_MAX), 256);
	ck_assert_uint_eq(reg(BOUNDARY), 1023);
	ck_assert_uint_eq(reg(MOVED), 0);
	segment(15, 0x123456789, 77);
	ck_assert_uint_eq(reg(SEG + 12 * 15), 0x23456789);
	ck_assert_uint_eq(reg(SEG + 12 * 15 + 4), 1);
	ck_assert_uint_eq(reg(SEG + 12 * 15 + 8), 77);
	ck_assert_uint_eq(reg(SEG + 12 * 14 + 8), 0);
	put_sized(COUNT, 3, 2); /* of another size: not taken */
	ck_assert_uint_eq(reg(COUNT), 0);
	put(CTRL, FROM_MEMORY | IRQ); /* no SGDMA_GO: nothing begins */
	ck_assert(!model->ready(&hw, 0));
	ck_assert_uint_eq(reg(CTRL), FROM_MEMORY | IRQ);
}
END_TEST

/* Rows of the table that are arrays: which offset is whose. */
START_TEST(arrays)
{
	u32 i = 9;

	ck_assert_str_eq(device_reg_at(model, SEG, &i)->constant, "SGDMA_ADDR_LO");
	ck_assert_uint_eq(i, 0);
	ck_assert_str_eq(device_reg_at(model, SEG + 12 * 15 + 8, &i)->constant, "SGDMA_LEN");
	ck_assert_uint_eq(i, 15);
	ck_assert_str_eq(device_reg_at(model, COUNT, &i)->constant, "SGDMA_COUNT");
	ck_assert_uint_eq(i, 0);
	ck_assert_ptr_null(device_reg_at(model, SEG + 12 * 16, &i));
	ck_assert_ptr_null(device_reg_at(model, SEG + 2, &i));
	ck_assert_ptr_null(device_reg_at(model, 0x1c, &i));
	ck_assert_uint_eq(device_reg_find(model, "SGDMA_LEN")->offset, SEG + 8);
	ck_assert_ptr_null(device_reg_find(model, "SGDMA_LENGTH"));
}
END_TEST

START_TEST(to_memory)
{
	supply("abcde");
	segment(0, AT, 100);
	segment(1, AT + 0x1000, 0); /* passed over */
	segment(2, AT + 0x2000, 7);
	put(COUNT, 3);
	put(CTRL, GO | IRQ);
	ck_assert_uint_eq(reg(STATUS), BUSY);
	segment(2, 0, 0); /* busy: not taken */
	put(COUNT, 1);
	ck_assert_uint_eq(run(), 5); /* 64, 36, none, 7, the end */
	ck_assert_uint_eq(load(AT, 5), 0x6564636261);
	ck_assert_uint_eq(load(AT + 99, 2), 'e'); /* byte 99 of abcdeabcde...; nothing behind it */
	ck_assert_uint_eq(load(AT + 0x1000, 1), 0);
	ck_assert_uint_eq(load(AT + 0x2000, 7), 0x62616564636261);
	ck_assert_uint_eq(load(AT + 0x2007, 1), 0);
	ck_assert_uint_eq(reg(MOVED), 107);
	ck_assert_uint_eq(reg(STATUS), DONE);
	ck_assert_uint_eq(reg(CTRL), IRQ);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 1);
	put(STATUS, DONE);
	ck_assert_uint_eq(reg(STATUS), 0);
	put(CTRL, GO); /* again: it forgets how it ended */
	ck_assert_uint_eq(reg(MOVED), 0);
	ck_assert_uint_eq(run(), 5);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 1);
}
END_TEST

START_TEST(from_memory)
{
	const u8 *got;

	store(AT, "hello, ", 7);
	store(AT + 0x1003, "world", 5);
	segment(0, AT, 7);
	segment(1, AT + 0x1003, 5);
	put(COUNT, 2);
	put(CTRL, GO | FROM_MEMORY);
	run();
	ck_assert_uint_eq(taken(&got), 12);
	ck_assert_mem_eq(got, "hello, world", 12);
	ck_assert_uint_eq(count(EV_DMA_WRITE), 0);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 0);
}
END_TEST

/* The next descriptor is fetched before the first byte of a segment moves. */
START_TEST(list)
{
	struct device_hold hold;
	const u8 *got;

	store(AT, "one", 3);
	store(AT + 64, "two", 3);
	descriptor(0, AT, 3, 0);
	descriptor(1, AT + 64, 3, 1); /* SGDMA_LAST: the third is not looked at */
	descriptor(2, AT, 3, 0);
	put(LIST_LO, RING + 5); /* the lowest bits are 0 */
	put(COUNT, 3);
	put(CTRL, GO | FROM_MEMORY | LIST);
	model->step(&hw, 0);
	ck_assert(model->holds(&hw, 0, 0, &hold));
	ck_assert_uint_eq(hold.bus, RING);
	ck_assert_uint_eq(get_le(hold.data, 8), AT);
	ck_assert_uint_eq(count(EV_LATCH_USE), 0);
	model->step(&hw, 0); /* the first segment is begun */
	ck_assert_uint_eq(count(EV_LATCH_USE), 1);
	model->step(&hw, 0);
	ck_assert_uint_eq(count(EV_DMA_READ), 2); /* descriptors, no data yet */
	ck_assert(model->holds(&hw, 0, 0, &hold));
	ck_assert_uint_eq(hold.bus, RING + 16);
	descriptor(1, AT, 3, 1); /* too late */
	run();
	ck_assert_uint_eq(taken(&got), 6);
	ck_assert_mem_eq(got, "onetwo", 6);
	ck_assert_uint_eq(count(EV_LATCH_USE), 2);
	ck_assert(!model->holds(&hw, 0, 0, &hold));
}
END_TEST

/* Of 256 + 10 bytes the counter sees 10; 256 and 512 are 256 to it. */
START_TEST(too_long)
{
	static const u32 given[] = {1, 255, 256, 257, 266, 512},
			 moved[] = {1, 255, 256, 1, 10, 256};

	for (u32 i = 0; i < ARRAY_LEN(given); i++) {
		segment(0, AT, given[i]);
		put(COUNT, 1);
		put(CTRL, GO);
		run();
		ck_assert_uint_eq(reg(MOVED), moved[i]);
		ck_assert_uint_eq(reg(STATUS), DONE); /* it does not notice */
	}
}
END_TEST

/* Behind the boundary at 0x4400 it goes on at 0x4000. */
START_TEST(across)
{
	supply("0123456789");
	segment(0, AT + 1024 - 4, 8);
	put(COUNT, 1);
	put(CTRL, GO);
	ck_assert_uint_eq(run(), 3);
	ck_assert_uint_eq(load(AT + 1024 - 4, 4), 0x33323130);
	ck_assert_uint_eq(load(AT + 1024, 4), 0);
	ck_assert_uint_eq(load(AT, 5), 0x37363534);
	segment(0, AT + 1024, 8); /* begins at it: fits */
	put(CTRL, GO);
	run();
	ck_assert_uint_eq(load(AT + 1024, 4), 0x33323130);
}
END_TEST

START_TEST(errors)
{
	put(CTRL, GO | IRQ); /* no segments */
	ck_assert_uint_eq(reg(STATUS), DONE | ERROR);
	ck_assert_uint_eq(reg(CTRL), IRQ);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 1);
	put(COUNT, 17);
	put(CTRL, GO);
	ck_assert_uint_eq(reg(STATUS), DONE | ERROR);
	put(COUNT, 257);
	put(CTRL, GO | LIST);
	ck_assert_uint_eq(reg(STATUS), DONE | ERROR);
	ck_assert(!model->ready(&hw, 0));
	put(COUNT, 2);
	segment(0, AT, 8);
	segment(1, 0xf0000000, 8);
	put(CTRL, GO);
	run();
	ck_assert_uint_eq(reg(STATUS), DONE | ERROR);
	ck_assert_uint_eq(reg(MOVED), 8);
	ck_assert_uint_eq(count(EV_DMA_ABORT), 1);
	put(LIST_LO, 0xf0000000);
	put(CTRL, GO | LIST);
	run();
	ck_assert_uint_eq(reg(STATUS), DONE | ERROR);
	ck_assert_uint_eq(count(EV_DMA_ABORT), 2);
	ck_assert_ptr_nonnull(act("supply", &(struct act_args){.len = {0}}));
	ck_assert_ptr_nonnull(act("supply", &(struct act_args){.len = {4097}}));
}
END_TEST

START_TEST(stopped)
{
	segment(0, AT, 200);
	put(COUNT, 1);
	put(CTRL, GO | IRQ);
	model->step(&hw, 0);
	put(CTRL, GO); /* it runs already */
	ck_assert_uint_eq(reg(STATUS), BUSY);
	put(CTRL, 0);
	ck_assert_uint_eq(reg(STATUS), 0);
	ck_assert(!model->ready(&hw, 0));
	ck_assert_uint_eq(count(EV_DMA_WRITE), 1);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 0);
}
END_TEST

START_TEST(misbehaves)
{
	segment(0, AT, 100);
	put(COUNT, 1);
	misbehave(WRONG_SHORT);
	put(CTRL, GO);
	run();
	ck_assert_uint_eq(reg(MOVED), 100); /* as it says */
	ck_assert_uint_eq(load(AT + 49, 2), 49);
	misbehave(WRONG_OVERRUN);
	put(CTRL, GO);
	run();
	ck_assert_uint_eq(load(AT + 100, 1), 0xee);
	ck_assert_uint_eq(load(AT + 99, 1), 99);
	misbehave(WRONG_AFTER_STOP);
	put(CTRL, GO);
	while (!model->late(&hw, 0))
		model->step(&hw, 0);
	ck_assert_uint_eq(reg(STATUS), DONE);
	ck_assert_uint_eq(load(AT, 1), 0);
	model->step(&hw, 0);
	ck_assert_uint_eq(load(AT, 1), 0xee);
	put(CTRL, GO); /* for one occasion */
	ck_assert_uint_eq(run(), 3);
	ck_assert_uint_eq(load(AT + 100, 1), 0xee); /* as it was left */
}
END_TEST

START_TEST(undo)
{
	descriptor(0, AT, 100, 0);
	descriptor(1, AT + 0x1000, 20, 1);
	put(LIST_LO, RING);
	put(COUNT, 2);
	misbehave(WRONG_OVERRUN | WRONG_AFTER_STOP);
	put(CTRL, GO | LIST | IRQ);
	undo_all(8);
}
END_TEST

static Suite *sgdma_suite(void)
{
	Suite *s = suite_create("sgdma");
	TCase *t = tcase_create("sgdma");

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, registers);
	tcase_add_test(t, arrays);
	tcase_add_test(t, to_memory);
	tcase_add_test(t, from_memory);
	tcase_add_test(t, list);
	tcase_add_test(t, too_long);
	tcase_add_test(t, across);
	tcase_add_test(t, errors);
	tcase_add_test(t, stopped);
	tcase_add_test(t, misbehaves);
	tcase_add_test(t, undo);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(sgdma_suite)
