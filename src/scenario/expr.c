/* SPDX-License-Identifier: MIT */
/*
 * Expressions. Precedence is C's; what C compilers warn about (a & b == c) is refused, as a reader
 * of a lesson must not have to know the table by heart.
 */
#include <string.h>

#include "scenario/limits.h"
#include "scenario/parse.h"
#include "scenario/parser.h"

static struct expr *parse_binary(struct parser *p, u32 level);
static struct expr *parse_unary(struct parser *p);

static u32 height_of(const struct expr *e)
{
	return e ? e->height : 0;
}

/* A node over up to two others; spans the tokens from `from` to here. NULL after a mistake. */
static struct expr *new_expr(struct parser *p, enum expr_kind kind, u32 from, struct expr *left,
			     struct expr *right)
{
	u32 l = height_of(left), r = height_of(right);
	struct expr *e;

	if (p->failed)
		return NULL;
	e = arena_alloc(p->arena, 1, sizeof(*e));
	e->kind = kind;
	e->left = left;
	e->right = right;
	e->height = (u16)((l > r ? l : r) + 1);
	e->at = parser_span(p, from);
	if (e->height > LIMIT_EXPR_HEIGHT) {
		parser_refuse(p, e->at, "split it into several steps",
			      "an expression of more than %d levels", LIMIT_EXPR_HEIGHT);
		return NULL;
	}
	return e;
}

/* Every recursion of this reader passes parse_unary(), which enters. */
static bool enter(struct parser *p)
{
	if (++p->nest <= LIMIT_EXPR_NEST)
		return true;
	parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)), "split it into several steps",
		      "nested more than %d deep", LIMIT_EXPR_NEST);
	return false;
}

bool expr_is_place(const struct expr *e)
{
	for (; e && !e->parens; e = e->left) {
		if (e->kind == EXPR_NAME)
			return true;
		if (e->kind != EXPR_INDEX && e->kind != EXPR_FIELD)
			return false;
	}
	return false;
}

/* ---- primary and postfix ---------------------------------------------------------------------- */

static struct expr *parse_call(struct parser *p)
{
	u32 from = p->at, height = 0, i;
	struct { VEC(struct expr *) } args = {0};
	struct name name = parser_expect_name(p, "a name");
	struct expr *e;

	p->at++;
	while (!p->failed && !parser_is(p, ')')) {
		struct expr *arg;

		if (args.n && !parser_expect(p, ',', "',' or ')'"))
			break;
		arg = parse_binary(p, LEVEL_LOGIC_OR);
		if (height_of(arg) > height)
			height = height_of(arg);
		vec_push(&args, arg);
	}
	parser_expect(p, ')', "',' or ')'");
	e = new_expr(p, EXPR_CALL, from, NULL, NULL);
	if (e) {
		e->text = name.text;
		e->op_at = name.at;
		e->height = (u16)(height + 1);
		e->n = args.n;
		e->arg = arena_alloc(p->arena, args.n, sizeof(*e->arg));
		for (i = 0; i < args.n; i++)
			e->arg[i] = args.v[i];
	}
	vec_free(&args);
	return e;
}

static struct expr *parse_name(struct parser *p)
{
	const struct token *t = parser_peek(p, 0);
	const char *hint = parser_foreign_type(t->text);
	u32 from = p->at;
	struct expr *e;

	if (hint || parser_is_type(p, 0)) {
		parser_refuse(p, parser_token_pos(p, t), hint, hint ? "there is no '%s' here" :
			      "the type '%s' inside an expression", t->text);
		return NULL;
	}
	if (parse_refused_word(t->text)) {
		parser_refuse(p, parser_token_pos(p, t), parse_refused_word(t->text),
			      "'%s' inside a statement", t->text);
		return NULL;
	}
	if (parser_peek(p, 1)->kind == '(')
		return parse_call(p);
	parser_expect_name(p, "a name");
	e = new_expr(p, EXPR_NAME, from, NULL, NULL);
	if (e)
		e->text = t->text;
	return e;
}

static struct expr *parse_leaf(struct parser *p, enum expr_kind kind)
{
	const struct token *t = parser_peek(p, 0);
	u32 from = p->at++;
	struct expr *e = new_expr(p, kind, from, NULL, NULL);

