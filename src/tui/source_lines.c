/* SPDX-License-Identifier: MIT */
/* Headers of cache lines, who owns what, and the bytes that are folded away. */
#include "tui/source_int.h"

#include <string.h>

#include "base/bug.h"

/* A cache line, as far as it lies in the object. */
struct span_seen {
	u64 lo, hi;		  /* home addresses */
	bool cpu, memory, device; /* somebody's bytes are behind */
	bool cpu_newest;	  /* some bytes are newest on the CPU's side */
	bool stale;		  /* who may look would get old bytes */
	u32 differ, loose;
	bool same; /* all have the value of the first */
	u8 value;
};

static struct span_seen span_see(const struct sight *g, u64 lo, u64 hi)
{
	struct span_seen s = {.lo = max_u64(lo, g->from), .same = true};

	s.hi = min_u64(hi, g->from + g->seen);
	for (u64 a = s.lo; a < s.hi; a++) {
		const struct truths *t = sight_at(g, a);
		bool device = t->device.state == TRUTH_KNOWN;

		s.value = a == s.lo ? t->cpu.value : s.value;
		s.same &= t->cpu.value == s.value;
		s.differ += truths_differ(t);
		s.loose += truths_loose(t);
		s.cpu |= t->cpu.mark == '~' || t->cpu.mark == '!';
		s.cpu_newest |= t->cpu.mark == '*' && t->memory.mark != '*';
		s.memory |= t->memory.mark == '~' || t->memory.mark == '!';
		s.device |= device && (t->device.mark == '~' || t->device.mark == '!');
		s.stale |= t->cpu.mark == '!' || (device && t->device.mark == '!');
	}
	return s;
}

u32 sight_line_number(const struct sight *g, u64 line_pa)
{
	u32 line = g->s->e->cfg->hw.line;

	return (u32)((line_pa - align_down(g->buf->pa, line)) / line);
}

static void range_text(const struct sight *g, u64 lo, u64 hi, char *to, size_t size)
{
	struct str s = {0};

	names_short(g->buf->name, &s);
	lesson_setf(to, size, "%s+%02llx..%02llx", str_get(&s),
		    (unsigned long long)(lo - g->buf->pa),
		    (unsigned long long)(hi - 1 - g->buf->pa));
	str_free(&s);
}

/* ---- owners ---- */

static enum lesson_badge badge(const struct sight *g, u64 pa)
{
	static const u8 of[] = {
	    [OWNER_NONE] = BADGE_NONE,
	    [OWNER_CPU] = BADGE_CPU,
	    [OWNER_CPU_MAPPED] = BADGE_CPU_MAPPED,
	    [OWNER_DEV_R] = BADGE_DEV_R,
	    [OWNER_DEV_W] = BADGE_DEV_W,
	    [OWNER_DEV_RW] = BADGE_DEV_RW,
	    [OWNER_BOTH] = BADGE_SHARED,
	};
	u32 map;

	if (!oracle_allocs(&g->s->e->oracle))
		return BADGE_NOT_SHOWN; /* nobody keeps ownership in this run */
	return (enum lesson_badge)of[oracle_owner(&g->s->e->oracle, pa, &map)];
}

static void fill_owner(const struct sight *g, const struct span_seen *s, struct lesson_line *l)
{
	const char *dev = g->dev == ~0u ? "" : names_device(g->s->names, g->dev);
	bool mixed = false;

	l->owner = (u8)badge(g, s->lo);
	for (u64 a = s->lo + 1; a < s->hi; a++) {
		enum lesson_badge b = badge(g, a);

		mixed |= b != l->owner;
		if (l->owner == BADGE_CPU)
			l->owner = (u8)b;
	}
	if (mixed) {
		M_SETF(l->rights, "%s: a part", dev);
		return;
	}
	switch ((enum lesson_badge)l->owner) {
	case BADGE_DEV_R:
		M_SETF(l->rights, "%s may read", dev);
		break;
	case BADGE_DEV_W:
		M_SETF(l->rights, "%s may write", dev);
		break;
	case BADGE_DEV_RW:
		M_SETF(l->rights, "%s may do both", dev);
		break;
	case BADGE_SHARED:
		M_SET(l->rights, "coherent memory");
		break;
	case BADGE_CPU:
		M_SET(l->rights, "the CPU's");
		break;
	case BADGE_CPU_MAPPED:
		M_SET(l->rights, "the CPU's turn");
		break;
	default:
		break;
	}
}

