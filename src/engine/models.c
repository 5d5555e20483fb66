/* SPDX-License-Identifier: MIT */
/* Device models as the machine calls them: one row of device/models.c for each device, or none. */
#include "engine/vm_int.h"

static const struct device_info *model(const struct engine *e, u32 dev)
{
	return e->cfg->model[dev];
}

void models_claim(struct engine *e)
{
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (model(e, d))
			model(e, d)->claim(&e->hw, d);
}

void models_reset(struct engine *e)
{
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (model(e, d))
			model(e, d)->reset(&e->hw, d);
}

void models_written(struct engine *e, u32 dev, const struct posted *p)
{
	if (model(e, dev))
		model(e, dev)->written(&e->hw, dev, p);
}

bool models_ready(const struct engine *e, u32 dev)
{
	return model(e, dev) && model(e, dev)->ready(&e->hw, dev);
}

bool models_late(const struct engine *e, u32 dev)
{
	return model(e, dev) && model(e, dev)->late && model(e, dev)->late(&e->hw, dev);
}

void models_changed(struct engine *e)
{
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (model(e, d) && model(e, d)->changed)
			model(e, d)->changed(&e->hw, d);
}

void models_step(struct engine *e, u32 dev)
{
	model(e, dev)->step(&e->hw, dev);
}

/* An act that looks: its bytes become a value. */
void models_look(struct engine *e, u32 dev, u32 act)
{
	const u8 *at = NULL;
	u32 n = model(e, dev)->act[act].look(&e->hw, dev, &at);
	u32 base = vm_pool_take(e, n);

	if (world_now(e->w)->limit || n == 0) {
		vm_push_value(e, (struct value){0, 0, 0});
		return;
	}
	memcpy(world_mut(e->w, e->pool + (u32)offsetof(struct pool, bytes) + base, n), at, n);
	vm_push_value(e, (struct value){base, n, 0});
}

bool models_told(const struct engine *e, u32 dev, u32 act)
{
	return model(e, dev)->act[act].told;
}

const char *models_act(struct engine *e, u32 dev, u32 act)
{
	const struct device_act *a = &model(e, dev)->act[act];
	struct act_args args = {0};

	for (u32 i = (u32)strlen(a->args); i-- > 0;) {
		struct value v = vm_pop(e);

		args.v[i] = v.v;
		if (a->args[i] != 'b')
			continue;
		args.bytes[i] = vm_bytes(e, &v);
		args.len[i] = v.len;
	}
	return a->run(&e->hw, dev, &args);
}
