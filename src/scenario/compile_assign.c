/* SPDX-License-Identifier: MIT */
/* Declarations and assignments: of variables, entries, registers and memory. */
#include <string.h>

#include "scenario/compile_int.h"

/* ---- declarations -----------------------------------------------------------------------------
 */

static bool declared_array(struct compiler *c, const struct stmt *s, u32 *length)
{
	s64 n = 0;

	*length = 0;
	if (!s->decl.size)
		return true;
	if (!const_int(c, s->decl.size, 1, ARRAY_MAX, "the size of an array", &n))
		return false;
	if (s->init) {
		refuse(c, s->init->at, "assign its entries",
		       "an array is not given a value at once");
		return false;
	}
	c->array_slots += (u32)n;
	if (c->array_slots > ARRAYS_MAX) {
		if (c->array_slots - (u32)n > ARRAYS_MAX) /* said already */
			return false;
		refuse(c, s->decl.name.at, NULL, "the arrays have more than %d elements together",
		       ARRAYS_MAX);
		return false;
	}
	*length = (u32)n;
	return true;
}

static bool declared_type(struct compiler *c, const struct stmt *s, struct type *t)
{
	if (!type_resolve(c, &s->decl.type, t))
		return false;
	if (t->kind == TY_VOID) {
		refuse(c, s->decl.type.at, "write void *", "a variable cannot be void");
		return false;
	}
	if (t->kind != TY_STRUCT)
		return true;
	refuse(c, s->decl.type.at, "declare a pointer, and let a call make the memory",
	       "a struct is memory; variables are registers");
	return false;
}

/* Remembers which buffer a handle is of, for a hint. */
static void note_mapping(struct compiler *c, struct variable *v, const struct expr *e)
{
	const struct expr *buf;

	if (!e || e->kind != EXPR_CALL || strncmp(e->text, "dma_map_", 8) != 0 || e->n < 2)
		return;
	buf = e->arg[1];
	v->maps = buf->kind == EXPR_NAME ? find_variable(c, buf->text) : NULL;
	v->maps_line = e->at.line;
}

/*
 * New memory gets its struct where a call's void * is assigned. The rest of the last line of what
 * lies between __dma_from_device_group_begin() and _end() is there to be lost with that line.
 */
static void note_padding(struct compiler *c, const struct expr *e, const struct type *from,
			 const struct type *to)
{
	if (e->kind != EXPR_CALL || !type_is_void_pointer(from) || to->kind != TY_PTR || to->bus ||
	    !to->layout)
		return;
	for (u32 i = 0; i < to->layout->pads; i++)
		emit(c, OP_PADDING, 0, 0, to->layout->pad[i].bytes, to->layout->pad[i].offset);
}

static void set_variable(struct compiler *c, struct variable *v, const struct expr *e,
			 const struct type *t)
{
	if (t->kind == TY_VOID) {
		refuse(c, e->at, NULL, "'%s' gives no value", text_of(c, e));
		return;
	}
	if (t->kind == TY_DEVICE || t->kind == TY_IRQ) {
		refuse(c, e->at, "name it where it is used", "a variable cannot hold %s",
		       type_describe(t));
		return;
	}
	v->bad |= t->kind == TY_NONE;
	variable_set_type(c, v, t, e->at);
	if (!convert(c, e, t, &v->type, arena_printf(c->arena, "'%s'", v->name)))
		return;
	note_mapping(c, v, e);
	note_padding(c, e, t, &v->type);
	emit_set(c, v);
}

