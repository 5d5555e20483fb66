/* SPDX-License-Identifier: MIT */
/*
 * edu: a PCI device to learn driver writing with. It inverts a word, computes a factorial, raises
 * interrupts on demand, and copies between memory and a buffer of its own. Registers and bits are
 * those of QEMU's device of that name (docs/specs/edu.rst); one bit is added, which says that a
 * transfer was refused, where that page leaves open what happens.
 *
 * The register file in struct dev_state is what the CPU reads. A write lands there first, so what
 * the device itself believes is kept apart, and registers that are not the CPU's to change are put
 * back.
 *
 * Model: a factorial is done in one step, and before the next beat of a transfer. It has no way to
 * be told to stop, so what it does "after the stop" comes after it has said that it is done. A wire
 * is raised when the interrupt status leaves 0 and is not taken back by an acknowledgement that
 * comes before the CPU looked; a handler that never acknowledges gets no second interrupt over a
 * wire. Reads of a size that edu does not answer are not told apart.
 */
#include "device/device.h"

#include "base/bug.h"

enum edu_reg {
	EDU_ID = 0x00,
	EDU_LIVENESS = 0x04,
	EDU_FACTORIAL = 0x08,
	EDU_STATUS = 0x20,
	EDU_IRQ_STATUS = 0x24,
	EDU_IRQ_RAISE = 0x60,
	EDU_IRQ_ACK = 0x64,
	EDU_DMA_SRC = 0x80,
	EDU_DMA_DST = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_CMD = 0x98,
};

enum {
	ID_VALUE = 0x010000ed, /* version 1.0 */

	STATUS_COMPUTING = 0x01,
	STATUS_IRQ = 0x80,
	STATUS_REFUSED = 0x100,

	CMD_START = 0x1,
	CMD_TO_MEMORY = 0x2,
	CMD_IRQ = 0x4,

	IRQ_FACTORIAL = 0x1,
	IRQ_DMA = 0x100,
};

static const struct reg_info regs[] = {
    {EDU_ID, 4, REG_READ, ID_VALUE, "EDU_ID", "identification",
     "0x010000ed: version 1.0 of edu (00ed)", 0, 0},
    {EDU_LIVENESS, 4, REG_READ | REG_WRITE, 0, "EDU_LIVENESS", "liveness",
     "reads as the bitwise inverse of what was written", 0, 0},
    {EDU_FACTORIAL, 4, REG_READ | REG_WRITE, 0, "EDU_FACTORIAL", "factorial",
     "a write of n starts computing n! (modulo 2^32), which then stands here; ignored while it "
     "computes",
     0, 0},
    {EDU_STATUS, 4, REG_READ | REG_WRITE, 0, "EDU_STATUS", "status",
     "what it does; only EDU_STATUS_IRQ can be written", 0, 0},
    {EDU_IRQ_STATUS, 4, REG_READ, 0, "EDU_IRQ_STATUS", "interrupt status",
     "the interrupts that are not acknowledged", 0, 0},
    {EDU_IRQ_RAISE, 4, REG_WRITE, 0, "EDU_IRQ_RAISE", "interrupt raise",
     "the bits written are added to the interrupt status, and an interrupt is raised", 0, 0},
    {EDU_IRQ_ACK, 4, REG_WRITE, 0, "EDU_IRQ_ACK", "interrupt acknowledge",
     "the bits written are cleared in the interrupt status; the handler does this", 0, 0},
    {EDU_DMA_SRC, 8, REG_READ | REG_WRITE, 0, "EDU_DMA_SRC", "DMA source",
     "where to copy from: a bus address, or EDU_DMA_BUFFER + offset in edu's buffer", 0, 0},
    {EDU_DMA_DST, 8, REG_READ | REG_WRITE, 0, "EDU_DMA_DST", "DMA destination",
     "where to copy to: the other of the two", 0, 0},
    {EDU_DMA_COUNT, 8, REG_READ | REG_WRITE, 0, "EDU_DMA_COUNT", "DMA count",
     "bytes to copy; all of them must lie in edu's buffer of 4096 bytes", 0, 0},
    {EDU_DMA_CMD, 8, REG_READ | REG_WRITE, 0, "EDU_DMA_CMD", "DMA command",
     "starts a transfer; writes to this and the other DMA registers are ignored while one runs", 0,
     0},
};

