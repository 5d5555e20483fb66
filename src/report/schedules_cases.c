/* SPDX-License-Identifier: MIT */
/* A search as a test case. */
#include "report/cases.h"
#include "report/schedules.h"
#include "report/text.h"

static const struct style style = {.width = 100, .ascii = true, .plain = true};

static void ids(const char *what, const struct id_list *l, struct str *out)
{
	if (!l->n)
		return;
	str_printf(out, "%s%s", out->n ? "; " : "", what);
	text_ids(l, out);
}

static void message_of(const struct told_search *t, struct str *out)
{
	const struct verdict *v = &t->x->verdict;

	if (schedules_answer(t->x) == ANSWER_OPEN) {
		schedules_bound(t, out);
		return;
	}
	ids("on no schedule: ", &v->missing, out);
	ids("not expected: ", &v->surprising, out);
	if (v->outcome != v->expected_outcome)
		str_printf(out, "%soutcome %s, not %s", out->n ? "; " : "",
			   doc_outcome_text(v->outcome), doc_outcome_text(v->expected_outcome));
}

void cases_add_search(struct cases *c, const struct told_search *t)
{
	static const struct {
		enum case_status status;
		const char *type;
	} as[] = {[ANSWER_EXPECTED] = {CASE_PASSED, NULL},
		  [ANSWER_UNEXPECTED] = {CASE_FAILED, "not-as-expected"},
		  [ANSWER_OPEN] = {CASE_ERROR, "limit"}};
	const struct run_input *in = &t->x->in;
	enum answer_kind answer = schedules_answer(t->x);
	struct str name = {0}, message = {0};
	struct writer text = {0};

	text_where(in, &name);
	str_add(&name, ", ");
	if (t->x->sample)
		schedules_drawn(t, &name);
	else
		str_add(&name, "all schedules");
	if (answer != ANSWER_EXPECTED) {
		message_of(t, &message);
		schedules_text(t, &style, &text);
	}
	cases_add(c, in->asked, in->doc->id.text ? in->doc->id.text : in->asked, str_get(&name),
		  as[answer].status, as[answer].type, str_get(&message), str_get(&text.s));
	str_free(&name);
	str_free(&message);
	writer_end(&text);
}
