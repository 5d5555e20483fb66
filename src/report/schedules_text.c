/* SPDX-License-Identifier: MIT */
/* A search as text: what was found, the verdict, how far it went. */
#include "report/schedules.h"

#include <string.h>

#include "base/bug.h"
#include "report/narrate.h"
#include "report/text.h"

/* ---- the head ---- */

static void circumstances(const struct told_search *t, const struct style *s, struct str *out)
{
	struct str line = {0};

	text_where(&t->x->in, &line);
	str_printf(&line, " (%s)", t->x->in.cfg->summary);
	for (u32 i = 0; i < t->params.n; i++)
		str_printf(&line, "%s%s=%lld", i ? " " : ", ", t->params.v[i].name.text,
			   (long long)t->params.v[i].value);
	if (t->x->sample) {
		str_add(&line, ", ");
		schedules_drawn(t, &line);
	} else if (t->opt->max_deviations == EXPLORE_NO_BOUND) {
		str_add(&line, ", every schedule");
	} else if (!t->opt->max_deviations) {
		str_add(&line, ", the calm schedule");
	} else {
		str_printf(&line, ", schedules with at most %u deviation%s", t->opt->max_deviations,
			   t->opt->max_deviations == 1 ? "" : "s");
	}
	style_wrap(s, 0, 0, str_get(&line), out);
	str_add(out, "\n");
	str_free(&line);
}

/* ---- findings ---- */

static void how_far(const struct explore_find *f, struct str *out)
{
	if (!f->deviations)
		str_add(out, "calm");
	else
		narrate_count(f->deviations, "deviation", out);
}

static void schedule(const struct explore_find *f, const struct style *s, struct str *out)
{
	struct str line = {0};

	if (!f->deviations) {
		str_add(&line, "none is needed: hardware that stays calm shows it");
	} else {
		narrate_count(f->deviations, "deviation", &line);
		str_add(&line, " from calm hardware");
	}
	if (f->transitions) {
		str_add(&line, ", after ");
		narrate_count(f->transitions, "step", &line);
	}
	if (f->deviations && !f->shortest)
		str_add(&line, "; perhaps not the shortest");
	text_field(s, "Schedule", str_get(&line), out);
	str_free(&line);
}

enum { SAID_MAX = 8 };

/* What hardware does on it, and would not do if it were calm. */
static void hardware(const struct run *r, const struct explore_find *f, const struct style *s,
		     struct str *out)
{
	struct said said = {0};
	struct str rest = {0};

	said_make(&said, r, &f->witness);
	for (u32 i = 0; i < said.n && i < SAID_MAX; i++)
		text_field(s, i ? "" : "Deviates", said.v[i], out);
	if (said.n > SAID_MAX) {
		str_printf(&rest, "and %u more", said.n - SAID_MAX);
		text_field(s, "", str_get(&rest), out);
	}
	said_free(&said);
	str_free(&rest);
}

/* Worse than these of the same bytes at the same line; other schedules show them. */
static void also(const struct finding *f, const struct style *s, struct str *out)
{
	struct str l = {0};

	for (u32 i = 0; i < DIAG_ASSERT; i++)
		if (diag_set_has(&f->also, i))
			str_printf(&l, "%s%s", l.n ? ", " : "", diag_info(i)->name);
	if (l.n)
		text_field(s, "Also", str_get(&l), out);
	str_free(&l);
}

/* A command stays on one line, however long, so that it can be copied. */
static void commands(const struct shown *shown, const struct style *s, struct str *out)
{
	str_add(out, s->plain ? "  More: " : "  More       ");
	text_command(&shown->run, "run", out);
	str_add(out, s->plain ? "\n  More: " : "\n             ");
	text_command(&shown->run, "tui", out);
	str_printf(out, " --at finding:%u\n", shown->nr);
}

