/* SPDX-License-Identifier: MIT */
/*
 * sgdma: a scatter-gather DMA engine. A list of segments, in registers or in memory, is written
 * with data of the device's or read, one segment after the other. What its counters are too narrow
 * for it does not notice: a segment that is too long is moved in part, and one that crosses the
 * boundary goes on where the boundary before it is. dma_set_max_seg_size() and
 * dma_set_seg_boundary() are how a driver keeps the kernel from making such segments.
 *
 * Model: the data has no end and no place of its own: what is written to memory repeats what the
 * author supplied. A descriptor is one access of the bus, and one is fetched ahead.
 */
#include "device/device.h"

#include "base/bug.h"

enum sgdma_reg {
	SGDMA_ID = 0x00,
	SGDMA_CTRL = 0x04,
	SGDMA_STATUS = 0x08,
	SGDMA_COUNT = 0x0c,
	SGDMA_LIST_LO = 0x10,
	SGDMA_LIST_HI = 0x14,
	SGDMA_MOVED = 0x18,
	SGDMA_SEG_MAX = 0x20,
	SGDMA_SEG_BOUNDARY = 0x24,
	SGDMA_ADDR_LO = 0x40,
	SGDMA_ADDR_HI = 0x44,
	SGDMA_LEN = 0x48,
};

enum {
	ID_VALUE = 0x00015ca7, /* version 1 */
	SEGS = 16,	       /* segments in registers */
	SEG_STRIDE = 12,
	LIST_MAX = 256, /* descriptors of a list */
	DATA_MAX = 4096,

	CTRL_GO = 0x1,
	CTRL_FROM_MEMORY = 0x2,
	CTRL_IRQ = 0x4,
	CTRL_LIST = 0x8,
	CTRL_ALL = 0xf,

	BUSY = 0x1,
	DONE = 0x2,
	ERROR = 0x4,
	FAILED = DONE | ERROR,

	DESC_BYTES = 16,
	DESC_LEN = 8, /* offsets */
	DESC_FLAGS = 12,
	LAST = 0x1,
};

static const struct reg_info regs[] = {
    {SGDMA_ID, 4, REG_READ, ID_VALUE, "SGDMA_ID", "identification", "0x00015ca7: version 1", 0, 0},
    {SGDMA_CTRL, 4, REG_READ | REG_WRITE, 0, "SGDMA_CTRL", "control",
     "starts a transfer; a write without SGDMA_GO stops the one that runs", 0, 0},
    {SGDMA_STATUS, 4, REG_READ | REG_WRITE | REG_CLEAR, 0, "SGDMA_STATUS", "status",
     "what it does and did; a 1 that is written acknowledges what is over", 0, 0},
    {SGDMA_COUNT, 4, REG_READ | REG_WRITE, 0, "SGDMA_COUNT", "count",
     "segments of the transfer: 1 to 16 in registers, 1 to 256 in a list", 0, 0},
    {SGDMA_LIST_LO, 4, REG_READ | REG_WRITE, 0, "SGDMA_LIST_LO", "list address, low",
     "bus address of the list; the lowest 4 bits are 0", 0, 0},
    {SGDMA_LIST_HI, 4, REG_READ | REG_WRITE, 0, "SGDMA_LIST_HI", "list address, high",
     "its upper 32 bits", 0, 0},
    {SGDMA_MOVED, 4, REG_READ, 0, "SGDMA_MOVED", "moved",
     "bytes of the segments that the transfer has moved, as the device believes", 0, 0},
    {SGDMA_SEG_MAX, 4, REG_READ, 0, "SGDMA_SEG_MAX", "longest segment",
     "max_segment of the scenario: what dma_set_max_seg_size() is to be given", 0, 0},
    {SGDMA_SEG_BOUNDARY, 4, REG_READ, 0, "SGDMA_SEG_BOUNDARY", "segment boundary",
     "boundary of the scenario, less 1: what dma_set_seg_boundary() is to be given", 0, 0},
    {SGDMA_ADDR_LO, 4, REG_READ | REG_WRITE, 0, "SGDMA_ADDR_LO", "segment address, low",
     "bus address of the segment", SEGS, SEG_STRIDE},
    {SGDMA_ADDR_HI, 4, REG_READ | REG_WRITE, 0, "SGDMA_ADDR_HI", "segment address, high",
     "its upper 32 bits", SEGS, SEG_STRIDE},
    {SGDMA_LEN, 4, REG_READ | REG_WRITE, 0, "SGDMA_LEN", "segment length",
     "its bytes; a segment of 0 bytes is passed over", SEGS, SEG_STRIDE},
};

