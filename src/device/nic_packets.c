/* SPDX-License-Identifier: MIT */
/*
 * Packets through the card: descriptors that are fetched and given back, and the beats of what is
 * sent and received. Registers, and the card as a whole: device/nic.c.
 */
#include "device/nic_int.h"

static u64 word(u32 lo, u32 hi)
{
	return lo | (u64)hi << 32;
}

u64 nic_desc_addr(const struct desc *d)
{
	return word(nic_le32(d->raw), nic_le32(d->raw + 4));
}

u64 nic_desc_bus(const struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);
	u64 ring = rx ? word(d->rx_ring_lo, d->rx_ring_hi) : word(d->tx_ring_lo, d->tx_ring_hi);

	return align_down(ring, DESC_BYTES) + (rx ? d->rx_head : d->tx_head) * (u64)DESC_BYTES;
}

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

void nic_set_head(struct hw *h, u32 dev, bool rx, u32 head)
{
	const struct nic *d = nic(h, dev);
	const u32 *at = rx ? &d->rx_head : &d->tx_head;

	world_write(h->w, at, &head, sizeof head);
	device_reg_set(h, dev, rx ? NIC_RX_HEAD : NIC_TX_HEAD, head, true);
}

void nic_clear_job(struct hw *h, const struct job *j)
{
	const struct job none = {0};

	world_write(h->w, j, &none, sizeof none);
}

void nic_clear_desc(struct hw *h, const struct desc *d)
{
	const struct desc none = {0};

	world_write(h->w, d, &none, sizeof none);
}

/* A part ends: nothing answered, or what it was told makes no sense. */
static void fail(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);

	nic_clear_job(h, rx ? &d->rx : &d->tx);
	nic_clear_desc(h, rx ? &d->rxd : &d->txd);
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
	struct desc new = {.bus = nic_desc_bus(h, dev, rx), .live = 1};
	struct view v;

	if (!dma_fetch(h, dev, rx ? LATCH_RX : LATCH_TX, (dma_addr_t){new.bus}, DESC_BYTES,
		       DESC_FLAGS, 4, &v)) {
		fail(h, dev, rx);
		return false;
	}
	memcpy(new.raw, v.data, DESC_BYTES);
	if (!(nic_le32(new.raw + DESC_FLAGS) & OWN)) {
		if (rx)
			W_SET(h->w, d->seen, nic_le32(new.raw + DESC_FLAGS));
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

	put_le(back, len, 4);
	put_le(back + 4, flags, 4);
	if (!dma_write(h, dev, (dma_addr_t){at}, sizeof back, back, false)) {
		fail(h, dev, rx);
		return false;
	}
	nic_clear_desc(h, rx ? &d->rxd : &d->txd);
	nic_set_head(h, dev, rx, (head + 1) % h->cfg->dev[dev].ring);
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

static void over_the_end(struct hw *h, u32 dev, bool rx)
{
	const struct nic *d = nic(h, dev);
	const struct job *j = rx ? &d->rx : &d->tx;

	W_SET(h->w, j->over, 0u);
	device_wrong_beat(h, dev, rx, j->addr + j->room, 64);
}

/* ---- sending ---- */

void nic_send_single(struct hw *h, u32 dev)
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
	len = nic_le32(d->txd.raw + DESC_LEN);
	if (!len || len > PACKET_MAX)
		fail(h, dev, false);
	else
		begin(
		    h, dev, false,
		    (struct job){
			.kind = JOB_RING, .addr = nic_desc_addr(&d->txd), .len = len, .room = len});
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
	nic_clear_job(h, &d->tx);
	tell(h, dev, TX_DONE);
}

bool nic_can_send(const struct nic *d)
{
	return d->tx.kind != JOB_NONE || ((d->ctrl & CTRL_TX_RING) && d->kick);
}

void nic_step_send(struct hw *h, u32 dev)
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
	u32 room = nic_le32(d->rxd.raw + DESC_LEN);

	dma_use(h, dev, LATCH_RX, (dma_addr_t){d->rxd.bus}, DESC_BYTES);
	begin(h, dev, true,
	      (struct job){.kind = JOB_RING,
			   .addr = nic_desc_addr(&d->rxd),
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
	nic_clear_job(h, &d->rx);
	pop_packet(h, dev);
	W_SET(h->w, d->look, 1u);
	tell(h, dev, RX_DONE);
}

bool nic_can_receive(const struct nic *d)
{
	return (d->ctrl & CTRL_RX) &&
	       (d->rx.kind != JOB_NONE || d->look || (d->rxd.live && d->fifo_n));
}

void nic_step_receive(struct hw *h, u32 dev)
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
