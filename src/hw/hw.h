/* SPDX-License-Identifier: MIT */
/*
 * The machine: where its parts are in the block, and what silicon does by itself. Nothing here
 * knows the DMA API, prints, or reads an old bit; everything that happens is an event.
 *
 * One call is one transition: an access of at most 8 bytes that does not cross an 8-byte boundary,
 * one line of a cache operation, one drain, one arrival.
 */
#ifndef HW_HW_H
#define HW_HW_H

#include "core/addr.h"
#include "core/copies.h"
#include "core/event.h"
#include "core/know.h"
#include "core/world.h"
#include "hw/config.h"
#include "hw/iommu.h"

/* A cache's configuration as every access needs it. */
struct cache_geom {
	u32 set_mask, ways;
	u32 head_stride; /* bytes of a set head */
	u32 set_stride;	 /* bytes of the cells of a set */
	bool present, lru, through;
};

struct hw {
	struct world *w;	     /* borrowed */
	const struct hw_config *cfg; /* borrowed */
	u32 dir, pages;		     /* directory and open region of memory */
	u32 head[2], cell[2];	     /* set heads and cells of L1 and the outer cache */
	u32 cpu, names;		     /* struct cpu_state[cpus]; names of their entries */
	u32 cpus;		     /* that the run uses */
	u32 self;		     /* the CPU that acts now: no state, 0 between transitions */
	u32 drained;		     /* statement of the store that drains now: no state either */
	u32 landing;		     /* 1 + place of a device's write that lands now */
	bool kernel;	 /* the access that is being made is the kernel's own: no state either */
	u32 dev;	 /* struct dev_state[devs] */
	u32 vmap;	 /* struct vmaps */
	u32 link;	 /* struct links */
	u32 iopt, iotlb; /* page tables of the IOMMU, its cache; 0: there is none */
	u32 model[DEVICES_MAX]; /* a device model's own state; 0: it has none */
	struct cache_geom geom[2];
	/* Which lines' older versions are worth remembering; NULL: all. ctx is the asker's. */
	bool (*remembers)(const void *ctx, u64 line_pa);
	const void *remembers_ctx;
	/* Whether a byte of memory is encrypted with a key that devices have not; NULL: none is. */
	bool (*sealed)(const void *ctx, u64 pa);
	const void *sealed_ctx;
	/* The IOMMU's fault interrupt: told of each access that was stopped. May be NULL. */
	void (*faulted)(void *ctx, u32 dev, u64 bus, bool write, enum iommu_why why);
	void *faulted_ctx;
	bool simple; /* one write-back cache, no buffer, no knowledge: the short way of stores */
};

/* Claims all regions but memory, which hw_open() claims last. w, cfg must outlive h. */
void hw_init(struct hw *h, struct world *w, const struct hw_config *cfg);
void hw_open(struct hw *h);

enum access { ACCESS_OK, ACCESS_BLOCKED, ACCESS_FAULT };
enum cache_level { LEVEL_L1, LEVEL_OUTER };
enum memtype { MEM_CACHED, MEM_UNCACHED };

/* ---- memory (hw/memory.c) ---- */
bool memory_is_ram(const struct hw *h, u64 pa, u64 len);
u32 memory_cell_at(const struct world *w, u64 line_pa); /* 0: never touched, all zero */
u32 memory_cell(struct world *w, u64 line_pa);		/* makes it; 0: the block is full */
/* Plain bytes as memory holds them. */
void memory_peek(const struct hw *h, u64 pa, u8 *out, u32 n);

/* One byte of memory itself, with what is known of it. */
void memory_view(const struct hw *h, u64 pa, struct view *v);

