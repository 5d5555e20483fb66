/* SPDX-License-Identifier: MIT */
/*
 * nic: a network card. It sends one packet from registers, or packets from a ring of descriptors,
 * and writes packets that come from the wire to buffers of another ring. An owner bit in each
 * descriptor says whose it is; the next receive descriptor is fetched ahead of use and kept.
 *
 * Like edu it keeps what it believes apart from the register file that the CPU reads.
 *
 * Model: a descriptor is read in one beat, and written back in one, whatever the beat of the bus.
 * Packets wait in a memory of the card, also while receiving is off. Each packet that is done
 * raises the interrupt, over a wire too; none is merged with one that the driver has not taken.
 * There are no checksums, filters, or packets over several descriptors.
 */
#include "device/device.h"

#include "base/bug.h"

enum nic_reg {
	NIC_ID = 0x00,
	NIC_CTRL = 0x04,
	NIC_STATUS = 0x08,
	NIC_IRQ_OFF = 0x0c,
	NIC_TX_ADDR_LO = 0x10,
	NIC_TX_ADDR_HI = 0x14,
	NIC_TX_LEN = 0x18,
	NIC_TX_RING_LO = 0x20,
	NIC_TX_RING_HI = 0x24,
	NIC_TX_DOORBELL = 0x28,
	NIC_TX_HEAD = 0x2c,
	NIC_RX_RING_LO = 0x30,
	NIC_RX_RING_HI = 0x34,
	NIC_RX_DOORBELL = 0x38,
	NIC_RX_HEAD = 0x3c,
	NIC_RX_DROPPED = 0x40,
};

enum {
	ID_VALUE = 0x00010a1c, /* version 1 */
	PACKET_MAX = 2048,
	FIFO_MAX = 8,

	CTRL_RX = 0x1,
	CTRL_TX = 0x2,
	CTRL_TX_RING = 0x4,
	CTRL_ALL = 0x7,

	TX_DONE = 0x1,
	RX_DONE = 0x2,
	ERROR = 0x4,
	STATUS_ALL = 0x7,

	DESC_BYTES = 16,
	DESC_LEN = 8, /* offsets */
	DESC_FLAGS = 12,
	DONE = 0x1,
	CUT = 0x2,

	LATCH_RX = 0,
	LATCH_TX = 1,
};
#define OWN 0x80000000u

static const struct reg_info regs[] = {
    {NIC_ID, 4, REG_READ, ID_VALUE, "NIC_ID", "identification", "0x00010a1c: version 1"},
    {NIC_CTRL, 4, REG_READ | REG_WRITE, 0, "NIC_CTRL", "control",
     "what it shall do; a bit that is cleared stops that part at once"},
    {NIC_STATUS, 4, REG_READ | REG_WRITE | REG_CLEAR, 0, "NIC_STATUS", "status",
     "what has happened; a 1 that is written acknowledges it"},
    {NIC_IRQ_OFF, 4, REG_READ | REG_WRITE, 0, "NIC_IRQ_OFF", "interrupts off",
     "bits of NIC_STATUS that raise no interrupt"},
    {NIC_TX_ADDR_LO, 4, REG_READ | REG_WRITE, 0, "NIC_TX_ADDR_LO", "send address, low",
     "bus address of one packet to send without a ring"},
    {NIC_TX_ADDR_HI, 4, REG_READ | REG_WRITE, 0, "NIC_TX_ADDR_HI", "send address, high",
     "its upper 32 bits"},
    {NIC_TX_LEN, 4, REG_READ | REG_WRITE, 0, "NIC_TX_LEN", "send length",
     "bytes of that packet: 1 to 2048"},
    {NIC_TX_RING_LO, 4, REG_READ | REG_WRITE, 0, "NIC_TX_RING_LO", "send ring, low",
     "bus address of the ring, a multiple of 16; a write begins again at descriptor 0"},
    {NIC_TX_RING_HI, 4, REG_READ | REG_WRITE, 0, "NIC_TX_RING_HI", "send ring, high",
     "its upper 32 bits; likewise"},
    {NIC_TX_DOORBELL, 4, REG_WRITE, 0, "NIC_TX_DOORBELL", "send doorbell",
     "a write of anything: there are descriptors to send"},
    {NIC_TX_HEAD, 4, REG_READ, 0, "NIC_TX_HEAD", "send head", "the descriptor it looks at next"},
    {NIC_RX_RING_LO, 4, REG_READ | REG_WRITE, 0, "NIC_RX_RING_LO", "receive ring, low",
     "as NIC_TX_RING_LO"},
    {NIC_RX_RING_HI, 4, REG_READ | REG_WRITE, 0, "NIC_RX_RING_HI", "receive ring, high",
     "its upper 32 bits"},
    {NIC_RX_DOORBELL, 4, REG_WRITE, 0, "NIC_RX_DOORBELL", "receive doorbell",
     "a write of anything: fetch the next descriptor, if none is held"},
    {NIC_RX_HEAD, 4, REG_READ, 0, "NIC_RX_HEAD", "receive head",
     "the descriptor of the next packet"},
    {NIC_RX_DROPPED, 4, REG_READ, 0, "NIC_RX_DROPPED", "packets dropped",
     "packets from the wire for which the card had no memory"},
};