static void fill_owner_row(struct sight *g)
{
	struct lesson_model *m = g->m;
	static const char letters[] = " chrwxb.";
	bool used[sizeof letters] = {false};
	struct str key = {0};

	for (u32 i = 0; i < g->n; i++) {
		m->owners[i] = (u8)badge(g, g->row + i);
		m->has_owners |= m->owners[i] != m->owners[0];
		BUG_ON(m->owners[i] >= sizeof letters);
		used[m->owners[i]] = true;
	}
	for (u32 b = BADGE_CPU; m->has_owners && b < BADGE_NONE; b++) {
		bool cpu = b == BADGE_CPU || b == BADGE_CPU_MAPPED;

		if (used[b])
			str_printf(&key, "%s%c %s", key.n ? "   " : "", letters[b],
				   cpu		       ? "CPU"
				   : b == BADGE_SHARED ? "both"
				   : g->dev == ~0u     ? "device"
						       : names_device(g->s->names, g->dev));
	}
	M_SET(m->owners_key, str_get(&key));
	str_free(&key);
}

/* ---- the cache ---- */

static void fill_cached(const struct sight *g, u64 line, struct lesson_line *l)
{
	const struct hw *hw = &g->s->e->hw;
	struct line_info l1 = cache_line(hw, LEVEL_L1, line), l2 = {0};
	bool in_l1 = l1.present;

	if (g->buf->uncached) {
		l->cached = CACHED_UNCACHED;
		M_SET(l->where, "uncached");
		return;
	}
	if (hw->cfg->outer.sets)
		l2 = cache_line(hw, LEVEL_OUTER, line);
	if (!in_l1 && !l2.present) {
		l->cached = CACHED_EMPTY;
		M_SET(l->where, "not cached");
		return;
	}
	l->cached = (in_l1 ? l1.dirty : l2.dirty) ? CACHED_DIRTY : CACHED_CLEAN;
	if (in_l1 && l2.present)
		M_SET(l->where, "in L1+L2");
	else
		M_SETF(l->where, "%s in %s", l->cached == CACHED_DIRTY ? "dirty" : "clean",
		       in_l1 ? "L1" : "L2");
}

/* ---- who is behind ---- */

static bool found_here(const struct sight *g, const struct span_seen *s)
{
	const struct finding *f = g->found ? g->found->f : NULL;

	return f && f->n && f->pa < s->hi && s->lo < f->pa + f->n;
}

static void fill_note(const struct sight *g, const struct span_seen *s, struct lesson_line *l)
{
	const char *dev = g->dev == ~0u ? "device" : names_device(g->s->names, g->dev);
	char sign = s->stale ? '!' : '~';

	if (found_here(g, s) && finding_is_stale(g->found->f)) {
		M_SETF(l->note, "! %s READ OLD",
		       names_is_cpu(g->s->names, g->found->f->party) ? "CPU" : dev);
		l->note_kind = NOTE_FINDING;
		return;
	}
	if (found_here(g, s) && finding_is_lost(g->found->f)) {
		M_SET(l->note, "! BYTES LOST");
		l->note_kind = NOTE_FINDING;
		return;
	}
	l->note_kind = s->differ ? NOTE_BEHIND : NOTE_QUIET;
	if (s->cpu && s->cpu_newest)
		M_SETF(l->note, "%c both are behind", sign);
	else if (s->cpu)
		M_SETF(l->note, "%c CPU is behind", sign);
	else if (s->device)
		M_SETF(l->note, "%c %s is behind", sign, dev);
	else if (s->memory)
		M_SETF(l->note, "%c memory is behind", sign);
	else if (s->loose)
		M_SET(l->note, "= may be dropped");
	else
		M_SET(l->note, "= agree");
}

static void fill_head(const struct sight *g, u64 line_pa, struct lesson_line *l)
{
	struct span_seen s = span_see(g, line_pa, line_pa + g->s->e->cfg->hw.line);

	l->number = sight_line_number(g, line_pa);
	range_text(g, s.lo, s.hi, l->range, sizeof l->range);
	fill_owner(g, &s, l);
	fill_cached(g, line_pa, l);
	fill_note(g, &s, l);
}

/* ---- folds ---- */

