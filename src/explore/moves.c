/* SPDX-License-Identifier: MIT */
#include "explore/moves.h"

#include "base/bug.h"
#include "explore/cost.h"
#include "explore/shows.h"

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

/* The same access: of a load, whichever version it returns. */
static bool same_access(const struct action *a, const struct action *b)
{
	bool load = a->kind == ACT_CPU || a->kind == ACT_CORE;

	return a->kind == b->kind && a->arg == b->arg && a->line == b->line &&
	       (load || a->age == b->age);
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

/* Asked right behind the access. */
static bool dominated(const struct moves *m, const struct footprint *f, const struct action_list *l)
{
	for (u32 i = 0; i < l->n && m->thorough; i++)
		if (shows_more(m, f, &l->v[i]))
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

/* What hardware may do before the access and the access can tell. */
static struct act_list *what_shows(struct moves *m, u32 depth, const struct action *a)
{
	const struct action_list *l = &m->list.v[depth];
	const struct footprint *f = &m->print.v[depth];
	struct act_list *out = &m->shown.v[depth];

	shows_notice(m, f);
	out->n = 0;
	for (u32 i = 0; i < l->n; i++) {
		const struct action *h = &l->v[i];

		if (!cost_is_hardware(h) || same_access(h, a) ||
		    (a->kind == ACT_DRAIN && h->kind == ACT_DRAIN))
			continue;
		if ((shows_act(m, f, l, h) && !shows_undone(m, f, h)) ||
		    (shows_at_stake(m, f, h) && (shows_stain(m, h) || !commutes(m, depth, a, h))))
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
		if (shows_more(m, f, &shown->v[i]))
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
		    cache_same_set(&m->e->hw, LEVEL_L1, h.line, line) && shows_may_go(m, l, &h))
			evict(m, &h);
	}
}

/* One of the stores that may leave a buffer, where it is all the same which one goes. */
static const struct action *idle_store(const struct moves *m, u32 cpu)
{
	const struct action_list *l = &m->list.v[0];

	for (u32 i = 0; i < l->n && m->thorough; i++)
		if (l->v[i].kind == ACT_DRAIN && l->v[i].arg / STORE_BUFFER_MAX == cpu &&
		    shows_leaves_idly(m, cpu, &l->v[i]))
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
			u64 line = shows_entry_line(m, cpu, i);

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
	shows_notice(m, f);
	for (u32 i = 0; i < l->n; i++) {
		struct action h = l->v[i];

		if (!cost_is_hardware(&h) || !shows_act(m, f, l, &h))
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

		if (!cost_is_hardware(&h) || h.kind == ACT_FILL || h.minor)
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
		bool again = cost_is_hardware(&l->v[i]);

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
	if (cost_is_hardware(&l->v[0]) && (m->calm_too || m->told == told)) {
		struct mark mark = world_mark(e->w);
		struct action a = l->v[0];

		apply(m, l, &a);
		tell(m);
		back(m, &mark, 0);
	}
	return (u32)(m->told - told);
}
