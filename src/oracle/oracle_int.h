/* SPDX-License-Identifier: MIT */
/* What the files of the oracle share: never included outside oracle/. */
#ifndef ORACLE_ORACLE_INT_H
#define ORACLE_ORACLE_INT_H

#include "oracle/oracle.h"

/* The dirty lines and who made them so: open addressing by line. */
enum { DIRTY_SLOTS = 4096 };
struct dirty_line {
	u64 line;	 /* | 1; 0: free */
	u32 stmt;	 /* of the store that made it dirty */
	u32 left : 30;	 /* the call that gave it to a device and left it dirty; 0: none */
	u32 covered : 1; /* some store since then lay in a live mapping */
	u32 bare : 1;	 /* some store lay outside all live mappings */
};

/* A device's write that has passed some that were sent before it. */
enum { PASSED_MAX = 4 };
struct passed {
	u64 home;
	u8 n;	  /* bytes */
	u8 older; /* the first so many that are on their way were sent before it; 0: free */
	u8 pad[6];
};

/* Of one device: writes on their way, which know no more than their order. Hashed. */
struct flights {
	u8 n;		   /* as hw has it, after the last event */
	u8 told;	   /* the first so many were sent before an interrupt that was taken */
	u8 seen[CPUS_MAX]; /* and before a write that passed them, of which a CPU has read */
	u8 raise[IRQ_PENDING_MAX]; /* on their way when the interrupt was raised, by its place */
	struct passed passed[PASSED_MAX];
};

enum { MAP_PAGES = 512, MAP_PAGE = 4096 };
struct oracle_state {
	u32 maps, allocs;
	u32 live;	      /* mappings that have not ended, */
	u32 writers;	      /* of them those that a device may write, */
	u32 unasked;	      /* and those that nobody has asked dma_mapping_error() about */
	u32 pages[MAP_PAGES]; /* live mappings with a byte of a page of such a number, modulo */
	u32 polling;	      /* bit of a CPU: a look of its poll is on */
	u32 turns;	      /* mappings and allocations that have ended */
	u32 left;	      /* a line was left dirty, ever */
	u32 calling;	      /* statement of the kernel call that is not done yet, 0: none */
	struct {
		u64 pa, len;
	} asked[1 + CPUS_MAX]; /* a call at each level has begun: to see to the caches there */
};

/* A field of shared memory that a device has fetched and nobody had stored: where it read it. */
enum { EMPTY_MAX = 4, EARLY_MAX = 2 };
struct empty_field {
	u64 pa, value; /* little-endian */
	u32 n, pad;    /* bytes; 0: none */
};
/* An access at an address that nothing had been mapped at, ever. */
struct early_access {
	u64 bus;
	u32 n, stmt, alloc, severity;
};

/* What the driver told of a device, and what it did not ask. */
struct device_rules {
	struct empty_field empty[EMPTY_MAX]; /* the newest first */
	struct early_access early[EARLY_MAX];
	u64 mask;	   /* the last that was agreed on, 0: none; streaming */
	u64 coherent;	   /* the same of coherent memory */
	u64 fail_len;	   /* bytes of the newest map that failed and was not asked about, */
	u64 fail_pa;	   /* where they are, */
	u32 fail_stmt;	   /* and its statement; 0: none */
	u32 mask_stmt;	   /* of the last agreed mask call */
	u32 refused;	   /* of a mask call that was refused, until one is agreed on; 0: none */
	u32 owing;	   /* oracle_owing() */
	u32 last;	   /* statement of the last write to any register, */
	u32 left;	   /* what its driver left was told, and nothing has come since */
	u32 reg[REGS_MAX]; /* statement of the driver's last write to each of them */
};

/* An unmap or a sync that is going on: what it loses has its name from how it was called. */
struct unmapping {
	u64 pa, len; /* the bytes that were mapped; len 0: it names no live mapping */
	u64 done;    /* bytes of them that the call names */
	u32 stmt;    /* of the call, 0: none goes on */
	u8 id;	     /* enum diag_id of a call that names no live mapping */
	u8 dir, map_dir;
	u8 pad;
	u32 list; /* entries of a list that are still to be told; the mappings themselves are asked
		   */
	u32 sync; /* a sync that leaves its mapping: 1 + the mapping; 0: none, or an unmap */
};

/* A field that the CPU wrote in two accesses of one statement, [lo, mid) and [mid, hi). */
enum { TORN_FIELDS = 8 };
struct split_field {
	u64 lo;
	u8 mid, hi; /* bytes behind lo; hi 0: free */
	u8 pad[6];
};

/* The first half of a field: the CPU's last store, a device's last read. */
struct half {
	u64 lo, hi; /* hi 0: none */
	u32 stmt;
	u16 flag; /* CPU: 1 + device that has seen it alone; device: it was written since */
	u16 pad;
};

