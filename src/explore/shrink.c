/* SPDX-License-Identifier: MIT */
#include "explore/shrink.h"

#include "base/bug.h"
#include "explore/again.h"

enum { RUNS = 3000, TRANSITIONS = 300000, ACTORS = 16, KINDS = ACT_FLUSH + 1 };

/* What an act is, whatever run it is in: an entry of a store buffer is known by its address. */
struct act_name {
	u8 kind, arg;
	u16 age;
	u64 place;
};

/* A deviation: what was done in the place of calm's next step of somebody. */
struct deviation {
	struct act_name did;
	u8 calm_kind, calm_actor;
	u32 before; /* steps of the same that were done before */
	u32 group;  /* as often as the cost had grown: what is put off together is one */
};

struct deviations {
	VEC(struct deviation)
};

struct shrinker {
	struct again again;
	const struct finding *want;
	u64 max_runs;
	bool shown;
	struct cost cost; /* of the present run, when it was shown */
	u32 answers;	  /* and how many answers it had by then */
	struct finding f;
	u32 steps[KINDS][ACTORS];
	struct deviations now;	/* of the present run */
	struct deviations base; /* of the shortest run so far */
	struct cost least;
	struct schedule best;
	struct finding best_f;
	struct {
		VEC(u8)
	} use; /* of base: 0 left out, 1 to be done, 2 done */
};

bool shrink_same(const struct finding *a, const struct finding *b)
{
	return a->id == b->id && a->index == b->index && a->stmt == b->stmt &&
	       a->alloc == b->alloc && a->map_stmt == b->map_stmt;
}

static void on_finding(void *ctx, const struct finding *f)
{
	struct shrinker *s = ctx;

	if (s->shown || !shrink_same(f, s->want) || f->severity < s->want->severity)
		return;
	s->shown = true;
	s->cost = s->again.cost;
	s->answers = s->again.done.n;
	s->f = *f;
}

/* ---- names of acts ---- */

static struct act_name name_of(const struct engine *e, const struct action *a)
{
	struct act_name n = {a->kind, a->arg, a->age, a->line};

	if (a->kind == ACT_DRAIN) {
		n.arg = a->arg / STORE_BUFFER_MAX;
		n.place = hw_core(&e->hw, n.arg)->sb[a->arg % STORE_BUFFER_MAX].pa;
	}
	return n;
}

static bool same_name(const struct act_name *a, const struct act_name *b)
{
	return a->kind == b->kind && a->arg == b->arg && a->age == b->age && a->place == b->place;
}

/* Whose step it is, of those of its kind. */
static u32 actor_of(const struct action *a)
{
	return (a->kind == ACT_DRAIN ? a->arg / STORE_BUFFER_MAX : a->arg) % ACTORS;
}

static void note(struct shrinker *s, const struct action *did, const struct action *calm)
{
	u32 group = s->again.cost.deviations;
	struct cost next = s->again.cost;

	cost_add(&next, did, calm);
	if (did->index) {
		u32 actor = actor_of(calm);

		vec_push(&s->now, (struct deviation){name_of(s->again.e, did), calm->kind,
						     (u8)actor, s->steps[calm->kind][actor],
						     next.deviations > group ? group + 1 : group});
	}
	s->steps[did->kind][actor_of(did)]++;
}

static void step(struct shrinker *s, const struct action *did, const struct action *calm)
{
	note(s, did, calm);
	again_do(&s->again, did, calm);
}

static void begin(struct shrinker *s)
{
	s->shown = false;
	s->now.n = 0;
	memset(s->steps, 0, sizeof s->steps);
	again_begin(&s->again);
}

/* ---- runs ---- */

/* The schedule as it is given, by its numbers: it may ask for lines that do not matter. */
static void run_numbers(struct shrinker *s, const struct schedule *by)
{
	u32 at = 0;

	begin(s);
	s->again.e->line_matters = NULL;
	while (!s->shown && again_actions(&s->again)) {
		u32 v = schedule_at(by, engine_choices(s->again.e) + 1, &at);
		const struct action_list *l = &s->again.list;

		step(s, &l->v[v < l->n ? v : 0], &l->v[0]);
	}
	again_lines(&s->again);
	if (!s->shown)
		again_end(&s->again);
}

