/* SPDX-License-Identifier: MIT */
/* The hash of who knows what: ranks instead of numbers, so that equal knowledge is an equal state.
 */
#include "base/mem.h"
#include "core/copies.h"
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

static u64 holders(const struct world *w, u16 id, const struct record *r);

static u64 record_hash(const struct world *w, const struct ranks *k, u32 q, u32 i)
{
	u16 id = k[q].id[i];
	const struct record *r = know_record(w, id);
	u64 x[10 + PARTIES_MAX] = {q, i};

	x[2] = r->stmt;
	x[3] = group_rank(w, k, r->group);
	x[4] = r->plain | (u32)r->arm << 8 | (u32)r->arm_plain << 16 | (u32)r->arm_party << 24;
	x[5] = r->arm_stmt;
	x[6] = r->arm ? group_rank(w, k, r->arm_group) : 0;
	x[7] = r->pa;
	x[8] = holders(w, id, r);
	for (u32 p = 0; p < w->parties; p++)
		x[10 + p] = rank_upto(w, &k[p], r->vc[p]);
	return world_hash_bytes(x, (10 + w->parties) * sizeof *x, 12);
}

static u64 flights_hash(const struct world *w, const struct ranks *k)
{
	u64 h = 0;

	for (u32 d = 0; d <= know_shared(w); d++)
		for (u32 s = 0; s < (d < know_shared(w) ? CLOCKS_PER_DEVICE : w->clocks); s++) {
			const struct flight *f = world_at(w, know_flight_off(w, d, s));
			u32 x[3 + PARTIES_MAX] = {d, s};

			if (!f->live)
				continue;
			if (d < know_shared(w) && s < CLOCK_IRQ) /* a doorbell */
				x[2] = group_rank(w, k, f->group);
			for (u32 p = 0; p < w->parties; p++)
				x[3 + p] = rank_upto(w, &k[p], f->vc[p]);
			h ^= world_hash_bytes(x, (3 + w->parties) * sizeof *x, 13);
		}
	return h;
}

u64 know_hash(const struct world *w)
{
	struct ranks k[PARTIES_MAX];
	u16 few[512], *room = few;
	u64 h;

	if (!w->knows)
		return 0;
	if (kn(w)->live > ARRAY_LEN(few))
		room = mem_zalloc(kn(w)->live, sizeof *room);
	rank(w, k, room);
	h = flights_hash(w, k);
	for (u32 q = 0; q < w->parties; q++) {
		for (u32 p = 0; p < w->parties; p++) {
			u32 x[3] = {p, q, rank_upto(w, &k[q], kn(w)->vc[p][q])};

			h ^= world_hash_bytes(x, sizeof x, 11);
		}
		for (u32 i = 0; i < k[q].n; i++)
			h ^= record_hash(w, k, q, i);
	}
	if (room != few)
		mem_free(room);
	return h;
}

/* Whether sup is the record, or a join with it: joins have no place in the hash of their own. */
static bool is_newer(const struct world *w, u16 sup, u16 id, const struct record *r)
{
	const struct record *s;

	if (sup == id || !sup)
		return sup == id;
	s = know_record(w, sup);
	return s->writer == JOIN && s->vc[r->writer] == id;
}

/* Which bytes of which copies name the record: as bit masks, by kind and place of the copy. */
static u64 holders(const struct world *w, u16 id, const struct record *r)
{
	struct copyref c[COPIES_MAX];
	u32 n = w->ops.copies(w, r->pa, r->n, c, COPIES_MAX);
	u64 h = 0;

	for (u32 i = 0; i < n; i++) {
		const u16 *wid = world_at(w, c[i].wid), *sup = world_at(w, c[i].sup);
		u64 x[4] = {c[i].kind | (u64)(c[i].link != 0) << 8 | (u64)c[i].skip << 16, 0, 0, 0};

		for (u32 b = 0; b < c[i].n; b++) {
			x[1] |= (u64)(wid[b] == id) << b;
			x[2] |= (u64)is_newer(w, sup[b], id, r) << b;
		}
		if (c[i].kind == COPY_BUFFER || c[i].kind == COPY_PAST)
			x[3] = i; /* their order is part of the state */
		if (x[1] | x[2])
			h ^= world_hash_bytes(x, sizeof x, 14);
	}
	return h;
}
