/* SPDX-License-Identifier: MIT */
#include "explore/sample.h"

#include <string.h>

#include "base/bug.h"
#include "base/prng.h"
#include "explore/again.h"
#include "explore/policy.h"
#include "explore/shrink.h"

/* A hostile run looks far ahead at each answer: it takes as long as a thousand others. */
enum {
	RUNS = 1000,
	HOSTILE_RUNS = 10,
	DEVIATIONS = 2,
	ACCESSES = 1000000,
	STATES = 4000000,
	SHRINK_RUNS = 1000
};

static const struct {
	const char *name, *text;
} table[SAMPLES] = {
#define SAMPLE(id, name, text) {name, text},
#include "explore/samples.def"
#undef SAMPLE
};

const char *sample_name(enum sample how)
{
	return table[how].name;
}

const char *sample_text(enum sample how)
{
	return table[how].text;
}

bool sample_find(const char *name, enum sample *out)
{
	for (u32 i = 0; i < SAMPLES; i++)
		if (strcmp(table[i].name, name) == 0) {
			*out = (enum sample)i;
			return true;
		}
	return false;
}

void sample_names(struct str *out)
{
	for (u32 i = 0; i < SAMPLES; i++)
		str_printf(out, "%s%s", !i ? "" : i + 1 < SAMPLES ? ", " : " or ", table[i].name);
}

/* ---- states, and which run showed each ---- */

struct met {
	u64 hash; /* 0: free */
	u32 run;  /* that showed it first */
	u32 many; /* another one did, too */
};

struct states {
	struct met *slot; /* owned */
	u64 cap, n;
};

static struct met *slot_of(const struct states *s, u64 hash)
{
	u64 i = hash & (s->cap - 1);

	while (s->slot[i].hash && s->slot[i].hash != hash)
		i = (i + 1) & (s->cap - 1);
	return &s->slot[i];
}

static void grow(struct states *s)
{
	struct states bigger = {.cap = s->cap ? s->cap * 2 : 1 << 12, .n = s->n};

	bigger.slot = mem_zalloc(bigger.cap, sizeof *bigger.slot);
	for (u64 i = 0; i < s->cap; i++)
		if (s->slot[i].hash)
			*slot_of(&bigger, s->slot[i].hash) = s->slot[i];
	mem_free(s->slot);
	*s = bigger;
}

/* False: it is a new one, and there is no room for more. */
static bool met(struct states *s, u64 hash, u32 run, u64 max)
{
	struct met *m;

	if (s->n * 10 >= s->cap * 6)
		grow(s);
	m = slot_of(s, hash ? hash : 1);
	if (m->hash) {
		m->many |= m->run != run;
		return true;
	}
	if (s->n == max)
		return false;
	*m = (struct met){hash ? hash : 1, run, 0};
	s->n++;
	return true;
}

/* How many runs showed a state that no other one did. */
static u64 alone(const struct states *s, u64 runs)
{
	u8 *has = mem_zalloc(runs + 1, 1);
	u64 n = 0;

	for (u64 i = 0; i < s->cap; i++)
		if (s->slot[i].hash && !s->slot[i].many && s->slot[i].run)
			has[s->slot[i].run] = 1;
	for (u64 i = 1; i <= runs; i++)
		n += has[i];
	mem_free(has);
	return n;
}

/* ---- findings ---- */

/* What is kept of a finding beside what the result says. */
struct kept {
	struct cost cost; /* of its witness */
	u32 run;	  /* the last that showed it */
};

struct sampler {
	struct again again;
	const struct sample_options *opt;
	struct sample_result *s;
	struct states states;
	struct {
		VEC(struct kept)
	} kept; /* of s->r->found */
	struct policy_state policy;
	struct prng chance;
	struct {
		VEC(u64)
	} at;			  /* few: the points of this run where it is not calm */
	u64 points;		  /* of this run so far, with more than one choice */
	bool keeps;		  /* few: who is let go first goes on so in this run */
	struct action first, off; /* who that is, and what of calm's is put off for it */
	bool putting_off;
	u32 run;     /* 0 is the calm one */
	bool showed; /* this run showed something */
};

static u64 or_else(u64 given, u64 def)
{
	return given ? given : def;
}

static u64 runs_of(const struct sample_options *o)
{
	return or_else(o->runs, o->how == SAMPLE_HOSTILE ? HOSTILE_RUNS : RUNS);
}

