/* SPDX-License-Identifier: MIT */
/*
 * Holds a program against the table of its opcodes, without running it: every jump lands in the
 * code, every index has its row, and wherever paths meet they bring the same number of values.
 * Written from the table's stack effects, not from the compiler.
 */
#ifndef UNIT_PROGRAM_VERIFY_H
#define UNIT_PROGRAM_VERIFY_H

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine/calls.h"
#include "engine/program.h"

struct verify {
	const struct program *p;
	int *depth; /* at each instruction; -1: not reached */
	u32 *todo;
	u32 todos;
	u32 max; /* values beyond the start, of the entry that is walked */
	const char *problem;
	u32 at;
};

static inline void verify_fail(struct verify *v, u32 at, const char *problem)
{
	if (v->problem)
		return;
	v->problem = problem;
	v->at = at;
}

/* What the acts of the laboratory take from the stack, and leave there. */
static const s8 lab_takes[] = {
    [LAB_PLACE] = 2,	    [LAB_PRESET] = 2,	   [LAB_ON_STACK] = 1,	   [LAB_IN_MODULE] = 1,
    [LAB_IN_TEXT] = 1,	    [LAB_IN_RODATA] = 1,   [LAB_LINEAR_ALIAS] = 1, [LAB_SWIOTLB_TAKE] = 1,
    [LAB_SWIOTLB_NEXT] = 1, [LAB_ATOMIC_TAKE] = 1, [LAB_IOVA_TAKE] = 1,	   [LAB_FAIL_NTH] = 1,
    [LAB_ECHO] = 1,	    [LAB_NO_DMA_MASK] = 1,
};
static const s8 lab_gives[LAB_NO_DMA_MASK + 1] = {
    [LAB_PLACE] = 1,   [LAB_ON_STACK] = 1,  [LAB_IN_MODULE] = 1,
    [LAB_IN_TEXT] = 1, [LAB_IN_RODATA] = 1, [LAB_LINEAR_ALIAS] = 1,
};

/* Values that an instruction takes and gives. */
static inline void verify_effect(const struct verify *v, const struct insn *i, int *takes,
				 int *gives)
{
	static const struct {
		u8 op;
		s8 takes, gives;
	} rows[] = {
	    {OP_STMT, 0, 0},	   {OP_PUSH, 0, 1},	    {OP_BYTES, 0, 1},
	    {OP_POP, 1, 0},	   {OP_DUP, 1, 2},	    {OP_SWAP, 2, 2},
	    {OP_GET, 0, 1},	   {OP_SET, 1, 0},	    {OP_AGET, 1, 1},
	    {OP_ASET, 2, 0},	   {OP_BIN, 2, 1},	    {OP_NEG, 1, 1},
	    {OP_NOT, 1, 1},	   {OP_LNOT, 1, 1},	    {OP_CONV, 1, 1},
	    {OP_BSWAP, 1, 1},	   {OP_BYTES_EQ, 2, 1},	    {OP_BYTES_SKIP, 2, 1},
	    {OP_CONTAINS, 2, 1},   {OP_JMP, 0, 0},	    {OP_JZ, 1, 0},
	    {OP_JNZ, 1, 0},	   {OP_LOAD, 1, 1},	    {OP_STORE, 2, 0},
	    {OP_MEMCPY, 3, 0},	   {OP_MEMCPY_BYTES, 3, 0}, {OP_MEMSET, 3, 0},
	    {OP_READ, 2, 1},	   {OP_BARRIER, 0, 0},	    {OP_MMIO_WRITE, 2, 0},
	    {OP_MMIO_READ, 1, 1},  {OP_DCACHE, 2, 0},	    {OP_POLL_LIMIT, 1, 0},
	    {OP_POLL_TOP, 0, 0},   {OP_POLL_TEST, 1, 1},    {OP_WAIT_TOP, 0, 0},
	    {OP_WAIT_TEST, 1, 0},  {OP_SETTLE, 0, 0},	    {OP_AS, 0, 0},
	    {OP_DMA_LOAD, 1, 1},   {OP_DMA_STORE, 2, 0},    {OP_DMA_READ, 2, 1},
	    {OP_DMA_WRITE, 2, 0},  {OP_RAISE_IRQ, 0, 0},    {OP_REG_GET, 1, 1},
	    {OP_REG_SET, 2, 0},	   {OP_HW, 2, 0},	    {OP_ASSERT, 1, 0},
	    {OP_BUG, 0, 0},	   {OP_RET, 0, 0},	    {OP_RETV, 1, 0},
	    {OP_END, 0, 0},	   {OP_MODEL_LOOK, 0, 1},   {OP_ENDIAN, 1, 1},
	    {OP_PUBLISH, 0, 0},	   {OP_PAUSE, 0, 0},	    {OP_WORK_END, 0, 0},
	    {OP_SG_DECLARE, 0, 0}, {OP_SG_ENTRY, 1, 1},	    {OP_SG_GET, 1, 1},
	    {OP_SG_PUT, 2, 0},	   {OP_PADDING, 1, 1},
	};
	static const s8 see_takes[] = {2, 2, 1, 1, 3, 1, 1, 1, 1, 2, 1, 0};
	const struct call_info *call;
	u32 k;

	*takes = *gives = 0;
	for (k = 0; k < ARRAY_LEN(rows); k++)
		if (rows[k].op == i->op) {
			*takes = rows[k].takes;
			*gives = rows[k].gives;
		}
	if (i->op == OP_END)
		*takes = i->a;
	if (i->op == OP_MODEL)
		*takes = (int)i->b;
	if (i->op == OP_UNBIND)
		*takes = i->a == 0;
	if (i->op == OP_LAB) {
		*takes = i->a == LAB_ECHO && i->b == FILE_POOL_MOST ? 0 : lab_takes[i->a];
		*gives = lab_gives[i->a];
	}
	if (i->op == OP_SEE) {
		*takes = see_takes[i->a];
		*gives = 1;
	}
	if (i->op == OP_API || i->op == OP_VALUE) {
		call = call_info((enum call_id)i->b);
		*takes = i->a;
		*gives = (call->result != RESULT_void) + (strchr(call->args, 'o') != NULL);
	}
	if (i->op == OP_CALL && i->b < v->p->functions) {
		*takes = v->p->function[i->b].params;
		for (k = v->p->function[i->b].entry; k < v->p->codes; k++)
			if (v->p->code[k].op == OP_RET || v->p->code[k].op == OP_RETV) {
				*gives = v->p->code[k].op == OP_RETV;
				break;
			}
	}
}

