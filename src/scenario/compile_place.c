/* SPDX-License-Identifier: MIT */
/* Places: entries and fields behind pointers. Addresses are computed in silence, then accessed. */
#include <string.h>

#include "scenario/compile_int.h"

/* An entry of an array of variables, which is no memory. */
static bool is_array_variable(struct compiler *c, const struct expr *e)
{
	const struct variable *v = e->kind == EXPR_NAME ? find_variable(c, e->text) : NULL;

	return v && v->length;
}

bool is_register(struct compiler *c, const struct expr *e)
{
	return in_device(c) && e->kind == EXPR_INDEX && e->left->kind == EXPR_NAME &&
	       strcmp(e->left->text, "regs") == 0;
}

/* dev.regs, dev.irq */
static bool is_device_field(struct compiler *c, const struct expr *e)
{
	return e->kind == EXPR_FIELD && e->left->kind == EXPR_NAME && !e->op &&
	       find_device(c, e->left->text) >= 0;
}

bool is_memory_place(struct compiler *c, const struct expr *e)
{
	if (sg_is_place(c, e) || (e->kind == EXPR_FIELD && iova_is_object(c, e->left)))
		return false;
	if (e->kind == EXPR_INDEX)
		return !is_register(c, e) && !is_array_variable(c, e->left);
	return e->kind == EXPR_FIELD && !is_device_field(c, e);
}

static const struct place_type no_place;

/* The address of what a pointer value, or an array in memory, points to. */
static struct place_type pointer_base(struct compiler *c, const struct expr *e, const char *use)
{
	struct place_type p = {.count = 1};
	struct type t;

	if (is_memory_place(c, e)) {
		p = place_address(c, e);
		if (p.type.kind == TY_NONE || p.is_array) {
			p.is_array = false;
			p.count = 1;
			return p;
		}
		t = place_load(c, e, &p, false);
	} else {
		t = expr_value(c, e);
	}
	if (t.kind == TY_NONE)
		return no_place;
	if (t.kind != TY_PTR) {
		const char *name = text_of(c, e);

		refuse(c, e->at,
		       t.kind == TY_DEVICE ? arena_printf(c->arena, "write %s alone", name) : NULL,
		       "'%s' is %s: it cannot be used %s", name, type_describe(&t), use);
		return no_place;
	}
	p.type = type_target(&t);
	p.is_array = false;
	p.readonly = t.is_const && !t.stars;
	p.count = 1;
	if (p.type.kind != TY_VOID)
		return p;
	refuse(c, e->at, "declare it with its type, as in struct desc *p, or cast it",
	       "'%s' is a void *: it cannot be used %s", text_of(c, e), use);
	return no_place;
}

static void add_scaled(struct compiler *c, const struct expr *index, u32 size)
{
	struct cval k;

	if (const_eval(c, index, &k) == CONSTANT && k.type.kind == TY_INT) {
		if (!k.v)
			return;
		emit_push(c, k.v * size);
	} else {
		if (expr_int(c, index, "an index").kind == TY_NONE)
			return;
		if (size != 1) {
			emit_push(c, size);
			emit_binary(c, B_MUL, W_U64);
		}
	}
	emit_binary(c, B_ADD, W_U64);
}

static struct place_type index_address(struct compiler *c, const struct expr *e)
{
	struct place_type p = pointer_base(c, e->left, "with []");

	if (p.type.kind != TY_NONE)
		add_scaled(c, e->right, type_size(&p.type));
	return p;
}

static struct place_type refuse_field(struct compiler *c, const struct expr *e,
				      const struct layout *l)
{
	const char **names = arena_alloc(c->arena, l->fields + 1, sizeof(*names));
	u32 i;

	for (i = 0; i < l->fields; i++)
		names[i] = l->field[i].name;
	refuse(c, e->op_at, near(c, e->text, names), "struct %s has no field '%s'", l->name,
	       e->text);
	return no_place;
}

/* What stands before . or -> and is a struct: its address. */
static struct place_type struct_base(struct compiler *c, const struct expr *e)
{
	struct place_type p;

	if (e->op)
		return pointer_base(c, e->left, "with ->");
	if (is_memory_place(c, e->left)) {
		p = place_address(c, e->left);
		if (p.type.kind != TY_NONE && !p.is_array && p.type.kind == TY_PTR) {
			refuse(c, e->at, "write -> after a pointer", "'%s' is a pointer",
			       text_of(c, e->left));
			return no_place;
		}
		if (p.type.kind == TY_NONE || !p.is_array)
			return p;
		refuse(c, e->at, "name the entry, as in a[0].x", "'%s' is an array",
		       text_of(c, e->left));
		return no_place;
	}
	if (expr_value(c, e->left).kind != TY_NONE)
		refuse(c, e->at, "write -> after a pointer", "'%s' is no struct",
		       text_of(c, e->left));
	return no_place;
}

