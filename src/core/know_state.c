/* SPDX-License-Identifier: MIT */
/* Who knows what, written down: ranks instead of numbers, so that equal knowledge is an equal
 * state. */
#include "base/mem.h"
#include "core/copies.h"
#include "core/addr.h"
#include "core/know_int.h"

/* The counting records of one writer, by seq, and what all parties know of it. */
struct ranks {
	u16 *id; /* of the n counting records */
	u32 n;
	u32 known; /* every party knows its writes up to here */
};

/* What still counts: somebody does not know it, or how it was learned may name a finding. */
static bool counts(const struct record *r, u32 known)
{
	return r->seq > known || names_findings(r->arm);
}

static void rank(const struct world *w, struct ranks *k, u16 *room)
{
	for (u32 q = 0; q < w->parties; q++) {
		k[q] = (struct ranks){room, 0, ~0u};
		for (u32 p = 0; p < w->parties; p++)
			if (kn(w)->vc[p][q] < k[q].known)
				k[q].known = kn(w)->vc[p][q];
		for (u16 id = kn(w)->first[q]; id; id = know_record(w, id)->next)
			if (counts(know_record(w, id), k[q].known))
				k[q].id[k[q].n++] = id;
		room += k[q].n;
	}
}

/* How many counting records of a writer have a seq of at most upto. */
static u32 rank_upto(const struct world *w, const struct ranks *k, u32 upto)
{
	u32 lo = 0, hi = k->n;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (know_record(w, k->id[mid])->seq <= upto)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The rank of a group: the number of the CPU whose present one it is, else behind those by the
 * first counting record that has it. */
static u32 group_rank(const struct world *w, const struct ranks *k, u32 group)
{
	u32 at = w->cpus;

	for (u32 c = 0; c < w->cpus; c++)
		if (group == kn(w)->group[c])
			return c;
	for (u32 q = 0; q < w->parties; q++)
		for (u32 i = 0; i < k[q].n; i++, at++)
			if (know_record(w, k[q].id[i])->group == group)
				return at;
	return ~0u;
}

/* ---- writing it down, in numbers of 32 bits ---- */

static u32 *room_for(struct state_bytes *out, u32 words)
{
	if ((out->cap - out->n) / 4 < words) {
		out->cap = out->cap + out->cap / 2 + words * 4 + 1024;
		out->v = mem_grow(out->v, out->cap, 1);
	}
	return (u32 *)(void *)(out->v + out->n);
}

static void put(struct state_bytes *out, u32 x)
{
	*room_for(out, 1) = x;
	out->n += 4;
}

static void put_clock(const struct world *w, const struct ranks *k, const u32 *vc,
		      struct state_bytes *out)
{
	u32 *x = room_for(out, w->parties);

	for (u32 p = 0; p < w->parties; p++)
		x[p] = rank_upto(w, &k[p], vc[p]);
	out->n += 4 * w->parties;
}

/* Whether sup is the record, or a join with it: joins have no place of their own. */
static bool is_newer(const struct world *w, u16 sup, u16 id, const struct record *r)
{
	const struct record *s;

	if (sup == id || !sup)
		return sup == id;
	s = know_record(w, sup);
	return s->writer == JOIN && s->vc[r->writer] == id;
}

/* Which bytes of one copy name a record: as bit masks, with kind and place of the copy. */
struct holder {
	u64 what, wid, sup;
};

static bool after(const struct holder *a, const struct holder *b)
{
	if (a->what != b->what)
		return a->what > b->what;
	return a->wid != b->wid ? a->wid > b->wid : a->sup > b->sup;
}

/* The copies come in the order of where they lie, which is nothing: sorted by what they hold. */
static void put_holders(const struct world *w, u16 id, const struct record *r,
			struct state_bytes *out)
{
	struct copyref c[COPIES_MAX];
	struct holder h[COPIES_MAX];
	u32 n = w->ops.copies(w, r->pa, r->n, c, COPIES_MAX), k = 0, *x;

	for (u32 i = 0; i < n; i++) {
		const u16 *wid = world_at(w, c[i].wid), *sup = world_at(w, c[i].sup);
		struct holder one = {0, 0, 0};
		u32 at = k;

		for (u32 b = 0; b < c[i].n; b++) {
			one.wid |= (u64)(wid[b] == id) << b;
			one.sup |= (u64)is_newer(w, sup[b], id, r) << b;
		}
		if (!(one.wid | one.sup))
			continue;
		one.what = c[i].kind | (u64)(c[i].link != 0) << 8 | (u64)c[i].skip << 16;
		if (c[i].kind == COPY_BUFFER || c[i].kind == COPY_PAST)
			one.what |= (u64)i << 48; /* their order is part of the state */
		for (; at && after(&h[at - 1], &one); at--)
			h[at] = h[at - 1];
		h[at] = one;
		k++;
	}
	put(out, k);
	x = room_for(out, k * 6);
	if (k)
		memcpy(x, h, k * sizeof *h);
	out->n += k * 24;
}

/* What stands between the last counting record from id backwards and what comes behind id, of
 * which that is known. */
static u8 passed(const struct world *w, const struct ranks *k, u8 q, u16 id, u8 bits)
{
	for (; id && !counts(know_record(w, id), k[q].known); id = know_record(w, id)->prev)
		bits |= know_record(w, id)->after;
	return id ? bits : 0; /* nothing counts that it could stand behind */
}

static void put_record(const struct world *w, const struct ranks *k, u16 id,
		       struct state_bytes *out)
{
	const struct record *r = know_record(w, id);
	u8 after = passed(w, k, r->writer, r->prev, r->after);
	u32 *x = room_for(out, 7);

	x[0] = r->stmt;
	x[1] = group_rank(w, k, r->group);
	x[2] = r->plain | (u32)after << 1 | (u32)r->arm << 8 | (u32)r->arm_after << 12 |
	       (u32)r->arm_plain << 16 | (u32)r->arm_party << 24;
	x[3] = r->arm_stmt;
	x[4] = r->arm ? group_rank(w, k, r->arm_group) : 0;
	x[5] = (u32)r->pa;
	x[6] = (u32)(r->pa >> 32);
	out->n += 28;
	put_clock(w, k, r->vc, out);
	put_holders(w, id, r, out);
}

static void put_flights(const struct world *w, const struct ranks *k, struct state_bytes *out)
{
	for (u32 d = 0; d <= know_shared(w); d++)
		for (u32 s = 0; s < (d < know_shared(w) ? CLOCKS_PER_DEVICE : w->clocks); s++) {
			const struct flight *f = world_at(w, know_flight_off(w, d, s));
			bool doorbell = d < know_shared(w) && s < CLOCK_IRQ;

			if (!f->live)
				continue;
			put(out, d << 16 | (s + 1));
			put(out, doorbell ? group_rank(w, k, f->group) : 0);
			put_clock(w, k, f->vc, out);
		}
	put(out, 0);
}

void know_state(const struct world *w, struct state_bytes *out)
{
	struct ranks k[PARTIES_MAX];
	u16 few[512], *room = few;

	if (!w->knows)
		return;
	if (kn(w)->live > ARRAY_LEN(few))
		room = mem_zalloc(kn(w)->live, sizeof *room);
	rank(w, k, room);
	put_flights(w, k, out);
	for (u32 p = 0; p < w->parties; p++)
		put_clock(w, k, kn(w)->vc[p], out);
	for (u32 c = 0; c < w->cpus; c++) {
		u8 q = party_of_cpu(c, know_shared(w));

		put(out, passed(w, k, q, kn(w)->last[q], kn(w)->after[c]));
	}
	for (u32 q = 0; q < w->parties; q++) {
		put(out, k[q].n);
		for (u32 i = 0; i < k[q].n; i++)
			put_record(w, k, k[q].id[i], out);
	}
	if (room != few)
		mem_free(room);
}