void stmt_declare(struct compiler *c, const struct stmt *s, bool loop)
{
	struct variable *v = variable_declare(c, s->decl.name.text, s->decl.name.at, loop);
	struct type declared, t;
	u32 length;

	if (!v)
		return;
	v->assigned = true;
	v->bad = true;
	if (!declared_type(c, s, &declared) || !declared_array(c, s, &length)) {
		v->set_pass = c->pass; /* what follows from it is not said */
		if (s->init)
			expr_value(c, s->init); /* for its own mistakes, and the &x that it sets */
		return;
	}
	v->bad = false;
	if (v->pass == c->pass && (!type_equal(&v->type, &declared) || v->length != length)) {
		refuse(c, s->decl.name.at, NULL, "'%s' has another type since line %u", v->name,
		       v->made.line);
		return;
	}
	if (!type_equal(&v->type, &declared) || v->length != length)
		c->changed = true;
	v->type = declared;
	v->length = length;
	v->of_loop |= loop;
	if (!v->made.line)
		v->made = s->decl.name.at;
	if (declared.kind == TY_SG_LIST || declared.kind == TY_SGT_TABLE) {
		sg_declare(c, s, v);
		return;
	}
	if (declared.kind == TY_IOVA_STATE) {
		iova_declare(c, s, v);
		return;
	}
	variable_touch(c, v);
	if (!s->init)
		return;
	t = expr_value(c, s->init);
	v->set_pass = c->pass;
	set_variable(c, v, s->init, &t);
}

/* ---- assignments ------------------------------------------------------------------------------
 */

static enum binop assign_binop(enum assign_op op)
{
	switch (op) {
	case ASSIGN_SUB:
	case ASSIGN_DEC:
		return B_SUB;
	case ASSIGN_OR:
		return B_OR;
	case ASSIGN_AND:
		return B_AND;
	case ASSIGN_XOR:
		return B_XOR;
	default:
		return B_ADD;
	}
}

/* The old value is on the stack: the new one takes its place. */
static struct type combine(struct compiler *c, const struct stmt *s, struct type old)
{
	static const enum binary_op ops[] = {
	    [ASSIGN_ADD] = BINARY_ADD, [ASSIGN_SUB] = BINARY_SUB, [ASSIGN_OR] = BINARY_OR,
	    [ASSIGN_AND] = BINARY_AND, [ASSIGN_XOR] = BINARY_XOR, [ASSIGN_INC] = BINARY_ADD,
	    [ASSIGN_DEC] = BINARY_SUB,
	};
	struct expr one = {.kind = EXPR_NUMBER, .text = "1", .number = 1, .at = s->place->at};
	struct expr e = {.kind = EXPR_BINARY,
			 .op = ops[s->op],
			 .left = s->place,
			 .at = s->at,
			 .op_at = s->at,
			 .right = s->value ? s->value : &one};
	struct type t;

	if (s->value) {
		t = expr_value(c, s->value);
	} else {
		emit_push(c, 1);
		t = type_int(W_S64);
	}
	return operate(c, &e, assign_binop(s->op), old, t);
}

static void assign_variable(struct compiler *c, const struct stmt *s)
{
	struct variable *v;
	struct type t;

	if (s->op != ASSIGN_SET) {
		t = combine(c, s, expr_value(c, s->place));
		v = find_variable(c, s->place->text);
		if (v && v->type.kind != TY_NONE && t.kind != TY_NONE)
			set_variable(c, v, s->value ? s->value : s->place, &t);
		if (v && c->unit->instance && v->scope == SCOPE_DRIVER)
			v->by_function = true;
		return;
	}
	t = expr_value(c, s->value);
	v = variable_to_set(c, s->place->text, s->place->at);
	if (!v)
		return;
	if (v->length)
		refuse(c, s->place->at, "assign its entries", "'%s' is an array", v->name);
	else
		set_variable(c, v, s->value, &t);
}

static void assign_entry(struct compiler *c, const struct stmt *s, struct variable *v)
{
	struct type t;

	if (expr_int(c, s->place->right, "an index").kind == TY_NONE)
		return;
	variable_touch(c, v);
	v->set_pass = c->pass;
	if (s->op == ASSIGN_SET) {
		t = expr_value(c, s->value);
	} else {
		emit(c, OP_DUP, 0, 0, 0, 0);
		emit_get(c, v);
		t = combine(c, s, v->type);
	}
	if (t.kind == TY_VOID)
		refuse(c, s->value->at, NULL, "'%s' gives no value", text_of(c, s->value));
	else if (convert(c, s->value ? s->value : s->place, &t, &v->type,
			 arena_printf(c->arena, "an entry of '%s'", v->name)))
		emit_set(c, v);
}

