/* SPDX-License-Identifier: MIT */
/* Statements that are one step: declarations, assignments, calls; and lists of them. */
#include <string.h>

#include "base/bug.h"
#include "scenario/compile_int.h"

/* ---- the table of statements ------------------------------------------------------------------
 */

static const char *keep(struct compiler *c, const char *s)
{
	return arena_strndup(&c->prog->arena, s, strlen(s));
}

/* The variable at the root of a place, if it is one that is assigned here. */
static const char *target_of(const struct stmt *s)
{
	const struct expr *e;

	if (s->kind == STMT_DECLARE)
		return s->init ? s->decl.name.text : NULL;
	if (s->kind != STMT_ASSIGN)
		return NULL;
	e = s->place;
	if (e->kind == EXPR_INDEX)
		e = e->left;
	return e->kind == EXPR_NAME ? e->text : NULL;
}

static u16 actor_of(const struct compiler *c)
{
	switch (c->who) {
	case WHO_HAND:
	case WHO_PROGRAM:
		return (u16)(c->device + 1);
	case WHO_HW:
		return ACTOR_HW;
	case WHO_LAB:
		return ACTOR_LAB;
	default:
		return 0;
	}
}

void stmt_begin(struct compiler *c, const struct stmt *s, struct pos at, const char *text)
{
	struct stmt_info info = {.line = at.line, .col = at.col, .len = at.len};
	const char *target = target_of(s);

	if (!c->quiet) {
		info.text = keep(c, text);
		info.target = target ? keep(c, target) : NULL;
		info.note = c->note ? keep(c, c->note) : NULL;
		info.actor = actor_of(c);
		info.depth = (u16)c->nest;
	}
	c->note = NULL;
	c->stmt = c->stmts.n;
	vec_push(&c->stmts, info);
	emit(c, OP_STMT, 0, 0, c->stmt, 0);
}

/* ---- one step, lists of steps -----------------------------------------------------------------
 */

static void call(struct compiler *c, const struct stmt *s)
{
	struct type t = expr_value(c, s->expr);

	if (t.kind != TY_VOID)
		emit(c, OP_POP, 0, 0, 0, 0);
}

/* Exactly one answer holds behind the step, or with an `else` at most one: held as an assert. */
static void one_answer(struct compiler *c, const struct stmt *s)
{
	u32 conditions = 0;
	const char *name;
	bool other = false;

	for (u32 i = 0; i < s->choices; i++) {
		if (!s->choice[i].cond) {
			other = true;
			continue;
		}
		expr_condition(c, s->choice[i].cond);
		if (conditions++)
			emit_binary(c, B_ADD, W_U64);
	}
	if (!conditions)
		return;
	emit_push(c, 1);
	emit_binary(c, other ? B_LE : B_EQ, W_U64);
	name = c->quiet ? "" : arena_printf(&c->prog->arena, "one answer at line %u", s->at.line);
	assert_emit(c, name);
}

/* A question behind its step. A free answer is only looked at: any value is one. */
static void check_predict(struct compiler *c)
{
	const struct stmt *s = c->predict;
	struct type t;
	u32 codes;

	if (!s)
		return;
	c->predict = NULL;
	c->look = true;
	one_answer(c, s);
	codes = c->code.n;
	if (s->answer) {
		t = expr_value(c, s->answer);
		if (t.kind == TY_VOID)
			refuse(c, s->answer->at, NULL, "'%s' gives no value",
			       text_of(c, s->answer));
	}
	c->look = false;
	c->unit->depth = 0;
	c->code.n = codes; /* asked by the screens, not by the program */
}

void stmt_simple(struct compiler *c, const struct stmt *s)
{
	stmt_begin_text(c, s);
	if (s->kind == STMT_DECLARE)
		stmt_declare(c, s, false);
	else if (s->kind == STMT_ASSIGN)
		stmt_assign(c, s);
	else
		call(c, s);
}

static void step(struct compiler *c, const struct stmt *s)
{
	switch (s->kind) {
	case STMT_BAD:
		return;
	case STMT_DECLARE:
	case STMT_ASSIGN:
	case STMT_CALL:
		stmt_simple(c, s);
		break;
	default:
		stmt_flow(c, s);
	}
}

void stmt_list(struct compiler *c, const struct stmt_list *list)
{
	u32 i;

	for (i = 0; i < list->n; i++) {
		const struct stmt *s = list->v[i];

		if (s->kind == STMT_NOTE) {
			c->note = s->note;
			continue;
		}
		if (s->kind == STMT_PREDICT) {
			check_predict(c);
			c->predict = s;
			continue;
		}
		step(c, s);
		/* What leaves something behind was broken off by a mistake, told here or before. */
		BUG_ON(!c->quiet && !c->errs->n && !c->errors && !c->unknown_at.line &&
		       c->unit->depth);
		c->unit->depth = 0;
		c->note = NULL;
		check_predict(c);
	}
}

void stmt_body(struct compiler *c, const struct stmt_list *list)
{
	const struct stmt *predict = c->predict;

	c->predict = NULL; /* it is about the whole step, not about the first of its body */
	c->nest++;
	c->unit->nest++;
	stmt_list(c, list);
	c->unit->nest--;
	c->nest--;
	c->predict = predict;
}
