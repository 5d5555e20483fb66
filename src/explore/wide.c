/* SPDX-License-Identifier: MIT */
/*
 * The second pass: best first, in the order asked for. States are kept as what differs from the
 * root, and left and come back to in any order.
 *
 * The cost of a schedule (explore/cost.h) is (deviations, transitions) or the other way round. Two
 * states are one for this pass if they are for the other, calm would go on alike, and
 * the same is put off.
 */
#include "base/bug.h"
#include "base/mem.h"
#include "core/delta.h"
#include "explore/cost.h"
#include "explore/explorer.h"

struct node {
	u32 parent;   /* index; of the root itself */
	u32 first, n; /* indexes of its steps */
};

/* A state that waits to be entered, or the way to a finding. */
struct waiting {
	u64 cost, order;
	struct delta *state; /* owned */
	u64 bytes;
	u32 node;
	u32 off;	       /* what is put off: 1 + kind and argument, 0: nothing */
	u32 made[PARTIES_MAX]; /* lines' */
};

/* A successor of the state whose moves are made. */
struct child {
	struct waiting to;
	u32 first, n; /* its steps */
};

struct best {
	u64 hash, cost; /* hash 0: free */
};

struct wide {
	struct explorer *x;
	struct delta_root root;
	u64 point; /* of the first choice */
	struct {
		VEC(struct node)
	} node;
	struct {
		VEC(u32)
	} index; /* answers of all nodes */
	struct {
		VEC(struct waiting)
	} heap;
	struct best *best; /* owned: the least cost at which a state was met; cap a power of two */
	u64 cap, n;
	u64 bytes, orders, entered;
	struct waiting at; /* the state whose moves are made */
	struct {
		VEC(struct child)
	} child;
	struct {
		VEC(struct step)
	} steps;  /* of the children */
	bool cut; /* something was left out because of the bound of deviations */
	struct {
		VEC(u64)
	} cost; /* of the findings in r->found */
};

/* ---- costs ---- */

static u64 cost_of(const struct wide *w, u64 deviations, u64 transitions)
{
	return w->x->opt->order == EXPLORE_STEPS ? transitions << 32 | deviations
						 : deviations << 32 | transitions;
}

static u32 deviations_of(const struct wide *w, u64 cost)
{
	return (u32)(w->x->opt->order == EXPLORE_STEPS ? cost : cost >> 32);
}

static u64 transitions_of(const struct wide *w, u64 cost)
{
	return w->x->opt->order == EXPLORE_STEPS ? cost >> 32 : (u32)cost;
}

/* What the moves' present steps add to the cost of the state that they began in. */
static u64 cost_now(const struct wide *w, u32 *off)
{
	const struct moves *m = &w->x->moves;
	struct cost c = {.deviations = deviations_of(w, w->at.cost),
			 .off = w->at.off,
			 .transitions = transitions_of(w, w->at.cost)};

	for (u32 i = 0; i < m->steps.n; i++)
		cost_add(&c, &m->steps.v[i].did, &m->steps.v[i].calm);
	*off = c.off;
	return cost_of(w, c.deviations, c.transitions);
}

/* ---- states that were met ---- */

/* Whether the state was not met at this cost or less; then it is noted. */
static bool better(struct wide *w, u64 hash, u64 cost)
{
	u64 i;

	hash = hash ? hash : 1;
	if (w->n * 10 >= w->cap * 6) {
		u64 cap = w->cap;
		struct best *old = w->best;

		w->cap = cap ? cap * 2 : 1 << 10;
		w->best = mem_zalloc(w->cap, sizeof *w->best);
		w->n = 0;
		for (i = 0; i < cap; i++)
			if (old[i].hash)
				better(w, old[i].hash, old[i].cost);
		mem_free(old);
		w->bytes += (w->cap - cap) * sizeof *w->best;
	}
	for (i = hash & (w->cap - 1); w->best[i].hash; i = (i + 1) & (w->cap - 1)) {
		if (w->best[i].hash != hash)
			continue;
		if (w->best[i].cost <= cost)
			return false;
		w->best[i].cost = cost;
		return true;
	}
	w->best[i] = (struct best){hash, cost};
	w->n++;
	return true;
}

/* ---- the frontier: a heap, least cost first, of equals the first that came ---- */

static bool before(const struct waiting *a, const struct waiting *b)
{
	return a->cost < b->cost || (a->cost == b->cost && a->order < b->order);
}

