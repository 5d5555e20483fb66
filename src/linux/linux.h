/* SPDX-License-Identifier: MIT */
/*
 * What the kernel does for a driver: kinds of memory, DMA masks, coherent memory, streaming maps,
 * directly or through an IOMMU, with bouncing. It knows what a kernel knows: addresses, masks,
 * slots; never the contents of a cache, never a device model, never which copy is old.
 *
 * A call is a sequence of transitions. The function decides at once: what it returns is final. What
 * it then has to do (cache operations, copies, zeroing, barriers) is queued, one transition each,
 * and run by lx_step(); the API event comes last, when all of it is done. The call has returned to
 * the driver when its queue is empty again. There are several queues, so that a handler that
 * interrupts a call can make calls itself, and other CPUs beside it; a call needs its own queue
 * empty.
 *
 * Errors: a call that the kernel answers with an error returns that, as in C. enum lx_rc other than
 * LX_OK means that this thread of the kernel is dead (BUG, oops) and nothing was done.
 */
#ifndef LINUX_LINUX_H
#define LINUX_LINUX_H

#include "base/str.h"
#include "core/addr.h"
#include "core/klog.h"
#include "core/maphow.h"
#include "core/memkind.h"
#include "hw/hw.h"
#include "linux/config.h"

enum { LX_PAGE = 4096 };
enum { LX_EIO = 5, LX_ENOMEM = 12 }; /* the kernel's numbers */
/* Bits of gfp that count here (include/linux/gfp_types.h); all others are ignored. */
enum {
	GFP_BIT_DMA = 0x01,
	GFP_BIT_HIGHMEM = 0x02,
	GFP_BIT_DMA32 = 0x04,
	GFP_BIT_ZERO = 0x100,
	GFP_BIT_DIRECT_RECLAIM = 0x400, /* gfpflags_allow_blocking(): the call may sleep */
	GFP_BIT_NOWARN = 0x2000,
	GFP_BIT_COMP = 0x40000,
};
/* Attributes (include/linux/dma-mapping.h). */
enum {
	ATTR_WEAK_ORDERING = 1u << 1,	  /* no effect on any path here */
	ATTR_NO_KERNEL_MAPPING = 1u << 4, /* of coherent memory: no pointer */
	ATTR_SKIP_CPU_SYNC = 1u << 5,
	ATTR_NO_WARN = 1u << 8,
	ATTR_PRIVILEGED = 1u << 9, /* Model: of IOMMU pages nobody asks who may use them */
	ATTRS_6 = (1u << 10) - 1,  /* all that 6.12 knows; it ignores others */
	ATTR_MMIO = 1u << 10,
	ATTR_IGNORE_CACHELINES = 1u << 11, /* DMA_ATTR_DEBUGGING_IGNORE_CACHELINES */
	ATTR_REQUIRE_COHERENT = 1u << 12,
	ATTR_CC_SHARED = 1u << 13,
};

enum lx_level {
	LX_DRIVER,
	LX_HANDLER,
	LX_WORK, /* of CPU 1, 2, ... */
	LX_LEVELS = LX_WORK + CPUS_MAX - 1
};

enum lx_rc {
	LX_OK,
	LX_BUG_DIRECTION, /* BUG_ON(!valid_dma_direction()) */
	LX_BUG_SIZE,	  /* BUG_ON(!nslots): a bounce of nothing */
	LX_BUG_FREE,	  /* not (or no longer) what this call frees */
	LX_BUG_SG,	  /* no entry of a scatterlist, no table */
	LX_BUG_SG_UNSET,  /* one that nobody has initialised */
	LX_BUG_PAGES,	  /* an array of pages ends, or has a hole */
	LX_BUG_SG_PAGE,	  /* an entry that stands for no memory */
	LX_BUG_NOTHING,	  /* no bytes, where the kernel makes a list of their pages */
	LX_BUG_POOL,	  /* no struct dma_pool, or one that was destroyed */
	LX_BUG_PAGE,	  /* no struct page, where the kernel looks into it */
};
const char *lx_rc_text(enum lx_rc rc); /* one sentence for the user */

