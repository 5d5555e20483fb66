/* SPDX-License-Identifier: MIT */
/* The sound card: its clock, periods, position, FIFO, capture, errors, misbehaviour, and undo. */
#include "unit/device_rig.h"

enum { ID = 0x00, CTRL = 0x04, STATUS = 0x08, ADDR = 0x10, ADDR_HI = 0x14, LEN = 0x18 };
enum { PERIOD = 0x1c, FIFO = 0x20, POS = 0x24, PERIODS = 0x28 };
enum { GO = 1, CAPTURE = 2, IRQ_OFF = 4, RUNNING = 1, ELAPSED = 2, LATE = 4, ERROR = 8 };
enum { AT = 0x4000, SIZE = 256, EACH = 64 };

static void start(void)
{
	rig_start(&audio_model,
		  (struct device_config){
		      .name = "pcm", .coherent = true, .address_bits = 32, .beat = 16});
}

static void put(u32 r, u64 v)
{
	put_sized(r, v, 4);
}

static void go(u32 ctrl, u32 fifo)
{
	put(ADDR, AT);
	put(LEN, SIZE);
	put(PERIOD, EACH);
	put(FIFO, fifo);
	put(CTRL, GO | ctrl);
}

static const char *play(u64 n)
{
	return act("play", &(struct act_args){.v = {n}});
}

static u32 played(const u8 **at)
{
	return device_act_find(model, "played")->look(&hw, 0, at);
}

static u32 irqs(void)
{
	return hw_dev(&hw, 0)->irq_raised;
}

/* Byte k of the buffer is k. */
static void fill(void)
{
	for (u32 k = 0; k < SIZE; k++)
		store(AT + k, &(u8){(u8)k}, 1);
}

START_TEST(registers)
{
	ck_assert_uint_eq(reg(ID), 0x0001ac97);
	put(ID, 1);
	put(POS, 1);
	put(PERIODS, 1);
	ck_assert_uint_eq(reg(ID), 0x0001ac97);
	ck_assert_uint_eq(reg(POS), 0);
	ck_assert_uint_eq(reg(PERIODS), 0);
	put_sized(LEN, 0xff, 2);
	ck_assert_uint_eq(reg(LEN), 0);
	ck_assert_ptr_null(play(100)); /* it does not run: nothing comes of it */
	ck_assert_uint_eq(reg(POS), 0);
	ck_assert_uint_eq(count(EV_DMA_READ), 0);
	ck_assert_ptr_nonnull(play((1 << 20) + 1));
	ck_assert_ptr_nonnull(act("record", &(struct act_args){.len = {0}}));
	ck_assert(device_act_find(model, "play")->told);
	ck_assert(device_act_find(model, "clock")->told);
	ck_assert(!device_act_find(model, "record")->told);
}
END_TEST

START_TEST(round_and_round)
{
	const u8 *heard;

	fill();
	go(0, 0);
	ck_assert(!model->ready(&hw, 0)); /* no time passes by itself */
	ck_assert_uint_eq(reg(STATUS), RUNNING);
	ck_assert_ptr_null(play(EACH + 40));
	ck_assert_uint_eq(reg(POS), EACH + 40);
	ck_assert_uint_eq(reg(PERIODS), 1);
	ck_assert_uint_eq(reg(STATUS), RUNNING | ELAPSED);
	ck_assert_uint_eq(irqs(), 1);
	put(STATUS, ELAPSED | RUNNING); /* that it runs is not the driver's to change */
	ck_assert_uint_eq(reg(STATUS), RUNNING);
	play(SIZE - EACH - 40 + 10);
	ck_assert_uint_eq(reg(POS), 10);
	ck_assert_uint_eq(reg(PERIODS), 4);
	ck_assert_uint_eq(irqs(), 4);
	ck_assert_uint_eq(reg(STATUS), RUNNING | ELAPSED | LATE);
	ck_assert_uint_eq(played(&heard), SIZE + 10);
	for (u32 k = 0; k < SIZE + 10; k++)
		ck_assert_uint_eq(heard[k], k % SIZE);
	put(CTRL, 0);
	ck_assert_uint_eq(reg(STATUS), ELAPSED | LATE);
	play(50);
	ck_assert_uint_eq(reg(POS), 10);
	put(CTRL, GO); /* from the begin */
	ck_assert_uint_eq(reg(POS), 0);
	ck_assert_uint_eq(reg(STATUS), RUNNING);
	ck_assert_uint_eq(played(&heard), 0);
}
END_TEST

/* What was read ahead is played as it was, whatever the driver writes behind it. */
START_TEST(reads_ahead)
{
	struct device_hold hold;
	const u8 *heard;

	fill();
	go(0, 32);
	ck_assert_uint_eq(run(), 2); /* two beats ahead */
	ck_assert_uint_eq(reg(POS), 0);
	ck_assert(model->holds(&hw, 0, 0, &hold));
	ck_assert_uint_eq(hold.n, 32);
	ck_assert_uint_eq(hold.bus, AT);
	ck_assert_uint_eq(hold.data[31], 31);
	store(AT + 31, "x", 1); /* too late */
	store(AT + 32, "y", 1); /* in time */
	play(33);
	ck_assert_uint_eq(reg(POS), 33);
	ck_assert_uint_eq(played(&heard), 33);
	ck_assert_uint_eq(heard[31], 31);
	ck_assert_uint_eq(heard[32], 'y');
	ck_assert_uint_eq(hold.n, 32);
}
END_TEST