struct lesson_lower *lower_add(struct sight *g, u8 kind)
{
	struct lesson_lower *l;

	BUG_ON(g->m->lowers == LESSON_LOWER);
	l = &g->m->lower[g->m->lowers++];
	l->kind = kind;
	return l;
}

static void fold(struct sight *g, u64 lo, u64 hi, const char *what)
{
	struct span_seen s = span_see(g, lo, hi);
	struct lesson_lower *l = lower_add(g, LOWER_FOLD);
	const char *who = g->dev == ~0u || s.cpu ? "CPU" : s.device ? "device" : "memory";
	const char *all = sight_at(g, s.lo)->device.state == TRUTH_KNOWN ? "all three" : "all";
	u64 n = hi - lo;

	range_text(g, lo, hi, l->range, sizeof l->range);
	if (s.hi < hi || s.lo > lo)
		M_SETF(l->text, "%llu bytes%s", (unsigned long long)n, what);
	else if (s.differ)
		M_SETF(l->text, "%u byte%s differ%s, %s old%s", s.differ, s.differ == 1 ? "" : "s",
		       s.differ == 1 ? "s" : "", who, what);
	else if (s.loose)
		M_SETF(l->text, "%u byte%s differ%s, either may be dropped%s", s.loose,
		       s.loose == 1 ? "" : "s", s.loose == 1 ? "s" : "", what);
	else if (s.same && !*what)
		M_SETF(l->text, "%llu × %02x, %s agree", (unsigned long long)n, s.value, all);
	else
		M_SETF(l->text, "%llu bytes, %s agree%s", (unsigned long long)n, all, what);
}

/* The other rows of the open line: as one fold where they lie on one side of the open row. */
static u32 fold_line(struct sight *g, u64 lo, u64 hi, u32 room)
{
	bool above = lo < g->row, below = g->row + g->n < hi;

	if (!room || (!above && !below))
		return 0;
	if (above && below && room == 1) {
		fold(g, lo, hi, "; the whole line");
		return 1;
	}
	if (above)
		fold(g, lo, g->row, "");
	if (below)
		fold(g, g->row + g->n, hi, "");
	return above + below;
}

/* Of the object's other lines the nearest that differs, else the next, else the one before. */
static u64 other_line(const struct sight *g, u64 line)
{
	u32 step = g->s->e->cfg->hw.line;
	u64 first = align_down(g->from, step), end = g->from + g->seen, best = line;

	for (u64 a = first; a < end; a += step) {
		u64 far = a > line ? a - line : line - a;
		u64 near = best > line ? best - line : line - best;

		if (a != line && span_see(g, a, a + step).differ && (best == line || far < near))
			best = a;
	}
	if (best != line)
		return best;
	return line + step < end ? line + step : line > first ? line - step : line;
}

/* Whether nothing is to be told of the lines beside the open one. */
static bool others_agree(const struct sight *g, u64 lo, u64 hi)
{
	struct span_seen above = span_see(g, g->from, lo);
	struct span_seen behind = span_see(g, hi, g->from + g->seen);

	return !(above.differ | above.loose | behind.differ | behind.loose);
}

void fill_lines(struct sight *g)
{
	u32 step = g->s->e->cfg->hw.line;
	u64 line = align_down(g->row, step), end = g->from + g->seen;
	u64 lo = max_u64(line, g->from), hi = min_u64(line + step, end);
	u32 lines = (u32)((align_up(end, step) - align_down(g->from, step)) / step);
	u32 room, other = lines > 1;

	fill_head(g, line, &g->m->line_head);
	fill_owner_row(g);
	room = LESSON_LOWER - g->m->has_owners;
	room -= (u32)min_u64(room, lower_rows(g));
	room -= fold_line(g, lo, hi, room > other ? room - (room > 1 ? other : 0) : room);
	if (!room || !other)
		return;
	if (lines > 2 && room == 1 && others_agree(g, lo, hi)) {
		struct lesson_lower *l = lower_add(g, LOWER_FOLD);

		range_text(g, g->from, end, l->range, sizeof l->range);
		M_SETF(l->text, "%u other lines%s, all agree", lines - 1,
		       g->seen < g->buf->len ? " near by" : "");
		return;
	}
	fill_head(g, other_line(g, line), &lower_add(g, LOWER_LINE)->line);
}
