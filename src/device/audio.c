/* SPDX-License-Identifier: MIT */
/*
 * audio: a sound card's DMA. It goes round and round through a buffer of periods, at the pace of
 * its sample clock, whatever the driver does: played are the bytes that lie there when their time
 * comes, and recorded bytes land there. After each period it raises its interrupt.
 *
 * Model: time is the author's. play(n) lets the time of n bytes pass, all at once; clock(n) lets it
 * pass beside the driver, byte after byte whenever the device comes to it. Samples are bytes.
 */
#include "device/device.h"

#include "base/bug.h"

enum audio_reg {
	AUDIO_ID = 0x00,
	AUDIO_CTRL = 0x04,
	AUDIO_STATUS = 0x08,
	AUDIO_ADDR = 0x10,
	AUDIO_ADDR_HI = 0x14,
	AUDIO_LEN = 0x18,
	AUDIO_PERIOD = 0x1c,
	AUDIO_FIFO = 0x20,
	AUDIO_POS = 0x24,
	AUDIO_PERIODS = 0x28,
};

enum {
	ID_VALUE = 0x0001ac97, /* version 1 */
	FIFO_MAX = 64,
	DATA_MAX = 4096,
	TIME_MAX = 1 << 20, /* bytes that one act lets pass */

	CTRL_GO = 0x1,
	CTRL_CAPTURE = 0x2,
	CTRL_IRQ_OFF = 0x4,
	CTRL_ALL = 0x7,

	RUNNING = 0x1,
	ELAPSED = 0x2,
	LATE = 0x4,
	ERROR = 0x8,
};

static const struct reg_info regs[] = {
    {AUDIO_ID, 4, REG_READ, ID_VALUE, "AUDIO_ID", "identification", "0x0001ac97: version 1", 0, 0},
    {AUDIO_CTRL, 4, REG_READ | REG_WRITE, 0, "AUDIO_CTRL", "control",
     "starts the stream at the begin of the buffer; a write without AUDIO_GO stops it", 0, 0},
    {AUDIO_STATUS, 4, REG_READ | REG_WRITE | REG_CLEAR, 0, "AUDIO_STATUS", "status",
     "what it does and did; a 1 that is written acknowledges", 0, 0},
    {AUDIO_ADDR, 4, REG_READ | REG_WRITE, 0, "AUDIO_ADDR", "buffer address, low",
     "bus address of the buffer", 0, 0},
    {AUDIO_ADDR_HI, 4, REG_READ | REG_WRITE, 0, "AUDIO_ADDR_HI", "buffer address, high",
     "its upper 32 bits", 0, 0},
    {AUDIO_LEN, 4, REG_READ | REG_WRITE, 0, "AUDIO_LEN", "buffer length",
     "its bytes: a multiple of AUDIO_PERIOD", 0, 0},
    {AUDIO_PERIOD, 4, REG_READ | REG_WRITE, 0, "AUDIO_PERIOD", "period",
     "bytes from one interrupt to the next, at least 4", 0, 0},
    {AUDIO_FIFO, 4, REG_READ | REG_WRITE, 0, "AUDIO_FIFO", "FIFO",
     "bytes that it reads ahead of those that it plays: 0 to 64", 0, 0},
    {AUDIO_POS, 4, REG_READ, 0, "AUDIO_POS", "position",
     "offset in the buffer of the next byte that is played, or recorded; what is read ahead is "
     "not in it",
     0, 0},
    {AUDIO_PERIODS, 4, REG_READ, 0, "AUDIO_PERIODS", "periods",
     "periods that are over since it was started", 0, 0},
};

