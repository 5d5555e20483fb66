/* SPDX-License-Identifier: MIT */
/*
 * A file with one variant alone. One change at a time is made to its lines, and the text is read
 * again: positions are then always those of what is there.
 */
#include "scenario/alone.h"

#include <string.h>

#include "base/bug.h"
#include "scenario/limits.h"

struct pass {
	const struct scenario_doc *doc; /* of the lines as they are */
	const char *variant;
	struct rows *l;
	struct arena *a; /* for this pass */
	struct alone_why *why;
};

/* Steps that cannot be taken apart. */
static bool refuse(struct pass *p, struct pos at, const char *what)
{
	if (!p->why->what)
		*p->why = (struct alone_why){what, at};
	return false;
}

/* ---- places -------------------------------------------------------------------------------- */

struct place {
	u32 line, byte;
};

static struct place place_of(const struct pass *p, u32 offset)
{
	struct place x = {0};
	u32 begin = 0;

	for (u32 i = 0; i < offset; i++)
		if (p->doc->text[i] == '\n') {
			x.line++;
			begin = i + 1;
		}
	x.byte = offset - begin;
	return x;
}

/* A list of steps with a '- ' in front of each, in lines of their own. */
static bool is_block(struct pass *p, const struct ynode *seq)
{
	u32 indent = seq->at.col - 1;

	for (u32 i = 0; i < seq->n; i++) {
		const struct row *line = &p->l->v[seq->item[i]->at.line - 1];

		if (rows_indent(line) != indent || line->s[indent] != '-')
			return refuse(p, seq->item[i]->at,
				      "its steps do not stand in lines of "
				      "their own, each behind its '- '");
	}
	return true;
}

/* ---- rewriting ----------------------------------------------------------------------------- */

/* Text for a plain scalar, or in single quotes where YAML would read more into it. */
static void quote(const char *text, struct str *out)
{
	if (!strstr(text, ": ") && !strstr(text, " #") && !strchr("\"'*&!%@`[{", text[0])) {
		str_add(out, text);
		return;
	}
	str_add(out, "'");
	for (const char *c = text; *c; c++)
		str_addn(out, *c == '\'' ? "''" : c, *c == '\'' ? 2 : 1);
	str_add(out, "'");
}

static void rewrite(struct pass *p, const struct ynode *n, const char *text)
{
	struct place a = place_of(p, n->start), b = place_of(p, n->end);
	struct str s = {0};

	quote(text, &s);
	if (b.line > a.line) {
		const struct row *last = &p->l->v[b.line];

		str_addn(&s, last->s + b.byte, last->n - b.byte);
		rows_cut(p->l, a.line + 1, b.line + 1);
		b.byte = p->l->v[a.line].n;
	}
	rows_replace(p->l, a.line, a.byte, b.byte - a.byte, str_get(&s));
	str_free(&s);
}

static struct expr *settled(struct pass *p, struct expr *e)
{
	return alone_expr(p->doc, p->variant, e, p->a);
}

/* A statement, or the header of a loop, with what the variant makes of it. NULL: the same. */
static const struct stmt *settled_stmt(struct pass *p, const struct stmt *s)
{
	struct stmt *t = arena_alloc(p->a, 1, sizeof *t);
	bool same = true;

	*t = *s;
#define SETTLE(field)                                                                              \
	do {                                                                                       \
		t->field = settled(p, s->field);                                                   \
		same &= t->field == s->field;                                                      \
	} while (0)
	if (s->kind == STMT_DECLARE) {
		SETTLE(init);
	} else if (s->kind == STMT_ASSIGN) {
		SETTLE(place);
		SETTLE(value);
	} else if (s->kind == STMT_CALL || s->kind == STMT_RETURN) {
		SETTLE(expr);
	} else if (s->kind == STMT_WHILE || s->kind == STMT_FOR || s->kind == STMT_FOR_EACH) {
		SETTLE(cond);
	}
#undef SETTLE
	return same ? NULL : t;
}

static bool settle_text(struct pass *p, const struct ynode *n, const struct stmt *s)
{
	const struct stmt *t = settled_stmt(p, s);
	struct str text = {0};

	if (!t)
		return false;
	ast_print_stmt(t, &text);
	rewrite(p, n, str_get(&text));
	str_free(&text);
	return true;
}

/* ---- lists --------------------------------------------------------------------------------- */

struct item {
	const struct ynode *seq, *node;
	u32 indent, first, end; /* lines */
};

static struct item item_of(const struct pass *p, const struct ynode *seq, u32 i)
{
	struct item x = {seq, seq->item[i], seq->at.col - 1, seq->item[i]->at.line - 1, 0};

