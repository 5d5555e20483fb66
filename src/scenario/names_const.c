/* SPDX-License-Identifier: MIT */
/* Names that are known before the run: the kernel's, the platform's, the file's own. */
#include <string.h>

#include "base/bug.h"
#include "scenario/compile_int.h"
#include "scenario/parse.h"

static void add(struct compiler *c, const char *name, struct type type, u64 value, const char *what)
{
	struct constant *k = arena_alloc(c->arena, 1, sizeof(*k));

	*k = (struct constant){name, type, value, what};
	symtab_put(&c->consts, SCOPE_CONST, name, k);
}

/* A name that the file gives: it must be free. */
static bool is_free(struct compiler *c, const char *name, struct pos at)
{
	const struct constant *k = find_constant(c, name);
	enum call_id id;

	if (k)
		refuse(c, at, "take another name", "'%s' is %s already", name, k->what);
	else if (find_device(c, name) >= 0)
		refuse(c, at, "take another name", "'%s' is a device already", name);
	else if (doc_find_function(c->doc, name) || call_find(name, &id))
		refuse(c, at, "take another name", "'%s' is a function already", name);
	else
		return true;
	return false;
}

static struct type const_type(const char *kind)
{
	return kind[0] == 'I'	? type_int(W_S64)
	       : kind[0] == 'U' ? type_int(W_U64)
	       : kind[0] == 'D' ? type_of_kind(TY_DMA)
				: type_void_pointer();
}

