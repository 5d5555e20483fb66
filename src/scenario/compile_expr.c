/* SPDX-License-Identifier: MIT */
/* Expressions: names, operators, casts. Operands are computed in the order of C's text. */
#include <string.h>

#include "scenario/compile_int.h"

static const struct type none;

/* What does not fit, in words: "'buf' is a pointer". */
static struct type refuse_kind(struct compiler *c, const struct expr *e, const struct type *t,
			       const char *what)
{
	if (t->kind == TY_NONE)
		return none;
	if (t->kind == TY_VOID)
		return refuse(c, e->at, NULL, "'%s' gives no value", text_of(c, e));
	return refuse(c, e->at, NULL, "'%s' is %s, not %s", text_of(c, e), type_describe(t), what);
}

struct type expr_int(struct compiler *c, const struct expr *e, const char *what)
{
	struct type t = expr_value(c, e);

	if (t.kind == TY_INT || t.kind == TY_NONE)
		return t;
	if (in_device(c) && (t.kind == TY_DMA || (t.kind == TY_PTR && t.bus)))
		return type_int(W_U64);
	if (t.kind == TY_ENDIAN && endian_may_mix(c))
		return endian_as_integer(c, &t);
	if (t.kind == TY_VOID)
		return refuse_kind(c, e, &t, "");
	return refuse(c, e->at, t.kind == TY_ENDIAN ? "le32_to_cpu() and its like read it" : NULL,
		      "%s is an integer; '%s' is %s", what, text_of(c, e), type_describe(&t));
}

struct type expr_bytes(struct compiler *c, const struct expr *e, const char *what)
{
	struct type t = expr_value(c, e);

	if (t.kind == TY_BYTES || t.kind == TY_NONE)
		return t;
	return refuse(c, e->at, "a string, bytes(\"dd*4\"), or what read() gives",
		      "%s is bytes; '%s' is %s", what, text_of(c, e), type_describe(&t));
}

struct type expr_pointer(struct compiler *c, const struct expr *e, const char *what)
{
	struct type t = expr_value(c, e);

	if (t.kind == TY_NONE || (t.kind == TY_PTR && !t.bus))
		return t;
	if (t.kind == TY_PTR)
		return refuse(c, e->at, NULL, "%s is a pointer of the CPU's; '%s' is a bus address",
			      what, text_of(c, e));
	return refuse(c, e->at, NULL, "%s is a pointer; '%s' is %s", what, text_of(c, e),
		      type_describe(&t));
}

bool expr_is_condition(struct compiler *c, const struct expr *e, const struct type *t)
{
	switch ((enum type_kind)t->kind) {
	case TY_INT:
	case TY_PTR:
	case TY_PAGE:
	case TY_SG:
	case TY_SGT:
	case TY_POOL:
	case TY_ENDIAN:
	case TY_NONE:
		return true;
	case TY_DMA:
	case TY_PHYS:
		if (in_device(c))
			return true;
		refuse(c, e->at, "0 is a good address; ask dma_mapping_error()",
		       "'%s' is %s, which is no condition", text_of(c, e), type_describe(t));
		return false;
	default:
		refuse_kind(c, e, t, "a condition");
		return false;
	}
}

void expr_condition(struct compiler *c, const struct expr *e)
{
	struct type t = expr_value(c, e);

	expr_is_condition(c, e, &t);
}

/* ---- names ------------------------------------------------------------------------------------
 */

static bool is_own(const struct compiler *c, const struct variable *v)
{
	return v->scope == c->unit->scope || v->scope == c->unit->scope + 1;
}

static struct type variable_value(struct compiler *c, const struct expr *e)
{
	struct variable *v = find_variable(c, e->text);

	if (!v || (v->type.kind == TY_NONE && !v->assigned))
		return refuse_name(c, e->text, e->at);
	if (is_own(c, v) && v->set_pass != c->pass && !v->by_function && !v->length) {
		if (v->type.kind != TY_NONE && v->made.line > e->at.line)
			return refuse(c, e->at,
				      arena_printf(c->arena, "it is set on line %u", v->made.line),
				      "'%s' is not set here yet", e->text);
		return refuse_name(c, e->text, e->at);
	}
	if (v->type.kind == TY_NONE && v->bad)
		return unknown(c, e->at, e->text);
	if (v->type.kind == TY_SG_LIST || v->type.kind == TY_SGT_TABLE ||
	    v->type.kind == TY_IOVA_STATE)
		return sg_name(c, e, v);
	if (v->length)
		return refuse(c, e->at, "name an entry of it, as in a[0]",
			      "'%s' is an array of variables", e->text);
	if (v->type.kind == TY_NONE)
		return unknown(c, e->at, e->text);
	variable_touch(c, v);
	emit_get(c, v);
	return v->type;
}

