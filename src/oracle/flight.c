/* SPDX-License-Identifier: MIT */
/*
 * Device writes that are still on their way when the driver has been told of them: an interrupt
 * wire is no part of the bus, and does not push what the device has sent before it; a write with
 * relaxed ordering passes what was sent before, and whoever reads it knows of that. The read of a
 * byte that is on its way is stale though memory has no newer one yet (semantics: the edge from a
 * device's actions to the entry of the handler, and from a write to the read that returned it).
 */
#include "core/know.h"
#include "oracle/decide.h"

static const struct flights *flights(const struct oracle *o, u32 dev)
{
	return (const struct flights *)world_at(o->w, o->flights) + dev;
}

/* The write in that place has landed: how many of the first n are left. */
static u8 left_of(u8 n, u32 place)
{
	return (u8)(n - (place < n));
}

static void landed(struct oracle *o, const struct event *e, struct flights *f, u32 place)
{
	struct passed now = {link_home(o->w, e->f[1]), (u8)e->f[2], (u8)place, {0}};
	u32 at = 0;

	f->told = left_of(f->told, place);
	for (u32 i = 0; i < ARRAY_LEN(f->seen); i++)
		f->seen[i] = left_of(f->seen[i], place);
	for (u32 i = 0; i < ARRAY_LEN(f->raise); i++)
		f->raise[i] = left_of(f->raise[i], place);
	for (u32 i = 0; i < PASSED_MAX; i++) {
		f->passed[i].older = left_of(f->passed[i].older, place);
		if (!f->passed[i].older)
			f->passed[i] = (struct passed){0};
	}
	while (at < PASSED_MAX - 1 && f->passed[at].older)
		at++;
	if (place)
		f->passed[at] = now;
}

void flight_event(struct oracle *o, const struct event *e)
{
	const struct dev_state *d = hw_dev(o->hw, e->arg);
	struct flights f = *flights(o, e->arg);

	switch ((enum event_kind)e->kind) {
	case EV_DMA_WRITE:
		if (!o->hw->landing)
			return; /* it did not wait */
		landed(o, e, &f, o->hw->landing - 1);
		break;
	case EV_IRQ_RAISE:
		f.raise[d->irq_raised - 1] = (u8)d->inflight_n;
		break;
	case EV_IRQ_ENTER:
		f.told = f.raise[0] > f.told ? f.raise[0] : f.told;
		memmove(f.raise, f.raise + 1, sizeof f.raise - sizeof f.raise[0]);
		f.raise[ARRAY_LEN(f.raise) - 1] = 0;
		break;
	default:
		break;
	}
	f.n = (u8)d->inflight_n;
	if (memcmp(&f, flights(o, e->arg), sizeof f) != 0)
		world_write(o->w, flights(o, e->arg), &f, sizeof f);
}

/* A CPU's load returns bytes of a write that has passed others: it knows of those now. */
static void reads_passed(struct oracle *o, u32 dev, u64 home, const struct view *v, u32 cpu)
{
	const struct flights *f = flights(o, dev);

	for (u32 k = 0; k < PASSED_MAX; k++)
		for (u32 i = 0; i < v->n && f->passed[k].older; i++) {
			const struct passed *p = &f->passed[k];

			if (home + i - p->home >= p->n || (v->old >> i & 1) ||
			    f->seen[cpu] >= p->older)
				continue;
			W_SET(o->w, f->seen[cpu], p->older);
		}
}

/* n bytes of a load, from its byte i on, of which the write w is still on its way. */
static void early(struct oracle *o, u32 dev, const struct inflight *w, enum diag_id id, u8 party,
		  u64 home, const struct view *v, u32 i, u32 n)
{
	const u8 *want = w->data + (home + i - link_home(o->w, w->pa));
	struct finding f = finding_at(o, id, home + i, n);

	f.told = TOLD_STALE;
	f.party = party;
	f.dev = dev + 1;
	f.source = v->from;
	f.writer_stmt = w->stmt;
	f.shown = (u8)(n < sizeof f.got ? n : sizeof f.got);
	memcpy(f.got, v->data + i, f.shown);
	memcpy(f.want, want, f.shown);
	if (memcmp(v->data + i, want, n) == 0) {
		f.severity = SEVERITY_VIOLATION;
		f.lucky = 1;
	}
	report(o, &f);
}

/* In question: the write in place `at`; the first `off` were sent before an interrupt. */
static bool told_by_wire(const struct question *q)
{
	return q->at < q->off;
}

static bool told_by_passing(const struct question *q)
{
	(void)q;
	return true;
}

static const struct decision flight_list[] = {
#define DECIDE_FLIGHT(holds, id, text) {holds, DIAG_##id},
#include "oracle/decisions.def"
};

void flight_load(struct oracle *o, const struct event *e, const struct view *v)
{
	u64 home = link_home(o->w, e->f[0]);
	u32 cpu = cpu_of(o, e->party);

	for (u32 dev = 0; dev < o->hw->cfg->devs; dev++) {
		const struct flights *f = flights(o, dev);
		u32 told = e->party == PARTY_CPU ? f->told : 0; /* no other takes interrupts */

		for (u32 i = 0; i < f->n && i < max_u64(told, f->seen[cpu]); i++) {
			const struct inflight *w = &hw_dev(o->hw, dev)->inflight[i];
			u64 at = link_home(o->w, w->pa);
			u64 lo = max_u64(home, at), hi = min_u64(home + v->n, at + w->n);

			struct question q = {.at = i, .off = told};

			if (lo < hi)
				early(o, dev, w, decide(flight_list, ARRAY_LEN(flight_list), &q),
				      e->party, home, v, (u32)(lo - home), (u32)(hi - lo));
		}
		reads_passed(o, dev, home, v, cpu);
	}
}
