/* SPDX-License-Identifier: MIT */
/* Operators, casts, and what C does by itself where a value is assigned. */
#include <string.h>

#include "scenario/compile_int.h"

static const struct type none;

/* ---- operators --------------------------------------------------------------------------------
 */

static struct type refuse_operands(struct compiler *c, const struct expr *e, const struct type *a,
				   const struct type *b)
{
	const char *hint = NULL;

	if (a->kind == TY_NONE || b->kind == TY_NONE)
		return none;
	if (a->kind == TY_ENDIAN || b->kind == TY_ENDIAN)
		hint = "le32_to_cpu() and its like read it";
	else if (a->kind == TY_BYTES || b->kind == TY_BYTES)
		hint = a->kind == b->kind
			   ? NULL
			   : "bytes are compared with bytes: \"\\x03\", bytes(\"03*4\")";
	else if (a->kind != b->kind)
		hint = "a cast mixes them, and shows that it is meant";
	return refuse(c, e->op_at, hint, "'%s' between %s and %s", ast_binary_text(e->op),
		      type_describe(a), type_describe(b));
}

static bool is_address(const struct type *t)
{
	return t->kind == TY_PTR || t->kind == TY_DMA || t->kind == TY_PHYS || t->kind == TY_MMIO ||
	       t->kind == TY_SG;
}

static u32 target_size(const struct type *t)
{
	struct type to;

	if (t->kind != TY_PTR)
		return 1;
	to = type_target(t);
	return to.kind == TY_VOID ? 1 : type_size(&to);
}

static void scale(struct compiler *c, u32 size)
{
	if (size == 1)
		return;
	emit_push(c, size);
	emit_binary(c, B_MUL, W_U64);
}

/* An address and an integer, or the other way round: both are on the stack. */
static bool add_address(struct compiler *c, enum binop op, const struct type *a,
			const struct type *b, struct type *out)
{
	if (op == B_ADD && a->kind == TY_INT && is_address(b)) {
		emit(c, OP_SWAP, 0, 0, 0, 0);
		scale(c, target_size(b));
		*out = *b;
	} else if (is_address(a) && b->kind == TY_INT && (op == B_ADD || op == B_SUB)) {
		scale(c, target_size(a));
		*out = *a;
	} else {
		return false;
	}
	emit_binary(c, op, W_U64);
	return true;
}

static bool subtract_addresses(struct compiler *c, const struct type *a, const struct type *b,
			       struct type *out)
{
	if (a->kind != b->kind || !is_address(a) || a->kind == TY_MMIO || a->kind == TY_SG)
		return false;
	if (a->kind == TY_PTR && !type_same_target(a, b))
		return false;
	emit_binary(c, B_SUB, W_U64);
	if (target_size(a) != 1) {
		emit_push(c, target_size(a));
		emit_binary(c, B_DIV, W_S64);
	}
	*out = type_int(a->kind == TY_PTR ? W_S64 : W_U64);
	return true;
}

static bool compare_bytes(struct compiler *c, enum binop op, const struct type *a,
			  const struct type *b)
{
	if (a->kind != TY_BYTES || b->kind != TY_BYTES || (op != B_EQ && op != B_NE))
		return false;
	emit(c, OP_BYTES_EQ, 0, 0, 0, 0);
	if (op == B_NE)
		emit(c, OP_LNOT, 0, 0, 0, 0);
	return true;
}

static bool is_zero(struct compiler *c, const struct expr *e)
{
	struct cval k;

	return const_eval(c, e, &k) == CONSTANT && k.type.kind == TY_INT && !k.v;
}

/* Pointers that only the kernel follows. */
static bool is_opaque(const struct type *t)
{
	return t->kind == TY_PAGE || t->kind == TY_SG || t->kind == TY_SGT || t->kind == TY_POOL;
}

static bool compare_others(struct compiler *c, const struct expr *e, enum binop op,
			   const struct type *a, const struct type *b)
{
	bool same = a->kind == b->kind, equality = op == B_EQ || op == B_NE;

	if (same && (a->kind == TY_PTR || a->kind == TY_DMA || a->kind == TY_PHYS))
		return true;
	if (same && is_opaque(a))
		return equality;
	if (is_opaque(a) || is_opaque(b)) /* page == NULL */
		return equality && (type_is_void_pointer(a) || type_is_void_pointer(b));
	if (same && a->kind == TY_ENDIAN)
		return equality && a->base == b->base;
	if (a->kind == TY_ENDIAN || b->kind == TY_ENDIAN)
		return equality && is_zero(c, a->kind == TY_ENDIAN ? e->right : e->left);
	return false;
}