	if (!e)
		return NULL;
	e->text = t->text;
	e->n = t->n;
	e->number = t->number;
	if (parser_is(p, TOK_STRING))
		parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)), "write one string",
			      "strings side by side are not joined");
	return e;
}

/* Nothing that can begin an operand. */
static struct expr *refuse_operand(struct parser *p)
{
	const struct token *t = parser_peek(p, 0), *next = parser_peek(p, 1);
	struct pos at = parser_token_pos(p, t);
	const char *name = next->kind == TOK_NAME ? next->text : "p";

	if (t->kind == '*')
		parser_refuse(p, at, arena_printf(p->arena, "write %s[0]", name),
			      "'*' in front of a pointer is not in the language");
	else if (t->kind == TOK_INC || t->kind == TOK_DEC)
		parser_refuse(p, at,
			      arena_printf(p->arena, "make it a step of its own: %s%s", name,
					   t->kind == TOK_INC ? "++" : "--"),
			      "'%s' in front of a variable", t->kind == TOK_INC ? "++" : "--");
	else if (t->kind == '+')
		parser_refuse(p, at, "leave it out", "'+' in front of a number");
	else if (t->kind == TOK_ANDAND)
		parser_refuse(p, at, NULL, "'&&' has nothing on its left");
	else if (t->kind == TOK_END)
		parser_refuse(p, at, NULL, "an expression is missing at the end");
	else if (t->kind == ')' || t->kind == ']' || t->kind == ',' || t->kind == ';')
		parser_refuse(p, at, NULL, "an expression is missing before %s",
			      lex_describe(t, p->arena));
	else
		parser_refuse_next(p, "an expression");
	return NULL;
}

static struct expr *parse_parens(struct parser *p)
{
	struct expr *e;

	p->at++;
	e = parse_binary(p, LEVEL_LOGIC_OR);
	parser_expect(p, ')', "')'");
	if (p->failed)
		return NULL;
	e->parens = true;
	return e;
}

static struct expr *parse_primary(struct parser *p)
{
	switch ((int)parser_peek(p, 0)->kind) {
	case TOK_NUMBER:
		return parse_leaf(p, EXPR_NUMBER);
	case TOK_STRING:
		return parse_leaf(p, EXPR_STRING);
	case TOK_NAME:
		return parse_name(p);
	case '(':
		return parse_parens(p);
	default:
		return refuse_operand(p);
	}
}

static struct expr *parse_field(struct parser *p, struct expr *of, u32 from)
{
	bool arrow = parser_is(p, TOK_ARROW);
	struct name name;
	struct expr *e;

	p->at++;
	name = parser_expect_name(p, "the name of a field");
	if (!p->failed && parser_is(p, '(')) {
		parser_refuse(p, name.at,
			      of->kind == EXPR_NAME
				      ? arena_printf(p->arena, "a device acts in a step '%s: %s(...)'",
						     of->text, name.text)
				      : "there are no function pointers",
			      "only a name can be called");
		return NULL;
	}
	e = new_expr(p, EXPR_FIELD, from, of, NULL);
	if (!e)
		return NULL;
	e->op = arrow;
	e->text = name.text;
	e->op_at = name.at;
	return e;
}

static struct expr *parse_postfix(struct parser *p)
{
	u32 from = p->at;
	struct expr *e = parse_primary(p);

	while (!p->failed) {
		if (parser_is(p, '.') || parser_is(p, TOK_ARROW)) {
			e = parse_field(p, e, from);
		} else if (parser_accept(p, '[')) {
			struct expr *index = parse_binary(p, LEVEL_LOGIC_OR);

			parser_expect(p, ']', "']'");
			e = new_expr(p, EXPR_INDEX, from, e, index);
		} else {
			break;
		}
	}
	return e;
}

/* ---- unary ------------------------------------------------------------------------------------ */

static struct expr *parse_sizeof(struct parser *p)
{
	bool deref;
	u32 from = p->at++, at;
	struct type_ref type = {0};
	struct expr *e, *of = NULL;

