/* SPDX-License-Identifier: MIT */
/*
 * Operators between two operands. Precedence is C's; what C compilers warn about (a & b == c) is
 * refused, as a reader of a lesson must not have to know the table by heart.
 */
#include "scenario/parser.h"

static bool find_binary(enum tok kind, enum binary_op *op)
{
	static const enum tok toks[BINARY_COUNT] = {
	    [BINARY_LOGIC_OR] = TOK_OROR, [BINARY_LOGIC_AND] = TOK_ANDAND,
	    [BINARY_OR] = (enum tok)'|',  [BINARY_XOR] = (enum tok)'^',
	    [BINARY_AND] = (enum tok)'&', [BINARY_EQ] = TOK_EQ,
	    [BINARY_NE] = TOK_NE,	  [BINARY_LT] = (enum tok)'<',
	    [BINARY_LE] = TOK_LE,	  [BINARY_GT] = (enum tok)'>',
	    [BINARY_GE] = TOK_GE,	  [BINARY_SHL] = TOK_SHL,
	    [BINARY_SHR] = TOK_SHR,	  [BINARY_ADD] = (enum tok)'+',
	    [BINARY_SUB] = (enum tok)'-', [BINARY_MUL] = (enum tok)'*',
	    [BINARY_DIV] = (enum tok)'/', [BINARY_MOD] = (enum tok)'%',
	};
	u32 i;

	for (i = 0; i < BINARY_COUNT; i++) {
		if (toks[i] != kind)
			continue;
		*op = (enum binary_op)i;
		return true;
	}
	return false;
}

static bool is_bare_level(const struct expr *e, u32 from, u32 to)
{
	u32 level;

	if (e->kind != EXPR_BINARY || e->parens)
		return false;
	level = ast_binary_level(e->op);
	return level >= from && level <= to;
}

/* `a & b == c`: C takes b == c first. The hint shows the other reading with parentheses. */
static void refuse_compared_bits(struct parser *p, const struct expr *l, enum binary_op op,
				 const struct expr *r, struct pos at)
{
	bool right = is_bare_level(r, LEVEL_EQUAL, LEVEL_RELATION);
	const struct expr *compared = right ? r : l;
	struct str hint = {0};

	str_add(&hint, "write ");
	if (!right) {
		ast_print_expr(compared->left, &hint);
		str_printf(&hint, " %s ", ast_binary_text(compared->op));
	}
	str_add(&hint, "(");
	ast_print_expr(right ? l : compared->right, &hint);
	str_printf(&hint, " %s ", ast_binary_text(op));
	ast_print_expr(right ? compared->left : r, &hint);
	str_add(&hint, ")");
	if (right) {
		str_printf(&hint, " %s ", ast_binary_text(compared->op));
		ast_print_expr(compared->right, &hint);
	}
	parser_refuse(p, at, str_get(&hint), "C compares with '%s' before it does '%s'",
		      ast_binary_text(compared->op), ast_binary_text(op));
	str_free(&hint);
}

/* The combinations that need parentheses. first: no operator of this level came before. */
static void check_mix(struct parser *p, const struct expr *l, enum binary_op op,
		      const struct expr *r, bool first, struct pos at)
{
	u32 level = ast_binary_level(op);

	if (p->failed)
		return;
	if (!first && (level == LEVEL_EQUAL || level == LEVEL_RELATION))
		parser_refuse(p, at, "write a == b && b == c",
			      "'%s' after '%s' compares a truth value", ast_binary_text(op),
			      ast_binary_text(l->op));
	else if (!first && level == LEVEL_BITS && l->op != op)
		parser_refuse(p, at, "put the two that belong together in parentheses",
			      "'%s' and '%s' side by side", ast_binary_text(l->op),
			      ast_binary_text(op));
	else if (level == LEVEL_BITS && (is_bare_level(l, LEVEL_EQUAL, LEVEL_RELATION) ||
					 is_bare_level(r, LEVEL_EQUAL, LEVEL_RELATION)))
		refuse_compared_bits(p, l, op, r, at);
}

static struct expr *parse_binary(struct parser *p, u32 level)
{
	u32 from = p->at;
	struct expr *left, *right, *e;
	enum binary_op op = BINARY_COUNT;
	bool first = true;

	if (level > LEVEL_TERM)
		return parser_unary(p);
	left = parse_binary(p, level + 1);
	while (!p->failed && find_binary(parser_peek(p, 0)->kind, &op) &&
	       ast_binary_level(op) == level) {
		struct pos at = parser_token_pos(p, parser_peek(p, 0));

		p->at++;
		right = parse_binary(p, level + 1);
		check_mix(p, left, op, right, first, at);
		e = parser_new_expr(p, EXPR_BINARY, from, left, right);
		if (!e)
			return NULL;
		e->op = (u8)op;
		e->op_at = at;
		left = e;
		first = false;
	}
	return p->failed ? NULL : left;
}

struct expr *parser_expr(struct parser *p)
{
	return p->failed ? NULL : parse_binary(p, LEVEL_LOGIC_OR);
}