static const struct device_const constants[] = {
    {NIC_CTRL, "NIC_CTRL_RX", CTRL_RX, "receive into the receive ring"},
    {NIC_CTRL, "NIC_CTRL_TX", CTRL_TX, "send the packet at NIC_TX_ADDR; becomes 0 when it is sent"},
    {NIC_CTRL, "NIC_CTRL_TX_RING", CTRL_TX_RING, "send from the send ring"},
    {NIC_STATUS, "NIC_TX_DONE", TX_DONE, "a packet was sent"},
    {NIC_STATUS, "NIC_RX_DONE", RX_DONE, "a packet was received"},
    {NIC_STATUS, "NIC_ERROR", ERROR,
     "nothing answered at an address, or a length was wrong; that part is stopped"},
    {NO_REG, "NIC_OWN", OWN, "in flags: the descriptor is the card's; the CPU sets it, last"},
    {NO_REG, "NIC_DESC_DONE", DONE, "in flags: the card is done with it, and gave it back"},
    {NO_REG, "NIC_DESC_CUT", CUT, "in flags: the packet was longer than the buffer"},
};

static const char layout[] = "struct nic_desc {\n"
			     "  __le64 addr;    /* bus address of the buffer */\n"
			     "  __le32 len;     /* its bytes; received: those of the packet */\n"
			     "  __le32 flags;   /* NIC_OWN, NIC_DESC_... */\n"
			     "};\n";

static const char *const does[] = {
    "Sending one packet: NIC_CTRL_TX latches NIC_TX_ADDR and NIC_TX_LEN; it reads the packet beat "
    "by "
    "beat, sends it, sets NIC_TX_DONE, and raises the interrupt.",
    "Sending from the ring: after a doorbell it fetches the descriptor at NIC_TX_HEAD. If that has "
    "NIC_OWN, it reads the packet, writes the descriptor back without NIC_OWN, goes on to the "
    "next, and sets NIC_TX_DONE; if not, it waits for the next doorbell.",
    "Receiving: it fetches the descriptor at NIC_RX_HEAD ahead of the packet, when NIC_CTRL_RX is "
    "set, at a doorbell, and after each packet, and keeps it if it has NIC_OWN. What the CPU "
    "changes in it after that is not seen.",
    "When a packet comes, it writes it beat by beat, then the descriptor with the packet's length "
    "and without NIC_OWN, then sets NIC_RX_DONE, raises the interrupt, and fetches the next "
    "descriptor.",
    "Without a descriptor a packet waits in the card, which looks again when the owner word "
    "changes. The card has room for 8 packets; another one is dropped.",
    NULL,
};

static const char *const wrong[] = {
    "half of the next packet is moved, and all of it is reported",
    "one beat more than the next packet's buffer has, behind its end",
    "when a part is stopped while it holds the address of a buffer: one beat more to that buffer",
};

/* A packet on its way through the card. */
struct job {
	u32 kind; /* enum job_kind */
	u32 done; /* bytes moved */
	u32 upto; /* bytes to move */
	u32 len;  /* bytes to report */
	u64 addr; /* bus address of the buffer */
	u32 room; /* bytes of the buffer */
	u32 over; /* a beat behind the end is to come */
};
enum job_kind { JOB_NONE, JOB_SINGLE, JOB_RING };

