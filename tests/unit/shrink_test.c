/* SPDX-License-Identifier: MIT */
/*
 * Shrinking: what is left still shows the finding, is never longer, and nothing can be left out of
 * it; how short it gets is held against the shortest schedules that a search finds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "explore/again.h"
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

/* ---- how short ---- */

/*
 * The shortest of all, another way: every choice at every point, best first, each state from the
 * start again. Small scenarios only.
 */
struct node {
	u32 parent, answer; /* index in the list that again_actions() gives */
	u32 depth;
	struct cost cost;
};

struct best_first {
	struct again again;
	const struct finding *want;
	bool shown;
	struct {
		VEC(struct node)
	} node;
	struct {
		VEC(u32)
	} open; /* not in order: the least is looked for */
	struct {
		VEC(u64)
	} seen;
};

enum { NODES = 3000 };

static void wanted(void *ctx, const struct finding *f)
{
	struct best_first *b = ctx;

	b->shown |= shrink_same(f, b->want) && f->severity >= b->want->severity;
}

static u32 take_least(struct best_first *b)
{
	u32 at = 0, id;

	for (u32 i = 1; i < b->open.n; i++)
		if (cost_less(&b->node.v[b->open.v[i]].cost, &b->node.v[b->open.v[at]].cost))
			at = i;
	id = b->open.v[at];
	b->open.v[at] = b->open.v[--b->open.n];
	return id;
}

static void go_to(struct best_first *b, u32 id)
{
	u32 n = b->node.v[id].depth;
	u32 *way = mem_zalloc(n + 1, sizeof *way);

	for (u32 i = n; i-- > 0; id = b->node.v[id].parent)
		way[i] = b->node.v[id].answer;
	again_begin(&b->again);
	for (u32 i = 0; i < n; i++) {
		const struct action *l;

		ck_assert_uint_lt(way[i], again_actions(&b->again));
		l = b->again.list.v;
		again_do(&b->again, &l[way[i]], &l[0]);
	}
	mem_free(way);
}

/* The state, what calm would do in it, and what is put off. */
static bool seen_before(struct best_first *b)
{
	struct action calm = {0};
	u64 key[6];

	engine_calm(b->again.e, &calm);
	key[0] = world_hash(b->again.e->w);
	key[1] = (u64)calm.kind << 32 | calm.arg;
	key[2] = calm.age;
	key[3] = calm.line;
	key[4] = b->again.cost.off;
	key[5] = world_hash_bytes(key, 5 * sizeof *key, 0);
	for (u32 i = 0; i < b->seen.n; i++)
		if (b->seen.v[i] == key[5])
			return true;
	vec_push(&b->seen, key[5]);
	return false;
}

/* The least cost at which the finding is shown; false: too many states. */
static bool shortest(const struct one *o, const struct finding *want, struct cost *least)
{
	struct best_first b = {.want = want};
	u32 id = 0;

	b.again.found = wanted;
	b.again.ctx = &b;
	again_init(&b.again, &o->cfg, o->prog, 0, true);
	vec_push(&b.node, (struct node){0});
	vec_push(&b.open, 0);
	while (b.open.n && b.seen.n < NODES) {
		u32 n;

		id = take_least(&b);
		b.shown = false;
		go_to(&b, id);
		b.node.v[id].cost = b.again.cost;
		n = again_actions(&b.again);
		if (!n)
			again_end(&b.again);
		if (b.shown)
			break;
		if (seen_before(&b))
			continue;
		for (u32 i = 0; i < n; i++) {
			struct cost c = b.again.cost;

			cost_add(&c, &b.again.list.v[i], &b.again.list.v[0]);
			vec_push(&b.open, b.node.n);
			vec_push(&b.node, (struct node){id, i, b.node.v[id].depth + 1, c});
		}
	}
	*least = b.node.v[id].cost;
	again_free(&b.again);
	vec_free(&b.node);
	vec_free(&b.open);
	vec_free(&b.seen);
	return b.shown;
}

/* Of what random runs show, shrunk, nearly all is as short as can be; nothing is far from it. */
START_TEST(nearly_the_shortest)
{
	static const u32 of[] = {0, 1, 2, 3, 4, 5, 7};
	u32 finds = 0, as_short = 0, far = 0;

	for (u32 k = 0; k < ARRAY_LEN(of); k++) {
		struct str file = {0};
		struct one o;

		str_printf(&file, "scenarios/lessons/%s.yaml", samples[of[k]].file);
		start(&o, str_get(&file), samples[of[k]].variant, samples[of[k]].platform);
		for (u64 seed = 1; seed <= 12; seed++) {
			struct findings l = {0};
			struct schedule s = {0};

			random_run(&o, seed, &s, &l);
			for (u32 i = 0; i < l.n; i++) {
				struct schedule mine = {0};
				struct shrunk x;
				struct cost least;

				schedule_copy(&mine, &s);
				ck_assert(
				    shrink_schedule(&o.cfg, o.prog, &l.v[i].f, 0, 0, &mine, &x));
				schedule_free(&mine);
				if (!x.cost.deviations || !shortest(&o, &l.v[i].f, &least))
					continue;
				if (getenv("SHRINK_TELL"))
					printf("%s: %u, %llu; shortest %u, %llu\n",
					       samples[of[k]].file, x.cost.deviations,
					       (unsigned long long)x.cost.transitions,
					       least.deviations,
					       (unsigned long long)least.transitions);
				ck_assert_uint_ge(x.cost.deviations, least.deviations);
				finds++;
				as_short += x.cost.deviations == least.deviations;
				far += x.cost.deviations > least.deviations + 1;
			}
			schedule_free(&s);
			findings_free(&l);
		}
		end(&o);
		str_free(&file);
	}
	ck_assert_uint_gt(finds, 10);
	ck_assert_msg(as_short * 10 >= finds * 9, "%u of %u", as_short, finds);
	ck_assert_uint_eq(far, 0);
}
END_TEST

static Suite *shrink_suite(void)
{
	Suite *s = suite_create("shrink");
	TCase *t = tcase_create("shrink");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, shrinks, 0, ARRAY_LEN(samples));
	tcase_add_test(t, nearly_the_shortest);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(shrink_suite)