/* A pool that the driver has. */
enum { POOLS_KNOWN = 64 };
struct known_pool {
	u32 number; /* 0: none */
	u32 stmt;   /* of the call that made it */
	u32 dev, pad;
};

/* What a CPU has loaded in a condition. */
enum { CHECKED_MAX = 4 };
struct checked_field {
	u64 home;
	u8 data[8];
	u32 stmt;
	u32 n; /* bytes; 0: none */
};

struct oracle_rules {
	struct device_rules dev[DEVICES_MAX];
	struct checked_field checked[CPUS_MAX][CHECKED_MAX];
	struct unmapping unmap[1 + CPUS_MAX]; /* the driver's, its handler's, the other CPUs' */
	struct split_field split[TORN_FIELDS];
	struct half store, read[DEVICES_MAX];
	struct known_pool pool[POOLS_KNOWN];
	u32 list_limit; /* call whose list broke the limits of segments, and that was told */
	u32 unmapped;	/* statement that took the address of an entry that no map had filled */
};

/* Event numbers: not state. */
struct oracle_numbers {
	u32 map[MAPPINGS_MAX];
	struct {
		u64 home; /* address of what the last look of a CPU's poll loaded */
		u32 n, stmt;
	} polled[CPUS_MAX];
	u32 half_step; /* statement instance of rules.store: follows from the program's position */
};

/* What a look of a poll found; told only if it was the look that ended the poll. */
enum { PENDING_MAX = 16 };
struct pending {
	u32 n;
	struct finding f[PENDING_MAX];
};

/* Whether a party is a CPU, and which. */
static inline bool is_cpu(const struct oracle *o, u32 party)
{
	return party_is_cpu(party, o->hw->cfg->devs);
}
static inline u32 cpu_of(const struct oracle *o, u32 party)
{
	return party_cpu(party, o->hw->cfg->devs);
}

static inline const struct oracle_state *ostate(const struct oracle *o)
{
	return world_at(o->w, o->state);
}

/* A look of a poll of the CPU that acts is on. */
static inline bool cpu_polls(const struct oracle *o)
{
	return ostate(o)->polling >> o->hw->self & 1;
}

/* Fills in what every finding has, and hands it to the sink (or keeps it while a look is on). */
void report(struct oracle *o, struct finding *f);
void report_now(struct oracle *o, const struct finding *f); /* whatever the driver is reading */
struct finding finding_at(const struct oracle *o, enum diag_id id, u64 home, u32 n);

/* dirty.c: dirty lines, and who made them so. */
void dirty_event(struct oracle *o, const struct event *e);
/* What is known of a line; NULL: it is not dirty, or the table was full. */
const struct dirty_line *dirty_find(const struct oracle *o, u64 line);
/* A call left the line dirty that should not have. */
void dirty_left(struct oracle *o, u64 line, u32 stmt);

/* track.c: what events say about allocations and mappings; hands the others to dirty.c. */
void track_event(struct oracle *o, const struct event *e);
/* Live mapping of home byte pa, newest first, from index `from` downwards: 1 + index, 0 = none. */
u32 track_live(const struct oracle *o, u64 pa, u32 from);
/* Most bytes lie in pages that have nothing to do with any live mapping. */
static inline bool track_page(const struct oracle *o, u64 pa)
{
	return ostate(o)->pages[pa / MAP_PAGE % MAP_PAGES] != 0;
}

/* Whether any live mapping has a byte of home [pa, pa+n): most accesses need no more to be known.
 */
