/* SPDX-License-Identifier: MIT */
#include "explore/moves.h"

#include "base/bug.h"

enum {
	DEPTH_MAX = 24, /* acts of hardware before one access, in one move */
	FORK_MAX = 10,	/* acts of which all sets are tried in one move */
	MET_MAX = 8192, /* states that one access is made ready in */
	MET_FREE = 64,	/* of these, what is not counted as work */
	LOOK_MAX = 64	/* transitions of one look of a poll */
};

void moves_init(struct moves *m, struct engine *e, struct lines *lines)
{
	m->e = e;
	m->lines = lines;
	m->restless = m->crowds;
	m->expires = false;
	for (u32 i = 0; i < e->prog->codes; i++)
		m->expires |= e->prog->code[i].op == OP_POLL_LIMIT;
	e->all_drains = m->restless;
	if (m->expires)
		e->line_matters = NULL;
	for (u32 i = m->list.n; i < DEPTH_MAX + 2; i++) {
		vec_push(&m->list, (struct action_list){0});
		vec_push(&m->print, (struct footprint){0});
		vec_push(&m->shown, (struct act_list){0});
	}
}

void moves_free(struct moves *m)
{
	for (u32 i = 0; i < m->list.n; i++) {
		vec_free(&m->list.v[i]);
		vec_free(&m->print.v[i]);
		vec_free(&m->shown.v[i]);
	}
	vec_free(&m->shown);
	vec_free(&m->list);
	vec_free(&m->print);
	vec_free(&m->met);
	vec_free(&m->over);
	vec_free(&m->steps);
}

void moves_event(struct moves *m, const struct event *ev)
{
	bool goes = ev->kind == EV_WRITE_BACK || ev->kind == EV_DROP;

	if (goes && m->steps.n) { /* to make room for what hardware brings */
		u8 kind = m->steps.v[m->steps.n - 1].did.kind;

		m->full |= kind == ACT_FILL || kind == ACT_DRAIN;
	}
	if (m->recording)
		footprint_event(m->recording, m->e, ev);
}

void moves_handed(struct moves *m, u64 pa, u64 len)
{
	if (m->recording)
		footprint_add(m->recording, m->e, pa, len, TOUCH_CALL);
}

void moves_saw(struct moves *m, u64 pa, u64 len)
{
	if (m->recording)
		footprint_add(m->recording, m->e, pa, len, TOUCH_SEEN);
}

/* ---- doing and taking back ---- */

static void apply(struct moves *m, const struct action_list *l, const struct action *a)
{
	vec_push(&m->steps, (struct step){*a, l->v[0], lines_step(m->lines, m->e, a)});
	m->transitions++;
	engine_apply(m->e, a);
}

static void back(struct moves *m, const struct mark *to, u32 steps)
{
	world_undo(m->e->w, to);
	while (m->steps.n > steps)
		lines_unstep(m->lines, m->steps.v[--m->steps.n].maker);
}

void moves_redo(struct moves *m, const struct step *s, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		lines_step(m->lines, m->e, &s[i].did); /* it was counted when it was made */
		engine_apply(m->e, &s[i].did);
	}
}

/* A move has been made. */
static void tell(struct moves *m)
{
	m->told++;
	m->each(m->ctx);
}

static bool same(const struct action *a, const struct action *b)
{
	return a->kind == b->kind && a->arg == b->arg && a->age == b->age && a->line == b->line;
}

static const struct action *find(const struct action_list *l, const struct action *a)
{
	for (u32 i = 0; i < l->n; i++)
		if (same(&l->v[i], a))
			return &l->v[i];
	return NULL;
}

static struct action_list *ask(struct moves *m, u32 depth)
{
	engine_actions(m->e, &m->list.v[depth]);
	return &m->list.v[depth];
}

static bool is_hardware(const struct action *a)
{
	return a->kind == ACT_DRAIN || a->kind == ACT_WRITE_BACK || a->kind == ACT_DROP ||
	       a->kind == ACT_FILL;
}

/* The same access: of a load, whichever version it returns. */
static bool same_access(const struct action *a, const struct action *b)
{
	bool load = a->kind == ACT_CPU || a->kind == ACT_CORE;

	return a->kind == b->kind && a->arg == b->arg && a->line == b->line &&
	       (load || a->age == b->age);
}

/* ---- what an access can tell ---- */