static const struct device_const constants[] = {
    {SGDMA_CTRL, "SGDMA_GO", CTRL_GO,
     "start, which forgets how the last transfer ended; reads as 1 until it is over"},
    {SGDMA_CTRL, "SGDMA_FROM_MEMORY", CTRL_FROM_MEMORY,
     "read the segments; else they are written (read and write are as in DMA_TO_DEVICE and "
     "DMA_FROM_DEVICE)"},
    {SGDMA_CTRL, "SGDMA_IRQ", CTRL_IRQ, "an interrupt when it is over, for good or not"},
    {SGDMA_CTRL, "SGDMA_LIST", CTRL_LIST,
     "the segments are those of the list in memory; else those of the registers"},
    {SGDMA_STATUS, "SGDMA_BUSY", BUSY, "a transfer runs (read only)"},
    {SGDMA_STATUS, "SGDMA_DONE", DONE, "the transfer is over, for good or not"},
    {SGDMA_STATUS, "SGDMA_ERROR", ERROR,
     "besides: nothing answered at an address, or a wrong count; the rest is not moved"},
    {NO_REG, "SGDMA_LAST", LAST,
     "in flags of a descriptor: the list ends here, whatever the count"},
};

static const char layout[] = "struct sgdma_desc {\n"
			     "  __le64 addr;   /* bus address of the segment */\n"
			     "  __le32 len;    /* its bytes */\n"
			     "  __le32 flags;  /* SGDMA_LAST in the last one */\n"
			     "};\n";

static const char *const does[] = {
    "A write of SGDMA_GO starts with the first segment; while it is busy, writes to all registers "
    "but SGDMA_CTRL and SGDMA_STATUS are ignored.",
    "With SGDMA_LIST it fetches a descriptor, and the next one before it moves the first byte of "
    "the segment: a descriptor that changes later is too late.",
    "It moves segment after segment, beat by beat. The counter of a segment has as many bits as "
    "max_segment needs (64KiB if the scenario does not say): of a longer one the rest above a "
    "multiple of that is moved, and that is all.",
    "The adder of addresses has as many bits as boundary needs (64KiB if the scenario does not "
    "say): behind the last byte in front of a boundary comes the first one of the same block.",
    "Behind the last beat, in a step of its own, SGDMA_GO becomes 0, SGDMA_DONE 1; with SGDMA_IRQ "
    "the interrupt follows.",
    NULL,
};

static const char *const wrong[] = {
    "half of each segment is moved, and all is reported as done",
    "one beat more, behind the end of the last segment",
    "one beat more, where its last segment began, after it was stopped or is done",
};

/* A segment, as a descriptor has it. */
struct seg {
	u8 raw[DESC_BYTES];
	u64 bus; /* where it was fetched */
	u32 live, pad;
};

/* What the device itself believes. */
struct sgdma {
	u32 ctrl, status, count, list_lo, list_hi, moved;
	u32 wrong; /* enum misbehaviour: of the next occasion */
	u32 now;   /* of the running transfer */
	u32 stray; /* it is over, and one beat is still to come */
	u32 at;	   /* segments that were begun */
	u32 done;  /* bytes moved of the current one */
	u32 taken_n;
	u32 supply_n, pad;
	struct seg cur, next; /* the segment that is moved; a descriptor that was fetched ahead */
	u32 seg[SEGS][3];     /* the registers: low, high, length */
	u8 supply[DATA_MAX];
	u8 taken[DATA_MAX];
};

static void sgdma_claim(struct hw *h, u32 dev)
{
	h->model[dev] = world_region(h->w, "sgdma", sizeof(struct sgdma), CHUNK, REGION_RAW, NULL);
}

static const struct sgdma *sgdma(const struct hw *h, u32 dev)
{
	return device_state(h, dev);
}

static void sgdma_reset(struct hw *h, u32 dev)
{
	device_regs_reset(&sgdma_model, h, dev);
	device_reg_set(h, dev, SGDMA_SEG_MAX, h->cfg->dev[dev].max_segment, false);
	device_reg_set(h, dev, SGDMA_SEG_BOUNDARY, h->cfg->dev[dev].boundary - 1, false);
}

static bool busy(const struct sgdma *d)
{
	return d->status & BUSY;
}

