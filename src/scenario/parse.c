/* SPDX-License-Identifier: MIT */
/* Statements, the headers of control flow, and signatures of functions. */
#include "scenario/parse.h"

#include <string.h>
#include <strings.h>

#include "scenario/limits.h"
#include "scenario/parser.h"

static bool is_among(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

bool parse_is_reserved(const char *word)
{
	static const char *const words[] = {
	    "if",     "else",	"while", "for",	   "goto", "return",  "break", "continue",
	    "sizeof", "struct", "const", "switch", "case", "default", "do",    NULL};
	u32 i;

	for (i = 0; i < TYPE_STRUCT; i++)
		if (strcmp(word, ast_type_text((enum type_base)i)) == 0)
			return true;
	return is_among(word, words) || parser_foreign_type(word);
}

const char *const *parse_yaml_words(void)
{
	static const char *const words[] = {"on",   "off",   "yes",  "no",
					    "true", "false", "null", NULL};

	return words;
}

bool parse_is_yaml_word(const char *word)
{
	const char *const *w;

	for (w = parse_yaml_words(); *w; w++)
		if (strcasecmp(word, *w) == 0)
			return true;
	return false;
}

const char *parse_refused_word(const char *word)
{
	static const char *const words[][2] = {
	    {"switch", "write if, else if and else"},
	    {"case", "write if, else if and else"},
	    {"default", "write if, else if and else"},
	    {"do", "write while (e):"},
	    {"else", "'else:' is a key of the step that begins with 'if'"},
	    {"if", "its body follows ':', as in '- if (e): return -EIO'"},
	    {"while", "its body follows ':', as in '- while (e): step()'"},
	    {"for", "its body follows ':', as in '- for (i = 0; i < 4; i++): step(i)'"},
	};
	u32 i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

static bool begin(struct parser *p, const struct source *src)
{
	return parser_begin(p, src->arena, src->text, src->n, src->map, false, src->errs);
}

static struct stmt *new_stmt(struct parser *p, enum stmt_kind kind)
{
	struct stmt *s = arena_alloc(p->arena, 1, sizeof(*s));

	s->kind = kind;
	return s;
}

/* ---- statements ---------------------------------------------------------------------------- */

static struct stmt *parse_declaration(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_DECLARE);

	if (!parser_declarator(p, &s->decl))
		return NULL;
	if (parser_is(p, ','))
		parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)), "write a step for each",
			      "one variable in a declaration");
	if (parser_accept(p, '='))
		s->init = parser_expr(p);
	return p->failed ? NULL : s;
}

static bool find_assignment(enum tok kind, enum assign_op *op)
{
	static const struct {
		enum tok tok;
		enum assign_op op;
	} ops[] = {
	    {(enum tok)'=', ASSIGN_SET}, {TOK_ADD_SET, ASSIGN_ADD}, {TOK_SUB_SET, ASSIGN_SUB},
	    {TOK_OR_SET, ASSIGN_OR},	 {TOK_AND_SET, ASSIGN_AND}, {TOK_XOR_SET, ASSIGN_XOR},
	    {TOK_INC, ASSIGN_INC},	 {TOK_DEC, ASSIGN_DEC},
	};
	u32 i;

	for (i = 0; i < ARRAY_LEN(ops); i++) {
		if (ops[i].tok != kind)
			continue;
		*op = ops[i].op;
		return true;
	}
	return false;
}

/* What follows the place in an assignment. The operator is next. */
static struct stmt *parse_assignment(struct parser *p, struct expr *place, enum assign_op op)
{
	struct stmt *s = new_stmt(p, STMT_ASSIGN);

	if (!expr_is_place(place)) {
		parser_refuse(p, place->at, "a variable, an entry or a field stands on the left",
			      "nothing can be assigned to this");
		return NULL;
	}
	p->at++;
	s->place = place;
	s->op = op;
	if (op < ASSIGN_INC)
		s->value = parser_expr(p);
	if (!p->failed && parser_is(p, '='))
		parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)), "write a step for each",
			      "one '=' in a statement");
	return p->failed ? NULL : s;
}

static void refuse_idle(struct parser *p, const struct expr *e)
{
	const char *hint = "a statement assigns or calls";

	if (e->kind == EXPR_BINARY && e->op == BINARY_EQ)
		hint = "'==' compares; assign with '='";
	else if (e->kind == EXPR_CAST && e->left->kind == EXPR_CALL)
		hint = "leave the cast out";
	parser_refuse(p, e->at, hint, "this statement does nothing");
}

