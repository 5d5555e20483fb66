/* SPDX-License-Identifier: MIT */
/*
 * A set-associative cache that carries data, one level or two (an outer cache by physical address,
 * as the PL310). Write-back with write-allocate, or write-through without; true LRU, or a victim
 * that hardware chooses. A line is hashed by its address, never by its way.
 *
 * Model: the levels are neither inclusive nor exclusive: a fill from memory puts the line in both,
 * a write-back of the inner one goes to the outer line if there is one, else to memory.
 */
#include "hw/cache_int.h"
#include "hw/memory_int.h"

#include "base/bug.h"

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

/* A set, and the way that holds a line. */
struct where {
	const u64 *tag;	 /* of each way; the order of ways follows */
	const u8 *order; /* ways, newest first */
	u32 head, cells; /* offsets of the set head and of its first cell */
	u32 level;
	s32 way;  /* -1: absent */
	s32 room; /* absent: the first way that is free, -1: none */
};

static inline struct where find(const struct hw *h, u32 level, u64 line_pa)
{
	const struct cache_geom *g = &h->geom[level];
	u32 set = (u32)(line_pa >> h->w->line_shift) & g->set_mask;
	struct where f = {.level = level, .way = -1, .room = -1};
	u64 all = TAG_VALID;

	if (!g->present)
		return f;
	f.head = h->head[level] + set * g->head_stride;
	f.cells = h->cell[level] + set * g->set_stride;
	f.tag = world_at(h->w, f.head);
	f.order = (const u8 *)(f.tag + g->ways);
	for (u32 i = 0; i < g->ways; i++) {
		if (is_line(f.tag[i], line_pa)) {
			f.way = (s32)i;
			return f;
		}
		all &= f.tag[i];
	}
	while (!(all & TAG_VALID) && (f.tag[++f.room] & TAG_VALID))
		;
	return f;
}

static inline u32 cell_of(const struct hw *h, const struct where *f, u32 way)
{
	return f->cells + way * h->w->cell.stride;
}

/* One miss is all of what follows: worth being one function for the compiler. */
#define HOT static inline __attribute__((always_inline))

/* The order of a set counts for what comes next; single lines have none. */
static const void *head_state(const struct world *w, u32 off, u64 *seq, u32 *n)
{
	const struct hw *h = w->ops.ctx;
	const struct cache_config *c =
	    config(h, h->head[1] && off >= h->head[1] ? LEVEL_OUTER : LEVEL_L1);
	const u64 *tag = world_at(w, off);
	const u8 *order = (const u8 *)(tag + c->ways);
	u32 lines = 0;

	_Static_assert(WAYS_MAX * sizeof *seq <= STATE_ROOM, "room for all ways");
	*n = 0;
	for (u32 i = 0; i < c->ways; i++)
		if (tag[order[i]] & TAG_VALID)
			seq[lines++] = tag[order[i]] & ~(u64)TAG_STATE;
	*n = lines < 2 ? 0 : lines * (u32)sizeof *seq;
	return seq;
}

void cache_claim(struct hw *h, u32 level)
{
	const struct cache_config *c = config(h, level);
	u32 stride = head_stride(c);
	bool lru = c->replacement == REPLACE_LRU; /* else no order counts */

	h->geom[level] = (struct cache_geom){
	    .set_mask = c->sets - 1,
	    .ways = c->ways,
	    .head_stride = stride,
	    .set_stride = c->ways * h->w->cell.stride,
	    .present = true,
	    .lru = lru,
	    .through = c->write_through,
	};
	h->head[level] =
	    world_region(h->w, level ? "outer cache sets" : "cache sets", (u64)c->sets * stride,
			 stride, lru ? REGION_CUSTOM : REGION_UNHASHED, lru ? head_state : NULL);
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
	return (struct line_info){true, f.tag[f.way] & TAG_DIRTY, f.tag[f.way] & TAG_REFILLED,
				  cell_of(h, &f, (u32)f.way)};
}

