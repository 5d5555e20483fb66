/* SPDX-License-Identifier: MIT */
/*
 * Plain integers where memory has an order of bytes, and the other way round. C takes the bits as
 * they are, and so does the machine; that it happened is the finding `endianness`, told when the
 * statement runs. What sparse lets pass (include/linux/types.h, __bitwise) passes here: 0, and
 * & | ^ ~ == != of two values of one such type.
 */
#include "scenario/compile_int.h"

/* Only the driver's own statements mix: asserts look, and a device's accesses convert. */
bool endian_may_mix(const struct compiler *c)
{
	return c->who == WHO_CPU && !c->look;
}

static bool is_plain(const struct type *t)
{
	return t->kind == TY_INT || t->kind == TY_DMA || t->kind == TY_PHYS;
}

bool endian_mixes(const struct compiler *c, const struct type *from, const struct type *to)
{
	if (!endian_may_mix(c))
		return false;
	if (from->kind == TY_ENDIAN && to->kind == TY_ENDIAN)
		return from->base != to->base;
	return (from->kind == TY_ENDIAN && is_plain(to)) ||
	       (to->kind == TY_ENDIAN && is_plain(from));
}

static void mix(struct compiler *c, const struct type *t, bool becomes)
{
	emit(c, OP_ENDIAN, type_swap(t), becomes, t->base, type_size(t));
}

struct type endian_as_integer(struct compiler *c, const struct type *t)
{
	mix(c, t, false);
	return type_int(type_endian_width(t));
}

void endian_from_integer(struct compiler *c, const struct type *from, const struct type *to)
{
	struct type raw = type_int(type_endian_width(to)), wide = type_int(W_U64);

	emit_convert(c, from->kind == TY_INT ? from : &wide, &raw);
	mix(c, to, true);
}

void endian_mix(struct compiler *c, const struct type *from, const struct type *to)
{
	struct type plain = *from;

	if (from->kind == TY_ENDIAN)
		plain = endian_as_integer(c, from);
	if (to->kind == TY_ENDIAN)
		endian_from_integer(c, &plain, to);
	else if (to->kind == TY_INT)
		emit_convert(c, &plain, to);
}

bool endian_operands(struct compiler *c, enum binop op, struct type *a, struct type *b)
{
	if (a->kind == TY_ENDIAN && b->kind == TY_ENDIAN && a->base == b->base &&
	    (op == B_AND || op == B_OR || op == B_XOR))
		return true;
	if (!endian_may_mix(c))
		return false;
	if (b->kind == TY_ENDIAN && (is_plain(a) || a->kind == TY_ENDIAN))
		*b = endian_as_integer(c, b);
	if (a->kind == TY_ENDIAN && is_plain(b)) {
		emit(c, OP_SWAP, 0, 0, 0, 0);
		*a = endian_as_integer(c, a);
		emit(c, OP_SWAP, 0, 0, 0, 0);
	}
	return false;
}
