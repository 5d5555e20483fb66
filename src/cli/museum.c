/* SPDX-License-Identifier: MIT */
#include "cli/museum.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/manual.h"
#include "cli/scenarios.h"
#include "report/style.h"

/* ---- reading ---- */

static void load_one(void *ctx, const char *file)
{
	struct museum *m = ctx;
	struct err_list errs = {.file = file};
	struct scenario_doc *d = doc_load(file, &errs);

	if (d && d->id.text)
		vec_push(&m->bugs, d);
	err_free(&errs);
	if (d && !d->id.text)
		doc_free(d);
}

static void load_left_out(struct museum *m)
{
	struct str path = {0};
	char line[2048];
	FILE *f;

	str_printf(&path, "%s/bugs/left-out", scenarios_dir().path);
	f = fopen(str_get(&path), "r");
	while (f && fgets(line, sizeof line, f)) {
		struct bug_left_out b;

		if (bug_left_out_read(line, strcspn(line, "\n"), &b))
			vec_push(&m->left_out, b);
	}
	if (f)
		fclose(f);
	str_free(&path);
}

void museum_load(struct museum *m)
{
	*m = (struct museum){0};
	scenarios_each("bugs", load_one, m);
	load_left_out(m);
}

void museum_free(struct museum *m)
{
	for (u32 i = 0; i < m->bugs.n; i++)
		doc_free(m->bugs.v[i]);
	for (u32 i = 0; i < m->left_out.n; i++)
		bug_left_out_free(&m->left_out.v[i]);
	vec_free(&m->bugs);
	vec_free(&m->left_out);
}

/* ---- in the order of their numbers ---- */

struct visitor {
	void (*bug)(const struct scenario_doc *d, const char *number, void *ctx);
	void (*left_out)(const struct bug_left_out *b, void *ctx); /* may be NULL */
	void *ctx;
};

static void visit(const struct museum *m, const struct visitor *v)
{
	struct str number = {0};
	u32 out = 0;

	for (u32 i = 0; i < m->bugs.n; i++) {
		str_clear(&number);
		bug_number(m->bugs.v[i]->id.text, &number);
		for (; v->left_out && out < m->left_out.n &&
		       strcmp(m->left_out.v[out].number, str_get(&number)) < 0;
		     out++)
			v->left_out(&m->left_out.v[out], v->ctx);
		v->bug(m->bugs.v[i], str_get(&number), v->ctx);
	}
	for (; v->left_out && out < m->left_out.n; out++)
		v->left_out(&m->left_out.v[out], v->ctx);
	str_free(&number);
}

/* Loads, visits and frees. */
static void each(void (*bug)(const struct scenario_doc *, const char *, void *),
		 void (*left_out)(const struct bug_left_out *, void *), void *ctx)
{
	struct visitor v = {bug, left_out, ctx};
	struct museum m;

	museum_load(&m);
	visit(&m, &v);
	museum_free(&m);
}

/* ---- the list ---- */

/* "b013  2023  ENA: the XDP program runs before the sync": the number is a name that `run` takes.
 */
static void list_line(const char *number, u32 year, const char *what, const char *title,
		      struct str *out)
{
	str_printf(out, "b%-4s ", number[0] ? number + 1 : "");
	if (year)
		str_printf(out, "%u", year);
	else
		str_add(out, "    ");
	str_printf(out, "  %s", what);
	if (title)
		str_safe(out, title, strlen(title));
	str_add(out, "\n");
}

static void list_bug(const struct scenario_doc *d, const char *number, void *ctx)
{
	list_line(number, bug_year(d->source), "", d->title, ctx);
}

static void list_left_out(const struct bug_left_out *b, void *ctx)
{
	list_line(b->number, b->year, "(left out) ", b->title, ctx);
}

void museum_list(struct str *out)
{
	each(list_bug, list_left_out, out);
}

static void name_bug(const struct scenario_doc *d, const char *number, void *ctx)
{
	(void)number;
	str_printf(ctx, "%s\n", d->id.text);
}

void museum_names(struct str *out)
{
	each(name_bug, NULL, out);
}

static void json_bug(const struct scenario_doc *d, const char *number, void *ctx)
{
	(void)number;
	bug_json(d, ctx);
}

static void json_left_out(const struct bug_left_out *b, void *ctx)
{
	bug_left_out_json(b, ctx);
}

void museum_json(struct str *out)
{
	each(json_bug, json_left_out, out);
}

/* ---- one of them ---- */

static const struct style page_style = {.width = 80};

struct wanted {
	const char *word;
	struct str *out;
	bool found;
};

