/* SPDX-License-Identifier: MIT */
/*
 * "Statement text -> YAML -> statement text" as identity. What was parsed is printed, put into YAML
 * as a scalar, read back and parsed: it must be the same tree, with the author's parentheses and
 * without any but those that are needed. The latter text, the canonical one, is a fixed point, and
 * no pair of parentheses can be taken out of it without changing the tree.
 *
 * A text is a statement, an expression, the header of control flow, or the signature of a function.
 * A difference ends the process (BUG_ON), so that a fuzzer keeps the input.
 */
#ifndef UNIT_PRINT_CHECK_H
#define UNIT_PRINT_CHECK_H

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "scenario/parse.h"
#include "unit/ast_dump.h"

enum print_kind { PRINT_STMT, PRINT_EXPR, PRINT_HEADER, PRINT_SIGNATURE, PRINT_KINDS };

/* One parsed text of any kind. */
struct print_tree {
	enum print_kind kind;
	struct arena arena;
	struct stmt *stmt; /* STMT, HEADER */
	struct expr *expr;
	struct function function;
};

/* ---- parsing ------------------------------------------------------------------------------- */

static inline bool print_parse_header(const struct source *src, struct print_tree *t)
{
	struct control c;

	if (!parse_header(src, &c))
		return false;
	t->stmt = arena_alloc(&t->arena, 1, sizeof(*t->stmt));
	t->stmt->kind = c.kind;
	if (c.kind == STMT_IF) {
		t->stmt->arms = 1;
		t->stmt->arm = arena_alloc(&t->arena, 1, sizeof(struct if_arm));
		t->stmt->arm[0].cond = c.cond;
	} else {
		t->stmt->first = c.first;
		t->stmt->cond = c.cond;
		t->stmt->next = c.next;
	}
	return true;
}

/* False: the text is not of that kind. print_tree_free() is needed either way. */
static inline bool print_parse(enum print_kind kind, const char *text, size_t n,
			       struct print_tree *t)
{
	struct err_list errs = {.file = "t", .text = text, .text_len = n};
	struct srcmap map = {0};
	struct source src;
	bool ok = false;
	size_t i;

	*t = (struct print_tree){.kind = kind};
	for (i = 0; i <= n; i++)
		vec_push(&map, (struct src_place){1, (u32)i + 1});
	src = (struct source){&t->arena, &errs, text, (u32)n, &map};
	if (kind == PRINT_STMT)
		ok = (t->stmt = parse_statement(&src)) != NULL;
	else if (kind == PRINT_EXPR)
		ok = (t->expr = parse_expression(&src)) != NULL;
	else if (kind == PRINT_HEADER)
		ok = print_parse_header(&src, t);
	else
		ok = parse_signature(&src, &t->function);
	vec_free(&map);
	err_free(&errs);
	return ok;
}

static inline void print_tree_free(struct print_tree *t)
{
	arena_free(&t->arena);
}

static inline void print_tree_text(const struct print_tree *t, struct str *out)
{
	str_clear(out);
	if (t->kind == PRINT_EXPR && t->expr->parens)
		str_add(out, "(");
	if (t->kind == PRINT_EXPR)
		ast_print_expr(t->expr, out);
	else if (t->kind == PRINT_SIGNATURE)
		ast_print_signature(&t->function, out);
	else
		ast_print_stmt(t->stmt, out);
	if (t->kind == PRINT_EXPR && t->expr->parens)
		str_add(out, ")");
}

static inline void print_tree_dump(const struct print_tree *t, struct str *out)
{
	u32 i;

	str_clear(out);
	if (t->kind == PRINT_EXPR)
		dump_expr(t->expr, out);
	else if (t->kind != PRINT_SIGNATURE)
		dump_stmt(t->stmt, out);
	else
		str_printf(out, "%s", t->function.name.text);
	for (i = 0; t->kind == PRINT_SIGNATURE && i < t->function.params; i++) {
		str_add(out, ", ");
		dump_type(&t->function.param[i].type, out);
		str_printf(out, " %s", t->function.param[i].name.text);
		dump_expr(t->function.param[i].size, out);
	}
}

/* ---- without the author's parentheses ------------------------------------------------------ */

static inline void print_drop_expr(struct expr *e)
{
	u32 i;

	if (!e)
		return;
	e->parens = false;
	for (i = 0; e->kind == EXPR_CALL && i < e->n; i++)
		print_drop_expr(e->arg[i]);
	print_drop_expr(e->left);
	print_drop_expr(e->right);
}

static inline void print_drop_stmt(struct stmt *s)
{
	if (!s)
		return;
	switch (s->kind) {
	case STMT_DECLARE:
		print_drop_expr(s->decl.size);
		print_drop_expr(s->init);
		break;
	case STMT_ASSIGN:
		print_drop_expr(s->place);
		print_drop_expr(s->value);
		break;
	case STMT_CALL:
	case STMT_RETURN:
		print_drop_expr(s->expr);
		break;
	case STMT_IF:
		print_drop_expr(s->arm[0].cond);
		break;
	case STMT_WHILE:
	case STMT_FOR:
	case STMT_FOR_EACH:
		print_drop_stmt(s->kind == STMT_FOR ? s->first : NULL);
		print_drop_expr(s->cond);
		print_drop_stmt(s->kind == STMT_FOR ? s->next : NULL);
		break;
	default:
		break;
	}
}

static inline void print_drop_parens(struct print_tree *t)
{
	u32 i;

	print_drop_expr(t->expr);
	print_drop_stmt(t->stmt);
	for (i = 0; t->kind == PRINT_SIGNATURE && i < t->function.params; i++)
		print_drop_expr(t->function.param[i].size);
}