static struct stmt *parse_expression_statement(struct parser *p)
{
	struct expr *e = parser_expr(p);
	enum assign_op op = ASSIGN_SET;
	struct stmt *s;

	if (p->failed)
		return NULL;
	if (find_assignment(parser_peek(p, 0)->kind, &op))
		return parse_assignment(p, e, op);
	if (!parser_is(p, TOK_END)) {
		parser_refuse_next(p, "the end of the statement");
		return NULL;
	}
	if (e->kind != EXPR_CALL || e->parens) {
		refuse_idle(p, e);
		return NULL;
	}
	s = new_stmt(p, STMT_CALL);
	s->expr = e;
	return s;
}

static struct stmt *parse_jump(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_RETURN);

	if (parser_is_word(p, 0, "return")) {
		p->at++;
		if (!parser_is(p, TOK_END))
			s->expr = parser_expr(p);
		return s;
	}
	if (parser_is_word(p, 0, "goto")) {
		s->kind = STMT_GOTO;
		p->at++;
		s->label = parser_expect_name(p, "a label");
		return s;
	}
	s->kind = parser_is_word(p, 0, "break") ? STMT_BREAK : STMT_CONTINUE;
	p->at++;
	return s;
}

/* `foo x = 1`, `char *p`: a declaration of a type that is not there. */
static bool is_unknown_declaration(const struct parser *p)
{
	if (!parser_is(p, TOK_NAME))
		return false;
	if (parser_foreign_type(parser_peek(p, 0)->text))
		return parser_peek(p, 1)->kind == TOK_NAME || parser_peek(p, 1)->kind == '*';
	return parser_peek(p, 1)->kind == TOK_NAME && !parse_refused_word(parser_peek(p, 0)->text);
}

static struct stmt *parse_one(struct parser *p)
{
	static const char *const jumps[] = {"return", "goto", "break", "continue", NULL};
	u32 from = p->at;
	struct stmt *s;

	if (parser_is(p, TOK_NAME) && is_among(parser_peek(p, 0)->text, jumps))
		s = parse_jump(p);
	else if (parser_is_type(p, 0) || is_unknown_declaration(p))
		s = parse_declaration(p);
	else
		s = parse_expression_statement(p);
	if (p->failed)
		return NULL;
	s->at = parser_span(p, from);
	return s;
}

struct stmt *parse_statement(const struct source *src)
{
	struct stmt *s = NULL;
	struct parser p;

	if (begin(&p, src)) {
		s = parse_one(&p);
		if (!parser_expect_end(&p))
			s = NULL;
	}
	parser_end(&p);
	return s;
}

struct expr *parse_expression(const struct source *src)
{
	struct expr *e = NULL;
	struct parser p;

	if (begin(&p, src)) {
		e = parser_expr(&p);
		if (!parser_expect_end(&p))
			e = NULL;
	}
	parser_end(&p);
	return e;
}

/* ---- headers of control flow --------------------------------------------------------------- */

static void parse_condition(struct parser *p, struct control *out)
{
	parser_expect(p, '(', "'('");
	out->cond = parser_expr(p);
	parser_expect(p, ')', "')'");
}

/* An assignment between the semicolons of a for. */
static struct stmt *parse_for_part(struct parser *p, bool declare)
{
	u32 from = p->at;
	enum assign_op op = ASSIGN_SET;
	struct stmt *s = NULL;
	struct expr *e;

	if (declare && parser_is_type(p, 0)) {
		s = parse_declaration(p);
	} else {
		e = parser_expr(p);
		if (!p->failed && find_assignment(parser_peek(p, 0)->kind, &op))
			s = parse_assignment(p, e, op);
		else if (!p->failed)
			parser_refuse(p, e->at, "as in 'for (i = 0; i < 4; i++)'",
				      "an assignment belongs here");
	}
	if (s)
		s->at = parser_span(p, from);
	return s;
}

static void parse_for(struct parser *p, struct control *out)
{
	out->kind = STMT_FOR;
	parser_expect(p, '(', "'('");
	if (!p->failed && !parser_is(p, ';'))
		out->first = parse_for_part(p, true);
	parser_expect(p, ';', "';'");
	if (!p->failed && !parser_is(p, ';'))
		out->cond = parser_expr(p);
	parser_expect(p, ';', "';'");
	if (!p->failed && !parser_is(p, ')'))
		out->next = parse_for_part(p, false);
	parser_expect(p, ')', "')'");
}

