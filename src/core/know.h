/* SPDX-License-Identifier: MIT */
/*
 * Who is entitled to know which write (happens-before), as clocks and records.
 *
 * A clock per party counts, for each writer, how many of its writes the party knows. A record
 * stands for one write that somebody may not know yet; copies name records byte by byte (wid: the
 * write a byte holds, sup: the write that made it old). A read that returns a write learns what
 * that very write knew; a register, an interrupt, a doorbell carries the clock of its sender.
 * Barriers add nothing here: edges say what should hold.
 *
 * How a party learned of a write is kept in the record ("armed"), since the name of a finding
 * depends on the edge that lacked its barrier. The hash takes ranks, never numbers, so two paths
 * that differ only in how many writes came before are one state.
 */
#ifndef CORE_KNOW_H
#define CORE_KNOW_H

#include "core/world.h"

/* The edge by which a party learned of a write. */
enum edge {
	EDGE_NONE,
	EDGE_MEMORY,   /* a read returned a later write of the same writer */
	EDGE_DOORBELL, /* a register write that orders memory before it */
	EDGE_RELAXED_DOORBELL,
	EDGE_IRQ,
	EDGE_REGISTER, /* a register read that orders memory after it */
	EDGE_RELAXED_REGISTER,
	EDGE_HAND, /* a hand-driven act, in the order of the statements */
	EDGE_TASK, /* work given to another CPU, its end; a variable that a wait waits for */
};

/* What a CPU has passed between two accesses, bits. */
enum {
	BETWEEN_SMP = 1,   /* a barrier for other CPUs alone */
	BETWEEN_OTHER = 2, /* anything else that a compiler moves nothing across */
};

struct record {
	u32 refs;	/* bytes of copies that name it */
	u32 seq;	/* among the writes of its writer, from 1 */
	u32 stmt;	/* the statement that wrote */
	u32 group;	/* writes of one group have no compiler barrier between them */
	u32 arm_stmt;	/* statement of the leave-giving access */
	u32 arm_group;	/* group of the reader (loads) or of the leave-giving store */
	u64 pa;		/* where the write went, as addressed */
	u16 next, prev; /* of the same writer, by seq; next also chains free records */
	u8 writer, plain, n;
	u8 arm; /* enum edge */
	u8 arm_plain;
	u8 arm_party;
	u8 after;     /* BETWEEN_*: since the CPU's write that stands before it in the list */
	u8 arm_after; /* between it and the leave-giving store, or (loads) since leave was given */
	u8 pad[4];
	u32 vc[]; /* one per party: what the write knew; a join: its record of each writer, or 0 */
};

/*
 * The writer of a join: no write, but a set of writes of which none knew another, at most one of
 * each party. It stands where a copy is made old by all of them (sup), and is known to whoever
 * knows one: with the first alone, who knows only the second would be told that the copy is good.
 */
enum { JOIN = 0xff };

/* Slots for clocks in flight: posted writes, interrupts, register values. Positions, not ids. */
enum clock_use {
	CLOCK_POSTED = 0,
	CLOCK_IRQ = POSTED_MAX,
	CLOCK_INFLIGHT = CLOCK_IRQ + IRQ_PENDING_MAX,
	CLOCK_REG = CLOCK_INFLIGHT + INFLIGHT_MAX,
	CLOCKS_PER_DEVICE = CLOCK_REG + REGS_MAX
};

void know_init(struct world *w); /* claims its regions; after world_set_cells() */

/* A new write of n bytes at pa by p, naming the present statement. 0 when knowledge is off. */
u16 know_write(struct world *w, u8 p, u64 pa, u32 n, bool plain);
/* No record is free: what all parties know may lose its name (copies_sweep() does that). */
bool know_full(const struct world *w);
/* The first, the next record of writer p that every party knows; 0: there is none (any more). */
u16 know_closed(const struct world *w, u8 p, u16 after);
void know_ref(struct world *w, u16 rec, u32 bytes);
void know_unref(struct world *w, u16 rec, u32 bytes);
const struct record *know_record(const struct world *w, u16 rec); /* rec != 0 */

/* Whether p knows the write, or one of a join; a write without record is known to all. */
bool know_knows(const struct world *w, u8 p, u16 rec);
/* What makes a copy old that sup made old before and rec does now: sup itself, or a new join. */
u16 know_join(struct world *w, u16 sup, u16 rec);
/* The write in sup that p knows (of a join: that of the lowest party); 0: it has no record. */
u16 know_newer(const struct world *w, u8 p, u16 sup);

/* p read bytes that hold rec: it learns rec and all that rec knew. plain: a plain load. */
void know_learn_read(struct world *w, u8 p, u16 rec, bool plain);
/* p learns what q knows now. */
void know_learn_party(struct world *w, u8 p, u8 q, enum edge e, u32 stmt);

/*
 * Clocks in flight of device dev; slot is a clock_use plus a position. know_shared() stands for
 * those that belong to no device: w->clocks of them, numbered by whoever asked for them.
 */
static inline u32 know_shared(const struct world *w)
{
	return w->parties - w->cpus;
}
void know_send(struct world *w, u32 dev, u32 slot, u8 from);
void know_receive(struct world *w, u32 dev, u32 slot, u8 to, enum edge e, u32 stmt);
void know_shift(struct world *w, u32 dev, u32 slot, u32 n); /* drops the first of n queued */

/* A CPU (as a party) passed something that the compiler does not move accesses across. */
void know_compiler_barrier(struct world *w, u8 cpu);
/* The same, and it was smp_wmb() or its like, which promise a device nothing. */
void know_smp_barrier(struct world *w, u8 cpu);
u32 know_group(const struct world *w, u8 cpu); /* of its accesses from here on */

/* Appends all knowledge, with ranks for times, so that equal states give equal bytes; nothing
 * without it. And the hash of that, 0 without it. */
void know_state(const struct world *w, struct state_bytes *out);
u64 know_hash(const struct world *w);

#endif
