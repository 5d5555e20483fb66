/* SPDX-License-Identifier: MIT */
/* A question to the reader: `ask` with `choices` or a `value`. */
#include <string.h>

#include "scenario/fields.h"
#include "scenario/limits.h"
#include "scenario/parse.h"

static void parse_choice(struct step_context *ctx, const struct ypair *pair, bool last,
			 struct answer_choice *out)
{
	struct source src;

	*out = (struct answer_choice){pair->key->text, pair->key->at, NULL};
	if (!parse_open_scalar(ctx, pair->value, "a condition", &src))
		return;
	if (strcmp(pair->value->text, "else") != 0)
		out->cond = parse_expression(&src);
	else if (!last)
		err_add(ctx->errs, pair->value->at, "move it to the end",
			"'else' is the last of the choices");
}

static void parse_choices(struct step_context *ctx, const struct ynode *n, struct stmt *out)
{
	u32 i;

	if (n->kind != YNODE_MAP || !n->n) {
		err_add(ctx->errs, n->at, "as in 'hello: x == \"hello\"'",
			"choices are a map of text to condition");
		return;
	}
	if (n->n > LIMIT_CHOICES) {
		err_add(ctx->errs, n->pair[LIMIT_CHOICES].key->at, NULL, "more than %d choices",
			LIMIT_CHOICES);
		return;
	}
	out->choices = n->n;
	out->choice = arena_alloc(ctx->arena, n->n, sizeof(*out->choice));
	for (i = 0; i < n->n; i++)
		parse_choice(ctx, &n->pair[i], i + 1 == n->n, &out->choice[i]);
}

static void parse_predict_key(struct step_context *ctx, const struct ypair *pair, struct stmt *out)
{
	const char *key = pair->key->text;
	struct source src;

	if (strcmp(key, "ask") == 0) {
		if (parse_open_scalar(ctx, pair->value, "the question", &src))
			out->ask = pair->value->text;
	} else if (strcmp(key, "choices") == 0) {
		parse_choices(ctx, pair->value, out);
	} else if (strcmp(key, "value") == 0) {
		if (parse_open_scalar(ctx, pair->value, "the answer", &src))
			out->answer = parse_expression(&src);
	} else {
		err_add(ctx->errs, pair->key->at,
			field_hint(FIELDS_PREDICT, key, "a question has ask, and choices or value",
				   ctx->errs),
			"there is no key \"%s\" here", key);
	}
}

void parse_predict(struct step_context *ctx, const struct ynode *value, const struct ynode *key,
		   struct stmt *out)
{
	u32 before = ctx->errs->n + ctx->errs->dropped, i;
	bool choices, answer;

	if (value->kind != YNODE_MAP) {
		err_add(ctx->errs, value->at, "it has ask, and choices or value",
			"a question is a map");
		return;
	}
	for (i = 0; i < value->n; i++)
		parse_predict_key(ctx, &value->pair[i], out);
	choices = ynode_get(value, "choices");
	answer = ynode_get(value, "value");
	if (!ynode_get(value, "ask"))
		err_add(ctx->errs, key->at, NULL, "the question has no 'ask'");
	if (choices == answer)
		err_add(ctx->errs, key->at, NULL, "a question has either 'choices' or 'value'");
	if (ctx->errs->n + ctx->errs->dropped == before)
		out->kind = STMT_PREDICT;
}
