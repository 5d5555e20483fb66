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
	u32 left : 30;	 /* the call that gave it to a device and left it dirty; 0: none */
	u32 covered : 1; /* some store since then lay in a live mapping */
	u32 bare : 1;	 /* some store lay outside all live mappings */
};

struct oracle_state {
	u32 maps, allocs;
	u32 polling; /* a look of the driver's poll is on */
	u32 turns;   /* mappings and allocations that have ended */
	u32 left;    /* a line was left dirty, ever */
	u32 pad;
	struct {
		u64 pa, len;
	} asked[2]; /* a call at each level of the kernel has begun: to see to the caches there */
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
/* A call left the line dirty that should not have. */
void track_left(struct oracle *o, u64 line, u32 stmt);
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

/* defect.c: what the kernel port left undone. */
void defect_handed_over(struct oracle *o, const struct event *e);
void defect_refused(struct oracle *o, const struct event *e); /* the call has failed */
bool defect_pending(const struct oracle *o, u64 line); /* a store to it is in the store buffer */
/* The call that left the line of physical address pa dirty, 0: none. */
u32 defect_call(const struct oracle *o, u64 pa);
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