static inline void verify_reach(struct verify *v, u32 from, u32 to, int depth)
{
	if (to >= v->p->codes) {
		verify_fail(v, from, "a jump out of the code");
		return;
	}
	if (v->depth[to] < 0) {
		v->depth[to] = depth;
		v->todo[v->todos++] = to;
	} else if (v->depth[to] != depth) {
		verify_fail(v, to, "two paths bring different numbers of values");
	}
}

static inline void verify_indexes(struct verify *v, u32 at)
{
	const struct insn *i = &v->p->code[at];

	if (i->op >= OPCODE_COUNT)
		verify_fail(v, at, "no such opcode");
	else if (i->op == OP_STMT && (!i->b || i->b >= v->p->stmts))
		verify_fail(v, at, "no such statement");
	else if (i->op == OP_CALL && i->b >= v->p->functions)
		verify_fail(v, at, "no such function");
	else if (i->op == OP_ASSERT && i->b >= v->p->asserts)
		verify_fail(v, at, "no such assert");
	else if ((i->op == OP_API || i->op == OP_VALUE) && i->b >= CALL_COUNT)
		verify_fail(v, at, "no such call");
	else if (i->op == OP_API && call_info((enum call_id)i->b)->state != CALL_HERE)
		verify_fail(v, at, "a call that is not there");
	else if (i->op == OP_BYTES && i->imm + i->b > v->p->pool_len)
		verify_fail(v, at, "bytes beyond the pool");
	else if ((i->op == OP_GET || i->op == OP_SET) && i->a == SCOPE_GLOBAL &&
		 i->b >= v->p->global_slots)
		verify_fail(v, at, "no such variable");
	else if ((i->op == OP_AGET || i->op == OP_ASET) && i->a == SCOPE_GLOBAL &&
		 i->b + i->imm > v->p->global_slots)
		verify_fail(v, at, "an array beyond the variables");
}

static inline void verify_step(struct verify *v, u32 at)
{
	const struct insn *i = &v->p->code[at];
	int takes, gives, depth;

	verify_indexes(v, at);
	if (v->problem)
		return;
	verify_effect(v, i, &takes, &gives);
	if (v->depth[at] < takes) {
		verify_fail(v, at, "too few values");
		return;
	}
	depth = v->depth[at] - takes + gives;
	if ((u32)depth > v->max)
		v->max = (u32)depth;
	if (i->op == OP_STMT && depth)
		verify_fail(v, at, "a statement begins with values left");
	if (i->op == OP_END || i->op == OP_RET || i->op == OP_RETV || i->op == OP_WORK_END) {
		if (depth)
			verify_fail(v, at, "it ends with values left");
		return;
	}
	if (i->op == OP_BUG)
		return;
	if (i->op == OP_JMP || i->op == OP_JZ || i->op == OP_JNZ)
		verify_reach(v, at, i->b, depth);
	if ((i->op == OP_POLL_TOP || i->op == OP_WAIT_TOP) &&
	    (i->b >= v->p->codes || v->p->code[i->b].b != at))
		verify_fail(v, at, "a wait without its test");
	if (i->op != OP_JMP)
		verify_reach(v, at, at + 1, depth);
}

static inline void verify_entry(struct verify *v, u32 entry)
{
	v->max = 0;
	verify_reach(v, entry, entry, 0);
	while (v->todos && !v->problem)
		verify_step(v, v->todo[--v->todos]);
}

/* NULL, or what is wrong; *at gets the instruction. */
static inline const char *program_verify(const struct program *p, u32 *at)
{
	struct verify v = {.p = p};
	u32 i;

	v.depth = mem_zalloc(p->codes, sizeof(*v.depth));
	v.todo = mem_zalloc(p->codes, sizeof(*v.todo));
	for (i = 0; i < p->codes; i++)
		v.depth[i] = -1;
	verify_entry(&v, p->driver_entry);
	for (i = 0; i < DEVICES_MAX && !v.problem; i++)
		if (p->device[i].entry != ~0u)
			verify_entry(&v, p->device[i].entry);
	for (i = 0; i < p->functions && !v.problem; i++) {
		verify_entry(&v, p->function[i].entry);
		if (v.max > p->function[i].max_stack)
			verify_fail(&v, p->function[i].entry, "max_stack is too small");
	}
	for (i = 0; i < p->works && !v.problem; i++) {
		verify_entry(&v, p->work[i].entry);
		if (p->function[p->work[i].function].work != i + 1)
			verify_fail(&v, p->work[i].entry, "a work without its function");
	}
	mem_free(v.depth);
	mem_free(v.todo);
	*at = v.at;
	return v.problem;
}

#endif
