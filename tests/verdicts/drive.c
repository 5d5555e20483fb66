/* SPDX-License-Identifier: MIT */
/* One run of a case: compiled as any scenario, calm, looked at behind each step. */
#include <string.h>

#include "verdicts/verdicts.h"

static const struct scenario_options options = {.data_dir = "scenarios"};

bool trial_value(const struct trial *t, const char *name, u64 *out)
{
	for (u32 i = 0; i < t->prog->globals; i++) {
		const struct variable_info *v = &t->prog->global[i];
		const struct value *x =
		    (const struct value *)world_at(t->e->w, t->e->vars) + v->slot;

		if (strcmp(v->name, name) != 0)
			continue;
		*out = x->v;
		return x->len != ~0u;
	}
	return false;
}

void trial_differs(struct trial *t, const char *what, const char *kernel, const char *ours)
{
	struct plan *p = t->plan;
	json_t *s = t->step < p->steps ? p->step[t->step].json : NULL;
	const char *name = s ? json_text(s, "call") : "the end";

	name = name ? name : json_text(s, "act");
	name = name ? name : json_text(s, "result");
	str_printf(&t->out, "differs: %s step %u, %s, %s: kernel %s, dmalab %s\n",
		   json_text(p->json, "id"), t->step, name ? name : "note", what, kernel, ours);
	t->disagreements++;
}

bool trial_wants(struct trial *t, json_t *o, const char *key, u64 *out)
{
	if (member_number(o, key, out))
		return true;
	if (json_object_get(o, key))
		trial_differs(t, "the file", key, "no number");
	return false;
}

bool trial_translate(const struct trial *t, u32 dev, u64 bus, u64 *pa)
{
	phys_addr_t to;

	if (!bus_to_phys(&t->e->hw, dev, (dma_addr_t){bus}, &to))
		return false;
	*pa = to.pa;
	return true;
}

/* What the language or the platforms refuse: the first message, and the step that it is of. */
static enum reason refused(struct trial *t, struct err_list *errs)
{
	struct plan *p = t->plan;
	const struct err *e = errs->n ? &errs->v[0] : NULL;

	for (u32 i = 1; i < errs->n; i++)
		if (errs->v[i].pos.line < e->pos.line)
			e = &errs->v[i];
	p->steps = p->steps ? p->steps : 0;
	plan_refuse(p, REASON_LANGUAGE, "%s", e ? e->message : "no message");
	p->at = 0;
	for (u32 i = 0; e && i < p->steps; i++)
		if (e->pos.line >= p->step[i].first)
			p->at = i;
	return p->reason;
}

/* The statement that the driver rests at begins in this line. */
static u32 line_now(const struct trial *t)
{
	return t->prog->stmt[engine_thread(t->e, 0)->stmt].line;
}

static enum reason run(struct trial *t)
{
	struct plan *p = t->plan;
	const struct thread *driver;
	struct action a;

	engine_start(t->e);
	t->log_entries = klog_entries(t->e->w);
	for (;;) {
		driver = engine_thread(t->e, 0);
		if (t->step < p->steps && driver->status != THREAD_BUG &&
		    line_now(t) == p->step[t->step].end) {
			compare_step(t, &p->step[t->step], false);
			t->step++;
		}
		if (driver->status == THREAD_BUG || t->step == p->steps)
			break;
		if (!engine_calm(t->e, &a))
			break;
		engine_apply(t->e, &a);
	}
	if (driver->status == THREAD_BUG && t->step < p->steps) {
		compare_step(t, &p->step[t->step], true);
	} else if (t->step < p->steps) {
		plan_refuse(p, REASON_LIMIT, "the run stops: %s",
			    outcome_name(engine_outcome(t->e)));
		p->at = t->step;
		return p->reason;
	}
	compare_end(t);
	return REASON_NONE;
}

enum reason trial_run(struct trial *t, struct plan *p, const struct once *once)
{
	struct err_list errs = {.file = "recorded"};
	struct scenario *s;
	enum reason r = REASON_NONE;

	*t = (struct trial){.plan = p, .once = once};
	s = scenario_parse(str_get(&p->text), p->text.n, &options, &errs);
	if (!s || !scenario_compile(s, NULL, NULL, NULL, &t->cfg, &t->prog, &errs))
		r = refused(t, &errs);
	if (!r) {
		t->e = engine_new(&t->cfg, t->prog, NULL);
		r = run(t);
		engine_free(t->e);
		program_free(t->prog);
	}
	scenario_free(s);
	err_free(&errs);
	return r;
}

void trial_free(struct trial *t)
{
	vec_free(&t->known);
	str_free(&t->out);
}
