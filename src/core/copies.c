/* SPDX-License-Identifier: MIT */
#include "core/copies_int.h"

#include <endian.h>

#include "base/bug.h"
#include "core/know.h"

u64 bits_get_far(const struct world *w, u32 plane, u32 bit, u32 n)
{
	const u8 *p = world_at(w, plane + bit / 8);
	u32 shift = bit % 8, bytes = (shift + n + 7) / 8;
	u64 v = 0;

	memcpy(&v, p, bytes < 8 ? bytes : 8);
	v = le64toh(v) >> shift;
	if (bytes == 9)
		v |= (u64)p[8] << (64 - shift);
	return v & mask_n(n);
}

void bits_set_far(struct world *w, u32 obj, u32 plane, u32 bit, u32 n, u64 value)
{
	u32 off = plane + bit / 8, shift = bit % 8, bytes = (shift + n + 7) / 8;
	u64 m = mask_n(n), part = 0;
	u8 *p;

	if (bits_get_far(w, plane, bit, n) == (value & m))
		return;
	p = world_mut_obj(w, obj, off, bytes);
	memcpy(&part, p, bytes < 8 ? bytes : 8);
	part = htole64((le64toh(part) & ~(m << shift)) | (value & m) << shift);
	memcpy(p, &part, bytes < 8 ? bytes : 8);
	if (bytes == 9)
		p[8] = (u8)((p[8] & ~(m >> (64 - shift))) | (value & m) >> (64 - shift));
}

/* Replaces the name in one byte of a plane of names, keeping the counts of references. */
static void name_set(struct world *w, u32 plane, u32 i, u16 rec)
{
	const u16 *at = world_at(w, plane + 2 * i);
	u16 was = *at;

	if (was == rec)
		return;
	know_ref(w, rec, 1);
	/* Names are outside the hash: journaled, but no object is touched. */
	journal_save(&w->jn, w->rd, plane + 2 * i, 2);
	*(u16 *)(w->wr + plane + 2 * i) = rec;
	know_unref(w, was, 1);
}

void copies_view(const struct world *w, const struct copyref *c, struct view *v, u32 at)
{
	u64 m = mask_n(c->n) << at;

	BUG_ON(at + c->n > 64);
	copy_small(v->data + at, world_at(w, c->data), c->n);
	v->old = (v->old & ~m) | copy_old(w, c) << at;
	v->und = (v->und & ~m) | copy_undefined(w, c) << at;
	if (c->wid) {
		memcpy(v->wid + at, world_at(w, c->wid), 2u * c->n);
		memcpy(v->sup + at, world_at(w, c->sup), 2u * c->n);
	} else if (at + 8 <= 64 && c->n <= 8) { /* an access: eight names, at once */
		memset(v->wid + at, 0, 16);
		memset(v->sup + at, 0, 16);
	} else {
		memset(v->wid + at, 0, 2u * c->n);
		memset(v->sup + at, 0, 2u * c->n);
	}
}

u64 copies_fresh_elsewhere(const struct world *w, u64 pa, u32 n, struct others o)
{
	struct copyref c[COPIES_MAX];
	u32 k = w->ops.copies(w, pa, n, c, COPIES_MAX);
	u64 fresh = 0;

	for (u32 i = 0; i < k; i++) {
		if (c[i].kind == COPY_PAST || (o.link && c[i].link == o.link))
			continue;
		if (o.self && c[i].data == o.self->data + (c[i].skip) && c[i].obj == o.self->obj)
			continue;
		fresh |= (~copy_old(w, &c[i]) & mask_n(c[i].n)) << c[i].skip;
	}
	return fresh;
}

void copies_note(const struct world *w, struct gone *g, u32 at, const struct copyref *c)
{
	for (u32 b = 0; b < c->n; b++) {
		u16 rec = c->wid ? *(const u16 *)world_at(w, c->wid + 2 * b) : 0;

		g->was[at + b] = *(const u8 *)world_at(w, c->data + b);
		g->who[at + b] = rec ? (u8)(know_record(w, rec)->writer + 1) : 0;
	}
}

void copies_tell_lost(struct world *w, u64 pa, u64 mask, const struct gone *g)
{
	if (!w->obs.lost)
		return;
	w->losing = true;
	for (u32 i = 0; i < 64 && mask >> i;) {
		u32 from = i, to;

		if (!(mask >> i & 1)) {
			i++;
			continue;
		}
		for (to = i; to < 64 && (mask >> to & 1);)
			to++;
		w->obs.lost(w->obs.ctx, w, pa + from, to - from, g->was + from, g->who + from);
		i = to;
	}
}