/* A descriptor that was fetched. */
struct desc {
	u8 raw[DESC_BYTES];
	u64 bus;
	u32 live;
	u32 pad;
};

/* What the card itself believes. */
struct nic {
	u32 ctrl, status, irq_off, wrong;
	u32 tx_lo, tx_hi, tx_len, tx_head;
	u32 tx_ring_lo, tx_ring_hi, rx_ring_lo, rx_ring_hi;
	u32 rx_head, dropped;
	u32 kick; /* sending: the doorbell rang after the last look in vain */
	u32 look; /* receiving: it looks at its descriptor next */
	u32 seen; /* receiving: the owner word when it looked in vain */
	u32 fifo_n;
	u32 fifo_len[FIFO_MAX];
	struct job tx, rx;
	struct desc txd, rxd;
	struct {
		u64 bus;
		u32 n, write; /* n 0: none */
	} stray;	      /* one beat more, although it was told to stop */
	u32 sent_n, pad;
	u8 sent[PACKET_MAX], out[PACKET_MAX];
	u8 fifo[FIFO_MAX][PACKET_MAX];
};

static void nic_claim(struct hw *h, u32 dev)
{
	h->model[dev] = world_region(h->w, "nic", sizeof(struct nic), CHUNK, REGION_RAW, NULL);
}

static const struct nic *nic(const struct hw *h, u32 dev)
{
	BUG_ON(!h->model[dev]);
	return world_at(h->w, h->model[dev]);
}

static void nic_reset(struct hw *h, u32 dev)
{
	device_regs_reset(&nic_model, h, dev);
}

static u64 word(u32 lo, u32 hi)
{
	return lo | (u64)hi << 32;
}

static u32 le32(const u8 *at)
{
	return at[0] | (u32)at[1] << 8 | (u32)at[2] << 16 | (u32)at[3] << 24;
}

static void put_le32(u8 *at, u32 v)
{
	for (u32 i = 0; i < 4; i++)
		at[i] = (u8)(v >> 8 * i);
}

static u64 desc_addr(const struct desc *d)
{
	return word(le32(d->raw), le32(d->raw + 4));
}

static u64 desc_bus(const struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);
	u64 ring = rx ? word(d->rx_ring_lo, d->rx_ring_hi) : word(d->tx_ring_lo, d->tx_ring_hi);

	return align_down(ring, DESC_BYTES) + (rx ? d->rx_head : d->tx_head) * (u64)DESC_BYTES;
}

/* ---- what it tells the CPU ---- */

static void tell(struct hw *h, u32 dev, u32 bits)
{
	const struct nic *d = nic(h, dev);

	W_SET(h->w, d->status, d->status | bits);
	device_reg_set(h, dev, NIC_STATUS, d->status, true);
	if (bits & ~d->irq_off)
		device_interrupt(h, dev);
}

static void drop_ctrl(struct hw *h, u32 dev, u32 bits)
{
	const struct nic *d = nic(h, dev);

	W_SET(h->w, d->ctrl, d->ctrl & ~bits);
	device_reg_set(h, dev, NIC_CTRL, d->ctrl, true);
}

static void set_head(struct hw *h, u32 dev, bool rx, u32 head)
{
	const struct nic *d = nic(h, dev);
	const u32 *at = rx ? &d->rx_head : &d->tx_head;

	world_write(h->w, at, &head, sizeof head);
	device_reg_set(h, dev, rx ? NIC_RX_HEAD : NIC_TX_HEAD, head, true);
}

static void clear_job(struct hw *h, const struct job *j)
{
	const struct job none = {0};

	world_write(h->w, j, &none, sizeof none);
}

static void clear_desc(struct hw *h, const struct desc *d)
{
	const struct desc none = {0};

	world_write(h->w, d, &none, sizeof none);
}

/* A part ends: nothing answered, or what it was told makes no sense. */
static void fail(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);

	clear_job(h, rx ? &d->rx : &d->tx);
	clear_desc(h, rx ? &d->rxd : &d->txd);
	W_SET(h->w, d->look, rx ? 0 : d->look);
	W_SET(h->w, d->kick, rx ? d->kick : 0);
	drop_ctrl(h, dev, rx ? CTRL_RX : CTRL_TX | CTRL_TX_RING);
	tell(h, dev, ERROR);
}