static const struct device_const constants[] = {
    {AUDIO_CTRL, "AUDIO_GO", CTRL_GO, "run; the other registers are latched"},
    {AUDIO_CTRL, "AUDIO_CAPTURE", CTRL_CAPTURE,
     "record: the buffer is written; else it is played: read"},
    {AUDIO_CTRL, "AUDIO_IRQ_OFF", CTRL_IRQ_OFF, "no interrupts, as drivers that poll the position"},
    {AUDIO_STATUS, "AUDIO_RUNNING", RUNNING, "the stream runs (read only)"},
    {AUDIO_STATUS, "AUDIO_ELAPSED", ELAPSED, "a period is over"},
    {AUDIO_STATUS, "AUDIO_LATE", LATE, "one more was over before AUDIO_ELAPSED was acknowledged"},
    {AUDIO_STATUS, "AUDIO_ERROR", ERROR,
     "nothing answered at an address, or lengths that do not fit; the stream has stopped"},
};

static const char *const does[] = {
    "A write of AUDIO_GO latches address, lengths and FIFO, and starts at offset 0. Then it reads "
    "AUDIO_FIFO bytes ahead.",
    "As time passes (play(n), clock(n)) it plays byte after byte and reads as many more, or writes "
    "what it records; behind the end comes the begin.",
    "At the end of each period it sets AUDIO_ELAPSED, counts AUDIO_PERIODS, and raises the "
    "interrupt.",
    "While it does not run, time passes without it.",
    NULL,
};

static const char *const wrong[] = {
    "half of the next period is played as silence, or not written, and reported as usual",
    "when it comes to the end of the buffer: one beat more behind it",
    "when it is stopped: one beat more, at its position",
};

/* What the device itself believes. */
struct audio {
	u32 ctrl, status, addr, addr_hi, len, period, fifo, pos, periods;
	u32 wrong; /* enum misbehaviour: of the next occasion */
	u32 stray; /* it was stopped, and one beat is still to come */
	u32 skip;  /* bytes that pass without memory */
	u64 at;	   /* latched: bus address, bytes, period, FIFO */
	u32 n, each, ahead;
	u32 due;  /* bytes whose time has come, and that have not passed */
	u32 next; /* offset of the next byte that moves between memory and device */
	u32 held; /* bytes that were read and not played */
	u32 into; /* bytes into the period */
	u32 source_n;
	u64 stream; /* bytes recorded since the start */
	u32 heard_n, pad;
	u8 fifo_data[FIFO_MAX];
	u8 source[DATA_MAX], heard[DATA_MAX];
};

static void audio_claim(struct hw *h, u32 dev)
{
	h->model[dev] = world_region(h->w, "audio", sizeof(struct audio), CHUNK, REGION_RAW, NULL);
}

static const struct audio *audio(const struct hw *h, u32 dev)
{
	return device_state(h, dev);
}

static void audio_reset(struct hw *h, u32 dev)
{
	device_regs_reset(&audio_model, h, dev);
}

static bool running(const struct audio *d)
{
	return d->status & RUNNING;
}

static bool capturing(const struct audio *d)
{
	return d->ctrl & CTRL_CAPTURE;
}

static void set_status(struct hw *h, u32 dev, u32 value)
{
	W_SET(h->w, audio(h, dev)->status, value);
	device_reg_set(h, dev, AUDIO_STATUS, value, true);
}

static void interrupt(struct hw *h, u32 dev)
{
	if (!(audio(h, dev)->ctrl & CTRL_IRQ_OFF))
		device_interrupt(h, dev);
}

/* The stream ends: it was stopped, or cannot go on. */
static void leave(struct hw *h, u32 dev, u32 bits)
{
	const struct audio *d = audio(h, dev);

	W_SET(h->w, d->due, 0u);
	W_SET(h->w, d->held, 0u);
	W_SET(h->w, d->skip, 0u);
	W_SET(h->w, d->ctrl, d->ctrl & ~(u32)CTRL_GO);
	device_reg_set(h, dev, AUDIO_CTRL, d->ctrl, false);
	set_status(h, dev, (d->status & ~(u32)RUNNING) | bits);
	if (bits)
		interrupt(h, dev);
}

static bool lengths_fit(const struct audio *d)
{
	return d->period >= 4 && d->len && d->len % d->period == 0 && d->fifo <= FIFO_MAX &&
	       d->fifo <= d->len;
}

