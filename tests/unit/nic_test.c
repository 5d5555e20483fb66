/* SPDX-License-Identifier: MIT */
/* The network card: registers, one packet, both rings, errors, misbehaviour, and undo of it all. */
#include "unit/device_rig.h"

enum { ID = 0x00, CTRL = 0x04, STATUS = 0x08, IRQ_OFF = 0x0c, TX_LO = 0x10, TX_HI = 0x14 };
enum { TX_LEN = 0x18, TX_RING = 0x20, TX_BELL = 0x28, TX_HEAD = 0x2c, RX_RING = 0x30 };
enum { RX_BELL = 0x38, RX_HEAD = 0x3c, DROPPED = 0x40 };
enum { RX = 1, TX = 2, RING = 4, TX_DONE = 1, RX_DONE = 2, ERROR = 4, DONE = 1, CUT = 2 };
enum { TXR = 0x2000, RXR = 0x3000, BUF = 0x8000 };
#define OWN 0x80000000u

static void start(void)
{
	rig_start(&nic_model, (struct device_config){.name = "nic",
						     .coherent = true,
						     .address_bits = 64,
						     .bus = BUS_PCI,
						     .beat = 64,
						     .ring = 2});
}

static void put(u32 r, u64 v)
{
	put_sized(r, v, 4);
}

static void describe(u64 ring, u32 i, u64 addr, u32 len, u32 flags)
{
	store(ring + 16 * i, &addr, 8);
	store(ring + 16 * i + 8, &len, 4);
	store(ring + 16 * i + 12, &flags, 4);
}

static u32 flags(u64 ring, u32 i)
{
	return (u32)load(ring + 16 * i + 12, 4);
}

static const char *receive(const char *text, u32 n)
{
	const struct act_args a = {.bytes = {(const u8 *)text}, .len = {n}};

	return act("receive", &a);
}

static void sent_is(const char *text)
{
	const u8 *at;
	u32 n = device_act_find(model, "sent")->look(&hw, 0, &at);

	ck_assert_uint_eq(n, strlen(text));
	ck_assert_int_eq(memcmp(at, text, n), 0);
}

/* Bus address of the last event of that kind. */
static u64 last_bus(enum event_kind kind)
{
	for (u32 i = w->log->n; i; i--)
		if (event_get(w->log, i)->kind == kind)
			return event_get(w->log, i)->f[0];
	ck_abort_msg("there is no such event");
}

static void receive_on(void)
{
	put(RX_RING, RXR);
	put(CTRL, RX);
	run();
}

START_TEST(registers)
{
	ck_assert_uint_eq(reg(ID), 0x00010a1c);
	put(ID, 5);
	ck_assert_uint_eq(reg(ID), 0x00010a1c);
	put(TX_LO, 0x12345678);
	put_sized(TX_LO, 0x9a, 1); /* 4 bytes only */
	put_sized(TX_LO, 0x9a, 8);
	ck_assert_uint_eq(reg(TX_LO), 0x12345678);
	put(TX_HEAD, 1);
	ck_assert_uint_eq(reg(TX_HEAD), 0);
	put(TX_BELL, 1);
	ck_assert_uint_eq(reg(TX_BELL), 0);
	put(0x60, 7); /* no register */
	ck_assert_uint_eq(reg(0x60), 0);
	put(CTRL, 0xfffffff8); /* no such bits */
	ck_assert_uint_eq(reg(CTRL), 0);
	ck_assert(!model->ready(&hw, 0));
}
END_TEST

START_TEST(one_packet)
{
	store(BUF + 60, "hello, world", 12);
	put(TX_LO, BUF + 60);
	put(TX_LEN, 12);
	put(CTRL, TX);
	ck_assert_uint_eq(reg(CTRL), TX);
	put(TX_LEN, 1);		     /* latched: the packet that runs does not see it */
	ck_assert_uint_eq(run(), 3); /* 4 bytes to the end of the line, 8, the end */
	ck_assert_uint_eq(reg(CTRL), 0);
	ck_assert_uint_eq(reg(STATUS), TX_DONE);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 1);
	sent_is("hello, world");
	put(STATUS, RX_DONE);
	ck_assert_uint_eq(reg(STATUS), TX_DONE);
	put(STATUS, TX_DONE);
	ck_assert_uint_eq(reg(STATUS), 0);
}
END_TEST

