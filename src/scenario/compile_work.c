/* SPDX-License-Identifier: MIT */
/* Functions that are given to other CPUs, and the variables that CPUs wait for. */
#include "scenario/compile_int.h"

static u32 platform_cpus(const struct compiler *c)
{
	return c->cfg->hw.cpus ? c->cfg->hw.cpus : 1;
}

void work_cpu(struct compiler *c, const struct expr *e)
{
	u32 have = platform_cpus(c), want = have;
	struct cval k;

	if (const_eval(c, e, &k) == CONSTANT && k.type.kind == TY_INT) {
		if (have == 1)
			refuse(c, e->at,
			       arena_printf(c->arena,
					    "'own: {like: %s, cpus: 2}' under platforms has two",
					    c->cfg->platform),
			       "'%s' has one CPU, which runs the driver", c->cfg->platform);
		else if (k.v == 0)
			refuse(c, e->at, arena_printf(c->arena, "give it to CPU 1"),
			       "CPU 0 runs the driver: work on it is not modelled");
		else if (k.v >= have)
			refuse(c, e->at, NULL, "'%s' has CPU 0 to CPU %u", c->cfg->platform,
			       have - 1);
		else
			want = (u32)k.v + 1;
	}
	if (c->cpus < want) {
		c->cpus = want;
		c->changed = true;
	}
}

void work_function(struct compiler *c, const struct expr *e, struct instance *in)
{
	u32 n = 0, i;

	if (in->is_work)
		return;
	for (i = 0; i < c->instances.n; i++)
		n += c->instances.v[i]->is_work;
	if (n == WORKS_MAX) {
		refuse(c, e->at, NULL, "at most %d functions can be given to other CPUs",
		       WORKS_MAX);
		return;
	}
	in->is_work = true;
	c->changed = true;
}

void work_waited(struct compiler *c, u32 from)
{
	u32 i, k;

	for (i = from; i < c->code.n; i++)
		if (opcode_visible((enum opcode)c->code.v[i].op))
			return; /* it looks at memory or at a register */
	for (i = from; i < c->code.n; i++) {
		const struct insn *n = &c->code.v[i];

		if ((n->op != OP_GET && n->op != OP_AGET) || n->a != SCOPE_GLOBAL)
			continue;
		for (k = 0; k < c->globals.n; k++) {
			struct variable *v = c->globals.v[k];

			if (v->slot != n->b || v->waited)
				continue;
			v->waited = true;
			c->changed = true;
		}
	}
}

void work_entries(struct compiler *c)
{
	u32 i;

	for (i = 0; i < c->instances.n; i++) {
		struct instance *in = c->instances.v[i];

		if (!in->is_work || in->pass != c->pass)
			continue;
		in->work_entry = here(c);
		emit_call(c, OP_CALL, 0, i, 0, in->gives);
		if (in->gives)
			emit(c, OP_POP, 0, 0, 0, 0);
		emit(c, OP_WORK_END, 0, 0, 0, 0);
	}
}

void work_keep(struct compiler *c)
{
	struct program *p = c->prog;
	u32 i;

	p->cpus = c->cpus ? c->cpus : 1;
	p->works = 0;
	for (i = 0; i < c->instances.n; i++) {
		const struct instance *in = c->instances.v[i];

		if (!in->is_work)
			continue;
		p->work[p->works].function = i;
		p->work[p->works].entry = in->work_entry;
		p->function[i].work = (u8)++p->works;
	}
}
