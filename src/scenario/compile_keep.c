/* SPDX-License-Identifier: MIT */
/* What the last pass made becomes a program: everything is copied into the program's own arena. */
#include <string.h>

#include "scenario/compile_int.h"

static const char *keep(struct program *p, const char *s)
{
	return arena_strndup(&p->arena, s, strlen(s));
}

static void *keep_array(struct program *p, const void *v, u32 n, size_t size)
{
	void *out = arena_alloc(&p->arena, n, size);

	if (n)
		memcpy(out, v, n * size);
	return out;
}

static const char *type_text(struct program *p, const struct type *t)
{
	struct str s = {0};
	const char *text;

	type_print(t, &s);
	text = keep(p, str_get(&s));
	str_free(&s);
	return text;
}

static struct variable_info variable_info(struct program *p, const struct variable *v)
{
	return (struct variable_info){.name = keep(p, v->name),
				      .slot = v->slot,
				      .length = v->length ? v->length : 1,
				      .type = type_text(p, &v->type)};
}

/* The compiler's own variables (" a") are nobody's to see. */
static u32 keep_variables(struct program *p, struct variable *const *v, u32 n,
			  struct variable_info **out)
{
	u32 i, kept = 0;

	*out = arena_alloc(&p->arena, n, sizeof(**out));
	for (i = 0; i < n; i++)
		if (v[i]->name[0] != ' ')
			(*out)[kept++] = variable_info(p, v[i]);
	return kept;
}

static void keep_structures(struct compiler *c)
{
	struct program *p = c->prog;
	u32 i, k;

	p->structures = c->structs.n;
	p->structure = arena_alloc(&p->arena, p->structures, sizeof(*p->structure));
	for (i = 0; i < p->structures; i++) {
		const struct layout *l = c->structs.v[i].object;
		struct struct_info *s = &p->structure[i];

		*s = (struct struct_info){.name = keep(p, l->name),
					  .size = l->size,
					  .align = l->align,
					  .fields = l->fields};
		s->field = arena_alloc(&p->arena, l->fields, sizeof(*s->field));
		for (k = 0; k < l->fields; k++) {
			const struct layout_field *f = &l->field[k];

			s->field[k] = (struct field_info){keep(p, f->name), type_text(p, &f->type),
							  f->offset, type_size(&f->type), f->count};
		}
	}
}

static void keep_functions(struct compiler *c)
{
	struct program *p = c->prog;
	u32 i;

	p->functions = c->instances.n;
	p->function = arena_alloc(&p->arena, p->functions, sizeof(*p->function));
	for (i = 0; i < p->functions; i++) {
		const struct instance *in = c->instances.v[i];

		p->function[i] = (struct function_info){.name = keep(p, in->fn->name.text),
							.entry = in->entry,
							.params = (u16)in->fn->params,
							.locals = (u16)in->locals,
							.max_stack = (u16)in->max_stack,
							.is_handler = in->is_handler};
	}
}

void compile_keep(struct compiler *c)
{
	struct program *p = c->prog;
	u32 i;

	p->codes = c->code.n;
	p->code = keep_array(p, c->code.v, c->code.n, sizeof(*c->code.v));
	p->pool_len = c->pool.n;
	p->pool = keep_array(p, c->pool.v, c->pool.n, 1);
	p->stmts = c->stmts.n;
	p->stmt = keep_array(p, c->stmts.v, c->stmts.n, sizeof(*c->stmts.v));
	p->asserts = c->asserts.n;
	p->assert = keep_array(p, c->asserts.v, c->asserts.n, sizeof(*c->asserts.v));
	p->globals = keep_variables(p, c->globals.v, c->globals.n, &p->global);
	for (i = 0; i < c->doc->devices; i++)
		p->device[i].vars = keep_variables(p, c->program_vars[i].v, c->program_vars[i].n,
						   &p->device[i].var);
	for (; i < DEVICES_MAX; i++)
		p->device[i].entry = ~0u;
	p->sg_entries = c->sg_entries;
	p->iova_states = c->iova_states;
	p->sg_tables = c->sg_tables;
	p->looks_at_log = c->looks_at_log;
	p->oracle = (enum oracle_level)c->doc->oracle;
	keep_functions(c);
	work_keep(c);
	keep_structures(c);
}
