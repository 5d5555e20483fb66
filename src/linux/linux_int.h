/* SPDX-License-Identifier: MIT */
/* What the files of linux/ share: the layout of the kernel's state in the block. */
#ifndef LINUX_LINUX_INT_H
#define LINUX_LINUX_INT_H

#include "base/bug.h"
#include "linux/linux.h"

enum {
	SLOT_SIZE = 2048,    /* IO_TLB_SIZE */
	SLOTS_PER_SET = 128, /* IO_TLB_SEGSIZE */
	SLOTS_MAX = 131072,  /* of one pool: 256 MiB */
	AREAS_MAX = 256,     /* of the pool that was there at boot */
	GROWN_MAX = 8,	     /* pools that are added with SWIOTLB_DYNAMIC; of one: */
	GROWN_SLOTS = 2048,  /* 4 MiB, the largest block of pages */
	GROWN_AREAS = 16,    /* of whole sets */
	TRANSIENT_MAX = 128, /* pools of one mapping each */
	TRANSIENT_FIRST = 1 + GROWN_MAX,
	RESTRICTED_FIRST = TRANSIENT_FIRST + TRANSIENT_MAX, /* one for each device */
	POOLS_MAX = RESTRICTED_FIRST + DEVICES_MAX,
	RESTRICTED_AREAS = AREAS_MAX + GROWN_MAX * GROWN_AREAS + TRANSIENT_MAX,
	AREAS_ALL = RESTRICTED_AREAS + DEVICES_MAX, /* of one area each */
	KMALLOC_CACHE_MAX = 8192,
	SLAB_OBJECT_MAX = 2048, /* larger objects are pages anyway */
	ORDER_MAX = 10,		/* MAX_PAGE_ORDER */
	ZONE_PAGES = LIM(16384, 1024),
	SLABS_MAX = ALLOCS_MAX,
};

/* One micro-operation; a long one keeps its place in pos. All zero when not queued. */
struct uop {
	u8 kind; /* enum uop_kind */
	u8 op;	 /* LINE: enum cache_op; DONE: enum event_kind; STORE, READ: enum block_op; SG: enum
		    sg_told */
	u8 edges; /* LINE: enum edge_rule; COPY: 1 into the slot */
	u8 level; /* LINE: enum cache_level */
	u32 dev;  /* STORE, READ: number of the pool */
	u64 at;	  /* LINE first byte; COPY destination; FILL, STORE, READ virtual; DONE slot to
		     release; SG entry */
	u64 from; /* COPY: source; FILL: the byte; SG: see linux/sg_map.h */
	u64 len;  /* bytes; SG: entries */
	u64 pos;  /* bytes done, from the start of the first line or from at */
	u64 f[EVENT_FIELDS];
};

struct uopq {
	u32 head, n;
	struct uop u[UOPS_MAX];
};

struct lx_dev {
	u64 mask, coherent_mask, min_align_mask;
	u64 seg_boundary; /* dma_parms->segment_boundary_mask; 0: never set */
	u32 coerced;	  /* dev->dma_mask points at coherent_dma_mask */
	u32 max_seg;	  /* dma_parms->max_segment_size; 0: never set */
	u32 no_mask;	  /* dev->dma_mask is NULL */
	u32 skip_sync;	  /* dma_skip_sync: coherent, and nothing bounced since its mask was set */
};

/* What a call gives whose result comes when it is done: linux/block.c. */
struct lx_result {
	u64 va, bus;
};

/* Where objects of a kind lie side by side; va 0: none yet. */
struct area {
	u64 pa, va;
	u32 size, used;
};

struct lx_state {
	struct uopq q[LX_LEVELS];
	struct lx_result result[LX_LEVELS];
	struct lx_dev dev[DEVICES_MAX];
	struct area area[KIND_RODATA + 1];
	u32 slabs, allocs; /* entries that were ever used */
	u32 scattered;	   /* single pages never touch the one given out before */
	u64 last_page;	   /* it */
};

