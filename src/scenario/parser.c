/* SPDX-License-Identifier: MIT */
/* Moving over tokens, and the words for C that is refused: each says what to write instead. */
#include "scenario/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "scenario/parse.h"

bool parser_begin(struct parser *p, struct arena *a, const char *text, u32 n,
		  const struct srcmap *map, bool comments, struct err_list *errs)
{
	*p = (struct parser){.arena = a, .errs = errs, .map = map};
	p->failed = !lex_text(a, text, n, map, comments, &p->tokens, errs);
	return !p->failed;
}

void parser_end(struct parser *p)
{
	vec_free(&p->tokens);
}

struct pos parser_token_pos(const struct parser *p, const struct token *t)
{
	return srcmap_pos(p->map, t->from, t->to);
}

struct pos parser_span(const struct parser *p, u32 from)
{
	BUG_ON(from >= p->tokens.n);
	if (p->at <= from)
		return parser_token_pos(p, &p->tokens.v[from]);
	return srcmap_pos(p->map, p->tokens.v[from].from, p->tokens.v[p->at - 1].to);
}

bool parser_is_word(const struct parser *p, u32 ahead, const char *word)
{
	const struct token *t = parser_peek(p, ahead);

	return t->kind == TOK_NAME && strcmp(t->text, word) == 0;
}

bool parser_accept(struct parser *p, enum tok kind)
{
	if (p->failed || !parser_is(p, kind))
		return false;
	if (kind != TOK_END)
		p->at++;
	return true;
}

void parser_refuse(struct parser *p, struct pos at, const char *hint, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (p->failed)
		return;
	p->failed = true;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_add(p->errs, at, hint, "%s", text);
}

struct refusal {
	enum tok kind;
	const char *message, *hint;
};

/* After a complete operand. */
static const struct refusal refusals[] = {
    {'=', "'=' inside an expression", "compare with '==', or assign in a step of its own"},
    {'?', "'?:' is not in the language", "use if and else"},
    {',', "',' is not an operator here", "write two steps"},
    {';', "a statement ends without ';'", "leave it out; two statements are two steps"},
    {TOK_INC, "'++' inside an expression", "make it a step of its own: i++"},
    {TOK_DEC, "'--' inside an expression", "make it a step of its own: i--"},
    {TOK_ADD_SET, "'+=' inside an expression", "assign in a step of its own"},
    {TOK_SUB_SET, "'-=' inside an expression", "assign in a step of its own"},
    {TOK_OR_SET, "'|=' inside an expression", "assign in a step of its own"},
    {TOK_AND_SET, "'&=' inside an expression", "assign in a step of its own"},
    {TOK_XOR_SET, "'^=' inside an expression", "assign in a step of its own"},
    {TOK_MUL_SET, "'*=' is not in the language", "write x = x * y"},
    {TOK_DIV_SET, "'/=' is not in the language", "write x = x / y"},
    {TOK_MOD_SET, "'%=' is not in the language", "write x = x % y"},
    {TOK_SHL_SET, "'<<=' is not in the language", "write x = x << y"},
    {TOK_SHR_SET, "'>>=' is not in the language", "write x = x >> y"},
    {'{', "'{' has no place in a statement",
     "a body is a list of steps below ':'; an array is filled entry by entry"},
    {':', "':' inside a statement",
     "what another one does, and a body, is a step below: '- nic: ...' on a line of its own"},
    {'(', "only a name can be called", "there are no function pointers"},
};

void parser_refuse_next(struct parser *p, const char *expected)
{
	const struct token *t = parser_peek(p, 0);
	struct pos at = parser_token_pos(p, t);
	u32 i;

	for (i = 0; i < ARRAY_LEN(refusals); i++) {
		if (refusals[i].kind != t->kind)
			continue;
		parser_refuse(p, at, refusals[i].hint, "%s", refusals[i].message);
		return;
	}
	parser_refuse(p, at, NULL, "expected %s, found %s", expected, lex_describe(t, p->arena));
}

bool parser_expect(struct parser *p, enum tok kind, const char *what)
{
	if (parser_accept(p, kind))
		return true;
	if (!p->failed)
		parser_refuse_next(p, what);
	return false;
}

bool parser_expect_end(struct parser *p)
{
	return parser_expect(p, TOK_END, "the end of the statement");
}

struct name parser_expect_name(struct parser *p, const char *what)
{
	const struct token *t = parser_peek(p, 0);
	struct name n = {t->text, parser_token_pos(p, t)};

	if (!parser_expect(p, TOK_NAME, what))
		return (struct name){0};
	if (parse_is_reserved(n.text)) {
		parser_refuse(p, n.at, NULL, "'%s' is a word of C, not a name", n.text);
		return (struct name){0};
	}
	return n;
}

