/* SPDX-License-Identifier: MIT */
#include "explore/visited.h"

#include <string.h>

#include "base/mem.h"

enum {
	FIRST_SLOTS = 1 << 12,
	PIECE = 1 << 18,     /* slots of the old table that are given back at once */
	LARGE = 1 << 22,     /* bytes from which a table may be backed by large pages */
	FIRST_ROOM = 1 << 16 /* bytes of whole states */
};

void visited_init(struct visited *v, enum explore_print kind)
{
	*v = (struct visited){.kind = kind, .words = kind == PRINT_64 ? 1 : 2};
}

static u64 table_bytes(const struct visited *v, u64 cap)
{
	return cap * v->words * sizeof *v->slot;
}

void visited_free(struct visited *v)
{
	mem_release(v->slot, table_bytes(v, v->cap));
	mem_free(v->bytes);
	visited_init(v, v->kind);
}

/* Whether one more is too many. */
static bool full(const struct visited *v)
{
	return (v->n + 1) * 10 > v->cap * 6;
}

static u64 cap_next(const struct visited *v)
{
	return v->cap ? v->cap * 2 : FIRST_SLOTS;
}

/* The first free slot for a hash. */
static u64 *free_slot(u64 *slot, u64 cap, u32 words, u64 hash)
{
	u64 i = hash & (cap - 1);

	while (slot[i * words])
		i = (i + 1) & (cap - 1);
	return slot + i * words;
}

/* The slots of the old table go to two places of the new one, each in order. */
static void grow(struct visited *v)
{
	u64 cap = cap_next(v), bytes = table_bytes(v, cap);
	u64 *slot = mem_reserve(bytes);

	if (bytes >= LARGE)
		mem_will_fill(slot, bytes);
	for (u64 from = 0; from < v->cap; from += PIECE) {
		u64 *old = v->slot + from * v->words, n = min_u64(PIECE, v->cap - from);

		for (u64 *p = old; p < old + n * v->words; p += v->words)
			if (*p)
				memcpy(free_slot(slot, cap, v->words, *p), p, v->words * sizeof *p);
		mem_release(old, table_bytes(v, n));
	}
	v->slot = slot;
	v->cap = cap;
}

static u64 room_next(const struct visited *v, u32 n)
{
	u64 need = v->used + sizeof n + n;

	if (v->kind != PRINT_EXACT || need <= v->room)
		return v->room;
	return max_u64(need, v->room ? v->room + v->room / 4 : FIRST_ROOM);
}

/* Puts a whole state away; where it begins. */
static u64 keep(struct visited *v, const u8 *state, u32 n)
{
	u64 at = v->used, room = room_next(v, n);

	if (room != v->room)
		v->bytes = mem_grow(v->bytes, v->room = room, 1);
	memcpy(v->bytes + at, &n, sizeof n);
	if (n)
		memcpy(v->bytes + at + sizeof n, state, n);
	v->used += sizeof n + n;
	return at;
}

static bool same(const struct visited *v, u64 second, u64 hash2, const u8 *state, u32 n)
{
	u32 len;

	if (v->kind == PRINT_64)
		return true;
	if (v->kind == PRINT_128)
		return second == hash2;
	memcpy(&len, v->bytes + second, sizeof len);
	return len == n && (!n || memcmp(v->bytes + second + sizeof len, state, n) == 0);
}

bool visited_add(struct visited *v, u64 hash, u64 hash2, const u8 *state, u32 n)
{
	u64 i, *p;

	hash += !hash; /* 0 marks a free slot */
	if (full(v))
		grow(v);
	for (i = hash & (v->cap - 1); *(p = v->slot + i * v->words); i = (i + 1) & (v->cap - 1))
		if (*p == hash && same(v, p[v->words - 1], hash2, state, n))
			return false;
	p[0] = hash;
	if (v->kind != PRINT_64)
		p[1] = v->kind == PRINT_128 ? hash2 : keep(v, state, n);
	v->n++;
	return true;
}

u64 visited_count(const struct visited *v)
{
	return v->n;
}

u64 visited_bytes(const struct visited *v)
{
	return table_bytes(v, v->cap) + v->room;
}

u64 visited_bytes_next(const struct visited *v, u32 n)
{
	return table_bytes(v, full(v) ? cap_next(v) : v->cap) + room_next(v, n);
}