enum lx_step {
	LX_RAN,	    /* one transition was done */
	LX_BLOCKED, /* hardware must act first: a drain, or room in a set */
	LX_IDLE,    /* nothing queued: the call has returned */
	LX_OOPS,    /* the kernel touched what is no memory: this thread is dead, the queue empty */
};

struct zone_part {
	u64 pa;
	u32 pages;
	u32 first; /* index of its first page in the zone */
};
enum zone_id { ZONE_DMA, ZONE_DMA32, ZONE_NORMAL, ZONES };
enum { ZONE_PARTS = RAM_MAX + 1 };
struct zone {
	struct zone_part part[ZONE_PARTS];
	u32 parts, pages;
	u64 ram;     /* pages that the machine has of it */
	bool capped; /* Model: only its first pages are given out */
};

/* Where the kernel's parts are in the block. No state of its own. */
/* Clocks of knowledge that are the kernel's own where there are several CPUs: the first. */
enum { LX_CLOCKS = 8 };

struct lx {
	struct world *w;			/* borrowed */
	struct hw *hw;				/* borrowed */
	const struct linux_config *cfg;		/* borrowed */
	u32 state, pages, slabs, allocs, slots; /* offsets */
	u32 tlb;				/* offset; linux/swiotlb.c */
	u32 dma_pools, devres, atomic;		/* offsets */
	u32 sgs, sgts;				/* offsets; 0: none */
	u32 iovas, iova_total;			/* states of dma_iova_*(): offset, how many */
	u32 iova, fqs;				/* offsets; 0: no device is behind an IOMMU */
	u32 sg_first, sg_total; /* entries: of the file's lists, with those of tables */
	u32 sgt_total;
	const u8 *texts; /* borrowed; constants of the program, NULL: there are none */
	u64 ram_end;	 /* one past the last byte */
	u32 own_pools;	 /* one past the last device with a restricted pool */
	struct zone zone[ZONES];
};

/* Claims all regions; after hw_init(), before hw_open(). All three must outlive l. */
void lx_init(struct lx *l, struct hw *hw, const struct linux_config *cfg);

/* ---- running what calls queued (linux/uop.c) ---- */
enum lx_step lx_step(struct lx *l, enum lx_level level);
/* Whether lx_step() would answer LX_BLOCKED now. Changes nothing. */
bool lx_blocked(const struct lx *l, enum lx_level level);
bool lx_idle(const struct lx *l, enum lx_level level);

/* What the head of a queue does next; for views and for asking hardware. */
enum uop_kind {
	UOP_NONE,
	UOP_LINE,
	UOP_COPY,
	UOP_FILL,
	UOP_STORE, /* a word of the kernel's own, in memory that it gave out */
	UOP_READ,  /* it reads such a word: what comes next depends on it */
	UOP_BARRIER,
	UOP_UNLOCK, /* of a pool's lock, where other CPUs may wait for it */
	UOP_DONE,
	UOP_IOMMU,
	UOP_SG,
};
struct lx_next {
	enum uop_kind kind;
	u64 pa, len; /* bytes it touches; 0 for a barrier, for page tables, and for the end */
	u64 from;    /* COPY: where they come from */
	bool write;  /* COPY, FILL, STORE: the CPU stores to pa */
	bool keeps;  /* LINE: it stays in L1: it is only cleaned, or worked on behind it */
};
struct lx_next lx_next(const struct lx *l, enum lx_level level);

/* ---- kinds of memory (linux/alloc.c, linux/page.c) ---- */
/*
 * kmalloc(), kzalloc() with GFP_BIT_ZERO: mm/slub.c, mm/slab_common.c create_kmalloc_caches(). The
 * smallest alignment is dma_get_cache_alignment(), or 8 where small maps bounce (linux-dma rule:
 * __kmalloc_minalign()). Objects of one size share pages; above 8 KiB whole pages. The lowest free
 * object of the oldest page is taken, and a slab page is never given back. out->va is 0 when there
 * is no memory, 16 (ZERO_SIZE_PTR) for size 0.
 */