static u64 entry_line(const struct moves *m, u32 cpu, u32 i)
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
		    footprint_how(f, entry_line(m, cpu, k)) & ~(u32)TOUCH_CALL)
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
static void notice(struct moves *m, const struct footprint *f)
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
static bool may_go(const struct moves *m, const struct action_list *l, const struct action *h)
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
			return may_go(m, l, h);
	return false;
}

/* Whether an access with this footprint can tell that hardware did h just before it. */
static bool shows(const struct moves *m, const struct footprint *f, const struct action_list *l,
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

/* ---- an access, and what comes before it ---- */

static bool hash_is_new(struct hashes *l, u64 hash)
{
	for (u32 i = 0; i < l->n; i++)
		if (l->v[i] == hash)
			return false;
	vec_push(l, hash);
	return true;
}

static bool met_before(struct moves *m)
{
	bool is_new = hash_is_new(&m->met, world_hash(m->e->w));

	m->laboured += is_new && m->met.n > MET_FREE;
	return !is_new;
}

/* The state after h and then the access, and the other way round: is it one, without news? */
static bool commutes(struct moves *m, u32 depth, const struct action *a, const struct action *h)
{
	struct mark mark = world_mark(m->e->w);
	const struct action_list *l = &m->list.v[depth], *next;
	u32 steps = m->steps.n;
	u64 hash[2] = {1, 2}, news = m->news;

	for (u32 way = 0; way < 2; way++) {
		const struct action *first = way ? h : a, *second = way ? a : h;

		apply(m, l, first);
		next = ask(m, depth + 1);
		second = find(next, second);
		if (second) {
			apply(m, next, second);
			hash[way] = world_hash(m->e->w);
		}
		back(m, &mark, steps);
	}
	return hash[0] == hash[1] && news == m->news;
}

static void access(struct moves *m, u32 depth, const struct action *a);

/*
 * Hardware does h first; then comes the access, or, if it cannot now, whatever can. alone: that is
 * a move of its own: the access and what else comes before it are moves of the state behind it.
 */
static void after(struct moves *m, u32 depth, const struct action *a, const struct action *h,
		  bool alone)
{
	struct mark mark = world_mark(m->e->w);
	u32 steps = m->steps.n;
	const struct action_list *next;
	bool can = false;

	apply(m, &m->list.v[depth], h);
	if (!met_before(m)) {
		next = ask(m, depth + 1);
		for (u32 i = 0; i < next->n && !can && !alone; i++)
			if (same_access(&next->v[i], a)) {
				can = true;
				access(m, depth + 1, &next->v[i]);
			}
		if (!can)
			tell(m);
	}
	back(m, &mark, steps);
}

/* The bytes that a kernel call works on next, which no event tells where nothing is there. */
static void call_footprint(struct moves *m, const struct action *a, struct footprint *f)
{
	u32 cpu = a->kind == ACT_CORE ? a->arg : 0;
	struct engine_place p;

	if ((a->kind != ACT_CPU && a->kind != ACT_CORE) || !engine_call_place(m->e, cpu, &p))
		return;
	footprint_add(f, m->e, p.pa, p.len, TOUCH_OPERATION | (p.keeps ? (u32)TOUCH_CLEAN : 0));
	if (p.from != p.pa)
		footprint_add(f, m->e, p.from, p.len, TOUCH_LOAD);
}

/*
 * Whether h before the access can do all that the access alone could, and more; then that says it
 * all. Fetched before memory changes, a line can be dropped before anybody looks. Written back
 * before a device writes for the last time, a CPU has the same bytes as in a dirty line, and may
 * lose them too; where no operation will drop the line, and nobody judges what is lost.
 */
static bool says_more(const struct moves *m, const struct footprint *f, const struct action *h)
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

/* Asked right behind the access. */
static bool dominated(const struct moves *m, const struct footprint *f, const struct action_list *l)
{
	for (u32 i = 0; i < l->n && m->thorough; i++)
		if (says_more(m, f, &l->v[i]))
			return true;
	return false;
}

/* A poll that never ends is judged by what memory holds: whether newer bytes are there. */
static void looked(struct footprint *f)
{
	for (u32 i = 0; i < f->n; i++)
		if (f->v[i].how & TOUCH_LOAD)
			f->v[i].how |= TOUCH_MEMORY_READ;
}

/* Whether the CPU that acts is in the condition of a poll. */
static bool looks(const struct moves *m, const struct action *a)
{
	u32 cpu = a->kind == ACT_CORE ? a->arg : 0;

	return (a->kind == ACT_CPU || a->kind == ACT_CORE) &&
	       engine_thread(m->e, party_of_cpu(cpu, m->e->cfg->hw.devs))->in_poll;
}

/* Does the access itself, in each of its versions, and takes its footprint. Returns whether the
 * run was over after one. */
static bool bare(struct moves *m, u32 depth, const struct action *a)
{
	struct mark mark = world_mark(m->e->w);
	const struct action_list *l = &m->list.v[depth];
	struct footprint *f = &m->print.v[depth];
	u32 steps = m->steps.n;
	bool over = false;
	struct action calm;

	f->n = 0;
	call_footprint(m, a, f);
	for (u32 i = 0; i < l->n; i++) {
		bool poll = looks(m, a);

		if (!same_access(&l->v[i], a))
			continue;
		m->recording = f;
		apply(m, l, &l->v[i]);
		m->recording = NULL;
		if (poll)
			looked(f);
		over |= !engine_calm(m->e, &calm);
		if (!dominated(m, f, l))
			tell(m);
		back(m, &mark, steps);
	}
	return over;
}

static void ending(struct moves *m, u32 depth);

/* What concerns the bytes of a line without moving them may change what is said of a move. */
static bool at_stake(const struct moves *m, const struct footprint *f, const struct action *h)
{
	u64 line = h->line;

	if (h->minor || (h->kind != ACT_WRITE_BACK && h->kind != ACT_DRAIN))
		return false;
	if (h->kind == ACT_DRAIN) /* what was stored may then be written back as well */
		return footprint_how(
			   f, entry_line(m, h->arg / STORE_BUFFER_MAX, h->arg % STORE_BUFFER_MAX)) &
		       TOUCH_CALL;
	return footprint_how(f, line) & (TOUCH_CALL | TOUCH_BUFFER);
}

/* A store that leaves for a line with old bytes: what would then be lost is not told by it alone.
 */
static bool stains(const struct moves *m, const struct action *h)
{
	u64 line;

	if (h->kind != ACT_DRAIN || !m->e->cfg->hw.l1.sets)
		return false;
	line = entry_line(m, h->arg / STORE_BUFFER_MAX, h->arg % STORE_BUFFER_MAX);
	return cache_line(&m->e->hw, LEVEL_L1, line).present && differs(m, LEVEL_L1, line);
}

static bool waits_for_line(const struct moves *m, u64 line)
{
	for (u32 c = 0; c < m->e->w->cpus; c++)
		for (u32 i = 0; i < hw_core(&m->e->hw, c)->entries; i++)
			if (entry_line(m, c, i) == line)
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
static bool comes_back(const struct moves *m, const struct footprint *f, const struct action *h)
{
	const struct engine *e = m->e;
	const struct action fill = {.kind = ACT_FILL, .line = h->line};

	if (h->kind != ACT_DROP || h->arg != LEVEL_L1 || !m->thorough || m->crowds ||
	    !says_more(m, f, &fill) || !may_be_fetched(e, h->line) || waits_for_line(m, h->line))
		return false;
	if (e->cfg->hw.outer.sets && !cache_line(&e->hw, LEVEL_OUTER, h->line).present)
		return false;
	return !differs(m, LEVEL_L1, h->line) &&
	       (!e->oracle.state || cache_line(&e->hw, LEVEL_L1, h->line).refilled);
}

/* What hardware may do before the access and the access can tell. */
static struct act_list *what_shows(struct moves *m, u32 depth, const struct action *a)
{
	const struct action_list *l = &m->list.v[depth];
	const struct footprint *f = &m->print.v[depth];
	struct act_list *out = &m->shown.v[depth];

	notice(m, f);
	out->n = 0;
	for (u32 i = 0; i < l->n; i++) {
		const struct action *h = &l->v[i];

		if (!is_hardware(h) || same_access(h, a) ||
		    (a->kind == ACT_DRAIN && h->kind == ACT_DRAIN))
			continue;
		if ((shows(m, f, l, h) && !comes_back(m, f, h)) ||
		    (at_stake(m, f, h) && (stains(m, h) || !commutes(m, depth, a, h))))
			vec_push(out, *h);
	}
	return out;
}

/* The first act that says more than the access alone, or NULL. Where a cache crowds none does: the
 * line that it brings may take the room of another. */
static const struct action *first_more(const struct moves *m, const struct footprint *f,
				       const struct act_list *shown)
{
	for (u32 i = 0; i < shown->n && m->thorough && !m->crowds; i++)
		if (says_more(m, f, &shown->v[i]))
			return &shown->v[i];
	return NULL;
}

/*
 * All sets of what hardware may do before the access. Where an act says more, it is made first, and
 * so one after the other all such: what is done to other lines can as well come behind it. Where
 * there are too many sets for one move, each act is a move.
 */
static void prepare(struct moves *m, u32 depth, const struct action *a)
{
	const struct act_list *shown = what_shows(m, depth, a);
	const struct action *more = first_more(m, &m->print.v[depth], shown);
	bool alone = depth + 1 >= DEPTH_MAX || m->met.n > MET_MAX || (!more && shown->n > FORK_MAX);

	for (u32 i = 0; i < shown->n; i++) {
		const struct action *h = &shown->v[i];

		if (!more || h->kind == ACT_DRAIN || h->line == more->line)
			after(m, depth, a, h, alone);
	}
}

static void access(struct moves *m, u32 depth, const struct action *given)
{
	struct action a = *given;

	if (depth == 0) {
		m->met.n = 0;
		met_before(m);
	}
	if (bare(m, depth, &a))
		ending(m, depth);
	prepare(m, depth, &a);
}

/* ---- what makes hardware act ---- */

/* A line goes: written back if it must be, then dropped. */
static void evict(struct moves *m, const struct action *first)
{
	struct mark mark = world_mark(m->e->w);
	const struct action_list *next;
	u32 steps = m->steps.n;
	struct action drop = *first;
	const struct action *found;

	apply(m, &m->list.v[0], first);
	if (first->kind == ACT_WRITE_BACK) {
		next = ask(m, 1);
		drop.kind = ACT_DROP;
		found = find(next, &drop);
		if (found)
			apply(m, next, found);
	}
	tell(m);
	back(m, &mark, steps);
}

static void make_room(struct moves *m, u64 line)
{
	const struct action_list *l = &m->list.v[0];

	m->full = true;
	for (u32 i = 0; i < l->n; i++) {
		struct action h = l->v[i];

		if ((h.kind == ACT_WRITE_BACK || h.kind == ACT_DROP) && h.arg == LEVEL_L1 &&
		    cache_same_set(&m->e->hw, LEVEL_L1, h.line, line) && may_go(m, l, &h))
			evict(m, &h);
	}
}

/* A store that nobody will look for: whether it leaves now or later makes no difference. */
static bool leaves_idly(const struct moves *m, u32 cpu, const struct action *a)
{
	const struct line_use *u =
	    lines_of(m->lines, entry_line(m, cpu, a->arg % STORE_BUFFER_MAX));

	if (a->minor)
		return true;
	return m->e->w->cpus == 1 && u && !u->seen && !lines_device_needs(m->lines, m->e, u);
}

/* One of the stores that may leave a buffer, where it is all the same which one goes. */
static const struct action *idle_store(const struct moves *m, u32 cpu)
{
	const struct action_list *l = &m->list.v[0];

	for (u32 i = 0; i < l->n && m->thorough; i++)
		if (l->v[i].kind == ACT_DRAIN && l->v[i].arg / STORE_BUFFER_MAX == cpu &&
		    leaves_idly(m, cpu, &l->v[i]))
			return &l->v[i];
	return NULL;
}

/* The oldest store of a CPU leaves its buffer, or any that may; or room is made for it. */
static void let_out(struct moves *m, u32 cpu, bool any)
{
	const struct action_list *l = &m->list.v[0];
	const struct action *a = idle_store(m, cpu);
	u32 entries = any ? hw_core(&m->e->hw, cpu)->entries : 1;

	if (a) {
		struct action idle = *a;

		access(m, 0, &idle);
		return;
	}
	for (u32 i = 0; i < entries; i++) {
		struct action want = {.kind = ACT_DRAIN, .arg = (u8)(cpu * STORE_BUFFER_MAX + i)};

		a = find(l, &want);
		if (a) {
			want = *a;
			access(m, 0, &want);
		} else if (m->e->cfg->hw.l1.sets) {
			u64 line = entry_line(m, cpu, i);

			if (!cache_has_room(&m->e->hw, line))
				make_room(m, line);
		}
	}
}

static void waiting(struct moves *m, u32 cpu)
{
	u64 line = 0;

	switch (engine_waits(m->e, cpu, &line)) {
	case WAIT_DRAIN:
	case WAIT_QUIET:
		let_out(m, cpu, false);
		break;
	case WAIT_PLACE:
		let_out(m, cpu, true);
		break;
	case WAIT_ROOM:
		make_room(m, line);
		break;
	case WAIT_ARRIVE:
	case WAIT_NOTHING:
		break;
	}
}

/* One whole look of a thread that sleeps in a poll: what it touches. */
static void look(struct moves *m, u32 thread, struct footprint *f)
{
	struct mark mark = world_mark(m->e->w);
	u32 steps = m->steps.n;
	struct action a;

	f->n = 0;
	m->muted = true;
	engine_rouse(m->e, thread, &a);
	for (u32 i = 0; i < LOOK_MAX && !engine_sleeps(m->e, thread); i++) {
		const struct action_list *l = ask(m, 1);
		const struct action *found = find(l, &a);

		if (!found)
			break; /* it would have to wait for something */
		m->recording = f;
		apply(m, l, found);
		m->recording = NULL;
	}
	back(m, &mark, steps);
	m->muted = false;
	looked(f);
}

/* What hardware does to the lines that a sleeping poll looks at wakes it. */
static void wake(struct moves *m, u32 thread)
{
	struct mark mark = world_mark(m->e->w);
	struct footprint *f = &m->print.v[0];
	const struct action_list *l = &m->list.v[0];
	u32 steps = m->steps.n;

	look(m, thread, f);
	notice(m, f);
	for (u32 i = 0; i < l->n; i++) {
		struct action h = l->v[i];

		if (!is_hardware(&h) || !shows(m, f, l, &h))
			continue;
		apply(m, l, &h);
		tell(m);
		back(m, &mark, steps);
	}
}

static void lose(struct moves *m, u32 depth)
{
	struct mark mark = world_mark(m->e->w);
	const struct action_list *l = &m->list.v[depth];
	u32 steps = m->steps.n;

	for (u32 i = 0; i < l->n; i++) {
		struct action h = l->v[i];

		if (!is_hardware(&h) || h.kind == ACT_FILL || h.minor)
			continue;
		apply(m, l, &h);
		if (h.kind == ACT_DRAIN && depth < DEPTH_MAX &&
		    hash_is_new(&m->over, world_hash(m->e->w))) {
			ask(m, depth + 1);
			lose(m, depth + 1);
		}
		back(m, &mark, steps);
	}
}

/* Nobody will touch anything any more: what hardware may still lose, line by line. In whatever
 * order stores leave before, each set of them is looked at once. */
static void ending(struct moves *m, u32 depth)
{
	m->over.n = 0;
	lose(m, depth);
}

static u32 all(struct moves *m, const struct action_list *l)
{
	struct mark mark = world_mark(m->e->w);

	for (u32 i = 0; i < l->n; i++) {
		struct action a = l->v[i];

		apply(m, l, &a);
		tell(m);
		back(m, &mark, 0);
	}
	return l->n;
}

u32 moves_expand(struct moves *m)
{
	const struct action_list *l = ask(m, 0);
	struct engine *e = m->e;
	u64 told = m->told;

	m->steps.n = 0;
	if (!l->n || m->unreduced || m->expires)
		return all(m, l);
	for (u32 i = 0; i < l->n; i++) {
		bool again = is_hardware(&l->v[i]);

		for (u32 k = 0; k < i && !again; k++) /* another version of a load */
			again = same_access(&l->v[k], &l->v[i]);
		if (!again)
			access(m, 0, &l->v[i]);
	}
	for (u32 c = 0; c < e->w->cpus; c++)
		waiting(m, c);
	for (u32 t = 0; t < engine_threads(e); t++)
		if (engine_sleeps(e, t))
			wake(m, t);
	for (u32 c = 0; m->restless && c < e->w->cpus; c++)
		if (hw_core(&e->hw, c)->entries)
			let_out(m, c, true);
	if (m->told == told) {
		for (u32 c = 0; c < e->w->cpus; c++)
			if (hw_core(&e->hw, c)->entries)
				let_out(m, c, false);
		if (m->told == told)
			ending(m, 0);
	}
	if (is_hardware(&l->v[0]) && (m->calm_too || m->told == told)) {
		struct mark mark = world_mark(e->w);
		struct action a = l->v[0];

		apply(m, l, &a);
		tell(m);
		back(m, &mark, 0);
	}
	return (u32)(m->told - told);
}
