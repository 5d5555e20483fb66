/* SPDX-License-Identifier: MIT */
/*
 * The small search held against what the shipped scenarios say, without any hw: step: the first
 * schedules of every variant on every platform of its file (dmalab check goes through all of
 * them). Each finding's witness, run again, shows it.
 */
#include <glob.h>
#include <string.h>

#include "explore/explore.h"
#include "explore/policy.h"
#include "report/explored.h"
#include "scenario/scenario.h"
#include "unit/unit.h"

static const struct scenario_options options = {.data_dir = "scenarios"};

enum { SHIPPED_STATES = 2000 }; /* few files have more */

/* With sanitizers every so many of the files: dmalab check runs all of them there, calm. */
#ifdef DMALAB_DEBUG
enum { FILES = 16 };
#else
enum { FILES = 1 };
#endif

struct loaded {
	struct scenario *s;
	struct err_list errs;
};

static struct loaded load(const char *file)
{
	struct loaded l = {0};

	l.s = scenario_load(file, &options, &l.errs);
	if (!l.s) {
		struct str out = {0};

		err_print(&l.errs, 100, &out);
		ck_abort_msg("%s does not load:\n%s", file, str_get(&out));
	}
	return l;
}

static void unload(struct loaded *l)
{
	scenario_free(l->s);
	err_free(&l->errs);
}

static struct program *compile(struct loaded *l, const char *variant, const char *platform,
			       const struct param_sets *sets, struct machine_config *cfg)
{
	struct program *p = NULL;

	ck_assert_msg(scenario_compile(l->s, variant, platform, sets, cfg, &p, &l->errs),
		      "%s on %s does not compile", variant ? variant : "-", platform);
	return p;
}

static void replay(const struct explored *x, const struct explore_find *found, const char *where)
{
	struct engine *e = engine_new(x->in.cfg, x->in.prog, NULL);
	struct findings l = {0};
	struct str id = {0};
	u32 matched;
	bool seen = false;

	oracle_sink(&e->oracle, findings_add, &l);
	engine_replay(e, &found->witness, &matched);
	finding_id(x->in.prog, &found->f, &id);
	ck_assert_msg(matched == found->witness.n, "%s: %s: %u of %u answers asked for", where,
		      str_get(&id), matched, found->witness.n);
	for (u32 i = 0; i < l.n; i++)
		seen |= l.v[i].f.id == found->f.id && l.v[i].f.index == found->f.index;
	ck_assert_msg(seen, "%s: the witness of %s does not show it", where, str_get(&id));
	str_free(&id);
	findings_free(&l);
	engine_free(e);
}

/* What a finding of the union is told by is one that was met, and not a lesser one. */
static void linked(const struct explored *x, const char *where)
{
	ck_assert_uint_eq(x->witness.n, x->found.n);
	for (u32 i = 0; i < x->found.n; i++) {
		const struct finding *f = &x->found.v[i].f, *g;

		ck_assert_uint_lt(x->witness.v[i], x->result->found.n);
		ck_assert(!i || x->witness.v[i - 1] < x->witness.v[i]);
		g = &x->result->found.v[x->witness.v[i]].f;
		ck_assert_msg(f->id == g->id && f->stmt == g->stmt && f->severity == g->severity,
			      "%s: finding %u has the witness of another", where, i + 1);
	}
}

static void no_ids(const struct id_list *l, const char *what, const char *where)
{
	for (u32 i = 0; i < l->n; i++)
		ck_abort_msg("%s: %s %s", where, what, l->v[i]);
}

static void one(struct loaded *l, const char *file, const char *variant, const char *platform)
{
	static const struct explore_options some = {.max_states = SHIPPED_STATES,
						    .max_deviations = EXPLORE_NO_BOUND};
	struct run_input in = {.file = file, .asked = file, .variant = variant};
	struct machine_config cfg;
	struct program *prog = compile(l, variant, platform, NULL, &cfg);
	struct explored x;
	char where[300];

	in.doc = l->s->doc;
	in.prog = prog;
	in.cfg = &cfg;
	in.expect = scenario_expect(l->s, variant, platform);
	snprintf(where, sizeof where, "%s %s on %s", file, variant ? variant : "-", platform);
	ck_assert_msg(in.expect != NULL, "%s: no expectation", where);
	explored_do(&x, &in, &some);
	printf("%-75s %8lu states %9lu transitions\n", where, (unsigned long)x.result->states,
	       (unsigned long)x.result->transitions);
	no_ids(&x.verdict.surprising, "not expected, and some schedule shows", where);
	if (x.result->end == EXPLORE_COMPLETE)
		no_ids(&x.verdict.missing, "no schedule shows", where);
	ck_assert_msg(x.verdict.as_expected || x.verdict.limit, "%s: outcome %s, not %s", where,
		      doc_outcome_text(x.verdict.outcome),
		      doc_outcome_text(x.verdict.expected_outcome));
	linked(&x, where);
	for (u32 i = 0; i < x.result->found.n; i++)
		replay(&x, &x.result->found.v[i], where);
	explored_free(&x);
	program_free(prog);
}

