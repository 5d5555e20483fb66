/* SPDX-License-Identifier: MIT */
/*
 * Device writes that are still on their way when the driver has been told of them: an interrupt
 * wire is no part of the bus, and does not push what the device has sent before it. The read of
 * such a byte is stale though memory has no newer one yet (semantics: the edge from a device's
 * actions to the entry of the handler).
 */
#include "core/know.h"
#include "oracle/oracle_int.h"

static const struct flights *flights(const struct oracle *o, u32 dev)
{
	return (const struct flights *)world_at(o->w, o->flights) + dev;
}

static u8 one_less(u8 n)
{
	return n ? (u8)(n - 1) : 0;
}

void flight_event(struct oracle *o, const struct event *e)
{
	const struct dev_state *d = hw_dev(o->hw, e->arg);
	struct flights f = *flights(o, e->arg);

	switch ((enum event_kind)e->kind) {
	case EV_DMA_WRITE: /* in order: the oldest has landed, or an ordinary one went by */
		if (d->inflight_n == f.n)
			return;
		f.told = one_less(f.told);
		for (u32 i = 0; i < ARRAY_LEN(f.raise); i++)
			f.raise[i] = one_less(f.raise[i]);
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

/* n bytes of a load, from its byte i on, of which the write w is still on its way. */
static void early(struct oracle *o, u32 dev, const struct inflight *w, u64 home,
		  const struct view *v, u32 i, u32 n)
{
	const u8 *want = w->data + (home + i - link_home(o->w, w->pa));
	struct finding f = finding_at(o, DIAG_IRQ_BEFORE_DATA, home + i, n);

	f.told = TOLD_STALE;
	f.party = PARTY_CPU;
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

void flight_load(struct oracle *o, const struct event *e, const struct view *v)
{
	u64 home = link_home(o->w, e->f[0]);

	if (e->party != PARTY_CPU)
		return; /* no other CPU takes interrupts */
	for (u32 dev = 0; dev < o->hw->cfg->devs; dev++)
		for (u32 i = 0; i < flights(o, dev)->told; i++) {
			const struct inflight *w = &hw_dev(o->hw, dev)->inflight[i];
			u64 at = link_home(o->w, w->pa);
			u64 lo = max_u64(home, at), hi = min_u64(home + v->n, at + w->n);

			if (lo < hi)
				early(o, dev, w, home, v, (u32)(lo - home), (u32)(hi - lo));
		}
}
