/* SPDX-License-Identifier: MIT */
#include "explore/shows.h"

u64 shows_entry_line(const struct moves *m, u32 cpu, u32 i)
{
	return align_down(hw_core(&m->e->hw, cpu)->sb[i].pa, m->e->w->line);
}

/* Whether entry i must leave the buffer before entry k can, if both will. */
static bool goes_first(const struct moves *m, u32 cpu, u32 i, u32 k)
{
	const struct store_entry *sb = hw_core(&m->e->hw, cpu)->sb;

	return m->e->cfg->hw.order == ORDER_TSO || sb[i].group != sb[k].group ||
	       sb[i].smp != sb[k].smp || sb[i].pa == sb[k].pa;
}

static bool drain_shows(const struct moves *m, const struct footprint *f, const struct action *h)
{
	u32 cpu = h->arg / STORE_BUFFER_MAX, i = h->arg % STORE_BUFFER_MAX;

	for (u32 k = i; k < hw_core(&m->e->hw, cpu)->entries; k++)
		if ((k == i || goes_first(m, cpu, i, k)) &&
		    footprint_how(f, shows_entry_line(m, cpu, k)) & ~(u32)TOUCH_CALL)
			return true;
	return false;
}

/* Whether the copy of a line differs from what lies behind it, in what is known of it too. */
static bool differs(const struct moves *m, enum cache_level level, u64 line)
{
	const struct engine *e = m->e;
	struct line_info l = cache_line(&e->hw, level, line), outer = {0};
	u32 behind;

	if (level == LEVEL_L1 && e->cfg->hw.outer.sets)
		outer = cache_line(&e->hw, LEVEL_OUTER, line);
	behind = outer.present ? outer.cell : memory_cell_at(e->w, line);
	return !behind ||
	       memcmp((const u8 *)world_at(e->w, l.cell) + 8,
		      (const u8 *)world_at(e->w, behind) + 8, e->w->cell.hashed - 8) != 0;
}

/*
 * Whether it can be told that a copy was dropped: by a CPU that then gets other bytes; by the
 * oracle if it counts when the line was fetched; and before memory changes, on a core that loads
 * early, which then may still return what memory held.
 */
static bool drop_shows(const struct moves *m, const struct action *h, u32 how)
{
	const struct engine *e = m->e;
	bool early = e->cfg->hw.early_loads, fetches = e->cfg->hw.speculates, marked;

	if (h->arg == LEVEL_OUTER)
		return !cache_line(&e->hw, LEVEL_L1, h->line).present &&
		       differs(m, LEVEL_OUTER, h->line);
	marked = e->oracle.state && !cache_line(&e->hw, LEVEL_L1, h->line).refilled;
	if (how & (TOUCH_LOAD | TOUCH_STORE) &&
	    ((marked && !fetches) || differs(m, LEVEL_L1, h->line)))
		return true;
	if (how & TOUCH_OPERATION && differs(m, LEVEL_L1, h->line)) /* who lost what was there */
		return true;
	return how & TOUCH_MEMORY_WRITE && (early || (marked && fetches));
}

/* Whether a CPU will still look at a line; else no copy of it is worth a fetch. */
static bool looked_at(const struct moves *m, u64 line)
{
	const struct line_use *u = lines_of(m->lines, line);

	return u && lines_cpu_needs(m->lines, m->e, u);
}

/* An absent line that wants to be fetched now, in a full set, or one that pushed another out. */
static bool wants_room(const struct moves *m, const struct touched *t)
{
	const struct engine *e = m->e;

	if (t->how & TOUCH_CROWDED)
		return true;
	return t->how & (TOUCH_MEMORY_WRITE | TOUCH_CLEAN) && e->cfg->hw.speculates &&
	       e->cfg->hw.l1.sets && !cache_line(&e->hw, LEVEL_L1, t->line).present &&
	       looked_at(m, t->line) && cache_set_full(&e->hw, LEVEL_L1, t->line);
}

/* Notes whether an access with this footprint finds a set full. */
void shows_notice(struct moves *m, const struct footprint *f)
{
	for (u32 i = 0; i < f->n && !m->crowds && !m->full; i++) {
		const struct touched *t = &f->v[i];

		m->full = t->how & TOUCH_CROWDED
			      ? cache_set_full(&m->e->hw, (enum cache_level)t->level, t->line)
			      : wants_room(m, t);
	}
}

/* A line that nobody will miss: which one of those goes makes no difference. */
static bool idle(const struct moves *m, const struct action *a)
{
	return a->minor || (a->kind == ACT_DROP && a->arg == LEVEL_L1 && !looked_at(m, a->line));
}

/*
 * Whether this line may go to make room. Of idle ones the first stands for all, unless it counts
 * which one calm takes next; others too, unless only states count, as they may go later as well.
 */
bool shows_may_go(const struct moves *m, const struct action_list *l, const struct action *h)
{
	for (u32 i = 0; i < l->n; i++) {
		const struct action *a = &l->v[i];

		if ((a->kind != ACT_WRITE_BACK && a->kind != ACT_DROP) || a->arg != h->arg ||
		    !cache_same_set(&m->e->hw, (enum cache_level)h->arg, a->line, h->line))
			continue;
		if (idle(m, a) && m->alike)
			return a->line == h->line || (!m->thorough && !idle(m, h));
	}
	return true;
}