static u64 seg_addr(const struct seg *s)
{
	return get_le(s->raw, 8);
}

static u32 seg_len(const struct seg *s)
{
	return (u32)get_le(s->raw + DESC_LEN, 4);
}

static bool seg_last(const struct seg *s)
{
	return get_le(s->raw + DESC_FLAGS, 4) & LAST;
}

static void set_status(struct hw *h, u32 dev, u32 value)
{
	W_SET(h->w, sgdma(h, dev)->status, value);
	device_reg_set(h, dev, SGDMA_STATUS, value, true);
}

static void forget(struct hw *h, const struct seg *s)
{
	const struct seg none = {0};

	world_write(h->w, s, &none, sizeof none);
}

/* The transfer is over: DONE, FAILED, or 0 if it was stopped. */
static void leave(struct hw *h, u32 dev, u32 bits)
{
	const struct sgdma *d = sgdma(h, dev);

	if ((d->now & WRONG_AFTER_STOP) && seg_len(&d->cur))
		W_SET(h->w, d->stray, 1u);
	W_SET(h->w, d->cur.live, 0u);
	forget(h, &d->next);
	W_SET(h->w, d->now, 0u);
	W_SET(h->w, d->ctrl, d->ctrl & ~(u32)CTRL_GO);
	device_reg_set(h, dev, SGDMA_CTRL, d->ctrl, true);
	set_status(h, dev, (d->status & ~(u32)BUSY) | bits);
	if (bits && (d->ctrl & CTRL_IRQ))
		device_interrupt(h, dev);
}

static void begin(struct hw *h, u32 dev)
{
	const struct sgdma *d = sgdma(h, dev);
	u32 most = d->ctrl & CTRL_LIST ? LIST_MAX : SEGS;

	W_SET(h->w, d->moved, 0u);
	device_reg_set(h, dev, SGDMA_MOVED, 0, false);
	W_SET(h->w, d->taken_n, 0u);
	W_SET(h->w, d->at, 0u);
	forget(h, &d->cur);
	forget(h, &d->next);
	W_SET(h->w, d->now, d->wrong);
	W_SET(h->w, d->wrong, 0u);
	set_status(h, dev, BUSY);
	if (!d->count || d->count > most)
		leave(h, dev, FAILED);
}

/* ---- segments ---- */

/* Whether another one follows those that were begun. */
static bool more(const struct sgdma *d)
{
	return d->at < d->count && !seg_last(&d->cur);
}

/* Fetches the descriptor of segment `at` into the latch of its turn. */
static void fetch(struct hw *h, u32 dev)
{
	const struct sgdma *d = sgdma(h, dev);
	u64 list = align_down(d->list_lo | (u64)d->list_hi << 32, DESC_BYTES);
	struct seg s = {.bus = list + (u64)d->at * DESC_BYTES, .live = 1};
	struct view v;

	if (!dma_fetch(h, dev, d->at % LATCHES_MAX, (dma_addr_t){s.bus}, DESC_BYTES, 0, 0, &v)) {
		leave(h, dev, FAILED);
		return;
	}
	memcpy(s.raw, v.data, DESC_BYTES);
	world_write(h->w, &d->next, &s, sizeof s);
}

/* The next segment becomes the current one. */
static void take(struct hw *h, u32 dev)
{
	const struct sgdma *d = sgdma(h, dev);
	struct seg s = d->next;

	if (d->ctrl & CTRL_LIST)
		dma_use(h, dev, d->at % LATCHES_MAX, (dma_addr_t){s.bus}, DESC_BYTES);
	for (u32 i = 0; i < 3 && !(d->ctrl & CTRL_LIST); i++)
		put_le(s.raw + 4 * i, d->seg[d->at][i], 4);
	s.live = 1;
	world_write(h->w, &d->cur, &s, sizeof s);
	forget(h, &d->next);
	W_SET(h->w, d->at, d->at + 1);
	W_SET(h->w, d->done, 0u);
}

/* Bytes that the counter counts; and the address of byte k of the segment. */
static u32 counted(const struct hw *h, u32 dev)
{
	u32 len = seg_len(&sgdma(h, dev)->cur);

	return len ? (len - 1) % h->cfg->dev[dev].max_segment + 1 : 0;
}

static u64 address(const struct hw *h, u32 dev, u32 k)
{
	u64 addr = seg_addr(&sgdma(h, dev)->cur), size = h->cfg->dev[dev].boundary;

	return align_down(addr, size) + ((addr + k) & (size - 1));
}