/* ---- descriptors ---- */

/* Fetches the descriptor at the head. It is kept if it is the card's: true. */
static bool fetch(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);
	struct desc new = {.bus = desc_bus(h, dev, rx), .live = 1};
	struct view v;

	if (!dma_fetch(h, dev, rx ? LATCH_RX : LATCH_TX, (dma_addr_t){new.bus}, DESC_BYTES,
		       DESC_FLAGS, 4, &v)) {
		fail(h, dev, rx);
		return false;
	}
	memcpy(new.raw, v.data, DESC_BYTES);
	if (!(le32(new.raw + DESC_FLAGS) & OWN)) {
		if (rx)
			W_SET(h->w, d->seen, le32(new.raw + DESC_FLAGS));
		return false;
	}
	world_write(h->w, rx ? &d->rxd : &d->txd, &new, sizeof new);
	return true;
}

/* Gives the descriptor back, and goes on to the next. False: nothing answered. */
static bool give_back(struct hw *h, u32 dev, bool rx, u32 len, u32 flags)
{
	const struct nic *d = nic(h, dev);
	u64 at = (rx ? d->rxd.bus : d->txd.bus) + DESC_LEN;
	u32 head = rx ? d->rx_head : d->tx_head;
	u8 back[8];

	put_le32(back, len);
	put_le32(back + 4, flags);
	if (!dma_write(h, dev, (dma_addr_t){at}, sizeof back, back, false)) {
		fail(h, dev, rx);
		return false;
	}
	clear_desc(h, rx ? &d->rxd : &d->txd);
	set_head(h, dev, rx, (head + 1) % h->cfg->dev[dev].ring);
	return true;
}

/* ---- jobs ---- */

/* A packet of len bytes for, or from, a buffer; what was said of the next packet holds for it. */
static void begin(struct hw *h, u32 dev, bool rx, struct job j)
{
	const struct nic *d = nic(h, dev);

	j.upto = d->wrong & WRONG_SHORT ? j.len / 2 : j.len;
	j.over = d->wrong & WRONG_OVERRUN ? 1 : 0;
	W_SET(h->w, d->wrong, d->wrong & WRONG_AFTER_STOP);
	world_write(h->w, rx ? &d->rx : &d->tx, &j, sizeof j);
}

/* One beat of a job. False: nothing answered. */
static bool beat(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);
	const struct job *j = rx ? &d->rx : &d->tx;
	u64 bus = j->addr + j->done;
	u32 n = beat_bytes(h, dev, bus, j->upto - j->done);
	struct view v;

	if (rx ? !dma_write(h, dev, (dma_addr_t){bus}, n, d->fifo[0] + j->done, false)
	       : !dma_read(h, dev, (dma_addr_t){bus}, n, &v)) {
		fail(h, dev, rx);
		return false;
	}
	if (!rx)
		world_write(h->w, d->out + j->done, v.data, n);
	W_SET(h->w, j->done, j->done + n);
	return true;
}

/* The card touches memory that is not its own; whether anything answers is the same to it. */
static void wrong_beat(struct hw *h, u32 dev, bool write, u64 bus, u32 most)
{
	u32 n = beat_bytes(h, dev, bus, most);
	u8 junk[64];
	struct view v;

	memset(junk, 0xee, sizeof junk);
	if (write)
		dma_write(h, dev, (dma_addr_t){bus}, n, junk, false);
	else
		dma_read(h, dev, (dma_addr_t){bus}, n, &v);
}

static void over_the_end(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);
	const struct job *j = rx ? &d->rx : &d->tx;

	W_SET(h->w, j->over, 0u);
	wrong_beat(h, dev, rx, j->addr + j->room, 64);
}

/* ---- sending ---- */

static void begin_single(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);

	if (d->tx.kind != JOB_NONE) { /* the ring is sending */
		drop_ctrl(h, dev, CTRL_TX);
		tell(h, dev, ERROR);
	} else if (!d->tx_len || d->tx_len > PACKET_MAX)
		fail(h, dev, false);
	else
		begin(h, dev, false,
		      (struct job){.kind = JOB_SINGLE,
				   .addr = word(d->tx_lo, d->tx_hi),
				   .len = d->tx_len,
				   .room = d->tx_len});
}

