/* SPDX-License-Identifier: MIT */
/*
 * Expressions whose value is known before the run: numbers, params, variants, definitions, sizeof,
 * and what the kernel's macros make of them. A condition that is one removes its other branch.
 */
#include <string.h>

#include "scenario/compile_int.h"
#include "engine/fold.h"

bool binop_of(enum binary_op op, enum binop *out)
{
	static const enum binop ops[] = {
	    [BINARY_OR] = B_OR,	  [BINARY_XOR] = B_XOR, [BINARY_AND] = B_AND, [BINARY_EQ] = B_EQ,
	    [BINARY_NE] = B_NE,	  [BINARY_LT] = B_LT,	[BINARY_LE] = B_LE,   [BINARY_GT] = B_GT,
	    [BINARY_GE] = B_GE,	  [BINARY_SHL] = B_SHL, [BINARY_SHR] = B_SHR, [BINARY_ADD] = B_ADD,
	    [BINARY_SUB] = B_SUB, [BINARY_MUL] = B_MUL, [BINARY_DIV] = B_DIV, [BINARY_MOD] = B_MOD,
	};

	if (op == BINARY_LOGIC_OR || op == BINARY_LOGIC_AND)
		return false;
	*out = ops[op];
	return true;
}

/* Narrow integers become plain numbers; u32 and the 64-bit ones stay. */
enum width promoted(const struct type *t)
{
	return t->width == W_U32 || t->width == W_U64 ? (enum width)t->width : W_S64;
}

/* As narrow as an int in C: does not change the width of the other operand. */
static bool is_small(const struct type *t, const u64 *k)
{
	if (t->width == W_U32 || t->width == W_U64)
		return false;
	return t->width != W_S64 || (k && (s64)*k == (s32)*k);
}

enum width common_width(const struct type *a, const u64 *a_const, const struct type *b,
			const u64 *b_const)
{
	bool small_a = is_small(a, a_const), small_b = is_small(b, b_const);

	if (a->width == W_U64 || b->width == W_U64)
		return W_U64;
	if (small_a || small_b)
		return promoted(small_a ? b : a);
	return a->width == W_U32 && b->width == W_U32 ? W_U32 : W_S64;
}

static enum known bad(struct compiler *c, const struct expr *e, enum fold f)
{
	switch (f) {
	case FOLD_ZERO:
		refuse(c, e->op_at, NULL, "a division by zero");
		break;
	case FOLD_NEGATIVE:
		refuse(c, e->op_at, "make it unsigned with (size_t)",
		       "'%s' of a negative number is not in the language",
		       ast_binary_text((enum binary_op)e->op));
		break;
	default:
		refuse(c, e->op_at, "make it unsigned with (size_t)",
		       "the result does not fit a signed 64-bit number");
	}
	return BAD_CONSTANT;
}

static enum known eval_logic(struct compiler *c, const struct expr *e, struct cval *out)
{
	bool is_or = e->op == BINARY_LOGIC_OR;
	struct cval v;
	enum known k = const_eval(c, e->left, &v);

	if (k == CONSTANT && v.type.kind != TY_INT && v.type.kind != TY_PTR)
		return NOT_CONSTANT;
	if (k == CONSTANT && is_or == !v.v)
		k = const_eval(c, e->right, &v);
	if (k != CONSTANT || (v.type.kind != TY_INT && v.type.kind != TY_PTR))
		return k == CONSTANT ? NOT_CONSTANT : k;
	*out = (struct cval){type_int(W_S64), v.v != 0};
	return CONSTANT;
}

static enum known eval_binary(struct compiler *c, const struct expr *e, struct cval *out)
{
	enum binop op = B_ADD;
	struct cval a, b;
	enum width w;
	enum fold f;
	enum known k;

	if (!binop_of((enum binary_op)e->op, &op))
		return eval_logic(c, e, out);
	k = const_eval(c, e->left, &a);
	if (k != CONSTANT)
		return k;
	k = const_eval(c, e->right, &b);
	if (k != CONSTANT)
		return k;
	if (a.type.kind != TY_INT || b.type.kind != TY_INT)
		return NOT_CONSTANT;
	w = op == B_SHL || op == B_SHR ? promoted(&a.type)
				       : common_width(&a.type, &a.v, &b.type, &b.v);
	f = fold_binary(op, w, a.v, b.v, &out->v);
	out->type = type_int(op >= B_EQ ? W_S64 : w);
	return f == FOLD_OK ? CONSTANT : bad(c, e, f);
}

static enum known eval_unary(struct compiler *c, const struct expr *e, struct cval *out)
{
	enum known k = const_eval(c, e->left, out);
	enum width w;

