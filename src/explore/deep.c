/* SPDX-License-Identifier: MIT */
/*
 * The first pass: all states, depth first by undo. All successors of a state are made and taken
 * back at once, so that the visited set's memory is asked for in time; then those that are new are
 * done again and entered.
 */
#include "base/bug.h"
#include "explore/explorer.h"

struct successor {
	u64 hash, hash2;
	u32 first, n;	    /* its steps */
	u32 state, state_n; /* whole states: its bytes */
};

struct level {
	struct mark mark;
	u32 made[PARTIES_MAX]; /* lines' */
	u64 point;	       /* number of its first choice */
	u32 next, end;	       /* successors that are still to be entered */
	u32 begin, steps;      /* where this level's successors and steps begin */
};

struct deep {
	struct explorer *x;
	struct visited seen;
	struct {
		VEC(struct level)
	} path;
	struct {
		VEC(struct successor)
	} successors; /* of all levels, one after the other */
	struct {
		VEC(struct step)
	} steps;
	struct {
		VEC(u8)
	} whole; /* bytes of the successors that are being made, if whole states are kept */
	struct state_bytes bytes;
	struct {
		VEC(u64)
	} live; /* lines that somebody will touch, when the state was entered */
};

static const struct successor *entered(const struct deep *d, u32 level)
{
	return &d->successors.v[d->path.v[level].next - 1];
}

/* From the root to the state of the last level. */
static void path(const struct deep *d, struct schedule *out)
{
	for (u32 i = 0; i + 1 < d->path.n; i++) {
		const struct successor *s = entered(d, i);

		explorer_steps(&d->steps.v[s->first], s->n, d->path.v[i].point, out);
	}
}

static void found(void *ctx, const struct finding *f)
{
	struct deep *d = ctx;
	struct explorer *x = d->x;
	struct explore_find *g = explorer_find(x, f);
	const struct level *l = d->path.n ? &d->path.v[d->path.n - 1] : NULL;

	if (g && g->f.severity >= f->severity) {
		g->count++;
		return;
	}
	x->moves.news++;
	if (!g)
		g = explorer_add(x, f);
	schedule_free(&g->witness);
	g->f = *f;
	g->count++;
	path(d, &g->witness);
	if (l)
		explorer_steps(x->moves.steps.v, x->moves.steps.n, l->point, &g->witness);
	g->deviations = g->witness.n;
	g->transitions = l ? l->point - d->path.v[0].point + x->moves.steps.n : 0;
}

/* The lines that the next settle() has to look at: those that somebody still needs now, or all. */
static void know_live(struct deep *d, bool needed)
{
	const struct explorer *x = d->x;

	d->live.n = 0;
	for (u32 i = 0; i < x->lines.n && !x->e->w->truth; i++) {
		const struct line_use *u = &x->lines.v[i];

		if (!needed || lines_cpu_needs(&x->lines, x->e, u) ||
		    lines_device_needs(&x->lines, x->e, u))
			vec_push(&d->live, u->line);
	}
}

/*
 * Bytes that nobody will ever touch are no state, where nobody but asserts can tell: such lines
 * become as if they had never been touched. Whether they are is told by how far everybody is, so
 * that belongs to the state then.
 */
static bool settle(struct deep *d)
{
	struct explorer *x = d->x;
	struct engine *e = x->e;
	const struct lines *l = &x->lines;

	if (!x->moves.thorough || e->w->truth)
		return false;
	for (u32 i = 0; i < d->live.n; i++) {
		const struct line_use *u = lines_of(l, d->live.v[i]);

		if (lines_cpu_needs(l, e, u) || lines_device_needs(l, e, u))
			continue;
		cache_forget(&e->hw, u->line);
		x->abstract = true;
	}
	return true;
}

static void add_bytes(struct deep *d, const void *p, u32 n)
{
	const u8 *b = p;

	for (u32 i = 0; i < n; i++)
		vec_push(&d->whole, b[i]);
}

/* What stands for the present state. */
static void print(struct deep *d, struct successor *s)
{
	struct world *w = d->x->e->w;
	const struct lines *l = &d->x->lines;
	bool places = settle(d);

	s->hash = world_hash(w);
	if (d->x->opt->print == PRINT_128)
		s->hash2 = world_hash2(w);
	if (d->x->opt->print == PRINT_EXACT) {
		d->bytes.n = 0;
		world_state(w, &d->bytes);
		s->state = d->whole.n;
		add_bytes(d, d->bytes.v, d->bytes.n);
		if (places)
			add_bytes(d, l->made, sizeof l->made);
		s->state_n = d->whole.n - s->state;
	}
	if (places) {
		s->hash ^= world_hash_bytes(l->made, sizeof l->made, 41);
		s->hash2 ^= world_hash_bytes(l->made, sizeof l->made, 42);
	}
}