/* ---- types --------------------------------------------------------------------------------- */

static bool find_basic(const char *word, enum type_base *base)
{
	u32 i;

	for (i = 0; i < TYPE_STRUCT; i++) {
		if (strcmp(word, ast_type_text((enum type_base)i)) != 0)
			continue;
		*base = (enum type_base)i;
		return true;
	}
	return false;
}

bool parser_is_type(const struct parser *p, u32 ahead)
{
	const struct token *t = parser_peek(p, ahead);
	enum type_base base;

	return t->kind == TOK_NAME &&
	       (find_basic(t->text, &base) || strcmp(t->text, "struct") == 0 ||
		strcmp(t->text, "const") == 0);
}

const char *parser_foreign_type(const char *word)
{
	static const struct {
		const char *word, *hint;
	} types[] = {
	    {"char", "use u8"},
	    {"short", "use u16"},
	    {"long", "use u64"},
	    {"unsigned", "use u32"},
	    {"signed", "use int"},
	    {"float", "there are only integers"},
	    {"double", "there are only integers"},
	    {"uint8_t", "use u8"},
	    {"uint16_t", "use u16"},
	    {"uint32_t", "use u32"},
	    {"uint64_t", "use u64"},
	    {"uintptr_t", "use u64"},
	    {"__u8", "use u8"},
	    {"__u16", "use u16"},
	    {"__u32", "use u32"},
	    {"__u64", "use u64"},
	    {"s8", "use int"},
	    {"s16", "use int"},
	    {"s32", "use int"},
	    {"s64", "use int"},
	    {"int8_t", "use int"},
	    {"int16_t", "use int"},
	    {"int32_t", "use int"},
	    {"int64_t", "use int"},
	    {"ssize_t", "use int"},
	    {"gfp_t", "use int"},
	    {"__le8", "use u8"},
	    {"static", "leave it out"},
	    {"extern", "leave it out"},
	    {"register", "leave it out"},
	    {"auto", "leave it out"},
	    {"volatile", "use READ_ONCE() and WRITE_ONCE()"},
	    {"union", "use a struct and a cast"},
	    {"enum", "use #define in header:"},
	    {"typedef", "name the type itself"},
	};
	u32 i;

	for (i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(word, types[i].word) == 0)
			return types[i].hint;
	return NULL;
}

static void refuse_type(struct parser *p)
{
	const char *names[TYPE_STRUCT + 4];
	const struct token *t = parser_peek(p, 0);
	const char *hint = NULL, *near;
	u32 i;

	if (t->kind != TOK_NAME) {
		parser_refuse_next(p, "a type");
		return;
	}
	for (i = 0; i <= TYPE_STRUCT; i++)
		names[i] = ast_type_text((enum type_base)i);
	names[i++] = "return"; /* `retrun x` looks like a declaration, too */
	names[i++] = "goto";
	names[i] = NULL;
	hint = parser_foreign_type(t->text);
	near = str_nearest(t->text, names);
	if (!hint && near)
		hint = arena_printf(p->arena, "did you mean \"%s\"?", near);
	parser_refuse(p, parser_token_pos(p, t), hint, "there is no type '%s'", t->text);
}

bool parser_type(struct parser *p, struct type_ref *t)
{
	u32 from = p->at;

	*t = (struct type_ref){0};
	if (parser_is_word(p, 0, "const")) {
		t->is_const = true;
		p->at++;
	}
	if (parser_is_word(p, 0, "struct")) {
		p->at++;
		t->base = TYPE_STRUCT;
		t->tag = parser_expect_name(p, "the name of a struct").text;
	} else if (parser_is(p, TOK_NAME) && find_basic(parser_peek(p, 0)->text, &t->base)) {
		p->at++;
	} else {
		refuse_type(p);
	}
	if (!p->failed && parser_is_word(p, 0, "const"))
		parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)), NULL,
			      "'const' stands before the type");
	while (parser_accept(p, '*')) {
		if (++t->stars > 3)
			parser_refuse(p, parser_span(p, from), NULL, "at most three '*'");
	}
	if (!p->failed)
		t->at = parser_span(p, from);
	return !p->failed;
}

bool parser_declarator(struct parser *p, struct declarator *d)
{
	*d = (struct declarator){0};
	if (!parser_type(p, &d->type))
		return false;
	d->name = parser_expect_name(p, "a name");
	if (parser_accept(p, '[')) {
		if (parser_is(p, ']'))
			parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)), NULL,
				      "an array needs its size");
		d->size = parser_expr(p);
		parser_expect(p, ']', "']'");
		if (parser_is(p, '['))
			parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)),
				      "use one of rows * columns", "arrays have one dimension");
	}
	return !p->failed;
}
