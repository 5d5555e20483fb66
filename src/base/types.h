/* SPDX-License-Identifier: MIT */
/* The integer names of the kernel, and small helpers that every layer uses. No state, no code. */
#ifndef BASE_TYPES_H
#define BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

static inline u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}
static inline u32 max_u32(u32 a, u32 b)
{
	return a > b ? a : b;
}
static inline u64 max_u64(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* Round x up, down to a multiple of the power of two a. */
static inline u64 align_up(u64 x, u64 a)
{
	return (x + a - 1) & ~(a - 1);
}

static inline u64 align_down(u64 x, u64 a)
{
	return x & ~(a - 1);
}

static inline bool is_pow2(u64 x)
{
	return x && !(x & (x - 1));
}

/* The first n bytes (at most 8) at p as a number, lowest byte first, on any machine. */
static inline u64 get_le(const u8 *p, u32 n)
{
	u64 x = 0;

	for (u32 i = 0; i < n; i++)
		x |= (u64)p[i] << (8 * i);
	return x;
}

/* The n lowest bytes (at most 8) of x to p, lowest first. */
static inline void put_le(u8 *p, u64 x, u32 n)
{
	for (u32 i = 0; i < n; i++)
		p[i] = (u8)(x >> (8 * i));
}

/* For the ways of a function that are seldom gone, so that the others stay short. */
#define NOINLINE __attribute__((noinline))

#endif
