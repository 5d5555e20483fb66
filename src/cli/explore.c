/* SPDX-License-Identifier: MIT */
/* dmalab explore. */
#include <string.h>

#include "base/bug.h"
#include "cli/explore.h"
#include "cli/tui.h"

struct plan {
	const struct loaded *l;
	struct ready ready;
};

/* What --tui-on-fail is to show: the witness of the first finding. */
struct failure {
	const struct plan *plan; /* NULL: there is none */
	struct schedule witness; /* owned */
	char at[32];
};

struct search {
	struct explore_job job;
	struct watch watch;
	struct output out;
	struct failure failure;
	struct {
		VEC(struct plan)
	} plans;
	struct str stopped; /* what ended the last search, if it was the time */
	u32 told, unexpected, open, proved;
};

static struct run_input input_of(const struct search *s, const struct plan *p)
{
	return (struct run_input){
	    .file = p->l->file,
	    .asked = p->l->asked,
	    .doc = p->l->s->doc,
	    .prog = p->ready.prog,
	    .cfg = p->ready.cfg,
	    .variant = p->ready.variant,
	    /* What the file expects is said of the numbers that it gives itself. */
	    .expect = s->job.sets.n ? NULL : p->ready.expect,
	    .sets = str_get(&s->job.sets.words),
	    .max_accesses = s->job.options.max_accesses,
	};
}

/* ---- telling ---- */

static void tell(struct search *s, const struct told_search *t)
{
	const struct explore_job *j = &s->job;
	struct writer w = {.flush = output_write, .ctx = &s->out};
	struct style style = output_style(&s->out, j->plain);

	if (j->reports.wanted)
		cases_add_search(&s->job.reports.cases, t);
	if (j->reports.tap || (j->reports.silent && s->out.f == stdout))
		return;
	style.quiet = j->quiet;
	if (s->told++ && !j->json)
		str_add(&w.s, "\n");
	if (j->json)
		schedules_json(t, j->result_only, &w);
	else
		schedules_text(t, &style, &w);
	writer_end(&w);
	fflush(s->out.f); /* the next search may take long */
}

/* Keeps the schedule of the first finding that is more than a cost. */
static void keep_failure(struct search *s, const struct plan *p, const struct explored *x)
{
	struct told_classes c = {0};
	struct shown shown;

	if (!s->job.tui || s->failure.plan)
		return;
	classes_make(&c, x);
	for (u32 k = 0; k < c.n && !s->failure.plan; k++) {
		u32 i = c.v[k].v[0];
		const struct explore_find *f = shown_find(x, i);

		if (x->found.v[i].f.severity == SEVERITY_COST)
			continue;
		s->failure.plan = p;
		schedule_copy(&s->failure.witness, &f->witness);
		shown_make(&shown, x, i);
		snprintf(s->failure.at, sizeof s->failure.at, "finding:%u",
			 shown.nr ? shown.nr : 1);
		shown_free(&shown);
	}
	classes_free(&c);
}

static void why_it_stopped(struct search *s, struct told_search *t, struct str *more)
{
	switch (watch_end(&s->watch)) {
	case WATCH_TIME:
		str_clear(&s->stopped);
		str_printf(&s->stopped, "the time was over (--time %g)", s->watch.seconds);
		t->stopped = str_get(&s->stopped);
		t->end = "time";
		str_printf(more, "--time %g", 2 * s->watch.seconds);
		t->more = str_get(more);
		break;
	case WATCH_SIGNAL:
		t->stopped = "the search was interrupted";
		t->end = "interrupted";
		break;
	case WATCH_NONE:
		break;
	}
}

/* A sample tells how far it is in its own words. */
static bool sample_go_on(void *ctx, const struct sample_progress *p)
{
	struct explore_progress e = {
	    .states = p->states, .transitions = p->transitions, .found = p->found};
	struct search *s = ctx;
	struct str what = {0};
	bool on;

	if (p->shrinking)
		str_add(&what, "making schedules shorter");
	else
		str_printf(&what, "run %llu of %llu", (unsigned long long)p->runs + 1,
			   (unsigned long long)p->of);
	s->watch.what = str_get(&what);
	on = watch_go_on(&s->watch, &e);
	s->watch.what = NULL;
	str_free(&what);
	return on;
}

static void look(struct search *s, const struct run_input *in, struct explored *x)
{
	struct sample_options opt = s->job.sample;

	if (!s->job.sampled) {
		explored_do(x, in, &s->job.options);
		return;
	}
	opt.go_on = sample_go_on;
	opt.ctx = s;
	explored_sample(x, in, &opt);
}

