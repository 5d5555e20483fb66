/* SPDX-License-Identifier: MIT */
/*
 * A set-associative cache that carries data, one level or two (an outer cache by physical address,
 * as the PL310). Write-back with write-allocate, or write-through without; true LRU, or a victim
 * that hardware chooses. A line is hashed by its address, never by its way.
 *
 * Model: the levels are neither inclusive nor exclusive: a fill from memory puts the line in both,
 * a write-back of the inner one goes to the outer line if there is one, else to memory.
 */
#include "base/bug.h"
#include "hw/hw.h"

enum { VALID = 1, DIRTY = 2, REFILLED = 4, STATE = 15 };

/* One set: tags are line addresses with the state in their low bits; order: ways, newest first. */
struct set_head {
	u64 tag[WAYS_MAX];
	u8 order[WAYS_MAX];
};

static const struct cache_config *config(const struct hw *h, u32 level)
{
	return level == LEVEL_OUTER ? &h->cfg->outer : &h->cfg->l1;
}

static u32 head_stride(const struct cache_config *c)
{
	return (u32)align_up((u64)c->ways * 9, 8);
}

struct where {
	const struct cache_config *c;
	u32 head;	 /* offset of the set head */
	const u64 *tag;	 /* c->ways of them */
	const u8 *order; /* c->ways of them */
	u32 cells;	 /* offset of the set's first cell */
	s32 way;	 /* -1: absent */
};

static bool is_line(u64 tag, u64 line_pa)
{
	return (tag & ~(u64)(STATE & ~VALID)) == (line_pa | VALID);
}

static struct where find(const struct hw *h, u32 level, u64 line_pa)
{
	struct where f = {.c = config(h, level), .way = -1};
	u32 set, first;

	if (!f.c->sets)
		return f;
	set = (u32)(line_pa >> h->w->line_shift) & (f.c->sets - 1);
	f.head = h->head[level] + set * head_stride(f.c);
	f.tag = world_at(h->w, f.head);
	f.order = (const u8 *)(f.tag + f.c->ways);
	f.cells = h->cell[level] + set * f.c->ways * h->w->cell.stride;
	first = f.order[0]; /* what was used last is asked for most */
	if (is_line(f.tag[first], line_pa)) {
		f.way = (s32)first;
		return f;
	}
	for (u32 i = 0; i < f.c->ways; i++)
		if (is_line(f.tag[i], line_pa)) {
			f.way = (s32)i;
			break;
		}
	return f;
}

static u32 cell_of(const struct hw *h, const struct where *f, u32 way)
{
	return f->cells + way * h->w->cell.stride;
}

/* The order of a set counts for what comes next; single lines have none. */
static u64 head_hash(const struct world *w, u32 off)
{
	const struct hw *h = w->ops.ctx;
	u32 level = h->head[1] && off >= h->head[1] ? LEVEL_OUTER : LEVEL_L1;
	const struct cache_config *c = config(h, level);
	const u64 *tag = world_at(w, off);
	const u8 *order = (const u8 *)(tag + c->ways);
	u64 seq[WAYS_MAX];
	u32 n = 0;

	if (c->replacement != REPLACE_LRU)
		return 0;
	for (u32 i = 0; i < c->ways; i++)
		if (tag[order[i]] & VALID)
			seq[n++] = tag[order[i]] & ~(u64)STATE;
	return n < 2 ? 0 : world_hash_bytes(seq, n * sizeof *seq, 20 + level);
}

void cache_claim(struct hw *h, u32 level)
{
	const struct cache_config *c = config(h, level);
	u32 stride = head_stride(c);

	h->head[level] = world_region(h->w, level ? "outer cache sets" : "cache sets",
				      (u64)c->sets * stride, stride, REGION_CUSTOM, head_hash);
	h->cell[level] = world_region(h->w, level ? "outer cache lines" : "cache lines",
				      (u64)c->sets * c->ways * h->w->cell.stride, h->w->cell.stride,
				      REGION_CELL, NULL);
	for (u32 s = 0; s < c->sets; s++) {
		u8 *order = h->w->wr + h->head[level] + s * stride + c->ways * 8;

		for (u32 i = 0; i < c->ways; i++)
			order[i] = (u8)i;
	}
}