/* ---- page tables of the CPU (hw/va.c) ---- */
struct vmap {
	u64 va, pa, len; /* bytes; whole pages; len 0: free */
	u32 type;	 /* enum memtype */
	u32 pad;
};
enum { VMAPS_MAX = LIM(512, 64) };
bool va_translate_far(const struct hw *h, cpu_addr_t va, phys_addr_t *pa, enum memtype *type);
/* Translates; false if no RAM is mapped there. */
/* Whether va is in the linear map of the first piece of RAM, as most accesses are. */
static inline bool va_is_usual(const struct hw *h, cpu_addr_t va)
{
	return va.va >= h->cfg->linear_base &&
	       va.va - h->cfg->linear_base - h->cfg->ram[0].base < h->cfg->ram[0].size;
}
static inline bool va_translate(const struct hw *h, cpu_addr_t va, phys_addr_t *pa,
				enum memtype *type)
{
	if (!va_is_usual(h, va))
		return va_translate_far(h, va, pa, type);
	pa->pa = va.va - h->cfg->linear_base;
	*type = MEM_CACHED;
	return true;
}
cpu_addr_t va_linear(const struct hw *h, phys_addr_t pa); /* phys_to_virt() */
bool va_is_linear(const struct hw *h, cpu_addr_t va);
/* Maps whole pages at a fresh address. False: no room in the table. */
bool va_map(struct hw *h, phys_addr_t pa, u64 len, enum memtype type, cpu_addr_t *out);
/* The same, right behind the newest mapping: vmalloc() maps scattered pages in a row. */
bool va_map_next(struct hw *h, phys_addr_t pa, u64 len, enum memtype type, cpu_addr_t *out);
void va_unmap(struct hw *h, cpu_addr_t va);

/* ---- caches (hw/cache.c) ---- */
struct line_info {
	bool present, dirty;
	bool refilled; /* fetched since a cache operation last cleaned or dropped it */
	u32 cell;
};
void cache_claim(struct hw *h, u32 level); /* its regions; for hw_init() */
struct line_info cache_line(const struct hw *h, enum cache_level l, u64 line_pa);
/* Goes through the lines that are present, in order of set and way: from *at on, all zero at first.
 * False: there are no more. */
struct cache_place {
	u32 set, way;
};
bool cache_next(const struct hw *h, enum cache_level l, struct cache_place *at, u64 *line_pa);
/* Brings a line in. BLOCKED: the set is full and hardware must choose a victim first. */
enum access cache_fill(struct hw *h, u64 line_pa, bool speculative, u32 *cell);
bool cache_has_room(const struct hw *h, u64 line_pa);
bool cache_may_fetch(const struct hw *h, u64 line_pa); /* absent, and there is room */
/* Whether all ways of the set of a line are taken; whether two lines share a set. */
bool cache_set_full(const struct hw *h, enum cache_level l, u64 line_pa);
bool cache_same_set(const struct hw *h, enum cache_level l, u64 a, u64 b);
/* The line that must go so that line_pa can come: calm's victim. */
u64 cache_victim(const struct hw *h, u64 line_pa);
void cache_write_back(struct hw *h, enum cache_level l, u64 line_pa); /* stays, clean */
void cache_drop(struct hw *h, enum cache_level l, u64 line_pa);	      /* must be clean */
/* What passes L1 is stored in the outer cache, if the line is there: its cell, dirty now, or 0. */
u32 cache_outer_store(struct hw *h, u64 line_pa);
/* As if the line had never been touched: for a search that knows that nobody will touch it any
 * more. No event; only without truth. */
void cache_forget(struct hw *h, u64 line_pa);
/* Operations of the kernel on one line of one level, by physical address; also when absent. */
void cache_clean(struct hw *h, enum cache_level l, u64 line_pa);
void cache_invalidate(struct hw *h, enum cache_level l, u64 line_pa);
/*
 * A load or store uses a line of L1: it is brought in if it is absent (not for a store that is
 * written through: *cell 0), moves to the front of its set, and a store makes it dirty.
 */
enum cache_use { USE_LOAD, USE_STORE };
enum access cache_use(struct hw *h, u64 line_pa, enum cache_use use, u32 *cell);

/* ---- the core (hw/cpu.c, hw/buffer.c) ---- */
struct store_entry {
	u64 pa; /* of its 8-byte granule */
	u8 data[8];
	u8 mask; /* bytes it holds */
	u8 old, und;
	u8 type;  /* enum memtype */
	u8 group; /* entries of a later group wait for those of an earlier one */
	u8 smp;	  /* the same as far as other CPUs are concerned */
	u8 pad[2];
	u32 stmt; /* the statement that stored */
	u32 pad2;
};

