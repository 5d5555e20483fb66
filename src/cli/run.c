/* SPDX-License-Identifier: MIT */
/* dmalab run. */
#include <string.h>

#include "base/bug.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/reports.h"
#include "cli/select.h"
#include "report/json.h"
#include "report/text.h"

const struct option_row run_options[] = {
    {'p', "platform", "NAME", "the platform, of the file or any other; else its first"},
    {0, "all-platforms", NULL, "one run on each platform of the file"},
    {0, "variant", "NAME", "the variant; else the first of the file"},
    SELECT_OPTIONS,
    {0, "oracle", "on|off", "off: judge nothing; the events are the same"},
    {0, "json", "[=result]", "JSON Lines; =result: only the last line of each run"},
    REPORT_OPTIONS,
    {'q', "quiet", NULL, "only whether it is as expected"},
    {0, "plain", NULL, "no columns, no colours, no pictures: for screen readers and grep"},
    {'o', "output", "FILE", "write there, not to the standard output"},
    {0}};

struct job {
	const struct command *self;
	struct selection select;
	bool all, no_oracle, json, result_only, quiet, plain;
	struct reports reports;
	struct output out;
	u32 runs, unexpected, limits;
};

/* ---- options ---- */

static bool read_reports(struct job *j, const struct given *g)
{
	const char *out = given_value(j->self, g, "output");
	struct reports *r = &j->reports;

	if (!reports_read(r, j->self, g))
		return false;
	if (r->tap && (j->json || j->quiet))
		usage_error(j->self, "--tap and --%s exclude each other",
			    j->json ? "json" : "quiet");
	else if (r->wanted && j->no_oracle)
		usage_error(j->self, "--%s needs the oracle: without it nothing is judged",
			    r->tap ? "tap" : "junit");
	else if (r->file && out && strcmp(r->file, out) == 0)
		usage_error(j->self, "--junit and --output name the same file");
	else
		return true;
	return false;
}

static bool read_words(struct job *j, const struct given *g)
{
	const char *json = given_value(j->self, g, "json");
	const char *oracle = given_value(j->self, g, "oracle");

	if (json && json[0] && strcmp(json, "result") != 0) {
		usage_error(j->self, "--json or --json=result, not --json=%s", json);
		return false;
	}
	if (oracle && strcmp(oracle, "on") != 0 && strcmp(oracle, "off") != 0) {
		usage_error(j->self, "--oracle=on or --oracle=off, not %s", oracle);
		return false;
	}
	j->json = json != NULL;
	j->result_only = json && json[0];
	j->no_oracle = oracle && strcmp(oracle, "off") == 0;
	return true;
}

static bool read_job(struct job *j, const struct given *g)
{
	const struct command *c = j->self;

	j->all = given_value(c, g, "all-platforms") != NULL;
	j->quiet = given_value(c, g, "quiet") != NULL;
	j->plain = given_value(c, g, "plain") != NULL;
	if (j->all && given_value(c, g, "platform")) {
		usage_error(c, "--platform and --all-platforms exclude each other");
		return false;
	}
	return read_words(j, g) && selection_read(c, g, &j->select) && read_reports(j, g);
}

/* ---- running ---- */

static void tell(struct job *j, struct run *r)
{
	struct writer w = {.flush = output_write, .ctx = &j->out};
	struct style style = output_style(&j->out, j->plain);

	if (j->reports.wanted)
		cases_add_run(&j->reports.cases, r);
	if (j->reports.tap || (j->reports.silent && j->out.f == stdout))
		return;
	style.quiet = j->quiet;
	if (j->runs++ && !j->json)
		str_add(&w.s, "\n");
	if (!j->json)
		text_run(r, &style, &w);
	else if (j->result_only)
		json_result(r, &w.s);
	else
		json_run(r, &w);
	writer_end(&w);
}

static void run_one(struct job *j, const struct loaded *l, const struct ready *ready)
{
	struct run_input in = selection_input(&j->select, l, ready);
	struct str what = {0};
	struct run r;

	str_printf(&what, "%s %s on %s", l->file, ready->variant ? ready->variant : "",
		   ready->cfg->platform);
	bug_context(str_get(&what));
	in.no_oracle = j->no_oracle;
	run_do(&r, &in);
	tell(j, &r);
	j->limits += r.verdict.limit || (j->no_oracle && r.outcome == OUTCOME_LIMIT);
	j->unexpected += !j->no_oracle && !r.verdict.limit && !r.verdict.as_expected;
	run_free(&r);
	bug_context(NULL);
	str_free(&what);
}

/* All that is to be run of one file: compiled first, so that a mistake means that nothing ran. */
struct plan {
	const struct loaded *l;
	struct ready ready;
};
struct plans {
	VEC(struct plan)
};

static bool plan_file(const struct job *j, const struct loaded *l, struct plans *p,
		      struct loads *all)
{
	u32 n = j->all ? l->s->doc->platforms : 1;
	bool ok = true;

	for (u32 i = 0; i < n && ok; i++) {
		const char *name = j->all ? l->s->doc->platform[i].name.text : j->select.platform;
		struct plan one = {.l = l};

		ok = ready_make(l, j->select.variant, name, &j->select.sets, &one.ready, all);
		if (ok)
			vec_push(p, one);
		else
			ready_free(&one.ready);
	}
	return ok;
}

/* Everything compiled. False: something is invalid; with a report the rest is run all the same. */
static bool make_plans(struct job *j, const struct given *g, struct loads *loads, struct plans *p)
{
	bool ok;

	loads->apart = j->reports.wanted;
	ok = loads_read(j->self, g->word, g->words, loads);
	for (u32 i = 0; (ok || loads->apart) && i < loads->n; i++)
		ok = plan_file(j, &loads->v[i], p, loads) && ok;
	return ok;
}

static int status_of(const struct job *j, bool valid, int status)
{
	if (!valid)
		return EXIT_USAGE;
	if (status != EXIT_EXPECTED)
		return status;
	return j->unexpected ? EXIT_UNEXPECTED : j->limits ? EXIT_LIMIT : EXIT_EXPECTED;
}

static int run_files(struct job *j, const struct given *g)
{
	struct loads loads = {0};
	struct plans plans = {0};
	bool ok = make_plans(j, g, &loads, &plans);
	int status = EXIT_USAGE;

	if ((ok || (j->reports.wanted && loads.bad.n)) && reports_open(&j->reports) &&
	    output_open(&j->out, given_value(j->self, g, "output"))) {
		for (u32 i = 0; i < plans.n; i++)
			run_one(j, plans.v[i].l, &plans.v[i].ready);
		reports_bad(&j->reports, &loads);
		status = reports_close(&j->reports, &j->out, EXIT_EXPECTED);
		status =
		    status_of(j, ok, output_close(&j->out) == EXIT_LIMIT ? EXIT_LIMIT : status);
	}
	for (u32 i = 0; i < plans.n; i++)
		ready_free(&plans.v[i].ready);
	vec_free(&plans);
	loads_free(&loads);
	return status;
}

int cmd_run(const struct command *self, int argc, char **argv)
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
	status = read_job(&j, &g) ? run_files(&j, &g) : EXIT_USAGE;
	selection_free(&j.select);
	return status;
}
