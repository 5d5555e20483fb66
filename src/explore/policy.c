/* SPDX-License-Identifier: MIT */
#include "explore/policy.h"

#include <string.h>

#include "base/bug.h"

/*
 * So many answers in a row may differ from calm's: two that undo each other end here. Of looks
 * ahead there are LOOKS_MAX in a run; one at so many bytes counts for another.
 */
enum { PUSHED_MAX = 256, LOOK_AHEAD = 256, LOOKS_MAX = 100000, BYTES_A_LOOK = 512 };

static const struct {
	const char *name;
	bool offered;
	const char *text;
} table[POLICIES] = {
#define POLICY(id, name, offered, text) {name, offered, text},
#include "explore/policies.def"
#undef POLICY
};

const char *policy_name(enum policy how)
{
	return table[how].name;
}

const char *policy_text(enum policy how)
{
	return table[how].text;
}

bool policy_find(const char *name, enum policy *out)
{
	for (u32 i = 0; i < POLICIES; i++)
		if (table[i].offered && strcmp(table[i].name, name) == 0) {
			*out = (enum policy)i;
			return true;
		}
	return false;
}

void policy_names(struct str *out)
{
	u32 n = 0;

	while (n < POLICIES && table[n].offered)
		n++;
	for (u32 i = 0; i < n; i++)
		str_printf(out, "%s%s", !i ? "" : i + 1 < n ? ", " : " or ", table[i].name);
}

void policy_begin(struct policy_state *p, enum policy how, u64 seed)
{
	*p = (struct policy_state){.how = how, .chance = {seed}};
}

void policy_end(struct policy_state *p)
{
	vec_free(&p->done);
	vec_free(&p->before);
	vec_free(&p->all);
	vec_free(&p->now);
	vec_free(&p->spare);
	vec_free(&p->list);
	vec_free(&p->found);
}

/* ---- sweeps ---- */

static u32 rank_of(enum policy how, const struct action *a)
{
	switch ((enum action_kind)a->kind) {
	case ACT_DRAIN:
		return 2;
	case ACT_WRITE_BACK:
		return 3;
	case ACT_DROP:
		return 4;
	case ACT_FILL:
		return how == POLICY_SWEEP_FILL ? 1 : 5;
	default:
		return 0;
	}
}

static bool was_done(const struct policy_state *p, const struct action *a)
{
	for (u32 i = 0; i < p->done.n; i++)
		if (p->done.v[i].kind == a->kind && p->done.v[i].arg == a->arg &&
		    p->done.v[i].line == a->line)
			return true;
	return false;
}

/* What does not matter is there for those that search. */
static void drop_minor(struct action_list *l)
{
	u32 n = l->n ? 1 : 0;

	for (u32 i = 1; i < l->n; i++)
		if (!l->v[i].minor)
			l->v[n++] = l->v[i];
	l->n = n;
}

static u32 sweep(struct policy_state *p, const struct action_list *l)
{
	u32 best = 0, rank = ~0u;

	for (u32 i = 1; i < l->n; i++) {
		u32 r = rank_of(p->how, &l->v[i]);

		/* A drained entry is gone, and the next one has its number. */
		if (!r || r >= rank || (l->v[i].kind != ACT_DRAIN && was_done(p, &l->v[i])))
			continue;
		best = i;
		rank = r;
	}
	if (best)
		vec_push(&p->done, l->v[best]);
	else
		p->done.n = 0;
	return best;
}

/* ---- hostile ---- */

/* Of n <= 64 bytes those with an old copy, as bits: no other can be stale, and this is soon seen.
 */
static u64 any_old(const struct world *w, u64 pa, u32 n)
{
	struct copyref c[COPIES_MAX];
	u32 k = w->ops.copies(w, pa, n, c, COPIES_MAX);
	u64 old = 0;

	for (u32 i = 0; i < k; i++)
		old |= bits_get(w, c[i].old, c[i].bit, c[i].n) << c[i].skip;
	return old;
}