/* What a granule held before somebody else changed what the CPU would load. */
struct past {
	u64 pa;
	u8 data[8];
	u8 mask, old, und;
	u8 by_cpu; /* 1: another CPU replaced it */
	u32 until; /* load clock when it was replaced */
	u64 pad2;  /* 32 bytes: it lies in one object of the hash */
};

enum { IRQ_OFF_LOCK = 2 };

struct cpu_state {
	u32 entries; /* in the store buffer */
	u32 group;   /* of the next store */
	u32 pasts;
	u32 load_clock; /* changes since the last point that orders loads */
	u32 irq_off;	/* 1: local_irq_disable(); IRQ_OFF_LOCK: a lock of the kernel's */
	u32 handler;	/* 1 + device whose handler runs, 0 = none */
	u32 held;	/* enum hw_held: STORES of this CPU; the others in CPU 0's */
	u32 smp;	/* as group; with it each entry lies in one object of the hash */
	struct store_entry sb[STORE_BUFFER_MAX];
	struct past past[PAST_MAX];
};

_Static_assert(sizeof(struct store_entry) == 32 && sizeof(struct past) == 32 &&
		   offsetof(struct cpu_state, sb) % 32 == 0 && sizeof(struct cpu_state) % 32 == 0,
	       "a copy has one object");

static inline const struct cpu_state *hw_core(const struct hw *h, u32 cpu)
{
	return (const struct cpu_state *)world_at(h->w, h->cpu) + cpu;
}

/* The CPU that acts now, and who it is. */
static inline const struct cpu_state *hw_cpu(const struct hw *h)
{
	return hw_core(h, h->self);
}

static inline u8 hw_party(const struct hw *h)
{
	return party_of_cpu(h->self, h->cfg->devs);
}

/*
 * What hardware delays by itself, as a scenario told it: what is held does not go on its own.
 * Whoever must wait for it still gets it; that is for the engine to see to.
 */
/* The stores of one CPU; for the others any CPU will do. */
static inline bool hw_is_held(const struct hw *h, enum hw_held what, u32 cpu)
{
	return hw_core(h, what == HELD_STORES ? cpu : 0)->held & what;
}
void hw_hold(struct hw *h, enum hw_held what); /* STORES: of the CPU that acts now */
void hw_release(struct hw *h, enum hw_held what);
void hw_release_all(struct hw *h); /* of all CPUs: the end of the driver */

/*
 * n bytes at va that do not cross a granule. age: 0 the present value, k the k-th older version
 * that a weak core may have loaded (cpu_versions()). dep: load clock that the address depends on;
 * *time gets the one the result depends on. v is what was seen.
 */
enum access cpu_load(struct hw *h, cpu_addr_t va, u32 n, bool once, u32 age, u32 dep,
		     struct view *v, u32 *time);
u32 cpu_versions(const struct hw *h, cpu_addr_t va, u32 n, u32 dep); /* older ones to choose from */
/* How a store was written: plainly, by WRITE_ONCE(), or by the kernel before it gives memory out:
 * nobody can come to such bytes who does not know of them. */
enum store_how { STORE_PLAIN, STORE_ONCE, STORE_KERNEL };
enum access cpu_store(struct hw *h, cpu_addr_t va, u32 n, const u8 *data, enum store_how how);
/* Whether cpu_load(), cpu_store() would be BLOCKED now (store buffer or set full). */
bool cpu_load_blocked(const struct hw *h, cpu_addr_t va);
bool cpu_store_blocked(const struct hw *h, cpu_addr_t va);
/*
 * The kernel copies n bytes (n + offsets within one granule of dst; src may cross): a move through
 * cache and store buffer that carries what is known of the bytes. No reader learns from it.
 */
enum access cpu_copy(struct hw *h, phys_addr_t dst, phys_addr_t src, u32 n, bool in);

/* What a plain load would return now, by byte; fills nothing. */
void cpu_peek(const struct hw *h, u64 pa, enum memtype type, u32 n, struct view *v);