	x.end = rows_block_end(p->l, x.first, x.indent);
	return x;
}

/* Takes a step out. A list never becomes empty: then a note holds its place. */
static void drop(struct pass *p, const struct item *x)
{
	struct str s = {0};

	if (x->seq->n == 1) {
		str_printf(&s, "%*s- note: \"Nothing is done here.\"", (int)x->indent, "");
		rows_put(p->l, x->end, str_get(&s), s.n, p->l->v[x->first].origin);
		str_free(&s);
	}
	rows_cut(p->l, x->first, x->end);
}

/* A line with its indentation changed by that many columns. */
static void put_shifted(struct pass *p, struct rows *out, u32 at, s32 by)
{
	const struct row *line = &p->l->v[at];
	u32 indent = rows_indent(line), cut;
	struct str s = {0};

	if (by > 0)
		str_printf(&s, "%*s", (int)by, "");
	cut = by < 0 ? (u32)-by : 0;
	cut = cut < indent ? cut : indent;
	str_addn(&s, line->s + cut, line->n - cut);
	rows_put(out, out->n, str_get(&s), s.n, line->origin);
	str_free(&s);
}

/* The steps of an arm stand where the whole `if` stood. */
static bool put_body(struct pass *p, const struct item *x, const struct ynode *body, u32 end)
{
	struct rows out = {.arena = p->l->arena};
	u32 from = body->at.line - 1;

	if (body->kind == YNODE_SEQ && !is_block(p, body))
		return false;
	if (body->kind == YNODE_SEQ) {
		for (u32 i = from; i < end; i++)
			put_shifted(p, &out, i, (s32)x->indent - (s32)(body->at.col - 1));
	} else {
		struct place at = place_of(p, body->start);
		const struct row *line = &p->l->v[from];
		struct str s = {0};

		str_printf(&s, "%*s- ", (int)x->indent, "");
		str_addn(&s, line->s + at.byte, line->n - at.byte);
		rows_put(&out, 0, str_get(&s), s.n, line->origin);
		for (u32 i = from + 1; i < end; i++)
			rows_put(&out, out.n, p->l->v[i].s, p->l->v[i].n, p->l->v[i].origin);
		str_free(&s);
	}
	rows_cut(p->l, x->first, x->end);
	rows_put_all(p->l, x->first, &out, 0, out.n);
	rows_free(&out);
	return true;
}

/* ---- if ------------------------------------------------------------------------------------ */

struct arm_left {
	u32 index;
	const struct expr *cond; /* NULL: else */
	bool changed;
};

/* The arms that are left, and how many. False: nothing changes. */
static bool arms_left(struct pass *p, const struct stmt *s, struct arm_left *out, u32 *n)
{
	bool changed = false;

	*n = 0;
	for (u32 i = 0; i < s->arms; i++) {
		struct expr *c = s->arm[i].cond, *t = settled(p, c);
		u64 v;

		changed |= t != c;
		if (t != c && alone_constant(t, &v)) {
			if (!v)
				continue;
			out[(*n)++] = (struct arm_left){i, NULL, true};
			return true;
		}
		out[(*n)++] = (struct arm_left){i, t, t != c};
	}
	return changed;
}

static void arm_header(const struct arm_left *arm, bool first, struct str *out)
{
	if (!first)
		str_add(out, arm->cond ? "else " : "else");
	if (!arm->cond)
		return;
	str_add(out, "if (");
	ast_print_expr(arm->cond, out);
	str_add(out, ")");
}

static u32 arm_end(const struct item *x, u32 i)
{
	return i + 1 < x->node->n ? x->node->pair[i + 1].key->at.line - 1 : x->end;
}

/* From the last arm to the first, so that lines above keep their numbers. */
static void put_arms(struct pass *p, const struct item *x, const struct arm_left *arm, u32 n)
{
	for (u32 i = x->node->n, k = n; i-- > 0;) {
		u32 line = x->node->pair[i].key->at.line - 1;
		struct str s = {0};

		if (!k || arm[k - 1].index != i) {
			rows_cut(p->l, line, arm_end(x, i));
			continue;
		}
		k--;
		if (arm[k].changed || (k == 0 && i)) {
			arm_header(&arm[k], k == 0, &s);
			rewrite(p, x->node->pair[i].key, str_get(&s));
			str_free(&s);
		}
	}
	/* What is the first now gets the '- '. */
	rows_replace(p->l, x->first, x->indent, 1, "-");
}

