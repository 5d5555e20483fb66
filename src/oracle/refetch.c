/* SPDX-License-Identifier: MIT */
/*
 * Values that were checked and are fetched again: a condition of the driver loads a field that a
 * device may write at any time, and a later statement loads it once more, to use it. If a device
 * has written there between the two, and nothing told the CPU so, what is used is not what was
 * checked.
 *
 * Model: a poll is no check, and a check is over when its CPU writes a register or stores to the
 * field, looks in a poll, or enters or leaves a handler: then a new value is what it asks for.
 */
#include "core/know.h"
#include "oracle/oracle_int.h"

static const struct checked_field *fields(const struct oracle *o, u32 cpu)
{
	return orules(o)->checked[cpu];
}

static bool meets(const struct checked_field *f, u64 home, u64 n)
{
	return f->n && f->home < home + n && home < f->home + f->n;
}

static void forget(struct oracle *o, const struct checked_field *f)
{
	static const struct checked_field none;

	if (f->n)
		world_write(o->w, f, &none, sizeof none);
}

void refetch_forget(struct oracle *o, u32 cpu, u64 home, u64 n)
{
	for (u32 i = 0; i < CHECKED_MAX; i++)
		if (!n || meets(&fields(o, cpu)[i], home, n))
			forget(o, &fields(o, cpu)[i]);
}

void refetch_event(struct oracle *o, const struct event *e)
{
	if (e->kind == EV_MMIO_WRITE)
		refetch_forget(o, cpu_of(o, e->party), 0, 0);
	else if (e->kind == EV_IRQ_ENTER || e->kind == EV_IRQ_EXIT)
		refetch_forget(o, 0, 0, 0);
}

/* Takes the place of what was checked there before, else a free one, else the first. */
static void check(struct oracle *o, u32 cpu, const struct event *e, u64 home, const struct view *v)
{
	const struct checked_field *f = fields(o, cpu);
	struct checked_field now = {.home = home, .stmt = e->stmt, .n = v->n};
	u32 at = 0;

	memcpy(now.data, v->data, v->n);
	refetch_forget(o, cpu, home, v->n);
	while (at < CHECKED_MAX && f[at].n)
		at++;
	world_write(o->w, &f[at % CHECKED_MAX], &now, sizeof now);
}

/* Byte i of the load was written by a device since it was checked, and nobody has told of that. */
static bool behind_the_back(const struct oracle *o, const struct event *e, u64 home,
			    const struct view *v, u32 i, const struct checked_field *f)
{
	const struct record *r;

	if (home + i - f->home >= f->n || v->data[i] == f->data[home + i - f->home] ||
	    (v->old >> i & 1) || !v->wid[i] || know_knows(o->w, e->party, v->wid[i]))
		return false;
	r = know_record(o->w, v->wid[i]);
	return !is_cpu(o, r->writer);
}

static void used(struct oracle *o, const struct event *e, u64 home, const struct view *v,
		 const struct checked_field *f)
{
	u32 i = 0;
	const struct record *r;
	struct finding x;

	while (i < v->n && !behind_the_back(o, e, home, v, i, f))
		i++;
	if (i == v->n)
		return;
	r = know_record(o->w, v->wid[i]);
	x = finding_at(o, DIAG_TOCTOU_DOUBLE_FETCH, home, v->n);
	x.party = e->party;
	x.dev = r->writer;
	x.writer_stmt = r->stmt;
	x.call_stmt = f->stmt;
	x.shown = (u8)(v->n < sizeof x.got ? v->n : sizeof x.got);
	memcpy(x.got, v->data, x.shown);
	report(o, &x);
}

void refetch_load(struct oracle *o, const struct event *e, const struct view *v)
{
	u64 home = link_home(o->w, e->f[0]);
	u32 cpu = cpu_of(o, e->party);

	if (!o->w->knows || v->n > sizeof fields(o, 0)->data || cpu_polls(o) ||
	    !shared_memory(o, home))
		return;
	if (o->checks) {
		check(o, cpu, e, home, v);
		return;
	}
	for (u32 i = 0; i < CHECKED_MAX; i++)
		if (meets(&fields(o, cpu)[i], home, v->n) && fields(o, cpu)[i].stmt != e->stmt)
			used(o, e, home, v, &fields(o, cpu)[i]);
}
