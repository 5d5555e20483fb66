/* SPDX-License-Identifier: MIT */
#include "explore/search.h"

#include "base/bug.h"

/* ---- visited: open addressing, 64-bit fingerprints ---- */

struct visited {
	u64 *slot; /* owned; 0: free */
	u64 cap, n;
};

static bool visited_add(struct visited *v, u64 h)
{
	u64 i;

	if (!h)
		h = 1;
	if (v->n * 10 >= v->cap * 6) {
		struct visited bigger = {.cap = v->cap ? v->cap * 2 : 1 << 12};

		bigger.slot = mem_zalloc(bigger.cap, sizeof *bigger.slot);
		for (u64 k = 0; k < v->cap; k++)
			if (v->slot[k])
				visited_add(&bigger, v->slot[k]);
		mem_free(v->slot);
		*v = bigger;
	}
	for (i = h & (v->cap - 1); v->slot[i]; i = (i + 1) & (v->cap - 1))
		if (v->slot[i] == h)
			return false;
	v->slot[i] = h;
	v->n++;
	return true;
}

/* ---- the search ---- */

struct level {
	struct mark mark;
	struct action_list list; /* owned */
	u32 next;
	u64 point; /* number of the choice point */
};

struct search {
	struct engine *e;
	const struct search_options *opt;
	struct search_result *r;
	struct visited seen;
	struct {
		VEC(struct level)
	} path;
	u32 depth; /* levels of path in use */
};

static void witness(struct search *s, struct schedule *out)
{
	for (u32 i = 0; i < s->depth; i++) /* next was advanced past the one being done */
		schedule_add(out, s->path.v[i].point, s->path.v[i].next - 1);
}

static void on_finding(void *ctx, const struct finding *f)
{
	struct search *s = ctx;
	struct search_find n = {.f = *f};

	for (u32 i = 0; i < s->r->found.n; i++) {
		struct finding *g = &s->r->found.v[i].f;

		if (g->id == f->id && g->index == f->index && g->stmt == f->stmt &&
		    g->alloc == f->alloc && g->severity >= f->severity) {
			g->count++;
			return;
		}
	}
	witness(s, &n.witness);
	vec_push(&s->r->found, n);
}

static void forget_finds(struct search_result *r)
{
	for (u32 i = 0; i < r->found.n; i++)
		schedule_free(&r->found.v[i].witness);
	r->found.n = 0;
}

static struct level *push_level(struct search *s)
{
	if (s->depth == s->path.n)
		vec_push(&s->path, (struct level){0});
	return &s->path.v[s->depth++];
}

/* Enters a state that was not seen before: its choices, or how the run ended here. */
static void enter(struct search *s)
{
	struct engine *e = s->e;
	struct level *l = push_level(s);
	enum outcome o;

	l->mark = world_mark(e->w);
	l->next = 0;
	l->point = engine_choices(e) + 1;
	engine_actions(e, &l->list);
	s->r->states++;
	if (s->depth > s->r->depth)
		s->r->depth = s->depth;
	if (s->opt->at_state)
		s->opt->at_state(s->opt->ctx, e, world_hash(e->w));
	o = engine_outcome(e);
	if (!l->list.n || o == OUTCOME_HANG || o == OUTCOME_LIMIT) {
		s->r->outcomes |= 1u << o;
		if (o == OUTCOME_HANG) {
			s->depth--;
			oracle_hang(&e->oracle, e->w, engine_thread(e, 0)->stmt,
				    engine_thread(e, 0)->status == THREAD_POLL);
			s->depth++;
		}
		if (o == OUTCOME_LIMIT) {
			s->r->complete = false;
			s->r->why = limit_text((enum limit_kind)world_now(e->w)->limit);
			l->list.n = 0;
		}
	}
}

static bool bounded(struct search *s)
{
	u64 states = s->opt->max_states ? s->opt->max_states : 20000000;
	u32 depth = s->opt->max_depth ? s->opt->max_depth : 100000;

	if (s->r->states >= states)
		s->r->why = "the bound of states";
	else if (s->depth >= depth)
		s->r->why = "the bound of transitions in one run";
	else if (s->e->w->jn.tail > 0)
		s->r->why = "the window of the journal";
	else
		return false;
	s->r->complete = false;
	return true;
}

static void walk(struct search *s)
{
	struct engine *e = s->e;

	visited_add(&s->seen, world_hash(e->w));
	enter(s);
	while (s->depth) {
		struct level *l = &s->path.v[s->depth - 1];
		struct action a;

		if (l->next == l->list.n) {
			world_undo(e->w, &l->mark);
			s->depth--;
			continue;
		}
		world_undo(e->w, &l->mark);
		a = l->list.v[l->next++];
		engine_apply(e, &a);
		s->r->transitions++;
		if (!visited_add(&s->seen, world_hash(e->w)) && !s->opt->no_visited)
			continue;
		if (bounded(s))
			break;
		enter(s);
	}
}

struct search_result *search_run(const struct machine_config *cfg, const struct program *prog,
				 const struct search_options *opt)
{
	static const struct search_options none;
	struct engine_options eo = {.no_events = true};
	struct search s = {.opt = opt ? opt : &none};

	s.r = mem_zalloc(1, sizeof *s.r);
	s.r->complete = true;
	s.e = engine_new(cfg, prog, &eo);
	s.e->reduce = !s.opt->all_lines;
	oracle_sink(&s.e->oracle, on_finding, &s);
	world_hash_on(s.e->w);
	walk(&s);
	engine_free(s.e);
	mem_free(s.seen.slot);
	for (u32 i = 0; i < s.path.n; i++)
		vec_free(&s.path.v[i].list);
	vec_free(&s.path);
	return s.r;
}

void search_free(struct search_result *r)
{
	if (!r)
		return;
	forget_finds(r);
	vec_free(&r->found);
	mem_free(r);
}

/* Of two findings with one culprit and one allocation, whether a outranks b. */
static bool outranks(const struct finding *a, const struct finding *b)
{
	if (a->stmt != b->stmt || a->alloc != b->alloc || a->id == DIAG_ASSERT ||
	    b->id == DIAG_ASSERT)
		return false;
	return a->severity > b->severity || (a->severity == b->severity && a->id < b->id);
}

void search_ids(const struct search_result *r, u64 *ids, u64 *asserts)
{
	*ids = *asserts = 0;
	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i].f;
		bool beaten = false;

		for (u32 k = 0; k < r->found.n && !beaten; k++)
			beaten = k != i && outranks(&r->found.v[k].f, f);
		if (beaten)
			continue;
		*ids |= 1ull << f->id;
		if (f->id == DIAG_ASSERT && f->index < 64)
			*asserts |= 1ull << f->index;
	}
}

const struct search_find *search_witness(const struct search_result *r, u32 id, u32 index)
{
	for (u32 i = 0; i < r->found.n; i++)
		if (r->found.v[i].f.id == id &&
		    (id != DIAG_ASSERT || r->found.v[i].f.index == index))
			return &r->found.v[i];
	return NULL;
}