/* A pool: struct io_tlb_pool. All zero: there is none. */
struct lx_pool {
	u64 base;
	u32 slots, areas; /* each area has as many slots */
	u32 first, area;  /* of its slots, and of its areas, in the tables of all */
};
/* struct io_tlb_area */
struct lx_area {
	u32 next; /* where the next search begins */
	s32 used; /* what is given back twice makes it less than there is */
};
struct lx_tlb {
	struct lx_pool pool[POOLS_MAX];
	struct lx_area area[AREAS_ALL];
	/* Slots taken; ever at once, since that was reset. Not those of restricted pools. */
	s32 used, most;
	u32 grow;	/* the worker that adds a pool is to run */
};

struct slab {
	u64 pa;
	u32 bucket;		   /* bytes of an object; 0: free entry */
	u32 zone;		   /* enum zone_id that was asked for */
	u64 map[LX_PAGE / 8 / 64]; /* objects taken */
};

struct lx_alloc {
	u64 va, pa;
	u64 len;   /* as asked */
	u64 room;  /* bytes taken */
	u32 kind;  /* enum mem_kind + 1; 0: free entry */
	u32 pages; /* VMALLOC: of the whole area, in its first entry; COHERENT: enum alloc_mapped;
		      KMALLOC: bytes of a managed one's header, in front of it;
		      PAGE: ALLOC_SHARED, or 0 */
};
/* Whether coherent memory has an address of its own. */
enum { ALLOC_SHARED = 1 }; /* dma_alloc_pages() in an encrypted guest */
enum alloc_mapped { ALLOC_LINEAR, ALLOC_UNCACHED, ALLOC_REMAPPED };

static inline const struct lx_state *lx_state(const struct lx *l)
{
	return world_at(l->w, l->state);
}

static inline u32 order_of(u64 size)
{
	u32 order = 0;

	while (((u64)LX_PAGE << order) < size && order < 51)
		order++;
	return order;
}

static inline bool lx_is_7(const struct lx *l)
{
	return l->cfg->version >= LINUX_VERSION(7, 1);
}

static inline bool lx_has_quirk(const struct lx *l, enum quirk q)
{
	return l->cfg->quirks >> q & 1;
}

static inline bool dev_is_coherent(const struct lx *l, u32 dev)
{
	BUG_ON(dev >= l->hw->cfg->devs);
	return l->hw->cfg->dev[dev].coherent;
}

/* ---- uop.c ---- */
void uop_begin(const struct lx *l, enum lx_level level); /* a call starts: its queue is empty */
void uop_push(struct lx *l, enum lx_level level, const struct uop *u);
void uop_fill(struct lx *l, enum lx_level level, cpu_addr_t va, u64 len); /* zeroes */
void uop_fill_with(struct lx *l, enum lx_level level, cpu_addr_t va, u64 len, u8 byte);
void uop_copy(struct lx *l, enum lx_level level, u64 dst, u64 src, u64 len, bool in);
void uop_barrier(struct lx *l, enum lx_level level);
/* One change of the page tables of an IOMMU: at once if nothing is queued before it. */
void uop_iommu(struct lx *l, enum lx_level level, const struct uop *u);
const struct uop *uop_head(const struct lx *l, enum lx_level level); /* NULL: none is queued */
void uop_pop(struct lx *l, enum lx_level level);
/* The end of a call: at once if nothing is queued before it. */
void uop_done(struct lx *l, enum lx_level level, enum event_kind kind, u32 dev, u64 slot,
	      const u64 f[EVENT_FIELDS]);