enum lx_rc lx_kmalloc(struct lx *l, enum lx_level level, u64 size, u32 gfp, cpu_addr_t *out);
enum lx_rc lx_kfree(struct lx *l, cpu_addr_t p); /* NULL and ZERO_SIZE_PTR: nothing */
/* Bytes that kmalloc(size) really takes: kmalloc_size_roundup(), mm/slab_common.c. */
u64 lx_kmalloc_room(const struct lx *l, u64 size);
/* From now on single pages do not touch the one that was given out before: lab shuffle_pages(). As
 * after a long uptime, when the free lists have no order any more. */
void lx_shuffle_pages(struct lx *l);
/*
 * alloc_pages(gfp, order): mm/page_alloc.c. The first free block of the zone, bottom up, from
 * NORMAL downwards. page: its physical address, which stands for the struct page. False: NULL.
 */
bool lx_alloc_pages(struct lx *l, enum lx_level level, u32 gfp, u32 order, phys_addr_t *page);
enum lx_rc lx_free_pages(struct lx *l, phys_addr_t page, u32 order); /* __free_pages() */
/* vmalloc(), vzalloc() with GFP_BIT_ZERO: pages that do not touch, one after the other:
 * mm/vmalloc.c */
enum lx_rc lx_vmalloc(struct lx *l, enum lx_level level, u64 size, u32 gfp, cpu_addr_t *out);
enum lx_rc lx_vfree(struct lx *l, cpu_addr_t p);
/*
 * Memory that is no driver's to map: KIND_STACK, _MODULE, _TEXT, _RODATA. Objects of one kind lie
 * side by side in the kind's own area. Model: nothing is read-only. False: no memory left.
 */
bool lx_lab_memory(struct lx *l, enum mem_kind kind, u64 n, cpu_addr_t *out);
/* Ordinary memory at that place. False: no RAM there, or taken. */
bool lx_place(struct lx *l, u64 n, phys_addr_t at, cpu_addr_t *out);

/* virt_to_phys(), phys_to_virt(), virt_to_page(), page_address(): the linear map's arithmetic, so
 * the answer for any other address is wrong, as in the kernel (asm/memory.h). */
phys_addr_t lx_virt_to_phys(const struct lx *l, cpu_addr_t va);
cpu_addr_t lx_phys_to_virt(const struct lx *l, phys_addr_t pa);
phys_addr_t lx_virt_to_page(const struct lx *l, cpu_addr_t va);
cpu_addr_t lx_page_address(const struct lx *l, phys_addr_t page);
/* page_count(), include/linux/page_ref.h: 1 if somebody has the page, else 0. Model: nobody takes a
 * second reference. LX_BUG_PAGE: no memory is there, so that its struct page is none. */
enum lx_rc lx_page_count(const struct lx *l, phys_addr_t page, u64 *count);
/* vmalloc_to_page(): mm/vmalloc.c. False: nothing is mapped there. */
bool lx_vmalloc_to_page(const struct lx *l, cpu_addr_t va, phys_addr_t *page);
bool lx_is_vmalloc_addr(const struct lx *l, cpu_addr_t va);

/* ---- scatterlists (linux/sg.c): include/linux/scatterlist.h, lib/scatterlist.c ---- */
/* An entry; elsewhere it is named by 1 + its index, 0 is NULL. */
struct lx_sg {
	u64 page; /* as a page: its physical address | 1, 0: none */
	u64 dma;
	u32 offset, length; /* bytes */
	u32 dma_length;
	u32 flags; /* of sg.c */
};
struct lx_sgt {
	u64 sgl; /* first entry */
	u32 nents, orig_nents;
	u32 is_here, is_set;
};
enum lx_sg_field { SG_LENGTH, SG_OFFSET, SG_DMA_ADDRESS };
enum lx_sgt_field { SGT_SGL, SGT_NENTS, SGT_ORIG_NENTS };
/* UINT_MAX rounded down to a page: sg_alloc_table_from_pages() */
#define SG_SEGMENT_MAX 0xfffff000ull