static bool makes_room(const struct moves *m, const struct footprint *f,
		       const struct action_list *l, const struct action *h)
{
	for (u32 i = 0; i < f->n; i++)
		if (f->v[i].level == h->arg && wants_room(m, &f->v[i]) &&
		    cache_same_set(&m->e->hw, (enum cache_level)h->arg, f->v[i].line, h->line))
			return shows_may_go(m, l, h);
	return false;
}

/* Whether an access with this footprint can tell that hardware did h just before it. */
bool shows_act(const struct moves *m, const struct footprint *f, const struct action_list *l,
	       const struct action *h)
{
	u32 how;

	if (h->kind == ACT_DRAIN)
		return drain_shows(m, f, h);
	how = footprint_how(f, h->line);
	if (how & TOUCH_SEEN)
		return true;
	if (h->kind == ACT_FILL)
		return how & (TOUCH_MEMORY_WRITE | TOUCH_CLEAN) && looked_at(m, h->line);
	if (makes_room(m, f, l, h))
		return true;
	if (h->minor)
		return false;
	if (h->kind == ACT_WRITE_BACK)
		return how &
		       (TOUCH_MEMORY_READ | TOUCH_MEMORY_WRITE | TOUCH_STORE | TOUCH_OPERATION);
	return drop_shows(m, h, how);
}

/*
 * Whether h before the access can do all that the access alone could, and more; then that says it
 * all. Fetched before memory changes, a line can be dropped before anybody looks. Written back
 * before a device writes for the last time, a CPU has the same bytes as in a dirty line, and may
 * lose them too; where no operation will drop the line, and nobody judges what is lost.
 */
bool shows_more(const struct moves *m, const struct footprint *f, const struct action *h)
{
	const struct engine *e = m->e;
	u32 how = footprint_how(f, h->line);
	const struct line_use *u;

	if (h->kind == ACT_FILL)
		return how & (TOUCH_MEMORY_WRITE | TOUCH_CLEAN) && looked_at(m, h->line);
	if (h->kind != ACT_WRITE_BACK || !(how & TOUCH_MEMORY_WRITE) || h->minor || e->w->truth ||
	    e->cfg->hw.outer.sets)
		return false;
	u = lines_of(m->lines, h->line);
	return u && !u->seen && e->w->cpus == 1 && m->lines->made[PARTY_CPU] >= u->operated &&
	       !lines_device_needs(m->lines, e, u);
}

/* What concerns the bytes of a line without moving them may change what is said of a move. */
bool shows_at_stake(const struct moves *m, const struct footprint *f, const struct action *h)
{
	u64 line = h->line;

	if (h->minor || (h->kind != ACT_WRITE_BACK && h->kind != ACT_DRAIN))
		return false;
	if (h->kind == ACT_DRAIN) /* what was stored may then be written back as well */
		return footprint_how(f, shows_entry_line(m, h->arg / STORE_BUFFER_MAX,
							 h->arg % STORE_BUFFER_MAX)) &
		       TOUCH_CALL;
	return footprint_how(f, line) & (TOUCH_CALL | TOUCH_BUFFER);
}

/* A store that leaves for a line with old bytes: what would then be lost is not told by it alone.
 */
bool shows_stain(const struct moves *m, const struct action *h)
{
	u64 line;

	if (h->kind != ACT_DRAIN || !m->e->cfg->hw.l1.sets)
		return false;
	line = shows_entry_line(m, h->arg / STORE_BUFFER_MAX, h->arg % STORE_BUFFER_MAX);
	return cache_line(&m->e->hw, LEVEL_L1, line).present && differs(m, LEVEL_L1, line);
}

static bool waits_for_line(const struct moves *m, u64 line)
{
	for (u32 c = 0; c < m->e->w->cpus; c++)
		for (u32 i = 0; i < hw_core(&m->e->hw, c)->entries; i++)
			if (shows_entry_line(m, c, i) == line)
				return true;
	return false;
}

static bool may_be_fetched(const struct engine *e, u64 line)
{
	u64 pa, len;

	for (u32 i = 0; e->cfg->hw.speculates && lx_open_memory(&e->lx, i, &pa, &len); i++)
		if (line >= align_down(pa, e->w->line) && line < pa + len)
			return true;
	return false;
}

/*
 * Whether a line that is dropped before the access would have to be fetched again, as that says
 * more, and would then be what it was.
 */
bool shows_undone(const struct moves *m, const struct footprint *f, const struct action *h)
{
	const struct engine *e = m->e;
	const struct action fill = {.kind = ACT_FILL, .line = h->line};

	if (h->kind != ACT_DROP || h->arg != LEVEL_L1 || !m->thorough || m->crowds ||
	    !shows_more(m, f, &fill) || !may_be_fetched(e, h->line) || waits_for_line(m, h->line))
		return false;
	if (e->cfg->hw.outer.sets && !cache_line(&e->hw, LEVEL_OUTER, h->line).present)
		return false;
	return !differs(m, LEVEL_L1, h->line) &&
	       (!e->oracle.state || cache_line(&e->hw, LEVEL_L1, h->line).refilled);
}

/* A store that nobody will look for: whether it leaves now or later makes no difference. */
bool shows_leaves_idly(const struct moves *m, u32 cpu, const struct action *a)
{
	const struct line_use *u =
	    lines_of(m->lines, shows_entry_line(m, cpu, a->arg % STORE_BUFFER_MAX));

	if (a->minor)
		return true;
	return m->e->w->cpus == 1 && u && !u->seen && !lines_device_needs(m->lines, m->e, u);
}