/* ---- YAML ---------------------------------------------------------------------------------- */

/* Whether YAML gives the text back if nothing is put around it, in a block. */
static inline bool print_is_plain(const char *s)
{
	size_t n = strlen(s), i;

	if (!n || strchr("-?:,[]{}#&*!|>'\"%@` ", s[0]) || s[n - 1] == ':' || s[n - 1] == ' ' ||
	    strcmp(s, "---") == 0 || strcmp(s, "...") == 0)
		return false;
	for (i = 0; i < n; i++)
		if ((s[i] == ':' && s[i + 1] == ' ') || (s[i] == ' ' && s[i + 1] == '#'))
			return false;
	return true;
}

/* The text as a scalar: in single quotes where it needs them. It has no line break. */
static inline void print_scalar(const char *s, struct str *out)
{
	if (print_is_plain(s)) {
		str_add(out, s);
		return;
	}
	str_add(out, "'");
	for (; *s; s++)
		str_add(out, *s == '\'' ? "''" : (char[]){*s, '\0'});
	str_add(out, "'");
}

/* Is the text, as an entry of a list or as a key, the text again? */
static inline void print_check_yaml(const char *text, bool key)
{
	struct err_list errs = {.file = "t"};
	struct str doc = {0}, scalar = {0};
	struct arena arena = {0};
	const struct ynode *root, *n = NULL;

	print_scalar(text, &scalar);
	if (key && scalar.n > 1000) /* a longer key is none in YAML */
		key = false;
	str_printf(&doc, key ? "%s: x\n" : "- %s\n", str_get(&scalar));
	root = ynode_parse(&arena, str_get(&doc), doc.n, &errs);
	if (root && !errs.n && root->n == 1)
		n = root->kind == YNODE_MAP ? root->pair[0].key : root->item[0];
	if (!n || n->kind != YNODE_SCALAR || strcmp(n->text, text) != 0)
		fprintf(stderr, "not the same through YAML: %s", str_get(&doc));
	BUG_ON(!n || n->kind != YNODE_SCALAR || strcmp(n->text, text) != 0);
	str_free(&doc);
	str_free(&scalar);
	err_free(&errs);
	arena_free(&arena);
}

/* ---- the property -------------------------------------------------------------------------- */

/* Does the text give a tree with that dump? */
static inline bool print_gives(enum print_kind kind, const char *text, const char *dump)
{
	struct print_tree t;
	struct str got = {0};
	bool same = print_parse(kind, text, strlen(text), &t);

	if (same) {
		print_tree_dump(&t, &got);
		same = strcmp(str_get(&got), dump) == 0;
	}
	str_free(&got);
	print_tree_free(&t);
	return same;
}

/* Where the parenthesis that opens at s closes, or NULL. Strings are passed over. */
static inline const char *print_close(const char *s)
{
	u32 open = 0;

	for (; *s; s++) {
		if (*s == '"')
			for (s++; *s && *s != '"'; s++)
				s += *s == '\\' && s[1];
		open += *s == '(';
		if (*s == ')' && --open == 0)
			return s;
		if (!*s)
			break;
	}
	return NULL;
}

/* No pair of parentheses, of the first ones, can be left out. */
static inline void print_check_fewest(enum print_kind kind, const char *text, const char *dump)
{
	struct str less = {0};
	const char *s, *close;
	u32 tried = 0;

	for (s = text; *s && tried < 40; s++) {
		if (*s == '"')
			for (s++; *s && *s != '"'; s++)
				s += *s == '\\' && s[1];
		if (!*s)
			break;
		if (*s != '(')
			continue;
		close = print_close(s);
		BUG_ON(!close);
		tried++;
		str_clear(&less);
		str_addn(&less, text, (size_t)(s - text));
		str_add(&less, " ");
		str_addn(&less, s + 1, (size_t)(close - s) - 1);
		str_add(&less, " ");
		str_add(&less, close + 1);
		if (print_gives(kind, str_get(&less), dump))
			fprintf(stderr, "more parentheses than needed: %s\n", text);
		BUG_ON(print_gives(kind, str_get(&less), dump));
	}
	str_free(&less);
}

static inline void print_check_text(enum print_kind kind, const char *text, const char *dump)
{
	print_check_yaml(text, kind >= PRINT_HEADER);
	if (!print_gives(kind, text, dump))
		fprintf(stderr, "not the same tree: %s\n", text);
	BUG_ON(!print_gives(kind, text, dump));
}

/* All of it for one text. False: it is not of that kind. canonical (may be NULL) gets that text. */
static inline bool print_check(enum print_kind kind, const char *text, size_t n,
			       struct str *canonical)
{
	struct str as_written = {0}, fewest = {0}, again = {0}, dump = {0};
	struct print_tree t, u;
	bool ok = print_parse(kind, text, n, &t);

	if (ok) {
		print_tree_dump(&t, &dump);
		print_tree_text(&t, &as_written);
		print_check_text(kind, str_get(&as_written), str_get(&dump));
		print_drop_parens(&t);
		print_tree_text(&t, &fewest);
		print_check_text(kind, str_get(&fewest), str_get(&dump));
		print_check_fewest(kind, str_get(&fewest), str_get(&dump));
		BUG_ON(!print_parse(kind, str_get(&fewest), fewest.n, &u));
		print_tree_text(&u, &again);
		BUG_ON(strcmp(str_get(&again), str_get(&fewest)) != 0);
		print_tree_free(&u);
		if (canonical)
			str_add(canonical, str_get(&fewest));
	}
	print_tree_free(&t);
	str_free(&as_written);
	str_free(&fewest);
	str_free(&again);
	str_free(&dump);
	return ok;
}

#endif
