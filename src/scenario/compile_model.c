/* SPDX-License-Identifier: MIT */
/* The acts of device models: what a model's own table adds to the calls under a device's name. */
#include <string.h>

#include "scenario/compile_builtin.h"

static const struct type none;

/* A model that has an act of that name, NULL: there is none. */
static const struct device_info *model_with(const char *act)
{
	const struct device_info *m;
	u32 i;

	for (i = 0; (m = device_model_at(i)); i++)
		if (device_act_find(m, act))
			return m;
	return NULL;
}

static struct type refuse_other(struct compiler *c, const struct expr *e)
{
	const struct device_info *m = c->cfg->model[c->device], *has = model_with(e->text);
	const char *device = c->cfg->hw.dev[c->device].name;
	struct str acts = {0};
	u32 i;

	if (!m) {
		refuse(c, e->op_at,
		       arena_printf(c->arena, "as in '%s: {model: %s}'", device, has->name),
		       "%s() is an act of a model; '%s' has none", e->text, device);
		return none;
	}
	for (i = 0; i < m->acts; i++)
		str_printf(&acts, "%s%s", i ? ", " : "", m->act[i].form);
	refuse(c, e->op_at, arena_printf(c->arena, "its acts: %s", str_get(&acts)),
	       "the model %s of '%s' has no act %s()", m->name, device, e->text);
	str_free(&acts);
	return none;
}

/* w: what misbehave() takes; it is known before the run. */
static void argument(struct compiler *c, const struct expr *e, char letter, const char *what)
{
	s64 v = 0;

	if (letter == 'b')
		expr_bytes(c, e, what);
	else if (letter == 'v')
		expr_int(c, e, what);
	else if (const_int(c, e, 1, WRONG_ALL, "argument 1 of misbehave", &v))
		emit_push(c, (u64)v);
}

static struct type compile_act(struct compiler *c, const struct expr *e,
			       const struct device_info *m, const struct device_act *a)
{
	u32 want = (u32)strlen(a->args), i;

	if (e->n != want)
		return refuse(c, e->at, arena_printf(c->arena, "%s", a->form),
			      "%s takes %u argument%s; here %s %u", a->name, want,
			      want == 1 ? "" : "s", e->n == 1 ? "is" : "are", e->n);
	if (a->look) {
		emit_call(c, OP_MODEL_LOOK, (u32)(a - m->act), 0, 0, 1);
		return type_of_kind(TY_BYTES);
	}
	if (c->look || c->in_wait)
		return refuse_touch(c, e);
	for (i = 0; i < want; i++)
		argument(c, e->arg[i], a->args[i],
			 arena_printf(c->arena, "argument %u of %s", i + 1, a->name));
	emit_call(c, OP_MODEL, (u32)(a - m->act), want, want, 0);
	return type_of_kind(TY_VOID);
}

bool act_call(struct compiler *c, const struct expr *e, struct type *out)
{
	const struct device_info *m;
	const struct device_act *a;

	if (!in_device(c))
		return false;
	m = c->cfg->model[c->device];
	a = m ? device_act_find(m, e->text) : NULL;
	if (a)
		*out = compile_act(c, e, m, a);
	else if (model_with(e->text))
		*out = refuse_other(c, e);
	else
		return false;
	return true;
}

/* ---- arrays of registers ---------------------------------------------------------------------
 */

/* The array of that name, of a model that a device of the file has; else of any, *used false. */
static const struct reg_info *array_of(const struct compiler *c, const char *name, bool *used,
				       const char **model)
{
	const struct device_info *m;
	const struct reg_info *r, *found = NULL;
	u32 i, k;

	*used = false;
	for (i = 0; (m = device_model_at(i)) && !*used; i++) {
		r = device_reg_find(m, name);
		if (!r || !r->count)
			continue;
		found = r;
		*model = m->name;
		for (k = 0; k < c->cfg->hw.devs && !*used; k++)
			*used = c->cfg->model[k] == m;
	}
	return found;
}

const char *reg_hint(struct compiler *c, const char *name)
{
	const char *model;
	bool used;

	return array_of(c, name, &used, &model)
		   ? arena_printf(c->arena, "it is an array: as in %s(0)", name)
		   : NULL;
}

bool reg_const(struct compiler *c, const struct expr *e, enum known *known, struct cval *out)
{
	const char *model;
	bool used;
	const struct reg_info *r = array_of(c, e->text, &used, &model);

	if (!r || !used || e->n != 1)
		return false;
	*known = const_eval(c, e->arg[0], out);
	if (*known == CONSTANT && out->type.kind != TY_INT)
		*known = NOT_CONSTANT;
	if (*known != CONSTANT)
		return true;
	if (out->v >= r->count) {
		refuse(c, e->arg[0]->at, NULL, "%s(%lld): it is an array of %u registers", e->text,
		       (long long)out->v, r->count);
		*known = BAD_CONSTANT;
	}
	*out = (struct cval){type_int(W_S64), r->offset + out->v * r->stride};
	return true;
}

bool reg_call(struct compiler *c, const struct expr *e, struct type *out)
{
	const char *model;
	bool used;
	const struct reg_info *r = array_of(c, e->text, &used, &model);

	if (!r)
		return false;
	if (!used) {
		*out = refuse(c, e->op_at,
			      arena_printf(c->arena, "as in 'engine: {model: %s}'", model),
			      "%s() is a register of a model that no device here has", e->text);
	} else if (e->n != 1) {
		*out = refuse(c, e->at, arena_printf(c->arena, "%s(i)", e->text),
			      "%s takes 1 argument; here %s %u", e->text, e->n == 1 ? "is" : "are",
			      e->n);
	} else {
		expr_int(c, e->arg[0], "the index of a register");
		emit_push(c, r->stride);
		emit_binary(c, B_MUL, W_S64);
		emit_push(c, r->offset);
		emit_binary(c, B_ADD, W_S64);
		*out = type_int(W_S64);
	}
	return true;
}