static const struct device_const constants[] = {
    {EDU_STATUS, "EDU_STATUS_COMPUTING", STATUS_COMPUTING, "it computes the factorial"},
    {EDU_STATUS, "EDU_STATUS_IRQ", STATUS_IRQ, "raise EDU_IRQ_FACTORIAL when it is done"},
    {EDU_STATUS, "EDU_STATUS_REFUSED", STATUS_REFUSED, /* dmalab's own */
     "the last transfer did not fit the buffer: nothing was moved"},
    {EDU_IRQ_STATUS, "EDU_IRQ_FACTORIAL", IRQ_FACTORIAL, "the factorial is there"},
    {EDU_IRQ_STATUS, "EDU_IRQ_DMA", IRQ_DMA, "the transfer is over"},
    {EDU_DMA_CMD, "EDU_DMA_START", CMD_START, "start; reads as 1 until all is copied"},
    {EDU_DMA_CMD, "EDU_DMA_TO_MEMORY", CMD_TO_MEMORY,
     "from the buffer to memory; else from memory to the buffer"},
    {EDU_DMA_CMD, "EDU_DMA_IRQ", CMD_IRQ, "raise EDU_IRQ_DMA when all is copied"},
    {NO_REG, "EDU_DMA_BUFFER", EDU_BUFFER_ADDR, "where edu's own buffer lies for its DMA"},
};

static const char *const does[] = {
    "A write that starts a transfer latches nothing: source, destination and count are those of "
    "the registers, which cannot be changed while it runs.",
    "It copies beat by beat, in address order.",
    "Behind the last beat, in a step of its own, EDU_DMA_START becomes 0; with EDU_DMA_IRQ the "
    "interrupt follows.",
    NULL,
};

static const char *const wrong[] = {
    "half of EDU_DMA_COUNT is copied, and all is reported as done",
    "one beat more, behind the end of the buffer in memory",
    "one beat more, at the begin of the buffer in memory, after EDU_DMA_START has become 0",
};

/* What the device itself believes. */
struct edu {
	u32 liveness, factorial, status, irq_status;
	u64 src, dst, count, cmd;
	u64 done;  /* bytes of the running transfer that are copied */
	u32 wrong; /* enum misbehaviour: of the next occasion */
	u32 now;   /* of the running transfer */
	u32 stray; /* it is over, and one beat is still to come */
	u32 pad;
	u8 buffer[EDU_BUFFER_BYTES];
};

static void edu_claim(struct hw *h, u32 dev)
{
	h->model[dev] = world_region(h->w, "edu", sizeof(struct edu), CHUNK, REGION_RAW, NULL);
}

static const struct edu *edu(const struct hw *h, u32 dev)
{
	return device_state(h, dev);
}

const u8 *edu_buffer(const struct hw *h, u32 dev)
{
	return edu(h, dev)->buffer;
}

static const char *edu_preset(struct hw *h, u32 dev, const struct act_args *a)
{
	u64 off = a->v[0];
	u32 n = a->len[1];

	if (off > EDU_BUFFER_BYTES || n > EDU_BUFFER_BYTES - off)
		return "more than the device's buffer holds";
	if (n)
		world_write(h->w, edu(h, dev)->buffer + off, a->bytes[1], n);
	return NULL;
}

static const char *edu_misbehave(struct hw *h, u32 dev, const struct act_args *a)
{
	W_SET(h->w, edu(h, dev)->wrong, edu(h, dev)->wrong | (u32)a->v[0]);
	return NULL;
}

static void edu_reset(struct hw *h, u32 dev)
{
	device_regs_reset(&edu_model, h, dev);
}

/* ---- interrupts ---- */

static void set_irq_status(struct hw *h, u32 dev, u32 value)
{
	const struct edu *d = edu(h, dev);

	if (d->irq_status == value)
		return;
	W_SET(h->w, d->irq_status, value);
	device_reg_set(h, dev, EDU_IRQ_STATUS, value, true);
}

static void raise_irq(struct hw *h, u32 dev, u32 bits)
{
	u32 was = edu(h, dev)->irq_status;
	bool message = h->cfg->dev[dev].bus == BUS_PCI;

	set_irq_status(h, dev, was | bits);
	if (message ? (was | bits) != 0 : !was && bits)
		irq_raise(h, dev);
}

/* ---- factorial ---- */

static void begin_factorial(struct hw *h, u32 dev, u32 n)
{
	const struct edu *d = edu(h, dev);

	if (d->status & STATUS_COMPUTING) {
		device_reg_set(h, dev, EDU_FACTORIAL, d->factorial, false);
		return;
	}
	W_SET(h->w, d->factorial, n);
	W_SET(h->w, d->status, d->status | STATUS_COMPUTING);
	device_reg_set(h, dev, EDU_STATUS, d->status, false);
}

