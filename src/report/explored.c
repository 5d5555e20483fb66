/* SPDX-License-Identifier: MIT */
#include "report/explored.h"

/* ---- the union ---- */

static bool same_key(const struct finding *a, const struct finding *b)
{
	return a->id == b->id && a->index == b->index && a->stmt == b->stmt &&
	       a->alloc == b->alloc && a->map_stmt == b->map_stmt;
}

/* Which of what was met shows f: with its severity, if there are several. */
static u32 find_witness(const struct explore_result *r, const struct finding *f)
{
	u32 at = r->found.n;

	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *g = &r->found.v[i].f;

		if (same_key(g, f) && (at == r->found.n || g->severity == f->severity))
			at = i;
		if (at == i && g->severity == f->severity)
			break;
	}
	return at;
}

/* As often as transitions showed it. */
static u32 times(const struct explore_find *f)
{
	return f->count > UINT32_MAX ? UINT32_MAX : f->count ? (u32)f->count : 1;
}

/* In the order in which they were met: events of different runs have no order. */
static void order(struct explored *x)
{
	for (u32 i = 1; i < x->found.n; i++)
		for (u32 k = i; k && x->witness.v[k] < x->witness.v[k - 1]; k--) {
			struct found f = x->found.v[k];
			u32 w = x->witness.v[k];

			x->found.v[k] = x->found.v[k - 1];
			x->witness.v[k] = x->witness.v[k - 1];
			x->found.v[k - 1] = f;
			x->witness.v[k - 1] = w;
		}
}

static void unite(struct explored *x)
{
	const struct explore_result *r = x->result;

	for (u32 i = 0; i < r->found.n; i++) {
		u32 had = x->found.n;

		findings_add(&x->found, &r->found.v[i].f);
		if (x->found.n > had)
			x->found.v[had].f.count = times(&r->found.v[i]);
	}
	findings_settle(&x->found);
	for (u32 i = 0; i < x->found.n; i++)
		vec_push(&x->witness, find_witness(r, &x->found.v[i].f));
	order(x);
}

/* ---- the verdict ---- */

/* Some schedule showed it: in the union, or, of what the calm run finds, outranked there. */
static bool came(const struct explored *x, const struct doc_id *id, bool calm)
{
	struct doc_id any = *id;

	for (u32 i = 0; i < x->found.n; i++)
		if (doc_id_matches(id, &x->found.v[i].f, x->in.prog))
			return true;
	/* A worse one of the same key replaces it where it was met, so its severity is not asked
	 * for. */
	any.severity = DOC_ANY;
	for (u32 i = 0; calm && i < x->result->found.n; i++)
		if (doc_id_matches(&any, &x->result->found.v[i].f, x->in.prog))
			return true;
	return false;
}

static void ask_for(struct explored *x, const struct doc_ids *ids, bool calm)
{
	struct verdict *v = &x->verdict;
	struct str s = {0};

	for (u32 i = 0; i < ids->n; i++) {
		str_clear(&s);
		finding_expected(&ids->v[i], &s);
		id_list_add(&v->expected, str_get(&s));
		if (!came(x, &ids->v[i], calm))
			id_list_add(&v->missing, str_get(&s));
	}
	str_free(&s);
}

/*
 * The outcome to tell of: one that is not expected, if some run had such; a limit, which alone is
 * no verdict, only if no other is.
 */
static enum outcome outcome_of(const struct explored *x)
{
	enum outcome any = OUTCOME_RUNNING, bad = OUTCOME_RUNNING;

	for (enum outcome o = OUTCOME_ENDED; o <= OUTCOME_LIMIT; o++) {
		if (!(x->result->outcomes & 1u << o))
			continue;
		any = o;
		if (!outcome_expected(x->in.expect, o, false) &&
		    (o != OUTCOME_LIMIT || bad == OUTCOME_RUNNING))
			bad = o;
	}
	/* Every run comes back to its own past, and goes on for ever. */
	if (any == OUTCOME_RUNNING && x->result->end == EXPLORE_COMPLETE)
		return OUTCOME_LIMIT;
	return bad != OUTCOME_RUNNING ? bad : any;
}

/* Whether what did not come does not come: all was seen, limits that the file expects included. */
static bool complete(const struct explored *x)
{
	const struct doc_expect *e = x->in.expect;

	return x->result->end == EXPLORE_COMPLETE ||
	       (x->result->end == EXPLORE_LIMIT && e && e->outcome == DOC_LIMIT);
}

/* What the file names, as it would be found for the culprit of f if it came there. */
static void may_come(const struct doc_ids *ids, const struct finding *f, struct findings *out)
{
	static const u8 severity[] = {0, SEVERITY_CORRUPTION, SEVERITY_VIOLATION, SEVERITY_COST};

	for (u32 i = 0; i < ids->n; i++) {
		const struct doc_id *d = &ids->v[i];
		struct finding g = {.stmt = f->stmt, .alloc = f->alloc};
		u32 id = d->assert_name ? DIAGS : diag_find(d->id);

		if (id >= DIAG_ASSERT)
			continue;
		g.id = (u8)id;
		g.severity =
		    d->severity == DOC_ANY ? (u8)diag_info(id)->severity : severity[d->severity];
		findings_add(out, &g);
	}
}

