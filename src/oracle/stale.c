/* SPDX-License-Identifier: MIT */
/*
 * Stale reads (semantics: newer, stale), bytes that nobody wrote, and accesses that a compiler may
 * swap. Which name a stale read gets follows the published list: the edge by which the reader knew
 * of the newer write for coherent memory, how the old copy came to be for streaming memory.
 */
#include "core/memkind.h"
#include "core/know.h"
#include "oracle/oracle_int.h"

/* Some copy still holds the newest write. If none does, it was lost, and that was reported. */
static bool newest_lives(const struct oracle *o, u64 home)
{
	u8 value;
	u16 rec;

	return copies_newest(o->w, home, &value, &rec);
}

/* The reader knows of a newer write than the one it got: byte i of the view. */
static bool is_stale(const struct oracle *o, u8 party, const struct view *v, u32 i)
{
	if (!(v->old >> i & 1))
		return false;
	return !o->w->knows || know_knows(o->w, party, v->sup[i]);
}

/* Home memory that both sides see without being given it. */
bool shared_memory(const struct oracle *o, u64 home)
{
	u32 alloc = oracle_alloc_at(o, home);
	u32 kind = alloc ? oracle_alloc(o, alloc - 1)->kind : 0;

	return alloc && (kind == KIND_COHERENT || kind == KIND_PLACED);
}

static const struct record *record_of(const struct oracle *o, u16 rec)
{
	return rec && o->w->knows ? know_record(o->w, rec) : NULL;
}

/* What was got and what the newest is; false if all of it is equal. */
static bool values(const struct oracle *o, struct finding *f, u64 home, const u8 *got, u32 n)
{
	bool differ = false;

	for (u32 i = 0; i < n; i++) {
		u8 newest = got[i];
		u16 rec;

		if (copies_newest(o->w, home + i, &newest, &rec) && newest != got[i])
			differ = true;
		if (i < sizeof f->got) {
			f->got[i] = got[i];
			f->want[i] = newest;
			f->shown = (u8)(i + 1);
		}
		if (i == 0 && rec && o->w->knows)
			f->writer_stmt = know_record(o->w, rec)->stmt;
	}
	return differ;
}

static enum diag_id edge_name(enum edge e, bool cpu)
{
	switch (e) {
	case EDGE_MEMORY:
		return cpu ? DIAG_MISSING_DMA_RMB : DIAG_MISSING_DMA_WMB;
	case EDGE_RELAXED_DOORBELL:
		return DIAG_RELAXED_DOORBELL;
	case EDGE_RELAXED_REGISTER:
		return DIAG_RELAXED_STATUS_READ;
	case EDGE_IRQ:
		return DIAG_IRQ_BEFORE_DATA;
	default:
		return cpu ? DIAG_CPU_STALE_READ : DIAG_DEVICE_STALE_READ;
	}
}

static void finish(struct oracle *o, struct finding *f, bool differ)
{
	if (!differ) {
		f->severity = SEVERITY_VIOLATION;
		f->lucky = 1;
	}
	report(o, f);
}

/* How many bytes from i on are stale as byte i is, up to n. */
static u32 run_length(const struct oracle *o, u8 party, const struct view *v, u32 i)
{
	u32 n = 1;

	while (i + n < v->n && is_stale(o, party, v, i + n))
		n++;
	return n;
}

/* Some mapping covers the byte, or did: there was an operation of a map that the fill came after.
 */
static bool was_mapped(const struct oracle *o, u64 home)
{
	for (u32 i = oracle_maps(o); i-- > 0;) {
		const struct omap *m = oracle_map(o, i);

		if (home >= m->pa && home - m->pa < m->len)
			return true;
	}
	return false;
}

static void cpu_stale(struct oracle *o, u64 home, const struct view *v, u32 i, u32 n)
{
	const struct record *newer = record_of(o, know_newer(o->w, PARTY_CPU, v->sup[i]));
	enum diag_id id = DIAG_CPU_STALE_READ;
	struct finding f;

	if (shared_memory(o, home)) {
		id = edge_name(newer ? (enum edge)newer->arm : EDGE_NONE, true);
	} else if (v->from == COPY_CACHE || v->from == COPY_OUTER) {
		u64 line = align_down(home, o->w->line);
		struct view mem;

		/* Only where memory has the newer byte: behind a bounce the cache is not to blame.
		 */
		memory_view(o->hw, home, &mem);
		if (!(mem.old & 1) && was_mapped(o, home) &&
		    cache_line(o->hw, LEVEL_L1, line).refilled)
			id = DIAG_SPECULATIVE_REFILL_STALE;
	}
	f = finding_at(o, id, home, n);
	f.party = PARTY_CPU;
	f.source = v->from;
	finish(o, &f, values(o, &f, home, v->data + i, n));
}

/* Bytes of a load that nobody wrote since they were the device's to write. */
static void leaked(struct oracle *o, u64 home, u32 n, const u8 *got, u64 left)
{
	struct finding f;
	u32 i, k = 0;

	i = (u32)__builtin_ctzll(left);
	while (i + k < n && (left >> (i + k) & 1))
		k++;
	f = finding_at(o, DIAG_INFO_LEAK_PARTIAL_WRITE, home + i, k);
	f.party = PARTY_CPU;
	f.shown = (u8)(k < 8 ? k : 8);
	memcpy(f.got, got + i, f.shown);
	report(o, &f);
}