static void finish_factorial(struct hw *h, u32 dev)
{
	const struct edu *d = edu(h, dev);
	u32 n = d->factorial, x = 1;

	for (u32 i = 2; i <= n && x; i++) /* from 34! on it is 0 for ever */
		x *= i;
	W_SET(h->w, d->factorial, x);
	W_SET(h->w, d->status, d->status & ~(u32)STATUS_COMPUTING);
	device_reg_set(h, dev, EDU_FACTORIAL, x, true);
	device_reg_set(h, dev, EDU_STATUS, d->status, true);
	if (d->status & STATUS_IRQ)
		raise_irq(h, dev, IRQ_FACTORIAL);
}

/* ---- transfers ---- */

static bool running(const struct edu *d)
{
	return d->cmd & CMD_START;
}

/* Offset of the transfer in the buffer; false if it does not lie in it. */
static bool in_buffer(const struct edu *d, u32 *off)
{
	u64 at = d->cmd & CMD_TO_MEMORY ? d->src : d->dst;

	if (at < EDU_BUFFER_ADDR || at - EDU_BUFFER_ADDR > EDU_BUFFER_BYTES ||
	    d->count > EDU_BUFFER_BYTES - (at - EDU_BUFFER_ADDR))
		return false;
	*off = (u32)(at - EDU_BUFFER_ADDR);
	return true;
}

static void begin_transfer(struct hw *h, u32 dev)
{
	const struct edu *d = edu(h, dev);
	u32 off, status = d->status & ~(u32)STATUS_REFUSED;

	W_SET(h->w, d->done, 0ull);
	if (in_buffer(d, &off)) {
		W_SET(h->w, d->now, d->wrong);
		W_SET(h->w, d->wrong, 0u);
	} else {
		status |= STATUS_REFUSED;
	}
	if (status == d->status)
		return;
	W_SET(h->w, d->status, status);
	device_reg_set(h, dev, EDU_STATUS, status, true);
}

/* One beat between memory at bus and the buffer at off. */
static u32 move_beat(struct hw *h, u32 dev, u64 bus, u32 off, u64 left)
{
	const struct edu *d = edu(h, dev);
	u32 n = beat_bytes(h, dev, bus, left);
	const u8 *at = d->buffer + off;

	if (d->cmd & CMD_TO_MEMORY) {
		dma_write(h, dev, (dma_addr_t){bus}, n, at, false);
	} else {
		struct view v;

		dma_read(h, dev, (dma_addr_t){bus}, n, &v);
		world_write(h->w, at, v.data, n);
	}
	return n;
}

static u64 in_memory(const struct edu *d)
{
	return d->cmd & CMD_TO_MEMORY ? d->dst : d->src;
}

/* The beat that a misbehaving device adds behind the end, or after it: into nothing of its own. */
static void wrong_beat(struct hw *h, u32 dev, u64 bus)
{
	const struct edu *d = edu(h, dev);
	u32 n = beat_bytes(h, dev, bus, EDU_BUFFER_BYTES);
	struct view v;

	if (d->cmd & CMD_TO_MEMORY)
		dma_write(h, dev, (dma_addr_t){bus}, n, d->buffer, false);
	else
		dma_read(h, dev, (dma_addr_t){bus}, n, &v);
}

static void end_transfer(struct hw *h, u32 dev)
{
	const struct edu *d = edu(h, dev);

	if (d->now & WRONG_OVERRUN) {
		W_SET(h->w, d->now, d->now & ~(u32)WRONG_OVERRUN);
		wrong_beat(h, dev, in_memory(d) + d->count);
		return;
	}
	if (d->now & WRONG_AFTER_STOP)
		W_SET(h->w, d->stray, 1u);
	W_SET(h->w, d->now, 0u);
	W_SET(h->w, d->cmd, d->cmd & ~(u64)CMD_START);
	W_SET(h->w, d->done, 0ull);
	device_reg_set(h, dev, EDU_DMA_CMD, d->cmd, true);
	if (d->cmd & CMD_IRQ)
		raise_irq(h, dev, IRQ_DMA);
}