struct line_info cache_line(const struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);

	if (f.way < 0)
		return (struct line_info){0};
	return (struct line_info){true, f.tag[f.way] & DIRTY, f.tag[f.way] & REFILLED,
				  cell_of(h, &f, (u32)f.way)};
}

u32 cache_lines(const struct hw *h, enum cache_level l, u64 *line_pa, u32 max)
{
	const struct cache_config *c = config(h, l);
	u32 n = 0;

	for (u32 s = 0; s < c->sets; s++) {
		const u64 *tag = world_at(h->w, h->head[l] + s * head_stride(c));

		for (u32 i = 0; i < c->ways; i++)
			if (tag[i] & VALID) {
				if (n < max)
					line_pa[n] = tag[i] & ~(u64)STATE;
				n++;
			}
	}
	return n;
}

/* The state stands in the tag, for look-up, and in the cell's key, for the hash. */
static void set_tag(struct hw *h, const struct where *f, u32 way, u64 tag)
{
	u32 cell = cell_of(h, f, way), at = world_off(h->w, &f->tag[way]);

	if (f->tag[way] == tag)
		return;
	*(u64 *)world_mut_obj(h->w, f->head, at, 8) = tag;
	*(u64 *)world_mut_obj(h->w, cell, cell, 8) =
	    tag ? (tag | (f->cells >= h->cell[1] && h->cell[1] ? 3ull : 2ull) << 60) : 0;
}

static void to_front(struct hw *h, const struct where *f, u32 way)
{
	u32 i = 0, off = world_off(h->w, f->order);
	u8 *order;

	if (f->order[0] == way)
		return;
	while (f->order[i] != way)
		i++;
	order = world_mut_obj(h->w, f->head, off, i + 1);
	memmove(order + 1, order, i);
	order[0] = (u8)way;
}

u32 cache_use(struct hw *h, u64 line_pa, bool store)
{
	struct where f = find(h, LEVEL_L1, line_pa);

	if (f.way < 0)
		return 0;
	if (f.c->replacement == REPLACE_LRU)
		to_front(h, &f, (u32)f.way);
	if (store && !f.c->write_through)
		set_tag(h, &f, (u32)f.way, f.tag[f.way] | DIRTY);
	return cell_of(h, &f, (u32)f.way);
}

static s32 free_way(const struct where *f)
{
	for (u32 i = 0; i < f->c->ways; i++)
		if (!(f->tag[i] & VALID))
			return (s32)i;
	return -1;
}

bool cache_has_room(const struct hw *h, u64 line_pa)
{
	struct where f = find(h, LEVEL_L1, line_pa);

	return f.way >= 0 || free_way(&f) >= 0;
}

/* The way of a full set that goes. Where any will do, never by its place: that is no state. */
static u32 victim(const struct where *f)
{
	u64 best = ~0ull;
	u32 way = 0;

	if (f->c->replacement == REPLACE_LRU)
		return f->order[f->c->ways - 1];
	for (u32 i = 0; i < f->c->ways; i++) { /* the lowest address, clean ones first */
		u64 rank = (f->tag[i] & ~(u64)STATE) | (f->tag[i] & DIRTY ? 1ull << 63 : 0);

		if (rank < best) {
			best = rank;
			way = i;
		}
	}
	return way;
}

u64 cache_victim(const struct hw *h, u64 line_pa)
{
	struct where f = find(h, LEVEL_L1, line_pa);

	return f.tag[victim(&f)] & ~(u64)STATE;
}

static void move_out(struct hw *h, u32 level, u64 line_pa, u32 cell)
{
	struct where outer = find(h, LEVEL_OUTER, line_pa);
	u32 to;

	if (level == LEVEL_L1 && outer.way >= 0) {
		copies_move_line(h->w, line_pa, cell_of(h, &outer, (u32)outer.way), cell,
				 COPY_OUTER);
		set_tag(h, &outer, (u32)outer.way, outer.tag[outer.way] | DIRTY);
		return;
	}
	to = memory_cell(h->w, line_pa);
	if (to)
		copies_move_line(h->w, line_pa, to, cell, COPY_MEMORY);
}