START_TEST(interrupts_off)
{
	put(IRQ_OFF, TX_DONE);
	put(TX_LO, BUF);
	put(TX_LEN, 2);
	put(CTRL, TX);
	run();
	ck_assert_uint_eq(reg(STATUS), TX_DONE);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 0);
	put(IRQ_OFF, RX_DONE);
	put(CTRL, TX);
	run();
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 1);
	for (u32 i = 0; i < 40; i++) { /* nobody takes them: the later ones join the last */
		put(CTRL, TX);
		run();
	}
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, IRQ_PENDING_MAX);
	ck_assert_uint_eq(world_now(w)->limit, 0);
}
END_TEST

START_TEST(bad_lengths)
{
	static const u32 bad[] = {0, 2049, ~0u};

	for (u32 i = 0; i < ARRAY_LEN(bad); i++) {
		put(TX_LEN, bad[i]);
		put(CTRL, TX);
		ck_assert(!model->ready(&hw, 0));
		ck_assert_uint_eq(reg(CTRL), 0);
		ck_assert_uint_eq(reg(STATUS), ERROR);
		put(STATUS, ERROR);
	}
	ck_assert_uint_eq(count(EV_DMA_READ), 0);
	put(TX_LEN, 2048);
	put(TX_LO, BUF);
	put(CTRL, TX);
	ck_assert_uint_eq(run(), 33);
	ck_assert_uint_eq(reg(STATUS), TX_DONE);
	ck_assert_ptr_nonnull(receive("", 0));
	ck_assert_ptr_nonnull(receive("x", 2049));
}
END_TEST

START_TEST(sends_from_the_ring)
{
	store(BUF, "onetwothree", 11);
	describe(TXR, 0, BUF, 3, OWN);
	describe(TXR, 1, BUF + 3, 3, 0);
	put(TX_RING, TXR + 5); /* cut to 16 bytes */
	put(TX_BELL, 0);       /* the ring is off: it does not hear it */
	put(CTRL, RING);
	ck_assert(!model->ready(&hw, 0));
	put(TX_BELL, 0);
	ck_assert_uint_eq(run(), 4); /* fetch, read, write back; the next one is not its own */
	sent_is("one");
	ck_assert_uint_eq(flags(TXR, 0), DONE);
	ck_assert_uint_eq(flags(TXR, 1), 0);
	ck_assert_uint_eq(reg(TX_HEAD), 1);
	describe(TXR, 1, BUF + 3, 3, OWN);
	ck_assert(!model->ready(&hw, 0)); /* it waits for the doorbell */
	describe(TXR, 0, BUF + 6, 5, OWN);
	put(TX_BELL, 0);
	run(); /* both: the ring wraps */
	sent_is("three");
	ck_assert_uint_eq(reg(TX_HEAD), 1);
	ck_assert_uint_eq(flags(TXR, 0), DONE);
	ck_assert_uint_eq(flags(TXR, 1), DONE);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 3);
	put(TX_RING, TXR);
	ck_assert_uint_eq(reg(TX_HEAD), 0);
}
END_TEST

/* A doorbell that comes while it works is not lost. */
START_TEST(doorbell_while_it_works)
{
	store(BUF, "ab", 2);
	describe(TXR, 0, BUF, 1, OWN);
	put(TX_RING, TXR);
	put(CTRL, RING);
	put(TX_BELL, 0);
	model->step(&hw, 0);
	describe(TXR, 1, BUF + 1, 1, OWN);
	put(TX_BELL, 0);
	run();
	sent_is("b");
	put(CTRL, RING | TX); /* the registers name nothing */
	ck_assert_uint_eq(reg(STATUS), TX_DONE | ERROR);
}
END_TEST

