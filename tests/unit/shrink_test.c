/* SPDX-License-Identifier: MIT */
/*
 * Shrinking: what is left still shows the finding, is never longer, and nothing can be left out of
 * it; how short it gets is held against the shortest schedules that a search finds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/policy.h"
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

static void start(struct one *o, const char *file, const char *variant, const char *platform)
{
	*o = (struct one){0};
	o->s = scenario_load(file, &options, &o->errs);
	ck_assert_msg(o->s != NULL, "%s does not load", file);
	ck_assert(scenario_compile(o->s, variant, platform, NULL, &o->cfg, &o->prog, &o->errs));
}

static void end(struct one *o)
{
	program_free(o->prog);
	scenario_free(o->s);
	err_free(&o->errs);
}

/* A random run: its schedule and findings, not settled. */
static void random_run(const struct one *o, u64 seed, struct schedule *s, struct findings *l)
{
	struct engine_options opt = {.no_events = true};
	struct engine *e = engine_new(&o->cfg, o->prog, &opt);

	oracle_sink(&e->oracle, findings_add, l);
	policy_run(e, POLICY_RANDOM, seed);
	schedule_copy(s, &e->schedule);
	engine_free(e);
}

static bool shows(const struct one *o, const struct schedule *s, const struct finding *f)
{
	struct engine_options opt = {.no_events = true};
	struct engine *e = engine_new(&o->cfg, o->prog, &opt);
	struct findings l = {0};
	bool there = false;
	u32 matched;

	oracle_sink(&e->oracle, findings_add, &l);
	engine_replay(e, s, &matched);
	ck_assert_uint_eq(matched, s->n);
	for (u32 i = 0; i < l.n; i++)
		there |= shrink_same(&l.v[i].f, f);
	findings_free(&l);
	engine_free(e);
	return there;
}

static const struct {
	const char *file, *variant, *platform;
} samples[] = {
    {"01-rx-packet-read-too-early", "broken", "arm64-soc"},
    {"05-dirty-line-over-dma-data", "broken", "arm64-soc"},
    {"06-speculative-refill", "broken", "armv7-pl310"},
    {"07-valid-before-payload", "broken", "arm64-soc"},
    {"09-store-lost-on-the-way-back", "broken", "arm64-soc"},
    {"10-stop-without-read-back", "broken", "x86-64"},
    {"13-fill-before-map", "broken", "arm64-soc"},
    {"25-both-ways", "no_for_cpu", "arm64-soc"},
    {"27-descriptor-ring", "broken", "arm64-soc"},
};

struct sums {
	u32 finds, before, after;
};

static void shrink_one(const struct one *o, const struct schedule *from, const struct finding *f,
		       struct sums *sums)
{
	struct schedule s = {0}, again = {0};
	struct shrunk x, y;

	schedule_copy(&s, from);
	schedule_copy(&again, from);
	ck_assert(shrink_schedule(&o->cfg, o->prog, f, 0, 0, &s, &x));
	ck_assert(shows(o, &s, f));
	ck_assert(!cost_less(&x.was, &x.cost));
	ck_assert_uint_le(s.n, from->n);
	/* The same again; and nothing more to be had of what it gave. */
	ck_assert(shrink_schedule(&o->cfg, o->prog, f, 0, 0, &again, &y));
	ck_assert_uint_eq(again.n, s.n);
	ck_assert(!s.n || memcmp(again.v, s.v, s.n * sizeof *s.v) == 0);
	ck_assert_uint_eq(x.runs, y.runs);
	sums->finds++;
	sums->before += x.was.deviations;
	sums->after += x.cost.deviations;
	if (getenv("SHRINK_TELL"))
		printf("%u line %u: %u deviations, %llu transitions -> %u, %llu; %llu runs\n",
		       f->id, o->prog->stmt[f->stmt].line, x.was.deviations,
		       (unsigned long long)x.was.transitions, x.cost.deviations,
		       (unsigned long long)x.cost.transitions, (unsigned long long)x.runs);
	schedule_free(&s);
	schedule_free(&again);
}

START_TEST(shrinks)
{
	struct sums sums = {0};
	struct str file = {0};
	struct one o;

	str_printf(&file, "scenarios/lessons/%s.yaml", samples[_i].file);
	if (getenv("SHRINK_TELL"))
		printf("%s\n", samples[_i].file);
	start(&o, str_get(&file), samples[_i].variant, samples[_i].platform);
	for (u64 seed = 1; seed <= 12; seed++) {
		struct findings l = {0};
		struct schedule s = {0};

		random_run(&o, seed, &s, &l);
		for (u32 i = 0; i < l.n; i++)
			shrink_one(&o, &s, &l.v[i].f, &sums);
		schedule_free(&s);
		findings_free(&l);
	}
	ck_assert_uint_gt(sums.finds, 3);
	ck_assert_uint_lt(sums.after, sums.before);
	end(&o);
	str_free(&file);
}
END_TEST

static Suite *shrink_suite(void)
{
	Suite *s = suite_create("shrink");
	TCase *t = tcase_create("shrink");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, shrinks, 0, ARRAY_LEN(samples));
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(shrink_suite)
