/* SPDX-License-Identifier: MIT */
#include "core/know_int.h"

#include "base/bug.h"
#include "base/mem.h"
#include "core/addr.h"
#include "core/copies.h"

static u32 record_size(const struct world *w)
{
	return (u32)align_up(sizeof(struct record) + w->parties * sizeof(u32), 8);
}

u32 know_flight_off(const struct world *w, u32 dev, u32 slot)
{
	return w->know_off + (u32)align_up(sizeof(struct knowledge), 64) +
	       (dev * CLOCKS_PER_DEVICE + slot) * (u32)sizeof(struct flight);
}

static u32 record_off(const struct world *w, u16 id)
{
	return know_flight_off(w, know_shared(w), w->clocks) + id * record_size(w);
}

void know_init(struct world *w)
{
	u64 len = align_up(sizeof(struct knowledge), 64) +
		  ((u64)know_shared(w) * CLOCKS_PER_DEVICE + w->clocks) * sizeof(struct flight) +
		  (u64)(RECORDS_MAX + 1) * record_size(w);

	struct knowledge *k;

	if (!w->knows)
		return;
	w->know_off = world_region(w, "knowledge", len, CHUNK, REGION_UNHASHED, NULL);
	k = (struct knowledge *)(void *)(w->wr + w->know_off);
	for (u32 c = 0; c < w->cpus; c++)
		k->group[c] = c;
	k->groups = w->cpus - 1;
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

static bool is_cpu(const struct world *w, u8 p)
{
	return party_is_cpu(p, know_shared(w));
}

/* The group of what a CPU does now; that a device's writes have one means nothing. */
static u32 group_of(const struct world *w, u8 p)
{
	return kn(w)->group[is_cpu(w, p) ? party_cpu(p, know_shared(w)) : 0];
}

u16 know_closed(const struct world *w, u8 p, u16 after)
{
	u16 id = after ? know_record(w, after)->next : kn(w)->first[p];

	for (u32 q = 0; id && q < w->parties; q++)
		if (kn(w)->vc[q][p] < know_record(w, id)->seq)
			return 0; /* the list is by seq: no later one is known to all either */
	return id;
}

/* What a CPU has passed since its last write: from here on it has passed nothing. */
static u8 after_take(struct world *w, u8 p)
{
	const struct knowledge *k = kn(w);
	u32 cpu;
	u8 after;

	if (!is_cpu(w, p))
		return 0;
	cpu = party_cpu(p, know_shared(w));
	after = k->after[cpu];
	if (after)
		W_SET(w, k->after[cpu], (u8)0);
	return after;
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
	r->group = group_of(w, p);
	r->pa = pa;
	r->n = (u8)n;
	r->writer = p;
	r->plain = plain;
	r->after = after_take(w, p);
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

static void after_add(struct world *w, u8 cpu, u8 bits)
{
	const struct knowledge *k = kn(w);
	u32 i = party_cpu(cpu, know_shared(w));

	if (bits & ~k->after[i])
		W_SET(w, k->after[i], (u8)(k->after[i] | bits));
}

/* Takes the record out of the list of its writer's. What stood before it stands before the next. */
static void unlist(struct world *w, const struct record *r)
{
	const struct knowledge *k = kn(w);
	const struct record *next = r->next ? know_record(w, r->next) : NULL;

	if (r->after && next)
		W_SET(w, next->after, (u8)(next->after | r->after));
	else if (r->after)
		after_add(w, r->writer, r->after);

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
	u8 between = 0; /* r and the write with that seq */

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
			m->arm_after = between;
		}
		if (r->seq <= upto)
			between |= r->after;
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
	if (is_cpu(w, p))
		join(w, p, vc, EDGE_MEMORY, world_now(w)->stmt, group_of(w, p), plain);
	else
		join(w, p, vc, EDGE_MEMORY, r->stmt, r->group, r->plain);
}

void know_learn_party(struct world *w, u8 p, u8 q, enum edge e, u32 stmt)
{
	u32 vc[PARTIES_MAX];

	if (!w->knows)
		return;
	memcpy(vc, kn(w)->vc[q], sizeof vc);
	join(w, p, vc, e, stmt, group_of(w, is_cpu(w, p) ? p : q), true);
}

void know_send(struct world *w, u32 dev, u32 slot, u8 from)
{
	struct flight *f;

	if (!w->knows)
		return;
	BUG_ON(slot >= (dev == know_shared(w) ? w->clocks : CLOCKS_PER_DEVICE));
	f = world_mut(w, know_flight_off(w, dev, slot), sizeof *f);
	f->live = 1;
	f->group = group_of(w, from);
	memcpy(f->vc, kn(w)->vc[from], sizeof f->vc);
}

void know_receive(struct world *w, u32 dev, u32 slot, u8 to, enum edge e, u32 stmt)
{
	const struct flight *f;

	if (!w->knows)
		return;
	f = world_at(w, know_flight_off(w, dev, slot));
	/* Never plain: a compiler leaves registers alone, and keeps them behind marked accesses. */
	if (f->live)
		join(w, to, f->vc, e, stmt, is_cpu(w, to) ? group_of(w, to) : f->group, false);
}

void know_shift(struct world *w, u32 dev, u32 slot, u32 n)
{
	struct flight *f;

	if (!w->knows || n == 0)
		return;
	f = world_mut(w, know_flight_off(w, dev, slot), n * (u32)sizeof *f);
	memmove(f, f + 1, (n - 1) * sizeof *f);
	memset(f + n - 1, 0, sizeof *f);
}

/* What a CPU passes stands behind its writes, and behind what other writes gave it leave by. */
static void passes(struct world *w, u8 cpu, u8 bit)
{
	const struct knowledge *k = kn(w);

	if (!w->knows)
		return;
	W_SET(w, k->groups, k->groups + 1);
	W_SET(w, k->group[party_cpu(cpu, know_shared(w))], k->groups);
	after_add(w, cpu, bit);
	for (u32 q = 0; q < w->parties; q++)
		for (u16 id = k->last[q]; id && q != cpu; id = know_record(w, id)->prev) {
			const struct record *r = know_record(w, id);

			if (r->arm == EDGE_MEMORY && r->arm_party == cpu && !(r->arm_after & bit))
				W_SET(w, r->arm_after, (u8)(r->arm_after | bit));
		}
}

void know_compiler_barrier(struct world *w, u8 cpu)
{
	passes(w, cpu, BETWEEN_OTHER);
}

void know_smp_barrier(struct world *w, u8 cpu)
{
	passes(w, cpu, BETWEEN_SMP);
}

u32 know_group(const struct world *w, u8 cpu)
{
	return w->knows ? group_of(w, cpu) : 0;
}