static void begin(struct hw *h, u32 dev)
{
	const struct audio *d = audio(h, dev);

	if (!lengths_fit(d)) {
		leave(h, dev, ERROR);
		return;
	}
	W_SET(h->w, d->at, d->addr | (u64)d->addr_hi << 32);
	W_SET(h->w, d->n, d->len);
	W_SET(h->w, d->each, d->period);
	W_SET(h->w, d->ahead, capturing(d) ? 0 : d->fifo);
	W_SET(h->w, d->next, 0u);
	W_SET(h->w, d->into, 0u);
	W_SET(h->w, d->pos, 0u);
	W_SET(h->w, d->periods, 0u);
	W_SET(h->w, d->stream, 0ull);
	W_SET(h->w, d->heard_n, 0u);
	W_SET(h->w, d->stray, 0u);
	device_reg_set(h, dev, AUDIO_POS, 0, false);
	device_reg_set(h, dev, AUDIO_PERIODS, 0, false);
	set_status(h, dev, RUNNING);
}

/* ---- time ---- */

static void end_period(struct hw *h, u32 dev)
{
	const struct audio *d = audio(h, dev);

	W_SET(h->w, d->into, 0u);
	W_SET(h->w, d->periods, d->periods + 1);
	if (d->wrong & WRONG_SHORT) {
		W_SET(h->w, d->wrong, d->wrong & ~(u32)WRONG_SHORT);
		W_SET(h->w, d->skip, d->each / 2);
	}
	device_reg_set(h, dev, AUDIO_PERIODS, d->periods, true);
	set_status(h, dev, d->status | ELAPSED | (d->status & ELAPSED ? LATE : 0));
	interrupt(h, dev);
}

/* The time of n bytes has passed; they do not go beyond the period, nor beyond the buffer. */
static void pass(struct hw *h, u32 dev, u32 n)
{
	const struct audio *d = audio(h, dev);

	W_SET(h->w, d->due, d->due - n);
	W_SET(h->w, d->into, d->into + n);
	W_SET(h->w, d->pos, (d->pos + n) % d->n);
	device_reg_set(h, dev, AUDIO_POS, d->pos, true);
	if (!d->pos && (d->wrong & WRONG_OVERRUN)) {
		W_SET(h->w, d->wrong, d->wrong & ~(u32)WRONG_OVERRUN);
		device_wrong_beat(h, dev, capturing(d), d->at + d->n, 64);
	}
	if (d->into == d->each)
		end_period(h, dev);
}

/* Bytes go to the loudspeaker, and the first of them are kept to be looked at. */
static void hear(struct hw *h, u32 dev, const u8 *data, u32 n)
{
	const struct audio *d = audio(h, dev);
	u32 keep = (u32)min_u64(n, DATA_MAX - d->heard_n);

	if (keep)
		world_write(h->w, d->heard + d->heard_n, data, keep);
	W_SET(h->w, d->heard_n, d->heard_n + keep);
}

/* The FIFO plays what its time has come for; not beyond the period. */
static void play_out(struct hw *h, u32 dev)
{
	const struct audio *d = audio(h, dev);
	u32 n = (u32)min_u64(min_u64(d->held, d->due), d->each - d->into);
	u8 rest[FIFO_MAX] = {0};

	if (!n)
		return;
	hear(h, dev, d->fifo_data, n);
	memcpy(rest, d->fifo_data + n, d->held - n);
	world_write(h->w, d->fifo_data, rest, sizeof rest);
	W_SET(h->w, d->held, d->held - n);
	pass(h, dev, n);
}

/* Bytes that it may still read now: so many ahead, or, without a FIFO, those that are due. */
static u32 wants(const struct audio *d)
{
	u32 now = (u32)min_u64(min_u64(d->due, d->each - d->into), FIFO_MAX);
	u32 most = d->ahead ? d->ahead : now;

	return most > d->held ? most - d->held : 0;
}

/* Bytes of a beat at offset `next`, of at most so many: within the buffer. */
static u32 beat_at(const struct hw *h, u32 dev, u32 most)
{
	const struct audio *d = audio(h, dev);

	return beat_bytes(h, dev, d->at + d->next, min_u64(most, d->n - d->next));
}

