/* SPDX-License-Identifier: MIT */
/* Control flow, and whose turn it is. A condition that is constant leaves no trace in the code. */
#include <string.h>

#include "scenario/compile_int.h"

/* ---- if ---------------------------------------------------------------------------------------
 */

static const char *header_text(struct compiler *c, const char *word, const struct expr *cond)
{
	struct str s = {0};
	const char *text;

	str_printf(&s, "%s (", word);
	ast_print_expr(cond, &s);
	str_add(&s, ")");
	text = arena_strndup(c->arena, str_get(&s), s.n);
	str_free(&s);
	return text;
}

void stmt_begin_text(struct compiler *c, const struct stmt *s)
{
	struct str text = {0};

	if (!c->quiet)
		ast_print_stmt(s, &text);
	stmt_begin(c, s, s->at, str_get(&text));
	str_free(&text);
}

static void begin_header(struct compiler *c, const struct stmt *s, struct pos at, const char *word,
			 const struct expr *cond)
{
	stmt_begin(c, s, at, c->quiet ? "" : header_text(c, word, cond));
}

/*
 * An arm that is not taken here. If no variant takes it, its mistakes are looked for all the same,
 * in a run of the compiler whose code nobody wants.
 */
static void dead_arm(struct compiler *c, const struct if_arm *arm)
{
	bool outer = c->in_dead;
	const char *note = c->note;

	if (!c->taken || arm_set_has(c->taken, arm))
		return;
	c->in_dead = true;
	stmt_body(c, &arm->body);
	c->in_dead = outer;
	c->note = note;
}

static void live_arm(struct compiler *c, const struct if_arm *arm)
{
	if (c->takes)
		arm_set_add(c->takes, arm);
	stmt_body(c, &arm->body);
}

static void compile_if(struct compiler *c, const struct stmt *s)
{
	struct jumps ends = {0};
	bool decided = false; /* an arm before is always taken */
	u32 i;

	for (i = 0; i < s->arms; i++) {
		const struct if_arm *arm = &s->arm[i];
		struct cval k = {type_int(W_S64), 1};
		enum known known = arm->cond ? const_eval(c, arm->cond, &k) : CONSTANT;
		u32 no;

		if (known == BAD_CONSTANT) {
			c->unit->depth = 0;
			continue;
		}
		if (decided || (known == CONSTANT && !k.v)) {
			dead_arm(c, arm);
			continue;
		}
		if (known == CONSTANT) {
			decided = true;
			live_arm(c, arm);
			continue;
		}
		begin_header(c, s, arm->at, i ? "else if" : "if", arm->cond);
		c->in_condition = true;
		expr_condition(c, arm->cond);
		c->in_condition = false;
		no = emit_jump(c, OP_JZ);
		c->unit->depth = 0;
		live_arm(c, arm);
		if (i + 1 < s->arms)
			vec_push(&ends, (struct jump){.at = emit_jump(c, OP_JMP)});
		patch(c, no);
	}
	patch_all(c, &ends);
}

/* ---- loops ------------------------------------------------------------------------------------
 */

/* Does anything in this code take time, so that others can act? */
static bool has_wait(const struct compiler *c, u32 from)
{
	u32 i;

	for (i = from; i < c->code.n; i++)
		if (c->code.v[i].op == OP_WAIT_TEST || c->code.v[i].op == OP_POLL_TEST ||
		    opcode_visible((enum opcode)c->code.v[i].op))
			return true;
	return false;
}

/* A turn begins with the header again: as a statement, so that a device acts in it. */
static void close_loop(struct compiler *c, u32 top, u32 header)
{
	emit(c, OP_STMT, 0, 0, header, 0);
	emit(c, OP_JMP, 0, 0, top, 0);
}

static void refuse_endless(struct compiler *c, const struct stmt *s, u32 top, bool endless)
{
	if (c->who == WHO_PROGRAM && endless && !c->unit->loop->breaks.n && !has_wait(c, top))
		refuse(c, s->at, "wait_event(), poll() or a DMA access lets others act",
		       "this loop of a device never waits and never ends");
	else if (c->who == WHO_HAND && endless && !c->unit->loop->breaks.n)
		refuse(c, s->at, "give the device a program: in devices:",
		       "a device that is led by hand acts at once: this loop never ends");
}

/* The condition, unless it is constant. False: the loop has no turn at all. */
static bool loop_condition(struct compiler *c, const struct expr *cond, u32 *exit, bool *endless)
{
	struct cval k = {type_int(W_S64), 1};
	enum known known = cond ? const_eval(c, cond, &k) : CONSTANT;

	*exit = 0;
	*endless = known == CONSTANT;
	if (known == CONSTANT)
		return k.v != 0;
	if (known == BAD_CONSTANT)
		return false;
	expr_condition(c, cond);
	*exit = emit_jump(c, OP_JZ);
	return true;
}

