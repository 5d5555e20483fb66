/* SPDX-License-Identifier: MIT */
#include "engine/fold.h"

#include "base/bug.h"

bool fold_is_signed(enum width width)
{
	return width == W_S64 || width == W_S32;
}

u64 fold_convert(enum width width, u64 v)
{
	switch (width) {
	case W_U8:
		return (u8)v;
	case W_U16:
		return (u16)v;
	case W_U32:
		return (u32)v;
	case W_S32:
		return (u64)(s64)(s32)v;
	case W_S64:
	case W_U64:
		break;
	}
	return v;
}

static u64 compare(enum binop op, bool less, bool equal)
{
	switch (op) {
	case B_EQ:
		return equal;
	case B_NE:
		return !equal;
	case B_LT:
		return less;
	case B_LE:
		return less || equal;
	case B_GT:
		return !less && !equal;
	default:
		return !less;
	}
}

static enum fold fold_signed(enum binop op, s64 a, s64 b, s64 *r)
{
	switch (op) {
	case B_ADD:
		return __builtin_add_overflow(a, b, r) ? FOLD_RANGE : FOLD_OK;
	case B_SUB:
		return __builtin_sub_overflow(a, b, r) ? FOLD_RANGE : FOLD_OK;
	case B_MUL:
		return __builtin_mul_overflow(a, b, r) ? FOLD_RANGE : FOLD_OK;
	case B_SHL:
		if (a < 0 || b < 0 || b > 62 || a > INT64_MAX >> b)
			return FOLD_RANGE;
		*r = a << b;
		return FOLD_OK;
	case B_SHR:
		if (b < 0 || b > 63)
			return FOLD_RANGE;
		*r = a < 0 ? 0 : a >> b;
		return a < 0 ? FOLD_NEGATIVE : FOLD_OK;
	case B_DIV:
	case B_MOD:
		if (a < 0 || b < 0)
			return FOLD_NEGATIVE;
		*r = op == B_DIV ? a / b : a % b;
		return FOLD_OK;
	default:
		BUG_ON(true);
	}
}

static u64 fold_unsigned(enum binop op, u64 a, u64 b)
{
	switch (op) {
	case B_ADD:
		return a + b;
	case B_SUB:
		return a - b;
	case B_MUL:
		return a * b;
	case B_DIV:
		return a / b;
	case B_MOD:
		return a % b;
	case B_SHL:
		return b > 63 ? 0 : a << b;
	case B_SHR:
		return b > 63 ? 0 : a >> b;
	default:
		BUG_ON(true);
	}
}

enum fold fold_binary(enum binop op, enum width width, u64 a, u64 b, u64 *out)
{
	bool is_signed = fold_is_signed(width);
	enum fold f = FOLD_OK;
	s64 r = 0;

	a = fold_convert(width, a);
	b = fold_convert(width, b);
	*out = 0;
	if (op >= B_EQ) {
		*out = compare(op, is_signed ? (s64)a < (s64)b : a < b, a == b);
		return FOLD_OK;
	}
	if ((op == B_DIV || op == B_MOD) && !b)
		return FOLD_ZERO;
	if (op == B_AND || op == B_OR || op == B_XOR) {
		*out = op == B_AND ? a & b : op == B_OR ? a | b : a ^ b;
		return FOLD_OK;
	}
	if (!is_signed) {
		*out = fold_convert(width, fold_unsigned(op, a, b));
		return FOLD_OK;
	}
	f = fold_signed(op, (s64)a, (s64)b, &r);
	*out = (u64)r;
	return f == FOLD_OK && width == W_S32 && r != (s32)r ? FOLD_RANGE : f;
}