static void search_one(struct search *s, const struct plan *p)
{
	const struct explore_job *j = &s->job;
	const struct param_sets sets = {j->sets.v, j->sets.n};
	struct run_input in = input_of(s, p);
	struct str what = {0}, more = {0};
	struct arena a = {0};
	struct explored x;
	struct told_search t = {.x = &x, .opt = &j->options};

	t.params = scenario_params(p->l->s, p->ready.variant, p->ready.cfg->platform, &sets, &a);
	str_printf(&what, "exploring %s %s on %s", p->l->file,
		   p->ready.variant ? p->ready.variant : "", p->ready.cfg->platform);
	bug_context(str_get(&what));
	watch_begin(&s->watch);
	look(s, &in, &x);
	why_it_stopped(s, &t, &more);
	tell(s, &t);
	keep_failure(s, p, &x);
	s->unexpected += schedules_answer(&x) == ANSWER_UNEXPECTED;
	s->open += schedules_answer(&x) == ANSWER_OPEN;
	s->proved += explored_proved(&x);
	explored_free(&x);
	bug_context(NULL);
	arena_free(&a);
	str_free(&what);
	str_free(&more);
}

/* Of several searches. */
static void totals(struct search *s)
{
	struct str line = {0};

	if (s->told < 2 || s->job.json)
		return;
	str_printf(&line, "\n%u searches: %u as expected, %u not", s->told,
		   s->told - s->unexpected - s->open, s->unexpected);
	if (s->open)
		str_printf(&line, ", %u without a verdict", s->open);
	str_printf(&line, "; %u proved\n", s->proved);
	output_write(&s->out, str_get(&line), line.n);
	str_free(&line);
}

static void search_all(struct search *s)
{
	u32 i = 0;

	watch_open(&s->watch, s->job.seconds, !s->job.quiet && !s->job.json && !s->job.plain);
	s->job.options.go_on = watch_go_on;
	s->job.options.ctx = &s->watch;
	while (i < s->plans.n && !watch_stopped())
		search_one(s, &s->plans.v[i++]);
	watch_close(&s->watch);
	totals(s);
	if (i == s->plans.n)
		return;
	fprintf(stderr, "dmalab explore: interrupted: %u of %u searches were not begun\n",
		s->plans.n - i, s->plans.n);
	s->open += s->plans.n - i;
}

static int show_failure(struct search *s, int status)
{
	const struct plan *p = s->failure.plan;
	struct run_input in;

	if (!p || watch_stopped())
		return status;
	in = input_of(s, p);
	in.schedule = s->failure.witness.n ? &s->failure.witness : NULL;
	tui_show(s->job.self, NULL, &in, p->l, &p->ready, &s->job.sets, s->failure.at);
	return status;
}

/* ---- all of it ---- */

/* Compiled first, so that a mistake means that nothing is searched. */
static bool plan_file(struct search *s, const struct loaded *l, struct loads *all)
{
	const struct explore_job *j = &s->job;
	u32 n = j->all ? l->s->doc->platforms : 1;
	bool ok = true;

	for (u32 i = 0; i < n && ok; i++) {
		const char *name = j->all ? l->s->doc->platform[i].name.text : j->platform;
		struct plan one = {.l = l};

		ok = ready_make(l, j->variant, name, &j->sets, &one.ready, all);
		if (ok)
			vec_push(&s->plans, one);
		else
			ready_free(&one.ready);
	}
	return ok;
}

static int status_of(const struct search *s, bool valid, int status)
{
	if (!valid)
		return EXIT_USAGE;
	if (status != EXIT_EXPECTED)
		return status;
	return s->unexpected ? EXIT_UNEXPECTED : s->open ? EXIT_LIMIT : EXIT_EXPECTED;
}

static int explore_files(struct search *s, const struct given *g)
{
	struct explore_job *j = &s->job;
	struct loads loads = {.apart = j->reports.wanted};
	bool ok = loads_read(j->self, g->word, g->words, &loads);
	int status = EXIT_USAGE;

	for (u32 i = 0; (ok || loads.apart) && i < loads.n; i++)
		ok = plan_file(s, &loads.v[i], &loads) && ok;
	if ((ok || (loads.apart && loads.bad.n)) && reports_open(&j->reports) &&
	    output_open(&s->out, given_value(j->self, g, "output"))) {
		search_all(s);
		reports_bad(&j->reports, &loads);
		status = reports_close(&j->reports, &s->out, EXIT_EXPECTED);
		if (output_close(&s->out) == EXIT_LIMIT)
			status = EXIT_LIMIT;
		status = show_failure(s, status_of(s, ok, status));
	}
	for (u32 i = 0; i < s->plans.n; i++)
		ready_free(&s->plans.v[i].ready);
	vec_free(&s->plans);
	schedule_free(&s->failure.witness);
	loads_free(&loads);
	return status;
}

int cmd_explore(const struct command *self, int argc, char **argv)
{
	struct search s = {.job = {.self = self}};
	struct str help = {0};
	struct given g;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	if (g.help) {
		help_command(self, &help);
		status = output_text(&help);
		str_free(&help);
		return status;
	}
	status = explore_read(&s.job, &g) ? explore_files(&s, &g) : EXIT_USAGE;
	sets_free(&s.job.sets);
	str_free(&s.stopped);
	return status;
}
