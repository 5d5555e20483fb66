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