void copies_home_clear(struct world *w, u64 pa, u32 n)
{
	u32 cell = w->ops.memory_at(w, align_down(pa, w->line));
	u32 pos = (u32)(pa & (w->line - 1));

	if (!cell)
		return;
	bits_set(w, cell, cell + w->cell.dis, pos, n, 0);
	bits_set(w, cell, cell + w->cell.left, pos, n, 0);
}

static void set_data(struct world *w, const struct copyref *c, const u8 *data)
{
	if (memcmp(world_at(w, c->data), data, c->n) != 0)
		memcpy(world_mut_obj(w, c->obj, c->data, c->n), data, c->n);
}

/* What became of the last name in sup: bytes that lie together share their joins. */
struct joined {
	u16 sup, now;
};

/* The write rec, too, makes byte b of a copy old; the caller sets the bit, old is what it was. */
static void supersede(struct world *w, const struct copyref *c, u32 b, bool old, u16 rec,
		      struct joined *last)
{
	u16 sup = *(const u16 *)world_at(w, c->sup + 2 * b);

	if (!old) {
		name_set(w, c->sup, b, rec);
	} else if (sup) {
		if (sup != last->sup)
			*last = (struct joined){sup, know_join(w, sup, rec)};
		name_set(w, c->sup, b, last->now);
	}
}

/* One other copy learns of the write rec by p: bytes that hold a write which p knows are old. */
static void mark_old(struct world *w, u8 p, const struct copyref *c, u16 rec)
{
	u64 old = copy_old(w, c), now = old;
	struct joined last = {0, 0};

	if (!c->wid) {
		bits_set(w, c->obj, c->old, c->bit, c->n, ~0ull);
		return;
	}
	for (u32 b = 0; b < c->n; b++) {
		if (!know_knows(w, p, *(const u16 *)world_at(w, c->wid + 2 * b)))
			continue;
		now |= 1ull << b;
		supersede(w, c, b, old >> b & 1, rec, &last);
	}
	bits_set(w, c->obj, c->old, c->bit, c->n, now);
}

/*
 * All copies, with those in memory at the home address made if they were never touched: what is
 * there since the start is a copy too, and is to be marked.
 */
static u32 all_copies(struct world *w, u64 pa, u32 n, struct copyref *c)
{
	u32 k = w->ops.copies(w, pa, n, c, COPIES_MAX);
	u64 home = w->ops.home(w, pa), there = 0;

	for (u32 i = 0; i < k; i++)
		if (c[i].kind == COPY_MEMORY && !c[i].link)
			there |= mask_n(c[i].n) << c[i].skip;
	if (there == mask_n(n))
		return k;
	for (u64 at = align_down(home, w->line); at < home + n; at += w->line)
		w->ops.memory(w, at);
	return w->ops.copies(w, pa, n, c, COPIES_MAX);
}

static void unname(struct world *w, const struct copyref *c, u16 rec)
{
	for (u32 b = 0; b < c->n; b++) {
		if (*(const u16 *)world_at(w, c->wid + 2 * b) == rec)
			name_set(w, c->wid, b, 0);
		if (*(const u16 *)world_at(w, c->sup + 2 * b) == rec)
			name_set(w, c->sup, b, 0);
	}
}

/*
 * A long run fills the table with writes that everybody knows by now: they lose their names, as 0
 * says the same. How they were learned is forgotten with them.
 */
static void sweep(struct world *w)
{
	for (u32 p = 0; p < w->parties; p++)
		for (u16 id = know_closed(w, (u8)p, 0), next; id; id = next) {
			struct copyref c[COPIES_MAX];
			const struct record *r = know_record(w, id);
			u32 k = w->ops.copies(w, r->pa, r->n, c, COPIES_MAX);

			next = know_closed(w, (u8)p, id);
			for (u32 i = 0; i < k; i++)
				unname(w, &c[i], id);
		}
}

void copies_write(struct world *w, u8 p, u64 pa, const struct copyref *self, const u8 *data,
		  enum write_kind kind)
{
	struct copyref c[COPIES_MAX];
	u32 k;
	u16 rec;