bool cache_next(const struct hw *h, enum cache_level l, struct cache_place *at, u64 *line_pa)
{
	const struct cache_config *c = config(h, l);

	for (; at->set < c->sets; at->set++, at->way = 0) {
		const u64 *tag = world_at(h->w, h->head[l] + at->set * head_stride(c));

		while (at->way < c->ways) {
			u64 t = tag[at->way++];

			if (t & TAG_VALID) {
				*line_pa = t & ~(u64)TAG_STATE;
				return true;
			}
		}
	}
	return false;
}

/* The state stands in the tag, for look-up, and in the cell's key, for the hash. */
static u64 key_of(const struct where *f, u64 tag)
{
	return tag ? (tag | (f->level == LEVEL_OUTER ? 3ull : 2ull) << 60) : 0;
}

HOT void set_tag(struct hw *h, const struct where *f, u32 way, u64 tag)
{
	u32 cell = cell_of(h, f, way);

	*(u64 *)world_mut_obj(h->w, f->head, f->head + way * 8, 8) = tag;
	*(u64 *)world_mut_obj(h->w, cell, cell, 8) = key_of(f, tag);
}

HOT void set_state(struct hw *h, const struct where *f, u32 way, u64 set, u64 clear)
{
	u64 tag = (f->tag[way] | set) & ~clear;

	if (tag != f->tag[way])
		set_tag(h, f, way, tag);
}

HOT void to_front(struct hw *h, const struct where *f, u32 way)
{
	u32 i = 0, ways = h->geom[f->level].ways;
	u8 *order;

	if (!h->geom[f->level].lru || f->order[0] == way)
		return;
	if (f->order[ways - 1] == way) /* a victim that was replaced */
		i = ways - 1;
	while (f->order[i] != way)
		i++;
	order = world_mut_obj(h->w, f->head, world_off(h->w, f->order), i + 1);
	if (i == 7)
		memmove(order + 1, order, 7); /* no call */
	else
		memmove(order + 1, order, i);
	order[0] = (u8)way;
}

bool cache_has_room(const struct hw *h, u64 line_pa)
{
	struct where f = find(h, LEVEL_L1, line_pa);

	return f.way >= 0 || f.room >= 0;
}

bool cache_may_fetch(const struct hw *h, u64 line_pa)
{
	struct where f = find(h, LEVEL_L1, line_pa);

	return f.way < 0 && f.room >= 0;
}

bool cache_set_full(const struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);

	for (u32 i = 0; i < h->geom[l].ways; i++)
		if (!(f.tag[i] & TAG_VALID))
			return false;
	return true;
}

bool cache_same_set(const struct hw *h, enum cache_level l, u64 a, u64 b)
{
	return ((a ^ b) >> h->w->line_shift & h->geom[l].set_mask) == 0;
}

/* The way of a full set that goes. Where any will do, never by its place: that is no state. */
HOT u32 victim(const struct hw *h, const struct where *f)
{
	const struct cache_geom *g = &h->geom[f->level];
	u64 best = ~0ull;
	u32 way = 0;

	if (g->lru)
		return f->order[g->ways - 1];
	for (u32 i = 0; i < g->ways; i++) { /* the lowest address, clean ones first */
		u64 rank = (f->tag[i] & ~(u64)TAG_STATE) | (f->tag[i] & TAG_DIRTY ? 1ull << 63 : 0);

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

	return f.tag[victim(h, &f)] & ~(u64)TAG_STATE;
}

HOT void move_out(struct hw *h, u32 level, u64 line_pa, u32 cell)
{
	u32 to;

	if (level == LEVEL_L1 && h->geom[LEVEL_OUTER].present) {
		struct where outer = find(h, LEVEL_OUTER, line_pa);

		if (outer.way >= 0) {
			copies_move_line(h->w, line_pa, cell_of(h, &outer, (u32)outer.way), cell,
					 COPY_OUTER);
			set_state(h, &outer, (u32)outer.way, TAG_DIRTY, 0);
			return;
		}
	}
	to = memory_have(h, line_pa);
	if (to)
		copies_move_line(h->w, line_pa, to, cell, COPY_MEMORY);
}

HOT void write_back(struct hw *h, const struct where *f, u32 level, u32 way)
{
	u64 pa = f->tag[way] & ~(u64)TAG_STATE;

	move_out(h, level, pa, cell_of(h, f, way));
	set_state(h, f, way, 0, TAG_DIRTY);
	EMIT(h->w, WRITE_BACK, PARTY_CPU, 0, pa, level);
}

void cache_write_back(struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);

	BUG_ON(f.way < 0 || !(f.tag[f.way] & TAG_DIRTY));
	write_back(h, &f, l, (u32)f.way);
}

