/* SPDX-License-Identifier: MIT */
/*
 * Every bound of a run. Reaching one ends the run with status 3 and a sentence that names it.
 * MODE=tiny shrinks those that only cost room, so that their edges are met by ordinary tests.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#ifdef DMALAB_TINY
#define LIM(normal, tiny) (tiny)
#else
#define LIM(normal, tiny) (normal)
#endif

enum {
	LINE_MAX_BYTES = 256, /* longest cache line */
	DEVICES_MAX = 16,     /* language: devices of one scenario */
	CPUS_MAX = 4,	      /* CPUs of one platform */
	PARTIES_MAX = DEVICES_MAX + CPUS_MAX,
	WORKS_MAX = 16,		/* functions that one scenario gives to other CPUs */
	STORE_BUFFER_MAX = 16,	/* entries */
	PAST_MAX = LIM(64, 16), /* older versions that early loads may return */
	POSTED_MAX = 8,		/* posted MMIO writes on their way to one device */
	INFLIGHT_MAX = 8,	/* relaxed DMA writes on their way to memory */
	IRQ_PENDING_MAX = 16,	/* interrupts raised and not yet taken, per device */
	/* Micro-operations that one call may queue: a list of 256 entries, all bounced. */
	UOPS_MAX = LIM(1100, 64),
	LINKS_PER_BYTE_MAX = 16,	/* bounce slots of one byte that are followed at a time */
	LINKS_MAX = LIM(65535, 64),	/* live bounce links */
	RECORDS_MAX = LIM(65535, 4096), /* writes that somebody may not know yet */
	ALLOCS_MAX = LIM(4096, 256),	/* allocations of one run, freed ones among them */
	MAPPINGS_MAX = LIM(65536, 256), /* mappings of one run, ended ones among them */
	SG_LISTS_MAX = 16384,		/* entries of all scatterlists that a file declares */
	SG_HEAP_MAX = LIM(4096, 256),	/* entries of all tables */
	SG_TABLES_MAX = 64,		/* tables that a file declares */
	REGS_MAX = 64,			/* registers of one device, of 4 bytes each */
	WINDOWS_MAX = 4,		/* ranges of registers with no order between them */
	LATCHES_MAX = 2,		/* reads of a device whose bytes it keeps for later */
	IO_RUNS_MAX = LIM(8192, 512),	/* runs of pages that IOMMUs translate at a time */
	IOTLB_MAX = LIM(4096, 64),	/* translations that they keep */
};

#define WINDOW_BYTES	LIM(64u << 20, 1u << 20)    /* old bytes that are kept for stepping back */
#define WINDOW_RECORDS	LIM(4u << 20, 1u << 15)	    /* power of two */
#define KEYFRAME_EVENTS LIM(65536u, 256u)	    /* a keyframe each so many events */
#define KEYFRAME_BYTES	LIM(192u << 20, 4u << 20)   /* beyond it every second keyframe goes */
#define BLOCK_BYTES	LIM(1ull << 31, 1ull << 28) /* largest world; costs nothing until touched */
#define RUN_EVENTS	40000000u		    /* events of one run */

#endif
