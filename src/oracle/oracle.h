/* SPDX-License-Identifier: MIT */
/*
 * The omniscient observer: follows events, keeps what semantics needs to remember (who owns which
 * bytes, what was handed back), reads the bits that hw and linux never read, and reports findings.
 * It changes no event: with it off, the run is the same.
 *
 * What it remembers lies in the block (so it steps back with the rest, and is part of the state of
 * a search); findings go to a sink as they happen.
 */
#ifndef ORACLE_ORACLE_H
#define ORACLE_ORACLE_H

#include "base/mem.h"
#include "core/diag.h"
#include "core/event.h"
#include "hw/hw.h"

enum oracle_mode { ORACLE_OFF = 100 }; /* besides enum oracle_level of a program */

enum { SPANS_MAX = 12 };

enum {
	OMAP_CHECKED = 1,   /* dma_mapping_error() has looked at its handle */
	OMAP_UNSEEN = 2,    /* it was used without, and that was told */
	OMAP_LEAKED = 4,    /* the device was given bytes that nobody wrote, and that was told */
	OMAP_POSTED = 8,    /* a read-back would have waited for something when it ended */
	OMAP_UNSYNCED = 32, /* dma_iova_link(), without dma_iova_sync() behind it */
	OMAP_TWICE = 64,    /* bytes of it were mapped again while it lived, and that was told */
	OMAP_FRESH = 16,    /* of dma_alloc_pages(), and never given to the device */
};

/* Bytes [lo, hi) of a mapping; lo == hi: none. */
struct ospan {
	u32 lo, hi;
};

/* A call that handed bytes of a mapping over: how a later mistake gets its name depends on it. */
enum handed { HANDED_NONE, HANDED_SYNC, HANDED_UNMAP };
struct handed_by {
	struct ospan named;
	struct ospan since; /* around the bytes that the other side has written since */
	u8 how;		    /* enum handed */
	u8 dir;		    /* as the call said */
	u8 skip;	    /* DMA_ATTR_SKIP_CPU_SYNC: it moved nothing */
	u8 other;	    /* an unmap that is not the counterpart of the map */
	u32 stmt;	    /* of the call */
};

/* A mapping, live or ended. Hashed. */
struct omap {
	u64 pa, bus, len;
	u64 slot;   /* of the first byte; 0: not bounced */
	u32 stmt;   /* of the map call */
	u32 end;    /* of the call that ended it, 0 while it lives */
	u32 ending; /* that call has begun: the device must have stopped */
	u32 turn;   /* as of an allocation */
	u8 dev, dir, live;
	u8 used; /* the device has accessed it since it was handed over */
	u8 how;	 /* enum map_how of core/maphow.h */
	u8 pad[3];
	u32 ents, segments; /* of a list: entries that were mapped, segments that came of them */
	u32 list;	    /* 1 + the mapping of its first entry; 0: no list */
	u32 shorted; /* statement that unmapped the list with another count of entries; 0: none */
	u32 spans;
	u32 wrote;  /* the CPU wrote after a transfer, since it was handed over */
	u32 flags;  /* OMAP_* */
	u32 freed;  /* statement that freed the memory under it, 0: none did */
	u32 posted; /* register writes issued before its end that have not arrived yet */
	struct ospan cpu[SPANS_MAX]; /* bytes that a sync gave to the CPU */
	struct handed_by back;	     /* the last sync_for_cpu or unmap, until the next for_device */
	struct handed_by given;	     /* the last sync_for_device, until the next for_cpu */
	struct ospan came;	     /* around what the device wrote and no for_cpu has fetched */
	struct ospan went; /* around what the CPU stored and no for_device has handed over */
};

struct oalloc {
	u64 pa, len, va, bus;
	u32 stmt;   /* where it was made */
	u32 end;    /* where it was freed, 0 while it is open */
	u32 turn;   /* mappings and allocations that had ended by then, this one included */
	u32 born;   /* turn when it was opened */
	u32 posted; /* as of a mapping; coherent memory alone */
	u8 kind;    /* enum mem_kind of linux/linux.h, as the event says */
	u8 open, dev, uncached;
	u8 leaked;     /* coherent memory: as OMAP_LEAKED */
	u8 was_posted; /* as OMAP_POSTED */
	u8 chunk;      /* of a DMA pool: the kernel's own, except the blocks that are out */
	u8 pad;
	u32 pool;  /* number of the pool, of a chunk once a block of it was given out */
	u32 twice; /* POOL: of the call that gave it back when it was free, 0: none did */
	u32 given; /* POOL: how often it is given out, by a list that has it twice */
};

