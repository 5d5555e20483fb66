/* SPDX-License-Identifier: MIT */
/*
 * The explorer held against Spin: the models of tests/spin/, and the same two programs as
 * scenarios. For every mask of fixes the same checks fail on some schedule, with the reduction and
 * without it; without it there are as many states as in a model of the same steps; and no shortest
 * failure is longer than the model's shortest run to it.
 *
 * `make check` does what takes seconds; SPIN_ALL=1, as in `make spin`, all that the table says.
 */
#include <string.h>

#include "explore/explore.h"
#include "scenario/scenario.h"
#include "unit/spin_fine.h"
#include "unit/spin_model.h"
#include "unit/spin_steps.h"
#include "unit/unit.h"

#if defined(DMALAB_DEBUG) || defined(__SANITIZE_ADDRESS__)
enum { SLOW_BUILD = 1 };
#else
enum { SLOW_BUILD = 0 };
#endif

static bool all(void)
{
	const char *v = getenv("SPIN_ALL");

	return v && strcmp(v, "1") == 0;
}

/* ---- the models in C are Spin's ---- */

/* What Spin 6.5.2 says, transitions without the one that it counts for the initial state. */
static const struct spins {
	struct spin_model m;
	u64 states, transitions, violating[SPIN_KINDS];
	bool slow;
} spins[] = {
    {{SPIN_A, 1, 2, 0, 0}, 330, 1053, {21, 10, 5}, false},
    {{SPIN_A, 1, 2, 15, 0}, 143, 493, {0}, false},
    {{SPIN_A, 2, 2, 0, 0}, 7056, 28304, {394, 210, 92}, false},
    {{SPIN_A, 2, 2, 15, 0}, 2388, 11001, {0}, false},
    {{SPIN_A, 3, 3, 0, 0}, 353150, 1951414, {25843, 11492, 6011}, true},
    {{SPIN_A, 4, 3, 0, 0}, 2381038, 13490298, {147149, 62724, 32302}, true},
    {{SPIN_A, 4, 3, 15, 0}, 162053, 1095435, {0}, true},
    {{SPIN_A, 8, 3, 15, 0}, 5372241, 37781666, {0}, true},
    {{SPIN_B, 8, 0, 0, 0}, 1140657, 5582840, {36138, 32624, 32624}, true},
};

START_TEST(models_are_spins)
{
	const struct spins *want = &spins[_i];
	struct spin_counts c;

	if (want->slow && !all())
		return;
	c = spin_search(&want->m);
	ck_assert_uint_eq(c.states, want->states);
	ck_assert_uint_eq(c.transitions, want->transitions);
	for (u32 k = 0; k < SPIN_KINDS; k++)
		ck_assert_uint_eq(c.violating[k], want->violating[k]);
}
END_TEST

/* ---- the scenarios ---- */

static const struct scenario_options options = {.data_dir = "scenarios"};

struct subject {
	struct scenario *s;
	struct err_list errs;
	struct machine_config cfg;
	struct program *prog;
	char name[80];
};

static struct subject subject(const struct spin_model *m)
{
	const struct param_set a[] = {{"N", m->n}, {"FIX", m->fix}, {"K", m->k}};
	const struct param_sets sets = {a, m->which == SPIN_A ? 3 : 2};
	const char *file = m->which == SPIN_A ? "tests/spin/cache.yaml" : "tests/spin/sb.yaml";
	const char *on = m->which == SPIN_A ? "k-lines" : m->ord ? "tso" : "weak";
	struct subject u = {0};

	snprintf(u.name, sizeof u.name, "%s N=%u K=%u FIX=%u on %s", file, m->n, m->k, m->fix, on);
	u.s = scenario_load(file, &options, &u.errs);
	ck_assert_msg(u.s != NULL, "%s does not load", file);
	ck_assert_msg(scenario_compile(u.s, NULL, on, &sets, &u.cfg, &u.prog, &u.errs),
		      "%s does not compile", u.name);
	return u;
}

static void done_with(struct subject *u)
{
	program_free(u->prog);
	scenario_free(u->s);
	err_free(&u->errs);
}

