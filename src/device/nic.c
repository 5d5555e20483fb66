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
#include "device/nic_int.h"

#include "base/bug.h"

static const struct reg_info regs[] = {
    {NIC_ID, 4, REG_READ, ID_VALUE, "NIC_ID", "identification", "0x00010a1c: version 1", 0, 0},
    {NIC_CTRL, 4, REG_READ | REG_WRITE, 0, "NIC_CTRL", "control",
     "what it shall do; a bit that is cleared stops that part at once", 0, 0},
    {NIC_STATUS, 4, REG_READ | REG_WRITE | REG_CLEAR, 0, "NIC_STATUS", "status",
     "what has happened; a 1 that is written acknowledges it", 0, 0},
    {NIC_IRQ_OFF, 4, REG_READ | REG_WRITE, 0, "NIC_IRQ_OFF", "interrupts off",
     "bits of NIC_STATUS that raise no interrupt", 0, 0},
    {NIC_TX_ADDR_LO, 4, REG_READ | REG_WRITE, 0, "NIC_TX_ADDR_LO", "send address, low",
     "bus address of one packet to send without a ring", 0, 0},
    {NIC_TX_ADDR_HI, 4, REG_READ | REG_WRITE, 0, "NIC_TX_ADDR_HI", "send address, high",
     "its upper 32 bits", 0, 0},
    {NIC_TX_LEN, 4, REG_READ | REG_WRITE, 0, "NIC_TX_LEN", "send length",
     "bytes of that packet: 1 to 2048", 0, 0},
    {NIC_TX_RING_LO, 4, REG_READ | REG_WRITE, 0, "NIC_TX_RING_LO", "send ring, low",
     "bus address of the ring, a multiple of 16; a write begins again at descriptor 0", 0, 0},
    {NIC_TX_RING_HI, 4, REG_READ | REG_WRITE, 0, "NIC_TX_RING_HI", "send ring, high",
     "its upper 32 bits; likewise", 0, 0},
    {NIC_TX_DOORBELL, 4, REG_WRITE, 0, "NIC_TX_DOORBELL", "send doorbell",
     "a write of anything: there are descriptors to send", 0, 0},
    {NIC_TX_HEAD, 4, REG_READ, 0, "NIC_TX_HEAD", "send head", "the descriptor it looks at next", 0,
     0},
    {NIC_RX_RING_LO, 4, REG_READ | REG_WRITE, 0, "NIC_RX_RING_LO", "receive ring, low",
     "as NIC_TX_RING_LO", 0, 0},
    {NIC_RX_RING_HI, 4, REG_READ | REG_WRITE, 0, "NIC_RX_RING_HI", "receive ring, high",
     "its upper 32 bits", 0, 0},
    {NIC_RX_DOORBELL, 4, REG_WRITE, 0, "NIC_RX_DOORBELL", "receive doorbell",
     "a write of anything: fetch the next descriptor, if none is held", 0, 0},
    {NIC_RX_HEAD, 4, REG_READ, 0, "NIC_RX_HEAD", "receive head",
     "the descriptor of the next packet", 0, 0},
    {NIC_RX_DROPPED, 4, REG_READ, 0, "NIC_RX_DROPPED", "packets dropped",
     "packets from the wire for which the card had no memory", 0, 0},
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

static void nic_claim(struct hw *h, u32 dev)
{
	h->model[dev] = world_region(h->w, "nic", sizeof(struct nic), CHUNK, REGION_RAW, NULL);
}

static void nic_reset(struct hw *h, u32 dev)
{
	device_regs_reset(&nic_model, h, dev);
}

/* ---- registers ---- */

/* It is told to stop: a misbehaving card does one beat more if it holds an address. */
static void stop(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);
	const struct job *j = rx ? &d->rx : &d->tx;
	bool holds = j->kind != JOB_NONE || (rx && d->rxd.live);
	u64 bus = j->kind != JOB_NONE ? j->addr : nic_desc_addr(&d->rxd);
	u32 room = j->kind != JOB_NONE ? j->room : nic_le32(d->rxd.raw + DESC_LEN);

	if ((d->wrong & WRONG_AFTER_STOP) && holds && room) {
		W_SET(h->w, d->wrong, d->wrong & ~(u32)WRONG_AFTER_STOP);
		W_SET(h->w, d->stray.bus, bus);
		W_SET(h->w, d->stray.n, (u32)min_u64(room, 64));
		W_SET(h->w, d->stray.write, rx ? 1u : 0u);
	}
	nic_clear_job(h, j);
	nic_clear_desc(h, rx ? &d->rxd : &d->txd);
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
		nic_send_single(h, dev);
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

	nic_set_head(h, dev, rx, 0);
	if (!rx)
		return;
	nic_clear_desc(h, &d->rxd);
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

	return nic_can_send(d) || nic_can_receive(d) || d->stray.n;
}

static bool nic_late(const struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);

	return !nic_can_send(d) && !nic_can_receive(d) && d->stray.n;
}

/* A packet that is on its way out goes first, then those that come in. */
static void nic_step(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);

	BUG_ON(!nic_ready(h, dev));
	if (nic_can_send(d)) {
		nic_step_send(h, dev);
	} else if (nic_can_receive(d)) {
		nic_step_receive(h, dev);
	} else {
		u32 n = d->stray.n;

		W_SET(h->w, d->stray.n, 0u);
		device_wrong_beat(h, dev, d->stray.write, d->stray.bus, n);
	}
}

/* A packet waits for a descriptor: is there news in the owner word? */
static void nic_changed(struct hw *h, u32 dev)
{
	const struct nic *d = nic(h, dev);
	phys_addr_t pa;
	struct view v;

	if (!(d->ctrl & CTRL_RX) || !d->fifo_n || d->look || d->rxd.live ||
	    !bus_to_phys(h, dev, (dma_addr_t){nic_desc_bus(h, dev, true) + DESC_FLAGS}, &pa) ||
	    !memory_is_ram(h, pa.pa, 4))
		return;
	dma_peek(h, dev, pa.pa, 4, &v);
	if (nic_le32(v.data) != d->seen)
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
     NULL, false},
    {"sent", "", "sent()", "The bytes of the last packet that went out on the wire.", NULL,
     look_sent, false},
    {"misbehave", "w", "misbehave(v)", "At the next occasion it does what v says.", act_misbehave,
     NULL, false},
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
