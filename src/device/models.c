/* SPDX-License-Identifier: MIT */
/* The table of device models, and what they share. */
#include "device/device.h"

#include "base/bug.h"

static const struct device_info *const models[] = {&edu_model, &nic_model, &sgdma_model,
						   &audio_model, &mailbox_model};

const struct device_const device_misbehaviours[] = {
    {NO_REG, "SHORT", WRONG_SHORT, ""},
    {NO_REG, "OVERRUN", WRONG_OVERRUN, ""},
    {NO_REG, "AFTER_STOP", WRONG_AFTER_STOP, ""},
    {NO_REG, NULL, 0, ""},
};

const struct device_info *device_model_at(u32 i)
{
	return i < ARRAY_LEN(models) ? models[i] : NULL;
}

const struct device_info *device_model_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_LEN(models); i++)
		if (strcmp(models[i]->name, name) == 0)
			return models[i];
	return NULL;
}

const struct device_act *device_act_find(const struct device_info *m, const char *name)
{
	for (u32 i = 0; i < m->acts; i++)
		if (strcmp(m->act[i].name, name) == 0)
			return &m->act[i];
	return NULL;
}

const struct reg_info *device_reg_at(const struct device_info *m, u64 offset, u32 *index)
{
	for (u32 i = 0; i < m->regs; i++) {
		const struct reg_info *r = &m->reg[i];
		u64 from = offset - r->offset;
		bool one = !r->count;

		if (offset < r->offset ||
		    (one ? from != 0 : from % r->stride != 0 || from / r->stride >= r->count))
			continue;
		*index = one ? 0 : (u32)(from / r->stride);
		return r;
	}
	return NULL;
}

const struct reg_info *device_reg_find(const struct device_info *m, const char *constant)
{
	for (u32 i = 0; i < m->regs; i++)
		if (strcmp(m->reg[i].constant, constant) == 0)
			return &m->reg[i];
	return NULL;
}

u32 beat_bytes(const struct hw *h, u32 dev, u64 bus, u64 left)
{
	u64 size = min_u64(h->cfg->dev[dev].beat, h->w->line);
	u64 n = min_u64(size - (bus & (size - 1)), left);
	phys_addr_t pa;

	if (bus_to_phys(h, dev, (dma_addr_t){bus}, &pa))
		n = min_u64(n, h->w->line - (pa.pa & (h->w->line - 1)));
	return (u32)n;
}

const struct reg_info *device_reg_taken(const struct device_info *m, const struct posted *p)
{
	u32 index;
	const struct reg_info *r = device_reg_at(m, p->reg, &index);
	bool fits = p->size == 4 || (r && p->size == 8 && r->size == 8);

	return r && (r->access & REG_WRITE) && fits ? r : NULL;
}

void device_regs_reset(const struct device_info *m, struct hw *h, u32 dev)
{
	for (u32 i = 0; i < m->regs; i++)
		if (m->reg[i].reset)
			device_reg_set(h, dev, m->reg[i].offset, m->reg[i].reset, false);
}

const void *device_state(const struct hw *h, u32 dev)
{
	BUG_ON(!h->model[dev]);
	return world_at(h->w, h->model[dev]);
}

void device_wrong_beat(struct hw *h, u32 dev, bool write, u64 bus, u32 most)
{
	u32 n = beat_bytes(h, dev, bus, most);
	u8 junk[64];
	struct view v;

	memset(junk, 0xee, sizeof junk);
	if (write)
		dma_write(h, dev, (dma_addr_t){bus}, n, junk, false);
	else
		dma_read(h, dev, (dma_addr_t){bus}, n, &v);
}

void device_interrupt(struct hw *h, u32 dev)
{
	if (hw_dev(h, dev)->irq_raised < IRQ_PENDING_MAX)
		irq_raise(h, dev);
}