/* Claims room for that many entries of lists and for that many tables. After lx_init(). */
void lx_sg_claim(struct lx *l, u32 lists, u32 tables);
/* n entries, or a table, are declared: there, but with nothing in them that means anything. */
void lx_sg_declare(struct lx *l, u64 first, u32 n);
void lx_sgt_declare(struct lx *l, u64 t);
/* Looks at one; not LX_OK: there is none, or it was never initialised. */
enum lx_rc lx_sg_entry(const struct lx *l, u64 sg, const struct lx_sg **out);
enum lx_rc lx_sgt_table(const struct lx *l, u64 t, const struct lx_sgt **out);
/*
 * sg_dma_len(): without CONFIG_NEED_SG_DMA_LENGTH an entry has one length. And whether that, or
 * sg_dma_address(), means anything: a map has filled the entry, or the driver has assigned it.
 */
u32 lx_sg_dma_len(const struct lx *l, const struct lx_sg *entry);
bool lx_sg_is_given(const struct lx_sg *entry, bool address);
/* The driver assigns a field. */
enum lx_rc lx_sg_set(struct lx *l, u64 sg, enum lx_sg_field f, u64 v);
enum lx_rc lx_sgt_set(struct lx *l, u64 t, enum lx_sgt_field f, u64 v);
/* sg_init_table(), sg_set_page(), sg_set_buf(), sg_init_one(), sg_next() */
enum lx_rc lx_sg_init_table(struct lx *l, u64 sg, u64 n);
enum lx_rc lx_sg_set_page(struct lx *l, u64 sg, u64 page, u32 len, u32 offset);
enum lx_rc lx_sg_set_buf(struct lx *l, u64 sg, cpu_addr_t p, u32 len);
enum lx_rc lx_sg_init_one(struct lx *l, u64 sg, cpu_addr_t p, u32 len);
enum lx_rc lx_sg_next(const struct lx *l, u64 sg, u64 *next);
/* The mark on the first entry of a list that an IOMMU's backend mapped one by one. */
void lx_sg_bounced(struct lx *l, u64 sg, bool bounced);
bool lx_sg_is_bounced(const struct lx *l, u64 sg);
/* sg_alloc_table(), sg_free_table(): *result is 0, -EINVAL (no entries) or -ENOMEM. */
enum lx_rc lx_sg_alloc_table(struct lx *l, u64 t, u64 n, int *result);
enum lx_rc lx_sg_free_table(struct lx *l, u64 t);
/* sg_alloc_table_from_pages(): pages that follow each other become one entry. */
enum lx_rc lx_sg_alloc_table_from_pages(struct lx *l, u64 t, const u64 *page, u64 n, u64 offset,
					u64 size, int *result);

/* ---- mapping of scatterlists (linux/sg_map.c): kernel/dma/mapping.c, direct.c ---- */
/*
 * dma_map_sg_attrs(): *count is how many segments the device gets, 0 if it failed. What is in the
 * fields of the other entries is what the backend leaves there. n is an int, as in the kernel.
 */
enum lx_rc lx_dma_map_sg(struct lx *l, enum lx_level level, u32 dev, u64 sg, u64 n, u32 dir,
			 u32 attrs, u32 *count);
/* dma_map_sgtable(): *result is 0 or -errno; nents of the table is set. */
enum lx_rc lx_dma_map_sgtable(struct lx *l, enum lx_level level, u32 dev, u64 t, u32 dir, u32 attrs,
			      int *result);
/* dma_unmap_sg_attrs(), dma_unmap_sgtable() */
enum lx_rc lx_dma_unmap_sg(struct lx *l, enum lx_level level, u32 dev, u64 sg, u64 n, u32 dir,
			   u32 attrs);
enum lx_rc lx_dma_unmap_sgtable(struct lx *l, enum lx_level level, u32 dev, u64 t, u32 dir,
				u32 attrs);
/* dma_sync_sg_for_cpu(), _for_device(), and those of a table */
enum lx_rc lx_dma_sync_sg(struct lx *l, enum lx_level level, u32 dev, u64 sg, u64 n, u32 dir,
			  bool to_cpu);
enum lx_rc lx_dma_sync_sgtable(struct lx *l, enum lx_level level, u32 dev, u64 t, u32 dir,
			       bool to_cpu);
/* dma_get_sgtable(): a table of the pages of coherent memory; *result is 0 or -errno. */
enum lx_rc lx_dma_get_sgtable(struct lx *l, u32 dev, u64 t, dma_addr_t h, u64 size, int *result);
/*
 * Where the bytes of each entry of a mapped list are for the device, one entry after the other.
 * dma-direct gives each a segment of its own; with an IOMMU several may share one.
 */
