/* SPDX-License-Identifier: MIT */
/*
 * The world as one value. Everything that a run can change lies in one block of bytes: memory,
 * caches, store buffer, kernel, devices, program, and what the oracle must remember. Inside it are
 * offsets, never pointers, so it can be copied, compared, hashed and stepped back.
 *
 * Rules of use
 * - Read through world_at(): const, at no cost.
 * - Write only through W_SET(), world_mut() or world_write(): they put the old bytes of exactly
 *   that range in the journal and keep the state hash. A pointer that world_mut() gave is good
 *   until the next event and for that range alone.
 * - Layers claim their part with world_region() before world_start(); regions begin on pages.
 *
 * The hash is the XOR over all objects of all regions of their own hash, so it can follow single
 * changes. RAW objects are 64-byte chunks and hash with their place; CELL objects begin with a key
 * and hash without it, so that a cached line counts by its address and never by its way; absent
 * objects (key 0, or all zero) count as nothing. UNHASHED regions hold what no later verdict can
 * depend on: event numbers, statistics, the bookkeeping of calm.
 */
#ifndef CORE_WORLD_H
#define CORE_WORLD_H

#include <string.h>

#include "base/mem.h"
#include "base/types.h"
#include "core/journal.h"
#include "core/limits.h"

struct world;
struct event;
struct view;
struct copyref;

enum region_kind { REGION_RAW, REGION_CELL, REGION_CUSTOM, REGION_UNHASHED };

enum { REGIONS_MAX = 64 + DEVICES_MAX, BLOCK_PAGE = 4096, CHUNK = 64 };

/* Bytes that stand for a state, or for a part of it: equal if and only if the states are. */
struct state_bytes {
	VEC(u8) /* owned */
};

/*
 * CUSTOM: what of the object at off is state. Its bytes, *n of them: in the block, or made in room
 * (STATE_ROOM bytes). *n is 0 if the object counts as nothing.
 */
enum { STATE_ROOM = 512 };
typedef const void *(*state_fn)(const struct world *w, u32 off, u64 *room, u32 *n);

struct region {
	const char *name; /* borrowed; for proofs and BUG_ON */
	u32 off, len;	  /* bytes; page aligned */
	u32 stride;	  /* bytes of one object */
	u32 hashed;	  /* leading bytes of an object that are state (CELL) */
	enum region_kind kind;
	state_fn state; /* CUSTOM */
};

/* Where the copies of home bytes are: given by hw, so that core need not know caches. */
struct world_ops {
	const void *ctx; /* hw's own, for its functions below */
	/* The home address of a byte: itself, or the original's if it lies in a linked bounce slot.
	 */
	u64 (*home)(const struct world *w, u64 pa);
	/* All copies of the n bytes at physical pa; see core/copies.h. Returns how many. */
	u32 (*copies)(const struct world *w, u64 pa, u32 n, struct copyref *out, u32 max);
	/* Makes sure that the memory cell of the line at pa exists; its offset, 0 if the block is
	 * full. */
	u32 (*memory)(struct world *w, u64 line_pa);
	/* The same without making it: 0 if the line was never touched. */
	u32 (*memory_at)(const struct world *w, u64 line_pa);
};

/* Who watches: the oracle. Called after the effect; must not change what events follow. */
struct observer {
	void *ctx;
	void (*event)(void *ctx, struct world *w, const struct event *e, const struct view *seen);
	/* n bytes at pa lost their last newest copy: was[i] the values lost, who[i] 1 + the party
	 * that had written them (0: not known any more). */
	void (*lost)(void *ctx, struct world *w, u64 pa, u32 n, const u8 *was, const u8 *who);
	/* Kinds of events (bits) that it need not be told as long as they bring no news: a load
	 * that got no old byte, a store to a line that was dirty. */
	u64 quiet;
	u64 deaf; /* kinds that it need not be told at all, unless something was lost by them */
};

/* What the world is doing now, stamped on every event. Not state: it follows from the program. */
struct now {
	u32 event; /* number of the last event, 0 before the first */
	u32 step;  /* number of the statement instance, from 1 */
	u32 stmt;  /* statement of the program (index into its table), 0 = none */
	u32 limit; /* enum limit_kind that was reached, 0 = none */
};

struct world {
	const u8 *rd; /* the block, for reading */
	u8 *wr;	      /* the same bytes, for the accessors (another mapping under the proof) */
	u32 used;     /* bytes of the block in use; grows when memory pages are touched */
	bool doubled; /* rd is mapped read-only */
	bool started;
	struct region region[REGIONS_MAX];
	u32 regions;
	u8 *region_of_page; /* owned: region index + 1 of each block page */
	u32 now_off;	    /* struct now, in an UNHASHED region */

	struct journal jn;

	/* The hash: on only while somebody needs it. */
	bool hashing, wide;
	u64 hash, hash2; /* of all objects; hash2: the second half, if wide */
	u64 know2;	 /* second half of the hash of knowledge, at the last world_hash() */
	u32 *touched;	 /* owned: objects hashed out since the last settling */
	u32 touched_n, touched_cap;
	/* Owned: of each block page, in which of its chunks objects begin that may count; NULL: not
	 * known. */
	u64 *live;
	struct state_bytes *room; /* owned: where knowledge is written down */

