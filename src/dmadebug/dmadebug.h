/* SPDX-License-Identifier: MIT */
/*
 * The twin of the kernel's DMA debugging: kernel/dma/debug.c. It hears of the calls of the DMA API
 * as events, keeps an entry for each mapping, compares, and writes to the kernel's log what the
 * kernel would write, in its words; where the kernel is silent, so is this. It changes nothing of
 * the run but the log.
 *
 * Model: no stack dumps ("Mapped at:"), and memory for entries is bounded by ENTRIES below.
 */
#ifndef DMADEBUG_DMADEBUG_H
#define DMADEBUG_DMADEBUG_H

#include "base/str.h"
#include "core/event.h"
#include "core/klog.h"
#include "core/world.h"

enum {
	DEBUG_PREALLOC = 65536,	   /* PREALLOC_DMA_DEBUG_ENTRIES */
	DEBUG_ENTRIES_MAX = 65536, /* Model: for more there is no memory */
	DEBUG_NAME_MAX = 63,	   /* of a driver that is filtered for */
};

/* What the kernel was built and booted with, and what it asks of a device. Borrowed, constant. */
struct dmadebug_config {
	bool is_7;	     /* Linux 7.1, else 6.12 */
	bool sg;	     /* CONFIG_DMA_API_DEBUG_SG; 7.1 has no such option, and always looks */
	bool off;	     /* dma_debug=off */
	bool asked;	     /* the command line says something of it: the boot's lines are told */
	u32 entries;	     /* dma_debug_entries=; 0: not given */
	const char *driver;  /* dma_debug_driver=; "" or NULL: not given */
	u32 l1_cache_bytes;  /* L1_CACHE_BYTES, a power of two */
	u32 cache_alignment; /* dma_get_cache_alignment() */
	bool kmalloc_bounce; /* CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC */
	bool pool_active;    /* is_swiotlb_active() */
	u32 devs;
	struct {
		const char *driver; /* its driver's name */
		bool reports_leaks; /* its bus called dma_debug_add_bus(): PCI */
	} dev[DEVICES_MAX];
	const void *ctx;
	u32 (*max_seg)(const void *ctx, u32 dev);  /* dma_get_max_seg_size() */
	u64 (*boundary)(const void *ctx, u32 dev); /* dma_get_seg_boundary() */
};

/* Where its parts are in the block. No state of its own. */
struct dmadebug {
	struct world *w; /* borrowed */
	struct dmadebug_config cfg;
	u32 state, entries, heads, lines, line_heads, told; /* offsets */
};

/* Claims its regions; state: they are part of the world's state, as the program looks at them. */
void dmadebug_init(struct dmadebug *d, struct world *w, const struct dmadebug_config *cfg,
		   bool state);
/* What it does and prints at boot: dma_debug_init(). When the run begins. */
void dmadebug_boot(struct dmadebug *d);
/* An event of class API has happened; all others are ignored. For world.twin. */
void dmadebug_event(void *d, struct world *w, const struct event *e);

/* ---- debugfs, below dma-api/ (dmadebug/files.c) ---- */
enum dmadebug_file {
	DEBUG_FILE_DISABLED,
	DEBUG_FILE_ERROR_COUNT,
	DEBUG_FILE_ALL_ERRORS,
	DEBUG_FILE_NUM_ERRORS,
	DEBUG_FILE_NUM_FREE,
	DEBUG_FILE_MIN_FREE,
	DEBUG_FILE_TOTAL,
	DEBUG_FILE_DRIVER_FILTER,
	DEBUG_FILE_DUMP,
};
/* Those that hold a number; "disabled" is 1 for Y. */
u64 dmadebug_number(const struct dmadebug *d, enum dmadebug_file f);
/* Appends what reading any of them gives, newlines included. words: names of devices. */
void dmadebug_text(const struct dmadebug *d, enum dmadebug_file f, const struct klog_words *words,
		   struct str *out);
/* Writes to all_errors or num_errors. */
void dmadebug_set(struct dmadebug *d, enum dmadebug_file f, u32 v);
/* Writes to driver_filter: filter_write(). Told by party. */
void dmadebug_filter(struct dmadebug *d, u8 party, const void *text, u32 n);

/* ---- what it complained about, printed or not ---- */
enum dmadebug_why {
	DEBUG_PRINTED,
	DEBUG_ONLY_FIRST, /* num_errors was used up */
	DEBUG_FILTERED,	  /* driver_filter names another driver */
};
struct dmadebug_error {
	u32 id; /* enum klog_id */
	u32 why;
	u32 stmt;	 /* of the program */
	u32 event, step; /* that it belongs to */
	u32 line;	 /* printed: entry of the log */
};
u32 dmadebug_errors(const struct dmadebug *d); /* that are kept */
const struct dmadebug_error *dmadebug_error(const struct dmadebug *d, u32 i);

#endif
