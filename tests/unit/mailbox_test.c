/* SPDX-License-Identifier: MIT */
/* The mailbox: registers, a request and its answer, errors, misbehaviour, and undo of it all. */
#include "unit/device_rig.h"

enum { ID = 0x00, CTRL = 0x04, STATUS = 0x08, LO = 0x10, HI = 0x14, LEN = 0x18, BELL = 0x1c };
enum { CMD = 0x20, RESULT = 0x24, BUSY = 1, DONE = 2, ERROR = 4, MSG = 0x4000 };

static void start(void)
{
	rig_start(&mailbox_model,
		  (struct device_config){
		      .name = "mbox", .coherent = true, .address_bits = 32, .beat = 16});
}

static void put(u32 r, u64 v)
{
	put_sized(r, v, 4);
}

static const char *complete(u64 v)
{
	return act("complete", &(struct act_args){.v = {v}});
}

static void ask(u32 cmd, u32 len)
{
	ck_assert_int_eq(
	    cpu_store(&hw, va_linear(&hw, (phys_addr_t){MSG}), 4, (const u8 *)&cmd, STORE_PLAIN),
	    ACCESS_OK);
	put(LO, MSG);
	put(LEN, len);
	put(BELL, 1);
}

START_TEST(registers)
{
	ck_assert_uint_eq(reg(ID), 0x0001b0c5);
	ck_assert_uint_eq(reg(CTRL), 1);
	ck_assert_uint_eq(reg(LEN), 64);
	put(ID, 1);
	put(CMD, 1);
	put(RESULT, 1);
	ck_assert_uint_eq(reg(ID), 0x0001b0c5);
	ck_assert_uint_eq(reg(CMD), 0);
	ck_assert_uint_eq(reg(RESULT), 0);
	put_sized(LO, 0xff, 2);
	ck_assert_uint_eq(reg(LO), 0);
	put(CTRL, ~0ull);
	ck_assert_uint_eq(reg(CTRL), 1);
	put(CTRL, 0);
	put(BELL, 1);
	ck_assert(!model->ready(&hw, 0));
	ck_assert_uint_eq(reg(BELL), 0);
}
END_TEST

START_TEST(answers)
{
	struct device_hold hold;

	ask(7, 64);
	ck_assert_uint_eq(reg(STATUS), BUSY);
	put(STATUS, BUSY); /* that is not the CPU's to clear */
	ck_assert_uint_eq(reg(STATUS), BUSY);
	put(LO, 0x9000); /* latched: the request that runs does not see it */
	put(BELL, 1);	 /* busy */
	ck_assert_uint_eq(run(), 4);
	ck_assert_uint_eq(reg(CMD), 7);
	ck_assert(model->holds(&hw, 0, 0, &hold));
	ck_assert_uint_eq(hold.bus, MSG);
	ck_assert_uint_eq(hold.n, 64);
	ck_assert_uint_eq(hold.data[0], 7);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 0);
	ck_assert_ptr_null(complete(0x11223344556677));
	ck_assert_uint_eq(run(), 5); /* 8, 16, 16, 16 bytes, the status */
	ck_assert_uint_eq(load(MSG, 4), 7);
	ck_assert_uint_eq(load(MSG + 4, 4), 1);
	ck_assert_uint_eq(load(MSG + 8, 8), 0x11223344556677);
	ck_assert_uint_eq(load(MSG + 16, 1), 0x77);
	ck_assert_uint_eq(load(MSG + 63, 2), 0x77);
	ck_assert_uint_eq(reg(RESULT), 0x44556677);
	ck_assert_uint_eq(reg(STATUS), DONE);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 1);
	put(STATUS, DONE);
	ck_assert_uint_eq(reg(STATUS), 0);
	ck_assert(!model->holds(&hw, 0, 0, &hold));
}
END_TEST

/* The status is written behind the answer, in a step of its own. */
START_TEST(status_last)
{
	complete(42);
	ask(1, 16);
	model->step(&hw, 0);
	model->step(&hw, 0);
	ck_assert_uint_eq(load(MSG + 8, 8), 42);
	ck_assert_uint_eq(load(MSG + 4, 4), 0);
	ck_assert_uint_eq(reg(STATUS), BUSY);
	model->step(&hw, 0);
	ck_assert_uint_eq(load(MSG + 4, 4), 1);
	ck_assert_uint_eq(reg(STATUS), DONE);
}
END_TEST

/* Answers come in the order in which the firmware has them, one for each request. */
START_TEST(in_order)
{
	for (u32 i = 0; i < 8; i++)
		ck_assert_ptr_null(complete(100 + i));
	ck_assert_ptr_nonnull(complete(1));
	for (u32 i = 0; i < 8; i++) {
		ask(i, 16);
		run();
		ck_assert_uint_eq(reg(RESULT), 100 + i);
		ck_assert_uint_eq(reg(CMD), i);
	}
	ask(8, 16);
	run();
	ck_assert_uint_eq(reg(STATUS), BUSY | DONE);
}
END_TEST

START_TEST(errors)
{
	static const u32 bad[] = {0, 15, 257};

	for (u32 i = 0; i < ARRAY_LEN(bad); i++) {
		ask(1, bad[i]);
		ck_assert_uint_eq(reg(STATUS), ERROR);
		ck_assert(!model->ready(&hw, 0));
		put(STATUS, ERROR);
	}
	ck_assert_uint_eq(count(EV_DMA_READ), 0);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 3);
	put(LO, 0xf0000000);
	put(LEN, 16);
	put(BELL, 1);
	run();
	ck_assert_uint_eq(reg(STATUS), ERROR);
	ck_assert_uint_eq(count(EV_DMA_ABORT), 1);
	ask(1, 256);
	ck_assert_uint_eq(run(), 16);
	put(CTRL, 0);
	ck_assert_uint_eq(reg(STATUS), ERROR); /* no longer busy */
	complete(1);
	ck_assert(!model->ready(&hw, 0));
}
END_TEST

START_TEST(wrong)
{
	misbehave(WRONG_SHORT);
	complete(0x5a);
	ask(1, 64);
	run();
	ck_assert_uint_eq(load(MSG + 8 + 27, 2), 0x5a);
	ck_assert_uint_eq(load(MSG + 4, 4), 1);
	misbehave(WRONG_OVERRUN);
	complete(0x5a);
	ask(1, 64);
	run();
	ck_assert_uint_eq(load(MSG + 63, 2), 0xee5a);
	complete(0x5a); /* once */
	put(LO, MSG + 0x100);
	put(BELL, 1);
	run();
	ck_assert_uint_eq(load(MSG + 0x100 + 63, 2), 0x5a);
	misbehave(WRONG_AFTER_STOP);
	ask(9, 64);
	run();
	put(CTRL, 0);
	ck_assert(model->late(&hw, 0));
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(load(MSG, 1), 0xee);
}
END_TEST

START_TEST(undo)
{
	complete(3);
	misbehave(WRONG_SHORT | WRONG_OVERRUN);
	ask(1, 64);
	undo_all(7);
}
END_TEST

static Suite *mailbox_suite(void)
{
	Suite *s = suite_create("mailbox");
	TCase *t = tcase_create("mailbox");

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, registers);
	tcase_add_test(t, answers);
	tcase_add_test(t, status_last);
	tcase_add_test(t, in_order);
	tcase_add_test(t, errors);
	tcase_add_test(t, wrong);
	tcase_add_test(t, undo);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(mailbox_suite)