/* A write to one of the four DMA registers, which the transfer that runs does not see. */
static void dma_register(struct hw *h, u32 dev, const struct posted *p)
{
	const struct edu *d = edu(h, dev);
	const u64 *field = p->reg == EDU_DMA_SRC   ? &d->src
			   : p->reg == EDU_DMA_DST ? &d->dst
			   : p->reg == EDU_DMA_CMD ? &d->cmd
						   : &d->count;

	if (running(d)) {
		device_reg_set(h, dev, p->reg, *field, false);
		return;
	}
	world_write(h->w, field, &p->value, sizeof *field);
	if (p->reg == EDU_DMA_CMD && running(d))
		begin_transfer(h, dev);
}

/* ---- what the rest of the machine calls ---- */

/* What the register shows when the CPU's write is not taken. */
static u64 shown(const struct edu *d, u32 reg)
{
	switch (reg) {
	case EDU_ID:
		return ID_VALUE;
	case EDU_LIVENESS:
		return d->liveness;
	case EDU_FACTORIAL:
		return d->factorial;
	case EDU_STATUS:
		return d->status;
	case EDU_IRQ_STATUS:
		return d->irq_status;
	case EDU_DMA_SRC:
		return d->src;
	case EDU_DMA_DST:
		return d->dst;
	case EDU_DMA_COUNT:
		return d->count;
	case EDU_DMA_CMD:
		return d->cmd;
	default:
		return 0;
	}
}

static void edu_written(struct hw *h, u32 dev, const struct posted *p)
{
	const struct edu *d = edu(h, dev);
	u32 value = (u32)p->value;

	if (!device_reg_taken(&edu_model, p)) {
		device_reg_set(h, dev, p->reg, shown(d, p->reg), false);
		return;
	}
	switch (p->reg) {
	case EDU_LIVENESS:
		W_SET(h->w, d->liveness, ~value);
		device_reg_set(h, dev, EDU_LIVENESS, (u32)~value, true);
		break;
	case EDU_FACTORIAL:
		begin_factorial(h, dev, value);
		break;
	case EDU_STATUS:
		W_SET(h->w, d->status, (d->status & ~(u32)STATUS_IRQ) | (value & STATUS_IRQ));
		device_reg_set(h, dev, EDU_STATUS, d->status, false);
		break;
	case EDU_IRQ_RAISE:
		device_reg_set(h, dev, EDU_IRQ_RAISE, 0, false);
		raise_irq(h, dev, value);
		break;
	case EDU_IRQ_ACK:
		device_reg_set(h, dev, EDU_IRQ_ACK, 0, false);
		set_irq_status(h, dev, d->irq_status & ~value);
		break;
	default:
		dma_register(h, dev, p);
	}
}

static bool edu_ready(const struct hw *h, u32 dev)
{
	const struct edu *d = edu(h, dev);

	return (d->status & STATUS_COMPUTING) || running(d) || d->stray;
}

static bool edu_late(const struct hw *h, u32 dev)
{
	const struct edu *d = edu(h, dev);

	return !(d->status & STATUS_COMPUTING) && !running(d) && d->stray;
}

static void edu_step(struct hw *h, u32 dev)
{
	const struct edu *d = edu(h, dev);
	u64 upto = d->now & WRONG_SHORT ? d->count / 2 : d->count;
	u32 off;

	BUG_ON(!edu_ready(h, dev));
	if (d->status & STATUS_COMPUTING) {
		finish_factorial(h, dev);
	} else if (!running(d)) {
		W_SET(h->w, d->stray, 0u);
		wrong_beat(h, dev, in_memory(d));
	} else if (in_buffer(d, &off) && d->done < upto) {
		u32 n =
		    move_beat(h, dev, in_memory(d) + d->done, off + (u32)d->done, upto - d->done);

		W_SET(h->w, d->done, d->done + n);
	} else {
		end_transfer(h, dev);
	}
}

static const struct device_act acts[] = {
    {"preset", "vb", "preset(off, b)", "Its buffer holds the bytes b from offset off on.",
     edu_preset, NULL, false},
    {"misbehave", "w", "misbehave(v)", "In its next transfer it does what v says.", edu_misbehave,
     NULL, false},
};

const struct device_info edu_model = {
    .name = "edu",
    .summary = "QEMU's teaching device: registers, interrupts, and copies between memory and a "
	       "buffer of 4096 bytes",
    .address_bits = 28,
    .reg = regs,
    .regs = ARRAY_LEN(regs),
    .constant = constants,
    .constants = ARRAY_LEN(constants),
    .does = does,
    .wrong = wrong,
    .act = acts,
    .acts = ARRAY_LEN(acts),
    .claim = edu_claim,
    .reset = edu_reset,
    .written = edu_written,
    .ready = edu_ready,
    .step = edu_step,
    .late = edu_late,
};
