/* SPDX-License-Identifier: MIT */
/* A small machine with a kernel on it, for the tests of linux/. */
#ifndef UNIT_LINUX_FIXTURE_H
#define UNIT_LINUX_FIXTURE_H

#include "linux/linux_int.h"
#include "unit/unit.h"

struct box {
	struct hw_config hc;
	struct linux_config lc;
	struct world *w;
	struct hw hw;
	struct lx lx;
	u32 seen; /* events that box_events() has told */
	struct str text;
	bool blind;	   /* set before box_start(): without the truth, which touches all memory */
	u32 lists, tables; /* entries of scatterlists, and tables; set before box_start() */
	u32 blocked;	   /* how often hardware had to act first, in box_run() */
};

enum { DEV_NC, DEV_COH };

#define MIB (1ull << 20)
#define GIB (1ull << 30)

/* Fills the configurations: arm64, 1 GiB from 0, one device of each kind, no store buffer, no pool.
 */
void box_config(struct box *b);
void box_start(struct box *b); /* makes world, machine and kernel of them */
void box_stop(struct box *b);

/* Runs what is queued to its end; drains the store buffer where that is waited for. Steps taken. */
u32 box_run(struct box *b, enum lx_level level);

/* The events since the last call: "map(1000 40 1000 2 0) unmap(...)"; stores, fills left out. */
const char *box_events(struct box *b);
u32 box_count(const struct box *b, enum event_kind kind); /* of the whole run */

void box_store(struct box *b, u64 pa, u8 value, u32 n); /* the CPU, through the linear map */
u8 box_load(struct box *b, cpu_addr_t va);
u8 box_memory(const struct box *b, u64 pa);
void box_dma_write(struct box *b, u32 dev, u64 bus, u8 value, u32 n);
u8 box_dma_read(struct box *b, u32 dev, u64 bus);

/* Calls that must succeed, run to their end. */
u64 box_kmalloc(struct box *b, u64 size); /* physical */
u64 box_map(struct box *b, u32 dev, u64 pa, u64 size, u32 dir, u32 attrs);
void box_unmap(struct box *b, u32 dev, u64 h, u64 size, u32 dir, u32 attrs);
void box_sync_cpu(struct box *b, u32 dev, u64 h, u64 size, u32 dir);
void box_sync_device(struct box *b, u32 dev, u64 h, u64 size, u32 dir);
const char *box_log(struct box *b, u32 line); /* "" if there is none */

#endif
