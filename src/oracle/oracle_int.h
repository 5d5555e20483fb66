/* SPDX-License-Identifier: MIT */
/* What the files of the oracle share: never included outside oracle/. */
#ifndef ORACLE_ORACLE_INT_H
#define ORACLE_ORACLE_INT_H

#include "oracle/oracle.h"

/* The dirty lines and who made them so: open addressing by line. */
enum { DIRTY_SLOTS = 4096 };
struct dirty_line {
	u64 line;    /* | 1; 0: free */
	u32 stmt;    /* of the store that made it dirty */
	u16 covered; /* 1: some store since then lay in a live mapping */
	u16 bare;    /* 1: some store lay outside all live mappings */
};

struct oracle_state {
	u32 maps, allocs;
	u32 polling; /* a look of the driver's poll is on */
	u32 turns;   /* mappings and allocations that have ended */
};

/* Event numbers: not state. */
struct oracle_numbers {
	u32 map[MAPPINGS_MAX];
	u64 polled; /* home address of what the last look of a poll loaded */
	u32 polled_n, polled_stmt;
};

/* What a look of a poll found; told only if it was the look that ended the poll. */
enum { PENDING_MAX = 16 };
struct pending {
	u32 n;
	struct finding f[PENDING_MAX];
};

static inline const struct oracle_state *ostate(const struct oracle *o)
{
	return world_at(o->w, o->state);
}

/* Fills in what every finding has, and hands it to the sink (or keeps it while a look is on). */
void report(struct oracle *o, struct finding *f);
void report_now(struct oracle *o, const struct finding *f); /* whatever the driver is reading */
struct finding finding_at(const struct oracle *o, enum diag_id id, u64 home, u32 n);

/* track.c: what events say about allocations, mappings and dirty lines. */
void track_event(struct oracle *o, const struct event *e);
const struct dirty_line *track_dirty(const struct oracle *o, u64 line);
/* Live mapping of home byte pa, newest first, from index `from` downwards: 1 + index, 0 = none. */
u32 track_live(const struct oracle *o, u64 pa, u32 from);
/* Whether any live mapping has a byte of home [pa, pa+n): most accesses need no more to be known.
 */
static inline bool track_any(const struct oracle *o, u64 pa, u32 n)
{
	const struct omap *m = world_at(o->w, o->maps);

	for (u32 i = ostate(o)->maps; i-- > 0;)
		if (m[i].live && pa < m[i].pa + m[i].len && m[i].pa < pa + n)
			return true;
	return false;
}

/* rights.c */
void rights_cpu(struct oracle *o, const struct event *e, bool write);
void rights_device(struct oracle *o, const struct event *e, bool write);
/* stale.c */
bool shared_memory(const struct oracle *o, u64 home); /* both sides see it without a hand-over */
void stale_cpu(struct oracle *o, const struct event *e, const struct view *v);
void stale_device(struct oracle *o, const struct event *e, const struct view *v);
/* lost.c */
void lost_told(void *ctx, struct world *w, u64 pa, u32 n, const u8 *was, const u8 *who);
void lost_judge(struct oracle *o, const struct event *e);

#endif
