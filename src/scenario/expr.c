/* SPDX-License-Identifier: MIT */
/*
 * Operands: names, calls, fields, and the operators in front of them. scenario/binary.c puts them
 * together. Every recursion of the two files passes parser_unary(), which counts.
 */
#include <string.h>

#include "scenario/limits.h"
#include "scenario/parse.h"
#include "scenario/parser.h"

static u32 height_of(const struct expr *e)
{
	return e ? e->height : 0;
}

struct expr *parser_new_expr(struct parser *p, enum expr_kind kind, u32 from, struct expr *left,
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

/* ---- primary and postfix ------------------------------------------------------------------- */

static struct expr *parse_call(struct parser *p)
{
	u32 from = p->at, height = 0, i;
	struct {
		VEC(struct expr *)
	} args = {0};
	struct name name = parser_expect_name(p, "a name");
	struct expr *e;

	p->at++;
	while (!p->failed && !parser_is(p, ')')) {
		struct expr *arg;

		if (args.n && !parser_expect(p, ',', "',' or ')'"))
			break;
		arg = parser_expr(p);
		if (height_of(arg) > height)
			height = height_of(arg);
		vec_push(&args, arg);
	}
	parser_expect(p, ')', "',' or ')'");
	e = parser_new_expr(p, EXPR_CALL, from, NULL, NULL);
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
		parser_refuse(p, parser_token_pos(p, t), hint,
			      hint ? "there is no '%s' here" : "the type '%s' inside an expression",
			      t->text);
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
	e = parser_new_expr(p, EXPR_NAME, from, NULL, NULL);
	if (e)
		e->text = t->text;
	return e;
}

static struct expr *parse_leaf(struct parser *p, enum expr_kind kind)
{
	const struct token *t = parser_peek(p, 0);
	u32 from = p->at++;
	struct expr *e = parser_new_expr(p, kind, from, NULL, NULL);

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
	e = parser_expr(p);
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
	e = parser_new_expr(p, EXPR_FIELD, from, of, NULL);
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
			struct expr *index = parser_expr(p);

			parser_expect(p, ']', "']'");
			e = parser_new_expr(p, EXPR_INDEX, from, e, index);
		} else {
			break;
		}
	}
	return e;
}

/* ---- unary --------------------------------------------------------------------------------- */

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

		of = parser_new_expr(p, EXPR_NAME, at, NULL, NULL);
		if (of)
			of->text = name.text;
	}
	if (!p->failed && !parser_is(p, ')'))
		parser_refuse(p, parser_span(p, from), NULL,
			      "sizeof takes a type, a name, or * and a name");
	parser_accept(p, ')');
	e = parser_new_expr(p, deref ? EXPR_SIZEOF_DEREF : EXPR_SIZEOF, from, of, NULL);
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
	e = p->failed ? NULL : parser_unary(p);
	e = parser_new_expr(p, EXPR_CAST, from, e, NULL);
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
	return parser_new_expr(p, EXPR_ADDRESS, from, e, NULL);
}

static struct expr *parse_operator(struct parser *p, enum unary_op op, u32 from)
{
	struct expr *e;

	p->at++;
	e = parser_new_expr(p, EXPR_UNARY, from, parser_unary(p), NULL);
	if (!e)
		return NULL;
	e->at = parser_span(p, from);
	e->op = (u8)op;
	return e;
}

struct expr *parser_unary(struct parser *p)
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
