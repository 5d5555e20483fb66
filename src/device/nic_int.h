/* SPDX-License-Identifier: MIT */
/* The network card: what its two files share. Internal to device/. */
#ifndef DEVICE_NIC_INT_H
#define DEVICE_NIC_INT_H

#include "device/device.h"

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

static inline const struct nic *nic(const struct hw *h, u32 dev)
{
	return device_state(h, dev);
}

static inline u32 nic_le32(const u8 *at)
{
	return (u32)get_le(at, 4);
}

/* ---- device/nic_packets.c; rx: of receiving, else of sending ---- */

/* The bus address in a descriptor; and that of the descriptor at the head of the ring. */
u64 nic_desc_addr(const struct desc *d);
u64 nic_desc_bus(const struct hw *h, u32 dev, bool rx);
void nic_set_head(struct hw *h, u32 dev, bool rx, u32 head);
void nic_clear_job(struct hw *h, const struct job *j);
void nic_clear_desc(struct hw *h, const struct desc *d);
/* Begins with the packet that the registers say. */
void nic_send_single(struct hw *h, u32 dev);
/* There is something to do in that direction; and doing it: one transition. */
bool nic_can_send(const struct nic *d);
bool nic_can_receive(const struct nic *d);
void nic_step_send(struct hw *h, u32 dev);
void nic_step_receive(struct hw *h, u32 dev);

#endif