static bool settle_if(struct pass *p, const struct item *x, const struct stmt *s)
{
	struct arm_left *arm = arena_alloc(p->a, s->arms, sizeof *arm);
	u32 n;

	if (!arms_left(p, s, arm, &n))
		return false;
	for (u32 i = 1; i < x->node->n; i++)
		if (x->node->pair[i].key->at.line == x->node->pair[i - 1].key->at.line)
			return refuse(p, x->node->at, "its arms stand in one line");
	if (!n)
		drop(p, x);
	else if (!arm[0].cond)
		return put_body(p, x, x->node->pair[arm[0].index].value, arm_end(x, arm[0].index));
	else
		put_arms(p, x, arm, n);
	return true;
}

/* ---- one change ---------------------------------------------------------------------------- */

static bool change_steps(struct pass *p, const struct ynode *n, const struct stmt_list *list);

static bool change_bodies(struct pass *p, const struct ynode *n, const struct stmt *s)
{
	if (s->kind == STMT_IF) {
		for (u32 i = 0; i < s->arms; i++)
			if (change_steps(p, n->pair[i].value, &s->arm[i].body))
				return true;
		return false;
	}
	if (s->kind == STMT_WHILE || s->kind == STMT_FOR || s->kind == STMT_FOR_EACH)
		return settle_text(p, n->pair[0].key, s) ||
		       change_steps(p, n->pair[0].value, &s->body);
	return s->kind == STMT_ACTOR && change_steps(p, n->pair[0].value, &s->body);
}

static bool change_steps(struct pass *p, const struct ynode *n, const struct stmt_list *list)
{
	if (n->kind == YNODE_SCALAR)
		return settle_text(p, n, list->v[0]);
	if (!is_block(p, n))
		return false;
	for (u32 i = 0; i < list->n && !p->why->what; i++) {
		const struct stmt *s = list->v[i];
		struct item x = item_of(p, n, i);

		if (s->kind == STMT_PREDICT) {
			drop(p, &x);
			return true;
		}
		if (s->kind == STMT_IF && settle_if(p, &x, s))
			return true;
		if (x.node->kind == YNODE_SCALAR ? settle_text(p, x.node, s)
						 : change_bodies(p, x.node, s))
			return true;
	}
	return false;
}

static bool change_one(struct pass *p)
{
	const struct scenario_doc *doc = p->doc;
	const struct ynode *functions = ynode_get(doc->root, "functions"), *n;

	for (u32 i = 0; i < doc->devices && !p->why->what; i++) {
		n = doc->device[i].has_program ? ynode_get(doc->device[i].fields, "program") : NULL;
		if (n && change_steps(p, n, &doc->device[i].program))
			return true;
	}
	for (u32 i = 0; i < doc->functions && !p->why->what; i++)
		if (change_steps(p, functions->pair[i].value, &doc->function[i].body))
			return true;
	if (!p->why->what && change_steps(p, ynode_get(doc->root, "driver"), &doc->driver))
		return true;
	return !p->why->what && doc->has_remove &&
	       change_steps(p, ynode_get(doc->root, "remove"), &doc->remove);
}

/* ---- the keys of the file ------------------------------------------------------------------ */

/* Where the comment lines begin that stand right above a key. */
static u32 above(const struct rows *l, u32 line)
{
	while (line && l->v[line - 1].n && l->v[line - 1].s[0] == '#')
		line--;
	return line;
}

struct key_lines {
	u32 above, first, end;
};

static struct key_lines key_lines(const struct pass *p, u32 i)
{
	const struct ynode *root = p->doc->root;
	struct key_lines x = {.first = root->pair[i].key->at.line - 1, .end = p->l->n};

	x.above = above(p->l, x.first);
	if (i + 1 < root->n)
		x.end = above(p->l, root->pair[i + 1].key->at.line - 1);
	return x;
}

/* What stands between the next { and its }, in one line. */
static const char *braces(struct pass *p, u32 from)
{
	const char *s = strchr(p->doc->text + from, '{');
	u32 depth = 0, n = 0;
	char *out;

	BUG_ON(!s);
	for (; s[n]; n++) {
		depth += s[n] == '{';
		if (s[n] == '}' && --depth == 0)
			break;
	}
	out = arena_strndup(p->a, s, n + 1);
	for (char *c = out; *c; c++)
		*c = *c == '\n' || *c == '\r' ? ' ' : *c;
	return out;
}