/* Store buffer of the CPU that acts: which entries may leave now (bit i), and letting one out. */
u32 buffer_ready(const struct hw *h);
bool buffer_drain_blocked(const struct hw *h, u32 i); /* the set of its line is full */
enum access buffer_drain(struct hw *h, u32 i);

enum barrier_kind {
#define BARRIER(id, name, stores, loads) BARRIER_##id,
#include "hw/barriers.def"
#undef BARRIER
	BARRIER_KINDS
};
enum barrier_effect { EFFECT_NONE, EFFECT_ORDER, EFFECT_WAIT };
struct barrier_info {
	const char *name;		   /* as in the kernel */
	enum barrier_effect stores, loads; /* on a weak core */
};
const struct barrier_info *barrier_info(enum barrier_kind k);
/* It is for other CPUs, and promises a device nothing. */
static inline bool barrier_is_smp(enum barrier_kind k)
{
	return k == BARRIER_SMP_WMB || k == BARRIER_SMP_RMB || k == BARRIER_SMP_MB;
}
/* Must the CPU wait for its store buffer before this barrier is passed? */
bool barrier_blocked(const struct hw *h, enum barrier_kind k);
void cpu_barrier(struct hw *h, enum barrier_kind k);
void cpu_order_loads(struct hw *h); /* a point that loads do not move across */
/* A device is about to change what the CPUs would load at [pa, pa+n). */
void cpu_remember(struct hw *h, u64 pa, u32 n);
/* Numbers a CPU's remembered versions from 1 again, in their order: what depends on one by number
 * (struct value in the engine) is renumbered by its owner, with the same ranks. */
void cpu_renumber_pasts(struct hw *h, u32 cpu);
/* A cached line is about to be dropped by hardware: where memory holds other versions. */
void cpu_remember_drop(struct hw *h, u64 line_pa, u32 cell);

/* ---- bus, registers, interrupts (hw/bus.c) ---- */
struct posted {
	u32 reg, size;
	u64 value;
	u32 relaxed, stmt;
	u32 party, passed; /* statement of the first write behind it that has arrived; 0: none */
};
struct inflight {
	u64 bus, pa;
	u8 data[64];
	u32 n, stmt;
	u32 relaxed, pad; /* it may overtake what its function sent before */
};
struct dev_state {
	u32 posted_n, inflight_n;
	u32 irq_raised;	   /* and not yet taken */
	u32 irq_handler;   /* 1: the driver asked for it */
	u64 reg[REGS_MAX]; /* by mmio_reg_slot() */
	struct posted posted[POSTED_MAX];
	struct inflight inflight[INFLIGHT_MAX];
};
const struct dev_state *hw_dev(const struct hw *h, u32 dev);
/* Where a device sits if its bus is PCI: 0 is the host bridge. */
static inline u32 hw_pci_slot(u32 dev)
{
	return dev + 1;
}

/*
 * The physical address behind a bus address of a device as it would come out now: cut to its wires,
 * then the range map, or the IOMMU. False: there is none. The second asks for leave as well: where
 * an IOMMU would stop the access, why.
 */
bool bus_to_phys(const struct hw *h, u32 dev, dma_addr_t bus, phys_addr_t *pa);
enum iommu_why bus_stops(const struct hw *h, u32 dev, dma_addr_t bus, bool write);
/*
 * One beat, within one line. False: aborted (nothing there), or stopped by the IOMMU; a read then
 * gives all ones, or iommu_no_data(). A write that waits comes to the IOMMU when it lands, and may
 * be stopped there, if it would pass now.
 */
bool dma_read(struct hw *h, u32 dev, dma_addr_t bus, u32 n, struct view *v);
bool dma_write(struct hw *h, u32 dev, dma_addr_t bus, u32 n, const u8 *data, bool relaxed);
/*
 * Reads ahead of use: one beat whose bytes the device keeps in a latch of its own, 0 to
 * LATCHES_MAX - 1. It is judged now, by what the lead_n bytes from offset lead on (an owner word)
 * say that the device may rely on, and reported when dma_use() says that the device acts on it; a
 * fetch into the same latch forgets it.
 */
