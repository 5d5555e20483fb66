/* SPDX-License-Identifier: MIT */
/* Arithmetic as C does it: widths, wrapping, and what is undefined there ends the thread here. */
#include "engine/vm_int.h"

#include "engine/fold.h"

static void binary(struct engine *e, const struct insn *i)
{
	struct value b = vm_pop(e), a = vm_pop(e);
	u32 dep = a.dep > b.dep ? a.dep : b.dep;
	u64 r;

	switch (fold_binary((enum binop)i->a, (enum width)i->size, a.v, b.v, &r)) {
	case FOLD_OK:
		vm_push_value(e, (struct value){r, 0, dep});
		break;
	case FOLD_ZERO:
		vm_bug(e, "a division by zero");
		break;
	case FOLD_RANGE:
	case FOLD_NEGATIVE:
		vm_bug(e, "a signed number leaves its range: declare it size_t");
		break;
	}
}

static void unary(struct engine *e, const struct insn *i)
{
	struct value v = vm_pop(e);

	if (i->op == OP_NEG) {
		if (fold_is_signed((enum width)i->size) && (s64)v.v == INT64_MIN) {
			vm_bug(e, "a signed number leaves its range");
			return;
		}
		v.v = fold_convert((enum width)i->size, 0 - v.v);
	} else if (i->op == OP_NOT) {
		v.v = fold_convert((enum width)i->size, ~v.v);
	} else if (i->op == OP_LNOT) {
		v.v = v.v == 0;
	} else {
		v.v = fold_convert((enum width)i->size, v.v);
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

/* What the bits meant on the one side of a mix that C lets pass, and mean on the other. */
static void endian(struct engine *e, const struct insn *i)
{
	u64 v = vm_peek(&e->scratch, 0)->v;
	u32 len = (u32)i->imm;
	bool other = (i->size == SWAP_LE) == e->cfg->hw.big_endian;

	u64 turned = other ? __builtin_bswap64(v) >> (64 - 8 * len) : v;

	oracle_endian(&e->oracle, e->w, e->scratch.stmt, i->b | (u32)i->a << 8, i->a ? v : turned,
		      i->a ? turned : v, len, other);
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
	case OP_ENDIAN:
		endian(e, i);
		return true;
	default:
		return false;
	}
}