	if (!parser_expect(p, '(', "'(' after sizeof"))
		return NULL;
	deref = parser_accept(p, '*');
	at = p->at;
	if (!deref && parser_is_type(p, 0)) {
		parser_type(p, &type);
	} else {
		struct name name = parser_expect_name(p, "a type, a name, or * and a name");

		of = new_expr(p, EXPR_NAME, at, NULL, NULL);
		if (of)
			of->text = name.text;
	}
	if (!p->failed && !parser_is(p, ')'))
		parser_refuse(p, parser_span(p, from), NULL,
			      "sizeof takes a type, a name, or * and a name");
	parser_accept(p, ')');
	e = new_expr(p, deref ? EXPR_SIZEOF_DEREF : EXPR_SIZEOF, from, of, NULL);
	if (e)
		e->type = type;
	return e;
}

static struct expr *parse_cast(struct parser *p, u32 from)
{
	struct type_ref type;
	struct expr *e;

	p->at++;
	parser_type(p, &type);
	parser_expect(p, ')', "')'");
	e = p->failed ? NULL : parse_unary(p);
	e = new_expr(p, EXPR_CAST, from, e, NULL);
	if (e)
		e->type = type;
	return e;
}

static struct expr *parse_address(struct parser *p, u32 from)
{
	struct expr *e;

	p->at++;
	e = parse_postfix(p);
	if (!p->failed && !expr_is_place(e))
		parser_refuse(p, e->at, "only a variable, an entry or a field has an address",
			      "'&' takes a place");
	return new_expr(p, EXPR_ADDRESS, from, e, NULL);
}

static struct expr *parse_operator(struct parser *p, enum unary_op op, u32 from)
{
	struct expr *e;

	p->at++;
	e = new_expr(p, EXPR_UNARY, from, parse_unary(p), NULL);
	if (!e)
		return NULL;
	e->at = parser_span(p, from);
	e->op = (u8)op;
	return e;
}

static struct expr *parse_unary(struct parser *p)
{
	u32 from = p->at;
	struct expr *e;

	if (!enter(p))
		return NULL;
	if (parser_is(p, '!'))
		e = parse_operator(p, UNARY_NOT, from);
	else if (parser_is(p, '~'))
		e = parse_operator(p, UNARY_INVERT, from);
	else if (parser_is(p, '-'))
		e = parse_operator(p, UNARY_NEGATE, from);
	else if (parser_is(p, '&'))
		e = parse_address(p, from);
	else if (parser_is(p, '(') && parser_is_type(p, 1))
		e = parse_cast(p, from);
	else if (parser_is_word(p, 0, "sizeof"))
		e = parse_sizeof(p);
	else
		e = parse_postfix(p);
	p->nest--;
	return e;
}

/* ---- binary ----------------------------------------------------------------------------------- */

static bool find_binary(enum tok kind, enum binary_op *op)
{
	static const enum tok toks[BINARY_COUNT] = {
		[BINARY_LOGIC_OR] = TOK_OROR, [BINARY_LOGIC_AND] = TOK_ANDAND,
		[BINARY_OR] = (enum tok)'|',  [BINARY_XOR] = (enum tok)'^',
		[BINARY_AND] = (enum tok)'&', [BINARY_EQ] = TOK_EQ,
		[BINARY_NE] = TOK_NE,	      [BINARY_LT] = (enum tok)'<',
		[BINARY_LE] = TOK_LE,	      [BINARY_GT] = (enum tok)'>',
		[BINARY_GE] = TOK_GE,	      [BINARY_SHL] = TOK_SHL,
		[BINARY_SHR] = TOK_SHR,	      [BINARY_ADD] = (enum tok)'+',
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
		return parse_unary(p);
	left = parse_binary(p, level + 1);
	while (!p->failed && find_binary(parser_peek(p, 0)->kind, &op) &&
	       ast_binary_level(op) == level) {
		struct pos at = parser_token_pos(p, parser_peek(p, 0));

		p->at++;
		right = parse_binary(p, level + 1);
		check_mix(p, left, op, right, first, at);
		e = new_expr(p, EXPR_BINARY, from, left, right);
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
