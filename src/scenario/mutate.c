/* SPDX-License-Identifier: MIT */
#include "scenario/mutate_int.h"

#include <string.h>

#include "base/bug.h"
#include "engine/engine.h"

static const struct mutation_info table[] = {
#define MUTATION(id, name, what, brings, why) {name, what, brings, why},
#include "scenario/mutations.def"
#undef MUTATION
};

static void (*const look[])(struct mutator *m, u32 at) = {
#define MUTATION(id, name, what, brings, why) mutate_##id,
#include "scenario/mutations.def"
#undef MUTATION
};

const struct mutation_info *mutation_info(u32 id)
{
	BUG_ON(id >= MUTATIONS);
	return &table[id];
}

u32 mutation_find(const char *name)
{
	u32 id = 0;

	while (id < MUTATIONS && strcmp(table[id].name, name) != 0)
		id++;
	return id;
}

/* ---- edits --------------------------------------------------------------------------------- */

/* A line as a statement: without what YAML has around it. */
static const char *line_words(struct mutator *m, u32 line)
{
	const struct row *l = &m->out->alone.v[line];
	u32 from = rows_indent(l), to = l->n;

	if (l->n - from > 2 && strncmp(l->s + from, "- ", 2) == 0)
		from += 2;
	while (to > from && strchr(" \r:", l->s[to - 1]))
		to--;
	return arena_strndup(m->a, l->s + from, to - from);
}

/* Lines right above a step that hold remarks about it. */
static u32 notes_above(const struct mutator *m, const struct site *x)
{
	const struct rows *l = &m->out->alone;
	u32 first = x->first;

	if (!x->seq)
		return 0;
	for (u32 i = x->index; i-- > 0 && x->list->v[i]->kind == STMT_NOTE;)
		first = x->seq->item[i]->at.line - 1;
	while (first && rows_is_comment(&l->v[first - 1]) &&
	       rows_indent(&l->v[first - 1]) == x->indent)
		first--;
	return x->first - first;
}

/* Whether the text of mutant i is a program on all platforms of the file. */
static bool is_legal(struct mutants *m, u32 i, const char *data_dir)
{
	struct scenario_options opt = {.data_dir = data_dir};
	struct err_list errs = {.file = ""};
	struct scenario *s;
	struct str text = {0};
	u32 line;

	mutant_text(m, i, &text, &line);
	s = scenario_parse(str_get(&text), text.n, &opt, &errs);
	scenario_free(s);
	err_free(&errs);
	str_free(&text);
	return s != NULL;
}

static bool is_new(struct mutants *m, u32 i)
{
	struct str a = {0}, b = {0};
	bool same = false;
	u32 line;

	mutant_text(m, i, &a, &line);
	for (u32 k = 0; k < i && !same; k++) {
		if (m->all.v[k].line != m->all.v[i].line)
			continue;
		str_clear(&b);
		mutant_text(m, k, &b, &line);
		same = a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
	}
	str_free(&a);
	str_free(&b);
	return !same;
}

static void add(struct mutator *m, u32 at, struct edit e, const char *after)
{
	const struct site *x = &m->sites.v[at];
	struct mutant new = {.id = m->id, .after = after, .edit = e};

	if (!x->reached)
		return;
	new.line = m->out->alone.v[x->first].origin;
	new.before = line_words(m, e.kind == EDIT_TEXT ? e.line : x->first);
	new.edit.from = x->first;
	new.edit.to = x->end;
	new.edit.notes = notes_above(m, x);
	vec_push(&m->out->all, new);
}

/* A line as it is with the edit. */
static const char *line_then(struct mutator *m, const struct edit *e)
{
	struct row *l = &m->out->alone.v[e->line], kept = *l;
	const char *words;

	rows_replace(&m->out->alone, e->line, e->byte, e->n, e->text);
	words = line_words(m, e->line);
	*l = kept;
	return words;
}

/* False: it does not lie in one line. */
static bool edit_at(struct mutator *m, struct pos at, const char *text, struct edit *e)
{
	const struct row *l;

	if (at.len == UINT32_MAX || !at.line || at.line > m->out->alone.n)
		return false;
	*e = (struct edit){.kind = EDIT_TEXT, .line = at.line - 1};
	l = &m->out->alone.v[e->line];
	e->text = arena_strndup(m->a, text, strlen(text));
	e->byte = rows_byte(l, at.col);
	e->n = rows_byte(l, at.col + at.len) - e->byte;
	return true;
}

void mutate_expr(struct mutator *m, u32 at, const struct expr *x, const char *text)
{
	struct edit e;

	if (edit_at(m, x->at, text, &e))
		add(m, at, e, line_then(m, &e));
}

void mutate_header(struct mutator *m, struct pos at, const char *text)
{
	struct mutant new = {.id = m->id};

	if (!edit_at(m, at, text, &new.edit))
		return;
	new.line = m->out->alone.v[at.line - 1].origin;
	new.before = line_words(m, at.line - 1);
	new.after = line_then(m, &new.edit);
	new.edit.from = at.line - 1;
	new.edit.to = at.line;
	vec_push(&m->out->all, new);
}

