/* SPDX-License-Identifier: MIT */
/*
 * Sampling: the same seed gives the same, random runs are those of `run --hw random`, every witness
 * shows its finding, the estimates are what counting says, and what is bounded holds.
 */
#include <string.h>

#include "explore/policy.h"
#include "explore/sample.h"
#include "explore/shrink.h"
#include "report/collect.h"
#include "scenario/scenario.h"
#include "unit/unit.h"

static const struct scenario_options options = {.data_dir = "scenarios"};

struct one {
	struct scenario *s;
	struct err_list errs;
	struct machine_config cfg;
	struct program *prog;
};

static void start(struct one *o, const char *name, const char *variant, const char *platform)
{
	struct str file = {0};

	str_printf(&file, "scenarios/lessons/%s.yaml", name);
	*o = (struct one){0};
	o->s = scenario_load(str_get(&file), &options, &o->errs);
	ck_assert_msg(o->s != NULL, "%s does not load", str_get(&file));
	ck_assert(scenario_compile(o->s, variant, platform, NULL, &o->cfg, &o->prog, &o->errs));
	str_free(&file);
}

static void end(struct one *o)
{
	program_free(o->prog);
	scenario_free(o->s);
	err_free(&o->errs);
}

static struct sample_result *draw(const struct one *o, enum sample how, u64 runs, u64 seed)
{
	struct sample_options opt = {.how = how, .runs = runs, .seed = seed};

	return sample_run(&o->cfg, o->prog, &opt);
}

static const struct explore_find *find(const struct sample_result *s, enum diag_id id)
{
	for (u32 i = 0; i < s->r->found.n; i++)
		if (s->r->found.v[i].f.id == id)
			return &s->r->found.v[i];
	return NULL;
}

static void shows(const struct one *o, const struct explore_find *g)
{
	struct engine_options opt = {.no_events = true};
	struct engine *e = engine_new(&o->cfg, o->prog, &opt);
	struct findings l = {0};
	bool there = false;
	u32 matched;

	oracle_sink(&e->oracle, findings_add, &l);
	engine_replay(e, &g->witness, &matched);
	ck_assert_uint_eq(matched, g->witness.n);
	for (u32 i = 0; i < l.n; i++)
		there |= shrink_same(&l.v[i].f, &g->f);
	ck_assert(there);
	ck_assert_uint_le(g->deviations, g->witness.n);
	findings_free(&l);
	engine_free(e);
}

/* Lesson 5: one write-back between two accesses. All three find it, and say it in one answer. */
START_TEST(finds)
{
	struct sample_result *s;
	struct one o;

	start(&o, "05-dirty-line-over-dma-data", "broken", "arm64-soc");
	s = draw(&o, (enum sample)_i, _i == SAMPLE_HOSTILE ? 5 : 300, 1);
	ck_assert_int_eq(s->r->end, EXPLORE_SAMPLED);
	ck_assert_ptr_nonnull(find(s, DIAG_DMA_WRITE_LOST_EVICTION));
	ck_assert_uint_eq(find(s, DIAG_DMA_WRITE_LOST_EVICTION)->deviations, 1);
	ck_assert_uint_eq(find(s, DIAG_DMA_WRITE_LOST_EVICTION)->witness.n, 1);
	for (u32 i = 0; i < s->r->found.n; i++)
		shows(&o, &s->r->found.v[i]);
	ck_assert_uint_eq(s->r->outcomes, 1u << OUTCOME_ENDED);
	ck_assert_uint_gt(s->showing, 0);
	ck_assert_uint_le(s->showing, s->runs);
	sample_free(s);
	end(&o);
	start(&o, "05-dirty-line-over-dma-data", "fixed", "arm64-soc");
	s = draw(&o, (enum sample)_i, _i == SAMPLE_HOSTILE ? 5 : 300, 1);
	ck_assert_uint_eq(s->r->found.n, 0);
	ck_assert_uint_eq(s->showing, 0);
	ck_assert_uint_eq(s->new_find, 0);
	ck_assert_uint_gt(s->r->states, 20);
	sample_free(s);
	end(&o);
}
END_TEST