static void advance(struct hw *h, u32 dev, u32 n)
{
	const struct audio *d = audio(h, dev);

	W_SET(h->w, d->next, (d->next + n) % d->n);
}

static void step_play(struct hw *h, u32 dev)
{
	const struct audio *d = audio(h, dev);
	u32 n = wants(d);
	struct view v = {0};

	if (!n) {
		play_out(h, dev);
		return;
	}
	n = beat_at(h, dev, n);
	if (d->skip) {
		n = (u32)min_u64(n, d->skip);
		W_SET(h->w, d->skip, d->skip - n);
	} else if (!dma_read(h, dev, (dma_addr_t){d->at + d->next}, n, &v)) {
		leave(h, dev, ERROR);
		return;
	}
	world_write(h->w, d->fifo_data + d->held, v.data, n);
	W_SET(h->w, d->held, d->held + n);
	advance(h, dev, n);
	play_out(h, dev);
}

static void step_record(struct hw *h, u32 dev)
{
	const struct audio *d = audio(h, dev);
	u32 n = beat_at(h, dev, (u32)min_u64(d->due, d->each - d->into));
	u8 data[FIFO_MAX];

	for (u32 i = 0; i < n; i++)
		data[i] =
		    d->source_n ? d->source[(d->stream + i) % d->source_n] : (u8)(d->stream + i);
	if (d->skip) {
		n = (u32)min_u64(n, d->skip);
		W_SET(h->w, d->skip, d->skip - n);
	} else if (!dma_write(h, dev, (dma_addr_t){d->at + d->next}, n, data, false)) {
		leave(h, dev, ERROR);
		return;
	}
	W_SET(h->w, d->stream, d->stream + n);
	advance(h, dev, n);
	pass(h, dev, n);
}

/* ---- registers ---- */

static void control(struct hw *h, u32 dev, u32 value)
{
	const struct audio *d = audio(h, dev);

	if (running(d)) {
		W_SET(h->w, d->ctrl, (d->ctrl & CTRL_CAPTURE) | (value & (CTRL_GO | CTRL_IRQ_OFF)));
		if (value & CTRL_GO)
			return;
		if (d->wrong & WRONG_AFTER_STOP) {
			W_SET(h->w, d->wrong, d->wrong & ~(u32)WRONG_AFTER_STOP);
			W_SET(h->w, d->stray, 1u);
		}
		leave(h, dev, 0);
		return;
	}
	W_SET(h->w, d->ctrl, value & CTRL_ALL);
	if (value & CTRL_GO)
		begin(h, dev);
}

static const u32 *field(const struct audio *d, u32 reg)
{
	switch (reg) {
	case AUDIO_CTRL:
		return &d->ctrl;
	case AUDIO_STATUS:
		return &d->status;
	case AUDIO_ADDR:
		return &d->addr;
	case AUDIO_ADDR_HI:
		return &d->addr_hi;
	case AUDIO_LEN:
		return &d->len;
	case AUDIO_PERIOD:
		return &d->period;
	case AUDIO_FIFO:
		return &d->fifo;
	case AUDIO_POS:
		return &d->pos;
	case AUDIO_PERIODS:
		return &d->periods;
	default:
		return NULL;
	}
}

static void audio_written(struct hw *h, u32 dev, const struct posted *p)
{
	const struct audio *d = audio(h, dev);
	const u32 *at = field(d, p->reg);
	u32 value = (u32)p->value;

	if (!device_reg_taken(&audio_model, p))
		; /* nothing there takes it */
	else if (p->reg == AUDIO_CTRL)
		control(h, dev, value);
	else if (p->reg == AUDIO_STATUS)
		W_SET(h->w, d->status, d->status & ~(value & (ELAPSED | LATE | ERROR)));
	else
		world_write(h->w, at, &value, sizeof value);
	device_reg_set(h, dev, p->reg, at ? *at : p->reg == AUDIO_ID ? ID_VALUE : 0, false);
}

/* ---- what the rest of the machine calls ---- */