START_TEST(receives_into_the_ring)
{
	describe(RXR, 0, BUF, 64, OWN);
	describe(RXR, 1, BUF + 64, 4, OWN);
	receive_on();
	ck_assert_uint_eq(reg(RX_HEAD), 0);
	ck_assert_ptr_null(receive("packet", 6));
	ck_assert_uint_eq(run(), 3); /* write, write back, fetch the next one */
	ck_assert_uint_eq(load(BUF, 6), 0x74656b636170);
	ck_assert_uint_eq(load(RXR + 8, 4), 6);
	ck_assert_uint_eq(flags(RXR, 0), DONE);
	ck_assert_uint_eq(reg(STATUS), RX_DONE);
	ck_assert_uint_eq(reg(RX_HEAD), 1);
	ck_assert_ptr_null(receive("too long", 8));
	run();
	ck_assert_uint_eq(load(BUF + 64, 8), 0x206f6f74);
	ck_assert_uint_eq(load(RXR + 24, 4), 4);
	ck_assert_uint_eq(flags(RXR, 1), DONE | CUT);
	ck_assert_uint_eq(reg(RX_HEAD), 0);
	ck_assert_uint_eq(hw_dev(&hw, 0)->irq_raised, 2);
}
END_TEST

/* Without a descriptor a packet waits, and the card looks when the owner word changes. */
START_TEST(waits_for_a_descriptor)
{
	u32 looks;

	ck_assert_ptr_null(receive("first", 5)); /* before receiving is on */
	ck_assert(!model->ready(&hw, 0));
	receive_on();
	looks = count(EV_DMA_READ);
	ck_assert_uint_eq(looks, 1);
	describe(RXR, 0, BUF, 64, 0); /* the owner word is what it was */
	ck_assert(!model->ready(&hw, 0));
	describe(RXR, 0, BUF, 64, OWN);
	ck_assert(model->ready(&hw, 0));
	run();
	ck_assert_uint_eq(load(BUF, 5), 0x7473726966);
	ck_assert_uint_eq(flags(RXR, 0), DONE);
	describe(RXR, 1, BUF, 64, OWN); /* no packet waits: it does not look */
	ck_assert(!model->ready(&hw, 0));
	put(RX_BELL, 0);
	ck_assert_uint_eq(run(), 1);
	put(RX_BELL, 0); /* it holds one */
	ck_assert(!model->ready(&hw, 0));
}
END_TEST

START_TEST(full)
{
	for (u32 i = 0; i < 10; i++)
		ck_assert_ptr_null(receive("x", 1));
	ck_assert_uint_eq(reg(DROPPED), 2);
	describe(RXR, 0, BUF, 64, OWN);
	describe(RXR, 1, BUF, 64, OWN);
	receive_on();
	ck_assert_uint_eq(reg(STATUS), RX_DONE);
	ck_assert_ptr_null(receive("long", 4));
	ck_assert_ptr_null(receive("y", 1));
	ck_assert_uint_eq(reg(DROPPED), 2); /* two have left */
	ck_assert_ptr_null(receive("z", 1));
	ck_assert_uint_eq(reg(DROPPED), 3);
}
END_TEST

/* What it fetched ahead it keeps, whatever the CPU writes to it after that. */
START_TEST(latched)
{
	struct device_hold hold;

	describe(RXR, 0, BUF, 64, OWN);
	ck_assert(!model->holds(&hw, 0, 0, &hold));
	receive_on();
	ck_assert(model->holds(&hw, 0, 0, &hold));
	ck_assert_str_eq(hold.what, "receive descriptor");
	ck_assert_uint_eq(hold.bus, RXR);
	ck_assert_uint_eq(hold.n, 16);
	ck_assert_uint_eq(hold.data[15], 0x80);
	ck_assert(!model->holds(&hw, 0, 1, &hold));
	describe(RXR, 0, BUF + 0x1000, 64, OWN);
	ck_assert_uint_eq(count(EV_LATCH_USE), 0);
	receive("old", 3);
	run();
	ck_assert_uint_eq(count(EV_LATCH_USE), 1);
	ck_assert_uint_eq(load(BUF, 3), 0x646c6f);
	ck_assert_uint_eq(load(BUF + 0x1000, 3), 0);
	put(RX_RING, RXR); /* a ring that moves is fetched anew */
	ck_assert(!model->holds(&hw, 0, 0, &hold));
}
END_TEST

