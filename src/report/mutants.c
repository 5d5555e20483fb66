/* SPDX-License-Identifier: MIT */
#include "report/mutants.h"

#include <string.h>

#include "report/json_int.h"

void mutant_sums_add(struct mutant_sums *s, const struct trial *t)
{
	bool diagnosed = false;

	for (u32 i = 0; i < t->found.n; i++)
		diagnosed |= strncmp(t->found.v[i], "assert:", 7) != 0;
	s->mutants++;
	s->ends[t->end]++;
	s->named += t->named;
	s->asserted += t->end == TRIAL_KILLED && !diagnosed;
}

/* ---- text ---------------------------------------------------------------------------------- */

static const char *id_of(const struct told_mutants *t)
{
	return t->doc->id.text ? t->doc->id.text : t->file;
}

static void plural(u32 n, const char *what, struct str *out)
{
	str_printf(out, "%u %s%s", n, what, n == 1 ? "" : "s");
}

void mutants_head(const struct told_mutants *t, const struct style *s, struct str *out)
{
	struct str head = {0};

	style_on(s, ATTR_BOLD, out);
	str_safe(&head, id_of(t), strlen(id_of(t)));
	if (t->m->variant)
		str_printf(&head, ", %s", t->m->variant);
	str_add(&head, ": ");
	plural(t->m->all.n, "mutant", &head);
	if (t->court) {
		str_add(&head, " on ");
		plural(t->court->platforms, "platform", &head);
	}
	str_add(out, str_get(&head));
	style_off(s, ATTR_BOLD, out);
	str_add(out, "\n");
	str_free(&head);
}

static void text_line(const struct style *s, const char *mark, const char *text, struct str *out)
{
	struct str safe = {0};

	str_safe(&safe, text, strlen(text));
	str_printf(out, "        %s ", mark);
	style_cut(s, 10, str_get(&safe), out);
	str_free(&safe);
}

static void change(const struct mutant *x, const struct style *s, struct str *out)
{
	text_line(s, "-", x->before, out);
	if (x->edit.kind == EDIT_TEXT)
		text_line(s, "+", x->after, out);
	else
		text_line(s, " ", x->after ? x->after : "left out", out);
}

void mutant_listed(const struct told_mutants *t, u32 i, const struct style *s, struct str *out)
{
	const struct mutant *x = &t->m->all.v[i];

	str_printf(out, "%4u  line %-4u %s\n", i + 1, x->line, mutation_info(x->id)->name);
	change(x, s, out);
}

static void shown_where(const struct trial *x, struct str *out)
{
	str_printf(out, " on %s", x->platform);
	if (x->how == TRIAL_SEARCH)
		str_add(out, ", on some schedule");
	else if (x->how == TRIAL_HOSTILE)
		str_add(out, ", on hostile hardware");
}

/* What tells best. */
static void shown_first(const struct trial *x, struct str *out)
{
	if (x->found.n)
		str_add(out, x->found.v[0]);
	else
		str_printf(out, "outcome %s", outcome_name(x->outcome));
	shown_where(x, out);
}

static void shown(const struct trial *x, struct str *out)
{
	for (u32 i = 0; i < x->found.n; i++)
		str_printf(out, "%s%s", i ? ", " : "", x->found.v[i]);
	if (x->outcome != OUTCOME_RUNNING)
		str_printf(out, "%soutcome %s", x->found.n ? ", " : "", outcome_name(x->outcome));
	shown_where(x, out);
}

void mutant_tried(const struct told_mutants *t, u32 i, const struct trial *x, const struct style *s,
		  struct str *out)
{
	const struct mutant *v = &t->m->all.v[i];

	str_printf(out, "%4u  line %-4u %-17s %-10s  ", i + 1, v->line, mutation_info(v->id)->name,
		   trial_end_name(x->end));
	if (x->end == TRIAL_KILLED)
		shown_first(x, out);
	else if (x->end == TRIAL_EQUIVALENT)
		str_printf(out, "no schedule of %u platforms, %llu states", x->complete,
			   (unsigned long long)x->states);
	else
		str_printf(out, "%s on %s, %llu states", x->bound, x->cut,
			   (unsigned long long)x->states);
	str_add(out, "\n");
	if (x->end != TRIAL_KILLED)
		change(v, s, out);
}

