/* SPDX-License-Identifier: MIT */
/*
 * Loads, stores, copies and barriers of a core. A store goes into the store buffer
 * (hw/buffer.c) or, without one, straight to the cache. A load sees the buffer, the cache, memory.
 *
 * Early loads: what somebody else's change replaces is remembered until a point that orders loads;
 * a weak core may answer with such an older version, as if the load had been done before.
 */
#include "hw/cache_int.h"
#include "hw/cpu_int.h"
#include "hw/memory_int.h"

#include "base/bug.h"

/* The copy at home of the part of a granule that is not in the store buffer. */
struct copyref cpu_backing(const struct hw *h, u64 pa, u32 n, enum memtype type)
{
	u64 line = align_down(pa, h->w->line);
	u32 pos = (u32)(pa - line), cell;

	if (type == MEM_CACHED) {
		struct line_info l = cache_line(h, LEVEL_L1, line);

		if (l.present)
			return copies_cell(h->w, l.cell, pos, n, COPY_CACHE);
		if (h->cfg->outer.sets) {
			l = cache_line(h, LEVEL_OUTER, line);
			if (l.present)
				return copies_cell(h->w, l.cell, pos, n, COPY_OUTER);
		}
	}
	cell = memory_cell_at(h->w, line);
	if (!cell)
		return (struct copyref){.n = 0, .kind = COPY_MEMORY};
	return copies_cell(h->w, cell, pos, n, COPY_MEMORY);
}

/* Puts the buffered bytes of [pa, pa+n) over what the view holds; the youngest entry wins. */
static void forward(const struct hw *h, u64 pa, u32 n, struct view *v)
{
	const struct cpu_state *c = hw_cpu(h);
	u64 granule = align_down(pa, 8);

	for (u32 i = 0; i < c->entries; i++) {
		if (c->sb[i].pa != granule)
			continue;
		for (u32 b = 0; b < n; b++) {
			u32 at = (u32)(pa - granule) + b;
			struct copyref r;

			if (!(c->sb[i].mask >> at & 1))
				continue;
			r = buffer_copy(h, h->self, i, at, 1);
			copies_view(h->w, &r, v, b);
			if (b == 0)
				v->from = COPY_BUFFER;
		}
	}
}

/* Bytes beyond n stay as they are: a view is large, and there is one for each access. */
static void view_start(struct view *v, u32 n, u8 from)
{
	v->n = (u8)n;
	v->from = from;
	v->old = v->und = 0;
}

void cpu_peek(const struct hw *h, u64 pa, enum memtype type, u32 n, struct view *v)
{
	struct copyref r = cpu_backing(h, pa, n, type);

	view_start(v, n, r.kind);
	if (r.n) {
		copies_view(h->w, &r, v, 0);
	} else {
		memset(v->data, 0, n);
		memset(v->wid, 0, 2 * n);
		memset(v->sup, 0, 2 * n);
	}
	forward(h, pa, n, v);
}

static u64 view_value(const struct view *v)
{
	u64 x = 0;

	copy_small(&x, v->data, v->n < 8 ? v->n : 8);
	return x;
}

static bool crosses(u64 pa, u32 n)
{
	return n - 1 > 7 - (pa & 7);
}

bool cpu_load_blocked(const struct hw *h, cpu_addr_t va)
{
	phys_addr_t pa;
	enum memtype type;

	return va_translate(h, va, &pa, &type) && type == MEM_CACHED &&
	       h->cfg->l1.replacement == REPLACE_CHOICE && h->cfg->l1.sets &&
	       !cache_has_room(h, align_down(pa.pa, h->w->line));
}

static void learn(struct hw *h, const struct view *v, bool once)
{
	u16 last = 0;

	if (!h->w->knows)
		return;
	for (u32 i = 0; i < v->n; i++)
		if (v->wid[i] != last) {
			last = v->wid[i];
			know_learn_read(h->w, hw_party(h), last, !once);
		}
}