static bool working(const struct audio *d)
{
	return running(d) && (d->due || (!capturing(d) && wants(d)));
}

static bool audio_ready(const struct hw *h, u32 dev)
{
	return working(audio(h, dev)) || audio(h, dev)->stray;
}

static bool audio_late(const struct hw *h, u32 dev)
{
	return !working(audio(h, dev)) && audio(h, dev)->stray;
}

static void audio_step(struct hw *h, u32 dev)
{
	const struct audio *d = audio(h, dev);

	BUG_ON(!audio_ready(h, dev));
	if (!working(d)) {
		W_SET(h->w, d->stray, 0u);
		device_wrong_beat(h, dev, capturing(d), d->at + d->pos, 64);
	} else if (capturing(d)) {
		step_record(h, dev);
	} else {
		step_play(h, dev);
	}
}

static bool audio_holds(const struct hw *h, u32 dev, u32 i, struct device_hold *out)
{
	const struct audio *d = audio(h, dev);

	if (i || !d->held)
		return false;
	*out = (struct device_hold){
	    .what = "FIFO", .bus = d->at + d->pos, .data = d->fifo_data, .n = d->held};
	return true;
}

/* ---- acts ---- */

static const char *act_clock(struct hw *h, u32 dev, const struct act_args *a)
{
	const struct audio *d = audio(h, dev);

	if (a->v[0] > TIME_MAX || d->due + a->v[0] > TIME_MAX)
		return "at most the time of 1048576 bytes passes";
	if (running(d))
		W_SET(h->w, d->due, d->due + (u32)a->v[0]);
	return NULL;
}

static const char *act_play(struct hw *h, u32 dev, const struct act_args *a)
{
	const char *why = act_clock(h, dev, a);

	while (!why && working(audio(h, dev)) && !world_now(h->w)->limit)
		audio_step(h, dev);
	return why;
}

static const char *act_record(struct hw *h, u32 dev, const struct act_args *a)
{
	const struct audio *d = audio(h, dev);

	if (!a->len[0] || a->len[0] > DATA_MAX)
		return "1 to 4096 bytes are there to be recorded";
	world_write(h->w, d->source, a->bytes[0], a->len[0]);
	W_SET(h->w, d->source_n, a->len[0]);
	return NULL;
}

static u32 look_played(const struct hw *h, u32 dev, const u8 **at)
{
	*at = audio(h, dev)->heard;
	return audio(h, dev)->heard_n;
}

static const char *act_misbehave(struct hw *h, u32 dev, const struct act_args *a)
{
	W_SET(h->w, audio(h, dev)->wrong, audio(h, dev)->wrong | (u32)a->v[0]);
	return NULL;
}

static const struct device_act acts[] = {
    {"play", "v", "play(n)",
     "The time of n bytes passes here and now, whether it plays or records; the driver's register "
     "writes have arrived by then.",
     act_play, NULL, true},
    {"clock", "v", "clock(n)",
     "The time of n bytes passes from here on, beside the driver; the driver's register writes "
     "have arrived by then.",
     act_clock, NULL, true},
    {"record", "b", "record(b)",
     "What there is to be recorded from now on is the bytes b, again and again; without it byte k "
     "since the start is k.",
     act_record, NULL, false},
    {"played", "", "played()", "The bytes that were played since it was started, the first 4096.",
     NULL, look_played, false},
    {"misbehave", "w", "misbehave(v)", "At the next occasion it does what v says.", act_misbehave,
     NULL, false},
};

const struct device_info audio_model = {
    .name = "audio",
    .summary = "a sound card: it plays or records a cyclic buffer of periods, at its own pace",
    .address_bits = 32,
    .reg = regs,
    .regs = ARRAY_LEN(regs),
    .constant = constants,
    .constants = ARRAY_LEN(constants),
    .does = does,
    .wrong = wrong,
    .act = acts,
    .acts = ARRAY_LEN(acts),
    .claim = audio_claim,
    .reset = audio_reset,
    .written = audio_written,
    .ready = audio_ready,
    .step = audio_step,
    .late = audio_late,
    .holds = audio_holds,
};
