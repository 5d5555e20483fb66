/* SPDX-License-Identifier: MIT */
#include "unit/brute.h"

#include "base/bug.h"

/* ---- states by fingerprint, numbered as met ---- */

struct numbers {
	struct slot {
		u64 print;
		u32 number; /* 1 + that of the state, 0: free */
	} * slot;	    /* owned */
	u64 cap;
	u32 n;
};

static struct slot *slot_of(struct slot *slot, u64 cap, u64 print)
{
	u64 i = print & (cap - 1);

	while (slot[i].number && slot[i].print != print)
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

/* The number of a state; *fresh: it was not met before. */
static u32 number(struct numbers *t, u64 print, bool *fresh)
{
	struct slot *s;

	if (t->n * 2u >= t->cap) {
		u64 cap = t->cap ? t->cap * 2 : 1 << 10;
		struct slot *bigger = mem_zalloc(cap, sizeof *bigger);

		for (u64 i = 0; i < t->cap; i++)
			if (t->slot[i].number)
				*slot_of(bigger, cap, t->slot[i].print) = t->slot[i];
		mem_free(t->slot);
		t->slot = bigger;
		t->cap = cap;
	}
	s = slot_of(t->slot, t->cap, print);
	*fresh = !s->number;
	if (*fresh)
		*s = (struct slot){print, ++t->n};
	return s->number - 1;
}

/* ---- going through ---- */

struct step {
	struct mark mark;
	struct action_list todo; /* owned */
	u32 next;
	u32 state;
	u64 print;
};

/* What can come of a state: equal for all states that are taken for one. */
struct prospect {
	u64 actions, states, finds;
	u32 entered; /* how often it was gone on from */
};
/* A difference may show long after: so often a state is gone on from, by different ways. */
enum { MERGES_ENTERED = 4 };

struct walk {
	struct brute *b;
	struct engine *e;
	bool no_set, merges;
	struct prospect *look; /* findings are added to it, while it is being made */
	struct {
		VEC(struct prospect)
	} prospect; /* by number of the state */
	u64 bound;
	struct numbers known;
	struct {
		VEC(struct step)
	} path;
	u32 depth; /* steps of path in use */
};

bool brute_same_key(const struct finding *a, const struct finding *b)
{
	return a->id == b->id && a->index == b->index && a->stmt == b->stmt &&
	       a->alloc == b->alloc && a->map_stmt == b->map_stmt;
}

static void on_finding(void *ctx, const struct finding *f)
{
	struct walk *w = ctx;
	struct brute *b = w->b;
	u32 i = 0;

	if (w->look) {
		u32 key[] = {f->id, f->index, f->stmt, f->alloc, f->map_stmt, f->severity};

		w->look->finds += world_hash_bytes(key, sizeof key, 3);
		return;
	}
	while (i < b->found.n &&
	       !(brute_same_key(&b->found.v[i].f, f) && b->found.v[i].f.severity == f->severity))
		i++;
	if (i == b->found.n)
		vec_push(&b->found, ((struct brute_find){*f, ~0u}));
	if (!w->no_set)
		vec_push(&b->shown, i);
}

static bool listed_before(const struct action_list *l, u32 i)
{
	const struct action *a = &l->v[i];

	for (u32 k = 0; k < i; k++)
		if (l->v[k].kind == a->kind && l->v[k].arg == a->arg && l->v[k].age == a->age &&
		    l->v[k].line == a->line)
			return true;
	return false;
}

/* In any order: calm's entry comes first, and what calm does next is no part of a state. */
static struct prospect look(struct walk *w)
{
	struct world *world = w->e->w;
	struct mark here = world_mark(world);
	struct action_list l = {0};
	struct prospect p = {0};