/* What the kernel was told before the driver ran, and how it was booted. Constant. */
struct oracle_kernel {
	bool bounce_all;			       /* swiotlb=force */
	bool flawed;				       /* it has old bugs (linux/quirks.def) */
	u64 mask[DEVICES_MAX], bus_limit[DEVICES_MAX]; /* 0: 32 bits; no limit */
	u64 coherent_mask[DEVICES_MAX];		       /* 0: it is unset */
	/* What the device said of segments: dma_get_max_seg_size(), dma_get_seg_boundary(). May be
	 * NULL. */
	u32 (*max_segment)(const void *ctx, u32 dev);
	u64 (*boundary)(const void *ctx, u32 dev);
	const void *ctx; /* borrowed */
};

struct oracle {
	struct world *w;     /* borrowed */
	const struct hw *hw; /* borrowed */
	u32 mode;	     /* enum oracle_level, or ORACLE_OFF */
	struct oracle_kernel kernel;
	u32 state, maps, allocs, dirty, numbers, flights; /* offsets */
	u32 rules;					  /* of struct oracle_rules */
	u32 waiting, latched;				  /* offsets: of latches */
	u32 latch; /* 1 + the latch whose fetch is being judged, 0: none */
	/* While a device led by hand, or an unmap, uses a handle: the statement that mapped it, if
	 * that is known (HANDLE_TAG of engine/program.h), else 0. No state. */
	u32 handle;
	bool access; /* what is judged is the access itself, not what it got */
	bool checks; /* the CPU's load is one of a condition: the engine says so. No state. */
	void (*sink)(void *ctx, const struct finding *f); /* may be NULL */
	void *ctx;
	/* Told of each hand-over of home bytes, which no event marks when it begins. May be NULL.
	 */
	void (*handed)(void *ctx, u64 pa, u64 len);
	void *handed_ctx;
	/* Losses told while an event is being made: judged when its kind is known. */
	struct {
		u64 pa;
		u32 n;
		u8 was[64], who[64];
	} lost[96];
	u32 losts;
};

void oracle_init(struct oracle *o, struct world *w, const struct hw *hw, u32 mode);
/* k is copied. Without it: masks of 32 bits, no limit, bouncing only where it must be. */
void oracle_kernel(struct oracle *o, const struct oracle_kernel *k);
void oracle_fini(struct oracle *o);
void oracle_sink(struct oracle *o, void (*sink)(void *, const struct finding *), void *ctx);

/* What only the engine can tell. index is the assert's. */
void oracle_assert(struct oracle *o, struct world *w, u32 index, u32 stmt, bool ok);
void oracle_kernel_bug(struct oracle *o, struct world *w, u32 stmt, const char *reason);
/*
 * A value of len bytes was taken as, or for, a type with an order of bytes, unconverted: it meant
 * the one number and means the other (seen) now. other: this CPU's order is not the type's. mix:
 * enum type_base of the type in the low byte, 0x100 if the value became one.
 */
void oracle_endian(struct oracle *o, struct world *w, u32 stmt, u32 mix, u64 meant, u64 seen,
		   u32 len, bool other);
/*
 * The device acts on its register reg, which holds value, while a write of want to it (size bytes,
 * by the statement `late`) is on its way: the statement `passed` wrote another register behind it,
 * and that has arrived.
 */
struct oracle_register {
	u32 dev, reg, size, late, passed;
	u64 value, want;
};
void oracle_register(struct oracle *o, struct world *w, const struct oracle_register *r);
/*
 * The driver takes sg_dma_address() (address) or sg_dma_len() of an entry of a scatterlist that no
 * map has filled: value is what stands there.
 */
enum { ENTRY_ADDRESS = 1, ENTRY_LENGTH }; /* index of the finding */
void oracle_entry_unmapped(struct oracle *o, u32 stmt, bool address, u64 value);
/* A statement of a CPU has read n bytes from home byte pa on past the caches, at least so many. */
enum { BULK_BYTES = 256 };
void oracle_bulk_read(struct oracle *o, u64 pa, u32 n);
/* The driver waits in stmt and nothing fair can end it. If it polls memory of which a newer version
 * exists, the finding is about that byte. */
void oracle_hang(struct oracle *o, struct world *w, u32 stmt);
/* A map or sync_for_device from the device begins: the CPU's older bytes become discardable. */
void oracle_hand_over(struct oracle *o, u64 pa, u64 len);
/* A map or sync_for_device begins, which sees to the caches of home bytes [pa, pa+len): level is
 * that of the kernel (enum lx_level of linux/linux.h). Its event follows when it is done. */
void oracle_port_asked(struct oracle *o, u32 level, u64 pa, u64 len);
/* An unmap begins: from here on the device must not use the handle. */
void oracle_unmapping(struct oracle *o, u32 dev, u64 bus, u64 len, u32 dir);
/* A sync of one range begins. */
void oracle_syncing(struct oracle *o, u32 dev, u64 bus, u64 len);
/* dma_iova_sync() of [bus, bus + len): what was linked there is ready for the device. */
void oracle_iova_sync(struct oracle *o, u32 dev, u64 bus, u64 len);
/*
 * A map of memory begins: by the pointer that the driver named (dma_map_single()), or, va 0, by
 * physical address (dma_map_page(), for which pages of vmalloc() are good).
 */
