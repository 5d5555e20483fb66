/* SPDX-License-Identifier: MIT */
/*
 * Lines that are dirty in a cache, and whose store made each of them so: whoever's line goes over
 * newer bytes, or is dropped with them, is named by it.
 *
 * Model: the table has a fixed size. A line that finds no place has no store that made it dirty;
 * the culprit is then the access itself.
 */
#include "oracle/oracle_int.h"

static u32 dirty_slot(const struct oracle *o, u64 line)
{
	const struct dirty_line *t = world_at(o->w, o->dirty);
	u32 i = (u32)((line * 0x9e3779b97f4a7c15ull) >> 40) % DIRTY_SLOTS;

	if (t[i].line == (line | 1))
		return i;
	for (u32 k = 0; k < DIRTY_SLOTS; k++, i = (i + 1) % DIRTY_SLOTS)
		if (t[i].line == (line | 1) || !t[i].line)
			return i;
	return DIRTY_SLOTS;
}

const struct dirty_line *dirty_find(const struct oracle *o, u64 line)
{
	const struct dirty_line *t = world_at(o->w, o->dirty);
	u32 i = dirty_slot(o, line);

	return i < DIRTY_SLOTS && t[i].line ? &t[i] : NULL;
}

static void dirty_set(struct oracle *o, u32 i, struct dirty_line d)
{
	const struct dirty_line *t = world_at(o->w, o->dirty);
	u32 off = world_off(o->w, &t[i]);

	*(struct dirty_line *)world_mut_obj(o->w, off & ~(u32)(CHUNK - 1), off, sizeof d) = d;
}

/* cached: the event says that the line is in the cache. */
static void dirtied(struct oracle *o, u64 pa, u32 stmt, bool cached)
{
	const struct dirty_line *t = world_at(o->w, o->dirty);
	u64 line = align_down(pa, o->w->line);
	u32 i = dirty_slot(o, line);
	bool covered = track_any(o, link_home(o->w, pa), 1);
	struct dirty_line d;

	if (i == DIRTY_SLOTS || (!cached && !cache_line(o->hw, LEVEL_L1, line).present))
		return;
	d = t[i];
	d.line = line | 1;
	if (!d.stmt || covered)
		d.stmt = stmt;
	d.covered |= covered;
	d.bare |= !covered;
	if (d.line != t[i].line || d.stmt != t[i].stmt || d.covered != t[i].covered ||
	    d.bare != t[i].bare)
		dirty_set(o, i, d);
}

/* An entry lies in one chunk of the region. */
static void dirty_clear(struct oracle *o, const struct dirty_line *d)
{
	u32 off = world_off(o->w, d);

	_Static_assert(CHUNK % sizeof *d == 0, "entries do not cross chunks");
	memset(world_mut_obj(o->w, off & ~(u32)(CHUNK - 1), off, sizeof *d), 0, sizeof *d);
}

void dirty_left(struct oracle *o, u64 line, u32 stmt)
{
	const struct dirty_line *t = world_at(o->w, o->dirty);
	u32 i = dirty_slot(o, line);
	struct dirty_line d;

	if (i == DIRTY_SLOTS)
		return;
	d = t[i];
	d.line = line | 1;
	d.left = stmt & 0x3fffffff;
	dirty_set(o, i, d);
	W_SET(o->w, ostate(o)->left, 1u);
}

/* The CPU has stored there again. */
static void dirtied_again(struct oracle *o, u64 pa)
{
	u64 line = align_down(pa, o->w->line);
	const struct dirty_line *t = dirty_find(o, line);
	struct dirty_line d;

	if (!t || !t->left)
		return;
	d = *t;
	d.left = 0;
	dirty_set(o, dirty_slot(o, line), d);
}

static void cleaned(struct oracle *o, u64 line)
{
	const struct dirty_line *t = world_at(o->w, o->dirty);
	u32 i = dirty_slot(o, line), gap;

	if (i == DIRTY_SLOTS || !t[i].line)
		return;
	if (t[i].left && defect_pending(o, line)) { /* it will be dirty again by the same stores */
		dirty_set(o, i, (struct dirty_line){.line = t[i].line, .left = t[i].left});
		return;
	}
	/* Open addressing without tombstones: what follows is put in again. */
	dirty_clear(o, &t[i]);
	for (gap = (i + 1) % DIRTY_SLOTS; t[gap].line; gap = (gap + 1) % DIRTY_SLOTS) {
		struct dirty_line d = t[gap];

		dirty_clear(o, &t[gap]);
		world_write(o->w, &t[dirty_slot(o, d.line & ~1ull)], &d, sizeof d);
	}
}

/* After an event that made the line clean in one cache. Dropping it makes it no cleaner. */
static bool dirty_somewhere(const struct oracle *o, u64 line)
{
	return o->hw->cfg->outer.sets && (cache_line(o->hw, LEVEL_L1, line).dirty ||
					  cache_line(o->hw, LEVEL_OUTER, line).dirty);
}

void dirty_event(struct oracle *o, const struct event *e)
{
	switch (e->kind) {
	case EV_STORE_BUFFERED:
		if (ostate(o)->left)
			dirtied_again(o, e->f[0]);
		break;
	case EV_STORE_CACHE:
		if (ostate(o)->left)
			dirtied_again(o, e->f[0]);
		dirtied(o, e->f[0], e->stmt, true);
		break;
	case EV_DRAIN:
	case EV_DRAIN_EARLY:
		dirtied(o, e->f[0], o->hw->drained, false); /* not what the CPU does meanwhile */
		break;
	case EV_COPY_IN:
	case EV_COPY_OUT:
		dirtied(o, e->f[1], e->stmt, false);
		break;
	case EV_WRITE_BACK:
	case EV_CLEAN:
	case EV_INVALIDATE:
		if (!dirty_somewhere(o, e->f[0]))
			cleaned(o, e->f[0]);
		break;
	default:
		break;
	}
}
