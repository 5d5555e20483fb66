/* SPDX-License-Identifier: MIT */
/*
 * The C text of `header:`: #define of an expression, and struct. Layout is computed later, when
 * constants are known. A mistake costs the definition it is in; reading goes on behind it.
 */
#include <string.h>

#include "scenario/limits.h"
#include "scenario/parse.h"
#include "scenario/parser.h"

struct reader {
	struct parser p;
	struct {
		VEC(struct header_item)
	} items;
	struct {
		VEC(struct field)
	} fields; /* of the struct that is being read */
	u32 defines, structs;
};

static bool is_line_start(const struct parser *p)
{
	return parser_peek(p, 0)->first;
}

/* ---- #define ------------------------------------------------------------------------------- */

static void refuse_directive(struct parser *p)
{
	const struct token *t = parser_peek(p, 0);

	if (t->kind == TOK_NAME)
		parser_refuse(p, parser_token_pos(p, t), "only #define is read",
			      "'#%s' is not in the language", t->text);
	else
		parser_refuse(p, parser_token_pos(p, t), NULL, "'#' begins '#define NAME value'");
}

static void check_define(struct parser *p, const struct name *name, const struct token *word)
{
	const struct token *t = parser_peek(p, 0);

	if (p->failed)
		return;
	if (t->kind == '(' && t->from == word->to)
		parser_refuse(p, parser_token_pos(p, t), "write a function in functions:",
			      "a macro with parameters is not in the language");
	else if (t->kind == TOK_END)
		parser_refuse(p, name->at, "as in '#define RING_SIZE 16'", "'%s' has no value",
			      name->text);
}

static void parse_define_line(struct reader *r)
{
	struct parser *p = &r->p;
	struct header_item item = {.kind = HEADER_DEFINE};
	const struct token *word;

	if (!parser_is_word(p, 0, "define")) {
		refuse_directive(p);
		return;
	}
	p->at++;
	word = parser_peek(p, 0);
	item.define.name = parser_expect_name(p, "a name");
	check_define(p, &item.define.name, word);
	item.define.value = parser_expr(p);
	parser_expect(p, TOK_END, "the end of the line");
	if (!p->failed && ++r->defines > LIMIT_DEFINES)
		parser_refuse(p, item.define.name.at, NULL, "more than %d definitions",
			      LIMIT_DEFINES);
	if (!p->failed)
		vec_push(&r->items, item);
}

/* A definition ends with its line: for a while the first token of the next one is the end. */
static void parse_define(struct reader *r)
{
	struct parser *p = &r->p;
	u32 end = ++p->at;
	enum tok kept;

	while (!p->tokens.v[end].first)
		end++;
	kept = p->tokens.v[end].kind;
	p->tokens.v[end].kind = TOK_END;
	parse_define_line(r);
	p->tokens.v[end].kind = kept;
}

/* ---- struct -------------------------------------------------------------------------------- */

static void parse_attributes(struct parser *p, struct attributes *out)
{
	while (!p->failed && parser_is(p, TOK_NAME)) {
		const struct token *t = parser_peek(p, 0);
		struct pos at = parser_token_pos(p, t);

		if (!out->at.line)
			out->at = at;
		p->at++;
		if (strcmp(t->text, "__packed") == 0) {
			out->packed = true;
		} else if (strcmp(t->text, "____cacheline_aligned") == 0) {
			out->cacheline_aligned = true;
		} else if (strcmp(t->text, "__aligned") == 0) {
			parser_expect(p, '(', "'(' and the alignment");
			out->aligned = parser_expr(p);
			parser_expect(p, ')', "')'");
		} else {
			parser_refuse(p, at,
				      "there are __packed, __aligned(n) and ____cacheline_aligned",
				      "no attribute '%s'", t->text);
		}
	}
}

static bool is_group(const struct token *t, struct field *f)
{
	if (t->kind != TOK_NAME)
		return false;
	if (strcmp(t->text, "__dma_from_device_group_begin") == 0)
		f->kind = FIELD_GROUP_BEGIN;
	else if (strcmp(t->text, "__dma_from_device_group_end") == 0)
		f->kind = FIELD_GROUP_END;
	else
		return false;
	return true;
}

/* `struct { … } x;` and `struct t { … } x;` inside a struct, `u32 a, b;`, `u32 a : 3;` */
static void refuse_field(struct parser *p)
{
	const struct token *t = parser_peek(p, 0);
	struct pos at = parser_token_pos(p, t);

	if (t->kind == ',')
		parser_refuse(p, at, "write ';' and the type again", "one field in a declaration");
	else if (t->kind == ':')
		parser_refuse(p, at, "use masks, BIT() and GENMASK()",
			      "bit fields are not in the language");
	else if (t->kind != ';')
		parser_refuse_next(p, "';'");
}

