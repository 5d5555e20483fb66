/* SPDX-License-Identifier: MIT */
/* dmalab matrix: one table of verdicts, platforms by variants, for each scenario. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "cli/cli.h"
#include "cli/hardware.h"
#include "cli/load.h"
#include "cli/scenarios.h"
#include "cli/watch.h"
#include "report/matrix.h"
#include "report/text.h"
#include "scenario/mutate.h"

const struct option_row matrix_options[] = {
    {'p', "platform", "NAME", "only these platforms, as a,b,c; else all, and the file's own"},
    {0, "of-file", NULL, "only the platforms that the file names"},
    {0, "variant", "NAME", "only that variant; else all of the file"},
    {0, "correct", NULL,
     "only variants that are: fixed, or where none has that name those that expect nothing"},
    {0, "set", "NAME=NUMBER", "the value of a param of the file; may come often"},
    {0, "hw", "calm|hostile|random", "what hardware does where it is free to; else calm"},
    {0, "seed", "N", "what random hardware draws from; else 1"},
    {0, "deviations", "N",
     "cells of a search: what shows on any schedule with at most N answers that are not calm's"},
    {0, "luck", "N",
     "seek schedules that corrupt data where the run does not, with at most N such answers; 0: do "
     "not; else 2"},
    {0, "states", "N", "states after which one search ends; else 50000"},
    {0, "json", NULL, "JSON Lines"},
    {0, "csv", NULL, "comma-separated values, with a line of names"},
    {0, "markdown", NULL, "a table of Markdown"},
    {0, "plain", NULL, "a line for each verdict, no columns, no colours, no progress"},
    {'o', "output", "FILE", "write there, not to the standard output"},
    {0}};

enum { LUCK_DEVIATIONS = 2, SEARCHED_STATES = 50000, DEVIATIONS_MAX = 1000 };
enum form { FORM_TEXT, FORM_JSON, FORM_CSV, FORM_MARKDOWN };

struct job {
	const struct command *self;
	const char *variant;
	struct {
		VEC(char *) /* owned */
	} platforms;	    /* of -p */
	bool of_file, correct, plain, searched;
	enum form form;
	enum policy hw;
	u64 seed, deviations, luck, states;
	struct sets sets;
	struct str how; /* what cells are of, if they are no calm runs */
	struct watch watch;
	struct output out;
	struct matrix_sums sums; /* of all files */
	u32 files;
};

/* ---- options ---- */

static bool read_number(struct job *j, const struct given *g, const char *name, u64 min, u64 max,
			u64 *out)
{
	const char *text = given_value(j->self, g, name);
	char *end;

	if (!text)
		return true;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && *out >= min && *out <= max)
		return true;
	usage_error(j->self, "--%s wants a number from %llu to %llu, not \"%s\"", name,
		    (unsigned long long)min, (unsigned long long)max, text);
	return false;
}

/* "a,b,c". */
static bool read_platforms(struct job *j, const char *text)
{
	struct str name = {0};
	bool ok = true;

	for (const char *c = text; c && ok; c = c[0] ? c + 1 : NULL) {
		size_t n = strcspn(c, ",");

		str_clear(&name);
		str_addn(&name, c, n);
		for (u32 i = 0; i < j->platforms.n && ok; i++)
			if (strcmp(j->platforms.v[i], str_get(&name)) == 0) {
				usage_error(j->self, "-p names %s twice", str_get(&name));
				ok = false;
			}
		if (ok && !n) {
			usage_error(j->self, "-p wants names of platforms, as a,b,c, not \"%s\"",
				    text);
			ok = false;
		}
		if (ok)
			vec_push(&j->platforms, mem_strdup(str_get(&name)));
		c += n;
	}
	str_free(&name);
	return ok;
}

static bool read_form(struct job *j, const struct given *g)
{
	static const char *const names[] = {"plain", "json", "csv", "markdown"};
	const char *had = NULL;

	for (u32 i = 0; i < ARRAY_LEN(names); i++) {
		if (!given_value(j->self, g, names[i]))
			continue;
		if (had) {
			usage_error(j->self, "--%s and --%s exclude each other", had, names[i]);
			return false;
		}
		had = names[i];
		j->form = (enum form)i; /* FORM_TEXT: plain */
	}
	j->plain = had && j->form == FORM_TEXT;
	return true;
}