static void heap_push(struct wide *w, struct waiting s)
{
	u32 i;

	vec_push(&w->heap, s);
	for (i = w->heap.n - 1; i && before(&s, &w->heap.v[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap.v[i] = w->heap.v[(i - 1) / 2];
	w->heap.v[i] = s;
}

static struct waiting heap_pop(struct wide *w)
{
	struct waiting top = w->heap.v[0], last = w->heap.v[--w->heap.n];
	u32 i = 0;

	for (;;) {
		u32 k = 2 * i + 1;

		if (k + 1 < w->heap.n && before(&w->heap.v[k + 1], &w->heap.v[k]))
			k++;
		if (k >= w->heap.n || !before(&w->heap.v[k], &last))
			break;
		w->heap.v[i] = w->heap.v[k];
		i = k;
	}
	w->heap.v[i] = last;
	return top;
}

/* ---- findings ---- */

static void path(const struct wide *w, u32 node, struct schedule *out, u64 *point)
{
	const struct node *n = &w->node.v[node];

	if (n->parent != node)
		path(w, n->parent, out, point);
	for (u32 i = 0; i < n->n; i++)
		schedule_add(out, (*point)++, w->index.v[n->first + i]);
}

static void found(void *ctx, const struct finding *f)
{
	struct wide *w = ctx;
	struct explorer *x = w->x;
	struct explore_find *g = explorer_find(x, f);
	u32 off, i;
	u64 cost = cost_now(w, &off), point = w->point;

	if (deviations_of(w, cost) > x->opt->max_deviations)
		return;
	i = g ? (u32)(g - x->r->found.v) : x->r->found.n;
	if (g && (g->f.severity > f->severity ||
		  (g->f.severity == f->severity && g->shortest && w->cost.v[i] <= cost)))
		return;
	x->moves.news++;
	if (!g)
		g = explorer_add(x, f);
	while (w->cost.n <= i)
		vec_push(&w->cost, 0);
	w->cost.v[i] = cost;
	schedule_free(&g->witness);
	g->f = *f;
	g->count += !g->count;
	g->shortest = true;
	if (w->node.n)
		path(w, w->at.node, &g->witness, &point);
	explorer_steps(x->moves.steps.v, x->moves.steps.n, point, &g->witness);
	g->deviations = deviations_of(w, cost);
	g->transitions = transitions_of(w, cost);
}

/* Whether all that is looked for was found, and nothing that waits could show it sooner. */
static bool done(const struct wide *w, u64 least)
{
	const struct explore_result *r = w->x->r;
	bool one = false;

	for (u32 i = 0; i < r->found.n; i++) {
		bool is = r->found.v[i].shortest && w->cost.v[i] <= least;

		one |= is;
		if (!is && !w->x->opt->first)
			return false;
	}
	return w->x->opt->first ? one : r->found.n && w->x->opt->max_deviations == EXPLORE_NO_BOUND;
}

/* ---- going on ---- */

static u64 key(struct wide *w, u32 off)
{
	struct engine *e = w->x->e;
	u64 h = world_hash(e->w);
	struct action calm = {0};

	if (w->x->opt->order == EXPLORE_STEPS)
		return h;
	/* How calm would go on is no state of the world; but it decides what deviates. */
	h ^= engine_calm_hash(e);
	if (off && engine_calm(e, &calm) && cost_name(&calm) == off)
		h = (h << 1 | h >> 63) + off;
	return h;
}

static void each(void *ctx)
{
	struct wide *w = ctx;
	const struct moves *m = &w->x->moves;
	struct child c = {.first = w->steps.n, .n = m->steps.n};

	c.to.cost = cost_now(w, &c.to.off);
	if (deviations_of(w, c.to.cost) > w->x->opt->max_deviations) {
		w->cut = true;
		return;
	}
	if (!better(w, key(w, c.to.off), c.to.cost))
		return;
	c.to.order = w->orders++;
	for (u32 i = 0; i < m->steps.n; i++)
		vec_push(&w->steps, m->steps.v[i]);
	vec_push(&w->child, c);
}

/* Goes to a child, and notes how. */
static void go(struct wide *w, struct child *c)
{
	const struct step *s = &w->steps.v[c->first];

	w->x->moves.muted = true; /* what it shows was told when it was made */
	moves_redo(&w->x->moves, s, c->n);
	w->x->moves.muted = false;
	c->to.node = w->node.n;
	vec_push(&w->node, (struct node){w->at.node, w->index.n, c->n});
	for (u32 i = 0; i < c->n; i++)
		vec_push(&w->index, s[i].did.index);
	w->bytes += sizeof(struct node) + c->n * sizeof(u32);
	memcpy(c->to.made, w->x->lines.made, sizeof c->to.made);
}

/* The child that comes before all that waits, or NULL. */
static struct child *first_of(struct wide *w)
{
	struct child *best = NULL;

	for (u32 i = 0; i < w->child.n; i++)
		if (!best || before(&w->child.v[i].to, &best->to))
			best = &w->child.v[i];
	return best && (!w->heap.n || before(&best->to, &w->heap.v[0])) ? best : NULL;
}

/*
 * The children wait, but for one that would be the next anyhow: the search goes on there, so that
 * a long way without a fork costs no copies. False: there is no such.
 */
static bool leave(struct wide *w, const struct mark *mark, struct waiting *next)
{
	struct child *first = first_of(w);

	for (u32 i = 0; i < w->child.n; i++) {
		struct child *c = &w->child.v[i];

		if (c == first)
			continue;
		go(w, c);
		c->to.state = delta_take(&w->root, w->x->e->w, &c->to.bytes);
		w->bytes += c->to.bytes + sizeof c->to;
		heap_push(w, c->to);
		world_undo(w->x->e->w, mark);
		memcpy(w->x->lines.made, w->at.made, sizeof w->at.made);
	}
	if (first) {
		go(w, first);
		*next = first->to;
	}
	return first;
}

/* True: *next is the state to go on with, and the world is there. */
static bool enter(struct wide *w, struct waiting s, struct waiting *next)
{
	struct explorer *x = w->x;
	struct mark mark = world_mark(x->e->w);

	w->at = s;
	memcpy(x->lines.made, s.made, sizeof s.made);
	w->entered++;
	x->moves.steps.n = 0;
	x->progress.deviations = deviations_of(w, s.cost);
	x->progress.depth = (u32)transitions_of(w, s.cost);
	if (x->opt->order == EXPLORE_DEVIATIONS)
		x->r->layers = deviations_of(w, s.cost);
	w->child.n = w->steps.n = 0;
	explorer_outcome(x, moves_expand(&x->moves));
	x->moves.steps.n = 0;
	explorer_look(x, w->entered, w->bytes);
	return leave(w, &mark, next);
}

/* A state that was met again at less cost since it was put here is entered then. */
static bool stale(struct wide *w, const struct waiting *s)
{
	u64 hash = key(w, s->off), i;

	hash = hash ? hash : 1;
	for (i = hash & (w->cap - 1); w->best[i].hash != hash; i = (i + 1) & (w->cap - 1))
		BUG_ON(!w->best[i].hash);
	return w->best[i].cost < s->cost;
}

/* The next state that is worth entering; false: there is none. */
static bool next_waiting(struct wide *w, struct waiting *s)
{
	while (w->heap.n) {
		*s = heap_pop(w);
		delta_restore(&w->root, w->x->e->w, s->state);
		mem_free(s->state);
		w->bytes -= s->bytes + sizeof *s;
		s->state = NULL;
		if (!stale(w, s))
			return true;
	}
	return false;
}

static void walk(struct wide *w)
{
	struct explorer *x = w->x;
	struct waiting s = {0};
	bool more = true, here = true;

	delta_root_init(&w->root, x->e->w);
	w->bytes = w->root.len;
	vec_push(&w->node, (struct node){0});
	better(w, key(w, 0), 0);
	while (more && !x->ended && (!x->lines.grew || x->opt->unreduced)) {
		if (here ? w->entered && done(w, s.cost)
			 : w->heap.n && done(w, w->heap.v[0].cost)) {
			explorer_stop(x, x->opt->first ? EXPLORE_FOUND : EXPLORE_COMPLETE);
			break;
		}
		if (!here)
			more = next_waiting(w, &s);
		if (more)
			here = enter(w, s, &s);
		if (x->e->w->jn.tail > 0)
			explorer_stop(x, EXPLORE_DEPTH);
	}
	if (x->opt->first && x->r->found.n)
		explorer_stop(x, EXPLORE_FOUND);
	if (w->cut && !x->ended && x->opt->order == EXPLORE_DEVIATIONS)
		x->r->layers = x->opt->max_deviations + 1;
	if (w->cut)
		explorer_stop(x, EXPLORE_DEVIATED);
}

static void begin(struct wide *w)
{
	struct explorer *x = w->x;

	for (u32 i = 0; i < x->r->found.n; i++) {
		x->r->found.v[i].shortest = false;
		vec_push(&w->cost, ~0ull);
	}
	if (x->opt->first || x->opt->max_deviations != EXPLORE_NO_BOUND) {
		explorer_forget(x->r);
		x->r->outcomes = 0;
		w->cost.n = 0;
	}
	x->found = found;
	x->ctx = w;
	x->moves.each = each;
	x->moves.ctx = w;
	x->moves.calm_too = true;
	x->moves.alike = x->opt->order == EXPLORE_STEPS;
	x->moves.thorough = false;
}

void wide_run(struct explorer *x)
{
	struct wide w = {.x = x, .point = 1};
	bool alone = x->opt->first || x->opt->max_deviations != EXPLORE_NO_BOUND;

	begin(&w);
	explorer_begin(x);
	w.point = engine_choices(x->e) + 1;
	walk(&w);
	*(alone ? &x->r->states : &x->r->witness_states) = w.entered;
	*(alone ? &x->r->transitions : &x->r->witness_transitions) = x->moves.transitions;
	explorer_end(x);
	for (u32 i = 0; i < w.heap.n; i++)
		mem_free(w.heap.v[i].state);
	delta_root_free(&w.root);
	mem_free(w.best);
	vec_free(&w.heap);
	vec_free(&w.node);
	vec_free(&w.index);
	vec_free(&w.cost);
	vec_free(&w.child);
	vec_free(&w.steps);
}
