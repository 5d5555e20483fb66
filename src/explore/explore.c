/* SPDX-License-Identifier: MIT */
#include "explore/explore.h"

#include <stdlib.h>

#include "base/bug.h"
#include "explore/explorer.h"

enum {
	TELL_EVERY = 2048, /* transitions between two looks at the bounds */
	LEARN_MAX = 100000 /* transitions of the calm run that is made first */
};

const char *explore_end_text(enum explore_end end)
{
	static const char *const text[] = {
	    "every schedule was seen",
	    "the search ended at the first finding",
	    "the bound of deviations was reached",
	    "the bound of states was reached",
	    "the bound of memory was reached",
	    "the bound of transitions in one run was reached",
	    "the search was stopped",
	    "some run reached a limit of the engine",
	    "schedules were drawn by chance",
	};

	BUG_ON((u32)end >= ARRAY_LEN(text));
	return text[end];
}

double explore_collision(const struct explore_result *r)
{
	double n = (double)r->states;

	if (r->print == PRINT_EXACT)
		return 0;
	return n * n / (r->print == PRINT_128 ? 0x1p129 : 0x1p65);
}

/* ---- what was found ---- */

struct explore_find *explorer_find(struct explorer *x, const struct finding *f)
{
	for (u32 i = 0; i < x->r->found.n; i++) {
		const struct finding *g = &x->r->found.v[i].f;

		if (g->id == f->id && g->index == f->index && g->stmt == f->stmt &&
		    g->alloc == f->alloc && g->map_stmt == f->map_stmt)
			return &x->r->found.v[i];
	}
	return NULL;
}

struct explore_find *explorer_add(struct explorer *x, const struct finding *f)
{
	vec_push(&x->r->found, (struct explore_find){.f = *f});
	x->progress.found = x->r->found.n;
	return &x->r->found.v[x->r->found.n - 1];
}

void explorer_forget(struct explore_result *r)
{
	for (u32 i = 0; i < r->found.n; i++)
		schedule_free(&r->found.v[i].witness);
	r->found.n = 0;
}

/* ---- the engine and who listens to it ---- */

static void on_event(void *ctx, struct world *w, const struct event *e, const struct view *seen)
{
	struct explorer *x = ctx;

	lines_event(&x->lines, x->e, e);
	moves_event(&x->moves, e);
	if (x->inner.event)
		x->inner.event(x->inner.ctx, w, e, seen);
}

static void on_lost(void *ctx, struct world *w, u64 pa, u32 n, const u8 *was, const u8 *who)
{
	struct explorer *x = ctx;

	if (x->inner.lost)
		x->inner.lost(x->inner.ctx, w, pa, n, was, who);
}

static void on_finding(void *ctx, const struct finding *f)
{
	struct explorer *x = ctx;

	if (!x->moves.muted)
		x->found(x->ctx, f);
}

static void on_handed(void *ctx, u64 pa, u64 len)
{
	moves_handed(&((struct explorer *)ctx)->moves, pa, len);
}

static void on_saw(void *ctx, u64 pa, u64 len)
{
	struct explorer *x = ctx;

	lines_saw(&x->lines, x->e, pa, len);
	moves_saw(&x->moves, pa, len);
}

void explorer_begin(struct explorer *x)
{
	struct engine_options eo = {.no_events = true, .max_accesses = x->opt->max_accesses};

	x->e = engine_new(x->cfg, x->prog, &eo);
	if (!x->opt->unreduced)
		lines_ask(&x->lines, x->e);
	oracle_sink(&x->e->oracle, on_finding, x);
	x->e->oracle.handed = on_handed;
	x->e->oracle.handed_ctx = x;
	x->e->saw = on_saw;
	x->e->saw_ctx = x;
	x->inner = x->e->w->obs;
	x->e->w->obs = (struct observer){.ctx = x, .event = on_event, .lost = on_lost};
	moves_init(&x->moves, x->e, &x->lines);
	memset(x->lines.made, 0, sizeof x->lines.made);
	engine_start(x->e);
	if (x->progress.pass == 1 && x->opt->print == PRINT_128)
		world_hash_wide(x->e->w);
	else
		world_hash_on(x->e->w);
}

void explorer_end(struct explorer *x)
{
	engine_free(x->e);
	x->e = NULL;
}

void explorer_steps(const struct step *s, u32 n, u64 point, struct schedule *out)
{
	for (u32 i = 0; i < n; i++)
		schedule_add(out, point + i, s[i].did.index);
}

/* ---- bounds ---- */

