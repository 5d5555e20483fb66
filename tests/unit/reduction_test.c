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

#include "report/collect.h"
#include "unit/small_try.h"
#include "unit/unit.h"

enum {
	FORMS = 2, /* without the reduction, and with it */
	PARTS = 8, /* of the random scenarios: so that no one test takes too long */
	BRUTE_STATES = 1500,
	/* The shortest of the schedules that the reduction leaves: transitions more than the
	   shortest of all. */
	LONGER = 3,
#if defined(__SANITIZE_ADDRESS__)
	RUNS = 160,
	SHIPPED_STATES = 100,
#elif defined(DMALAB_DEBUG)
	RUNS = 80,
	SHIPPED_STATES = 100,
#else
	RUNS = 1000,
	SHIPPED_STATES = 1000,
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
	if (!tr->unreduced) /* an engine for each of them costs more than the search */
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

/* ---- the shortest witnesses ---- */

/* The least number of transitions at which brute force met a finding, as bad as it was. */
static u32 least_steps(const struct brute *b, const struct finding *f)
{
	u32 least = ~0u;

	for (u32 i = 0; i < b->found.n; i++) {
		const struct brute_find *g = &b->found.v[i];

		if (brute_same_key(&g->f, f) && g->f.severity == f->severity && g->steps < least)
			least = g->steps;
	}
	return least;
}

static bool witness_too_long(void *ctx, const struct small *s)
{
	struct trial *tr = ctx;
	struct explore_options o = {
	    .max_deviations = EXPLORE_NO_BOUND, .order = EXPLORE_STEPS, .unreduced = tr->unreduced};
	struct explore_result *r = NULL;
	struct tried t;
	struct brute b;
	bool bad = false;

	tried_small(&t, s);
	str_clear(&tr->why);
	brute_run(&b, t.cfg, t.prog, tr->bound);
	if (b.complete)
		r = explore_run(t.cfg, t.prog, &o);
	for (u32 i = 0; r && i < r->found.n; i++) {
		const struct explore_find *f = &r->found.v[i];
		u32 least = least_steps(&b, &f->f);

		if (f->shortest && f->transitions >= least &&
		    f->transitions <= least + (tr->unreduced ? 0 : LONGER))
			continue;
		finding_id(t.prog, &f->f, &tr->why);
		str_printf(&tr->why, ": %lu transitions and not %u\n",
			   (unsigned long)f->transitions, least);
		bad = true;
	}
	tr->found += r ? r->found.n : 0;
	tr->compared += b.complete;
	tr->too_large += !b.complete;
	explore_free(r);
	brute_free(&b);
	tried_close(&t);
	return bad;
}

START_TEST(shortest)
{
	struct trial tr = {.bound = 600, .unreduced = _i == 0};

	many(witness_too_long, &tr, first_seed(), runs() / 10,
	     _i ? "with the reduction a witness is far from the shortest"
		: "a witness is not the shortest");
	ck_assert_uint_ge(tr.found, 1);
}
END_TEST

/* ---- what ships ---- */

static glob_t shipped_files;

/* Every variant on every platform: where the search without the reduction ends, both agree. */
static void hold_shipped(const char *file, struct tried *t, u32 *held)
{
	const struct scenario_doc *d = t->s->doc;

	for (u32 v = 0; v < (d->variants ? d->variants : 1); v++)
		for (u32 p = 0; p < d->platforms; p++) {
			struct explore_options o = {.max_deviations = EXPLORE_NO_BOUND,
						    .no_witnesses = true,
						    .unreduced = true,
						    .max_states = SHIPPED_STATES};
			struct explore_result *all, *r;
			struct str why = {0};

			program_free(t->prog);
			ck_assert(scenario_compile(
			    t->s, d->variants ? d->variant[v].name.text : NULL,
			    d->platform[p].name.text, NULL, t->cfg, &t->prog, &t->errs));
			all = explore_run(t->cfg, t->prog, &o);
			if (all->end == EXPLORE_COMPLETE) {
				o.unreduced = false;
				r = explore_run(t->cfg, t->prog, &o);
				ck_assert_msg(r->end == EXPLORE_COMPLETE &&
						  same_result(t, r, all, &why),
					      "%s on %s: %s\n%s", file, t->cfg->platform,
					      explore_end_text(r->end), str_get(&why));
				++*held;
				explore_free(r);
			}
			explore_free(all);
		}
}

START_TEST(shipped)
{
	u32 held = 0, files = 0;

	for (size_t i = (size_t)_i; i < shipped_files.gl_pathc; i += PARTS) {
		struct tried t;

		tried_file(&t, shipped_files.gl_pathv[i]);
		hold_shipped(shipped_files.gl_pathv[i], &t, &held);
		tried_close(&t);
		files++;
	}
	printf("%u files: %u variants and platforms without the reduction\n", files, held);
	ck_assert_uint_ge(held, 1);
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
	c = tcase_create("shortest");
	tcase_add_loop_test(c, shortest, 0, FORMS);
	suite_add_tcase(s, c);
	glob("scenarios/lessons/*.yaml", 0, NULL, &shipped_files);
	glob("scenarios/diagnoses/*.yaml", GLOB_APPEND, NULL, &shipped_files);
	glob("tests/scenarios/*.yaml", GLOB_APPEND, NULL, &shipped_files);
	c = tcase_create("shipped");
	tcase_add_loop_test(c, shipped, 0, PARTS);
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