/* As copies_view() of n bytes of a granule in a cell of the cache; their value. */
static inline u64 view_cell(const struct world *w, u32 cell, u32 pos, u32 n, struct view *v)
{
	const u8 *old = world_at(w, cell + w->cell.old + pos / 8);
	u32 mask = (1u << n) - 1;
	u64 x = 0;

	copy_small(&x, world_at(w, cell + 8 + pos), n);
	memcpy(v->data, &x, 8);
	v->n = (u8)n;
	v->from = COPY_CACHE;
	v->old = (u32)(old[0] >> (pos & 7)) & mask;
	v->und = (u32)(old[w->cell.und - w->cell.old] >> (pos & 7)) & mask;
	if (w->cell.wid) {
		memcpy(v->wid, world_at(w, cell + w->cell.wid + 2 * pos), 2 * n);
		memcpy(v->sup, world_at(w, cell + w->cell.sup + 2 * pos), 2 * n);
	} else {
		memset(v->wid, 0, 16);
		memset(v->sup, 0, 16);
	}
	return x;
}

/* Any load but a plain one that hits L1 with nothing in the store buffer. */
static NOINLINE enum access load_far(struct hw *h, cpu_addr_t va, u32 n, bool once, u32 age,
				     u32 dep, struct view *v, u32 *time)
{
	enum event_kind kind = EV_LOAD_MEMORY;
	enum memtype type;
	phys_addr_t pa;
	u32 cell;

	if (!va_translate(h, va, &pa, &type))
		return ACCESS_FAULT;
	BUG_ON(crosses(pa.pa, n));
	if (type == MEM_CACHED && h->cfg->l1.sets && age == 0) {
		enum access a = cache_use(h, align_down(pa.pa, h->w->line), USE_LOAD, &cell);

		if (a != ACCESS_OK)
			return a;
		kind = EV_LOAD_CACHE;
	}
	cpu_peek(h, pa.pa, type, n, v);
	*time = 0;
	if (age) {
		past_view(h, pa.pa, n, age, dep, v, time);
		kind = EV_LOAD_EARLY;
	} else if (v->from == COPY_BUFFER) {
		kind = EV_LOAD_BUFFER;
	}
	past_loaded(h, pa.pa, n, age, dep, time);
	event_emit(h->w, kind, hw_party(h), once, v,
		   (const u64[EVENT_FIELDS]){pa.pa, n, view_value(v), age});
	learn(h, v, once);
	return ACCESS_OK;
}

/* What follows a load that hits L1: the ways that are seldom gone are functions of their own. */
static NOINLINE enum access load_tell(struct hw *h, u64 pa, u32 n, bool once, const struct view *v,
				      u64 x)
{
	if (v->old)
		EMIT_SEEN(h->w, LOAD_CACHE, hw_party(h), once, v, pa, n, x);
	else
		event_no_news(h->w, EV_LOAD_CACHE, hw_party(h), once, v, pa, n, x);
	learn(h, v, once);
	return ACCESS_OK;
}

static inline __attribute__((always_inline)) enum access
load_cell(struct hw *h, u64 pa, u32 n, bool once, u32 cell, struct view *v)
{
	u64 x = view_cell(h->w, cell, (u32)pa & (h->w->line - 1), n, v);

	if (v->old || h->w->knows || !event_untold(h->w, EV_LOAD_CACHE))
		return load_tell(h, pa, n, once, v, x);
	event_count(h->w);
	return ACCESS_OK;
}

static NOINLINE enum access load_use(struct hw *h, u64 pa, u32 n, bool once, struct view *v)
{
	u32 cell;
	enum access a = cache_use(h, align_down(pa, h->w->line), USE_LOAD, &cell);

	return a == ACCESS_OK ? load_cell(h, pa, n, once, cell, v) : a;
}

