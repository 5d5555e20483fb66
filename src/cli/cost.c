/* SPDX-License-Identifier: MIT */
/* dmalab cost: variants and platforms of a scenario, side by side. */
#include <string.h>

#include "base/bug.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/scenarios.h"
#include "report/chart.h"

const struct option_row cost_options[] = {
    {'p', "platform", "NAME", "only that platform; else all of the file"},
    {0, "variant", "NAME", "only that variant; else all of the file"},
    {0, "set", "NAME=NUMBER", "the value of a param of the file; may come often"},
    {0, "per", "PARAM", "bars are of one more of that param; else of ROUNDS, if there is one"},
    {0, "whole", NULL, "bars are of whole runs, whatever params there are"},
    {0, "json", NULL, "JSON Lines"},
    {0, "plain", NULL, "no bars, and the parts by their names: for screen readers and grep"},
    {'o', "output", "FILE", "write there, not to the standard output"},
    {0}};

struct job {
	const struct command *self;
	const char *platform, *variant, *per;
	bool whole, json, plain;
	struct sets sets;
	struct output out;
	bool limit;
};

static const char usual_param[] = "ROUNDS";

/* One variant on one platform, ready to run: as it is, and with twice as much of the param. */
struct pair {
	struct ready one, two;
	u64 times; /* of the param, in `one`; 0: there is no `two` */
};

struct pairs {
	const struct loaded *l;
	const char *per; /* NULL: whole runs */
	VEC(struct pair)
};

static void pairs_free(struct pairs *p)
{
	for (u32 i = 0; i < p->n; i++) {
		ready_free(&p->v[i].one);
		if (p->v[i].times)
			ready_free(&p->v[i].two);
	}
	vec_free(p);
}

/* The param whose bars they are: the one that is asked for, or the usual one. False: no such. */
static bool find_param(const struct job *j, struct pairs *p)
{
	const struct scenario_doc *doc = p->l->s->doc;
	const char *want = j->per ? j->per : usual_param;

	p->per = NULL;
	for (u32 i = 0; i < doc->params.n && !j->whole; i++)
		if (strcmp(doc->params.v[i].name.text, want) == 0)
			p->per = doc->params.v[i].name.text;
	if (j->per && !p->per)
		usage_error(j->self, "%s has no param \"%s\"", p->l->asked, j->per);
	return !j->per || p->per;
}

/* Its value there. */
static s64 value_of(const struct job *j, const struct pairs *p, const char *variant,
		    const char *platform)
{
	struct param_sets sets = {j->sets.v, j->sets.n};
	struct arena a = {0};
	struct doc_params all = scenario_params(p->l->s, variant, platform, &sets, &a);
	s64 v = 0;

	for (u32 i = 0; i < all.n; i++)
		if (strcmp(all.v[i].name.text, p->per) == 0)
			v = all.v[i].value;
	arena_free(&a);
	return v;
}

/* The same values, but twice as much of the param. */
static bool twice(const struct job *j, const struct pairs *p, const char *variant,
		  const char *platform, struct pair *out)
{
	s64 v = value_of(j, p, variant, platform);
	struct sets s = j->sets;
	u32 i = 0;

	if (v < 1 || v > INT64_MAX / 2) {
		usage_error(j->self, "%s is %lld: it must be at least 1 to be counted by", p->per,
			    (long long)v);
		return false;
	}
	while (i < s.n && strcmp(s.v[i].name, p->per) != 0)
		i++;
	if (i == SETS_MAX) {
		usage_error(j->self, "too many --set");
		return false;
	}
	s.v[i] = (struct param_set){p->per, 2 * v};
	s.n += i == s.n;
	out->times = (u64)v;
	return ready_make(p->l, variant, platform, &s, &out->two, NULL);
}

static bool add_pair(const struct job *j, struct pairs *p, const char *variant,
		     const char *platform)
{
	struct pair one = {0};
	bool ok = ready_make(p->l, variant, platform, &j->sets, &one.one, NULL);

	ok = ok && (!p->per || twice(j, p, variant, platform, &one));
	vec_push(p, one);
	return ok;
}

static bool add_platform(const struct job *j, struct pairs *p, const char *platform)
{
	const struct scenario_doc *doc = p->l->s->doc;
	bool ok = true;

	if (j->variant || !doc->variants)
		return add_pair(j, p, j->variant, platform);
	for (u32 v = 0; v < doc->variants && ok; v++)
		ok = add_pair(j, p, doc->variant[v].name.text, platform);
	return ok;
}