	if (k != CONSTANT)
		return k;
	if (e->op == UNARY_NOT && (out->type.kind == TY_INT || out->type.kind == TY_PTR)) {
		*out = (struct cval){type_int(W_S64), out->v == 0};
		return CONSTANT;
	}
	if (out->type.kind != TY_INT)
		return NOT_CONSTANT;
	w = promoted(&out->type);
	if (e->op == UNARY_NEGATE && w == W_S64 && (s64)out->v == INT64_MIN) {
		refuse(c, e->at, NULL, "the result does not fit a signed 64-bit number");
		return BAD_CONSTANT;
	}
	out->v = fold_convert(w, e->op == UNARY_NEGATE ? 0 - out->v : ~out->v);
	out->type = type_int(w);
	return CONSTANT;
}

static enum known eval_cast(struct compiler *c, const struct expr *e, struct cval *out)
{
	enum known k = const_eval(c, e->left, out);
	struct type to, t;

	if (k != CONSTANT)
		return k;
	if (!type_resolve(c, &e->type, &to))
		return BAD_CONSTANT;
	t = cast_type(c, e, &out->type, &to);
	if (t.kind == TY_NONE)
		return BAD_CONSTANT;
	if (t.kind == TY_ENDIAN && out->v) /* a mix, which is told when it runs */
		return NOT_CONSTANT;
	if (t.kind == TY_INT)
		out->v = t.is_bool ? out->v != 0 : fold_convert((enum width)t.width, out->v);
	out->type = t;
	return CONSTANT;
}

/* Bytes of a variable's type; of an array all of them. 0: refused. */
static u64 size_of_variable(struct compiler *c, const struct expr *name, bool deref)
{
	struct variable *v = find_variable(c, name->text);
	struct type t;
	u64 n;

	if (!v || v->type.kind == TY_NONE) {
		if (!v || !v->assigned)
			refuse_name(c, name->text, name->at);
		else
			unknown(c, name->at, name->text);
		return 0;
	}
	t = v->type;
	if (deref && t.kind != TY_PTR) {
		refuse(c, name->at, NULL, "'%s' is %s: it points to nothing", name->text,
		       type_describe(&t));
		return 0;
	}
	if (deref)
		t = type_target(&t);
	n = t.kind == TY_VOID ? 1 : type_size(&t);
	if (!n)
		refuse(c, name->at, NULL, "%s has no size", type_describe(&t));
	return n * (v->length && !deref ? v->length : 1);
}

static enum known eval_sizeof(struct compiler *c, const struct expr *e, struct cval *out)
{
	struct cval k;
	struct type t;
	u64 n = 0;

	if (!e->left) {
		if (!type_resolve(c, &e->type, &t))
			return BAD_CONSTANT;
		n = t.kind == TY_VOID ? 1 : type_size(&t);
	} else if (e->kind == EXPR_SIZEOF && const_eval(c, e->left, &k) == CONSTANT) {
		n = type_size(&k.type);
	} else {
		n = size_of_variable(c, e->left, e->kind == EXPR_SIZEOF_DEREF);
	}
	*out = (struct cval){type_int(W_U64), n};
	return n ? CONSTANT : BAD_CONSTANT;
}

static enum known eval_name(struct compiler *c, const struct expr *e, struct cval *out)
{
	const struct constant *k = find_constant(c, e->text);

	if (!k)
		return NOT_CONSTANT;
	*out = (struct cval){k->type, k->value};
	return k->type.kind == TY_NONE ? BAD_CONSTANT : CONSTANT;
}

enum known const_eval(struct compiler *c, const struct expr *e, struct cval *out)
{
	enum known k;

	*out = (struct cval){0};
	switch (e->kind) {
	case EXPR_NUMBER:
		*out = (struct cval){type_int(e->number > INT64_MAX ? W_U64 : W_S64), e->number};
		return CONSTANT;
	case EXPR_NAME:
		return eval_name(c, e, out);
	case EXPR_UNARY:
		return eval_unary(c, e, out);
	case EXPR_BINARY:
		return eval_binary(c, e, out);
	case EXPR_CAST:
		return eval_cast(c, e, out);
	case EXPR_SIZEOF:
	case EXPR_SIZEOF_DEREF:
		return eval_sizeof(c, e, out);
	case EXPR_CALL:
		return const_call(c, e, &k, out) ? k : NOT_CONSTANT;
	default:
		return NOT_CONSTANT;
	}
}

