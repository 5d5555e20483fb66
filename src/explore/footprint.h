/* SPDX-License-Identifier: MIT */
/*
 * The footprint of a transition: which cache lines it touched and how, as its events tell. What
 * hardware does to a line by itself can be observed by the transitions that have the line in their
 * footprint, and by no others.
 */
#ifndef EXPLORE_FOOTPRINT_H
#define EXPLORE_FOOTPRINT_H

#include "engine/engine.h"

/* How a line was touched: bits. */
enum touch {
	TOUCH_LOAD = 1,	       /* a CPU read it through its cache */
	TOUCH_STORE = 2,       /* a CPU wrote it there, or a store left the buffer for it */
	TOUCH_BUFFER = 4,      /* a CPU's store waits in its buffer */
	TOUCH_MEMORY_READ = 8, /* somebody read memory itself: a device, or past the caches */
	TOUCH_MEMORY_WRITE = 16,
	TOUCH_OPERATION = 32, /* a cache operation */
	TOUCH_CLEAN = 256,    /* one that leaves the line in L1 */
	TOUCH_SEEN = 512,     /* an assert looked at where its bytes are */
	TOUCH_CROWDED = 64,   /* a line of its set had to go */
	TOUCH_CALL = 128,     /* the kernel was asked for something that concerns its bytes */
};

struct touched {
	u64 line;
	u32 how;   /* bits of enum touch */
	u32 level; /* CROWDED: of which cache */
};

struct footprint {
	VEC(struct touched)
};

/* Adds what an event says. */
void footprint_event(struct footprint *f, const struct engine *e, const struct event *ev);
/* Adds the lines of [pa, pa+len). */
void footprint_add(struct footprint *f, const struct engine *e, u64 pa, u64 len, u32 how);
/* How a line was touched; 0: not at all. */
u32 footprint_how(const struct footprint *f, u64 line);

#endif
