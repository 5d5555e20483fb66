/* SPDX-License-Identifier: MIT */
/*
 * Random drivers for the property tests: a driver is a list of operations on a few buffers. What
 * the contract of the DMA API allows next is a function of its own (contract_allows()), written
 * from the kernel's documents and not from dmalab: the generator proposes, the contract decides.
 * A driver becomes the text of a scenario only when it is printed, so that what fails can be
 * shortened by leaving operations out, and tried again by hand.
 */
#ifndef UNIT_PROPERTY_GEN_H
#define UNIT_PROPERTY_GEN_H

#include "base/prng.h"
#include "base/str.h"
#include "base/types.h"

enum {
	GEN_BUFS = 4,
	GEN_BYTES = 384, /* of the largest buffer */
	GEN_OPS = 256,
	GEN_LINE = 128, /* no platform here has longer lines */
	GEN_SPANS = 6,	/* pieces of one mapping that are handed to the CPU */
};

/* As in the kernel: enum dma_data_direction. */
enum gen_dir { GEN_BIDI, GEN_TO, GEN_FROM };

/* GEN_OP(id, name): what coverage calls it */
#define GEN_OPS_TABLE                                                                              \
	GEN_OP(ALLOC, "alloc")                                                                     \
	GEN_OP(FREE, "free")                                                                       \
	GEN_OP(MAP, "map")                                                                         \
	GEN_OP(UNMAP, "unmap")                                                                     \
	GEN_OP(SYNC_CPU, "sync_for_cpu")                                                           \
	GEN_OP(SYNC_DEV, "sync_for_device")                                                        \
	GEN_OP(CPU_WRITE, "cpu-write")                                                             \
	GEN_OP(CPU_READ, "cpu-read")                                                               \
	GEN_OP(DEV_WRITE, "device-write")                                                          \
	GEN_OP(DEV_READ, "device-read")

enum gen_kind {
#define GEN_OP(id, name) GEN_##id,
	GEN_OPS_TABLE
#undef GEN_OP
	    GEN_KINDS
};

struct gen_op {
	u8 kind;     /* enum gen_kind */
	u8 buf, dir; /* dir: of MAP and what belongs to its mapping */
	u8 form;     /* which of the ways to write it, see property_text.c */
	u8 val;	     /* the byte that a write writes, never 0 */
	u16 off, n;  /* bytes; off from the start of the buffer */
};

enum gen_memory { GEN_KMALLOC, GEN_KZALLOC, GEN_PAGE };

struct gen_driver {
	struct gen_buf {
		u16 size;
		u8 memory;   /* enum gen_memory */
		u8 unmapped; /* a neighbour: only the CPU uses it */
		u8 entries;  /* it is mapped as a scatterlist of so many entries; 0: by itself */
	} buf[GEN_BUFS];
	u32 bufs;
	/*
	 * A buffer that is read only between transfers from the device is not handed back to it:
	 * the kernel's documents allow it, and ports with nothing at for_cpu break it.
	 */
	bool lazy;
	u32 line; /* it keeps apart what would share a line so long: for platforms up to that */
	bool irq; /* the device tells by an interrupt, and the handler does what comes next */
	struct gen_op op[GEN_OPS];
	u32 n;
};

/* ---- chance ---- */

bool prng_chance(struct prng *p, u32 in100); /* in100 of 100 times */

/* ---- the contract ---- */

struct contract {
	struct contract_buf {
		bool there, live; /* allocated; mapped */
		u8 dir;
		u16 moff, mlen;
		u8 val[GEN_BYTES];   /* newest, by the order of the operations */
		bool def[GEN_BYTES]; /* means something: val must be what a reader gets */
		bool held[GEN_BYTES], dirty[GEN_BYTES]; /* mapped, but the CPU's; stored since */
	} b[GEN_BUFS];
};

bool contract_in_map(const struct contract_buf *b, u32 i); /* byte i is mapped */
bool gen_any(const bool *v, u32 lo, u32 hi);		   /* one of [lo, hi) is set */
bool contract_allows(const struct contract *c, const struct gen_driver *d, const struct gen_op *o);
/* What it means for the bytes; also of an operation that the contract forbids. */
void contract_apply(struct contract *c, const struct gen_driver *d, const struct gen_op *o);
/* Every operation is allowed, and nothing is mapped at the end. */
bool contract_kept(const struct gen_driver *d);

/* Entry k of a list that holds the mapped bytes [off, off + n): its bytes. */
struct gen_piece {
	u32 off, n;
};
struct gen_piece gen_entry(u32 entries, u32 off, u32 n, u32 k);

/* ---- drivers ---- */

struct gen_options {
	bool small; /* one buffer, one or two transfers of one direction, at most 64 bytes */
	u32 ops;    /* about how many operations */
	bool lists; /* some buffers are mapped as scatterlists */
};
void driver_make(struct gen_driver *d, struct prng *p, const struct gen_options *opt);
/* The text of a scenario; platforms is the value of `platforms:`. */
void driver_print(const struct gen_driver *d, const char *platforms, struct str *out);
/* How many operations behind the device's i-th one its interrupt handler does. */
u32 driver_handled(const struct gen_driver *d, u32 i);
/* The same for a ring of descriptors in coherent memory, served by a device's program. */
struct gen_ring {
	u32 slots, n;	      /* descriptors; bytes of each buffer */
	u8 dir[4];	      /* of each buffer */
	bool kick, read_once; /* doorbell for each; READ_ONCE() in the wait */
	bool irq;	      /* an interrupt for each, before the wait */
};
void ring_make(struct gen_ring *r, struct prng *p);
void ring_print(const struct gen_ring *r, const char *platforms, struct str *out);

/* Drivers of a DMA pool (property_pools.c). */
struct gen_pool {
	u32 size, align, boundary; /* as dma_pool_create() takes them */
	u32 ops;
	bool checked, managed; /* DMAPOOL_DEBUG; dmam_pool_create() */
	u64 seed;	       /* of what it does */
};
/* What it does wrong at its end: then it is not tidied up behind it. */
enum pool_mistake {
	POOL_RIGHT,
	POOL_LATE_WRITE,
	POOL_LATE_READ,
	POOL_CPU_LATE,
	POOL_TWICE,
	POOL_KEPT,
	POOL_OTHER_HANDLE,
	POOL_MISTAKES
};
void pool_make(struct gen_pool *g, struct prng *p);
void pool_print(const struct gen_pool *g, const char *platforms, enum pool_mistake what,
		struct str *out);
const char *pool_mistake(enum pool_mistake what); /* the id that must be found */

/* ---- mutants: one call of the API left out or moved ---- */

enum gen_fault {
	GEN_NO_SYNC_CPU, /* left out */
	GEN_NO_SYNC_DEV, /* left out */
	GEN_LATE_UNMAP,	 /* after the CPU's next access */
	GEN_EARLY_MAP,	 /* before the CPU's last store */
	GEN_FAULTS
};
/* The mutant of operation i, false if it has none. */
bool driver_mutant(const struct gen_driver *d, u32 i, struct gen_driver *out, enum gen_fault *f);

/*
 * Shorter drivers that still fail: transfers left out, then operations, as long as what is left
 * keeps the contract.
 */
void driver_shorten(struct gen_driver *d, bool (*fails)(void *ctx, const struct gen_driver *d),
		    void *ctx);

#endif