START_TEST(nothing_there)
{
	put(TX_HI, 0x10);
	put(TX_LEN, 4);
	put(CTRL, TX);
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(reg(CTRL), 0);
	ck_assert_uint_eq(reg(STATUS), ERROR);
	put(STATUS, ERROR);
	put(RX_RING + 4, 0x10); /* the ring */
	put(CTRL, RX);
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(reg(CTRL), 0);
	ck_assert_uint_eq(reg(STATUS), ERROR);
	put(STATUS, ERROR);
	put(RX_RING + 4, 0);
	describe(RXR, 0, 0x1000000000, 64, OWN); /* the buffer */
	receive_on();
	receive("x", 1);
	run();
	ck_assert_uint_eq(reg(CTRL), 0);
	ck_assert_uint_eq(reg(STATUS), ERROR);
	ck_assert_uint_eq(flags(RXR, 0), OWN);
	ck_assert_uint_eq(count(EV_DMA_ABORT), 3);
}
END_TEST

START_TEST(stops_at_once)
{
	u32 reads, writes;

	store(BUF, "0123456789abcdef", 16);
	cfg.dev[0].beat = 4;
	put(TX_LO, BUF);
	put(TX_LEN, 16);
	put(CTRL, TX);
	model->step(&hw, 0);
	put(CTRL, 0);
	reads = count(EV_DMA_READ);
	ck_assert(!model->ready(&hw, 0));
	ck_assert_uint_eq(reg(STATUS), 0);
	sent_is("");
	cfg.dev[0].beat = 64;
	describe(RXR, 0, BUF, 64, OWN);
	receive_on();
	put(CTRL, 0);
	writes = count(EV_DMA_WRITE);
	receive("late", 4);
	ck_assert(!model->ready(&hw, 0));
	ck_assert_uint_eq(count(EV_DMA_READ), reads + 1); /* the descriptor */
	ck_assert_uint_eq(count(EV_DMA_WRITE), writes);
}
END_TEST

START_TEST(too_short)
{
	describe(RXR, 0, BUF, 64, OWN);
	describe(RXR, 1, BUF + 64, 64, OWN);
	misbehave(WRONG_SHORT);
	receive_on();
	receive("abcdefgh", 8);
	run();
	ck_assert_uint_eq(load(BUF, 8), 0x64636261);
	ck_assert_uint_eq(load(RXR + 8, 4), 8);
	receive("abcdefgh", 8); /* once */
	run();
	ck_assert_uint_eq(load(BUF + 64, 8), 0x6867666564636261);
	store(BUF, "abcdefgh", 8);
	misbehave(WRONG_SHORT);
	put(TX_LO, BUF);
	put(TX_LEN, 8);
	put(CTRL, TX);
	run();
	sent_is("abcd");
}
END_TEST

START_TEST(over_the_end)
{
	describe(RXR, 0, BUF, 100, OWN);
	misbehave(WRONG_OVERRUN);
	receive_on();
	receive("x", 1);
	model->step(&hw, 0);
	ck_assert_uint_eq(last_bus(EV_DMA_WRITE), BUF);
	model->step(&hw, 0);
	ck_assert_uint_eq(last_bus(EV_DMA_WRITE), BUF + 100);
	ck_assert_uint_eq(load(BUF + 99, 4), 0xeeeeee00);
	run();
	ck_assert_uint_eq(flags(RXR, 0), DONE);
	misbehave(WRONG_OVERRUN);
	put(TX_LO, BUF);
	put(TX_LEN, 2);
	put(CTRL, RX | TX);
	model->step(&hw, 0);
	model->step(&hw, 0);
	ck_assert_uint_eq(last_bus(EV_DMA_READ), BUF + 2);
	run();
}
END_TEST