enum access cpu_load(struct hw *h, cpu_addr_t va, u32 n, bool once, u32 age, u32 dep,
		     struct view *v, u32 *time)
{
	const struct cpu_state *c = hw_cpu(h);
	u64 pa = va.va - h->cfg->linear_base;
	u32 cell;

	if (!va_is_usual(h, va) || !h->geom[LEVEL_L1].present || age || c->entries || c->pasts ||
	    crosses(pa, n))
		return load_far(h, va, n, once, age, dep, v, time);
	*time = 0;
	cell = cache_newest(h, align_down(pa, h->w->line), USE_LOAD);
	return cell ? load_cell(h, pa, n, once, cell, v) : load_use(h, pa, n, once, v);
}

/* ---- stores ---- */

bool cpu_store_blocked(const struct hw *h, cpu_addr_t va)
{
	phys_addr_t pa;
	enum memtype type;

	if (h->cfg->store_entries)
		return hw_cpu(h)->entries == h->cfg->store_entries;
	return va_translate(h, va, &pa, &type) && type == MEM_CACHED &&
	       h->cfg->l1.replacement == REPLACE_CHOICE && h->cfg->l1.sets &&
	       !cache_has_room(h, align_down(pa.pa, h->w->line));
}

enum access cpu_place(struct hw *h, u64 pa, enum memtype type, u32 n, struct copyref *out)
{
	u64 line = align_down(pa, h->w->line);
	u32 pos = (u32)(pa - line), cell;

	if (type == MEM_CACHED && h->cfg->l1.sets) {
		enum access a = ACCESS_OK;

		cell = cache_newest(h, line, USE_STORE);
		if (!cell)
			a = cache_use(h, line, USE_STORE, &cell);
		if (a != ACCESS_OK)
			return a;
		if (cell) {
			*out = copies_cell(h->w, cell, pos, n, COPY_CACHE);
			return ACCESS_OK;
		}
		cell = cache_outer_store(h, line); /* written through L1 */
		if (cell) {
			*out = copies_cell(h->w, cell, pos, n, COPY_OUTER);
			return ACCESS_OK;
		}
	}
	cell = memory_cell(h->w, line);
	if (!cell)
		return ACCESS_FAULT;
	*out = copies_cell(h->w, cell, pos, n, COPY_MEMORY);
	return ACCESS_OK;
}

void cpu_placed(struct hw *h, u64 pa, const struct copyref *c)
{
	u64 line = align_down(pa, h->w->line);
	struct copyref mem;
	struct view v;
	u32 cell, outer;

	if (c->kind != COPY_CACHE || !h->cfg->l1.write_through)
		return;
	outer = cache_outer_store(h, line);
	cell = outer ? outer : memory_cell(h->w, line);
	if (!cell)
		return;
	v.n = c->n;
	copies_view(h->w, c, &v, 0);
	mem = copies_cell(h->w, cell, (u32)(pa - line), c->n, outer ? COPY_OUTER : COPY_MEMORY);
	copies_move(h->w, pa, &mem, &v, 0);
}

/*
 * The short way, when the only other copy can be memory's: one cache with write-back, no store
 * buffer, no links, no records. The same marks as copies_write(), without looking for copies.
 */
static NOINLINE void mark_far(struct hw *h, u32 cell, u32 mem, u32 pos, u32 n)
{
	struct world *w = h->w;
	u32 old = w->cell.old + pos / 8, und = w->cell.und + pos / 8;

	bits_set(w, cell, cell + old, pos & 7, n, 0);
	bits_set(w, cell, cell + und, pos & 7, n, 0);
	if (!mem)
		return;
	bits_set(w, mem, mem + w->cell.dis + pos / 8, pos & 7, n, 0);
	bits_set(w, mem, mem + w->cell.left + pos / 8, pos & 7, n, 0);
	bits_set(w, mem, mem + old, pos & 7, n, ~0ull);
}