static u32 upto(const struct hw *h, u32 dev)
{
	u32 n = counted(h, dev);

	return sgdma(h, dev)->now & WRONG_SHORT ? n / 2 : n;
}

static bool from_memory(const struct sgdma *d)
{
	return d->ctrl & CTRL_FROM_MEMORY;
}

/* What it has to write, from byte `at` of the transfer on. */
static void supplied(const struct sgdma *d, u32 at, u8 *out, u32 n)
{
	for (u32 i = 0; i < n; i++)
		out[i] = d->supply_n ? d->supply[(at + i) % d->supply_n] : (u8)(at + i);
}

/* One beat of the current segment. */
static void move(struct hw *h, u32 dev)
{
	const struct sgdma *d = sgdma(h, dev);
	u64 bus = address(h, dev, d->done), size = h->cfg->dev[dev].boundary;
	u64 left = min_u64(upto(h, dev) - d->done, size - (bus & (size - 1)));
	u32 n = beat_bytes(h, dev, bus, left);
	struct view v;
	u8 data[64];

	if (!from_memory(d))
		supplied(d, d->moved + d->done, data, n);
	if (from_memory(d) ? !dma_read(h, dev, (dma_addr_t){bus}, n, &v)
			   : !dma_write(h, dev, (dma_addr_t){bus}, n, data, false)) {
		leave(h, dev, FAILED);
		return;
	}
	if (from_memory(d)) {
		u32 keep = (u32)min_u64(n, DATA_MAX - d->taken_n);

		if (keep)
			world_write(h->w, d->taken + d->taken_n, v.data, keep);
		W_SET(h->w, d->taken_n, d->taken_n + keep);
	}
	W_SET(h->w, d->done, d->done + n);
}

/* The segment is moved, as far as it is going to be. */
static void end_segment(struct hw *h, u32 dev)
{
	const struct sgdma *d = sgdma(h, dev);

	W_SET(h->w, d->moved, d->moved + counted(h, dev));
	device_reg_set(h, dev, SGDMA_MOVED, d->moved, true);
	W_SET(h->w, d->cur.live, 0u);
}

static void end_transfer(struct hw *h, u32 dev)
{
	const struct sgdma *d = sgdma(h, dev);

	if (d->now & WRONG_OVERRUN) {
		W_SET(h->w, d->now, d->now & ~(u32)WRONG_OVERRUN);
		device_wrong_beat(h, dev, !from_memory(d), seg_addr(&d->cur) + seg_len(&d->cur),
				  64);
		return;
	}
	leave(h, dev, DONE);
}

/* ---- registers ---- */

static void control(struct hw *h, u32 dev, u32 value)
{
	const struct sgdma *d = sgdma(h, dev);

	if (busy(d)) {
		if (!(value & CTRL_GO))
			leave(h, dev, 0);
		return;
	}
	W_SET(h->w, d->ctrl, value & CTRL_ALL);
	if (value & CTRL_GO)
		begin(h, dev);
}

/* The field that a register shows; NULL: it shows nothing of this. */
static const u32 *field(const struct sgdma *d, u32 reg)
{
	u32 index, part;
	const struct reg_info *r = device_reg_at(&sgdma_model, reg, &index);

	switch (reg) {
	case SGDMA_CTRL:
		return &d->ctrl;
	case SGDMA_STATUS:
		return &d->status;
	case SGDMA_COUNT:
		return &d->count;
	case SGDMA_LIST_LO:
		return &d->list_lo;
	case SGDMA_LIST_HI:
		return &d->list_hi;
	case SGDMA_MOVED:
		return &d->moved;
	default:
		part = r ? (r->offset - SGDMA_ADDR_LO) / 4 : 0;
		return r && r->count ? &d->seg[index][part] : NULL;
	}
}

/* What the register shows when nothing of it is the driver's. */
static u32 fixed(const struct hw *h, u32 dev, u32 reg)
{
	return reg == SGDMA_ID		   ? (u32)ID_VALUE
	       : reg == SGDMA_SEG_MAX	   ? h->cfg->dev[dev].max_segment
	       : reg == SGDMA_SEG_BOUNDARY ? (u32)(h->cfg->dev[dev].boundary - 1)
					   : 0;
}