/* Registers hold integers, which become pointers and handles freely on the device's side. */
static struct type on_device(const struct compiler *c, struct type t)
{
	if (in_device(c) && (t.kind == TY_DMA || (t.kind == TY_PTR && t.bus)))
		return type_int(W_U64);
	return t;
}

static struct type integers(struct compiler *c, const struct expr *e, enum binop op,
			    const struct type *a, const struct type *b)
{
	struct cval ka, kb;
	const u64 *pa = const_eval(c, e->left, &ka) == CONSTANT ? &ka.v : NULL;
	const u64 *pb = const_eval(c, e->right, &kb) == CONSTANT ? &kb.v : NULL;
	enum width w = op == B_SHL || op == B_SHR ? promoted(a) : common_width(a, pa, b, pb);

	emit_binary(c, op, w);
	return type_int(op >= B_EQ ? W_S64 : w);
}

struct type operate(struct compiler *c, const struct expr *e, enum binop op, struct type a,
		    struct type b)
{
	struct type out;

	if (a.kind == TY_NONE || b.kind == TY_NONE)
		return none;
	if (add_address(c, op, &a, &b, &out))
		return out;
	if (op == B_SUB && subtract_addresses(c, &a, &b, &out))
		return out;
	if (compare_bytes(c, op, &a, &b))
		return type_int(W_S64);
	if (op == B_ADD && a.kind == TY_BYTES && b.kind == TY_INT) {
		emit(c, OP_BYTES_SKIP, 0, 0, 0, 0);
		return a;
	}
	if (op >= B_EQ && compare_others(c, e, op, &a, &b)) {
		emit_binary(c, op, W_U64);
		return type_int(W_S64);
	}
	if (op == B_AND && (a.kind == TY_DMA || a.kind == TY_PHYS) && b.kind == TY_INT) {
		emit_binary(c, op, W_U64);
		return type_int(W_U64);
	}
	if (endian_operands(c, op, &a, &b)) {
		emit_binary(c, op, W_U64);
		return a;
	}
	a = on_device(c, a);
	b = on_device(c, b);
	if (a.kind == TY_INT && b.kind == TY_INT)
		return integers(c, e, op, &a, &b);
	return refuse_operands(c, e, &a, &b);
}

/* && and ||: 0 or 1, the right side only if it matters. */
static struct type logic_value(struct compiler *c, const struct expr *e)
{
	bool is_or = e->op == BINARY_LOGIC_OR;
	u32 decided, end;

	expr_condition(c, e->left);
	decided = emit_jump(c, is_or ? OP_JNZ : OP_JZ);
	expr_condition(c, e->right);
	emit(c, OP_LNOT, 0, 0, 0, 0);
	emit(c, OP_LNOT, 0, 0, 0, 0);
	end = emit_jump(c, OP_JMP);
	patch(c, decided);
	stack_adjust(c, -1);
	emit_push(c, is_or);
	patch(c, end);
	return type_int(W_S64);
}

struct type expr_binary(struct compiler *c, const struct expr *e)
{
	enum binop op = B_ADD;
	struct type a, b;

	if (!binop_of((enum binary_op)e->op, &op))
		return logic_value(c, e);
	a = expr_value(c, e->left);
	b = expr_value(c, e->right);
	if (a.kind == TY_VOID || b.kind == TY_VOID) {
		const struct expr *bad = a.kind == TY_VOID ? e->left : e->right;

		return refuse(c, bad->at, NULL, "'%s' gives no value", text_of(c, bad));
	}
	return operate(c, e, op, a, b);
}

struct type expr_unary(struct compiler *c, const struct expr *e)
{
	struct type t = expr_value(c, e->left);
	enum width w;

	if (e->op == UNARY_NOT) {
		if (!expr_is_condition(c, e->left, &t))
			return none;
		emit(c, OP_LNOT, 0, 0, 0, 0);
		return type_int(W_S64);
	}
	if (t.kind == TY_NONE)
		return none;
	if (t.kind == TY_ENDIAN && e->op != UNARY_NEGATE) {
		emit(c, OP_NOT, type_endian_width(&t), 0, 0, 0);
		return t;
	}
	if (t.kind == TY_ENDIAN && endian_may_mix(c))
		t = endian_as_integer(c, &t);
	if (t.kind != TY_INT)
		return refuse(c, e->at, NULL, "'%s' of %s", e->op == UNARY_NEGATE ? "-" : "~",
			      type_describe(&t));
	w = promoted(&t);
	emit(c, e->op == UNARY_NEGATE ? OP_NEG : OP_NOT, w, 0, 0, 0);
	return type_int(w);
}

