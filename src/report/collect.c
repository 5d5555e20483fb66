/* SPDX-License-Identifier: MIT */
#include "report/collect.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

bool finding_is_beside(const struct finding *f)
{
	return f->id == DIAG_ASSERT || f->id == DIAG_KERNEL_BUG || f->id == DIAG_HANG;
}

void finding_id(const struct program *prog, const struct finding *f, struct str *out)
{
	if (f->id != DIAG_ASSERT) {
		str_add(out, diag_info(f->id)->name);
		return;
	}
	BUG_ON(f->index >= prog->asserts);
	str_printf(out, "assert:%s", prog->assert[f->index].name);
}

static bool same_key(const struct finding *a, const struct finding *b)
{
	return a->id == b->id && a->index == b->index && a->stmt == b->stmt &&
	       a->alloc == b->alloc && a->map_stmt == b->map_stmt;
}

static void extend(struct finding *kept, const struct finding *piece)
{
	for (u32 i = 0; i < piece->shown && kept->shown < sizeof kept->got; i++) {
		kept->got[kept->shown] = piece->got[i];
		kept->want[kept->shown++] = piece->want[i];
	}
	kept->n += piece->n;
	kept->lucky &= piece->lucky;
}

/* Another finding with the key of e: a piece of the same access, a worse one, or one more. */
static void again(struct found *e, const struct finding *f)
{
	bool same_access = f->step == e->last_step && f->at_stmt == e->f.at_stmt && f->n;
	bool piece = same_access && f->off >= e->last_end;
	bool joins = same_access && f->off == e->last_end;

	e->last_step = f->step;
	e->last_end = f->off + f->n;
	if (f->severity > e->f.severity) {
		u32 count = e->f.count + !piece;

		e->f = *f;
		e->f.count = count;
		e->growing = true;
	} else if (joins && e->growing && f->severity == e->f.severity &&
		   e->f.shown == min_u64(e->f.n, sizeof e->f.got)) {
		extend(&e->f, f);
	} else if (joins && e->growing && f->severity == e->f.severity) {
		e->f.n += f->n;
	} else if (!piece) {
		e->growing = false;
		e->f.count++;
	}
}

void findings_add(void *ctx, const struct finding *f)
{
	struct findings *l = ctx;
	struct found fresh = {.f = *f, .growing = true};

	BUG_ON(l->settled);
	for (u32 i = 0; i < l->n; i++)
		if (same_key(&l->v[i].f, f)) {
			again(&l->v[i], f);
			return;
		}
	if (l->n == FINDINGS_MAX) {
		l->dropped++;
		return;
	}
	fresh.f.count = 1;
	fresh.f.also = (struct diag_set){{0, 0}};
	fresh.last_step = f->step;
	fresh.last_end = f->off + f->n;
	fresh.sources = l->arrived++;
	vec_push(l, fresh);
}

/* Whether a is told rather than b, of the same culprit and allocation. */
static bool outranks(const struct found *a, const struct found *b)
{
	if (a->f.severity != b->f.severity)
		return a->f.severity > b->f.severity;
	if (a->f.id != b->f.id)
		return a->f.id < b->f.id;
	return a->sources < b->sources;
}

static bool rivals(const struct finding *a, const struct finding *b)
{
	return !finding_is_beside(a) && !finding_is_beside(b) && a->stmt == b->stmt &&
	       a->alloc == b->alloc;
}

static int by_event(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->f.event != y->f.event)
		return x->f.event < y->f.event ? -1 : 1;
	return x->sources < y->sources ? -1 : x->sources > y->sources;
}