	/* Truth: whether bits, and whether records of knowledge, are kept at all. */
	bool truth, knows;
	u32 parties;  /* CPU 0, the devices, the other CPUs */
	u32 cpus;     /* of them, 1 if nothing else was said; before world_set_cells() */
	u32 clocks;   /* what is not a device's: know_shared() */
	u32 know_off; /* core/know.c */
	u32 klog_off; /* core/klog.c */
	u32 line;     /* bytes of a cache line = of a memory cell: a power of two */
	u32 line_shift;
	struct cell_geom {
		u32 old, und, dis, left, wid,
		    sup; /* offsets in a cell; wid, sup 0 without knowledge */
		u32 stride, hashed;
	} cell;

	struct world_ops ops;
	struct observer obs;
	/* dma-debug: told of API events, after the oracle, when the event is closed. It may emit.
	 */
	struct {
		void *ctx;
		void (*event)(void *ctx, struct world *w, const struct event *e);
	} twin;
	bool log_is_state;     /* a program looks at the kernel's log; before klog_claim() */
	bool losing;	       /* something was lost since the last event that was told */
	struct event_log *log; /* owned; NULL while a search runs */
};

/* An empty world. doubled asks for the two mappings of the escape proof (debug builds). */
struct world *world_new(bool doubled);
void world_free(struct world *w);

/* Claims len zero bytes, in objects of stride; returns the offset. state only for CUSTOM. */
u32 world_region(struct world *w, const char *name, u64 len, u32 stride, enum region_kind kind,
		 state_fn state);
/* The last region: grows page by page as memory is touched. Claim it last. */
u32 world_open_region(struct world *w, const char *name, u32 stride, enum region_kind kind);
/* Makes sure that the open region is in use up to end (exclusive). False: the block is full. */
bool world_extend(struct world *w, u32 end);
/* Sets the geometry of cells for lines of line bytes; with truth and knowledge as given. */
void world_set_cells(struct world *w, u32 line, bool truth, bool knows, u32 parties);
void world_start(struct world *w);

static inline const void *world_at(const struct world *w, u32 off)
{
	return w->rd + off;
}

static inline u32 world_off(const struct world *w, const void *p)
{
	return (u32)((const u8 *)p - w->rd);
}

/* Object-aware accessor: obj is the start of the object that holds [off, off+len). */
void world_touch(struct world *w, u32 obj);

/* Writable bytes [off, off+len); the old ones are in the journal. */
static inline void *world_mut_obj(struct world *w, u32 obj, u32 off, u32 len)
{
	if (w->hashing)
		world_touch(w, obj);
	journal_save(&w->jn, w->rd, off, len);
	return w->wr + off;
}

u32 world_object(const struct world *w, u32 off);   /* start of the object that holds off */
void *world_mut(struct world *w, u32 off, u32 len); /* any range of one region */
/* Writes len bytes at a place that is reached through a const pointer into the block. */
void world_put(struct world *w, const void *at, const void *from, u32 len);

/* The same, if they are others than those that are there. */
static inline void world_write(struct world *w, const void *at, const void *from, u32 len)
{
	if (memcmp(at, from, len) != 0)
		world_put(w, at, from, len);
}

/* Sets one field that is reached through a const pointer into the block. */
#define W_SET(w, field, value)                                                                     \
	do {                                                                                       \
		__typeof__(field) w_set_v_ = (value);                                              \
		world_write((w), &(field), &w_set_v_, sizeof w_set_v_);                            \
	} while (0)

static inline const struct now *world_now(const struct world *w)
{
	return world_at(w, w->now_off);
}

/*
 * Hashing (core/state.c). world_hash() settles what was touched and returns the hash of the whole
 * state. Wide: a second half is kept beside it, hashed with other seeds, so that both together are
 * 128 bits; world_hash2() is that of the state for which world_hash() was asked last.
 */
void world_hash_on(struct world *w);
void world_hash_wide(struct world *w);
u64 world_hash(struct world *w);
static inline u64 world_hash2(const struct world *w)
{
	return w->hash2 ^ w->know2;
}
u64 world_hash_scratch(const struct world *w); /* from nothing: for tests and proofs */
u64 world_hash2_scratch(const struct world *w);
u64 world_hash_bytes(const void *p, size_t n, u64 seed);
void world_rehash(struct world *w); /* the block was changed past the accessors */

/*
 * Appends the whole state to out, so that two worlds with the same regions give the same bytes if
 * and only if they are in the same state, as the hash sees it: what does not count is left out, a
 * cached line stands by its address. Hashing must be on.
 */
void world_state(struct world *w, struct state_bytes *out);

/* A point to come back to: positions in the journal, and the hash there. */
struct mark {
	u64 rec;
	u64 hash, hash2;
	u32 used;
};

struct mark world_mark(struct world *w);
void world_undo(struct world *w, const struct mark *m); /* back, for good */
/* One event back or forward. False when the window has no more. */
bool world_back(struct world *w);
bool world_forward(struct world *w);
/* Back to where the last event ended: takes back what was written behind it without an event. */
void world_back_to_event(struct world *w);

/* Reaching a bound: the first one counts; the run ends at the next step. */
enum limit_kind {
	LIMIT_NONE,
#define LIMIT(id, text) LIMIT_##id,
#include "core/limits.def"
#undef LIMIT
};
void world_limit(struct world *w, enum limit_kind k);
const char *limit_text(enum limit_kind k);

/*
 * Proof that nothing escapes the journal: copies the block, undoes to m on the copy and compares
 * with the shadow taken then. Returns -1 if all is well, else the first differing offset.
 */
s64 world_escaped(struct world *w, const struct mark *m, const u8 *shadow, u32 shadow_len);

#endif
