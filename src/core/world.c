/* SPDX-License-Identifier: MIT */
#include "core/world.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bug.h"
#include "base/mem.h"
#include "core/event.h"
#include "core/know.h"

enum { PAGE_SHIFT = 12, BLOCK_PAGES = BLOCK_BYTES >> PAGE_SHIFT };

struct world *world_new(bool doubled)
{
	struct world *w = mem_zalloc(1, sizeof *w);
	void *rd, *wr;

	if (doubled && mem_reserve_double(BLOCK_BYTES, &rd, &wr)) {
		w->doubled = true;
	} else {
		rd = wr = mem_reserve(BLOCK_BYTES);
	}
	w->rd = rd;
	w->wr = wr;
	w->region_of_page = mem_reserve(BLOCK_PAGES);
	w->used = BLOCK_PAGE; /* offset 0 means "none" everywhere */
	w->region[0] = (struct region){"none", 0, BLOCK_PAGE, CHUNK, CHUNK, REGION_UNHASHED, NULL};
	w->region_of_page[0] = 1;
	w->regions = 1;
	w->line = 64;
	w->line_shift = 6;
	w->parties = w->cpus = 1;
	w->now_off = world_region(w, "now", sizeof(struct now), CHUNK, REGION_UNHASHED, NULL);
	journal_init(&w->jn);
	w->jn.counter = w->now_off + (u32)offsetof(struct now, event);
	return w;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	journal_fini(&w->jn);
	event_log_free(w->log);
	if (w->doubled)
		mem_release((void *)(uintptr_t)w->rd, BLOCK_BYTES);
	mem_release(w->wr, BLOCK_BYTES);
	mem_release(w->region_of_page, BLOCK_PAGES);
	mem_free(w->touched);
	mem_free(w);
}

u32 world_region(struct world *w, const char *name, u64 len, u32 stride, enum region_kind kind,
		 u64 (*hash)(const struct world *, u32))
{
	u32 off = w->used;
	u64 end = align_up(off + (len ? len : 1), BLOCK_PAGE);
	struct region *r = &w->region[w->regions];

	BUG_ON(w->started || w->regions == REGIONS_MAX || end > BLOCK_BYTES);
	BUG_ON((kind == REGION_CUSTOM) != (hash != NULL) || stride == 0);
	*r = (struct region){name, off, (u32)(end - off), stride, stride, kind, hash};
	if (kind == REGION_RAW)
		r->stride = r->hashed = CHUNK;
	if (kind == REGION_CELL) {
		BUG_ON(stride != w->cell.stride);
		r->hashed = w->cell.hashed;
	}
	for (u32 p = off >> PAGE_SHIFT; p < end >> PAGE_SHIFT; p++)
		w->region_of_page[p] = (u8)(w->regions + 1);
	w->regions++;
	w->used = (u32)end;
	return off;
}

u32 world_open_region(struct world *w, const char *name, u32 stride, enum region_kind kind)
{
	u32 off = world_region(w, name, 1, stride, kind, NULL);
	struct region *r = &w->region[w->regions - 1];

	for (u32 p = off >> PAGE_SHIFT; p < BLOCK_PAGES; p++)
		w->region_of_page[p] = (u8)w->regions;
	r->len = (u32)(BLOCK_BYTES - off);
	w->used = off;
	w->started = true; /* nothing may follow */
	return off;
}

bool world_extend(struct world *w, u32 end)
{
	if (end > BLOCK_BYTES - BLOCK_PAGE)
		return false;
	if (end > w->used)
		w->used = (u32)align_up(end, BLOCK_PAGE);
	return true;
}

void world_set_cells(struct world *w, u32 line, bool truth, bool knows, u32 parties)
{
	u32 bits = line / 8;
	struct cell_geom *g = &w->cell;

	BUG_ON(!is_pow2(line) || line < 16 || line > LINE_MAX_BYTES);
	w->line = line;
	w->line_shift = (u32)__builtin_ctz(line);
	w->truth = truth;
	w->knows = truth && knows && parties > 1;
	w->parties = parties;
	g->old = 8 + line;
	g->und = g->old + bits;
	g->dis = g->und + bits;
	g->left = g->dis + bits;
	g->hashed = (u32)align_up(g->left + bits, 8);
	g->wid = w->knows ? g->hashed : 0;
	g->sup = w->knows ? g->hashed + 2 * line : 0;
	g->stride = g->hashed + (w->knows ? 4 * line : 0);
}

void world_start(struct world *w)
{
	w->started = true;
}

/* ---- accessors ---- */

static const struct region *region_at(const struct world *w, u32 off)
{
	u32 i = w->region_of_page[off >> PAGE_SHIFT];

	BUG_ON(i == 0 || off >= BLOCK_BYTES);
	return &w->region[i - 1];
}

u32 world_object(const struct world *w, u32 off)
{
	const struct region *r = region_at(w, off);

	return off - (off - r->off) % r->stride;
}

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