/* What calm hardware shows is shown by the run before all others: nothing has to be answered. */
START_TEST(calm_first)
{
	struct sample_result *s;
	struct one o;

	start(&o, "01-rx-packet-read-too-early", "broken", "arm64-soc");
	s = draw(&o, SAMPLE_RANDOM, 3, 7);
	ck_assert_uint_ge(s->r->found.n, 1);
	ck_assert_uint_eq(s->r->found.v[0].deviations, 0);
	ck_assert_uint_eq(s->r->found.v[0].witness.n, 0);
	sample_free(s);
	end(&o);
}
END_TEST

/* Ids that a run shows, as `run --hw` does it. */
static struct diag_set ids_of_run(const struct one *o, enum policy how, u64 seed)
{
	struct engine_options opt = {.no_events = true};
	struct engine *e = engine_new(&o->cfg, o->prog, &opt);
	struct findings l = {0};
	struct diag_set ids = {0};

	oracle_sink(&e->oracle, findings_add, &l);
	policy_run(e, how, seed);
	for (u32 i = 0; i < l.n; i++)
		diag_set_add(&ids, l.v[i].f.id);
	findings_free(&l);
	engine_free(e);
	return ids;
}

static struct diag_set ids_of_sample(const struct one *o, u64 runs, u64 seed)
{
	struct sample_result *s = draw(o, SAMPLE_RANDOM, runs, seed);
	struct diag_set ids = {0};

	for (u32 i = 0; i < s->r->found.n; i++)
		diag_set_add(&ids, s->r->found.v[i].f.id);
	sample_free(s);
	return ids;
}

START_TEST(random_runs_are_those_of_run)
{
	struct one o;
	struct diag_set calm;

	start(&o, "25-both-ways", "no_for_cpu", "arm64-soc");
	calm = ids_of_run(&o, POLICY_CALM, 0);
	for (u64 seed = 1; seed <= 20; seed++) {
		struct diag_set drawn = ids_of_sample(&o, 1, seed);
		struct diag_set run = ids_of_run(&o, POLICY_RANDOM, seed);

		for (u32 id = 0; id < DIAGS; id++)
			ck_assert_int_eq(diag_set_has(&drawn, id),
					 diag_set_has(&run, id) || diag_set_has(&calm, id));
	}
	end(&o);
}
END_TEST

static void same(const struct sample_result *a, const struct sample_result *b)
{
	ck_assert_uint_eq(a->r->states, b->r->states);
	ck_assert_uint_eq(a->r->transitions, b->r->transitions);
	ck_assert_uint_eq(a->new_state, b->new_state);
	ck_assert_uint_eq(a->new_find, b->new_find);
	ck_assert_uint_eq(a->showing, b->showing);
	ck_assert_uint_eq(a->r->found.n, b->r->found.n);
	for (u32 i = 0; i < a->r->found.n; i++) {
		struct str s = {0}, t = {0};

		schedule_token(&a->r->found.v[i].witness, &s);
		schedule_token(&b->r->found.v[i].witness, &t);
		ck_assert_str_eq(str_get(&s), str_get(&t));
		ck_assert_uint_eq(a->r->found.v[i].count, b->r->found.v[i].count);
		str_free(&s);
		str_free(&t);
	}
}

START_TEST(repeats)
{
	struct sample_result *a, *b;
	struct one o;

	start(&o, "06-speculative-refill", "broken", "arm64-soc");
	a = draw(&o, (enum sample)_i, 10, 5);
	b = draw(&o, (enum sample)_i, 10, 5);
	same(a, b);
	sample_free(b);
	b = draw(&o, (enum sample)_i, 10, 6);
	ck_assert(a->r->states != b->r->states || a->r->transitions != b->r->transitions);
	sample_free(a);
	sample_free(b);
	end(&o);
}
END_TEST

/*
 * One run more: how often it shows a state that was not seen before is what the estimate says it
 * would be, on average. Held over many samples, within what chance allows.
 */