/* The other places of a class: line, how far, token. */
static void places(const struct explored *x, const struct told_class *c, const struct style *s,
		   struct str *out)
{
	for (u32 k = 1; k < c->n; k++) {
		const struct finding *f = &x->found.v[c->v[k]].f;
		const struct explore_find *found = shown_find(x, c->v[k]);
		struct str line = {0};

		BUG_ON(f->stmt >= x->in.prog->stmts);
		str_printf(&line, "line %u: ", x->in.prog->stmt[f->stmt].line);
		how_far(found, &line);
		if (found->witness.n) {
			struct shown shown;

			shown_make(&shown, x, c->v[k]);
			str_printf(&line, ", --schedule %s", str_get(&shown.run.token));
			shown_free(&shown);
		}
		if (s->plain)
			str_printf(out, "  Elsewhere: %s\n", str_get(&line));
		else
			str_printf(out, "  %-11s%s\n", k == 1 ? "Elsewhere" : "", str_get(&line));
		str_free(&line);
	}
}

static void one_class(const struct told_search *t, const struct told_class *c, u32 nr,
		      const struct style *s, struct str *out)
{
	const struct explored *x = t->x;
	struct shown shown;

	shown_make(&shown, x, c->v[0]);
	if (shown.nr) {
		text_finding_short(&shown.run, shown.nr, nr, s, out);
		schedule(shown_find(x, c->v[0]), s, out);
		hardware(&shown.run, shown_find(x, c->v[0]), s, out);
		also(&x->found.v[c->v[0]].f, s, out);
		commands(&shown, s, out);
		places(x, c, s, out);
		str_add(out, "\n");
	}
	shown_free(&shown);
}

/* ---- the verdict ---- */

static void expected(const struct told_search *t, const struct style *s, struct str *out)
{
	const struct verdict *v = &t->x->verdict;
	struct str where = {0}, l = {0};

	text_where(&t->x->in, &where);
	if (!v->expects) {
		str_add(&l, "the file expects nothing, and nothing was found.");
	} else if (v->found.n) {
		text_ids(&v->found, &l);
		str_printf(&l, " %s what %s should show over all schedules.",
			   v->found.n == 1 ? "is" : "are", str_get(&where));
	} else {
		str_printf(&l, "%s should show nothing on any schedule, and does.",
			   str_get(&where));
	}
	if (v->outcome != DOC_ENDED)
		str_printf(&l, " Runs end: %s%s.", doc_outcome_text(v->outcome),
			   v->expects ? ", as they should" : "");
	style_on(s, ATTR_BOLD, out);
	str_add(out, "As expected:");
	style_off(s, ATTR_BOLD, out);
	str_add(out, " ");
	style_wrap(s, 13, 0, str_get(&l), out);
	str_free(&where);
	str_free(&l);
}

/* ---- how far it went ---- */

/* What to write for more of what ran out. */
static void more(const struct told_search *t, struct str *out)
{
	const struct explore_options *o = t->opt;
	const struct explore_result *r = t->x->result;

	switch (r->end) {
	case EXPLORE_DEVIATED:
		str_printf(out, " --deviations %u sees more; without it, all.",
			   t->opt->max_deviations + 1);
		break;
	case EXPLORE_STATES:
		str_printf(out, " --states %llu sees more.", (unsigned long long)o->max_states * 2);
		break;
	case EXPLORE_MEMORY:
		str_printf(out, " --memory %lluM sees more.",
			   (unsigned long long)(o->max_bytes >> 19));
		break;
	case EXPLORE_DEPTH:
		str_printf(out, " --depth %u sees more.", o->max_depth * 2);
		break;
	case EXPLORE_FOUND:
		str_add(out, " Without --first the others are looked for.");
		break;
	case EXPLORE_STOPPED:
		if (t->more)
			str_printf(out, " %s sees more.", t->more);
		break;
	case EXPLORE_LIMIT:
	case EXPLORE_SAMPLED:
	case EXPLORE_COMPLETE:
		break;
	}
}

/* What was seen all the same, and what to write for more. */
static void how_much(const struct told_search *t, struct str *out)
{
	u32 layers = schedules_layers(t);

	if (layers == 1)
		str_add(out, " The calm schedule was seen.");
	else if (layers)
		str_printf(out, " All schedules with at most %u deviation%s were seen.", layers - 1,
			   layers == 2 ? "" : "s");
	more(t, out);
}