static void assign_register(struct compiler *c, const struct stmt *s)
{
	struct type t, word = type_int(W_U64);

	register_offset(c, s->place);
	if (s->op == ASSIGN_SET) {
		t = expr_value(c, s->value);
	} else {
		emit(c, OP_DUP, 0, 0, 0, 0);
		emit(c, OP_REG_GET, 0, 0, 0, 0);
		t = combine(c, s, word);
	}
	if (convert(c, s->value ? s->value : s->place, &t, &word, "a register"))
		emit(c, OP_REG_SET, 0, 0, 0, 0);
}

static bool check_stored(struct compiler *c, const struct expr *e, const struct place_type *p)
{
	if (p->type.kind == TY_NONE)
		return false;
	if (p->is_array || p->type.kind == TY_STRUCT) {
		refuse(c, e->at, "assign its entries or fields, or memcpy()",
		       "'%s' is more than one value", text_of(c, e));
		return false;
	}
	return place_check_const(c, e, p) && place_check_side(c, e, p->type.bus);
}

/* Endian types convert by themselves on the device's side. */
static struct type stored_type(const struct type *t)
{
	struct type s = *t;

	if (t->bus && t->kind == TY_ENDIAN)
		s = type_int(type_endian_width(t));
	return s;
}

static void assign_memory(struct compiler *c, const struct stmt *s)
{
	struct place_type p = place_address(c, s->place);
	struct type t, stored;

	if (!check_stored(c, s->place, &p))
		return;
	stored = stored_type(&p.type);
	if (s->op == ASSIGN_SET) {
		t = expr_value(c, s->value);
	} else {
		emit(c, OP_DUP, 0, 0, 0, 0);
		t = combine(c, s, place_load(c, s->place, &p, false));
	}
	if (t.kind == TY_VOID)
		refuse(c, s->value->at, NULL, "'%s' gives no value", text_of(c, s->value));
	else if (convert(c, s->value ? s->value : s->place, &t, &stored,
			 arena_printf(c->arena, "'%s'", text_of(c, s->place))))
		place_store(c, &p.type, false);
}

static void assign_sg(struct compiler *c, const struct stmt *s)
{
	struct type t, field;
	u32 place;

	if (!sg_assign_begin(c, s, &field, &place))
		return;
	if (s->op == ASSIGN_SET) {
		t = expr_value(c, s->value);
	} else {
		emit(c, OP_DUP, 0, 0, 0, 0);
		emit(c, OP_SG_GET, 0, place, 0, 0);
		t = combine(c, s, field);
	}
	if (t.kind == TY_VOID)
		refuse(c, s->value->at, NULL, "'%s' gives no value", text_of(c, s->value));
	else if (convert(c, s->value ? s->value : s->place, &t, &field,
			 arena_printf(c->arena, "'%s'", text_of(c, s->place))))
		emit(c, OP_SG_PUT, 0, place, 0, 0);
}

void stmt_assign(struct compiler *c, const struct stmt *s)
{
	struct variable *v = s->place->kind == EXPR_INDEX && s->place->left->kind == EXPR_NAME
				 ? find_variable(c, s->place->left->text)
				 : NULL;

	if (c->who == WHO_HW)
		refuse(c, s->at, "hw: has evict(), prefetch() and writeback()",
		       "hardware assigns nothing");
	else if (s->place->kind == EXPR_NAME)
		assign_variable(c, s);
	else if (s->place->kind == EXPR_FIELD && iova_is_object(c, s->place->left))
		refuse(c, s->place->at, NULL, "only the kernel sets fields of a dma_iova_state");
	else if (sg_is_place(c, s->place))
		assign_sg(c, s);
	else if (is_register(c, s->place))
		assign_register(c, s);
	else if (v && v->length)
		assign_entry(c, s, v);
	else if (is_memory_place(c, s->place))
		assign_memory(c, s);
	else
		refuse(c, s->place->at, NULL, "'%s' cannot be assigned", text_of(c, s->place));
}