void mutate_name(struct mutator *m, u32 at, const struct expr *call, const char *name)
{
	struct expr e = *call;

	e.at = call->op_at;
	mutate_expr(m, at, &e, name);
}

void mutate_cut(struct mutator *m, u32 at)
{
	const struct site *x = &m->sites.v[at];
	struct edit e = {.kind = EDIT_CUT};

	if (!x->seq && x->parent != NO_SITE && m->sites.v[x->parent].s->kind == STMT_IF &&
	    m->sites.v[x->parent].s->arms == 1) {
		mutate_cut(m, x->parent);
		return;
	}
	if (!x->seq)
		return;
	e.alone = x->seq->n == 1 ? 1 + x->indent : 0;
	add(m, at, e, NULL);
}

static void move(struct mutator *m, u32 at, u32 line, const char *how, u32 where)
{
	const struct site *x = &m->sites.v[at];
	struct edit e = {.kind = EDIT_MOVE, .at = line};

	if (x->seq && line <= x->first - notes_above(m, x))
		add(m, at, e, arena_printf(m->a, "%s %s", how, line_words(m, where)));
	else if (x->seq && line >= x->end)
		add(m, at, e, arena_printf(m->a, "%s %s", how, line_words(m, where)));
}

void mutate_before(struct mutator *m, u32 at, u32 where)
{
	const struct site *y = &m->sites.v[where];

	if (y->seq == m->sites.v[at].seq)
		move(m, at, y->first - notes_above(m, y), "moved before", y->first);
}

void mutate_behind(struct mutator *m, u32 at, u32 where)
{
	const struct site *y = &m->sites.v[where];

	if (y->seq == m->sites.v[at].seq)
		move(m, at, y->end, "moved behind", y->first);
}

void mutate_copy(struct mutator *m, u32 at)
{
	struct edit e = {.kind = EDIT_COPY};

	if (m->sites.v[at].seq)
		add(m, at, e, "twice");
}

void mutant_text(struct mutants *m, u32 i, struct str *out, u32 *line)
{
	const struct edit *e = &m->all.v[i].edit;
	struct rows l;

	rows_copy(&l, &m->alone);
	*line = e->from + 1 - e->notes;
	switch (e->kind) {
	case EDIT_TEXT:
		rows_replace(&l, e->line, e->byte, e->n, e->text);
		*line = e->line + 1 - e->notes;
		break;
	case EDIT_COPY:
		rows_put_all(&l, e->to, &m->alone, e->from, e->to);
		break;
	case EDIT_MOVE:
		if (e->at > e->from) {
			rows_put_all(&l, e->at, &m->alone, e->from, e->to);
			rows_cut(&l, e->from, e->to);
			*line = e->at + 1 - (e->to - e->from) - e->notes;
		}
		break;
	case EDIT_CUT:
		rows_cut(&l, e->from, e->to);
		if (e->alone) {
			struct str s = {0};

			str_printf(&s, "%*s- note: \"Nothing is done here.\"", (int)e->alone - 1,
				   "");
			rows_put(&l, e->from, str_get(&s), s.n, 0);
			str_free(&s);
		}
		break;
	}
	if (e->kind == EDIT_MOVE && e->at <= e->from) {
		rows_cut(&l, e->from - e->notes, e->to);
		rows_put_all(&l, e->at, &m->alone, e->from, e->to);
		*line = e->at + 1;
	} else {
		rows_cut(&l, e->from - e->notes, e->from);
	}
	rows_join(&l, out);
	rows_free(&l);
}

/* ---- what the calm run reaches ------------------------------------------------------------- */

static void mark_lines(struct mutator *m, const struct program *prog, const struct event_log *log)
{
	for (u32 i = 1; i <= log->n; i++) {
		const struct event *e = event_get(log, i);
		u32 line = e->stmt ? prog->stmt[e->stmt].line : 0;

		if (line && line <= m->lines)
			m->hit[line - 1] = true;
	}
}

/* Runs it calm on all platforms of the file. False: it is no program by itself. */
static bool run_calm(struct mutator *m, const char *text, size_t len, const char *data_dir)
{
	struct scenario_options opt = {.data_dir = data_dir};
	struct err_list errs = {.file = ""};
	struct scenario *s = scenario_parse(text, len, &opt, &errs);
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct program *prog;
	bool ok = s != NULL;

	for (u32 p = 0; s && p < s->doc->platforms; p++) {
		if (scenario_compile(s, NULL, s->doc->platform[p].name.text, NULL, cfg, &prog,
				     &errs)) {
			struct engine_options none = {.no_oracle = true};
			struct engine *e = engine_new(cfg, prog, &none);

			engine_run(e, NULL, NULL);
			mark_lines(m, prog, e->w->log);
			engine_free(e);
			program_free(prog);
		}
	}
	scenario_free(s);
	err_free(&errs);
	mem_free(cfg);
	return ok;
}

/* ---- all of them --------------------------------------------------------------------------- */