static void parse_for_each(struct parser *p, struct control *out)
{
	static const char *const names[] = {"for_each_sg", "for_each_sgtable_sg",
					    "for_each_sgtable_dma_sg", NULL};
	const char *near;

	out->kind = STMT_FOR_EACH;
	out->cond = parser_expr(p);
	if (p->failed)
		return;
	if (out->cond->kind == EXPR_CALL && is_among(out->cond->text, names))
		return;
	near = out->cond->kind == EXPR_CALL ? str_nearest(out->cond->text, names) : NULL;
	parser_refuse(p, out->cond->kind == EXPR_CALL ? out->cond->op_at : out->cond->at,
		      near ? arena_printf(p->arena, "did you mean \"%s\"?", near)
			   : "if, while, for, for_each_sg, for_each_sgtable_sg and "
			     "for_each_sgtable_dma_sg do",
		      "this has no body");
}

bool parse_header(const struct source *src, struct control *out)
{
	struct parser p;
	bool ok;

	*out = (struct control){0};
	if (begin(&p, src)) {
		out->kind = STMT_IF;
		if (parser_is_word(&p, 0, "else") && parser_is_word(&p, 1, "if"))
			p.at++;
		if (parser_is_word(&p, 0, "if") || parser_is_word(&p, 0, "while")) {
			out->kind = parser_is_word(&p, 0, "if") ? STMT_IF : STMT_WHILE;
			p.at++;
			parse_condition(&p, out);
		} else if (parser_is_word(&p, 0, "for")) {
			p.at++;
			parse_for(&p, out);
		} else {
			parse_for_each(&p, out);
		}
		parser_expect(&p, TOK_END, "':' and the body");
		if (!p.failed)
			out->at = parser_span(&p, 0);
	}
	ok = !p.failed;
	parser_end(&p);
	return ok;
}

/* ---- signatures ---------------------------------------------------------------------------- */

static bool check_param(struct parser *p, const struct declarator *d, const struct declarator *all,
			u32 n)
{
	u32 i;

	if (d->size)
		parser_refuse(p, d->name.at, "pass a pointer", "a parameter is no array");
	for (i = 0; i < n && !p->failed; i++)
		if (strcmp(all[i].name.text, d->name.text) == 0)
			parser_refuse(p, d->name.at, NULL, "a second parameter '%s'", d->name.text);
	return !p->failed;
}

static void parse_params(struct parser *p, struct function *out)
{
	struct declarator all[LIMIT_FUNCTION_PARAMS];
	u32 i;

	/* `f(void)` is C for no parameters. */
	if (parser_is_word(p, 0, "void") && parser_peek(p, 1)->kind == ')')
		p->at++;
	while (!p->failed && !parser_is(p, ')')) {
		if (out->params == LIMIT_FUNCTION_PARAMS) {
			parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)), NULL,
				      "more than %d parameters", LIMIT_FUNCTION_PARAMS);
			return;
		}
		if (out->params && !parser_expect(p, ',', "',' or ')'"))
			return;
		if (!parser_declarator(p, &all[out->params]) ||
		    !check_param(p, &all[out->params], all, out->params))
			return;
		out->params++;
	}
	out->param = arena_alloc(p->arena, out->params, sizeof(*out->param));
	for (i = 0; i < out->params; i++)
		out->param[i] = all[i];
}

bool parse_signature(const struct source *src, struct function *out)
{
	struct parser p;
	bool ok;

	*out = (struct function){0};
	if (begin(&p, src)) {
		/* `int f(int x)`: the result has no type here. */
		if ((parser_is_type(&p, 0) || parser_is(&p, TOK_NAME)) &&
		    parser_peek(&p, 1)->kind == TOK_NAME)
			parser_refuse(&p, parser_token_pos(&p, parser_peek(&p, 0)), "leave it out",
				      "a function is written without the type of its result");
		out->name = parser_expect_name(&p, "the name of a function");
		if (!p.failed && parser_is(&p, TOK_END))
			parser_refuse(&p, parser_token_pos(&p, parser_peek(&p, 0)),
				      arena_printf(p.arena, "as in '%s():'", out->name.text),
				      "the parameters are missing");
		parser_expect(&p, '(', "'(' and the parameters");
		parse_params(&p, out);
		parser_expect(&p, ')', "',' or ')'");
		parser_expect(&p, TOK_END, "':' and the body");
	}
	ok = !p.failed;
	parser_end(&p);
	return ok;
}