static void explain_bug(const struct scenario_doc *d, const char *number, void *ctx)
{
	struct wanted *w = ctx;
	struct str head = {0};
	bool named = strcmp(w->word, d->id.text) == 0 ||
		     (w->word[0] == 'b' && number[0] && strcmp(w->word + 1, number + 1) == 0);

	if (!named || w->found)
		return;
	w->found = true;
	str_printf(&head, "%s: a real bug, %s", d->id.text, d->title);
	style_wrap(&page_style, 0, 2, str_get(&head), w->out);
	if (d->source) {
		str_clear(&head);
		str_printf(&head, "source: %s", d->source);
		style_wrap(&page_style, 0, 2, str_get(&head), w->out);
	}
	for (u32 i = 0; i < 2; i++) {
		const char *text = i ? d->lesson : d->summary;

		str_clear(&head);
		for (; text && *text; text++)
			str_printf(&head, "%c", *text == '\n' ? ' ' : *text);
		while (head.n && head.s[head.n - 1] == ' ')
			head.s[--head.n] = 0;
		str_add(w->out, head.n ? "\n" : "");
		if (head.n)
			style_wrap(&page_style, 0, 0, str_get(&head), w->out);
	}
	str_printf(w->out, "\nSee it: dmalab run %s\n", d->id.text);
	str_free(&head);
}

bool museum_explain(const char *word, struct str *out)
{
	struct wanted w = {word, out, false};
	struct str why = {0};

	if (!data_dir()[0] || word[0] != 'b' || !strspn(word + 1, "0123456789"))
		return false;
	each(explain_bug, NULL, &w);
	if (!w.found && museum_left_out(word, &why)) {
		style_wrap(&page_style, 0, 0, str_get(&why), out);
		w.found = true;
	}
	str_free(&why);
	return w.found;
}

bool museum_left_out(const char *word, struct str *why)
{
	struct museum m = {0};
	bool found = false;

	load_left_out(&m);
	for (u32 i = 0; i < m.left_out.n && !found; i++) {
		found = word[0] == 'b' && strcmp(word + 1, m.left_out.v[i].number + 1) == 0;
		if (found)
			str_printf(why, "%s is left out: %s", m.left_out.v[i].number,
				   m.left_out.v[i].reason);
	}
	museum_free(&m);
	return found;
}

/* ---- the page ---- */

/* One paragraph of text; lines of the file go on. */
static void paragraph(const char *text, struct str *out)
{
	struct str one = {0};

	for (; text && *text; text++)
		str_printf(&one, "%c", *text == '\n' ? ' ' : *text);
	while (one.n && one.s[one.n - 1] == ' ')
		one.s[--one.n] = 0;
	manual_text(str_get(&one), out);
	str_free(&one);
}

static void heading(const char *number, u32 year, const char *title, struct str *out)
{
	struct str s = {0};

	str_printf(&s, "%s: %s", number, title ? title : "");
	if (year)
		str_printf(&s, " (%u)", year);
	str_add(out, ".Ss ");
	manual_line(str_get(&s), out);
	str_free(&s);
}

static void item(const char *what, const char *text, struct str *out)
{
	manual_item(what, out);
	paragraph(text, out);
}

/* "big-pc, like x86-64": a platform of the file's own. */
static void platform_text(const struct scenario_doc *d, const char *name, struct str *out)
{
	str_add(out, name ? name : "all");
	for (u32 i = 0; name && i < d->platforms; i++)
		if (d->platform[i].like.text && strcmp(d->platform[i].name.text, name) == 0)
			str_printf(out, ", like %s", d->platform[i].like.text);
}

static void page_bug(const struct scenario_doc *d, const char *number, void *ctx)
{
	struct str *out = ctx, s = {0}, where = {0};

	heading(number, bug_year(d->source), d->title, out);
	paragraph(d->lesson, out);
	str_add(out, ".Bl -tag -width Ds -compact\n");
	for (u32 i = 0; i < d->expects; i++) {
		const struct doc_expect *x = &d->expect[i];

		if (!bug_is_broken(x))
			continue;
		str_clear(&s);
		bug_shows(x, &s);
		str_add(&s, ".");
		str_clear(&where);
		platform_text(d, x->platform.text, &where);
		item(str_get(&where), str_get(&s), out);
	}
	item("source", d->source, out);
	str_clear(&s);
	str_printf(&s, "dmalab run %s", d->id.text);
	item("run", str_get(&s), out);
	str_add(out, ".El\n");
	str_free(&s);
	str_free(&where);
}

static void page_left_out(const struct bug_left_out *b, void *ctx)
{
	struct str *out = ctx;

	heading(b->number, b->year, b->title, out);
	paragraph(b->reason, out);
	str_add(out, ".Bl -tag -width Ds -compact\n");
	item("source", b->source, out);
	str_add(out, ".El\n");
}

void museum_tables(struct str *out)
{
	struct visitor v = {page_bug, NULL, out};
	struct museum m;

	museum_load(&m);
	manual_table("count", "dmalab-bugs", out);
	str_printf(out, "%u have a scenario, %u are left out.\n", m.bugs.n, m.left_out.n);
	manual_table("bugs", "dmalab-bugs", out);
	visit(&m, &v);
	manual_table("left-out", "dmalab-bugs", out);
	for (u32 i = 0; i < m.left_out.n; i++)
		page_left_out(&m.left_out.v[i], out);
	museum_free(&m);
}