static inline bool track_any(const struct oracle *o, u64 pa, u32 n)
{
	const struct omap *m = world_at(o->w, o->maps);

	if (!track_page(o, pa) && !track_page(o, pa + n - 1))
		return false;
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

static inline const struct oracle_rules *orules(const struct oracle *o)
{
	return world_at(o->w, o->rules);
}

/*
 * The mapping that an unmap of that device, handle, size and direction ends: of several with that
 * handle the one that fits, as in the kernel's DMA debugging, else the newest; else the one that
 * has the handle inside. 1 + index, 0 = none.
 */
u32 track_ends(const struct oracle *o, u32 dev, u64 bus, u64 len, u32 dir);

/* lists.c: rules of scatterlists. Before track_event() */
void lists_event(struct oracle *o, const struct event *e); /* EV_SG_* */
/* The live mapping that begins at the bus address and whose end has not begun: 1 + index, 0 none;
 * of several the entry of a list, the newest. */
u32 lists_piece(const struct oracle *o, u32 dev, u64 bus);

/* calls.c: what a call breaks by itself. Before track_event() */
/* A mapping of that handle that has ended: 1 + index of the newest, 0 = none. */
u32 calls_ended_map(const struct oracle *o, u32 dev, u64 bus);
/* What is wrong with an unmap that has no live mapping of that very handle; inside: 1 + the index
 * of one that has it in its middle. */
enum diag_id calls_nothing_mapped(const struct oracle *o, u32 dev, u64 bus, u32 inside);
void calls_event(struct oracle *o, const struct event *e);
void calls_unmapping(struct oracle *o, u32 dev, u64 bus, u64 len, u32 dir); /* an unmap begins */
void calls_unmapping_list(struct oracle *o, u32 ents, u32 dir);		    /* one of a list does */
void calls_syncing(struct oracle *o, u32 map); /* a sync does, which leaves mapping 1 + index */
/* The mapping that the sync leaves which that statement is about: 1 + index; 0: none. */
u32 calls_sync_leaves(const struct oracle *o, u32 stmt);
/* Whether an unmap of that kind (enum map_how) is not the counterpart of the mapping's map. */
bool calls_other_function(const struct omap *m, u32 how);
/* Whether the unmap of that statement that is under way names the handle of a live mapping. */
bool calls_unmapping_known(const struct oracle *o, u32 stmt);
/* The name of a loss of home byte by the call that event e is part of, if it is not by the book:
 * DIAGS if it is none of an unmap's. */
enum diag_id calls_blame(const struct oracle *o, const struct event *e, u64 home);
/* The device still does what it had begun when a register write came. */
bool calls_owing(const struct oracle *o, u32 dev);
/* The handle of mapping 1 + index is used by a party: was it checked? */
void calls_handle_used(struct oracle *o, u32 map, u8 party);

/* Coherent memory as a driver has it: of dma_alloc_coherent(), or a block of a pool. */
bool alloc_is_coherent(const struct oalloc *a);
/* The memory of a statement's allocation is gone, or taken: track.c. */
void track_add_alloc(struct oracle *o, const struct oalloc *a);
void track_close(struct oracle *o, const struct oalloc *a, u32 dev, bool device_has_it);

/* pools.c: DMA pools, and memory of dma_alloc_pages() */
void pools_event(struct oracle *o, const struct event *e); /* POOL_ALLOC, POOL_FREE */
/* The CPU touches a block that is back in its pool; the kernel itself may. */
void pools_cpu(struct oracle *o, const struct event *e, bool write);
void pools_left(struct oracle *o, u32 dev); /* the driver is over */
/* The open chunk that holds byte pa: 1 + index, 0 = none. */
u32 pools_chunk(const struct oracle *o, u64 pa);
/* The closed block of that byte that was given back last: 1 + index, 0 = none. */
u32 pools_freed_block(const struct oracle *o, u64 pa);
/* The finding is about that block, in place of what is there now. */
void pools_about(const struct oracle *o, struct finding *f);
/* warn.c: the kernel has logged a line. */
void warn_logged(struct oracle *o, const struct event *e);

/* maps.c: what a map breaks by itself. Before track_event() */
void maps_added(struct oracle *o, const struct event *e); /* EV_MAP */
/* The statement that mapped home again while the live mapping of it was there; 0: none did. */
u32 maps_again(const struct oracle *o, u64 home);
void maps_refused(struct oracle *o, const struct event *e); /* EV_MAP_FAIL */

/* address.c: a device uses what is not mapped for it. */
/* Bytes [a, a+n) of a device's bus, which came out at pa. dead: 1 + index of the ended mapping;
 * end: the call that ended it (or coherent memory), 0: none did. */
struct stray {
	u64 a, pa;
	u32 n, dead, end;
	bool behind; /* a register write had not arrived when it ended, nor has it now */
	bool aborted;
	bool write;
	bool block;   /* what ended is a block of a DMA pool */
	bool stopped; /* by the IOMMU: a is what the wires carried */
	bool stale;   /* it came through only because the IOTLB had not been flushed */
	u32 granule;  /* 1 + index of a live mapping that lies in the same page of the IOMMU */
};
u64 address_wires(const struct oracle *o, u32 dev); /* the last address that its wires carry */
/* The driver's last write to a register of the device that holds an address in [lo, lo + len), or
 * the lower half of one: 0, if none does. */
u32 address_told(const struct oracle *o, u32 dev, u64 lo, u64 len);
void address_stray(struct oracle *o, const struct event *e, const struct stray *s);
void address_masked(struct oracle *o, const struct event *e); /* SET_MASK */
/* A map, or one that failed: was it said what the device reaches? */
void address_reach(struct oracle *o, const struct event *e, bool bounced);
/* No memory was found for the device: is its mask alone to blame? */
void address_no_memory(struct oracle *o, const struct event *e);
/* refetch.c: values that were checked, and are fetched again to be used */
void refetch_load(struct oracle *o, const struct event *e, const struct view *v);
void refetch_event(struct oracle *o, const struct event *e); /* one that ends checks, or not */
/* What a CPU has checked at those bytes (n 0: anywhere) is over. */
void refetch_forget(struct oracle *o, u32 cpu, u64 home, u64 n);
/* fetched.c: addresses that came too early */
void fetched_read(struct oracle *o, const struct event *e, const struct view *v);
/* The home byte of a field that the device fetched, and that nobody had stored, if its value is the
 * address a, or little below: ~0 if there is none. */
u64 fetched_empty(const struct oracle *o, u32 dev, u64 a);
/* The finding is about an access that may have come before its map; a map comes: EV_MAP. */
void fetched_early(struct oracle *o, const struct finding *f, u64 bus);
void fetched_mapped(struct oracle *o, const struct event *e);
/* torn.c */
void torn_store(struct oracle *o, const struct event *e);
void torn_read(struct oracle *o, const struct event *e, const struct view *v);

/* flight.c: an interrupt that overtook data */
void flight_event(struct oracle *o, const struct event *e); /* of a device: DMA_*, IRQ_* */
void flight_load(struct oracle *o, const struct event *e, const struct view *v);
/* handed.c: the calls that hand bytes over */
/* A sync or an unmap of the mapping is over: EV_SYNC_*, EV_UNMAP. */
void handed_call(struct oracle *o, const struct omap *m, const struct event *e);
/* The CPU stored, or a device accessed, what may lie in mappings. */
void handed_store(struct oracle *o, const struct event *e);
void handed_dma(struct oracle *o, const struct event *e, bool write);
/* Rules of a sync by itself: its handle, its range, its direction. Before handed_call(). */
void handed_sync_rules(struct oracle *o, const struct event *e);
/* Whether a sync of bytes [lo, hi) with direction dir is at odds with the mapping's. */
bool handed_contradicts(const struct omap *m, u32 dir, bool to_cpu, u64 lo, u64 hi);
/* What is wrong with the last call for byte off, where one stands between: later than what the
 * other side wrote there. */
enum flaw { FLAW_NONE, FLAW_RANGE, FLAW_DIRECTION, FLAW_SKIP, FLAW_FUNCTION };
enum flaw handed_flaw(const struct omap *m, const struct handed_by *h, u64 off);
bool handed_between(const struct handed_by *h, u64 off);
/* The mapping of home byte pa: the newest live one, else the one that ended last; 0: there never
 * was one of this memory. */
u32 handed_map(const struct oracle *o, u64 home);
/* latch.c: what a device fetched ahead of use */
void latch_claim(struct oracle *o);
/* The fetch that is being judged goes into this latch: its findings wait, those of the one before
 * it are forgotten. */
void latch_begin(struct oracle *o, u32 dev, u32 latch);
void latch_end(struct oracle *o);
void latch_keep(struct oracle *o, const struct finding *f);
void latch_use(struct oracle *o, u32 dev, u32 latch); /* the device acts on it */

/* rights.c */
/* A load or store of coherent memory through the address that caches it. */
void rights_alias(struct oracle *o, const struct event *e);
void rights_cpu(struct oracle *o, const struct event *e, bool write);
void rights_device(struct oracle *o, const struct event *e, bool write, const struct view *seen);
void rights_abort(struct oracle *o, const struct event *e);
void rights_fault(struct oracle *o, const struct event *e);
/* decide.c: names, by the published list */
bool shared_memory(const struct oracle *o, u64 home); /* both sides see it without a hand-over */
/* Coherent memory that the driver's pointer reaches past the caches. */
bool uncached_memory(const struct oracle *o, u64 home);
/* A stale read of home byte pa, of which v tells where it came from. newer: the write by which it
 * is stale, NULL if it has no record; at: where the device read. */
struct record;
enum diag_id decide_stale_cpu(const struct oracle *o, u8 party, u64 home, const struct view *v,
			      const struct record *newer);
enum diag_id decide_stale_device(const struct oracle *o, u64 home, u64 at,
				 const struct record *newer);
/* The CPU did what the mapping forbids it at home byte pa. */
enum diag_id decide_touch(const struct oracle *o, const struct omap *m, u64 home, bool write);
/* A device uses byte off of the mapping: DIAGS if the CPU has not, or has only read it. */
enum diag_id decide_reuse(const struct omap *m, u64 off);
/* stale.c */
void stale_cpu(struct oracle *o, const struct event *e, const struct view *v);
void stale_device(struct oracle *o, const struct event *e, const struct view *v);
/* Whether a device read gets an old byte among n from the one with that index on. */
bool stale_device_any(const struct oracle *o, const struct event *e, const struct view *v, u32 from,
		      u32 n);
/* lost.c */
void lost_told(void *ctx, struct world *w, u64 pa, u32 n, const u8 *was, const u8 *who);
void lost_judge(struct oracle *o, const struct event *e);

#endif
