/* SPDX-License-Identifier: MIT */
#include "core/delta.h"

#include "base/bug.h"
#include "base/mem.h"

void delta_root_init(struct delta_root *r, struct world *w)
{
	*r = (struct delta_root){.mark = world_mark(w), .len = w->used};
	r->base = mem_zalloc(r->len, 1);
	memcpy(r->base, w->rd, r->len);
}

void delta_root_free(struct delta_root *r)
{
	mem_free(r->base);
	mem_free(r->seen);
	vec_free(&r->list);
}

static bool differs(const struct delta_root *r, const struct world *w, u32 off)
{
	static const u8 zero[DELTA_CHUNK];

	return memcmp(w->rd + off, off < r->len ? r->base + off : zero, DELTA_CHUNK) != 0;
}

static void add(struct delta_root *r, const struct world *w, u32 piece)
{
	if (r->seen[piece] == r->round)
		return;
	r->seen[piece] = r->round;
	if (differs(r, w, piece * DELTA_CHUNK))
		vec_push(&r->list, piece * DELTA_CHUNK);
}

static void begin(struct delta_root *r, const struct world *w)
{
	u32 pieces = w->used / DELTA_CHUNK;

	if (pieces > r->pieces) {
		r->seen = mem_grow(r->seen, pieces, sizeof *r->seen);
		memset(r->seen + r->pieces, 0, (pieces - r->pieces) * sizeof *r->seen);
		r->pieces = pieces;
	}
	if (++r->round == 0) {
		memset(r->seen, 0, r->pieces * sizeof *r->seen);
		r->round = 1;
	}
	r->list.n = 0;
}

struct delta *delta_take(struct delta_root *r, struct world *w, u64 *bytes)
{
	const struct journal *j = &w->jn;
	struct delta *d;
	u8 *to;

	world_mark(w); /* settles the hash */
	begin(r, w);
	BUG_ON(j->tail > r->mark.rec);
	for (u64 i = r->mark.rec; i < j->pos; i++) {
		const struct jrec *rec = &j->rec[i & (WINDOW_RECORDS - 1)];

		for (u32 p = rec->off / DELTA_CHUNK;
		     rec->len && p <= (rec->off + rec->len - 1) / DELTA_CHUNK; p++)
			add(r, w, p);
	}
	*bytes = sizeof *d + r->list.n * (sizeof(u32) + DELTA_CHUNK);
	d = mem_grow(NULL, 1, *bytes);
	d->hash = w->hash;
	d->n = r->list.n;
	d->pad = 0;
	if (d->n)
		memcpy(d->at, r->list.v, d->n * sizeof(u32));
	to = (u8 *)(d->at + d->n);
	for (u32 i = 0; i < d->n; i++, to += DELTA_CHUNK)
		memcpy(to, w->rd + d->at[i], DELTA_CHUNK);
	return d;
}

void delta_restore(const struct delta_root *r, struct world *w, const struct delta *d)
{
	const u8 *from = (const u8 *)(d->at + d->n);

	world_undo(w, &r->mark);
	for (u32 i = 0; i < d->n; i++, from += DELTA_CHUNK) {
		journal_save(&w->jn, w->rd, d->at[i], DELTA_CHUNK);
		memcpy(w->wr + d->at[i], from, DELTA_CHUNK);
	}
	w->hash = d->hash;
	w->touched_n = 0;
}
