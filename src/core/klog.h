/* SPDX-License-Identifier: MIT */
/*
 * The kernel's log: ids and numbers in the block, words from core/klog.def. Whoever stands for a
 * part of the kernel adds lines; nobody reads them but faces and laboratories, so it is no state.
 */
#ifndef CORE_KLOG_H
#define CORE_KLOG_H

#include "base/str.h"
#include "core/world.h"

enum klog_id {
#define LOG(id, ...) KLOG_##id,
#include "core/klog.def"
#undef LOG
	KLOG_IDS
};

enum { KLOG_MAX = LIM(1024, 64), KLOG_ARGS = 6 };

/* What a line begins with. */
enum klog_prefix {
	KLOG_PLAIN,  /* nothing */
	KLOG_DEV,    /* "driver device: ", as dev_err() and dev_WARN() */
	KLOG_BEHIND, /* the device's name alone, behind the message */
	KLOG_DEBUG,  /* "DMA-API: driver device: ", as err_printk() of kernel/dma/debug.c */
	KLOG_API,    /* "DMA-API: ", as pr_info() there */
};

/* How lines name what core does not know. Borrowed. */
struct klog_words {
	const u8 *texts; /* of the program; NULL: there are none */
	const void *ctx;
	/* Appends "driver device"; unbound: the driver is gone, its bus stands for it. */
	void (*device)(const void *ctx, u32 dev, bool unbound, struct str *out);
};

/* Claims the log's region. Before world_start(). */
void klog_claim(struct world *w);
/*
 * Adds a line about a device, told by party, and the event KERNEL_LOG with it; nothing if the
 * kernel prints that id once per boot and has. Beyond KLOG_MAX lines only their number is kept.
 */
void klog_add(struct world *w, enum klog_id id, u8 party, u32 dev, const u64 arg[KLOG_ARGS]);
#define KLOG(w, id, party, dev, ...)                                                               \
	klog_add(w, KLOG_##id, party, dev, (const u64[KLOG_ARGS]){__VA_ARGS__})
/* Keeps n bytes of text, up to 64, and gives what KEPT(i) of a line wants as its i-th number. 0
 * when there is no more room: then the text is empty. */
u64 klog_keep(struct world *w, const void *text, u32 n);
/* The file and function of the report that goes with an id; "": there is none. */
const char *klog_report(enum klog_id id);
/* From now on lines about that device name its bus in place of its driver. */
void klog_unbound(struct world *w, u32 dev);
bool klog_is_unbound(const struct world *w, u32 dev);
/* Entries so far. An entry is one message, with the WARNING that goes with it on a line of its own.
 */
u32 klog_entries(const struct world *w);
enum klog_id klog_id(const struct world *w, u32 i);
/* Whether a boot prints entry i once, and clear_warn_once does not bring it back. */
bool klog_is_of_boot(const struct world *w, u32 i);
/* Appends what a message of that id begins with, up to its first number or bracket. */
void klog_gist(enum klog_id id, struct str *out);
/* Appends entry i, lines separated by newlines, none at the end. False: it was not kept. */
bool klog_text(const struct world *w, u32 i, const struct klog_words *words, struct str *out);
/* Lines that hold the text, among those that are kept. */
u32 klog_count(const struct world *w, const struct klog_words *words, const u8 *text, u32 len);

#endif
