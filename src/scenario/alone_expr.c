/* SPDX-License-Identifier: MIT */
/* Expressions of a file with one variant alone. */
#include <string.h>

#include "engine/fold.h"
#include "scenario/alone.h"

struct alone {
	const struct scenario_doc *doc;
	const char *variant;
	struct arena *a;
};

static struct expr *settle(const struct alone *k, struct expr *e);

bool alone_constant(const struct expr *e, u64 *value)
{
	*value = e->number;
	return e->kind == EXPR_NUMBER;
}

static struct expr *number(const struct alone *k, struct expr *like, u64 v)
{
	struct expr *e = arena_alloc(k->a, 1, sizeof *e);

	*e = (struct expr){.kind = EXPR_NUMBER, .height = 1, .at = like->at, .number = v};
	e->text = arena_printf(k->a, "%llu", (unsigned long long)v);
	return e;
}

static enum binop code(u8 op)
{
	static const u8 of[BINARY_COUNT] = {
	    [BINARY_OR] = B_OR,	  [BINARY_XOR] = B_XOR, [BINARY_AND] = B_AND, [BINARY_EQ] = B_EQ,
	    [BINARY_NE] = B_NE,	  [BINARY_LT] = B_LT,	[BINARY_LE] = B_LE,   [BINARY_GT] = B_GT,
	    [BINARY_GE] = B_GE,	  [BINARY_SHL] = B_SHL, [BINARY_SHR] = B_SHR, [BINARY_ADD] = B_ADD,
	    [BINARY_SUB] = B_SUB, [BINARY_MUL] = B_MUL, [BINARY_DIV] = B_DIV, [BINARY_MOD] = B_MOD,
	};

	return (enum binop)of[op];
}

/* In parentheses where the whole was: what it stood in may bind tighter. */
static struct expr *instead(const struct alone *k, struct expr *whole, struct expr *part)
{
	struct expr *e;

	if (!whole->parens || part->parens || part->kind != EXPR_BINARY)
		return part;
	e = arena_alloc(k->a, 1, sizeof *e);
	*e = *part;
	e->parens = true;
	return e;
}

/* && and || with a constant on the left; NULL: there is none. */
static struct expr *logic(const struct alone *k, struct expr *e, struct expr *l, struct expr *r)
{
	bool is_and = e->op == BINARY_LOGIC_AND;
	u64 a, b;

	if (alone_constant(l, &a))
		return !a == is_and ? number(k, e, !is_and) : instead(k, e, r);
	/* What stands left of it may be more than a value. */
	if (alone_constant(r, &b) && !b != is_and)
		return instead(k, e, l);
	return NULL;
}

static struct expr *binary(const struct alone *k, struct expr *e)
{
	struct expr *l = settle(k, e->left), *r = settle(k, e->right), *x = NULL;
	bool is_logic = e->op == BINARY_LOGIC_AND || e->op == BINARY_LOGIC_OR;
	struct expr *out;
	u64 a, b, v;

	if (l == e->left && r == e->right)
		return e;
	if (is_logic)
		x = logic(k, e, l, r);
	else if (alone_constant(l, &a) && alone_constant(r, &b) &&
		 fold_binary(code(e->op), W_S64, a, b, &v) == FOLD_OK && (s64)v >= 0)
		x = number(k, e, v);
	if (x)
		return x;
	out = arena_alloc(k->a, 1, sizeof *out);
	*out = *e;
	out->left = l;
	out->right = r;
	return out;
}

static struct expr *call(const struct alone *k, struct expr *e)
{
	struct expr *out = arena_alloc(k->a, 1, sizeof *out);
	bool changed = false;

	*out = *e;
	out->arg = arena_alloc(k->a, e->n ? e->n : 1, sizeof *out->arg);
	for (u32 i = 0; i < e->n; i++) {
		out->arg[i] = settle(k, e->arg[i]);
		changed |= out->arg[i] != e->arg[i];
	}
	return changed ? out : e;
}

static struct expr *others(const struct alone *k, struct expr *e)
{
	struct expr *l = e->left ? settle(k, e->left) : NULL;
	struct expr *r = e->right ? settle(k, e->right) : NULL;
	struct expr *out;
	u64 v;

	if (l == e->left && r == e->right)
		return e;
	if (e->kind == EXPR_UNARY && e->op == UNARY_NOT && alone_constant(l, &v))
		return number(k, e, !v);
	out = arena_alloc(k->a, 1, sizeof *out);
	*out = *e;
	out->left = l;
	out->right = r;
	return out;
}

static struct expr *settle(const struct alone *k, struct expr *e)
{
	switch (e->kind) {
	case EXPR_NAME:
		if (!doc_find_variant(k->doc, e->text))
			return e;
		return number(k, e, k->variant && strcmp(e->text, k->variant) == 0);
	case EXPR_BINARY:
		return binary(k, e);
	case EXPR_CALL:
		return call(k, e);
	case EXPR_NUMBER:
	case EXPR_STRING:
	case EXPR_SIZEOF:
	case EXPR_SIZEOF_DEREF:
		return e;
	case EXPR_UNARY:
	case EXPR_INDEX:
	case EXPR_FIELD:
	case EXPR_ADDRESS:
	case EXPR_CAST:
		break;
	}
	return others(k, e);
}

struct expr *alone_expr(const struct scenario_doc *doc, const char *variant, struct expr *e,
			struct arena *a)
{
	struct alone k = {doc, variant, a};

	return e ? settle(&k, e) : NULL;
}