void mutant_answer(const struct told_mutants *t, u32 i, u32 line, const struct trial *x,
		   const struct style *s, struct str *out)
{
	const struct mutant *v = &t->m->all.v[i];
	const struct mutation_info *info = mutation_info(v->id);
	struct str text = {0};

	str_printf(out, "%s, fault %u of %u: %s\n", id_of(t), i + 1, t->m->all.n, info->name);
	str_printf(&text, "%c%s.", info->what[0] - 'a' + 'A', info->what + 1);
	style_wrap(s, 0, 0, str_get(&text), out);
	str_printf(out, "        line %u of the exercise, %u of the file\n", line, v->line);
	change(v, s, out);
	str_clear(&text);
	str_add(&text, "Shows: ");
	if (x->end == TRIAL_KILLED)
		shown(x, &text);
	else
		str_add(&text, "nothing on the platforms of the file");
	str_add(&text, ".");
	style_wrap(s, 0, 0, str_get(&text), out);
	style_wrap(s, 0, 0, info->why, out);
	str_free(&text);
}

void mutants_sums(const struct mutant_sums *s, struct str *out)
{
	plural(s->mutants, "mutant", out);
	str_printf(out, ", %u killed, %u proved equivalent, %u survived", s->ends[TRIAL_KILLED],
		   s->ends[TRIAL_EQUIVALENT], s->ends[TRIAL_SURVIVED]);
	if (s->files > 1)
		str_printf(out, "; %u files", s->files);
	str_add(out, "\n");
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void set_trial(json_t *o, const struct trial *x)
{
	bool killed = x->end == TRIAL_KILLED, out = x->outcome != OUTCOME_RUNNING;

	js_set(o, "verdict", json_string(trial_end_name(x->end)));
	js_set(o, "platform", js_text(killed ? x->platform : x->cut));
	js_set(o, "hardware", js_text(killed ? trial_how_name(x->how) : NULL));
	js_set(o, "schedule", js_text(killed && x->token.n ? str_get(&x->token) : NULL));
	js_set(o, "found", js_ids(&x->found));
	js_set(o, "outcome", js_text(out ? outcome_name(x->outcome) : NULL));
	js_set(o, "named", json_boolean(x->named));
	js_set(o, "states", js_number(x->states));
	js_set(o, "complete", js_number(x->complete));
	js_set(o, "bound", js_text(killed ? NULL : x->bound));
}

void mutant_json(const struct told_mutants *t, u32 i, u32 line, const struct trial *x,
		 struct str *out)
{
	const struct mutant *v = &t->m->all.v[i];
	json_t *o = js_line("mutant");

	js_set(o, "scenario", js_text(id_of(t)));
	js_set(o, "file", js_text(t->file));
	js_set(o, "variant", js_text(t->m->variant));
	js_set(o, "number", js_number(i + 1));
	js_set(o, "operator", js_text(mutation_info(v->id)->name));
	js_set(o, "line", js_number(v->line));
	js_set(o, "before", js_text(v->before));
	js_set(o, "after", js_text(v->after));
	if (line)
		js_set(o, "written-line", js_number(line));
	if (x)
		set_trial(o, x);
	js_put(o, out);
}

void mutants_sums_json(const struct mutant_sums *s, struct str *out)
{
	json_t *o = js_line("mutants");

	js_set(o, "files", js_number(s->files));
	js_set(o, "mutants", js_number(s->mutants));
	js_set(o, "killed", js_number(s->ends[TRIAL_KILLED]));
	js_set(o, "equivalent", js_number(s->ends[TRIAL_EQUIVALENT]));
	js_set(o, "survived", js_number(s->ends[TRIAL_SURVIVED]));
	js_set(o, "named", js_number(s->named));
	js_set(o, "asserted", js_number(s->asserted));
	js_put(o, out);
}