static void sgdma_written(struct hw *h, u32 dev, const struct posted *p)
{
	const struct sgdma *d = sgdma(h, dev);
	const u32 *at = field(d, p->reg);
	u32 value = (u32)p->value;

	if (!device_reg_taken(&sgdma_model, p))
		; /* nothing there takes it */
	else if (p->reg == SGDMA_CTRL)
		control(h, dev, value);
	else if (p->reg == SGDMA_STATUS)
		W_SET(h->w, d->status, d->status & ~(value & (DONE | ERROR)));
	else if (!busy(d))
		world_write(h->w, at, &value, sizeof value);
	device_reg_set(h, dev, p->reg, at ? *at : fixed(h, dev, p->reg), false);
}

/* ---- what the rest of the machine calls ---- */

static bool sgdma_ready(const struct hw *h, u32 dev)
{
	return busy(sgdma(h, dev)) || sgdma(h, dev)->stray;
}

static bool sgdma_late(const struct hw *h, u32 dev)
{
	return !busy(sgdma(h, dev)) && sgdma(h, dev)->stray;
}

static void sgdma_step(struct hw *h, u32 dev)
{
	const struct sgdma *d = sgdma(h, dev);

	BUG_ON(!sgdma_ready(h, dev));
	if (!busy(d)) {
		W_SET(h->w, d->stray, 0u);
		device_wrong_beat(h, dev, !from_memory(d), seg_addr(&d->cur), 64);
		return;
	}
	if ((d->ctrl & CTRL_LIST) && !d->next.live && more(d)) {
		fetch(h, dev);
		return;
	}
	if (!d->cur.live && !more(d)) {
		end_transfer(h, dev);
		return;
	}
	if (!d->cur.live) {
		take(h, dev);
		if ((d->ctrl & CTRL_LIST) && more(d))
			return; /* to fetch the next descriptor first */
	}
	if (d->done < upto(h, dev))
		move(h, dev);
	if (d->cur.live && d->done >= upto(h, dev))
		end_segment(h, dev);
}

static bool sgdma_holds(const struct hw *h, u32 dev, u32 i, struct device_hold *out)
{
	const struct sgdma *d = sgdma(h, dev);

	if (i || !d->next.live)
		return false;
	*out = (struct device_hold){
	    .what = "descriptor", .bus = d->next.bus, .data = d->next.raw, .n = DESC_BYTES};
	return true;
}

/* ---- acts ---- */

static const char *act_supply(struct hw *h, u32 dev, const struct act_args *a)
{
	const struct sgdma *d = sgdma(h, dev);

	if (!a->len[0] || a->len[0] > DATA_MAX)
		return "1 to 4096 bytes are supplied";
	world_write(h->w, d->supply, a->bytes[0], a->len[0]);
	W_SET(h->w, d->supply_n, a->len[0]);
	return NULL;
}

static u32 look_taken(const struct hw *h, u32 dev, const u8 **at)
{
	*at = sgdma(h, dev)->taken;
	return sgdma(h, dev)->taken_n;
}

static const char *act_misbehave(struct hw *h, u32 dev, const struct act_args *a)
{
	W_SET(h->w, sgdma(h, dev)->wrong, sgdma(h, dev)->wrong | (u32)a->v[0]);
	return NULL;
}

static const struct device_act acts[] = {
    {"supply", "b", "supply(b)",
     "What it writes to memory from now on is the bytes b, again and again; without it byte k of a "
     "transfer is k.",
     act_supply, NULL, false},
    {"taken", "", "taken()", "The bytes that its last transfer read, the first 4096 of them.", NULL,
     look_taken, false},
    {"misbehave", "w", "misbehave(v)", "In its next transfer it does what v says.", act_misbehave,
     NULL, false},
};

const struct device_info sgdma_model = {
    .name = "sgdma",
    .summary = "a scatter-gather engine: lists of segments, in registers or in memory, with a "
	       "longest segment and a boundary",
    .address_bits = 64,
    .has_segments = true,
    .reg = regs,
    .regs = ARRAY_LEN(regs),
    .constant = constants,
    .constants = ARRAY_LEN(constants),
    .layout = layout,
    .does = does,
    .wrong = wrong,
    .act = acts,
    .acts = ARRAY_LEN(acts),
    .claim = sgdma_claim,
    .reset = sgdma_reset,
    .written = sgdma_written,
    .ready = sgdma_ready,
    .step = sgdma_step,
    .late = sgdma_late,
    .holds = sgdma_holds,
};
