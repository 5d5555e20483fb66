/* SPDX-License-Identifier: MIT */
#include "report/suggest.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "scenario/edit.h"

/* ---- findings by their places -------------------------------------------------------------- */

/* The directions that a statement names: a bit for each. */
static u32 directions_of(const struct stmt_info *at)
{
	static const char *const names[] = {"DMA_BIDIRECTIONAL", "DMA_TO_DEVICE",
					    "DMA_FROM_DEVICE"};
	u32 bits = 0;

	for (u32 i = 0; i < ARRAY_LEN(names); i++)
		bits |= (at->text && strstr(at->text, names[i]) ? 1u : 0u) << i;
	return bits;
}

/* What a direction is wrong against, and which: mended into another wrong one, it is another. */
static u32 turned_how(const struct finding *f, const struct stmt_info *at,
		      const struct stmt_info *map)
{
	if (f->id != DIAG_MAP_WRONG_DIRECTION && f->id != DIAG_SYNC_WRONG_DIRECTION &&
	    f->id != DIAG_UNMAP_DIRECTION_MISMATCH)
		return 0;
	return directions_of(at) | directions_of(map) << 3;
}

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
				      .map = f->id == DIAG_ASSERT ? 0 : map->line,
				      .severity = f->severity,
				      .party = f->party,
				      .dev = f->dev,
				      .directions = turned_how(f, at, map),
				      .off = f->off,
				      .n = f->n};
}

static bool same_place(const struct known_finding *a, const struct known_finding *b)
{
	return a->id == b->id && a->index == b->index && a->line == b->line && a->col == b->col &&
	       a->map == b->map;
}

/* b tells nothing that a does not: the same party, no other bytes, nothing graver. */
static bool covers(const struct known_finding *a, const struct known_finding *b)
{
	if (!same_place(a, b))
		return false;
	return a->id == DIAG_ASSERT ||
	       (a->party == b->party && a->dev == b->dev && a->directions == b->directions &&
		a->severity >= b->severity && a->off <= b->off && b->off + b->n <= a->off + a->n);
}

/* One at that place, whatever it tells of it. */
static bool has(const struct known_findings *l, const struct known_finding *m)
{
	for (u32 i = 0; i < l->n; i++)
		if (same_place(&l->v[i], m))
			return true;
	return false;
}

static bool knows(const struct known_findings *l, const struct known_finding *m)
{
	for (u32 i = 0; i < l->n; i++)
		if (covers(&l->v[i], m))
			return true;
	return false;
}

static void mark(struct known_findings *l, const struct program *prog, const struct findings *found)
{
	for (u32 i = 0; i < found->n; i++) {
		struct known_finding m = mark_of(prog, &found->v[i].f);

		if (!knows(l, &m))
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
static struct trial *trial_of(struct suggester *g, const struct fix *x, const struct program *prog,
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
		if (after->v[i].aside || knows(&g->before, &after->v[i]))
			continue;
		name_mark(t->prog, &after->v[i], "comes", why);
		ok = false;
	}
	return ok;
}

/* ---- on the file's other platforms ----------------------------------------------------------- */

/* Calm, on a platform: what it shows, added to out. False: it is no program there. */
static bool shows(const struct suggester *g, const struct scenario *s, const char *platform,
		  struct known_findings *out, enum outcome *outcome)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct err_list errs = {.file = g->in.file};
	struct program *prog = NULL;
	struct run_input in = g->in;
	struct run r;

	if (scenario_compile(s, g->in.variant, platform, NULL, cfg, &prog, &errs)) {
		in.doc = s->doc;
		in.prog = prog;
		in.cfg = cfg;
		in.expect = NULL;
		run_do(&r, &in);
		mark(out, prog, &r.found);
		*outcome = r.outcome;
		run_free(&r);
	}
	if (prog)
		program_free(prog);
	err_free(&errs);
	mem_free(cfg);
	return prog != NULL;
}

/* Nothing new on one of them, nor another end. */
static bool fine_on(const struct suggester *g, const struct trial *t, const char *platform,
		    struct str *why)
{
	struct known_findings before = {0}, after = {0};
	enum outcome was = OUTCOME_ENDED, is = OUTCOME_ENDED;
	bool ok = !shows(g, g->s, platform, &before, &was) ||
		  (shows(g, t->s, platform, &after, &is) && ends_well(is, was));

	if (!ok)
		str_printf(why, "the run ends otherwise on %s", platform);
	for (u32 i = 0; i < after.n && ok; i++) {
		char how[96];

		if (after.v[i].aside || knows(&before, &after.v[i]) ||
		    knows(&g->before, &after.v[i]))
			continue;
		snprintf(how, sizeof how, "comes on %s", platform);
		name_mark(t->prog, &after.v[i], how, why);
		ok = false;
	}
	vec_free(&before);
	vec_free(&after);
	return ok;
}