static void stale_in(const struct engine *e, u32 alloc, u64 pa, u64 old, struct stale_bytes *out)
{
	u64 off = pa - oracle_alloc(&e->oracle, alloc)->pa;

	for (; old; old &= old - 1) {
		u32 i = (u32)__builtin_ctzll(old);
		u64 key = (u64)alloc << 48 | (off + i) << 1;

		u32 stale = oracle_stale(&e->oracle, pa + i);

		if (stale & STALE_CPU)
			vec_push(out, key);
		if (stale & STALE_DEVICE)
			vec_push(out, key | 1);
	}
}

/* All bytes that somebody would read old. Returns how many had to be looked at closely. */
static u32 stale_all(const struct engine *e, struct stale_bytes *out)
{
	const struct oracle *o = &e->oracle;
	u32 close = 0;

	out->n = 0;
	for (u32 i = 0; i < oracle_allocs(o); i++) {
		const struct oalloc *a = oracle_alloc(o, i);

		for (u64 at = a->pa, n; a->open && at < a->pa + a->len; at += n) {
			u64 old;

			n = min_u64(align_down(at, 64) + 64, a->pa + a->len) - at;
			old = any_old(e->w, at, (u32)n);
			close += (u32)__builtin_popcountll(old);
			stale_in(e, i, at, old, out);
		}
	}
	return close;
}

/* all becomes all and now, both rising; how many are new. */
static u32 unite(struct stale_bytes *all, const struct stale_bytes *now, struct stale_bytes *out)
{
	struct stale_bytes was;
	u32 k = 0, fresh = 0;

	out->n = 0;
	for (u32 i = 0; i < now->n; i++) {
		while (k < all->n && all->v[k] < now->v[i])
			vec_push(out, all->v[k++]);
		if (k < all->n && all->v[k] == now->v[i])
			k++;
		else
			fresh++;
		vec_push(out, now->v[i]);
	}
	while (k < all->n)
		vec_push(out, all->v[k++]);
	was = *all;
	*all = *out;
	*out = was;
	return fresh;
}

/*
 * What may come behind an answer: calm; devices before all else; the driver before all else; the
 * driver as far as it gets, and then its stores, the youngest first, each seen by the devices.
 */
enum future { FUTURE_CALM, FUTURE_DEVICES, FUTURE_DRIVER, FUTURE_STORES, FUTURES };

/* Who goes first: the highest rank; 0: as calm has it. */
static u32 urgency(enum future f, const struct action *a)
{
	bool device = a->kind == ACT_DEVICE || a->kind == ACT_ARRIVE;
	bool driver = a->kind == ACT_CPU && !a->age;

	switch (f) {
	case FUTURE_DEVICES:
		return device;
	case FUTURE_DRIVER:
		return driver;
	case FUTURE_STORES:
		return driver ? 1000 : device ? 999 : a->kind == ACT_DRAIN ? 1u + a->arg : 0;
	default:
		return 0;
	}
}

static bool next_action(struct policy_state *p, struct engine *e, enum future f, struct action *out)
{
	u32 best;

	if (!engine_calm(e, out))
		return false;
	best = urgency(f, out);
	if (f == FUTURE_CALM || (best && f != FUTURE_STORES))
		return true;
	engine_actions(e, &p->list);
	for (u32 i = 0; i < p->list.n; i++)
		if (urgency(f, &p->list.v[i]) > best) {
			best = urgency(f, &p->list.v[i]);
			*out = p->list.v[i];
		}
	return true;
}

/* Bytes that are used old or lost count as well: an early load leaves no stale copy behind. */
static void count_finding(void *ctx, const struct finding *f)
{
	u64 key = (u64)f->stmt << 32 | (u64)f->alloc << 8 | f->id;
	struct policy_state *p = ctx;

	for (u32 i = 0; i < p->found.n; i++)
		if (p->found.v[i] == key)
			return; /* nothing new is to be had there */
	vec_push(&p->found, key);
	if (f->severity == SEVERITY_CORRUPTION)
		p->hurt += f->n ? f->n : 1;
}

struct harm {
	u32 bytes, steps; /* steps: until the last of them */
};

static struct harm harm(struct policy_state *p, struct engine *e, const struct action *a,
			enum future f)
{
	u32 known = p->found.n, far = p->looked < LOOKS_MAX ? LOOK_AHEAD : 1;
	struct mark m = world_mark(e->w);
	struct action next = *a;
	struct harm h = {0, 0};

