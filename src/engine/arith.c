/* SPDX-License-Identifier: MIT */
/* Arithmetic as C does it: widths, wrapping, and what is undefined there ends the thread here. */
#include "engine/vm_int.h"

#include "base/bug.h"

static u64 wrap(u64 v, u32 width)
{
	switch ((enum width)width) {
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

static bool signed_width(u32 width)
{
	return width == W_S64 || width == W_S32;
}

/* Signed arithmetic that leaves the range is undefined in C; here it ends the thread. */
static bool signed_arith(enum binop op, s64 a, s64 b, u32 width, s64 *r)
{
	switch (op) {
	case B_ADD:
		if (__builtin_add_overflow(a, b, r))
			return false;
		break;
	case B_SUB:
		if (__builtin_sub_overflow(a, b, r))
			return false;
		break;
	case B_MUL:
		if (__builtin_mul_overflow(a, b, r))
			return false;
		break;
	case B_SHL:
		if (b < 0 || b > 62 || a < 0 || a > INT64_MAX >> b)
			return false;
		*r = a << b;
		break;
	case B_SHR:
		if (b < 0 || b > 63 || a < 0)
			return false;
		*r = a >> b;
		break;
	case B_DIV:
	case B_MOD:
		if (a < 0 || b < 0)
			return false;
		*r = op == B_DIV ? a / b : a % b;
		break;
	default:
		BUG_ON(true);
	}
	return width != W_S32 || *r == (s32)*r;
}

static u64 unsigned_arith(enum binop op, u64 a, u64 b)
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

static bool compare(enum binop op, u64 a, u64 b, bool is_signed)
{
	bool lt = is_signed ? (s64)a < (s64)b : a < b;

	switch (op) {
	case B_EQ:
		return a == b;
	case B_NE:
		return a != b;
	case B_LT:
		return lt;
	case B_LE:
		return lt || a == b;
	case B_GT:
		return !lt && a != b;
	case B_GE:
		return !lt;
	default:
		BUG_ON(true);
	}
}

static void binary(struct engine *e, const struct insn *i)
{
	struct value b = vm_pop(e), a = vm_pop(e);
	enum binop op = (enum binop)i->a;
	u32 dep = a.dep > b.dep ? a.dep : b.dep;
	u64 r;
	s64 s;

	if (op >= B_EQ) {
		r = compare(op, wrap(a.v, i->size), wrap(b.v, i->size), signed_width(i->size));
	} else if (op == B_AND || op == B_OR || op == B_XOR) {
		r = op == B_AND ? a.v & b.v : op == B_OR ? a.v | b.v : a.v ^ b.v;
	} else if ((op == B_DIV || op == B_MOD) && wrap(b.v, i->size) == 0) {
		vm_bug(e, "a division by zero");
		return;
	} else if (signed_width(i->size)) {
		if (!signed_arith(op, (s64)a.v, (s64)b.v, i->size, &s)) {
			vm_bug(e, "a signed number leaves its range: declare it size_t");
			return;
		}
		r = (u64)s;
	} else {
		r = unsigned_arith(op, wrap(a.v, i->size), wrap(b.v, i->size));
	}
	vm_push_value(e, (struct value){wrap(r, i->size), 0, dep});
}

static void unary(struct engine *e, const struct insn *i)
{
	struct value v = vm_pop(e);

	if (i->op == OP_NEG) {
		if (signed_width(i->size) && (s64)v.v == INT64_MIN) {
			vm_bug(e, "a signed number leaves its range");
			return;
		}
		v.v = wrap(0 - v.v, i->size);
	} else if (i->op == OP_NOT) {
		v.v = wrap(~v.v, i->size);
	} else if (i->op == OP_LNOT) {
		v.v = v.v == 0;
	} else {
		v.v = wrap(v.v, i->size);
	}
	vm_push_value(e, v);
}

static void byteswap(struct engine *e, const struct insn *i)
{
	struct value v = vm_pop(e);
	bool swap = i->size == SWAP_LE ? e->cfg->hw.big_endian
				       : i->size == SWAP_BE && !e->cfg->hw.big_endian;

	if (swap)
		v.v = i->a == 2	  ? __builtin_bswap16((u16)v.v)
		      : i->a == 4 ? __builtin_bswap32((u32)v.v)
				  : __builtin_bswap64(v.v);
	vm_push_value(e, v);
}

bool arith_op(struct engine *e, const struct insn *i)
{
	switch ((enum opcode)i->op) {
	case OP_BIN:
		binary(e, i);
		return true;
	case OP_NEG:
	case OP_NOT:
	case OP_LNOT:
	case OP_CONV:
		unary(e, i);
		return true;
	case OP_BSWAP:
		byteswap(e, i);
		return true;
	default:
		return false;
	}
}