/* The one variant stays, if it brings params or a machine. */
static void one_variant(struct pass *p, const struct key_lines *x, const struct ynode *value)
{
	const struct doc_variant *v = p->variant ? doc_find_variant(p->doc, p->variant) : NULL;
	struct rows kept = {.arena = p->l->arena};
	u32 origin = p->l->v[x->first].origin;
	static const char head[] = "variants:";
	struct str s = {0};
	bool in_line;

	for (u32 i = 0; v && (v->params.n || v->machine) && i < value->n; i++) {
		const struct ypair *pair = &value->pair[i];
		struct place at = place_of(p, pair->key->start);
		u32 end = rows_block_end(p->l, at.line, at.byte);
		const struct row *line = &p->l->v[at.line];

		if (strcmp(pair->key->text, p->variant) != 0)
			continue;
		rows_put(&kept, 0, head, strlen(head), origin);
		str_add(&s, "  " ALONE_VARIANT ":");
		in_line = pair->value->at.line == pair->key->at.line;
		if (in_line)
			str_printf(&s, " %s", braces(p, pair->key->end));
		rows_put(&kept, 1, str_get(&s), s.n, line->origin);
		for (u32 k = at.line + 1; !in_line && k < end; k++)
			rows_put(&kept, kept.n, p->l->v[k].s, p->l->v[k].n, p->l->v[k].origin);
	}
	rows_cut(p->l, kept.n ? x->first : x->above, x->end);
	rows_put_all(p->l, kept.n ? x->first : x->above, &kept, 0, kept.n);
	rows_free(&kept);
	str_free(&s);
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (u32 i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* Comments among the steps that speak of a variant. */
static void drop_comments(struct pass *p, const struct key_lines *x)
{
	for (u32 i = x->end; i-- > x->first;) {
		bool names = false;

		for (u32 v = 0; v < p->doc->variants && rows_is_comment(&p->l->v[i]); v++)
			names |= strstr(p->l->v[i].s, p->doc->variant[v].name.text) != NULL;
		if (names)
			rows_cut(p->l, i, i + 1);
	}
}

static void put_text(struct pass *p, const struct key_lines *x, const char *key)
{
	const char *id = p->doc->id.text;
	u32 origin = p->l->v[x->first].origin;
	struct str s = {0};

	if (strcmp(key, "id") == 0)
		str_printf(&s, "id: fault-in-%.*s", LIMIT_NAME - 9, id);
	else if (strcmp(key, "title") == 0)
		str_printf(&s, "title: \"One fault in %s\"", id);
	else
		str_add(&s, "summary: |");
	rows_cut(p->l, x->first, x->end);
	rows_put(p->l, x->first, str_get(&s), s.n, origin);
	if (strcmp(key, "summary") == 0) {
		static const char text[] = "  A driver that was right, until one statement was "
					   "changed, moved or left out.";

		rows_put(p->l, x->first + 1, text, strlen(text), origin);
	}
	str_free(&s);
}

static bool finish(struct pass *p)
{
	static const char *const gone[] = {"tags",   "source", "expect", "hints",
					   "lesson", "search", NULL};
	static const char *const texts[] = {"id", "title", "summary", NULL};
	static const char *const steps[] = {"devices", "functions", "driver", "remove", NULL};
	const struct ynode *root = p->doc->root;

	for (u32 i = 0; i < root->n; i++)
		if (root->pair[i].key->at.col != 1 ||
		    (i && root->pair[i].key->at.line == root->pair[i - 1].key->at.line))
			return refuse(p, root->pair[i].key->at,
				      "its keys do not begin lines of their own");
	for (u32 i = root->n; i-- > 0;) {
		const char *key = root->pair[i].key->text;
		struct key_lines x = key_lines(p, i);

		if (is_one_of(key, gone))
			rows_cut(p->l, x.above, x.end);
		else if (is_one_of(key, texts))
			put_text(p, &x, key);
		else if (strcmp(key, "variants") == 0)
			one_variant(p, &x, root->pair[i].value);
		else if (is_one_of(key, steps))
			drop_comments(p, &x);
	}
	return true;
}

bool alone_make(const struct scenario_doc *doc, const char *variant, struct arena *arena,
		struct rows *out, struct alone_why *why)
{
	struct str s = {0};
	bool more = true;

	*why = (struct alone_why){0};
	rows_split(out, arena, doc->text, doc->text_len);
	while (more) {
		struct err_list errs = {.file = ""};
		struct arena scratch = {0};
		struct pass p = {NULL, variant, out, &scratch, why};
		struct scenario_doc *now;

		str_clear(&s);
		rows_join(out, &s);
		now = doc_parse(str_get(&s), s.n, &errs);
		p.doc = now;
		if (errs.n)
			refuse(&p, errs.v[0].pos, "it cannot be read without its other variants");
		more = !why->what && change_one(&p);
		if (!more && !why->what)
			finish(&p);
		doc_free(now);
		arena_free(&scratch);
		err_free(&errs);
	}
	str_free(&s);
	if (why->what)
		rows_free(out);
	return !why->what;
}
