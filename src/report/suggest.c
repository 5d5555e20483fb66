/* SPDX-License-Identifier: MIT */
#include "report/suggest.h"

#include <string.h>

#include "base/bug.h"
#include "scenario/edit.h"

/* ---- findings by their places -------------------------------------------------------------- */

static struct known_finding mark_of(const struct program *prog, const struct finding *f)
{
	const struct stmt_info *at = &prog->stmt[f->stmt < prog->stmts ? f->stmt : 0];
	const struct stmt_info *map = &prog->stmt[f->map_stmt < prog->stmts ? f->map_stmt : 0];

	const char *text = at->text ? at->text : "";
	bool log = f->id == DIAG_ASSERT && (strstr(text, "log(") || strstr(text, "cat("));

	return (struct known_finding){.aside = log || f->severity == SEVERITY_COST,
				      .id = f->id,
				      .index = f->id == DIAG_ASSERT ? f->index : 0,
				      .line = at->line,
				      .col = at->col,
				      .map = f->id == DIAG_ASSERT ? 0 : map->line};
}

static bool has(const struct known_findings *l, const struct known_finding *m)
{
	for (u32 i = 0; i < l->n; i++)
		if (l->v[i].id == m->id && l->v[i].index == m->index && l->v[i].line == m->line &&
		    l->v[i].col == m->col && l->v[i].map == m->map)
			return true;
	return false;
}

static void mark(struct known_findings *l, const struct program *prog, const struct findings *found)
{
	for (u32 i = 0; i < found->n; i++) {
		struct known_finding m = mark_of(prog, &found->v[i].f);

		if (!has(l, &m))
			vec_push(l, m);
	}
}

/* ---- trying --------------------------------------------------------------------------------- */

static void edits_of(const struct program *prog, const struct fix *x, struct scenario_edit *v)
{
	static const enum edit_action actions[] = {
	    [FIX_BEFORE] = EDIT_BEFORE,		  [FIX_BEHIND] = EDIT_BEHIND,
	    [FIX_REPLACE] = EDIT_REPLACE,	  [FIX_DROP] = EDIT_DROP,
	    [FIX_MOVE_BEFORE] = EDIT_MOVE_BEFORE, [FIX_MOVE_BEHIND] = EDIT_MOVE_BEHIND};

	for (u32 i = 0; i < x->edits; i++) {
		const struct stmt_info *at = &prog->stmt[x->edit[i].stmt];
		const struct stmt_info *to = &prog->stmt[x->edit[i].to];

		v[i] = (struct scenario_edit){.action = actions[x->edit[i].action],
					      .at = {at->line, at->col, at->len},
					      .to = {to->line, to->col, to->len},
					      .text = str_get(&x->edit[i].text)};
	}
}

static void key_of(const struct fix *x, struct str *out)
{
	for (u32 i = 0; i < x->edits; i++)
		str_printf(out, "%u %u %u %s\n", x->edit[i].action, x->edit[i].stmt, x->edit[i].to,
			   str_get(&x->edit[i].text));
}

static struct run_input input_of(const struct suggester *g, const struct trial *t)
{
	struct run_input in = g->in;

	in.doc = t->s->doc;
	in.prog = t->prog;
	in.cfg = t->cfg;
	in.expect = NULL;
	return in;
}

static bool ends_well(enum outcome now, enum outcome was)
{
	return now == was || now == OUTCOME_ENDED || now == OUTCOME_REFUSED;
}

static void run_trial(struct suggester *g, struct trial *t, enum outcome was)
{
	struct run_input in = input_of(g, t);
	struct run r;

	run_do(&r, &in);
	t->compiles = !r.limit && ends_well(r.outcome, was);
	mark(&t->calm, t->prog, &r.found);
	run_free(&r);
}

/* The changed scenario, run calmly: tried once, however many findings it may mend. */
static struct trial *try(struct suggester *g, const struct fix *x, const struct program *prog,
			 enum outcome was)
{
	struct scenario_edit v[FIX_EDITS];
	struct err_list errs = {.file = g->in.file};
	struct trial t = {0};

	key_of(x, &t.edits);
	for (u32 i = 0; i < g->trials.n; i++)
		if (strcmp(str_get(&g->trials.v[i].edits), str_get(&t.edits)) == 0) {
			str_free(&t.edits);
			return &g->trials.v[i];
		}
	edits_of(prog, x, v);
	t.s = scenario_edited(g->s, v, x->edits, &errs);
	t.cfg = mem_zalloc(1, sizeof *t.cfg);
	if (t.s &&
	    scenario_compile(t.s, g->in.variant, g->in.cfg->platform, NULL, t.cfg, &t.prog, &errs))
		run_trial(g, &t, was);
	err_free(&errs);
	vec_push(&g->trials, t);
	return &g->trials.v[g->trials.n - 1];
}

static void search_trial(struct suggester *g, struct trial *t)
{
	struct run_input in = input_of(g, t);
	struct explored x;

	if (t->searched)
		return;
	explored_do(&x, &in, g->opt);
	mark(&t->some, t->prog, &x.found);
	explored_extent(&x, &t->extent);
	explored_free(&x);
	t->searched = true;
}

