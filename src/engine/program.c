/* SPDX-License-Identifier: MIT */
/* What is known of a program without running it: its opcodes, and its text. */
#include "engine/program.h"

#include <string.h>

#include "base/bug.h"
#include "engine/calls.h"
#include "hw/hw.h"

static const struct {
	const char *name;
	bool visible;
} opcodes[] = {
#define X(op, visible, effect) {#op, visible},
    OPCODES(X)
#undef X
};

const char *opcode_name(enum opcode op)
{
	BUG_ON(op >= OPCODE_COUNT);
	return opcodes[op].name;
}

bool opcode_visible(enum opcode op)
{
	BUG_ON(op >= OPCODE_COUNT);
	return opcodes[op].visible;
}

int program_barrier(const char *name)
{
	int k;

	for (k = 0; k < BARRIER_KINDS; k++)
		if (strcmp(barrier_info((enum barrier_kind)k)->name, name) == 0)
			return k;
	return -1;
}

/* p itself lies in the arena: the arena is taken out of it first. */
void program_free(struct program *p)
{
	struct arena arena;

	if (!p)
		return;
	arena = p->arena;
	arena_free(&arena);
}

static void print_bytes(const struct program *p, const struct insn *i, struct str *out)
{
	str_add(out, " \"");
	str_safe(out, (const char *)p->pool + i->imm, i->b);
	str_add(out, "\"");
}

static void print_insn(const struct program *p, u32 at, struct str *out)
{
	const struct insn *i = &p->code[at];

	if (i->op == OP_STMT) {
		str_printf(out, "%u: %s\n", p->stmt[i->b].line, p->stmt[i->b].text);
		return;
	}
	str_printf(out, "%5u  %s", at, opcodes[i->op].name);
	if (i->size)
		str_printf(out, " size=%u", i->size);
	if (i->op == OP_API || i->op == OP_VALUE)
		str_printf(out, " %s", call_info((enum call_id)i->b)->name);
	if (i->op == OP_CALL)
		str_printf(out, " %s", p->function[i->b].name);
	if (i->op == OP_BYTES || i->op == OP_BUG) {
		print_bytes(p, i, out);
	} else {
		bool named = i->op == OP_API || i->op == OP_VALUE || i->op == OP_CALL;

		if (i->a)
			str_printf(out, " a=%u", i->a);
		if (i->b && !named)
			str_printf(out, " b=%u", i->b);
		if (i->imm)
			str_printf(out, " 0x%llx", (unsigned long long)i->imm);
	}
	str_add(out, "\n");
}

static void print_entries(const struct program *p, u32 at, struct str *out)
{
	u32 i;

	if (at == p->driver_entry)
		str_add(out, "driver:\n");
	for (i = 0; i < DEVICES_MAX; i++)
		if (p->device[i].entry == at)
			str_printf(out, "device %u:\n", i);
	for (i = 0; i < p->functions; i++)
		if (p->function[i].entry == at)
			str_printf(out, "function %s: params %u, locals %u, stack %u%s\n",
				   p->function[i].name, p->function[i].params,
				   p->function[i].locals, p->function[i].max_stack,
				   p->function[i].is_handler ? ", handler" : "");
}

void program_print(const struct program *p, struct str *out)
{
	u32 i;

	for (i = 0; i < p->globals; i++)
		str_printf(out, "global %u %s[%u] %s\n", p->global[i].slot, p->global[i].name,
			   p->global[i].length, p->global[i].type);
	for (i = 0; i < p->codes; i++) {
		print_entries(p, i, out);
		print_insn(p, i, out);
	}
}
