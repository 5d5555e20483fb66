/* SPDX-License-Identifier: MIT */
/* dmalab check: every variant on every platform, calm, against `expect`. */
#include <string.h>

#include "base/bug.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/reports.h"

const struct option_row check_options[] = {
    REPORT_OPTIONS, {'q', "quiet", NULL, "only what is not as expected, and the totals"}, {0}};

struct tally {
	bool quiet;
	u32 good, bad, limits, empty;
	struct output out;
	struct reports reports;
	struct str s;
};

/* What was gathered goes out; nowhere if the output is a report's. */
static void flush(struct tally *t)
{
	if (!t->reports.tap && !t->reports.silent)
		output_write(&t->out, str_get(&t->s), t->s.n);
	str_clear(&t->s);
}

static void list(const struct id_list *l, const char *none, struct str *out)
{
	for (u32 i = 0; i < l->n; i++) {
		str_add(out, i ? ", " : "");
		str_safe(out, l->v[i], strlen(l->v[i]));
	}
	if (!l->n)
		str_add(out, none);
}

static void tell(struct tally *t, const struct loaded *l, const struct run *r)
{
	const struct verdict *v = &r->verdict;
	const char *mark = v->limit ? "limit" : v->as_expected ? "ok" : "FAIL";

	if (t->quiet && v->as_expected)
		return;
	str_printf(&t->s, "%-5s %s  %s%son %s: ", mark, l->file, r->in.variant ? r->in.variant : "",
		   r->in.variant ? " " : "", r->in.cfg->platform);
	list(&v->found, "nothing", &t->s);
	if (v->outcome != DOC_ENDED)
		str_printf(&t->s, "; outcome %s", doc_outcome_text(v->outcome));
	str_add(&t->s, "\n");
	for (u32 i = 0; i < v->missing.n; i++)
		str_printf(&t->s, "        expected  %s, which did not come\n", v->missing.v[i]);
	for (u32 i = 0; i < v->surprising.n; i++)
		str_printf(&t->s, "        found     %s, which was not expected\n",
			   v->surprising.v[i]);
	if (!v->limit && v->outcome != v->expected_outcome)
		str_printf(&t->s, "        expected  outcome %s\n",
			   doc_outcome_text(v->expected_outcome));
	if (!v->expects && !v->limit)
		str_add(&t->s, "        the file expects nothing here: `check` wants an answer\n");
}

static bool check_one(struct tally *t, const struct loaded *l, const char *variant,
		      const char *platform, struct loads *all)
{
	struct run_input in = {
	    .file = l->file, .asked = l->asked, .doc = l->s->doc, .variant = variant};
	struct str what = {0};
	struct ready ready;
	struct run r;
	bool ok = ready_make(l, variant, platform, NULL, &ready, all);

	if (ok) {
		str_printf(&what, "%s %s on %s", l->file, variant ? variant : "", platform);
		bug_context(str_get(&what));
		in.prog = ready.prog;
		in.cfg = ready.cfg;
		in.expect = ready.expect;
		run_do(&r, &in);
		r.verdict.as_expected &= r.verdict.expects;
		tell(t, l, &r);
		cases_add_run(&t->reports.cases, &r);
		t->limits += r.verdict.limit;
		t->good += r.verdict.as_expected;
		t->bad += !r.verdict.as_expected && !r.verdict.limit;
		run_free(&r);
		bug_context(NULL);
		str_free(&what);
	}
	ready_free(&ready);
	return ok;
}

/* A variant that says it is broken, and then expects nothing anywhere, shows nothing. */
static void check_broken(struct tally *t, const struct loaded *l, const char *variant)
{
	static const char expects_nothing[] = "expects nothing on all its platforms";
	const struct scenario_doc *doc = l->s->doc;
	const char *id = doc->id.text ? doc->id.text : l->asked;
	struct str name = {0};
	bool ok = false;

	if (!variant || strncmp(variant, "broken", 6) != 0)
		return;
	for (u32 i = 0; i < doc->platforms; i++) {
		const struct doc_expect *x =
		    scenario_expect(l->s, variant, doc->platform[i].name.text);

		ok |= x && (x->calm.n || x->some.n || x->outcome != DOC_ENDED);
	}
	str_printf(&name, "%s shows something", variant);
	cases_add(&t->reports.cases, l->asked, id, str_get(&name), ok ? CASE_PASSED : CASE_FAILED,
		  "not-as-expected", expects_nothing, NULL);
	str_free(&name);
	if (ok)
		return;
	str_printf(&t->s, "FAIL  %s  %s: %s\n", l->file, variant, expects_nothing);
	t->empty++;
}

static bool check_file(struct tally *t, const struct loaded *l, struct loads *all)
{
	const struct scenario_doc *doc = l->s->doc;
	bool ok = true;

	for (u32 v = 0; v < (doc->variants ? doc->variants : 1) && ok; v++) {
		const char *variant = doc->variants ? doc->variant[v].name.text : NULL;

		for (u32 p = 0; p < doc->platforms && ok; p++)
			ok = check_one(t, l, variant, doc->platform[p].name.text, all);
		check_broken(t, l, variant);
	}
	flush(t);
	return ok;
}

static void totals(struct tally *t, const struct loads *l)
{
	str_printf(&t->s, "%u file%s: %u as expected, %u not", l->n, l->n == 1 ? "" : "s", t->good,
		   t->bad + t->empty);
	if (t->limits)
		str_printf(&t->s, ", %u without a verdict", t->limits);
	if (l->bad.n)
		str_printf(&t->s, "; %u more invalid", l->bad.n);
	str_add(&t->s, "\n");
	flush(t);
}

static int check_files(struct tally *t, const struct command *self, const struct given *g)
{
	struct loads loads = {.apart = t->reports.wanted};
	bool ok = loads_read(self, g->word, g->words, &loads);
	int status = EXIT_USAGE;

	if ((ok || (loads.apart && loads.bad.n)) && reports_open(&t->reports) &&
	    output_open(&t->out, NULL)) {
		for (u32 i = 0; i < loads.n && (ok || loads.apart); i++)
			ok = check_file(t, &loads.v[i], &loads) && ok;
		reports_bad(&t->reports, &loads);
		totals(t, &loads);
		status = reports_close(&t->reports, &t->out, EXIT_EXPECTED);
		if (output_close(&t->out) == EXIT_LIMIT)
			status = EXIT_LIMIT;
		if (!ok)
			status = EXIT_USAGE;
		else if (status == EXIT_EXPECTED && t->bad + t->empty)
			status = EXIT_UNEXPECTED;
		else if (status == EXIT_EXPECTED && t->limits)
			status = EXIT_LIMIT;
	}
	str_free(&t->s);
	loads_free(&loads);
	return status;
}

int cmd_check(const struct command *self, int argc, char **argv)
{
	struct tally t = {0};
	struct str s = {0};
	struct given g;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	t.quiet = given_value(self, &g, "quiet") != NULL;
	if (!g.help && !reports_read(&t.reports, self, &g))
		return EXIT_USAGE;
	if (!g.help && t.reports.tap && t.quiet)
		return usage_error(self, "--tap and --quiet exclude each other");
	if (!g.help)
		return check_files(&t, self, &g);
	help_command(self, &s);
	status = output_text(&s);
	str_free(&s);
	return status;
}
