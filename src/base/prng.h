/* SPDX-License-Identifier: MIT */
/*
 * Numbers from a seed: splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", 2014), so that a seed means the same on every machine. No source of chance: who
 * uses it is given the seed.
 */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include "base/types.h"

struct prng {
	u64 s; /* the seed, before the first number */
};

static inline u64 prng_next(struct prng *p)
{
	u64 z = p->s += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* 0 to n - 1; n is not 0. */
static inline u32 prng_below(struct prng *p, u32 n)
{
	return (u32)(prng_next(p) >> 32) % n;
}

#endif