void findings_settle(struct findings *l)
{
	u32 kept = 0;

	BUG_ON(l->settled);
	l->settled = true;
	for (u32 i = 0; i < l->n; i++) {
		struct found *best = &l->v[i];

		for (u32 j = 0; j < l->n; j++)
			if (rivals(&l->v[j].f, &l->v[i].f) && outranks(&l->v[j], best))
				best = &l->v[j];
		if (best == &l->v[i])
			continue;
		if (best->f.id == l->v[i].f.id)
			best->f.count += l->v[i].f.count;
		else
			diag_set_add(&best->f.also, l->v[i].f.id);
	}
	for (u32 i = 0; i < l->n; i++) {
		bool lost = false;

		for (u32 j = 0; j < l->n && !lost; j++)
			lost = rivals(&l->v[j].f, &l->v[i].f) && outranks(&l->v[j], &l->v[i]);
		l->v[i].growing = !lost; /* from here on: kept */
	}
	for (u32 i = 0; i < l->n; i++)
		if (l->v[i].growing)
			l->v[kept++] = l->v[i];
	l->n = kept;
	if (kept)
		qsort(l->v, kept, sizeof *l->v, by_event);
}

/* Whether another schedule shows something worse of the same culprit and allocation. */
static bool outranked(const struct finding *f, const struct findings *elsewhere)
{
	for (u32 k = 0; elsewhere && k < elsewhere->n; k++) {
		const struct finding *g = &elsewhere->v[k].f;

		if (rivals(g, f) &&
		    (g->severity > f->severity || (g->severity == f->severity && g->id < f->id)))
			return true;
	}
	return false;
}

void findings_free(struct findings *l)
{
	vec_free(l);
	*l = (struct findings){0};
}

/* ---- against the expectation ---- */

/* Safe to show: the name of an assert is text of the file. */
void id_list_add(struct id_list *l, const char *id)
{
	struct str safe = {0};
	bool have = false;

	str_safe(&safe, id, strlen(id));
	for (u32 i = 0; i < l->n; i++)
		have |= strcmp(l->v[i], str_get(&safe)) == 0;
	if (!have)
		vec_push(l, mem_strdup(str_get(&safe)));
	str_free(&safe);
}

void id_list_minus(const struct id_list *l, const struct id_list *without, struct id_list *out)
{
	for (u32 i = 0; i < l->n; i++) {
		bool is = false;

		for (u32 k = 0; k < without->n && !is; k++)
			is = strcmp(without->v[k], l->v[i]) == 0;
		if (!is)
			id_list_add(out, l->v[i]);
	}
}

void id_list_free(struct id_list *l)
{
	for (u32 i = 0; i < l->n; i++)
		mem_free(l->v[i]);
	vec_free(l);
}

void finding_expected(const struct doc_id *d, struct str *out)
{
	static const char *const suffix[] = {"", "/corruption", "/violation", "/cost"};

	str_add(out, d->id);
	if (d->assert_name)
		str_printf(out, ":%s", d->assert_name);
	str_add(out, suffix[d->severity]);
}

bool doc_id_matches(const struct doc_id *d, const struct finding *f, const struct program *prog)
{
	static const u8 severity[] = {0, SEVERITY_CORRUPTION, SEVERITY_VIOLATION, SEVERITY_COST};

	if (d->severity != DOC_ANY && severity[d->severity] != f->severity)
		return false;
	if (d->assert_name)
		return f->id == DIAG_ASSERT &&
		       strcmp(prog->assert[f->index].name, d->assert_name) == 0;
	return f->id != DIAG_ASSERT && strcmp(diag_info(f->id)->name, d->id) == 0;
}

static bool any_found(const struct doc_id *d, const struct findings *l, const struct program *prog)
{
	for (u32 i = 0; i < l->n; i++)
		if (doc_id_matches(d, &l->v[i].f, prog))
			return true;
	return false;
}

static bool any_expects(const struct doc_ids *ids, const struct finding *f,
			const struct program *prog)
{
	for (u32 i = 0; i < ids->n; i++)
		if (doc_id_matches(&ids->v[i], f, prog))
			return true;
	return false;
}

/* With its severity where the file names this id with another one. */
static void found_text(const struct finding *f, const struct program *prog,
		       const struct doc_expect *x, bool surprising, struct str *out)
{
	bool named = false;

	str_clear(out);
	finding_id(prog, f, out);
	for (u32 i = 0; surprising && x && i < x->calm.n; i++)
		named |=
		    x->calm.v[i].severity != DOC_ANY && strcmp(x->calm.v[i].id, str_get(out)) == 0;
	if (named)
		str_printf(out, "/%s", severity_name((enum severity)f->severity));
}