static void begin_from_ring(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);
	u32 len;

	if (!fetch(h, dev, false)) {
		W_SET(h->w, d->kick, 0u);
		return;
	}
	dma_use(h, dev, LATCH_TX, (dma_addr_t){d->txd.bus}, DESC_BYTES);
	len = le32(d->txd.raw + DESC_LEN);
	if (!len || len > PACKET_MAX)
		fail(h, dev, false);
	else
		begin(h, dev, false,
		      (struct job){
			  .kind = JOB_RING, .addr = desc_addr(&d->txd), .len = len, .room = len});
}

/* The packet goes out on the wire. */
static void end_sending(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);
	u32 n = d->tx.upto;

	if (d->tx.kind == JOB_RING && !give_back(h, dev, false, d->tx.len, DONE))
		return;
	world_write(h->w, d->sent, d->out, n);
	W_SET(h->w, d->sent_n, n);
	if (d->tx.kind == JOB_SINGLE)
		drop_ctrl(h, dev, CTRL_TX);
	clear_job(h, &d->tx);
	tell(h, dev, TX_DONE);
}

static bool can_send(const struct nic *d)
{
	return d->tx.kind != JOB_NONE || ((d->ctrl & CTRL_TX_RING) && d->kick);
}

static void step_send(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);

	if (d->tx.kind == JOB_NONE)
		begin_from_ring(h, dev);
	else if (d->tx.done < d->tx.upto)
		beat(h, dev, false);
	else if (d->tx.over)
		over_the_end(h, dev, false);
	else
		end_sending(h, dev);
}

/* ---- receiving ---- */

static void begin_receiving(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);
	u32 room = le32(d->rxd.raw + DESC_LEN);

	dma_use(h, dev, LATCH_RX, (dma_addr_t){d->rxd.bus}, DESC_BYTES);
	begin(h, dev, true,
	      (struct job){.kind = JOB_RING,
			   .addr = desc_addr(&d->rxd),
			   .len = (u32)min_u64(d->fifo_len[0], room),
			   .room = room});
}

/* The first packet has left the card's memory, where nothing of it stays. */
static void pop_packet(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);
	u32 len[FIFO_MAX] = {0};
	u8 zero[PACKET_MAX] = {0};

	for (u32 i = 1; i < d->fifo_n; i++) {
		u32 n = d->fifo_len[i], was = d->fifo_len[i - 1];

		len[i - 1] = n;
		world_write(h->w, d->fifo[i - 1], d->fifo[i], n);
		if (was > n)
			world_write(h->w, d->fifo[i - 1] + n, zero, was - n);
	}
	world_write(h->w, d->fifo[d->fifo_n - 1], zero, d->fifo_len[d->fifo_n - 1]);
	world_write(h->w, d->fifo_len, len, sizeof len);
	W_SET(h->w, d->fifo_n, d->fifo_n - 1);
}

static void end_receiving(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);
	u32 cut = d->fifo_len[0] > d->rx.room ? CUT : 0;

	if (!give_back(h, dev, true, d->rx.len, DONE | cut))
		return;
	clear_job(h, &d->rx);
	pop_packet(h, dev);
	W_SET(h->w, d->look, 1u);
	tell(h, dev, RX_DONE);
}

static bool can_receive(const struct nic *d)
{
	return (d->ctrl & CTRL_RX) &&
	       (d->rx.kind != JOB_NONE || d->look || (d->rxd.live && d->fifo_n));
}

static void step_receive(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);

	if (d->look) {
		W_SET(h->w, d->look, 0u);
		fetch(h, dev, true);
		return;
	}
	if (d->rx.kind == JOB_NONE)
		begin_receiving(h, dev);
	if (d->rx.done < d->rx.upto)
		beat(h, dev, true);
	else if (d->rx.over)
		over_the_end(h, dev, true);
	else
		end_receiving(h, dev);
}

/* ---- registers ---- */

