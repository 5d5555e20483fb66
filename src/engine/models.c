/* SPDX-License-Identifier: MIT */
/* Device models: who hears of a register write, who has something to do. */
#include "device/device.h"
#include "engine/vm_int.h"

void models_claim(struct engine *e)
{
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (e->cfg->model[d] == MODEL_EDU)
			edu_claim(&e->hw, d);
}

void models_reset(struct engine *e)
{
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		if (e->cfg->model[d] == MODEL_EDU)
			edu_reset(&e->hw, d);
}

void models_written(struct engine *e, u32 dev, const struct posted *p)
{
	if (e->cfg->model[dev] == MODEL_EDU)
		edu_written(&e->hw, dev, p);
}

bool models_ready(const struct engine *e, u32 dev)
{
	return e->cfg->model[dev] == MODEL_EDU && edu_ready(&e->hw, dev);
}

bool models_preset(struct engine *e, u32 dev, u64 off, const u8 *data, u32 n)
{
	return e->cfg->model[dev] == MODEL_EDU && off <= EDU_BUFFER_BYTES &&
	       edu_preset(&e->hw, dev, (u32)off, data, n);
}

void models_step(struct engine *e, u32 dev)
{
	edu_step(&e->hw, dev);
}