static struct type name_value(struct compiler *c, const struct expr *e)
{
	int dev;

	if (strcmp(e->text, "regs") == 0 && in_device(c) && !find_variable(c, "regs"))
		return refuse(c, e->at, "as in regs[0x10]",
			      "'regs' are the registers of the device");
	dev = find_variable(c, e->text) ? -1 : find_device(c, e->text);
	if (dev < 0)
		return variable_value(c, e);
	emit_push(c, (u64)dev);
	return type_of_kind(TY_DEVICE);
}

static struct type entry_value(struct compiler *c, const struct expr *e, struct variable *v)
{
	if (expr_int(c, e->right, "an index").kind == TY_NONE)
		return none;
	if (v->type.kind == TY_NONE)
		return unknown(c, e->at, v->name);
	variable_touch(c, v);
	emit_get(c, v);
	return v->type;
}

static struct type index_value(struct compiler *c, const struct expr *e)
{
	struct variable *v = e->left->kind == EXPR_NAME ? find_variable(c, e->left->text) : NULL;

	if (is_register(c, e)) {
		register_offset(c, e);
		emit(c, OP_REG_GET, 0, 0, 0, 0);
		return type_int(W_U64);
	}
	if (sg_is_place(c, e))
		return sg_value(c, e);
	if (v && v->length)
		return entry_value(c, e, v);
	return place_value(c, e);
}

static struct type field_value(struct compiler *c, const struct expr *e)
{
	static const char *const names[] = {"regs", "irq", "mmio", NULL};
	int dev = e->left->kind == EXPR_NAME && !e->op && !find_variable(c, e->left->text)
		      ? find_device(c, e->left->text)
		      : -1;

	if (dev < 0 && iova_is_object(c, e->left))
		return iova_value(c, e);
	if (dev < 0)
		return sg_is_place(c, e) ? sg_value(c, e) : place_value(c, e);
	if (strcmp(e->text, "regs") == 0) {
		emit_push(c, (u64)dev << 32);
		return type_of_kind(TY_MMIO);
	}
	if (strcmp(e->text, "mmio") == 0) { /* pci_resource_start(), res->start */
		emit_push(c, hw_mmio_base(&c->cfg->hw, (u32)dev));
		return type_of_kind(TY_PHYS);
	}
	if (strcmp(e->text, "irq") == 0) {
		emit_push(c, (u64)dev);
		return type_of_kind(TY_IRQ);
	}
	return refuse(c, e->op_at, near(c, e->text, names), "a device has no field '%s'", e->text);
}

static struct type address_value(struct compiler *c, const struct expr *e)
{
	struct place_type p;

	if (sg_is_object(c, e->left))
		return sg_address(c, e->left);
	if (iova_is_object(c, e->left))
		return iova_address(c, e->left);
	if (!is_memory_place(c, e->left))
		return refuse(c, e->at, "memory has addresses; variables are registers",
			      "'%s' is not the address of memory", text_of(c, e));
	p = place_address(c, e->left);
	return p.type.kind == TY_NONE ? none : type_pointer(p.type);
}

/* ---- all --------------------------------------------------------------------------------------
 */

static struct type value(struct compiler *c, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_STRING:
		emit_bytes(c, e->at, (const u8 *)e->text, e->n);
		return type_of_kind(TY_BYTES);
	case EXPR_NAME:
		return name_value(c, e);
	case EXPR_CALL:
		return expr_call(c, e);
	case EXPR_UNARY:
		return expr_unary(c, e);
	case EXPR_BINARY:
		return expr_binary(c, e);
	case EXPR_INDEX:
		return index_value(c, e);
	case EXPR_FIELD:
		return field_value(c, e);
	case EXPR_ADDRESS:
		return address_value(c, e);
	case EXPR_CAST:
		return expr_cast(c, e);
	default: /* numbers and sizeof are constants */
		return none;
	}
}

struct type expr_value(struct compiler *c, const struct expr *e)
{
	u32 depth = c->unit->depth;
	struct cval k;
	struct type t = none;

	switch (const_eval(c, e, &k)) {
	case CONSTANT:
		emit_push(c, k.v);
		return k.type;
	case BAD_CONSTANT:
		break;
	case NOT_CONSTANT:
		t = value(c, e);
	}
	c->unit->depth = depth; /* after a mistake too, one value counts */
	if (t.kind != TY_VOID)
		stack_adjust(c, 1);
	return t;
}