static void add_kernel(struct compiler *c)
{
#define CONST(name, kind, value)                                                                   \
	add(c, #name, const_type(#kind), value, "a constant of the kernel");
#include "scenario/constants.def"
#undef CONST
	add(c, "ARCH_DMA_MINALIGN", type_int(W_S64), c->cfg->lx.dma_minalign,
	    "a constant of the platform");
	add(c, "L1_CACHE_BYTES", type_int(W_S64), c->cfg->lx.l1_cache_bytes,
	    "a constant of the platform");
}

/* ---- models -----------------------------------------------------------------------------------
 */

/* The i-th device's model, NULL if it has none or an earlier device has the same. */
static const struct device_info *new_model(const struct compiler *c, u32 i)
{
	const struct device_info *m = c->cfg->model[i];
	u32 k;

	for (k = 0; k < i; k++)
		if (c->cfg->model[k] == m)
			return NULL;
	return m;
}

/* Registers, bits, and what misbehave() takes: there when a device of the file has the model. */
static void add_models(struct compiler *c)
{
	bool any = false;
	u32 i, k;

	for (i = 0; i < c->cfg->hw.devs; i++) {
		const struct device_info *m = new_model(c, i);
		const char *reg, *name;

		if (!m)
			continue;
		reg = arena_printf(c->arena, "a register of the model %s", m->name);
		name = arena_printf(c->arena, "a name of the model %s", m->name);
		for (k = 0; k < m->regs; k++)
			if (!m->reg[k].count) /* an array is called, with an index */
				add(c, m->reg[k].constant, type_int(W_S64), m->reg[k].offset, reg);
		for (k = 0; k < m->constants; k++)
			add(c, m->constant[k].name, type_int(W_S64), m->constant[k].value, name);
		any = true;
	}
	for (i = 0; any && device_misbehaviours[i].name; i++)
		add(c, device_misbehaviours[i].name, type_int(W_S64), device_misbehaviours[i].value,
		    "what misbehave() takes");
}

void names_add_constants(struct compiler *c, const struct param_values *values)
{
	u32 i;

	add_kernel(c);
	add_models(c);
	for (i = 0; i < values->params.n; i++) {
		const struct doc_param *p = &values->params.v[i];

		if (is_free(c, p->name.text, p->name.at))
			add(c, p->name.text, type_int(W_S64), (u64)p->value, "a param");
	}
	for (i = 0; i < c->doc->variants; i++) {
		const struct name *n = &c->doc->variant[i].name;

		if (is_free(c, n->text, n->at))
			add(c, n->text, type_int(W_S64),
			    values->variant && strcmp(values->variant, n->text) == 0, "a variant");
	}
}

void names_check_functions(struct compiler *c)
{
	u32 i;

	for (i = 0; i < c->doc->functions; i++) {
		const struct name *n = &c->doc->function[i].name;
		const struct constant *k = find_constant(c, n->text);
		enum call_id id;

		if (k || find_device(c, n->text) >= 0)
			refuse(c, n->at, "take another name", "'%s' is %s already", n->text,
			       k ? k->what : "a device");
		else if (call_find(n->text, &id) || is_builtin(n->text))
			refuse(c, n->at, "take another name", "%s() is there already", n->text);
	}
}

/* ---- header: ----------------------------------------------------------------------------------
 */

static void add_define(struct compiler *c, const struct define *d)
{
	struct cval v;
	enum known k;

	if (!is_free(c, d->name.text, d->name.at))
		return;
	k = const_eval(c, d->value, &v);
	if (k == NOT_CONSTANT) {
		/* What is in it and not constant is a name, a call or bytes. */
		refuse(c, d->value->at, "numbers, params and earlier #defines are",
		       "the value of '%s' is not a constant", d->name.text);
		v.type = (struct type){0};
	} else if (k == BAD_CONSTANT) {
		v.type = (struct type){0};
	}
	add(c, d->name.text, v.type, v.v, "a #define");
}

/* The alignment that attributes ask for, 0 for none. False: refused. */
static bool read_align(struct compiler *c, const struct attributes *a, u32 *align)
{
	s64 n = 0;

	if (a->aligned) {
		if (!const_int(c, a->aligned, 1, 65536, "an alignment", &n))
			return false;
		if (!is_pow2((u64)n)) {
			refuse(c, a->aligned->at, NULL, "an alignment is a power of two");
			return false;
		}
	}
	if (a->cacheline_aligned && (u64)n < c->cfg->lx.l1_cache_bytes)
		n = c->cfg->lx.l1_cache_bytes;
	*align = (u32)n;
	return true;
}

static bool read_field(struct compiler *c, const struct field *f, struct layout_field *out,
		       u32 *align)
{
	s64 n = 1;

	*out = (struct layout_field){.name = f->decl.name.text};
	if (!type_resolve(c, &f->decl.type, &out->type) || !read_align(c, &f->attrs, align))
		return false;
	if (f->decl.size &&
	    !const_int(c, f->decl.size, 1, STRUCT_SIZE_MAX, "the size of an array", &n))
		return false;
	out->count = (u32)n;
	out->is_array = f->decl.size != NULL;
	if (type_size(&out->type) && out->type.kind != TY_SG_LIST && out->type.kind != TY_SGT_TABLE)
		return true;
	refuse(c, f->decl.type.at, NULL, "a field cannot be %s", type_describe(&out->type));
	return false;
}

/* Model: a group begins and ends at a multiple of the platform's DMA alignment. */
static void add_field(struct compiler *c, const struct field *f, struct layout_builder *b)
{
	struct layout_field lf;
	u32 align = 0;

	if (f->kind != FIELD_DATA) {
		u32 end = (u32)b->at;

		layout_align(b, c->cfg->lx.dma_minalign);
		if (f->kind == FIELD_GROUP_END && b->at > end)
			b->l->pad[b->l->pads++] = (struct layout_pad){end, (u32)(b->at - end)};
		return;
	}
	if (!read_field(c, f, &lf, &align)) {
		b->l->bad = true;
		return;
	}
	if (!layout_add(b, &lf, align)) {
		refuse(c, f->at, NULL, "a struct has at most %d bytes", STRUCT_SIZE_MAX);
		b->l->bad = true;
	}
}

static void add_struct(struct compiler *c, const struct struct_def *def, bool of_model)
{
	const struct layout *other = symtab_get(&c->structs, 0, def->name.text);
	struct layout *l = arena_alloc(c->arena, 1, sizeof(*l));
	struct layout_builder b = {.l = l, .packed = def->attrs.packed};
	u32 align = 0, i;

	if (other) {
		refuse(c, def->name.at,
		       other->of_model ? "take another name, or use that one: explain prints it"
				       : NULL,
		       other->of_model ? "struct %s is the model's already" : "a second struct %s",
		       def->name.text);
		return;
	}
	if (strcmp(def->name.text, "page") == 0) {
		refuse(c, def->name.at, "take another name", "struct page is the kernel's");
		return;
	}
	l->name = def->name.text;
	l->of_model = of_model;
	l->align = 1;
	l->field = arena_alloc(c->arena, def->fields, sizeof(*l->field));
	l->pad = arena_alloc(c->arena, def->fields, sizeof(*l->pad));
	for (i = 0; i < def->fields; i++)
		add_field(c, &def->field[i], &b);
	l->bad |= !read_align(c, &def->attrs, &align);
	layout_end(&b, align);
	symtab_put(&c->structs, 0, def->name.text,
		   l); /* behind its fields: none is of its own type */
}

/* The structs that a model reads in memory: C text of our own, so that it has no mistakes. */
static void add_model_structs(struct compiler *c)
{
	u32 i, k;

	for (i = 0; i < c->cfg->hw.devs; i++) {
		const struct device_info *m = new_model(c, i);
		struct header h = {0};
		struct srcmap map = {0};
		struct err_list errs = {0};
		struct source src;

		if (!m || !m->layout)
			continue;
		vec_push(&map, ((struct src_place){1, 1}));
		src = (struct source){c->arena, &errs, m->layout, (u32)strlen(m->layout), &map};
		parse_c_header(&src, &h);
		BUG_ON(errs.n);
		vec_free(&map);
		for (k = 0; k < h.n; k++)
			add_struct(c, &h.item[k].def, true);
	}
}

void names_add_header(struct compiler *c)
{
	u32 i;

	add_model_structs(c);
	for (i = 0; i < c->doc->header.n; i++) {
		const struct header_item *item = &c->doc->header.item[i];

		if (item->kind == HEADER_DEFINE)
			add_define(c, &item->define);
		else
			add_struct(c, &item->def, false);
	}
}
