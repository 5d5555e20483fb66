/* SPDX-License-Identifier: MIT */
/* What the files that run kernel calls share: one function for each group of engine/calls.def. */
#ifndef ENGINE_CALL_INT_H
#define ENGINE_CALL_INT_H

#include "engine/calls.h"
#include "engine/vm_int.h"

/* The arguments of one call, and what it gives back. */
struct call {
	struct engine *e;
	enum lx_level level;
	u64 a[8];
	u32 len[8]; /* of texts */
	u32 n;
	enum lx_rc rc;	 /* not LX_OK: the thread dies */
	u64 result, out; /* out: what "&x" gets */
	bool has_out;
	bool looks; /* within assert() or predict: nobody acts on it */
	bool late; /* result and out are those of lx_result(), when the call is done */
};

static inline u64 call_arg(const struct call *c, u32 i)
{
	return i < c->n ? c->a[i] : 0;
}

typedef void (*call_fn)(struct call *c, u32 id);
void calls_mask(struct call *c, u32 id);	   /* calls_mask.c: masks, limits, sizes */
void calls_coherent(struct call *c, u32 id);	   /* calls_coherent.c */
void calls_pool(struct call *c, u32 id);	   /* calls_pool.c */
void calls_stream(struct call *c, u32 id);	   /* calls_stream.c */
void calls_sg(struct call *c, u32 id);		   /* calls_sg.c: mapping of lists */
void calls_sg_refused(struct call *c, bool table); /* the laboratory lets the map fail */
void calls_iova(struct call *c, u32 id);	   /* calls_iova.c: I/O addresses by hand */
void calls_sglist(struct call *c, u32 id);	   /* calls_kernel.c: lists without mapping */
void calls_memory(struct call *c, u32 id);	   /* calls_memory.c: allocators, addresses */
void calls_address(struct call *c, u32 id);
void calls_irq(struct call *c, u32 id); /* calls_kernel.c: interrupts, time, the log */
void calls_work(struct call *c, u32 id);

#endif