static struct place_type field_address(struct compiler *c, const struct expr *e)
{
	struct place_type p = struct_base(c, e);
	const struct layout_field *f;
	bool bus = p.type.bus, readonly = p.readonly;

	if (p.type.kind == TY_NONE)
		return no_place;
	if (p.type.kind != TY_STRUCT) {
		refuse(c, e->at, NULL, "'%s' points to %s, which has no fields",
		       text_of(c, e->left), type_describe(&p.type));
		return no_place;
	}
	f = layout_find(p.type.layout, e->text);
	if (!f)
		return refuse_field(c, e, p.type.layout);
	if (f->offset) {
		emit_push(c, f->offset);
		emit_binary(c, B_ADD, W_U64);
	}
	p = (struct place_type){
	    .type = f->type, .is_array = f->is_array, .readonly = readonly, .count = f->count};
	p.type.bus = bus;
	return p;
}

struct place_type place_address(struct compiler *c, const struct expr *e)
{
	u32 depth = c->unit->depth;
	struct place_type p = e->kind == EXPR_INDEX ? index_address(c, e) : field_address(c, e);

	c->unit->depth = depth; /* after a mistake too, one value counts */
	stack_adjust(c, 1);
	return p;
}

/* ---- accesses ---------------------------------------------------------------------------------
 */

struct type refuse_look(struct compiler *c, const struct expr *e)
{
	const char *text = text_of(c, e);
	const char *inner =
	    e->kind == EXPR_CALL && e->n == 2
		? arena_printf(c->arena, "%s, %s", text_of(c, e->arg[0]), text_of(c, e->arg[1]))
		: text;

	if (c->in_wait)
		return refuse(c, e->at, "wait for a variable, or write poll(...)",
			      "'%s' in wait_event() would load from memory", text);
	return refuse(c, e->at,
		      arena_printf(c->arena,
				   "load it into a variable first, or look with cpu_sees(%s)",
				   inner),
		      "'%s' in an assert would load from memory", text);
}

bool place_check_const(struct compiler *c, const struct expr *e, const struct place_type *p)
{
	if (p->readonly)
		refuse(c, e->at, NULL, "'%s' is const: it cannot be assigned", text_of(c, e));
	return !p->readonly;
}

bool place_check_side(struct compiler *c, const struct expr *e, bool bus)
{
	if (bus == in_device(c))
		return true;
	if (bus)
		refuse(c, e->at, "a CPU follows its own pointer",
		       "'%s' is a bus address: only the device follows it", text_of(c, e));
	else
		refuse(c, e->at, "give the device the handle: struct t *p = handle",
		       "'%s' is an address of the CPU's: the device does not know it",
		       text_of(c, e));
	return false;
}

struct type place_load(struct compiler *c, const struct expr *e, const struct place_type *p,
		       bool once)
{
	struct type t = p->type;

	if (p->is_array) /* as in C: the address of its first entry */
		return type_pointer(t);
	if (t.kind == TY_STRUCT)
		return refuse(c, e->at, "name one of its fields", "a struct is no value");
	if (c->look || c->in_wait)
		return refuse_look(c, e);
	if (!place_check_side(c, e, t.bus))
		return type_of_kind(TY_NONE);
	if (t.bus)
		emit(c, OP_DMA_LOAD, type_size(&t), type_swap(&t), 0, 0);
	else
		emit(c, OP_LOAD, type_size(&t), once, c->in_condition, 0);
	if (t.bus && t.kind == TY_ENDIAN) /* the device's bytes have its own order */
		t = type_int(type_endian_width(&t));
	if (t.kind == TY_INT && t.width == W_S32)
		emit(c, OP_CONV, W_S32, 0, 0, 0);
	if (t.kind != TY_PTR)
		t.bus = false;
	return t;
}

struct type place_value(struct compiler *c, const struct expr *e)
{
	struct place_type p = place_address(c, e);

	if (p.type.kind == TY_NONE)
		return p.type;
	return place_load(c, e, &p, false);
}

void place_store(struct compiler *c, const struct type *t, bool once)
{
	if (t->bus)
		emit(c, OP_DMA_STORE, type_size(t), type_swap(t), 0, 0);
	else
		emit(c, OP_STORE, type_size(t), once, 0, 0);
}

void register_offset(struct compiler *c, const struct expr *e)
{
	expr_int(c, e->right, "the offset of a register");
}