static void open_answer(const struct told_search *t, const struct style *s, struct str *out)
{
	const struct verdict *v = &t->x->verdict;
	struct str l = {0};

	style_on(s, ATTR_BOLD, out);
	str_add(out, "No verdict:");
	style_off(s, ATTR_BOLD, out);
	str_add(out, " ");
	schedules_bound(t, &l);
	str_add(&l, ". ");
	if (v->found.n && v->missing.n)
		str_add(&l, "Not all that is expected was found: it lacks ");
	else if (v->found.n && !t->x->unsettled.n)
		str_add(&l, "All that was found is expected.");
	else if (v->found.n)
		str_add(&l, "Not all that was found is expected.");
	else if (v->missing.n)
		str_add(&l, "Nothing was found so far; expected are ");
	else
		str_add(&l, "Nothing was found so far.");
	if (v->missing.n) {
		text_ids(&v->missing, &l);
		str_add(&l, ".");
	}
	if (t->x->unsettled.n) {
		str_add(&l, " The file does not name ");
		text_ids(&t->x->unsettled, &l);
		str_add(&l, ", but what it names may take that place on another schedule.");
	}
	how_much(t, &l);
	style_wrap(s, 12, 0, str_get(&l), out);
	str_free(&l);
}

static void numbers(const struct explore_result *r, struct str *out)
{
	narrate_count(r->states, "state", out);
	str_add(out, ", ");
	narrate_count(r->transitions, "transition", out);
	if (r->depth)
		str_printf(out, ", at most %llu of them in one run", (unsigned long long)r->depth);
	str_add(out, "\n");
}

static bool all_calm(const struct explored *x)
{
	for (u32 i = 0; i < x->found.n; i++)
		if (shown_find(x, i)->deviations)
			return false;
	return true;
}

static void all_seen(const struct told_search *t, struct str *out)
{
	const struct explored *x = t->x;

	narrate_count(x->found.n, "finding", out);
	str_add(out, "; every schedule was seen.");
	if (x->found.n && all_calm(x))
		str_add(out, " None shows more than calm hardware does.");
}

static void not_all_seen(const struct told_search *t, struct str *out)
{
	narrate_count(t->x->found.n, "finding", out);
	str_add(out, "; not every schedule was seen: ");
	schedules_bound(t, out);
	str_add(out, ".");
	how_much(t, out);
}

static void verdict(const struct told_search *t, const struct style *s, struct str *out)
{
	struct str l = {0};

	switch (schedules_answer(t->x)) {
	case ANSWER_EXPECTED:
		expected(t, s, out);
		break;
	case ANSWER_UNEXPECTED:
		text_unexpected(&t->x->in, &t->x->verdict, s, out);
		break;
	case ANSWER_OPEN:
		open_answer(t, s, out);
		break;
	}
	if (explored_proved(t->x)) {
		schedules_proof(t, s, out);
		return;
	}
	if (t->x->sample)
		schedules_covered(t, &l);
	else if (t->x->result->end == EXPLORE_COMPLETE)
		all_seen(t, &l);
	else if (schedules_answer(t->x) != ANSWER_OPEN)
		not_all_seen(t, &l);
	if (l.n)
		style_wrap(s, 0, 0, str_get(&l), out);
	if (!s->quiet)
		numbers(t->x->result, out);
	str_free(&l);
}

void schedules_text(const struct told_search *t, const struct style *s, struct writer *w)
{
	struct told_classes c = {0};

	text_title(&t->x->in, s, &w->s);
	if (!s->quiet) {
		circumstances(t, s, &w->s);
		classes_make(&c, t->x);
		for (u32 k = 0; k < c.n; k++) {
			one_class(t, &c.v[k], k + 1, s, &w->s);
			writer_tick(w);
		}
		classes_free(&c);
	}
	verdict(t, s, &w->s);
}