static bool is_new(struct deep *d, const struct successor *s)
{
	return visited_add(&d->seen, s->hash, s->hash2, s->state_n ? &d->whole.v[s->state] : NULL,
			   s->state_n);
}

static void each(void *ctx)
{
	struct deep *d = ctx;
	const struct moves *m = &d->x->moves;
	struct successor s = {.first = d->steps.n, .n = m->steps.n};

	print(d, &s);
	visited_prefetch(&d->seen, s.hash);
	for (u32 i = 0; i < m->steps.n; i++)
		vec_push(&d->steps, m->steps.v[i]);
	vec_push(&d->successors, s);
}

/* Keeps those that were not seen before, with their steps. */
static void keep_new(struct deep *d, struct level *l)
{
	u32 to = l->begin, steps = l->steps;

	for (u32 i = l->begin; i < d->successors.n; i++) {
		struct successor s = d->successors.v[i];

		if (!is_new(d, &s))
			continue;
		memmove(&d->steps.v[steps], &d->steps.v[s.first], s.n * sizeof *d->steps.v);
		s.first = steps;
		steps += s.n;
		d->successors.v[to++] = s;
	}
	d->successors.n = l->end = to;
	d->steps.n = steps;
	d->whole.n = 0;
}

/* A state that was not seen before: its successors, or how the run ended here. */
static void enter(struct deep *d)
{
	struct explorer *x = d->x;
	struct level l = {.mark = world_mark(x->e->w),
			  .point = engine_choices(x->e) + 1,
			  .next = d->successors.n,
			  .begin = d->successors.n,
			  .steps = d->steps.n};
	bool moved;

	memcpy(l.made, x->lines.made, sizeof l.made);
	vec_push(&d->path, l);
	know_live(d, true);
	x->moves.steps.n = 0;
	moved = moves_expand(&x->moves);
	x->moves.steps.n = 0;
	explorer_outcome(x, moved);
	keep_new(d, &d->path.v[d->path.n - 1]);
	x->progress.depth = (u32)(l.point - d->path.v[0].point);
	explorer_look(x, visited_count(&d->seen), visited_bytes_next(&d->seen, d->bytes.n));
	if (x->e->w->jn.tail > 0)
		explorer_stop(x, EXPLORE_DEPTH);
}

static void walk(struct deep *d)
{
	struct explorer *x = d->x;
	struct successor root = {0};

	print(d, &root);
	is_new(d, &root);
	enter(d);
	while (d->path.n && !x->ended && (!x->lines.grew || x->opt->unreduced)) {
		struct level *l = &d->path.v[d->path.n - 1];
		const struct successor *s;

		world_undo(x->e->w, &l->mark);
		memcpy(x->lines.made, l->made, sizeof l->made);
		if (l->next == l->end) {
			d->successors.n = l->begin;
			d->steps.n = l->steps;
			d->path.n--;
			continue;
		}
		s = &d->successors.v[l->next++];
		x->moves.muted = true; /* what it shows was told when it was made */
		moves_redo(&x->moves, &d->steps.v[s->first], s->n);
		know_live(d, false);
		settle(d);
		x->moves.muted = false;
		enter(d);
	}
}

void deep_run(struct explorer *x)
{
	struct deep d = {.x = x};

	explorer_forget(x->r);
	x->r->outcomes = 0;
	x->r->depth = x->r->bytes = 0;
	visited_init(&d.seen, x->opt->print);
	x->found = found;
	x->ctx = &d;
	x->moves.each = each;
	x->moves.ctx = &d;
	x->moves.calm_too = false;
	x->moves.alike = true;
	x->moves.thorough = !x->opt->unreduced;
	explorer_begin(x);
	walk(&d);
	x->r->states = visited_count(&d.seen);
	x->r->transitions = x->moves.transitions;
	explorer_end(x);
	visited_free(&d.seen);
	vec_free(&d.path);
	vec_free(&d.successors);
	vec_free(&d.steps);
	vec_free(&d.live);
	vec_free(&d.whole);
	vec_free(&d.bytes);
}
