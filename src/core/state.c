/* SPDX-License-Identifier: MIT */
/*
 * What stands for a state: its hash, kept while objects change, and its bytes. Both are made of the
 * same bytes of the same objects, so they cannot disagree on what counts.
 */
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/know.h"
#include "core/world_int.h"

/* Mixed into every seed of the second half. */
#define OTHER 0x9e3779b97f4a7c15ull

enum { SEED_CELL = 1, SEED_KNOW = 2 }; /* of places, seeds are offsets: a page and more */

u64 world_hash_bytes(const void *p, size_t n, u64 seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

static bool all_zero(const u8 *p, u32 n)
{
	u64 any = 0;

	for (u32 i = 0; i + 8 <= n; i += 8) {
		u64 v;

		memcpy(&v, p + i, 8);
		any |= v;
	}
	return any == 0;
}

/* The bytes of the object at off that are state, *n of them; 0: it counts as nothing. */
static inline const void *object_state(const struct world *w, const struct region *r, u32 off,
				       u64 *room, u32 *n)
{
	const u8 *p = w->rd + off;
	u64 key;

	*n = 0;
	switch (r->kind) {
	case REGION_RAW:
		*n = all_zero(p, CHUNK) ? 0 : CHUNK;
		break;
	case REGION_CELL:
		memcpy(&key, p, sizeof key);
		*n = key ? r->hashed : 0;
		break;
	case REGION_CUSTOM:
		return r->state(w, off, room, n);
	case REGION_UNHASHED:
		break;
	}
	return p;
}

/* ---- the hash ---- */

struct halves {
	u64 a, b;
};

/* Cells count by the key that they begin with, all others by their place. */
static inline u64 object_seed(const struct region *r, u32 off)
{
	return r->kind == REGION_CELL ? SEED_CELL : off;
}

/* An object goes into the hash, or out of it. */
static void toggle(struct world *w, const struct region *r, u32 off)
{
	u64 room[STATE_ROOM / 8], seed = object_seed(r, off);
	u32 n;
	const void *p = object_state(w, r, off, room, &n);

	if (!n)
		return;
	w->hash ^= XXH3_64bits_withSeed(p, n, seed);
	if (w->wide)
		w->hash2 ^= XXH3_64bits_withSeed(p, n, seed ^ OTHER);
}

static inline void mark_live(struct world *w, u32 obj)
{
	w->live[obj >> PAGE_SHIFT] |= 1ull << (obj / CHUNK % 64);
}

void world_touch(struct world *w, u32 obj)
{
	const struct region *r = region_at(w, obj);

	if (r->kind == REGION_UNHASHED)
		return;
	for (u32 i = w->touched_n; i-- > 0;)
		if (w->touched[i] == obj)
			return;
	if (w->touched_n == w->touched_cap) {
		w->touched_cap = w->touched_cap ? w->touched_cap * 2 : 64;
		w->touched = mem_grow(w->touched, w->touched_cap, sizeof *w->touched);
	}
	w->touched[w->touched_n++] = obj;
	if (w->live)
		mark_live(w, obj);
	toggle(w, r, obj);
}

static void settle(struct world *w)
{
	for (u32 i = 0; i < w->touched_n; i++)
		toggle(w, region_at(w, w->touched[i]), w->touched[i]);
	w->touched_n = 0;
}

static u32 region_end(const struct world *w, const struct region *r)
{
	return (u32)min_u64((u64)r->off + r->len, w->used);
}

static struct halves objects_scratch(const struct world *w)
{
	struct halves h = {0, 0};

	for (u32 i = 0; i < w->regions; i++) {
		const struct region *r = &w->region[i];
		u32 end = region_end(w, r);

		if (r->kind == REGION_UNHASHED)
			continue;
		for (u32 off = r->off; off + r->stride <= end; off += r->stride) {
			u64 room[STATE_ROOM / 8], seed = object_seed(r, off);
			u32 n;
			const void *p = object_state(w, r, off, room, &n);

			h.a ^= n ? XXH3_64bits_withSeed(p, n, seed) : 0;
			h.b ^= n ? XXH3_64bits_withSeed(p, n, seed ^ OTHER) : 0;
		}
	}
	return h;
}

static struct halves know_halves(const struct world *w, bool wide)
{
	struct state_bytes *room = w->room;
	struct halves h = {0, 0};

	if (!w->knows)
		return h;
	room->n = 0;
	know_state(w, room);
	h.a = XXH3_64bits_withSeed(room->v, room->n, SEED_KNOW);
	if (wide)
		h.b = XXH3_64bits_withSeed(room->v, room->n, SEED_KNOW ^ OTHER);
	return h;
}

u64 know_hash(const struct world *w)
{
	return know_halves(w, false).a;
}

void world_rehash(struct world *w)
{
	struct halves h = objects_scratch(w);

	w->touched_n = 0;
	w->hash = h.a;
	w->hash2 = w->wide ? h.b : 0;
	mem_release(w->live, BLOCK_PAGES * sizeof *w->live);
	w->live = NULL;
}

void world_hash_on(struct world *w)
{
	w->hashing = true;
	w->wide = false;
	world_rehash(w);
}

void world_hash_wide(struct world *w)
{
	w->hashing = w->wide = true;
	world_rehash(w);
}

u64 world_hash(struct world *w)
{
	struct halves know;

	BUG_ON(!w->hashing);
	settle(w);
	know = know_halves(w, w->wide);
	w->know2 = know.b;
	return w->hash ^ know.a;
}

u64 world_hash_scratch(const struct world *w)
{
	return objects_scratch(w).a ^ know_halves(w, false).a;
}

u64 world_hash2_scratch(const struct world *w)
{
	return objects_scratch(w).b ^ know_halves(w, true).b;
}

/* ---- the bytes ---- */

static void put(struct state_bytes *out, const void *p, u32 n)
{
	if (out->cap - out->n < n) {
		out->cap = out->cap + out->cap / 2 + n + 1024;
		out->v = mem_grow(out->v, out->cap, 1);
	}
	memcpy(out->v + out->n, p, n);
	out->n += n;
}

static void put_u32(struct state_bytes *out, u32 x)
{
	put(out, &x, sizeof x);
}

/* Most of a state is zero: of 64 bytes, which words are not, and those. */
static void put_packed(struct state_bytes *out, const u8 *p, u32 n)
{
	for (u32 at = 0; at < n; at += 64) {
		u64 word[8] = {0};
		u8 packed[1 + sizeof word];
		u32 k = 1;

		memcpy(word, p + at, min_u64(64, n - at));
		packed[0] = 0;
		for (u32 i = 0; i < 8; i++)
			if (word[i]) {
				packed[0] |= (u8)(1u << i);
				memcpy(packed + k, &word[i], 8);
				k += 8;
			}
		put(out, packed, k);
	}
}

/* A cell that counts, in its place among all by key. */
struct cell {
	u64 key;
	const u8 *p;
	u32 n;
};

struct cells {
	VEC(struct cell)
};

static int by_key(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	return x->key != y->key ? (x->key < y->key ? -1 : 1) : memcmp(x->p, y->p, x->n);
}

static void put_object(const struct world *w, const struct region *r, u32 off,
		       struct state_bytes *out, struct cells *cells)
{
	u64 room[STATE_ROOM / 8];
	u32 n;
	const u8 *p = object_state(w, r, off, room, &n);

	if (!n)
		return;
	if (r->kind == REGION_CELL) {
		struct cell c = {.p = p, .n = n};

		memcpy(&c.key, p, sizeof c.key);
		vec_push(cells, c);
		return;
	}
	put_u32(out, off);
	if (r->kind == REGION_CUSTOM)
		put_u32(out, n);
	put_packed(out, p, n);
}

/* The first object of a region that begins at off or behind it. */
static u32 object_from(const struct region *r, u32 off)
{
	u32 past = off > r->off ? off - r->off : 0;

	return r->off + (past + r->stride - 1) / r->stride * r->stride;
}

/* Where no object counts is found once, and then followed by world_touch(). */
static void find_live(struct world *w)
{
	u64 room[STATE_ROOM / 8];

	w->live = mem_reserve(BLOCK_PAGES * sizeof *w->live);
	for (u32 i = 0; i < w->regions; i++) {
		const struct region *r = &w->region[i];
		u32 end = region_end(w, r), n;

		for (u32 off = r->off; r->kind != REGION_UNHASHED && off + r->stride <= end;
		     off += r->stride) {
			object_state(w, r, off, room, &n);
			if (n)
				mark_live(w, off);
		}
	}
}

/* Objects that begin in the chunk at off. */
static void put_chunk(const struct world *w, const struct region *r, u32 chunk, u32 end,
		      struct state_bytes *out, struct cells *cells)
{
	for (u32 off = object_from(r, chunk); off < chunk + CHUNK && off + r->stride <= end;
	     off += r->stride)
		put_object(w, r, off, out, cells);
}

static void put_region(const struct world *w, const struct region *r, struct state_bytes *out,
		       struct cells *cells)
{
	u32 end = region_end(w, r);

	for (u32 page = r->off >> PAGE_SHIFT; page < (end + BLOCK_PAGE - 1) >> PAGE_SHIFT; page++)
		for (u64 live = w->live[page]; live; live &= live - 1)
			put_chunk(w, r, (page << PAGE_SHIFT) + CHUNK * (u32)__builtin_ctzll(live),
				  end, out, cells);
}

void world_state(struct world *w, struct state_bytes *out)
{
	struct cells cells = {0};

	BUG_ON(!w->hashing);
	settle(w);
	if (!w->live)
		find_live(w);
	for (u32 i = 0; i < w->regions; i++)
		if (w->region[i].kind != REGION_UNHASHED)
			put_region(w, &w->region[i], out, &cells);
	put_u32(out, 0); /* no object is there */
	if (cells.n)
		qsort(cells.v, cells.n, sizeof *cells.v, by_key);
	put_u32(out, cells.n);
	for (u32 i = 0; i < cells.n; i++)
		put_packed(out, cells.v[i].p, cells.v[i].n);
	vec_free(&cells);
	if (!w->knows)
		return;
	w->room->n = 0;
	know_state(w, w->room);
	put_u32(out, w->room->n);
	put_packed(out, w->room->v, w->room->n);
}
