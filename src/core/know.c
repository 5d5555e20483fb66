/* SPDX-License-Identifier: MIT */
#include "core/know.h"

#include "base/bug.h"
#include "base/mem.h"
#include "core/addr.h"
#include "core/copies.h"

/* The head of the region: clocks of the parties, lists of records, clocks in flight. */
struct knowledge {
	u32 group;
	u32 records; /* how many ids were ever used */
	u32 live;    /* records in use */
	u16 free;    /* head of the chain of free records, 0 = none */
	u16 first[PARTIES_MAX], last[PARTIES_MAX];
	u16 pad;
	u32 vc[PARTIES_MAX][PARTIES_MAX]; /* vc[p][q]: writes of q that p knows */
};

struct flight {
	u32 live;
	u32 vc[PARTIES_MAX];
};

static const struct knowledge *kn(const struct world *w)
{
	return world_at(w, w->know_off);
}

static u32 record_size(const struct world *w)
{
	return (u32)align_up(sizeof(struct record) + w->parties * sizeof(u32), 8);
}

static u32 flight_off(const struct world *w, u32 dev, u32 slot)
{
	return w->know_off + (u32)align_up(sizeof(struct knowledge), 64) +
	       (dev * CLOCKS_PER_DEVICE + slot) * (u32)sizeof(struct flight);
}

static u32 record_off(const struct world *w, u16 id)
{
	return flight_off(w, w->parties - 1, 0) + id * record_size(w);
}

void know_init(struct world *w)
{
	u64 len = align_up(sizeof(struct knowledge), 64) +
		  (u64)(w->parties - 1) * CLOCKS_PER_DEVICE * sizeof(struct flight) +
		  (u64)(RECORDS_MAX + 1) * record_size(w);

	if (w->knows)
		w->know_off = world_region(w, "knowledge", len, CHUNK, REGION_UNHASHED, NULL);
}

const struct record *know_record(const struct world *w, u16 id)
{
	BUG_ON(id == 0);
	return world_at(w, record_off(w, id));
}

static u16 record_take(struct world *w)
{
	const struct knowledge *k = kn(w);
	u16 id = k->free;

	if (id) {
		W_SET(w, k->free, know_record(w, id)->next);
	} else {
		if (k->records == RECORDS_MAX) {
			world_limit(w, LIMIT_RECORDS);
			return 0;
		}
		id = (u16)(k->records + 1);
		W_SET(w, k->records, (u32)id);
	}
	W_SET(w, k->live, k->live + 1);
	return id;
}

bool know_full(const struct world *w)
{
	return w->knows && !kn(w)->free && kn(w)->records == RECORDS_MAX;
}

u16 know_closed(const struct world *w, u8 p, u16 after)
{
	u16 id = after ? know_record(w, after)->next : kn(w)->first[p];

	for (u32 q = 0; id && q < w->parties; q++)
		if (kn(w)->vc[q][p] < know_record(w, id)->seq)
			return 0; /* the list is by seq: no later one is known to all either */
	return id;
}

u16 know_write(struct world *w, u8 p, u64 pa, u32 n, bool plain)
{
	const struct knowledge *k = kn(w);
	struct record *r;
	u16 id, last;

	if (!w->knows)
		return 0;
	id = record_take(w);
	W_SET(w, k->vc[p][p], k->vc[p][p] + 1);
	if (!id)
		return 0;
	last = k->last[p];
	r = world_mut(w, record_off(w, id), record_size(w));
	memset(r, 0, record_size(w));
	r->seq = k->vc[p][p];
	r->stmt = world_now(w)->stmt;
	r->group = k->group;
	r->pa = pa;
	r->n = (u8)n;
	r->writer = p;
	r->plain = plain;
	r->prev = last;
	for (u32 q = 0; q < w->parties; q++)
		r->vc[q] = k->vc[p][q];
	if (last)
		W_SET(w, know_record(w, last)->next, id);
	else
		W_SET(w, k->first[p], id);
	W_SET(w, k->last[p], id);
	return id;
}

/* Takes the record out of the list of its writer's. */
static void unlist(struct world *w, const struct record *r)
{
	const struct knowledge *k = kn(w);

	if (r->prev)
		W_SET(w, know_record(w, r->prev)->next, r->next);
	else
		W_SET(w, k->first[r->writer], r->next);
	if (r->next)
		W_SET(w, know_record(w, r->next)->prev, r->prev);
	else
		W_SET(w, k->last[r->writer], r->prev);
}

