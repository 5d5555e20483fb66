/* SPDX-License-Identifier: MIT */
#include "report/schedules.h"

#include <string.h>

#include "base/bug.h"

enum answer_kind schedules_answer(const struct explored *x)
{
	const struct verdict *v = &x->verdict;

	if (!v->as_expected && !v->limit)
		return ANSWER_UNEXPECTED;
	/* What came is what the file names; but what else may come is not known. */
	if (v->limit || x->result->end != EXPLORE_COMPLETE)
		return v->as_expected && v->expected_outcome == DOC_LIMIT ? ANSWER_EXPECTED
									  : ANSWER_OPEN;
	return ANSWER_EXPECTED;
}

const char *schedules_end(const struct told_search *t)
{
	static const char *const words[] = {"complete", "first",   "deviations", "states", "memory",
					    "depth",	"stopped", "limit",	 "sampled"};
	enum explore_end end = t->x->result->end;

	BUG_ON((u32)end >= ARRAY_LEN(words));
	return end == EXPLORE_STOPPED && t->end ? t->end : words[end];
}

u32 schedules_layers(const struct told_search *t)
{
	const struct explore_result *r = t->x->result;

	return r->end == EXPLORE_DEVIATED && r->layers <= t->opt->max_deviations
		   ? t->opt->max_deviations + 1
		   : r->layers;
}

void schedules_bound(const struct told_search *t, struct str *out)
{
	const struct explore_result *r = t->x->result;

	if (r->end == EXPLORE_STOPPED && t->stopped)
		str_add(out, t->stopped);
	else if (r->end == EXPLORE_LIMIT && r->limit)
		str_printf(out, "some run reached a limit: %s",
			   limit_text((enum limit_kind)r->limit));
	else
		str_add(out, explore_end_text(r->end));
}

/* ---- one finding ---- */

const struct explore_find *shown_find(const struct explored *x, u32 i)
{
	BUG_ON(i >= x->witness.n || x->witness.v[i] >= x->result->found.n);
	return &x->result->found.v[x->witness.v[i]];
}

static u32 find_in(const struct run *r, const struct finding *f)
{
	u32 near = 0;

	for (u32 k = 0; k < r->found.n; k++) {
		const struct finding *g = &r->found.v[k].f;

		if (g->id != f->id || g->index != f->index || g->stmt != f->stmt)
			continue;
		if (g->alloc == f->alloc && g->map_stmt == f->map_stmt)
			return k + 1;
		if (!near)
			near = k + 1;
	}
	return near;
}

void shown_make(struct shown *s, const struct explored *x, u32 i)
{
	const struct explore_find *found = shown_find(x, i);
	struct run_input in = x->in;

	in.schedule = found->witness.n ? &found->witness : NULL;
	in.hw = POLICY_CALM;
	in.no_oracle = false;
	in.expect = NULL; /* one schedule alone is not judged */
	run_do(&s->run, &in);
	s->nr = find_in(&s->run, &x->found.v[i].f);
}

void shown_free(struct shown *s)
{
	run_free(&s->run);
}

/* ---- classes ---- */

static bool alike(const struct finding *a, const struct finding *b)
{
	return a->id == b->id && a->severity == b->severity &&
	       (a->id != DIAG_ASSERT || a->index == b->index);
}

static bool shorter(const struct explore_find *a, const struct explore_find *b)
{
	if (a->deviations != b->deviations)
		return a->deviations < b->deviations;
	return a->transitions < b->transitions;
}

/* Behind those that are as short. */
static void insert(struct told_class *c, const struct explored *x, u32 i)
{
	u32 at;

	vec_push(c, i);
	for (at = c->n - 1; at && shorter(shown_find(x, i), shown_find(x, c->v[at - 1])); at--)
		c->v[at] = c->v[at - 1];
	c->v[at] = i;
}

void classes_make(struct told_classes *c, const struct explored *x)
{
	for (u32 i = 0; i < x->found.n; i++) {
		u32 k = 0;

		while (k < c->n && !alike(&x->found.v[c->v[k].v[0]].f, &x->found.v[i].f))
			k++;
		if (k == c->n) {
			struct told_class fresh = {0};

			vec_push(c, fresh);
		}
		insert(&c->v[k], x, i);
	}
}

void classes_free(struct told_classes *c)
{
	for (u32 k = 0; k < c->n; k++)
		vec_free(&c->v[k]);
	vec_free(c);
}
