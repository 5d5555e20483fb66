/* SPDX-License-Identifier: MIT */
/*
 * dmalab check: every variant on every platform against `expect`: the calm run, then a search over
 * the schedules within a bound.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/reports.h"
#include "cli/suggest.h"
#include "report/json.h"
#include "report/text.h"

const struct option_row check_options[] = {
    {0, "calm", NULL, "only the calm run: search no schedules"},
    {0, "states", "N", "search to so many states, whatever the file says; else 200000"},
    {0, "prove", NULL, "search all schedules; what is not complete is no verdict"},
    {0, "suggest", NULL, "for each finding a change that mends it, tried out"},
    {0, "json", NULL, "JSON Lines: one for each run, and for each suggestion"},
    REPORT_OPTIONS,
    {'q', "quiet", NULL, "only what is not as expected, and the totals"},
    {0}};

/* Without a bound in the file: more than any lesson has, and still seconds. */
enum { SEARCHED_STATES = 200000 };

struct tally {
	bool quiet, json;
	bool calm, prove;
	u64 states; /* of --states; 0: not given */
	u32 good, bad, limits, empty;
	u32 proved, shown, cut; /* searches: no schedule breaks it; complete; not complete */
	struct str open;	/* those that are not complete, a line each */
	struct output out;
	struct reports reports;
	struct suggest_tally suggest;
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

/* A calm run, and the search after it. */
struct judged {
	struct run r;
	struct explored x;
	bool searched; /* there is an x */
	bool good, limit;
};

/* What the search saw besides, and how far it went. */
static void tell_search(struct tally *t, const struct judged *h)
{
	struct id_list more = {0};

	if (!h->searched)
		return;
	id_list_minus(&h->x.verdict.found, &h->r.verdict.found, &more);
	str_add(&t->s, more.n ? "; some: " : "");
	list(&more, "", &t->s);
	str_add(&t->s, "; ");
	explored_extent(&h->x, &t->s);
	id_list_free(&more);
}

/* What is wrong with the search that was not wrong with the calm run. */
static void tell_faults(struct tally *t, const struct judged *h)
{
	const struct verdict *v = &h->x.verdict, *calm = &h->r.verdict;
	bool all = h->searched && h->x.result->end == EXPLORE_COMPLETE;
	struct id_list missing = {0}, surprising = {0};
	size_t before = t->s.n;

	if (!h->searched || v->as_expected)
		return;
	id_list_minus(&v->missing, &calm->missing, &missing);
	id_list_minus(&v->surprising, &calm->surprising, &surprising);
	for (u32 i = 0; i < missing.n; i++)
		str_printf(&t->s, "        expected  %s, which %s\n", missing.v[i],
			   all ? "no schedule shows" : "did not come so far");
	for (u32 i = 0; i < surprising.n; i++)
		str_printf(&t->s,
			   "        found     %s, on some schedule, which was not expected\n",
			   surprising.v[i]);
	for (u32 i = 0; i < h->x.unsettled.n; i++)
		str_printf(
		    &t->s,
		    "        found     %s, which was not expected, unless what is outranks it\n",
		    h->x.unsettled.v[i]);
	if (v->outcome != v->expected_outcome && v->outcome != calm->outcome)
		str_printf(&t->s, "        outcome   %s, on some schedule; expected %s\n",
			   doc_outcome_text(v->outcome), doc_outcome_text(v->expected_outcome));
	if (t->s.n > before) {
		str_add(&t->s, "        see       ");
		text_command(&h->r, "explore", &t->s);
		str_add(&t->s, "\n");
	}
	id_list_free(&missing);
	id_list_free(&surprising);
}

static void where(const struct run *r, struct str *out)
{
	str_printf(out, "%s  %s%son %s: ", r->in.file, r->in.variant ? r->in.variant : "",
		   r->in.variant ? " " : "", r->in.cfg->platform);
}

static void tell(struct tally *t, const struct judged *h)
{
	const struct verdict *v = &h->r.verdict;

	if (t->quiet && h->good)
		return;
	str_printf(&t->s, "%-5s ", h->limit ? "limit" : h->good ? "ok" : "FAIL");
	where(&h->r, &t->s);
	list(&v->found, "nothing", &t->s);
	if (v->outcome != DOC_ENDED)
		str_printf(&t->s, "; outcome %s", doc_outcome_text(v->outcome));
	tell_search(t, h);
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
	tell_faults(t, h);
}

/* The bound: of the command line, else of the file, else the default. */
static bool bound_of(const struct tally *t, const struct judged *h, struct explore_options *out)
{
	const struct doc_search *s = &h->r.in.doc->search;

	*out = (struct explore_options){.max_deviations = EXPLORE_NO_BOUND};
	if (t->calm || !h->r.verdict.expects || h->r.verdict.limit)
		return false;
	if (t->prove)
		return out->no_witnesses = true;
	out->max_states = t->states ? t->states : s->states ? s->states : SEARCHED_STATES;
	if (!t->states && s->deviations != DOC_NO_BOUND)
		out->max_deviations = s->deviations;
	/* With a bound of deviations the pass that finds witnesses is the only one. */
	out->no_witnesses = out->max_deviations == EXPLORE_NO_BOUND;
	return t->states || !s->calm;
}

/* The calm run is a schedule too: a search that was cut before its end need not show it again. */
static void forgive(struct judged *h)
{
	struct verdict *v = &h->x.verdict;
	struct id_list came = {0}, missing = {0};

	id_list_minus(&h->r.verdict.expected, &h->r.verdict.missing, &came);
	id_list_minus(&v->missing, &came, &missing);
	id_list_free(&v->missing);
	id_list_free(&came);
	v->missing = missing;
	if (v->limit && !missing.n && !h->x.unsettled.n && v->outcome == v->expected_outcome) {
		v->limit = false;
		v->as_expected = true;
	}
}

static void count(struct tally *t, struct judged *h)
{
	bool complete = h->searched && h->x.result->end == EXPLORE_COMPLETE;
	struct verdict *v = &h->x.verdict;

	/* What is asked for is a proof. */
	if (t->prove && h->searched && !complete && v->as_expected) {
		v->as_expected = false;
		v->limit = true;
	}
	h->good = h->r.verdict.as_expected && (!h->searched || v->as_expected);
	h->limit = h->r.verdict.limit || (h->r.verdict.as_expected && h->searched && v->limit);
	t->limits += h->limit;
	t->good += h->good;
	t->bad += !h->good && !h->limit;
	if (!h->searched)
		return;
	t->proved += h->good && explored_proved(&h->x);
	t->shown += h->good && !explored_proved(&h->x);
	t->cut += !complete;
	if (complete)
		return;
	str_add(&t->open, "  ");
	where(&h->r, &t->open);
	explored_extent(&h->x, &t->open);
	str_add(&t->open, "\n");
}

static void hold(struct tally *t, const struct loaded *l, const struct run_input *in)
{
	struct explore_options opt;
	struct judged h = {0};

	run_do(&h.r, in);
	h.r.verdict.as_expected &= h.r.verdict.expects;
	h.searched = bound_of(t, &h, &opt);
	if (h.searched)
		explored_do(&h.x, in, &opt);
	if (h.searched)
		forgive(&h);
	count(t, &h);
	if (t->json)
		json_check(&h.r, h.searched ? &h.x : NULL, &t->s);
	else
		tell(t, &h);
	if (t->suggest.on)
		suggest_tell(&t->suggest, l, &h.r, h.searched ? &h.x : NULL, &opt, &t->s);
	if (h.searched) {
		cases_add_check(&t->reports.cases, &h.r, &h.x);
		explored_free(&h.x);
	} else {
		cases_add_run(&t->reports.cases, &h.r);
	}
	run_free(&h.r);
}

static bool check_one(struct tally *t, const struct loaded *l, const char *variant,
		      const char *platform, struct loads *all)
{
	struct run_input in = {
	    .file = l->file, .asked = l->asked, .doc = l->s->doc, .variant = variant};
	struct str what = {0};
	struct ready ready;
	bool ok = ready_make(l, variant, platform, NULL, &ready, all);

	if (ok) {
		str_printf(&what, "%s %s on %s", l->file, variant ? variant : "", platform);
		bug_context(str_get(&what));
		in.prog = ready.prog;
		in.cfg = ready.cfg;
		in.expect = ready.expect;
		hold(t, l, &in);
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
	if (t->json) {
		flush(t);
		return;
	}
	str_printf(&t->s, "%u file%s: %u as expected, %u not", l->n, l->n == 1 ? "" : "s", t->good,
		   t->bad + t->empty);
	if (t->limits)
		str_printf(&t->s, ", %u without a verdict", t->limits);
	if (l->bad.n)
		str_printf(&t->s, "; %u more invalid", l->bad.n);
	str_add(&t->s, "\n");
	if (t->prove) {
		str_printf(&t->s,
			   "%u proved: no schedule breaks them; %u complete, with findings as "
			   "expected; %u not complete%s\n",
			   t->proved, t->shown, t->cut, t->cut ? ":" : "");
		str_add(&t->s, str_get(&t->open));
	}
	if (t->suggest.on)
		suggest_totals(&t->suggest, &t->s);
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
	str_free(&t->open);
	loads_free(&loads);
	return status;
}

static bool read_bound(struct tally *t, const struct command *self, const struct given *g)
{
	const char *states = given_value(self, g, "states");
	char *end;

	t->calm = given_value(self, g, "calm") != NULL;
	t->prove = given_value(self, g, "prove") != NULL;
	if (t->calm + t->prove + (states != NULL) > 1) {
		usage_error(self, "--%s and --%s exclude each other", t->calm ? "calm" : "states",
			    t->prove ? "prove" : "states");
		return false;
	}
	if (!states)
		return true;
	errno = 0;
	t->states = strtoull(states, &end, 10);
	if (t->states && !*end && !errno && states[0] >= '0' && states[0] <= '9')
		return true;
	usage_error(self, "--states wants a number of states, not \"%s\"", states);
	return false;
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
	t.json = t.suggest.json = given_value(self, &g, "json") != NULL;
	t.suggest.on = given_value(self, &g, "suggest") != NULL;
	if (!g.help && (!read_bound(&t, self, &g) || !reports_read(&t.reports, self, &g)))
		return EXIT_USAGE;
	if (!g.help && t.reports.tap && t.quiet)
		return usage_error(self, "--tap and --quiet exclude each other");
	if (!g.help && t.json && (t.reports.tap || t.quiet))
		return usage_error(self, "--json and --%s exclude each other",
				   t.quiet ? "quiet" : "tap");
	if (!g.help)
		return check_files(&t, self, &g);
	help_command(self, &s);
	status = output_text(&s);
	str_free(&s);
	return status;
}