void cache_write_back(struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);

	BUG_ON(f.way < 0 || !(f.tag[f.way] & DIRTY));
	move_out(h, l, line_pa, cell_of(h, &f, (u32)f.way));
	set_tag(h, &f, (u32)f.way, f.tag[f.way] & ~(u64)DIRTY);
	EMIT(h->w, WRITE_BACK, PARTY_CPU, 0, line_pa, l);
}

static void remove_line(struct hw *h, const struct where *f, enum cache_level l, u64 line_pa)
{
	u32 cell = cell_of(h, f, (u32)f->way);

	copies_drop_line(h->w, line_pa, cell, l == LEVEL_OUTER ? COPY_OUTER : COPY_CACHE);
	set_tag(h, f, (u32)f->way, 0);
	/* What an absent way holds is no state: it is cleared, so that equal worlds are equal
	 * bytes. */
	memset(world_mut_obj(h->w, cell, cell + 8, h->w->cell.hashed - 8), 0,
	       h->w->cell.hashed - 8);
}

void cache_drop(struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);

	BUG_ON(f.way < 0 || (f.tag[f.way] & DIRTY));
	if (l == LEVEL_L1)
		cpu_remember_drop(h, line_pa, cell_of(h, &f, (u32)f.way));
	remove_line(h, &f, l, line_pa);
	EMIT(h->w, DROP, PARTY_CPU, 0, line_pa, l);
}

void cache_clean(struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);

	if (f.way < 0)
		return;
	if (f.tag[f.way] & DIRTY)
		move_out(h, l, line_pa, cell_of(h, &f, (u32)f.way));
	set_tag(h, &f, (u32)f.way, f.tag[f.way] & ~(u64)(DIRTY | REFILLED));
	EMIT(h->w, CLEAN, PARTY_CPU, 0, line_pa, l);
}

void cache_invalidate(struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);
	bool dirty;

	if (f.way < 0)
		return;
	dirty = f.tag[f.way] & DIRTY;
	remove_line(h, &f, l, line_pa);
	EMIT(h->w, INVALIDATE, PARTY_CPU, 0, line_pa, l, dirty);
}

/* Makes room in the set: the victim goes, written back first if dirty. */
static void evict(struct hw *h, u32 level, struct where *f)
{
	u32 way = victim(f);
	u64 pa = f->tag[way] & ~(u64)STATE;

	if (f->tag[way] & DIRTY)
		cache_write_back(h, (enum cache_level)level, pa);
	cache_drop(h, (enum cache_level)level, pa);
}

static u32 put(struct hw *h, u32 level, u64 line_pa, u32 from, bool speculative)
{
	struct where f = find(h, level, line_pa);
	u64 state = VALID | (h->w->truth ? REFILLED : 0);
	s32 way = free_way(&f);
	u32 cell;

	if (way < 0) {
		evict(h, level, &f);
		way = free_way(&f);
	}
	cell = cell_of(h, &f, (u32)way);
	set_tag(h, &f, (u32)way, line_pa | state);
	copies_move_line(h->w, line_pa, cell, from, level ? COPY_OUTER : COPY_CACHE);
	if (f.c->replacement == REPLACE_LRU)
		to_front(h, &f, (u32)way);
	if (speculative)
		EMIT(h->w, SPEC_FILL, PARTY_CPU, 0, line_pa, level);
	else
		EMIT(h->w, FILL, PARTY_CPU, 0, line_pa, level);
	return cell;
}

enum access cache_fill(struct hw *h, u64 line_pa, bool speculative, u32 *cell)
{
	struct where f = find(h, LEVEL_L1, line_pa);
	u32 from;

	if (f.way >= 0) {
		*cell = cell_of(h, &f, (u32)f.way);
		return ACCESS_OK;
	}
	if (f.c->replacement == REPLACE_CHOICE && free_way(&f) < 0)
		return ACCESS_BLOCKED;
	from = memory_cell(h->w, line_pa);
	if (!from)
		return ACCESS_FAULT;
	if (h->cfg->outer.sets) {
		struct where o = find(h, LEVEL_OUTER, line_pa);

		from = o.way >= 0 ? cell_of(h, &o, (u32)o.way)
				  : put(h, LEVEL_OUTER, line_pa, from, speculative);
	}
	*cell = put(h, LEVEL_L1, line_pa, from, speculative);
	return ACCESS_OK;
}