	set_data(w, self, data);
	if (!w->truth)
		return;
	if (know_full(w))
		sweep(w);
	rec = kind == WRITE_KNOWN
		  ? 0
		  : know_write(w, p, w->ops.home(w, pa), self->n, kind == WRITE_PLAIN);
	know_ref(w, rec, 1); /* held while the names are set */
	k = all_copies(w, pa, self->n, c);
	for (u32 i = 0; i < k; i++) {
		if (c[i].obj == self->obj && c[i].data == self->data + c[i].skip)
			continue;
		mark_old(w, p, &c[i], rec);
		if (c[i].kind == COPY_MEMORY && !c[i].link) {
			u32 dis = c[i].old - w->cell.old + w->cell.dis;

			bits_set(w, c[i].obj, dis, c[i].bit, c[i].n, 0);
			bits_set(w, c[i].obj, dis - w->cell.dis + w->cell.left, c[i].bit, c[i].n,
				 0);
		}
	}
	if (self->kind == COPY_MEMORY && !self->link)
		copies_home_clear(w, pa, self->n);
	bits_set(w, self->obj, self->old, self->bit, self->n, 0);
	bits_set(w, self->obj, self->und, self->bit, self->n, 0);
	if (self->wid)
		for (u32 b = 0; b < self->n; b++) {
			name_set(w, self->wid, b, rec);
			name_set(w, self->sup, b, 0);
		}
	know_unref(w, rec, 1);
}

/*
 * Two unordered writes meet: the one that arrives now is the newer by the order of coherence, so
 * what is left of the other is old.
 */
static void arrive(struct world *w, u64 pa, const struct copyref *dst, const struct view *v, u32 at)
{
	for (u32 b = 0; b < dst->n; b++) {
		u16 was = *(const u16 *)world_at(w, dst->wid + 2 * b);
		struct copyref c[COPIES_MAX];
		u32 k;

		if ((v->old >> (at + b) & 1) || !was || was == v->wid[at + b])
			continue;
		k = w->ops.copies(w, pa + b, 1, c, COPIES_MAX);
		for (u32 i = 0; i < k; i++) {
			const u16 *wid = world_at(w, c[i].wid);
			struct joined last = {0, 0};

			if (*wid != was || c[i].data == dst->data + b)
				continue;
			supersede(w, &c[i], 0, copy_old(w, &c[i]), v->wid[at + b], &last);
			bits_set(w, c[i].obj, c[i].old, c[i].bit, 1, 1);
		}
	}
}

void copies_move(struct world *w, u64 pa, const struct copyref *dst, const struct view *v, u32 at)
{
	u64 m = mask_n(dst->n), src_old = v->old >> at & m, lost = 0;
	struct gone g;

	if (w->truth) {
		lost = ~copy_old(w, dst) & src_old & m;
		if (lost)
			copies_note(w, &g, 0, dst);
		if (dst->wid)
			arrive(w, pa, dst, v, at);
	}
	set_data(w, dst, v->data + at);
	if (!w->truth)
		return;
	bits_set(w, dst->obj, dst->old, dst->bit, dst->n, src_old);
	bits_set(w, dst->obj, dst->und, dst->bit, dst->n, v->und >> at);
	if (dst->wid)
		for (u32 b = 0; b < dst->n; b++) {
			name_set(w, dst->wid, b, v->wid[at + b]);
			name_set(w, dst->sup, b, v->sup[at + b]);
		}
	if (lost)
		lost &= ~copies_fresh_elsewhere(w, pa, dst->n, (struct others){dst, 0});
	if (lost)
		copies_tell_lost(w, pa, lost, &g);
}

void copies_move_fresh(struct world *w, const struct copyref *dst, const struct view *v)
{
	set_data(w, dst, v->data);
	if (!w->truth)
		return;
	bits_set(w, dst->obj, dst->old, dst->bit, dst->n, v->old);
	bits_set(w, dst->obj, dst->und, dst->bit, dst->n, v->und);
	if (dst->wid)
		for (u32 b = 0; b < dst->n; b++) {
			name_set(w, dst->wid, b, v->wid[b]);
			name_set(w, dst->sup, b, v->sup[b]);
		}
}