static void run_loop(struct compiler *c, const struct stmt *s, u32 header)
{
	struct loop loop = {.outer = c->unit->loop};
	u32 top = here(c), exit = 0;
	bool endless = false;

	c->unit->loop = &loop;
	variables_may_be_set(c, &s->body);
	if (loop_condition(c, s->cond, &exit, &endless)) {
		c->unit->depth = 0;
		stmt_body(c, &s->body);
		patch_all(c, &loop.continues);
		if (s->kind == STMT_FOR && s->next) {
			emit(c, OP_STMT, 0, 0, header, 0);
			c->stmt = header;
			stmt_assign(c, s->next);
			c->unit->depth = 0;
			emit(c, OP_JMP, 0, 0, top, 0);
		} else {
			close_loop(c, top, header);
		}
		refuse_endless(c, s, top, endless);
		if (!endless)
			patch(c, exit);
	}
	patch_all(c, &loop.continues);
	patch_all(c, &loop.breaks);
	c->unit->loop = loop.outer;
}

static void compile_while(struct compiler *c, const struct stmt *s)
{
	begin_header(c, s, s->at, "while", s->cond);
	run_loop(c, s, c->stmt);
}

/* The variable that heads the loop; NULL if the header sets none. */
static struct variable *head(struct compiler *c, const struct stmt *first)
{
	struct variable *v = NULL;

	if (first && first->kind == STMT_DECLARE)
		v = variable_declare(c, first->decl.name.text, first->decl.name.at, true);
	else if (first && first->place->kind == EXPR_NAME)
		v = variable_of_loop(c, first->place->text, first->place->at);
	if (v && (v->scope - SCOPE_DRIVER) % 2 == 1)
		v->of_loop = true;
	return v && v->of_loop ? v : NULL;
}

static void compile_for(struct compiler *c, const struct stmt *s)
{
	struct variable *v;
	u32 header;

	stmt_begin_text(c, s);
	header = c->stmt;
	v = head(c, s->first);
	if (v)
		v->active++;
	if (s->first && s->first->kind == STMT_DECLARE)
		stmt_declare(c, s->first, true);
	else if (s->first)
		stmt_assign(c, s->first);
	c->unit->depth = 0;
	run_loop(c, s, header);
	if (v)
		v->active--;
}

/* ---- actors -----------------------------------------------------------------------------------
 */

/* Whether the device itself does something in the code from there on, not only what is around it.
 */
static bool touches(const struct compiler *c, u32 from)
{
	for (u32 i = from; i < c->code.n; i++)
		switch ((enum opcode)c->code.v[i].op) {
		case OP_DMA_LOAD:
		case OP_DMA_STORE:
		case OP_DMA_READ:
		case OP_DMA_WRITE:
		case OP_RAISE_IRQ:
		case OP_REG_SET:
			return true;
		default:
			break;
		}
	return false;
}

static void compile_actor(struct compiler *c, const struct stmt *s)
{
	enum who outer = c->who;
	u32 device = c->device, from = 0;

	if (c->who != WHO_CPU) {
		refuse(c, s->at, NULL,
		       c->who == WHO_PROGRAM ? "a device's program is the device's alone"
					     : "somebody acts already");
		return;
	}
	if (s->actor == BY_DEVICE) {
		c->who = WHO_HAND;
		c->device = (u32)find_device(c, s->device.text);
		from = emit(c, OP_AS, 0, c->device + 1, 0, 0);
	} else {
		c->who = s->actor == BY_HW ? WHO_HW : WHO_LAB;
	}
	stmt_list(c, &s->body);
	if (c->who == WHO_HAND) {
		bool outside = c->cfg->model[c->device] && !touches(c, from);

		c->code.v[from].b = outside;
		emit(c, OP_AS, 0, 0, outside, 0);
	}
	c->who = outer;
	c->device = device;
}

void stmt_flow(struct compiler *c, const struct stmt *s)
{
	switch (s->kind) {
	case STMT_IF:
		compile_if(c, s);
		break;
	case STMT_WHILE:
		compile_while(c, s);
		break;
	case STMT_FOR:
		compile_for(c, s);
		break;
	case STMT_FOR_EACH:
		stmt_for_each(c, s);
		break;
	case STMT_ACTOR:
		compile_actor(c, s);
		break;
	case STMT_LABEL:
		jump_label(c, s);
		break;
	case STMT_GOTO:
		jump_goto(c, s);
		break;
	case STMT_RETURN:
		jump_return(c, s);
		break;
	case STMT_BREAK:
	case STMT_CONTINUE:
		jump_break(c, s);
		break;
	default:
		break;
	}
}