/* Who has not seen all schedules does not know what precedence leaves of what was found. */
static void set_aside(struct explored *x, enum outcome o)
{
	const struct doc_expect *e = x->in.expect;
	struct verdict sure;
	struct findings rest = {0};

	for (u32 i = 0; i < x->found.n; i++) {
		may_come(&e->calm, &x->found.v[i].f, &rest);
		may_come(&e->some, &x->found.v[i].f, &rest);
	}
	verdict_make(&sure, &x->found, x->in.prog, o, e, false, &rest);
	id_list_minus(&x->verdict.surprising, &sure.surprising, &x->unsettled);
	verdict_free(&x->verdict);
	x->verdict = sure;
	findings_free(&rest);
}

/* No run has the outcome that the file names, though all were seen. */
static bool outcome_missing(const struct explored *x, enum outcome told)
{
	const struct doc_expect *e = x->in.expect;

	for (enum outcome o = OUTCOME_ENDED; e && o <= OUTCOME_LIMIT; o++)
		if ((x->result->outcomes & 1u << o) && doc_outcome(o) == e->outcome)
			return false;
	return e && complete(x) && doc_outcome(told) != e->outcome;
}

static void judge(struct explored *x)
{
	struct verdict *v = &x->verdict;
	const struct doc_expect *e = x->in.expect;
	enum outcome o = outcome_of(x);
	bool ended = o != OUTCOME_RUNNING, as_said;

	verdict_make(v, &x->found, x->in.prog, ended ? o : OUTCOME_ENDED, e, false, NULL);
	if (e && v->surprising.n && !complete(x))
		set_aside(x, ended ? o : OUTCOME_ENDED);
	if (e) {
		ask_for(x, &e->calm, true);
		ask_for(x, &e->some, false);
	}
	if (outcome_missing(x, o))
		v->expected_outcome = e->outcome;
	else if (!ended) /* cut before any run ended: nothing is known of that */
		v->outcome = v->expected_outcome;
	as_said = v->outcome == v->expected_outcome || (!e && o == OUTCOME_REFUSED);
	v->limit |= (v->missing.n || x->unsettled.n) && !complete(x);
	if (v->surprising.n || (!as_said && v->outcome != DOC_LIMIT))
		v->limit = false; /* whatever the rest would have shown */
	v->as_expected = !v->surprising.n && !v->missing.n && !v->limit && as_said;
}

void explored_do(struct explored *x, const struct run_input *in, const struct explore_options *opt)
{
	*x = (struct explored){.in = *in};
	x->result = explore_run(in->cfg, in->prog, opt);
	unite(x);
	judge(x);
}

void explored_sample(struct explored *x, const struct run_input *in,
		     const struct sample_options *opt)
{
	*x = (struct explored){.in = *in};
	x->sample = sample_run(in->cfg, in->prog, opt);
	x->result = x->sample->r;
	unite(x);
	judge(x);
}

void explored_free(struct explored *x)
{
	verdict_free(&x->verdict);
	id_list_free(&x->unsettled);
	findings_free(&x->found);
	vec_free(&x->witness);
	if (x->sample)
		sample_free(x->sample);
	else
		explore_free(x->result);
}

bool explored_proved(const struct explored *x)
{
	const u32 good = 1u << OUTCOME_ENDED | 1u << OUTCOME_REFUSED;

	for (u32 i = 0; i < x->found.n; i++)
		if (x->found.v[i].f.severity > SEVERITY_COST)
			return false;
	return x->result->end == EXPLORE_COMPLETE && x->result->outcomes &&
	       !(x->result->outcomes & ~good);
}

void explored_extent(const struct explored *x, struct str *out)
{
	const struct explore_result *r = x->result;
	u32 deviations = r->layers ? r->layers - 1 : 0;

	switch (r->end) {
	case EXPLORE_COMPLETE:
		str_add(out, explored_proved(x) ? "proved, " : "complete, ");
		break;
	case EXPLORE_STATES:
		str_add(out, "searched to ");
		break;
	case EXPLORE_DEVIATED:
		str_printf(out, "searched to %u deviation%s, ", deviations,
			   deviations == 1 ? "" : "s");
		break;
	case EXPLORE_LIMIT:
		str_printf(out, "cut, %s, ",
			   r->limit ? limit_text((enum limit_kind)r->limit)
				    : explore_end_text(r->end));
		break;
	case EXPLORE_SAMPLED:
		str_printf(out, "%llu runs drawn by chance, ", (unsigned long long)x->sample->runs);
		break;
	default:
		str_printf(out, "cut, %s, ", explore_end_text(r->end));
	}
	str_printf(out, "%llu state%s", (unsigned long long)r->states, r->states == 1 ? "" : "s");
}