void copies_move_ahead(struct world *w, u64 pa, const struct copyref *self, const struct view *v)
{
	struct copyref c[COPIES_MAX];
	u32 k, here = 0;
	u64 doomed = 0, safe = 0;
	struct gone g, one;

	copies_move_fresh(w, self, v);
	if (!w->truth || !(v->old & mask_n(self->n)))
		return;
	k = w->ops.copies(w, pa, self->n, c, COPIES_MAX);
	for (u32 i = 0; i < k; i++)
		if (c[i].obj == self->obj && c[i].data == self->data + c[i].skip)
			here = c[i].link;
	for (u32 i = 0; i < k; i++) {
		u64 fresh = (~copy_old(w, &c[i]) & mask_n(c[i].n)) << c[i].skip & v->old;

		if (c[i].kind == COPY_PAST || !fresh)
			continue;
		if (c[i].link != here) {
			safe |= fresh;
			continue;
		}
		copies_note(w, &one, c[i].skip, &c[i]);
		for (u32 b = c[i].skip; b < c[i].skip + c[i].n; b++)
			if (fresh >> b & 1) {
				g.was[b] = one.was[b];
				g.who[b] = one.who[b];
			}
		doomed |= fresh;
		bits_set(w, c[i].obj, c[i].old, c[i].bit, c[i].n,
			 copy_old(w, &c[i]) | fresh >> c[i].skip);
	}
	if (doomed & ~safe)
		copies_tell_lost(w, pa, doomed & ~safe, &g);
}

void copies_fill_names(struct world *w, u32 dst, u32 src)
{
	const struct cell_geom *g = &w->cell;

	for (u32 i = 0; i < w->line; i++) {
		name_set(w, dst + g->wid, i, *(const u16 *)world_at(w, src + g->wid + 2 * i));
		name_set(w, dst + g->sup, i, *(const u16 *)world_at(w, src + g->sup + 2 * i));
	}
}

/* Bytes that were newest in dst and are old in src are lost, unless they live elsewhere. */
static void move_line_over(struct world *w, u64 line_pa, u32 dst, u32 src, enum copy_kind dst_kind)
{
	u32 n = w->line < 64 ? w->line : 64;
	u64 lost[LINE_MAX_BYTES / 64] = {0};
	struct gone g[LINE_MAX_BYTES / 64];

	for (u32 i = 0; i * 64 < w->line; i++) {
		struct copyref c = copies_cell(w, dst, i * 64, n, dst_kind);

		lost[i] = ~bits_get(w, dst + w->cell.old + i * 8, 0, n) &
			  bits_get(w, src + w->cell.old + i * 8, 0, n);
		copies_note(w, &g[i], 0, &c);
	}
	copies_fill_line(w, dst, src, word_at(w, dst));
	for (u32 i = 0; i * 64 < w->line; i++) {
		struct copyref self = copies_cell(w, dst, i * 64, n, dst_kind);

		if (lost[i])
			lost[i] &= ~copies_fresh_elsewhere(w, line_pa + i * 64, n,
							   (struct others){&self, 0});
		if (lost[i])
			copies_tell_lost(w, line_pa + i * 64, lost[i], &g[i]);
	}
}

void copies_move_line(struct world *w, u64 line_pa, u32 dst, u32 src, enum copy_kind dst_kind)
{
	u32 old = w->cell.old;
	u64 lost = 0;

	for (u32 i = 0; w->truth && i < w->line; i += 64)
		lost |= ~word_at(w, dst + old + i / 8) & word_at(w, src + old + i / 8);
	/* In a line of less than 64 bytes other planes lie in the word too: looked at in detail. */
	if (lost)
		move_line_over(w, line_pa, dst, src, dst_kind);
	else
		copies_fill_line(w, dst, src, word_at(w, dst));
}

void copies_forget(struct world *w, const struct copyref *c)
{
	if (c->wid)
		for (u32 b = 0; b < c->n; b++) {
			name_set(w, c->wid, b, 0);
			name_set(w, c->sup, b, 0);
		}
}

void copies_drop(struct world *w, u64 pa, const struct copyref *c)
{
	struct gone g;
	u64 lost;

	if (!w->truth)
		return;
	lost = ~copy_old(w, c) & mask_n(c->n);
	if (lost)
		lost &= ~copies_fresh_elsewhere(w, pa, c->n, (struct others){c, 0});
	if (lost) {
		copies_note(w, &g, 0, c);
		copies_tell_lost(w, pa, lost, &g);
	}
	copies_forget(w, c);
}

void copies_drop_line(struct world *w, u64 line_pa, u32 cell, enum copy_kind kind)
{
	u32 mem;

	if (!w->truth)
		return;
	mem = w->ops.memory_at(w, line_pa);
	if (copies_held(w, cell, mem))
		return;
	for (u32 i = 0; i < w->line; i += 64) {
		u32 n = w->line < 64 ? w->line : 64;
		struct copyref c = copies_cell(w, cell, i, n, kind);
		u64 behind = mem ? bits_get(w, mem + w->cell.old, i, n) : ~0ull;

		/* The common case: memory holds the same writes. */
		if ((~copy_old(w, &c) & behind & mask_n(n)) || c.wid)
			copies_drop(w, line_pa + i, &c);
	}
}