/* ---- casts and conversions --------------------------------------------------------------------
 */

static bool is_number(const struct type *t)
{
	return t->kind == TY_INT || t->kind == TY_PTR || t->kind == TY_DMA || t->kind == TY_PHYS ||
	       t->kind == TY_ENDIAN;
}

struct type cast_type(struct compiler *c, const struct expr *e, const struct type *from,
		      const struct type *to)
{
	if (from->kind == TY_NONE)
		return none;
	if (!is_number(from) || !is_number(to) ||
	    (from->kind == TY_ENDIAN && to->kind != TY_INT && to->kind != TY_ENDIAN))
		return refuse(c, e->at, NULL, "%s cannot be cast to %s", type_describe(from),
			      type_describe(to));
	return *to;
}

struct type expr_cast(struct compiler *c, const struct expr *e)
{
	struct type from, to, as_int = type_int(W_U64);

	if (!type_resolve(c, &e->type, &to)) {
		expr_value(c, e->left);
		return none;
	}
	from = expr_value(c, e->left);
	to = cast_type(c, e, &from, &to);
	if (endian_mixes(c, &from, &to) && !is_zero(c, e->left))
		endian_mix(c, &from, &to);
	else if (to.kind == TY_INT)
		emit_convert(c, from.kind == TY_INT ? &from : &as_int, &to);
	return to;
}

static bool is_null(const struct expr *e)
{
	return e->kind == EXPR_NAME && strcmp(e->text, "NULL") == 0;
}

bool assignable(const struct compiler *c, const struct expr *e, const struct type *from,
		const struct type *to)
{
	if (from->kind == TY_NONE || to->kind == TY_NONE)
		return true;
	if (from->kind == TY_VOID || from->kind == TY_DEVICE || from->kind == TY_IRQ)
		return false;
	if (from->kind == TY_PTR && to->kind == TY_PTR)
		return from->bus == to->bus || (from->bus && in_device(c)) || (e && is_null(e));
	if (is_opaque(to) && type_is_void_pointer(from) && e && is_null(e))
		return true;
	if (to->kind == TY_PAGE && type_is_void_pointer(from))
		return true;
	if (in_device(c)) {
		bool free_from = from->kind == TY_INT || from->kind == TY_DMA ||
				 (from->kind == TY_PTR && from->bus);
		bool free_to =
		    to->kind == TY_INT || to->kind == TY_DMA || (to->kind == TY_PTR && to->bus);

		if (free_from && free_to)
			return true;
	}
	if (from->kind == TY_ENDIAN && to->kind == TY_ENDIAN)
		return from->base == to->base;
	return from->kind == to->kind;
}

/* Two pointers to different things: C warns, and so do we, by refusing. */
static bool same_pointers(const struct type *from, const struct type *to)
{
	if (from->kind != TY_PTR || to->kind != TY_PTR)
		return true;
	return type_is_void_pointer(from) || type_is_void_pointer(to) || type_same_target(from, to);
}

static const char *convert_hint(const struct type *from, const struct type *to)
{
	if (to->kind == TY_SG)
		return "scatterlists are variables: struct scatterlist sg[4]";
	if (to->kind == TY_ENDIAN)
		return "write cpu_to_le32() or its like";
	if (from->kind == TY_ENDIAN)
		return "write le32_to_cpu() or its like";
	return is_number(from) && is_number(to) ? "a cast mixes them, and shows that it is meant"
						: NULL;
}

bool convert(struct compiler *c, const struct expr *e, const struct type *from,
	     const struct type *to, const char *what)
{
	struct str a = {0}, b = {0};

	if (from->kind == TY_NONE || to->kind == TY_NONE)
		return false;
	if (to->kind == TY_ENDIAN && from->kind == TY_INT && e && is_zero(c, e))
		return true;
	if (endian_mixes(c, from, to)) {
		endian_mix(c, from, to);
		return true;
	}
	if (!assignable(c, e, from, to)) {
		refuse(c, e->at, convert_hint(from, to), "%s is %s; '%s' is %s", what,
		       type_describe(to), text_of(c, e), type_describe(from));
		return false;
	}
	if (!same_pointers(from, to)) {
		type_print(to, &a);
		type_print(from, &b);
		refuse(c, e->at, "a cast mixes them, and shows that it is meant",
		       "%s is a %s; '%s' is a %s", what, str_get(&a), text_of(c, e), str_get(&b));
		str_free(&a);
		str_free(&b);
		return false;
	}
	if (to->kind == TY_INT) {
		struct type as_int = type_int(W_U64);

		emit_convert(c, from->kind == TY_INT ? from : &as_int, to);
	}
	return true;
}
