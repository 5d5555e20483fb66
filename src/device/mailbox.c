/* SPDX-License-Identifier: MIT */
/*
 * mailbox: a small processor with its own firmware, asked through a message in shared memory. The
 * driver writes a message, tells its address and rings; the mailbox reads the message, and when its
 * firmware has an answer (the author says complete(v)) writes that into the message and says so:
 * in the message, in a register, and by an interrupt.
 *
 * Model: what the firmware does is the author's. An answer that comes before the request waits
 * for it. One request at a time.
 */
#include "device/device.h"

#include "base/bug.h"

enum mbox_reg {
	MBOX_ID = 0x00,
	MBOX_CTRL = 0x04,
	MBOX_STATUS = 0x08,
	MBOX_ADDR_LO = 0x10,
	MBOX_ADDR_HI = 0x14,
	MBOX_LEN = 0x18,
	MBOX_DOORBELL = 0x1c,
	MBOX_CMD = 0x20,
	MBOX_RESULT = 0x24,
};

enum {
	ID_VALUE = 0x0001b0c5, /* version 1 */
	MESSAGE_MIN = 16,
	MESSAGE_MAX = 256,
	ANSWERS_MAX = 8,

	CTRL_ON = 0x1,

	BUSY = 0x1,
	DONE = 0x2,
	ERROR = 0x4,

	MSG_CMD = 0, /* offsets in the message */
	MSG_STATUS = 4,
	MSG_RESULT = 8,
	MSG_IS_DONE = 0x1,
};

static const struct reg_info regs[] = {
    {MBOX_ID, 4, REG_READ, ID_VALUE, "MBOX_ID", "identification", "0x0001b0c5: version 1", 0, 0},
    {MBOX_CTRL, 4, REG_READ | REG_WRITE, CTRL_ON, "MBOX_CTRL", "control",
     "whether it takes requests; stopping it drops the one it has", 0, 0},
    {MBOX_STATUS, 4, REG_READ | REG_WRITE | REG_CLEAR, 0, "MBOX_STATUS", "status",
     "what it does and did; a 1 that is written acknowledges what is over", 0, 0},
    {MBOX_ADDR_LO, 4, REG_READ | REG_WRITE, 0, "MBOX_ADDR_LO", "message address, low",
     "bus address of the message", 0, 0},
    {MBOX_ADDR_HI, 4, REG_READ | REG_WRITE, 0, "MBOX_ADDR_HI", "message address, high",
     "its upper 32 bits", 0, 0},
    {MBOX_LEN, 4, REG_READ | REG_WRITE, 64, "MBOX_LEN", "message length",
     "bytes of the message: 16 to 256", 0, 0},
    {MBOX_DOORBELL, 4, REG_WRITE, 0, "MBOX_DOORBELL", "doorbell",
     "a write of anything: there is a message; ignored while it is busy", 0, 0},
    {MBOX_CMD, 4, REG_READ, 0, "MBOX_CMD", "command",
     "the cmd of the last message, as the mailbox has read it", 0, 0},
    {MBOX_RESULT, 4, REG_READ, 0, "MBOX_RESULT", "result", "the lower 32 bits of the last answer",
     0, 0},
};

static const struct device_const constants[] = {
    {MBOX_CTRL, "MBOX_CTRL_ON", CTRL_ON, "it takes requests"},
    {MBOX_STATUS, "MBOX_BUSY", BUSY, "it works on a request (read only)"},
    {MBOX_STATUS, "MBOX_DONE", DONE, "the answer is in the message"},
    {MBOX_STATUS, "MBOX_ERROR", ERROR, "nothing answered at the address, or a wrong length"},
    {NO_REG, "MBOX_MSG_DONE", MSG_IS_DONE, "in status of the message: the answer is there"},
};