/* What is no program, and what was there before, goes. */
static void sift(struct mutants *m, u32 from, const char *data_dir)
{
	u32 n = from;

	for (u32 i = from; i < m->all.n; i++) {
		struct mutant x = m->all.v[i];

		m->all.v[n] = x;
		if (!is_new(m, n))
			m->same++;
		else if (!is_legal(m, n, data_dir))
			m->illegal++;
		else
			n++;
	}
	m->all.n = n;
}

static void find_all(struct mutator *m, u32 only, const char *data_dir)
{
	while (m->first < m->sites.n && !m->sites.v[m->first].reached)
		m->first++;
	for (m->id = 0; m->id < MUTATIONS; m->id++) {
		u32 from = m->out->all.n;

		if (only != MUTATIONS && only != m->id)
			continue;
		for (u32 at = 0; at < m->sites.n; at++)
			if (m->sites.v[at].reached)
				look[m->id](m, at);
		sift(m->out, from, data_dir);
	}
}

bool mutants_make(struct mutants *m, const struct scenario *s, const char *variant, u32 only,
		  struct alone_why *why)
{
	struct mutator k = {.out = m, .a = &m->arena};
	struct err_list errs = {.file = ""};
	struct scenario_doc *doc;
	struct str text = {0};
	bool ok;

	*m = (struct mutants){.variant = variant};
	if (!alone_make(s->doc, variant, &m->arena, &m->alone, why))
		return false;
	rows_join(&m->alone, &text);
	k.lines = m->alone.n;
	k.hit = mem_zalloc(k.lines ? k.lines : 1, sizeof *k.hit);
	ok = run_calm(&k, str_get(&text), text.n, s->data_dir);
	if (!ok)
		*why = (struct alone_why){"it is no program without its other variants", {0}};
	doc = ok ? doc_parse(str_get(&text), text.n, &errs) : NULL;
	k.doc = doc;
	if (ok) {
		sites_find(&k);
		find_all(&k, only, s->data_dir);
	}
	doc_free(doc);
	err_free(&errs);
	vec_free(&k.sites);
	mem_free(k.hit);
	str_free(&text);
	return ok;
}

void mutants_free(struct mutants *m)
{
	vec_free(&m->all);
	rows_free(&m->alone);
	arena_free(&m->arena);
}

/* ---- the file ------------------------------------------------------------------------------ */

bool mutants_is_correct(const struct scenario *s, u32 variant)
{
	const struct scenario_doc *doc = s->doc;
	bool expects = true;

	for (u32 i = 0; i < doc->variants; i++)
		if (strcmp(doc->variant[i].name.text, "fixed") == 0)
			return i == variant;
	for (u32 p = 0; p < doc->platforms && doc->has_expect; p++) {
		const struct doc_expect *x =
		    scenario_expect(s, doc->variants ? doc->variant[variant].name.text : NULL,
				    doc->platform[p].name.text);

		expects &= x && !x->calm.n && !x->some.n && x->outcome == DOC_ENDED;
	}
	return expects && doc->has_expect;
}

/* The line behind the value of `platforms:`. */
static u32 platforms_end(const struct scenario_doc *doc, const struct rows *l,
			 const struct ynode *list)
{
	u32 end = l->n;

	for (u32 i = 0; i + 1 < doc->root->n; i++)
		if (doc->root->pair[i].value == list)
			end = doc->root->pair[i + 1].key->at.line - 1;
	while (end > list->at.line && (rows_is_blank(&l->v[end - 1]) || l->v[end - 1].s[0] == '#'))
		end--;
	return end;
}

static bool has_platform(const struct scenario_doc *doc, const char *name)
{
	for (u32 p = 0; p < doc->platforms; p++)
		if (strcmp(doc->platform[p].name.text, name) == 0)
			return true;
	return false;
}

static void add_platforms(const struct scenario_doc *doc, struct rows *l, const char *const *names)
{
	const struct ynode *list = ynode_get(doc->root, "platforms");
	u32 end = platforms_end(doc, l, list);
	const struct row *first = &l->v[list->at.line - 1];
	bool flow = first->s[rows_byte(first, list->at.col)] == '[';
	const char *close = flow ? strrchr(l->v[end - 1].s, ']') : NULL;
	struct str more = {0};

	for (u32 i = 0; names[i]; i++) {
		if (has_platform(doc, names[i]))
			continue;
		if (flow) {
			str_printf(&more, ", %s", names[i]);
			continue;
		}
		str_clear(&more);
		str_printf(&more, "%*s- %s", (int)list->at.col - 1, "", names[i]);
		rows_put(l, end++, str_get(&more), more.n, 0);
	}
	if (close && more.n)
		rows_replace(l, end - 1, (u32)(close - l->v[end - 1].s), 0, str_get(&more));
	str_free(&more);
}

void mutants_platforms(const char *text, size_t len, const char *const *names, struct str *out)
{
	struct err_list errs = {.file = ""};
	struct scenario_doc *doc = doc_parse(text, len, &errs);
	struct arena a = {0};
	struct rows l;

	rows_split(&l, &a, text, len);
	add_platforms(doc, &l, names);
	rows_join(&l, out);
	rows_free(&l);
	arena_free(&a);
	doc_free(doc);
	err_free(&errs);
}
