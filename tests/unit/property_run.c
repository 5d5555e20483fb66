/* SPDX-License-Identifier: MIT */
#include "unit/property_run.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "explore/explore.h"
#include "report/collect.h"

static const struct scenario_options options = {.data_dir = "scenarios"};

void loaded_text(struct loaded *l, const char *text)
{
	struct str out = {0};

	*l = (struct loaded){.errs.file = "random.yaml"};
	str_add(&l->text, text);
	l->s = scenario_parse(str_get(&l->text), l->text.n, &options, &l->errs);
	if (l->s)
		return;
	err_print(&l->errs, 100, &out);
	ck_abort_msg("the driver is no scenario:\n%s\n%s", str_get(&out), text);
}

void loaded_driver(struct loaded *l, const struct gen_driver *d, const char *platforms)
{
	struct str text = {0};

	driver_print(d, platforms, &text);
	loaded_text(l, str_get(&text));
	str_free(&text);
}

void unload(struct loaded *l)
{
	scenario_free(l->s);
	err_free(&l->errs);
	str_free(&l->text);
}

static void add_platform(struct str *out, const struct theory_platform *p, const char *arch_sync)
{
	if (p->shipped && !arch_sync)
		str_add(out, p->name);
	else
		str_printf(out, "{%s%s: {%s%s%s}}", p->name, arch_sync ? "-wrong" : "", p->own,
			   arch_sync ? ", arch_sync: " : "", arch_sync ? arch_sync : "");
}

static const char *list_of(const struct theory_platform *p, u32 n, const char *arch_sync)
{
	static char text[4096];
	struct str out = {0};

	str_add(&out, "[");
	for (u32 i = 0; i < n; i++) {
		str_add(&out, i ? ", " : "");
		add_platform(&out, &p[i], arch_sync);
	}
	str_add(&out, "]");
	snprintf(text, sizeof text, "%s", str_get(&out));
	str_free(&out);
	return text;
}

const char *trial_all_platforms(void)
{
	return list_of(theory_platform, THEORY_PLATFORMS, NULL);
}

const char *trial_platform(const struct theory_platform *p, const char *arch_sync)
{
	return list_of(p, 1, arch_sync);
}

/* Of the lines only those that some mapping has covered: nobody sees what becomes of others. */
static enum engine_interest any_line(const void *ctx, u64 line)
{
	(void)ctx;
	(void)line;
	return INTEREST_REACHED;
}

/* ---- running ---- */

static void tell(const struct program *prog, const struct finding *f, struct str *why)
{
	if (!why)
		return;
	str_add(why, why->n ? "; " : "");
	finding_id(prog, f, why);
	str_printf(why, "/%s at line %u", severity_name((enum severity)f->severity),
		   prog->stmt[f->stmt].line);
}

static struct program *compile(const struct loaded *l, const char *platform,
			       struct machine_config *cfg)
{
	struct err_list errs = {.file = "random.yaml"};
	struct program *prog = NULL;

	ck_assert_msg(scenario_compile(l->s, NULL, platform, NULL, cfg, &prog, &errs),
		      "does not compile for %s", platform ? platform : "-");
	err_free(&errs);
	return prog;
}

/* Not engine_run(): nobody goes back in time here, and keyframes would cost most of it. */
static enum outcome run(struct engine *e, struct policy_state *h)
{
	struct action_list l = {0};

	for (;;) {
		struct action a;

		if (h->how == POLICY_CALM) {
			if (!engine_calm(e, &a))
				break;
		} else {
			engine_actions(e, &l);
			if (!l.n)
				break;
			a = l.v[policy_answer(h, e, &l)];
		}
		engine_apply(e, &a);
	}
	vec_free(&l);
	return engine_outcome(e);
}

/* Whether nothing was found but what a deficient port has to answer for. */
static bool only_defect(const struct findings *l)
{
	bool defect = false;

	for (u32 i = 0; i < l->n; i++) {
		if (l->v[i].f.id != DIAG_PLATFORM_DEFECT && l->v[i].f.id != DIAG_ASSERT)
			return false;
		defect |= l->v[i].f.id == DIAG_PLATFORM_DEFECT;
	}
	return defect;
}

