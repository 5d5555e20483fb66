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
	u64 hash;  /* of the state */
};

/* A sorted set of line addresses. */
struct line_set {
	VEC(u64)
};

static u32 line_index(const struct line_set *l, u64 line)
{
	u32 lo = 0, hi = l->n;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (l->v[mid] < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool line_known(const struct line_set *l, u64 line)
{
	u32 i = line_index(l, line);

	return i < l->n && l->v[i] == line;
}

static bool line_add(struct line_set *l, u64 line)
{
	u32 i = line_index(l, line);

	if (line_known(l, line))
		return false;
	vec_push(l, line);
	memmove(l->v + i + 1, l->v + i, (l->n - i - 1) * sizeof *l->v);
	l->v[i] = line;
	return true;
}

struct search {
	struct engine *e;
	const struct search_options *opt;
	struct search_result *r;
	struct visited seen;
	struct {
		VEC(struct level)
	} path;
	u32 depth;		    /* levels of path in use */
	struct line_set dma, loads; /* lines that a device touches, that the CPU loads from */
	bool grew;		    /* a new one appeared: begin again */
	struct observer inner;	    /* the oracle */
};

static bool dma_line(const void *ctx, u64 line)
{
	return line_known(&((const struct search *)ctx)->dma, line);
}

static bool load_line(const void *ctx, u64 line)
{
	return line_known(&((const struct search *)ctx)->loads, line);
}

/* What every event says, before the oracle hears it: which lines come to matter. */
static void on_event(void *ctx, struct world *w, const struct event *e, const struct view *seen)
{
	struct search *s = ctx;

	switch (e->kind) {
	case EV_DMA_READ:
	case EV_DMA_WRITE:
		s->grew |= line_add(&s->dma, align_down(e->f[1], w->line));
		break;
	case EV_LOAD_CACHE:
	case EV_LOAD_MEMORY:
	case EV_LOAD_BUFFER:
	case EV_LOAD_EARLY:
		s->grew |= line_add(&s->loads, align_down(e->f[0], w->line));
		break;
	default:
		break;
	}
	if (s->inner.event)
		s->inner.event(s->inner.ctx, w, e, seen);
}

static void on_lost(void *ctx, struct world *w, u64 pa, u32 n, const u8 *was, const u8 *who)
{
	struct search *s = ctx;

	if (s->inner.lost)
		s->inner.lost(s->inner.ctx, w, pa, n, was, who);
}

static void witness(struct search *s, struct schedule *out)
{
	for (u32 i = 0; i < s->depth; i++) /* next was advanced past the one being done */
		schedule_add(out, s->path.v[i].point,
			     s->path.v[i].list.v[s->path.v[i].next - 1].index);
}

static void on_finding(void *ctx, const struct finding *f)
{
	struct search *s = ctx;
	struct search_find n = {.f = *f};

	for (u32 i = 0; i < s->r->found.n; i++) {
		struct finding *g = &s->r->found.v[i].f;

		if (g->id == f->id && g->index == f->index && g->stmt == f->stmt &&
		    g->alloc == f->alloc && g->map_stmt == f->map_stmt &&
		    g->severity >= f->severity) {
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
	l->hash = world_hash(e->w);
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
			oracle_hang(&e->oracle, e->w, engine_hang_stmt(e));
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

/* Without a visited set only a run that comes back to its own past is cut. */
static bool on_path(const struct search *s, u64 hash)
{
	for (u32 i = 0; i < s->depth; i++)
		if (s->path.v[i].hash == hash)
			return true;
	return false;
}

static void walk(struct search *s)
{
	struct engine *e = s->e;

	visited_add(&s->seen, world_hash(e->w));
	enter(s);
	while (s->depth && (!s->grew || s->opt->all_lines)) {
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
		if (s->opt->no_visited ? on_path(s, world_hash(e->w))
				       : !visited_add(&s->seen, world_hash(e->w)))
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
	do {
		forget_finds(s.r);
		*s.r = (struct search_result){.complete = true, .found = s.r->found};
		s.grew = false;
		s.depth = 0;
		s.e = engine_new(cfg, prog, &eo);
		if (!s.opt->all_lines) {
			s.e->line_matters = dma_line;
			s.e->line_ctx = &s;
			s.e->hw.remembers = load_line;
			s.e->hw.remembers_ctx = &s;
		}
		oracle_sink(&s.e->oracle, on_finding, &s);
		s.inner = s.e->w->obs;
		s.e->w->obs = (struct observer){.ctx = &s, .event = on_event, .lost = on_lost};
		engine_start(s.e);
		world_hash_on(s.e->w);
		walk(&s);
		engine_free(s.e);
		mem_free(s.seen.slot);
		s.seen = (struct visited){0};
	} while (s.grew && !s.opt->all_lines);
	vec_free(&s.dma);
	vec_free(&s.loads);
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
