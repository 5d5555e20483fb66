/* SPDX-License-Identifier: MIT */
/* A search as JSON Lines. */
#include "report/json_int.h"
#include "report/schedules.h"

#include "base/bug.h"
#include "report/names.h"

static u32 line_of(const struct explored *x, const struct finding *f)
{
	BUG_ON(f->stmt >= x->in.prog->stmts);
	return x->in.prog->stmt[f->stmt].line;
}

static void how_short(json_t *o, const struct explore_find *f)
{
	js_set(o, "deviations", js_number(f->deviations));
	js_set(o, "transitions", js_number(f->transitions));
	js_set(o, "shortest", json_boolean(f->shortest));
}

static void finding(const struct explored *x, u32 i, struct str *out)
{
	const struct explore_find *f = shown_find(x, i);
	struct shown s;

	shown_make(&s, x, i);
	if (s.nr) {
		json_t *o = js_finding(&s.run, &s.run.found.v[s.nr - 1].f);

		js_set(o, "count", js_number(f->count)); /* of the search, not of this run */
		js_set(o, "schedule", js_text(str_get(&s.run.token)));
		how_short(o, f);
		js_put(o, out);
	}
	shown_free(&s);
}

static json_t *params(const struct told_search *t)
{
	json_t *o = json_object();

	for (u32 i = 0; i < t->params.n; i++)
		js_set(o, t->params.v[i].name.text, json_integer(t->params.v[i].value));
	return o;
}

/* One for each id: the shortest. */
static json_t *schedules(const struct explored *x)
{
	struct told_classes c = {0};
	json_t *list = json_array();
	struct str id = {0};
	struct shown s;

	classes_make(&c, x);
	for (u32 k = 0; k < c.n; k++) {
		u32 i = c.v[k].v[0];
		const struct finding *f = &x->found.v[i].f;
		json_t *o = json_object();

		str_clear(&id);
		finding_id(x->in.prog, f, &id);
		js_set(o, "id", js_text(str_get(&id)));
		js_set(o, "severity", json_string(severity_name((enum severity)f->severity)));
		js_set(o, "line", js_number(line_of(x, f)));
		/* As the run of it says it: with checks. */
		shown_make(&s, x, i);
		js_set(o, "token", js_text(str_get(&s.run.token)));
		shown_free(&s);
		how_short(o, shown_find(x, i));
		js_set(o, "places", js_number(c.v[k].n));
		js_add(list, o);
	}
	classes_free(&c);
	str_free(&id);
	return list;
}

static json_t *outcomes(const struct explore_result *r)
{
	json_t *list = json_array();

	for (u32 o = OUTCOME_ENDED; o <= OUTCOME_LIMIT; o++)
		if (r->outcomes >> o & 1)
			js_add(list, json_string(outcome_name((enum outcome)o)));
	return list;
}

static void judged(const struct told_search *t, json_t *o)
{
	static const char *const names[] = {"as-expected", "not-as-expected", "limit"};
	const struct verdict *v = &t->x->verdict;
	struct str bound = {0};

	js_set(o, "verdict", json_string(names[schedules_answer(t->x)]));
	js_set(o, "outcome", json_string(doc_outcome_text(v->outcome)));
	js_set(o, "outcomes", outcomes(t->x->result));
	if (schedules_answer(t->x) == ANSWER_OPEN) {
		schedules_bound(t, &bound);
		js_set(o, "limit", js_text(str_get(&bound)));
	}
	js_set(o, "expected", v->expects ? js_ids(&v->expected) : json_null());
	js_set(o, "found", js_ids(&v->found));
	js_set(o, "unsettled", js_ids(&t->x->unsettled));
	str_free(&bound);
}

/* What was drawn, and how much of all there is that covers. */
static json_t *sample(const struct sample_result *s)
{
	double p = sample_bound(s);
	json_t *o = json_object();

	js_set(o, "how", json_string(sample_name(s->how)));
	js_set(o, "runs", js_number(s->runs));
	js_set(o, "seed", js_number(s->seed));
	js_set(o, "showing", js_number(s->showing));
	js_set(o, "new_finding", js_number(s->new_find));
	js_set(o, "new_state", s->uncounted ? json_null() : js_number(s->new_state));
	if (s->how == SAMPLE_FEW) {
		js_set(o, "deviations", js_number(s->deviations));
		js_set(o, "points", js_number(s->points));
		js_set(o, "choices", js_number(s->choices));
		js_set(o, "one_run", json_real(p));
		js_set(o, "all_runs", json_real(sample_once(p, s->runs)));
	}
	return o;
}

static void result(const struct told_search *t, struct str *out)
{
	static const int bits[] = {[PRINT_64] = 64, [PRINT_128] = 128, [PRINT_EXACT] = 0};
	const struct explored *x = t->x;
	const struct explore_result *r = x->result;
	bool complete = r->end == EXPLORE_COMPLETE;
	struct str bound = {0};
	json_t *o = js_line("result");

	js_set(o, "scenario", js_text(x->in.doc->id.text));
	js_set(o, "platform", js_text(x->in.cfg->platform));
	js_set(o, "variant", js_text(x->in.variant));
	js_set(o, "params", params(t));
	judged(t, o);
	js_set(o, "states", js_number(r->states));
	js_set(o, "transitions", js_number(r->transitions));
	js_set(o, "depth", js_number(r->depth));
	js_set(o, "complete", json_boolean(complete));
	js_set(o, "proved", json_boolean(explored_proved(x)));
	js_set(o, "end", json_string(schedules_end(t)));
	schedules_bound(t, &bound);
	js_set(o, "bound", complete ? json_null() : js_text(str_get(&bound)));
	/* All schedules with at most so many were seen; null: all, or not even the calm one. */
	js_set(o, "deviations",
	       complete || !schedules_layers(t) ? json_null() : js_number(schedules_layers(t) - 1));
	js_set(o, "fingerprint", bits[r->print] ? json_integer(bits[r->print]) : json_null());
	js_set(o, "collision", json_real(explore_collision(r)));
	if (x->sample)
		js_set(o, "sample", sample(x->sample));
	js_set(o, "schedules", schedules(x));
	js_put(o, out);
	str_free(&bound);
}

void schedules_json(const struct told_search *t, bool result_only, struct writer *out)
{
	for (u32 i = 0; !result_only && i < t->x->found.n; i++) {
		finding(t->x, i, &out->s);
		writer_tick(out);
	}
	result(t, &out->s);
}