	p->all.n = p->hurt = 0;
	for (u32 i = 0; i < p->before.n; i++)
		vec_push(&p->all, p->before.v[i]);
	for (u32 step = 0; step < far; step++, p->looked++) {
		u32 was = p->hurt;

		engine_apply(e, &next);
		p->looked += stale_all(e, &p->now) / BYTES_A_LOOK;
		p->hurt += unite(&p->all, &p->now, &p->spare);
		if (p->hurt != was)
			h.steps = step;
		if (!next_action(p, e, f, &next))
			break;
	}
	world_undo(e->w, &m);
	p->found.n = known;
	h.bytes = p->hurt;
	return h;
}

/* What comes of the answer itself is known from now on. */
static void remember(struct engine *e, const struct action *a)
{
	struct mark m = world_mark(e->w);

	engine_apply(e, a);
	world_undo(e->w, &m);
}

static u32 hostile(struct policy_state *p, struct engine *e, const struct action_list *l)
{
	void (*sink)(void *, const struct finding *) = e->oracle.sink;
	void *ctx = e->oracle.ctx;
	struct harm most = {0, 0};
	u32 best = 0;

	BUG_ON(e->w->log);
	oracle_sink(&e->oracle, count_finding, p);
	stale_all(e, &p->before);
	for (u32 i = 0; i < l->n && l->n > 1; i++)
		for (u32 f = 0; f < (p->looked < LOOKS_MAX ? (u32)FUTURES : 1); f++) {
			struct harm h = harm(p, e, &l->v[i], (enum future)f);

			if (h.bytes < most.bytes ||
			    (h.bytes == most.bytes && h.steps >= most.steps))
				continue;
			most = h;
			best = i;
		}
	p->pushed = best && p->pushed < PUSHED_MAX ? p->pushed + 1 : 0;
	best = p->pushed ? best : 0;
	remember(e, &l->v[best]);
	oracle_sink(&e->oracle, sink, ctx);
	return best;
}

u32 policy_answer(struct policy_state *p, struct engine *e, const struct action_list *l)
{
	switch (p->how) {
	case POLICY_CALM:
		return 0;
	case POLICY_HOSTILE:
		return hostile(p, e, l);
	case POLICY_RANDOM:
	case POLICY_RESTLESS:
		if (prng_below(&p->chance, 8) < (p->how == POLICY_RANDOM ? 4 : 1))
			return 0;
		return prng_below(&p->chance, l->n);
	default:
		return sweep(p, l);
	}
}

/* ---- a whole run ---- */

/*
 * A second engine goes the same way ahead of the first: it keeps no events, so answers can be
 * tried on it, and its oracle is always on, so the first one's need not be.
 */
struct scouting {
	struct policy_state p;
	struct engine *scout;
	struct action_list list; /* the scout's: what matters only */
};

/* Of the lines only those that some mapping has covered: nobody sees what becomes of others. */
static enum engine_interest any_line(const void *ctx, u64 line)
{
	(void)ctx;
	(void)line;
	return INTEREST_REACHED;
}

static u32 ask_scout(void *ctx, struct engine *e, const struct action_list *l)
{
	struct scouting *s = ctx;
	struct action a;

	(void)e;
	engine_actions(s->scout, &s->list);
	BUG_ON(!s->list.n || s->list.indexes != l->n);
	drop_minor(&s->list);
	a = s->list.v[policy_answer(&s->p, s->scout, &s->list)];
	engine_apply(s->scout, &a);
	return a.index;
}

enum outcome policy_run(struct engine *e, enum policy how, u64 seed)
{
	struct engine_options opt = {.no_events = true, .max_accesses = e->opt.max_accesses};
	struct scouting s = {.scout = NULL};
	enum outcome o;

	if (how == POLICY_CALM)
		return engine_run(e, NULL, NULL);
	BUG_ON(e->line_matters);
	policy_begin(&s.p, how, seed);
	s.scout = engine_new(e->cfg, e->prog, &opt);
	s.scout->line_matters = any_line;
	engine_start(s.scout);
	o = engine_run(e, ask_scout, &s);
	engine_free(s.scout);
	vec_free(&s.list);
	policy_end(&s.p);
	return o;
}
