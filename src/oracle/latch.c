/* SPDX-License-Identifier: MIT */
/*
 * Latched copies (semantics: newer, stale): what a device fetches ahead of use is judged when it
 * asks for it, keeps that verdict, and is reported when it acts on it. What it never acts on is
 * never reported. The access itself, and the right to make it, is judged at once.
 *
 * Which verdicts wait is state; the findings themselves, with their event numbers, are not.
 */
#include "oracle/oracle_int.h"

#include "base/bug.h"

enum { WAITING_MAX = 4 }; /* findings of one fetch; further ones are of the same bug */

/* Of one latch, hashed. */
struct waiting {
	u32 n, pad;
	struct {
		u64 pa;
		u32 id, stmt;
	} of[WAITING_MAX];
	u64 pad2[7];
};

struct latched {
	struct finding f[WAITING_MAX];
};

_Static_assert(sizeof(struct waiting) % CHUNK == 0, "a latch has its own objects");

enum { LATCHES = DEVICES_MAX * LATCHES_MAX };

void latch_claim(struct oracle *o)
{
	o->waiting = world_region(o->w, "oracle latches", LATCHES * sizeof(struct waiting), CHUNK,
				  REGION_RAW, NULL);
	o->latched = world_region(o->w, "oracle latched", LATCHES * sizeof(struct latched), CHUNK,
				  REGION_UNHASHED, NULL);
}

static const struct waiting *waiting(const struct oracle *o, u32 slot)
{
	return (const struct waiting *)world_at(o->w, o->waiting) + slot;
}

static const struct latched *latched(const struct oracle *o, u32 slot)
{
	return (const struct latched *)world_at(o->w, o->latched) + slot;
}

static u32 slot_of(u32 dev, u32 latch)
{
	BUG_ON(dev >= DEVICES_MAX || latch >= LATCHES_MAX);
	return dev * LATCHES_MAX + latch;
}

static void forget(struct oracle *o, u32 slot)
{
	const struct waiting none = {0}, *w = waiting(o, slot);

	if (w->n)
		world_write(o->w, w, &none, sizeof none);
}

void latch_begin(struct oracle *o, u32 dev, u32 latch)
{
	u32 slot = slot_of(dev, latch);

	forget(o, slot);
	o->latch = slot + 1;
}

void latch_end(struct oracle *o)
{
	o->latch = 0;
}

void latch_keep(struct oracle *o, const struct finding *f)
{
	u32 slot = o->latch - 1, n = waiting(o, slot)->n;
	const struct waiting *w = waiting(o, slot);

	if (n == WAITING_MAX)
		return;
	W_SET(o->w, w->of[n].pa, f->pa);
	W_SET(o->w, w->of[n].id, (u32)f->id);
	W_SET(o->w, w->of[n].stmt, f->stmt);
	world_write(o->w, &latched(o, slot)->f[n], f, sizeof *f);
	W_SET(o->w, w->n, n + 1);
}

void latch_use(struct oracle *o, u32 dev, u32 latch)
{
	u32 slot = slot_of(dev, latch);
	const struct waiting *w = waiting(o, slot);

	for (u32 i = 0; i < w->n; i++)
		report_now(o, &latched(o, slot)->f[i]);
	forget(o, slot);
}