HOT void remove_line(struct hw *h, const struct where *f, u32 level, u32 way)
{
	u64 pa = f->tag[way] & ~(u64)TAG_STATE;
	u32 cell = cell_of(h, f, way);

	if (!copies_held(h->w, cell, memory_look(h, pa)))
		copies_drop_line(h->w, pa, cell, level == LEVEL_OUTER ? COPY_OUTER : COPY_CACHE);
	set_tag(h, f, way, 0);
}

/* What an absent way holds is no state: it is cleared, so that equal worlds are equal bytes. */
static void clear(struct hw *h, const struct where *f, u32 way)
{
	u32 cell = cell_of(h, f, way), n = h->w->cell.hashed - 8;

	memset(world_mut_obj(h->w, cell, cell + 8, n), 0, n);
}

/* refilled: another line comes at once, so that there is nothing to clear. */
HOT void drop(struct hw *h, const struct where *f, u32 level, u32 way, bool refilled)
{
	u64 pa = f->tag[way] & ~(u64)TAG_STATE;

	if (level == LEVEL_L1 && h->cfg->early_loads)
		cpu_remember_drop(h, pa, cell_of(h, f, way));
	remove_line(h, f, level, way);
	if (!refilled)
		clear(h, f, way);
	event_line_moved(h->w, EV_DROP, PARTY_CPU, pa, level);
}

void cache_drop(struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);

	BUG_ON(f.way < 0 || (f.tag[f.way] & TAG_DIRTY));
	drop(h, &f, l, (u32)f.way, false);
}

void cache_clean(struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);

	if (f.way < 0)
		return;
	if (f.tag[f.way] & TAG_DIRTY)
		move_out(h, l, line_pa, cell_of(h, &f, (u32)f.way));
	set_state(h, &f, (u32)f.way, 0, TAG_DIRTY | TAG_REFILLED);
	EMIT(h->w, CLEAN, PARTY_CPU, 0, line_pa, l);
}

void cache_invalidate(struct hw *h, enum cache_level l, u64 line_pa)
{
	struct where f = find(h, l, line_pa);
	bool dirty;

	if (f.way < 0)
		return;
	dirty = f.tag[f.way] & TAG_DIRTY;
	remove_line(h, &f, l, (u32)f.way);
	clear(h, &f, (u32)f.way);
	EMIT(h->w, INVALIDATE, PARTY_CPU, 0, line_pa, l, dirty);
}

u32 cache_outer_store(struct hw *h, u64 line_pa)
{
	struct where f;

	if (!h->geom[LEVEL_OUTER].present)
		return 0;
	f = find(h, LEVEL_OUTER, line_pa);
	if (f.way < 0)
		return 0;
	set_state(h, &f, (u32)f.way, TAG_DIRTY, 0);
	return cell_of(h, &f, (u32)f.way);
}