/* The worst of its kind is kept, with the shortest of the runs that showed it. */
static void on_finding(void *ctx, const struct finding *f)
{
	struct sampler *p = ctx;
	struct explore_result *r = p->s->r;
	struct explore_find *g;
	struct kept *k;
	u32 i = 0;

	while (i < r->found.n && !shrink_same(&r->found.v[i].f, f))
		i++;
	if (i == r->found.n) {
		vec_push(&r->found, (struct explore_find){.f = *f});
		vec_push(&p->kept, (struct kept){.cost = {.deviations = ~0u}});
	}
	g = &r->found.v[i];
	k = &p->kept.v[i];
	p->showed = true;
	g->count += !g->count || k->run != p->run;
	k->run = p->run;
	if (f->severity < g->f.severity ||
	    (f->severity == g->f.severity && !cost_less(&p->again.cost, &k->cost)))
		return;
	g->f = *f;
	k->cost = p->again.cost;
	schedule_copy(&g->witness, &p->again.done);
}

/* Runs that showed a finding which no other one did. */
static u64 alone_with_a_find(const struct sampler *p)
{
	u64 n = 0;

	for (u32 i = 0; i < p->kept.n; i++) {
		bool counts = p->kept.v[i].run && p->s->r->found.v[i].count == 1;

		for (u32 k = 0; k < i && counts; k++)
			counts =
			    p->s->r->found.v[k].count != 1 || p->kept.v[k].run != p->kept.v[i].run;
		n += counts;
	}
	return n;
}

/* ---- one run ---- */

static bool is_drawn(const struct sampler *p, u64 point)
{
	for (u32 i = 0; i < p->at.n; i++)
		if (p->at.v[i] == point)
			return true;
	return false;
}

/* Few: the choice points where this run is not calm. */
static void draw_points(struct sampler *p)
{
	u32 n = 1 + prng_below(&p->chance, p->s->deviations);

	p->at.n = 0;
	p->putting_off = false;
	p->keeps = prng_below(&p->chance, 2);
	while (p->at.n < n && p->at.n < p->s->points) {
		u64 point = 1 + prng_below(&p->chance, (u32)p->s->points);

		if (!is_drawn(p, point))
			vec_push(&p->at, point);
	}
}

static bool same_actor(const struct action *a, const struct action *b)
{
	return a->kind == b->kind && a->arg == b->arg;
}

static u32 few(struct sampler *p, const struct action_list *l)
{
	u32 pick = 0;

	p->putting_off = p->putting_off && p->keeps;
	for (u32 i = 1; p->putting_off && same_actor(&p->off, &l->v[0]) && i < l->n; i++)
		if (same_actor(&p->first, &l->v[i]) && !l->v[i].age)
			return i;
	if (l->n > 1 && is_drawn(p, p->points))
		pick = 1 + prng_below(&p->chance, l->n - 1);
	if (pick && !cost_is_act(&l->v[pick])) {
		p->putting_off = true;
		p->first = l->v[pick];
		p->off = l->v[0];
	} else if (!pick && same_actor(&p->off, &l->v[0])) {
		p->putting_off = false;
	}
	return pick;
}

static u32 answer(struct sampler *p)
{
	struct again *a = &p->again;

	if (a->list.n > p->s->choices)
		p->s->choices = a->list.n;
	p->points += a->list.n > 1;
	if (!p->run)
		return 0;
	if (p->s->how == SAMPLE_FEW)
		return few(p, &a->list);
	/* The first hostile run is hostile all the way. */
	if (p->s->how == SAMPLE_HOSTILE && p->run > 1 && prng_below(&p->chance, 8) == 0)
		return prng_below(&p->chance, a->list.n);
	return policy_answer(&p->policy, a->e, &a->list);
}

/* One transition; false: the run is over. */
static bool step(struct sampler *p)
{
	struct again *a = &p->again;
	u32 pick;

	if (!again_actions(a))
		return false;
	pick = answer(p);
	again_do(a, &a->list.v[pick], &a->list.v[0]);
	return true;
}

