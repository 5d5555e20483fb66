/* SPDX-License-Identifier: MIT */
#include "scenario/edit.h"

#include <string.h>

#include "scenario/parse.h"

/* Where a statement stands: its list and its index there. */
struct place {
	struct stmt_list *list; /* NULL: nowhere */
	u32 i;
};

/* What was found: the statement, and the outermost thing with an actor of its own around it. */
struct spot {
	struct place own, actor;
};

static bool same(struct pos a, struct pos b)
{
	return a.line == b.line && a.col == b.col;
}

/* The statement begins there, or is control flow one of whose headers does. */
static bool begins_at(const struct stmt *s, struct pos at)
{
	if (same(s->at, at))
		return true;
	if (s->kind == STMT_FOR)
		return (s->first && same(s->first->at, at)) || (s->next && same(s->next->at, at));
	for (u32 i = 0; s->kind == STMT_IF && i < s->arms; i++)
		if (same(s->arm[i].at, at))
			return true;
	return false;
}

/* How many bodies a statement has, and the i-th. */
static u32 bodies(const struct stmt *s)
{
	switch (s->kind) {
	case STMT_IF:
		return s->arms;
	case STMT_WHILE:
	case STMT_FOR:
	case STMT_FOR_EACH:
	case STMT_ACTOR:
		return 1;
	default:
		return 0;
	}
}

static struct stmt_list *body(struct stmt *s, u32 i)
{
	return s->kind == STMT_IF ? &s->arm[i].body : &s->body;
}

/* An actor and its only act begin apart; a statement of a body is looked for before its header. */
static bool find_in(struct stmt_list *l, struct pos at, struct spot *out)
{
	for (u32 i = 0; i < l->n; i++) {
		struct stmt *s = l->v[i];

		for (u32 k = 0; k < bodies(s); k++) {
			if (!find_in(body(s, k), at, out))
				continue;
			if (s->kind == STMT_ACTOR)
				out->actor = (struct place){l, i};
			return true;
		}
		if (s->kind != STMT_NOTE && s->kind != STMT_PREDICT && begins_at(s, at)) {
			out->own = (struct place){l, i};
			return true;
		}
	}
	return false;
}

static bool find(struct scenario_doc *doc, struct pos at, struct spot *out)
{
	*out = (struct spot){0};
	if (find_in(&doc->driver, at, out) || find_in(&doc->remove, at, out))
		return true;
	for (u32 i = 0; i < doc->functions; i++)
		if (find_in(&doc->function[i].body, at, out))
			return true;
	for (u32 i = 0; i < doc->devices; i++)
		if (find_in(&doc->device[i].program, at, out))
			return true;
	return false;
}

/* ---- reading a statement of C -------------------------------------------------------------- */

/* A text that has no place in the file: all of it stands at `at`. */
struct words {
	struct source src;
	struct srcmap map;
};

static void words_open(struct words *w, struct scenario_doc *doc, const char *text, size_t n,
		       struct pos at, struct err_list *errs)
{
	*w = (struct words){0};
	for (size_t i = 0; i <= n; i++)
		vec_push(&w->map, (struct src_place){at.line, at.col});
	w->src = (struct source){&doc->arena, errs, arena_strndup(&doc->arena, text, n), (u32)n,
				 &w->map};
}

/* The byte behind the parenthesis that closes the first one of the text; 0: none does. */
static size_t header_end(const char *text)
{
	u32 open = 0;

	for (size_t i = 0; text[i]; i++) {
		open += text[i] == '(';
		if (text[i] == ')' && open && --open == 0)
			return i + 1;
	}
	return 0;
}

static struct stmt *read_simple(struct scenario_doc *doc, const char *text, struct pos at,
				struct err_list *errs)
{
	size_t n = strlen(text);
	struct words w;
	struct stmt *s;

	while (n && (text[n - 1] == ';' || text[n - 1] == ' '))
		n--;
	words_open(&w, doc, text, n, at, errs);
	s = parse_statement(&w.src);
	vec_free(&w.map);
	if (s)
		s->at = at;
	return s;
}

/* "if (e) statement;" as a step with one arm. */
static struct stmt *read_if(struct scenario_doc *doc, const char *text, struct pos at,
			    struct err_list *errs)
{
	struct stmt *s = arena_alloc(&doc->arena, 1, sizeof *s), *then;
	size_t end = header_end(text);
	struct control header;
	struct words w;
	bool ok;

	words_open(&w, doc, text, end, at, errs);
	ok = parse_header(&w.src, &header);
	vec_free(&w.map);
	then = ok ? read_simple(doc, text + end + strspn(text + end, " "), at, errs) : NULL;
	if (!then)
		return NULL;
	s->kind = STMT_IF;
	s->at = at;
	s->arms = 1;
	s->arm = arena_alloc(&doc->arena, 1, sizeof *s->arm);
	s->arm->cond = header.cond;
	s->arm->at = at;
	s->arm->body.v = arena_alloc(&doc->arena, 1, sizeof(struct stmt *));
	s->arm->body.v[s->arm->body.n++] = then;
	return s;
}