/* Beside the driver: one beat a step. */
START_TEST(by_its_clock)
{
	fill();
	go(IRQ_OFF, 0);
	ck_assert_ptr_null(act("clock", &(struct act_args){.v = {EACH}}));
	ck_assert_uint_eq(reg(POS), 0);
	model->step(&hw, 0);
	ck_assert_uint_eq(reg(POS), 16);
	ck_assert_uint_eq(run(), 3);
	ck_assert_uint_eq(reg(POS), EACH);
	ck_assert_uint_eq(reg(STATUS), RUNNING | ELAPSED);
	ck_assert_uint_eq(irqs(), 0); /* it was told to be quiet */
}
END_TEST

START_TEST(records)
{
	go(CAPTURE, 32); /* there is no FIFO on this side */
	ck_assert(!model->ready(&hw, 0));
	act("record", &(struct act_args){.bytes = {(const u8 *)"abc"}, .len = {3}});
	play(SIZE + 4);
	ck_assert_uint_eq(reg(POS), 4);
	ck_assert_uint_eq(reg(PERIODS), 4);
	ck_assert_uint_eq(load(AT + 4, 3), 0x636261 >> 8 | 'a' << 16); /* byte 4 of the stream: b */
	ck_assert_uint_eq(load(AT, 3), 'b' | 'c' << 8 | 'a' << 16);    /* byte 256 */
	ck_assert_uint_eq(count(EV_DMA_READ), 0);
}
END_TEST

START_TEST(errors)
{
	static const u32 bad[][3] = {/* length, period, FIFO */
				     {0, 64, 0},
				     {100, 64, 0},
				     {64, 0, 0},
				     {64, 2, 0},
				     {64, 64, 65}};

	for (u32 i = 0; i < ARRAY_LEN(bad); i++) {
		put(ADDR, AT);
		put(LEN, bad[i][0]);
		put(PERIOD, bad[i][1]);
		put(FIFO, bad[i][2]);
		put(CTRL, GO);
		ck_assert_uint_eq(reg(STATUS), ERROR);
		ck_assert_uint_eq(reg(CTRL), 0);
		ck_assert_uint_eq(irqs(), i + 1);
		put(STATUS, ERROR);
	}
	put(FIFO, 0);
	put(ADDR, 0xf0000000);
	put(CTRL, GO);
	play(1);
	ck_assert_uint_eq(reg(STATUS), ERROR);
	ck_assert_uint_eq(count(EV_DMA_ABORT), 1);
	put(CTRL, GO | CAPTURE);
	play(1);
	ck_assert_uint_eq(reg(STATUS), ERROR);
	ck_assert_uint_eq(count(EV_DMA_ABORT), 2);
}
END_TEST

START_TEST(misbehaves)
{
	const u8 *heard;

	fill();
	go(0, 0);
	misbehave(WRONG_SHORT);
	play(2 * EACH);
	played(&heard);
	ck_assert_uint_eq(heard[EACH - 1], EACH - 1);
	ck_assert_uint_eq(heard[EACH], 0); /* half of the next period */
	ck_assert_uint_eq(heard[EACH + 31], 0);
	ck_assert_uint_eq(heard[EACH + 32], EACH + 32);
	ck_assert_uint_eq(reg(PERIODS), 2);
	put(CTRL, 0);
	misbehave(WRONG_OVERRUN);
	go(CAPTURE, 0);
	play(SIZE);
	ck_assert_uint_eq(load(AT + SIZE, 1), 0xee);
	ck_assert_uint_eq(load(AT + SIZE - 1, 1), SIZE - 1);
	play(SIZE); /* once */
	misbehave(WRONG_AFTER_STOP);
	play(8);
	put(CTRL, 0);
	ck_assert(model->late(&hw, 0));
	ck_assert_uint_eq(reg(STATUS) & RUNNING, 0);
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(load(AT + 8, 1), 0xee);
}
END_TEST

START_TEST(undo)
{
	fill();
	misbehave(WRONG_SHORT | WRONG_OVERRUN);
	go(0, 24);
	act("clock", &(struct act_args){.v = {SIZE + 20}});
	undo_all(19);
}
END_TEST

static Suite *audio_suite(void)
{
	Suite *s = suite_create("audio");
	TCase *t = tcase_create("audio");

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, registers);
	tcase_add_test(t, round_and_round);
	tcase_add_test(t, reads_ahead);
	tcase_add_test(t, by_its_clock);
	tcase_add_test(t, records);
	tcase_add_test(t, errors);
	tcase_add_test(t, misbehaves);
	tcase_add_test(t, undo);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(audio_suite)