struct lx_sg_walk {
	u64 sg, i, segment;
	u64 bus, left; /* of the segment: what no entry has had yet */
	bool joined;   /* segments may hold several entries */
};
struct lx_sg_walk lx_sg_walk_begin(const struct lx *l, u32 dev, u64 sg);
/* The bus address of the next entry, and how many bytes of it are there. */
u64 lx_sg_walk_next(const struct lx *l, struct lx_sg_walk *k, u64 *len);

/* ---- masks (linux/mask.c); results are 0 or -LX_EIO ---- */
int lx_dma_set_mask(struct lx *l, u32 dev, u64 mask);	       /* kernel/dma/mapping.c */
int lx_dma_set_coherent_mask(struct lx *l, u32 dev, u64 mask); /* the same */
int lx_dma_set_mask_and_coherent(struct lx *l, u32 dev, u64 mask);
int lx_dma_coerce_mask_and_coherent(struct lx *l, u32 dev, u64 mask);
u64 lx_dma_get_mask(const struct lx *l, u32 dev);
/* dev->dma_mask = NULL, as where bus code never set it: lab no_dma_mask(). Streaming maps and
 * dma_set_mask() then fail; dma_coerce_mask_and_coherent() ends it. */
void lx_dma_drop_mask(struct lx *l, u32 dev);
bool lx_dma_has_mask(const struct lx *l, u32 dev);
/* *dev->dma_mask, which lx_dma_get_mask() does not tell where it is 0. */
u64 lx_dma_mask_field(const struct lx *l, u32 dev);
u64 lx_dma_get_coherent_mask(const struct lx *l, u32 dev); /* dev->coherent_dma_mask */
u64 lx_dma_get_required_mask(const struct lx *l, u32 dev); /* dma_direct_get_required_mask() */
bool lx_dma_addressing_limited(const struct lx *l, u32 dev);
u64 lx_dma_max_mapping_size(const struct lx *l, u32 dev); /* ~0: no limit */
/* dma_opt_mapping_size(), dma_get_merge_boundary(): 0 where nothing merges */
u64 lx_dma_opt_mapping_size(const struct lx *l, u32 dev);
u64 lx_dma_get_merge_boundary(const struct lx *l, u32 dev);
/* Whether a sync of that handle does anything: kernel/dma/direct.c dma_direct_need_sync(). */
bool lx_dma_need_sync(const struct lx *l, u32 dev, dma_addr_t h);
/* include/linux/dma-mapping.h: 64 KiB until it is set. Streaming maps do not look at it. */
void lx_dma_set_max_seg_size(struct lx *l, u32 dev, u32 size);
u32 lx_dma_get_max_seg_size(const struct lx *l, u32 dev);
/*
 * include/linux/dma-mapping.h: bits of an address that stay the same within one segment are those
 * above the mask. All ones until it is set, 32 bits on PCI (pci_device_add(), drivers/pci/probe.c).
 */
void lx_dma_set_seg_boundary(struct lx *l, u32 dev, u64 mask);
u64 lx_dma_get_seg_boundary(const struct lx *l, u32 dev);
void lx_dma_set_min_align_mask(struct lx *l, u32 dev, u64 mask);
u64 lx_dma_get_min_align_mask(const struct lx *l, u32 dev);
u32 lx_dma_get_cache_alignment(const struct lx *l);
/* The device's range map (include/linux/dma-direct.h); ~0 where it says nothing. */
dma_addr_t lx_phys_to_dma(const struct lx *l, u32 dev, phys_addr_t pa);
phys_addr_t lx_dma_to_phys(const struct lx *l, u32 dev, dma_addr_t bus);
bool lx_dma_capable(const struct lx *l, u32 dev, dma_addr_t bus, u64 size);

/* ---- streaming maps (linux/mapping.c): kernel/dma/mapping.c ---- */
/* *out is DMA_MAPPING_ERROR when it failed. dma_map_single_attrs() */
enum lx_rc lx_dma_map_single(struct lx *l, enum lx_level level, u32 dev, cpu_addr_t p, u64 size,
			     u32 dir, u32 attrs, dma_addr_t *out);