void explorer_stop(struct explorer *x, enum explore_end end)
{
	if (!x->ended)
		x->end = end;
	x->ended = true;
}

void explorer_look(struct explorer *x, u64 states, u64 bytes)
{
	const struct explore_options *o = x->opt;
	struct explore_progress *p = &x->progress;

	p->states = states;
	p->transitions = x->moves.transitions;
	p->bytes = bytes;
	if (bytes > x->r->bytes)
		x->r->bytes = bytes;
	if (states + x->moves.laboured >= (o->max_states ? o->max_states : 20000000))
		explorer_stop(x, EXPLORE_STATES);
	if (bytes > (o->max_bytes ? o->max_bytes : 1ull << 30))
		explorer_stop(x, EXPLORE_MEMORY);
	if (p->depth > x->r->depth)
		x->r->depth = p->depth;
	if (p->depth >= (o->max_depth ? o->max_depth : 100000))
		explorer_stop(x, EXPLORE_DEPTH);
	if (o->go_on && p->transitions - x->told >= TELL_EVERY) {
		x->told = p->transitions;
		if (!o->go_on(o->ctx, p))
			explorer_stop(x, EXPLORE_STOPPED);
	}
}

bool explorer_outcome(struct explorer *x, bool moved)
{
	struct engine *e = x->e;
	enum outcome o = engine_outcome(e);

	if (moved && o != OUTCOME_HANG && o != OUTCOME_LIMIT)
		return false;
	x->r->outcomes |= 1u << o;
	if (o == OUTCOME_HANG) {
		struct mark mark = world_mark(e->w);

		oracle_hang(&e->oracle, e->w, engine_hang_stmt(e));
		world_undo(e->w, &mark);
	}
	if (o == OUTCOME_LIMIT) {
		x->r->limit = world_now(e->w)->limit;
		explorer_stop(x, EXPLORE_LIMIT);
	}
	return !moved;
}

/* ---- the passes ---- */

/* The calm run meets most of the lines that matter, so that the passes seldom begin again. */
static void learn(struct explorer *x)
{
	struct engine_options eo = {.no_events = true, .max_accesses = x->opt->max_accesses};
	struct action a;

	x->e = engine_new(x->cfg, x->prog, &eo);
	x->inner = x->e->w->obs;
	x->e->w->obs = (struct observer){.ctx = x, .event = on_event, .lost = on_lost};
	x->e->saw = on_saw;
	x->e->saw_ctx = x;
	memset(x->lines.made, 0, sizeof x->lines.made);
	x->lines.maker = NOBODY_MADE;
	for (u32 i = 0; i < LEARN_MAX && engine_calm(x->e, &a); i++) {
		lines_step(&x->lines, x->e, &a);
		engine_apply(x->e, &a);
	}
	engine_free(x->e);
	x->e = NULL;
}

/* More lines of some set than it has ways came into a cache: it will be full at times. */
static bool crowded(const struct explorer *x, const struct cache_config *c)
{
	const u64 line = x->cfg->hw.line;

	for (u32 i = 0; c->sets && i < x->lines.n; i++) {
		u32 same = 0;

		for (u32 k = 0; k < x->lines.n && x->lines.v[i].cached; k++)
			same +=
			    x->lines.v[k].cached &&
			    ((x->lines.v[i].line ^ x->lines.v[k].line) / line & (c->sets - 1)) == 0;
		if (same > c->ways)
			return true;
	}
	return false;
}

static bool crowds(const struct explorer *x, const struct machine_config *cfg)
{
	return crowded(x, &cfg->hw.l1) || crowded(x, &cfg->hw.outer);
}

static void widen_cache(const struct explorer *x, struct cache_config *c)
{
	u32 sets = 16;

	while (sets < x->lines.n)
		sets *= 2;
	if (sets > c->sets)
		c->sets = sets;
	if (c->ways < 8)
		c->ways = 8;
}

/*
 * A machine whose caches never fill up can do all that the real one can: which line goes when a
 * set is full is then one of the things that hardware may do at any time. It has far fewer states,
 * since it is asked for only where it shows. What it shows beyond the real machine, the second
 * pass will not find.
 */
static void widen(struct explorer *x, struct machine_config *wide)
{
	*wide = *x->cfg;
	widen_cache(x, &wide->hw.l1);
	if (wide->hw.outer.sets)
		widen_cache(x, &wide->hw.outer);
	x->cfg = wide;
	x->abstract = true;
	x->moves.crowds = false;
}