static const char layout[] = "struct mbox_msg {\n"
			     "  __le32 cmd;      /* what is asked: the mailbox only reads it */\n"
			     "  __le32 status;   /* MBOX_MSG_DONE when it is answered */\n"
			     "  __le64 result;   /* the v of complete(v) */\n"
			     "  u8 data[48];     /* answered: each byte the lowest of v */\n"
			     "};\n";

static const char *const does[] = {
    "A doorbell latches address and length. It reads the whole message, beat by beat; then "
    "MBOX_CMD holds its cmd.",
    "It waits for complete(v).",
    "It writes result and data, beat by beat, in address order.",
    "Then, in a step of its own, it writes status in the message, sets MBOX_DONE, and raises the "
    "interrupt.",
    NULL,
};

static const char *const wrong[] = {
    "half of the next answer is written, and all is reported as done",
    "one beat more than the message has, behind its end",
    "when it is stopped with a request: one beat more, at the begin of the message",
};

enum phase { PHASE_IDLE, PHASE_READ, PHASE_WAIT, PHASE_WRITE };

/* What the mailbox itself believes. */
struct mbox {
	u32 ctrl, status, lo, hi, len, cmd, result;
	u32 wrong;
	u32 phase; /* enum phase */
	u32 done;  /* bytes read or written in this phase */
	u32 upto;  /* bytes of the message that it reads or writes */
	u32 over;  /* a beat behind the end is to come */
	u64 at;	   /* latched: bus address and length of the message */
	u32 n;
	u32 stray; /* one beat more, although it was told to stop */
	u32 answers, pad;
	u64 answer[ANSWERS_MAX];
	u8 message[MESSAGE_MAX];
};

static void mbox_claim(struct hw *h, u32 dev)
{
	h->model[dev] = world_region(h->w, "mailbox", sizeof(struct mbox), CHUNK, REGION_RAW, NULL);
}

static const struct mbox *mbox(const struct hw *h, u32 dev)
{
	return device_state(h, dev);
}

static void mbox_reset(struct hw *h, u32 dev)
{
	const struct mbox *d = mbox(h, dev);

	device_regs_reset(&mailbox_model, h, dev);
	W_SET(h->w, d->ctrl, (u32)CTRL_ON);
	W_SET(h->w, d->len, 64u);
}

static void set_status(struct hw *h, u32 dev, u32 value)
{
	const struct mbox *d = mbox(h, dev);

	W_SET(h->w, d->status, value);
	device_reg_set(h, dev, MBOX_STATUS, value, true);
}

/* The request is over, for good or not. */
static void leave(struct hw *h, u32 dev, u32 bits)
{
	const struct mbox *d = mbox(h, dev);

	W_SET(h->w, d->phase, (u32)PHASE_IDLE);
	W_SET(h->w, d->done, 0u);
	W_SET(h->w, d->upto, 0u);
	W_SET(h->w, d->over, 0u);
	set_status(h, dev, (d->status & ~(u32)BUSY) | bits);
	if (bits)
		device_interrupt(h, dev);
}

static void begin(struct hw *h, u32 dev)
{
	const struct mbox *d = mbox(h, dev);

	if (!(d->ctrl & CTRL_ON) || d->phase != PHASE_IDLE)
		return;
	if (d->len < MESSAGE_MIN || d->len > MESSAGE_MAX) {
		leave(h, dev, ERROR);
		return;
	}
	W_SET(h->w, d->at, d->lo | (u64)d->hi << 32);
	W_SET(h->w, d->n, d->len);
	W_SET(h->w, d->phase, (u32)PHASE_READ);
	W_SET(h->w, d->upto, d->len);
	set_status(h, dev, d->status | BUSY);
}

/* ---- reading the request ---- */

