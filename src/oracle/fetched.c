/* SPDX-License-Identifier: MIT */
/*
 * Addresses that came too early. A field of shared memory that a device has fetched, and that
 * nobody has stored since it was allocated: it holds zeroes, or what was there before, and a device
 * that goes there was told nothing. And an access to what is mapped at that very address later.
 */
#include "base/bug.h"
#include "oracle/oracle_int.h"

/* Bytes [i, i+n) of what a device read: all zeroes of the kernel's, or all never written. */
static bool unwritten(const struct view *v, u32 i, u32 n)
{
	u64 mask = ((1ull << n) - 1) << i;
	bool zero = true;

	for (u32 k = i; k < i + n; k++) {
		if (v->wid[k])
			return false;
		zero &= v->data[k] == 0;
	}
	return !(v->old & mask) && ((v->und & mask) == mask || (zero && !(v->und & mask)));
}

/* The newest first; what was known of those bytes goes. */
static void keep(struct oracle *o, u32 dev, const struct empty_field *f)
{
	const struct empty_field *was = orules(o)->dev[dev].empty;
	struct empty_field now[EMPTY_MAX] = {{0}};
	u32 n = 0;

	if (f->value || f->n)
		now[n++] = *f;
	for (u32 i = 0; i < EMPTY_MAX && was[i].n && n < EMPTY_MAX; i++)
		if (was[i].pa + was[i].n <= f->pa || f->pa + 8 <= was[i].pa)
			now[n++] = was[i];
	if (memcmp(was, now, sizeof now) != 0)
		world_write(o->w, was, now, sizeof now);
}

/* Whether some field that it has read lies in those eight bytes. */
static bool known(const struct oracle *o, u32 dev, u64 pa)
{
	const struct empty_field *was = orules(o)->dev[dev].empty;

	for (u32 i = 0; i < EMPTY_MAX; i++)
		if (was[i].n && was[i].pa < pa + 8 && pa < was[i].pa + was[i].n)
			return true;
	return false;
}

void fetched_read(struct oracle *o, const struct event *e, const struct view *v)
{
	u64 pa = e->f[1];

	if (!o->w->knows || v->n < 4 || !shared_memory(o, link_home(o->w, pa)))
		return;
	for (u32 i = (u32)(align_up(pa, 4) - pa); i + 4 <= v->n; i += 4) {
		bool whole = (pa + i) % 8 == 0 && i + 8 <= v->n;
		u32 n = whole ? 8 : 4;
		struct empty_field f = {.pa = pa + i};

		if (unwritten(v, i, n))
			f.n = n;
		if (f.n)
			f.value = get_le(v->data + i, n);
		if (f.n || known(o, e->arg, f.pa))
			keep(o, e->arg, &f);
		i += n - 4;
	}
}

u64 fetched_empty(const struct oracle *o, u32 dev, u64 a)
{
	enum { TRANSFER_MAX = 64 << 10 };

	for (u32 i = 0; i < EMPTY_MAX; i++) {
		const struct empty_field *f = &orules(o)->dev[dev].empty[i];
		u64 big = __builtin_bswap64(f->value) >> (f->n == 4 ? 32 : 0);

		if (f->n && (a - f->value < TRANSFER_MAX || a - big < TRANSFER_MAX))
			return link_home(o->w, f->pa);
	}
	return ~0ull;
}

/* ---- before the map ---- */

void fetched_early(struct oracle *o, const struct finding *f, u64 bus)
{
	const struct early_access *was = orules(o)->dev[f->dev - 1].early;
	struct early_access now[EARLY_MAX] = {
	    {.bus = bus, .n = f->n, .stmt = f->stmt, .alloc = f->alloc, .severity = f->severity}};

	for (u32 i = 0; i < EARLY_MAX; i++)
		if (was[i].n && was[i].bus == bus && was[i].stmt == f->stmt)
			return;
	memcpy(now + 1, was, sizeof now - sizeof *now);
	world_write(o->w, was, now, sizeof now);
}

/* Told where the map comes, as the access's: there it had a worse name, if any. */
void fetched_mapped(struct oracle *o, const struct event *e)
{
	const struct early_access *was = orules(o)->dev[e->arg].early;

	for (u32 i = 0; i < EARLY_MAX; i++) {
		struct finding f;

		if (!was[i].n || was[i].bus - e->f[2] >= e->f[1])
			continue;
		f = finding_at(o, DIAG_DEVICE_ACCESS_BEFORE_MAP, e->f[0] + (was[i].bus - e->f[2]),
			       was[i].n);
		f.severity = was[i].severity;
		f.stmt = was[i].stmt;
		f.alloc = was[i].alloc;
		f.map = f.map_stmt = 0;
		f.dev = e->arg + 1u;
		f.party = (u8)(PARTY_DEVICE + e->arg);
		report_now(o, &f);
		W_SET(o->w, was[i], (struct early_access){0});
	}
}