static void one_run(struct sampler *p)
{
	static const enum policy policies[SAMPLES] = {
	    [SAMPLE_RANDOM] = POLICY_RANDOM, [SAMPLE_HOSTILE] = POLICY_HOSTILE};
	u64 seed = p->s->seed + p->run - 1, max = or_else(p->opt->max_states, STATES);
	struct explore_result *r = p->s->r;
	enum outcome o;

	p->chance = (struct prng){seed};
	policy_begin(&p->policy, policies[p->s->how], seed);
	p->showed = false;
	p->points = 0;
	again_begin(&p->again);
	if (p->run && p->s->how == SAMPLE_FEW)
		draw_points(p);
	do
		p->s->uncounted |= !met(&p->states, world_hash(p->again.e->w), p->run, max);
	while (step(p));
	o = again_end(&p->again);
	r->outcomes |= 1u << o;
	if (o == OUTCOME_LIMIT)
		r->limit = world_now(p->again.e->w)->limit;
	if (p->again.cost.transitions > r->depth)
		r->depth = p->again.cost.transitions;
	p->s->showing += p->run && p->showed;
	policy_end(&p->policy);
}

static bool go_on(const struct sampler *p, bool shrinking)
{
	struct sample_progress g = {.runs = p->s->runs,
				    .of = runs_of(p->opt),
				    .states = p->states.n,
				    .transitions = p->again.transitions,
				    .found = p->s->r->found.n,
				    .shrinking = shrinking};

	return !p->opt->go_on || p->opt->go_on(p->opt->ctx, &g);
}

/* ---- all of them ---- */

static void draw(struct sampler *p)
{
	struct sample_result *s = p->s;
	u64 runs = runs_of(p->opt);

	one_run(p);
	s->points = p->points + s->deviations;
	while (s->runs < runs && go_on(p, false)) {
		p->run++;
		one_run(p);
		s->runs++;
	}
	s->r->end = s->runs < runs ? EXPLORE_STOPPED : EXPLORE_SAMPLED;
}

static void shorten(struct sampler *p)
{
	struct explore_result *r = p->s->r;
	u64 runs = or_else(p->opt->shrink_runs, SHRINK_RUNS);

	for (u32 i = 0; i < r->found.n; i++) {
		struct explore_find *g = &r->found.v[i];
		struct shrunk x = {.cost = p->kept.v[i].cost};

		if (go_on(p, true) &&
		    shrink_schedule(p->again.cfg, p->again.prog, &g->f, runs,
				    or_else(p->opt->max_accesses, ACCESSES), &g->witness, &x)) {
			g->f = x.f;
			p->s->shrink_runs += x.runs;
		}
		g->deviations = x.cost.deviations;
		g->transitions = x.cost.transitions;
	}
}

struct sample_result *sample_run(const struct machine_config *cfg, const struct program *prog,
				 const struct sample_options *opt)
{
	struct sampler p = {.opt = opt, .s = mem_zalloc(1, sizeof *p.s)};
	struct sample_result *s = p.s;

	s->r = mem_zalloc(1, sizeof *s->r);
	s->how = opt->how;
	s->seed = opt->seed;
	s->deviations = opt->how == SAMPLE_FEW ? (u32)or_else(opt->deviations, DEVIATIONS) : 0;
	p.again.found = on_finding;
	p.again.ctx = &p;
	again_init(&p.again, cfg, prog, or_else(opt->max_accesses, ACCESSES), true);
	draw(&p);
	s->new_state = alone(&p.states, s->runs);
	s->new_find = alone_with_a_find(&p);
	s->r->states = p.states.n;
	s->r->transitions = p.again.transitions;
	s->r->bytes = p.states.cap * sizeof *p.states.slot;
	shorten(&p);
	again_free(&p.again);
	mem_free(p.states.slot);
	vec_free(&p.kept);
	vec_free(&p.at);
	return s;
}

void sample_free(struct sample_result *s)
{
	if (!s)
		return;
	explore_free(s->r);
	mem_free(s);
}

/* ---- what it is worth ---- */

double sample_bound(const struct sample_result *s)
{
	double ways = 2.0 * s->deviations; /* half of the runs take single answers */

	if (s->how != SAMPLE_FEW || !s->deviations || s->deviations > s->points)
		return 0;
	for (u32 i = 0; i < s->deviations; i++)
		ways *= (double)(s->points - i) / (i + 1) * (s->choices > 2 ? s->choices - 1 : 1);
	return 1 / ways;
}

double sample_once(double p, u64 n)
{
	double never = 1, square = 1 - p;

	for (; n; n /= 2, square *= square)
		if (n & 1)
			never *= square;
	return 1 - never;
}