/* What it costs hurts nobody. */
static bool broken(const struct findings *l)
{
	for (u32 i = 0; i < l->n; i++)
		if (l->v[i].f.severity != SEVERITY_COST)
			return true;
	return false;
}

bool trial_hurts(const struct trial *t, const struct loaded *l, struct str *why)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct program *prog = compile(l, t->p->name, cfg);
	struct engine_options eo = {.no_events = true};
	struct engine *e = engine_new(cfg, prog, &eo);
	struct policy_state h;
	struct findings found = {0};
	enum outcome o;
	bool hurt;

	policy_begin(&h, t->how, t->seed);
	e->line_matters = any_line;
	oracle_sink(&e->oracle, findings_add, &found);
	o = run(e, &h);
	hurt = o != OUTCOME_ENDED || (broken(&found) && !(t->p->defect && only_defect(&found)));
	if (o != OUTCOME_ENDED && why)
		str_printf(why, "%s", outcome_name(o));
	for (u32 i = 0; i < found.n; i++)
		tell(prog, &found.v[i].f, why);
	policy_end(&h);
	findings_free(&found);
	engine_free(e);
	program_free(prog);
	mem_free(cfg);
	return hurt;
}

bool trial_fails(void *ctx, const struct gen_driver *d)
{
	struct trial *given = ctx, t = *given;
	bool hurt = false;
	struct loaded l;

	loaded_driver(&l, d, trial_platform(t.p, NULL));
	for (u32 i = 0; i < 16 && !hurt; i++) {
		hurt = trial_hurts(&t, &l, NULL);
		if (hurt)
			given->seed = t.seed;
		t.seed = given->seed + 1 + i;
	}
	unload(&l);
	return hurt;
}

void trial_why(const struct trial *t, const struct gen_driver *d, struct str *why)
{
	struct loaded l;

	loaded_driver(&l, d, trial_platform(t->p, NULL));
	trial_hurts(t, &l, why);
	unload(&l);
}

/* ---- searching ---- */

static bool corrupts(const struct explore_result *r, bool defect)
{
	for (u32 i = 0; i < r->found.n; i++)
		if (r->found.v[i].f.severity == SEVERITY_CORRUPTION &&
		    (defect || r->found.v[i].f.id != DIAG_PLATFORM_DEFECT))
			return true;
	return false;
}

void search_driver(const struct theory_platform *p, const char *arch_sync,
		   const struct gen_driver *d, struct found_by_search *out)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct explore_options so = {
	    .max_states = 1000, .max_deviations = EXPLORE_NO_BOUND, .no_witnesses = true};
	struct explore_result *r;
	struct program *prog;
	struct loaded l;

	*out = (struct found_by_search){0};
	loaded_driver(&l, d, trial_platform(p, arch_sync));
	str_add(&out->text, str_get(&l.text));
	prog = compile(&l, NULL, cfg);
	/* What is to be found is mostly found soon, and then the rest need not be seen. */
	r = explore_run(cfg, prog, &so);
	if (r->end != EXPLORE_COMPLETE && !corrupts(r, true)) {
		explore_free(r);
		so.max_states = 60000;
		r = explore_run(cfg, prog, &so);
	}
	out->complete = r->end == EXPLORE_COMPLETE;
	out->reason = explore_end_text(r->end);
	out->states = r->states;
	out->corrupt = corrupts(r, true);
	out->driver = corrupts(r, false);
	for (u32 i = 0; i < r->found.n; i++) {
		tell(prog, &r->found.v[i].f, &out->why);
		str_add(&out->why, ", --schedule ");
		schedule_token(&r->found.v[i].witness, &out->why);
	}
	explore_free(r);
	program_free(prog);
	unload(&l);
	mem_free(cfg);
}
