/* SPDX-License-Identifier: MIT */
#include "report/run.h"

#include "report/debug.h"

#include "explore/explore.h"

/* Enough for what fits on a screen; what is beyond costs a verdict of an odd schedule only. */
enum { SEARCHED_STATES = 50000 };

/* What other schedules of the same find: the calm one, or as many as a short search sees. */
static void find_elsewhere(const struct run *r, bool search, struct findings *out)
{
	struct engine_options opt = {.no_events = true, .max_accesses = r->in.max_accesses};
	struct explore_options bound = {.max_states = SEARCHED_STATES,
					.max_deviations = EXPLORE_NO_BOUND,
					.no_witnesses = true};
	struct explore_result *all;
	struct engine *e;

	if (search) {
		all = explore_run(r->in.cfg, r->in.prog, &bound);
		for (u32 i = 0; i < all->found.n; i++)
			findings_add(out, &all->found.v[i].f);
		explore_free(all);
	} else {
		e = engine_new(r->in.cfg, r->in.prog, &opt);
		oracle_sink(&e->oracle, findings_add, out);
		engine_run(e, NULL, NULL);
		engine_free(e);
	}
	findings_settle(out);
}

static void stray_answer(const struct run *r, struct str *out)
{
	const struct stray *x = &r->stray;

	if (x->first < x->last)
		str_printf(out, "one of its answers %u to %u", x->first, x->last);
	else if (r->in.schedule->n == 1)
		str_add(out, "its one answer");
	else
		str_printf(out, "answer %u of %u", x->last, r->in.schedule->n);
}

/* A statement, "rx.yaml:12, \"kfree(buf)\"". */
static void place(const struct run *r, u32 stmt, struct str *out)
{
	const struct stmt_info *st = &r->in.prog->stmt[stmt];

	if (stmt && st->line)
		str_printf(out, " (%s:%u: %s)", r->in.file, st->line, st->text);
}

void run_stray(const struct run *r, struct str *out)
{
	const struct stray *x = &r->stray;

	str_add(out, "the schedule stops matching: ");
	stray_answer(r, out);
	if (x->why == STRAY_ENDED) {
		str_printf(out, " is for choice point %llu, and the run ended after %llu",
			   (unsigned long long)x->point, (unsigned long long)x->points);
		return;
	}
	if (x->why == STRAY_FEWER)
		str_printf(out, " is %u, and there are only 0 to %u at", x->value, x->choices - 1);
	else
		str_printf(out, " would now do something else, %s",
			   x->first < x->last ? "the last at" : "at");
	str_printf(out, " choice point %llu", (unsigned long long)x->point);
	place(r, x->stmt, out);
	str_add(out, "; from there on hardware was calm");
}

void run_no_verdict(const struct run *r, struct str *out)
{
	if (r->stray.why) {
		run_stray(r, out);
		str_add(out, ". It is a schedule of another version of the file, of another "
			     "platform, variant or param");
	} else {
		str_printf(out, "limit reached: %s", limit_text((enum limit_kind)r->limit));
		if (r->limit >= LIMIT_LAB_SLOTS && r->limit <= LIMIT_LAB_KIND)
			place(r, world_now(r->e->w)->stmt, out);
	}
}

/*
 * Of what the file expects of all schedules together one schedule shows a part; and it may show
 * alone what on another one a worse finding stands for. Mostly the calm one tells.
 */
static void judge(struct run *r)
{
	bool calm = !r->e->schedule.n, ask = !calm && !r->in.no_oracle && r->in.expect;
	struct verdict *v = &r->verdict;

	verdict_make(v, &r->found, r->in.prog, r->outcome, r->in.expect, calm, NULL);
	/* Of a schedule that was not followed nothing can be said. */
	if (r->stray.why) {
		v->limit = true;
		v->as_expected = ask = false;
	}
	for (u32 search = 0; search < 2 && ask && v->surprising.n; search++) {
		struct findings elsewhere = {0};

		find_elsewhere(r, search, &elsewhere);
		verdict_free(v);
		verdict_make(v, &r->found, r->in.prog, r->outcome, r->in.expect, calm, &elsewhere);
		findings_free(&elsewhere);
	}
}

/* An unconverted value is told of before it is stored: the store's own event shows where. */
static void at_the_store(struct findings *l, const struct event_log *log)
{
	for (u32 i = 0; i < l->n; i++) {
		struct finding *f = &l->v[i].f;
		u32 at = f->event ? f->event : 1;

		while (f->id == DIAG_ENDIANNESS && at <= log->n &&
		       event_get(log, at)->stmt != f->at_stmt)
			at++;
		if (f->id == DIAG_ENDIANNESS && at <= log->n)
			f->event = at;
	}
}

void run_do(struct run *r, const struct run_input *in)
{
	struct engine_options opt = {.no_oracle = in->no_oracle, .max_accesses = in->max_accesses};

	*r = (struct run){.in = *in};
	r->e = engine_new(in->cfg, in->prog, &opt);
	if (!in->no_oracle)
		oracle_sink(&r->e->oracle, findings_add, &r->found);
	r->outcome = in->schedule ? engine_follow(r->e, in->schedule, &r->stray)
				  : policy_run(r->e, in->hw, in->seed);
	/* Going back and forth tells of the same findings again. */
	oracle_sink(&r->e->oracle, NULL, NULL);
	r->limit = world_now(r->e->w)->limit;
	at_the_store(&r->found, r->e->w->log);
	findings_settle(&r->found);
	names_init(&r->names, in->prog, in->cfg, r->e->w->log);
	r->journal = event_log_hash(r->e->w->log);
	schedule_token(&r->e->schedule, &r->token);
	debug_collect(r);
	judge(r);
}

void run_free(struct run *r)
{
	verdict_free(&r->verdict);
	findings_free(&r->found);
	names_free(&r->names);
	str_free(&r->token);
	debug_free(r);
	engine_free(r->e);
}