/* It is told to stop: a misbehaving card does one beat more if it holds an address. */
static void stop(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);
	const struct job *j = rx ? &d->rx : &d->tx;
	bool holds = j->kind != JOB_NONE || (rx && d->rxd.live);
	u64 bus = j->kind != JOB_NONE ? j->addr : desc_addr(&d->rxd);
	u32 room = j->kind != JOB_NONE ? j->room : le32(d->rxd.raw + DESC_LEN);

	if ((d->wrong & WRONG_AFTER_STOP) && holds && room) {
		W_SET(h->w, d->wrong, d->wrong & ~(u32)WRONG_AFTER_STOP);
		W_SET(h->w, d->stray.bus, bus);
		W_SET(h->w, d->stray.n, (u32)min_u64(room, 64));
		W_SET(h->w, d->stray.write, rx ? 1u : 0u);
	}
	clear_job(h, j);
	clear_desc(h, rx ? &d->rxd : &d->txd);
	if (rx)
		W_SET(h->w, d->look, 0u);
}

static void control(struct hw *h, u32 dev, u32 value)
{
	const struct nic *d = nic(h, dev);
	u32 was = d->ctrl, now = value & CTRL_ALL, on = now & ~was, off = was & ~now;

	W_SET(h->w, d->ctrl, now);
	if (off & CTRL_RX)
		stop(h, dev, true);
	if (off & (d->tx.kind == JOB_SINGLE ? CTRL_TX : CTRL_TX_RING))
		stop(h, dev, false);
	if (off & CTRL_TX_RING)
		W_SET(h->w, d->kick, 0u);
	if (on & CTRL_RX)
		W_SET(h->w, d->look, 1u);
	if (on & CTRL_TX)
		begin_single(h, dev);
}

/* The field that a register shows; NULL: it shows nothing. */
static const u32 *field(const struct nic *d, u32 reg)
{
	switch (reg) {
	case NIC_CTRL:
		return &d->ctrl;
	case NIC_STATUS:
		return &d->status;
	case NIC_IRQ_OFF:
		return &d->irq_off;
	case NIC_TX_ADDR_LO:
		return &d->tx_lo;
	case NIC_TX_ADDR_HI:
		return &d->tx_hi;
	case NIC_TX_LEN:
		return &d->tx_len;
	case NIC_TX_RING_LO:
		return &d->tx_ring_lo;
	case NIC_TX_RING_HI:
		return &d->tx_ring_hi;
	case NIC_TX_HEAD:
		return &d->tx_head;
	case NIC_RX_RING_LO:
		return &d->rx_ring_lo;
	case NIC_RX_RING_HI:
		return &d->rx_ring_hi;
	case NIC_RX_HEAD:
		return &d->rx_head;
	case NIC_RX_DROPPED:
		return &d->dropped;
	default:
		return NULL;
	}
}

static void ring_moved(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);

	set_head(h, dev, rx, 0);
	if (!rx)
		return;
	clear_desc(h, &d->rxd);
	W_SET(h->w, d->look, d->ctrl & CTRL_RX ? 1u : 0u);
}

static void take(struct hw *h, u32 dev, u32 reg, u32 value)
{
	const struct nic *d = nic(h, dev);
	const u32 *at = field(d, reg);

	switch (reg) {
	case NIC_CTRL:
		control(h, dev, value);
		break;
	case NIC_STATUS:
		W_SET(h->w, d->status, d->status & ~value);
		break;
	case NIC_TX_DOORBELL:
		W_SET(h->w, d->kick, d->ctrl & CTRL_TX_RING ? 1u : 0u);
		break;
	case NIC_RX_DOORBELL:
		if ((d->ctrl & CTRL_RX) && !d->rxd.live)
			W_SET(h->w, d->look, 1u);
		break;
	default:
		world_write(h->w, at, &value, sizeof value);
		if (reg >= NIC_RX_RING_LO)
			ring_moved(h, dev, true);
		else if (reg >= NIC_TX_RING_LO)
			ring_moved(h, dev, false);
	}
}

static void nic_written(struct hw *h, u32 dev, const struct posted *p)
{
	const u32 *at;

	if (device_reg_taken(&nic_model, p))
		take(h, dev, p->reg, (u32)p->value);
	at = field(nic(h, dev), p->reg);
	device_reg_set(h, dev, p->reg, at ? *at : p->reg == NIC_ID ? ID_VALUE : 0, false);
}

/* ---- what the rest of the machine calls ---- */

static bool nic_ready(const struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);

	return can_send(d) || can_receive(d) || d->stray.n;
}

