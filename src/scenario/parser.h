/* SPDX-License-Identifier: MIT */
/*
 * What the readers of statements, headers and C definitions share: a position in a list of tokens
 * and the refusals. Internal to scenario/; others use parse.h.
 *
 * A reader stops at the first mistake of its text: `failed` is set, every function returns NULL or
 * false from then on, and nothing more is reported.
 */
#ifndef SCENARIO_PARSER_H
#define SCENARIO_PARSER_H

#include "scenario/ast.h"
#include "scenario/lex.h"

struct parser {
	struct arena *arena;
	struct err_list *errs;
	const struct srcmap *map;
	struct lexed tokens;
	u32 at;	  /* the next token */
	u32 nest; /* how deep the reader is inside parentheses and unary operators */
	bool failed;
};

/* Cuts text into tokens. False if that failed; parser_end() is needed either way. */
bool parser_begin(struct parser *p, struct arena *a, const char *text, u32 n,
		  const struct srcmap *map, bool comments, struct err_list *errs);
void parser_end(struct parser *p);

static inline const struct token *parser_peek(const struct parser *p, u32 ahead)
{
	u32 i = p->at + ahead;

	return &p->tokens.v[i < p->tokens.n ? i : p->tokens.n - 1];
}

static inline bool parser_is(const struct parser *p, enum tok kind)
{
	return parser_peek(p, 0)->kind == kind;
}

/* Is the token that far ahead this very name? */
bool parser_is_word(const struct parser *p, u32 ahead, const char *word);

/* Steps over the next token if it is of that kind. */
bool parser_accept(struct parser *p, enum tok kind);

/* The same, but anything else is a mistake; what names the thing that is missing. */
bool parser_expect(struct parser *p, enum tok kind, const char *what);

/* Steps over a name that may be a variable's and gives it; else an empty name and a mistake. */
struct name parser_expect_name(struct parser *p, const char *what);

/* The text must be over. */
bool parser_expect_end(struct parser *p);

/* From token number `from` to the last one that was stepped over. */
struct pos parser_span(const struct parser *p, u32 from);
struct pos parser_token_pos(const struct parser *p, const struct token *t);

/* Reports a mistake, unless there was one. */
void parser_refuse(struct parser *p, struct pos at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Reports that the next token cannot be here, and for what C would allow why it may not. */
void parser_refuse_next(struct parser *p, const char *expected);

/* Does a type begin at the token that far ahead? */
bool parser_is_type(const struct parser *p, u32 ahead);
/* What to write for a C type that is not in the language; NULL if it is no such type. */
const char *parser_foreign_type(const char *word);

/*
 * A type ("const struct x *"), a declarator (type, name, size of an array), an expression. False or
 * NULL: a message was added; the tokens up to there are taken.
 */
bool parser_type(struct parser *p, struct type_ref *t);
bool parser_declarator(struct parser *p, struct declarator *d);
struct expr *parser_expr(struct parser *p);

/* An operand with the operators in front of it. */
struct expr *parser_unary(struct parser *p);

/* A node over up to two others; spans the tokens from `from` to here. NULL after a mistake. */
struct expr *parser_new_expr(struct parser *p, enum expr_kind kind, u32 from, struct expr *left,
			     struct expr *right);

/* NAME { [e] | .NAME | ->NAME }, without parentheses: what can be assigned. */
bool expr_is_place(const struct expr *e);

#endif