/* dma_map_page_attrs(); dma_map_phys() of memory */
enum lx_rc lx_dma_map_page(struct lx *l, enum lx_level level, u32 dev, phys_addr_t page, u64 offset,
			   u64 size, u32 dir, u32 attrs, dma_addr_t *out);
/* dma_map_phys(), since 6.18: memory, or with ATTR_MMIO registers of another device */
enum lx_rc lx_dma_map_phys(struct lx *l, enum lx_level level, u32 dev, phys_addr_t pa, u64 size,
			   u32 dir, u32 attrs, dma_addr_t *out);
/* dma_map_resource(): registers of another device, never cached, never bounced. Since 6.18 it is
 * dma_map_phys() with ATTR_MMIO. */
enum lx_rc lx_dma_map_resource(struct lx *l, enum lx_level level, u32 dev, phys_addr_t pa, u64 size,
			       u32 dir, u32 attrs, dma_addr_t *out);
enum lx_rc lx_dma_unmap_phys(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			     u32 dir, u32 attrs);
enum lx_rc lx_dma_unmap_resource(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
				 u32 dir, u32 attrs);
/* dma_unmap_page_attrs(), which dma_unmap_single_attrs() is as well */
enum lx_rc lx_dma_unmap(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size, u32 dir,
			u32 attrs);
/* 0 or -LX_ENOMEM: dma_mapping_error() */
int lx_dma_mapping_error(struct lx *l, u32 dev, dma_addr_t h);
/* dma_sync_single_for_cpu(), _for_device(); a range is h + offset */
enum lx_rc lx_dma_sync_for_cpu(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h, u64 size,
			       u32 dir);
enum lx_rc lx_dma_sync_for_device(struct lx *l, enum lx_level level, u32 dev, dma_addr_t h,
				  u64 size, u32 dir);

/* ---- coherent memory (linux/coherent.c): dma_alloc_attrs(), dma_free_attrs() ---- */
/*
 * va 0: no memory, or none that the device reaches. The mask decides about the zone, not gfp; that
 * says whether the call may sleep, and what is refused (__GFP_COMP). With ATTR_NO_KERNEL_MAPPING va
 * is a cookie that no memory lies behind; other attributes change nothing here. LX_BUG_NOTHING: of
 * 0 bytes, behind an IOMMU.
 */
enum lx_rc lx_dma_alloc_attrs(struct lx *l, enum lx_level level, u32 dev, u64 size, u32 gfp,
			      u32 attrs, cpu_addr_t *va, dma_addr_t *h);
/*
 * Frees what the arguments say, whether or not it was given out so: the mapping by the pointer, the
 * pages by the handle and the size. LX_BUG_FREE: the handle means no memory.
 */
enum lx_rc lx_dma_free_attrs(struct lx *l, u32 dev, u64 size, cpu_addr_t va, dma_addr_t h,
			     u32 attrs);
/* dma_alloc_pages(), dma_free_pages() (linux/noncoherent.c). page is its physical address. False:
 * NULL. */
bool lx_dma_alloc_pages(struct lx *l, enum lx_level level, u32 dev, u64 size, u32 dir, u32 gfp,
			phys_addr_t *page, dma_addr_t *h);
enum lx_rc lx_dma_free_pages(struct lx *l, u32 dev, u64 size, phys_addr_t page, dma_addr_t h,
			     u32 dir);
/* The worker of the atomic pools runs, if it was asked to (linux/atomic.c): the driver sleeps. */
void lx_atomic_refill(struct lx *l);
/* Takes so many bytes of each atomic pool away for ever: lab atomic_pool_take(). False: there are
 * not so many. */
bool lx_atomic_take(struct lx *l, u64 bytes);

/* ---- DMA pools (linux/pool.c, linux/block.c): mm/dmapool.c ---- */
/* A text of the program: where its bytes are among the program's constants. */
struct lx_text {
	u64 at;
	u32 len;
};
/* The number of the pool, which stands for its pointer; 0: NULL. size 0 to INT_MAX, align 0 or a
 * power of two, boundary 0 or a power of two that holds a block. */