bool const_int(struct compiler *c, const struct expr *e, s64 min, s64 max, const char *what,
	       s64 *out)
{
	struct cval v;
	enum known k = const_eval(c, e, &v);

	if (k == NOT_CONSTANT || (k == CONSTANT && v.type.kind != TY_INT)) {
		refuse(c, e->at, "numbers, params and #defines are", "%s is not a constant", what);
		return false;
	}
	if (k == BAD_CONSTANT)
		return false;
	*out = (s64)v.v;
	if ((v.type.width == W_U64 && v.v > INT64_MAX) || *out < min || *out > max) {
		refuse(c, e->at, NULL, "%s is %lld: it is not within %lld to %lld", what,
		       (long long)v.v, (long long)min, (long long)max);
		return false;
	}
	return true;
}

/* ---- macros of the kernel ---------------------------------------------------------------------
 */

static enum known mask_macro(struct compiler *c, const struct expr *e, u32 arg_max, u64 *n)
{
	s64 v;

	if (!const_int(c, e, 0, arg_max, "the argument", &v))
		return BAD_CONSTANT;
	*n = (u64)v;
	return CONSTANT;
}

static enum known eval_mask(struct compiler *c, const struct expr *e, struct cval *out)
{
	u64 n, low;
	enum known k;

	out->type = type_int(W_U64);
	if (strcmp(e->text, "GENMASK") == 0) {
		k = mask_macro(c, e->arg[0], 63, &n);
		if (k == CONSTANT)
			k = mask_macro(c, e->arg[1], 63, &low);
		if (k == CONSTANT && low > n) {
			refuse(c, e->arg[1]->at, "as in GENMASK(7, 4): the high bit comes first",
			       "the low bit is above the high one");
			return BAD_CONSTANT;
		}
		if (k == CONSTANT)
			out->v = (~0ull >> (63 - n)) & (~0ull << low);
		return k;
	}
	if (e->text[0] == 'B' && const_eval(c, e->arg[0], out) == NOT_CONSTANT)
		return NOT_CONSTANT; /* BIT(i): the machine shifts */
	out->type = type_int(W_U64);
	k = mask_macro(c, e->arg[0], e->text[0] == 'B' ? 63 : 64, &n);
	if (k == CONSTANT)
		out->v = e->text[0] == 'B' ? 1ull << n : n ? ~0ull >> (64 - n) : 0;
	return k;
}

/* min, max, ALIGN of two constants. */
static enum known eval_pair(struct compiler *c, const struct expr *e, struct cval *out)
{
	struct cval a, b;
	enum known k = const_eval(c, e->arg[0], &a);
	enum width w;
	u64 less;

	if (k == CONSTANT)
		k = const_eval(c, e->arg[1], &b);
	if (k != CONSTANT || a.type.kind != TY_INT || b.type.kind != TY_INT)
		return k == CONSTANT ? NOT_CONSTANT : k;
	w = common_width(&a.type, &a.v, &b.type, &b.v);
	fold_binary(B_LT, w, a.v, b.v, &less);
	out->type = type_int(w);
	if (strcmp(e->text, "ALIGN") == 0) {
		if (!is_pow2(b.v)) {
			refuse(c, e->arg[1]->at, NULL, "an alignment is a power of two");
			return BAD_CONSTANT;
		}
		out->v = fold_convert(w, align_up(a.v, b.v));
	} else {
		out->v = less == (e->text[1] == 'i') ? a.v : b.v;
	}
	return CONSTANT;
}

static enum known eval_half(struct compiler *c, const struct expr *e, struct cval *out)
{
	enum known k = const_eval(c, e->arg[0], out);
	u8 kind = out->type.kind;

	if (k != CONSTANT || (kind != TY_INT && kind != TY_DMA && kind != TY_PHYS))
		return k == CONSTANT ? NOT_CONSTANT : k;
	out->v = e->text[0] == 'l' ? (u32)out->v : out->v >> 32;
	out->type = type_int(W_U32);
	return CONSTANT;
}

bool const_call(struct compiler *c, const struct expr *e, enum known *known, struct cval *out)
{
	static const struct {
		const char *name;
		u32 args;
		enum known (*eval)(struct compiler *c, const struct expr *e, struct cval *out);
	} macros[] = {
	    {"DMA_BIT_MASK", 1, eval_mask},  {"BIT", 1, eval_mask},
	    {"GENMASK", 2, eval_mask},	     {"min", 2, eval_pair},
	    {"max", 2, eval_pair},	     {"ALIGN", 2, eval_pair},
	    {"lower_32_bits", 1, eval_half}, {"upper_32_bits", 1, eval_half},
	};
	u32 i;

	for (i = 0; i < ARRAY_LEN(macros); i++) {
		if (strcmp(macros[i].name, e->text) != 0 || e->n != macros[i].args)
			continue;
		*known = macros[i].eval(c, e, out);
		return true;
	}
	return reg_const(c, e, known, out);
}