/* Whatever it may still show, it is longer than what is known. */
static bool too_long(const struct shrinker *s)
{
	return cost_less(&s->least, &s->again.cost);
}

static bool due(const struct shrinker *s, const struct deviation *d, const struct action *calm)
{
	u32 done = s->steps[d->calm_kind][d->calm_actor];

	return done > d->before ||
	       (done == d->before && calm->kind == d->calm_kind && actor_of(calm) == d->calm_actor);
}

/* The first of what is due that is possible now; its place in the list, 0: calm's. */
static u32 next_act(struct shrinker *s, const struct action *calm, bool *asked)
{
	struct again *a = &s->again;

	*asked = false;
	for (u32 i = 0; i < s->base.n; i++) {
		const struct deviation *d = &s->base.v[i];

		if (s->use.v[i] != 1 || !due(s, d, calm))
			continue;
		if (!*asked)
			again_actions(a);
		*asked = true;
		for (u32 k = 0; k < a->list.n; k++) {
			struct act_name n = name_of(a->e, &a->list.v[k]);

			if (!same_name(&n, &d->did))
				continue;
			s->use.v[i] = 2;
			return k;
		}
	}
	return 0;
}

/* The acts of base that are in use, each where it fits. */
static void run_acts(struct shrinker *s)
{
	begin(s);
	while (!s->shown && !too_long(s)) {
		struct action calm, did;
		bool asked;
		u32 pick;

		if (!engine_calm(s->again.e, &calm))
			break;
		pick = next_act(s, &calm, &asked);
		did = asked ? s->again.list.v[pick] : calm;
		did.index = asked ? did.index : 0;
		step(s, &did, &calm);
	}
	if (!s->shown && !too_long(s))
		again_end(&s->again);
}

/* ---- what is better ---- */

static bool out_of_runs(const struct shrinker *s)
{
	return s->again.runs >= s->max_runs || s->again.transitions >= TRANSITIONS;
}

static bool over(const struct shrinker *s)
{
	return out_of_runs(s) || !s->base.n;
}

/* The present run, if it is shorter, is where the next ones begin. */
static bool adopt(struct shrinker *s)
{
	struct deviations was = s->base;

	if (!s->shown)
		return false;
	if (!cost_less(&s->cost, &s->least) &&
	    (cost_less(&s->least, &s->cost) || s->answers >= s->best.n))
		return false;
	s->least = s->cost;
	s->best_f = s->f;
	schedule_copy(&s->best, &s->again.done);
	s->base = s->now;
	s->now = was;
	return true;
}

static void use_all(struct shrinker *s)
{
	s->use.n = 0;
	for (u32 i = 0; i < s->base.n; i++)
		vec_push(&s->use, 1);
}

/* Units of base: single acts, or groups. */
static u32 unit_of(const struct shrinker *s, u32 i, bool groups)
{
	return groups ? s->base.v[i].group - 1 : i;
}

static u32 units(const struct shrinker *s, bool groups)
{
	return s->base.n ? unit_of(s, s->base.n - 1, groups) + 1 : 0;
}

/* Without the units [lo, hi) and [lo2, hi2). */
static bool without(struct shrinker *s, bool groups, u32 lo, u32 hi, u32 lo2, u32 hi2)
{
	use_all(s);
	for (u32 i = 0; i < s->base.n; i++) {
		u32 u = unit_of(s, i, groups);

		if ((u >= lo && u < hi) || (u >= lo2 && u < hi2))
			s->use.v[i] = 0;
	}
	run_acts(s);
	return adopt(s);
}

static bool leave_parts_out(struct shrinker *s, bool groups)
{
	bool better = false;

	for (u32 size = units(s, groups); size; size /= 2)
		for (u32 at = 0; at < units(s, groups) && !over(s);)
			if (without(s, groups, at, at + size, 0, 0))
				better = true;
			else
				at += size;
	return better;
}

static bool leave_pairs_out(struct shrinker *s)
{
	for (u32 i = 0; i + 1 < units(s, true); i++)
		for (u32 k = i + 1; k < units(s, true) && !over(s); k++)
			if (without(s, true, i, i + 1, k, k + 1))
				return true;
	return false;
}

