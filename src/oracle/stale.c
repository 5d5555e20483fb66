/* SPDX-License-Identifier: MIT */
/*
 * Stale reads (semantics: newer, stale), bytes that nobody wrote, and accesses that a compiler may
 * swap. Which name a stale read gets is oracle/decide.c's.
 */
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

static void finish(struct oracle *o, struct finding *f, bool differ)
{
	f->told = TOLD_STALE;
	if (!differ) {
		f->severity = SEVERITY_VIOLATION;
		f->lucky = 1;
	}
	report(o, f);
}

static void cpu_stale(struct oracle *o, u8 party, u64 home, const struct view *v, u32 i, u32 n,
		      enum diag_id id)
{
	struct finding f = finding_at(o, id, home, n);
	u32 map = handed_map(o, home);

	f.party = party;
	f.source = v->from;
	if (!f.map && map) { /* it has ended: its call is what stands between */
		f.map = map;
		f.map_stmt = oracle_map(o, map - 1)->stmt;
		f.dev = oracle_map(o, map - 1)->dev + 1u;
	}
	if (map && handed_flaw(oracle_map(o, map - 1), &oracle_map(o, map - 1)->back,
			       home - oracle_map(o, map - 1)->pa) != FLAW_NONE)
		f.call_stmt = oracle_map(o, map - 1)->back.stmt;
	if (id == DIAG_PLATFORM_DEFECT)
		f.stmt = oracle_map(o, map - 1)->back.stmt;
	if (id == DIAG_SG_NENTS_MISMATCH)
		f.call_stmt = oracle_map(o, map - 1)->shorted;
	finish(o, &f, values(o, &f, home, v->data + i, n));
}

/* Bytes of a load that nobody wrote since they were the device's to write. */
static void leaked(struct oracle *o, u8 party, u64 home, u32 n, const u8 *got, u64 left)
{
	struct finding f;
	u32 i, k = 0;

	i = (u32)__builtin_ctzll(left);
	while (i + k < n && (left >> (i + k) & 1))
		k++;
	f = finding_at(o, DIAG_INFO_LEAK_PARTIAL_WRITE, home + i, k);
	f.party = party;
	f.shown = (u8)(k < 8 ? k : 8);
	memcpy(f.got, got + i, f.shown);
	report(o, &f);
}

/*
 * What is wrong with two accesses to memory that a device sees, of which the one gave leave for the
 * other, though the bytes were right this time: nothing stands between them that holds the
 * compiler, or nothing but a barrier for other CPUs. DIAGS: nothing.
 */
static enum diag_id lucky_order(const struct record *r, bool plain, bool one_group)
{
	if (r->arm == EDGE_MEMORY && r->arm_after == BETWEEN_SMP)
		return DIAG_SMP_BARRIER_FOR_DEVICE;
	return plain && one_group &&
		       (r->arm == EDGE_MEMORY || r->arm == EDGE_RELAXED_REGISTER ||
			r->arm == EDGE_RELAXED_DOORBELL)
		   ? DIAG_COMPILER_MAY_REORDER
		   : DIAGS;
}

/* Of two loads. A relaxed read of a register is such a load too. */
static void swapped_loads(struct oracle *o, const struct event *e, u64 home, const struct view *v)
{
	for (u32 i = 0; i < v->n; i++) {
		const struct record *r = record_of(o, v->wid[i]);
		enum diag_id id;
		struct finding f;

		if (!r || (v->old >> i & 1) || r->arm_party != e->party || is_cpu(o, r->writer) ||
		    r->arm == EDGE_RELAXED_DOORBELL || r->arm_stmt == e->stmt)
			continue;
		id = lucky_order(r, r->arm_plain || !e->arg,
				 r->arm_group == know_group(o->w, e->party));
		if (id == DIAGS)
			continue;
		f = finding_at(o, id, home + i, 1);
		f.severity = SEVERITY_VIOLATION;
		f.party = e->party;
		f.dev = r->writer;
		report(o, &f);
		return;
	}
}

/* What byte i of a load is to be called; DIAG_ASSERT: nothing, it is not stale. */
static enum diag_id cpu_name(const struct oracle *o, u8 party, u64 home, const struct view *v,
			     u32 i, u64 quiet)
{
	const struct record *newer;

	if ((quiet >> i & 1) || !is_stale(o, party, v, i) || !newest_lives(o, home + i))
		return DIAG_ASSERT;
	newer = record_of(o, know_newer(o->w, party, v->sup[i]));
	return decide_stale_cpu(o, party, home + i, v, newer);
}