static inline void mark_simple(struct hw *h, u32 cell, u64 line, u32 pos, u32 n)
{
	const struct cell_geom *g = &h->w->cell;
	u32 mem = memory_look(h, line), m = ((1u << n) - 1) << (pos & 7);
	const u8 *here = world_at(h->w, cell + pos / 8), *home = world_at(h->w, mem + pos / 8);

	/* Most often all bits are right already. */
	if (((here[g->old] | here[g->und]) & m) || !mem ||
	    ((home[g->dis] | home[g->left] | (u8)~home[g->old]) & m))
		mark_far(h, cell, mem, pos, n);
}

static NOINLINE enum access store_tell(struct hw *h, u64 pa, u32 n, u64 value, bool once,
				       bool dirty)
{
	if (dirty)
		event_no_news(h->w, EV_STORE_CACHE, hw_party(h), once, NULL, pa, n, value);
	else
		EMIT(h->w, STORE_CACHE, hw_party(h), once, pa, n, value);
	return ACCESS_OK;
}

static enum access store_simple(struct hw *h, u64 pa, u32 n, const u8 *data, bool once)
{
	u64 line = align_down(pa, h->w->line), value = 0;
	u32 cell = cache_newest(h, line, USE_STORE), pos = (u32)(pa - line);
	bool dirty = cell;

	if (!cell) {
		enum access a = cache_use(h, line, USE_STORE, &cell);

		if (a != ACCESS_OK)
			return a;
	}
	copy_small(&value, data, n);
	copy_small(world_mut_obj(h->w, cell, cell + 8 + pos, n), &value, n);
	if (h->w->truth)
		mark_simple(h, cell, line, pos, n);
	if (!dirty || !event_untold(h->w, EV_STORE_CACHE))
		return store_tell(h, pa, n, value, once, dirty);
	event_count(h->w);
	return ACCESS_OK;
}

enum access cpu_store(struct hw *h, cpu_addr_t va, u32 n, const u8 *data, enum store_how how)
{
	struct copyref c;
	enum memtype type;
	enum access a;
	phys_addr_t pa;
	u64 value = 0;

	if (!va_translate(h, va, &pa, &type))
		return ACCESS_FAULT;
	BUG_ON(crosses(pa.pa, n));
	if (h->simple && type == MEM_CACHED && !links_live(h))
		return store_simple(h, pa.pa, n, data, how == STORE_ONCE);
	if (h->cfg->store_entries)
		return buffer_store(h, pa.pa, type, n, data, how);
	a = cpu_place(h, pa.pa, type, n, &c);
	if (a != ACCESS_OK)
		return a;
	past_of_others(h, pa.pa, n);
	copies_write(h->w, hw_party(h), pa.pa, &c, data, store_write(how));
	past_stored(h, pa.pa, n);
	if (h->cfg->l1.write_through)
		cpu_placed(h, pa.pa, &c);
	copy_small(&value, data, n);
	if (c.kind == COPY_CACHE)
		EMIT(h->w, STORE_CACHE, hw_party(h), how == STORE_ONCE, pa.pa, n, value);
	else
		EMIT(h->w, STORE_MEMORY, hw_party(h), how == STORE_ONCE, pa.pa, n, value);
	return ACCESS_OK;
}

/* ---- the kernel's copies ---- */

/*
 * A kernel that copies to or from the wrong place: the bytes are not those that the slot stands
 * for, and whoever looks there for them gets something older at best.
 */
static void copied_astray(const struct hw *h, u64 dst, u64 src, bool in, struct view *v)
{
	u64 slot = in ? dst : src, home = link_home(h->w, slot);

	if (home == slot || home == (in ? src : dst))
		return;
	v->old = ~0ull >> (64 - v->n);
	for (u32 i = 0; i < v->n && h->w->knows; i++) {
		u8 value;

		copies_newest(h->w, link_home(h->w, dst + i), &value, &v->sup[i]);
	}
}

enum access cpu_copy(struct hw *h, phys_addr_t dst, phys_addr_t src, u32 n, bool in)
{
	struct view v = {.n = (u8)n};
	enum access a = ACCESS_OK;
	u64 value;