/* Two loads of which the later gave leave for the earlier place, with nothing between them. */
static void swapped_loads(struct oracle *o, const struct event *e, u64 home, const struct view *v)
{
	for (u32 i = 0; i < v->n; i++) {
		const struct record *r = record_of(o, v->wid[i]);
		struct finding f;

		if (!r || (v->old >> i & 1) || r->arm != EDGE_MEMORY || r->arm_party != PARTY_CPU ||
		    r->writer == PARTY_CPU || r->arm_group != know_group(o->w) ||
		    (!r->arm_plain && e->arg) || r->arm_stmt == e->stmt)
			continue;
		f = finding_at(o, DIAG_COMPILER_MAY_REORDER, home + i, 1);
		f.party = PARTY_CPU;
		f.dev = r->writer;
		report(o, &f);
		return;
	}
}

void stale_cpu(struct oracle *o, const struct event *e, const struct view *v)
{
	u64 home = link_home(o->w, e->f[0]);
	u64 dis, left, quiet;

	copies_marks(o->w, home, v->n, &dis, &left);
	quiet = dis | left;
	if (left)
		leaked(o, home, v->n, v->data, left);
	for (u32 i = 0; v->old && i < v->n;) {
		u32 n = 1;

		if (!(quiet >> i & 1) && is_stale(o, PARTY_CPU, v, i) &&
		    newest_lives(o, home + i)) {
			n = run_length(o, PARTY_CPU, v, i);
			cpu_stale(o, home + i, v, i, n);
		}
		i += n;
	}
	if (o->w->knows)
		swapped_loads(o, e, home, v);
}

/* ---- devices ---- */

static u32 last_store(const struct oracle *o, u64 home, const struct record *newer)
{
	u8 value;
	u16 rec;

	if (copies_newest(o->w, home, &value, &rec) && rec)
		return know_record(o->w, rec)->stmt;
	return newer ? newer->stmt : 0;
}

/* The last store to byte i of a read. */
static u32 store_of(const struct oracle *o, const struct event *e, const struct view *v, u32 i)
{
	return last_store(o, link_home(o->w, e->f[1] + i),
			  record_of(o, know_newer(o->w, e->party, v->sup[i])));
}

static void device_stale(struct oracle *o, const struct event *e, u64 home, const struct view *v,
			 u32 i, u32 n)
{
	const struct record *newer = record_of(o, know_newer(o->w, e->party, v->sup[i]));
	u32 map = track_live(o, home, oracle_maps(o)), stmt = 0;
	enum diag_id id = DIAG_DEVICE_STALE_READ;
	struct finding f;

	if (shared_memory(o, home)) {
		id = edge_name(newer ? (enum edge)newer->arm : EDGE_NONE, false);
		if (id != DIAG_DEVICE_STALE_READ)
			stmt = newer->arm_stmt; /* the access whose order failed */
	} else if (defect_call(o, e->f[1] + i)) {
		id = DIAG_PLATFORM_DEFECT;
		stmt = defect_call(o, e->f[1] + i);
	} else if (map && (oracle_map(o, map - 1)->wrote & MAP_WROTE_AFTER_USE)) {
		id = DIAG_MISSING_SYNC_FOR_DEVICE_REUSE;
	}
	if (!stmt)
		stmt = last_store(o, home, newer);
	f = finding_at(o, id, home, n);
	f.party = e->party;
	f.dev = e->arg + 1u;
	f.source = v->from;
	f.index = id == DIAG_PLATFORM_DEFECT;
	if (stmt)
		f.stmt = stmt;
	finish(o, &f, values(o, &f, home, v->data + i, n));
}

/* Two stores of which the later gave the device leave for the earlier, with nothing between. */
static void swapped_stores(struct oracle *o, const struct event *e, const struct view *v)
{
	for (u32 i = 0; i < v->n; i++) {
		const struct record *r = record_of(o, v->wid[i]);
		struct finding f;

		if (!r || r->writer != PARTY_CPU || r->arm_party != e->party ||
		    (r->arm != EDGE_MEMORY && r->arm != EDGE_RELAXED_DOORBELL) ||
		    r->arm_group != r->group || (!r->plain && !r->arm_plain) ||
		    r->arm_stmt == r->stmt)
			continue;
		f = finding_at(o, DIAG_COMPILER_MAY_REORDER, link_home(o->w, e->f[1] + i), 1);
		f.party = e->party;
		f.dev = e->arg + 1u;
		f.stmt = r->arm_stmt;
		f.writer_stmt = r->stmt;
		report(o, &f);
		return;
	}
}

void stale_device(struct oracle *o, const struct event *e, const struct view *v)
{
	for (u32 i = 0; i < v->n;) {
		u64 home = link_home(o->w, e->f[1] + i);
		u32 n = 1;

		if (is_stale(o, e->party, v, i) && oracle_alloc_at(o, home) &&
		    newest_lives(o, home) && !(copies_discardable(o->w, home, 1) & 1)) {
			u32 run = run_length(o, e->party, v, i);

			/* One finding for each store that was not handed over. */
			while (n < run && store_of(o, e, v, i + n) == store_of(o, e, v, i))
				n++;
			device_stale(o, e, home, v, i, n);
		}
		i += n;
	}
	if (o->w->knows)
		swapped_stores(o, e, v);
}
