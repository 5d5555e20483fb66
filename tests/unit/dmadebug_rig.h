/* SPDX-License-Identifier: MIT */
/* Calls of the DMA API as events for the twin of dma-debug, and what it said of them. */
#ifndef UNIT_DMADEBUG_RIG_H
#define UNIT_DMADEBUG_RIG_H

#include <string.h>

#include "base/mem.h"
#include "core/addr.h"
#include "core/maphow.h"
#include "dmadebug/dmadebug.h"
#include "unit/unit.h"

enum { NIC, CARD, TO = DMA_TO_DEVICE, FROM = DMA_FROM_DEVICE, BIDI = DMA_BIDIRECTIONAL };
enum { SKIP_CPU_SYNC = 1 << 5, MMIO = 1 << 10, IGNORE_LINES = 1 << 11, REQUIRE_COHERENT = 1 << 12 };
#define BASE 0x41000ull

static struct world *w;
static struct dmadebug d;
static struct dmadebug_config cfg;
static struct str text;
static u32 lines_seen;
static u64 boundaries[2];
static u32 most[2];

static inline void device(const void *ctx, u32 dev, bool unbound, struct str *out)
{
	(void)ctx;
	str_add(out,
		dev == NIC ? unbound ? "pci 0000:00:01.0" : "nic 0000:00:01.0" : "card card.0");
}

static const struct klog_words words = {.device = device};

static inline u32 max_seg(const void *ctx, u32 dev)
{
	(void)ctx;
	return most[dev];
}

static inline u64 boundary(const void *ctx, u32 dev)
{
	(void)ctx;
	return boundaries[dev];
}

static inline void configure(bool is_7)
{
	cfg = (struct dmadebug_config){
	    .is_7 = is_7,
	    .sg = true,
	    .l1_cache_bytes = 64,
	    .cache_alignment = 64,
	    .devs = 2,
	    .dev = {{"nic", true}, {"card", false}},
	    .max_seg = max_seg,
	    .boundary = boundary,
	};
	most[NIC] = most[CARD] = 65536;
	boundaries[NIC] = boundaries[CARD] = ~0ull;
}

/* All errors are printed, as they are for whoever wants to see them all. */
static inline void start(void)
{
	w = world_new(false);
	world_set_cells(w, 64, false, false, 3);
	klog_claim(w);
	dmadebug_init(&d, w, &cfg, true);
	world_start(w);
	w->twin.ctx = &d;
	w->twin.event = dmadebug_event;
	dmadebug_boot(&d);
	dmadebug_set(&d, DEBUG_FILE_ALL_ERRORS, 1);
	lines_seen = 0;
}

static inline void setup_6(void)
{
	configure(false);
	start();
}

static inline void setup_7(void)
{
	configure(true);
	start();
}

static inline void stop(void)
{
	world_free(w);
	w = NULL;
	str_free(&text);
}

/* ---- calls, as the kernel's events ---- */

static inline void map_how(u32 dev, u64 at, u64 len, u32 dir, u64 bus, u64 attrs, u64 how)
{
	EMIT(w, MAP, PARTY_CPU, (u16)dev, at, len, bus, dir, 0, attrs, how);
}

static inline void map(u32 dev, u64 at, u64 len, u32 dir)
{
	map_how(dev, at, len, dir, at, 0, HOW_SINGLE);
}

static inline void check(u32 dev, u64 bus)
{
	EMIT(w, MAP_CHECK, PARTY_CPU, (u16)dev, bus, bus == DMA_MAPPING_ERROR);
}

/* A good map: checked. */
static inline void mapped(u32 dev, u64 at, u64 len, u32 dir)
{
	map(dev, at, len, dir);
	check(dev, at);
}

static inline void unmap_how(u32 dev, u64 bus, u64 len, u32 dir, u64 attrs, u64 how)
{
	EMIT(w, UNMAP, PARTY_CPU, (u16)dev, 0, len, bus, dir, attrs, how);
}

static inline void unmap(u32 dev, u64 bus, u64 len, u32 dir)
{
	unmap_how(dev, bus, len, dir, 0, HOW_SINGLE);
}

static inline void sync(u32 dev, u64 bus, u64 len, u32 dir, bool to_cpu)
{
	if (to_cpu)
		EMIT(w, SYNC_CPU, PARTY_CPU, (u16)dev, bus, len, bus, dir, HOW_SINGLE);
	else
		EMIT(w, SYNC_DEVICE, PARTY_CPU, (u16)dev, bus, len, bus, dir, HOW_SINGLE);
}

static inline void coherent(u32 dev, u64 at, u64 len, u64 attrs)
{
	EMIT(w, COHERENT_ALLOC, PARTY_CPU, (u16)dev, at, at, len, at, 0,
	     HOW_COHERENT | attrs << HOW_ATTRS_SHIFT, BIDI);
}

static inline void coherent_free(u32 dev, u64 at, u64 len, u64 bus, u64 attrs)
{
	EMIT(w, COHERENT_FREE, PARTY_CPU, (u16)dev, at, at, len, bus,
	     HOW_COHERENT | attrs << HOW_ATTRS_SHIFT, BIDI);
}

/* A list of n entries of len bytes, a page apart, mapped as it is. */
static inline void sg_map(u32 dev, u64 at, u32 n, u64 len, u32 dir)
{
	for (u32 i = 0; i < n; i++)
		EMIT(w, SG_MAP, PARTY_CPU, (u16)dev, at + 4096 * i, len, at + 4096 * i, dir, 0, n,
		     n | len << 32);
}

static inline void sg_unmap(u32 dev, u64 at, u32 n, u64 len, u32 dir)
{
	for (u32 i = 0; i < n; i++)
		EMIT(w, SG_UNMAP, PARTY_CPU, (u16)dev, at + 4096 * i, len, at + 4096 * i, dir, 0, n,
		     i);
}

static inline void sg_sync(u32 dev, u64 at, u32 n, u64 len, u32 dir, bool to_cpu)
{
	for (u32 i = 0; i < n; i++)
		EMIT(w, SG_SYNC, PARTY_CPU, (u16)dev, at + 4096 * i, len, at + 4096 * i, dir, n, i,
		     to_cpu);
}

/* ---- what it said ---- */

static inline u64 number(enum dmadebug_file f)
{
	return dmadebug_number(&d, f);
}

/* The next entry of the log is this text, behind its prefix. */
static inline void says_whole(const char *want)
{
	str_clear(&text);
	ck_assert_msg(lines_seen < klog_entries(w), "nothing was said, but wanted: %s", want);
	ck_assert(klog_text(w, lines_seen++, &words, &text));
	ck_assert_str_eq(str_get(&text), want);
}

static inline void says(const char *want)
{
	struct str whole = {0};

	str_printf(&whole, "DMA-API: nic 0000:00:01.0: %s", want);
	says_whole(str_get(&whole));
	str_free(&whole);
}

static inline void silent(void)
{
	str_clear(&text);
	if (lines_seen < klog_entries(w))
		klog_text(w, lines_seen, &words, &text);
	ck_assert_msg(lines_seen == klog_entries(w), "unexpected: %s", str_get(&text));
}

static inline void no_entries(void)
{
	ck_assert_uint_eq(number(DEBUG_FILE_NUM_FREE), number(DEBUG_FILE_TOTAL));
}

#endif