static bool make_pairs(const struct job *j, struct pairs *p)
{
	const struct scenario_doc *doc = p->l->s->doc;
	bool ok = find_param(j, p);

	if (ok && j->platform)
		return add_platform(j, p, j->platform);
	for (u32 i = 0; i < doc->platforms && ok; i++)
		ok = add_platform(j, p, doc->platform[i].name.text);
	return ok;
}

static void run_it(struct job *j, const struct pairs *p, const struct ready *ready, struct run *r)
{
	struct run_input in = {
	    .file = p->l->file,
	    .asked = p->l->asked,
	    .doc = p->l->s->doc,
	    .prog = ready->prog,
	    .cfg = ready->cfg,
	    .variant = ready->variant,
	    .expect = ready->expect,
	    .sets = str_get(&j->sets.words),
	};
	struct str what = {0};

	str_printf(&what, "%s %s on %s", p->l->file, ready->variant ? ready->variant : "",
		   ready->cfg->platform);
	bug_context(str_get(&what));
	run_do(r, &in);
	j->limit |= r->verdict.limit;
	bug_context(NULL);
	str_free(&what);
}

static void compare(struct job *j, const struct pairs *p, struct chart *c)
{
	for (u32 i = 0; i < p->n; i++) {
		const struct pair *x = &p->v[i];
		struct run one, two;

		run_it(j, p, &x->one, &one);
		if (x->times) {
			run_it(j, p, &x->two, &two);
			chart_add(c, &two, &one, x->times);
			run_free(&two);
		} else {
			chart_add(c, &one, NULL, 1);
		}
		run_free(&one);
	}
}

static void tell(struct job *j, const struct pairs *p, bool first)
{
	struct chart c = {.doc = p->l->s->doc, .per = p->per};
	struct style style = output_style(&j->out, j->plain);
	struct str s = {0};

	compare(j, p, &c);
	if (!first && !j->json)
		str_add(&s, "\n");
	if (j->json)
		chart_json(&c, &s);
	else
		chart_text(&c, &style, &s);
	output_write(&j->out, str_get(&s), s.n);
	str_free(&s);
	chart_free(&c);
}

/* Files that are named; or all comparisons that are there. */
static bool load(const struct job *j, const struct given *g, struct lessons *shipped,
		 struct loads *out)
{
	struct {
		VEC(char *)
	} words = {0};
	bool ok;

	if (g->words)
		return loads_read(j->self, g->word, g->words, out);
	comparisons_load(shipped);
	for (u32 i = 0; i < shipped->n; i++)
		vec_push(&words, shipped->v[i].file);
	ok = loads_read(j->self, words.v, (int)words.n, out);
	vec_free(&words);
	return ok;
}

static int cost_files(struct job *j, const struct given *g)
{
	struct loads loads = {0};
	struct lessons shipped = {0};
	struct {
		VEC(struct pairs)
	} all = {0};
	bool ok = load(j, g, &shipped, &loads);
	int status = EXIT_USAGE;

	for (u32 i = 0; i < loads.n && ok; i++) {
		struct pairs p = {.l = &loads.v[i]};

		ok = make_pairs(j, &p);
		vec_push(&all, p);
	}
	if (ok && output_open(&j->out, given_value(j->self, g, "output"))) {
		for (u32 i = 0; i < all.n; i++)
			tell(j, &all.v[i], i == 0);
		status = output_close(&j->out);
		if (status == EXIT_EXPECTED && j->limit)
			status = EXIT_LIMIT;
	}
	for (u32 i = 0; i < all.n; i++)
		pairs_free(&all.v[i]);
	vec_free(&all);
	loads_free(&loads);
	lessons_free(&shipped);
	return status;
}

static bool read_job(struct job *j, const struct given *g)
{
	const struct command *c = j->self;

	j->platform = given_value(c, g, "platform");
	j->variant = given_value(c, g, "variant");
	j->per = given_value(c, g, "per");
	j->whole = given_value(c, g, "whole") != NULL;
	j->json = given_value(c, g, "json") != NULL;
	j->plain = given_value(c, g, "plain") != NULL;
	if (j->per && j->whole)
		usage_error(c, "--per and --whole exclude each other");
	else if (j->json && j->plain)
		usage_error(c, "--json and --plain exclude each other");
	else
		return sets_read(c, g, &j->sets);
	return false;
}

int cmd_cost(const struct command *self, int argc, char **argv)
{
	struct job j = {.self = self};
	struct str s = {0};
	struct given g;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	if (g.help) {
		help_command(self, &s);
		status = output_text(&s);
		str_free(&s);
		return status;
	}
	status = read_job(&j, &g) ? cost_files(&j, &g) : EXIT_USAGE;
	sets_free(&j.sets);
	return status;
}
