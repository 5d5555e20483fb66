/* SPDX-License-Identifier: MIT */
/*
 * How a finding came to be, and what would have prevented it: read from the events, backwards.
 *
 * Steps are in order of events: which store or DMA write made the newer value, which event made or
 * kept the old copy, who gave the bytes to whom, the call that is MISSING (where it belongs), the
 * access.
 */
#ifndef REPORT_CAUSE_H
#define REPORT_CAUSE_H

#include "core/diag.h"
#include "report/fix.h"
#include "report/names.h"

struct cause_step {
	u32 event; /* 0: a missing call */
	u32 line;  /* of the file; of a missing call: the line that it belongs to */
	bool missing;
	u64 order;  /* 2 * event; of a missing call one less or more than that of its neighbour */
	char *text; /* owned; its subject first: "the cache fetched line buf+00" */
	char *so;   /* owned; what the bytes are then, in a few words; NULL: not told */
};

struct cause {
	VEC(struct cause_step)
};

/* Makes the chain of a finding of that run; empty if the finding belongs to no event. */
void cause_make(struct cause *c, const struct names *n, const struct finding *f);
void cause_free(struct cause *c);
/* The subject of a step, without "the": "cache", "CPU 1", "nic"; its length is put into *n, and the
 * rest of the text into *rest. "", and all of the text, where it has no such subject. */
const char *cause_who(const struct names *n, const struct cause_step *step, u32 *len,
		      const char **rest);

/* The event of the call that stands between and was wrong; 0: none does. */
u32 finding_call(const struct names *n, const struct finding *f);

/* The finding in one sentence. */
void finding_message(const struct names *n, const struct finding *f, struct str *out);

/*
 * Looking backwards: the last event before `before` of one of the kinds (bits 1 << EV_*) that
 * touches home bytes [pa, pa + len); 0: there is none. party: PARTY_*, or ~0 for any.
 */
u32 events_last(const struct names *n, u32 before, u64 kinds, u32 party, u64 pa, u64 len);
/* The last event before `before` of that kind and device with that value in field i; 0: none. */
u32 events_last_of(const struct names *n, u32 before, u32 kind, u32 dev, u32 i, u64 value);
u64 events_kinds_stores(void); /* of the CPU: STORE_* */
/* The CPU stored to what a sync gave it to read: the device alone is to write there. */
bool finding_only_read(const struct names *n, const struct finding *f);
/* An ordering finding: the CPU's access that gave leave, or was the leave; 0: not found. */
u32 finding_leave(const struct names *n, const struct finding *f);
/*
 * The mapping that a finding is about, at its event; NULL: none. finding_map(): whose bytes those
 * of the finding are, or whose line, for a neighbour. finding_map_made(): which its map statement
 * made, wherever the bytes lie (behind its end, at an address that was cut).
 */
const struct named_map *finding_map(const struct names *n, const struct finding *f);
const struct named_map *finding_map_made(const struct names *n, const struct finding *f);

#endif