static bool nic_late(const struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);

	return !can_send(d) && !can_receive(d) && d->stray.n;
}

/* A packet that is on its way out goes first, then those that come in. */
static void nic_step(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);

	BUG_ON(!nic_ready(h, dev));
	if (can_send(d)) {
		step_send(h, dev);
	} else if (can_receive(d)) {
		step_receive(h, dev);
	} else {
		u32 n = d->stray.n;

		W_SET(h->w, d->stray.n, 0u);
		wrong_beat(h, dev, d->stray.write, d->stray.bus, n);
	}
}

/* A packet waits for a descriptor: is there news in the owner word? */
static void nic_changed(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);
	phys_addr_t pa;
	struct view v;

	if (!(d->ctrl & CTRL_RX) || !d->fifo_n || d->look || d->rxd.live ||
	    !bus_to_phys(h, dev, (dma_addr_t){desc_bus(h, dev, true) + DESC_FLAGS}, &pa) ||
	    !memory_is_ram(h, pa.pa, 4))
		return;
	dma_peek(h, dev, pa.pa, 4, &v);
	if (le32(v.data) != d->seen)
		W_SET(h->w, d->look, 1u);
}

static bool nic_holds(const struct hw *h, u32 dev, u32 i, struct device_hold *out)
{
	const struct nic *d = nic(h, dev);
	const struct desc *held[2];
	u32 n = 0;

	if (d->rxd.live)
		held[n++] = &d->rxd;
	if (d->txd.live)
		held[n++] = &d->txd;
	if (i >= n)
		return false;
	*out = (struct device_hold){.what = held[i] == &d->rxd ? "receive descriptor"
							       : "send descriptor",
				    .bus = held[i]->bus,
				    .data = held[i]->raw,
				    .n = DESC_BYTES};
	return true;
}

/* ---- acts ---- */

static const char *act_receive(struct hw *h, u32 dev, const struct act_args *a)
{
	const struct nic *d = nic(h, dev);

	if (!a->len[0] || a->len[0] > PACKET_MAX)
		return "a packet has 1 to 2048 bytes";
	if (d->fifo_n == FIFO_MAX) {
		W_SET(h->w, d->dropped, d->dropped + 1);
		device_reg_set(h, dev, NIC_RX_DROPPED, d->dropped, true);
		return NULL;
	}
	world_write(h->w, d->fifo[d->fifo_n], a->bytes[0], a->len[0]);
	W_SET(h->w, d->fifo_len[d->fifo_n], a->len[0]);
	W_SET(h->w, d->fifo_n, d->fifo_n + 1);
	if ((d->ctrl & CTRL_RX) && !d->rxd.live)
		W_SET(h->w, d->look, 1u);
	return NULL;
}

static u32 look_sent(const struct hw *h, u32 dev, const u8 **at)
{
	*at = nic(h, dev)->sent;
	return nic(h, dev)->sent_n;
}

static const char *act_misbehave(struct hw *h, u32 dev, const struct act_args *a)
{
	W_SET(h->w, nic(h, dev)->wrong, nic(h, dev)->wrong | (u32)a->v[0]);
	return NULL;
}

static const struct device_act acts[] = {
    {"receive", "b", "receive(b)", "A packet with the bytes b comes from the wire.", act_receive,
     NULL},
    {"sent", "", "sent()", "The bytes of the last packet that went out on the wire.", NULL,
     look_sent},
    {"misbehave", "w", "misbehave(v)", "At the next occasion it does what v says.", act_misbehave,
     NULL},
};

const struct device_info nic_model = {
    .name = "nic",
    .summary = "a network card: one packet from registers, rings to send and to receive, "
	       "interrupts",
    .address_bits = 64,
    .has_ring = true,
    .reg = regs,
    .regs = ARRAY_LEN(regs),
    .constant = constants,
    .constants = ARRAY_LEN(constants),
    .layout = layout,
    .does = does,
    .wrong = wrong,
    .act = acts,
    .acts = ARRAY_LEN(acts),
    .claim = nic_claim,
    .reset = nic_reset,
    .written = nic_written,
    .ready = nic_ready,
    .step = nic_step,
    .late = nic_late,
    .changed = nic_changed,
    .holds = nic_holds,
};