static void say_how(struct job *j)
{
	if (j->searched)
		str_printf(&j->how,
			   "every schedule with at most %llu answers that are not calm's, up to "
			   "%llu states",
			   (unsigned long long)j->deviations, (unsigned long long)j->states);
	else if (j->hw != POLICY_CALM)
		str_add(&j->how, policy_name(j->hw));
	if (j->hw == POLICY_RANDOM)
		str_printf(&j->how, ", seed %llu", (unsigned long long)j->seed);
}

static bool read_job(struct job *j, const struct given *g)
{
	const struct command *c = j->self;
	const char *platforms = given_value(c, g, "platform");

	j->variant = given_value(c, g, "variant");
	j->of_file = given_value(c, g, "of-file") != NULL;
	j->correct = given_value(c, g, "correct") != NULL;
	j->searched = given_value(c, g, "deviations") != NULL;
	j->luck = LUCK_DEVIATIONS;
	j->states = SEARCHED_STATES;
	if (j->of_file && platforms)
		usage_error(c, "--platform and --of-file exclude each other");
	else if (j->correct && j->variant)
		usage_error(c, "--variant and --correct exclude each other");
	else if (j->searched && given_value(c, g, "hw"))
		usage_error(c, "--hw and --deviations exclude each other");
	else if (j->searched && given_value(c, g, "luck"))
		usage_error(c, "--luck and --deviations exclude each other: a search already "
			       "looks at other schedules");
	else if (read_number(j, g, "deviations", 0, DEVIATIONS_MAX, &j->deviations) &&
		 read_number(j, g, "luck", 0, DEVIATIONS_MAX, &j->luck) &&
		 read_number(j, g, "states", 1, 1ull << 40, &j->states) && read_form(j, g) &&
		 read_platforms(j, platforms) && hardware_read(c, g, false, &j->hw, &j->seed) &&
		 sets_read(c, g, &j->sets)) {
		say_how(j);
		return true;
	}
	return false;
}

/* ---- what is run ---- */

/* One variant on one platform: ready, or why it cannot be. */
struct cell {
	struct ready ready;
	struct str why; /* empty: it is ready */
};

struct plan {
	const struct loaded *l;
	struct {
		VEC(const char *) /* borrowed */
	} platforms;
	struct {
		VEC(const char *)
	} variants;
	struct {
		VEC(struct cell)
	} cells; /* row by row */
};

static void plan_variants(const struct job *j, struct plan *p)
{
	const struct scenario_doc *doc = p->l->s->doc;
	u32 n = doc->variants && !j->variant ? doc->variants : 1;

	for (u32 i = 0; i < n; i++)
		if (!j->correct || mutants_is_correct(p->l->s, i))
			vec_push(&p->variants, doc->variants && !j->variant
						   ? doc->variant[i].name.text
						   : j->variant);
}

static void plan_platforms(const struct job *j, const char *const *shipped, struct plan *p)
{
	const struct scenario_doc *doc = p->l->s->doc;

	for (u32 i = 0; i < j->platforms.n; i++)
		vec_push(&p->platforms, j->platforms.v[i]);
	if (j->platforms.n)
		return;
	for (u32 i = 0; shipped[i] && !j->of_file; i++)
		vec_push(&p->platforms, shipped[i]);
	for (u32 i = 0; i < doc->platforms; i++) {
		bool had = false;

		for (u32 k = 0; k < p->platforms.n; k++)
			had |= strcmp(p->platforms.v[k], doc->platform[i].name.text) == 0;
		if (!had)
			vec_push(&p->platforms, doc->platform[i].name.text);
	}
}

/* Whether a name means something: the file's own platform, or one of the program. */
static bool is_platform(const struct plan *p, const char *name)
{
	struct platform_dir dir = scenarios_dir();

	return scenario_platform(p->l->s, name) != ~0u || platform_is(&dir, name);
}

/* Everything compiled. Where a scenario cannot be, on a platform that there is, is no mistake: it
 * is what the table then says. */