START_TEST(after_the_stop)
{
	describe(RXR, 0, BUF, 64, OWN);
	misbehave(WRONG_AFTER_STOP);
	put(CTRL, 0); /* it holds nothing: there is nothing that it could do */
	ck_assert(!model->ready(&hw, 0));
	receive_on();
	put(CTRL, 0);
	ck_assert(model->ready(&hw, 0));
	ck_assert(model->late(&hw, 0));
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(last_bus(EV_DMA_WRITE), BUF);
	put(CTRL, RX | RING);
	run();
	misbehave(WRONG_AFTER_STOP);
	put(CTRL, RX); /* sending holds nothing, whatever receiving does */
	ck_assert(!model->ready(&hw, 0));
	put(CTRL, 0);
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(count(EV_DMA_WRITE), 2);
	put(CTRL, RX);
	run();
	put(CTRL, 0); /* once */
	ck_assert(!model->ready(&hw, 0));
	misbehave(WRONG_AFTER_STOP);
	put(TX_LO, BUF);
	put(TX_LEN, 2);
	put(CTRL, TX);
	put(CTRL, 0);
	ck_assert(model->late(&hw, 0));
	ck_assert_uint_eq(run(), 1);
	ck_assert_uint_eq(last_bus(EV_DMA_READ), BUF);
}
END_TEST

/* Every step of a busy card goes back to the byte. */
START_TEST(undo)
{
	u8 *copy[64];
	struct mark m[64];
	u32 n = 0;

	store(BUF, "from the ring and from registers", 32);
	describe(TXR, 0, BUF, 13, OWN);
	describe(TXR, 1, BUF, 32, OWN);
	describe(RXR, 0, BUF + 0x100, 64, OWN);
	describe(RXR, 1, BUF + 0x200, 2, OWN);
	put(TX_RING, TXR);
	put(RX_RING, RXR);
	misbehave(WRONG_ALL);
	receive("first", 5);
	receive("second", 6);
	put(CTRL, RX | RING);
	put(TX_BELL, 0);
	world_hash_on(w);
	while (model->ready(&hw, 0) || reg(CTRL)) {
		ck_assert_uint_lt(n, ARRAY_LEN(m));
		m[n] = world_mark(w);
		copy[n] = mem_zalloc(w->used, 1);
		memcpy(copy[n++], w->rd, w->used);
		if (model->ready(&hw, 0))
			model->step(&hw, 0);
		else
			put(CTRL, 0);
		ck_assert_uint_eq(world_hash(w), world_hash_scratch(w));
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_uint_eq(load(BUF + 0x200, 2), 0x6573);
	while (n--) {
		world_undo(w, &m[n]);
		ck_assert_int_eq(memcmp(copy[n], w->rd, m[n].used), 0);
		mem_free(copy[n]);
	}
}
END_TEST

static Suite *nic_suite(void)
{
	Suite *s = suite_create("nic");
	TCase *t = tcase_create("nic");

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, registers);
	tcase_add_test(t, one_packet);
	tcase_add_test(t, interrupts_off);
	tcase_add_test(t, bad_lengths);
	tcase_add_test(t, sends_from_the_ring);
	tcase_add_test(t, doorbell_while_it_works);
	tcase_add_test(t, receives_into_the_ring);
	tcase_add_test(t, waits_for_a_descriptor);
	tcase_add_test(t, full);
	tcase_add_test(t, latched);
	tcase_add_test(t, nothing_there);
	tcase_add_test(t, stops_at_once);
	tcase_add_test(t, too_short);
	tcase_add_test(t, over_the_end);
	tcase_add_test(t, after_the_stop);
	tcase_add_test(t, undo);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(nic_suite)
