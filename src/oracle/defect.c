/* SPDX-License-Identifier: MIT */
/*
 * What the kernel port left undone (semantics: findings and outcomes): a map or sync_for_device
 * must leave no line of the buffer dirty for a device that does not look into the caches. A line
 * that is dirty all the same when the call returns, or has stores on their way to it, is marked
 * with that call; what goes wrong by it later is the platform's defect. The mark goes when the line
 * is written back, and when the CPU stores to it again: from then on it would be dirty anyway.
 *
 * Decided by what is in the caches, not by the port's table or name. A call that was told to skip
 * the caches left nothing undone.
 */
#include "core/maphow.h"
#include "oracle/oracle_int.h"

/* Bit of DMA_ATTR_SKIP_CPU_SYNC, include/linux/dma-mapping.h. */
enum { SKIP_CPU_SYNC = 1 << 5 };

void oracle_port_asked(struct oracle *o, u32 level, u64 pa, u64 len)
{
	if (!o->state)
		return;
	BUG_ON(level >= ARRAY_LEN(ostate(o)->asked));
	W_SET(o->w, ostate(o)->asked[level].pa, pa);
	W_SET(o->w, ostate(o)->asked[level].len, len);
}

/* The call that this event ends was asked to see to the caches. */
static bool was_asked(struct oracle *o, const struct event *e)
{
	bool map = e->kind == EV_MAP;

	if (e->f[map ? 6 : 4] == HOW_SG && e->kind != EV_MAP_FAIL)
		return !map || !(e->f[5] & SKIP_CPU_SYNC);
	for (u32 i = 0; i < ARRAY_LEN(ostate(o)->asked); i++) {
		if (!ostate(o)->asked[i].len || ostate(o)->asked[i].pa != e->f[0])
			continue;
		W_SET(o->w, ostate(o)->asked[i].pa, 0ull);
		W_SET(o->w, ostate(o)->asked[i].len, 0ull);
		return true;
	}
	return false;
}

void defect_refused(struct oracle *o, const struct event *e)
{
	(void)was_asked(o, e);
}

bool defect_pending(const struct oracle *o, u64 line)
{
	const struct cpu_state *cpu = hw_cpu(o->hw);

	for (u32 i = 0; i < cpu->entries; i++)
		if (align_down(cpu->sb[i].pa, o->w->line) == line)
			return true;
	return false;
}

static bool dirty_in(const struct oracle *o, enum cache_level level, u64 line)
{
	const struct hw_config *hw = o->hw->cfg;

	return (level == LEVEL_L1 ? hw->l1.sets : hw->outer.sets) &&
	       cache_line(o->hw, level, line).dirty;
}

/* Bytes [at, at+len) were given to a device: where they are for it. */
static void mark(struct oracle *o, const struct event *e, u64 at, u64 len)
{
	for (u64 line = align_down(at, o->w->line); line < at + len; line += o->w->line)
		if (dirty_in(o, LEVEL_L1, line) || dirty_in(o, LEVEL_OUTER, line) ||
		    defect_pending(o, line))
			dirty_left(o, line, e->stmt);
}

void defect_handed_over(struct oracle *o, const struct event *e)
{
	u32 map = track_live(o, e->f[0], oracle_maps(o));
	const struct omap *m = map ? oracle_map(o, map - 1) : NULL;

	if (!was_asked(o, e) || !m || o->hw->cfg->dev[e->arg].coherent)
		return;
	mark(o, e, m->slot ? m->slot + (e->f[0] - m->pa) : e->f[0], e->f[1]);
}

u32 defect_call(const struct oracle *o, u64 pa)
{
	const struct dirty_line *d =
	    ostate(o)->left ? dirty_find(o, align_down(pa, o->w->line)) : NULL;

	return d ? d->left : 0;
}
