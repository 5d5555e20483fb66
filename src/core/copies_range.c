/* SPDX-License-Identifier: MIT */
/* Ranges of any length: memory that changes hands, links that begin and end, what is newest. */
#include "core/copies_int.h"

#include "core/know.h"

struct piece {
	u64 pa;
	u32 n;
};

/* Cuts [*pa, end) into pieces that lie in one line and are at most 64 bytes long. */
static bool next_piece(const struct world *w, u64 *pa, u64 end, struct piece *out)
{
	u64 cut = w->line < 64 ? w->line : 64;

	if (*pa >= end)
		return false;
	out->pa = *pa;
	out->n = (u32)(min_u64(align_down(*pa, cut) + cut, end) - *pa);
	*pa += out->n;
	return true;
}

/* All copies of a piece, its memory made if need be; 0: the block is full. */
static u32 made_copies(struct world *w, const struct piece *p, struct copyref *c)
{
	if (!w->ops.memory(w, align_down(p->pa, w->line)))
		return 0;
	return w->ops.copies(w, p->pa, p->n, c, COPIES_MAX);
}

void copies_reset(struct world *w, u64 pa, u64 len)
{
	struct piece p;

	if (!w->truth)
		return;
	for (u64 at = pa; next_piece(w, &at, pa + len, &p);) {
		struct copyref c[COPIES_MAX];
		u32 k = made_copies(w, &p, c);

		if (!k)
			return;
		for (u32 i = 0; i < k; i++) {
			bits_set(w, c[i].obj, c[i].old, c[i].bit, c[i].n, 0);
			bits_set(w, c[i].obj, c[i].und, c[i].bit, c[i].n, ~0ull);
			copies_forget(w, &c[i]);
		}
		copies_home_clear(w, p.pa, p.n);
	}
}

void copies_defined(struct world *w, u64 pa, u64 len)
{
	struct piece p;

	for (u64 at = pa; w->truth && next_piece(w, &at, pa + len, &p);) {
		struct copyref c[COPIES_MAX];
		u32 k = w->ops.copies(w, p.pa, p.n, c, COPIES_MAX);

		for (u32 i = 0; i < k; i++)
			bits_set(w, c[i].obj, c[i].und, c[i].bit, c[i].n, 0);
	}
}

void copies_garbage(struct world *w, u64 slot_pa, u64 len)
{
	struct piece p;

	if (!w->truth)
		return;
	for (u64 at = slot_pa; next_piece(w, &at, slot_pa + len, &p);) {
		struct copyref c[COPIES_MAX];
		u32 k = made_copies(w, &p, c);

		if (!k)
			return;
		for (u32 i = 0; i < k; i++) {
			bits_set(w, c[i].obj, c[i].old, c[i].bit, c[i].n, ~0ull);
			copies_forget(w, &c[i]);
		}
	}
}

void copies_unlink(struct world *w, u64 home_pa, u64 len, u16 link)
{
	struct piece p;

	if (!w->truth)
		return;
	for (u64 at = home_pa; next_piece(w, &at, home_pa + len, &p);) {
		struct copyref c[COPIES_MAX];
		u32 k = w->ops.copies(w, p.pa, p.n, c, COPIES_MAX);
		u64 here = 0, lost;
		struct gone g, one;

		for (u32 i = 0; i < k; i++) {
			if (c[i].link != link || c[i].kind == COPY_PAST)
				continue;
			copies_note(w, &one, c[i].skip, &c[i]);
			for (u32 b = 0; b < c[i].n; b++) {
				u32 byte = c[i].skip + b;

				if (copy_old(w, &c[i]) >> b & 1)
					continue;
				here |= 1ull << byte;
				g.was[byte] = one.was[byte];
				g.who[byte] = one.who[byte];
			}
			copies_forget(w, &c[i]);
			bits_set(w, c[i].obj, c[i].old, c[i].bit, c[i].n, ~0ull);
		}
		lost =
		    here ? here & ~copies_fresh_elsewhere(w, p.pa, p.n, (struct others){NULL, link})
			 : 0;
		if (lost)
			copies_tell_lost(w, p.pa, lost, &g);
	}
}

void copies_discard(struct world *w, u64 pa, u64 len)
{
	struct piece p;

	for (u64 at = pa; w->truth && next_piece(w, &at, pa + len, &p);) {
		u32 cell = w->ops.memory(w, align_down(p.pa, w->line));

		if (cell)
			bits_set(w, cell, cell + w->cell.dis, (u32)(p.pa & (w->line - 1)), p.n,
				 ~0ull);
	}
}

void copies_marks(const struct world *w, u64 pa, u32 n, u64 *discardable, u64 *leftover)
{
	u32 cell = w->ops.memory_at(w, align_down(pa, w->line));
	u32 pos = (u32)(pa & (w->line - 1)), at = cell + pos / 8;

	*discardable = *leftover = 0;
	if (!cell)
		return;
	*discardable = bits_get(w, at + w->cell.dis, pos % 8, n);
	*leftover = bits_get(w, at + w->cell.left, pos % 8, n);
}

u64 copies_discardable(const struct world *w, u64 pa, u32 n)
{
	u64 dis, left;

	copies_marks(w, pa, n, &dis, &left);
	return dis;
}

u64 copies_leftover(const struct world *w, u64 pa, u32 n)
{
	u64 dis, left;

	copies_marks(w, pa, n, &dis, &left);
	return left;
}

void copies_handback(struct world *w, u64 pa, u64 len)
{
	struct piece p;

	for (u64 at = pa; w->truth && next_piece(w, &at, pa + len, &p);) {
		u64 dis = copies_discardable(w, p.pa, p.n);
		u32 cell = w->ops.memory_at(w, align_down(p.pa, w->line));
		u32 pos = (u32)(p.pa & (w->line - 1));
		struct copyref c[COPIES_MAX];
		u32 k;

		if (!dis)
			continue;
		bits_set(w, cell, cell + w->cell.left, pos, p.n,
			 bits_get(w, cell + w->cell.left, pos, p.n) | dis);
		bits_set(w, cell, cell + w->cell.dis, pos, p.n, 0);
		k = w->ops.copies(w, p.pa, p.n, c, COPIES_MAX);
		for (u32 i = 0; i < k; i++)
			bits_set(w, c[i].obj, c[i].und, c[i].bit, c[i].n,
				 copy_undefined(w, &c[i]) | dis >> c[i].skip);
	}
}

bool copies_newest(const struct world *w, u64 pa, u8 *value, u16 *rec)
{
	struct copyref c[COPIES_MAX];
	u32 k = w->ops.copies(w, pa, 1, c, COPIES_MAX);

	for (u32 i = 0; i < k; i++) {
		if (c[i].kind == COPY_PAST || copy_old(w, &c[i]))
			continue;
		*value = *(const u8 *)world_at(w, c[i].data);
		*rec = c[i].wid ? *(const u16 *)world_at(w, c[i].wid) : 0;
		return true;
	}
	return false;
}

bool copies_same(const struct world *w, const struct copyref *a, const struct copyref *b)
{
	if (memcmp(world_at(w, a->data), world_at(w, b->data), a->n) != 0)
		return false;
	if (!w->truth)
		return true;
	return copy_old(w, a) == copy_old(w, b) && copy_undefined(w, a) == copy_undefined(w, b) &&
	       (!a->wid || memcmp(world_at(w, a->wid), world_at(w, b->wid), 2u * a->n) == 0);
}
