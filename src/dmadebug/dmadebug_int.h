/* SPDX-License-Identifier: MIT */
/* What the files of dmadebug/ share: its state in the block. */
#ifndef DMADEBUG_DMADEBUG_INT_H
#define DMADEBUG_DMADEBUG_INT_H

#include "core/addr.h"
#include "core/maphow.h"
#include "dmadebug/dmadebug.h"

enum {
	HASH_SIZE = 16384,
	HASH_SHIFT = 13,
	ENTRIES_PER_PAGE = 32, /* DMA_DEBUG_DYNAMIC_ENTRIES: 4096 / 128 bytes */
	LINES_MAX = DEBUG_ENTRIES_MAX - 4096,
	LINE_HEADS = 4096,
	OVERLAP_MAX = 7, /* ACTIVE_CACHELINE_MAX_OVERLAP: three tags of a radix tree */
	ERRORS_KEPT = 256,
	PAGE_BITS = 12,
};

/* include/linux/dma-mapping.h */
enum {
	DEBUG_ATTR_NO_KERNEL_MAPPING = 1u << 4,
	DEBUG_ATTR_SKIP_CPU_SYNC = 1u << 5,
	DEBUG_ATTR_FORCE_CONTIGUOUS = 1u << 6,
	DEBUG_ATTR_PRIVILEGED = 1u << 9,
	DEBUG_ATTR_MMIO = 1u << 10,
	DEBUG_ATTR_IGNORE_CACHELINES = 1u << 11, /* DMA_ATTR_DEBUGGING_IGNORE_CACHELINES */
	DEBUG_ATTR_REQUIRE_COHERENT = 1u << 12,
	DEBUG_ATTR_CC_SHARED = 1u << 13,
};

enum map_err { ERR_NOT_APPLICABLE, ERR_NOT_CHECKED, ERR_CHECKED };

/* struct dma_debug_entry: what is known of a mapping, or looked for. */
struct entry {
	u64 addr, size, pa;
	u32 attrs;
	u32 next; /* 1 + index of the next in its bucket, or of the free ones; 0: none */
	u32 sg_call, sg_mapped; /* entries of the list, as given and as mapped */
	u16 dev;
	u8 type; /* enum debug_type */
	u8 dir;
	u8 err; /* enum map_err */
	u8 used;
	u16 pad;
};

/* A cache line that a device may write to: dma_active_cacheline. */
struct line {
	u64 number;
	u32 next;    /* as in struct entry */
	u32 overlap; /* mappings beyond the first, up to OVERLAP_MAX */
	u32 attrs;   /* of the first mapping; Model: kept when that one goes first */
	u32 used;
};

struct debug_state {
	u32 disabled; /* global_disable */
	u32 error_count, all_errors, num_errors;
	u32 num_free, min_free, total, prealloc;
	u32 free, made;		  /* entries: head of the free ones; that were ever used */
	u32 line_free, line_made; /* the same of lines */
	u32 stack;		  /* entries of the list that is mapped now that lie on a stack */
	u32 walk;		  /* segments of the list that is unmapped or synced now */
	u32 pad[2];
	u8 filter[DEBUG_NAME_MAX + 1]; /* current_driver_name */
};

struct errors {
	u32 n;
	struct dmadebug_error v[ERRORS_KEPT];
};

static inline const struct debug_state *st(const struct dmadebug *d)
{
	return world_at(d->w, d->state);
}

static inline const struct entry *entry_at(const struct dmadebug *d, u32 link)
{
	return (const struct entry *)world_at(d->w, d->entries) + (link - 1);
}

static inline u32 bucket_of(u64 addr)
{
	return (addr >> HASH_SHIFT) & (HASH_SIZE - 1);
}

static inline const u32 *bucket(const struct dmadebug *d, u32 i)
{
	return (const u32 *)world_at(d->w, d->heads) + i;
}

/* to_cacheline_number() */
static inline u64 line_number(const struct dmadebug *d, u64 pa)
{
	return pa / d->cfg.l1_cache_bytes;
}

/* ---- entries.c ---- */
/* A free entry, filled with *what, not yet in a bucket; 0: out of memory, and switched off. */
u32 entry_alloc(struct dmadebug *d, u8 party, const struct entry *what);
void entry_hash(struct dmadebug *d, u32 link);	 /* hash_bucket_add(): behind all others */
void entry_unhash(struct dmadebug *d, u32 link); /* hash_bucket_del(); then entry_free() */
void entry_free(struct dmadebug *d, u32 link);
/* The entry that an unmap, or a sync, is about: bucket_find_exact(), bucket_find_contain(). 0:
 * none, or several of which none fits in everything. */
u32 entry_exact(const struct dmadebug *d, const struct entry *ref);
u32 entry_containing(const struct dmadebug *d, const struct entry *ref);
/* debug_dma_mapping_error(): the first entry of that address that is not checked is from now on. */
void entry_checked(struct dmadebug *d, u32 dev, u64 addr);

/* ---- lines.c ---- */
enum line_result { LINE_NEW, LINE_OVERLAP, LINE_NO_MEMORY };
/* active_cacheline_insert(). *clean: the first mapping's attributes allow overlaps. */
enum line_result line_insert(struct dmadebug *d, u8 party, const struct entry *e, bool *clean);
void line_remove(struct dmadebug *d, const struct entry *e);
bool line_clean(u32 attrs); /* DMA_ATTR_DEBUGGING_IGNORE_CACHELINES or _REQUIRE_COHERENT */

/* ---- report.c ---- */
/* err_printk() */
void complain(struct dmadebug *d, const struct event *e, enum klog_id id, const u64 arg[KLOG_ARGS]);
#define COMPLAIN(d, e, id, ...) complain(d, e, KLOG_DEBUG_##id, (const u64[KLOG_ARGS]){__VA_ARGS__})

/* ---- check.c ---- */
void check_unmap(struct dmadebug *d, const struct event *e, const struct entry *ref);
void check_sync(struct dmadebug *d, const struct event *e, const struct entry *ref, bool to_cpu);
/* add_dma_entry() of a new entry; 0: out of memory. */
void add_entry(struct dmadebug *d, const struct event *e, u32 link);

#endif
