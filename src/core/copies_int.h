/* SPDX-License-Identifier: MIT */
/* What core/copies.c and core/copies_range.c share: never included outside core/. */
#ifndef CORE_COPIES_INT_H
#define CORE_COPIES_INT_H

#include "core/copies.h"

/* The low n bits. */
static inline u64 mask_n(u32 n)
{
	return n >= 64 ? ~0ull : (1ull << n) - 1;
}

/* The old bits, the undefined bits of a copy. */
static inline u64 copy_old(const struct world *w, const struct copyref *c)
{
	return bits_get(w, c->old, c->bit, c->n);
}

static inline u64 copy_undefined(const struct world *w, const struct copyref *c)
{
	return bits_get(w, c->und, c->bit, c->n);
}

/* Bytes of [0,n) at pa of which some copy other than those that skip() is not old. */
struct others {
	const struct copyref *self; /* left out: the very copy, by place */
	u16 link;		    /* left out: copies of this link, 0 = none */
};

u64 copies_fresh_elsewhere(const struct world *w, u64 pa, u32 n, struct others o);
/* What bytes were, and who had written them, before they go. */
struct gone {
	u8 was[64], who[64];
};
/* Notes bytes [0, c->n) of a copy, from index `at` on. */
void copies_note(const struct world *w, struct gone *g, u32 at, const struct copyref *c);
/* Tells the observer of the bytes in mask, run by run. */
void copies_tell_lost(struct world *w, u64 pa, u64 mask, const struct gone *g);
/* Bytes at a home address were written: neither discardable nor left over any more. */
void copies_home_clear(struct world *w, u64 pa, u32 n);

#endif
