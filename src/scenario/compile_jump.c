/* SPDX-License-Identifier: MIT */
/* Leaving a place: goto and its labels, break, continue, return. */
#include <string.h>

#include "scenario/compile_int.h"

void jump_label(struct compiler *c, const struct stmt *s)
{
	struct jumps *gotos = &c->unit->gotos;
	u32 i, kept = 0;

	if (c->unit->nest) {
		refuse(c, s->label.at, "move it to the end of the function",
		       "the label '%s' is inside a body", s->label.text);
		return;
	}
	if (symtab_get(&c->unit->labels, 0, s->label.text)) {
		refuse(c, s->label.at, NULL, "a second label '%s'", s->label.text);
		return;
	}
	symtab_put(&c->unit->labels, 0, s->label.text, c->unit);
	for (i = 0; i < gotos->n; i++) {
		if (strcmp(gotos->v[i].label, s->label.text) == 0)
			patch(c, gotos->v[i].at);
		else
			gotos->v[kept++] = gotos->v[i];
	}
	gotos->n = kept;
}

void labels_end(struct compiler *c)
{
	const char **names = arena_alloc(c->arena, c->unit->labels.n + 1, sizeof(*names));
	u32 i;

	for (i = 0; i < c->unit->labels.n; i++)
		names[i] = c->unit->labels.v[i].name;
	for (i = 0; i < c->unit->gotos.n && !c->broken; i++)
		refuse(c, c->unit->gotos.v[i].pos, near(c, c->unit->gotos.v[i].label, names),
		       "there is no label '%s'", c->unit->gotos.v[i].label);
	vec_free(&c->unit->gotos);
	symtab_free(&c->unit->labels);
}

void jump_goto(struct compiler *c, const struct stmt *s)
{
	u32 at;

	if (c->who != WHO_CPU && c->who != WHO_PROGRAM) {
		refuse(c, s->at, NULL, "'goto' leaves what another one does");
		return;
	}
	if (symtab_get(&c->unit->labels, 0, s->label.text)) {
		refuse(c, s->label.at, "write a loop", "'goto' goes forward only");
		return;
	}
	stmt_begin_text(c, s);
	at = emit_jump(c, OP_JMP);
	vec_push(&c->unit->gotos, (struct jump){at, s->label.text, s->label.at});
}

void jump_break(struct compiler *c, const struct stmt *s)
{
	bool out = s->kind == STMT_BREAK;
	struct loop *l = c->unit->loop;

	stmt_begin_text(c, s);
	if (!l)
		refuse(c, s->at, NULL, "'%s' outside of a loop", out ? "break" : "continue");
	else if (out)
		vec_push(&l->breaks, (struct jump){.at = emit_jump(c, OP_JMP)});
	else
		vec_push(&l->continues, (struct jump){.at = emit_jump(c, OP_JMP)});
}

/* From the driver: a value that is not 0 is a failed probe. */
static void return_from_driver(struct compiler *c, const struct stmt *s)
{
	struct cval k;

	if (s->expr && const_eval(c, s->expr, &k) == CONSTANT && k.type.kind == TY_INT && k.v) {
		emit_push(c, k.v);
		vec_push(&c->unit->failures, (struct jump){.at = emit_jump(c, OP_JMP)});
		stack_adjust(c, -1);
		return;
	}
	if (s->expr) {
		expr_int(c, s->expr, "what probe returns");
		emit(c, OP_DUP, 0, 0, 0, 0);
		vec_push(&c->unit->failures, (struct jump){.at = emit_jump(c, OP_JNZ)});
		emit(c, OP_POP, 0, 0, 0, 0);
	}
	vec_push(&c->unit->returns, (struct jump){.at = emit_jump(c, OP_JMP)});
}

/* Integers of different widths: signed if one is, else the wider one. */
static void merge_result(struct compiler *c, struct instance *in, const struct expr *e,
			 const struct type *t)
{
	struct type w;

	if (t->kind == TY_NONE)
		return;
	if (!in->gives || in->result.kind == TY_NONE) {
		in->result = t->kind == TY_INT ? type_int(promoted(t)) : *t;
		c->changed = true;
	} else if (t->kind == TY_INT && in->result.kind == TY_INT) {
		w = type_int(promoted(t) == W_S64 || in->result.width == W_S64	 ? W_S64
			     : promoted(t) == W_U64 || in->result.width == W_U64 ? W_U64
										 : W_U32);
		c->changed |= !type_equal(&w, &in->result);
		in->result = w;
	} else {
		convert(c, e, t, &in->result,
			arena_printf(c->arena, "what '%s' returns", in->fn->name.text));
	}
}

static void return_from_function(struct compiler *c, const struct stmt *s)
{
	struct instance *in = c->unit->instance;
	struct type t;

	if (s->expr) {
		t = expr_value(c, s->expr);
		if (t.kind == TY_VOID || t.kind == TY_DEVICE || t.kind == TY_IRQ)
			refuse(c, s->expr->at, NULL, "'%s' is %s: it cannot be returned",
			       text_of(c, s->expr), type_describe(&t));
		else
			merge_result(c, in, s->expr, &t);
		if (!in->gives)
			c->changed = true;
		in->gives = true;
	} else if (in->gives) {
		emit_push(c, 0);
	}
	emit(c, in->gives ? OP_RETV : OP_RET, 0, 0, 0, 0);
}

void jump_return(struct compiler *c, const struct stmt *s)
{
	if (c->who != WHO_CPU && c->who != WHO_PROGRAM) {
		refuse(c, s->at, NULL, "'return' leaves what another one does");
		return;
	}
	stmt_begin_text(c, s);
	if (c->unit->instance)
		return_from_function(c, s);
	else if (c->unit->scope == SCOPE_DRIVER)
		return_from_driver(c, s);
	else if (s->expr)
		refuse(c, s->expr->at, "write 'return' alone", "nobody takes this value");
	else
		vec_push(&c->unit->returns, (struct jump){.at = emit_jump(c, OP_JMP)});
}
