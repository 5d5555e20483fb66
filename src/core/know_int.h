/* SPDX-License-Identifier: MIT */
/* What core/know.c and core/know_hash.c share: never included outside core/. */
#ifndef CORE_KNOW_INT_H
#define CORE_KNOW_INT_H

#include "core/know.h"

/* The head of the region: clocks of the parties, lists of records, clocks in flight. */
struct knowledge {
	u32 groups;  /* given out so far */
	u32 records; /* how many ids were ever used */
	u32 live;    /* records in use */
	u16 free;    /* head of the chain of free records, 0 = none */
	u16 first[PARTIES_MAX], last[PARTIES_MAX];
	u8 after[CPUS_MAX];  /* BETWEEN_*: since the last write of each CPU that has a record */
	u32 group[CPUS_MAX]; /* of each CPU; no two have the same */
	u32 vc[PARTIES_MAX][PARTIES_MAX]; /* vc[p][q]: writes of q that p knows */
};

struct flight {
	u32 live;
	u32 group; /* of the sender, when it was sent */
	u32 vc[PARTIES_MAX];
};

static inline const struct knowledge *kn(const struct world *w)
{
	return world_at(w, w->know_off);
}

/* Where the clock in flight of a device and slot is. */
u32 know_flight_off(const struct world *w, u32 dev, u32 slot);

/* An edge that can name a finding (core/diags.def) stays, when another party learns later. */
static inline bool names_findings(u8 e)
{
	return e == EDGE_MEMORY || e == EDGE_RELAXED_DOORBELL || e == EDGE_IRQ ||
	       e == EDGE_RELAXED_REGISTER;
}

#endif