static void whole_file(const char *file)
{
	struct loaded l = load(file);
	const struct scenario_doc *d = l.s->doc;

	for (u32 v = 0; v < (d->variants ? d->variants : 1) && !d->search.calm; v++)
		for (u32 p = 0; p < d->platforms; p++)
			one(&l, file, d->variants ? d->variant[v].name.text : NULL,
			    d->platform[p].name.text);
	unload(&l);
}

static glob_t files;

START_TEST(shipped)
{
	whole_file(files.gl_pathv[_i * FILES]);
}
END_TEST

/* ---- Model A: the rule of the models, for every mask ---- */

static bool found_assert(const struct explore_result *r, const struct program *prog,
			 const char *name)
{
	for (u32 i = 0; i < r->found.n; i++)
		if (r->found.v[i].f.id == DIAG_ASSERT &&
		    strcmp(prog->assert[r->found.v[i].f.index].name, name) == 0)
			return true;
	return false;
}

START_TEST(model_a)
{
	struct loaded l = load("tests/spin/cache.yaml");
	struct param_set sets[] = {{"N", 2}, {"K", 2}, {"FIX", _i}};
	struct param_sets all = {sets, 3};
	struct machine_config cfg;
	struct program *prog = compile(&l, NULL, NULL, &all, &cfg);
	struct explore_options o = {.max_deviations = EXPLORE_NO_BOUND};
	struct explore_result *r = explore_run(&cfg, prog, &o);

	printf("Model A N=2 K=2 FIX=%-2d  %8lu states %9lu transitions\n", _i,
	       (unsigned long)r->states, (unsigned long)r->transitions);
	ck_assert_msg(r->end == EXPLORE_COMPLETE, "%s", explore_end_text(r->end));
	ck_assert_int_eq(found_assert(r, prog, "descriptor"), !(_i & 4));
	ck_assert_int_eq(found_assert(r, prog, "payload"), !(_i & 2));
	ck_assert_int_eq(found_assert(r, prog, "completion"), !(_i & 1) || !(_i & 8));
	ck_assert_uint_eq(r->outcomes, 1u << OUTCOME_ENDED);
	explore_free(r);
	program_free(prog);
	unload(&l);
}
END_TEST

/* ---- the same findings when every choice is asked for at every point ---- */

static bool has(const struct explore_result *r, const struct finding *f)
{
	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *g = &r->found.v[i].f;

		if (g->id == f->id && g->index == f->index && g->stmt == f->stmt &&
		    g->alloc == f->alloc && g->map_stmt == f->map_stmt &&
		    g->severity == f->severity)
			return true;
	}
	return false;
}

static void same_findings(const char *file, const char *variant, const char *platform)
{
	struct explore_options o = {.max_deviations = EXPLORE_NO_BOUND};
	struct loaded l = load(file);
	struct machine_config cfg;
	struct program *prog = compile(&l, variant, platform, NULL, &cfg);
	struct explore_result *a = explore_run(&cfg, prog, &o), *b;

	o.unreduced = true;
	b = explore_run(&cfg, prog, &o);
	printf("%s: %lu states, %lu unreduced\n", file, (unsigned long)a->states,
	       (unsigned long)b->states);
	ck_assert_int_eq(a->end, EXPLORE_COMPLETE);
	ck_assert_int_eq(b->end, EXPLORE_COMPLETE);
	ck_assert_uint_eq(a->outcomes, b->outcomes);
	ck_assert_uint_eq(a->found.n, b->found.n);
	for (u32 i = 0; i < b->found.n; i++)
		ck_assert(has(a, &b->found.v[i].f));
	ck_assert_uint_gt(b->states, a->states);
	explore_free(a);
	explore_free(b);
	program_free(prog);
	unload(&l);
}