static void step_read(struct hw *h, u32 dev)
{
	const struct mbox *d = mbox(h, dev);
	u32 n = beat_bytes(h, dev, d->at + d->done, d->upto - d->done), cmd;
	struct view v;

	if (!dma_read(h, dev, (dma_addr_t){d->at + d->done}, n, &v)) {
		leave(h, dev, ERROR);
		return;
	}
	world_write(h->w, d->message + d->done, v.data, n);
	W_SET(h->w, d->done, d->done + n);
	if (d->done < d->upto)
		return;
	cmd = (u32)get_le(d->message + MSG_CMD, 4);
	W_SET(h->w, d->cmd, cmd);
	device_reg_set(h, dev, MBOX_CMD, cmd, true);
	W_SET(h->w, d->phase, (u32)PHASE_WAIT);
	W_SET(h->w, d->done, 0u);
}

/* ---- writing the answer ---- */

/* The first answer that waits is that of this request. */
static void begin_answer(struct hw *h, u32 dev)
{
	const struct mbox *d = mbox(h, dev);
	u64 v = d->answer[0], rest[ANSWERS_MAX] = {0};
	u8 bytes[MESSAGE_MAX];

	memcpy(rest, d->answer + 1, (d->answers - 1) * sizeof *rest);
	world_write(h->w, d->answer, rest, sizeof rest);
	W_SET(h->w, d->answers, d->answers - 1);
	memset(bytes, (int)(v & 0xff), sizeof bytes);
	put_le(bytes, v, 8);
	world_write(h->w, d->message + MSG_RESULT, bytes, d->n - MSG_RESULT);
	W_SET(h->w, d->result, (u32)v);
	W_SET(h->w, d->phase, (u32)PHASE_WRITE);
	W_SET(h->w, d->done, (u32)MSG_RESULT);
	W_SET(h->w, d->upto, d->wrong & WRONG_SHORT ? MSG_RESULT + (d->n - MSG_RESULT) / 2 : d->n);
	W_SET(h->w, d->over, d->wrong & WRONG_OVERRUN ? 1u : 0u);
	W_SET(h->w, d->wrong, d->wrong & WRONG_AFTER_STOP);
}

static void end_answer(struct hw *h, u32 dev)
{
	const struct mbox *d = mbox(h, dev);
	const u8 status[4] = {MSG_IS_DONE};

	if (!dma_write(h, dev, (dma_addr_t){d->at + MSG_STATUS}, 4, status, false)) {
		leave(h, dev, ERROR);
		return;
	}
	device_reg_set(h, dev, MBOX_RESULT, d->result, true);
	leave(h, dev, DONE);
}

static void step_write(struct hw *h, u32 dev)
{
	const struct mbox *d = mbox(h, dev);
	u64 bus = d->at + d->done;

	if (d->done < d->upto) {
		u32 n = beat_bytes(h, dev, bus, d->upto - d->done);

		if (dma_write(h, dev, (dma_addr_t){bus}, n, d->message + d->done, false))
			W_SET(h->w, d->done, d->done + n);
		else
			leave(h, dev, ERROR);
	} else if (d->over) {
		W_SET(h->w, d->over, 0u);
		device_wrong_beat(h, dev, true, d->at + d->n, 64);
	} else {
		end_answer(h, dev);
	}
}

/* ---- registers ---- */

static void control(struct hw *h, u32 dev, u32 value)
{
	const struct mbox *d = mbox(h, dev);

	W_SET(h->w, d->ctrl, value & CTRL_ON);
	if ((d->ctrl & CTRL_ON) || d->phase == PHASE_IDLE)
		return;
	if (d->wrong & WRONG_AFTER_STOP) {
		W_SET(h->w, d->wrong, d->wrong & ~(u32)WRONG_AFTER_STOP);
		W_SET(h->w, d->stray, 1u);
	}
	leave(h, dev, 0);
}

static const u32 *field(const struct mbox *d, u32 reg)
{
	switch (reg) {
	case MBOX_CTRL:
		return &d->ctrl;
	case MBOX_STATUS:
		return &d->status;
	case MBOX_ADDR_LO:
		return &d->lo;
	case MBOX_ADDR_HI:
		return &d->hi;
	case MBOX_LEN:
		return &d->len;
	case MBOX_CMD:
		return &d->cmd;
	case MBOX_RESULT:
		return &d->result;
	default:
		return NULL;
	}
}