	engine_actions(w->e, &l);
	for (u32 i = 0; i < l.n; i++) {
		const struct action *a = &l.v[i];
		u64 act[] = {a->kind, a->arg, a->age, a->line};
		u64 which = world_hash_bytes(act, sizeof act, 1);
		u64 there[] = {which, 0};

		if (listed_before(&l, i))
			continue; /* a line that makes room may be evicted as well */
		p.actions += which;
		w->look = &(struct prospect){0};
		engine_apply(w->e, a);
		there[1] = world_hash(world);
		p.states += world_hash_bytes(there, sizeof there, 2);
		there[1] = w->look->finds;
		p.finds += world_hash_bytes(there, sizeof there, 4);
		w->look = NULL;
		world_undo(world, &here);
	}
	vec_free(&l);
	return p;
}

/* Whether the state that was met before under that number has the prospect of this one. */
static void hold_against(struct walk *w, u32 state, bool fresh)
{
	struct prospect now = look(w), was;

	if (fresh)
		vec_push(&w->prospect, now);
	was = w->prospect.v[state];
	if (was.actions == now.actions && was.states == now.states && was.finds == now.finds)
		return;
	w->b->wrong_merges++;
	w->b->why = was.actions != now.actions ? "two states of one fingerprint offer other actions"
		    : was.finds != now.finds   ? "two states of one fingerprint show other findings"
					     : "two states of one fingerprint lead to other states";
}

/* What may follow; how the run ended, if nothing may. */
static void enter(struct walk *w, u32 state, u64 print)
{
	struct step *s;
	enum outcome o;

	if (w->depth == w->path.n)
		vec_push(&w->path, (struct step){0});
	s = &w->path.v[w->depth++];
	s->mark = world_mark(w->e->w);
	s->next = 0;
	s->state = state;
	s->print = print;
	engine_actions(w->e, &s->todo);
	o = engine_outcome(w->e);
	if (s->todo.n && o != OUTCOME_HANG && o != OUTCOME_LIMIT)
		return;
	w->b->outcomes |= 1u << o;
	if (o == OUTCOME_HANG)
		oracle_hang(&w->e->oracle, w->e->w, engine_hang_stmt(w->e));
	if (o == OUTCOME_LIMIT) {
		w->b->complete = false;
		w->b->why = "a run reached a limit";
		s->todo.n = 0;
	}
}

/* Whether a state with that fingerprint lies on the way here. */
static bool in_past(const struct walk *w, u64 print)
{
	for (u32 i = 0; i < w->depth; i++)
		if (w->path.v[i].print == print)
			return true;
	return false;
}

/* Meets the state that the last transition led to: from is where that was. */
static void meet(struct walk *w, u32 from, u32 shown)
{
	struct brute *b = w->b;
	u64 print = world_hash(w->e->w);
	u32 to, hang = b->shown.n;
	bool fresh;

	if (w->no_set) {
		if (!in_past(w, print)) {
			b->states++;
			enter(w, 0, print);
		}
		return;
	}
	to = number(&w->known, print, &fresh);
	if (w->merges)
		hold_against(w, to, fresh);
	b->states += fresh;
	if (fresh || (w->merges && w->prospect.v[to].entered < MERGES_ENTERED)) {
		if (w->merges)
			w->prospect.v[to].entered++;
		enter(w, to, print);
	}
	vec_push(&b->edge, ((struct brute_edge){.from = from,
						.to = to,
						.find = shown,
						.finds = b->shown.n - shown,
						.hang = b->shown.n - hang}));
}

static void go_through(struct walk *w)
{
	struct brute *b = w->b;

	meet(w, ~0u, 0);
	while (w->depth) {
		struct step *s = &w->path.v[w->depth - 1];
		u32 shown = b->shown.n;

		world_undo(w->e->w, &s->mark);
		if (s->next == s->todo.n) {
			w->depth--;
			continue;
		}
		if ((w->no_set ? b->transitions : b->states) >= w->bound || w->e->w->jn.tail > 0) {
			b->complete = false;
			b->why = "too many";
			break;
		}
		engine_apply(w->e, &s->todo.v[s->next++]);
		b->transitions++;
		meet(w, s->state, shown);
	}
}

/* The least number of transitions to each finding: breadth first over the graph. */
static void shortest(struct brute *b)
{
	u32 *at = mem_zalloc(b->states + 1, sizeof *at); /* 1 + transitions; 0: not reached */

	for (bool more = true; more;) {
		more = false;
		for (u32 i = 0; i < b->edge.n; i++) {
			const struct brute_edge *d = &b->edge.v[i];
			u32 len = d->from == ~0u ? 1 : at[d->from] ? at[d->from] + 1 : 0;

			if (!len || (at[d->to] && at[d->to] <= len))
				continue;
			at[d->to] = len;
			more = true;
		}
	}
	for (u32 i = 0; i < b->edge.n; i++) {
		const struct brute_edge *d = &b->edge.v[i];
		u32 before = d->from == ~0u ? 0 : at[d->from];

		/* A hang belongs to its state, which the edge that has it may not reach first. */
		for (u32 k = 0; k < d->finds; k++) {
			struct brute_find *f = &b->found.v[b->shown.v[d->find + k]];
			u32 steps = k < d->finds - d->hang ? before : at[d->to] - 1;

			if (steps < f->steps)
				f->steps = steps;
		}
	}
	mem_free(at);
}

static void run(struct brute *b, const struct machine_config *cfg, const struct program *prog,
		struct walk w)
{
	struct engine_options eo = {.no_events = true};

	*b = (struct brute){.complete = true};
	w.b = b;
	w.e = engine_new(cfg, prog, &eo);
	oracle_sink(&w.e->oracle, on_finding, &w);
	engine_start(w.e);
	world_hash_on(w.e->w);
	go_through(&w);
	engine_free(w.e);
	mem_free(w.known.slot);
	vec_free(&w.prospect);
	for (u32 i = 0; i < w.path.n; i++)
		vec_free(&w.path.v[i].todo);
	vec_free(&w.path);
}

void brute_run(struct brute *b, const struct machine_config *cfg, const struct program *prog,
	       u64 max_states)
{
	run(b, cfg, prog, (struct walk){.bound = max_states});
	shortest(b);
}

void brute_merges(struct brute *b, const struct machine_config *cfg, const struct program *prog,
		  u64 max_states)
{
	run(b, cfg, prog, (struct walk){.bound = max_states, .merges = true});
}

void brute_runs(struct brute *b, const struct machine_config *cfg, const struct program *prog,
		u64 max_transitions)
{
	run(b, cfg, prog, (struct walk){.bound = max_transitions, .no_set = true});
}

void brute_free(struct brute *b)
{
	vec_free(&b->found);
	vec_free(&b->edge);
	vec_free(&b->shown);
	*b = (struct brute){0};
}
