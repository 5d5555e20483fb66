/* SPDX-License-Identifier: MIT */
/*
 * The set of states that a search has been in. Open addressing, at most 6 of 10 slots taken:
 * 64 bits of fingerprint take 8 bytes a slot, 128 bits take 16; whole states take 16 and the bytes
 * of the state, which are compared one by one.
 *
 * What counts as one state beside the world (the deviations that are left, say) the caller mixes
 * into the hash, and appends to the bytes of a whole state.
 *
 * The table doubles. The old one is given back piece by piece while it is read, so that growing
 * takes no more memory than visited_bytes() tells afterwards, up to one piece.
 */
#ifndef EXPLORE_VISITED_H
#define EXPLORE_VISITED_H

#include "base/types.h"
#include "explore/explore.h"

struct visited {
	u64 *slot; /* owned; `words` each; the first is the hash, 0: free */
	u64 cap;   /* slots: a power of two; 0 before the first state */
	u64 n;
	u32 words; /* of a slot */
	enum explore_print kind;
	u8 *bytes; /* owned; whole states: length, bytes; one after the other */
	u64 used, room;
};

/* An empty set; it takes no memory before the first state. */
void visited_init(struct visited *v, enum explore_print kind);
/* Gives the memory back; the set is then empty, of the same kind, and may be used again. */
void visited_free(struct visited *v);

/* Asks for the memory of the state's slot, so that a batch of successors waits only once. */
static inline void visited_prefetch(const struct visited *v, u64 hash)
{
	if (v->cap)
		__builtin_prefetch(&v->slot[(hash & (v->cap - 1)) * v->words]);
}

/*
 * Whether the state is new; if so it is put in. hash2: the second half of a fingerprint of 128
 * bits, else it is not looked at. state: the n bytes of a whole state, copied; NULL and 0 when the
 * set holds fingerprints.
 */
bool visited_add(struct visited *v, u64 hash, u64 hash2, const u8 *state, u32 n);

u64 visited_count(const struct visited *v); /* states in the set */
u64 visited_bytes(const struct visited *v); /* memory that it takes now */
/* What it may take after one more state of n bytes (0: fingerprints): for a bound of memory. */
u64 visited_bytes_next(const struct visited *v, u32 n);

#endif
