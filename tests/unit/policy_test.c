/* SPDX-License-Identifier: MIT */
/*
 * Policies: what hostile hardware chooses where that can be reasoned out, that a run repeats from
 * its schedule, and that neither the log nor the oracle of the run makes a difference.
 */
#include <string.h>

#include "explore/policy.h"
#include "report/collect.h"
#include "scenario/scenario.h"
#include "unit/unit.h"

static const struct scenario_options options = {.data_dir = "scenarios"};

struct one {
	struct scenario *s;
	struct err_list errs;
	struct machine_config cfg;
	struct program *prog;
	struct engine *e;
	struct findings found;
};

static void start(struct one *o, const char *file, const char *variant, const char *platform,
		  const struct engine_options *opt)
{
	memset(o, 0, sizeof *o);
	o->s = scenario_load(file, &options, &o->errs);
	ck_assert_msg(o->s != NULL, "%s does not load", file);
	ck_assert(scenario_compile(o->s, variant, platform, NULL, &o->cfg, &o->prog, &o->errs));
	o->e = engine_new(&o->cfg, o->prog, opt);
	oracle_sink(&o->e->oracle, findings_add, &o->found);
}

static void end(struct one *o)
{
	engine_free(o->e);
	findings_free(&o->found);
	program_free(o->prog);
	scenario_free(o->s);
	err_free(&o->errs);
}

static bool found(const struct one *o, enum diag_id id)
{
	for (u32 i = 0; i < o->found.n; i++)
		if (o->found.v[i].f.id == id)
			return true;
	return false;
}

#define LESSON(name) "scenarios/lessons/" name ".yaml"

/*
 * The CPU writes a line after the map and the device writes it too: one write-back between the two
 * puts the CPU's bytes over the device's. One answer of all is not calm's.
 */
START_TEST(evicts)
{
	struct engine_options opt = {0};
	struct one o;

	start(&o, LESSON("05-dirty-line-over-dma-data"), "broken", "arm64-soc", &opt);
	ck_assert_int_eq(policy_run(o.e, POLICY_HOSTILE, 0), OUTCOME_ENDED);
	ck_assert(found(&o, DIAG_DMA_WRITE_LOST_EVICTION));
	ck_assert_uint_eq(o.e->schedule.n, 1);
	end(&o);
}
END_TEST

/*
 * Three answers, none of which does harm by itself: the payload stays in the store buffer, the
 * owner bit leaves it, the device looks at once.
 */
START_TEST(reorders)
{
	struct engine_options opt = {0};
	struct one o;

	start(&o, LESSON("07-valid-before-payload"), "broken", "arm64-soc", &opt);
	policy_run(o.e, POLICY_HOSTILE, 0);
	ck_assert(found(&o, DIAG_MISSING_DMA_WMB));
	end(&o);
	/* Stores of x86 leave in order: nothing can be done there. */
	start(&o, LESSON("07-valid-before-payload"), "broken", "x86-64", &opt);
	policy_run(o.e, POLICY_HOSTILE, 0);
	ck_assert(!found(&o, DIAG_MISSING_DMA_WMB));
	ck_assert_uint_eq(o.e->schedule.n, 0);
	end(&o);
}
END_TEST

static u64 journal(struct one *o)
{
	return event_log_hash(o->e->w->log);
}

static void again(const char *file, const char *variant, const char *platform, enum policy how,
		  u64 seed)
{
	struct engine_options opt = {0}, blind = {.no_oracle = true};
	struct one first, second, third;
	u32 matched = 0;

	start(&first, file, variant, platform, &opt);
	policy_run(first.e, how, seed);
	start(&second, file, variant, platform, &opt);
	engine_replay(second.e, &first.e->schedule, &matched);
	ck_assert_uint_eq(matched, first.e->schedule.n);
	ck_assert_uint_eq(journal(&first), journal(&second));
	ck_assert_uint_eq(first.found.n, second.found.n);
	start(&third, file, variant, platform, &blind);
	policy_run(third.e, how, seed);
	ck_assert_uint_eq(journal(&first), journal(&third));
	ck_assert_uint_eq(third.found.n, 0);
	/* Going back in time and on again ends in the same place. */
	engine_goto(first.e, 0);
	engine_goto(first.e, engine_events(first.e));
	ck_assert_uint_eq(engine_position(first.e), engine_events(first.e));
	end(&first);
	end(&second);
	end(&third);
}

START_TEST(repeats)
{
	for (u32 how = 0; how < POLICIES; how++)
		for (u64 seed = 1; seed < 4; seed++) {
			again(LESSON("10-stop-without-read-back"), "broken", "x86-64",
			      (enum policy)how, seed);
			again(LESSON("06-speculative-refill"), "fixed", "armv7-pl310",
			      (enum policy)how, seed);
		}
}
END_TEST

/* What hostile hardware asks of every byte is what the truths of that byte say. */
static u32 same_stale(const char *file, const char *variant, const char *platform)
{
	struct engine_options opt = {0};
	u32 marks = 0;
	struct one o;

	start(&o, file, variant, platform, &opt);
	policy_run(o.e, POLICY_RANDOM, 3);
	for (u64 at = 0, last = engine_events(o.e); at <= last; at += 1 + last / 60) {
		engine_goto(o.e, at);
		for (u32 i = 0; i < oracle_allocs(&o.e->oracle); i++) {
			const struct oalloc *a = oracle_alloc(&o.e->oracle, i);

			for (u64 pa = a->pa; a->open && pa < a->pa + min_u64(a->len, 192); pa++) {
				u32 got = oracle_stale(&o.e->oracle, pa);
				struct truths want;

				oracle_truths(&o.e->oracle, pa, ~0u, &want);
				ck_assert_int_eq((got & STALE_CPU) != 0, want.cpu.mark == '!');
				ck_assert_int_eq((got & STALE_DEVICE) != 0,
						 want.device.mark == '!');
				marks += got != 0;
			}
		}
	}
	end(&o);
	return marks;
}

START_TEST(marks)
{
	u32 n = same_stale(LESSON("25-both-ways"), "no_for_cpu", "x86-64-swiotlb-force");

	n += same_stale(LESSON("13-fill-before-map"), "broken", "arm64-soc");
	n += same_stale(LESSON("09-store-lost-on-the-way-back"), "broken", "arm64-soc");
	n += same_stale(LESSON("27-descriptor-ring"), "broken", "arm64-soc");
	ck_assert(n > 0);
}
END_TEST

START_TEST(names)
{
	enum policy p = POLICIES;
	struct str s = {0};

	ck_assert(policy_find("hostile", &p) && p == POLICY_HOSTILE);
	ck_assert(!policy_find("restless", &p)); /* the tests' own */
	ck_assert(!policy_find("", &p));
	policy_names(&s);
	ck_assert_str_eq(str_get(&s), "calm, hostile or random");
	str_free(&s);
}
END_TEST

static Suite *policy_suite(void)
{
	Suite *s = suite_create("policy");
	TCase *t = tcase_create("policy");

	tcase_add_test(t, evicts);
	tcase_add_test(t, reorders);
	tcase_add_test(t, repeats);
	tcase_add_test(t, marks);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(policy_suite)