/* ---- judging -------------------------------------------------------------------------------- */

static void name_mark(const struct program *prog, const struct known_finding *m, const char *how,
		      struct str *out)
{
	struct finding f = {.id = (u8)m->id, .index = m->index};

	str_printf(out, "%s", out->n ? "; " : "");
	finding_id(prog, &f, out);
	str_printf(out, " (line %u) %s", m->line, how);
}

/* Nothing of it in `after`, and nothing new. why, where it fails. */
static bool gone(const struct suggester *g, const struct trial *t,
		 const struct known_findings *after, const struct known_finding *m, struct str *why)
{
	bool ok = !has(after, m);

	if (!ok)
		name_mark(t->prog, m, "remains", why);
	for (u32 i = 0; i < after->n; i++) {
		if (after->v[i].aside || has(&g->before, &after->v[i]))
			continue;
		name_mark(t->prog, &after->v[i], "comes", why);
		ok = false;
	}
	return ok;
}

static bool does(struct suggester *g, struct trial *t, const struct known_finding *m,
		 struct str *why)
{
	if (!t->prog) {
		str_add(why, "it means something else there");
		return false;
	}
	if (!t->compiles) {
		str_add(why, "the run ends otherwise");
		return false;
	}
	if (!gone(g, t, &t->calm, m, why))
		return false;
	if (!g->opt)
		return true;
	search_trial(g, t);
	return gone(g, t, &t->some, m, why);
}

void suggest_begin(struct suggester *g, const struct scenario *s, const struct run *r,
		   const struct explored *x, const struct explore_options *opt)
{
	*g = (struct suggester){.s = s, .in = r->in, .opt = opt};
	mark(&g->before, r->in.prog, &r->found);
	if (x)
		mark(&g->before, r->in.prog, &x->found);
}

void suggest(struct suggester *g, const struct run *r, const struct finding *f,
	     struct suggestion *out)
{
	struct known_finding m = mark_of(r->in.prog, f);
	struct fixes l = {0};
	u32 take = ~0u;

	*out = (struct suggestion){.what = SUGGEST_WORDS};
	fixes_make(&l, &r->names, f);
	for (u32 i = 0; i < l.n && take == ~0u; i++) {
		struct trial *t = try(g, &l.v[i], r->in.prog, r->outcome);
		struct str why = {0};

		if (does(g, t, &m, &why)) {
			out->what = SUGGEST_CHECKED;
			str_add(&out->extent, str_get(&t->extent));
			take = i;
		} else if (!i) {
			out->what = SUGGEST_FAILS;
			str_add(&out->why, str_get(&why));
		}
		str_free(&why);
	}
	if (!l.n) {
		fix_make(&out->fix, &r->names, f);
	} else {
		take = take == ~0u ? 0 : take;
		out->fix = l.v[take];
		l.v[take] = (struct fix){0};
	}
	fixes_free(&l);
}

void suggestion_free(struct suggestion *u)
{
	fix_free(&u->fix);
	str_free(&u->why);
	str_free(&u->extent);
}

void suggest_end(struct suggester *g)
{
	for (u32 i = 0; i < g->trials.n; i++) {
		struct trial *t = &g->trials.v[i];

		str_free(&t->edits);
		str_free(&t->extent);
		vec_free(&t->calm);
		vec_free(&t->some);
		if (t->prog)
			program_free(t->prog);
		mem_free(t->cfg);
		scenario_free(t->s);
	}
	vec_free(&g->trials);
	vec_free(&g->before);
}

/* ---- telling -------------------------------------------------------------------------------- */

const char *suggested_name(enum suggested what)
{
	static const char *const names[] = {
	    [SUGGEST_CHECKED] = "checked", [SUGGEST_FAILS] = "fails", [SUGGEST_WORDS] = "words"};

	BUG_ON((u32)what >= ARRAY_LEN(names));
	return names[what];
}

/* The statement that goes, as the file has it. */
static void minus(const struct names *n, const struct fix_edit *e, const char *indent,
		  struct str *out)
{
	const char *text = names_stmt(n, e->stmt)->text;

	str_printf(out, "%sline %u: - %s;\n", indent, names_line(n, e->stmt), text ? text : "?");
}

void suggest_diff(const struct names *n, const struct fix *x, const char *indent, struct str *out)
{
	for (u32 i = 0; i < x->edits; i++) {
		const struct fix_edit *e = &x->edit[i];
		bool behind = e->action == FIX_BEHIND || e->action == FIX_MOVE_BEHIND;
		u32 at = e->to ? e->to : e->stmt;

		if (e->action >= FIX_REPLACE)
			minus(n, e, indent, out);
		if (e->action == FIX_DROP)
			continue;
		str_printf(out, "%s%sline %u: + %s\n", indent,
			   e->action == FIX_REPLACE ? ""
			   : behind		    ? "behind "
						    : "before ",
			   names_line(n, at), str_get(&e->text));
	}
}