void cache_forget(struct hw *h, u64 line_pa)
{
	u32 cell = memory_cell_at(h->w, line_pa), n = h->w->cell.hashed - 8;
	static const u8 zero[LINE_MAX_BYTES * 2];

	BUG_ON(h->w->truth || n > sizeof zero);
	for (u32 l = 0; l < 2; l++) {
		struct where f = {.way = -1};

		if (h->geom[l].present)
			f = find(h, (enum cache_level)l, line_pa);
		if (f.way < 0)
			continue;
		set_tag(h, &f, (u32)f.way, 0);
		clear(h, &f, (u32)f.way);
	}
	if (cell)
		world_write(h->w, world_at(h->w, cell + 8), zero, n);
}

/* Makes room in the set: the victim goes, written back first if dirty. */
HOT u32 evict(struct hw *h, const struct where *f, u32 level)
{
	u32 way = victim(h, f);

	if (f->tag[way] & TAG_DIRTY)
		write_back(h, f, level, way);
	drop(h, f, level, way, true);
	return way;
}

/* Puts a line that is not there into its set; its cell. */
HOT u32 put(struct hw *h, const struct where *f, u32 level, u64 line_pa, u32 from, bool speculative)
{
	u64 tag = line_pa | TAG_VALID | (h->w->truth ? TAG_REFILLED : 0);
	s32 way = f->room;
	u32 cell;

	if (way < 0)
		way = (s32)evict(h, f, level);
	cell = cell_of(h, f, (u32)way);
	copies_fill_line(h->w, cell, from, key_of(f, tag));
	*(u64 *)world_mut_obj(h->w, f->head, f->head + (u32)way * 8, 8) = tag;
	to_front(h, f, (u32)way);
	if (speculative)
		EMIT(h->w, SPEC_FILL, PARTY_CPU, 0, line_pa, level);
	else
		event_line_moved(h->w, EV_FILL, PARTY_CPU, line_pa, level);
	return cell;
}

/* f: where the line would be in L1. */
HOT enum access fill(struct hw *h, const struct where *f, u64 line_pa, bool speculative, u32 *cell)
{
	u32 from;

	if (!h->geom[LEVEL_L1].lru && f->room < 0)
		return ACCESS_BLOCKED;
	from = memory_have(h, line_pa);
	if (!from)
		return ACCESS_FAULT;
	/* Its bytes will be needed when room for them has been made. */
	__builtin_prefetch(world_at(h->w, from + 64));
	if (h->cfg->outer.sets) {
		struct where o = find(h, LEVEL_OUTER, line_pa);

		from = o.way >= 0 ? cell_of(h, &o, (u32)o.way)
				  : put(h, &o, LEVEL_OUTER, line_pa, from, speculative);
	}
	*cell = put(h, f, LEVEL_L1, line_pa, from, speculative);
	return ACCESS_OK;
}

enum access cache_fill(struct hw *h, u64 line_pa, bool speculative, u32 *cell)
{
	struct where f = find(h, LEVEL_L1, line_pa);

	if (f.way < 0)
		return fill(h, &f, line_pa, speculative, cell);
	*cell = cell_of(h, &f, (u32)f.way);
	return ACCESS_OK;
}

enum access cache_use(struct hw *h, u64 line_pa, enum cache_use use, u32 *cell)
{
	struct where f;
	enum access a;

	f = find(h, LEVEL_L1, line_pa);
	if (f.way >= 0) {
		*cell = cell_of(h, &f, (u32)f.way);
		to_front(h, &f, (u32)f.way);
	} else {
		if (use == USE_STORE && h->geom[LEVEL_L1].through)
			return ACCESS_OK;
		a = fill(h, &f, line_pa, false, cell);
		if (a != ACCESS_OK)
			return a;
		f.way = (s32)((*cell - f.cells) / h->w->cell.stride);
	}
	if (use == USE_STORE && !h->geom[LEVEL_L1].through)
		set_state(h, &f, (u32)f.way, TAG_DIRTY, 0);
	return ACCESS_OK;
}