static void pass(struct explorer *x, void (*run)(struct explorer *))
{
	do {
		x->lines.grew = x->ended = x->moves.full = false;
		x->told = x->moves.transitions = x->moves.laboured = 0;
		run(x);
		lines_again(&x->lines);
	} while (x->lines.grew && !x->opt->unreduced);
	if (!x->ended)
		x->end = EXPLORE_COMPLETE;
}

/* Whether a pass that thought that no set fills up met one that did, and has to be made again. */
static bool misjudged(const struct explorer *x)
{
	return !x->opt->unreduced && !x->ended && !x->moves.crowds &&
	       (x->moves.full || crowds(x, x->cfg));
}

static void prove(struct explorer *x)
{
	const struct machine_config *real = x->cfg;
	struct machine_config *wide = mem_zalloc(1, sizeof *wide);

	x->progress.pass = 1;
	if (!x->opt->unreduced && x->moves.crowds)
		widen(x, wide);
	pass(x, deep_run);
	if (x->cfg == real && misjudged(x)) {
		widen(x, wide);
		pass(x, deep_run);
	}
	x->moves.crowds = misjudged(x);
	if (x->moves.crowds) { /* even the wider one fills up */
		x->cfg = real;
		pass(x, deep_run);
	}
	x->moves.crowds |= x->cfg == wide || x->moves.full || crowds(x, real);
	x->r->end = x->end;
	x->cfg = real;
	mem_free(wide);
}

static void shorten(struct explorer *x)
{
	x->progress.pass = 2;
	pass(x, wide_run);
	if (misjudged(x)) {
		x->moves.crowds = true;
		pass(x, wide_run);
	}
}

static bool still_found(const struct explore_result *r, enum diag_id id)
{
	for (u32 i = 0; i < r->found.n; i++)
		if (r->found.v[i].f.id == id)
			return true;
	return false;
}

/* What the first pass found on a machine that can do more, and the second did not find, is left
 * out: findings, and ends that are findings too. */
static void confirm(struct explorer *x)
{
	struct explore_result *r = x->r;
	u32 n = 0;

	for (u32 i = 0; i < r->found.n; i++)
		if (r->found.v[i].shortest)
			r->found.v[n++] = r->found.v[i];
		else
			schedule_free(&r->found.v[i].witness);
	if (n < r->found.n && x->end != EXPLORE_COMPLETE)
		r->end = x->end;
	r->found.n = n;
	if (!still_found(r, DIAG_HANG))
		r->outcomes &= ~(1u << OUTCOME_HANG);
	if (!still_found(r, DIAG_KERNEL_BUG))
		r->outcomes &= ~(1u << OUTCOME_DIED);
}

/* Shorter ways first; of one way what comes first on it. */
static int by_length(const void *a, const void *b)
{
	const struct explore_find *x = a, *y = b;

	if (x->deviations != y->deviations)
		return x->deviations < y->deviations ? -1 : 1;
	if (x->transitions != y->transitions)
		return x->transitions < y->transitions ? -1 : 1;
	if (x->f.event != y->f.event)
		return x->f.event < y->f.event ? -1 : 1;
	if (x->f.id != y->f.id)
		return x->f.id < y->f.id ? -1 : 1;
	if (x->f.stmt != y->f.stmt)
		return x->f.stmt < y->f.stmt ? -1 : 1;
	return x->f.alloc < y->f.alloc ? -1 : x->f.alloc > y->f.alloc;
}

struct explore_result *explore_run(const struct machine_config *cfg, const struct program *prog,
				   const struct explore_options *opt)
{
	struct explorer x = {.cfg = cfg, .prog = prog, .opt = opt};
	bool deep = !opt->first && opt->max_deviations == EXPLORE_NO_BOUND;

	x.r = mem_zalloc(1, sizeof *x.r);
	x.r->print = opt->print;
	x.moves.unreduced = opt->unreduced;
	if (!opt->unreduced)
		learn(&x);
	x.moves.crowds = crowds(&x, cfg);
	if (deep)
		prove(&x);
	if (!deep || (x.r->found.n && (!opt->no_witnesses || x.abstract))) {
		shorten(&x);
		if (!deep)
			x.r->end = x.end;
		else if (x.abstract)
			confirm(&x);
	}
	if (x.r->found.n)
		qsort(x.r->found.v, x.r->found.n, sizeof *x.r->found.v, by_length);
	moves_free(&x.moves);
	lines_free(&x.lines);
	return x.r;
}

void explore_free(struct explore_result *r)
{
	if (!r)
		return;
	explorer_forget(r);
	vec_free(&r->found);
	mem_free(r);
}