static u64 object_hash(const struct world *w, const struct region *r, u32 off)
{
	const u8 *p = w->rd + off;
	u64 key;

	switch (r->kind) {
	case REGION_RAW:
		return all_zero(p, CHUNK) ? 0 : world_hash_bytes(p, CHUNK, off);
	case REGION_CELL:
		memcpy(&key, p, sizeof key);
		return key ? world_hash_bytes(p, r->hashed, 1) : 0;
	case REGION_CUSTOM:
		return r->hash(w, off);
	case REGION_UNHASHED:
		break;
	}
	return 0;
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
	w->hash ^= object_hash(w, r, obj);
}

void *world_mut(struct world *w, u32 off, u32 len)
{
	if (w->hashing) {
		const struct region *r = region_at(w, off);
		u32 obj = off - (off - r->off) % r->stride;

		for (; obj < off + len; obj += r->stride)
			world_touch(w, obj);
	}
	journal_save(&w->jn, w->rd, off, len);
	return w->wr + off;
}

void world_write(struct world *w, const void *at, const void *from, u32 len)
{
	u32 off = world_off(w, at);

	BUG_ON(off < BLOCK_PAGE || off + len > w->used);
	if (memcmp(at, from, len) == 0)
		return;
	memcpy(world_mut(w, off, len), from, len);
}

/* ---- hash ---- */

void world_hash_on(struct world *w)
{
	w->touched_n = 0;
	w->hash = world_hash_scratch(w) ^ know_hash(w);
	w->hashing = true;
}

u64 world_hash(struct world *w)
{
	BUG_ON(!w->hashing);
	for (u32 i = 0; i < w->touched_n; i++)
		w->hash ^= object_hash(w, region_at(w, w->touched[i]), w->touched[i]);
	w->touched_n = 0;
	return w->hash ^ know_hash(w);
}

u64 world_hash_scratch(const struct world *w)
{
	u64 h = 0;

	for (u32 i = 0; i < w->regions; i++) {
		const struct region *r = &w->region[i];
		u32 end = (u32)min_u64((u64)r->off + r->len, w->used);

		if (r->kind == REGION_UNHASHED)
			continue;
		for (u32 off = r->off; off + r->stride <= end; off += r->stride)
			h ^= object_hash(w, r, off);
	}
	return h ^ know_hash(w);
}

/* ---- positions ---- */

struct mark world_mark(struct world *w)
{
	if (w->hashing)
		world_hash(w); /* settle, so that the hash belongs to this very state */
	return (struct mark){w->jn.pos, w->hash, w->used};
}

void world_undo(struct world *w, const struct mark *m)
{
	BUG_ON(m->rec > w->jn.pos || m->rec < w->jn.tail);
	while (w->jn.pos > m->rec)
		journal_step_back(&w->jn, w->wr);
	w->hash = m->hash;
	w->touched_n = 0;
}

bool world_back(struct world *w)
{
	struct journal *j = &w->jn;
	u64 p = j->pos;
	bool hashing = w->hashing;

	/* The boundary that ends this event, then all records before it up to the one before. */
	if (p == j->tail)
		return false;
	if (j->rec[(p - 1) & (WINDOW_RECORDS - 1)].len == 0)
		p--;
	while (p > j->tail && j->rec[(p - 1) & (WINDOW_RECORDS - 1)].len != 0)
		p--;
	if (p == j->tail && j->tail != 0)
		return false; /* the start of that event has left the window */
	while (j->pos > p)
		journal_step_back(j, w->wr);
	if (hashing)
		world_hash_on(w);
	return true;
}

bool world_forward(struct world *w)
{
	struct journal *j = &w->jn;

	if (j->pos == j->head)
		return false;
	while (j->pos < j->head) {
		journal_step_forward(j, w->wr);
		if (j->rec[(j->pos - 1) & (WINDOW_RECORDS - 1)].len == 0)
			break;
	}
	if (w->hashing)
		world_hash_on(w);
	return true;
}

/* ---- limits, proofs ---- */

void world_limit(struct world *w, enum limit_kind k)
{
	const struct now *n = world_now(w);

	if (n->limit == LIMIT_NONE)
		W_SET(w, n->limit, (u32)k);
}

const char *limit_text(enum limit_kind k)
{
	static const char *const text[] = {
	    "none",
#define LIMIT(id, text) text,
#include "core/limits.def"
#undef LIMIT
	};

	BUG_ON((u32)k >= ARRAY_LEN(text));
	return text[k];
}

s64 world_escaped(struct world *w, const struct mark *m, const u8 *shadow, u32 shadow_len)
{
	u32 len = w->used > shadow_len ? w->used : shadow_len;
	u8 *copy = mem_zalloc(len, 1);
	struct journal *j = &w->jn;
	u64 at = j->pos, bytes = j->bpos;
	s64 bad = -1;

	memcpy(copy, w->rd, w->used);
	while (at > m->rec) {
		const struct jrec *r = &j->rec[--at & (WINDOW_RECORDS - 1)];

		bytes -= r->len;
		journal_bytes(j, bytes, copy + r->off, r->len);
		if (r->len == 0)
			--*(u32 *)(void *)(copy + j->counter);
	}
	if (w->used == shadow_len && memcmp(copy, shadow, shadow_len) == 0)
		len = 0;
	for (u32 i = 0; i < len && bad < 0; i++)
		if (copy[i] != (i < shadow_len ? shadow[i] : 0))
			bad = i;
	mem_free(copy);
	return bad;
}
