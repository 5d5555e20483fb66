/* SPDX-License-Identifier: MIT */
/*
 * From text to the trees of ast.h. A mistake is reported in errs with its exact place, and the
 * result is NULL or false; one text gives at most one mistake.
 */
#ifndef SCENARIO_PARSE_H
#define SCENARIO_PARSE_H

#include "base/err.h"
#include "base/mem.h"
#include "scenario/ast.h"
#include "scenario/yaml.h"

/* One text to read: n bytes, a place for each, and who gets what is made of it. */
struct source {
	struct arena *arena; /* owns the trees */
	struct err_list *errs;
	const char *text;
	u32 n;
	const struct srcmap *map;
};

/* A statement without a body. Control flow is refused here: its header is a key. */
struct stmt *parse_statement(const struct source *src);

/* A condition of a question, an answer. */
struct expr *parse_expression(const struct source *src);

/* What stands before ':' in a step that has a body. */
struct control {
	enum stmt_kind kind; /* STMT_IF (also for "else if"), STMT_WHILE, STMT_FOR, STMT_FOR_EACH */
	struct pos at;
	struct expr *cond; /* as in struct stmt */
	struct stmt *first, *next;
};

/* "if (e)", "else if (e)", "while (e)", "for (a; e; b)", "for_each_sg(…)" and its like. */
bool parse_header(const struct source *src, struct control *out);

/* "name(type a, type b)" into name, param and params of out. */
bool parse_signature(const struct source *src, struct function *out);

/* The C text of `header:`. Reports every mistake that does not follow from another. */
void parse_c_header(const struct source *src, struct header *out);

/*
 * A sequence of steps (or one statement, as text). devices are the names that may be keys, ended by
 * NULL. *steps counts what the file holds so far, against its limit.
 */
struct step_context {
	struct arena *arena;
	struct err_list *errs;
	const char *text; /* the whole file */
	const char *const *devices;
	u32 steps;
	struct srcmap map; /* scratch; vec_free() it in the end */
	bool full;	   /* the limit of steps was reported */
};

/*
 * The statements of a body: one step or a list of them, in ctx->arena. Mistakes are added to
 * ctx->errs; a step that could not be read is STMT_BAD.
 */
struct stmt_list parse_steps(struct step_context *ctx, const struct ynode *n);

/* The value of a `predict` key into out; its kind stays STMT_BAD if there was a mistake. */
void parse_predict(struct step_context *ctx, const struct ynode *value, const struct ynode *key,
		   struct stmt *out);

/*
 * Makes a scalar ready to be read: its map goes into ctx->map, so only one scalar at a time. False
 * (reported) if it is no text, empty, or longer than a statement may be.
 */
bool parse_open_scalar(struct step_context *ctx, const struct ynode *n, const char *what,
		       struct source *out);

/* "if", "goto", "struct", "int", …: no variable, device or function has such a name. */
bool parse_is_reserved(const char *word);

/*
 * on, off, yes, no, true, false, null, in any case: other YAML readers change them where they are
 * a whole scalar. So no variant, param, device or label has such a name; inside a statement they
 * are safe (and NULL is needed).
 */
bool parse_is_yaml_word(const char *word);
const char *const *parse_yaml_words(void); /* in lower case, ended by NULL */

/* For a word of C that is refused, what to write instead; NULL for every other word. */
const char *parse_refused_word(const char *word);

#endif
