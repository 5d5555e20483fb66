/* SPDX-License-Identifier: MIT */
/*
 * Instructions, and how many values they leave on the stack. The depth is that of the text, not of
 * a path: where two paths meet, the one that writes the code says what holds (stack_adjust).
 */
#include <string.h>

#include "base/bug.h"
#include "scenario/compile_int.h"
#include "engine/fold.h"

/* Values that an instruction pushes less those that it pops; calls say it themselves. */
static const s8 delta[OPCODE_COUNT] = {
    [OP_PUSH] = 1,	    [OP_BYTES] = 1,	  [OP_POP] = -1,       [OP_DUP] = 1,
    [OP_GET] = 1,	    [OP_SET] = -1,	  [OP_ASET] = -2,      [OP_BIN] = -1,
    [OP_BYTES_EQ] = -1,	    [OP_BYTES_SKIP] = -1, [OP_CONTAINS] = -1,  [OP_JZ] = -1,
    [OP_JNZ] = -1,	    [OP_RETV] = -1,	  [OP_STORE] = -2,     [OP_MEMCPY] = -3,
    [OP_MEMCPY_BYTES] = -3, [OP_MEMSET] = -3,	  [OP_READ] = -1,      [OP_MMIO_WRITE] = -2,
    [OP_DCACHE] = -2,	    [OP_POLL_LIMIT] = -1, [OP_WAIT_TEST] = -1, [OP_DMA_STORE] = -2,
    [OP_DMA_READ] = -1,	    [OP_DMA_WRITE] = -2,  [OP_REG_SET] = -2,   [OP_HW] = -2,
    [OP_ASSERT] = -1,	    [OP_SG_PUT] = -2,
};

u32 here(const struct compiler *c)
{
	return c->code.n;
}

void stack_adjust(struct compiler *c, int d)
{
	struct unit *u = c->unit;

	u->depth = d < 0 && (u32)-d > u->depth ? 0 : u->depth + (u32)d;
	if (u->depth > u->max_depth)
		u->max_depth = u->depth;
}

u32 emit(struct compiler *c, enum opcode op, u32 size, u32 a, u32 b, u64 imm)
{
	struct insn i = {(u8)op, (u8)size, (u16)a, b, imm};

	if (c->code.n == CODE_MAX) {
		refuse(c, (struct pos){0}, NULL, "the program becomes too long");
		return c->code.n - 1;
	}
	vec_push(&c->code, i);
	stack_adjust(c, delta[op]);
	return c->code.n - 1;
}

void emit_push(struct compiler *c, u64 v)
{
	emit(c, OP_PUSH, 0, 0, 0, v);
}

void emit_bytes(struct compiler *c, struct pos at, const u8 *bytes, u32 n)
{
	u32 to = c->pool.n;

	if (n > POOL_MAX - c->pool.n) {
		refuse(c, at, NULL, "more than %d MiB of constant bytes", POOL_MAX >> 20);
		n = 0;
	}
	if (c->pool.cap < c->pool.n + n) {
		c->pool.cap = (c->pool.n + n) * 2;
		c->pool.v = mem_grow(c->pool.v, c->pool.cap, 1);
	}
	if (n)
		memcpy(c->pool.v + to, bytes, n);
	c->pool.n += n;
	emit(c, OP_BYTES, 0, 0, n, to);
}

void emit_call(struct compiler *c, enum opcode op, u32 a, u32 b, u32 args, u32 results)
{
	emit(c, op, 0, a, b, op == OP_VALUE && c->look);
	stack_adjust(c, (int)results - (int)args);
}

void emit_get(struct compiler *c, const struct variable *v)
{
	enum scope s = v->scope <= SCOPE_DRIVER + 1 ? SCOPE_GLOBAL : c->unit->storage;

	if (v->length)
		emit(c, OP_AGET, 0, s, v->slot, v->length);
	else
		emit(c, OP_GET, 0, s, v->slot, 0);
}

void emit_set(struct compiler *c, const struct variable *v)
{
	enum scope s = v->scope <= SCOPE_DRIVER + 1 ? SCOPE_GLOBAL : c->unit->storage;

	if (s == SCOPE_GLOBAL && c->cpus && v->waited)
		emit(c, OP_PUBLISH, 0, 0, 0, 0);
	if (v->length)
		emit(c, OP_ASET, 0, s, v->slot, v->length);
	else
		emit(c, OP_SET, 0, s, v->slot, 0);
}

/* The i-th instruction from the end, if nothing jumps in between and it pushes a constant. */
static struct insn *pushed(struct compiler *c, u32 i)
{
	struct insn *at = c->code.n > i ? &c->code.v[c->code.n - 1 - i] : NULL;

	return at && c->code.n - 1 - i >= c->fence && at->op == OP_PUSH ? at : NULL;
}

/* (x + a) + b: the machine adds once. */
static bool join_offsets(struct compiler *c, struct insn *b)
{
	struct insn *add = c->code.n > 2 ? &c->code.v[c->code.n - 2] : NULL;
	struct insn *a = pushed(c, 2);

	if (!a || add->op != OP_BIN || add->a != B_ADD || add->size != W_U64)
		return false;
	a->imm += b->imm;
	c->code.n--;
	stack_adjust(c, -1);
	return true;
}

void emit_binary(struct compiler *c, enum binop op, enum width width)
{
	struct insn *b = pushed(c, 0), *a = b ? pushed(c, 1) : NULL;
	u64 v;

	if (a && fold_binary(op, width, a->imm, b->imm, &v) == FOLD_OK) {
		a->imm = v;
		c->code.n--;
		stack_adjust(c, -1);
		return;
	}
	if (b && op == B_ADD && width == W_U64 && join_offsets(c, b))
		return;
	emit(c, OP_BIN, width, op, 0, 0);
}

/* Narrow values are held extended to 64 bits: only what loses bits needs an instruction. */
void emit_convert(struct compiler *c, const struct type *from, const struct type *to)
{
	u32 bytes = type_size(to);

	if (to->is_bool) {
		if (!from->is_bool) {
			emit(c, OP_LNOT, 0, 0, 0, 0);
			emit(c, OP_LNOT, 0, 0, 0, 0);
		}
		return;
	}
	if (bytes == 8 || from->width == to->width)
		return;
	if (!fold_is_signed((enum width)from->width) && type_size(from) < bytes)
		return;
	if (pushed(c, 0))
		pushed(c, 0)->imm = fold_convert((enum width)to->width, pushed(c, 0)->imm);
	else
		emit(c, OP_CONV, to->width, 0, 0, 0);
}

u32 emit_jump(struct compiler *c, enum opcode op)
{
	return emit(c, op, 0, 0, 0, 0);
}

void patch(struct compiler *c, u32 jump)
{
	c->code.v[jump].b = here(c);
	c->fence = here(c);
}

void patch_all(struct compiler *c, struct jumps *jumps)
{
	u32 i;

	for (i = 0; i < jumps->n; i++)
		patch(c, jumps->v[i].at);
	vec_free(jumps);
}
