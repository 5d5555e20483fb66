/* SPDX-License-Identifier: MIT */
/*
 * What the explorer finds held against brute force, on random small scenarios: the same findings
 * and outcomes with the reduction, without it, and by going through everything; and every witness,
 * run again, shows its finding.
 *
 * UNIT_SEED takes a printed seed back; REDUCTION_RUNS is how many scenarios are compared. Those
 * with more states than brute force is to go through are left out, and counted.
 */
#include <glob.h>
#include <inttypes.h>

#include "unit/small_try.h"
#include "unit/unit.h"

enum {
	FORMS = 2, /* 2: with the reduction as well */
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

/* ---- brute force with and without a set of states ---- */

/* The set hides a finding: going through all runs shows another. */
static bool set_hides(void *ctx, const struct small *s)
{
	struct trial *tr = ctx;
	struct tried t;
	struct brute b, all = {0};
	bool bad = false;

	tried_small(&t, s);
	brute_run(&b, t.cfg, t.prog, tr->bound);
	if (b.complete)
		brute_runs(&all, t.cfg, t.prog, 60 * tr->bound);
	str_clear(&tr->why);
	if (all.complete) {
		bad = !same_brute(&t, &b, &all, &tr->why);
		tr->compared++;
		tr->states += all.states;
		tr->brute_states += b.states;
	} else {
		tr->too_large++;
	}
	brute_free(&b);
	brute_free(&all);
	tried_close(&t);
	return bad;
}

/* A state that is met again has not the prospect that it had: a set must not take the two for one.
 * So much larger scenarios can be gone through. */
static bool merges_wrongly(void *ctx, const struct small *s)
{
	struct trial *tr = ctx;
	struct tried t;
	struct brute b;
	bool bad;

	tried_small(&t, s);
	brute_merges(&b, t.cfg, t.prog, tr->bound);
	str_clear(&tr->why);
	if (b.wrong_merges)
		str_printf(&tr->why, "%s, %lu times\n", b.why, (unsigned long)b.wrong_merges);
	bad = b.wrong_merges > 0;
	tr->compared += b.complete;
	tr->too_large += !b.complete;
	tr->states += b.transitions;
	tr->brute_states += b.states;
	brute_free(&b);
	tried_close(&t);
	return bad;
}

static void many(bool (*fails)(void *ctx, const struct small *s), struct trial *tr, u64 seed, u32 n,
		 const char *what)
{
	for (u32 i = 0; i < n; i++) {
		struct str text = {0};
		struct small s;

		small_make(&s, seed + i);
		if (!fails(tr, &s))
			continue;
		small_shorten(&s, fails, tr);
		fails(tr, &s);
		small_print(&s, &text);
		ck_abort_msg("seed 0x%" PRIx64 ": %s\n%s\n%s", seed + i, what, str_get(&tr->why),
			     str_get(&text));
	}
	printf("%u complete, %u not; %" PRIu64 " states, %" PRIu64 " transitions or states without "
	       "a set\n",
	       tr->compared, tr->too_large, tr->brute_states, tr->states);
	str_free(&tr->why);
}

START_TEST(without_a_set)
{
	struct trial tr = {.bound = 100};

	many(set_hides, &tr, first_seed(), runs() / 4, "the set of states hides a finding");
	ck_assert_uint_ge(tr.compared, 1);
}
END_TEST

START_TEST(merged)
{
	struct trial tr = {.bound = 400};

	many(merges_wrongly, &tr, first_seed() + (u64)_i * 0x100000, runs() / 2 / PARTS,
	     "two states are taken for one");
	ck_assert_uint_ge(tr.compared, 1);
}
END_TEST

/* ---- what was once wrong ---- */

static glob_t kept_files;

START_TEST(kept)
{
	struct tried t;
	struct brute b;

	tried_file(&t, kept_files.gl_pathv[_i]);
	brute_merges(&b, t.cfg, t.prog, 20 * BRUTE_STATES);
	ck_assert_msg(!b.wrong_merges, "%s: %s", kept_files.gl_pathv[_i], b.why);
	brute_free(&b);
	brute_run(&b, t.cfg, t.prog, 20 * BRUTE_STATES);
	ck_assert_msg(b.complete, "%s: %s", kept_files.gl_pathv[_i], b.why);
	for (u32 k = 0; k < FORMS; k++) {
		struct trial tr = {.unreduced = k == 0};

		ck_assert_msg(agrees(&tr, &t, &b), "%s, %s reduction: %s", kept_files.gl_pathv[_i],
			      k ? "with" : "without", str_get(&tr.why));
		str_free(&tr.why);
	}
	brute_free(&b);
	tried_close(&t);
}
END_TEST

/*
 * A byte that is old though it holds the value that the newest write wrote, of which no copy is
 * left: values, or ranks among the copies that live, cannot tell that a write was lost.
 */
START_TEST(equal_but_old)
{
	struct tried t;

	tried_file(&t, "tests/data/small/equal-but-old.yaml");
	for (u32 k = 0; k < FORMS; k++) {
		struct explore_options o = {.max_deviations = EXPLORE_NO_BOUND, .unreduced = !k};
		struct explore_result *r = explore_run(t.cfg, t.prog, &o);
		u32 lost = 0, early = 0;

		ck_assert_uint_eq(r->end, EXPLORE_COMPLETE);
		for (u32 i = 0; i < r->found.n; i++) {
			const struct finding *f = &r->found.v[i].f;

			lost += f->id == DIAG_DMA_WRITE_LOST_EVICTION && f->lucky &&
				f->severity == SEVERITY_VIOLATION;
			early += f->id == DIAG_RELAXED_DOORBELL;
		}
		ck_assert_uint_eq(lost, 1);
		ck_assert_uint_eq(early, 1);
		explore_free(r);
	}
	tried_close(&t);
}
END_TEST

static Suite *reduction_suite(void)
{
	Suite *s = suite_create("reduction");
	TCase *c = tcase_create("random");

	tcase_add_loop_test(c, random_scenarios, 0, PARTS);
	suite_add_tcase(s, c);
	c = tcase_create("set");
	tcase_add_test(c, without_a_set);
	tcase_add_loop_test(c, merged, 0, PARTS);
	suite_add_tcase(s, c);
	c = tcase_create("equal");
	tcase_add_test(c, equal_but_old);
	suite_add_tcase(s, c);
	c = tcase_create("kept");
	glob("tests/data/small/*.yaml", 0, NULL, &kept_files);
	tcase_add_loop_test(c, kept, 0, (int)kept_files.gl_pathc);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(reduction_suite)
