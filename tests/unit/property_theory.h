/* SPDX-License-Identifier: MIT */
/*
 * What theory says of a small driver on a platform: a second, much smaller machine. It knows one
 * cache line at a time, no store buffer, no time, and an adversary who may write back, drop or (on
 * a speculating core) fetch the line between any two steps. Devices are driven by hand here, so
 * the order of the operations is the order of everything. Rows and rules are written once more,
 * from what is known of the kernels, and share nothing with linux/arch.def.
 */
#ifndef UNIT_PROPERTY_THEORY_H
#define UNIT_PROPERTY_THEORY_H

#include "unit/property_gen.h"

enum theory_op { TH_NONE, TH_C, TH_I, TH_CI };
enum theory_edges { TH_RAW, TH_KEEP, TH_WHOLE };

struct theory_platform {
	const char *name;
	const char *own; /* fields of a platform of its own; without arch_sync */
	bool shipped;	 /* name is a file's, own says `like: name` */
	bool coherent, speculates;
	bool outer;  /* it has a second cache, of which the theory knows nothing */
	bool defect; /* a driver that keeps the contract is hurt too, by the kernel's port */
	bool force, small_bounce;      /* every mapping bounces; small ones do */
	u32 line, minalign, alignment; /* of small_bounce: ARCH_DMA_MINALIGN, of the cache */
	u8 dev[3], cpu[3];	       /* enum theory_op by enum gen_dir */
	u8 edges;
};

enum { THEORY_PLATFORMS = 21 };
extern const struct theory_platform theory_platform[THEORY_PLATFORMS];

/* Whether a mapping is copied through the bounce pool. */
bool theory_bounces(const struct theory_platform *p, u32 size, u32 dir);
/*
 * Whether some schedule shows corruption: a read gets other than the newest bytes, or the newest
 * bytes are gone. One buffer, whose mappings all bounce or none does.
 */
bool theory_corrupts(const struct theory_platform *p, const struct gen_driver *d);
/*
 * Whether a call has an effect at all on what the next owner sees: what a mutant without it (or
 * with it in the wrong place) can break.
 */
bool theory_effect(const struct theory_platform *p, enum gen_fault f, u32 dir, bool bounced);
/* A buffer that is only read between transfers must be handed back all the same. */
bool theory_forbids_lazy(const struct theory_platform *p);

#endif