void oracle_mapping(struct oracle *o, u64 va, u64 pa, u64 len);
/* The driver's statement stmt calls what may sleep (might_sleep(), include/linux/kernel.h). */
void oracle_may_sleep(struct oracle *o, u32 stmt);
/* The driver calls dma_free_coherent() (dma_free_attrs(), kernel/dma/mapping.c). */
void oracle_frees_coherent(struct oracle *o, u32 dev, u64 bus);
/* DMA pools (mm/dmapool.c), by number: a driver made one, or got NULL (0), gives a block back,
 * destroys one. Before the calls do anything. */
void oracle_pool_made(struct oracle *o, u64 pool, u32 dev);
void oracle_pool_freeing(struct oracle *o, u64 pool, u64 va, u64 bus);
void oracle_pool_destroying(struct oracle *o, u64 pool);
/* A device has begun something that it will do whatever the register write says that came now. */
void oracle_owing(struct oracle *o, u32 dev, bool owing);
/* The driver is over, its remove included or its probe failed: what is mapped is a leak. */
void oracle_end(struct oracle *o);
/* Home address, direction and bytes left of the mapping behind a live handle. False: no mapping has
 * it. */
bool oracle_named(const struct oracle *o, u32 dev, u64 bus, u64 *pa, u32 *dir, u64 *left);
/* A look of a CPU's poll begins or was in vain (over false), or ended the poll. */
void oracle_poll_begin(struct oracle *o, struct world *w, u32 cpu);
void oracle_poll(struct oracle *o, struct world *w, u32 cpu, bool over);

/* ---- looking (const) ---- */
/* The lowest bus address at which that device finds memory, without an IOMMU; ~0: it finds none. */
u64 oracle_lowest_bus(const struct hw_config *hw, u32 dev);
u32 oracle_allocs(const struct oracle *o);
const struct oalloc *oracle_alloc(const struct oracle *o, u32 i);
/* The open allocation that holds home byte pa: 1 + index, 0 = none. */
u32 oracle_alloc_at(const struct oracle *o, u64 pa);
u32 oracle_maps(const struct oracle *o);
const struct omap *oracle_map(const struct oracle *o, u32 i);
u32 oracle_map_event(const struct oracle *o, u32 i); /* number of its map event */
/* Whether a sync gave byte off of the mapping to the CPU. */
bool oracle_map_cpu(const struct omap *m, u64 off);

/* The table of rights, oracle/rights.def: what bytes are held as, and who may do what then. */
enum held {
#define HELD(id, text, cpu_read, cpu_write, device_read, device_write) HELD_##id,
#include "oracle/rights.def"
#undef HELD
	HELDS
};
enum act_by { CPU_READS, CPU_WRITES, DEVICE_READS, DEVICE_WRITES, ACTS };
enum right { RIGHT_NO, RIGHT_YES, RIGHT_UNWRITTEN };

/* Of bytes mapped in a direction (enum dma_dir); back: a sync_for_cpu gave them to the CPU. */
enum held oracle_held(u32 dir, bool back);
enum right oracle_right(enum held h, enum act_by act);
const char *oracle_held_name(enum held h);

enum owner {
	OWNER_NONE,
	OWNER_CPU,
	OWNER_CPU_MAPPED,
	OWNER_DEV_R,
	OWNER_DEV_W,
	OWNER_DEV_RW,
	OWNER_BOTH
};
/* Who owns home byte pa; *map gets 1 + index of the newest live mapping, 0 = none. */
enum owner oracle_owner(const struct oracle *o, u64 pa, u32 *map);

/* One byte as the three parties see it (semantics: the three truths, exactly). */
enum truth_state { TRUTH_KNOWN, TRUTH_UNMAPPED, TRUTH_FAULT };
struct truth {
	u8 value;
	u8 state; /* enum truth_state */
	char
	    mark; /* ' ', '*' newest, '~' old, '!' its reader may look and would get a stale byte */
	u8 from;  /* enum copy_kind */
	bool undefined;
	bool behind; /* not the newest, also where nobody may mind (discardable): no mark then */
	u16 rec; /* record of the write it holds, 0 = known to all */
};
struct truths {
	struct truth cpu, memory, device, slot;
	bool bounced; /* slot is filled */
	bool snooped; /* memory is what a snooping party gets */
	u8 dev;	      /* the chosen device */
	u32 map;      /* 1 + index of the mapping the device looks through, 0: none */
};
/* As the CPU sees it that looks (struct hw, self).
 * Home byte pa of the allocation; dev ~0: that of the newest mapping or the coherent memory. */
void oracle_truths(const struct oracle *o, u64 pa, u32 dev, struct truths *out);
/* Whose row of the truths of byte pa (dev ~0) has a '!': for whoever asks of many bytes, often. */
enum { STALE_CPU = 1, STALE_DEVICE = 2 };
u32 oracle_stale(const struct oracle *o, u64 pa);

#endif