static void parse_field(struct reader *r)
{
	struct parser *p = &r->p;
	struct field f = {.kind = FIELD_DATA};
	u32 from = p->at;

	if (is_group(parser_peek(p, 0), &f)) {
		p->at++;
		parser_expect(p, '(', "'()'");
		parser_expect(p, ')', "')'");
		f.at = p->failed ? f.at : parser_span(p, from);
		parser_accept(p, ';');
	} else {
		if (parser_is_word(p, 0, "struct") &&
		    (parser_peek(p, 1)->kind == '{' || parser_peek(p, 2)->kind == '{')) {
			parser_refuse(p, parser_token_pos(p, parser_peek(p, 0)),
				      "define it before this one", "a struct inside a struct");
			return;
		}
		if (!parser_declarator(p, &f.decl))
			return;
		f.at = parser_span(p, from);
		parse_attributes(p, &f.attrs);
		if (!p->failed && !parser_accept(p, ';'))
			refuse_field(p);
	}
	if (!p->failed && r->fields.n == LIMIT_FIELDS)
		parser_refuse(p, f.at, NULL, "more than %d fields", LIMIT_FIELDS);
	if (!p->failed)
		vec_push(&r->fields, f);
}

static void check_field_names(struct reader *r)
{
	u32 i, j;

	for (i = 0; i < r->fields.n; i++) {
		const struct field *f = &r->fields.v[i];

		for (j = 0; j < i && f->kind == FIELD_DATA; j++) {
			const struct field *g = &r->fields.v[j];

			if (g->kind == FIELD_DATA &&
			    strcmp(f->decl.name.text, g->decl.name.text) == 0)
				parser_refuse(&r->p, f->decl.name.at, NULL, "a second field '%s'",
					      f->decl.name.text);
		}
	}
}

static void parse_struct(struct reader *r)
{
	struct parser *p = &r->p;
	struct header_item item = {.kind = HEADER_STRUCT};
	struct struct_def *def = &item.def;
	u32 i;

	p->at++;
	r->fields.n = 0;
	def->name = parser_expect_name(p, "the name of the struct");
	parser_expect(p, '{', "'{'");
	while (!p->failed && !parser_is(p, '}') && !parser_is(p, TOK_END))
		parse_field(r);
	parser_expect(p, '}', "'}'");
	parse_attributes(p, &def->attrs);
	parser_expect(p, ';', "';' after '}'");
	check_field_names(r);
	if (!p->failed && !r->fields.n)
		parser_refuse(p, def->name.at, NULL, "struct %s has no fields", def->name.text);
	if (!p->failed && ++r->structs > LIMIT_STRUCTS)
		parser_refuse(p, def->name.at, NULL, "more than %d structs", LIMIT_STRUCTS);
	if (p->failed)
		return;
	def->fields = r->fields.n;
	def->field = arena_alloc(p->arena, def->fields, sizeof(*def->field));
	for (i = 0; i < def->fields; i++)
		def->field[i] = r->fields.v[i];
	vec_push(&r->items, item);
}

/* ---- the text ------------------------------------------------------------------------------ */

static void parse_item(struct reader *r)
{
	struct parser *p = &r->p;
	const struct token *t = parser_peek(p, 0);

	if (t->kind == '#' && t->first)
		parse_define(r);
	else if (parser_is_word(p, 0, "struct"))
		parse_struct(r);
	else
		parser_refuse(p, parser_token_pos(p, t),
			      "header: holds '#define NAME value' and 'struct name { ... };'",
			      "%s cannot begin a definition", lex_describe(t, p->arena));
}

/* After a mistake: on to the next line that begins a definition. */
static void skip_item(struct parser *p)
{
	p->failed = false;
	p->nest = 0;
	for (p->at++; !parser_is(p, TOK_END); p->at++) {
		if (!is_line_start(p))
			continue;
		if (parser_is(p, '#') ||
		    (parser_is_word(p, 0, "struct") && parser_peek(p, 2)->kind == '{'))
			return;
	}
}

void parse_c_header(const struct source *src, struct header *out)
{
	struct reader r = {0};
	u32 i;

	if (parser_begin(&r.p, src->arena, src->text, src->n, src->map, true, src->errs)) {
		while (!parser_is(&r.p, TOK_END)) {
			u32 from = r.p.at;

			parse_item(&r);
			if (r.p.failed) {
				r.p.at = r.p.at > from ? r.p.at - 1 : from;
				skip_item(&r.p);
			}
		}
	}
	out->n = r.items.n;
	out->item = arena_alloc(src->arena, out->n, sizeof(*out->item));
	for (i = 0; i < out->n; i++)
		out->item[i] = r.items.v[i];
	vec_free(&r.items);
	vec_free(&r.fields);
	parser_end(&r.p);
}