static bool plan_cells(const struct job *j, struct plan *p)
{
	bool ok = true;

	for (u32 i = 0; i < p->platforms.n && ok; i++)
		for (u32 v = 0; v < p->variants.n && ok; v++) {
			const char *name = p->platforms.v[i];
			struct cell c = {0};

			if (!is_platform(p, name))
				ok = ready_make(p->l, p->variants.v[v], name, &j->sets, &c.ready,
						NULL);
			else
				ready_try(p->l, p->variants.v[v], name, &j->sets, &c.ready, &c.why);
			vec_push(&p->cells, c);
		}
	return ok;
}

/* A wrong name of a variant or param is told once, by the file's first platform. */
static bool plan_names(const struct job *j, const struct plan *p)
{
	struct ready r;
	bool ok = true;

	for (u32 v = 0; v < p->variants.n && ok; v++) {
		ok = ready_make(p->l, p->variants.v[v], NULL, &j->sets, &r, NULL);
		ready_free(&r);
	}
	return ok;
}

static void plan_free(struct plan *p)
{
	for (u32 i = 0; i < p->cells.n; i++) {
		ready_free(&p->cells.v[i].ready);
		str_free(&p->cells.v[i].why);
	}
	vec_free(&p->cells);
	vec_free(&p->platforms);
	vec_free(&p->variants);
}

/* ---- running ---- */

static void search_cell(struct job *j, struct matrix_row *row, const struct run_input *in)
{
	struct explore_options opt = {.max_deviations = (u32)j->deviations,
				      .max_states = j->states,
				      .go_on = watch_go_on,
				      .ctx = &j->watch};
	struct explored x;

	explored_do(&x, in, &opt);
	matrix_add_search(row, &x);
	explored_free(&x);
}

static void run_cell(struct job *j, struct matrix_row *row, const struct run_input *in)
{
	struct luck_options opt = {.states = j->states, .go_on = watch_go_on, .ctx = &j->watch};
	struct matrix_cell *c;
	struct run r;

	opt.deviations = (u32)j->luck;
	run_do(&r, in);
	c = matrix_add_run(row, &r);
	matrix_seek(c, &r, &opt);
	run_free(&r);
}

static void fill_cell(struct job *j, const struct plan *p, struct matrix_row *row,
		      const struct cell *c)
{
	struct run_input in = {
	    .file = p->l->file,
	    .asked = p->l->asked,
	    .doc = p->l->s->doc,
	    .prog = c->ready.prog,
	    .cfg = c->ready.cfg,
	    .variant = c->ready.variant,
	    /* What the file expects is said of the numbers that it gives itself. */
	    .expect = j->sets.n ? NULL : c->ready.expect,
	    .hw = j->hw,
	    .seed = j->seed,
	    .sets = str_get(&j->sets.words),
	};
	struct str what = {0};

	if (c->why.n) {
		if (c->ready.cfg->hw.line)
			matrix_facts(row, c->ready.cfg);
		matrix_add_none(row, str_get(&c->why));
		return;
	}
	str_printf(&what, "%s %s on %s", p->l->asked, in.variant ? in.variant : "", row->platform);
	bug_context(str_get(&what));
	j->watch.what = str_get(&what);
	watch_begin(&j->watch);
	if (j->searched)
		search_cell(j, row, &in);
	else
		run_cell(j, row, &in);
	watch_end(&j->watch);
	j->watch.what = NULL;
	bug_context(NULL);
	str_free(&what);
}

static void write_matrix(struct job *j, const struct matrix *m)
{
	struct style style = output_style(&j->out, j->plain);
	struct str s = {0};

	if (j->files++ && (j->form == FORM_TEXT || j->form == FORM_MARKDOWN))
		str_add(&s, "\n");
	switch (j->form) {
	case FORM_TEXT:
		matrix_text(m, &style, &s);
		break;
	case FORM_JSON:
		matrix_json(m, &s);
		break;
	case FORM_CSV:
		if (j->files == 1)
			matrix_csv_head(&s);
		matrix_csv(m, &s);
		break;
	case FORM_MARKDOWN:
		matrix_markdown(m, &s);
		break;
	}
	output_write(&j->out, str_get(&s), s.n);
	fflush(j->out.f); /* the next table may take long */
	str_free(&s);
}