	BUG_ON(crosses(dst.pa, n));
	if (h->cfg->store_entries && hw_cpu(h)->entries == h->cfg->store_entries)
		return ACCESS_BLOCKED;
	for (u32 i = 0; i < n && a == ACCESS_OK;) {
		u64 at = src.pa + i;
		u32 k = (u32)min_u64(n - i, 8 - (at & 7)), cell;
		struct view part;

		if (h->cfg->l1.sets && !cache_line(h, LEVEL_L1, align_down(at, h->w->line)).present)
			a = cache_fill(h, align_down(at, h->w->line), false, &cell);
		cpu_peek(h, at, MEM_CACHED, k, &part);
		memcpy(v.data + i, part.data, k);
		memcpy(v.wid + i, part.wid, 2 * k);
		memcpy(v.sup + i, part.sup, 2 * k);
		v.old |= part.old << i;
		v.und |= part.und << i;
		i += k;
	}
	if (a != ACCESS_OK)
		return a;
	copied_astray(h, dst.pa, src.pa, in, &v);
	if (h->cfg->store_entries) {
		buffer_move(h, dst.pa, &v);
	} else {
		struct copyref c;

		a = cpu_place(h, dst.pa, MEM_CACHED, n, &c);
		if (a != ACCESS_OK)
			return a;
		past_of_others(h, dst.pa, n);
		copies_move(h->w, dst.pa, &c, &v, 0);
		cpu_placed(h, dst.pa, &c);
	}
	past_stored(h, dst.pa, n);
	value = view_value(&v);
	if (in)
		EMIT(h->w, COPY_IN, hw_party(h), 0, src.pa, dst.pa, n, value);
	else
		EMIT(h->w, COPY_OUT, hw_party(h), 0, src.pa, dst.pa, n, value);
	return ACCESS_OK;
}

/* ---- barriers ---- */

const struct barrier_info *barrier_info(enum barrier_kind k)
{
	static const struct barrier_info rows[] = {
#define BARRIER(id, name, stores, loads) {name, EFFECT_##stores, EFFECT_##loads},
#include "hw/barriers.def"
#undef BARRIER
	};

	BUG_ON((u32)k >= BARRIER_KINDS);
	return &rows[k];
}

/*
 * smp_*() order against other CPUs and promise a device nothing: with one CPU they do nothing.
 * Model: stores to cached memory stay in order behind smp_wmb() for whoever looks into the caches,
 * a coherent device among them; those to uncached memory, which there is for devices, do not.
 */
static struct barrier_info effect(const struct hw *h, enum barrier_kind k)
{
	struct barrier_info b = *barrier_info(k);

	if (h->cpus > 1 && k == BARRIER_SMP_MB)
		b.stores = EFFECT_WAIT;
	return b;
}

bool barrier_blocked(const struct hw *h, enum barrier_kind k)
{
	return effect(h, k).stores == EFFECT_WAIT && hw_cpu(h)->entries > 0;
}

void cpu_barrier(struct hw *h, enum barrier_kind k)
{
	struct barrier_info b = effect(h, k);
	const struct cpu_state *c = hw_cpu(h);

	BUG_ON(barrier_blocked(h, k));
	if (b.stores == EFFECT_ORDER && c->entries && h->cfg->order == ORDER_WEAK &&
	    c->sb[c->entries - 1].group == c->group)
		W_SET(h->w, c->group, c->group + 1);
	if (k == BARRIER_SMP_WMB && h->cpus > 1 && c->entries &&
	    c->sb[c->entries - 1].smp == c->smp)
		W_SET(h->w, c->smp, c->smp + 1);
	if (b.loads != EFFECT_NONE)
		cpu_order_loads(h);
	else if (k == BARRIER_SMP_RMB || k == BARRIER_SMP_MB)
		past_order_smp(h);
	EMIT(h->w, BARRIER, hw_party(h), 0, k);
}