static struct stmt *read_statement(struct scenario_doc *doc, const char *text, struct pos at,
				   struct err_list *errs)
{
	return strncmp(text, "if (", 4) == 0 ? read_if(doc, text, at, errs)
					     : read_simple(doc, text, at, errs);
}

/* ---- changing lists ------------------------------------------------------------------------ */

static void insert(struct arena *a, struct stmt_list *l, u32 i, struct stmt *s)
{
	struct stmt **v = arena_alloc(a, l->n + 1, sizeof *v);

	if (i)
		memcpy(v, l->v, i * sizeof *v);
	v[i] = s;
	if (l->n > i)
		memcpy(v + i + 1, l->v + i, (l->n - i) * sizeof *v);
	l->v = v;
	l->n++;
}

/* Notes and questions go with the step that they are about. */
static void take_out(struct place p)
{
	u32 first = p.i;

	while (first && (p.list->v[first - 1]->kind == STMT_NOTE ||
			 p.list->v[first - 1]->kind == STMT_PREDICT))
		first--;
	memmove(p.list->v + first, p.list->v + p.i + 1, (p.list->n - p.i - 1) * sizeof *p.list->v);
	p.list->n -= p.i + 1 - first;
}

static void put_beside(struct arena *a, const struct spot *at, bool behind, struct stmt *s)
{
	struct place p = at->actor.list ? at->actor : at->own;

	while (!behind && p.i &&
	       (p.list->v[p.i - 1]->kind == STMT_NOTE || p.list->v[p.i - 1]->kind == STMT_PREDICT))
		p.i--;
	insert(a, p.list, p.i + behind, s);
}

static bool missing(struct scenario_doc *doc, struct pos at, struct spot *out,
		    struct err_list *errs)
{
	bool found = find(doc, at, out);

	if (!found)
		err_add(errs, at, NULL, "no statement begins here");
	return !found;
}

static bool move(struct scenario_doc *doc, const struct scenario_edit *e, struct err_list *errs)
{
	struct spot from, to;
	struct stmt *s;

	if (missing(doc, e->at, &from, errs) || missing(doc, e->to, &to, errs))
		return false;
	if (from.actor.list)
		from.own = from.actor;
	s = from.own.list->v[from.own.i];
	take_out(from.own);
	if (missing(doc, e->to, &to, errs)) /* it was inside what is moved */
		return false;
	put_beside(&doc->arena, &to, e->action == EDIT_MOVE_BEHIND, s);
	return true;
}

/* "if (e)" alone: the condition is another, what it guards stays. */
static bool is_header(const char *text)
{
	size_t end = strncmp(text, "if (", 4) == 0 ? header_end(text) : 0;

	return end && strspn(text + end, "; ") == strlen(text + end);
}

static bool other_header(struct scenario_doc *doc, struct stmt *s, const struct scenario_edit *e,
			 struct err_list *errs)
{
	struct control header;
	struct words w;
	bool ok;

	words_open(&w, doc, e->text, header_end(e->text), e->at, errs);
	ok = parse_header(&w.src, &header);
	vec_free(&w.map);
	for (u32 i = 0; ok && s->kind == STMT_IF && i < s->arms; i++)
		if (same(s->arm[i].at, e->at)) {
			s->arm[i].cond = header.cond;
			return true;
		}
	if (ok)
		err_add(errs, e->at, NULL, "no condition stands here");
	return false;
}

static bool change(struct scenario_doc *doc, const struct scenario_edit *e, struct err_list *errs)
{
	struct stmt *s = NULL;
	struct spot at;

	if (e->action == EDIT_MOVE_BEFORE || e->action == EDIT_MOVE_BEHIND)
		return move(doc, e, errs);
	if (missing(doc, e->at, &at, errs))
		return false;
	if (e->action == EDIT_REPLACE && is_header(e->text))
		return other_header(doc, at.own.list->v[at.own.i], e, errs);
	if (e->action != EDIT_DROP) {
		s = read_statement(doc, e->text, e->at, errs);
		if (!s)
			return false;
	}
	if (e->action == EDIT_DROP)
		take_out(at.own);
	else if (e->action == EDIT_REPLACE)
		at.own.list->v[at.own.i] = s;
	else
		put_beside(&doc->arena, &at, e->action == EDIT_BEHIND, s);
	return true;
}

struct scenario *scenario_edited(const struct scenario *s, const struct scenario_edit *v, u32 n,
				 struct err_list *errs)
{
	struct scenario *out = mem_zalloc(1, sizeof *out);
	bool ok;

	if (!errs->file)
		errs->file = "";
	out->doc = doc_parse(s->doc->text, s->doc->text_len, errs);
	out->data_dir = mem_strdup(s->data_dir);
	ok = !errs->n;
	for (u32 i = 0; i < n && ok; i++)
		ok = change(out->doc, &v[i], errs);
	if (ok)
		return out;
	errs->text = arena_strndup(&errs->arena, out->doc->text, out->doc->text_len);
	scenario_free(out);
	return NULL;
}
