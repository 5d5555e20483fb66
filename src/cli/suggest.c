/* SPDX-License-Identifier: MIT */
#include "cli/suggest.h"

#include "report/json.h"
#include "report/schedules.h"
#include "report/style.h"
#include "report/suggest.h"

enum { FIELD = 18, WIDTH = 78 };

static const char indent[] = "          ";

/* "        suggest   cpu-stale-read, line 27: checked, proved, 59 states" */
static void head(const struct run *r, const struct finding *f, const struct suggestion *u,
		 struct str *out)
{
	static const struct style style = {.width = WIDTH};
	struct str s = {0};

	finding_id(r->in.prog, f, &s);
	str_printf(&s, ", line %u: ", names_line(&r->names, f->stmt));
	if (u->what == SUGGEST_CHECKED) {
		if (u->fix.edits > 1 && !u->with)
			str_printf(&s, "%u changes together, ", u->fix.edits);
		str_printf(&s, "checked%s%s", u->extent.n ? ", " : "", str_get(&u->extent));
		if (u->with)
			str_printf(&s, "; goes with line %u", u->with);
	} else if (u->what == SUGGEST_FAILS) {
		str_printf(&s, "no fix alone does. With \"%s\" ", str_get(&u->fix.where));
		str_printf(&s, "%s.", str_get(&u->why));
	} else {
		str_printf(&s, "takes more than a call. %s", str_get(&u->fix.words));
	}
	str_add(out, "        suggest   ");
	style_wrap(&style, FIELD, FIELD, str_get(&s), out);
	str_free(&s);
}

static void tell(struct suggest_tally *t, struct suggester *g, const struct run *r,
		 const struct finding *f, struct str *out)
{
	struct suggestion u;

	if (f->id == DIAG_ASSERT)
		return;
	suggest(g, r, f, &u);
	t->checked += u.what == SUGGEST_CHECKED;
	t->fails += u.what == SUGGEST_FAILS;
	t->words += u.what == SUGGEST_WORDS;
	t->several += u.what == SUGGEST_CHECKED && u.fix.edits > 1;
	if (t->json) {
		json_suggestion(r, f, &u, out);
	} else {
		head(r, f, &u, out);
		if (u.what == SUGGEST_CHECKED && !u.with)
			suggest_diff(&r->names, &u.fix, indent, out);
	}
	suggestion_free(&u);
}

/* The calm run has told of it. */
static bool was_calm(const struct run *r, const struct finding *f)
{
	for (u32 i = 0; i < r->found.n; i++)
		if (r->found.v[i].f.id == f->id && r->found.v[i].f.stmt == f->stmt &&
		    r->found.v[i].f.map_stmt == f->map_stmt)
			return true;
	return false;
}

/* Both: of the calm run, and of the schedules that show more. */
static void each(struct suggest_tally *t, struct suggester *g, const struct run *r,
		 const struct explored *x, struct str *out)
{
	for (u32 i = 0; i < r->found.n; i++)
		tell(t, g, r, &r->found.v[i].f, out);
	for (u32 i = 0; x && i < x->found.n; i++) {
		struct shown shown;

		if (was_calm(r, &x->found.v[i].f))
			continue;
		shown_make(&shown, x, i);
		if (shown.nr)
			tell(t, g, &shown.run, &shown.run.found.v[shown.nr - 1].f, out);
		shown_free(&shown);
	}
}

void suggest_tell(struct suggest_tally *t, const struct loaded *l, const struct run *r,
		  const struct explored *x, const struct explore_options *opt, struct str *out)
{
	struct suggester g;

	if (!r->found.n && !(x && x->found.n))
		return;
	suggest_begin(&g, l->s, r, x, x ? opt : NULL);
	for (u32 i = 0; i < r->found.n; i++)
		suggest_offer(&g, r, &r->found.v[i].f);
	each(t, &g, r, x, out);
	suggest_end(&g);
}

void suggest_totals(const struct suggest_tally *t, struct str *out)
{
	u32 n = t->checked + t->fails + t->words;

	str_printf(out,
		   "%u finding%s: %u with a suggestion, checked (%u of more than one change); "
		   "%u whose\nfix alone does not do; %u that take more than a call\n",
		   n, n == 1 ? "" : "s", t->checked, t->several, t->fails, t->words);
}