START_TEST(reduced_or_not)
{
	same_findings("tests/scenarios/filled-before-or-after.yaml", "broken", "tiny");
	same_findings("scenarios/lessons/06-speculative-refill.yaml", "broken", "arm64-soc");
	same_findings("scenarios/lessons/06-speculative-refill.yaml", "fixed", "arm64-soc");
	same_findings("scenarios/lessons/06-speculative-refill.yaml", "broken", "armv7-pl310");
}
END_TEST

/* Lines that never are in a cache do not fill it up: the machine needs not be taken for a larger
 * one, whose findings only a second pass would confirm. */
START_TEST(what_is_not_cached_fills_nothing)
{
	struct explore_options o = {.max_deviations = EXPLORE_NO_BOUND, .no_witnesses = true};
	struct loaded l = load("scenarios/lessons/35-large-coherent.yaml");
	struct machine_config cfg;
	struct program *prog = compile(&l, "broken", "arm64-soc", NULL, &cfg);
	struct explore_result *r = explore_run(&cfg, prog, &o);

	ck_assert_int_eq(r->end, EXPLORE_COMPLETE);
	ck_assert_uint_eq(r->found.n, 1);
	ck_assert_uint_eq(r->witness_states, 0);
	explore_free(r);
	program_free(prog);
	unload(&l);
}
END_TEST

/* At every state of some random runs the incremental hash is the one from scratch. */
static u64 hash_on_the_way(const struct machine_config *cfg, const struct program *prog, u64 seed)
{
	struct engine_options eo = {.no_events = true};
	struct engine *e = engine_new(cfg, prog, &eo);
	struct policy_state p = {0};
	struct action_list l = {0};
	u64 n = 0;

	policy_begin(&p, POLICY_RESTLESS, seed);
	engine_start(e);
	world_hash_on(e->w);
	for (engine_actions(e, &l); l.n && n < 400; engine_actions(e, &l), n++) {
		ck_assert_uint_eq(world_hash(e->w), world_hash_scratch(e->w));
		engine_apply(e, &l.v[policy_answer(&p, e, &l)]);
	}
	policy_end(&p);
	vec_free(&l);
	engine_free(e);
	return n;
}

START_TEST(hash_at_every_state)
{
	static const char *const file[] = {"scenarios/lessons/07-valid-before-payload.yaml",
					   "scenarios/lessons/08-completion-without-dma-rmb.yaml",
					   "scenarios/lessons/05-dirty-line-over-dma-data.yaml",
					   "scenarios/diagnoses/two-cpus-flag-before-data.yaml",
					   "tests/scenarios/page-pool-publish-first.yaml",
					   "tests/scenarios/stop-held-past-unmap.yaml"};

	for (u32 i = 0; i < ARRAY_LEN(file); i++) {
		struct loaded l = load(file[i]);
		struct machine_config cfg;
		struct program *prog = compile(&l, "broken", "arm64-soc", NULL, &cfg);

		for (u64 seed = 1; seed <= 3; seed++)
			ck_assert_uint_ge(hash_on_the_way(&cfg, prog, seed), 20);
		program_free(prog);
		unload(&l);
	}
}
END_TEST

static Suite *search_suite(void)
{
	Suite *s = suite_create("search");
	TCase *c = tcase_create("shipped");
	const char *only = getenv("SEARCH_FILES");

	/* SEARCH_FILES='scenarios/lessons/2*': only some, while they are being written. */
	glob(only ? only : "scenarios/lessons/*.yaml", 0, NULL, &files);
	if (!only) {
		glob("scenarios/diagnoses/*.yaml", GLOB_APPEND, NULL, &files);
		glob("tests/scenarios/*.yaml", GLOB_APPEND, NULL, &files);
	}
	tcase_add_loop_test(c, shipped, 0, ((int)files.gl_pathc - 1) / FILES + 1);
	suite_add_tcase(s, c);
	c = tcase_create("model A");
	tcase_add_loop_test(c, model_a, 0, 16);
	suite_add_tcase(s, c);
	c = tcase_create("honest");
	tcase_add_test(c, reduced_or_not);
	tcase_add_test(c, hash_at_every_state);
	tcase_add_test(c, what_is_not_cached_fills_nothing);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(search_suite)