void sg_tell(struct lx *l, const struct uop *u); /* sg_tell.c: the end of a call on a list */
#define DONE(l, level, kind, dev, slot, ...)                                                       \
	uop_done(l, level, EV_##kind, dev, slot, (const u64[EVENT_FIELDS]){__VA_ARGS__})

/* ---- block.c: accesses of the kernel to blocks of pools (UOP_STORE, UOP_READ) ---- */
cpu_addr_t block_access(const struct lx *l, const struct uop *u); /* the next one's address */
u32 block_piece(const struct lx *l, const struct uop *u);	  /* its bytes; 0: none is needed */
const u8 *block_word(const struct lx *l, const struct uop *u, u8 word[8]); /* what is stored */
/* It was done, n bytes of it: data is what was read. */
void block_got(struct lx *l, enum lx_level level, const struct uop *u, const u8 *data, u32 n);
void block_unlocks(struct lx *l, const struct uop *u); /* UOP_UNLOCK */
void block_stored(struct lx *l, enum lx_level level, const struct uop *u, u32 n);

/* ---- coherent.c, noncoherent.c, atomic.c ---- */
/* What dma_alloc_attrs(), dma_free_attrs() are asked for. */
struct lx_ask {
	u32 dev;
	u64 size;
	u32 gfp, attrs;
	u32 how; /* enum map_how, with enum map_for */
};
/* Behind what is queued already; what is to be done, its event last, is queued. False: NULL. */
u64 coherent_how(const struct lx_ask *a); /* the field "how" of its events */
bool coherent_alloc(struct lx *l, enum lx_level level, const struct lx_ask *a, cpu_addr_t *va,
		    dma_addr_t *h);
enum lx_rc coherent_free(struct lx *l, const struct lx_ask *a, cpu_addr_t va, dma_addr_t h);
/* __dma_direct_alloc_pages(): 2^order pages that the device reaches. False: none. */
bool direct_pages(struct lx *l, const struct lx_ask *a, u64 *pa);
/* __dma_direct_free_pages() */
void direct_give(struct lx *l, u32 dev, u64 pa, u64 size);
/* gfp bits by which a mask chooses a zone: dma_direct_optimal_gfp_mask(). */
u32 direct_zone(const struct lx *l, u32 dev);
bool direct_reaches(const struct lx *l, u32 dev, u64 pa, u64 size); /* dma_coherent_ok() */
void atomic_claim(struct lx *l);
/* dma_alloc_from_pool(): out of the pools that were remapped at boot. */
bool atomic_alloc(struct lx *l, const struct lx_ask *a, u64 *pa, cpu_addr_t *va);
bool atomic_free(struct lx *l, cpu_addr_t va, u64 size); /* false: it is of no such pool */

/* ---- pool.c, devres.c ---- */
void dma_pool_claim(struct lx *l);
void devres_claim(struct lx *l);
/* dma_pool_destroy() has taken the pool, which is managed still if it was: it goes twice. */
void devres_pool_gone(struct lx *l, u32 dev, u64 pool);

/* ---- arch.c: what the port does for [pa, pa+len); for_cpu also decides about the barrier ---- */
/* list: one of several. Where barriers are batched it is left to one arch_flush() at their end; a
 * bounced map waits each time all the same (swiotlb_map()). */
void arch_for_device(struct lx *l, enum lx_level level, u64 pa, u64 len, u32 dir, bool list);
void arch_for_cpu(struct lx *l, enum lx_level level, u64 pa, u64 len, u32 dir, bool list);
/* arch_sync_dma_flush(): the barrier for all that came before, where barriers are batched. */
void arch_flush(struct lx *l, enum lx_level level);
void arch_prep_coherent(struct lx *l, enum lx_level level, u64 pa, u64 len);

/* ---- page.c ---- */
void page_init(struct lx *l);
/* 2^order pages of the zone or one below it; flags: gfp bits. False: none. */
bool page_take(struct lx *l, u32 gfp, u32 order, u64 *pa);
/* One page at least two beyond the last one (0: any), so that runs do not touch. */
bool page_take_apart(struct lx *l, u64 last, u64 *pa);
void page_give(struct lx *l, u64 pa, u32 order);
/* n pages in a row, of any zone but ZONE_DMA, however many; and back. */
bool page_take_run(struct lx *l, u64 n, u64 *pa);
void page_give_run(struct lx *l, u64 pa, u64 n);
bool page_is_taken(const struct lx *l, u64 pa);
bool page_claim(struct lx *l, u64 pa); /* that very page, for place(); false: taken */
u32 page_gfp_zone(const struct lx *l, u32 gfp);

/* ---- alloc.c ---- */
const struct lx_alloc *alloc_add(struct lx *l, enum mem_kind kind, u64 va, u64 pa, u64 len,
				 u64 room);
const struct lx_alloc *alloc_find(const struct lx *l, enum mem_kind kind, u64 va);
void alloc_drop(struct lx *l, const struct lx_alloc *a);
/* devm_kzalloc() without the list; kfree_managed() of nothing of it: LX_BUG_FREE. */
enum lx_rc kmalloc_managed(struct lx *l, enum lx_level level, u64 size, u32 gfp, cpu_addr_t *out);
enum lx_rc kfree_managed(struct lx *l, cpu_addr_t p);

/* ---- mask.c ---- */
void lx_dma_bounced(struct lx *l, u32 dev); /* dma_reset_need_sync() */
/* dma_dev_need_sync() says no: a sync of it is nothing, its arguments are not even looked at. */
bool lx_dma_skips_sync(const struct lx *l, u32 dev);
u64 mask_limit(const struct lx *l, u32 dev, u64 mask); /* min_not_zero(mask, bus_dma_limit) */
/* dma_capable() with that mask; is_ram: of memory, not of registers */
bool mask_capable(const struct lx *l, u32 dev, u64 bus, u64 size, u64 mask, bool is_ram);

/* ---- mapping.c ---- */
/* What is to be mapped: size bytes at physical pa, and how the driver asked (core/maphow.h). */
struct lx_map {
	u32 dev;
	u64 pa, size;
	u32 dir, attrs;
	u32 how; /* enum map_how, with enum map_where */
};
struct lx_unmap {
	u32 dev;
	dma_addr_t h;
	u64 size;
	u32 dir, attrs;
	u32 how; /* enum map_how */
};
bool dma_valid_direction(u32 dir);
bool map_is_mmio(u32 attrs, u32 how);		     /* it is of registers, not of memory */
enum lx_rc map_bug_direction(struct lx *l, u32 dev); /* BUG_ON(!valid_dma_direction(dir)) */
/* Maps one piece, on whichever backend the device uses; the front's own tests included. The queue
 * may hold operations of the same call already. *out is DMA_MAPPING_ERROR when it failed. */
enum lx_rc map_one(struct lx *l, enum lx_level level, const struct lx_map *m, dma_addr_t *out);
enum lx_rc unmap_one(struct lx *l, enum lx_level level, const struct lx_unmap *m);

/* Where a piece lies for its device. */
struct lx_piece {
	dma_addr_t bus; /* DMA_MAPPING_ERROR: nowhere */
	u64 slot;	/* its first byte in the pool, 0: none; if refused, to be given back */
	u32 why;	/* enum map_refusal */
};
/* A map has failed: the event, with p->why, and *out. p->slot is given back then. */
void map_refuse(struct lx *l, enum lx_level level, const struct lx_map *m, const struct lx_piece *p,
		dma_addr_t *out);

/* ---- where.c: enum map_where, for lx_map.how ---- */
u32 map_where(const struct lx *l, u64 pa, u64 len);
u32 map_where_pointer(const struct lx *l, cpu_addr_t p, u64 len);

/* ---- direct.c ---- */
/* Finds a place for one piece and queues the work; no event yet. */
enum lx_rc direct_place(struct lx *l, enum lx_level level, const struct lx_map *m,
			struct lx_piece *out);
/* One piece, its event included. */
void direct_unmap(struct lx *l, enum lx_level level, const struct lx_unmap *m);
void direct_sync_for_cpu(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			 u32 dir);
void direct_sync_for_device(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			    u32 dir);
bool kmalloc_needs_bounce(const struct lx *l, u32 dev, u64 size, u32 dir);
/* To the CPU: first the caches of what the device wrote to (pa: of the slot, if it is bounced),
 * then the copy to the original. To the device: first the copy into the slot, then its caches. */
struct lx_give {
	u32 dev;
	u32 how; /* enum map_how: HOW_SG is one of several */
	u64 pa, size;
	u32 dir;
};
void give_to_cpu(struct lx *l, enum lx_level level, const struct lx_give *g);
void give_to_device(struct lx *l, enum lx_level level, const struct lx_give *g);

/* ---- swiotlb.c: slots ---- */
static inline const struct lx_slot *lx_slots(const struct lx *l)
{
	return world_at(l->w, l->slots);
}

static inline const struct lx_tlb *lx_tlb(const struct lx *l)
{
	return world_at(l->w, l->tlb);
}

/* How many of the first entries of lx_tlb.pool may hold a pool, restricted ones apart. */
static inline u32 pools_max(const struct lx *l)
{
	return l->cfg->swiotlb.dynamic ? RESTRICTED_FIRST : 1;
}

/* The device has a pool of its own: all that it maps bounces, coherent memory is made of slots. */
static inline bool pool_restricted(const struct lx *l, u32 dev)
{
	return l->cfg->dev[dev].pool_slots > 0;
}

/* is_swiotlb_force_bounce() */
static inline bool pool_forced(const struct lx *l, u32 dev)
{
	return l->cfg->swiotlb.force || pool_restricted(l, dev);
}
/* A run of slots that was taken. */
struct run {
	const struct lx_slot *slot; /* the first */
	u64 pa;
	u32 n;
};
void pool_init(struct lx *l); /* claims its regions */
bool pool_active(const struct lx *l, u32 dev); /* is_swiotlb_active() */
/* swiotlb_alloc(): pages of the device's own pool, aligned as the page allocator's. False: none. */
bool pool_alloc(struct lx *l, u32 dev, u64 size, u64 *pa);
/* Slots of the pools that the device uses: all, and those in use. */
u64 pool_slots_total(const struct lx *l, u32 dev);
u64 pool_slots_used(const struct lx *l, u32 dev);
u64 pool_slots_for(u64 bytes);
const struct lx_slot *pool_slot(const struct lx *l, u64 pa); /* NULL: not of a pool */
/*
 * swiotlb_find_slots(): takes slots for size bytes, padding included; the run begins where address
 * & align_mask is 0, keeps those bits of orig that the device's min_align_mask asks for, unless
 * orig is 0, and crosses no segment boundary of the device. False: there are none.
 */
bool pool_find(struct lx *l, u32 dev, u64 orig, u64 size, u64 align_mask, struct run *r);
/* swiotlb_release_slots(): the allocation that pa lies in, from the slot of pa on. */
void pool_release(struct lx *l, u32 dev, u64 pa);
/* n more (or fewer) slots of an area are in use. */
void pool_count(struct lx *l, u32 area, s32 n);
/* What is mapped in the slots of [at, at + n) of the pool is mapped no more; they are free. */
void pool_clear(struct lx *l, const struct lx_pool *p, u32 at, u32 n);
/* The i-th mapping's bytes in the pools, of each the youngest first. False: there are no more. */
bool pool_stretch(const struct lx *l, u32 i, u64 *pa, u64 *len);

/* ---- swiotlb_grow.c: pools that are not there at boot, with SWIOTLB_DYNAMIC ---- */
/* swiotlb_alloc_pool(GFP_NOWAIT) for n slots that the device reaches; the worker is to run, too.
 * NULL: there is no memory for it. */
const struct lx_pool *pool_transient(struct lx *l, u32 dev, u32 n);
/* swiotlb_del_transient(): with whatever is mapped there. False: it is no transient one. */
bool pool_del_transient(struct lx *l, const struct lx_pool *p);

/* ---- bounce.c: what lies in them ---- */
/*
 * swiotlb_tbl_map_single(): slots for m->size bytes of m->pa, and the copy into them is queued. No
 * event: the caller ends the call. out->slot: physical address of the first byte; 0 when the pool
 * is full, which the log has then, and out->why. What ends it gives the slot to DONE(), or calls
 * pool_release(). align_mask as above: an IOMMU's granule - 1; the allocation is then whole
 * granules, and bytes of it that are not the buffer's are left as they were.
 */
enum lx_rc pool_take(struct lx *l, enum lx_level level, const struct lx_map *m, u64 align_mask,
		     struct lx_piece *out);
/* swiotlb_map(): a bounce for one piece on the direct path, its work queued; no event yet. */
enum lx_rc pool_place(struct lx *l, enum lx_level level, const struct lx_map *m,
		      struct lx_piece *out);
/* The bits of a buffer's address that a bounce keeps: dma_get_min_align_mask(), but for a quirk. */
u64 pool_keeps(const struct lx *l, u32 dev);
/* The original's address; pa itself if there is none. */
u64 pool_home(const struct lx *l, u32 dev, u64 pa);
/* swiotlb_bounce(): of that slot's bytes into them, or back. Nothing if nothing is mapped there. */
void pool_copy(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, bool in);

/* ---- iova.c: addresses for a device behind an IOMMU, in bytes; drivers/iommu/iova.c ---- */
void iova_init(struct lx *l);
/*
 * iommu_dma_alloc_iova(): size is a multiple of the granule; the start is aligned to size rounded
 * up to a power of two. mask: the device's, streaming or coherent; the bus limit and the aperture
 * are seen to here, and the PCI rule "below 4 GiB first". 0: none is left.
 */
u64 iova_alloc(struct lx *l, u32 dev, u64 size, u64 mask);
/* iommu_dma_free_iova() without a flush queue: of that very size, or it goes where others look. */
void iova_free(struct lx *l, u32 dev, u64 iova, u64 size);

/* ---- iommu.c: drivers/iommu/dma-iommu.c ---- */
enum iommu_op { IOMMU_OP_MAP, IOMMU_OP_UNMAP, IOMMU_OP_UNLINK };
void iommu_init(struct lx *l);
bool use_dma_iommu(const struct lx *l, u32 dev); /* else dma-direct is what maps for it */
u64 iommu_granule(const struct lx *l);		 /* bytes of its smallest page */
u32 iommu_dir_prot(u32 dir);			 /* dma_info_to_prot(): IO_READ, IO_WRITE */
/* Queues that [iova, iova + len) becomes [pa, pa + len): whole granules, addresses that
 * iova_alloc() gave. */
void iommu_map_pages(struct lx *l, enum lx_level level, u32 dev, u64 iova, u64 pa, u64 len,
		     u32 prot);
/* __iommu_dma_unmap(): queues that the granules of [iova, iova + len) are mapped no more, and the
 * addresses given back, at once or behind the flush queue. */
void iommu_release(struct lx *l, enum lx_level level, u32 dev, u64 iova, u64 len);
void iommu_release_now(struct lx *l, u32 dev, u64 iova, u64 len); /* for calls without a queue */
/* __iommu_dma_iova_unlink(): the same, but the addresses stay taken unless they are given back. */
void iommu_unlink(struct lx *l, enum lx_level level, u32 dev, u64 iova, u64 len, bool give);
/* iommu_dma_map_swiotlb(): the slots that the piece bounces in, at out->slot. False: refused, and
 * logged. */
bool iommu_bounce(struct lx *l, enum lx_level level, const struct lx_map *m, struct lx_piece *out);
/* iommu_iova_to_phys(). False: nothing is mapped there, *pa is 0. */
bool iommu_phys(const struct lx *l, u32 dev, u64 iova, u64 *pa);
/* __iommu_dma_map(): addresses for a piece of memory, below mask, and the tables. False: none. */
bool iommu_give(struct lx *l, enum lx_level level, u32 dev, u64 pa, u64 size, u32 prot, u64 mask,
		u64 *iova);
/* dev_use_swiotlb(): a piece of that size bounces unless it begins and ends on a granule. */
bool iommu_may_bounce(const struct lx *l, u32 dev, u64 size, u32 dir);
/* iommu_dma_map_page(): as direct_place(), without an event; direct_unmap() and its like with. */
enum lx_rc dma_iommu_place(struct lx *l, enum lx_level level, const struct lx_map *m,
			   struct lx_piece *out);
void dma_iommu_unmap(struct lx *l, enum lx_level level, const struct lx_unmap *m);
void dma_iommu_sync(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size, u32 dir,
		    bool to_cpu);
/* Coherent memory, its event included. False: none, and nothing was done. */
bool dma_iommu_alloc(struct lx *l, enum lx_level level, const struct lx_ask *a, cpu_addr_t *va,
		     dma_addr_t *h);
void iommu_do(struct lx *l, const struct uop *u); /* for uop.c */

/* Adds a line about a device to the kernel's log. */
#define LOG_LINE(l, id, dev, ...) KLOG((l)->w, id, hw_party((l)->hw), dev, __VA_ARGS__)
/* The same, where 7.1 has a row of its own: id_7. */
#define LOG_LINE_7(l, id, dev, ...)                                                                \
	((l)->cfg->version >= LINUX_VERSION(7, 1) ? LOG_LINE(l, id##_7, dev, __VA_ARGS__)          \
						  : LOG_LINE(l, id, dev, __VA_ARGS__))

#endif