bool dma_fetch(struct hw *h, u32 dev, u32 latch, dma_addr_t bus, u32 n, u32 lead, u32 lead_n,
	       struct view *v);
void dma_use(struct hw *h, u32 dev, u32 latch, dma_addr_t bus, u32 n);
/*
 * A device's writes that are under way reach memory in order, but a relaxed one may pass those that
 * were sent before it, to other bytes than its own (PCI Express Base Specification, 2.4.1, the
 * relaxed ordering attribute). Whether the one in that place may be the next; it reaches memory.
 */
bool dma_may_land(const struct hw *h, u32 dev, u32 place);
void dma_land_at(struct hw *h, u32 dev, u32 place);
static inline void dma_land(struct hw *h, u32 dev) /* the oldest */
{
	dma_land_at(h, dev, 0);
}
/* What the device would read at pa now. */
void dma_peek(const struct hw *h, u32 dev, u64 pa, u32 n, struct view *v);

/* CPU side. Writes wait for the store buffer unless relaxed and mmio_passes. */
bool mmio_write_blocked(const struct hw *h, u32 dev, bool relaxed);
void mmio_write(struct hw *h, u32 dev, u32 reg, u32 size, u64 value, bool relaxed);
/* A read pushes posted writes to its window and the device's own writes in front of it: blocked
 * until then. */
bool mmio_read_blocked(const struct hw *h, u32 dev, u32 reg);
u64 mmio_read(struct hw *h, u32 dev, u32 reg, u32 size, bool relaxed);
/* The oldest posted write arrives: the device learns what the CPU knew. Sets reg; returns it. */
struct posted mmio_arrive(struct hw *h, u32 dev);
/* The same of one window of the device; and its place in the queue, posted_n if there is none. */
struct posted mmio_arrive_at(struct hw *h, u32 dev, u32 window);
u32 mmio_posted_at(const struct hw *h, u32 dev, u32 window);
/* A posted write to that register which is on its way, while one that the same CPU wrote later, to
 * another window, has arrived. NULL: there is none. */
const struct posted *mmio_passed(const struct hw *h, u32 dev, u32 reg);
/* Windows of the device, at least 1; and the window of a register. */
u32 mmio_windows(const struct hw *h, u32 dev);
u32 mmio_window(const struct hw *h, u32 dev, u32 reg);
/* Where a register lies in dev_state.reg; REGS_MAX: the device has none at that offset. */
u32 mmio_reg_slot(const struct hw *h, u32 dev, u64 reg);
/* The device sets a register of its own. */
void device_reg_set(struct hw *h, u32 dev, u32 reg, u64 value, bool event);

/* Interrupts are taken by CPU 0. */
void irq_raise(struct hw *h, u32 dev);
bool irq_can_enter(const struct hw *h, u32 dev);
void irq_enter(struct hw *h, u32 dev);
void irq_exit(struct hw *h);

/* ---- bounce links (hw/links.c): a slot is a copy of its original while the mapping lives ---- */
struct link {
	u64 home, slot, len; /* len 0: free */
};
/*
 * Returns 1 + index. The slot's bytes become nobody's copy. 0: there is no room, which is a limit;
 * or LINKS_PER_BYTE_MAX slots of some byte are known already. Model: then this one is memory like
 * any other, of which nobody says that it is old.
 */
u64 links_bytes(void); /* of the region that they live in */
u16 link_begin(struct hw *h, phys_addr_t home, phys_addr_t slot, u64 len);
void link_end(struct hw *h, u16 link);
u64 link_home_far(const struct world *w, u64 pa);
/* Number of live links: the first word of their table, as every access asks. */
static inline u32 links_live(const struct hw *h)
{
	return *(const u32 *)world_at(h->w, h->link);
}
static inline u64 link_home(const struct world *w, u64 pa)
{
	return links_live(w->ops.ctx) ? link_home_far(w, pa) : pa;
}
/* The newest link that covers home byte pa; NULL if none. */
const struct link *link_of_home(const struct hw *h, u64 pa);
u32 hw_copies(const struct world *w, u64 pa, u32 n, struct copyref *out, u32 max);

#endif