static void record_free(struct world *w, u16 id)
{
	const struct knowledge *k = kn(w);
	const struct record *r = know_record(w, id);

	if (r->writer == JOIN)
		for (u32 q = 0; q < w->parties; q++) /* one level: a join holds no joins */
			know_unref(w, (u16)r->vc[q], 1);
	else
		unlist(w, r);
	W_SET(w, r->next, k->free);
	W_SET(w, k->free, id);
	W_SET(w, k->live, k->live - 1);
}

void know_ref(struct world *w, u16 rec, u32 bytes)
{
	const struct record *r;

	if (!rec || !bytes)
		return;
	r = know_record(w, rec);
	W_SET(w, r->refs, r->refs + bytes);
}

void know_unref(struct world *w, u16 rec, u32 bytes)
{
	const struct record *r;

	if (!rec || !bytes)
		return;
	r = know_record(w, rec);
	BUG_ON(r->refs < bytes);
	W_SET(w, r->refs, r->refs - bytes);
	if (r->refs == 0)
		record_free(w, rec);
}

bool know_knows(const struct world *w, u8 p, u16 rec)
{
	const struct record *r;

	if (!rec)
		return true;
	r = know_record(w, rec);
	if (r->writer == JOIN)
		return know_newer(w, p, rec) != 0;
	return kn(w)->vc[p][r->writer] >= r->seq;
}

u16 know_newer(const struct world *w, u8 p, u16 sup)
{
	const struct record *r;

	if (!sup)
		return 0;
	r = know_record(w, sup);
	if (r->writer != JOIN)
		return sup;
	for (u32 q = 0; q < w->parties; q++)
		if (r->vc[q] && know_knows(w, p, (u16)r->vc[q]))
			return (u16)r->vc[q];
	return 0;
}

/* Whether the write rec knew the write sup, or one of a join. */
static bool knew(const struct world *w, const struct record *rec, u16 sup)
{
	const struct record *s = know_record(w, sup);

	if (s->writer != JOIN)
		return rec->vc[s->writer] >= s->seq;
	for (u32 q = 0; q < w->parties; q++)
		if (s->vc[q] && rec->vc[q] >= know_record(w, (u16)s->vc[q])->seq)
			return true;
	return false;
}

u16 know_join(struct world *w, u16 sup, u16 rec)
{
	const struct record *s, *r;
	struct record *j;
	u16 id;

	if (!sup || !rec)
		return 0; /* one of them is known to all */
	s = know_record(w, sup);
	r = know_record(w, rec);
	if (knew(w, r, sup))
		return sup; /* who knows rec knows that one too */
	id = record_take(w);
	if (!id)
		return sup;
	j = world_mut(w, record_off(w, id), record_size(w));
	memset(j, 0, record_size(w));
	j->writer = JOIN;
	if (s->writer == JOIN)
		memcpy(j->vc, s->vc, w->parties * sizeof *j->vc);
	else
		j->vc[s->writer] = sup;
	j->vc[r->writer] = rec;
	for (u32 q = 0; q < w->parties; q++)
		know_ref(w, (u16)know_record(w, id)->vc[q], 1);
	return id;
}

/* An edge that can name a finding (core/diags.def) stays, when another party learns later. */
static bool names_findings(u8 e)
{
	return e == EDGE_MEMORY || e == EDGE_RELAXED_DOORBELL || e == EDGE_IRQ ||
	       e == EDGE_RELAXED_REGISTER;
}

static bool may_arm(const struct record *r, u8 p)
{
	return r->arm_party == p || !names_findings(r->arm);
}

/*
 * p comes to know the writes of q up to seq: those that were news are armed with the edge. A
 * record is armed once: the first edge that gave leave for it is the one that counts. A write that
 * was itself read needed nobody's leave.
 */