static void mbox_written(struct hw *h, u32 dev, const struct posted *p)
{
	const struct mbox *d = mbox(h, dev);
	const u32 *at = field(d, p->reg);
	u32 value = (u32)p->value;

	if (!device_reg_taken(&mailbox_model, p))
		; /* nothing there takes it */
	else if (p->reg == MBOX_CTRL)
		control(h, dev, value);
	else if (p->reg == MBOX_STATUS)
		W_SET(h->w, d->status, d->status & ~(value & (DONE | ERROR)));
	else if (p->reg == MBOX_DOORBELL)
		begin(h, dev);
	else
		world_write(h->w, at, &value, sizeof value);
	device_reg_set(h, dev, p->reg, at ? *at : p->reg == MBOX_ID ? ID_VALUE : 0, false);
}

/* ---- what the rest of the machine calls ---- */

static bool working(const struct mbox *d)
{
	return d->phase == PHASE_READ || d->phase == PHASE_WRITE ||
	       (d->phase == PHASE_WAIT && d->answers);
}

static bool mbox_ready(const struct hw *h, u32 dev)
{
	return working(mbox(h, dev)) || mbox(h, dev)->stray;
}

static bool mbox_late(const struct hw *h, u32 dev)
{
	return !working(mbox(h, dev)) && mbox(h, dev)->stray;
}

static void mbox_step(struct hw *h, u32 dev)
{
	const struct mbox *d = mbox(h, dev);

	BUG_ON(!mbox_ready(h, dev));
	if (!working(d)) {
		W_SET(h->w, d->stray, 0u);
		device_wrong_beat(h, dev, true, d->at, 64);
	} else if (d->phase == PHASE_READ) {
		step_read(h, dev);
	} else {
		if (d->phase == PHASE_WAIT)
			begin_answer(h, dev);
		step_write(h, dev);
	}
}

static bool mbox_holds(const struct hw *h, u32 dev, u32 i, struct device_hold *out)
{
	const struct mbox *d = mbox(h, dev);

	if (i || d->phase != PHASE_WAIT)
		return false;
	*out = (struct device_hold){.what = "message", .bus = d->at, .data = d->message, .n = d->n};
	return true;
}

/* ---- acts ---- */

static const char *act_complete(struct hw *h, u32 dev, const struct act_args *a)
{
	const struct mbox *d = mbox(h, dev);

	if (d->answers == ANSWERS_MAX)
		return "8 answers wait for requests already";
	W_SET(h->w, d->answer[d->answers], a->v[0]);
	W_SET(h->w, d->answers, d->answers + 1);
	return NULL;
}

static const char *act_misbehave(struct hw *h, u32 dev, const struct act_args *a)
{
	W_SET(h->w, mbox(h, dev)->wrong, mbox(h, dev)->wrong | (u32)a->v[0]);
	return NULL;
}

static const struct device_act acts[] = {
    {"complete", "v", "complete(v)",
     "The firmware has the answer v for the request that waits, or for the next one.", act_complete,
     NULL, false},
    {"misbehave", "w", "misbehave(v)", "At the next occasion it does what v says.", act_misbehave,
     NULL, false},
};

const struct device_info mailbox_model = {
    .name = "mailbox",
    .summary = "a processor that is asked through a message in memory, and answers when its "
	       "firmware is done",
    .address_bits = 32,
    .reg = regs,
    .regs = ARRAY_LEN(regs),
    .constant = constants,
    .constants = ARRAY_LEN(constants),
    .layout = layout,
    .does = does,
    .wrong = wrong,
    .act = acts,
    .acts = ARRAY_LEN(acts),
    .claim = mbox_claim,
    .reset = mbox_reset,
    .written = mbox_written,
    .ready = mbox_ready,
    .step = mbox_step,
    .late = mbox_late,
    .holds = mbox_holds,
};