/* The kind of check that a finding is of; SPIN_KINDS: of none. */
static u32 kind_of(const struct spin_model *m, const struct subject *u, const struct finding *f)
{
	u32 k = 0;

	if (f->id != DIAG_ASSERT)
		return SPIN_KINDS;
	while (k < SPIN_KINDS &&
	       strcmp(spin_kind_name(m->which, k), u->prog->assert[f->index].name) != 0)
		k++;
	return k;
}

static struct explore_result *explored(const struct subject *u, const struct explore_options *opt)
{
	struct explore_result *r = explore_run(&u->cfg, u->prog, opt);

	ck_assert_msg(r->end == EXPLORE_COMPLETE, "%s: %s", u->name, explore_end_text(r->end));
	return r;
}

/* Without reduction there are as many states as in a model that takes the same steps. */
static void counted(const struct spin_model *m, const struct subject *u,
		    const struct explore_result *r)
{
	struct fine_counts c = fine_search(m);

	ck_assert_msg(r->states == c.states, "%s: %lu states, not %lu", u->name,
		      (unsigned long)r->states, (unsigned long)c.states);
	ck_assert_msg(r->transitions == c.transitions, "%s: %lu transitions, not %lu", u->name,
		      (unsigned long)r->transitions, (unsigned long)c.transitions);
}

static void verdict(const struct spin_model *m, bool unreduced)
{
	const struct explore_options opt = {
	    .max_deviations = EXPLORE_NO_BOUND, .no_witnesses = true, .unreduced = unreduced};
	struct subject u = subject(m);
	struct explore_result *r = explored(&u, &opt);
	u32 found = 0;

	for (u32 i = 0; i < r->found.n; i++) {
		u32 kind = kind_of(m, &u, &r->found.v[i].f);

		ck_assert_msg(kind < SPIN_KINDS, "%s: finds what the model does not know", u.name);
		found |= 1u << kind;
	}
	if (unreduced)
		counted(m, &u, r);
	if (all())
		printf("%-45s %9s %9lu states %10lu transitions\n", u.name,
		       unreduced ? "unreduced" : "reduced", (unsigned long)r->states,
		       (unsigned long)r->transitions);
	ck_assert_msg(found == spin_rule(m), "%s, %s: bits of kinds: %x, not %x", u.name,
		      unreduced ? "without reduction" : "reduced", found, spin_rule(m));
	explore_free(r);
	done_with(&u);
}

/* For tests/spin/spin.sh, which holds it against Spin itself. */
static void say_model(const struct spin_model *m)
{
	struct spin_counts c = spin_search(m);
	u32 least = 0;

	for (u32 k = 0; k < SPIN_KINDS; k++)
		if (c.shortest[k] && (!least || c.shortest[k] < least))
			least = c.shortest[k];
	printf("model %s %u %u %u %lu %lu %lu %u\n", m->which == SPIN_A ? "cache" : "sb", m->n,
	       m->which == SPIN_A ? m->k : m->ord, m->fix, (unsigned long)c.states,
	       (unsigned long)c.transitions,
	       (unsigned long)(c.violating[0] + c.violating[1] + c.violating[2]), least);
}

/* How long which of them take: tests/spin/README.md. */
static bool asked_for(const struct spin_model *m, bool unreduced)
{
	if (all())
		return true;
	if (SLOW_BUILD)
		return m->n == 1;
	return m->n < 3 && !(unreduced && m->n == 2 && m->k == 3);
}

/* One test a mask: _i is the mask and what else the model takes. */
START_TEST(masks_a)
{
	struct spin_model m = {.which = SPIN_A, .fix = (u32)_i % 16, .k = 2 + (u32)_i / 16};

	for (m.n = 1; m.n <= 3; m.n++) {
		if (all())
			say_model(&m);
		for (u32 unreduced = 0; unreduced < 2; unreduced++)
			if (asked_for(&m, unreduced))
				verdict(&m, unreduced);
	}
}
END_TEST

START_TEST(masks_b)
{
	struct spin_model m = {.which = SPIN_B, .fix = (u32)_i % 4, .ord = (u32)_i / 4};

	for (m.n = 1; m.n <= 3; m.n++) {
		if (all())
			say_model(&m);
		for (u32 unreduced = 0; unreduced < 2; unreduced++)
			if (asked_for(&m, unreduced))
				verdict(&m, unreduced);
	}
}
END_TEST

