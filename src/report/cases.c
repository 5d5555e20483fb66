/* SPDX-License-Identifier: MIT */
#include "report/cases.h"

#include <string.h>

#include "report/text.h"

static const struct style style = {.width = 100, .ascii = true, .plain = true};

void cases_add(struct cases *c, const char *file, const char *suite, const char *name,
	       enum case_status status, const char *type, const char *message, const char *text)
{
	struct test_case one = {.status = status};

	one.group = mem_strdup(file);
	one.suite = mem_strdup(suite);
	one.name = mem_strdup(name);
	if (status != CASE_PASSED) {
		one.type = type;
		one.message = mem_strdup(message);
		one.text = mem_strdup(text ? text : message);
	}
	vec_push(c, one);
	c->count[status]++;
}

/* ---- a run ---- */

static void ids(const char *what, const struct id_list *l, struct str *out)
{
	for (u32 i = 0; i < l->n; i++)
		str_printf(out, "%s%s%s", i ? ", " : out->n ? "; " : "", i ? "" : what, l->v[i]);
}

static void message_of(const struct run *r, struct str *out)
{
	const struct verdict *v = &r->verdict;

	if (v->limit) {
		run_no_verdict(r, out);
		return;
	}
	ids("did not come: ", &v->missing, out);
	ids("not expected: ", &v->surprising, out);
	if (v->outcome != v->expected_outcome)
		str_printf(out, "%soutcome %s, not %s", out->n ? "; " : "",
			   doc_outcome_text(v->outcome), doc_outcome_text(v->expected_outcome));
	if (!out->n)
		str_add(out, "the file expects nothing here");
}

static bool surprising(const struct run *r, const struct finding *f)
{
	const struct id_list *l = &r->verdict.surprising;
	struct str id = {0};
	bool is = false;

	finding_id(r->in.prog, f, &id);
	for (u32 i = 0; i < l->n && !is; i++)
		is = strncmp(l->v[i], str_get(&id), id.n) == 0 &&
		     (l->v[i][id.n] == 0 || l->v[i][id.n] == '/');
	str_free(&id);
	return is;
}

/* The verdict, and the findings that were not expected. */
static void text_of(const struct run *r, struct str *out)
{
	text_verdict(r, &style, out);
	for (u32 i = 0; i < r->found.n; i++) {
		if (!surprising(r, &r->found.v[i].f))
			continue;
		str_add(out, "\n");
		text_finding(r, i + 1, &style, out);
	}
	str_add(out, "\n");
	text_command(r, "run", out);
	str_add(out, "\n");
}

static enum case_status status_of(const struct verdict *v)
{
	return v->limit ? CASE_ERROR : v->as_expected ? CASE_PASSED : CASE_FAILED;
}

void cases_add_run(struct cases *c, const struct run *r)
{
	const struct verdict *v = &r->verdict;
	enum case_status status = status_of(v);
	const char *id = r->in.doc->id.text ? r->in.doc->id.text : r->in.asked;
	struct str name = {0}, message = {0}, text = {0};

	text_where(&r->in, &name);
	if (r->in.schedule || r->in.hw != POLICY_CALM) {
		str_add(&name, ", hardware ");
		text_hardware(r, &name);
	}
	if (status != CASE_PASSED) {
		message_of(r, &message);
		text_of(r, &text);
	}
	cases_add(c, r->in.asked, id, str_get(&name), status, verdict_name(v), str_get(&message),
		  str_get(&text));
	str_free(&name);
	str_free(&message);
	str_free(&text);
}

/* ---- a search ---- */

static void missing_of(const struct explored *x, struct str *out)
{
	struct str what = {0};

	str_add(&what, "no schedule shows: ");
	if (x->result->end != EXPLORE_COMPLETE) {
		str_clear(&what);
		explored_extent(x, &what);
		str_add(&what, "; did not come: ");
	}
	ids(str_get(&what), &x->verdict.missing, out);
	str_free(&what);
}

static void search_message(const struct explored *x, struct str *out)
{
	const struct verdict *v = &x->verdict;

	ids("some schedule shows: ", &v->surprising, out);
	ids("some schedule shows, if nothing worse comes there: ", &x->unsettled, out);
	missing_of(x, out);
	if (v->outcome != v->expected_outcome)
		str_printf(out, "%son some schedule the outcome is %s, not %s", out->n ? "; " : "",
			   doc_outcome_text(v->outcome), doc_outcome_text(v->expected_outcome));
	if (!out->n)
		explored_extent(x, out);
}

void cases_add_check(struct cases *c, const struct run *r, const struct explored *x)
{
	enum case_status status = status_of(&x->verdict);
	const char *id = r->in.doc->id.text ? r->in.doc->id.text : r->in.asked;
	struct str name = {0}, message = {0}, text = {0};

	if (status == CASE_PASSED || status_of(&r->verdict) != CASE_PASSED) {
		cases_add_run(c, r);
		return;
	}
	text_where(&r->in, &name);
	search_message(x, &message);
	str_printf(&text, "%s\nSearch: ", str_get(&message));
	explored_extent(x, &text);
	str_add(&text, "\n");
	text_command(r, "explore", &text);
	str_add(&text, "\n");
	cases_add(c, r->in.asked, id, str_get(&name), status, verdict_name(&x->verdict),
		  str_get(&message), str_get(&text));
	str_free(&name);
	str_free(&message);
	str_free(&text);
}

void cases_free(struct cases *c)
{
	for (u32 i = 0; i < c->n; i++) {
		mem_free(c->v[i].group);
		mem_free(c->v[i].suite);
		mem_free(c->v[i].name);
		mem_free(c->v[i].message);
		mem_free(c->v[i].text);
	}
	vec_free(c);
}