void stale_cpu(struct oracle *o, const struct event *e, const struct view *v)
{
	u64 home = link_home(o->w, e->f[0]);
	u64 dis, left, quiet;

	copies_marks(o->w, home, v->n, &dis, &left);
	quiet = dis | left;
	if (left)
		leaked(o, e->party, home, v->n, v->data, left);
	for (u32 i = 0; v->old && i < v->n;) {
		enum diag_id id = cpu_name(o, e->party, home, v, i, quiet);
		u32 n = 1;

		while (id != DIAG_ASSERT && i + n < v->n &&
		       cpu_name(o, e->party, home, v, i + n, quiet) == id)
			n++;
		if (id != DIAG_ASSERT)
			cpu_stale(o, e->party, home + i, v, i, n, id);
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

static enum diag_id device_name(const struct oracle *o, const struct event *e, const struct view *v,
				u32 i)
{
	u64 home = link_home(o->w, e->f[1] + i);

	if (!is_stale(o, e->party, v, i) || !oracle_alloc_at(o, home) || !newest_lives(o, home) ||
	    (copies_discardable(o->w, home, 1) & 1))
		return DIAG_ASSERT;
	return decide_stale_device(o, home, e->f[1] + i,
				   record_of(o, know_newer(o->w, e->party, v->sup[i])));
}

static void device_stale(struct oracle *o, const struct event *e, u64 home, const struct view *v,
			 u32 i, u32 n)
{
	const struct record *newer = record_of(o, know_newer(o->w, e->party, v->sup[i]));
	enum diag_id id = decide_stale_device(o, home, e->f[1] + i, newer);
	struct finding f = finding_at(o, id, home, n);
	u32 stmt = last_store(o, home, newer);

	if (id == DIAG_MISSING_DMA_WMB || id == DIAG_RELAXED_DOORBELL ||
	    id == DIAG_SMP_BARRIER_FOR_DEVICE)
		stmt = newer->arm_stmt; /* the access whose order failed */
	if (id == DIAG_PLATFORM_DEFECT) {
		stmt = defect_call(o, e->f[1] + i);
		if (!stmt)
			stmt = oracle_map(o, f.map - 1)->given.stmt;
	}
	if (id == DIAG_MAP_WRONG_DIRECTION)
		stmt = f.map_stmt; /* the call that says what the device may do */
	f.party = e->party;
	f.dev = e->arg + 1u;
	f.source = v->from;
	if (stmt)
		f.stmt = stmt;
	if (id == DIAG_SYNC_WRONG_RANGE || id == DIAG_SYNC_WRONG_DIRECTION)
		f.call_stmt = oracle_map(o, f.map - 1)->given.stmt;
	finish(o, &f, values(o, &f, home, v->data + i, n));
}

/* The same of two stores, of which the later gave the device leave for the earlier. */
static void swapped_stores(struct oracle *o, const struct event *e, const struct view *v)
{
	for (u32 i = 0; i < v->n; i++) {
		const struct record *r = record_of(o, v->wid[i]);
		enum diag_id id;
		struct finding f;

		if (!r || !is_cpu(o, r->writer) || r->arm_party != e->party ||
		    r->arm == EDGE_RELAXED_REGISTER || r->arm_stmt == r->stmt)
			continue;
		id = lucky_order(r, r->plain || r->arm_plain, r->arm_group == r->group);
		if (id == DIAGS)
			continue;
		f = finding_at(o, id, link_home(o->w, e->f[1] + i), 1);
		f.severity = SEVERITY_VIOLATION;
		f.party = e->party;
		f.dev = e->arg + 1u;
		f.stmt = r->arm_stmt;
		f.writer_stmt = r->stmt;
		report(o, &f);
		return;
	}
}

bool stale_device_any(const struct oracle *o, const struct event *e, const struct view *v, u32 from,
		      u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (device_name(o, e, v, from + i) != DIAG_ASSERT)
			return true;
	return false;
}

void stale_device(struct oracle *o, const struct event *e, const struct view *v)
{
	for (u32 i = 0; i < v->n;) {
		u64 home = link_home(o->w, e->f[1] + i);
		u32 n = 1;

		enum diag_id id = device_name(o, e, v, i);

		/* One finding for each store that was not handed over. */
		while (id != DIAG_ASSERT && i + n < v->n && device_name(o, e, v, i + n) == id &&
		       store_of(o, e, v, i + n) == store_of(o, e, v, i))
			n++;
		if (id != DIAG_ASSERT)
			device_stale(o, e, home, v, i, n);
		i += n;
	}
	if (o->w->knows)
		swapped_stores(o, e, v);
}