START_TEST(estimates)
{
	double said = 0;
	u32 came = 0, samples = 0;
	struct one o;

	start(&o, "05-dirty-line-over-dma-data", "broken", "arm64-soc");
	for (u64 seed = 1; samples < 300; seed += 100, samples++) {
		struct sample_result *a = draw(&o, SAMPLE_RANDOM, 30, seed);
		struct sample_result *b = draw(&o, SAMPLE_RANDOM, 31, seed);

		said += (double)a->new_state / 30;
		came += b->r->states > a->r->states;
		ck_assert_uint_le(a->new_state, 30);
		sample_free(a);
		sample_free(b);
	}
	ck_assert_msg(said / samples > 0.02 && said / samples < 0.98, "%f", said / samples);
	/* Three standard deviations of the count, and the estimate's own. */
	ck_assert_msg(said - came < 40 && came - said < 40, "said %f, came %u", said, came);
	end(&o);
}
END_TEST

/*
 * The bound of few answers: the run that shows lesson 5's finding needs one given answer at one
 * point. It must come at least as often as the bound says.
 */
START_TEST(bound)
{
	struct sample_options opt = {.how = SAMPLE_FEW, .runs = 4000, .seed = 1, .deviations = 1};
	struct sample_result *s;
	struct one o;
	double p;

	start(&o, "05-dirty-line-over-dma-data", "broken", "arm64-soc");
	s = sample_run(&o.cfg, o.prog, &opt);
	p = sample_bound(s);
	ck_assert(p > 0.001 && p < 0.1);
	ck_assert(p == 1 / (2.0 * (double)s->points * (s->choices - 1)));
	ck_assert_ptr_nonnull(find(s, DIAG_DMA_WRITE_LOST_EVICTION));
	ck_assert((double)find(s, DIAG_DMA_WRITE_LOST_EVICTION)->count >= p * 4000 * 0.8);
	sample_free(s);
	opt.deviations = 3;
	opt.runs = 1;
	s = sample_run(&o.cfg, o.prog, &opt);
	ck_assert(sample_bound(s) < p * p);
	s->how = SAMPLE_RANDOM;
	ck_assert(sample_bound(s) == 0);
	sample_free(s);
	end(&o);
	ck_assert(sample_once(0.5, 1) == 0.5);
	ck_assert(sample_once(0.5, 3) == 0.875);
	ck_assert(sample_once(0, 1000) == 0);
	ck_assert(sample_once(1, 1) == 1);
	ck_assert(sample_once(0.001, 3000) > 0.95 && sample_once(0.001, 3000) < 0.951);
}
END_TEST

static bool three_runs(void *ctx, const struct sample_progress *p)
{
	u32 *calls = ctx;

	++*calls;
	ck_assert_uint_eq(p->of, 100);
	return p->runs < 3;
}

START_TEST(stops)
{
	u32 calls = 0;
	struct sample_options opt = {
	    .how = SAMPLE_RANDOM, .runs = 100, .go_on = three_runs, .ctx = &calls};
	struct sample_result *s;
	struct one o;

	start(&o, "01-rx-packet-read-too-early", "broken", "arm64-soc");
	s = sample_run(&o.cfg, o.prog, &opt);
	ck_assert_int_eq(s->r->end, EXPLORE_STOPPED);
	ck_assert_uint_eq(s->runs, 3);
	ck_assert_uint_ge(calls, 4);
	for (u32 i = 0; i < s->r->found.n; i++)
		shows(&o, &s->r->found.v[i]); /* not shrunk, and right all the same */
	sample_free(s);
	opt = (struct sample_options){.how = SAMPLE_RANDOM, .runs = 100, .max_states = 10};
	s = sample_run(&o.cfg, o.prog, &opt);
	ck_assert(s->uncounted);
	ck_assert_uint_eq(s->r->states, 10);
	sample_free(s);
	end(&o);
}
END_TEST

START_TEST(names)
{
	enum sample how = SAMPLES;
	struct str s = {0};

	ck_assert(sample_find("few", &how) && how == SAMPLE_FEW);
	ck_assert(!sample_find("fewer", &how));
	sample_names(&s);
	ck_assert_str_eq(str_get(&s), "random, few or hostile");
	str_free(&s);
}
END_TEST

static Suite *sample_suite(void)
{
	Suite *s = suite_create("sample");
	TCase *t = tcase_create("sample");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, finds, 0, SAMPLES);
	tcase_add_test(t, calm_first);
	tcase_add_test(t, random_runs_are_those_of_run);
	tcase_add_loop_test(t, repeats, 0, SAMPLES);
	tcase_add_test(t, estimates);
	tcase_add_test(t, bound);
	tcase_add_test(t, stops);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(sample_suite)