static bool elsewhere(const struct suggester *g, struct trial *t, struct str *why)
{
	const struct scenario_doc *d = g->s->doc;

	for (u32 i = 0; i < d->platforms && !t->looked; i++)
		if (strcmp(d->platform[i].name.text, g->in.cfg->platform) != 0 &&
		    !fine_on(g, t, d->platform[i].name.text, &t->elsewhere))
			break;
	t->looked = true;
	str_add(why, str_get(&t->elsewhere));
	return t->elsewhere.n == 0;
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
	if (!elsewhere(g, t, why))
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
	mark(&g->calm, r->in.prog, &r->found);
	if (x)
		mark(&g->before, r->in.prog, &x->found);
}

/* How many findings of the calm run are none any more. */
static u32 removed(const struct suggester *g, const struct trial *t)
{
	u32 n = 0;

	for (u32 i = 0; i < g->calm.n && t->compiles; i++)
		n += !g->calm.v[i].aside && !has(&t->calm, &g->calm.v[i]);
	return n;
}

/* The fixes of the finding, then those of the others: once each. Borrowed. */
struct candidates {
	VEC(const struct fix *)
};

static void candidate(struct candidates *c, const struct fix *x)
{
	struct str key = {0};
	bool there = false;

	key_of(x, &key);
	for (u32 i = 0; i < c->n && !there; i++) {
		struct str other = {0};

		key_of(c->v[i], &other);
		there = strcmp(str_get(&key), str_get(&other)) == 0;
		str_free(&other);
	}
	if (!there)
		vec_push(c, x);
	str_free(&key);
}

/* Those that remove most first, else as they stand. */
static void rank(struct suggester *g, struct candidates *c, const struct run *r)
{
	for (u32 i = 1; i < c->n; i++) {
		const struct fix *x = c->v[i];
		u32 n = removed(g, trial_of(g, x, r->in.prog, r->outcome)), k = i;

		for (; k && removed(g, trial_of(g, c->v[k - 1], r->in.prog, r->outcome)) < n; k--)
			c->v[k] = c->v[k - 1];
		c->v[k] = x;
	}
}

static void fix_copy(struct fix *out, const struct fix *x)
{
	*out = (struct fix){.edits = x->edits};
	str_add(&out->where, str_get(&x->where));
	str_add(&out->call, str_get(&x->call));
	str_add(&out->words, str_get(&x->words));
	for (u32 i = 0; i < x->edits; i++) {
		out->edit[i] = x->edit[i];
		out->edit[i].text = (struct str){0};
		str_add(&out->edit[i].text, str_get(&x->edit[i].text));
	}
}

void suggest_offer(struct suggester *g, const struct run *r, const struct finding *f)
{
	struct fixes l = {0};

	fixes_make(&l, &r->names, f);
	for (u32 i = 0; i < l.n; i++)
		vec_push(&g->pool, l.v[i]);
	vec_free(&l);
}

/* The line of a change that was told already; 0: it was not. */
static u32 told_at(struct suggester *g, const struct run *r, const struct fix *x)
{
	struct str key = {0};
	u32 line = 0;

	key_of(x, &key);
	for (u32 i = 0; i < g->told.n && !line; i++)
		if (strcmp(str_get(&g->told.v[i]), str_get(&key)) == 0)
			line = names_line(&r->names, x->edit[0].stmt);
	if (line)
		str_free(&key);
	else
		vec_push(&g->told, key);
	return line;
}

void suggest(struct suggester *g, const struct run *r, const struct finding *f,
	     struct suggestion *out)
{
	struct known_finding m = mark_of(r->in.prog, f);
	struct candidates c = {0};
	struct fixes l = {0};
	struct str why = {0};

	*out = (struct suggestion){.what = SUGGEST_WORDS};
	fixes_make(&l, &r->names, f);
	for (u32 i = 0; i < l.n; i++)
		candidate(&c, &l.v[i]);
	for (u32 i = 0; i < g->pool.n; i++)
		candidate(&c, &g->pool.v[i]);
	rank(g, &c, r);
	for (u32 i = 0; i < c.n && out->what != SUGGEST_CHECKED; i++) {
		struct trial *t = trial_of(g, c.v[i], r->in.prog, r->outcome);

		str_clear(&why);
		if (does(g, t, &m, &why)) {
			out->what = SUGGEST_CHECKED;
			str_clear(&out->why);
			str_add(&out->extent, str_get(&t->extent));
			fix_copy(&out->fix, c.v[i]);
			out->with = told_at(g, r, c.v[i]);
		} else if (l.n && c.v[i] == &l.v[0]) {
			out->what = SUGGEST_FAILS;
			str_add(&out->why, str_get(&why));
		}
	}
	if (out->what == SUGGEST_FAILS)
		fix_copy(&out->fix, &l.v[0]);
	else if (out->what == SUGGEST_WORDS)
		fix_make(&out->fix, &r->names, f);
	str_free(&why);
	vec_free(&c);
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
		str_free(&t->elsewhere);
		vec_free(&t->calm);
		vec_free(&t->some);
		if (t->prog)
			program_free(t->prog);
		mem_free(t->cfg);
		scenario_free(t->s);
	}
	vec_free(&g->trials);
	for (u32 i = 0; i < g->pool.n; i++)
		fix_free(&g->pool.v[i]);
	for (u32 i = 0; i < g->told.n; i++)
		str_free(&g->told.v[i]);
	vec_free(&g->pool);
	vec_free(&g->told);
	vec_free(&g->before);
	vec_free(&g->calm);
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