u64 lx_dma_pool_create(struct lx *l, u32 dev, const struct lx_text *name, u64 size, u64 align,
		       u64 boundary);
/* The block comes from lx_result() when the queue is empty: it depends on what memory holds. */
enum lx_rc lx_dma_pool_alloc(struct lx *l, enum lx_level level, u64 pool, u32 gfp);
enum lx_rc lx_dma_pool_free(struct lx *l, enum lx_level level, u64 pool, cpu_addr_t va,
			    dma_addr_t h);
enum lx_rc lx_dma_pool_destroy(struct lx *l, u64 pool);
/*
 * pool->lock, which is held with interrupts off: 1 + the CPU that has it, 0: nobody has. dma_pool_
 * alloc() and free() begin when it is free. And the pool whose lock the next operation of a call
 * takes, 0: none.
 */
u32 lx_dma_pool_locked(const struct lx *l, u64 pool);
u64 lx_dma_pool_wanted(const struct lx *l, enum lx_level level);
u32 lx_dma_pool_device(const struct lx *l, u64 pool); /* ~0: there is no such pool */
u64 lx_dma_pool_block(const struct lx *l, u64 pool);  /* bytes that were asked for; 0: no pool */
/* What the call that is done gives. False: NULL. It can be asked once. */
bool lx_result(struct lx *l, enum lx_level level, cpu_addr_t *va, dma_addr_t *h);

/* ---- managed memory (linux/devres.c): drivers/base/devres.c ---- */
enum lx_rc lx_dmam_alloc_attrs(struct lx *l, enum lx_level level, u32 dev, u64 size, u32 gfp,
			       u32 attrs, cpu_addr_t *va, dma_addr_t *h);
enum lx_rc lx_dmam_free_coherent(struct lx *l, u32 dev, u64 size, cpu_addr_t va, dma_addr_t h);
u64 lx_dmam_pool_create(struct lx *l, u32 dev, const struct lx_text *name, u64 size, u64 align,
			u64 boundary);
enum lx_rc lx_dmam_pool_destroy(struct lx *l, u64 pool);
enum lx_rc lx_devm_kzalloc(struct lx *l, enum lx_level level, u32 dev, u64 size, u32 gfp,
			   cpu_addr_t *out);
/* What is released next of a device, the youngest first. False: nothing is left. */
struct lx_managed {
	u64 pool;      /* its number; 0: it is no pool */
	u32 destroyed; /* the statement that destroyed the pool by dma_pool_destroy(); 0: none */
};
bool lx_devres_next(const struct lx *l, u32 dev, struct lx_managed *out);
enum lx_rc lx_devres_release(struct lx *l, u32 dev); /* devres_release_all(), one step of it */
/* The device has no driver any more: BUS_NOTIFY_UNBOUND_DRIVER. Once. */
void lx_unbind(struct lx *l, u32 dev);

/*
 * Cache operations by themselves, for systems without the DMA API: asm/cacheflush.h,
 * dcache_clean_poc(), dcache_inval_poc() (partial edges CI), dcache_clean_inval_poc(). An outer
 * cache comes last, but first when lines are only dropped: nothing may come back out of it.
 */
void lx_dcache_op(struct lx *l, enum lx_level level, phys_addr_t pa, u64 len, enum cache_op op);

/* ---- the IOMMU's flush queue (linux/iommu.c): lazy invalidation, drivers/iommu/dma-iommu.c ----
 */
/* Whether a device's queue waits for its timer (fq_timer), and what that does when it fires. */
bool lx_flush_waits(const struct lx *l, u32 dev);
void lx_flush(struct lx *l, u32 dev);
/* Takes pages of I/O addresses away for ever: lab iova_take(). False: there are not so many in a
 * row, or no IOMMU translates for the device. */
bool lx_iova_take(struct lx *l, u32 dev, u64 pages);

/* ---- I/O addresses by hand (linux/iova_api.c): dma_iova_*() of 7.1. A state is 1 + its index ----
 */
void lx_iova_claim(struct lx *l, u32 states); /* after lx_init() */
/* Empties the state first. False: no IOMMU translates, size is 0 or too much, no address is left.
 */