/* The same as an act that was put before calm's, if it can be done; its place in the list, 0: no.
 */
static u32 same_actor(struct shrinker *s, const struct action *did)
{
	const struct action_list *l = &s->again.list;

	again_actions(&s->again);
	for (u32 i = 1; i < l->n; i++)
		if (l->v[i].kind == did->kind && l->v[i].arg == did->arg && !l->v[i].age)
			return i;
	return 0;
}

/*
 * One deviation in the whole run: calm up to that point, then that answer; `more` times who was let
 * go first goes on so, while calm's choice is still the one that was put off.
 */
static bool one_deviation(struct shrinker *s, u64 point, u32 index, u32 more)
{
	struct action calm, did = {0}, off = {0};

	begin(s);
	while (!s->shown && !too_long(s) && engine_calm(s->again.e, &calm)) {
		u64 at = engine_choices(s->again.e) + 1;
		u32 pick = at == point ? index : 0;

		calm.index = 0;
		if (at == point)
			again_actions(&s->again);
		else if (at > point && more && calm.kind == off.kind && calm.arg == off.arg)
			pick = more-- ? same_actor(s, &did) : 0;
		if (at == point) {
			off = calm;
			did = s->again.list.v[index];
		}
		step(s, pick ? &s->again.list.v[pick] : &calm, &calm);
	}
	if (!s->shown && !too_long(s))
		again_end(&s->again);
	return adopt(s);
}

/* Every schedule of one deviation, as far as the bound of runs allows. */
static void try_one_deviation(struct shrinker *s)
{
	static const u32 more[] = {0, ~0u, 1, 2, 3, 4, 6, 8};
	struct {
		VEC(struct answer) /* mark: somebody is let go first, which may go on */
	} all = {0};

	begin(s);
	for (u64 p = 1; all.n < s->max_runs && again_actions(&s->again); p++) {
		const struct action_list *l = &s->again.list;

		for (u32 i = 1; i < l->n && all.n < s->max_runs; i++)
			vec_push(&all, (struct answer){p, i, !cost_is_act(&l->v[i])});
		step(s, &l->v[0], &l->v[0]);
	}
	for (u32 k = 0; k < ARRAY_LEN(more); k++)
		for (u32 i = 0; i < all.n && !out_of_runs(s); i++)
			if (!more[k] || (all.v[i].mark && s->least.deviations > 1))
				one_deviation(s, all.v[i].point, all.v[i].value, more[k]);
	vec_free(&all);
}

static void shrink(struct shrinker *s)
{
	bool better = true;

	while (better && !over(s)) {
		better = leave_parts_out(s, true);
		better |= leave_parts_out(s, false);
		if (!better && units(s, true) <= 16)
			better = leave_pairs_out(s);
	}
	if (!over(s))
		try_one_deviation(s);
}

bool shrink_schedule(const struct machine_config *cfg, const struct program *prog,
		     const struct finding *want, u64 max_runs, u64 max_accesses,
		     struct schedule *sched, struct shrunk *out)
{
	struct shrinker s = {.want = want, .max_runs = max_runs ? max_runs : RUNS};
	bool shows;

	s.again.found = on_finding;
	s.again.ctx = &s;
	again_init(&s.again, cfg, prog, max_accesses, false);
	run_numbers(&s, sched);
	shows = s.shown;
	if (shows) {
		struct cost was = s.cost;
		struct deviations empty = s.base;

		s.least = s.cost;
		s.best_f = s.f;
		schedule_copy(&s.best, &s.again.done);
		s.base = s.now;
		s.now = empty;
		shrink(&s);
		schedule_copy(sched, &s.best);
		if (out)
			*out = (struct shrunk){.cost = s.least,
					       .was = was,
					       .f = s.best_f,
					       .runs = s.again.runs,
					       .bounded = out_of_runs(&s)};
	}
	again_free(&s.again);
	schedule_free(&s.best);
	vec_free(&s.now);
	vec_free(&s.base);
	vec_free(&s.use);
	return shows;
}
