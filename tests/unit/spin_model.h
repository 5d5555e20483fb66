/* SPDX-License-Identifier: MIT */
/*
 * The two Promela models of tests/spin/, once more in C: step for step what Spin does with them, so
 * that the explorer can be held against them where Spin is not installed. That these are the same
 * models is tested: they have Spin's numbers of states, transitions and failures.
 *
 * Left out: nothing of the models. The process `env` (and `drain`) is the hardware, its choices are
 * moves here.
 */
#ifndef UNIT_SPIN_MODEL_H
#define UNIT_SPIN_MODEL_H

#include "base/types.h"

enum { SPIN_LINES = 24, SPIN_KINDS = 3 };

/* A: cache.pml; B: sb.pml. */
enum spin_which { SPIN_A, SPIN_B };

/* What a check that fails is about. A: completion, descriptor, payload; B: valid, length, payload.
 */
struct spin_model {
	enum spin_which which;
	u32 n, k, fix, ord; /* k: A only; ord: B only */
};
const char *spin_kind_name(enum spin_which which, u32 kind);
/* The rule: bits of kinds that some run shows. */
u32 spin_rule(const struct spin_model *m);

/* No padding: compared and hashed as bytes. */
struct spin_state {
	u8 mem[SPIN_LINES]; /* A: memory(2) | state(2) << 2 | data(2) << 4 of a line; B: memory */
	u8 sb[4];	    /* B: 1 + address */
	u8 held;	    /* A: lines in the cache; B: entries of the store buffer */
	u8 ci, dj, db, irq;
	u8 cpu, dev; /* where the processes are */
	u8 unused;
};

enum spin_act {
	SPIN_CPU,
	SPIN_DEV,
	SPIN_EVICT,    /* A: of a line, dirty or clean */
	SPIN_PREFETCH, /* A: of a line */
	SPIN_DRAIN,    /* B: of an entry */
};
struct spin_move {
	u8 act, arg;
};

/* What the CPU does next. A's `=` and `|=` alike are one step. */
enum spin_cpu {
	CPU_STORE_C, /* A */
	CPU_FLUSH_C,
	CPU_STORE_P, /* B too: payload */
	CPU_CLEAN_P,
	CPU_LEN, /* B too: length */
	CPU_WMB_1,
	CPU_VALID, /* B too */
	CPU_CLEAN_D,
	CPU_WMB_2,
	CPU_DOORBELL, /* B too */
	CPU_WAIT,
	CPU_INVAL_C,
	CPU_LOAD_C,
	CPU_END
};

/* No checks have failed, nothing was done. */
void spin_begin(const struct spin_model *m, struct spin_state *s);
/* Does it; false, and nothing is changed, if it is not possible. *failed: the kind of the check
 * that failed, else SPIN_KINDS. */
bool spin_step(const struct spin_model *m, struct spin_state *s, struct spin_move mv, u32 *failed);
/* Where the line of a datum is: of completion, payload, descriptor of ring entry i. */
static inline u32 spin_line_c(const struct spin_model *m, u32 i)
{
	(void)m;
	return i;
}
static inline u32 spin_line_p(const struct spin_model *m, u32 i)
{
	return m->n + i;
}
static inline u32 spin_line_d(const struct spin_model *m, u32 i)
{
	return 2 * m->n + i;
}
static inline bool spin_present(const struct spin_state *s, u32 line)
{
	return s->mem[line] & 12;
}

struct spin_counts {
	u64 states, transitions;   /* the initial state counts as one */
	u64 violating[SPIN_KINDS]; /* transitions in which a check failed */
	u32 shortest[SPIN_KINDS];  /* transitions of the shortest run to one; 0: none */
};
/* All states, breadth first. */
struct spin_counts spin_search(const struct spin_model *m);

#endif