bool lx_dma_iova_try_alloc(struct lx *l, u32 dev, u64 st, phys_addr_t pa, u64 size);
u64 lx_iova_addr(const struct lx *l, u64 st); /* state.addr */
u64 lx_iova_size(const struct lx *l, u64 st); /* dma_iova_size(); dma_use_iova(): is not 0 */
/* *result: 0, -EIO (a later piece that does not begin on a page), -ENOMEM, -EINVAL. */
enum lx_rc lx_dma_iova_link(struct lx *l, enum lx_level level, u32 dev, u64 st, phys_addr_t pa,
			    u64 off, u64 size, u32 dir, u32 attrs, int *result);
void lx_dma_iova_sync(struct lx *l, enum lx_level level, u32 dev);
enum lx_rc lx_dma_iova_unlink(struct lx *l, enum lx_level level, u32 dev, u64 st, u64 off, u64 size,
			      u32 dir, u32 attrs);
void lx_dma_iova_free(struct lx *l, u32 dev, u64 st);
enum lx_rc lx_dma_iova_destroy(struct lx *l, enum lx_level level, u32 dev, u64 st, u64 mapped,
			       u32 dir, u32 attrs);
/* The i-th piece that is linked in [off, off + size). False: there are no more. */
bool lx_iova_piece(const struct lx *l, u64 st, u32 i, u64 off, u64 size, u64 *bus, u64 *len);

/* The i-th stretch of memory that somebody holds, bounce slots in use included: its bytes. False:
 * there are no more. */
bool lx_open_memory(const struct lx *l, u32 i, u64 *pa, u64 *len);

/* ---- the bounce pools (linux/swiotlb.c), for views and for laboratories ---- */
enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_MAPPED /* it has an original */ };
struct lx_slot {
	u64 home; /* slots[].orig_addr: the original's address of the slot's piece */
	u32 left; /* slots[].alloc_size: bytes of the allocation from there on */
	u16 link; /* hw/links.c, 0 once it ended */
	u8 pad;	  /* slots[].pad_slots: slots before it that are there to align it */
	u8 state; /* enum slot_state */
};
bool lx_in_pool(const struct lx *l, phys_addr_t pa);
/*
 * Whether the byte lies in a private page of an encrypted guest: memory that was not shared with
 * the hypervisor by set_memory_decrypted(), as the pools and coherent memory are
 * (kernel/dma/swiotlb.c, direct.c dma_set_decrypted()).
 */
bool lx_is_private(const struct lx *l, phys_addr_t pa);
const struct lx_slot *lx_slot(const struct lx *l, u32 i); /* i < cfg->swiotlb.slots */
/* debugfs io_tlb_nslabs, io_tlb_transient_nslabs: slots of the pools that stay, and of those that
 * were made for one mapping each. */
u64 lx_slots_total(const struct lx *l);
u64 lx_slots_transient(const struct lx *l);
/* The kernel's worker adds a pool if one was found full: swiotlb_dyn_alloc(). */
void lx_slots_grow(struct lx *l);
u64 lx_slots_used(const struct lx *l); /* of what is given back twice: less than 0, as a u64 */
/* Takes n slots away for ever, one by one: lab swiotlb_take(). False: there are not so many. */
bool lx_slots_take(struct lx *l, u32 n);
/* The next search begins at the slot of pa: lab swiotlb_next(). False: it is not in the pool. */
bool lx_slots_next(struct lx *l, phys_addr_t pa);
/* debugfs io_tlb_used_hiwater: slots used at once at most; writing 0 makes it what is used now
 * (inc_used_and_hiwater(), io_tlb_hiwater_set()). */
u64 lx_slots_most(const struct lx *l);
void lx_slots_reset_most(struct lx *l);

/* ---- the kernel's log (core/klog.h), with the names of devices (linux/log.c) ---- */
struct klog_words lx_words(const struct lx *l);
/* Lines that hold the text, among those that are kept. */
u32 lx_log_count(const struct lx *l, const u8 *text, u32 len);
/* Appends entry i, its lines separated by newlines. False: it was not kept. */
bool lx_log_line(const struct lx *l, u32 i, struct str *out);

#endif