/* Ctrl-C leaves a table without its end: then it is not written. */
static void tell(struct job *j, const struct plan *p)
{
	struct matrix m = {.doc = p->l->s->doc, .how = j->how.n ? str_get(&j->how) : NULL};

	if (!p->variants.n) { /* of many files some have none */
		fprintf(stderr, "dmalab matrix: %s has no correct variant\n", p->l->asked);
		return;
	}
	for (u32 v = 0; v < p->variants.n; v++)
		vec_push(&m.variants, p->variants.v[v]);
	for (u32 i = 0; i < p->platforms.n && !watch_stopped(); i++) {
		struct matrix_row *row = matrix_row(&m, p->platforms.v[i]);

		for (u32 v = 0; v < p->variants.n; v++)
			fill_cell(j, p, row, &p->cells.v[i * p->variants.n + v]);
	}
	if (!watch_stopped()) {
		write_matrix(j, &m);
		matrix_count_all(&m, &j->sums);
	}
	matrix_free(&m);
}

static void tell_files(struct job *j)
{
	struct style style = output_style(&j->out, j->plain);
	struct str s = {0};

	if (j->files < 2 || (j->form != FORM_TEXT && j->form != FORM_MARKDOWN))
		return;
	str_add(&s, "\n");
	matrix_say_files(j->files, &j->sums, &style, &s);
	output_write(&j->out, str_get(&s), s.n);
	str_free(&s);
}

/* ---- all of it ---- */

struct plans {
	VEC(struct plan)
};

static bool make_plans(const struct job *j, const struct loads *loads, struct plans *all,
		       struct arena *a)
{
	struct platform_dir dir = scenarios_dir();
	const char *const *shipped = platform_names(&dir, a);
	bool ok = true, some = false;

	for (u32 i = 0; i < loads->n; i++) {
		struct plan p = {.l = &loads->v[i]};

		plan_variants(j, &p);
		some |= p.variants.n;
		plan_platforms(j, shipped, &p);
		ok = plan_names(j, &p) && plan_cells(j, &p) && ok;
		vec_push(all, p);
	}
	if (!some)
		usage_error(j->self, "%s has no correct variant; name one with --variant",
			    loads->v[0].asked);
	return ok && some;
}

static int status_of(const struct job *j, int status)
{
	if (status != EXIT_EXPECTED)
		return status;
	if (watch_stopped())
		return EXIT_LIMIT;
	return j->sums.unexpected	? EXIT_UNEXPECTED
	       : j->sums.of[MARK_LIMIT] ? EXIT_LIMIT
					: EXIT_EXPECTED;
}

static int matrix_files(struct job *j, const struct given *g)
{
	struct loads loads = {0};
	struct plans all = {0};
	struct arena a = {0};
	int status = EXIT_USAGE;

	if (loads_read(j->self, g->word, g->words, &loads) && make_plans(j, &loads, &all, &a) &&
	    output_open(&j->out, given_value(j->self, g, "output"))) {
		watch_open(&j->watch, 0, j->form == FORM_TEXT && !j->plain);
		for (u32 i = 0; i < all.n && !watch_stopped(); i++)
			tell(j, &all.v[i]);
		watch_close(&j->watch);
		tell_files(j);
		status = status_of(j, output_close(&j->out));
		if (watch_stopped())
			fputs("dmalab matrix: interrupted: a table that is not whole is not "
			      "written\n",
			      stderr);
	}
	for (u32 i = 0; i < all.n; i++)
		plan_free(&all.v[i]);
	vec_free(&all);
	arena_free(&a);
	loads_free(&loads);
	return status;
}

int cmd_matrix(const struct command *self, int argc, char **argv)
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
	status = read_job(&j, &g) ? matrix_files(&j, &g) : EXIT_USAGE;
	for (u32 i = 0; i < j.platforms.n; i++)
		mem_free(j.platforms.v[i]);
	vec_free(&j.platforms);
	str_free(&j.how);
	sets_free(&j.sets);
	return status;
}
