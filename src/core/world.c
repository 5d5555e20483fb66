/* SPDX-License-Identifier: MIT */
#include "core/world.h"

#include "base/bug.h"
#include "base/mem.h"
#include "core/event.h"
#include "core/world_int.h"

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
	w->room = mem_zalloc(1, sizeof *w->room);
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
	mem_release(w->live, BLOCK_PAGES * sizeof *w->live);
	mem_free(w->touched);
	vec_free(w->room);
	mem_free(w->room);
	mem_free(w);
}

u32 world_region(struct world *w, const char *name, u64 len, u32 stride, enum region_kind kind,
		 state_fn state)
{
	u32 off = w->used;
	u64 end = align_up(off + (len ? len : 1), BLOCK_PAGE);
	struct region *r = &w->region[w->regions];

	BUG_ON(w->started || w->regions == REGIONS_MAX || end > BLOCK_BYTES);
	BUG_ON((kind == REGION_CUSTOM) != (state != NULL) || stride == 0);
	*r = (struct region){name, off, (u32)(end - off), stride, stride, kind, state};
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

u32 world_object(const struct world *w, u32 off)
{
	const struct region *r = region_at(w, off);

	return off - (off - r->off) % r->stride;
}

/* Of all objects that [off, off + len) is in. */
static void touch_range(struct world *w, u32 off, u32 len)
{
	const struct region *r = region_at(w, off);
	u32 obj = off & ~(u32)(CHUNK - 1);

	if (r->kind == REGION_UNHASHED)
		return;
	if (r->kind != REGION_RAW)
		obj = off - (off - r->off) % r->stride;
	for (; obj < off + len; obj += r->stride)
		world_touch(w, obj);
}

void *world_mut(struct world *w, u32 off, u32 len)
{
	if (w->hashing)
		touch_range(w, off, len);
	journal_save(&w->jn, w->rd, off, len);
	return w->wr + off;
}

void world_put(struct world *w, const void *at, const void *from, u32 len)
{
	u32 off = world_off(w, at);

	BUG_ON(off < BLOCK_PAGE || off + len > w->used);
	memcpy(world_mut(w, off, len), from, len);
}

/* ---- positions ---- */

struct mark world_mark(struct world *w)
{
	if (w->hashing)
		world_hash(w); /* settle, so that the hash belongs to this very state */
	return (struct mark){w->jn.pos, w->hash, w->hash2, w->used};
}

void world_undo(struct world *w, const struct mark *m)
{
	journal_undo(&w->jn, w->wr, m->rec);
	w->hash = m->hash;
	w->hash2 = m->hash2;
	w->touched_n = 0;
}

bool world_back(struct world *w)
{
	struct journal *j = &w->jn;
	u64 p = j->pos;

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
	if (w->hashing)
		world_rehash(w);
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
		world_rehash(w);
	return true;
}

void world_back_to_event(struct world *w)
{
	struct journal *j = &w->jn;

	while (j->pos > j->tail && j->rec[(j->pos - 1) & (WINDOW_RECORDS - 1)].len != 0)
		journal_step_back(j, w->wr);
	if (w->hashing)
		world_rehash(w);
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