enum doc_outcome doc_outcome(enum outcome o)
{
	static const enum doc_outcome of[] = {
	    [OUTCOME_ENDED] = DOC_ENDED, [OUTCOME_REFUSED] = DOC_REFUSED,
	    [OUTCOME_DIED] = DOC_DIED,	 [OUTCOME_HANG] = DOC_HANG,
	    [OUTCOME_FAULT] = DOC_FAULT, [OUTCOME_LIMIT] = DOC_LIMIT,
	};

	BUG_ON(o == OUTCOME_RUNNING || (u32)o >= ARRAY_LEN(of));
	return of[o];
}

static void compare(struct verdict *v, const struct findings *l, const struct program *prog,
		    const struct doc_expect *x, const struct findings *elsewhere)
{
	struct str s = {0};

	for (u32 i = 0; x && i < x->calm.n; i++) {
		str_clear(&s);
		finding_expected(&x->calm.v[i], &s);
		id_list_add(&v->expected, str_get(&s));
		if (v->calm && !any_found(&x->calm.v[i], l, prog))
			id_list_add(&v->missing, str_get(&s));
	}
	for (u32 i = 0; i < l->n; i++) {
		const struct finding *f = &l->v[i].f;
		bool named = x && (any_expects(&x->calm, f, prog) ||
				   (!v->calm && any_expects(&x->some, f, prog)));
		/* Without an expectation, what only costs is no fault. */
		bool harmless = !x && f->severity == SEVERITY_COST;

		found_text(f, prog, x, false, &s);
		id_list_add(&v->found, str_get(&s));
		if (named || harmless || outranked(f, elsewhere))
			continue;
		found_text(f, prog, x, true, &s);
		id_list_add(&v->surprising, str_get(&s));
	}
	str_free(&s);
}

static bool names_id(const struct doc_ids *ids, const char *id)
{
	for (u32 i = 0; id && i < ids->n; i++)
		if (strcmp(ids->v[i].id, id) == 0)
			return true;
	return false;
}

/* The finding that a run which ends so shows; NULL: there is none. */
static const char *goes_with(enum doc_outcome o)
{
	return o == DOC_HANG ? "hang" : o == DOC_DIED ? "kernel-bug" : NULL;
}

bool outcome_expected(const struct doc_expect *x, enum outcome outcome, bool calm)
{
	enum doc_outcome o = doc_outcome(outcome);

	if (!x)
		return o == DOC_ENDED || o == DOC_REFUSED;
	if (o == x->outcome)
		return true;
	/* What is stopped is a finding by itself, on the schedules that have it. */
	if (!calm && ((o == DOC_FAULT && x->some.n) || (o == DOC_ENDED && x->outcome == DOC_FAULT)))
		return true;
	/* What `calm` names needs no other schedule show: then that one just ends. */
	return !calm && (names_id(&x->some, goes_with(o)) ||
			 (o == DOC_ENDED && names_id(&x->calm, goes_with(x->outcome))));
}

void verdict_make(struct verdict *v, const struct findings *l, const struct program *prog,
		  enum outcome outcome, const struct doc_expect *x, bool calm,
		  const struct findings *elsewhere)
{
	BUG_ON(!l->settled);
	*v = (struct verdict){.expects = x != NULL, .calm = calm};
	v->outcome = doc_outcome(outcome);
	v->expected_outcome = x ? x->outcome : DOC_ENDED;
	if (x && outcome_expected(x, outcome, calm))
		v->expected_outcome = v->outcome;
	compare(v, l, prog, x, elsewhere);
	v->limit = v->outcome == DOC_LIMIT && v->expected_outcome != DOC_LIMIT;
	v->as_expected =
	    !v->missing.n && !v->surprising.n && !v->limit && outcome_expected(x, outcome, calm);
}

void verdict_free(struct verdict *v)
{
	id_list_free(&v->expected);
	id_list_free(&v->found);
	id_list_free(&v->missing);
	id_list_free(&v->surprising);
}

const char *verdict_name(const struct verdict *v)
{
	return v->limit ? "limit" : v->as_expected ? "as-expected" : "not-as-expected";
}