static void arm(struct world *w, u8 p, u8 q, u32 upto, enum edge e, u32 stmt, u32 group, bool plain)
{
	const struct knowledge *k = kn(w);
	u32 known = k->vc[p][q];

	for (u16 id = k->last[q]; id;) {
		const struct record *r = know_record(w, id);
		u16 prev = r->prev;

		if (r->seq <= known)
			break;
		if (may_arm(r, p) && (r->seq < upto || (r->seq == upto && e != EDGE_MEMORY))) {
			struct record *m = world_mut(w, record_off(w, id), sizeof *m);

			m->arm = (u8)e;
			m->arm_stmt = stmt;
			m->arm_group = group;
			m->arm_plain = plain;
			m->arm_party = p;
		}
		id = prev;
	}
}

static void join(struct world *w, u8 p, const u32 *vc, enum edge e, u32 stmt, u32 group, bool plain)
{
	const struct knowledge *k = kn(w);

	for (u32 q = 0; q < w->parties; q++) {
		if (vc[q] <= k->vc[p][q])
			continue;
		arm(w, p, (u8)q, vc[q], e, stmt, group, plain);
		W_SET(w, k->vc[p][q], vc[q]);
	}
}

void know_learn_read(struct world *w, u8 p, u16 rec, bool plain)
{
	const struct record *r;
	u32 vc[PARTIES_MAX];

	if (!rec || !w->knows)
		return;
	r = know_record(w, rec);
	if (r->writer == p)
		return;
	memcpy(vc, r->vc, w->parties * sizeof *vc);
	/*
	 * A CPU's loads are grouped by its own barriers, a device's leave by the group of the store
	 * that gave it: in both cases the group says what the compiler could have moved.
	 */
	if (p == PARTY_CPU)
		join(w, p, vc, EDGE_MEMORY, world_now(w)->stmt, kn(w)->group, plain);
	else
		join(w, p, vc, EDGE_MEMORY, r->stmt, r->group, r->plain);
}

void know_learn_party(struct world *w, u8 p, u8 q, enum edge e, u32 stmt)
{
	u32 vc[PARTIES_MAX];

	if (!w->knows)
		return;
	memcpy(vc, kn(w)->vc[q], sizeof vc);
	join(w, p, vc, e, stmt, kn(w)->group, true);
}

void know_send(struct world *w, u32 dev, u32 slot, u8 from)
{
	struct flight *f;

	if (!w->knows)
		return;
	BUG_ON(slot >= CLOCKS_PER_DEVICE);
	f = world_mut(w, flight_off(w, dev, slot), sizeof *f);
	f->live = 1;
	memcpy(f->vc, kn(w)->vc[from], sizeof f->vc);
}

void know_receive(struct world *w, u32 dev, u32 slot, u8 to, enum edge e, u32 stmt)
{
	const struct flight *f;

	if (!w->knows)
		return;
	f = world_at(w, flight_off(w, dev, slot));
	if (f->live)
		join(w, to, f->vc, e, stmt, kn(w)->group, true);
}

void know_shift(struct world *w, u32 dev, u32 slot, u32 n)
{
	struct flight *f;

	if (!w->knows || n == 0)
		return;
	f = world_mut(w, flight_off(w, dev, slot), n * (u32)sizeof *f);
	memmove(f, f + 1, (n - 1) * sizeof *f);
	memset(f + n - 1, 0, sizeof *f);
}

void know_compiler_barrier(struct world *w)
{
	if (w->knows)
		W_SET(w, kn(w)->group, kn(w)->group + 1);
}

u32 know_group(const struct world *w)
{
	return w->knows ? kn(w)->group : 0;
}

/* ---- the hash: ranks instead of numbers ---- */

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

/* The rank of a group: 0 is the present one, else by the first counting record that has it. */
static u32 group_rank(const struct world *w, const struct ranks *k, u32 group)
{
	u32 at = 1;

	if (group == kn(w)->group)
		return 0;
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

	for (u32 d = 0; d + 1 < w->parties; d++)
		for (u32 s = 0; s < CLOCKS_PER_DEVICE; s++) {
			const struct flight *f = world_at(w, flight_off(w, d, s));
			u32 x[2 + PARTIES_MAX] = {d, s};

			if (!f->live)
				continue;
			for (u32 p = 0; p < w->parties; p++)
				x[2 + p] = rank_upto(w, &k[p], f->vc[p]);
			h ^= world_hash_bytes(x, (2 + w->parties) * sizeof *x, 13);
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