/* The rule of the models is what their states say, so that the table above is no guess. */
START_TEST(rules)
{
	for (u32 which = SPIN_A; which <= SPIN_B; which++)
		for (u32 i = 0; i < 32; i++) {
			struct spin_model m = {which, 2, 2 + i / 16, i % (which ? 4 : 16), i / 16};
			struct spin_counts c = spin_search(&m);
			u32 failing = 0;

			for (u32 k = 0; k < SPIN_KINDS; k++)
				failing |= c.violating[k] ? 1u << k : 0;
			ck_assert_uint_eq(failing, spin_rule(&m));
		}
}
END_TEST

/* ---- the shortest failures ---- */

/* Runs a witness again; its length in steps of the model. */
static u32 in_steps(const struct spin_model *m, const struct subject *u,
		    const struct explore_find *f)
{
	struct engine *e = engine_new(&u->cfg, u->prog, NULL);
	struct str why = {0};
	u32 matched, n;

	engine_replay(e, &f->witness, &matched);
	ck_assert_msg(matched == f->witness.n, "%s: %u of %u answers matched", u->name, matched,
		      f->witness.n);
	n = spin_steps(m, e->w->log, kind_of(m, u, &f->f), &why);
	ck_assert_msg(n > 0, "%s: %s: %s", u->name, spin_kind_name(m->which, kind_of(m, u, &f->f)),
		      str_get(&why));
	str_free(&why);
	engine_free(e);
	return n;
}

static void shortest(const struct spin_model *m)
{
	const struct explore_options opt = {.order = EXPLORE_STEPS,
					    .max_deviations = EXPLORE_NO_BOUND};
	struct subject u = subject(m);
	struct explore_result *r = explored(&u, &opt);
	struct spin_counts c = spin_search(m);

	for (u32 i = 0; i < r->found.n; i++) {
		u32 kind = kind_of(m, &u, &r->found.v[i].f), n = in_steps(m, &u, &r->found.v[i]);

		ck_assert_msg(kind < SPIN_KINDS, "%s: finds what the model does not know", u.name);
		if (all())
			printf("%-45s %-10s %3lu transitions, %3u steps; model: %3u\n", u.name,
			       spin_kind_name(m->which, kind),
			       (unsigned long)r->found.v[i].transitions, n, c.shortest[kind]);
		ck_assert_msg(r->found.v[i].shortest && n <= c.shortest[kind],
			      "%s: %s: %u steps of the model, where Spin takes %u", u.name,
			      spin_kind_name(m->which, kind), n, c.shortest[kind]);
	}
	explore_free(r);
	done_with(&u);
}

START_TEST(shortest_a)
{
	struct spin_model m = {.which = SPIN_A, .fix = (u32)_i % 16, .k = 2 + (u32)_i / 16};

	for (m.n = 1; m.n <= 3; m.n++)
		if (asked_for(&m, true))
			shortest(&m);
}
END_TEST

START_TEST(shortest_b)
{
	struct spin_model m = {.which = SPIN_B, .fix = (u32)_i % 4, .ord = (u32)_i / 4};

	for (m.n = 1; m.n <= 3; m.n++)
		if (asked_for(&m, true))
			shortest(&m);
}
END_TEST

static Suite *spin_suite(void)
{
	Suite *s = suite_create("spin");
	TCase *models = tcase_create("models"), *masks = tcase_create("masks");
	TCase *lengths = tcase_create("lengths");

	tcase_add_loop_test(models, models_are_spins, 0, ARRAY_LEN(spins));
	tcase_add_test(models, rules);
	suite_add_tcase(s, models);
	tcase_add_loop_test(masks, masks_a, 0, 32);
	tcase_add_loop_test(masks, masks_b, 0, 8);
	suite_add_tcase(s, masks);
	tcase_add_loop_test(lengths, shortest_a, 0, 32);
	tcase_add_loop_test(lengths, shortest_b, 0, 8);
	suite_add_tcase(s, lengths);
	return s;
}

UNIT_MAIN(spin_suite)
