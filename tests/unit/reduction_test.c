/* SPDX-License-Identifier: MIT */
/*
 * What the explorer finds held against brute force, on random small scenarios: the same findings
 * and outcomes with the reduction, without it, and by going through everything; and every witness,
 * run again, shows its finding.
 *
 * UNIT_SEED takes a printed seed back; REDUCTION_RUNS is how many scenarios are compared. Those
 * with more states than brute force is to go through are left out, and counted.
 */
#include <inttypes.h>

#include "unit/small_try.h"
#include "unit/unit.h"

enum {
	FORMS = 1, /* 2: with the reduction as well */
	PARTS = 8, /* of the random scenarios: so that no one test takes too long */
	BRUTE_STATES = 1500,
#if defined(__SANITIZE_ADDRESS__)
	RUNS = 160,
#elif defined(DMALAB_DEBUG)
	RUNS = 80,
#else
	RUNS = 2000,
#endif
};

static u32 runs(void)
{
	const char *s = getenv("REDUCTION_RUNS");

	return s && atoi(s) > 0 ? (u32)atoi(s) : RUNS;
}

static u64 first_seed(void)
{
	const char *s = getenv("UNIT_SEED");
	u64 seed = s ? strtoull(s, NULL, 0) : 0x5eed;

	printf("UNIT_SEED=0x%" PRIx64 "\n", seed);
	return seed;
}

/* One scenario, one way to search it. */
struct trial {
	bool unreduced;
	u64 bound; /* of states for brute force */
	struct str why;
	u64 states, brute_states; /* summed over what was compared */
	u32 found, compared, too_large;
};

static bool agrees(struct trial *tr, const struct tried *t, const struct brute *b)
{
	struct explore_options o = {.max_deviations = EXPLORE_NO_BOUND, .unreduced = tr->unreduced};
	struct explore_result *r = explore_run(t->cfg, t->prog, &o);
	bool well = r->end == EXPLORE_COMPLETE;

	str_clear(&tr->why);
	if (!well)
		str_printf(&tr->why, "%s\n", explore_end_text(r->end));
	well &= same_found(t, r, b, &tr->why);
	well &= witnesses_show(t, r, &tr->why);
	tr->states += r->states;
	tr->found += r->found.n;
	explore_free(r);
	return well;
}

/* The search and brute force do not agree. */
static bool differs(void *ctx, const struct small *s)
{
	struct trial *tr = ctx;
	struct tried t;
	struct brute b;
	bool bad = false;

	tried_small(&t, s);
	brute_run(&b, t.cfg, t.prog, tr->bound);
	if (b.complete)
		bad = !agrees(tr, &t, &b);
	brute_free(&b);
	tried_close(&t);
	return bad;
}

static void give_up(struct trial *tr, const struct small *made, u64 seed)
{
	struct small s = *made;
	struct str text = {0};

	small_shorten(&s, differs, tr);
	differs(tr, &s);
	small_print(&s, &text);
	ck_abort_msg("seed 0x%" PRIx64 ", %s reduction: the search and brute force differ\n%s\n%s",
		     seed, tr->unreduced ? "without" : "with", str_get(&tr->why), str_get(&text));
}

static void one(struct trial with[2], u64 seed, struct small_cover *cover)
{
	struct small s;
	struct tried t;
	struct brute b;

	small_make(&s, seed);
	tried_small(&t, &s);
	brute_run(&b, t.cfg, t.prog, with[0].bound);
	for (u32 k = 0; k < FORMS; k++) {
		if (!b.complete) {
			with[k].too_large++;
			continue;
		}
		with[k].compared++;
		with[k].brute_states += b.states;
		if (!agrees(&with[k], &t, &b))
			give_up(&with[k], &s, seed);
	}
	if (b.complete)
		small_count(cover, &s);
	brute_free(&b);
	tried_close(&t);
}

START_TEST(random_scenarios)
{
	u64 seed = first_seed() + (u64)_i * 0x100000;
	struct small_cover cover = {0};
	struct trial with[2] = {{.unreduced = true, .bound = BRUTE_STATES},
				{.bound = BRUTE_STATES}};

	for (u32 i = 0; with[0].compared < runs() / PARTS; i++)
		one(with, seed + i, &cover);
	small_cover_print(&cover);
	printf("%u left out as too large; %u findings; states: %" PRIu64 " by brute force, %" PRIu64
	       " without reduction, %" PRIu64 " with it\n",
	       with[0].too_large, with[0].found, with[0].brute_states, with[0].states,
	       with[1].states);
	str_free(&with[0].why);
	str_free(&with[1].why);
}
END_TEST

static Suite *reduction_suite(void)
{
	Suite *s = suite_create("reduction");
	TCase *c = tcase_create("random");

	tcase_add_loop_test(c, random_scenarios, 0, PARTS);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(reduction_suite)
