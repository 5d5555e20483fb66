/* SPDX-License-Identifier: MIT */
/*
 * Trees as fully bracketed text, without positions and without parentheses of the author: two
 * statements are the same tree if and only if their dumps are equal.
 */
#ifndef UNIT_AST_DUMP_H
#define UNIT_AST_DUMP_H

#include "scenario/ast.h"

static inline void dump_type(const struct type_ref *t, struct str *o)
{
	str_printf(o, "%s%s%s%s*%u", t->is_const ? "const " : "", ast_type_text(t->base),
		   t->tag ? " " : "", t->tag ? t->tag : "", (unsigned)t->stars);
}

static inline void dump_expr(const struct expr *e, struct str *o)
{
	static const char *const kinds[] = {"num",   "str",   "name", "call", "unary",	"binary",
					    "index", "field", "addr", "cast", "sizeof", "sizeof*"};
	u32 i;

	if (!e) {
		str_add(o, "()");
		return;
	}
	str_printf(o, "(%s", kinds[e->kind]);
	if (e->kind == EXPR_BINARY)
		str_printf(o, " %s", ast_binary_text(e->op));
	if (e->kind == EXPR_UNARY)
		str_printf(o, " %c", "!~-"[e->op]);
	if (e->kind == EXPR_NUMBER)
		str_printf(o, " %llu", (unsigned long long)e->number);
	if (e->kind == EXPR_STRING)
		for (i = 0; i < e->n; i++)
			str_printf(o, " %02x", (unsigned)(u8)e->text[i]);
	if (e->kind == EXPR_NAME || e->kind == EXPR_CALL)
		str_printf(o, " %s", e->text);
	if (e->kind == EXPR_FIELD)
		str_printf(o, " %s%s", e->op ? "->" : ".", e->text);
	if (e->kind == EXPR_CAST || (e->kind == EXPR_SIZEOF && !e->left)) {
		str_add(o, " ");
		dump_type(&e->type, o);
	}
	for (i = 0; e->kind == EXPR_CALL && i < e->n; i++)
		dump_expr(e->arg[i], o);
	if (e->left)
		dump_expr(e->left, o);
	if (e->right)
		dump_expr(e->right, o);
	str_add(o, ")");
}

/* A statement without a body, or the header of control flow. */
static inline void dump_stmt(const struct stmt *s, struct str *o)
{
	str_printf(o, "[%d ", (int)s->kind);
	switch (s->kind) {
	case STMT_DECLARE:
		dump_type(&s->decl.type, o);
		str_printf(o, " %s", s->decl.name.text);
		dump_expr(s->decl.size, o);
		dump_expr(s->init, o);
		break;
	case STMT_ASSIGN:
		str_printf(o, "%d", (int)s->op);
		dump_expr(s->place, o);
		dump_expr(s->value, o);
		break;
	case STMT_CALL:
	case STMT_RETURN:
		dump_expr(s->expr, o);
		break;
	case STMT_GOTO:
		str_add(o, s->label.text);
		break;
	case STMT_IF:
		dump_expr(s->arm[0].cond, o);
		break;
	case STMT_WHILE:
	case STMT_FOR_EACH:
		dump_expr(s->cond, o);
		break;
	case STMT_FOR:
		if (s->first)
			dump_stmt(s->first, o);
		dump_expr(s->cond, o);
		if (s->next)
			dump_stmt(s->next, o);
		break;
	default:
		break;
	}
	str_add(o, "]");
}

#endif
